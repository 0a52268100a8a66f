"""A drop folder for tests: files to drop, real watcher processes that can die at any step, and the results."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs

from scrubber.dropfolder import effects
from scrubber.dropfolder.drop import Folder
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.dropfolder.settings import Settings
from scrubber.dropfolder.start import Start, start
from scrubber.engine.engine import Engine
from scrubber.history.database import Database
from scrubber.history.store import HistoryStore
from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.testing import build, infusion_claim, with_line

QUICK = Settings(settle=0, close_limit=0.2, back_off=0, lease=5, scan_every=0.05, tries=2, grace=5, stuck_after=20)
"""Settings without waits. A watcher that ends gives up its lease; the lease of a killed one must run out."""

SHOWN: tuple[Folder, ...] = ("clean", "held", "rejected", "reports", "archive", "quarantine")

Snapshot = dict[str, dict[str, bytes]]
Hook = Callable[[str], None]

STEPS = (
    *("make_folder", "share_folder", "share", "rename", "sync", "write", "append", "copy"),
    *("discard", "remove_empty_folder", "prune", "commit", "enter", "confirm", "withdraw"),
)
"""The effects before which a process can be stopped. Heartbeats change no file and are left out."""


_STATE = re.compile(
    rb'"history": ?{"state": ?\d+, ?"sha256": ?"\w+", ?"claims": ?\d+}, ?'
    rb'|<history state="\d+" sha256="\w+" claims="\d+"/>'
    rb"|History of released claims:[\s\w,]+?sha256\s+\w+"
)


def claims_file(number: int, claims: int = 2, rejected: int = 0) -> bytes:
    """An invented 837P, unique for its number; its first `rejected` claims are rejected."""
    made = [infusion_claim("837P", f"D{number}-{ordinal}") for ordinal in range(claims)]
    faulty = [with_line(claim, 1, modifiers=()) for claim in made[:rejected]]
    text = build([*faulty, *made[rejected:]]).replace("000000001", f"{number:09}")
    return text.encode("latin-1")


def flagged_file(*ids: str, clean: int = 1) -> bytes:
    """An invented 837P with a flagged claim of each id, and clean ones after them."""
    flagged = [infusion_claim("837P", name, diagnoses=("M3219", "M320")) for name in ids]
    return build([*flagged, *(infusion_claim("837P", f"CLEAN-{number}") for number in range(clean))]).encode()


def broken_file(number: int) -> bytes:
    """A file with ISA and IEA, and a broken envelope between them."""
    return claims_file(number).replace(b"SE*", b"XX*")


@attrs.define
class Box:
    """One drop folder."""

    root: Path
    settings: Settings = QUICK
    out: Path | None = None
    taken: dict[str, bytes] = attrs.field(factory=dict)
    opened: list[Ledger] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        (self.root / "in").mkdir(parents=True, exist_ok=True)

    @property
    def layout(self) -> Layout:
        return Layout.of(self.root, self.out, self.settings.folders)

    def __truediv__(self, path: str) -> Path:
        return self.root / path

    def drop(self, name: str, content: bytes) -> Path:
        """Put a whole file into the folder at once."""
        path = self.root / "in" / name
        staged = self.root / "dropping"
        staged.write_bytes(content)
        staged.rename(path)
        return path

    def process(self, *, main: Hook | None = None, worker: Hook | None = None, **more: Any) -> Process:
        """A watcher in its own process; the hooks run before each step."""
        return self.running(Start(self.root, self.settings, out=self.out, **more), main=main, worker=worker)

    def running(self, begin: Start | Callable[[], int], *, main: Hook | None = None, **more: Any) -> Process:
        """A watcher, or another command on the folder, in its own process."""
        while self.opened:
            self.opened.pop().close()
        return Process(begin, main, **more)

    def once(self, *, main: Hook | None = None, worker: Hook | None = None, **more: Any) -> int:
        """Run a watcher that ends when all files are done; returns the exit status, negative for a signal."""
        return self.process(main=main, worker=worker, once=True, **more).wait()

    def after_a_crash(self, **more: Any) -> int:
        """Run the next watcher, as if the lease of the dead one were over; returns the exit status."""
        self.end_leases()
        status = self.once(**more)
        if status == 0 and any((self.root / "in").iterdir()):  # a claim was undone after the scan
            status = self.once()
        return status

    def end_leases(self) -> None:
        """As if the leases of all dead processes were over."""
        ledger = self.root / ".ledger" / "ledger.sqlite3"
        if ledger.exists():
            with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
                if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'watchers'").fetchone():
                    connection.execute("UPDATE watchers SET expires = 0")

    def take_clean(self) -> None:
        """Act as a reader: take every clean file away."""
        for path in sorted((self.layout["clean"]).iterdir()) if self.layout["clean"].is_dir() else ():
            assert path.name not in self.taken, "the same clean file was handed out twice"
            self.taken[path.name] = path.read_bytes()
            path.unlink()

    def snapshot(self) -> Snapshot:
        """All files at the end, with those that the reader has taken. States of the history are left out of reports.

        Each folder has a history of its own, and what a killed watcher entered makes states, too.
        """
        found: Snapshot = {}
        for folder in SHOWN:
            paths = sorted(self.layout[folder].iterdir()) if self.layout[folder].is_dir() else []
            found[folder] = {path.name: _STATE.sub(b"", path.read_bytes()) for path in paths}
        assert not found["clean"].keys() & self.taken.keys()
        found["clean"] |= self.taken
        return found

    def names(self, folder: Folder) -> list[str]:
        return sorted(path.name for path in self.layout[folder].iterdir())

    def reason(self, name: str) -> str:
        """Why a file was quarantined."""
        record: dict[str, str] = json.loads((self.root / "quarantine" / f"{name}.reason.json").read_text())
        return record["reason"]

    def ledger(self) -> Ledger:
        """The ledger. It is closed before the next fork: an open database must not be forked."""
        self.opened.append(Ledger(self.root / ".ledger" / "ledger.sqlite3"))
        return self.opened[-1]

    def assert_tidy(self) -> None:
        """Nothing is unfinished: no claim, nothing staged, nothing open in the ledger."""
        assert self.names("processing") == []
        assert self.names("staging") == []
        assert self.ledger().unfinished() == []


class Process:
    """A watcher in a forked process: the real service, with the real worker processes below it."""

    def __init__(self, begin: Start | Callable[[], int], main: Hook | None, worker: Hook | None = None) -> None:
        engine(), engine_with_history()  # loaded once for all
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(self._child(begin, main, worker))

    def _child(self, begin: Start | Callable[[], int], main: Hook | None, worker: Hook | None) -> int:
        os.dup2(self.log.fileno(), 2)
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
        try:
            _hook(main, worker)
            return start(begin, multiprocessing.get_context("fork")) if isinstance(begin, Start) else begin()
        except WatchError as error:
            os.write(2, f"{error}\n".encode())
            return 2
        except BaseException as error:
            os.write(2, f"crashed: {error!r}\n".encode())
            return 70

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def stop(self) -> None:
        """End it as an operator does."""
        self.kill(signal.SIGTERM)
        assert self.wait() == 0

    def wait(self, seconds: float = 60) -> int:
        """The exit status, negative for a signal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                assert code != 70, self.log_text()
                return code
            time.sleep(0.002)
        self.kill()
        raise AssertionError(f"the watcher does not end: {self.log_text()}")

    def log_text(self) -> str:
        """Its log."""
        self.log.seek(0)
        return self.log.read().decode()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_text().splitlines() if line.startswith("{")]


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine that all forked processes share, with all that it loads late."""
    made = RunOptions().engine()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warm.837"
        path.write_bytes(claims_file(0))
        run.scrub(Input(str(path)), made, Path(folder))
    return made


@lru_cache(maxsize=1)
def engine_with_history() -> Engine:
    """The same for watchers with a history. Each process opens its own."""
    with tempfile.TemporaryDirectory() as folder:
        made = RunOptions(history=Path(folder) / "history", releasing=True).engine(entering=True)
        path = Path(folder) / "warm.837"
        path.write_bytes(claims_file(0))
        run.scrub(Input(str(path)), made, Path(folder))
        assert made.history
        made.history.close()
    return made


def _hook(main: Hook | None, worker: Hook | None) -> None:
    """Call the hooks at every step, in the watcher and in workers. It runs in a forked process only."""
    watcher = os.getpid()
    load = RunOptions.engine

    def loaded(options: RunOptions, *, entering: bool = False) -> Engine:
        if attrs.evolve(options, history=None, origin="", releasing=False) != RunOptions():
            return load(options, entering=entering)
        if not options.history:
            return engine()
        made = copy(engine_with_history())
        made.history = HistoryStore(Database(options.history, create=entering), options.origin)
        return made

    RunOptions.engine = loaded  # type: ignore[method-assign, assignment]
    for name in STEPS:
        setattr(effects, name, _hooked(name, getattr(effects, name), watcher, main, worker))


def _hooked(
    name: str, effect: Callable[..., Any], watcher: int, main: Hook | None, worker: Hook | None
) -> Callable[..., Any]:
    def step(*arguments: Any, **more: Any) -> Any:
        hook = main if os.getpid() == watcher else worker
        if hook:
            hook(name)
        return effect(*arguments, **more)

    return step


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
