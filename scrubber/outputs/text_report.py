"""The text report: what a biller reads, claim by claim, with the element at fault pointed at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TextIO

from scrubber.claims.location import Location
from scrubber.claims.values import money
from scrubber.edit import Finding
from scrubber.engine import Engine, ScrubbedClaim
from scrubber.outputs.summary import Summary, charge_of
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

SHOWN_SEGMENTS = frozenset({"CTP", "HI", "LIN", "LX", "SV1", "SV2"})
"""Segments that may be shown whole: codes and amounts, nothing of a person; free text in them is left out."""

_ELEMENT = re.compile(r"([A-Z0-9]{2,3}?)(\d\d)(?:-(\d+))?")
_DESCRIPTION = 7  # component of SV101 and SV202 that is free text
_INDENT = " " * 6

Style = Callable[[str, str], str]
"""Dresses a text for the terminal by its kind: a severity, a disposition or `dim`."""


def plain(text: str, _: str) -> str:
    """No dress at all."""
    return text


class TextReport:
    """Writes the report to a text file, in this order: `begin_file`, `claim` …, `end_file`, …, `close`."""

    def __init__(self, out: TextIO, engine: Engine, style: Style = plain) -> None:
        self._out = out
        self._unavailable = engine.unavailable
        self._style = style
        self._summary = Summary()
        self._files = 0
        self._ordinal = 0

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._ordinal = 0
        self._files += 1
        control = f"  (interchange {scan.control})" if scan.control else ""
        self._line(_visible(f"{path}{control}"))

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim, if there is anything to say of it."""
        self._ordinal += 1
        if not scrubbed.findings and not scrubbed.not_checked:
            return
        claim = scrubbed.claim
        charge = charge_of(claim)
        head = [
            self._style(scrubbed.disposition.upper(), scrubbed.disposition),
            f"claim {self._ordinal}",
            _visible(claim.claim_id),
            claim.type,
            f"${money(charge)}" if charge is not None else "",
            f"payer {_visible(claim.payer_id)}" if claim.payer_id else "",
            f"service {', '.join(day.isoformat() for day in claim.service_dates)}" if claim.service_dates else "",
        ]
        self._line("")
        self._line("  ".join(filter(None, head)))
        for finding in scrubbed.findings:
            self._finding(finding)
        for item in scrubbed.not_checked:
            self._line(f"  not checked {item.code}: {item.reason}")

    def _finding(self, finding: Finding) -> None:
        location = finding.location
        where = "claim" if location.service_line is None else f"line {location.service_line}"
        severity = self._style(str(finding.severity), str(finding.severity))
        self._line(f"  {where}: {severity} {finding.code} at {location.element}, loop {location.loop}")
        for row in excerpt(location):
            self._line(_INDENT + self._style(row, "dim"))
        self._line(f"{_INDENT}{finding.message}")
        self._line(f"{_INDENT}fix: {finding.fix}")

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file; `notices` are what the annotator has to say beside the errors of the file."""
        self._summary.add(summary)
        for error in (*scan.errors, *notices):
            self._line(f"  {self._style('error', 'reject')} {error}")
        self._line("")
        self._line(_totals(summary))
        if summary.findings:
            counts = ", ".join(f"{code} {count}" for code, count in sorted(summary.findings.items()))
            self._line(f"findings: {counts}")
        for reason, items in groupby(self._unavailable, key=lambda item: item.reason):
            self._line(f"not checked: {', '.join(item.code for item in items)} ({reason})")
        self._line("")

    def close(self) -> None:
        """End the report."""
        if self._files > 1:
            self._line(f"{self._files} files: {_totals(self._summary)}")

    def _line(self, text: str) -> None:
        self._out.write(text.rstrip() + "\n")


def _totals(summary: Summary) -> str:
    counts = summary.dispositions
    return (
        f"{summary.claims} claims, ${money(summary.charge)}: {counts['clean']} clean, {counts['flagged']} flagged, "
        f"{counts['rejected']} rejected (${money(summary.charge_rejected)})"
    )


def _visible(text: str) -> str:
    """The text with a question mark for each control character, so that no file can play with the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def excerpt(location: Location) -> list[str]:
    """The segment and a row of carets under the element at fault; nothing where the segment may not be shown."""
    elements = location.elements
    if elements[0] not in SHOWN_SEGMENTS:
        return []
    component = location.source.delimiters.component
    shown = [_without_free_text(element, component) for element in elements]
    text = _visible(location.source.delimiters.element.join(shown))
    named = _ELEMENT.fullmatch(location.element)
    if not named or named[1] != elements[0]:
        return [text]
    number, part = int(named[2]), int(named[3] or 0)
    start = sum(len(element) + 1 for element in shown[:number])
    if number >= len(shown):
        return [text, " " * len(text) + "^"]
    parts = shown[number].split(component)
    if not part:
        return [text, " " * start + "^" * max(len(shown[number]), 1)]
    if part > len(parts):
        return [text, " " * (start + len(shown[number])) + "^"]
    start += sum(len(item) + 1 for item in parts[: part - 1])
    return [text, " " * start + "^" * max(len(parts[part - 1]), 1)]


def _without_free_text(element: str, component: str) -> str:
    parts = element.split(component)
    if len(parts) < _DESCRIPTION or not parts[_DESCRIPTION - 1]:
        return element
    return component.join([*parts[: _DESCRIPTION - 1], "...", *parts[_DESCRIPTION:]])
