"""Writes the shipped ICD-10-CM tables from the data of the package simple-icd-10-cm (MIT), one folder for each edition.

    python -m scrubber.reference.importers.shipped_icd10cm FOLDER… (oldest edition first)

A folder has a list of all codes (`code-list-….txt`) and the tabular list (`….xml`). Titles are left out. The days and
hashes in `icd10cm.toml` are kept by hand.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from scrubber.reference.importers.icd10cm import notes_of
from scrubber.reference.shipped_tables import CODE_WIDTH
from scrubber.reference.store import BETWEEN_VALUES

_CODE = re.compile(r"[A-Z][0-9A-Z]{2}[0-9A-Z]{0,4}", re.ASCII)
_HEAD = """\
# Notes of the ICD-10-CM tabular list, by scrubber.reference.importers.shipped_icd10cm. The columns: code, note, codes,
# editions. editions has a character for each edition of icd10cm.toml, 1 where the edition has the note.
"""
FOLDER = Path(__file__).parents[1] / "data" / "icd10cm"


def codes_of(text: str) -> Mapping[str, str]:
    """The codes of a list, one a line, with 1 for a complete code and 0 for a heading.

    Chapters and blocks are left out. A code is a heading if the list has a longer code that begins with it.
    """
    codes = sorted({code for line in text.splitlines() if _CODE.fullmatch(code := line.strip().replace(".", ""))})
    return {code: "0" if later.startswith(code) else "1" for code, later in pairwise([*codes, ""])}


def code_lines(editions: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """The lines of `codes.txt`."""
    for code in sorted(set().union(*editions)):
        flags = "".join(edition.get(code, "-") for edition in editions)
        yield f"{code:{CODE_WIDTH}} {flags}\n"


def note_lines(editions: Sequence[Iterable[tuple[str, str, str]]]) -> Iterator[str]:
    """The lines of `notes.csv`, from the notes (code, kind, codes) of each edition."""
    sets = [set(edition) for edition in editions]
    for code, note, codes in sorted(set().union(*sets)):
        flags = "".join("1" if (code, note, codes) in known else "-" for known in sets)
        yield f"{code},{note},{codes},{flags}\n"


def _notes(path: Path) -> Iterator[tuple[str, str, str]]:
    from lxml import etree

    for _, element in etree.iterparse(path, tag="diag"):
        for code, _, _, data in notes_of(element):
            note, codes = data.split(BETWEEN_VALUES)
            yield code, note, codes


def write(folders: Sequence[Path]) -> None:
    """Write both files, and print their hashes."""
    lists = [codes_of(next(folder.glob("code-list*.txt")).read_text("utf-8")) for folder in folders]
    notes = [list(_notes(next(folder.glob("*.xml")))) for folder in folders]
    for name, text in {
        "codes.txt": "".join(code_lines(lists)),
        "notes.csv": _HEAD + "".join(note_lines(notes)),
    }.items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
        sys.stdout.write(f"{name} {hashlib.sha256(text.encode()).hexdigest()}\n")


if __name__ == "__main__":
    write([Path(name) for name in sys.argv[1:]])
