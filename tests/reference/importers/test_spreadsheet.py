"""A damaged or hostile spreadsheet is refused in one line, within bounds of time and memory, and changes nothing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from scrubber.reference.importers.documents import FileRefused, opened
from scrubber.reference.importers.grid import first_lines
from tests.reference.importers import small_files
from tests.reference.importers.small_files import load, workbook

NAME = "AOC_V2026Q4-MCR.xlsx"
SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"
RELATIONS, KINDS = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
Parts = dict[str, bytes]


def made(folder: Path, change: Callable[[Parts], Any]) -> Path:
    """The list of add-on codes with changed parts."""
    path = workbook(folder / NAME, small_files.ADD_ON)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def refused(folder: Path, change: Callable[[Parts], Any]) -> str:
    """Why it is refused, in one line."""
    path = made(folder, change)
    with pytest.raises(FileRefused) as caught:
        load(folder / "store.sqlite", path)
    assert not (folder / "store.sqlite").exists()
    text = str(caught.value).removeprefix(f"{path}: ")
    assert "\n" not in text
    return text


def replaced(part: str, old: str, new: str) -> Callable[[Parts], None]:
    def change(parts: Parts) -> None:
        assert old.encode() in parts[part]
        parts[part] = parts[part].replace(old.encode(), new.encode())

    return change


def changed(part: str, content: bytes) -> Callable[[Parts], None]:
    return lambda parts: parts.update({part: content})


def cell(text: str) -> Callable[[Parts], None]:
    """A cell more at the end of the last row."""
    return replaced(SHEET, "</row></sheetData>", f"{text}</row></sheetData>")


DAMAGED: Mapping[str, tuple[Callable[[Parts], Any], str]] = {
    "row number of many digits": (
        replaced(SHEET, '<row r="5"', f'<row r="{"9" * 5000}"'),
        "row 5: this Excel file cannot",
    ),
    "row number that is none": (replaced(SHEET, '<row r="5"', '<row r="x"'), "row 5: this Excel file cannot be read"),
    "column that is none": (replaced(SHEET, 'r="A5"', 'r="ZZZZ5"'), "row 5: this Excel file cannot be read"),
    "number of many digits": (cell(f"<c><v>{'9' * 5000}</v></c>"), "row 5: this Excel file cannot be read"),
    "date that is none": (cell('<c t="d"><v>tomorrow</v></c>'), "row 5: this Excel file cannot be read"),
    "style that is none": (cell('<c s="x"><v>1</v></c>'), "row 5: this Excel file cannot be read"),
    "text that is not there": (cell('<c t="s"><v>7</v></c>'), "row 5: this Excel file cannot be read"),
    "sheet cut off": (lambda parts: parts.update({SHEET: parts[SHEET][:-400]}), "this Excel file cannot be read"),
    "sheet empty": (changed(SHEET, b""), "this Excel file cannot be read"),
    "sheet missing": (lambda parts: parts.pop(SHEET), "this Excel file has no sheet"),
    "workbook missing": (lambda parts: parts.pop(BOOK), "this Excel file cannot be read (KeyError)"),
    "relations missing": (lambda parts: parts.pop(RELATIONS), "this Excel file cannot be read"),
    "styles damaged": (changed(STYLES, b"<styles"), "this Excel file cannot be read"),
    "kinds damaged": (changed(KINDS, b"kinds"), "this Excel file cannot be read"),
    "relation to elsewhere": (replaced(RELATIONS, "/xl/worksheets/sheet1.xml", "../../../etc/passwd"), "has no sheet"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_spreadsheet_is_refused(case: str, tmp_path: Path) -> None:
    change, reason = DAMAGED[case]
    assert reason in refused(tmp_path, change)


def with_strings(parts: Parts, text: bytes) -> None:
    """Texts of cells in a part of their own."""
    parts[STRINGS] = b'<sst xmlns="%s">%s</sst>' % (MAIN.encode(), text)
    kind = f'<Override PartName="/{STRINGS}" ContentType="{TYPES}.sharedStrings+xml"/></Types>'
    replaced(KINDS, "</Types>", kind)(parts)


def with_sheets(parts: Parts) -> None:
    """A thousand sheets that are one part, which does not say how large it is."""
    found = re.search(rb'<sheet [^>]*id="([^"]+)"[^>]*/>', parts[BOOK])
    assert found
    parts[BOOK] = parts[BOOK].replace(found[0], found[0] * 1000)
    parts[SHEET] = re.sub(rb"<dimension [^>]*/>", b"", parts[SHEET])
    replaced(SHEET, "</sheetData>", "<row/>" * 150_000 + "</sheetData>")(parts)


HOSTILE: Mapping[str, tuple[Callable[[Parts], Any], str]] = {
    "last row far away": (
        replaced(SHEET, '<row r="5"', '<row r="99999999999"'),
        "row 1,048,577: the sheet has more rows or cells than any table",
    ),
    "many wide rows": (
        replaced(SHEET, "</sheetData>", '<row><c r="XFD1"/></row>' * 40_000 + "</sheetData>"),
        "the sheet has more rows or cells than any table",
    ),
    "many styles": (changed(STYLES, b"<a/>" * 2_000_000), f"{STYLES} unpacks to 8,000,000 bytes, as a zip bomb does"),
    "large styles": (
        lambda parts: parts.update({STYLES: b"".join(b"%x" % (place**7) for place in range(300_000))}),
        "bytes, more than that of any table",
    ),
    "many texts": (
        lambda parts: with_strings(parts, b"<si><t>a</t></si>" * 400_000),
        f"{STRINGS} unpacks to 6,800,",
    ),
    "many sheets that are one": (with_sheets, "the workbook names its parts again and again"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_spreadsheet_is_refused(case: str, tmp_path: Path) -> None:
    change, reason = HOSTILE[case]
    assert reason in refused(tmp_path, change)


def test_warnings_of_the_reader_are_not_shown(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    def change(parts: Parts) -> None:
        parts[STYLES] = b'<styleSheet xmlns="%s"><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>' % MAIN.encode()
        cell('<c s="0"><v>99999999999</v></c>')(parts)

    load(tmp_path / "store.sqlite", made(tmp_path, change))
    assert not recwarn.list


def test_values_of_all_kinds_are_texts(tmp_path: Path) -> None:
    import datetime

    book = Workbook()
    rows: Sequence[Sequence[object]] = [
        ["a", 1, 2.5, True, datetime.datetime(2026, 10, 5), None, "=1+1", "x\r\ny"],
        [],
        ["b"],
    ]
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(tmp_path / NAME)
    with opened(tmp_path / NAME) as [document]:
        lines = [(line.number, list(line.cells)) for line in first_lines(document)]
    assert lines[0][1][:6] == ["a", "1", "2.5", "True", "20261005", ""]
    assert [number for number, _ in lines] == [1, 2, 3]
    assert lines[2][1][0] == "b"
