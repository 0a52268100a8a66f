"""A file that is not as it should be is refused with the place and the reason, and changes nothing."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from scrubber.reference.importers import documents
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.documents import FileRefused
from tests import public_files
from tests.reference.importers import small_files
from tests.reference.importers.small_files import SMALL, load, workbook
from tests.scrubbing import each

SHEETS: Mapping[str, tuple[tuple[object, ...], ...]] = {
    "add-on codes": small_files.ADD_ON,
    "deactivated NPIs": small_files.NPIS,
}
"""The files that are published as spreadsheets, by their rows."""
OWN_LISTS = ("own NPIs", "single-dose", "routes", "NOC crosswalk", "NOC prices")
"""Lists that may be of any length."""


def text_of(name: str, folder: Path) -> str:
    """The text of a small file; of the zip, that of its packages."""
    if name == "NDC directory":
        return "".join(public_files.packages(12))
    return SMALL[name].at(folder).read_bytes().decode("latin-1")


def changed(name: str, folder: Path, change: Callable[[str], str]) -> Path:
    """A small file with another text."""
    text = change(text_of(name, folder))
    path = folder / SMALL[name].name
    if name == "NDC directory":
        return public_files.zipped(path, {"product.txt": public_files.products(6), "package.txt": [text]})
    path.write_bytes(text.encode("latin-1"))
    return path


def refused(folder: Path, path: Path, given: Given | None = None) -> str:
    """Why a file is refused. A store with another file stays as it is, and no other file is left behind."""
    store = folder / "store.sqlite"
    base = public_files.written(folder / "base-2020-01-01.csv", "route-modifier code,since\nA0001,\n")
    load(store, base)
    before = store.read_bytes()
    with pytest.raises(FileRefused) as caught:
        load(store, path, given=given)
    assert store.read_bytes() == before
    assert {item.name for item in folder.iterdir() if "store.sqlite" in item.name} == {
        store.name,
        f".{store.name}.lock",
    }
    return str(caught.value)


MOVED = {
    "ASP crosswalk": ("LABELER NAME,NDC,", "NDC,LABELER NAME,", "row 5: heading 3 is 'NDC', and the column labeler"),
    "payment limits": ("HCPCS Code Dosage,Payment Limit", "Payment Limit,HCPCS Code Dosage", "heading 3 is 'Payment"),
    "NOC crosswalk": (
        "LABELER NAME,NDC or ALTERNATE ID",
        "NDC or ALTERNATE ID,LABELER NAME",
        "row 3: heading 2 is 'NDC",
    ),
    "NOC prices": ("Dosage,Payment Limit", "Payment Limit,Dosage", "row 4: heading 2 is 'Payment Limit'"),
    "MUE practitioner": (
        "Values,MUE Adj",
        "Values,Remarks,MUE Adj",
        "row 2: heading 3 is unknown, and the column",
    ),
    "PTP practitioner": ("Effective\tDeletion", "Deletion\tEffective", "row 3: heading 4 is 'Deletion Date"),
    "PTP Medicaid": (
        "Effective Date\tDel",
        "Source\tEffective Date\tDel",
        "row 3: heading 3 is unknown, and the",
    ),
    "NDC directory": (
        "NDCPACKAGECODE\tPACK",
        "NEW\tNDCPACKAGECODE\tPACK",
        "row 1: heading 3 is unknown, and the column",
    ),
    "HCPCS": ("ADD DT,ACT EFF DT", "ACT EFF DT,ADD DT", "row 1: heading 45 is 'ACT EFF DT', and the column added is"),
    "Addendum B": ("SI,APC", "APC,SI", "row 6: heading 3 is 'APC', and the column status is expected there"),
    "own NPIs": ("npi,since,until", "npi,until,since", "row 1: heading 2 is 'until', and the column since is expected"),
}


@each("name", {name: name for name in MOVED})
def test_a_moved_column_is_refused_with_the_row_and_the_heading(name: str, tmp_path: Path) -> None:
    old, new, reason = MOVED[name]
    path = changed(name, tmp_path, lambda text: _once(text, old, new))
    assert reason in refused(tmp_path, path)


def _once(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_moved_column_of_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    rows = [[*row[1:], *row[:1]] for row in small_files.ADD_ON]
    reason = refused(tmp_path, workbook(tmp_path / "AOC_V2026Q4.xlsx", rows))
    assert "row 2: heading 1 is 'Add-On_Code', and the column type is expected there" in reason
    rows = [list(reversed(row)) for row in small_files.NPIS]
    assert "heading 1 is 'NPPES Deactivation Date'" in refused(tmp_path, workbook(tmp_path / "npi 20261012.xlsx", rows))


WRONG_CELLS = {
    "ASP crosswalk": ("J9035,", "J903,", "row 7: column 1 must be a procedure code"),
    "ASP crosswalk, units": (",12.5,", ",twelve,", "row 10: column 9 must be a number"),
    "payment limits": ("73.201", "-73.201", "row 4: column 4 must be a number"),
    "payment limits, coinsurance": ("17.885", "117.885", "column 5 must be a percentage"),
    "NOC crosswalk": ("Vasopressin (Long Grove),", ",", "row 4: the drug's name is missing"),
    "MUE practitioner": (",1,2 Date", ",1.5,2 Date", "column 2 must be a number of units"),
    "MUE practitioner, indicator": (
        ",0,1 Line",
        ",0,4 Line",
        "column 3 must be an indicator 1 to 3",
    ),
    "PTP practitioner": ("10011\t10011\t", "10011\tABC\t", "column 2 must be a procedure code"),
    "PTP practitioner, modifier": ("\t1\tMis", "\t5\tMis", "column 6 must be 0, 1 or 9"),
    "PTP practitioner, date": ("20180101", "20181301", "column 4 must be a date"),
    "PTP practitioner, no date": ("\t20180101\t", "\t\t", "the effective date is missing"),
    "PTP practitioner, later": (
        "\t20180101\t",
        "\t20270101\t",
        "it is in force after the edition, which ends on 2026",
    ),
    "PTP practitioner, columns": ("10004\t10004\t\t", "10004\t10004\t\t2022\n", "columns, and 6 are expected"),
    "NDC directory": (
        "\t0001-0001-01\t",
        "\t0001000101\t",
        "row 2: column 3 must be an NDC with",
    ),
    "NDC directory, date": ("\t20200101\t", "\t2020-1\t", "row 2: column 5 must be a date"),
    "HCPCS": ('"J9035"', '"J 9035"', "row 4: the code is no HCPCS code"),
    "HCPCS, date": (",20050101,", ",2005,", "the day added must be a date"),
    "HCPCS records": ("J9035001003", "J9035x01003", "row 3: this is no record of the HCPCS file"),
    "ICD-10-CM": ("00012 ", "00010 ", "row 12: number 00010 does not follow 00011"),
    "ICD-10-CM, line": ("00040 A", "00040\tA", "is no line of the order file: number, code and 1 or 0"),
    "Addendum B": (",S,5693", ",5693,S", "row 8: column 3 must be a status indicator"),
    "places": (">22<", ">22A<", "the code is no place of service code"),
    "own NPIs": ("1003000118", "100300011", "row 3: column 1 must be an NPI"),
    "single-dose": ("2024-01-01", "01.01.2024", "row 3: column 2 must be a date"),
}


@each("case", {name: name for name in WRONG_CELLS})
def test_a_wrong_cell_is_refused_with_its_row(case: str, tmp_path: Path) -> None:
    old, new, reason = WRONG_CELLS[case]
    path = changed(case.partition(",")[0], tmp_path, lambda text: _once(text, old, new))
    assert reason in refused(tmp_path, path)


@each("name", {name: name for name in SMALL if name not in SHEETS})
@pytest.mark.parametrize("row", [0, 1, -1])
def test_a_file_of_patients_is_refused_without_its_content(name: str, row: int, tmp_path: Path) -> None:
    def replaced(text: str) -> str:
        lines = text.splitlines(keepends=True)
        lines[row] = re.sub(r"\w+", "ZQXJLAST", lines[row])
        return "".join(lines)

    try:
        load(tmp_path / "new", changed(name, tmp_path, replaced))
    except FileRefused as error:
        assert "ZQXJ" not in str(error).upper()
    patients = tmp_path / "patients.csv"
    patients.write_text("PATIENT,Zqxjlast,19610203\n", "utf-8")
    assert "Zqxj" not in refused(tmp_path, patients)


@each("name", {name: name for name in SMALL if name not in OWN_LISTS})
def test_a_file_with_too_few_rows_is_refused(name: str, tmp_path: Path) -> None:
    reason = refused(tmp_path, SMALL[name].at(tmp_path / "."), Given())
    assert "the published file has at least" in reason and "it is cut off, or an excerpt (--excerpt loads it)" in reason


@each(
    "name", {name: name for name in SMALL if name not in SHEETS and name not in ("NDC directory", "places", *OWN_LISTS)}
)
def test_a_file_that_is_cut_off_in_a_row_is_refused(name: str, tmp_path: Path) -> None:
    """Cut at a row's end an excerpt is not known to be cut off: only the number of its rows tells."""
    path = changed(name, tmp_path, lambda text: text[: text.rstrip().rfind("\n") + 4])
    assert refused(tmp_path, path)


