"""The drug that a text names, and how sure the first day of its code is."""

from __future__ import annotations

import re
from datetime import date

from scrubber.reference import Drug, Facts

_SURE = 0.8
"""Confidence of a fact from which on a claim is rejected for it."""


def is_sure(hcpcs: str, facts: Facts) -> bool:
    """Whether the days of a shipped drug code are sure enough for a reject."""
    drug = facts.any_drug(hcpcs)
    return drug is not None and drug.confidence >= _SURE


def named_drug(text: str, day: date | None, facts: Facts) -> Drug | None:
    """The drug that a text names by substance or brand, if its code was in force on a day.

    If the text names several drugs, it is the drug with the longest name.
    """
    named = [
        (len(name), drug)
        for drug in facts.drugs
        for name in (drug.substance, drug.brand)
        if day and facts.drug(drug.hcpcs, day) is drug and _names(text, name, drug, facts)
    ]
    return max(named, key=lambda found: found[0])[1] if named else None


def _names(text: str, name: str, drug: Drug, facts: Facts) -> bool:
    """Whether a text has a name by itself. A biosimilar (denosumab-bbdz) does not name its original.

    Originals have a suffix of four letters, too (anifrolumab-fnia), but only those that came after the rule.
    """
    suffix = "(?:-[a-z]{4})?" if drug.since >= facts.turning_points["suffixes_of_biologics"].since else ""
    return re.search(rf"(?<![\w-]){re.escape(name)}{suffix}(?![\w-])", text, re.IGNORECASE) is not None
