"""The pytest plugin: a test claim file with a sidecar is a test of the file itself and one of each of its claims.

Every run of pytest loads it where the scrubber is installed. So it imports nothing else until it meets such a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scrubber.expectations.comparison import Judge, SidecarComparison

_JUDGE = pytest.StashKey["Judge"]()
_PROFILE = pytest.StashKey[object]()
_WRITTEN = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    parser.addini("scrubber_files", "test claim files, by their names, that have a sidecar", "args", ["*.837"])
    parser.addini("scrubber_options", "options of `scrubber check` by which to judge test claim files", "args", [])
    parser.getgroup("scrubber").addoption(
        "--scrubber-update", action="store_true", help="write what is found into the sidecars of test claim files"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to write a sidecar from several processes at once, as pytest-xdist would. Raises `UsageError`."""
    if config.getoption("scrubber_update") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--scrubber-update writes sidecars: run it in one process, with -n 0")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take test claim files that have a sidecar."""
    if not any(fnmatch(file_path.name, pattern) for pattern in parent.config.getini("scrubber_files")):
        return None
    from scrubber.expectations.sidecar import sidecar_of

    return ClaimFile.from_parent(parent, path=file_path) if sidecar_of(file_path).is_file() else None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say by which profile files were judged, and which sidecars were written."""
    if profile := config.stash.get(_PROFILE, None):
        terminalreporter.write_line(f"scrubber: test claim files were judged by the profile {profile}")
    for path in config.stash.get(_WRITTEN, []):
        terminalreporter.write_line(f"scrubber: {path}: written")


class ClaimFile(pytest.File):
    """A test claim file. It is scrubbed once, when the first of its tests runs."""

    def collect(self) -> Iterator[ClaimTest]:
        """A test of the file itself, and one of each claim, by its number in the file."""
        from click import ClickException

        from scrubber.claims.reader import read_claims
        from scrubber.expectations.comparison import stated
        from scrubber.expectations.sidecar import ExpectationError

        try:
            stated(self.path, _judge(self.config), updating=self.config.getoption("scrubber_update"))
            with self.path.open("rb") as stream:
                claims = sum(1 for _ in read_claims(stream))
        except (ClickException, ExpectationError, OSError) as error:
            raise self.CollectError(str(error)) from error
        for number in range(claims + 1):
            yield ClaimTest.from_parent(self, name=f"claim {number}" if number else "file", number=number)

    @cached_property
    def comparison(self) -> SidecarComparison:
        """The file held against its sidecar; with `--scrubber-update` that is written, and nothing differs."""
        from scrubber.expectations.comparison import compared
        from scrubber.expectations.sidecar import sidecar_of, write
        from scrubber.running.inputs import Input

        source, judge = Input(str(self.path)), _judge(self.config)
        if self.config.getoption("scrubber_update"):
            found = compared(source, judge, updating=True)
            if found.differing:
                write(sidecar_of(self.path), found.actual)
                self.config.stash.setdefault(_WRITTEN, []).append(sidecar_of(self.path))
        return compared(source, judge)


class ClaimTest(pytest.Item):
    """Whether a claim is as its sidecar says. Number 0 is the file itself, with the claims that it lacks."""

    parent: ClaimFile

    def __init__(self, number: int, **options: Any) -> None:
        super().__init__(**options)
        self._number = number

    def runtest(self) -> None:
        """Fail with the differences as the command prints them, ids of claims only where more is asked for (`-v`)."""
        from scrubber.expectations.reports import paragraph

        verdicts = self.parent.comparison.verdicts
        gone = (verdict for verdict in verdicts if not verdict.in_file) if self._number == 0 else ()
        differing = [verdict for verdict in (verdicts[self._number], *gone) if verdict.differs]
        with_id = self.config.get_verbosity() > 0
        if differing:
            text = "\n".join(row for verdict in differing for row in paragraph(verdict, with_id=with_id))
            raise _DiffersError(text.removeprefix(f"{self.name}\n"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Differences without a traceback."""
        return str(excinfo.value) if excinfo.errisinstance(_DiffersError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it is, for reports."""
        return self.path, None, f"{self.path.name}: {self.name}"


class _DiffersError(Exception):
    """What differs."""


def _judge(config: pytest.Config) -> Judge:
    """What files are judged by; paths and the search for scrubber.toml start from the folder of the configuration."""
    if _JUDGE not in config.stash:
        from scrubber.commands.expecting import chosen_by, judge_of
        from scrubber.commands.options import engine_of

        with chdir(config.rootpath):
            chosen = chosen_by(config.getini("scrubber_options"))
            config.stash[_JUDGE] = judge_of(engine_of(chosen), chosen)
            config.stash[_PROFILE] = chosen.profile
    return config.stash[_JUDGE]
