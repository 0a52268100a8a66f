"""Each kind of public file is known by what it holds, and its quirks are read as they are meant."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scrubber.reference import external
from scrubber.reference.editions import Edition, NoEdition, Row, Table
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.documents import FileRefused
from scrubber.reference.store import Store
from tests import public_files
from tests.reference.importers.small_files import ASP, LIMITS, SMALL, Small, csv_text, load, loaded, workbook
from tests.scrubbing import each

DAY = date(2026, 11, 1)
QUARTER = (date(2026, 10, 1), date(2026, 12, 31))


def row(table: Table, key: str, on: date = DAY) -> Row:
    found = table.row(key, on)
    assert found is not None
    return found


@each("small", SMALL)
def test_each_kind_is_known_by_what_it_holds(small: Small, tmp_path: Path) -> None:
    path = small.at(tmp_path)
    renamed = path.with_name(f"x{path.suffix}")
    path.rename(renamed)
    found = load(tmp_path / "store", renamed, given=Given(*QUARTER, excerpt=True)) if _by_content(small) else []
    assert {item.name: item.rows for item in found} == (dict(small.rows) if found else {})
    renamed.rename(path)
    found = load(tmp_path / "by name", path)
    assert {item.name: item.rows for item in found} == dict(small.rows)
    assert all(item.edition.covers(DAY) for item in found)


def _by_content(small: Small) -> bool:
    """Whether the file says its setting: that of the procedure pairs stands in its name alone."""
    return not any("ncci" in name for name in small.rows)


@each(
    ("name", "release", "since", "until"),
    {
        "a line of the file": ("ASP crosswalk", "2026 Q4", *QUARTER),
        "a date in its name": ("MUE hospital", "2026 Q4", *QUARTER),
        "the version of NCCI": ("PTP hospital", "2026 Q4", *QUARTER),
        "a quarter in its name": ("PTP Medicaid", "2026 Q4", *QUARTER),
        "a month in its name": ("HCPCS", "2026 Q4", *QUARTER),
        "a month and a year": ("Addendum B", "2026 Q4", *QUARTER),
        "a fiscal year": ("ICD-10-CM", "FY 2027", date(2026, 10, 1), date(2027, 9, 30)),
        "a day in its name": ("NDC directory", "2026-10-15", date(2026, 10, 15), date(2027, 4, 15)),
    },
)
def test_the_days_of_an_edition(name: str, release: str, since: date, until: date, tmp_path: Path) -> None:
    for table in loaded(tmp_path, name).tables.values():
        (edition,) = table.editions
        assert (edition.release, edition.since, edition.until) == (release, since, until)


def test_the_days_as_the_user_gives_them(tmp_path: Path) -> None:
    path = SMALL["MUE hospital"].at(tmp_path)
    (item,) = load(tmp_path / "store", path, given=Given(date(2026, 7, 1), excerpt=True))
    assert item.edition.release == "2026 Q3"
    (item,) = load(tmp_path / "store", path, given=Given(date(2026, 11, 15), date(2026, 12, 31), excerpt=True))
    assert str(item.edition) == "2026-11-15 to 2026-12-31 (2026-11-15 to 2026-12-31)"


def test_files_without_a_date_are_refused_with_advice(tmp_path: Path) -> None:
    path = SMALL["MUE hospital"].at(tmp_path).rename(tmp_path / "x.csv")
    with pytest.raises(FileRefused, match="nor its name says from which day it is in force; give it by --since"):
        load(tmp_path / "store", path)


def test_the_asp_crosswalk_is_read_by_ndc_and_by_code(tmp_path: Path) -> None:
    tables = loaded(tmp_path, "ASP crosswalk").tables
    by_ndc, by_code = tables[external.ASP_CROSSWALK], tables[external.ASP_CODES]
    both = by_ndc.rows("00069130510", DAY)
    assert [(item.text("code"), item.text("units")) for item in both] == [("Q5105", "20"), ("Q5106", "2")]
    assert str(row(by_ndc, "00003218811").number("units")) == "12.5"
    empty = row(by_ndc, "49401010101")
    assert [empty.text(name) for name in ("units", "units_per_package", "size")] == ["", "12", ""]
    assert not by_ndc.has("888867413689")
    assert row(by_code, "J9035").values == {
        "ndc": "50242006001",
        "units": "10",
        "units_per_package": "10",
        "quantity": "1",
        "size": "4",
        "dosage": "10 MG",
        "drug": "Avastin\xae",
    }


def test_old_headings_of_the_crosswalk_and_the_limits(tmp_path: Path) -> None:
    older = ASP.replace(",NDC,", ",NDC2,").replace("_2026_CODE", "_2025_CODE").replace("Short Desc", "Short Desc")
    path = public_files.written(tmp_path / "old.csv", older)
    assert [item.rows for item in load(tmp_path / "store", path)] == [5, 5]
    rows = [line.split(",") for line in LIMITS.splitlines() if "10 MG" in line or "Code" in line]
    path = public_files.written(tmp_path / "limits.csv", csv_text(*(",".join(cells[:4] + cells[5:]) for cells in rows)))
    load(tmp_path / "store", path, given=Given(*QUARTER, excerpt=True))
    found = row(Store(tmp_path / "store").tables[external.PAYMENT_LIMITS], "J9035")
    assert (found.text("limit"), found.text("coinsurance"), found.text("dosage")) == ("73.201", "", "10 MG")


def test_crosswalks_of_other_price_lists_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "october-2026-ndc-hcpcs-crosswalk"
    folder.mkdir()
    for name in ("ASP", "AWP", "OPPS"):
        public_files.written(folder / f"{name}.csv", ASP.replace("ASP NDC", f"{name} NDC"))
    assert [item.edition.source for item in load(tmp_path / "store", folder)] == ["ASP.csv", "ASP.csv"]


def test_payment_limits_are_read_with_those_of_noc_drugs(tmp_path: Path) -> None:
    table = loaded(tmp_path, "payment limits").tables[external.PAYMENT_LIMITS]
    assert row(table, "J0897").values == {"limit": "29.856", "coinsurance": "17.885", "dosage": "1 MG"}
    assert row(table, "A9606").number("limit") is None
    noc = loaded(tmp_path, "NOC prices").tables[external.NOC_PRICING]
    assert row(noc, "VASOPRESSIN (LONG GROVE)").text("limit") == "1002.462"
    drug = loaded(tmp_path, "NOC crosswalk").tables[external.NOC_CROSSWALK].row("81298855203", DAY)
    assert drug and (drug.text("name"), drug.text("units")) == ("VASOPRESSIN (LONG GROVE)", "20")


def test_limits_of_units(tmp_path: Path) -> None:
    table = loaded(tmp_path, "MUE practitioner").tables[external.MUE_PRACTITIONER]
    codes = public_files.procedures(12)
    assert row(table, codes[0]).values == {"units": "0", "adjudication": "1"}
    assert row(table, codes[4]).values == {"units": "4", "adjudication": "2"}
    medicaid = loaded(tmp_path, "MUE Medicaid").tables[external.MEDICAID_MUE_PRACTITIONER]
    assert row(medicaid, codes[4]).values == {"units": "4"}


def test_limits_whose_heading_does_not_name_the_setting(tmp_path: Path) -> None:
    text = "".join(public_files.mue("", 12, medicaid=True)).replace(" MUE Values", "MUE Value")
    path = public_files.written(tmp_path / "medicaid-ncci-q4-2026-mue-edits-durable-medical-equipment.csv", text)
    assert [item.name for item in load(tmp_path / "store", path)] == [external.MEDICAID_MUE_DME]
    path = path.rename(tmp_path / "mue-2026q4.csv")
    with pytest.raises(FileRefused, match="neither its headings nor its name say for which providers the limits are"):
        load(tmp_path / "store", path)


PTP_HEAD = "".join(public_files.ptp(0))


def pairs(folder: Path, *rows: str) -> Table:
    path = public_files.written(folder / "ccipra-v323r0.txt", PTP_HEAD + csv_text(*rows))
    load(folder / "store", path)
    return Store(folder / "store").tables[external.NCCI_PRACTITIONER]


def test_pairs_with_many_windows_deleted_on_their_first_day_and_from_before_1996(tmp_path: Path) -> None:
    table = pairs(
        tmp_path,
        "0001A\t90473\t\t20220101\t20220101\t9\tWords",
        "13121\t13120\t*\t19960101\t*\t0\tWords",
        "13121\t13131\t\t20200101\t*\t1\tWords",
        "13121\t13131\t\t20100101\t20121231\t0\tWords",
        "13121\t13132\t\t1/1/2020\t99999999\t0\tWords",
    )
    assert not table.has("0001A 90473")
    assert row(table, "13121 13120", date(1996, 1, 1)).text("modifier") == "0"
    assert row(table, "13121 13131").text("modifier") == "1"
    assert row(table, "13121 13131", date(2012, 12, 31)).text("modifier") == "0"
    assert table.row("13121 13131", date(2015, 1, 1)) is None
    assert row(table, "13121 13132").since == date(2020, 1, 1)


def test_pairs_in_a_spreadsheet_with_wrapped_headings(tmp_path: Path) -> None:
    rows = [line.split("\t") for line in "".join(public_files.ptp(10)).splitlines()]
    path = workbook(tmp_path / "ccipra-v323r0.xlsx", rows)
    assert [item.rows for item in load(tmp_path / "store", path)] == [9]
    joined = [
        "Column 1",
        "Column 2",
        "*=in existence prior to 1996",
        "Effective Date",
        "Deletion Date *=no data",
        "Modifier 0=not allowed 1=allowed 9=not applicable",
        "PTP Edit Rationale",
    ]
    path = workbook(tmp_path / "ccioph-v323r0.xlsx", [*rows[:2], joined, *rows[6:]])
    assert [(item.name, item.rows) for item in load(tmp_path / "store", path)] == [(external.NCCI_HOSPITAL, 9)]


def test_an_edition_in_parts_answers_when_it_is_whole(tmp_path: Path) -> None:
    bounds = (("", "20000"), ("20001", "99999"), ("A0000", "~"))
    parts = [
        public_files.written(tmp_path / f"ccipra-v323r0-f{number}.TXT", public_files.ptp(60, first=first, last=last))
        for number, (first, last) in enumerate(bounds, 1)
    ]
    store = tmp_path / "store"
    for given, lacking in ((parts[2:], "part 1, 2"), (parts[:1], "part 2"), (parts[1:2], "")):
        load(store, *given)
        (one,) = Store(store).editions
        assert one.lacks == lacking
        assert Store(store).tables[external.NCCI_PRACTITIONER].covers(DAY) == (not lacking)
    first, last = public_files.procedures(15_000)[0], "R0075"
    table = Store(store).tables[external.NCCI_PRACTITIONER]
    assert any(table.has(f"{first} {two}") for two in public_files.procedures(15_000)[:60])
    assert table.keys() and not table.has(f"{last} 00000")
    load(tmp_path / "other", *parts[:2])
    with pytest.raises(NoEdition, match=r"the nearest is 2026 Q4, which lacks part 3 and any after it \(2026-10-01"):
        Store(tmp_path / "other").tables[external.NCCI_PRACTITIONER].row("10004 10004", DAY)
    (one,) = Store(tmp_path / "other").editions
    assert one.lacks == "part 3 and any after it"


def test_a_whole_file_replaces_its_parts(tmp_path: Path) -> None:
    part = public_files.written(tmp_path / "ccipra-v323r0-f1.TXT", public_files.ptp(60, last="20000"))
    load(tmp_path / "store", part)
    load(tmp_path / "store", SMALL["PTP practitioner"].at(tmp_path))
    (one,) = Store(tmp_path / "store").editions
    assert not one.lacks and one.rows == SMALL["PTP practitioner"].rows[external.NCCI_PRACTITIONER]


def test_packages_of_the_ndc_directory_have_eleven_digits(tmp_path: Path) -> None:
    table = loaded(tmp_path, "NDC directory").tables[external.NDC_DIRECTORY]
    assert set(map(len, table.keys())) == {11}
    single = row(table, "00001000101", date(2026, 10, 20))  # 0001-0001-01
    assert single.values == {
        "type": "HUMAN PRESCRIPTION DRUG",
        "form": "INJECTION, SOLUTION",
        "route": "INTRAVENOUS",
        "substance": "INVENTAMAB",
        "strength": "120",
        "strength_unit": "mg/1.5mL",
        "single_dose": "1",
        "package": "1 VIAL, SINGLE-DOSE in 1 CARTON (0001-0001-01)",
    }
    assert table.row("00001000101", DAY) is None  # its marketing ends before
    assert row(table, "00001000102").text("single_dose") == "0"
    assert row(table, "00001000101", date(2026, 10, 20)) and row(table, "00001000101", date(2025, 12, 1))
    assert row(table, "10001000101").text("route") == "SUBCUTANEOUS"  # 10001-001-01
    assert row(table, "50001000101").text("route") == "ORAL"  # 50001-0001-1


def test_packages_listed_twice_without_their_product_and_in_other_formats(tmp_path: Path) -> None:
    head = "\t".join(public_files.PACKAGE)
    rows = csv_text(
        head,
        "1_a\t72043-2500\t72043-2500-1\t48 g in 1 BOTTLE\t20180110\t20240101\tN\tN",
        "1_a\t72043-2500\t72043-2500-1\t48 g in 1 BOTTLE\t20250501\t\tN\tN",
        "2_b\t123456-0001\t123456-0001-01\t1 VIAL, SINGLE-USE in 1 KIT / 1 VIAL, MULTI-DOSE in 1 KIT\t20250501\t\tN\tN",
        "3_c\t0009-0001\t0009-0001-01\t1 VIAL\t20250501\t\tE\tN",
    )
    members = {"product.txt": public_files.products(3), "package.txt": [rows]}
    load(tmp_path / "store", public_files.zipped(tmp_path / "ndctext-20261015.zip", members))
    table = Store(tmp_path / "store").tables[external.NDC_DIRECTORY]
    assert table.keys() == {"72043250001"}
    assert len(table.rows("72043250001", DAY)) == 1
    assert len(table.all_rows("72043250001", DAY)) == 2
    assert row(table, "72043250001").values == {"package": "48 g in 1 BOTTLE"}


def test_products_and_packages_are_taken_from_one_folder_and_both_are_needed(tmp_path: Path) -> None:
    product = public_files.written(tmp_path / "product.txt", public_files.products(6))
    package = public_files.written(tmp_path / "package.txt", public_files.packages(12))
    with pytest.raises(FileRefused, match=r"0 files like product\.txt; give both of one day, or their folder or zip"):
        load(tmp_path / "store", package)
    given = Given(date(2026, 10, 15), excerpt=True)
    assert [item.rows for item in load(tmp_path / "store", package, product, given=given)] == [12]


@pytest.mark.parametrize("name", ["HCPCS", "HCPCS records"])
def test_codes_and_modifiers_with_their_days(name: str, tmp_path: Path) -> None:
    tables = loaded(tmp_path, name).tables
    modifiers, codes = tables[external.MODIFIERS], tables[external.HCPCS]
    assert modifiers.row("JG", DAY) is None
    assert row(modifiers, "JG", date(2024, 12, 31)).since == date(2018, 1, 1)
    assert row(codes, "J9035").values == {"coverage": "C", "betos": "P0", "type_of_service": "1", "action": "N"}
    assert codes.row("C9399", date(2026, 1, 1)) is None and row(codes, "C9399", date(2025, 12, 31))
    assert codes.covers(date(2016, 1, 1)) and not codes.covers(date(2015, 12, 31))


def test_add_on_codes_have_their_primaries_and_dates(tmp_path: Path) -> None:
    table = loaded(tmp_path, "add-on codes").tables[external.ADD_ON]
    assert row(table, "96366").values == {"type": "1", "primary": "96365"}
    assert row(table, "96366").since == date(2013, 4, 1)
    assert table.row("96415", DAY) is None and row(table, "96415", date(2024, 12, 31))
    assert row(table, "96368").values == {"type": "2"}


def test_diagnosis_codes_of_a_year_and_from_april(tmp_path: Path) -> None:
    load(tmp_path / "store", SMALL["ICD-10-CM"].at(tmp_path))
    folder = tmp_path / "april-1-2027-code-descriptions"
    folder.mkdir()
    public_files.written(folder / "icd10cm-order-2027.txt", public_files.order(60))
    load(tmp_path / "store", folder)
    table = Store(tmp_path / "store").tables[external.ICD10CM]
    assert [str(edition) for edition in table.editions] == [
        "FY 2027 (2026-10-01 to 2027-09-30)",
        "FY 2027, April (2027-04-01 to 2027-09-30)",
    ]
    in_march, in_april = table.edition(date(2027, 3, 31)), table.edition(date(2027, 4, 1))
    assert in_march and in_april and (in_march.release, in_april.release) == ("FY 2027", "FY 2027, April")
    assert row(loaded(tmp_path, "ICD-10-CM").tables[external.ICD10CM], "A00").text("billable") == "0"


def test_notes_of_the_tabular_list(tmp_path: Path) -> None:
    table = loaded(tmp_path, "tabular list").tables[external.ICD10CM_TABULAR]
    found = [item for key in ("E08", "E080", "D630") for item in table.rows(key, DAY)]
    notes = {(item.key, item.text("note")): item.text("codes") for item in found}
    assert notes == {
        ("E08", "code_first"): "Q871 C00-C96",
        ("E08", "excludes1"): "E09 P702",
        ("D630", "manifestation"): "",
        ("D630", "excludes1"): "",
    }


def test_payments_of_hospitals(tmp_path: Path) -> None:
    table = loaded(tmp_path, "Addendum B").tables[external.ADDENDUM_B]
    assert row(table, "G0463").values == {"status": "J2", "apc": "5012", "payment": "3307.24"}
    assert row(table, "96365").text("payment") == "210.123"
    assert row(table, "J0490").values == {"status": "K", "apc": "1353"}


def test_places_of_service_have_the_day_from_which_they_are_in_force(tmp_path: Path) -> None:
    table = loaded(tmp_path, "places").tables[external.PLACES_OF_SERVICE]
    assert table.keys() == {"11", "19", "22"}
    assert table.row("19", date(2015, 12, 31)) is None and row(table, "19", date(2016, 1, 1))
    assert row(table, "22", date(2010, 1, 1))
    assert table.edition(date(2030, 1, 1))


def test_deactivated_npis_and_own_lists(tmp_path: Path) -> None:
    table = loaded(tmp_path, "deactivated NPIs").tables[external.DEACTIVATED_NPIS]
    assert table.row("1003000100", date(2026, 10, 4)) is None and row(table, "1003000100", date(2026, 10, 5))
    own = loaded(tmp_path, "own NPIs").tables[external.DEACTIVATED_NPIS]
    assert own.row("1003000118", date(2021, 1, 2)) is None and row(own, "1003000118", date(2021, 1, 1))
    single = loaded(tmp_path, "single-dose").tables[external.SINGLE_DOSE]
    assert row(single, "J0490") and single.row("J9035", date(2026, 12, 1)) is None


def test_no_description_is_kept(tmp_path: Path) -> None:
    for name, small in SMALL.items():
        folder = tmp_path / name
        folder.mkdir()
        load(folder / "store", small.at(folder))
        assert b"Words" not in (folder / "store").read_bytes(), name


def test_editions_know_their_file(tmp_path: Path) -> None:
    path = SMALL["MUE DME"].at(tmp_path)
    (item,) = load(tmp_path / "store", path)
    assert isinstance(item.edition, Edition)
    assert item.edition.source == path.name and len(item.edition.sha256) == 64