@pytest.mark.parametrize("name", [*SHEETS, "NDC directory"])
def test_an_archive_that_is_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    path = SMALL[name].at(tmp_path)
    path.write_bytes(path.read_bytes()[:-300])
    assert "damaged or cut off" in refused(tmp_path, path)


@each("name", {name: name for name in SMALL if name not in SHEETS and name not in ("NDC directory", "tabular list")})
def test_other_encodings(name: str, tmp_path: Path) -> None:
    small = SMALL[name]
    text = text_of(name, tmp_path)
    path = tmp_path / small.name
    if name not in ("HCPCS records", "ICD-10-CM"):  # records of bytes
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            path.write_bytes(text.encode(encoding))
            assert {item.name: item.rows for item in load(tmp_path / encoding, path)} == dict(small.rows)
    path.write_bytes(text.encode("cp500", "replace"))  # of mainframes
    assert "this is none of the known public files" in refused(tmp_path, path)
    path.write_bytes(text.encode("utf-32"))
    assert "this is none of the known public files" in refused(tmp_path, path)


@each(
    ("name", "content"),
    {
        "an 837": ("claims.837", b"ISA*00*          *00*          *ZZ*A"),
        "an image": ("page.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
        "an old Excel file": ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        "a page": ("page.html", b"<html><body><table><tr><td>another</td></tr></table></body></html>"),
        "another CSV": ("other.csv", b"code,price\r\n12345,5\r\n"),
        "JSON": ("other.json", b'{"a": 1}'),
        "nothing": ("empty.csv", b""),
        "blank lines": ("blank.csv", b"\r\n\r\n"),
    },
)
def test_files_of_other_kinds(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert "this is none of the known public files" in refused(tmp_path, path)


def test_columns_with_the_values_of_others_are_refused(tmp_path: Path) -> None:
    path = changed("ASP crosswalk", tmp_path, lambda text: re.sub(r",(\d+),([\d.]+),(\d+),,", r",\2,\3,\1,,", text))
    assert "rows have other billing units for the package than for its containers" in refused(tmp_path, path)
    path = changed("ASP crosswalk", tmp_path, lambda text: re.sub(r"(\d{5})-(\d{4})-(\d\d)", r"\1\2\3", text))
    assert "6 of 6 rows have no NDC in column 4" in refused(tmp_path, path)


def test_an_open_quotation_mark_and_a_broken_xml(tmp_path: Path) -> None:
    path = changed("ASP crosswalk", tmp_path, lambda text: text.replace("J9035,Words", 'J9035,"Words') + "x" * 200_000)
    assert "a quotation mark may be missing" in refused(tmp_path, path)
    path = changed("tabular list", tmp_path, lambda text: text[:-20])
    assert "the XML cannot be read" in refused(tmp_path, path)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    text = text_of("tabular list", tmp_path).replace("<ICD10CM", f"{bomb}<ICD10CM", 1).replace("(P70.2)", "(&b;)")
    path = changed("tabular list", tmp_path, lambda _: text)
    try:
        load(tmp_path / "store", path)
    except FileRefused:
        return
    assert b"aaaaaaaaaa" not in (tmp_path / "store").read_bytes()


def archive(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "a/../../a.csv", "..\\a.csv", "C:a.csv"])
def test_a_member_outside_of_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "limits.zip", {name: small_files.LIMITS.encode()})
    assert "the archive has a file outside of its folder" in refused(tmp_path, path)


