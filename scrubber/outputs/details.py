"""A claim with findings in the form that people look at: which findings are on the claim, and which on which line.

The XML report and the page show the same details. They are worked out once: both take a claim one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from scrubber.claims.values import money
from scrubber.edit import SEVERITIES
from scrubber.engine.engine import ScrubbedClaim
from scrubber.engine.record import lines_shown
from scrubber.outputs.record import claim_record

Record = Mapping[str, Any]
"""A record as in the JSON report."""


class LineDetails(NamedTuple):
    """A service line that is shown: codes and amounts as the file has them, and its findings."""

    record: Record
    findings: Sequence[Record]


class Details(NamedTuple):
    """The findings of a claim.

    `counts` says how many there are of each code and severity, the gravest first. `of_claim` are those on no line.
    """

    counts: Sequence[Record]
    of_claim: Sequence[Record]
    lines: Sequence[LineDetails]


@lru_cache(maxsize=1)
def details(scrubbed: ScrubbedClaim) -> Details:
    """The details of a claim that has findings."""
    claim, record = scrubbed.claim, claim_record(scrubbed)
    found: dict[int, list[Record]] = {}
    of_claim: list[Record] = []
    for finding, of_finding in zip(scrubbed.findings, record["findings"], strict=True):
        line = claim.line_at(finding.location)
        (of_claim if line is None else found.setdefault(line.start, [])).append(of_finding)
    allowed = {line.start: money(line.allowed) for line in scrubbed.price.lines} if scrubbed.price else {}
    lines = [
        LineDetails({**of_line, "allowed": allowed.get(line.start)}, found.get(line.start, ()))
        for line, of_line in zip(lines_shown(scrubbed), record["lines"], strict=True)
    ]
    return Details(_counts(scrubbed), of_claim, lines)


def _counts(scrubbed: ScrubbedClaim) -> list[Record]:
    counts = Counter((SEVERITIES.index(finding.severity or "info"), finding.code) for finding in scrubbed.findings)
    return [
        {"code": code, "severity": SEVERITIES[grade], "count": count} for (grade, code), count in sorted(counts.items())
    ]
