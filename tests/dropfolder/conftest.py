"""Fixtures for tests of the drop folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dropfolder.box import Box


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in memory where there is one: watchers sync a lot, and other tests do not wait for that."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def box(memory: Path) -> Box:
    """An empty drop folder."""
    return Box(memory / "drop")
