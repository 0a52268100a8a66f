"""A run with a history that is killed at any of its last steps: the history opens again, and no claim counts twice."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from scrubber.testing import build, infusion_claim
from tests.history.releasing import history
from tests.processes import forked

CHILD = """
import os, signal, sys
from pathlib import Path
left = int(sys.argv.pop(1))

def counted(owner, name):
    run = getattr(owner, name)
    def step(*arguments, **options):
        _or_killed()
        result = run(*arguments, **options)
        _or_killed()
        return result
    setattr(owner, name, step)

def _or_killed():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

from scrubber.history.store import HistoryStore
counted(Path, "replace")
counted(HistoryStore, "propose")
counted(HistoryStore, "enter")
counted(HistoryStore, "confirm")
from scrubber.cli import main
main()
"""
IDS = ["A", "B", "C"]
MOST_STEPS = 60


def claims_of(path: Path) -> list[str]:
    return re.findall(r"CLM\*(\w+)", path.read_text()) if path.exists() else []


def confirmed(known: Path) -> int:
    """How many releases a history is certain of."""
    with contextlib.closing(sqlite3.connect(known)) as store:
        return int(store.execute("SELECT count(*) FROM files WHERE confirmed").fetchone()[0])


def counted(known: Path) -> int:
    store = history(known)
    try:
        return int(store.record()["claims"])
    finally:
        store.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills a process")
def test_a_run_that_is_killed_at_any_step_is_done_again_and_counts_once(tmp_path: Path) -> None:
    same = [infusion_claim("837P", name) for name in IDS]
    file, again = tmp_path / "file.837", tmp_path / "again.837"
    file.write_text(build(same))
    again.write_text(build(same, control=2))
    killed = 0
    for steps in range(MOST_STEPS):
        folder = tmp_path / str(steps)
        folder.mkdir()
        known = folder / "known.history"
        given = ["scrub", str(file), "--out", str(folder), "--history", str(known)]
        first = subprocess.run([sys.executable, "-c", CHILD, str(steps), *given], capture_output=True, timeout=60)
        if first.returncode != -signal.SIGKILL:
            assert first.returncode == 0
            break
        killed += 1
        released = confirmed(known)
        assert not released or claims_of(folder / "file.clean.837") == IDS
        assert forked(given).status == 0
        assert claims_of(folder / "file.clean.837") == IDS
        assert counted(known) == len(IDS) * (1 + released)  # the same file, scrubbed again, is released again
        second = forked(["check", str(again), "--history", str(known), "--format", "json", "--fail-on", "never"])
        (found,) = json.loads(second.out)["files"]
        assert found["summary"]["findings"]["DUP03"] == len(IDS)
    assert killed > 10
