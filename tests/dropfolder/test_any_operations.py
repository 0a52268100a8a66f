"""Any operations on a drop folder, in any order, release each content once and lose none.

Files are dropped again under any name, watchers are killed at any step, clean files are taken away in between.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from scrubber.claims.reader import read_claims
from tests.dropfolder.box import STEPS, Box, broken_file, claims_file

pytestmark = pytest.mark.slow
NAMES = ("a.837", "b.837", "c")
ALL = [number + 10 * rejected for number in range(1, 5) for rejected in range(3)]
"""The numbers of the files."""


class DropFolder(RuleBasedStateMachine):
    """A drop folder, what was dropped into it, and the claims that its reader has taken."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.box = Box(self.folder / "drop")
        self.seen: set[bytes] = set()
        """The files that a watcher has found. A file that waits may be overwritten by another one of its name."""

    @rule(name=st.sampled_from(NAMES), number=st.integers(1, 4), rejected=st.integers(0, 2))
    def drop(self, name: str, number: int, rejected: int) -> None:
        """Drop a file, perhaps one that was there before, under any name."""
        self.box.drop(name, _content(number + 10 * rejected))

    @rule(name=st.sampled_from(NAMES), number=st.integers(1, 3))
    def drop_broken(self, name: str, number: int) -> None:
        """Drop a file whose envelope is broken."""
        self.box.drop(name, broken_file(100 + number))

    @rule()
    def watch(self) -> None:
        """Let a watcher do all that waits."""
        self.seen |= {path.read_bytes() for path in (self.box / "in").iterdir()}
        self.box.end_leases()
        assert self.box.once() == 0
        self.box.assert_tidy()
        assert not list((self.box / "in").iterdir())

    @rule(step=st.sampled_from(STEPS), number=st.integers(1, 12))
    def watch_and_kill(self, step: str, number: int) -> None:
        """Kill a watcher before its `number`th step of a kind."""
        seen: Counter[str] = Counter()

        def hook(effect: str) -> None:
            seen[effect] += 1
            if (effect, seen[effect]) == (step, number):
                os.kill(os.getpid(), signal.SIGKILL)

        self.box.end_leases()
        assert self.box.once(main=hook) in (0, -signal.SIGKILL)

    @rule()
    def take(self) -> None:
        """Take all clean files away, as their reader does."""
        clean = self.box.layout["clean"]
        for path in sorted(clean.iterdir()) if clean.is_dir() else ():
            self.box.taken[f"{len(self.box.taken)} {path.name}"] = path.read_bytes()
            path.unlink()

    @invariant()
    def no_claim_is_released_twice(self) -> None:
        """Whatever has happened, each claim is in at most one clean file."""
        released = self._released()
        assert not released or max(released.values()) == 1

    def _released(self) -> Counter[str]:
        """The claims in clean files, those that were taken among them."""
        clean = self.box.layout["clean"]
        there = [path.read_bytes() for path in clean.iterdir()] if clean.is_dir() else []
        files = [*self.box.taken.values(), *there]
        return Counter(claim.claim_id for data in files for claim in read_claims(io.BytesIO(data)))

    def teardown(self) -> None:
        """At the end nothing is unfinished, and no claim of a file that was found is missing."""
        self.watch()
        self.no_claim_is_released_twice()
        released = self._released()
        for number in ALL:
            wanted = (
                {f"D{number}-{claim}" for claim in range(number // 10, 2)} if _content(number) in self.seen else set()
            )
            assert wanted <= set(released)
        shutil.rmtree(self.folder, ignore_errors=True)


def _content(number: int) -> bytes:
    """A file of two claims; the tens of its number are rejected."""
    return claims_file(number, claims=2, rejected=number // 10)


TestDropFolder = DropFolder.TestCase
TestDropFolder.settings = settings(max_examples=20, stateful_step_count=8, suppress_health_check=list(HealthCheck))
