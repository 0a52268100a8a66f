"""The ledger marker: a small file that names the ledger of a drop folder.

It is in the drop folder, so two ledgers never serve one folder, and a lost ledger is noticed: a new, empty one would
release every file again. If outputs go to another disk, a second marker is there, so two drop folders never share their
outputs, and a missing share is noticed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import attrs

from scrubber.dropfolder import effects, generation
from scrubber.dropfolder.errors import CorruptLedgerError, StallError, WatchError
from scrubber.dropfolder.generation import rebuild_hint
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.side_files.plain_text import content_of, of_json

FILE_NAME = ".scrubber-watch.json"
DEFAULT = Path(".ledger") / "ledger.sqlite3"
"""The default path of a ledger, below its drop folder."""
_MOUNTS = Path("/proc/self/mounts")
_SHARES = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.", "ncpfs", "davfs", "beegfs")


@attrs.frozen
class LedgerMarker:
    """The id of a folder's ledger and its path: relative to the folder, or absolute."""

    id: str
    path: str

    def ledger(self, root: Path) -> Path:
        """The path of the ledger."""
        return root / self.path


def read(root: Path) -> LedgerMarker | None:
    """The marker of a folder; `None` where it has none. Raises `OSError`, and `WatchError` where it is damaged."""
    try:
        written = of_json(content_of(root / FILE_NAME))
        return LedgerMarker(str(written["id"]), str(written["ledger"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise WatchError(f"{root / FILE_NAME} is damaged: {rebuild_hint(root)}") from error


def write(root: Path, ledger: Ledger) -> None:
    """Mark a folder as that of a ledger. Raises `OSError`."""
    path = ledger.path.absolute()
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    effects.replace(root / FILE_NAME, (json.dumps({"id": ledger.id, "ledger": str(shown)}) + "\n").encode())
    effects.sync(root)


def ledger_path(root: Path, given: Path | None) -> Path:
    """The path of a folder's ledger: `given`, else the one in its marker, else the default.

    Raises `OSError` and `WatchError`.
    """
    root = root.absolute()
    return choose_path(root, given, read(root))


def choose_path(root: Path, given: Path | None, marker: LedgerMarker | None) -> Path:
    """The same for a folder whose marker is known."""
    return given.absolute() if given else marker.ledger(root) if marker else root / DEFAULT


def open_ledger(root: Path, given: Path | None, *, create: bool) -> Ledger:
    """Open the ledger of a folder. With `create`, make one where the folder has none.

    Raises `OSError`, and `WatchError` where the ledger is lost, belongs to another folder, or is on a network share.
    """
    root = root.absolute()
    if not root.is_dir():
        raise WatchError(f"{root} is not a folder")
    marker = read(root)
    path = choose_path(root, given, marker)
    share = network_share(path)
    if share:
        raise WatchError(f"{path} is on a network share ({share}): name a file on a local disk with --ledger")
    if marker:
        return _open_marked(root, path, marker)
    if not create:
        raise WatchError(f"{root} is not a drop folder yet: it has no ledger")
    ledger = _new(path)
    if any(ledger.counts().values()):
        raise WatchError(f"the ledger {path} is in use, and {root} does not name it: {rebuild_hint(root)}")
    write(root, ledger)
    return ledger


def bind_outputs(layout: Layout, ledger: Ledger) -> None:
    """Mark the folder for outputs where it is new to the ledger. Raises `OSError`.

    Raises `WatchError` where it belongs to another drop folder, or where the marker has gone since.
    """
    folder = layout["staging"].parent
    marker = read(folder)
    if marker and marker.id != ledger.id:
        raise WatchError(f"{folder} holds the outputs of another drop folder (see {folder / FILE_NAME})")
    if marker:
        return
    if ledger.layout() == layout.record():
        raise WatchError(
            f"{folder / FILE_NAME} is not there: is the share mounted? If it is, {rebuild_hint(layout.root)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, ledger)


def check(layout: Layout, ledger: Ledger) -> None:
    """Check that the folders are there and belong to the ledger. Raises `OSError`.

    Raises `StallError` where a share is away, `WatchError` where a folder belongs to another ledger or a newer one.
    """
    for folder in dict.fromkeys((layout.root, layout["staging"].parent)):
        marker = read(folder)
        if marker is None:
            raise StallError(f"{FILE_NAME} is not in the folder: is the share mounted?")
        if marker.id != ledger.id or not ledger.is_still_there():
            raise WatchError(f"the ledger {ledger.path} no longer belongs to {folder}")
    if ledger.layout() != layout.record():
        raise WatchError("another watcher changed the folders; start this one again")
    generation.check(layout, ledger)


def network_share(path: Path) -> str:
    """The kind of network file system of a path; empty for a local disk, or where mounts are not known."""
    try:
        mounts = [line.split() for line in _MOUNTS.read_text().splitlines()]
    except OSError:
        return ""
    real = os.path.realpath(path)
    around = [(mount[1].encode().decode("unicode_escape"), mount[2]) for mount in mounts]
    holding = [(point, kind) for point, kind in around if Path(real).is_relative_to(point)]
    kind = max(holding, key=lambda mount: len(mount[0]), default=("", ""))[1]
    return kind if kind.startswith(_SHARES) else ""


def _open_marked(root: Path, path: Path, marker: LedgerMarker) -> Ledger:
    """Open the ledger that a marker names."""
    if not path.is_file():
        raise WatchError(f"the ledger {path} is not there: bring it back, or {rebuild_hint(root)}")
    try:
        ledger = Ledger(path)
    except CorruptLedgerError as error:
        raise WatchError(f"{error}: {rebuild_hint(root)}") from error
    bound = marker.ledger(root)
    if bound.is_file() and not path.samefile(bound):
        raise WatchError(f"{path} is not the ledger of {root}, which is {bound}; a copy must not be used beside it")
    if ledger.id != marker.id:
        raise WatchError(f"{path} is not the ledger of {root}; {root / FILE_NAME} names {marker.path}")
    return ledger


def _new(path: Path) -> Ledger:
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WatchError(f"{path.parent}: {error.strerror}") from error
    return Ledger(path, create=True)
