"""The XML report (schema: `report.xsd`). It is written as a stream: memory does not grow with the claims.

It holds what the JSON report holds: each record is an element, each of its values an attribute of the same name. Null
values are left out. It adds what a page for people needs: the ordinal of a claim in its file, the service lines of
claims with findings, the segment at fault where it may be shown, findings and charges by edit, payer and provider, and
the meaning of the codes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import inf
from typing import Any, BinaryIO, NamedTuple

from scrubber.engine.engine import Engine
from scrubber.engine.naming import control_number
from scrubber.engine.record import price_record
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch
from scrubber.outputs.breakdown import Breakdowns, Share
from scrubber.outputs.details import (
    LINE_KEYS,
    FoundCodes,
    LineDetails,
    Record,
    counts,
    details,
    finding_parts,
    shared_by_findings,
)
from scrubber.outputs.explanation import Explanation, explained
from scrubber.outputs.markup import attribute, attributes, element, escaped, harmless, xml_text
from scrubber.outputs.record import (
    SCHEMA_VERSION,
    QuietClaim,
    Shared,
    claim_record,
    dates_record,
    error_record,
    standing_record,
    unchecked_record,
)
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan
from scrubber.x12.remembering import remembered

_DECLARATION = "<?xml version='1.0' encoding='utf-8'?>\n"


class Counted(NamedTuple):
    """The counts of some claims by edit, payer and provider, and the codes whose meaning is to be given."""

    breakdowns: Breakdowns
    codes: set[str]


class XmlReport:
    """Writes the report to a binary file."""

    def __init__(self, out: BinaryIO, engine: Engine) -> None:
        self._engine = engine
        self._summary, self._share = Summary(), Share()
        self._breakdowns = Breakdowns()
        self._codes = {item.code for item in engine.unavailable}
        self._files = 0
        self._out = out
        self._put(f'{_DECLARATION}<report schema_version="{SCHEMA_VERSION}">')
        for name, record in engine.fingerprint.items():
            self._write(_header(name, record))

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._files += 1
        head = {
            "ordinal": self._files,
            "path": path,
            "interchange_control_number": control_number(scan.control),
            **dates_record(scan, self._engine),
            "status": "ok" if scan.readable else "error",
            "sha256": scan.sha256,
        }
        self._write(f"<file{attributes(head)}>")

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self.take_batch(Batch([scrubbed]))

    def take_batch(self, batch: Batch) -> None:
        """Write some claims of the file."""
        self._breakdowns.add(batch.counted)
        self._put("".join([f"\n{_claim(scrubbed, quiet)}" for scrubbed, quiet in batch.with_quiet]))
        for scrubbed, quiet in batch.with_quiet:
            if not quiet:
                self._codes.update([finding.code for finding in scrubbed.findings])
                self._codes.update([item.code for item in scrubbed.not_checked])
                self._codes.update([item.finding.code for item in scrubbed.suppressed])

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)
        self._breakdowns, self._codes = Breakdowns(inf), set()

    def part(self) -> Counted:
        """The counts of the claims so far, see `Divisible`."""
        part = Counted(self._breakdowns, self._codes)
        self._breakdowns, self._codes = Breakdowns(inf), set()
        return part

    def join(self, text: BinaryIO, part: Counted) -> None:
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._out)
        self._breakdowns.add(part.breakdowns)
        self._codes |= part.codes

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        for error in (*scan.errors, *notices):
            self._codes.add(error.code)
            self._write(element("error", error_record(error)))
        for item in self._engine.unavailable:
            self._write(element("not_checked", unchecked_record(item)))
        self._codes.update(summary.shadow)
        share = self._breakdowns.total()
        self._write(_summary(summary, share))
        self._write("</file>")
        self._summary.add(summary)
        self._share.add(share)

    def close(self) -> None:
        """End the report."""
        self._write(_summary(self._summary, self._share))
        for by, record in self._breakdowns.record().items():
            self._write(_breakdown(by, record))
        for code in sorted(self._codes):
            self._write(_rule(explained(code, self._engine.catalogue)))
        for file in self._engine.profile.suppressions:
            self._write(_suppressions(standing_record(file, self._summary)))
        self._put("\n</report>")

    def _write(self, line: str) -> None:
        self._put(f"\n{line}")

    def _put(self, text: str) -> None:
        self._out.write(text.encode(errors="backslashreplace"))


FORMAT = Format(lambda out, engine, _: XmlReport(out, engine), binary=True)


def _claim(scrubbed: ScrubbedClaim, quiet: QuietClaim | None) -> str:
    if quiet and quiet.service_dates and quiet.charge:
        return _quiet(quiet)
    record = claim_record(scrubbed)
    content = "".join([f"<service_date>{day}</service_date>" for day in record["service_dates"]])
    lines = ""
    if scrubbed.findings:
        known = details(scrubbed)
        lines = f' lines="{len(scrubbed.claim.lines)}"'
        content += _counts(known.found)
        content += "".join([*map(_finding, known.of_claim), *map(_line, known.lines)])
    content += "".join([element("not_checked", item) for item in record["not_checked"]])
    content += "".join(map(_suppressed, record.get("suppressed", ())))
    begin = f"<claim{_of_record(record)}{attributes(price_record(scrubbed.price)) if scrubbed.price else ''}{lines}"
    return f"{begin}>{content}</claim>" if content else f"{begin}/>"


def _of_record(record: Mapping[str, Any]) -> str:
    """The attributes of a claim, as `attributes` writes them. What many claims share is remembered."""
    claim_id, charge, answered = record["claim_id"], record["charge"], record["clearinghouse_id"]
    head = _head(record["type"], record["transaction"], record["group"], record["disposition"], record["goes_to"])
    of_charge = "" if charge is None else f' charge="{charge}"'
    more = "" if answered is None else f' clearinghouse_id="{_value(answered)}"'
    parties, name = _parties(record["payer_id"], record["billing_npi"]), _payer_name(record["payer_name"])
    return f' ordinal="{record["ordinal"]}" claim_id="{_value(claim_id)}"{head}{of_charge}{parties}{more}{name}'


def _quiet(quiet: QuietClaim) -> str:
    """A claim without findings that has a charge and days of service, in a quarter of the time of the others."""
    claim_id, shared, charge, service_dates, clearinghouse_id, ordinal = quiet
    head, parties, name = _of_shared(shared)
    more = "" if clearinghouse_id is None else f' clearinghouse_id="{_value(clearinghouse_id)}"'
    days = "</service_date><service_date>".join(service_dates)
    return (
        f'<claim ordinal="{ordinal}" claim_id="{_value(claim_id)}"{head} charge="{charge}"{parties}{more}'
        f"{name}><service_date>{days}</service_date></claim>"
    )


def _value(text: str) -> str:
    """The value of an attribute. Most have letters and digits only."""
    return text if text.isalnum() and text.isascii() else attribute(xml_text(text))


@remembered(1024)
def _of_shared(shared: Shared) -> tuple[str, str, str]:
    """The attributes of a quiet claim from its type to the charge, its parties, and the name of its payer."""
    controls = control_number(shared.transaction), control_number(shared.group)
    head = _head(shared.type, *controls, "clean", "clean")
    return head, _parties(shared.payer_id, shared.billing_npi), _payer_name(shared.payer_name)


@remembered(1024)
def _head(claim_type: str, transaction: str, group: str, disposition: str, goes_to: str) -> str:
    """What stands between the id of a claim and its charge."""
    controls = {"transaction": transaction, "group": group}
    return attributes({"type": claim_type, **controls, "disposition": disposition, "goes_to": goes_to})


@remembered(1024)
def _parties(payer_id: str | None, billing_npi: str | None) -> str:
    """What stands between the charge of a claim and its number at the clearinghouse."""
    return attributes({"payer_id": payer_id, "billing_npi": billing_npi})


@remembered(1024)
def _payer_name(name: str | None) -> str:
    return attributes({"payer_name": name})


@lru_cache(maxsize=256)  # many claims of a file have the same codes
def _counts(found: FoundCodes) -> str:
    return "".join([element("findings", count) for count in counts(found)])


def _line(line: LineDetails) -> str:
    of_line = line_attributes(*line.key)
    if not line.findings:
        return f"<line{of_line}/>"
    return f"<line{of_line}>{''.join(map(_finding, line.findings))}</line>"


@lru_cache(maxsize=1_024)  # a practice bills the same services at the same prices
def line_attributes(*values: object) -> str:
    """The attributes of a line, from its key."""
    return attributes(dict(zip(LINE_KEYS, values, strict=True)))


def _suppressed(record: Record) -> str:
    return element("suppressed", record, _excerpt(record["excerpt"]))


def _finding(record: Record) -> str:
    """A finding. Line, control number, positions and message are its own, the rest is remembered."""
    code, loop, of_element, tail = _of_findings(*shared_by_findings(record))
    line, control, file_line = record["service_line"], record["line_control_number"], record["file_line"]
    of_line = "" if line is None else f' service_line="{line}"'
    of_control = "" if control is None else f' line_control_number="{_value(control)}"'
    of_file = "" if file_line is None else f' file_line="{file_line}"'
    begin = (
        f'<finding{code}{of_line}{of_control}{loop} segment="{record["segment"]}"{of_file}'
        f' offset="{record["offset"]}"{of_element} message="{attribute(xml_text(record["message"]))}"{tail}'
    )
    excerpt = _excerpt(record["excerpt"])
    return f"{begin}>{excerpt}</finding>" if excerpt else f"{begin}/>"


@remembered(4096)
def _of_findings(*values: str | None) -> tuple[str, ...]:
    """The attributes of a finding: code and severity, its loop, segment and element, fix and denial."""
    return tuple([attributes(part) for part in finding_parts(values)])


def _excerpt(shown: Record | None) -> str:
    """The segment with the part at fault in `mark`, which is empty where something is missing."""
    if shown is None:
        return ""
    text, start, stop = shown["text"], shown["start"], shown["stop"]
    if start is None:
        return f"<excerpt>{escaped(text)}</excerpt>"
    before, mark, after = text[:start], text[start:stop], text[stop:]
    if not harmless(text):
        before, mark, after = escaped(before), escaped(mark), escaped(after)
    return f"<excerpt>{before}<mark>{mark}</mark>{after}</excerpt>"


def _summary(summary: Summary, share: Share) -> str:
    record, more = summary.record(), share.record()
    of_share = {name: more[name] for name in ("charge_at_stake", "noted", "undecided")}
    content = ""
    for name in ("findings", "shadow"):
        found = record.get(name, {})
        content += "".join([element(name, {"code": code, "count": count}) for code, count in found.items()])
    return element("summary", record | of_share, content)


def _breakdown(by: str, record: Mapping[str, Any]) -> str:
    """The row of claims without a code or id has no such attribute."""
    content = "".join([element("share", share) for share in record["shares"]])
    if record["others"]:
        content += element("others", record["others"])
    return element("breakdown", {"by": by}, content)


@lru_cache(maxsize=1024)  # many small files name the same rules
def _rule(known: Explanation) -> str:
    particulars = dict(known.particulars)
    given = {name.lower(): "; ".join(particulars[name]) for name in ("Source", "Confidence") if name in particulars}
    content = ""
    for heading, text in known.sections:
        paragraphs = [escaped(xml_text(" ".join(paragraph.split()))) for paragraph in text.split("\n\n")]
        content += element(
            "section", {"heading": heading}, "".join([f"<paragraph>{text}</paragraph>" for text in paragraphs])
        )
    return element("rule", {"code": known.code, "title": known.title} | given, content)


def _suppressions(record: Mapping[str, Any]) -> str:
    """Lists of entry numbers become attributes, separated by spaces."""
    lists = {name: " ".join(map(str, value)) for name, value in record.items() if isinstance(value, list)}
    return element("suppressions", {**record, **lists})


def _header(name: str, record: Mapping[str, Any]) -> str:
    """A part of the header; `reference` has the loaded editions below it."""
    return element(name, record, "".join([element("edition", edition) for edition in record.get("editions", ())]))
