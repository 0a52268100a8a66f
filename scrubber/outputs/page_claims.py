"""A claim on the page: a row of the list, and what it opens to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.authorities import denial_in_words
from scrubber.outputs.details import FoundCodes, LineDetails, Record, counts, details
from scrubber.outputs.page_values import date, money, quoted, repeated, shown
from scrubber.outputs.record import claim_record
from scrubber.outputs.wording import accepted
from scrubber.x12.errors import counted

SEVERAL_FILES = "\0"
"""A mark before and after what is shown only if the page has several files.

That is known when all claims have been written. No value has this character, as values are made visible."""
ROW_END = "\1"
"""A mark between the row of a claim in the table and its item of the list. No value has it."""

RANKS = {"rejected": 2, "flagged": 1, "clean": 0}
_TO = "\N{EN DASH}"
_SEVERITIES = {"reject": "Reject", "warn": "Warning", "info": "Info"}


class Meaning(NamedTuple):
    """The meaning of a code, as a claim shows it: its title."""

    title: str


Meanings = Callable[[str], Meaning]
"""Gives the meaning of a code."""


class File(NamedTuple):
    """The file of a claim: its number among those of the page, and its path."""

    ordinal: int
    path: str


def claim_item(scrubbed: ScrubbedClaim, file: File, meanings: Meanings) -> str:
    """A claim with findings or with edits that could not decide: a row of the table, `ROW_END`, an item of the list.

    The table is for browsers without scripts; its row has a link to the item.

    There may be 20,000 claims, and each element costs a browser time, most of all when it prints. So an item has few
    elements and little text. The style sheet and the script find the parts of a row by their order: status, number,
    claim id, payer, dates, charge and codes. They find the parts of a finding by their elements. `data-faults` has each
    code with its severity, and how often it was found if more than once.
    """
    record = claim_record(scrubbed)
    disposition, days, charge = scrubbed.disposition, record["service_dates"], record["charge"]
    faults, chips, codes = _codes(scrubbed, record)
    status = "Held" if record["goes_to"] == "held" else disposition.title()
    anchor = f"claim-{file.ordinal}-{record['ordinal']}"
    claim_id, payer = shown(record["claim_id"]), payer_label(record["payer_name"], record["payer_id"])
    when, amount = _dates(days), money(charge)
    return (
        f'\n<tr><td>{status}</td><td>{record["ordinal"]}</td><th scope="row"><a href="#{anchor}">{claim_id}</a></th>'
        f'<td>{payer}</td><td class="date">{when}</td><td class="number">{amount}</td><td>{codes}</td>'
        f'{SEVERAL_FILES}<td class="path"><bdi>{shown(file.path)}</bdi></td>{SEVERAL_FILES}</tr>{ROW_END}'
        f'\n<div role="listitem" class="{disposition}" data-payer="={quoted(record["payer_id"])}"'
        f' data-provider="={quoted(record["billing_npi"])}" data-date="{days[0] if days else ""}"'
        f' data-charge="{charge or ""}" data-faults="{quoted(faults)}">'
        f"<details><summary><b>{status}</b> <span>{record['ordinal']}</span> <span>{claim_id}</span> "
        f"<span>{payer}</span> <span>{when}</span> <span>{amount}</span> <span>{chips}</span></summary>"
        f'<div id="{anchor}">'
        f"{_facts(record, file)}{_body(scrubbed, record, meanings)}</div></details></div>"
    )


def _codes(scrubbed: ScrubbedClaim, record: Record) -> tuple[str, str, str]:
    """The codes of a claim: as the script reads them, as the item shows them, and as the row of the table does."""
    faults, chips, codes = _found(details(scrubbed).found) if scrubbed.findings else ("", "", "")
    if record["not_checked"]:
        undecided = [f"{item['code']}:unchecked" for item in record["not_checked"]]
        faults = " ".join([*filter(None, [faults]), *undecided])
        chips = " ".join([*filter(None, [chips]), '<b class="unchecked">not checked</b>'])
        codes = ", ".join([*filter(None, [codes]), "not checked"])
    return faults, chips, codes


@lru_cache(maxsize=256)  # many claims of a file have the same codes
def _found(found: FoundCodes) -> tuple[str, str, str]:
    faults, chips, codes = [], [], []
    for count in counts(found):
        code, severity, often = count["code"], count["severity"], count["count"]
        faults.append(f"{code}:{severity}:{often}" if often > 1 else f"{code}:{severity}")
        chips.append(f'<b class="{severity}">{shown(code)}</b>')
        codes.append(shown(code))
    return " ".join(faults), " ".join(chips), ", ".join(codes)


@lru_cache(maxsize=1_024)
def payer_label(name: str | None, payer_id: str | None) -> str:
    """A payer by its name, with its id beside it in small letters. One of them may be unknown."""
    if name and payer_id:
        return f"{shown(name)} <small>{shown(payer_id)}</small>"
    return shown(name or payer_id)


def _dates(days: list[str]) -> str:
    if not days:
        return ""
    return date(days[0]) if days[0] == days[-1] else f"{date(days[0])} {_TO} {date(days[-1])}"


def _facts(record: Record, file: File) -> str:
    """A paragraph with what the row of the claim does not show."""
    parts = [
        f"<p>{record['type']}{SEVERAL_FILES} of <bdi>{shown(file.path)}</bdi>{SEVERAL_FILES}",
        f", transaction {shown(record['transaction'])}, group {shown(record['group'])}",
    ]
    for name, label in (("clearinghouse_id", "clearinghouse id"), ("billing_npi", "billing provider")):
        if record[name] is not None:
            parts.append(f", {label} {shown(record[name])}")
    if record.get("allowed") is not None:
        parts.append(f", Medicare allows {money(record['allowed'])}{unpriced(record['unpriced_lines'])}")
    return "".join([*parts, "</p>"])


def unpriced(lines: int) -> str:
    """How many lines have no price, nothing if all have one."""
    return f", no price for {counted(lines, 'line')}" if lines > 0 else ""


def _body(scrubbed: ScrubbedClaim, record: Record, meanings: Meanings) -> str:
    parts = []
    if scrubbed.findings:
        known = details(scrubbed)
        if known.of_claim:
            found = "".join([_finding(item) for item in known.of_claim])
            parts.append(f"<section><h3>The claim as a whole</h3>{found}</section>")
        parts += [_line(line) for line in known.lines if line.findings]
        parts.append(_quiet([line for line in known.lines if not line.findings]))
        more = len(scrubbed.claim.lines) - len(known.lines)
        if more:
            parts.append(f'<p class="quiet">{counted(more, "more line")} with nothing found, not shown.</p>')
    if record["not_checked"]:
        parts.append(_list("Not checked on this claim", [_undecided(item, meanings) for item in record["not_checked"]]))
    if scrubbed.suppressed:
        reasons = [accepted(item.by) for item in scrubbed.suppressed]
        items = [_suppressed(item, why) for item, why in zip(record["suppressed"], reasons, strict=True)]
        parts.append(_list("Suppressed, and not counted", items))
    return "".join(parts)


def _list(heading: str, items: list[str]) -> str:
    listed = "".join([f"<li>{item}</li>" for item in items])
    return f"<section><h3>{heading}</h3><ul>{listed}</ul></section>"


def _undecided(item: Record, meanings: Meanings) -> str:
    code = item["code"]
    return f"{_link(code)} {shown(meanings(code).title)}: <em>{shown(item['reason'])}</em>"


def _suppressed(item: Record, why: str) -> str:
    line = f" on line {item['service_line']}" if item["service_line"] is not None else ""
    return f"{_link(item['code'])}{line} {shown(item['message'])} Why: <em>{shown(why)}</em>"


def _line(line: LineDetails) -> str:
    found = "".join([_finding(item) for item in line.findings])
    return f"<section><h3>{_named_line(*line.key)}</h3>{found}</section>"


def _quiet(lines: Sequence[LineDetails]) -> str:
    """The lines on which nothing was found, in one paragraph."""
    listed = "; ".join([_named_line(*line.key) for line in lines])
    return f'<p class="quiet">Nothing found on: {listed}</p>' if listed else ""


@lru_cache(maxsize=1_024)  # a practice bills the same services at the same prices
def _named_line(
    number: int | None,
    procedure: str | None,
    modifiers: str | None,
    revenue: str | None,
    charge: str | None,
    units: str | None,
    basis: str | None,
    ndc: str | None,
    allowed: str | None,
) -> str:
    parts = [
        "<b>Line without a number</b>" if number is None else f"<b>Line {number}</b>",
        f" <code>{shown(procedure)}{f' {shown(modifiers)}' if modifiers else ''}</code>",
        f" revenue code {shown(revenue)}," if revenue else "",
        f" {shown(units)} {shown(basis)}" if units else "",
        f", {money(charge)}" if charge else "",
        f" (Medicare allows {money(allowed)})" if allowed else "",
        f", NDC {shown(ndc)}" if ndc else "",
    ]
    return "".join(parts)


def _finding(record: Record) -> str:
    severity = record["severity"]
    return (
        f'<div class="{severity}"><p><b>{_SEVERITIES.get(severity, "Info")}</b> {_link(record["code"])} '
        f"{shown(record['message'])}</p>{_excerpt(record['excerpt'])}<p><b>Fix:</b> {repeated(record['fix'])}</p>"
        f"{_where(record)}{_denial(record['carc'], record['rarc'], record['claim_status'])}</div>"
    )


def _where(record: Record) -> str:
    """Where a finding is. The tag of the segment is given only if it is not that of the element."""
    control, file_line = record["line_control_number"], record["file_line"]
    parts = [
        f"<small>{_element(record['element'], record['loop'])}, segment {record['segment']} from ST",
        "" if record["element"].startswith(record["segment_id"]) else f" ({repeated(record['segment_id'])})",
        "" if file_line is None else f", line {file_line} of the file",
        f", byte {record['offset']}",
        "" if control is None else f", line control number {shown(control)}",
        "</small>",
    ]
    return "".join(parts)


@lru_cache(maxsize=1_024)
def _element(element: str, loop: str) -> str:
    return f"<b>{shown(element)}</b>{f' in loop {shown(loop)}' if loop else ''}"


@lru_cache(maxsize=1_024)
def _link(code: str) -> str:
    """A code, linked to its meaning."""
    return f'<a href="#rule-{quoted(code)}">{shown(code)}</a>'


@lru_cache(maxsize=512)
def _denial(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    words = denial_in_words(carc, rarc, claim_status)
    return f"<small>Likely denial: {shown(words)}</small>" if words else ""


def _excerpt(excerpt: Record | None) -> str:
    """The segment with the part at fault marked, or `missing` where it should stand."""
    if excerpt is None:
        return ""
    text, start, stop = excerpt["text"], excerpt["start"], excerpt["stop"]
    if start is None:
        return f"<code>{shown(text)}</code>"
    part = shown(text[start:stop])
    mark = f"<mark>{part}</mark>" if part else '<mark class="gap">missing</mark>'
    return f"<code>{shown(text[:start])}{mark}{shown(text[stop:])}</code>"
