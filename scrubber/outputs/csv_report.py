"""The worklist as CSV (RFC 4180), for a spreadsheet: a row for each finding, in file order.

After a claim's findings come those that are suppressed (severity `suppressed`), and the edits that could not decide
(severity `not checked`). After a file's claims come its errors (severity `error`), and the edits that lack a table.
Claims without any of these have no row.

Each row repeats the values of its claim, so that rows can be filtered and sorted. What people add up stands only in the
first row of a claim: the charge at stake, what Medicare allows, and the lines without a price.

The file begins with a byte order mark: without it, Excel does not read UTF-8. Other programs skip the mark, as does
`utf-8-sig`. An apostrophe is put before text that a spreadsheet would run as a formula. It is also put before an id
that a spreadsheet would change into a number or date: leading zeros, too many digits, 12E5, 3-4. A program that reads
the file must remove the apostrophe, or read JSON lines instead. `payer` has name and id together, as plain text.
"""

from __future__ import annotations

import csv
import re
import shutil
from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from scrubber.claims.model import Claim
from scrubber.edit import Finding
from scrubber.engine.engine import Engine
from scrubber.engine.excerpt import line_values
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.record import claim_record
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import accepted, named_payer, shown_path, visible
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

CLAIM_COLUMNS = (
    *("path", "claim", "claim_id", "disposition", "goes_to", "payer", "payer_id", "billing_npi"),
    *("charge", "charge_at_stake", "service_from", "service_to"),
)
"""As in the JSON report. `claim` is the ordinal in the file; the service dates are the first and the last.

`charge_at_stake` is the charge of a claim that is rejected or flagged, in its first row."""
FINDING_COLUMNS = (
    *("severity", "code", "service_line", "procedure", "line_control_number", "loop", "segment_from_st", "file_line"),
    *("element", "message", "fix", "carc", "rarc", "claim_status", "suppression"),
)
"""As in the JSON report. `segment_from_st` counts segments from ST, which is 1. `suppression` is the reason of a
suppressed finding, with author and last day."""
ALLOWED_COLUMNS = ("allowed", "unpriced_lines", "line_allowed")
"""What Medicare allows for the claim, its lines without a price, and what Medicare allows for the line of the finding.

They are empty if the payment limits are not loaded. The first two are in the first row of a claim."""

_NOT_PRICED = tuple(None for _ in ALLOWED_COLUMNS)

SUPPRESSED = "suppressed"
NOT_CHECKED = "not checked"
ERROR = "error"

_LONGEST = 32_000  # characters; Excel cuts a cell at 32,767
_LONGEST_ID = 200  # no id of an 837 is longer than 80, and it stands in every row of its claim

