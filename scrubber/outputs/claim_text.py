"""A claim as JSON text. What many claims and findings share is remembered as text, since a report has a million."""

from __future__ import annotations

import json
from typing import Any

from scrubber.engine.naming import control_number
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.details import LINE_KEYS, Record, details, finding_parts, shared_by_findings
from scrubber.outputs.record import QuietClaim, Shared, claim_record, json_text
from scrubber.x12.remembering import remembered

_quoted = json.encoder.encode_basestring_ascii


def claim_text(scrubbed: ScrubbedClaim, quiet: QuietClaim | None) -> str:
    """The record of a claim as JSON, as `json_text` writes it. That of a `quiet` claim takes a fifth of the time."""
    if quiet is not None:
        return _quiet_text(quiet)
    record = claim_record(scrubbed)
    return _with_findings(scrubbed, record) if scrubbed.findings else json_text(record)


def _quiet_text(quiet: QuietClaim) -> str:
    claim_id, shared, charge, service_dates, clearinghouse_id, ordinal = quiet
    head, parties, tail = _of_shared(shared)
    days = '"' + '","'.join(service_dates) + '"' if service_dates else ""
    return (
        f'{{"claim_id":{_quoted(claim_id)}{head}{_or_null(charge)},"service_dates":[{days}]{parties}'
        f'{_or_null(clearinghouse_id)},"ordinal":{ordinal}{tail}'
    )


@remembered(1024)
def _of_shared(shared: Shared) -> tuple[str, str, str]:
    """The parts of a quiet claim's text: before its charge, between days and clearinghouse id, after its ordinal."""
    transaction, group = control_number(shared.transaction), control_number(shared.group)
    head = f',"type":"{shared.type}","transaction":{_quoted(transaction)},"group":{_quoted(group)}'
    parties = f',"payer_id":{_or_null(shared.payer_id)},"billing_npi":{_or_null(shared.billing_npi)}'
    return (
        f'{head},"disposition":"clean","goes_to":"clean","charge":',
        f'{parties},"clearinghouse_id":',
        f',"payer_name":{_or_null(shared.payer_name)},"lines":[],"findings":[],"not_checked":[]}}',
    )


def _with_findings(scrubbed: ScrubbedClaim, record: Record) -> str:
    """A claim with findings. Its record has the lines and the findings side by side."""
    names = [*record]
    at = names.index("lines")
    before, after = ({name: record[name] for name in part} for part in (names[:at], names[at + 2 :]))
    lines = ",".join([_line(*line.key[:-1]) for line in details(scrubbed).lines])
    findings = ",".join(map(_finding, record["findings"]))
    return f'{json_text(before)[:-1]},"lines":[{lines}],"findings":[{findings}],{json_text(after)[1:]}'


@remembered(256)  # a practice bills the same services at the same prices
def _line(*values: int | str | None) -> str:
    """A line, from its key without what Medicare allows."""
    line: dict[str, Any] = dict(zip(LINE_KEYS[:-1], values, strict=True))
    line["modifiers"] = (line["modifiers"] or "").split()
    return json_text(line)


def _finding(record: Record) -> str:
    """A finding. Line, control number, positions and message are its own, the rest is remembered."""
    code, loop, element, tail = _of_findings(*shared_by_findings(record))
    control, line, file_line = record["line_control_number"], record["service_line"], record["file_line"]
    return (
        f'{code},"service_line":{_number(line)},"line_control_number":{_or_null(control)}'
        f'{loop},"segment":{record["segment"]},"file_line":{_number(file_line)},"offset":{record["offset"]}'
        f'{element},"message":{_quoted(record["message"])}{tail},"excerpt":{_excerpt(record["excerpt"])}}}'
    )


@remembered(4096)
def _of_findings(*values: str | None) -> tuple[str, str, str, str]:
    """The parts of a finding's text: code and severity, its loop, segment and element, fix and denial."""
    code, *others = (json_text(part)[:-1] for part in finding_parts(values))
    loop, element, tail = (f",{text[1:]}" for text in others)
    return code, loop, element, tail


def _excerpt(shown: Record | None) -> str:
    if shown is None:
        return "null"
    text, start, stop = shown["text"], shown["start"], shown["stop"]
    return f'{{"text":{_quoted(text)},"start":{_number(start)},"stop":{_number(stop)}}}'


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _or_null(text: str | None) -> str:
    return "null" if text is None else _quoted(text)
