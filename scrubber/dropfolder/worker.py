"""The tasks of a worker process: read a claimed file, scrub it into a staging folder. It does not use the ledger."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import attrs

from scrubber.claims.earlier import HistoryBusyError, HistoryError
from scrubber.dropfolder import effects
from scrubber.dropfolder.closing import PlainFile, ends
from scrubber.dropfolder.errors import WatchError
from scrubber.engine.engine import Engine
from scrubber.history.store import Proposal
from scrubber.outputs.record import error_record
from scrubber.outputs.summary import Counts
from scrubber.running import run
from scrubber.running.dividing import Division, dividing
from scrubber.running.entering import Entering
from scrubber.running.failures import describe
from scrubber.running.inputs import Input
from scrubber.running.options import OptionsError, RunOptions
from scrubber.x12.errors import EMPTY, NO_INTERCHANGE, X12Error

OnProgress: TypeAlias = Callable[[], None]
"""Called at every step of progress."""

_BLOCK = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EFBIG)
_MOST_ERRORS = 100
_CHANGED = "the file changed while it was read"


def engine_of(options: RunOptions) -> Engine:
    """The engine of these options. Raises `WatchError`."""
    try:
        return options.engine()
    except OptionsError as error:
        raise WatchError(str(error)) from error


@attrs.frozen
class Read:
    """Read a whole claimed file; `folders` are those that its rename changed."""

    original: Path
    folders: tuple[Path, ...]


@attrs.frozen
class Scrub:
    """Scrub a file that was read before into the folder `staging`.

    `stem` begins the names of its outputs; `name` is its name in reports. `token` is that of the drop.
    """

    original: Path
    name: str
    stem: str
    contents: Contents
    staging: Path
    token: str = ""


Task: TypeAlias = Read | Scrub


@attrs.frozen
class Contents:
    """Hash, ISA13, size and time (ns) of a file, and whether its last interchange is closed."""

    sha256: str
    control: str
    closed: bool
    size: int
    mtime_ns: int


@attrs.frozen
class Scrubbed:
    """Names of the staged outputs, what is counted of the file, and what was proposed to the history."""

    sha256: str
    outputs: tuple[str, ...]
    counts: Counts
    proposal: Proposal | None = None


@attrs.frozen
class Failure:
    """A failed task.

    `reason` names no file and quotes none. `errors` are those of the file itself, for its reason file. `answers` are
    the names of staged answers to the sender of a file that cannot be read. `stalls`: a disk is at fault, or a worker
    that never got ready, and not the file. `final`: another try would fail, too. `ends`: the history cannot be used,
    and the watcher must end.
    """

    reason: str
    stalls: bool = False
    errors: tuple[dict[str, Any], ...] = ()
    final: bool = False
    answers: tuple[str, ...] = ()
    ends: bool = False


Result: TypeAlias = Contents | Scrubbed | Failure


def perform(task: Task, engine: Engine, on_progress: OnProgress, options: RunOptions, jobs: int) -> Result:
    """Do a task. Any error is its result. The engine is that of the options; `jobs` is as in `Pool`."""
    try:
        if isinstance(task, Read):
            return read(task, on_progress)
        with dividing(options, jobs or None) as division:
            return scrub(task, engine, on_progress, conformance=options.conformance, division=division)
    except X12Error as error:
        return _failed(error.__cause__, task) if isinstance(error.__cause__, OSError) else Failure(_CHANGED)
    except OSError as error:
        return _failed(error, task)
    except HistoryError as error:
        busy = isinstance(error, HistoryBusyError)
        return Failure(error.reason, stalls=busy, ends=not busy)
    except Exception as error:  # a fault of the scrubber must not stop the service
        return Failure(describe(error))


def _failed(error: OSError, task: Task) -> Failure:
    """The failure of a disk. It stalls the watcher unless the file itself cannot be read."""
    return Failure(describe(error), stalls=str(error.filename) != str(task.original) or error.errno in _NO_ROOM)


def read(task: Read, on_progress: OnProgress) -> Result:
    """Hash a file. First wait until its rename is on the disk. Raises `OSError`."""
    for folder in task.folders:
        effects.sync(folder)
    with PlainFile(task.original, on_progress) as file:
        effects.sync_open(file.fileno())  # its writer may not have synced it, and may now delete the only other copy
        before = ends(file)
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
        got, after = file.tell(), os.fstat(file.fileno())
    if (got, before.mtime_ns) != (after.st_size, after.st_mtime_ns):
        return Failure(_CHANGED)
    return Contents(digest.hexdigest(), before.control, before.closed, after.st_size, after.st_mtime_ns)


def scrub(
    task: Scrub,
    engine: Engine,
    on_progress: OnProgress,
    *,
    conformance: bool,
    division: Division | None = None,
) -> Result:
    """Scrub a file. Its outputs in staging are whole and on the disk. Raises `OSError`.

    Fails, and releases nothing, if the file cannot be read to its end or has changed.
    """
    effects.discard(task.staging)
    effects.make_folder(task.staging)
    claimed = _Claimed(task.name, task.stem, task.original, on_progress)
    outcome = run.scrub(
        claimed,
        engine.reporting(on_progress),
        task.staging,
        lambda _: lambda _: on_progress(),
        conformance=conformance,
        entering=Entering("propose", task.token),
        division=division,
    )
    if not outcome.scan.readable:
        return _unreadable(task, outcome)
    outputs = effects.sync_all(task.staging)
    status, read = task.original.lstat(), task.contents
    now = (outcome.scan.sha256, status.st_size, status.st_mtime_ns)
    if now != (read.sha256, read.size, read.mtime_ns):
        return Failure(_CHANGED)
    return Scrubbed(read.sha256, tuple(outputs), outcome.summary.counts, outcome.proposal)


def _unreadable(task: Scrub, outcome: run.Outcome) -> Failure:
    """What is wrong with a file as a whole, with the answer that its envelope allows. The same bytes fail again."""
    if outcome.scan.sha256 != task.contents.sha256:
        return Failure(_CHANGED)
    errors = [error_record(error) for error in outcome.scan.errors[:_MOST_ERRORS]]
    first = next(iter(outcome.scan.errors), None)
    begun = not task.contents.closed and (first is None or first.code not in (EMPTY, NO_INTERCHANGE))
    what = "no IEA closes its last interchange" if begun else "the file cannot be read"
    answers = tuple(name for name in effects.sync_all(task.staging) if name.endswith(run.ACK_999))
    return Failure(f"{what}: {first or 'it has no supported transaction'}", False, tuple(errors), True, answers)


@attrs.frozen
class _Claimed(Input):
    """A claimed file. Reports use the dropped name, names of outputs its stem."""

    stem: str
    original: Path
    on_progress: OnProgress

    @property
    def name(self) -> str:
        """The stem of its outputs."""
        return self.stem

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file at its present path. Raises `OSError`."""
        with PlainFile(self.original, self.on_progress) as file:
            yield file