def test_a_member_without_a_name_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "limits.zip", {"limits.csv": small_files.LIMITS.encode()})
    path.write_bytes(path.read_bytes().replace(b"limits.csv", b"\0imits.csv"))  # a name ends at its first NUL
    assert "the archive has a file without a name" in refused(tmp_path, path)
    book = workbook(tmp_path / "AOC_V2026Q4.xlsx", small_files.ADD_ON)
    book.write_bytes(book.read_bytes().replace(b"docProps/app.xml", b"\0ocProps/app.xml"))
    assert "the archive has a file without a name" in refused(tmp_path, book)


def test_zip_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = small_files.LIMITS.encode() + b"\r\n" * 20_000_000
    assert "as a zip bomb does" in refused(tmp_path, archive(tmp_path / "limits.zip", {"limits.csv": text}))
    many = {f"{number}.txt": b"x" for number in range(documents.MOST_FILES + 1)}
    assert "more than 2,000 files" in refused(tmp_path, archive(tmp_path / "many.zip", many))
    monkeypatch.setattr(documents, "MOST_BYTES", 1000)
    monkeypatch.setattr(documents, "MOST_BYTES_TOGETHER", 1500)
    assert "limits.csv is larger than 1,000 bytes" in refused(
        tmp_path, archive(tmp_path / "limits.zip", {"limits.csv": b"x" * 1001})
    )
    several = {f"{number}.csv": b"x" * 900 for number in range(2)}
    assert "larger than 1,500 bytes when it is unpacked" in refused(tmp_path, archive(tmp_path / "two.zip", several))
    monkeypatch.undo()
    sheet = workbook(tmp_path / "AOC_V2026Q4.xlsx", small_files.ADD_ON)
    monkeypatch.setattr(documents, "MOST_BYTES", 200)
    assert "is larger than 200 bytes" in refused(tmp_path, sheet)


