"""Builds invented 837P and 837I files from descriptions of their claims.

A test describes what matters to it and leaves the rest to the defaults: one base claim that nothing is wrong with, and
small changes to it. The same description serves both guides.

    claim = infusion_claim("837P", "A-1")
    text = build([claim, with_line(claim, 1, modifiers=()), attrs.evolve(claim, filing="MC")])
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

import attrs

from scrubber.testing.segments import amount, trimmed, write
from scrubber.testing.specs import (
    BENLYSTA_120,
    BENLYSTA_400,
    FILE_DATE,
    SAPHNELO,
    ClaimSpec,
    DelimiterSpec,
    GroupSpec,
    InterchangeSpec,
    LineSpec,
    Number,
    TransactionSpec,
)
from scrubber.x12.guides import ClaimType


def drug_line(
    procedure: str = "J0490",
    units: Number = 80,
    modifiers: tuple[str, ...] = ("JZ",),
    **changes: Any,
) -> LineSpec:
    """Belimumab or anifrolumab with the NDC of its vials and their number.

    Belimumab comes in the 400 mg vial where the units are whole 400 mg vials, else in the 120 mg one.
    """
    whole = amount(units)
    if procedure == "J0491":
        ndc, quantity, unit = SAPHNELO, whole / 150, "ML"
    elif whole % 40 == 0:
        ndc, quantity, unit = BENLYSTA_400, whole / 40, "UN"
    else:
        ndc, quantity, unit = BENLYSTA_120, whole / 12, "UN"
    line = LineSpec(procedure, modifiers, units, ndc=ndc, ndc_quantity=trimmed(quantity), ndc_unit=unit)
    return attrs.evolve(line, **changes)


def waste_lines(administered: int = 69, discarded: int = 3, vial: str | None = None) -> tuple[LineSpec, LineSpec]:
    """Belimumab with waste: the administered line and its JW line, of vials of one size."""
    vial = vial or (BENLYSTA_400 if (administered + discarded) % 40 == 0 else BENLYSTA_120)
    per_vial = 40 if vial == BENLYSTA_400 else 12
    given = trimmed(Decimal(administered) / per_vial)
    return (
        drug_line(units=administered, modifiers=(), ndc=vial, ndc_quantity=given),
        drug_line(
            units=discarded,
            modifiers=("JW",),
            ndc=vial,
            ndc_quantity=Decimal(administered + discarded) / per_vial - given,
        ),
    )


def infusion_claim(claim_type: ClaimType = "837P", claim_id: str = "BASE-1", **changes: Any) -> ClaimSpec:
    """The base claim: 800 mg of belimumab from two whole vials, one hour's infusion, nothing wrong with it."""
    claim = ClaimSpec(claim_type, claim_id, (drug_line(), LineSpec("96365")))
    return attrs.evolve(claim, **changes)


def waste_claim(claim_type: ClaimType = "837P", claim_id: str = "BASE-2", **changes: Any) -> ClaimSpec:
    """The base claim with waste: 690 mg out of six vials of 120 mg, the rest discarded and billed with JW."""
    lines = (*waste_lines(), LineSpec("96365"))
    return attrs.evolve(infusion_claim(claim_type, claim_id, lines=lines), **changes)


def anifrolumab_claim(claim_type: ClaimType = "837P", claim_id: str = "BASE-3", **changes: Any) -> ClaimSpec:
    """One vial of anifrolumab and its infusion, nothing wrong with it."""
    lines = (drug_line("J0491", 300), LineSpec("96365"))
    return attrs.evolve(infusion_claim(claim_type, claim_id, lines=lines), **changes)


def visit_claim(claim_type: ClaimType = "837P", claim_id: str = "BASE-4", **changes: Any) -> ClaimSpec:
    """A visit without any drug."""
    line = LineSpec("99213" if claim_type == "837P" else "G0463")
    return attrs.evolve(infusion_claim(claim_type, claim_id, lines=(line,)), **changes)


def with_line(claim: ClaimSpec, number: int, **changes: Any) -> ClaimSpec:
    """The claim with its line `number` (from 1) changed."""
    lines = list(claim.lines)
    lines[number - 1] = attrs.evolve(lines[number - 1], **changes)
    return attrs.evolve(claim, lines=tuple(lines))


def with_all_lines(claim: ClaimSpec, **changes: Any) -> ClaimSpec:
    """The claim with the same change to each line."""
    return attrs.evolve(claim, lines=tuple(attrs.evolve(line, **changes) for line in claim.lines))


def without_line(claim: ClaimSpec, number: int) -> ClaimSpec:
    """The claim without its line `number` (from 1)."""
    return attrs.evolve(claim, lines=claim.lines[: number - 1] + claim.lines[number:])


def adding(claim: ClaimSpec, *lines: LineSpec) -> ClaimSpec:
    """The claim with more lines at its end."""
    return attrs.evolve(claim, lines=claim.lines + lines)


def numbered(claim: ClaimSpec) -> ClaimSpec:
    """The claim with a line item control number on each line."""
    lines = (attrs.evolve(line, control_number=f"{claim.claim_id}L{n}") for n, line in enumerate(claim.lines, 1))
    return attrs.evolve(claim, lines=tuple(lines))


def build(
    claims: Iterable[ClaimSpec],
    *,
    file_date: date = FILE_DATE,
    delimiters: DelimiterSpec | None = None,
    eol: str = "\n",
    per_transaction: int | None = None,
    control: int = 1,
) -> str:
    """A file of one interchange; see `interchange`."""
    described = interchange(
        claims, file_date=file_date, delimiters=delimiters, per_transaction=per_transaction, control=control
    )
    return write([described], eol=eol)


def interchange(
    claims: Iterable[ClaimSpec],
    *,
    file_date: date = FILE_DATE,
    delimiters: DelimiterSpec | None = None,
    per_transaction: int | None = None,
    control: int = 1,
) -> InterchangeSpec:
    """An interchange of `claims`: a group for each run of one type, a transaction for `per_transaction` claims."""
    groups = []
    for number, (_, run) in enumerate(groupby(claims, key=lambda claim: claim.type), control):
        together = tuple(run)
        size = per_transaction or len(together)
        chunks = (together[first : first + size] for first in range(0, len(together), size))
        transactions = tuple(TransactionSpec(chunk, f"{number:04}") for number, chunk in enumerate(chunks, 1))
        groups.append(GroupSpec(transactions, str(number), file_date))
    return InterchangeSpec(tuple(groups), f"{control:09}", delimiters or DelimiterSpec())
