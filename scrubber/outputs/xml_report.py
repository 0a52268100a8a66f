"""The XML report (schema: `report.xsd`). It is written as a stream: memory does not grow with the claims.

It holds what the JSON report holds: each record is an element, each of its values an attribute of the same name. Null
values are left out. It adds what a page for people needs: the ordinal of a claim in its file, the service lines of
claims with findings, the segment at fault where it may be shown, findings and charges by edit, payer and provider, and
the meaning of the codes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

from lxml import etree

from scrubber.claims.model import ServiceLine
from scrubber.claims.values import money
from scrubber.edit import SEVERITIES, Finding
from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.outputs.breakdown import Breakdown, Breakdowns, Share
from scrubber.outputs.excerpt import Excerpt, excerpts
from scrubber.outputs.explanation import Explanation, explained
from scrubber.outputs.record import (
    SCHEMA_VERSION,
    claim_record,
    error_record,
    run_record,
    standing_record,
    unchecked_record,
)
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

MOST_LINES = 50
"""A claim with findings shows all its lines up to this number. With more lines it shows those with findings."""


class XmlReport:
    """Writes the report to a binary file."""

    def __init__(self, out: BinaryIO, engine: Engine) -> None:
        self._engine = engine
        self._summary, self._share = Summary(), Share()
        self._share_of_file = Share()
        self._breakdowns = Breakdowns()
        self._codes = {item.code for item in engine.unavailable}
        self._files = 0
        self._out = out
        self._buffer = BytesIO()  # lxml would swallow an error of `out`
        self._file = ExitStack()
        self._document = ExitStack()
        self._xml = self._document.enter_context(etree.xmlfile(self._buffer, encoding="utf-8"))
        self._xml.write_declaration()
        self._document.enter_context(self._xml.element("report", schema_version=SCHEMA_VERSION))
        for name, record in run_record(engine).items():
            self._write(_header_element(name, record))

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._files += 1
        self._share_of_file = Share()
        head = {
            "ordinal": self._files,
            "path": path,
            "interchange_control_number": scan.control,
            "status": "ok" if scan.readable else "error",
            "sha256": scan.sha256,
        }
        self._xml.write("\n")
        self._file.enter_context(self._xml.element("file", _attributes(head)))
        self._xml.flush()
        self._pass_on()

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self._share_of_file.count(scrubbed)
        self._breakdowns.count(scrubbed)
        if not (scrubbed.findings or scrubbed.not_checked or scrubbed.suppressed):
            self._out.write(_plain_claim(claim_record(scrubbed), scrubbed.claim.number))
            return
        self._codes.update(finding.code for finding in scrubbed.findings)
        self._codes.update(item.code for item in scrubbed.not_checked)
        self._codes.update(item.finding.code for item in scrubbed.suppressed)
        self._write(_claim_element(scrubbed, scrubbed.claim.number))

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        for error in (*scan.errors, *notices):
            self._codes.add(error.code)
            self._write(_element("error", error_record(error)))
        for item in self._engine.unavailable:
            self._write(_element("not_checked", unchecked_record(item)))
        self._codes.update(summary.shadow)
        self._write(_summary_element(summary, self._share_of_file))
        self._xml.write("\n")
        self._file.close()
        self._summary.add(summary)
        self._share.add(self._share_of_file)

    def close(self) -> None:
        """End the report."""
        self._write(_summary_element(self._summary, self._share))
        self._write(_breakdown_element("edit", "code", self._breakdowns.edit))
        self._write(_breakdown_element("payer", "payer_id", self._breakdowns.payer))
        self._write(_breakdown_element("provider", "billing_npi", self._breakdowns.provider))
        for code in sorted(self._codes):
            self._write(_rule_element(explained(code, self._engine.catalogue)))
        for file in self._engine.profile.suppressions:
            self._write(_suppressions_element(standing_record(file, self._summary)))
        self._xml.write("\n")
        self._document.close()
        self._pass_on()

    def _write(self, element: etree._Element) -> None:
        self._xml.write("\n", element)
        self._xml.flush()
        self._pass_on()

    def _pass_on(self) -> None:
        self._out.write(self._buffer.getvalue())
        self._buffer.seek(0)
        self._buffer.truncate()


FORMAT = Format(lambda out, engine, _: XmlReport(out, engine), binary=True)


def xml_text(text: str) -> str:
    """The text with characters that are not printable written as `\\x1b`. Tabs and line ends stay.

    This covers what XML 1.0 cannot hold, and what a terminal or an editor would act on.
    """
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(character: str) -> str:
    if character.isprintable() or character in "\t\n\r":
        return character
    return character.encode("unicode_escape").decode()


def _claim_element(scrubbed: ScrubbedClaim, ordinal: int) -> etree._Element:
    claim, record = scrubbed.claim, claim_record(scrubbed)
    element = _element("claim", {"ordinal": ordinal, **record})
    for day in record["service_dates"]:
        etree.SubElement(element, "service_date").text = day
    if scrubbed.findings:
        findings = [
            (claim.line_at(finding.location), _finding_element(values, shown))
            for finding, values, shown in zip(scrubbed.findings, record["findings"], excerpts(scrubbed), strict=True)
        ]
        element.set("lines", str(len(claim.lines)))
        element.extend(_counts(scrubbed.findings))
        element.extend(found for line, found in findings if line is None)
        element.extend(_line_elements(scrubbed, findings))
    element.extend(_element("not_checked", item) for item in record["not_checked"])
    element.extend(_element("suppressed", item) for item in record.get("suppressed", ()))
    return element


def _plain_claim(record: Mapping[str, Any], ordinal: int) -> bytes:
    """A claim without findings, as most are: written by hand, in a third of the time."""
    single = {key: str(value) for key, value in record.items() if isinstance(value, str | int)}
    if _needs_no_escape("".join(single.values())):
        attributes = " ".join([f'{key}="{value}"' for key, value in single.items()])
    else:
        attributes = " ".join([f"{key}={quoteattr(xml_text(value), _IN_ATTRIBUTE)}" for key, value in single.items()])
    days = "".join(f"<service_date>{day}</service_date>" for day in record["service_dates"])
    return f'\n<claim ordinal="{ordinal}" {attributes}>{days}</claim>'.encode()


_needs_no_escape = re.compile(r"[\w .:/-]*", re.ASCII).fullmatch
_IN_ATTRIBUTE = {"\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def _counts(findings: Iterable[Finding]) -> Iterator[etree._Element]:
    """How many findings there are of each severity and code, the most severe first."""
    counts = Counter((SEVERITIES.index(finding.severity or "info"), finding.code) for finding in findings)
    for (grade, code), count in sorted(counts.items()):
        yield _element("findings", {"code": code, "severity": SEVERITIES[grade], "count": count})


def _line_elements(
    scrubbed: ScrubbedClaim, findings: Iterable[tuple[ServiceLine | None, etree._Element]]
) -> Iterator[etree._Element]:
    """The lines that are shown, each with its findings."""
    claim = scrubbed.claim
    allowed = {line.start: line.allowed for line in scrubbed.price.lines} if scrubbed.price else {}
    found: dict[int, list[etree._Element]] = {}
    for at, finding in findings:
        if at is not None:
            found.setdefault(at.start, []).append(finding)
    for line in claim.lines:
        if line.start in found or len(claim.lines) <= MOST_LINES:
            element = _element("line", _line_record(line, allowed.get(line.start)))
            element.extend(found.get(line.start, ()))
            yield element


def _line_record(line: ServiceLine, allowed: Decimal | None) -> dict[str, Any]:
    """What a person needs to find a line: codes and amounts as the file has them, and what Medicare allows for it."""
    return {
        "service_line": line.number,
        "procedure": line.procedure or None,
        "modifiers": " ".join(filter(None, line.modifiers)) or None,
        "revenue_code": line.revenue_code or None,
        "charge": line.charge_text or None,
        "units": line.units_text or None,
        "unit_basis": line.unit_basis or None,
        "ndc": line.ndc or None,
        "allowed": None if allowed is None else money(allowed),
    }


def _finding_element(record: Mapping[str, Any], shown: Excerpt | None) -> etree._Element:
    element = _element("finding", record)
    if shown:
        element.append(_excerpt_element(shown))
    return element


def _excerpt_element(shown: Excerpt) -> etree._Element:
    """The segment with the part at fault in `mark`, which is empty where something is missing."""
    element = etree.Element("excerpt")
    if shown.mark is None:
        element.text = shown.text
        return element
    start, stop = shown.mark
    mark = etree.SubElement(element, "mark")
    element.text, mark.text, mark.tail = shown.text[:start], shown.text[start:stop], shown.text[stop:]
    return element


def _summary_element(summary: Summary, share: Share) -> etree._Element:
    record, more = summary.record(), share.record()
    counts = {name: more[name] for name in ("charge_at_stake", "noted", "undecided")}
    element = _element("summary", record | counts)
    for name in ("findings", "shadow"):
        found = record.get(name, {})
        element.extend(_element(name, {"code": code, "count": count}) for code, count in found.items())
    return element


def _breakdown_element(by: str, key: str, breakdown: Breakdown) -> etree._Element:
    """`key` names the attribute that identifies a row. The row of claims without it has no such attribute."""
    element = _element("breakdown", {"by": by})
    worst, others = breakdown.worst()
    element.extend(_element("share", {key: name or None, **share.record()}) for name, share in worst)
    if others:
        element.append(_element("others", others.record()))
    return element


def _rule_element(known: Explanation) -> etree._Element:
    particulars = dict(known.particulars)
    given = {name.lower(): "; ".join(particulars[name]) for name in ("Source", "Confidence") if name in particulars}
    element = _element("rule", {"code": known.code, "title": known.title} | given)
    for heading, text in known.sections:
        section = etree.SubElement(element, "section", heading=heading)
        for paragraph in text.split("\n\n"):
            etree.SubElement(section, "paragraph").text = xml_text(" ".join(paragraph.split()))
    return element


def _suppressions_element(record: Mapping[str, Any]) -> etree._Element:
    """Lists of entry numbers become attributes, separated by spaces."""
    lists = {name: " ".join(map(str, value)) for name, value in record.items() if isinstance(value, list)}
    return _element("suppressions", {**record, **lists})


def _header_element(name: str, record: Mapping[str, Any]) -> etree._Element:
    """A part of the header; `reference` has the loaded editions below it."""
    element = _element(name, record)
    element.extend(_element("edition", edition) for edition in record.get("editions", ()))
    return element


def _element(name: str, record: Mapping[str, Any]) -> etree._Element:
    return etree.Element(name, _attributes(record))


def _attributes(record: Mapping[str, Any]) -> dict[str, str]:
    """The single values of a record that are not null. Lists and tables become elements."""
    return {key: xml_text(str(value)) for key, value in record.items() if isinstance(value, str | int | float)}
