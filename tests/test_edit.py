"""What can be declared as an edit, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from scrubber.claims.model import Claim
from scrubber.edit import (
    CANNOT_KNOW,
    Dated,
    Edit,
    NotChecked,
    Results,
    Severity,
    by_payer,
    dated,
    edit,
    file_edit,
    finding,
    gravest,
)
from scrubber.reference import Facts
from tests.scrubbing import each, installed

DOCUMENTED = """What it checks: nothing.

Why it is denied: it is not.

How to fix: not at all.
"""
JULY, OCTOBER = date(2023, 7, 1), date(2023, 10, 1)


def declared(code: str = "TEST01", documentation: str | None = DOCUMENTED, **options: Any) -> Edit:
    """An edit that says nothing, with some of its declaration changed."""

    def check(claim: Claim, facts: Facts) -> Results:
        return ()

    check.__doc__ = documentation
    return edit(code, "A test", **{"severity": "warn", "concerns": None, "source": "a test", **options})(check)


def test_it_takes_little() -> None:
    plain = declared()
    assert (plain.types, plain.on_voids, plain.tables) == (("837P", "837I"), False, ())
    assert plain.documentation == DOCUMENTED.strip()


@pytest.mark.parametrize(
    "code", ["", "TEST", "TEST1", "TEST001", "test01", "01", "TE ST01", "TEST01\n", "ELEVENCHARS01"]
)
def test_a_code_is_at_most_ten_letters_and_two_digits(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        declared(code)


@each(
    "documentation",
    {
        "none": None,
        "empty": "",
        "one missing": DOCUMENTED.replace("How to fix", "Fix"),
        "another order": "How to fix: x\n\nWhy it is denied: y\n\nWhat it checks: z",
        "without colons": DOCUMENTED.replace(":", ""),
    },
)
def test_the_docstring_has_the_headings_in_order(documentation: str | None) -> None:
    with pytest.raises(ValueError, match="edit TEST01: the docstring needs the headings"):
        declared(documentation=documentation)


@each(
    "make",
    {
        "for all": lambda: declared(severity="fatal"),
        "for one scope": lambda: by_payer(ffs="reject", madv="warn", mcd="off", other="info"),  # type: ignore[arg-type]
        "from a date on": lambda: dated((JULY, "warning")),  # type: ignore[arg-type]
    },
)
def test_a_severity_is_one_of_three(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="is not a severity; the severities are reject, warn, info"):
        make()


def test_severity_by_payer_and_claim_type() -> None:
    by_scope = by_payer(ffs="reject", madv="warn", mcd=None, other="info")
    hospital = by_payer(ffs="info", madv=None, mcd=None, other=None)
    check = declared(severity=by_scope, institutional=hospital)
    assert check.severity("837P", "ffs") == "reject"
    assert check.severity("837P", "mcd") is None
    assert check.severity("837I", "ffs") == "info"
    assert declared(severity=by_scope).severity("837I", "ffs") == "reject"


def test_a_dated_severity_counts_from_its_day_on_and_is_off_before_the_first() -> None:
    phases = dated((JULY, "warn"), (OCTOBER, "reject"))
    assert isinstance(phases, Dated)
    days = (date(2023, 6, 30), JULY, date(2023, 9, 30), OCTOBER, date(2030, 1, 1))
    assert [phases.on(day) for day in days] == [None, "warn", "warn", "reject", "reject"]


@each(
    "make",
    {
        "no place": lambda: finding(None, "wrong", "mend it"),  # type: ignore[arg-type]
        "no reason": lambda: NotChecked(None),  # type: ignore[arg-type]
    },
)
def test_a_result_without_its_parts_is_refused_where_it_is_made(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        make()


def test_a_file_edit_begins_anew_for_each_file() -> None:
    def begin() -> Callable[[Claim, Facts], Results]:
        seen: list[str] = []

        def check(claim: Claim, _: Facts) -> Iterator[NotChecked]:
            seen.append(claim.claim_id)
            yield NotChecked(f"{len(seen)} seen")

        return check

    begin.__doc__ = DOCUMENTED
    counting = file_edit("TEST02", "Counts", severity="info", concerns=None, source="a test")(begin)
    assert counting.documentation == DOCUMENTED.strip()
    first, second = counting.for_file(), counting.for_file()
    assert first.check is not second.check
    assert declared().for_file() == declared()


FIRST, SECOND = date(2023, 1, 1), date(2024, 1, 1)
Graded = Severity | Dated | None


@each(
    ("one", "other", "expected"),
    {
        "off and off": (None, None, None),
        "off and on": (None, "info", "info"),
        "two severities": ("warn", "reject", "reject"),
        "dates and off": (dated((FIRST, "warn")), None, dated((FIRST, "warn"))),
        "dates and a severity": (dated((FIRST, "reject")), "warn", dated((date.min, "warn"), (FIRST, "reject"))),
        "dates and dates": (
            dated((FIRST, "info"), (SECOND, "warn")),
            dated((SECOND, "reject")),
            dated((FIRST, "info"), (SECOND, "reject")),
        ),
    },
)
def test_the_higher_of_two_severities(one: Graded, other: Graded, expected: Graded) -> None:
    assert gravest(one, other) == expected
    assert gravest(other, one) == expected


def test_what_an_edit_cannot_know_comes_after_the_other_headings() -> None:
    def check(claim: Claim, _: Facts) -> Results:
        return ()

    check.__doc__ = f"{CANNOT_KNOW}: a thing.\n\n{DOCUMENTED}"
    with pytest.raises(ValueError, match="after the other headings"):
        edit("TEST03", "A test", severity="warn", concerns=None, source="a test")(check)
    check.__doc__ = f"{DOCUMENTED}\n{CANNOT_KNOW}: a thing."
    assert edit("TEST03", "A test", severity="warn", concerns=None, source="a test")(check).title == "A test"


@pytest.mark.parametrize("code", installed().edits)
def test_every_installed_edit_documents_what_a_biller_needs(code: str) -> None:
    check = installed()[code]
    assert check.title
    assert not check.title.endswith(".")
    assert check.source
    assert 0 < check.confidence <= 1
    assert check.documentation.splitlines()[0].startswith("What it checks:")
    assert any(check.severity(claim_type, scope) for claim_type in check.types for scope in ("ffs", "mcd", "other"))
