"""For tests of edits of one's own: invented claims, and what an edit must say of them. `docs/api.md` shows how."""

from scrubber.testing.builder import (
    ClaimSpec,
    LineSpec,
    adding,
    anifrolumab_claim,
    build,
    drug_line,
    infusion_claim,
    npi,
    numbered,
    visit_claim,
    waste_claim,
    waste_lines,
    with_all_lines,
    with_line,
    without_line,
)
from scrubber.testing.judging import assert_finds, assert_not_checked, assert_silent, claim_of, judged

__all__ = [
    "ClaimSpec",
    "LineSpec",
    "adding",
    "anifrolumab_claim",
    "assert_finds",
    "assert_not_checked",
    "assert_silent",
    "build",
    "claim_of",
    "drug_line",
    "infusion_claim",
    "judged",
    "npi",
    "numbered",
    "visit_claim",
    "waste_claim",
    "waste_lines",
    "with_all_lines",
    "with_line",
    "without_line",
]
