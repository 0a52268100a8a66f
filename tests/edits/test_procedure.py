"""Procedure codes before their first day and after their last: by the HCPCS file, and by the shipped rows of drugs."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.reference.billing import EndedCode
from scrubber.reference.external import HCPCS
from scrubber.testing import ClaimSpec, ClaimType, LineSpec, drug_line, infusion_claim
from tests.edits.judging import answers, everywhere, judge, loaded, reasons, row, scoped, severities
from tests.edits.loaded_drugs import having
from tests.scrubbing import each, each_type

FILE = loaded(
    HCPCS,
    row("J0490", date(2012, 1, 1)),
    row("J9998", date(2026, 10, 1)),
    row("Q9999", date(2020, 1, 1), date(2026, 6, 30)),
    row("G0463", date(2014, 1, 1)),
)


def of(claim_type: ClaimType, code: str, day: date = date(2026, 10, 5)) -> ClaimSpec:
    return infusion_claim(claim_type, lines=(LineSpec(code, dates=day), LineSpec("96365", dates=day)))


@each_type
@each(
    ("code", "day", "severity"),
    {
        "in force": ("J0490", date(2026, 10, 5), None),
        "its first day": ("J9998", date(2026, 10, 1), None),
        "the day before": ("J9998", date(2026, 9, 30), "reject"),
        "its last day": ("Q9999", date(2026, 6, 30), None),
        "the day after": ("Q9999", date(2026, 7, 1), "reject"),
        "not in the file": ("J9997", date(2026, 10, 5), "warn"),
        "a CPT code": ("99213", date(2026, 10, 5), None),
        "a category III code": ("0001T", date(2026, 10, 5), None),
        "a dental code": ("D0120", date(2026, 10, 5), None),
        "a local code": ("W0001", date(2026, 10, 5), None),
    },
)
def test_a_code_is_judged_by_the_file_of_its_day(
    claim_type: ClaimType, code: str, day: date, severity: str | None
) -> None:
    found = [(grade, line) for grade, line, _ in answers(of(claim_type, code, day), "CODE02", facts=FILE)]
    assert found == ([(severity, 1)] if severity else [])


@each_type
@each(
    ("code", "day", "severity"),
    {
        "anifrolumab, its first day": ("J0491", date(2022, 4, 1), None),
        "the day before": ("J0491", date(2022, 3, 31), "reject"),
        "before a day that is not sure": ("Q5115", date(2019, 6, 30), "warn"),
        "eculizumab, its last day": ("J1300", date(2025, 3, 31), None),
        "after its last day": ("J1300", date(2025, 4, 1), "reject"),
        "rituximab's old code, its last day": ("J9310", date(2018, 12, 31), None),
        "the day after it": ("J9310", date(2019, 1, 1), "reject"),
        "after an end that is not sure": ("Q2044", date(2026, 10, 5), "warn"),
        "a code that nobody knows": ("J9998", date(2020, 1, 1), None),
    },
)
def test_by_the_shipped_rows(claim_type: ClaimType, code: str, day: date, severity: str | None) -> None:
    found = [(grade, line) for grade, line, _ in answers(of(claim_type, code, day), "CODE02")]
    assert found == ([(severity, 1)] if severity else [])


def test_the_file_wins_over_the_shipped_rows() -> None:
    longer = loaded(HCPCS, row("J0491", date(2022, 1, 1)))
    assert answers(of("837P", "J0491", date(2022, 3, 31)), "CODE02", facts=longer) == []


def test_the_file_wins_over_the_list_of_ended_codes() -> None:
    assert answers(of("837P", "J2505"), "CODE02", facts=loaded(HCPCS, row("J2505", date(2004, 1, 1)))) == []


@pytest.mark.parametrize("ended", shipped().ended_codes.values(), ids=lambda ended: ended.code)
def test_each_ended_code_is_found_after_its_last_day(ended: EndedCode) -> None:
    (found,) = judge([of("837P", ended.code, ended.until + timedelta(days=1))], "CODE02")[0].findings
    assert all(code in found.fix for code in ended.instead)
    assert answers(of("837P", ended.code, ended.until), "CODE02") == []


def test_the_message_has_the_day_and_what_it_means() -> None:
    (early,), (late,) = (
        judge([of("837P", code, day)], "CODE02", facts=FILE)[0].findings
        for code, day in (("J9998", date(2026, 9, 30)), ("Q9999", date(2026, 7, 1)))
    )
    assert early.message == "J9998 is billed for 2026-09-30, and the code is in force from 2026-10-01"
    assert late.message == "Q9999 is billed for 2026-07-01, and the code ended on 2026-06-30"
    assert (early.carc, early.claim_status) == ("181", "A7:796")


def test_for_every_payer() -> None:
    assert severities(of("837P", "Q9999"), "CODE02", facts=FILE) == everywhere("reject")


def test_a_day_without_an_edition_is_not_checked_and_shipped_rows_still_count() -> None:
    facts = having({HCPCS: [row("J0491", date(2022, 4, 1))]})
    claim = of("837P", "J0491", date(2022, 3, 31))
    assert "hcpcs has no edition" in reasons(claim, "CODE02", facts=facts)[0]
    assert [grade for grade, _, _ in answers(claim, "CODE02", facts=facts)] == ["reject"]


def test_a_code_that_no_edition_has_is_not_checked_on_a_day_without_one() -> None:
    facts = having({HCPCS: [row("J0491", date(2022, 4, 1))]})
    assert "hcpcs has no edition" in reasons(of("837P", "J9998", date(2022, 3, 31)), "CODE02", facts=facts)[0]
    assert reasons(of("837P", "J0490", date(2022, 3, 31)), "CODE02", facts=facts) == []


def test_a_line_without_a_date_is_not_checked() -> None:
    claim = infusion_claim(lines=(drug_line(dates=None),))
    assert answers(claim, "CODE02", facts=FILE) == []
    assert reasons(claim, "CODE02", facts=FILE) == ["the date of service is missing"]


@each(
    ("code", "place", "fires"),
    {
        "clinic visit of a hospital": ("G0463", "11", True),
        "observation": ("G0378", "22", True),
        "repeated push": ("96376", "11", True),
        "temporary code": ("C9399", "11", True),
        "temporary code of a surgical center": ("C9399", "24", False),
        "push": ("96375", "11", False),
        "office visit": ("99213", "11", False),
    },
)
def test_codes_of_hospitals_on_a_professional_claim(code: str, place: str, fires: bool) -> None:
    claim = attrs.evolve(of("837P", code), facility_code=place)
    expected = scoped("warn", "info", "info", "info") if fires else scoped(None, None, None, None)
    assert severities(claim, "CODE03") == expected
    assert answers(of("837I", code), "CODE03") == []


@each(
    ("code", "bill_type", "severity"),
    {
        "office visit": ("99214", "13", "warn"),
        "clinic visit": ("G0463", "13", None),
        "emergency visit": ("99284", "13", None),
        "of a critical access hospital": ("99214", "85", None),
    },
)
def test_office_visits_of_a_hospital(code: str, bill_type: str, severity: str | None) -> None:
    claim = attrs.evolve(of("837I", code), facility_code=bill_type)
    assert severities(claim, "CODE04") == scoped(severity, None, None, None)
    assert answers(of("837P", code), "CODE04") == []