_FORMULA = re.compile(r"(^|[;|])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula begins: at the start of a cell, or after a separator that some spreadsheets split at."""

_WHOLE = re.compile(r"[1-9]\d{0,10}|0", re.ASCII)
"""A number that Excel shows unchanged. From twelve digits on it shows 1.2E+11."""

_MONTHS = "|".join([*(f"{name[:3]}(?:{name[3:]})?" for name in month_name if name), "Sept"])
_SIGNS = r"[\d\s.,:/()$%+-]*"
_CHANGED = re.compile(
    rf"(?=.*\d)(?:{_SIGNS}(?:\de[+-]?\d+|\d\s[ap]m?)?|{_SIGNS}(?:{_MONTHS}){_SIGNS})", re.ASCII | re.IGNORECASE
)
"""Text that a spreadsheet would take for a number, an amount, a date or a time."""

_Cell = str | int | None


class CsvReport:
    """Writes the worklist to a text file that does not change line ends (`newline=""` or `"\\n"`)."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        if _is_utf8(out):
            out.write("\ufeff")
        self._out = out
        self._rows = csv.writer(out, lineterminator="\r\n")
        self._rows.writerow((*CLAIM_COLUMNS, *FINDING_COLUMNS, *ALLOWED_COLUMNS))
        self._unavailable = engine.unavailable
        self._path = ""

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the rows of one claim, if it has any."""
        if not scrubbed.findings and not scrubbed.not_checked and not scrubbed.suppressed:
            return
        record = claim_record(scrubbed)
        head = [cell(shown_path(self._path)), *_claim_cells(record)]
        allowed = [record.get("allowed"), record.get("unpriced_lines")]
        by_line = {line["service_line"]: line["allowed"] for line in record.get("priced_lines", ())}
        for cells, line in _rows_of(scrubbed, record):
            self._rows.writerow((*head, *cells, *allowed, by_line.get(line)))
            head[_AT_STAKE], allowed = None, [None, None]

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)

    def part(self) -> None:
        """No counts, see `Divisible`."""

    def join(self, text: TextIO, part: None) -> None:  # noqa: ARG002
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._out)

    def end_file(self, scan: Prescan, _: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        for error in (*scan.errors, *notices):
            message = f"{error.message} (byte {error.offset})"
            self._of_file(_other_cells(ERROR, error.code, message, error.segment, error.file_line))
        for item in self._unavailable:
            self._of_file(_other_cells(NOT_CHECKED, item.code, item.reason))

    def close(self) -> None:
        """There is nothing at the end."""

    def _of_file(self, cells: Sequence[_Cell]) -> None:
        """Write a row of the file itself."""
        head = (cell(shown_path(self._path)), *(None for _ in CLAIM_COLUMNS[1:]))
        self._rows.writerow((*head, *cells, *_NOT_PRICED))


FORMAT = Format(lambda out, engine, _: CsvReport(out, engine))


def cell(text: str) -> str:
    """The text on one line, so that no spreadsheet runs it."""
    return _FORMULA.sub(r"\1'", _shortened(visible(text), _LONGEST))


def identifier(text: str) -> str:
    """An id, so that no spreadsheet changes it."""
    text = cell(_shortened(text, _LONGEST_ID))
    return f"'{text}" if _CHANGED.fullmatch(text) and not _WHOLE.fullmatch(text) else text


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


_AT_STAKE = CLAIM_COLUMNS.index("charge_at_stake")


def _claim_cells(record: Mapping[str, Any]) -> Sequence[_Cell]:
    """The cells of `CLAIM_COLUMNS` after the path."""
    days, charge = record["service_dates"], record["charge"]
    return [
        record["ordinal"],
        identifier(record["claim_id"]),
        record["disposition"],
        record["goes_to"],
        cell(named_payer(record["payer_name"], record["payer_id"])),
        identifier(record["payer_id"] or ""),
        identifier(record["billing_npi"] or ""),
        charge,
        charge if record["disposition"] != "clean" else None,
        days[0] if days else None,
        days[-1] if days else None,
    ]


def _rows_of(scrubbed: ScrubbedClaim, record: Mapping[str, Any]) -> Iterator[tuple[Sequence[_Cell], int | None]]:
    """The cells of `FINDING_COLUMNS` for each row of a claim, and the service line that the row is about."""
    claim = scrubbed.claim
    for finding, found in zip(scrubbed.findings, record["findings"], strict=True):
        yield _finding_cells(found, _procedure(claim, finding), found["severity"], ""), found["service_line"]
    for item, found in zip(scrubbed.suppressed, record.get("suppressed", ()), strict=True):
        yield (
            _finding_cells(found, _procedure(claim, item.finding), SUPPRESSED, accepted(item.by)),
            found["service_line"],
        )
    for item in record["not_checked"]:
        yield _other_cells(NOT_CHECKED, item["code"], item["reason"]), None


def _procedure(claim: Claim, finding: Finding) -> str | None:
    line = claim.line_at(finding.location)
    return line_values(line)["procedure"] if line else None


def _finding_cells(
    record: Mapping[str, Any], procedure: str | None, severity: str, suppression: str
) -> Sequence[_Cell]:
    return [
        severity,
        record["code"],
        record["service_line"],
        identifier(procedure or ""),
        identifier(record["line_control_number"] or ""),
        cell(record["loop"]),
        record["segment"],
        record["file_line"],
        cell(record["element"]),
        cell(record["message"]),
        cell(record["fix"]),
        record["carc"],
        record["rarc"],
        record["claim_status"],
        cell(suppression),
    ]


def _other_cells(
    severity: str, code: str, message: str, segment: int | None = None, file_line: int | None = None
) -> Sequence[_Cell]:
    """The cells of `FINDING_COLUMNS` for a row that is no finding."""
    known = {"severity": severity, "code": code, "segment_from_st": segment, "file_line": file_line}
    return [cell(message) if name == "message" else known.get(name) for name in FINDING_COLUMNS]


def _is_utf8(out: TextIO) -> bool:
    encoding = getattr(out, "encoding", None)
    return encoding is None or encoding.lower().replace("-", "").replace("_", "") == "utf8"
