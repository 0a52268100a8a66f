"""Dates of service compared with the file's date, the statement dates and the drug's approval."""

from datetime import date, timedelta
from typing import Any

import attrs

from scrubber.reference import Period, shipped
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    build,
    infusion_claim,
    visit_claim,
    with_all_lines,
    with_line,
)
from tests.edits.judging import answers, everywhere, judge, reasons, severities, without_a_date
from tests.scrubbing import each, each_type, engine, found, not_checked, scrub_text

TODAY = date(2026, 10, 15)
DAY = timedelta(days=1)


def on(claim_type: ClaimType, *days: date, **changes: Any) -> ClaimSpec:
    return visit_claim(
        claim_type, lines=tuple(LineSpec("99213", revenue_code="0510", dates=day) for day in days), **changes
    )


@each_type
@each(("day", "fires"), {"today": (TODAY, False), "tomorrow": (TODAY + DAY, True), "yesterday": (TODAY - DAY, False)})
def test_a_service_after_the_date_of_the_file(claim_type: ClaimType, day: date, fires: bool) -> None:
    claim = on(claim_type, TODAY - DAY, day)
    expected: list[tuple[str, int | None, str]] = [("reject", 2, "DTP03")] if fires else []
    if claim_type == "837I" and fires:
        expected = [("reject", None, "DTP03"), *expected]  # the statement dates end in the future, too
    assert answers(claim, "DATE01", file_date=TODAY) == expected


@each(
    ("first", "last", "severity"),
    {
        "ends today": (TODAY - DAY, TODAY, None),
        "ends tomorrow, as rentals do": (TODAY, TODAY + DAY, "warn"),
        "begins tomorrow": (TODAY + DAY, TODAY + 2 * DAY, "reject"),
    },
)
def test_future_end_of_a_range(first: date, last: date, severity: str | None) -> None:
    claim = visit_claim(lines=(LineSpec("99213", dates=(first, last)),))
    assert answers(claim, "DATE01", file_date=TODAY) == ([(severity, 1, "DTP03")] if severity else [])
    if severity:
        assert severities(claim, "DATE01", file_date=TODAY) == everywhere(severity)


def test_future_end_of_the_statement_dates() -> None:
    claim = on("837I", TODAY, statement_dates=(TODAY, TODAY + DAY))
    assert answers(claim, "DATE01", file_date=TODAY) == [("reject", None, "DTP03")]
    assert severities(claim, "DATE01", file_date=TODAY) == everywhere("reject")


def test_as_of_stands_for_today() -> None:
    claim = on("837P", TODAY + DAY)
    facts = attrs.evolve(shipped(), as_of=TODAY + DAY)
    assert answers(claim, "DATE01", facts=facts, file_date=TODAY) == []
    assert answers(claim, "DATE01", facts=attrs.evolve(facts, as_of=TODAY), file_date=TODAY + DAY) != []


def test_voids_are_left_alone() -> None:
    assert answers(on("837P", TODAY + DAY, frequency="8"), "DATE01", file_date=TODAY) == []


@each_type
@each(("age", "fires"), {"365 days": (365, False), "366 days": (366, True)})
def test_a_service_after_the_filing_limit(claim_type: ClaimType, age: int, fires: bool) -> None:
    claim = on(claim_type, TODAY - age * DAY, TODAY - 367 * DAY if fires else TODAY)
    line = 1 if claim_type == "837P" else None
    assert answers(claim, "DATE01", file_date=TODAY) == ([("warn", line, "DTP03")] if fires else [])
    if fires:
        assert severities(claim, "DATE01", file_date=TODAY) == everywhere("warn")
        replacement = attrs.evolve(claim, frequency="7", payer_claim_control_number="ICN1")
        assert answers(replacement, "DATE01", file_date=TODAY) == []


def test_age_counts_from_the_end_of_the_statement_dates() -> None:
    claim = on("837I", TODAY - 400 * DAY, statement_dates=(TODAY - 400 * DAY, TODAY - 365 * DAY))
    assert answers(claim, "DATE01", file_date=TODAY) == []
    claim = on("837I", TODAY - 400 * DAY, statement_dates=(TODAY - 400 * DAY, TODAY - 366 * DAY))
    assert answers(claim, "DATE01", file_date=TODAY) == [("warn", None, "DTP03")]


FROM, TO = date(2026, 10, 5), date(2026, 10, 7)


@each(
    ("days", "fires"),
    {
        "first": (FROM, False),
        "last": (TO, False),
        "before": (FROM - DAY, True),
        "after": (TO + DAY, True),
        "range inside": ((FROM, TO), False),
        "range beyond": ((FROM, TO + DAY), True),
        "none of its own": (None, False),
    },
)
def test_statement_dates(days: object, fires: bool) -> None:
    claim = with_all_lines(visit_claim("837I", statement_dates=(FROM, TO)), dates=days)
    assert answers(claim, "DATE01", file_date=TODAY) == ([("warn", 1, "DTP03")] if fires else [])
    if fires:
        assert severities(claim, "DATE01", file_date=TODAY) == everywhere("warn")


