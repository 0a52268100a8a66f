"""The text report for billers: claim by claim, with the element at fault marked.

It lists the claims with findings, and with them the edits that could not decide. A summary for each file follows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from math import inf
from typing import NamedTuple, TextIO

from scrubber.claims.location import Location
from scrubber.edit import SEVERITIES, Finding
from scrubber.engine.engine import Engine
from scrubber.engine.excerpt import Excerpt, excerpts, fitted, named
from scrubber.engine.naming import Naming, control_number
from scrubber.engine.parties import payer_id
from scrubber.engine.record import charge_of
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.batch import Batch
from scrubber.outputs.explanation import authority, denial
from scrubber.outputs.layout import WIDTH, Layout, Style, Styled, dollars, plain, shortened
from scrubber.outputs.remarks import Reasons, by_reason, editions, history_used, without_tables
from scrubber.outputs.report import Format, Options
from scrubber.outputs.statistics import Statistics
from scrubber.outputs.summary import Allowed, Summary
from scrubber.outputs.wording import error_severity, inert, shown_path, suppressions, visible
from scrubber.x12.errors import LocatedError, counted
from scrubber.x12.prescan import Prescan

_LABEL = 8  # columns of `line 999`
_COLUMN = _LABEL + 2
_MARGIN = " " * _COLUMN
_LONGEST_ID = 40  # characters; a claim id may have 38
_LONGEST_TEXT = 2_000
_MOST_ERRORS = 50
_REMEMBERED = 512  # rows that findings share; files repeat the same findings

_LOOPS = {
    "1000A": "submitter",
    "1000B": "receiver",
    "2000A": "billing provider",
    "2010AA": "billing provider",
    "2010AB": "pay-to address",
    "2010AC": "pay-to plan",
    "2000B": "subscriber",
    "2010BA": "subscriber",
    "2010BB": "payer",
    "2000C": "patient",
    "2010CA": "patient",
    "2300": "claim",
    "2310": "provider of the claim",
    "2320": "other insurance",
    "2330": "other insurance",
    "2400": "service line",
    "2410": "drug of the line",
    "2420": "provider of the line",
    "2430": "other insurance",
}
"""Loops in a biller's words. A loop that is not listed has the words of its number without the last letter."""


class _Part(NamedTuple):
    """What is known of some claims: why edits could not decide, the first code of each severity, the counts by code."""

    reasons: Reasons
    first_codes: dict[str, str]
    statistics: Statistics | None


