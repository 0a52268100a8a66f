"""What tests of edits share that look at several claims, at tables that are loaded, or at every payer scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import attrs

from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.reference import Facts, shipped
from scrubber.reference.editions import Row, external_table
from scrubber.testing import FILE_DATE, ClaimSpec, judged
from tests.scrubbing import SCOPES, found, installed

LONG_AGO = date(2000, 1, 1)


def judge(
    claims: Iterable[ClaimSpec], code: str, *, facts: Facts | None = None, file_date: date = FILE_DATE
) -> list[ScrubbedClaim]:
    """The claims of one file, scrubbed by one edit."""
    return judged(installed()[code], *claims, facts=facts, file_date=file_date)


def answers(claim: ClaimSpec, code: str, **options: Any) -> list[tuple[str | None, int | None, str]]:
    """What one edit finds on one claim: severity, line, element."""
    (scrubbed,) = judge([claim], code, **options)
    return [(severity, line, element) for _, severity, line, element in found(scrubbed)]


def reasons(claim: ClaimSpec, code: str, **options: Any) -> list[str]:
    """Why an edit could not decide on a claim."""
    (scrubbed,) = judge([claim], code, **options)
    return [item.reason for item in scrubbed.not_checked]


def severities(claim: ClaimSpec, code: str, **options: Any) -> dict[str, str | None]:
    """The severity of an edit's one finding on a claim, for each payer scope; `None` where it finds nothing."""
    by_scope = {}
    for scope, filing in SCOPES.items():
        graded = {severity for severity, _, _ in answers(attrs.evolve(claim, filing=filing), code, **options)}
        assert len(graded) <= 1
        by_scope[scope] = next(iter(graded), None)
    return by_scope


def scoped(ffs: str | None, madv: str | None, mcd: str | None, other: str | None) -> dict[str, str | None]:
    """Severities by payer scope, as `severities` gives them."""
    return {"ffs": ffs, "ffs-a": ffs, "madv": madv, "mcd": mcd, "commercial": other, "unknown": other}


def everywhere(severity: str) -> dict[str, str | None]:
    """The same severity for every payer."""
    return scoped(severity, severity, severity, severity)


def without_a_date(text: str) -> str:
    """A file of `FILE_DATE` whose own dates (ISA09, GS04 and BHT04) are no days."""
    for written in (f"{FILE_DATE:%Y%m%d}*0830", f"{FILE_DATE:%y%m%d}*0830"):
        text = text.replace(written, f"{written[:-7]}45*0830")
    return text


def loaded(name: str, *rows: Row) -> Facts:
    """The shipped facts with one more table."""
    return attrs.evolve(shipped(), tables={name: external_table(name, "test", rows)})


def together(tables: Mapping[str, Iterable[Row]]) -> Facts:
    """The shipped facts with some more tables by name."""
    return attrs.evolve(shipped(), tables={name: external_table(name, "test", rows) for name, rows in tables.items()})


def row(key: str, since: date = LONG_AGO, until: date | None = None, **values: str) -> Row:
    """A row of a table."""
    return Row(key, since, until, values)
