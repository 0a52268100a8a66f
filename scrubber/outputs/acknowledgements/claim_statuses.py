"""What a 277CA says about a claim: loop 2200D, and loops 2220D of its lines with rejects.

Each finding has an STC of its claim, with its code and message in STC12. A reject on a line stands in loop 2220D of the
line again, where the guide allows no text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.values import DateRange
from scrubber.edit import Finding
from scrubber.engine.acknowledgement import Acknowledgement
from scrubber.engine.record import clearinghouse_id, lines_at_fault
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.acknowledgements import billed
from scrubber.outputs.acknowledgements.status import (
    PAYER,
    RECEIVER,
    Status,
    acceptance,
    further,
    received_only,
    rejection,
    source_entity,
)
from scrubber.outputs.acknowledgements.writing import Segments

REJECTED, ACCEPTED = "U", "WQ"
NO_TRACE = "0"

_HELD = "HELD FOR REVIEW, NOT SENT ON YET"

_NO_DATES = DateRange(date(1900, 1, 1), date(1900, 1, 1))
"""Where the guide asks for a date of service and the claim has none that can be read."""
_COMPOSITES = 3
"""The statuses that an STC holds: STC01, STC10 and STC11."""
_LONGEST_TEXT = 264
_LONGEST_NUMBER = 50
_EMPTY_BEFORE_TEXT = 7
_EMPTY_BEFORE_FURTHER = 6


class ClaimStatuses:
    """Makes the statuses of claims.

    Codes, amounts and dates are clean as they are made here, so most segments are joined without `Segments.text`.
    """

    def __init__(self, settings: Acknowledgement) -> None:
        self._settings = settings
        entity = PAYER if source_entity(settings) == PAYER else RECEIVER
        self._accepted = acceptance(settings, entity)
        self._received_only = received_only(entity)

    def texts(self, segments: Segments, judged: ScrubbedClaim, day: str, *, rejected: bool) -> list[str]:
        """Loop 2200D of a claim, as `Segments.raw` takes it. `day` is the date of the statuses, CCYYMMDD."""
        claim = judged.claim
        if not judged.findings:
            return self.accepted(segments, claim, billed.charge(claim).text, day)
        separator = segments.delimiters.element
        texts = [f"TRN{separator}2{separator}{_number(segments, claim.claim_id)}"]
        action = REJECTED if rejected else ACCEPTED
        after = f"{separator}{day}{separator}{action}{separator}{billed.charge(claim).text}"
        self._add_statuses(texts, segments, judged, after, rejected=rejected)
        _add_references(texts, segments, claim)
        if rejected:
            for line, found in _by_line(judged):
                for start in range(0, len(found), _COMPOSITES):
                    self._add_line(texts, segments, line, found[start : start + _COMPOSITES], day)
        return texts

    def accepted(self, segments: Segments, claim: Claim, charge: str, day: str) -> list[str]:
        """The same for a claim without findings. `charge` is its charge as X12 writes it."""
        delimiters = segments.delimiters
        separator = delimiters.element
        texts = [
            f"TRN{separator}2{separator}{_number(segments, claim.claim_id)}",
            _acceptance(self._accepted, separator, delimiters.component, day) + charge,
        ]
        _add_references(texts, segments, claim)
        return texts

    def _add_statuses(
        self, texts: list[str], segments: Segments, judged: ScrubbedClaim, after: str, *, rejected: bool
    ) -> None:
        """An STC for each finding, rejects first. `after` is STC02 to STC04.

        A held claim was received and no more. A first STC says that it has not been sent on.
        """
        separator, component = segments.delimiters.element, segments.delimiters.component
        before_text = after + separator * (_EMPTY_BEFORE_TEXT + 1)
        held = judged.goes_to == "held"
        beside = self._received_only if held or rejected else self._accepted
        other = _begun(beside, separator, component)
        if held:
            texts.append(other + before_text + segments.cleaned(_HELD))
        for severity in ("reject", "warn", "info"):
            for finding in judged.findings:
                if (finding.severity or "info") != severity:
                    continue
                status = other
                if severity == "reject":
                    status = _begun(rejection(finding, self._settings), separator, component)
                texts.append(status + before_text + segments.cleaned(_text(finding)[:_LONGEST_TEXT]))

    def _add_line(
        self, texts: list[str], segments: Segments, line: ServiceLine, found: Sequence[Finding], day: str
    ) -> None:
        """Loop 2220D with up to three rejects of a line."""
        separator, component = segments.delimiters.element, segments.delimiters.component
        procedure, revenue = billed.service(line)
        charge, units = billed.line_charge(line).text, billed.units(line)
        texts.append(segments.repeated("SVC", procedure, charge, "", revenue, "", "", units))
        first, *others = (rejection(finding, self._settings) for finding in found)
        status = separator.join((_begun(first, separator, component), day, REJECTED))
        if others:
            more = separator.join(_joined(further(status), component) for status in others)
            status += separator * (_EMPTY_BEFORE_FURTHER + 1) + more
        texts.append(status)
        texts.append(separator.join(("REF", "FJ", _number(segments, billed.item_number(line)))))
        if number := billed.prescription(line).strip():
            texts.append(segments.text("REF", "XZ", number))
        dates = billed.line_dates(line)
        if dates:
            texts.append(_dates_of_service(separator, dates.first, dates.last))


def _add_references(texts: list[str], segments: Segments, claim: Claim) -> None:
    """The numbers of a claim at the clearinghouse and its type of bill, if it has them, and its dates of service."""
    separator = segments.delimiters.element
    if (answered := clearinghouse_id(claim)) and (number := answered.strip()):
        text = f"REF{separator}D9{separator}{number}" if _is_clean(number) else segments.text("REF", "D9", number)
        texts.append(text)
    if claim.type == "837I":
        bill_type = f"{claim.facility_code}{claim.frequency}".strip()
        texts.append(segments.repeated("REF", "BLT", bill_type or NO_TRACE))
    dates = billed.claim_dates(claim) or _NO_DATES
    texts.append(_dates_of_service(separator, dates.first, dates.last))


@lru_cache(maxsize=64)
def _acceptance(status: Status, separator: str, component: str, day: str) -> str:
    """The STC of an accepted claim up to its charge."""
    return separator.join((_begun(status, separator, component), day, ACCEPTED, ""))


@lru_cache(maxsize=1024)
def _begun(status: Status, separator: str, component: str) -> str:
    """An STC up to its status."""
    return f"STC{separator}{_joined(status, component)}"


@lru_cache(maxsize=4096)
def _dates_of_service(separator: str, first: date, last: date) -> str:
    """The DTP with the dates of a claim or line."""
    return separator.join(("DTP", "472", *billed.date_elements(first, last)))


def _is_clean(number: str) -> bool:
    """Whether a number can be written as it is: it is not too long, and no delimiter is a letter or a digit."""
    return number.isalnum() and number.isascii() and len(number) <= _LONGEST_NUMBER


def _number(segments: Segments, text: str) -> str:
    """The number of a claim or line, as the sender gave it."""
    if _is_clean(text):
        return text
    return segments.cleaned(text)[:_LONGEST_NUMBER].rstrip() or NO_TRACE


def _joined(status: Status, component: str) -> str:
    """A status as a composite."""
    return component.join(status if status.entity else status[:2])


def _by_line(judged: ScrubbedClaim) -> Sequence[tuple[ServiceLine, list[Finding]]]:
    """The lines with rejects, in file order, and their rejects."""
    found: dict[int, tuple[ServiceLine, list[Finding]]] = {}
    for finding, line in zip(judged.findings, lines_at_fault(judged), strict=True):
        if line and finding.severity == "reject":
            found.setdefault(line.start, (line, []))[1].append(finding)
    return [found[start] for start in sorted(found)]


def _text(finding: Finding) -> str:
    """Severity, code, line and element of a finding, what is wrong and how to mend it."""
    where = finding.location
    line = "" if where.service_line is None else f" line {where.service_line}"
    element = f" {where.element}" if where.element else ""
    return f"{(finding.severity or 'info').upper()} {finding.code}{line}{element} - {finding.message}; {finding.fix}"