class TextReport:
    """Writes the report to a text file.

    Rows have at most `width` columns; only file names may be longer. `show_source` adds the source of its rule to each
    finding. With `statistics` the report lists no claims and ends with counts by code.
    """

    def __init__(
        self,
        out: TextIO,
        engine: Engine,
        style: Style = plain,
        width: int = WIDTH,
        *,
        show_source: bool = False,
        statistics: bool = False,
    ) -> None:
        self._out = out
        self._engine = engine
        self._layout = Layout(width, style)
        self._show_source = show_source
        self._statistics = Statistics() if statistics else None
        self._summary = Summary()
        self._files = 0
        self._several_transactions = False
        self._reasons = Reasons()
        self._first_codes: dict[str, str] = {}
        self._advice = lru_cache(_REMEMBERED)(self._advised)

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._files += 1
        self._several_transactions = scan.supported > 1
        self._reasons = Reasons()
        control = [(f"interchange {control_number(scan.control)}", "dim")] if scan.control else []
        self._write(self._layout.flow([(shown_path(path), "strong"), *control], hang=2))
        self._errors(scan.errors)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take one claim."""
        if scrubbed.not_checked:
            self._reasons.count(scrubbed.claim.number, scrubbed.not_checked)
        for finding in scrubbed.findings:
            self._first_codes.setdefault(str(finding.severity), finding.code)
        if self._statistics:
            self._statistics.count(scrubbed)
        elif scrubbed.findings:
            self._list(scrubbed)

    def take_batch(self, batch: Batch) -> None:
        """Take some claims. Only counts by code look at claims without findings and undecided edits."""
        for scrubbed in batch.claims:
            if scrubbed.findings or scrubbed.not_checked or self._statistics:
                self.claim(scrubbed)

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)
        self._count_a_part()

    def part(self) -> _Part:
        """The counts of the claims so far, see `Divisible`."""
        part = _Part(self._reasons, self._first_codes, self._statistics)
        self._count_a_part()
        return part

    def join(self, text: TextIO, part: _Part) -> None:
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._out)
        self._reasons.add(part.reasons)
        self._first_codes = {**part.first_codes, **self._first_codes}
        if self._statistics and part.statistics:
            self._statistics.add(part.statistics)

    def _count_a_part(self) -> None:
        self._reasons, self._first_codes = Reasons(inf), {}
        if self._statistics:
            self._statistics = Statistics(inf)

    def end_file(self, _: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        found = tuple(notices)
        self._write([""] if found else [])
        self._errors(found)
        self._summary.add(summary)
        self._write(["", *self._totals(counted(summary.claims, "claim"), summary)])
        self._remark(self._reasons.described())
        self._write([""])

    def close(self) -> None:
        """End the report."""
        if self._files > 1:
            lead = f"{counted(self._files, 'file')}, {counted(self._summary.claims, 'claim')}"
            self._write([*self._totals(lead, self._summary), ""])
        if self._statistics:
            self._write(self._statistics.rows(self._engine.catalogue, self._layout))
        if self._files:
            self._remark(without_tables(self._engine))
            loaded = editions(self._engine.fingerprint)
            self._remark([f"Public tables: {loaded}"] if loaded else [])
            history = history_used(self._engine.fingerprint)
            self._remark([f"History of released claims: {history}"] if history else [])
        for severity in SEVERITIES:
            if severity in self._first_codes:
                hint = f"What a code means, and what to do: scrubber explain {self._first_codes[severity]}"
                self._write(self._layout.paragraph(hint, hang=2))
                break

    def _list(self, scrubbed: ScrubbedClaim) -> None:
        rows = ["", *self._layout.flow(self._head(scrubbed), hang=_COLUMN)]
        for number, (finding, shown) in enumerate(zip(scrubbed.findings, excerpts(scrubbed), strict=True)):
            if number:
                rows.append("")
            self._add_finding(rows, finding, shown)
        self._write(rows)
        if scrubbed.not_checked:
            undecided = by_reason(scrubbed.not_checked).items()
            self._write([""])
            self._remark((f"  Not checked: {', '.join(codes)}: {reason}" for reason, codes in undecided), hang=4)

    def _head(self, scrubbed: ScrubbedClaim) -> list[Styled]:
        claim = scrubbed.claim
        charge, days, payer = charge_of(claim), claim.service_dates, payer_id(claim)
        transaction = control_number(claim.context.transaction_control) if self._several_transactions else ""
        parts = [
            (scrubbed.disposition.upper(), scrubbed.disposition),
            (f"claim {claim.number}", "strong"),
            (_identifier(scrubbed.naming.identifier(claim.claim_id)), "strong"),
            (claim.type, ""),
            ("" if charge is None else dollars(charge), ""),
            (_allowed(scrubbed), ""),
            (f"payer {_identifier(payer)}" if payer else "", ""),
            (f"on {_period(days, scrubbed.naming)}" if days else "", ""),
            (f"transaction {transaction}" if transaction else "", ""),
        ]
        return [part for part in parts if part[0]]

    def _add_finding(self, rows: list[str], finding: Finding, shown: Excerpt | None) -> None:
        location, severity = finding.location, str(finding.severity)
        where = "claim" if location.service_line is None else f"line {location.service_line}"
        rows += self._headline(where, severity, finding.code, finding.message)
        rows += self._row("at", _where(location), "dim")
        if shown:
            fitting = fitted(shown.rows, self._layout.width - _COLUMN)
            rows += [_MARGIN + self._layout.dressed(*row) for row in zip(fitting, ("", severity), strict=False)]
        rows += self._advice(finding.fix, finding.carc, finding.rarc, finding.claim_status, finding.code)

    def _advised(
        self, fix: str, carc: str | None, rarc: str | None, claim_status: str | None, code: str
    ) -> Sequence[str]:
        """The rows of a finding that all findings of its kind share: fix, likely denial, source of the rule."""
        likely = denial(carc, rarc, claim_status)
        source = authority(code, self._engine.catalogue) if self._show_source else ""
        return [
            *self._row("fix", fix, label_kind="strong"),
            *(self._row("denial", likely, "dim") if likely else ()),
            *(self._row("source", source, "dim") if source else ()),
        ]

    def _errors(self, errors: Sequence[LocatedError]) -> None:
        """The errors of the file."""
        for error in errors[:_MOST_ERRORS]:
            severity = error_severity(error)
            self._first_codes.setdefault(severity, error.code)
            self._write(self._headline("file", severity, error.code, error.message))
            self._write(self._row("at", error.where, "dim"))
        if len(errors) > _MOST_ERRORS:
            self._write(self._row("", f"and {counted(len(errors) - _MOST_ERRORS, 'error')} more"))

    def _headline(self, label: str, severity: str, code: str, message: str) -> list[str]:
        return self._layout.paragraph(_text(message), "strong", lead=_lead(label, severity, code), hang=_COLUMN)

    def _row(self, label: str, text: str, kind: str = "", label_kind: str = "dim") -> list[str]:
        lead = [(label.rjust(_LABEL) + "  ", label_kind)]
        return self._layout.paragraph(_text(text), kind, lead=lead, hang=_COLUMN)

    def _totals(self, lead: str, summary: Summary) -> Iterator[str]:
        counts = summary.dispositions
        charge = f" ({dollars(summary.charge_rejected)})" if counts["rejected"] else ""
        graded = [
            (f"{counts['clean']:,} clean", "clean" if counts["clean"] else ""),
            (summary.flagged, "flagged" if counts["flagged"] else ""),
            (f"{counts['rejected']:,} rejected{charge}", "rejected" if counts["rejected"] else ""),
        ]
        yield from self._layout.flow([(lead, "strong"), (dollars(summary.charge), ""), *graded], hang=2)
        graded = [(f"{summary.severities[name]:,} {name}", name) for name in SEVERITIES if summary.severities[name]]
        yield from self._layout.flow([(counted(summary.findings.total(), "finding"), "strong"), *graded], hang=2)
        if summary.allowed:
            yield from self._layout.paragraph(_allowed_in_all(summary.allowed), hang=2)
        if summary.suppressed:
            yield f"{counted(summary.suppressed, 'finding')} suppressed, not counted"
            for _, sentence in suppressions(summary):
                yield from self._layout.paragraph(_text(sentence), "dim", lead=[("  ", "")], hang=4)
        if summary.shadow:
            codes = ", ".join(f"{code} {count:,}" for code, count in sorted(summary.shadow.items()))
            yield from self._layout.paragraph(f"In shadow, not counted: {codes}", hang=2)

    def _remark(self, sentences: Iterable[str], hang: int = 2) -> None:
        for sentence in sentences:
            self._write(self._layout.paragraph(_text(sentence), "dim", hang=hang))

    def _write(self, rows: Iterable[str]) -> None:
        self._out.write(inert("".join([f"{row.rstrip()}\n" for row in rows])))


def _start(out: TextIO, engine: Engine, options: Options) -> TextReport:
    layout, shown = options.layout, options.show_source
    return TextReport(out, engine, layout.style, layout.width, show_source=shown, statistics=options.statistics)


FORMAT = Format(_start)


@lru_cache(maxsize=1_024)
def _lead(label: str, severity: str, code: str) -> Sequence[Styled]:
    """What stands before the message of a finding."""
    return (label.rjust(_LABEL), "strong"), ("  ", ""), (severity, severity), (" ", ""), (code, "strong"), ("  ", "")


def _where(location: Location) -> str:
    """Where a finding is: `SV101-3, loop 2400 (service line), segment 31 from ST, line 33 of the file`."""
    segment = f"{_up_to_segment(location.element, location.loop, location.segment_id)} {location.segment} from ST"
    return segment if location.file_line is None else f"{segment}, line {location.file_line} of the file"


@lru_cache(maxsize=1_024)
def _up_to_segment(element: str, loop: str, segment_id: str) -> str:
    """Where a finding is, up to the number of the segment."""
    words = _LOOPS.get(loop) or _LOOPS.get(loop[:4])
    tag, *_ = named(element)
    missing = bool(tag) and tag != segment_id
    parts = [
        element,
        (f"loop {loop}" + (f" ({words})" if words else "")) if loop else "",
        "missing after segment" if missing else "segment",
    ]
    return ", ".join(filter(None, parts))


def _period(days: Sequence[date], naming: Naming) -> str:
    first, last = naming.day(days[0]), naming.day(days[-1])
    return first if first == last else f"{first} to {last}"


def _allowed(scrubbed: ScrubbedClaim) -> str:
    """What Medicare allows for a claim, nothing if it has no price."""
    price = scrubbed.price
    if price is None or price.allowed is None:
        return ""
    return f"Medicare allows {dollars(price.allowed)}"


def _allowed_in_all(allowed: Allowed) -> str:
    if allowed.no_price:
        return f"What Medicare allows is not known: none of {counted(allowed.unpriced_lines, 'line')} has a price"
    unpriced = f"; no price for {counted(allowed.unpriced_lines, 'line')}" if allowed.unpriced_lines else ""
    return (
        f"Medicare allows {dollars(allowed.allowed)}, {dollars(allowed.allowed_at_stake)} of it at stake "
        f"({dollars(allowed.allowed_rejected)} on rejected claims); waste {dollars(allowed.waste)}, "
        f"{dollars(allowed.avoidable_waste)} of it avoidable{unpriced}"
    )


def _identifier(text: str) -> str:
    return visible(shortened(text, _LONGEST_ID))


def _text(text: str) -> str:
    return visible(shortened(text, _LONGEST_TEXT))
