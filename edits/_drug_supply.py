"""Signs on a claim that the provider did not buy the drug."""

from __future__ import annotations

import re

from scrubber.claims.model import Claim
from scrubber.reference import Facts

_SUPPLIED = re.compile(
    r"\b(?:(?:white|brown).?bag\w*|specialty pharm\w*|supplied by|"
    r"(?:drug|med\w*) (?:furnished|provided|purchased|bought) by|"
    r"free (?:drug|of charge)|no.?(?:cost|charge)|(?:drug samples?|sample drug)|"
    r"(?:patient|payer|plan|pharmacy|sponsor|manufacturer).{0,20}(?:supplied|furnished|provided)|replacement drug|"
    r"patient assistance|(?:clinical|study) trial)\b",
    re.IGNORECASE,
)
"""Words in a note that show that the provider did not buy the drug."""


def says_drug_was_supplied(claim: Claim, facts: Facts) -> bool:
    """Whether a note, a modifier or a diagnosis shows that another party supplied the drug."""
    trial, codes = facts.family("trial_modifiers"), facts.diagnosis_set("clinical_trial")
    if any(not trial.isdisjoint(line.modifiers) for line in claim.lines):
        return True
    if any(item.code in codes for item in claim.listed_diagnoses):
        return True
    notes = (segment[2] for segment in claim.span.segments if segment[0] == "NTE" and len(segment) > 2)
    return any(_SUPPLIED.search(note) for note in notes)
