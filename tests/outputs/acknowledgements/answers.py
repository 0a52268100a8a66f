"""Reads answers back, by a parser of its own: nothing of the writer's code is used."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

import scrubber
from scrubber import RunOptions
from tests.conformance import oracle

ISA_LENGTH = 106


@attrs.frozen
class Envelope:
    """An interchange of an answer: its segments as lists of elements, and its component separator."""

    raw: bytes
    segments: list[list[str]]
    component: str

    def parts(self, element: str) -> list[str]:
        return element.split(self.component)


@attrs.define
class LineStatus:
    """Loop 2220D: the item number, the service, and its statuses."""

    service: list[str]
    charge: Decimal
    statuses: list[list[str]]
    item: str = ""
    dates: str = ""


@attrs.define
class ClaimStatus:
    """Loop 2200D: the claim, its action, its statuses with their texts, and its lines."""

    claim_id: str
    patient: list[str]
    provider: list[str]
    statuses: list[tuple[list[str], str]] = attrs.field(factory=list)
    actions: set[str] = attrs.field(factory=set)
    charge: Decimal = Decimal(0)
    references: dict[str, str] = attrs.field(factory=dict)
    dates: str = ""
    lines: list[LineStatus] = attrs.field(factory=list)

    @property
    def rejected(self) -> bool:
        assert len(self.actions) == 1
        return self.actions == {"U"}


@attrs.define
class Answered:
    """A transaction of a 277CA. `totals` are by level: 21, and 19 for each provider.

    `trace` is the batch of the sender, `controls` are the control numbers of its transaction.
    """

    trace: str
    controls: str = ""
    source: list[str] = attrs.field(factory=list)
    submitter: list[str] = attrs.field(factory=list)
    day: str = ""
    claims: list[ClaimStatus] = attrs.field(factory=list)
    totals: list[tuple[str, dict[str, Decimal]]] = attrs.field(factory=list)


@attrs.frozen
class Answers:
    """What a file was answered, and its JSON report."""

    ack_999: bytes
    ack_277ca: bytes
    report: dict[str, Any]


def answers_to(data: bytes, options: RunOptions | None = None) -> Answers:
    """Scrub a file in memory."""
    out_999, out_277ca, report = io.BytesIO(), io.BytesIO(), io.BytesIO()
    scrubber.scrub_to(
        io.BytesIO(data), options=options, ack_999=out_999, ack_277ca=out_277ca, reports={"json": report}, name="f.837"
    )
    (file,) = json.loads(report.getvalue())["files"]
    return Answers(out_999.getvalue(), out_277ca.getvalue(), file)


def envelopes(data: bytes) -> Iterator[Envelope]:
    """The interchanges of an answer. Each may have its own delimiters."""
    while data:
        assert data.startswith(b"ISA"), data[:20]
        text = data.decode("ascii")
        element, component, end = text[3], text[104], text[105]
        gap = re.match(r"[\r\n]*", text[ISA_LENGTH:])
        behind = gap[0] if gap else ""
        close = re.search(rf"{re.escape(end + behind)}IEA[^{re.escape(end)}]*{re.escape(end + behind)}", text)
        assert close, "an interchange has no IEA"
        raw = data[: close.end()]
        segments = [part.split(element) for part in text[: close.end()].split(end + behind)[:-1]]
        yield Envelope(raw, segments, component)
        data = data[close.end() :]


def assert_valid(data: bytes) -> None:
    """pyx12 accepts each interchange by its own map, and its counts and control numbers are right."""
    for envelope in envelopes(data):
        tags = [segment[0] for segment in envelope.segments]
        if "GS" not in tags:
            assert tags == ["ISA", "TA1", "IEA"]
            continue
        assert oracle.accepts(envelope.raw), envelope.raw[:3000]


def read_277ca(data: bytes) -> list[Answered]:
    """The transactions of a 277CA."""
    found: list[Answered] = []
    for envelope in envelopes(data):
        for body in _transactions(envelope.segments):
            found.append(_answered(envelope, body))
    return found


def _transactions(segments: list[list[str]]) -> Iterator[list[list[str]]]:
    start = 0
    for at, segment in enumerate(segments):
        if segment[0] == "ST":
            start = at
        elif segment[0] == "SE":
            assert int(segment[1]) == at - start + 1
            yield segments[start + 1 : at]


def _answered(envelope: Envelope, body: list[list[str]]) -> Answered:
    answered = Answered(trace="")
    level, provider, patient = "", [""], [""]
    parents: dict[str, str] = {}
    claim: ClaimStatus | None = None
    for segment in body:
        tag, *elements = segment
        if tag == "HL":
            assert int(elements[0]) == len(parents) + 1
            level = parents[elements[0]] = elements[2]
            above = {"20": None, "21": "20", "19": "21", "PT": "19"}[level]
            assert (parents[elements[1]] if elements[1] else None) == above
            claim = None
            if level in ("21", "19"):
                answered.totals.append((level, {}))
        elif tag == "NM1":
            if level == "20":
                answered.source = elements
            elif level == "21":
                answered.submitter = elements
            elif level == "19":
                provider = elements
            else:
                patient = elements
        elif tag in ("QTY", "AMT"):
            assert claim is None
            answered.totals[-1][1][elements[0]] = Decimal(elements[1])
        elif tag == "DTP" and level == "20":
            answered.day = elements[2]
        elif tag == "STC" and level in ("21", "19"):
            answered.totals[-1][1]["all"] = Decimal(elements[3])
        elif tag == "TRN" and level == "20":
            answered.controls = elements[1]
        elif tag == "TRN" and level == "21":
            answered.trace = elements[1]
        elif tag == "TRN" and level == "PT":
            claim = ClaimStatus(elements[1], patient, provider)
            answered.claims.append(claim)
        elif level == "PT" and claim:
            _of_claim(envelope, claim, tag, elements)
    return answered


def _of_claim(envelope: Envelope, claim: ClaimStatus, tag: str, elements: list[str]) -> None:
    line = claim.lines[-1] if claim.lines else None
    if tag == "SVC":
        claim.lines.append(LineStatus(envelope.parts(elements[0]), Decimal(elements[1]), []))
    elif tag == "STC" and line:
        assert elements[2] == "U"
        assert len(elements) <= 11  # no text on a line
        line.statuses += [envelope.parts(part) for part in (elements[0], *elements[9:]) if part]
    elif tag == "STC":
        claim.actions.add(elements[2])
        claim.charge = Decimal(elements[3])
        claim.statuses.append((envelope.parts(elements[0]), elements[11] if len(elements) > 11 else ""))
    elif tag == "REF" and line:
        line.item = elements[1] if elements[0] == "FJ" else line.item
    elif tag == "REF":
        claim.references[elements[0]] = elements[1]
    elif tag == "DTP" and line:
        line.dates = elements[2]
    elif tag == "DTP":
        claim.dates = elements[2]


@attrs.define
class Replied:
    """A group of a 999: AK1, AK9, and for each transaction AK2, its segments, IK5."""

    ak1: list[str]
    ak9: list[str] = attrs.field(factory=list)
    transactions: list[tuple[list[str], list[list[str]], list[str]]] = attrs.field(factory=list)


def read_999(data: bytes) -> tuple[list[list[str]], list[Replied]]:
    """The TA1 segments and the groups of a 999."""
    ta1s: list[list[str]] = []
    groups: list[Replied] = []
    for envelope in envelopes(data):
        tags = [segment[0] for segment in envelope.segments]
        if "TA1" in tags:
            assert tags.index("TA1") == 1
            ta1s.append(envelope.segments[1][1:])
        for body in _transactions(envelope.segments):
            group = Replied(body[0][1:])
            for tag, *elements in body[1:]:
                if tag == "AK2":
                    group.transactions.append((elements, [], []))
                elif tag == "AK9":
                    group.ak9 = elements
                elif tag == "IK5":
                    group.transactions[-1][2].extend(elements)
                else:
                    group.transactions[-1][1].append([tag, *elements])
            groups.append(group)
    return ta1s, groups


_FIXTURES = Path(__file__).parents[3] / "fixtures"
FIXTURES = sorted(path for folder in ("837", "x12") for path in (_FIXTURES / folder).glob("*.837"))
"""Files with many kinds of findings, and files with odd envelopes."""
BILLING_FIXTURES = sorted((_FIXTURES / "billing").glob("*.837"))
"""Files of one claim each, about billing."""
