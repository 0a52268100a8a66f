"""Claims of an infusion that tests of administration codes and diagnoses begin with."""

from __future__ import annotations

from datetime import date
from typing import Any

import attrs

from scrubber.testing import OTHER_RENDERING_NPI, ClaimSpec, ClaimType, LineSpec, drug_line, infusion_claim

NEXT_DAY = date(2026, 10, 6)
DRUG = drug_line()
INFUSION = LineSpec("96365")
COMPLEX = LineSpec("96413")
NEXT_INFUSION = attrs.evolve(INFUSION, dates=NEXT_DAY)
ELSEWHERE = attrs.evolve(INFUSION, rendering_npi=OTHER_RENDERING_NPI)


def of(claim_type: ClaimType, *lines: LineSpec, filing: str = "CI", **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_type, lines=lines, filing=filing), **changes)


def belimumab(claim_type: ClaimType, *diagnoses: str, **changes: Any) -> ClaimSpec:
    """An infusion of belimumab for some diagnoses."""
    return infusion_claim(claim_type, diagnoses=diagnoses, **changes)
