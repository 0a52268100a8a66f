"""The two lanes of the tests: those for every change, and the slow ones."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

os.environ["SCRUBBER_REFERENCE"] = ""  # not the public tables that the person who tests has loaded

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):  # the same cases each time: a change fails by what it does, not by chance
    settings.load_profile("ci")

SLOW_FIXTURES = {
    "box": "watchers that run, wait and are killed",
    "chromium": "a browser",
    "environment": "an environment that the wheel is installed into",
    "memory": "several drop folders, likewise",
    "runner": "an environment that the GitHub action installs into",
    "scratch": "an environment that pre-commit installs into",
    "site": "a package that pip installs",
}
"""What a test uses that takes seconds, and why: such a test is slow by that alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use something slow. Others that take long are marked where they stand."""
    for item in items:
        if SLOW_FIXTURES.keys() & getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
