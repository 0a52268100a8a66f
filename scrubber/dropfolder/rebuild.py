"""Rebuilds a lost or damaged ledger from archive and quarantine."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs

from scrubber.dropfolder import claim_history, effects, generation, ledger_marker, names, release, upkeep
from scrubber.dropfolder.closing import PlainFile, ends
from scrubber.dropfolder.database import NO_RELEASE, new_token
from scrubber.dropfolder.drop import Drop, Folder
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.running import run
from scrubber.side_files.plain_text import content_of, of_json

LOST = (
    f"{release.DOUBT}: the ledger was lost while this file was in work. Check whether its clean file went out; "
    "if not, requeue the file"
)
_PARTS = ("", "-wal", "-shm")


def rebuild(layout: Layout, given: Path | None) -> Ledger:
    """Make the ledger of a folder from the files in it. If its ledger is sound, only mark the folder with it.

    A damaged ledger is kept under another name. A ledger that is older than its folder is completed. A file in work
    that the ledger does not know goes to quarantine, since it may have been released already. Can be repeated after a
    crash. Raises `WatchError`.
    """
    root = layout.root
    path = _path(root, given)
    if _is_bound(layout, given):
        raise WatchError(f"the ledger of {root} is sound; nothing was rebuilt")
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        ledger = _sound(path)
        if _is_older(layout, ledger):
            ledger.forget_unfinished()
        _quarantine_unfinished(layout, ledger.open_tokens())
        archived, present = ledger.archived_names(), {path.name for path in _files(layout["archive"])}
        for drop in _kept(layout):
            if missing := _missing(ledger, drop, archived, present):
                ledger.restore(missing)
        claim_history.rebind(ledger, _former_id(root))
        ledger_marker.write(root, ledger)
        ledger_marker.write(layout["staging"].parent, ledger)
        _agree_on_generation(layout, ledger)
    except OSError as error:
        raise WatchError(f"{error.filename}: {error.strerror}") from error
    return ledger


def _path(root: Path, given: Path | None) -> Path:
    try:
        marker = ledger_marker.read(root)
    except WatchError:
        marker = None
    return ledger_marker.choose_path(root, given, marker)


def _former_id(root: Path) -> str:
    """The id of the ledger that the marker of a folder names, empty if it names none."""
    try:
        marker = ledger_marker.read(root)
    except WatchError:
        return ""
    return marker.id if marker else ""


def _is_bound(layout: Layout, given: Path | None) -> bool:
    try:
        with closing(ledger_marker.open_ledger(layout.root, given, create=False)) as ledger:
            outputs = ledger_marker.read(layout["staging"].parent)
            return outputs is not None and outputs.id == ledger.id and not _is_older(layout, ledger)
    except WatchError:
        return False


def _is_older(layout: Layout, ledger: Ledger) -> bool:
    """Whether the folder has releases that the ledger does not know."""
    try:
        generation.check(layout, ledger)
        generation.check_archive(layout, ledger)
    except WatchError:
        return True
    return False


def _agree_on_generation(layout: Layout, ledger: Ledger) -> None:
    """Give the ledger and the folder the same generation, the higher one of the two."""
    try:
        known = generation.read(layout)
    except WatchError:  # damaged: what the ledger has is all that is known
        known = NO_RELEASE
    if known.releases >= ledger.generation().releases:
        ledger.adopt(known)
    generation.publish(layout, ledger)


def _sound(path: Path) -> Ledger:
    """The ledger at a path if it is sound, else a new one."""
    try:
        return Ledger(path)
    except WatchError:
        aside = next(name for name in names.stems(f"{path.name}.damaged", "again") if not path.with_name(name).exists())
        for part in _PARTS:
            damaged = path.with_name(path.name + part)
            if damaged.exists():
                effects.rename(damaged, path.with_name(aside + part))
        return Ledger(path, create=True)


def _quarantine_unfinished(layout: Layout, known: Collection[str]) -> None:
    for claim in sorted(layout["processing"].iterdir()):
        for original in _originals(claim) if claim.name.partition(".")[0] not in known else ():
            stem, extension = names.split(original.name)
            wanted = (names.kept(s, extension) for s in names.stems(stem, claim.name[: names.HASH_DIGITS]))
            name = next(name for name in wanted if not release.is_there(layout["quarantine"] / name))
            reason = {"schema_version": release.SCHEMA_VERSION, "status": "quarantined", "path": name, "reason": LOST}
            effects.write(layout["quarantine"] / f"{name}{names.REASON}", release.as_json(reason))
            effects.rename(original, layout["quarantine"] / name)
    effects.sync(layout["quarantine"])


def _originals(claim: Path) -> list[Path]:
    """The files of a claim in processing/: those in its folder, or a copy of a held file."""
    if claim.is_dir():
        return sorted(claim.iterdir())
    return [claim] if claim.name.endswith(run.HELD) else []


def _kept(layout: Layout) -> Iterator[Drop]:
    """Every content that is or was in archive or quarantine, the oldest copy first."""
    now = time.time()
    pruned = layout["archive"] / upkeep.PRUNED
    for line in pruned.read_text().splitlines() if pruned.exists() else ():
        gone = Drop(new_token(), "", 0, 0, now, sha256=line.split()[0], finished=now)
        yield attrs.evolve(gone, state="released", verdict="released", spent=True)
    for path in _files(layout["archive"]):
        yield _known(path, "archive")
    for path in _files(layout["quarantine"]):
        yield _known(path, "quarantine")


def _missing(ledger: Ledger, drop: Drop, archived: Collection[str], present: Collection[str]) -> Drop | None:
    """The drop of a kept file that the ledger does not know, as a duplicate if its content was released before.

    `archived` are the files of the archive that the ledger knew, `present` those that are there.
    """
    if not ledger.knows(drop.sha256):
        return drop
    name = drop.kept_name or ""
    if drop.kept_in != "archive" or name in archived or Path(name).stem in present:  # or it is a marker
        return None
    if ledger.released(drop.sha256 or "") is None:
        return drop
    return attrs.evolve(drop, state="duplicate", verdict="duplicate", spent=False)


def _files(folder: Path) -> list[Path]:
    files = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()]
    originals = [path for path in files if not path.name.endswith(names.REASON)]
    return sorted(originals, key=lambda path: (path.stat().st_mtime_ns, path.name))


def _known(path: Path, folder: Folder) -> Drop:
    """The drop of a kept file for a new ledger."""
    with PlainFile(path) as file:
        found = ends(file)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    now = time.time()
    drop = Drop(
        new_token(),
        path.name,
        found.size,
        found.mtime_ns,
        now,
        state="released",
        verdict="released",
        spent=True,
        sha256=digest,
        control=found.control,
        finished=now,
        kept_in=folder,
        kept_name=path.name,
    )
    if folder == "archive":
        return drop
    reason = _reason(path)
    return attrs.evolve(
        drop, state="quarantined", verdict="quarantined", spent=reason.startswith(release.DOUBT), reason=reason
    )


def _reason(path: Path) -> str:
    try:
        record: dict[str, Any] = of_json(content_of(path.with_name(f"{path.name}{names.REASON}")))
        return str(record["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return "not known"
