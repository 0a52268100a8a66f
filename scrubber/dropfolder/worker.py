"""What a worker process does with a claimed file: read it, scrub it into a staging folder. It knows no ledger."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import attrs

from scrubber.dropfolder import effects
from scrubber.dropfolder.closing import PlainFile, ends
from scrubber.dropfolder.errors import WatchError
from scrubber.engine.engine import Engine
from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import OptionsError, RunOptions

Heard: TypeAlias = Callable[[], None]
"""Called whenever there is progress."""

_BLOCK = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EFBIG)
_MOST_ERRORS = 100
_CHANGED = "the file changed while it was read"


def engine_of(rules: RunOptions) -> Engine:
    """The engine that the options make. Raises `WatchError`."""
    try:
        return rules.engine()
    except OptionsError as error:
        raise WatchError(str(error)) from error


def fingerprint(engine: Engine) -> str:
    """What tells one set of rules from another: profile with suppressions, edits, and how reports name claims."""
    rules = (engine.profile.sha256, engine.catalogue.sha256, engine.facts.release, engine.naming.identifier("?"))
    return hashlib.sha256("/".join(rules).encode()).hexdigest()


@attrs.frozen
class Read:
    """Read a claimed file as a whole; `folders` are those that its rename has changed."""

    original: Path
    folders: tuple[Path, ...]


@attrs.frozen
class Scrub:
    """Scrub a file that was read before into the folder `staging`.

    Its outputs begin with `stem`, its reports call it `name`.
    """

    original: Path
    name: str
    stem: str
    contents: Contents
    staging: Path


Task: TypeAlias = Read | Scrub


@attrs.frozen
class Contents:
    """What a file holds: its hash, ISA13, whether its last interchange is closed; and what it is on disk."""

    sha256: str
    control: str
    closed: bool
    size: int
    mtime_ns: int


@attrs.frozen
class Scrubbed:
    """Staged outputs by name, and what the file's summary says: claims by disposition, findings by code."""

    sha256: str
    outputs: tuple[str, ...]
    dispositions: dict[str, int]
    findings: dict[str, int]


@attrs.frozen
class Failure:
    """Why a task came to nothing.

    `place` says that it is no file's fault, but that of a disk, or of a worker that never got ready.
    `reason` names no file and quotes nothing of it; `errors` are those of the file itself, for its reason file.
    """

    reason: str
    place: bool = False
    errors: tuple[dict[str, Any], ...] = ()


Result: TypeAlias = Contents | Scrubbed | Failure


def perform(task: Task, engine: Engine, heard: Heard, *, conformance: bool) -> Result:
    """Do a task; whatever goes wrong is its result."""
    try:
        return read(task, heard) if isinstance(task, Read) else scrub(task, engine, heard, conformance=conformance)
    except OSError as error:
        return Failure(told(error), place=str(error.filename) != str(task.original) or error.errno in _NO_ROOM)
    except Exception as error:  # a fault of the scrubber must not take the service with it
        return Failure(told(error))


def told(error: BaseException) -> str:
    """An error in words that name no file and quote nothing of one."""
    if isinstance(error, OSError):
        code = errno.errorcode.get(error.errno or 0, "unknown")
        return f"{os.strerror(error.errno) if error.errno else 'input or output failed'} ({code})"
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


def read(task: Read, heard: Heard) -> Result:
    """Hash a file, and see to it that its claim is on the disk before anything follows from it. Raises `OSError`."""
    for folder in task.folders:
        effects.sync(folder)
    with PlainFile(task.original, heard) as file:
        effects.sync_open(file.fileno())  # its writer may not have waited for that, and removes his own copy now
        before = ends(file)
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
        got, after = file.tell(), os.fstat(file.fileno())
    if (got, before.mtime_ns) != (after.st_size, after.st_mtime_ns):
        return Failure(_CHANGED)
    return Contents(digest.hexdigest(), before.control, before.closed, after.st_size, after.st_mtime_ns)


def scrub(task: Scrub, engine: Engine, heard: Heard, *, conformance: bool) -> Result:
    """Scrub a file; what it leaves in staging is whole and on the disk, and no clean file without reading it whole.

    Raises `OSError`.
    """
    effects.discard(task.staging)
    effects.make_folder(task.staging)
    claimed = _Claimed(task.name, task.stem, task.original, heard)
    outcome = run.scrub(claimed, engine, task.staging, conformance=conformance)
    if not outcome.scan.readable:
        errors = [attrs.asdict(error) for error in outcome.scan.errors[:_MOST_ERRORS]]
        first = outcome.scan.errors[0] if outcome.scan.errors else "nothing in it is supported"
        return Failure(f"the file cannot be read: {first}", errors=tuple(errors))
    outputs = sorted(path.name for path in task.staging.iterdir())
    for name in outputs:
        effects.sync(task.staging / name)
    effects.sync(task.staging)
    effects.sync(task.staging.parent)
    status, read = task.original.lstat(), task.contents
    now = (outcome.scan.sha256, status.st_size, status.st_mtime_ns)
    if now != (read.sha256, read.size, read.mtime_ns):
        return Failure(_CHANGED)
    dispositions = {str(name): number for name, number in outcome.summary.dispositions.items()}
    return Scrubbed(read.sha256, tuple(outputs), dispositions, dict(outcome.summary.findings))


@attrs.frozen
class _Claimed(Input):
    """A claimed file: reports call it what it was dropped as, outputs are named by its stem."""

    stem: str
    original: Path
    heard: Heard

    @property
    def name(self) -> str:
        """What outputs are named by."""
        return self.stem

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The file, wherever it lies now. Raises `OSError`."""
        with PlainFile(self.original, self.heard) as file:
            yield file
