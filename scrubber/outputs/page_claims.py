"""A claim on the page: a row of the list, and what it opens to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs.authorities import denial_in_words
from scrubber.outputs.details import LineDetails, Record, details
from scrubber.outputs.page_values import code_link, date, money, quoted, repeated, shown
from scrubber.outputs.record import claim_record
from scrubber.outputs.wording import accepted
from scrubber.x12.errors import counted

SEVERAL_FILES = "\0"
"""Stands around what is shown only if the page has several files: that is known when all claims have been written.

No value holds it, as values are made visible."""
ROW = "\1"
"""Stands between a claim of the list and its row in the table for browsers without scripts. No value holds it."""

RANKS = {"rejected": 2, "flagged": 1, "clean": 0}
_BADGES = {name: f'<span class="badge {name}">{name.title()}</span>' for name in RANKS}
_HELD = '<span class="badge flagged">Held</span>'
_TO = "\N{EN DASH}"
_SEVERITIES = {"reject": "Reject", "warn": "Warning", "info": "Info"}


class Rule(NamedTuple):
    """What a claim shows of the meaning of a code: its title."""

    title: str


Rules = Callable[[str], Rule]
"""Gives the rule of a code."""


class File(NamedTuple):
    """The file of a claim: its number among those of the page, and its path."""

    ordinal: int
    path: str


def claim_item(scrubbed: ScrubbedClaim, file: File, rules: Rules) -> str:
    """A claim with findings or with edits that could not decide: an item of the list, `ROW`, and a row of the table.

    It has few elements: there may be 20,000 claims, and each element takes a browser time, on paper most of all.
    """
    record = claim_record(scrubbed)
    ordinal, disposition = scrubbed.claim.number, scrubbed.disposition
    days = record["service_dates"]
    counts = details(scrubbed).counts if scrubbed.findings else ()
    faults = [f"{count['code']}:{count['severity']} " for count in counts]
    faults += [f"{item['code']}:unchecked " for item in record["not_checked"]]
    chips = [f'<span class="chip {count["severity"]}">{shown(count["code"])}</span> ' for count in counts]
    chips += ['<span class="chip unchecked">not checked</span>'] if record["not_checked"] else []
    badge = _HELD if record["goes_to"] == "held" else _BADGES[disposition]
    payer, charge = quoted(record["payer_id"]), record["charge"]
    cells = (
        shown(record["claim_id"]),
        payer_label(record["payer_name"], record["payer_id"]),
        _dates(days),
        money(charge),
    )
    return (
        f'\n<div role="listitem" data-payer="={payer}" data-provider="={quoted(record["billing_npi"])}"'
        f' data-file="{file.ordinal}" data-order="{ordinal}" data-claim="{quoted(record["claim_id"])}"'
        f' data-to="{record["goes_to"]}"'
        f' data-date="{days[0] if days else ""}" data-charge="{charge or ""}"'
        f' data-findings="{len(scrubbed.findings)}" data-rank="{RANKS[disposition]}"'
        f' data-faults="{quoted("".join(faults))}"><details>'
        f'<summary class="row">{badge} '
        f'<span class="ordinal"><span class="spoken">claim no. </span>{ordinal}</span> '
        f'<span class="claim-id">{cells[0]}</span> '
        f'<span class="payer"><span class="spoken">payer </span>{cells[1]}'
        f'</span> <span class="date">{cells[2]}</span> <span class="charge">{cells[3]}</span> '
        f'<span class="codes">{"".join(chips)}</span></summary>'
        f'<div class="claim" id="claim-{file.ordinal}-{ordinal}">{_facts(record, file)}'
        f"{_body(scrubbed, record, rules)}</div></details></div>"
        f"{ROW}{_row(scrubbed, file, cells, [count['code'] for count in counts])}"
    )


def _row(scrubbed: ScrubbedClaim, file: File, cells: tuple[str, str, str, str], codes: Sequence[str]) -> str:
    """The claim as a row of the table for browsers without scripts. Its `cells` are those of the list."""
    claim_id, payer, days, charge = cells
    ordinal = scrubbed.claim.number
    status = "Held" if scrubbed.goes_to == "held" else scrubbed.disposition.title()
    several = f'{SEVERAL_FILES}<td class="path"><bdi>{shown(file.path)}</bdi></td>{SEVERAL_FILES}'
    found = [*map(shown, codes), *(["not checked"] if scrubbed.not_checked else [])]
    return (
        f'\n<tr><td>{status}</td><td>{ordinal}</td><th scope="row"><a href="#claim-{file.ordinal}-{ordinal}">'
        f'{claim_id}</a></th><td>{payer}</td><td class="date">{days}</td><td class="number">{charge}</td>'
        f"<td>{', '.join(found)}</td>{several}</tr>"
    )


@lru_cache(maxsize=1_024)
def payer_label(name: str | None, payer_id: str | None) -> str:
    """A payer by its name, with its id beside it in small letters; of what is known."""
    if name and payer_id:
        return f"{shown(name)} <small>{shown(payer_id)}</small>"
    return shown(name or payer_id)


def _dates(days: list[str]) -> str:
    if not days:
        return ""
    return date(days[0]) if days[0] == days[-1] else f"{date(days[0])} {_TO} {date(days[-1])}"


def _facts(record: Record, file: File) -> str:
    parts = [
        f'<p class="facts"><b>{shown(record["claim_id"])}</b>, {record["type"]}, claim {record["ordinal"]}',
        f"{SEVERAL_FILES} of <bdi>{shown(file.path)}</bdi>{SEVERAL_FILES}",
        f", transaction {shown(record['transaction'])}, group {shown(record['group'])}",
    ]
    for name, label in (
        ("clearinghouse_id", "clearinghouse id"),
        ("payer_id", "payer"),
        ("billing_npi", "billing provider"),
    ):
        if record[name] is not None:
            parts.append(f", {label} {shown(record[name])}")
    if record.get("allowed") is not None:
        parts.append(f", Medicare allows {money(record['allowed'])}{unpriced(record['unpriced_lines'])}")
    return "".join([*parts, "</p>"])


def unpriced(lines: int) -> str:
    """How many lines have no price, nothing if all have one."""
    return f", no price for {counted(lines, 'line')}" if lines > 0 else ""


def _body(scrubbed: ScrubbedClaim, record: Record, rules: Rules) -> str:
    parts = []
    if scrubbed.findings:
        known = details(scrubbed)
        if known.of_claim:
            found = "".join([_finding(item) for item in known.of_claim])
            parts.append(f'<section class="line"><h3><b>The claim as a whole</b></h3>{found}</section>')
        parts += [_line(line) for line in known.lines if line.findings]
        parts.append(_quiet([line for line in known.lines if not line.findings]))
        more = len(scrubbed.claim.lines) - len(known.lines)
        if more:
            parts.append(f'<p class="quiet">{counted(more, "more line")} with nothing found, not shown.</p>')
    if record["not_checked"]:
        parts.append(_list("Not checked on this claim", [_undecided(item, rules) for item in record["not_checked"]]))
    if scrubbed.suppressed:
        reasons = [accepted(item.by) for item in scrubbed.suppressed]
        items = [_suppressed(item, why) for item, why in zip(record["suppressed"], reasons, strict=True)]
        parts.append(_list("Suppressed, and not counted", items))
    return "".join(parts)


def _list(heading: str, items: list[str]) -> str:
    listed = "".join([f"<li>{item}</li>" for item in items])
    return f'<section class="line"><h3><b>{heading}</b></h3><ul>{listed}</ul></section>'


def _undecided(item: Record, rules: Rules) -> str:
    code = item["code"]
    return f"{code_link(code)} {shown(rules(code).title)}: <em>{shown(item['reason'])}</em>"


def _suppressed(item: Record, why: str) -> str:
    line = f" on line {item['service_line']}" if item["service_line"] is not None else ""
    return f"{code_link(item['code'])}{line} {shown(item['message'])} Why: <em>{shown(why)}</em>"


def _line(line: LineDetails) -> str:
    found = "".join([_finding(item) for item in line.findings])
    return f'<section class="line"><h3>{_named_line(line.record)}</h3>{found}</section>'


def _quiet(lines: Sequence[LineDetails]) -> str:
    """The lines on which nothing was found, in one paragraph."""
    listed = "; ".join([_named_line(line.record) for line in lines])
    return f'<p class="quiet">Nothing found on: {listed}</p>' if listed else ""


def _named_line(record: Record) -> str:
    number, modifiers = record["service_line"], " ".join(record["modifiers"])
    parts = [
        "<b>Line without a number</b>" if number is None else f"<b>Line {number}</b>",
        f" <code>{shown(record['procedure'])}{f' {shown(modifiers)}' if modifiers else ''}</code>",
        f" revenue code {shown(record['revenue_code'])}," if record["revenue_code"] else "",
        f" {shown(record['units'])} {shown(record['unit_basis'])}" if record["units"] else "",
        f", {money(record['charge'])}" if record["charge"] else "",
        f" (Medicare allows {money(record['allowed'])})" if record["allowed"] else "",
        f", NDC {shown(record['ndc'])}" if record["ndc"] else "",
    ]
    return "".join(parts)


def _finding(record: Record) -> str:
    code, severity, loop = record["code"], record["severity"], record["loop"]
    control, file_line = record["line_control_number"], record["file_line"]
    where = [
        f'<p class="where"><b>{repeated(record["element"])}</b>',
        f" in loop {repeated(loop)}" if loop else "",
        f", segment {record['segment']} from ST ({repeated(record['segment_id'])})",
        "" if file_line is None else f", line {file_line} of the file",
        f", byte {record['offset']}",
        "" if control is None else f", line control number {shown(control)}",
        "</p>",
    ]
    return (
        f'<div class="finding {severity}"><p class="message"><span class="severity">'
        f"{_SEVERITIES.get(severity, 'Info')}</span> {code_link(code)} {shown(record['message'])}</p>"
        f'{_excerpt(record["excerpt"])}<p class="fix"><b>Fix:</b> {repeated(record["fix"])}</p>'
        f"{''.join(where)}{_denial(record['carc'], record['rarc'], record['claim_status'])}</div>"
    )


@lru_cache(maxsize=512)
def _denial(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    words = denial_in_words(carc, rarc, claim_status)
    return f'<p class="denial">Likely denial: {shown(words)}</p>' if words else ""


def _excerpt(excerpt: Record | None) -> str:
    """The segment with the part at fault marked, or `missing` where it should stand."""
    if excerpt is None:
        return ""
    text, start, stop = excerpt["text"], excerpt["start"], excerpt["stop"]
    if start is None:
        return f'<p class="segment">{shown(text)}</p>'
    part = shown(text[start:stop])
    mark = f"<mark>{part}</mark>" if part else '<mark class="gap">missing</mark>'
    return f'<p class="segment">{shown(text[:start])}{mark}{shown(text[stop:])}</p>'
