"""The HTML report: one page that needs no other file.

It holds its stylesheet and its script. Its content security policy allows these two and nothing else. The claims
wait until all have come, many of them in a temporary file: its list begins with the worst, and its head has the sums.
Memory does not grow with the claims.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from itertools import islice
from math import inf
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, NamedTuple, cast

from scrubber.engine.engine import Engine
from scrubber.engine.parties import payer_id, payer_name
from scrubber.engine.record import charge_of
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs import page_list, page_parts
from scrubber.outputs.batch import Batch
from scrubber.outputs.breakdown import MOST_KEYS, Breakdowns, Share
from scrubber.outputs.explanation import explained
from scrubber.outputs.page_charts import AT_ONCE, charts
from scrubber.outputs.page_claims import RANKS, ROW_END, SEVERAL_FILES, File, Meaning, claim_item
from scrubber.outputs.page_parts import FileSums, Sums
from scrubber.outputs.page_values import code_link, shown
from scrubber.outputs.record import dates_record, standing_record, unchecked_record
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.worklist import Worklist, WorklistEntry
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

_ERRORS_IN_MEMORY = 1 << 16
"""In bytes. Beyond it the rows of errors wait in a temporary file without a name."""
_PART, _ROW_END = SEVERAL_FILES.encode(), ROW_END.encode()


class _Part(NamedTuple):
    """The counts of some claims, the codes that are to be explained, names of payers, and the entries of the list."""

    breakdowns: Breakdowns
    codes: set[str]
    payers: dict[str, str]
    entries: Sequence[WorklistEntry]


class HtmlReport:
    """Writes the page to a binary file, when it is closed."""

    def __init__(self, out: BinaryIO, engine: Engine) -> None:
        self._out = out
        self._engine = engine
        self._summary, self._share = Summary(), Share()
        self._breakdowns = Breakdowns()
        self._codes: set[str] = set()
        self._payers: dict[str, str] = {}
        self._most_payers: float = MOST_KEYS
        self._dates: Mapping[str, Any] = {}
        self._files: list[FileSums] = []
        self._file = File(0, "")
        self._claims = Worklist()
        self._errors = cast("BinaryIO", SpooledTemporaryFile(_ERRORS_IN_MEMORY))  # noqa: SIM115 - closed by `close`
        self._error_count, self._first_errors = 0, b""
        self._meanings = lru_cache(maxsize=None)(self._meaning)

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._file = File(self._file.ordinal + 1, path)
        self._dates = dates_record(scan, self._engine)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take one claim."""
        self.take_batch(Batch([scrubbed]))

    def take_batch(self, batch: Batch) -> None:
        """Take some claims."""
        self._breakdowns.add(batch.counted)
        for scrubbed, quiet in batch.with_quiet:
            if quiet is None:
                self._name_payer(payer_id(scrubbed.claim), payer_name(scrubbed.claim))
                self._list(scrubbed)
            else:
                self._name_payer(quiet.shared.payer_id or "", quiet.shared.payer_name)

    def _list(self, scrubbed: ScrubbedClaim) -> None:
        """List a claim, unless there is nothing to look at."""
        if scrubbed.suppressed:
            self._codes.update([item.finding.code for item in scrubbed.suppressed])
        if not scrubbed.findings and not scrubbed.not_checked:
            return
        self._codes.update([finding.code for finding in scrubbed.findings])
        self._codes.update([item.code for item in scrubbed.not_checked])
        item = claim_item(scrubbed, self._file, self._meanings)
        self._claims.add(item.encode(), RANKS[scrubbed.disposition], float(charge_of(scrubbed.claim) or 0))

    def _name_payer(self, payer: str, name: str | None) -> None:
        """Remember the name of a payer that is new."""
        if payer not in self._payers and len(self._payers) < self._most_payers:
            self._payers[payer] = name or ""

    def begin_part(self, path: str, scan: Prescan, number: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)
        self._file = File(number, path)
        self._breakdowns, self._codes, self._most_payers = Breakdowns(inf), set(), inf

    def part(self) -> _Part:
        """The counts of the claims so far, see `Divisible`."""
        part = _Part(self._breakdowns, self._codes, self._payers, self._claims.pour(self._out))
        self._breakdowns, self._codes, self._payers = Breakdowns(inf), set(), {}
        return part

    def join(self, text: BinaryIO, part: _Part) -> None:
        """Take the claims of the next part, see `Divisible`."""
        self._claims.take(text, part.entries)
        self._breakdowns.add(part.breakdowns)
        self._codes |= part.codes
        for payer, name in part.payers.items():
            if len(self._payers) < self._most_payers:
                self._payers.setdefault(payer, name)

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        for error in (*scan.errors, *notices):
            self._codes.add(error.code)
            row = _error_row(error, self._file).encode()
            if self._error_count < AT_ONCE:
                self._first_errors += row
            else:
                self._errors.write(row)
            self._error_count += 1
        self._codes.update(summary.shadow)
        share = self._breakdowns.total()
        self._files.append(FileSums(*self._file, scan.readable, scan.sha256, self._dates, summary, share))
        self._summary.add(summary)
        self._share.add(share)

    def close(self) -> None:
        """Write the page."""
        sums = Sums(
            self._files,
            self._summary,
            self._share,
            self._breakdowns,
            self._error_count,
            [unchecked_record(item) for item in self._engine.unavailable],
            [standing_record(file, self._summary) for file in self._engine.profile.suppressions],
            self._engine.fingerprint,
            self._meanings,
            self._payers,
            self._engine.facts.as_of is not None,
        )
        for part in self._page(sums):
            self._out.write(part)
        self._claims.close()
        self._errors.close()

    def _page(self, sums: Sums) -> Iterator[bytes]:
        style, script = _shipped("report.css"), _shipped("report.js")
        yield _begin(sums, style, script).encode()
        yield (page_parts.head(sums, codes=bool(self._codes)) + "<main>" + page_parts.glance(sums)).encode()
        if sums.share.noted:
            yield (page_list.section_begin(sums) + page_list.table_begin(sums)).encode()
            for item in islice(self._claims.in_order(), page_list.MOST_ROWS):
                yield _for_files(_parted(item)[0], several=sums.several)
            yield (page_list.table_end(sums) + page_list.list_begin(sums)).encode()
            for item in self._claims.in_order():
                yield _for_files(_parted(item)[1], several=sums.several)
            yield page_list.LIST_END.encode()
        else:
            yield page_list.empty_list().encode()
        yield from self._of_errors(sums)
        if sums.summary.findings:
            yield charts(sums.breakdowns, self._meanings, self._payers, priced=sums.priced).encode()
        yield (page_parts.files(sums) + page_parts.not_checked(sums) + page_parts.not_counted(sums)).encode()
        known = (explained(code, self._engine.catalogue) for code in sorted(self._codes))
        yield f"{page_parts.meanings(known)}</main>{page_parts.foot(sums)}".encode()
        yield f"<script>{script.text}</script></body></html>\n".encode()

    def _of_errors(self, sums: Sums) -> Iterator[bytes]:
        self._errors.seek(0)
        rows = (self._first_errors, self._errors.read())
        first, others = (_for_files(some, several=sums.several).decode() for some in rows)
        yield page_list.errors(sums, first, others).encode()

    def _meaning(self, code: str) -> Meaning:
        return Meaning(explained(code, self._engine.catalogue).title)


