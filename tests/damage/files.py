"""Invented 837P and 837I files in which every claim, line and person can be told from all others.

A file is a tree: interchanges, groups, transactions, billing providers, subscribers, patients, claims, lines. What
follows from the tree (HL01, HL02, HL04, LX01, CLM02, the counts of the trailers) is worked out when it is written, so
that parts can be taken out. The tree also has the people above each claim, so the tests need no reader.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import attrs

from scrubber.testing import (
    VERSIONS,
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    LineSpec,
    anifrolumab_claim,
    build,
    infusion_claim,
    npi,
    visit_claim,
    waste_claim,
)

LEVELS = {"20": "85", "22": "IL", "23": "QC"}
"""HL03, and the qualifier of the NM1 that names who the level is about."""

DELIMITERS = (
    *((DelimiterSpec(), eol) for eol in ("", "\n", "\r\n")),
    (DelimiterSpec("|", ">", "!", "\n"), ""),
    (DelimiterSpec("=", "<", "^", "'"), "\n"),
    (DelimiterSpec("\x1d", ":", "^", "\x1c"), ""),
)
"""Delimiters with what follows each terminator."""

NOTE = "SCRUB W JWJZ08"
"""What the scrubber's own notes begin with in these files."""


@attrs.frozen
class Segment:
    """A segment of the tree, with a key that no other segment has; written with `*`, `:` and `^`."""

    key: int
    text: str


@attrs.frozen
class Node:
    """A part of the file: `tag` is that of its first segment, a level's is its HL03."""

    tag: str
    head: tuple[Segment, ...]
    children: tuple[Node, ...] = ()
    trailer: Segment | None = None


@attrs.frozen
class File:
    """A described file."""

    name: str
    interchanges: tuple[Node, ...]
    delimiters: DelimiterSpec
    eol: str

    def written(self, text: str) -> str:
        """A segment with the delimiters of this file."""
        chosen = self.delimiters
        return text.translate({ord("*"): chosen.element, ord(":"): chosen.component, ord("^"): chosen.repetition})


@attrs.frozen
class Row:
    """A segment as it is written, without its terminator, and where it stands.

    `part` is `envelope`, `header` (between ST and the first HL), `level` or `claim`. `people` are the segments that
    name those under whom it stands, `claim` is the CLM01 and `lines` are the services of the claim around it.
    `transaction` is the key of the ST around it, -1 outside of one.
    """

    key: int
    text: str
    part: str
    people: tuple[tuple[str, str], ...] = ()
    claim: str = ""
    lines: frozenset[str] = frozenset()
    transaction: int = -1


def role(elements: list[str]) -> str:
    """The role of the person or insurance in a segment that may name another person or payer; otherwise empty."""
    tag, qualifier = elements[0], elements[1] if len(elements) > 1 else ""
    if tag == "SBR":
        return "SBR"
    return qualifier if tag == "NM1" and qualifier in ("85", "IL", "QC", "PR") else ""


def rows(file: File) -> list[Row]:
    """The segments of the file."""
    return [*_Rows(file).rows()]


def keys(node: Node) -> Iterator[int]:
    """The keys of all segments of a part."""
    yield from (segment.key for segment in node.head)
    for child in node.children:
        yield from keys(child)
    if node.trailer:
        yield node.trailer.key


class _Rows:
    def __init__(self, file: File) -> None:
        self._file = file
        self._levels = 0

    def rows(self) -> Iterator[Row]:
        for interchange in self._file.interchanges:
            isa, *others = interchange.head
            chosen = self._file.delimiters
            text = self._file.written(isa.text[:-1]) + chosen.component
            yield Row(isa.key, text, "envelope")
            yield from (self._row(segment, "envelope") for segment in others)
            for group in interchange.children:
                yield from (self._row(segment, "envelope") for segment in group.head)
                for transaction in group.children:
                    yield from self._transaction(transaction)
                yield self._trailer(group, len(group.children))
            yield self._trailer(interchange, len(interchange.children))

    def _row(self, segment: Segment, part: str, **place: object) -> Row:
        return Row(segment.key, self._file.written(segment.text), part, **place)  # type: ignore[arg-type]

    def _trailer(self, node: Node, number: int) -> Row:
        assert node.trailer
        return self._row(attrs.evolve(node.trailer, text=node.trailer.text.format(count=number)), "envelope")

    def _transaction(self, transaction: Node) -> Iterator[Row]:
        self._levels = 0
        st, *header = transaction.head
        body = [self._row(st, "envelope"), *(self._row(segment, "header") for segment in header)]
        for provider in transaction.children:
            body += self._level(provider, "", ())
        body.append(self._trailer(transaction, len(body) + 1))
        yield from (attrs.evolve(row, transaction=st.key) for row in body)

    def _level(self, level: Node, parent: str, above: tuple[tuple[str, str], ...]) -> Iterator[Row]:
        self._levels += 1
        number = str(self._levels)
        beneath = any(child.tag in LEVELS for child in level.children)
        head = [attrs.evolve(level.head[0], text=f"HL*{number}*{parent}*{level.tag}*{int(beneath)}"), *level.head[1:]]
        named = [(role(segment.text.split("*")), self._file.written(segment.text)) for segment in head]
        people = above + tuple(one for one in named if one[0])
        yield from (self._row(segment, "level", people=people) for segment in head)
        for child in level.children:
            if child.tag in LEVELS:
                yield from self._level(child, number, people)
            else:
                yield from self._claim(child, people)

    def _claim(self, claim: Node, people: tuple[tuple[str, str], ...]) -> Iterator[Row]:
        clm, *others = claim.head
        services = [next(s.text for s in line.head if s.text.startswith("SV")) for line in claim.children]
        total = sum(int(text.split("*")[2 if text.startswith("SV1") else 3]) for text in services)
        head = [attrs.evolve(clm, text=clm.text.format(total=total)), *others]
        for number, line in enumerate(claim.children, 1):
            lx, *rest = line.head
            head += [attrs.evolve(lx, text=f"LX*{number}"), *rest]
        lines = frozenset(map(self._file.written, services))
        claim_id = clm.text.split("*")[1]
        yield from (self._row(segment, "claim", people=people, claim=claim_id, lines=lines) for segment in head)


