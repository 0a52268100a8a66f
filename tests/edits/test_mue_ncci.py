"""Unit limits and code pairs, from small tables."""

from datetime import date
from typing import Any

import attrs
import pytest

from fixtures.case import element_name
from scrubber.reference import Facts
from scrubber.reference.external import MEDICAID_MUE, MEDICAID_NCCI, MUE, NCCI
from scrubber.testing import (
    OTHER_RENDERING_NPI,
    ClaimSpec,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    visit_claim,
    with_all_lines,
)
from tests.edits.judging import answers, everywhere, judge, loaded, reasons, row, scoped, severities, together
from tests.edits.loaded_drugs import having
from tests.scrubbing import each, each_type

NEXT_DAY = date(2026, 10, 6)


def limits(indicator: str, **dates: Any) -> Facts:
    limit = row("J0490", **dates, units="160", adjudication=indicator)
    return together({name: [limit] for name in MUE.values()})


def doses(claim_type: ClaimType, *units: int | str, **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_type, lines=tuple(drug_line(units=one, **changes) for one in units))


@each_type
@each(
    ("indicator", "units", "faults"),
    {
        "line, at the limit": ("1", (160,), []),
        "line, above": ("1", (161,), [1]),
        "lines, each at the limit": ("1", (160, 160), []),
        "second line above": ("1", (160, 200), [2]),
        "day, at the limit": ("2", (80, 80), []),
        "day, above": ("2", (80, 81), [2]),
        "day, one line above": ("2", (161,), [1]),
        "clinical, at the limit": ("3", (160,), []),
        "clinical, above": ("3", (80, 81), [2]),
    },
)
def test_units_above_the_limit_of_a_line_or_a_day(
    claim_type: ClaimType, indicator: str, units: tuple[int, ...], faults: list[int]
) -> None:
    severity = "warn" if indicator == "3" else "reject"
    claim = doses(claim_type, *units)
    expected = [(severity, line, element_name(claim_type, "units")) for line in faults]
    assert answers(claim, "MUE01", facts=limits(indicator)) == expected


def test_units_by_scope() -> None:
    for indicator in ("1", "2"):
        assert severities(doses("837P", 161), "MUE01", facts=limits(indicator)) == scoped(
            "reject", "warn", "warn", "warn"
        )
    assert severities(doses("837P", 161), "MUE01", facts=limits("3")) == everywhere("warn")


def test_units_of_other_days_do_not_add_up_and_those_of_other_providers_are_doubted() -> None:
    claim = infusion_claim(lines=(drug_line(), drug_line(units=81, dates=NEXT_DAY)))
    assert answers(claim, "MUE01", facts=limits("2")) == []
    claim = infusion_claim(lines=(drug_line(), drug_line(units=81, rendering_npi=OTHER_RENDERING_NPI)))
    assert answers(claim, "MUE01", facts=limits("2")) == [("warn", 2, "SV104")]
    discarded = infusion_claim(lines=(drug_line(units=158), drug_line(units=3, modifiers=("JW",))))
    assert len(answers(discarded, "MUE01", facts=limits("3"))) == 1


def test_limits_by_date_type_and_table() -> None:
    since = limits("1", since=date(2026, 10, 5))
    assert answers(doses("837P", 161), "MUE01", facts=since) != []
    assert answers(doses("837P", 161, dates=date(2026, 10, 4)), "MUE01", facts=since) == []
    until = limits("1", until=date(2026, 10, 4))
    assert answers(doses("837P", 161), "MUE01", facts=until) == []
    professional = loaded(MUE["837P"], row("J0490", units="160", adjudication="1"))
    assert answers(doses("837I", 161), "MUE01", facts=professional) == []
    assert reasons(doses("837I", 161), "MUE01", facts=professional) == ["table mue-hospital is not loaded"]
    assert judge([doses("837P", 161)], "MUE01")[0].findings == ()
    assert answers(visit_claim(), "MUE01", facts=limits("1")) == []
    inpatient = attrs.evolve(doses("837I", 161), facility_code="11")
    assert answers(inpatient, "MUE01", facts=limits("1")) == []


def test_units_on_an_unknown_day() -> None:
    (reason,) = reasons(doses("837P", 161, dates=(date(2026, 10, 5), NEXT_DAY)), "MUE01", facts=limits("1"))
    assert "covers several days" in reason
    assert reasons(doses("837P", 161, dates=None), "MUE01", facts=limits("1")) == [reason]
    assert reasons(doses("837P", 160, dates=(date(2026, 10, 5), NEXT_DAY)), "MUE01", facts=limits("1")) == []
    assert reasons(doses("837P", "1X"), "MUE01", facts=limits("1")) == ["SV104 is not a number"]


def pairs(indicator: str, **dates: Any) -> Facts:
    pair = row("96413 96365", **dates, modifier=indicator)
    return together({name: [pair] for name in NCCI.values()})


FIRST, SECOND = LineSpec("96413", revenue_code="0335"), LineSpec("96365")


