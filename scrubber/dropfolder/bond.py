"""Which ledger belongs to a drop folder. A file in the folder names it, so that two never serve one folder, and a
ledger that is lost is never taken for a new one, by which all would be released again. Another one lies beside the
staged outputs, where these are elsewhere: two drop folders never share them, and a share that is away is noticed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import attrs

from scrubber.dropfolder import effects
from scrubber.dropfolder.errors import CorruptLedgerError, PlaceError, WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger

BOND = ".scrubber-watch.json"
DEFAULT = Path(".ledger") / "ledger.sqlite3"
"""Where a ledger is, below its folder, unless told otherwise."""
_MOUNTS = Path("/proc/self/mounts")
_SHARES = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "fuse.", "ncpfs", "davfs", "beegfs")


@attrs.frozen
class Bond:
    """The id of a folder's ledger, and where that is: below the folder, or by an absolute path."""

    id: str
    path: str

    def ledger(self, root: Path) -> Path:
        """Where the ledger is."""
        return root / self.path


def read(root: Path) -> Bond | None:
    """The bond of a folder; `None` where it has none. Raises `OSError`, and `WatchError` where it is damaged."""
    try:
        written = json.loads((root / BOND).read_bytes())
        return Bond(str(written["id"]), str(written["ledger"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise WatchError(f"{root / BOND} is damaged: {rebuild_hint(root)}") from error


def write(root: Path, ledger: Ledger) -> None:
    """Bind a folder to a ledger. Raises `OSError`."""
    path = ledger.path.absolute()
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    effects.replace(root / BOND, (json.dumps({"id": ledger.id, "ledger": str(shown)}) + "\n").encode())
    effects.sync(root)


def path(root: Path, given: Path | None) -> Path:
    """Where the ledger of a folder is: the one given, else the one the folder names, else below the folder.

    Raises `OSError` and `WatchError`.
    """
    root = root.absolute()
    return place(root, given, read(root))


def place(root: Path, given: Path | None, bond: Bond | None) -> Path:
    """The same for a folder whose bond is known."""
    return given.absolute() if given else bond.ledger(root) if bond else root / DEFAULT


def open_ledger(root: Path, given: Path | None, *, create: bool) -> Ledger:
    """The ledger of a folder, at its `path`; a new one where the folder has none, and one may be made.

    Raises `OSError`, and `WatchError` where that is not the folder's own, is lost, or lies on a network share.
    """
    root = root.absolute()
    if not root.is_dir():
        raise WatchError(f"{root} is no folder")
    bond = read(root)
    at = place(root, given, bond)
    share = network_share(at)
    if share:
        raise WatchError(f"{at} is on a network share ({share}): name a file on a local disk with --ledger")
    if bond:
        if not at.is_file():
            raise WatchError(f"the ledger {at} is not there: bring it back, or {rebuild_hint(root)}")
        try:
            ledger = Ledger(at)
        except CorruptLedgerError as error:
            raise WatchError(f"{error}: {rebuild_hint(root)}") from error
        if ledger.id != bond.id:
            raise WatchError(f"{at} is not the ledger of {root}; {root / BOND} names {bond.path}")
        return ledger
    if not create:
        raise WatchError(f"{root} is no drop folder yet: it has no ledger")
    ledger = _new(at)
    if any(ledger.counts().values()):
        raise WatchError(f"the ledger {at} is in use, and {root} does not name it: {rebuild_hint(root)}")
    write(root, ledger)
    return ledger


def bind_outputs(layout: Layout, ledger: Ledger) -> None:
    """Bind the folder for outputs where it is new to the ledger. Raises `OSError`.

    Raises `WatchError` where it belongs to another drop folder, or is not the one that it was.
    """
    folder = layout["staging"].parent
    bound = read(folder)
    if bound and bound.id != ledger.id:
        raise WatchError(f"{folder} holds the outputs of another drop folder, as {folder / BOND} says")
    if bound:
        return
    if ledger.layout() == layout.record():
        raise WatchError(f"{folder / BOND} is not there: is the share mounted? If it is, {rebuild_hint(layout.root)}")
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, ledger)


def check(layout: Layout, ledger: Ledger) -> None:
    """See that the folders are there, and the ledger's. Raises `OSError`.

    Raises `PlaceError` where a share is away, `WatchError` where a folder has another ledger, or the ledger others.
    """
    for folder in dict.fromkeys((layout.root, layout["staging"].parent)):
        bound = read(folder)
        if bound is None:
            raise PlaceError(f"{BOND} is not in the folder: is the share mounted?")
        if bound.id != ledger.id or not ledger.still_there():
            raise WatchError(f"the ledger {ledger.path} is no longer that of {folder}")
    if ledger.layout() != layout.record():
        raise WatchError("the folders were changed while this watcher was away")


def rebuild_hint(root: Path) -> str:
    """What to do about a lost ledger."""
    return f"stop all watchers, and make it anew from the archive with: scrubber watch rebuild {root}"


def network_share(at: Path) -> str:
    """The kind of network file system that a path is on; nothing for a local one, or where the system does not say."""
    try:
        mounts = [line.split() for line in _MOUNTS.read_text().splitlines()]
    except OSError:
        return ""
    real = os.path.realpath(at)
    around = [(mount[1].encode().decode("unicode_escape"), mount[2]) for mount in mounts]
    holding = [(point, kind) for point, kind in around if Path(real).is_relative_to(point)]
    kind = max(holding, key=lambda mount: len(mount[0]), default=("", ""))[1]
    return kind if kind.startswith(_SHARES) else ""


def _new(at: Path) -> Ledger:
    try:
        at.parent.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WatchError(f"{at.parent}: {error.strerror}") from error
    return Ledger(at, create=True)
