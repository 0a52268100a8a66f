"""What a drop comes to, and how that is carried out: a list of moves that can be gone on with after any crash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from scrubber.dropfolder import effects, names
from scrubber.dropfolder.drop import Conclusion, Drop, Folder, Move
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.running import run

SCHEMA_VERSION = "1"
DUPLICATE = ".duplicate.json"
DOUBT = "in doubt"
"""How a reason begins where nobody can say whether the clean file was handed out."""
IN_DOUBT = (
    f"{DOUBT}: the machine went down while the clean file was handed out. Look whether its reader has it; "
    "if not, requeue the file"
)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FOLDERS: tuple[tuple[str, Folder], ...] = ((run.REJECTED, "rejected"), (run.CLEAN, "clean"))


def released(drop: Drop, marker: str, outputs: Iterable[str], dispositions: Mapping[str, int]) -> Conclusion:
    """The staged outputs go out, the clean file last of them; then the original goes to the archive."""
    staging = f"{drop.token}-{drop.attempt}"
    moves = [Move("staging", f"{staging}/{name}", _folder(name), _named(drop, name)) for name in outputs]
    order: list[Folder] = ["reports", "rejected", "clean"]
    moves.sort(key=lambda move: order.index(move.to_folder))
    claims = sum(dispositions.values())
    rejected = dispositions.get("rejected", 0)
    return Conclusion("released", [*moves, *_kept(drop, marker, "archive")], None, claims, rejected)


def duplicate(layout: Layout, drop: Drop, marker: str, first: Drop) -> Conclusion:
    """The content was released before: a report says so, and the original goes to the archive. Raises `OSError`."""
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
    return Conclusion("duplicate", [move, *_kept(drop, marker, "archive")])


def quarantined(
    layout: Layout, drop: Drop, marker: str, reason: str, errors: Sequence[Mapping[str, Any]] = ()
) -> Conclusion:
    """Nothing goes out; original and reason go to quarantine, or the reason alone where the archive has the original.

    Raises `OSError`.
    """
    told = {
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
    effects.write(staged, as_json(told))
    effects.sync(staged.parent)
    moves = [Move("processing", staged.name, "quarantine", f"{drop.keeps}{names.REASON}")]
    if drop.kept_in != "archive":
        moves += _kept(drop, marker, "quarantine")
    return Conclusion("quarantined", moves, reason)


def in_doubt(layout: Layout, ledger: Ledger, drop: Drop) -> bool:
    """Whether the machine was down since the release began, and the clean file is there as if it never went out."""
    clean = (move for move in ledger.moves(drop) if move.to_folder == "clean")
    return (
        drop.verdict == "released"
        and drop.boot != boot()
        and any(is_there(layout[move.from_folder] / move.from_name) for move in clean)
    )


def move_all(layout: Layout, ledger: Ledger, drop: Drop) -> None:
    """Do the moves that are not done yet. Raises `OSError`; then it can be called again."""
    moves = ledger.moves(drop)
    for move in moves:
        _move(layout, ledger, drop, move)
    changed = {layout[move.to_folder] for move in moves}
    changed |= {(layout[move.from_folder] / move.from_name).parent for move in moves}
    for folder in sorted(changed):
        if folder.is_dir():
            effects.sync(folder)


def finish(layout: Layout, ledger: Ledger, drop: Drop, now: float) -> None:
    """Clear up behind a drop whose moves are all done, and finish it."""
    for staging in layout["staging"].glob(f"{drop.token}-*"):
        effects.discard(staging)
    with suppress(OSError):  # not there, or somebody has put something in it
        effects.remove_empty_folder(layout["processing"] / drop.token)
    ledger.finish(drop, now)


def is_there(path: Path) -> bool:
    """Whether there is such a file. Raises `OSError` where that cannot be said, as of a share that does not answer."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def boot() -> str:
    """What tells this run of the machine from others; nothing where the system does not say."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


def _move(layout: Layout, ledger: Ledger, drop: Drop, move: Move) -> None:
    """Do one move. A source that is not there was moved before: by an earlier attempt, or by another watcher now."""
    source = layout[move.from_folder] / move.from_name
    if not is_there(source):
        return
    name = _free_name(layout[move.to_folder], move.to_name, drop)
    if name != move.to_name:
        ledger.retarget(drop, move, name)
    try:
        effects.rename(source, layout[move.to_folder] / name)
    except FileNotFoundError:
        if is_there(source):
            raise


def _free_name(folder: Path, name: str, drop: Drop) -> str:
    """The name, or one like it that nobody's file has: the ledger gives no name twice, but it does not know all."""
    assert drop.stem is not None
    behind = name.removeprefix(drop.stem)
    wanted = (f"{stem}{behind}" for stem in names.stems(drop.stem, drop.digits))
    return next(name for name in wanted if not is_there(folder / name))


def _kept(drop: Drop, marker: str, folder: Folder) -> list[Move]:
    """The original into the folder where it is kept, with what came with it; one that is in the archive stays there."""
    lies_in, name = drop.lies
    if lies_in == "archive":
        return []
    if lies_in == "quarantine":
        with_it = Move(lies_in, f"{name}{names.REASON}", "archive", f"{drop.keeps}{names.REASON}")
    else:
        with_it = Move(lies_in, f"{name}{marker}", folder, f"{drop.keeps}{marker}")
    original = Move(lies_in, name, folder, drop.keeps)
    return [with_it, original] if marker or lies_in == "quarantine" else [original]


def _folder(output: str) -> Folder:
    return next((folder for suffix, folder in _FOLDERS if output.endswith(suffix)), "reports")


def _named(drop: Drop, output: str) -> str:
    """What an output is called where those of other files lie beside it."""
    return output if output.startswith(f"{drop.stem}.") else f"{drop.stem}.{output}"


def as_json(record: Mapping[str, Any]) -> bytes:
    """A small report, as it is written."""
    return (json.dumps(record, indent=2) + "\n").encode()
