"""The verdict of a drop and how it is carried out: a list of moves that can be continued after any crash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs

from scrubber.dropfolder import effects, names
from scrubber.dropfolder.drop import OWN, Conclusion, Drop, Folder, Move
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.outputs.access import needs_granting
from scrubber.outputs.summary import Counts
from scrubber.running import run

SCHEMA_VERSION = "1"
DUPLICATE = ".duplicate.json"
DOUBT = "in doubt"
"""Start of a reason where it is unknown whether the clean file went out."""
IN_DOUBT = (
    f"{DOUBT}: the machine went down while the clean file was released. Check whether its reader has it; "
    "if not, requeue the file"
)
STAGED = "released"
"""Stem of the staged outputs of a held file, which is given its stem when it is entered into the ledger."""
_OLD = "old"
"""Name of a held file whose claims were released, in its staging folder."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FOLDERS: tuple[tuple[str, Folder], ...] = (
    (run.REJECTED, "rejected"),
    (run.HELD, "held"),
    (run.CLEAN, "clean"),
)


def released(drop: Drop, done_marker: str, outputs: Iterable[str], counts: Counts) -> Conclusion:
    """Release the staged outputs, the clean file last; then the original goes to the archive."""
    moves = _outputs(drop, f"{drop.token}-{drop.attempt}", outputs)
    return Conclusion("released", [*moves, *_keep(drop, done_marker, "archive")], counts=counts)


def duplicate(layout: Layout, drop: Drop, done_marker: str, first: Drop) -> Conclusion:
    """Report that the content was released before; the original goes to the archive. Raises `OSError`."""
    name = f"{drop.stem}{DUPLICATE}"
    staging = layout.staged(drop)
    effects.discard(staging)
    effects.make_folder(staging)
    report = {
        "schema_version": SCHEMA_VERSION,
        "status": "duplicate",
        "path": drop.name,
        "sha256": drop.sha256,
        "interchange_control_number": drop.control,
        "first": {"path": first.name, "outputs": first.stem},
    }
    effects.write(staging / name, as_json(report))
    effects.sync(staging)
    effects.sync(staging.parent)
    move = Move("staging", f"{staging.name}/{name}", "reports", name)
    return Conclusion("duplicate", [move, *_keep(drop, done_marker, "archive")])


def quarantined(
    layout: Layout,
    drop: Drop,
    done_marker: str,
    reason: str,
    errors: Sequence[Mapping[str, Any]] = (),
    answers: Sequence[str] = (),
) -> Conclusion:
    """Release nothing. Original and reason go to quarantine; an original in the archive stays there.

    `answers` are staged answers to the sender, which go to reports/. Raises `OSError`.
    """
    record = {
        "schema_version": SCHEMA_VERSION,
        "status": "quarantined",
        "path": drop.name,
        "sha256": drop.sha256,
        "interchange_control_number": drop.control,
        "reason": reason,
        "tries": drop.tries,
        "errors": list(errors),
    }
    staged = layout["processing"] / f"{drop.token}{names.REASON}"
    effects.write(staged, as_json(record))
    effects.sync(staged.parent)
    moves = _outputs(drop, f"{drop.token}-{drop.attempt}", answers)
    moves.append(Move("processing", staged.name, "quarantine", f"{drop.kept_as}{names.REASON}"))
    if drop.kept_in != "archive":
        moves += _keep(drop, done_marker, "quarantine")
    return Conclusion("quarantined", moves, reason)


def released_from_held(drop: Drop, held_name: str, staged: Sequence[str], counts: Counts) -> Conclusion:
    """Release accepted claims of a held file. Its copy, which was judged, goes to the archive at the end.

    The held file is taken out of held/ before the clean file gets there; it is removed with the staging folder.
    """
    staging = f"{drop.token}-{drop.attempt}"
    moves = [attrs.evolve(move, to_name=_renamed(drop, move)) for move in _outputs(drop, staging, staged)]
    taken_out = Move("held", held_name, "staging", f"{staging}/{_OLD}")
    moves.insert(next((n for n, move in enumerate(moves) if move.to_folder == "clean"), len(moves)), taken_out)
    kept = Move(*drop.location, "archive", f"{drop.stem}{run.HELD}")
    return Conclusion("released", [*moves, kept], counts=counts)


