"""The findings of a claim as people look at them: those on the claim as a whole, and those on each line.

The XML report and the page show the same details. Both need them, so they are made once for each claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from scrubber.claims.once import once_per_claim
from scrubber.claims.values import money
from scrubber.edit import SEVERITIES, Severity
from scrubber.engine.record import lines_at_fault, lines_shown
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.record import claim_record
from scrubber.severities import gravity

Record = Mapping[str, Any]
"""A record as in the JSON report."""


_OF_LINE = ("procedure", "modifiers", "revenue_code", "charge", "units", "unit_basis", "ndc")
LINE_KEYS = ("service_line", *_OF_LINE, "allowed")
FINDING_KEYS = ("code", "severity", "loop", "segment_id", "element", "fix", "carc", "rarc", "claim_status")
"""What many findings share, so that a report can keep the texts that it makes of them. `shared_by_findings` gives the
values in a record, in this order. Messages are not among them, as many name an amount or a date."""

shared_by_findings: Callable[[Record], tuple[str | None, ...]] = itemgetter(*FINDING_KEYS)


def finding_parts(values: Sequence[str | None]) -> tuple[Record, Record, Record, Record]:
    """The values of `FINDING_KEYS` as parts of a record, as other values stand between them.

    They are code and severity, the loop, segment and element, and what follows the message: fix and denial.
    """
    known = [*zip(FINDING_KEYS, values, strict=True)]
    return dict(known[:2]), dict(known[2:3]), dict(known[3:5]), dict(known[5:])


class LineDetails(NamedTuple):
    """A service line that is shown, and its findings.

    `key` has the values of `LINE_KEYS`, as the file writes them, with the modifiers in one text. Lines with the same
    key look the same in reports.
    """

    key: tuple[int | str | None, ...]
    findings: Sequence[Record]


FoundCodes = tuple[tuple[str, Severity | None], ...]
"""The codes and severities of the findings of a claim. Many claims of a file have the same."""


class Details(NamedTuple):
    """The findings of a claim: all by code (see `counts`), those on no line, and the lines that are shown."""

    found: FoundCodes
    of_claim: Sequence[Record]
    lines: Sequence[LineDetails]


@once_per_claim
def details(scrubbed: ScrubbedClaim) -> Details:
    """The details of a claim that has findings."""
    record = claim_record(scrubbed)
    found: dict[int, list[Record]] = {}
    of_claim: list[Record] = []
    for line, of_finding in zip(lines_at_fault(scrubbed), record["findings"], strict=True):
        (of_claim if line is None else found.setdefault(line.start, [])).append(of_finding)
    allowed = {line.start: money(line.allowed) for line in scrubbed.price.lines} if scrubbed.price else {}
    lines = [
        LineDetails(_key(of_line, allowed.get(line.start)), found.get(line.start, ()))
        for line, of_line in zip(lines_shown(scrubbed), record["lines"], strict=True)
    ]
    found_here = tuple([(finding.code, finding.severity) for finding in scrubbed.findings])
    return Details(found_here, of_claim, lines)


def _key(line: Record, allowed: str | None) -> tuple[int | str | None, ...]:
    procedure, modifiers, *others = [line[name] for name in _OF_LINE]
    return line["service_line"], procedure, " ".join(modifiers) or None, *others, allowed


def counts(found: FoundCodes) -> Sequence[Record]:
    """How many findings there are of each code and severity, the gravest first."""
    counted = Counter((gravity(severity), code) for code, severity in found)
    in_order = sorted(counted.items())
    return [{"code": code, "severity": SEVERITIES[grade], "count": count} for (grade, code), count in in_order]