FORMAT = Format(lambda out, engine, _: HtmlReport(out, engine), binary=True)


class _Shipped(NamedTuple):
    """The stylesheet or the script of the page, and the hash by which the security policy allows it."""

    text: str
    hash: str


@lru_cache(maxsize=2)  # a small file takes longer for these than for its claims
def _shipped(name: str) -> _Shipped:
    text = resources.files("scrubber.outputs").joinpath(name).read_text("utf-8")
    digest = hashlib.sha256(text.encode()).digest()
    return _Shipped(text, f"'sha256-{base64.b64encode(digest).decode()}'")


def _begin(sums: Sums, style: _Shipped, script: _Shipped) -> str:
    allowed = f"style-src {style.hash}; script-src {script.hash}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>Claim report: {sums.what_was_read}</title><style>{style.text}</style></head><body>"
    )


def _for_files(part: bytes, *, several: bool) -> bytes:
    """A part of the page with or without what is shown only if there are several files."""
    if several:
        return part.replace(_PART, b"")
    return b"".join(part.split(_PART)[::2])


def _parted(item: bytes) -> tuple[bytes, bytes]:
    """A claim's row of the table, and its item of the list."""
    row, _, listed = item.partition(_ROW_END)
    return row, listed


def _error_row(error: LocatedError, file: File) -> str:
    path = f'{SEVERAL_FILES}<td class="path"><bdi>{shown(file.path)}</bdi></td>{SEVERAL_FILES}'
    return (
        f'<tr>{path}<th scope="row">{code_link(error.code)}</th><td>{shown(error.message)}</td>'
        f"<td>{error.where}</td></tr>"
    )
