"""The worklist as CSV (RFC 4180), for a spreadsheet: a row for each finding, in file order.

After a claim's findings come the edits that could not decide on it (severity `not checked`). After a file's claims come
its errors (severity `error`). The edits that lack a table come once, at the end. Clean claims have no row.

The file begins with a byte order mark: without it, Excel does not read UTF-8. Other programs skip the mark, as does
`utf-8-sig`. An apostrophe is put before text that a spreadsheet would run as a formula. It is also put before an id
that a spreadsheet would change into a number or date: leading zeros, too many digits, 12E5, 3-4. A program that reads
the file must remove the apostrophe, or read JSON lines instead.
"""

from __future__ import annotations

import csv
import re
import shutil
from calendar import month_name
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO, cast

from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.outputs.record import claim_record
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import visible
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

CLAIM_COLUMNS = ("path", "claim", "claim_id", "payer_id", "billing_npi", "charge", "service_from", "service_to")
FINDING_COLUMNS = (
    *("severity", "code", "service_line", "line_control_number", "loop", "segment", "element"),
    *("message", "fix", "carc", "rarc", "claim_status"),
)
"""As in the JSON report. `claim` is the ordinal in the file; the service dates are the first and the last."""
ALLOWED_COLUMNS = ("allowed", "unpriced_lines", "line_allowed")
"""What Medicare allows for the claim, its lines without a price, and what Medicare allows for the line of the finding.

They are empty if the payment limits are not loaded."""

_NOT_PRICED = tuple(None for _ in ALLOWED_COLUMNS)

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
        self._path = cell(path)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the rows of one claim, if it has any."""
        if not scrubbed.findings and not scrubbed.not_checked:
            return
        record = claim_record(scrubbed)
        days = record["service_dates"]
        head = (
            self._path,
            scrubbed.claim.number,
            identifier(record["claim_id"]),
            identifier(record["payer_id"] or ""),
            identifier(record["billing_npi"] or ""),
            record["charge"],
            days[0] if days else None,
            days[-1] if days else None,
        )
        allowed = (record.get("allowed"), record.get("unpriced_lines"))
        by_line = {line["service_line"]: line["allowed"] for line in record.get("priced_lines", ())}
        for finding in record["findings"]:
            of_line = by_line.get(finding["service_line"])
            self._rows.writerow((*head, *_finding_cells(finding), *allowed, of_line))
        for item in record["not_checked"]:
            self._rows.writerow((*head, *_other_cells(NOT_CHECKED, item["code"], item["reason"]), *allowed, None))

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
        head = (self._path, *(None for _ in CLAIM_COLUMNS[1:]))
        for error in (*scan.errors, *notices):
            message = f"{error.message} (byte {error.offset})"
            self._rows.writerow((*head, *_other_cells(ERROR, error.code, message, error.segment), *_NOT_PRICED))

    def close(self) -> None:
        """End the report."""
        head = tuple(None for _ in CLAIM_COLUMNS)
        for item in self._unavailable:
            self._rows.writerow((*head, *_other_cells(NOT_CHECKED, item.code, item.reason), *_NOT_PRICED))


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


def _finding_cells(record: Mapping[str, Any]) -> Sequence[_Cell]:
    """The cells of `FINDING_COLUMNS`."""
    return [_HARMLESS.get(name, _as_it_is)(record[name]) for name in FINDING_COLUMNS]


def _as_it_is(value: Any) -> _Cell:
    """A number, or a word or code of the scrubber's own."""
    return cast("_Cell", value)


_HARMLESS: Mapping[str, Callable[[Any], _Cell]] = {
    "line_control_number": lambda value: identifier(value or ""),
    "loop": cell,
    "element": cell,
    "message": cell,
    "fix": cell,
}
"""How values that come from a file or an edit are made harmless."""


def _other_cells(severity: str, code: str, message: str, segment: int | None = None) -> Sequence[_Cell]:
    """The cells of `FINDING_COLUMNS` for a row that is no finding. From the fix on they are empty."""
    return severity, code, None, None, None, segment, None, cell(message), None, None, None, None


def _is_utf8(out: TextIO) -> bool:
    encoding = getattr(out, "encoding", None)
    return encoding is None or encoding.lower().replace("-", "").replace("_", "") == "utf8"