def file_of(seed: int) -> File:
    """The file of a seed, always the same."""
    return _Maker(seed).file()


class _Maker:
    """Makes up one file; people, claims and lines are numbered through it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = random.Random(f"file {seed}")
        self._keys = count()
        self._people = count(1)
        self._claims = count(1)
        self._charges = count(101)
        self._type: ClaimType = self._chance.choice(("837P", "837I"))
        self._mixed = self._chance.random() < 0.2
        self._noted = self._chance.random() < 0.25

    def file(self) -> File:
        delimiters, eol = DELIMITERS[self._seed % len(DELIMITERS)]
        small = self._chance.random() < 0.6
        numbers = range(1, 1 + (1 if small else self._chance.choice((1, 1, 2))))
        kind = "837P and 837I" if self._mixed else self._type
        name = f"file {self._seed} ({kind}{', noted' * self._noted})"
        interchanges = tuple(self._interchange(f"{number:09}", small) for number in numbers)
        return File(name, interchanges, delimiters, eol)

    def _times(self, *often: int) -> range:
        return range(self._chance.choice(often))

    def _segments(self, *texts: str) -> tuple[Segment, ...]:
        return tuple(Segment(next(self._keys), text) for text in texts)

    def _node(self, tag: str, texts: list[str], children: list[Node] | None = None, trailer: str = "") -> Node:
        head = self._segments(*texts)
        return Node(tag, head, tuple(children or ()), self._segments(trailer)[0] if trailer else None)

    def _interchange(self, control: str, small: bool) -> Node:
        parties = f"ZZ*{'SAMPLESENDER':15}*ZZ*{'SAMPLERECEIVER':15}"
        isa = f"ISA*00*{'':10}*00*{'':10}*{parties}*261015*0830*^*00501*{control}*0*T*:"
        numbers = range(1, 1 + (1 if small else self._chance.choice((1, 1, 2))))
        groups = [self._group(str(number), small) for number in numbers]
        return self._node("ISA", [isa], groups, f"IEA*{{count}}*{control}")

    def _group(self, control: str, small: bool) -> Node:
        if self._mixed:
            self._type = self._chance.choice(("837P", "837I"))
        gs = f"GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*{control}*X*{VERSIONS[self._type]}"
        numbers = range(1, 1 + (1 if small else self._chance.choice((1, 2, 2))))
        transactions = [self._transaction(f"{number:04}", small) for number in numbers]
        return self._node("GS", [gs], transactions, f"GE*{{count}}*{control}")

    def _transaction(self, control: str, small: bool) -> Node:
        header = [
            f"ST*837*{control}*{VERSIONS[self._type]}",
            f"BHT*0019*00*BATCH{control}*20261015*0830*CH",
            "NM1*41*2*SAMPLE BILLING SERVICE*****46*SUBMIT01",
            "PER*IC*CLAIMS DESK*TE*5555550100",
            "NM1*40*2*SAMPLE CLEARINGHOUSE*****46*RECEIVE01",
        ]
        providers = [self._provider() for _ in (self._times(1, 2, 2) if small else self._times(1, 1, 2))]
        return self._node("ST", header, providers, f"SE*{{count}}*{control}")

    def _address(self, number: int, street: str = "SAMPLE") -> list[str]:
        """Of somebody in a claim the street is another: no segment stands both in a level and in a claim."""
        return [f"N3*{number} {street} STREET", f"N4*{street}TOWN*OH*432999998"]

    def _provider(self) -> Node:
        number = next(self._people)
        texts = ["HL", "PRV*BI*PXC*261QI0500X"] if self._chance.random() < 0.7 else ["HL"]
        texts += [f"NM1*85*2*CENTER {number}*****XX*{npi(f'2000{number:05}')}", *self._address(number)]
        texts.append(f"REF*EI*99{number:07}")
        if self._chance.random() < 0.3:
            texts += ["NM1*87*2", *self._address(number + 500)]
        return self._node("20", texts, [self._subscriber() for _ in self._times(1, 2, 2, 3)])

    def _subscriber(self) -> Node:
        number = next(self._people)
        kind = self._chance.choice(("self", "self", "dependents", "both" if self._type == "837P" else "self"))
        other_first = self._chance.random() < 0.2
        own = "" if kind == "dependents" else "18"
        texts = [
            "HL",
            f"SBR*{'S' if other_first else 'P'}*{own}*GRP{number:05}******CI",
            f"NM1*IL*1*SUBSCRIBER{self._letters(number)}*IDA****MI*SYN{number:06}",
        ]
        if kind != "dependents" or self._chance.random() < 0.5:
            texts += [*self._address(number), f"DMG*D8*{date(1950, 1, 1) + timedelta(97 * number):%Y%m%d}*F"]
        texts.append(f"NM1*PR*2*PLAN {number}*****PI*PA{number:05}")
        if self._chance.random() < 0.2:
            texts.append(f"REF*FY*OFFICE{number}")
        children = [] if kind == "dependents" else [self._claim(other_first) for _ in self._times(1, 1, 2)]
        if kind != "self":
            children += [self._patient(other_first) for _ in self._times(1, 2)]
        return self._node("22", texts, children)

    def _patient(self, other_first: bool) -> Node:
        number = next(self._people)
        texts = ["HL", "PAT*19", f"NM1*QC*1*PATIENT{self._letters(number)}*PIA", *self._address(number)]
        texts.append(f"DMG*D8*{date(2012, 1, 1) + timedelta(13 * number):%Y%m%d}*M")
        return self._node("23", texts, [self._claim(other_first) for _ in self._times(1, 1, 2)])

    def _letters(self, number: int) -> str:
        return "".join(chr(ord("A") + int(digit)) for digit in f"{number:03}")

    def _claim(self, other_first: bool) -> Node:
        number = next(self._claims)
        make = self._chance.choice((visit_claim, visit_claim, infusion_claim, anifrolumab_claim, waste_claim))
        other = other_first or self._chance.random() < 0.25
        lines: list[LineSpec] = []
        described = make(self._type, f"C{number:04}").lines
        if len(described) == 1 and self._chance.random() < 0.5:
            described = (*described, LineSpec("71046", revenue_code="0324"))
        for place, line in enumerate(described, 1):
            lines.append(self._line(line, f"R{number:04}L{place}", f"OP{number:05}" if other_first else ""))
        claim = make(
            self._type,
            f"C{number:04}",
            lines=tuple(lines),
            prior_authorization=f"PA{number:06}",
            clearinghouse_id=f"CH{number:06}" if self._chance.random() < 0.5 else None,
            loops=tuple(self._other_payer(number, other_first)) if other else (),
        )
        return self._as_node(claim)

    def _line(self, line: LineSpec, control_number: str, paid_by: str) -> LineSpec:
        charge = next(self._charges)
        loops: list[str] = []
        if self._type == "837P" and self._chance.random() < 0.15:
            loops += [f"NM1*DK*1*ORDERLEY*OLAF****XX*{npi('200000007')}", *self._address(charge, "ORDER")]
        if paid_by:
            service = f"HC:{line.procedure}" + "".join(f":{modifier}" for modifier in line.modifiers)
            revenue = "" if self._type == "837P" else "0636" if line.procedure.startswith("J") else "0510"
            loops.append(f"SVD*{paid_by}*{charge - 10}*{service}*{revenue}*{line.units}")
            loops += ["CAS*CO*45*10", "DTP*573*D8*20261010"]
        rendering = self._type == "837P" and self._chance.random() < 0.2
        return attrs.evolve(
            line,
            charge=charge,
            control_number=control_number,
            dates=date(2026, 10, 1) + timedelta(int(control_number[1:5]) % 12),
            rendering_npi=npi("200000003") if rendering else None,
            extra=(f"NTE*TPO*{NOTE}",) if self._noted and self._chance.random() < 0.5 else (),
            loops=tuple(loops),
        )

    def _other_payer(self, number: int, first: bool) -> Iterator[str]:
        yield f"SBR*{'P' if first else 'S'}*18*OG{number:05}******CI"
        if first:
            yield f"AMT*D*{number}"
        yield "OI***Y***Y"
        yield f"NM1*IL*1*OTHER{self._letters(number)}*OLGA****MI*OM{number:05}"
        yield from self._address(number, "OTHER")
        yield f"NM1*PR*2*OTHER PLAN {number}*****PI*OP{number:05}"

    def _as_node(self, claim: ClaimSpec) -> Node:
        """The claim as the builder writes it, taken out of a file of its own."""
        texts = build([claim], eol="").split("~")
        first = next(place for place, text in enumerate(texts) if text.startswith("CLM"))
        last = next(place for place, text in enumerate(texts) if text.startswith("SE*"))
        parts: list[list[str]] = [[]]
        for text in texts[first:last]:
            if text.startswith("LX*"):
                parts.append([])
            parts[-1].append(text)
        clm = parts[0][0].split("*")
        head = ["*".join((*clm[:2], "{total}", *clm[3:])), *parts[0][1:]]
        return self._node("CLM", head, [self._node("LX", line) for line in parts[1:]])
