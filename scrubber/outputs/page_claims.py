"""A claim on the page: a row of the list, and what it opens to."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs.details import LineDetails, Record, details
from scrubber.outputs.page_values import code_link, counted, date, money, quoted, repeated, shown
from scrubber.outputs.record import claim_record

SEVERAL_FILES = "\0"
"""Stands around what is shown only if the page has several files: that is known when all claims have been written.

No value holds it, as values are made visible."""

RANKS = {"rejected": 2, "flagged": 1, "clean": 0}
_BADGES = {name: f'<span class="badge {name}">{name.title()}</span>' for name in RANKS}
_TO = "\N{EN DASH}"
_SEVERITIES = {"reject": "Reject", "warn": "Warning", "info": "Info"}


class Rule(NamedTuple):
    """What a claim shows of the meaning of a code: its title and its source."""

    title: str
    source: str


Rules = Callable[[str], Rule]
"""Gives the rule of a code."""


class File(NamedTuple):
    """The file of a claim: its number among those of the page, and its path."""

    ordinal: int
    path: str


def claim_item(scrubbed: ScrubbedClaim, file: File, rules: Rules) -> str:
    """A claim with findings or with edits that could not decide, as an item of the list.

    It has few elements: there may be 20,000 claims, and each element takes a browser time.
    """
    record = claim_record(scrubbed)
    ordinal, disposition = scrubbed.claim.number, scrubbed.disposition
    days = record["service_dates"]
    counts = details(scrubbed).counts if scrubbed.findings else ()
    faults = [f"{count['code']}:{count['severity']} " for count in counts]
    faults += [f"{item['code']}:unchecked " for item in record["not_checked"]]
    chips = [f'<span class="chip {count["severity"]}">{shown(count["code"])}</span> ' for count in counts]
    chips += ['<span class="chip unchecked">not checked</span>'] if record["not_checked"] else []
    claim_id, payer, charge = shown(record["claim_id"]), quoted(record["payer_id"]), record["charge"]
    return (
        f'\n<div role="listitem" data-payer="={payer}" data-provider="={quoted(record["billing_npi"])}"'
        f' data-file="{file.ordinal}" data-order="{ordinal}" data-claim="{quoted(record["claim_id"])}"'
        f' data-to="{record["goes_to"]}"'
        f' data-date="{days[0] if days else ""}" data-charge="{charge or ""}"'
        f' data-findings="{len(scrubbed.findings)}" data-rank="{RANKS[disposition]}"'
        f' data-faults="{quoted("".join(faults))}"><details id="claim-{file.ordinal}-{ordinal}">'
        f'<summary class="row">{_BADGES[disposition]} '
        f'<span class="ordinal"><span class="spoken">claim no. </span>{ordinal}</span> '
        f'<span class="claim-id">{claim_id}</span> '
        f'<span class="payer"><span class="spoken">payer </span>{shown(record["payer_id"])}</span> '
        f'<span class="date">{_dates(days)}</span> <span class="charge">{money(charge)}</span> '
        f'<span class="codes">{"".join(chips)}</span></summary>'
        f'<div class="claim">{_facts(record, ordinal, file)}{_body(scrubbed, record, rules)}</div></details></div>'
    )


def _dates(days: list[str]) -> str:
    if not days:
        return ""
    return date(days[0]) if len(days) == 1 else f"{date(days[0])} {_TO} {date(days[-1])}"


def _facts(record: Record, ordinal: int, file: File) -> str:
    parts = [
        f'<p class="facts"><b>{shown(record["claim_id"])}</b>, {record["type"]}, claim {ordinal}',
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
            found = "".join([_finding(item, rules) for item in known.of_claim])
            parts.append(f'<section class="line"><h3><b>The claim as a whole</b></h3>{found}</section>')
        parts += [_line(line, rules) for line in known.lines]
        more = len(scrubbed.claim.lines) - len(known.lines)
        if more:
            parts.append(f'<p class="hint">{more} more lines with nothing found are not shown.</p>')
    if record["not_checked"]:
        parts.append(_list("Not checked on this claim", [_undecided(item, rules) for item in record["not_checked"]]))
    if record.get("suppressed"):
        parts.append(_list("Suppressed, and not counted", [_suppressed(item) for item in record["suppressed"]]))
    return "".join(parts)


def _list(heading: str, items: list[str]) -> str:
    listed = "".join([f"<li>{item}</li>" for item in items])
    return f'<section class="line"><h3><b>{heading}</b></h3><ul>{listed}</ul></section>'


def _undecided(item: Record, rules: Rules) -> str:
    code = item["code"]
    return f"{code_link(code)} {shown(rules(code).title)}: <em>{shown(item['reason'])}</em>"


def _suppressed(item: Record) -> str:
    line = f" on line {item['service_line']}" if item["service_line"] is not None else ""
    if item["by"] == "baseline":
        why = "known before: baseline"
    else:
        why = f"{shown(item['author'])}, up to {shown(item['expires'])}: {shown(item['reason'])}"
    return f"{code_link(item['code'])}{line} {shown(item['message'])} ({why})"


def _line(line: LineDetails, rules: Rules) -> str:
    record, found = line
    number = record["service_line"]
    parts = [
        f'<section class="line{"" if found else " quiet"}"><h3><b>',
        "Line without a number" if number is None else f"Line {number}",
        f"</b> <code>{shown(record['procedure'])}",
        f" {shown(' '.join(record['modifiers']))}" if record["modifiers"] else "",
        "</code>",
        f" revenue code {shown(record['revenue_code'])}," if record["revenue_code"] else "",
        f" {shown(record['units'])} {shown(record['unit_basis'])}" if record["units"] else "",
        f", {money(record['charge'])}" if record["charge"] else "",
        f" (Medicare allows {money(record['allowed'])})" if record["allowed"] else "",
        f", NDC {shown(record['ndc'])}" if record["ndc"] else "",
        "" if found else ": nothing found",
        "</h3>",
        *(_finding(item, rules) for item in found),
        "</section>",
    ]
    return "".join(parts)


def _finding(record: Record, rules: Rules) -> str:
    code, severity, loop = record["code"], record["severity"], record["loop"]
    where = f" in loop {repeated(loop)}" if loop else ""
    control, file_line = record["line_control_number"], record["file_line"]
    of_file = "" if file_line is None else f", line {file_line} of the file"
    line = "" if control is None else f", line control number {shown(control)}"
    return (
        f'<div class="finding {severity}"><p class="message"><span class="severity">'
        f"{_SEVERITIES.get(severity, 'Info')}</span> {code_link(code)} {shown(record['message'])}</p>"
        f'{_excerpt(record["excerpt"])}<dl><dt class="fix">Fix</dt><dd>{repeated(record["fix"])}</dd>'
        f"<dt>Where</dt><dd><b>{repeated(record['element'])}</b>{where}, segment {record['segment']}"
        f" from ST ({repeated(record['segment_id'])}){of_file}, byte {record['offset']}{line}</dd>"
        f"{_denial(record['carc'], record['rarc'], record['claim_status'])}{_source(rules(code).source)}</dl></div>"
    )


@lru_cache(maxsize=512)
def _denial(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    named = (("CARC", carc), ("RARC", rarc), ("277CA", claim_status))
    codes = ", ".join([f"{name} {shown(code)}" for name, code in named if code is not None])
    return f"<dt>Likely denial</dt><dd>{codes}</dd>" if codes else ""


@lru_cache(maxsize=512)
def _source(source: str) -> str:
    return f"<dt>Source</dt><dd>{shown(source)}</dd>" if source else ""


def _excerpt(excerpt: Record | None) -> str:
    """The segment with the part at fault marked, or `missing` where it should stand."""
    if excerpt is None:
        return ""
    text, start, stop = excerpt["text"], excerpt["start"], excerpt["stop"]
    if start is None:
        return f'<p class="segment"><code>{shown(text)}</code></p>'
    part = shown(text[start:stop])
    mark = f"<mark>{part}</mark>" if part else '<mark class="gap">missing</mark>'
    return f'<p class="segment"><code>{shown(text[:start])}{mark}{shown(text[stop:])}</code></p>'
