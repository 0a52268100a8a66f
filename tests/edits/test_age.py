"""Subcutaneous belimumab for minors: what was labelled for which device, diagnosis and age on the day of service."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.testing import (
    AUTOINJECTOR,
    BENLYSTA_120,
    SYRINGE,
    ClaimSpec,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    visit_claim,
    with_all_lines,
)
from tests.edits.judging import answers, everywhere, severities
from tests.scrubbing import SCOPES, assert_finds, assert_not_checked, each, each_type, scrub_one

SLE, NEPHRITIS, INTERSTITIAL = "M3219", "M3214", "M3215"
TODAY = date(2026, 10, 5)
FIRST_DAY_SLE, FIRST_DAY_NEPHRITIS = date(2024, 5, 21), date(2025, 6, 24)
LAST_DAY_BEFORE_SLE, LAST_DAY_BEFORE_NEPHRITIS = date(2024, 5, 20), date(2025, 6, 23)
TEN_YEARS_OLD = 10
OFF_LABEL = ("warn", 1, "ndc")


def birthday(age: int, on: date) -> date:
    """Born so that the patient turns `age` on that day."""
    return on.replace(year=on.year - age)


def day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def injected(
    claim_type: ClaimType,
    *,
    born: date | str | None,
    day: date | str | None = TODAY,
    ndc: str = AUTOINJECTOR,
    diagnosis: str = SLE,
    procedure: str = "J0490",
    **changes: Any,
) -> ClaimSpec:
    line = attrs.evolve(drug_line(ndc=ndc, dates=day), procedure=procedure)
    claim = infusion_claim(claim_type, lines=(line,), diagnoses=(diagnosis,), birth_date=born)
    return attrs.evolve(claim, **changes)


@each_type
@each(
    ("day", "diagnosis", "labelled"),
    {
        "lupus, day before": (LAST_DAY_BEFORE_SLE, SLE, False),
        "lupus, first day": (FIRST_DAY_SLE, SLE, True),
        "lupus, today": (TODAY, SLE, True),
        "nephritis, first day of lupus": (FIRST_DAY_SLE, NEPHRITIS, False),
        "nephritis, day before": (LAST_DAY_BEFORE_NEPHRITIS, NEPHRITIS, False),
        "nephritis, first day": (FIRST_DAY_NEPHRITIS, NEPHRITIS, True),
        "tubulo-interstitial, day before": (LAST_DAY_BEFORE_NEPHRITIS, INTERSTITIAL, False),
        "tubulo-interstitial, first day": (FIRST_DAY_NEPHRITIS, INTERSTITIAL, True),
        "unspecified lupus, day before nephritis": (LAST_DAY_BEFORE_NEPHRITIS, "M3210", True),
    },
)
def test_the_autoinjector_by_date_and_diagnosis(
    claim_type: ClaimType, day: date, diagnosis: str, labelled: bool
) -> None:
    claim = injected(claim_type, born=birthday(TEN_YEARS_OLD, day), day=day, diagnosis=diagnosis)
    assert_finds(claim, "AGE03", *([] if labelled else [OFF_LABEL]))


@each_type
@pytest.mark.parametrize(("age", "fires"), [(4, True), (5, False), (17, False), (18, False), (42, False)])
def test_the_autoinjector_by_age(claim_type: ClaimType, age: int, fires: bool) -> None:
    assert_finds(injected(claim_type, born=birthday(age, TODAY)), "AGE03", *([OFF_LABEL] if fires else []))


@each_type
@pytest.mark.parametrize(("age", "fires"), [(4, True), (5, True), (17, True), (18, False)])
@pytest.mark.parametrize("package", ["42", "47"])
def test_the_syringe_is_for_adults_only(claim_type: ClaimType, age: int, fires: bool, package: str) -> None:
    claim = injected(claim_type, born=birthday(age, TODAY), ndc=f"494010088{package}")
    assert_finds(claim, "AGE03", *([OFF_LABEL] if fires else []))


@each_type
def test_age_is_counted_to_the_day(claim_type: ClaimType) -> None:
    fifth, eighteenth = birthday(5, TODAY), birthday(18, TODAY)
    assert_finds(injected(claim_type, born=fifth), "AGE03")
    assert_finds(injected(claim_type, born=day_after(fifth)), "AGE03", OFF_LABEL)
    assert_finds(injected(claim_type, born=eighteenth, ndc=SYRINGE), "AGE03")
    assert_finds(injected(claim_type, born=day_after(eighteenth), ndc=SYRINGE), "AGE03", OFF_LABEL)


@each_type
def test_born_on_a_leap_day(claim_type: ClaimType) -> None:
    born = date(2008, 2, 29)
    for day, fires in ((date(2026, 2, 28), True), (date(2026, 3, 1), False)):
        claim = injected(claim_type, born=born, day=day, ndc=SYRINGE)
        assert_finds(claim, "AGE03", *([OFF_LABEL] if fires else []))


@each_type
@each(
    ("ndc", "day", "age", "says"),
    {
        "too young": (AUTOINJECTOR, TODAY, 4, "labelled from 5 years on"),
        "too young, before": (AUTOINJECTOR, LAST_DAY_BEFORE_SLE, 4, "labelled from 5 years on"),
        "syringe": (SYRINGE, TODAY, 10, "syringe is labelled for adults only"),
        "not yet": (AUTOINJECTOR, LAST_DAY_BEFORE_SLE, 10, "not yet approved under 18 years"),
    },
)
def test_the_message_gives_the_reason(claim_type: ClaimType, ndc: str, day: date, age: int, says: str) -> None:
    (finding,) = scrub_one(injected(claim_type, born=birthday(age, day), day=day, ndc=ndc), "AGE03").findings
    assert says in finding.message


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_it_is_a_warning_for_every_payer(claim_type: ClaimType, scope: str) -> None:
    claim = injected(claim_type, born=birthday(10, TODAY), ndc=SYRINGE, filing=SCOPES[scope])
    assert_finds(claim, "AGE03", OFF_LABEL)


@each_type
@pytest.mark.parametrize("procedure", ["J0490", "J0491", "J3490", "J3590", "C9399"])
def test_it_looks_at_belimumab_under_any_code_it_is_billed_by(claim_type: ClaimType, procedure: str) -> None:
    claim = injected(claim_type, born=birthday(10, TODAY), ndc=SYRINGE, procedure=procedure)
    assert_finds(claim, "AGE03", OFF_LABEL)


@each_type
def test_other_drugs_and_the_infused_form_are_left_alone(claim_type: ClaimType) -> None:
    child = birthday(10, TODAY)
    assert_finds(injected(claim_type, born=child, ndc=BENLYSTA_120), "AGE03")
    assert_finds(injected(claim_type, born=child, ndc=SYRINGE, procedure="J1885"), "AGE03")
    assert_finds(visit_claim(claim_type, birth_date=child), "AGE03")
    assert_finds(injected(claim_type, born=child, ndc=SYRINGE, frequency="8"), "AGE03")


@each_type
def test_the_patient_s_age_counts_and_not_the_subscriber_s(claim_type: ClaimType) -> None:
    child, adult = birthday(10, TODAY), birthday(42, TODAY)
    of_parent = injected(claim_type, born=child, ndc=SYRINGE, dependent=True, subscriber_birth_date=adult, filing="CI")
    assert_finds(of_parent, "AGE03", OFF_LABEL)
    of_spouse = attrs.evolve(of_parent, birth_date=adult, subscriber_birth_date=child)
    assert_finds(of_spouse, "AGE03")
    unknown = attrs.evolve(of_parent, birth_date=None)
    assert_not_checked(unknown, "AGE03", "age on the date of service is not known")


@each_type
@each(
    ("changes", "reason"),
    {
        "no birth date": ({"born": None}, "age on the date of service is not known"),
        "born after the service": ({"born": date(2026, 10, 6)}, "age on the date of service is not known"),
        "birth date malformed": ({"born": "2016"}, "DMG02 is not a date"),
        "no service date": ({"born": date(2016, 1, 1), "day": None}, "age on the date of service is not known"),
        "service date malformed": ({"born": date(2016, 1, 1), "day": "20261305"}, "DTP03 is not a date"),
    },
)
def test_without_the_dates_it_is_not_checked(
    claim_type: ClaimType, changes: dict[str, date | str | None], reason: str
) -> None:
    claim = injected(claim_type, ndc=SYRINGE, **{"statement_dates": "unknown", **changes})  # type: ignore[arg-type]
    assert_not_checked(claim, "AGE03", reason)


@each(
    ("first", "last", "fires"),
    {
        "both before": (date(2024, 5, 18), LAST_DAY_BEFORE_SLE, True),
        "across": (LAST_DAY_BEFORE_SLE, FIRST_DAY_SLE, None),
        "both since": (FIRST_DAY_SLE, date(2024, 5, 22), False),
    },
)
def test_an_837i_line_under_statement_dates(first: date, last: date, fires: bool | None) -> None:
    claim = injected("837I", born=birthday(TEN_YEARS_OLD, date(2024, 5, 1)), day=None)
    claim = attrs.evolve(with_all_lines(claim, dates=None), statement_dates=(first, last))
    if fires is None:
        assert_not_checked(claim, "AGE03", "the answer depends on which of them counts")
        return
    scrubbed = assert_finds(claim, "AGE03", *([OFF_LABEL] if fires else []))
    assert all("judged on the first and on the last" in finding.message for finding in scrubbed.findings)


@each_type
@each(
    ("sex", "diagnosis", "fires"),
    {
        "prostate of a man": ("M", "C61", False),
        "prostate of a woman": ("F", "C61", True),
        "ovary of a man": ("M", "C569", True),
        "a man's breast cancer of a woman": ("F", "C50921", True),
        "a woman's breast cancer of a man": ("M", "C50911", True),
        "a man's breast cancer": ("M", "C50921", False),
        "pregnancy of a man": ("M", "O9989", True),
        "pregnancy": ("F", "O9989", False),
        "lupus of a man": ("M", "M3219", False),
        "unknown sex": ("U", "C61", False),
        "no sex": ("", "C61", False),
    },
)
def test_a_diagnosis_of_the_other_sex(claim_type: ClaimType, sex: str, diagnosis: str, fires: bool) -> None:
    claim = infusion_claim(claim_type, diagnoses=("M3219", diagnosis), sex=sex)
    place = "HI02-2" if claim_type == "837P" else "HI01-2"
    assert answers(claim, "SEX01") == ([("warn", None, place)] if fires else [])
    if fires:
        assert severities(claim, "SEX01") == everywhere("warn")
        assert answers(attrs.evolve(claim, dependent=True), "SEX01") == [("warn", None, place)]


def test_a_conflict_that_the_claim_explains() -> None:
    explained = LineSpec("96365", ("KX",))
    assert answers(infusion_claim(lines=(drug_line(), explained), diagnoses=("C61",)), "SEX01") == []
    assert answers(infusion_claim("837I", diagnoses=("C61", "BG:45")), "SEX01") == []
    assert len(answers(infusion_claim("837I", diagnoses=("C61", "BG:44")), "SEX01")) == 1
