"""Add-on codes and their primaries, by a loaded table of add-on codes."""

from __future__ import annotations

from datetime import date

import pytest

from scrubber.reference import Facts
from scrubber.reference.editions import Row
from scrubber.reference.external import ADD_ON
from scrubber.testing import ClaimSpec, ClaimType, LineSpec, drug_line, infusion_claim
from tests.edits.judging import answers, judge, loaded, reasons, row, scoped, severities
from tests.edits.loaded_drugs import QUARTER, having
from tests.scrubbing import each, each_type

DRUG, INFUSION = drug_line(), LineSpec("96365")


def add_on(
    code: str, kind: str, *primaries: str, since: date = date(2020, 1, 1), until: date | None = None
) -> list[Row]:
    return [row(code, since, until, type=kind, primary=primary) for primary in primaries or ("",)]


TABLE = loaded(
    ADD_ON,
    *add_on("96366", "1", "96365", "96367"),
    *add_on("96368", "3", "96365"),
    *add_on("99292", "1", "99291"),
    *add_on("G2211", "1", "99213", "99214"),
    *add_on("0001T", "2"),
    *add_on("96415", "1", "96413", until=date(2026, 9, 30)),
)


def of(claim_type: ClaimType, *codes: str, **changes: str) -> ClaimSpec:
    lines = tuple(LineSpec(code, revenue_code="0260") for code in codes)
    return infusion_claim(claim_type, lines=(DRUG, *lines), **changes)


@each_type
@each(
    ("codes", "line", "severity"),
    {
        "with its primary": (("96365", "96366"), None, None),
        "with another primary": (("96365", "96367", "96366"), None, None),
        "alone": (("96366",), 2, "reject"),
        "an open list": (("96374", "96368"), 3, "warn"),
        "chosen by the contractor": (("96365", "0001T"), None, None),
        "a service that gives no drug": (("99292",), 2, "warn"),
        "a visit with its add-on": (("99213", "G2211", "96365"), None, None),
        "the add-on of a visit without the visit": (("96365", "G2211"), 3, "warn"),
        "a code that the table does not have, by the shipped rows": (("96367",), 2, "reject"),
        "a deleted pair, by the shipped rows": (("96415",), 2, "reject"),
    },
)
def test_an_add_on_code_needs_one_of_its_primaries(
    claim_type: ClaimType, codes: tuple[str, ...], line: int | None, severity: str | None
) -> None:
    found = [(grade, number) for grade, number, _ in answers(of(claim_type, *codes, filing="MB"), "ADM04", facts=TABLE)]
    assert found == ([(severity, line)] if line else [])


def test_severities_by_payer_and_kind_of_list() -> None:
    assert severities(of("837P", "96366"), "ADM04", facts=TABLE) == scoped("reject", "warn", "warn", "warn")
    assert severities(of("837P", "99292"), "ADM04", facts=TABLE) == scoped("warn", "warn", "warn", "warn")


def test_the_loaded_edition_wins_over_the_shipped_rows() -> None:
    """The shipped rows do not let 96366 follow 96413."""
    wider = loaded(ADD_ON, *add_on("96366", "1", "96365", "96413"))
    claim = of("837P", "96413", "96366")
    assert len(answers(claim, "ADM04")) == 1
    assert answers(claim, "ADM04", facts=wider) == []


@pytest.mark.parametrize("code", ["96366", "99292"])
def test_a_day_without_an_edition_is_not_checked_and_the_shipped_rows_still_hold(code: str) -> None:
    facts: Facts = having({ADD_ON: add_on("96366", "1", "96365") + add_on("99292", "1", "99291")})
    before = LineSpec(code, dates=date(QUARTER[0].year, 9, 30))
    claim = infusion_claim(lines=(DRUG, before), filing="MB")
    assert "has no edition" in reasons(claim, "ADM04", facts=facts)[0]
    assert [found[1] for found in answers(claim, "ADM04", facts=facts)] == ([2] if code == "96366" else [])


def test_the_message_names_a_part_of_a_long_list() -> None:
    facts = loaded(ADD_ON, *add_on("99999", "1", *(f"1000{number}" for number in range(10)), "20000"))
    (scrubbed,) = judge([of("837P", "99999")], "ADM04", facts=facts)
    assert "or 2 more" in scrubbed.findings[0].message