@each_type
@each(
    ("indicator", "lines", "faults"),
    {
        "never": ("0", (FIRST, SECOND), [2]),
        "never, the other way round": ("0", (SECOND, FIRST), [1]),
        "never, even with a modifier": ("0", (FIRST, attrs.evolve(SECOND, modifiers=("59",))), [2]),
        "without modifier": ("1", (FIRST, SECOND), [2]),
        "59": ("1", (FIRST, attrs.evolve(SECOND, modifiers=("59",))), []),
        "XS on the first": ("1", (attrs.evolve(FIRST, modifiers=("XS",)), SECOND), []),
        "LT": ("1", (FIRST, attrs.evolve(SECOND, modifiers=("GC", "LT"))), []),
        "another modifier": ("1", (FIRST, attrs.evolve(SECOND, modifiers=("GC",))), [2]),
        "one of two lines": ("1", (FIRST, SECOND, attrs.evolve(SECOND, modifiers=("59",))), [2]),
        "no longer": ("9", (FIRST, SECOND), []),
        "on two days": ("0", (FIRST, attrs.evolve(SECOND, dates=NEXT_DAY)), []),
        "alone": ("0", (FIRST,), []),
        "another pair": ("0", (FIRST, LineSpec("96372")), []),
    },
)
def test_two_procedures_that_medicare_pays_as_one(
    claim_type: ClaimType, indicator: str, lines: tuple[LineSpec, ...], faults: list[int]
) -> None:
    claim = visit_claim(claim_type, lines=lines)
    expected = [("reject", line, element_name(claim_type, "procedure")) for line in faults]
    assert answers(claim, "NCCI01", facts=pairs(indicator)) == expected


def test_pairs_by_scope_date_provider_and_table() -> None:
    claim = visit_claim(lines=(FIRST, SECOND))
    assert severities(claim, "NCCI01", facts=pairs("0")) == scoped("reject", "warn", "warn", "warn")
    assert answers(claim, "NCCI01", facts=pairs("0", since=date(2026, 10, 5))) != []
    assert answers(claim, "NCCI01", facts=pairs("0", since=NEXT_DAY)) == []
    assert answers(claim, "NCCI01", facts=pairs("0", until=date(2026, 10, 5))) != []
    assert answers(claim, "NCCI01", facts=pairs("0", until=date(2026, 10, 4))) == []
    elsewhere = visit_claim(lines=(FIRST, attrs.evolve(SECOND, rendering_npi=OTHER_RENDERING_NPI)))
    assert answers(elsewhere, "NCCI01", facts=pairs("0")) == [("warn", 2, "SV101-2")]
    assert judge([claim], "NCCI01")[0].findings == ()
    inpatient = visit_claim("837I", facility_code="11", lines=(FIRST, SECOND))
    assert answers(inpatient, "NCCI01", facts=pairs("0")) == []


@pytest.mark.parametrize("dates", [None, (date(2026, 10, 5), NEXT_DAY)])
def test_pairs_on_an_unknown_day(dates: object) -> None:
    claim = with_all_lines(visit_claim(lines=(FIRST, SECOND)), dates=dates)
    assert answers(claim, "NCCI01", facts=pairs("0")) == []
    assert "day of service is not known" in reasons(claim, "NCCI01", facts=pairs("0"))[0]


def test_medicaids_own_tables_hold_for_medicaid() -> None:
    facts = together(
        {
            MUE["837P"]: [row("J0490", units="160", adjudication="2")],
            MEDICAID_MUE["837P"]: [row("J0490", units="100")],
            NCCI["837P"]: [],
            MEDICAID_NCCI["837P"]: [row("96413 96365", modifier="0")],
        }
    )
    claim = infusion_claim(lines=(drug_line(units=120), LineSpec("96413"), LineSpec("96365")))
    assert answers(attrs.evolve(claim, filing="MC"), "MUE01", facts=facts) == [("warn", 1, "SV104")]
    assert answers(attrs.evolve(claim, filing="MC"), "NCCI01", facts=facts) == [("warn", 3, "SV101-2")]
    for code in ("MUE01", "NCCI01"):
        assert answers(attrs.evolve(claim, filing="MB"), code, facts=facts) == []


def test_a_limit_of_zero_means_that_the_code_is_not_billed_there() -> None:
    facts = loaded(MUE["837P"], row("J0490", units="0", adjudication="3"))
    (scrubbed,) = judge([infusion_claim()], "MUE01", facts=facts)
    assert "not billed by this kind of provider" in scrubbed.findings[0].message


@each_type
def test_a_day_without_an_edition_is_not_checked_even_for_a_code_that_no_edition_has(claim_type: ClaimType) -> None:
    """The edition of that day may have it."""
    facts = having({name: [row("J0491", units="1")] for name in (*MUE.values(), *NCCI.values())})
    late = with_all_lines(infusion_claim(claim_type), dates=date(2027, 1, 4))
    for code in ("MUE01", "NCCI01"):
        assert answers(late, code, facts=facts) == []
        (reason,) = reasons(late, code, facts=facts)
        assert "has no edition for the date of service; the nearest is 2026-10" in reason
        assert reasons(infusion_claim(claim_type), code, facts=facts) == []


def test_units_over_a_limit_are_found_next_to_a_day_without_an_edition() -> None:
    facts = having({MUE["837P"]: [row("J0490", units="160", adjudication="1")]})
    claim = infusion_claim(lines=(drug_line(units=161, dates=date(2026, 9, 30)), drug_line(units=161)))
    assert answers(claim, "MUE01", facts=facts) == [("reject", 2, "SV104")]
    assert len(reasons(claim, "MUE01", facts=facts)) == 1