def test_a_spreadsheet_with_entities_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "AOC_V2026Q4.xlsx", small_files.ADD_ON)
    with zipfile.ZipFile(path) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = b'<!DOCTYPE x [<!ENTITY a "b">]>' + parts[sheet]
    assert f"{sheet} defines entities" in refused(tmp_path, archive(path, parts))


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "limits.zip", {"limits.csv": small_files.LIMITS.encode()})
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + place] |= 1
    path.write_bytes(bytes(content))
    assert "limits.csv is encrypted; unpack it first" in refused(tmp_path, path)


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "limits.zip", {"limits.csv": small_files.LIMITS.encode() * 9})
    content = bytearray(path.read_bytes())
    content[content.find(b"limits.csv") + 40] ^= 0xFF
    path.write_bytes(bytes(content))
    assert "the archive is damaged or cut off" in refused(tmp_path, path)


def test_one_bad_file_among_good_ones_loads_none(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    SMALL["ASP crosswalk"].at(folder)
    changed("payment limits", folder, lambda text: text.replace("73.201", "x"))
    assert "column 4 must be a number" in refused(tmp_path, folder)


def test_names_in_archives_are_shown_in_letters_that_a_terminal_does_not_act_on(tmp_path: Path) -> None:
    path = archive(tmp_path / "limits.zip", {"a\x1b[2J.csv": small_files.LIMITS.replace("73.201", "x").encode()})
    assert "limits.zip: a?[2J.csv: row 4: column 4 must be a number" in refused(tmp_path, path)


def test_archives_within_archives(tmp_path: Path) -> None:
    one = archive(tmp_path / "mue-2026q4.zip", {"a/limits.CSV": small_files.LIMITS.encode()})
    two = archive(tmp_path / "two.zip", {"readme.pdf": b"%PDF-1.4", "inner/one.ZIP": one.read_bytes()})
    (item,) = load(tmp_path / "store", two)
    assert item.edition.source == "limits.CSV"
    three = archive(tmp_path / "three.zip", {"two.zip": two.read_bytes()})
    assert "a zip within a zip within a zip" in refused(tmp_path, three)
    assert "it holds no file" in refused(tmp_path, archive(tmp_path / "empty.zip", {}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "MOST_FILES", 2)
        inner = {f"{place}.csv": b"x" for place in range(2)}
        packed = archive(tmp_path / "inner.zip", inner).read_bytes()
        several = archive(tmp_path / "several.zip", {"a.zip": packed, "b.zip": packed})
        assert "it has more than 2 files, with those of its archives" in refused(tmp_path, several)


def test_a_folder_may_stand_in_a_hidden_one_and_has_links_but_no_hidden_files(tmp_path: Path) -> None:
    folder = tmp_path / ".cache" / "files"
    folder.mkdir(parents=True)
    path = SMALL["payment limits"].at(tmp_path)
    (folder / "link.csv").symlink_to(path)
    (folder / ".hidden.csv").write_text("broken")
    (item,) = load(tmp_path / "store", folder)
    assert item.edition.source == "link.csv"
    (folder / "second.csv").write_text("broken")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "MOST_FILES", 1)
        assert "the folder has more than 1 files" in refused(tmp_path, folder)


def test_a_zip_with_an_impossible_date_is_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "limits.zip", {"limits.csv": small_files.LIMITS.encode()})
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 12), (b"PK\x01\x02", 14)):
        start = content.find(mark) + place
        content[start : start + 2] = b"\xff\xff"
    path.write_bytes(bytes(content))
    assert len(load(tmp_path / "store", path)) == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_packing(method: int, tmp_path: Path) -> None:
    path = tmp_path / "limits.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("limits.csv", small_files.LIMITS)
    assert len(load(tmp_path / "store", path)) == 1
    content = bytearray(path.read_bytes())
    content[60:90] = b"x" * 30
    path.write_bytes(bytes(content))
    assert "the archive is damaged or cut off" in refused(tmp_path, path)