BELIMUMAB, ANIFROLUMAB = date(2011, 3, 9), date(2021, 7, 30)


@each_type
def test_a_drug_before_it_was_on_the_market(claim_type: ClaimType) -> None:
    for claim, approved in ((infusion_claim(claim_type), BELIMUMAB), (anifrolumab_claim(claim_type), ANIFROLUMAB)):
        before = with_all_lines(claim, dates=approved - DAY)
        assert answers(before, "DATE01", file_date=approved) == [("warn", 1, "DTP03")]
        assert severities(before, "DATE01", file_date=approved) == everywhere("warn")
        assert answers(with_all_lines(claim, dates=approved), "DATE01", file_date=approved) == []


def test_a_file_without_a_date() -> None:
    claim = on("837I", FROM - DAY, statement_dates=(FROM, TO))
    text = without_a_date(build([claim]))
    (scrubbed,), _ = scrub_text(text, engine("DATE01"))
    assert "file's own date" in not_checked(scrubbed)["DATE01"]
    assert found(scrubbed) == [("DATE01", "warn", 1, "DTP03")]


def test_malformed_dates_are_not_checked() -> None:
    assert reasons(with_line(visit_claim(), 1, dates="20261305"), "DATE01") == ["DTP03 is not a date"]


@each_type
def test_messages_name_both_dates(claim_type: ClaimType) -> None:
    (scrubbed,) = judge([on(claim_type, TODAY + DAY)], "DATE01", file_date=TODAY)
    for one in scrubbed.findings:
        assert "2026-10-16" in one.message
        assert "the date of the file, 2026-10-15 (the latest of ISA09, GS04 and BHT04)" in one.message


def test_the_day_of_the_run_is_named_as_such() -> None:
    facts = attrs.evolve(shipped(), as_of=TODAY)
    (scrubbed,) = judge([on("837P", TODAY + DAY)], "DATE01", facts=facts, file_date=TODAY + DAY)
    assert "2026-10-15, the day that was set for the run" in scrubbed.findings[0].message


@each_type
def test_a_late_claim_is_denied_for_another_reason_than_a_wrong_date(claim_type: ClaimType) -> None:
    (late,) = judge([on(claim_type, TODAY - 400 * DAY)], "DATE01", file_date=TODAY)
    assert [(one.carc, one.severity) for one in late.findings] == [("29", "warn")]
    (early,) = judge([on(claim_type, TODAY + DAY)], "DATE01", file_date=TODAY)
    assert {one.carc for one in early.findings} == {"16"}


@each(
    ("served", "today", "late"),
    {
        "a leap year within": (date(2024, 1, 15), date(2025, 1, 15), False),
        "a leap year and a day": (date(2024, 1, 15), date(2025, 1, 16), True),
        "29 February": (date(2024, 2, 29), date(2025, 2, 28), False),
        "the day after": (date(2024, 2, 29), date(2025, 3, 1), True),
    },
)
def test_the_limit_is_a_calendar_year(served: date, today: date, late: bool) -> None:
    assert bool(answers(on("837P", served), "DATE01", file_date=today)) is late


@each_type
@each(("age", "late"), {"within": (95, False), "a day more": (96, True)})
def test_a_payer_s_own_limit(claim_type: ClaimType, age: int, late: bool) -> None:
    facts = attrs.evolve(shipped(), filing_limit=Period("a contract", 1.0, days=95))
    claim = on(claim_type, TODAY - age * DAY)
    (scrubbed,) = judge([claim], "DATE01", facts=facts, file_date=TODAY)
    assert [one.carc for one in scrubbed.findings] == (["29"] if late else [])
    if late:
        assert "this payer takes claims for 95 days" in scrubbed.findings[0].message


def test_dates_at_the_end_of_time_fail_no_edit() -> None:
    assert answers(on("837P", date(9999, 12, 31)), "DATE01", file_date=TODAY) == [("reject", 1, "DTP03")]
    assert answers(on("837P", TODAY), "DATE01", file_date=date(9999, 12, 31)) == [("warn", 1, "DTP03")]


def test_a_range_is_judged_as_a_whole_and_mentions_no_days() -> None:
    claim = visit_claim(lines=(LineSpec("99213", dates=(TODAY, TODAY + DAY)),))
    (scrubbed,) = judge([claim], "DATE01", file_date=TODAY)
    assert "several days" not in scrubbed.findings[0].message