def in_doubt(layout: Layout, ledger: Ledger, drop: Drop) -> bool:
    """Whether the machine went down since the release began, and the clean file is still staged."""
    clean = (move for move in ledger.moves(drop) if move.to_folder == "clean")
    return (
        drop.verdict == "released"
        and drop.boot != boot()
        and any(is_there(layout[move.from_folder] / move.from_name) for move in clean)
    )


def move_all(layout: Layout, ledger: Ledger, drop: Drop) -> None:
    """Do the moves that are not done yet. Raises `OSError`, and can then be called again."""
    moves = ledger.moves(drop)
    for move in moves:
        _move(layout, ledger, drop, move)
    changed = {layout[move.to_folder] for move in moves}
    changed |= {(layout[move.from_folder] / move.from_name).parent for move in moves}
    for folder in sorted(changed):
        if folder.is_dir():
            effects.sync(folder)


def finish(layout: Layout, ledger: Ledger, drop: Drop, now: float, *, notify: bool = False) -> None:
    """Finish a drop after all its moves, and remove its folders. With `notify` the drop is to be reported."""
    for staging in layout["staging"].glob(f"{drop.token}-*"):
        effects.discard(staging)
    with suppress(OSError):  # missing, or not empty
        effects.remove_empty_folder(layout["processing"] / drop.token)
    ledger.finish(drop, now, notify=notify)


def is_there(path: Path) -> bool:
    """Whether the file exists. Raises `OSError` where that is unknown, for instance if a share does not answer."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def boot() -> str:
    """The id of this boot of the machine; empty where the system has none."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def _move(layout: Layout, ledger: Ledger, drop: Drop, move: Move) -> None:
    """Do one move. A missing file was already moved, by an earlier attempt or by another watcher."""
    path = layout[move.from_folder] / move.from_name
    if not is_there(path):
        return
    name = _free_name(layout[move.to_folder], move.to_name, drop)
    if name != move.to_name:
        ledger.retarget(drop, move, name)
    access = layout.sharing.of(move.to_folder)
    try:
        if move.to_folder not in OWN and needs_granting(access, layout[move.to_folder]):
            effects.share(path, access, layout[move.to_folder])
        effects.rename(path, layout[move.to_folder] / name)
    except FileNotFoundError:
        if is_there(path):
            raise


def _outputs(drop: Drop, staging: str, outputs: Iterable[str]) -> list[Move]:
    """The moves of staged outputs, the clean file last."""
    moves = [Move("staging", f"{staging}/{name}", _folder(name), _named(drop, name)) for name in outputs]
    order: list[Folder] = ["reports", "rejected", "held", "clean"]
    return sorted(moves, key=lambda move: order.index(move.to_folder))


def _renamed(drop: Drop, move: Move) -> str:
    """Name of an output that was staged before its drop had a stem."""
    staged = move.from_name.rpartition("/")[2]
    return f"{drop.stem}{staged.removeprefix(STAGED)}"


def _free_name(folder: Path, name: str, drop: Drop) -> str:
    """The name, or a similar one that is free: there may be files that the ledger does not know."""
    assert drop.stem is not None
    if not name.startswith(drop.stem):
        return name
    ending = name.removeprefix(drop.stem)
    wanted = (f"{stem}{ending}" for stem in names.stems(drop.stem, drop.digits))
    return next(name for name in wanted if not is_there(folder / name))


def _keep(drop: Drop, done_marker: str, folder: Folder) -> list[Move]:
    """Moves of the original, with its done marker or reason, to the folder that keeps it. The archive is final."""
    now_in, name = drop.location
    if now_in == "archive":
        return []
    if now_in == "quarantine":
        companion = Move(now_in, f"{name}{names.REASON}", "archive", f"{drop.kept_as}{names.REASON}")
    else:
        companion = Move(now_in, f"{name}{done_marker}", folder, f"{drop.kept_as}{done_marker}")
    original = Move(now_in, name, folder, drop.kept_as)
    return [companion, original] if done_marker or now_in == "quarantine" else [original]


def _folder(output: str) -> Folder:
    return next((folder for suffix, folder in _FOLDERS if output.endswith(suffix)), "reports")


def _named(drop: Drop, output: str) -> str:
    """Name of an output in a folder that also holds those of other files."""
    return output if output.startswith(f"{drop.stem}.") else f"{drop.stem}.{output}"


def as_json(record: Mapping[str, Any]) -> bytes:
    """A small report as JSON."""
    return (json.dumps(record, indent=2) + "\n").encode()