def test_text_is_taken_before_the_same_table_as_a_spreadsheet(tmp_path: Path) -> None:
    rows = [line.split("\t") for line in "".join(public_files.ptp(10)).splitlines()]
    sheet = workbook(tmp_path / "x.xlsx", rows)
    members = {"ccipra-v323r0.xlsx": sheet.read_bytes(), "ccipra-v323r0.TXT": "".join(public_files.ptp(10)).encode()}
    (item,) = load(tmp_path / "store", archive(tmp_path / "ccipra-v323r0.zip", members))
    assert item.edition.source == "ccipra-v323r0.TXT"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=strategies.sampled_from(sorted(SMALL)),
    cut=strategies.tuples(strategies.floats(0, 1), strategies.integers(0, 60)),
    put=strategies.sampled_from([b"", b",", b"\t", b'"', b"\r\n", b"\0", b"\xff"]) | strategies.binary(max_size=8),
)
def test_a_damaged_file_is_loaded_or_refused_and_nothing_else(
    name: str, cut: tuple[float, int], put: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = SMALL[name].at(folder)
    content = path.read_bytes()
    start = int(cut[0] * len(content))
    path.write_bytes(content[:start] + put + content[start + cut[1] :])
    try:
        load(folder / "store", path)
    except FileRefused as error:
        assert path.name in str(error)
        assert not (folder / "store").exists()
