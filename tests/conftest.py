"""The two lanes of the tests: those for every change, and the slow ones."""

from __future__ import annotations

import gc
import os
import signal
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import settings

from tests import json_reports, lanes

os.environ["SCRUBBER_REFERENCE"] = ""  # not the public tables that the person who tests has loaded

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background: commands under test would ignore Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # under `nohup` they would outlive their terminal
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile("tests", deadline=None)  # no test is timed: the machine may be busy
settings.register_profile("ci", settings.get_profile("tests"), derandomize=True)
# in CI the same cases each time: a change fails by what it does, not by chance
settings.load_profile("ci" if os.environ.get("CI") else "tests")

SLOW_FIXTURES = {
    "box": "watchers that run, wait and are killed",
    "chromium": "a browser",
    "environment": "an environment that the wheel is installed into",
    "memory": "several drop folders, likewise",
    "runner": "an environment that the GitHub action installs into",
    "scratch": "an environment that pre-commit installs into",
    "site": "a package that pip installs",
    "unpacked": "a source distribution that setuptools builds",
    "wheel": "a wheel that setuptools builds",
}
"""What a test uses that takes seconds, and why: such a test is slow by that alone."""


def is_installed_as_announced() -> bool:
    """Whether the installed entry points are those of `pyproject.toml`.

    An editable install takes over changed modules, but not what `pyproject.toml` announces.
    """
    announced = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    entries = distribution(announced["name"]).entry_points
    return all(
        {entry.name: entry.value for entry in entries.select(group=group)} == named
        for group, named in announced["entry-points"].items()
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spread a run of all tests over all cores; `-n 0` keeps it in one process.

    Files stay whole, because the tests of a file share what takes long to make.
    """
    of_all = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not hasattr(config, "workerinput")
    if of_all and getattr(config.option, "numprocesses", 0) is None:
        config.option.numprocesses = "auto"
        config.option.dist = "loadfile"


def pytest_configure(config: pytest.Config) -> None:
    """Choose how much is tried. Thousands of tests are a large heap: the garbage collector walks over it less often."""
    if not is_installed_as_announced():
        pytest.exit("pyproject.toml announces other plug-ins than are installed: run `pip install -e .` again", 2)
    lanes.choose(config.option.markexpr)
    gc.set_threshold(50_000)


@pytest.fixture(autouse=True, scope="session")
def json_reports_keep_to_the_schema() -> Iterator[None]:
    """Every JSON report of a test keeps to the schema that is shipped."""
    with json_reports.held_to_the_schema():
        yield


def pytest_collection_finish() -> None:
    """Leave what was collected out of the garbage collector's walks."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use something slow. Others that take long are marked where they stand."""
    for item in items:
        if SLOW_FIXTURES.keys() & getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
