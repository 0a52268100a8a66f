"""The worklist as CSV (RFC 4180), for a spreadsheet: a row for each finding, in file order.

Behind a claim's findings come the edits that could not decide on it (severity `not checked`), behind a file's claims
its errors (`error`), and at the end, once, the edits that lack a table. Clean claims have no row.

It is written for Excel, which is told by a byte order mark that a CSV is UTF-8 and else takes it for the code page of
its machine; other programs and `utf-8-sig` pass over the mark. An apostrophe is put before what a spreadsheet would
run as a formula, and before an id that it would take for a number or date and change: leading zeros, more digits
than it shows, 12E5, 3-4. Whoever reads the file by program takes that apostrophe off, or reads JSON lines instead.
"""

from __future__ import annotations

import csv
import re
from calendar import month_name
from collections.abc import Iterable, Sequence
from typing import TextIO

from scrubber.claims.values import money
from scrubber.edit import Finding
from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.engine.naming import Naming
from scrubber.engine.record import charge_of
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import visible
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

CLAIM_COLUMNS = ("path", "claim", "claim_id", "payer_id", "billing_npi", "charge", "service_from", "service_to")
FINDING_COLUMNS = (
    *("severity", "code", "service_line", "line_control_number", "loop", "segment", "element"),
    *("message", "fix", "carc", "rarc", "claim_status"),
)
"""As in the JSON report; `claim` is the ordinal in the file, the service dates are the first and the last."""

NOT_CHECKED = "not checked"
ERROR = "error"

_LONGEST = 32_000  # characters; Excel cuts a cell at 32,767
_LONGEST_ID = 200  # no id of an 837 is longer than 80, and it stands in every row of its claim

_FORMULA = re.compile(r"(^|[;|])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a cell begins a formula, or a part of it that a spreadsheet with another separator would take for a cell."""

_WHOLE = re.compile(r"[1-9]\d{0,10}|0", re.ASCII)
"""A number that is shown as it is written: from twelve digits on Excel shows 1.2E+11."""

_MONTHS = "|".join([*(f"{name[:3]}(?:{name[3:]})?" for name in month_name if name), "Sept"])
_SIGNS = r"[\d\s.,:/()$%+-]*"
_CHANGED = re.compile(
    rf"(?=.*\d)(?:{_SIGNS}(?:\de[+-]?\d+|\d\s[ap]m?)?|{_SIGNS}(?:{_MONTHS}){_SIGNS})", re.ASCII | re.IGNORECASE
)
"""What a spreadsheet takes for a number, an amount, a date or a time."""

_Cell = str | int | None


class CsvReport:
    """Writes the worklist to a text file that leaves line ends alone (`newline=""` or `"\\n"`), in this order:
    `begin_file`, `claim` …, `end_file`, …, `close`.
    """

    def __init__(self, out: TextIO, engine: Engine) -> None:
        if _is_utf8(out):
            out.write("\ufeff")
        self._rows = csv.writer(out, lineterminator="\r\n")
        self._rows.writerow((*CLAIM_COLUMNS, *FINDING_COLUMNS))
        self._unavailable = engine.unavailable
        self._path = ""

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = cell(path)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the rows of one claim, if it has any."""
        if not scrubbed.findings and not scrubbed.not_checked:
            return
        claim, naming = scrubbed.claim, scrubbed.naming
        charge, days = charge_of(claim), claim.service_dates
        head = (
            self._path,
            scrubbed.claim.number,
            identifier(naming.identifier(claim.claim_id)),
            identifier(claim.payer_id),
            identifier(claim.billing_npi),
            None if charge is None else money(charge),
            naming.day(days[0]) if days else None,
            naming.day(days[-1]) if days else None,
        )
        for finding in scrubbed.findings:
            self._rows.writerow((*head, *_finding_cells(finding, naming)))
        for item in scrubbed.not_checked:
            self._rows.writerow((*head, *_other_cells(NOT_CHECKED, item.code, item.reason)))

    def end_file(self, scan: Prescan, _: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file; `notices` are what the annotator has to say beside the errors of the file."""
        head = (self._path, *(None for _ in CLAIM_COLUMNS[1:]))
        for error in (*scan.errors, *notices):
            message = f"{error.message} (byte {error.offset})"
            self._rows.writerow((*head, *_other_cells(ERROR, error.code, message, error.segment)))

    def close(self) -> None:
        """End the report."""
        head = tuple(None for _ in CLAIM_COLUMNS)
        for item in self._unavailable:
            self._rows.writerow((*head, *_other_cells(NOT_CHECKED, item.code, item.reason)))


def cell(text: str) -> str:
    """Text that no spreadsheet runs, on one line."""
    return _FORMULA.sub(r"\1'", _shortened(visible(text), _LONGEST))


def identifier(text: str) -> str:
    """An id that no spreadsheet changes."""
    text = cell(_shortened(text, _LONGEST_ID))
    return f"'{text}" if _CHANGED.fullmatch(text) and not _WHOLE.fullmatch(text) else text


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _finding_cells(finding: Finding, naming: Naming) -> Sequence[_Cell]:
    location = finding.location
    return (
        finding.severity,
        finding.code,
        location.service_line,
        identifier(naming.identifier(location.line_control_number or "")),
        cell(location.loop),
        location.segment,
        cell(location.element),
        cell(finding.message),
        cell(finding.fix),
        finding.carc,
        finding.rarc,
        finding.claim_status,
    )


def _other_cells(severity: str, code: str, message: str, segment: int | None = None) -> Sequence[_Cell]:
    """The cells of a row that is no finding; those of a fix and behind it are empty."""
    return severity, code, None, None, None, segment, None, cell(message), None, None, None, None


def _is_utf8(out: TextIO) -> bool:
    encoding = getattr(out, "encoding", None)
    return encoding is None or encoding.lower().replace("-", "").replace("_", "") == "utf8"
