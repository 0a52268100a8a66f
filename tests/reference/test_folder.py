"""A folder with tables of the user's own: what it adds, what it replaces, and what is wrong with it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from scrubber.reference import Facts, shipped
from scrubber.reference.drugs import amount
from scrubber.reference.folder import FactsError
from scrubber.reference.loading import with_folders
from tests.scrubbing import each

DAY = date(2026, 3, 2)
DRUG = """
[[drug]]
hcpcs = "J9876"
substance = "inventamab"
brand = "Inventa"
unit = "4 mg"
since = 2025-01-01
source = "Invented"
confidence = 0.9
"""
PRODUCT = """
[[product]]
ndc9 = "999990001"
substance = "inventamab"
label = "Inventa 100 mg vial"
route = "intravenous"
form = "vial"
single_dose = true
hcpcs = "J9876"
units = 25
counted_in = ["UN"]
packages = ["01"]
source = "Invented"
confidence = 0.9
"""


def facts_with(folder: Path, **tables: str) -> Facts:
    """The facts with tables of a folder; a table's name may end with its ending, as in `drugs_csv`."""
    for name, text in tables.items():
        stem, _, ending = name.rpartition("_")
        file = f"{stem}.csv" if ending == "csv" else f"{name}.toml"
        (folder / file).write_text(text, "utf-8")
    return with_folders([folder])


def fault(folder: Path, **tables: str) -> str:
    """The message about tables that cannot be used, without the path of the folder."""
    with pytest.raises(FactsError) as raised:
        facts_with(folder, **tables)
    return str(raised.value).replace(f"{folder}/", "")


def test_a_drug_of_the_user_is_known_with_the_shipped_ones(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, drugs=DRUG, products=PRODUCT)
    drug = facts.drug("J9876", DAY)
    assert drug is not None
    assert drug.unit == amount("4 mg")
    assert facts.vials("J9876", DAY) == {25}
    assert facts.single_dose("J9876")
    assert facts.drug_codes == shipped().drug_codes | {"J9876"}
    assert facts.release != shipped().release
    assert shipped().drug("J9876", DAY) is None


def test_a_table_may_be_csv(tmp_path: Path) -> None:
    products = (
        "# invented\n"
        "ndc9,substance,label,form,packages,hcpcs,units,ml,counted_in,single_dose,since,source,confidence\n"
        '999990001,inventamab,"Inventa, 100 mg",powder,01; 02,J9876,12.5,,UN; ML,true,2025-01-01,Invented,0.9\n'
    )
    product = facts_with(tmp_path, drugs=DRUG, products_csv=products).product("99999000102")
    assert product is not None
    assert (product.label, product.packages, product.counted_in) == ("Inventa, 100 mg", ("01", "02"), ("UN", "ML"))
    assert (product.units, product.ml, product.single_dose) == (Decimal("12.5"), None, True)
    assert (product.since, product.confidence) == (date(2025, 1, 1), 0.9)


def test_rows_replace_all_shipped_rows_of_the_same_key(tmp_path: Path) -> None:
    label = """
[[label]]
substances = ["belimumab"]
route = "intravenous"
device = "vial"
indication = "sle"
age_min = 12
since = 2011-03-09
source = "Invented"
confidence = 0.9
"""
    dose = '[[dose]]\nsubstances = ["rituximab"]\nmost = "99 mg"\nsource = "Invented"\nconfidence = 0.9\n'
    facts = facts_with(tmp_path, labels=label, doses=dose)
    ages = [row.age_min for row in facts.labels_of("belimumab", "intravenous") if row.indication == "sle"]
    assert ages == [12]
    nephritis = [row for row in facts.labels_of("belimumab", "intravenous") if row.indication == "lupus_nephritis"]
    assert nephritis == [
        row for row in shipped().labels_of("belimumab", "intravenous") if row.indication == "lupus_nephritis"
    ]
    for substance, most in {"rituximab": "99 mg", "rituximab-abbs": "1500 mg"}.items():
        rule = facts.labelled_dose(substance)
        assert rule is not None
        assert rule.most == amount(most)


def test_a_set_and_a_family_are_replaced_by_name(tmp_path: Path) -> None:
    families = '[home]\ncodes = ["12", "13"]\nsource = "Invented"\n'
    sets = '[an_own_set]\nbegins = ["Z99"]\nsource = "Invented"\n'
    facts = facts_with(tmp_path, families=families, diagnoses=sets)
    assert facts.family("home") == {"12", "13"}
    assert "Z9981" in facts.diagnosis_set("an_own_set")
    assert facts.diagnosis_set("sle") == shipped().diagnosis_set("sle")


