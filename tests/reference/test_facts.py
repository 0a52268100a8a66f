"""The shipped tables: dated, sourced, and asked for by code, NDC and day."""

from __future__ import annotations

from datetime import date

import pytest

from scrubber.reference import JW, JZ, shipped
from scrubber.reference.drugs import Drug, Label, Product
from scrubber.reference.editions import Row, external_table
from scrubber.reference.modifiers import Modifier
from tests.scrubbing import each

FACTS = shipped()
TODAY = date(2026, 10, 5)


@each(
    ("hcpcs", "first", "substance"),
    {"J0490": ("J0490", date(2012, 1, 1), "belimumab"), "J0491": ("J0491", date(2022, 4, 1), "anifrolumab")},
)
def test_a_code_stands_for_its_drug_from_its_first_day_on(hcpcs: str, first: date, substance: str) -> None:
    drug = FACTS.drug(hcpcs, first)
    assert drug is not None
    assert drug.substance == substance
    assert FACTS.single_dose(hcpcs)
    assert FACTS.drug(hcpcs, TODAY) == drug
    assert FACTS.drug(hcpcs, date.fromordinal(first.toordinal() - 1)) is None
    assert FACTS.drug("J0000", TODAY) is None


@each(
    ("ndc", "hcpcs", "route", "units"),
    {
        "120 mg vial": ("49401010101", "J0490", "intravenous", 12),
        "400 mg vial": ("49401010201", "J0490", "intravenous", 40),
        "autoinjector": ("49401008801", None, "subcutaneous", None),
        "autoinjector 35": ("49401008835", None, "subcutaneous", None),
        "syringe": ("49401008842", None, "subcutaneous", None),
        "anifrolumab": ("00310304000", "J0491", "intravenous", 300),
    },
)
def test_an_ndc_stands_for_its_product(ndc: str, hcpcs: str | None, route: str, units: int | None) -> None:
    product = FACTS.product(ndc)
    assert product is not None
    assert (product.hcpcs, product.route, product.units) == (hcpcs, route, units)
    assert FACTS.product(f"{ndc[:5]}-{ndc[5:9]}-{ndc[9:]}") == product


@pytest.mark.parametrize(
    "ndc", ["", "4940110101", "49401-101-01", "494010101010", "49401 0101 01", "N4", "99999999999", "-" * 13]
)
def test_what_is_no_known_ndc_of_eleven_digits_stands_for_nothing(ndc: str) -> None:
    assert FACTS.product(ndc) is None


def test_the_vials_of_a_drug_are_named_for_a_message() -> None:
    assert FACTS.vial_ndcs("J0490") == "49401-0101-01 or 49401-0102-01"
    assert FACTS.vial_ndcs("J0000") == ""


def test_when_the_waste_modifiers_came() -> None:
    assert JW.required == date(2017, 1, 1)
    assert (JZ.defined, JZ.required, JZ.enforced) == (date(2023, 1, 1), date(2023, 7, 1), date(2023, 10, 1))


def test_labels_cover_an_age_from_a_day_on() -> None:
    minors = [label for label in FACTS.labels_of("belimumab", "subcutaneous") if label.age_min == 5]
    assert {(label.indication, label.device, label.since) for label in minors} == {
        ("sle", "autoinjector", date(2024, 5, 21)),
        ("lupus_nephritis", "autoinjector", date(2025, 6, 24)),
    }
    for label in minors:
        before = date.fromordinal(label.since.toordinal() - 1)
        assert [label.covers(age, label.since) for age in (4, 5, 17, 18)] == [False, True, True, False]
        assert not label.covers(10, before)


def test_sets_of_diagnoses_do_not_overlap_where_they_must_not() -> None:
    sle = FACTS.diagnosis_set("sle")
    assert FACTS.diagnosis_set("drug_induced_lupus").codes == {"M320"}
    assert FACTS.diagnosis_set("lupus_nephritis").codes < sle.codes
    assert not sle.holds_any(["M32", "M320", "M321", "N059"])


def test_a_set_of_diagnoses_may_hold_all_that_begin_alike() -> None:
    crohn = FACTS.diagnosis_set("crohn")
    assert "K5080" in crohn
    assert "K5190" not in crohn
    assert FACTS.diagnosis_set("any_systemic_lupus").holds_any(["I10", "M3219"])


def test_no_set_or_family_has_another_name() -> None:
    for unknown in (FACTS.diagnosis_set, FACTS.family):
        with pytest.raises(KeyError):
            unknown("no such name")


def test_each_fact_has_its_source() -> None:
    facts: tuple[Drug | Product | Label | Modifier, ...] = (
        *FACTS.drugs,
        *FACTS.products,
        *FACTS.labels,
        JW,
        JZ,
    )
    assert [fact for fact in facts if not (fact.source and 0 < fact.confidence <= 1)] == []


def test_the_release_is_a_fingerprint_of_the_tables() -> None:
    assert len(FACTS.release) == 12
    assert FACTS.release == shipped().release


def test_rows_of_a_table_hold_from_and_until_a_day() -> None:
    first, last, next_first = date(2025, 10, 1), date(2026, 9, 30), date(2026, 10, 1)
    rows = [Row("N183", first, last, {"billable": "1"}), Row("N183", next_first, None, {"billable": "0"})]
    table = external_table("icd10cm", "2026", rows)
    days = (date(2025, 9, 30), first, last, next_first)
    found = [table.row("N183", day) for day in days]
    assert [row.values["billable"] if row else None for row in found] == [None, "1", "1", "0"]
    assert table.row("M32", first) is None
