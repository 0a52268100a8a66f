"""Every row of every shipped table is read by an edit: what it says of a drug is checked on that drug's claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from math import ceil
from typing import Any

import attrs
import pytest

from scrubber.reference import JZ, Facts, Label, Product, shipped
from scrubber.reference.administration import Administration
from scrubber.reference.billing import BillType, Spacing
from scrubber.reference.external import ICD10CM
from scrubber.reference.therapy import Combination, LabelledDose, ProductDose, Therapy, Unlabelled
from scrubber.testing import ClaimSpec, LineSpec, build, drug_line, infusion_claim
from tests.edits.judging import judge
from tests.scrubbing import ROOT, engine, scrub_one, scrub_text

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
    """A line of a drug: one container of its first product, on a day on which the code is in force."""
    product = FACTS.products.of_code(code)[0]
    drug = FACTS.any_drug(code)
    day = drug.until if drug and drug.until else TODAY
    line = LineSpec(code, ("JZ",), ceil(product.units or 1), charge=1000, dates=day)
    return attrs.evolve(line, **changes)


def claim_of(code: str, *beside: LineSpec, **changes: Any) -> ClaimSpec:
    line = line_of(code)
    if line.dates != TODAY:
        beside = tuple(attrs.evolve(other, dates=line.dates) for other in beside)
    return infusion_claim(lines=(line, *beside), **changes)


def found_on_each(claims: Sequence[ClaimSpec], *codes: str, facts: Facts = FACTS) -> list[set[str]]:
    """Those of some codes that are found on each of some claims. One file holds all claims, as there are many."""
    by_code = {code: judge(claims, code, facts=facts) for code in codes}
    return [{code for code in codes if by_code[code][number].findings} for number in range(len(claims))]


def found(claim: ClaimSpec, *codes: str, facts: Facts = FACTS) -> set[str]:
    """Those of some codes that are found on a claim."""
    return found_on_each([claim], *codes, facts=facts)[0]


def differing(rows: Sequence[Any], answers: Sequence[set[str]], expected: Callable[[Any], set[str]]) -> list[str]:
    """The rows for which something else is found than is expected."""
    return [f"{ids(row)}: {answer}" for row, answer in zip(rows, answers, strict=True) if answer != expected(row)]


@cache
def diagnosis_of(name: str) -> str:
    """A complete code of a set of diagnoses."""
    chosen, table = FACTS.diagnosis_set(name), FACTS.tables[ICD10CM]
    last = max(edition.until for edition in table.editions if edition.until)
    codes = table.keys()
    candidates = sorted(code for code in codes if code in chosen)
    return next(code for code in candidates if (row := table.row(code, last)) and row.text("billable") == "1")


def test_each_code_of_a_set_of_diagnoses_is_in_the_lists() -> None:
    table = FACTS.tables[ICD10CM]
    codes = {code for name, row in FACTS.diagnoses.items() if name != "never_codes" for code in row.codes}
    assert sorted(code for code in codes if not table.has(code)) == []


def test_each_single_dose_drug_is_asked_for_its_waste_and_no_other() -> None:
    assert all(FACTS.products.of_code(drug.hcpcs) for drug in FACTS.drugs)
    after = [drug for drug in FACTS.drugs if drug.until is None or drug.until >= JZ.defined]
    claims = [infusion_claim(lines=(line_of(drug.hcpcs, modifiers=()),)) for drug in after]
    answers = found_on_each(claims, "JWJZ01")
    assert differing(after, answers, lambda drug: {"JWJZ01"} if FACTS.single_dose(drug.hcpcs) else set()) == []
    assert sum(bool(FACTS.single_dose(drug.hcpcs)) for drug in after) > 150


PRODUCTS = [product for product in FACTS.products if product.hcpcs]


def claim_with(product: Product, **changes: Any) -> ClaimSpec:
    """A claim with one container of a product, as payers count it: in containers if they take that, else in mL.

    Where the units of a container are open, those of another product of the code are billed.
    """
    ndc = f"{product.ndc9}{product.packages[0]}"
    in_containers = not product.counted_in or "UN" in product.counted_in
    unit, quantity = ("UN", 1) if in_containers else ("ML", product.ml or 1)
    units = product.units or next((item.units for item in PRODUCTS if item.hcpcs == product.hcpcs and item.units), 1)
    line = line_of(product.hcpcs or "", units=ceil(units), ndc=ndc, ndc_quantity=quantity, ndc_unit=unit)
    return infusion_claim(lines=(attrs.evolve(line, **changes),))


def test_each_product_is_silent_under_its_code() -> None:
    edits = ("NDC04", "NDC05", "NDC06", "NDC07", "NDC08", "NDC09", "JWJZ06", "JWJZ09")
    claims = [claim_with(product) for product in PRODUCTS]
    multiple = [product.single_dose is False for product in PRODUCTS]
    answers = found_on_each(claims, *edits)
    assert differing(PRODUCTS, answers, lambda row: {"JWJZ09"} if row.single_dose is False else set()) == []
    assert 0 < sum(multiple) < 100


def test_each_product_in_millilitres_is_silent() -> None:
    liquids = [product for product in PRODUCTS if product.ml and product.units]
    claims = [claim_with(product, ndc_quantity=product.ml, ndc_unit="ML") for product in liquids]
    powders = {product.ndc9 for product in liquids if "ML" not in product.counted_in}
    answers = found_on_each(claims, "NDC04", "NDC07")
    assert differing(liquids, answers, lambda row: {"NDC04"} if row.ndc9 in powders else set()) == []


def test_each_product_in_another_unit_or_package_or_quantity_is_found() -> None:
    changed = [
        claim_with(product, ndc=f"{product.ndc9}98", ndc_quantity=9, ndc_unit="F2" if product.counted_in else "UN")
        for product in PRODUCTS
    ]

    def expected(row: Product) -> set[str]:
        drug = FACTS.any_drug(row.hcpcs or "")
        return {
            *(("NDC08",) if drug and drug.every_product else ()),
            *(("NDC04",) if row.counted_in else ()),
        }

    assert differing(PRODUCTS, found_on_each(changed, "NDC04", "NDC08"), expected) == []
    sized = [product for product in PRODUCTS if product.units]
    more = [claim_with(product, ndc_quantity=9) for product in sized]
    assert differing(sized, found_on_each(more, "NDC07"), lambda _: {"NDC07"}) == []


def test_each_package_of_several_containers_may_be_counted_as_one() -> None:
    """A carton of two syringes is `UN 1` or `UN 2` on a claim for both."""
    packed = [product for product in PRODUCTS if product.containers]
    assert len(packed) > 100
    for quantity in (False, True):
        claims = []
        for product in packed:
            held = product.containers[0]
            units = ceil((product.units or 0) * held)
            claims.append(claim_with(product, units=units, ndc_unit="UN", ndc_quantity=held if quantity else 1))
        assert differing(packed, found_on_each(claims, "NDC07"), lambda _: set()) == []
    claims = [claim_with(product, units=ceil(product.units or 0) * 7, ndc_unit="UN") for product in packed]
    assert differing(packed, found_on_each(claims, "NDC07"), lambda _: {"NDC07"}) == []


def test_each_product_under_the_code_of_another_drug_is_found() -> None:
    claims = [
        claim_with(product, procedure="J0490" if product.substance.startswith("infliximab") else "J1745")
        for product in PRODUCTS
    ]
    assert differing(PRODUCTS, found_on_each(claims, "NDC06"), lambda _: {"NDC06"}) == []


@each_row([product for product in FACTS.products if product.hcpcs is None])
def test_each_product_without_a_code_is_none_of_the_infused_drug(row: Product) -> None:
    (code,) = FACTS.codes_of(row.substance)
    line = attrs.evolve(drug_line(ndc=f"{row.ndc9}{row.packages[0]}"), procedure=code)
    assert found(infusion_claim(lines=(line,)), "NDC05") == {"NDC05"}


INTRAVENOUS = [row for row in FACTS.labels if row.substances != ("belimumab",) or row.route == "intravenous"]
"""All labels but those of injected belimumab, which has no code of its own."""


@each_row(INTRAVENOUS)
def test_each_label_is_asked_for_diagnosis_and_age(row: Label) -> None:
    """With this row as the only label of its substances, what it covers is silent and what it does not is found."""
    only = attrs.evolve(FACTS, labels=(row,))
    right, undiagnosed, younger, older = [], [], [], []
    for code in _codes_by(row):
        drug = FACTS.any_drug(code)
        assert drug
        day = max(row.since, drug.since)
        born = day - timedelta(days=round(365.25 * (row.age_min + 1)))
        line = line_of(code, dates=day)
        claim = infusion_claim(lines=(line,), birth_date=born, diagnoses=(diagnosis_of(row.indication),))
        right.append(claim)
        undiagnosed.append(attrs.evolve(claim, diagnoses=(NO_DIAGNOSIS,)))
        if row.age_min:
            younger.append(_aged(claim, row.age_min - 0.5, day))
        if row.age_max is not None:
            older.append(_aged(claim, row.age_max + 2, day))
    assert right
    answers = found_on_each([*right, *undiagnosed, *younger, *older], "AGE01", "AGE02", "DX03", facts=only)
    silent, found_by_diagnosis = answers[: len(right)], answers[len(right) : 2 * len(right)]
    assert not any(silent)
    assert all(answer == {"DX03"} for answer in found_by_diagnosis)
    assert all(answer & {"AGE01", "AGE02"} for answer in answers[2 * len(right) :])


def _codes_by(row: Label) -> list[str]:
    """The codes with products of the route of a label."""
    return [
        code
        for code in codes_of(row.substances)
        if any(product.route == row.route for product in FACTS.products.of_code(code))
    ]


def _aged(claim: ClaimSpec, years: float, day: date) -> ClaimSpec:
    return attrs.evolve(claim, birth_date=day - timedelta(days=round(365.25 * years)))


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
    codes = codes_of(row.substances)
    claims = []
    for number, code in enumerate(codes):
        line, member = line_of(code), f"9XX0XX0XX0{number}"
        assert isinstance(line.dates, date)
        before = attrs.evolve(line, dates=line.dates - timedelta(days=row.too_close - 1))
        listed = (diagnosis_of(row.diagnoses),) if row.diagnoses else ("M3219",)
        claims += [infusion_claim(lines=(dated,), member_id=member, diagnoses=listed) for dated in (before, line)]
    judged = judge(claims, "INT01" if row.loading_until else "INT02")
    severities = [[finding.severity for finding in one.findings] for one in judged]
    assert severities == [[], ["warn"]] * len(codes)


def test_doses_of_a_drug_and_its_biosimilar_count_together() -> None:
    claims = [
        infusion_claim(lines=(line_of(code, dates=TODAY - timedelta(days=gap)),), member_id="9XX0XX0XX01")
        for code, gap in (("J1745", 7), ("Q5103", 0))
    ]
    assert [finding.severity for finding in judge(claims, "INT01")[1].findings] == ["warn"]


def codes_by_way() -> dict[str, str]:
    """A code of administration for each method and access."""
    rows = [code for code in FACTS.administrations.rows if code.code and code.takes_place_of_infusion]
    return {way: row.code for row in rows for way in row.ways}


@each_row(FACTS.therapies)
def test_each_therapy_is_held_against_the_administration(row: Therapy) -> None:
    codes = codes_of(row.substances)
    alone = judge([claim_of(code) for code in codes], "ADM02")
    assert all(f"({row.standard} is usual)" in one.findings[0].fix for one in alone)
    for questioned in row.questioned:
        assert found_on_each([claim_of(code, LineSpec(questioned)) for code in codes], "ADM01") == [{"ADM01"}] * len(
            codes
        )
    for way in row.not_by:
        wrong = [claim_of(code, LineSpec(codes_by_way()[way])) for code in codes]
        assert found_on_each(wrong, "ADM07") == [{"ADM07"}] * len(codes)
    usual = [claim_of(code, LineSpec(row.standard)) for code in codes]
    assert not any(found_on_each(usual, "ADM01", "ADM07"))
    hours = [claim_of(code, LineSpec(row.standard), LineSpec("96366")) for code in codes]
    assert found_on_each(hours, "ADM08") == [{"ADM08"} if row.minutes else set()] * len(codes)
    labelled = [code for code in codes if FACTS.labelled_diagnoses(code, TODAY)]
    off_label = judge([claim_of(code, diagnoses=(NO_DIAGNOSIS,)) for code in labelled], "DX03")
    assert [[finding.severity for finding in one.findings] for one in off_label] == [[row.beyond_label]] * len(labelled)
    assert labelled or row.beyond_label == "info"
    if row.recognised:
        known = judge([claim_of(code, diagnoses=(diagnosis_of(row.recognised),)) for code in labelled], "DX03")
        assert [[finding.severity for finding in one.findings] for one in known] == [["info"]] * len(labelled)


@each_row(FACTS.labelled_doses)
def test_each_dose_is_held_against_the_units(row: LabelledDose) -> None:
    for code in codes_of(row.substances):
        drug = FACTS.any_drug(code)
        assert drug
        assert drug.unit.measure == row.most.measure
        most = ceil(row.most.number / drug.unit.number)
        claims = [infusion_claim(lines=(line_of(code, units=units),)) for units in (most, most * 10)]
        assert found_on_each(claims, "DOSE01") == [set(), {"DOSE01"}]
        if row.most_per_kg and row.least_per_kg:
            pounds = round(100 / Decimal("0.453592"))
            right = line_of(code, units=row.most_per_kg * 100 / drug.unit.number)
            little = line_of(code, units=row.least_per_kg * 50 / drug.unit.number)
            weighed = [infusion_claim(lines=(line,), weight=pounds) for line in (right, little)]
            assert found_on_each(weighed, "MIX03") == [set(), {"MIX03"}]


@each_row(FACTS.product_doses.values())
def test_each_dose_of_a_product_is_held_against_its_units(row: ProductDose) -> None:
    (product,) = [product for product in FACTS.products if product.ndc9 == row.ndc9]
    drug = FACTS.any_drug(product.hcpcs or "")
    assert drug and drug.unit.measure == row.most.measure
    most = ceil(row.most.number / drug.unit.number)
    ndc = f"{product.ndc9}{product.packages[0]}"
    claims = [infusion_claim(lines=(line_of(drug.hcpcs, units=units, ndc=ndc),)) for units in (most, most + 1)]
    assert found_on_each(claims, "DOSE01") == [set(), {"DOSE01"}]
    other = infusion_claim(lines=(line_of(drug.hcpcs, units=most + 1, ndc=None),))
    assert found_on_each([other], "DOSE01") == [set()]


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
    if row.most_units_in_hospital:
        beyond = LineSpec(code, units=row.most_units_in_hospital + 1)
        assert found(infusion_claim("837I", lines=(line_of("J1745"), beyond)), "ADM06") == {"ADM06"}


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
    in_rows |= {row.recognised for row in FACTS.therapies if row.recognised}
    in_rows |= {row.diagnoses for row in FACTS.spacings if row.diagnoses}
    assert name in in_rows or re.search(rf'"{name}"', SOURCE)


def test_no_edit_names_a_drug_code() -> None:
    """What holds for a drug is a row; codes in docstrings, titles and sources are examples."""
    for path in sorted((ROOT / "edits").glob("*.py")):
        code = re.sub(r'"""(?:[^"]|"(?!""))*"""', "", path.read_text("utf-8"))
        code = re.sub(r"source=f?\"[^\n]*\"", "", code)
        assert not re.search(r"\"J049[01]\"", code), path.name


@pytest.mark.parametrize("given_by", ["96413", "96365", "96401", "99601", "S9379", "G0069"])
def test_a_drug_that_no_table_has_is_named_once_as_not_judged(given_by: str) -> None:
    claim = infusion_claim(lines=(LineSpec("J0221", ("JZ",), 300), LineSpec("J1200"), LineSpec(given_by)))
    scrubbed = scrub_one(claim)
    assert [item.code for item in scrubbed.not_checked] == ["DRUG01"]
    assert "J0221" in scrubbed.not_checked[0].reason
    known = scrub_one(infusion_claim(lines=(drug_line(), LineSpec("J1200"), LineSpec("96365"))))
    assert known.not_checked == ()
    assert engine().catalogue["DRUG01"].severities.ffs == "info"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (LineSpec("J0221", ("JZ",), 300), True),
        (LineSpec("J0221", ("JW",), 300), True),
        (LineSpec("Q5199"), True),
        (LineSpec("C9199"), True),
        (LineSpec("J0741"), True),
        (LineSpec("J0696"), False),
        (LineSpec("J1071"), False),
        (LineSpec("J3420", ("JZ",)), False),
    ],
    ids=lambda item: f"{item.procedure} {item.modifiers}" if isinstance(item, LineSpec) else "",
)
@pytest.mark.parametrize("given_by", ["96372", "96374"])
def test_an_injected_drug_that_no_table_has_is_named_if_it_may_have_rules(
    line: LineSpec, named: bool, given_by: str
) -> None:
    scrubbed = scrub_one(infusion_claim(lines=(line, LineSpec(given_by))), "DRUG01")
    assert [item.code for item in scrubbed.not_checked] == (["DRUG01"] if named else [])


def done_right(product: Product, filing: str) -> ClaimSpec:
    """A claim of one container, with all that its rows ask for."""
    code = product.hcpcs or ""
    modifiers: tuple[str, ...] = ("JZ",) if FACTS.single_dose(code, f"{product.ndc9}{product.packages[0]}") else ()
    modifiers += ("EC",) if code in FACTS.family("anemia_drugs") else ()
    labels = [label for label in FACTS.labels_of_code(code, None) if label.route == product.route]
    therapy = FACTS.therapy(product.substance)
    by_route = "67028" if product.route == "intravitreal" else "96372" if product.route == "subcutaneous" else "96365"
    given = LineSpec(therapy.standard if therapy else by_route, dates=line_of(code).dates)
    claim = claim_with(product, modifiers=modifiers)
    return attrs.evolve(
        claim,
        filing=filing,
        lines=(*claim.lines, given),
        diagnoses=(diagnosis_of(labels[0].indication) if labels else NO_DIAGNOSIS,),
        birth_date=date(1980, 1, 1),
    )


@pytest.mark.parametrize("filing", ["MB", "16", "MC", "CI"])
def test_no_product_is_rejected_where_all_is_right(filing: str) -> None:
    with_edits = engine()
    claims = [done_right(product, filing) for product in PRODUCTS]
    scrubbed, errors = scrub_text(build(claims), with_edits)
    assert errors == []
    rejected = [
        f"{ids(product)}: {[finding.message for finding in one.findings if finding.severity == 'reject']}"
        for product, one in zip(PRODUCTS, scrubbed, strict=True)
        if one.disposition == "rejected"
    ]
    assert rejected == []
