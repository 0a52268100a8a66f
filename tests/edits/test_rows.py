"""Every row of every shipped table is read by an edit: what it says of a drug is checked on that drug's claims."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from scrubber.reference import Drug, Facts, Label, Product, shipped
from scrubber.reference.administration import Administration
from scrubber.reference.billing import BillType, Spacing
from scrubber.reference.therapy import Combination, LabelledDose, Therapy, Unlabelled
from tests.builder import ClaimSpec, LineSpec, drug_line, infusion_claim
from tests.edits.judging import judge
from tests.scrubbing import ROOT, engine, scrub_one

FACTS = shipped()
TODAY = date(2026, 10, 5)
NO_DIAGNOSIS = "Z0000"


def ids(row: object) -> str:
    """A name for a row in the list of tests."""
    names = ("hcpcs", "ndc9", "code", "begins", "indication", "kind", "substances", "digits", "first", "since")
    return " ".join(str(value) for name in names if (value := getattr(row, name, None)))


def each_row(rows: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", list(rows), ids=ids)  # type: ignore[call-overload]


def codes_of(substances: tuple[str, ...]) -> list[str]:
    codes = sorted(FACTS.codes_of_all(substances))
    assert codes, "a row for a substance without a code"
    return codes


def line_of(code: str, **changes: Any) -> LineSpec:
    """A line of a drug: one package of its first product."""
    product = next(item for item in FACTS.products if item.hcpcs == code)
    line = LineSpec(code, ("JZ",), int(product.units or 1), charge=1000)
    return attrs.evolve(line, **changes)


def claim_of(code: str, *beside: LineSpec, **changes: Any) -> ClaimSpec:
    return infusion_claim(lines=(line_of(code), *beside), **changes)


def found(claim: ClaimSpec, *codes: str, facts: Facts = FACTS) -> set[str]:
    """Those of some codes that are found on a claim."""
    return {code for code in codes for one in judge([claim], code, facts=facts) for _ in one.findings}


def diagnosis_of(name: str) -> str:
    """A code of a set of diagnoses."""
    chosen = FACTS.diagnosis_set(name)
    return min(chosen.codes) if chosen.codes else f"{chosen.begins[0]}9"


@each_row(FACTS.drugs)
def test_each_drug_code_has_products_and_is_asked_for_its_waste(row: Drug) -> None:
    assert found(infusion_claim(lines=(line_of(row.hcpcs, modifiers=()),)), "JWJZ01") == {"JWJZ01"}


@each_row(FACTS.products)
def test_each_product_is_held_against_its_code(row: Product) -> None:
    ndc = f"{row.ndc9}{row.packages[0]}"
    if row.hcpcs is None:
        assert found(infusion_claim(lines=(drug_line(ndc=ndc),)), "NDC05") == {"NDC05"}
        return
    line = line_of(row.hcpcs, units=int(row.units or 1), ndc=ndc, ndc_quantity=1, ndc_unit="UN")
    assert found(infusion_claim(lines=(line,)), "NDC04", "NDC05", "NDC06", "NDC07", "NDC08") == set()
    unlisted = attrs.evolve(line, ndc=f"{row.ndc9}98", ndc_quantity=3, ndc_unit="F2")
    assert found(infusion_claim(lines=(unlisted,)), "NDC04", "NDC08") == {"NDC04", "NDC08"}
    assert found(infusion_claim(lines=(attrs.evolve(line, ndc_quantity=3),)), "NDC07") == {"NDC07"}
    other = "J1745" if row.substance != "infliximab" else "J0490"
    assert found(infusion_claim(lines=(attrs.evolve(line, procedure=other),)), "NDC06") == {"NDC06"}


INTRAVENOUS = [row for row in FACTS.labels if row.substances != ("belimumab",) or row.route == "intravenous"]


@each_row(INTRAVENOUS)
def test_each_label_is_asked_for_diagnosis_and_age(row: Label) -> None:
    """With this row as the only label of its substances, what it covers is silent and what it does not is found."""
    only = attrs.evolve(FACTS, labels=(row,))
    codes = ("AGE01", "AGE02", "DX03")
    for code in codes_of(row.substances):
        day = max(row.since, next(drug.since for drug in FACTS.drugs if drug.hcpcs == code))
        born = day - timedelta(days=round(365.25 * (row.age_min + 1)))
        claim = infusion_claim(
            lines=(line_of(code, dates=day),), birth_date=born, diagnoses=(diagnosis_of(row.indication),)
        )
        assert found(claim, *codes, facts=only) == set()
        assert found(attrs.evolve(claim, diagnoses=(NO_DIAGNOSIS,)), *codes, facts=only) == {"DX03"}
        if row.age_min:
            younger = attrs.evolve(claim, birth_date=day - timedelta(days=round(365.25 * (row.age_min - 0.5))))
            assert found(younger, *codes, facts=only) & {"AGE01", "AGE02"}
        if row.age_max is not None:
            older = attrs.evolve(claim, birth_date=day - timedelta(days=round(365.25 * (row.age_max + 2))))
            assert found(older, *codes, facts=only) & {"AGE01", "AGE02"}


@each_row([row for row in FACTS.labels if row not in INTRAVENOUS])
def test_each_label_of_injected_belimumab_is_asked_for_age(row: Label) -> None:
    without = attrs.evolve(FACTS, labels=tuple(label for label in FACTS.labels if label is not row))
    age = row.age_min + 1 if row.age_min < 18 else 17
    line = drug_line(ndc="49401008801", dates=TODAY)
    claim = infusion_claim(
        lines=(line,), birth_date=date(TODAY.year - age, 1, 1), diagnoses=(diagnosis_of(row.indication),)
    )
    assert found(claim, "AGE03") == set()
    assert found(claim, "AGE03", facts=without) == ({"AGE03"} if row.age_min < 18 else set())


@each_row(FACTS.spacings)
def test_each_spacing_is_held_against_the_doses_of_a_patient(row: Spacing) -> None:
    for code in codes_of(row.substances):
        claims = [
            infusion_claim(lines=(line_of(code, dates=TODAY - timedelta(days=gap)),), member_id="9XX0XX0XX01")
            for gap in (row.too_close - 1, 0)
        ]
        edit = "INT01" if row.loading_until else "INT02"
        assert [finding.severity for finding in judge(claims, edit)[1].findings] == ["warn"]


def test_doses_of_a_drug_and_its_biosimilar_count_together() -> None:
    claims = [
        infusion_claim(lines=(line_of(code, dates=TODAY - timedelta(days=gap)),), member_id="9XX0XX0XX01")
        for code, gap in (("J1745", 7), ("Q5103", 0))
    ]
    assert [finding.severity for finding in judge(claims, "INT01")[1].findings] == ["warn"]


@each_row(FACTS.therapies)
def test_each_therapy_is_held_against_the_administration(row: Therapy) -> None:
    by_method = {
        code.method: code.code for code in FACTS.administrations.rows if code.code and code.takes_place_of_infusion
    }
    for code in codes_of(row.substances):
        assert f"({row.standard} is usual)" in scrub_one(claim_of(code), "ADM02").findings[0].fix
        for questioned in row.questioned:
            assert found(claim_of(code, LineSpec(questioned)), "ADM01") == {"ADM01"}
        for method in row.not_by:
            assert found(claim_of(code, LineSpec(by_method[method])), "ADM07") == {"ADM07"}
        assert found(claim_of(code, LineSpec(row.standard)), "ADM01", "ADM07") == set()
        hour = claim_of(code, LineSpec(row.standard), LineSpec("96366"))
        assert found(hour, "ADM08") == ({"ADM08"} if row.minutes else set())
        off_label = judge([claim_of(code, diagnoses=(NO_DIAGNOSIS,))], "DX03")[0]
        assert [finding.severity for finding in off_label.findings] == [row.beyond_label]


@each_row(FACTS.labelled_doses)
def test_each_dose_is_held_against_the_units(row: LabelledDose) -> None:
    for code in codes_of(row.substances):
        drug = next(drug for drug in FACTS.drugs if drug.hcpcs == code)
        most = row.most.number / drug.unit.number
        assert found(infusion_claim(lines=(line_of(code, units=most),)), "DOSE01") == set()
        assert found(infusion_claim(lines=(line_of(code, units=most * 10),)), "DOSE01") == {"DOSE01"}
        if row.most_per_kg and row.least_per_kg:
            pounds = round(100 / Decimal("0.453592"))
            right = line_of(code, units=row.most_per_kg * 100 / drug.unit.number)
            assert found(infusion_claim(lines=(right,), weight=pounds), "MIX03") == set()
            little = line_of(code, units=row.least_per_kg * 50 / drug.unit.number)
            assert found(infusion_claim(lines=(little,), weight=pounds), "MIX03") == {"MIX03"}


@each_row(FACTS.unlabelled)
def test_each_mistaken_diagnosis_is_looked_for(row: Unlabelled) -> None:
    edit = {"other_disease": "DX01", "related_disease": "DX08", "not_evaluated": "DX07"}[row.kind]
    for code in codes_of(row.substances):
        claim = claim_of(code, diagnoses=(diagnosis_of(row.diagnoses),))
        assert found(claim, edit) == {edit}
        for filing in row.filing_in_doubt:
            assert judge([attrs.evolve(claim, filing=filing)], edit)[0].findings[0].severity == "warn"
        if row.unless:
            both = (diagnosis_of(row.diagnoses), diagnosis_of(row.unless))
            beside = infusion_claim(lines=(line_of(code, pointers=(1, 2)),), diagnoses=both)
            assert found(beside, edit) == set()


@each_row(FACTS.combinations)
def test_each_combination_is_looked_for(row: Combination) -> None:
    edit = "MIX04" if row.days else "MIX01"
    for first in codes_of(row.first):
        for second in codes_of(row.second):
            assert found(claim_of(first, line_of(second)), edit) == {edit}
            later = line_of(second, dates=TODAY + timedelta(days=row.days + 1))
            assert found(claim_of(first, later), edit) == set()


@each_row(FACTS.confusions)
def test_codes_that_are_mistaken_for_each_other_hint_at_each_other(row: object) -> None:
    child = date(2014, 5, 1)
    (scrubbed,) = judge([claim_of("J0491", birth_date=child)], "AGE02")
    assert "J0490 may have been meant" in scrubbed.findings[0].message
    assert found(infusion_claim(lines=(line_of("J0490", units=300),)), "MIX02") == {"MIX02"}


@each_row(FACTS.administrations.rows)
def test_each_administration_plays_its_part(row: Administration) -> None:
    code = row.code or f"{row.begins}59"
    assert found(claim_of("J1745", LineSpec(code)), "ADM02") == set()
    if row.primaries:
        assert found(claim_of("J1745", LineSpec(code)), "ADM04") == {"ADM04"}
        for primary in row.primaries:
            both = judge([claim_of("J1745", LineSpec(code), LineSpec(primary))], "ADM04")[0]
            assert 2 not in [finding.location.service_line for finding in both.findings]
    if row.most_units:
        assert found(claim_of("J1745", LineSpec(code, units=row.most_units + 1)), "ADM06") == {"ADM06"}


@each_row(FACTS.bill_types)
def test_each_bill_type_that_pays_no_drug_by_the_line_is_left_alone(row: BillType) -> None:
    for digits in row.digits:
        claim = infusion_claim("837I", lines=(line_of("J0490", modifiers=()),), filing="MC", facility_code=digits)
        assert found(claim, "NDC01", "JWJZ01", "ADM02") == set()
        assert found(attrs.evolve(claim, facility_code="13"), "NDC01", "JWJZ01") == {"NDC01", "JWJZ01"}


SOURCE = "".join(
    path.read_text("utf-8") for folder in ("edits", "scrubber") for path in sorted((ROOT / folder).rglob("*.py"))
)


@pytest.mark.parametrize("name", sorted(FACTS.families))
def test_each_family_is_asked_for(name: str) -> None:
    assert re.search(rf'"{name}"', SOURCE)


@pytest.mark.parametrize("name", sorted(FACTS.diagnoses))
def test_each_set_of_diagnoses_is_asked_for(name: str) -> None:
    in_rows = {row.indication for row in FACTS.labels} | {
        given for row in FACTS.unlabelled for given in (row.diagnoses, row.unless) if given
    }
    assert name in in_rows or re.search(rf'"{name}"', SOURCE)


def test_no_edit_names_a_drug_code() -> None:
    """What holds for a drug is a row; codes in docstrings, titles and sources are examples."""
    for path in sorted((ROOT / "edits").glob("*.py")):
        code = re.sub(r'"""(?:[^"]|"(?!""))*"""', "", path.read_text("utf-8"))
        code = re.sub(r"source=f?\"[^\n]*\"", "", code)
        assert not re.search(r"\"J049[01]\"", code), path.name


@pytest.mark.parametrize("given_by", ["96413", "96365", "96401", "99601", "S9379", "G0069"])
def test_a_drug_that_no_table_has_is_named_once_as_not_judged(given_by: str) -> None:
    claim = infusion_claim(lines=(LineSpec("J3380", ("JZ",), 300), LineSpec("J1200"), LineSpec(given_by)))
    scrubbed = scrub_one(claim)
    assert [item.code for item in scrubbed.not_checked] == ["DRUG01"]
    assert "J3380" in scrubbed.not_checked[0].reason
    known = scrub_one(infusion_claim(lines=(drug_line(), LineSpec("J1200"), LineSpec("96365"))))
    assert known.not_checked == ()
    assert engine().catalogue["DRUG01"].severities.ffs == "info"
