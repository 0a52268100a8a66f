"""A claim with findings in the form that people look at: which findings are on the claim, and which on which line.

The XML report and the page show the same details. They are worked out once: both take a claim one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from scrubber.claims.model import ServiceLine
from scrubber.claims.values import money
from scrubber.edit import SEVERITIES
from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs.excerpt import Excerpt, excerpts, line_values
from scrubber.outputs.record import claim_record

MOST_LINES = 50
"""A claim with findings shows all its lines up to this number. With more lines it shows those with findings."""

Record = Mapping[str, Any]
"""A record as in the JSON report."""


class Found(NamedTuple):
    """A finding, and its segment where it may be shown."""

    record: Record
    excerpt: Excerpt | None


class LineDetails(NamedTuple):
    """A service line that is shown: codes and amounts as the file has them, and its findings."""

    record: Record
    findings: Sequence[Found]


class Details(NamedTuple):
    """The findings of a claim.

    `counts` says how many there are of each code and severity, the gravest first. `of_claim` are those on no line.
    """

    counts: Sequence[Record]
    of_claim: Sequence[Found]
    lines: Sequence[LineDetails]


@lru_cache(maxsize=1)
def details(scrubbed: ScrubbedClaim) -> Details:
    """The details of a claim that has findings."""
    claim = scrubbed.claim
    found: dict[int, list[Found]] = {}
    of_claim: list[Found] = []
    records = claim_record(scrubbed)["findings"]
    for finding, record, shown in zip(scrubbed.findings, records, excerpts(scrubbed), strict=True):
        line = claim.line_at(finding.location)
        (of_claim if line is None else found.setdefault(line.start, [])).append(Found(record, shown))
    allowed = {line.start: line.allowed for line in scrubbed.price.lines} if scrubbed.price else {}
    few = len(claim.lines) <= MOST_LINES
    lines = [
        LineDetails(_line_record(line, allowed.get(line.start)), found.get(line.start, ()))
        for line in claim.lines
        if few or line.start in found
    ]
    return Details(_counts(scrubbed), of_claim, lines)


def _counts(scrubbed: ScrubbedClaim) -> list[Record]:
    counts = Counter((SEVERITIES.index(finding.severity or "info"), finding.code) for finding in scrubbed.findings)
    return [
        {"code": code, "severity": SEVERITIES[grade], "count": count} for (grade, code), count in sorted(counts.items())
    ]


def _line_record(line: ServiceLine, allowed: Decimal | None) -> dict[str, Any]:
    """What a person needs to find a line: codes and amounts as the file has them, and what Medicare allows for it."""
    return {
        "service_line": line.number,
        **line_values(line),
        "allowed": None if allowed is None else money(allowed),
    }
