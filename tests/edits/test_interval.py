"""Doses of one patient across the claims of a file."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from scrubber.testing import ClaimSpec, ClaimType, LineSpec, drug_line, infusion_claim, waste_lines
from tests.edits.judging import judge
from tests.scrubbing import SCOPES, each, each_type, found

FIRST = date(2026, 5, 4)
LATER = date(2026, 10, 15)


def dose(claim_type: ClaimType, day: int, procedure: str = "J0490", **changes: Any) -> ClaimSpec:
    """A claim for a dose on day `day` after the first; all doses of one member."""
    on = FIRST + timedelta(days=day)
    units = 300 if procedure == "J0491" else 80
    line = drug_line(procedure, units) if procedure in ("J0490", "J0491") else LineSpec(procedure, units=50)
    lines = tuple(attrs.evolve(one, dates=on) for one in (line, LineSpec("96365")))
    claim = infusion_claim(claim_type, f"D{day}-{procedure}", lines=lines, member_id="9XX1XX1XX11")
    return attrs.evolve(claim, **changes)


def graded(claims: list[ClaimSpec], code: str) -> list[str | None]:
    """The severity of the finding on each claim, `None` where there is none."""
    result: list[str | None] = []
    for scrubbed in judge(claims, code, file_date=LATER):
        assert len(scrubbed.findings) <= 1
        result.append(scrubbed.findings[0].severity if scrubbed.findings else None)
    return result


def unchecked(claims: list[ClaimSpec], code: str) -> list[list[str]]:
    return [[item.reason for item in scrubbed.not_checked] for scrubbed in judge(claims, code, file_date=LATER)]


@each_type
@each(
    ("days", "severities"),
    {
        "one dose": ([0], [None]),
        "the schedule": ([0, 14, 28, 56, 84], [None] * 5),
        "monthly": ([0, 28, 56], [None] * 3),
        "10 days": ([0, 10], [None, "warn"]),
        "11 days": ([0, 11], [None, None]),
        "17 days": ([0, 17], [None, None]),
        "18 days": ([0, 18], [None, "info"]),
        "23 days": ([0, 23], [None, "info"]),
        "24 days": ([0, 24], [None, None]),
        "the same day": ([0, 0], [None, None]),
        "three short gaps in a row": ([0, 14, 28, 42], [None, None, None, "warn"]),
        "loading again after a month": ([0, 14, 28, 56, 70, 84], [None] * 6),
        "four doses in 35 days": ([0, 5, 16, 34], [None, "warn", None, "warn"]),
        "not in order of days": ([28, 0, 14], [None, None, None]),
        "too close, not in order": ([5, 0], [None, "warn"]),
        "between two others": ([0, 28, 14], [None, None, None]),
        "between two others, too close to the later one": ([0, 28, 20], [None, None, "warn"]),
    },
)
def test_days_between_doses_of_belimumab(claim_type: ClaimType, days: list[int], severities: list[str | None]) -> None:
    assert graded([dose(claim_type, day) for day in days], "INT01") == severities
    assert graded([dose(claim_type, day, "J0491") for day in days], "INT01") == [None] * len(days)


@each_type
@each(
    ("days", "severities"),
    {
        "13 days": ([0, 13], [None, "warn"]),
        "14 days": ([0, 14], [None, "warn"]),
        "24 days": ([0, 24], [None, "warn"]),
        "25 days": ([0, 25], [None, None]),
        "monthly": ([0, 28, 56], [None] * 3),
        "every two weeks": ([0, 14, 28, 42], [None, "warn", "warn", "warn"]),
    },
)
def test_days_between_doses_of_anifrolumab(
    claim_type: ClaimType, days: list[int], severities: list[str | None]
) -> None:
    assert graded([dose(claim_type, day, "J0491") for day in days], "INT02") == severities
    assert graded([dose(claim_type, day) for day in days], "INT02") == [None] * len(days)


@each(
    ("procedure", "diagnoses", "days", "severities"),
    {
        "zoledronic acid every four weeks with cancer": ("J3489", ("C7951",), [0, 28, 56], [None] * 3),
        "within two weeks with cancer": ("J3489", ("C9000",), [0, 14], [None, "warn"]),
        "every four weeks for osteoporosis": ("J3489", ("M810",), [0, 28], [None, "warn"]),
        "after half a year for osteoporosis": ("J3489", ("M810",), [0, 182], [None, "info"]),
        "every four weeks for osteoporosis and with cancer": ("J3489", ("M810", "C61"), [0, 28], [None, None]),
        "for raised calcium": ("J3489", ("E8352",), [0, 7], [None, None]),
        "denosumab every four weeks with cancer": ("J0897", ("C7951",), [0, 28], [None, None]),
        "every half year for osteoporosis": ("J0897", ("M810",), [0, 178], [None, None]),
        "after two months for osteoporosis": ("J0897", ("M810",), [0, 60], [None, "warn"]),
    },
)
def test_days_between_doses_by_disease(
    procedure: str, diagnoses: tuple[str, ...], days: list[int], severities: list[str | None]
) -> None:
    claims = [dose("837P", day - 60, procedure, diagnoses=diagnoses) for day in days]
    assert graded(claims, "INT02") == severities


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("code", "procedure"), [("INT01", "J0490"), ("INT02", "J0491")])
def test_the_same_for_every_payer(scope: str, code: str, procedure: str) -> None:
    claims = [dose("837P", day, procedure, filing=SCOPES[scope]) for day in (0, 3, 23)]
    assert graded(claims, code) == [None, "warn", "warn" if procedure == "J0491" else "info"]


def test_the_location_is_the_date_of_the_later_dose() -> None:
    (_, second) = judge([dose("837P", 0), dose("837P", 3)], "INT01", file_date=LATER)
    assert found(second) == [("INT01", "warn", 1, "DTP03")]


OTHERS = {
    "member": {"member_id": "9XX1XX1XX12"},
    "payer": {"payer_id": "OTHER"},
    "birth date": {"birth_date": date(1990, 1, 1)},
    "replacement": {"frequency": "7", "payer_claim_control_number": "ICN1"},
    "void": {"frequency": "8", "payer_claim_control_number": "ICN1"},
}


@each(("changes",), {name: (changes,) for name, changes in OTHERS.items()})
@pytest.mark.parametrize("code", ["INT01", "INT02", "MIX04"])
def test_other_patients_replacements_and_voids_do_not_count(code: str, changes: dict[str, Any]) -> None:
    first = {"INT01": "J0490", "INT02": "J0491", "MIX04": "J9312"}[code]
    second = "J0490" if code == "MIX04" else first
    claims = [dose("837P", 0, first), dose("837P", 3, second)]
    assert graded(claims, code)[1]
    assert graded([claims[0], attrs.evolve(claims[1], **changes)], code) == [None, None]
    assert graded([attrs.evolve(claims[0], **changes), claims[1]], code) == [None, None]


def test_dependents_of_one_member() -> None:
    """The builder names dependents by their number in the file, so each is another person."""
    dependents = [dose("837P", day, dependent=True) for day in (0, 3)]
    assert graded(dependents, "INT01") == [None, None]


@each_type
def test_lines_of_one_day_are_one_dose(claim_type: ClaimType) -> None:
    lines = tuple(attrs.evolve(line, dates=FIRST) for line in (*waste_lines(), LineSpec("96365")))
    claims = [dose(claim_type, 0, lines=lines), dose(claim_type, 28)]
    assert graded(claims, "INT01") == [None, None]


@each_type
def test_doses_of_one_claim(claim_type: ClaimType) -> None:
    lines = tuple(drug_line(dates=FIRST + timedelta(days=day)) for day in (0, 3))
    (scrubbed,) = judge([dose(claim_type, 0, lines=lines)], "INT01", file_date=LATER)
    assert found(scrubbed) == [("INT01", "warn", 2, "DTP03")]


@pytest.mark.parametrize(("code", "procedure"), [("INT01", "J0490"), ("INT02", "J0491"), ("MIX04", "J0490")])
def test_an_uncertain_day_is_not_checked(code: str, procedure: str) -> None:
    line = drug_line(procedure, 300, dates=(FIRST, FIRST + timedelta(days=2)))
    (reasons,) = unchecked([dose("837P", 0, lines=(line,))], code)
    assert "the day of a dose is not known" in reasons[0]
    undated = dose("837I", 0, lines=(drug_line(procedure, 300, dates=None),))
    several = attrs.evolve(undated, statement_dates=(FIRST, LATER))
    assert "the day of a dose is not known" in unchecked([several], code)[0][0]
    one = attrs.evolve(undated, statement_dates=(FIRST, FIRST))
    assert unchecked([one], code) == [[]]
    assert "not a date" in unchecked([dose("837P", 0, lines=(drug_line(procedure, dates="2026"),))], code)[0][0]


@pytest.mark.parametrize(("code", "procedure"), [("INT01", "J0490"), ("INT02", "J0491"), ("MIX04", "J0490")])
def test_a_patient_without_member_id_is_not_checked(code: str, procedure: str) -> None:
    claims = [dose("837P", day, procedure, member_id="") for day in (0, 3)]
    assert graded(claims, code) == [None, None]
    assert all("member id is missing" in reasons[0] for reasons in unchecked(claims, code))


@each_type
@each(
    ("doses", "severities"),
    {
        "the same day": ([(0, "J0490"), (0, "J9312")], [None, "info"]),
        "28 days later": ([(0, "J0490"), (28, "J9312")], [None, "info"]),
        "29 days later": ([(0, "J0490"), (29, "J9312")], [None, None]),
        "28 days before": ([(28, "J0490"), (0, "Q5115")], [None, "info"]),
        "29 days before": ([(29, "J0490"), (0, "Q5115")], [None, None]),
        "the other first": ([(0, "Q5119"), (3, "J0490")], [None, "info"]),
        "biosimilar": ([(0, "Q5123"), (3, "J0490")], [None, "info"]),
        "obinutuzumab": ([(0, "J0490"), (3, "J9301")], [None, "info"]),
        "belimumab alone": ([(0, "J0490"), (14, "J0490")], [None, None]),
        "rituximab alone": ([(0, "J9312"), (14, "J9312")], [None, None]),
        "anifrolumab is the matter of MIX01": ([(0, "J0490"), (3, "J0491")], [None, None]),
    },
)
def test_other_biologics(claim_type: ClaimType, doses: list[tuple[int, str]], severities: list[str | None]) -> None:
    assert graded([dose(claim_type, day, procedure) for day, procedure in doses], "MIX04") == severities


@each_type
def test_other_biologic_on_the_same_claim(claim_type: ClaimType) -> None:
    lines = (drug_line(), LineSpec("J9312", units=50), LineSpec("J9312", ("JW",), units=1))
    (scrubbed,) = judge([infusion_claim(claim_type, lines=lines)], "MIX04")
    place = "SV101-2" if claim_type == "837P" else "SV202-2"
    assert found(scrubbed) == [("MIX04", "info", 2, place)]


@pytest.mark.parametrize("code", ["INT01", "INT02", "MIX04"])
def test_each_file_begins_with_an_empty_memory(code: str) -> None:
    claims = [dose("837P", 0, "J0491" if code == "INT02" else "J0490")]
    assert graded(claims, code) == graded(claims, code) == [None]