def test_a_later_folder_stands_on_an_earlier_one(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (first / "drugs.toml").write_text(DRUG)
    (second / "products.toml").write_text(PRODUCT)
    assert with_folders([first, second]).vials("J9876", DAY) == {25}
    with pytest.raises(FactsError, match="J9876"):
        with_folders([second, first])


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[no toml")
    (tmp_path / ".drugs.toml").write_text("[no toml")
    assert facts_with(tmp_path, drugs=DRUG).drug("J9876", DAY) is not None


@each(
    ("table", "text", "message"),
    {
        "misspelt name": ("drug", DRUG, "drug.toml: there is no table of this name; did you mean drugs?"),
        "fixed table": ("modifiers", "", "modifiers.toml: this table cannot be changed"),
        "no TOML": ("drugs", "[[drug]", "drugs.toml: Expected ']]' at the end of an array declaration"),
        "another array": (
            "drugs",
            "[[drugs]]\n",
            "drugs.toml: 'drugs' is no part of this table; its rows are [[drug]]",
        ),
        "column of an earlier version": (
            "drugs",
            DRUG.replace("unit =", "milligrams ="),
            "drugs.toml, drug 1: unknown column 'milligrams'; it is now unit, an amount with its measure",
        ),
        "misspelt column": ("drugs", DRUG.replace("unit", "units"), "drugs.toml, drug 1: unknown column 'units'; did"),
        "missing column": ("drugs", DRUG.replace('source = "Invented"', ""), "drugs.toml, drug 1: source is missing"),
        "wrong type": (
            "drugs",
            DRUG.replace("2025-01-01", '"2025"'),
            "drugs.toml, drug 1: since must be a date without",
        ),
        "no amount": (
            "drugs",
            DRUG.replace("4 mg", "4mg"),
            "drugs.toml, drug 1: '4mg' is not an amount such as '10 mg'",
        ),
        "too sure": ("drugs", DRUG.replace("0.9", "9"), "drugs.toml, drug 1: confidence must be above 0 and at most 1"),
        "no source": ("drugs", DRUG.replace("Invented", " "), "drugs.toml, drug 1: source is empty"),
        "second row": ("drugs", DRUG + DRUG.replace('"J9876"', "9876"), "drugs.toml, drug 2: hcpcs must be text"),
        "until before since": ("drugs", f"{DRUG}until = 2024-01-01", "drugs.toml, drug 1: until is before since"),
        "hyphens": (
            "products",
            PRODUCT.replace("999990001", "99999-0001"),
            "products.toml, product 1: ndc9 must be the",
        ),
        "containers of fewer packages": (
            "products",
            PRODUCT + 'containers = ["2", "4"]\n',
            "products.toml, product 1: containers must be a whole number in quotes for each of the packages",
        ),
        "no containers": (
            "products",
            PRODUCT + 'containers = ["0"]\n',
            "products.toml, product 1: containers must be a whole number in quotes for each of the packages",
        ),
        "spacing for no set": (
            "spacing",
            '[[spacing]]\nsubstances = ["belimumab"]\ntoo_close = 7\nusual_from = 9\ndiagnoses = "mine"\n'
            'source = "x"\nconfidence = 0.5\n',
            "spacing, spacing 1: diagnoses has 'mine', which is no set in diagnoses",
        ),
        "code of no drug": ("products", PRODUCT, "products, product 1: hcpcs has 'J9876', which is no code in drugs"),
        "list of numbers": (
            "products",
            PRODUCT.replace('"01"', "1"),
            "products.toml, product 1: packages must be a list",
        ),
        "not a table": ("families", "home = 12", "families.toml: 'home' must be a table, [home]"),
        "csv, cells": ("drugs_csv", "hcpcs,unit\nJ9876\n", "drugs.csv: line 2 has 1 cells, but there are 2 columns"),
        "csv, value": ("drugs_csv", "hcpcs,since\nJ9876,soon\n", "drugs.csv, line 2: Invalid isoformat string: 'soon'"),
        "csv, comment": ("drugs_csv", "#\n#\nhcpcs,unit\n\nJ9876,4 mg\n", "drugs.csv, line 5: substance is missing"),
        "csv, long text": (
            "drugs_csv",
            f"hcpcs,unit\nJ9876,{'4' * 4_097}\n",
            "drugs.csv: line 2 has a text of more than 4,096 characters",
        ),
        "csv, quote": ("drugs_csv", 'hcpcs,unit\n"J9876,4 mg\n', "drugs.csv: line 2: unexpected end of data"),
    },
)
def test_a_table_that_cannot_be_used(tmp_path: Path, table: str, text: str, message: str) -> None:
    assert message in fault(tmp_path, **{table: text})


def test_an_amount_of_another_measure(tmp_path: Path) -> None:
    dose = '[[dose]]\nsubstances = ["inventamab"]\nmost = "4 mcg"\nsource = "Invented"\nconfidence = 0.9\n'
    assert "most is in mcg, but J9876 in mg" in fault(tmp_path, drugs=DRUG, doses=dose)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    lines = fault(tmp_path, drugs=DRUG.replace("unit", "units"), products="[[").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["drugs.toml, drug 1", "products.toml"]


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match="there is no table in this folder"):
        with_folders([tmp_path])
    with pytest.raises(OSError, match="nowhere"):
        with_folders([tmp_path / "nowhere"])


def test_text_that_is_no_utf_8(tmp_path: Path) -> None:
    (tmp_path / "drugs.toml").write_bytes(DRUG.encode("utf-16"))
    with pytest.raises(FactsError, match="codec can't decode"):
        with_folders([tmp_path])
    (tmp_path / "drugs.toml").write_bytes(DRUG.encode("utf-8-sig"))
    assert with_folders([tmp_path]).drug("J9876", DAY)
