"""Writes all situations into a folder, each as NAME.837 and NAME.expected.txt."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tests.situations import clinics, correct, faulty, further, specialties
from tests.situations.situation import Situation


def write(situations: Iterable[Situation], folder: Path) -> None:
    """Write these situations; the folder is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for situation in situations:
        (folder / f"{situation.name}.837").write_text(situation.text, "ascii")
        (folder / f"{situation.name}.expected.txt").write_text(situation.expectation, "utf-8")


if __name__ == "__main__":
    rooms = (correct, faulty, further, specialties, clinics)
    write((situation for room in rooms for situation in (*room.CORRECT, *room.FAULTY)), Path(sys.argv[1]))
