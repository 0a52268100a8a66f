"""Random valid transactions, drawn from pyx12's maps themselves.

A seed stands for one transaction of a type, always the same. It takes all that is required, a random choice of what is
situational, and for certain one segment of the map, another for each seed: so a run over as many seeds as the map has
segments meets them all. Nothing in a transaction makes sense to a payer; all of it keeps to the guide as pyx12
has it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, groupby, takewhile
from typing import Any

import attrs

from scrubber.testing import VERSIONS, ClaimType, DelimiterSpec
from tests.conformance.oracle import claim_map

PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PUNCTUATED = PLAIN + "abcdefghijklmnopqrstuvwxyz &'()+,-./;?=%@[]_{}<#$\""
"""Characters of the extended set that are a delimiter in none of the files made here."""

_MOST_LOOPS = 3


@attrs.frozen
class Segment:
    """A segment with the node of the map that it was drawn for; composites are joined with `:`."""

    node: Any
    tag: str
    elements: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it is written, without terminator."""
        return "*".join((self.tag, *self.elements))


@attrs.frozen
class Transaction:
    """ST to SE."""

    type: ClaimType
    segments: tuple[Segment, ...]

    @property
    def claims(self) -> int:
        """How many claims it has."""
        return sum(segment.tag == "CLM" for segment in self.segments)


def transaction(claim_type: ClaimType, seed: int, control: str = "0001") -> Transaction:
    """The valid transaction of a seed."""
    return Transaction(claim_type, tuple(_Draw(claim_type, seed, control).transaction()))


def transactions(claim_type: ClaimType, seeds: Iterable[int]) -> Iterator[Transaction]:
    """The valid transactions of many seeds."""
    return (transaction(claim_type, seed) for seed in seeds)


@lru_cache(maxsize=2)
def segment_nodes(claim_type: ClaimType) -> tuple[Any, ...]:
    """The segments of the map from ST to SE, in its order, but for those that pyx12 never takes a segment for."""
    st_loop = claim_map(claim_type).getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP")
    return tuple(node for node in st_loop.loop_segment_iterator() if node.is_segment() and _can_occur(node))


def with_count(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The transaction's segments with SE01 set to their number; left alone where it does not end in SE."""
    last = segments[-1]
    if last.tag != "SE":
        return tuple(segments)
    return (*segments[:-1], attrs.evolve(last, elements=(str(len(segments)), *last.elements[1:])))


def enveloped(members: Iterable[Transaction]) -> list[Segment]:
    """The segments of a file of one interchange: a functional group for each run of transactions of one type."""
    parties = ("ZZ", f"{'SAMPLESENDER':15}", "ZZ", f"{'SAMPLERECEIVER':15}")
    isa = ("00", " " * 10, "00", " " * 10, *parties, "261015", "0830", "^", "00501", "000000001", "0", "T", ":")
    file = [_control("837P", "ISA", isa)]
    groups = 0
    for groups, (claim_type, run) in enumerate(groupby(members, key=lambda member: member.type), 1):
        gs = ("HC", "SAMPLESENDER", "SAMPLERECEIVER", "20261015", "0830", str(groups), "X", VERSIONS[claim_type])
        bodies = [member.segments for member in run]
        file += [_control(claim_type, "GS_LOOP/GS", gs), *chain(*bodies)]
        file.append(_control(claim_type, "GS_LOOP/GE", (str(len(bodies)), str(groups))))
    return [*file, _control("837P", "IEA", (str(groups), "000000001"))]


def written(segments: Iterable[Segment], delimiters: DelimiterSpec | None = None, eol: str = "") -> bytes:
    """The file; what stands as `*`, `:`, `^` and `~` in the segments becomes the delimiters."""
    chosen = delimiters or DelimiterSpec()
    text = "".join(f"{segment.text}~{eol}" for segment in segments)
    return text.translate(
        {
            ord("*"): chosen.element,
            ord(":"): chosen.component,
            ord("^"): chosen.repetition,
            ord("~"): chosen.terminator,
        }
    ).encode("latin-1")


def file_of(*members: Transaction, delimiters: DelimiterSpec | None = None, eol: str = "") -> bytes:
    """A valid file of these transactions, whose control numbers must differ."""
    return written(enveloped(members), delimiters, eol)


def _control(claim_type: ClaimType, path: str, elements: tuple[str, ...]) -> Segment:
    node = claim_map(claim_type).getnodebypath(f"/ISA_LOOP/{path}")
    return Segment(node, path.rpartition("/")[2], elements)


class _Draw:
    """Draws one transaction."""

    def __init__(self, claim_type: ClaimType, seed: int, control: str) -> None:
        self._type = claim_type
        self._control = control
        self._chance = random.Random(f"{claim_type} {seed}")
        nodes = segment_nodes(claim_type)
        self._known = {id(node) for node in nodes}
        self._focus = nodes[seed % len(nodes)]
        self._density = self._chance.choice((0.02, 0.06, 0.15, 0.3))
        self._certain = {id(node) for node in _with_ancestors(self._focus)}  # pyx12 has nodes of one name equal
        self._levels = 0
        self._parents: list[int] = []
        self._lines = 0

    def transaction(self) -> Iterator[Segment]:
        segments = [*self._loop(claim_map(self._type).getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP"))]
        return iter(with_count(segments))

    def _loop(self, loop: Any) -> list[Segment]:
        depth = len(self._parents)
        segments: list[Segment] = []
        unused = self._unused(loop)
        for position in sorted(loop.pos_map):
            for child in self._in_some_order(loop.pos_map[position]):
                for _ in range(0 if child.id in unused else self._times(child)):
                    segments += self._loop(child) if child.is_loop() else [self._segment(child)]
        del self._parents[depth:]
        if loop.id == "2000B":
            parent = any(segment.tag == "HL" for segment in segments[1:])
            head = segments[0]
            segments[0] = attrs.evolve(head, elements=(*head.elements[:3], str(int(parent))))
            tags = [segment.tag for segment in segments]
            if parent and "CLM" in tags[: tags.index("HL", 1)]:  # the subscriber is a patient too
                at = tags.index("SBR")
                elements = segments[at].elements
                segments[at] = attrs.evolve(segments[at], elements=(elements[0], "18", *elements[2:]))
        return segments

    def _unused(self, loop: Any) -> set[str]:
        """A subscriber has claims of its own or dependents; on an 837P it may have both."""
        if loop.id != "2000B":
            return set()
        claims, dependents = (next(c for c in loop.childIterator() if c.id == name) for name in ("2300", "2000C"))
        if id(dependents) in self._certain:
            kept = {"2000C"}
        elif id(claims) in self._certain:
            kept = {"2300"}
        else:
            kept = {self._chance.choice(("2300", "2000C"))}
        if self._type == "837P" and self._chance.random() < 0.1:
            kept = {"2300", "2000C"}
        self._certain |= {id(child) for child in (claims, dependents) if child.id in kept}
        return {"2300", "2000C"} - kept

    def _in_some_order(self, children: list[Any]) -> list[Any]:
        """Those of one position may stand in any order, but loops that are required go first, in the map's order."""
        if len(children) < 2 or self._chance.random() < 0.6:
            return children
        required = [child for child in children if child.is_loop() and child.usage == "R"]
        others = [child for child in children if not (child.is_loop() and child.usage == "R")]
        return required + self._chance.sample(others, len(others))

    def _times(self, node: Any) -> int:
        """How often a child of a loop occurs."""
        if node.usage == "N" or (node.is_segment() and id(node) not in self._known):
            return 0
        certain = node.usage == "R" or id(node) in self._certain or node.id == "DETAIL"
        if not certain and self._chance.random() >= self._density:
            return 0
        most = min(node.get_max_repeat(), _MOST_LOOPS)
        again = 0.5 if node is self._focus else 0.2
        times = 1
        while times < most and not (node.is_loop() and node.type == "wrapper") and self._chance.random() < again:
            times += 1
        return times

    def _segment(self, node: Any) -> Segment:
        often = self._chance.choice((0.3, 0.7, 1.0)) if node is self._focus else self._chance.choice((0.0, 0.2, 0.5))
        fixed = self._fixed(node)
        values = self._elements(node, often) | fixed
        elements = [values.get(place, "") for place in range(1, max(values) + 1)]
        while not elements[-1]:
            elements.pop()
        return Segment(node, node.id, tuple(elements))

    def _fixed(self, node: Any) -> dict[int, str]:
        """What does not follow from the segment alone."""
        if node.id in ("ST", "SE"):
            return {2: self._control} | ({3: VERSIONS[self._type]} if node.id == "ST" else {1: "1"})
        if node.id == "CLM":
            self._lines = 0
        if node.id == "LX":
            self._lines += 1
            return {1: str(self._lines)}
        if node.id == "HL":
            self._levels += 1
            parent = str(self._parents[-1]) if self._parents else ""
            self._parents.append(self._levels)
            return {1: str(self._levels), 2: parent}
        return {}

    def _elements(self, node: Any, often: float) -> dict[int, str]:
        """Values by place: all that are required, others as `often` as that, mended until the syntax notes hold."""
        children = {child.seq: child for child in node.children}
        present = {place for place, child in children.items() if self._takes(child, often)}
        if not present:
            present.add(self._chance.choice([place for place, child in children.items() if child.usage == "S"]))
        for _ in range(len(node.syntax)):
            for code, *places in node.syntax:
                self._mend(code, places, children, present)
        values = {}
        formats: list[str] = []
        for place in sorted(present):
            values[place] = self._composite(children[place], often, formats)
        return values

    def _takes(self, node: Any, often: float) -> bool:
        return node.usage == "R" or (node.usage == "S" and self._chance.random() < often)

    def _mend(self, code: str, places: list[int], children: dict[int, Any], present: set[int]) -> None:
        """Make one syntax note hold."""
        first, others = places[0], places[1:]
        usable = {place for place in places if place in children and children[place].usage != "N"}
        found = present & set(places)
        if code == "P" and found and len(found) < len(places):
            present.difference_update(places)
            present |= set(places) if usable == set(places) else set()
        elif code == "R" and not found:
            present.add(self._chance.choice(sorted(usable)))
        elif code == "E" and len(found) > 1:
            present -= found
            present.add(self._chance.choice(sorted(found)))
        elif code == "C" and first in present and not present.issuperset(others):
            if usable.issuperset(others):
                present.update(others)
            else:
                present.discard(first)
        elif code == "L" and first in present and not present.intersection(others):
            if usable - {first}:
                present.add(self._chance.choice(sorted(usable - {first})))
            else:
                present.discard(first)

    def _composite(self, node: Any, often: float, formats: list[str]) -> str:
        if node.is_element():
            return self._value(node, formats)
        parts = [self._value(child, formats) if self._takes(child, often) else "" for child in node.children]
        return ":".join(parts).rstrip(":")

    def _value(self, node: Any, formats: list[str]) -> str:
        """A value of an element; `formats` holds the date format qualifier met last."""
        codes = node.valid_codes or (_external(node) if node.external_codes else [])
        if codes:
            value: str = self._chance.choice(codes)
            if node.data_ele == "1250":
                formats[:] = [value]
            return value
        if node.res:
            return "".join(self._chance.choices("0123456789", k=9))
        if node.data_ele == "1251" and formats:
            return self._dated(formats[0], node)
        if node.data_type in ("DT", "TM"):
            return self._dated(node.data_type, node)
        if node.data_type == "R" or node.data_type.startswith("N"):
            return self._number(node)
        return self._text(node)

    def _dated(self, kind: str, node: Any) -> str:
        """A value in a date or time format."""
        day = f"{date(1900, 1, 1) + timedelta(self._chance.randrange(55_000)):%Y%m%d}"
        hour = f"{self._chance.randrange(24):02}{self._chance.randrange(60):02}"
        if kind == "RD8":
            return f"{day}-{day}" if self._chance.random() < 0.5 else f"{day}-20991231"
        if kind == "DT":
            return day if node.data_type == "DT" else day + hour
        if kind == "TM":
            return hour + self._chance.choice(("", "59", "0059"))[: max(0, node.max_len - 4)]
        return day if kind == "D8" else self._text(node)

    def _number(self, node: Any) -> str:
        digits = "".join(self._chance.choices("0123456789", k=self._length(node)))
        if self._chance.random() < 0.1:
            digits = f"-{digits}"
        if node.data_type == "R" and self._chance.random() < 0.4:
            point = self._chance.randrange(digits.startswith("-"), len(digits))
            return f"{digits[:point]}.{digits[point:]}"
        return digits

    def _text(self, node: Any) -> str:
        letters = PUNCTUATED if self._chance.random() < 0.2 else PLAIN
        length = self._length(node)
        ends = self._chance.choices(letters.replace(" ", ""), k=length)
        return "".join(self._chance.choices(letters, k=length - 1)) + ends[0]

    def _length(self, node: Any) -> int:
        """A length that is allowed: mostly short ones, now and then the greatest."""
        if self._chance.random() < 0.03:
            return int(node.max_len)
        return self._chance.randint(node.min_len, min(node.max_len, node.min_len + 8))


def _external(node: Any) -> list[str]:
    codes = node.root.ext_codes.codes[node.external_codes]["codes"]
    return sorted(code for code in codes if node.min_len <= len(code) <= node.max_len)


def _with_ancestors(node: Any) -> Iterator[Any]:
    while not node.is_map_root():
        yield node
        node = node.parent


def _can_occur(node: Any) -> bool:
    """False where the qualifiers of a segment are all among those of segments that come before it."""
    earlier = [other for other in takewhile(lambda other: other is not node, _beside(node)) if other.id == node.id]
    return not earlier or bool(_qualifiers(node).difference(*map(_qualifiers, earlier)))


def _beside(node: Any) -> Iterator[Any]:
    """The segments of a loop at the position of one of them, itself included."""
    return (other for other in node.parent.pos_map[node.pos] if other.is_segment())


def _qualifiers(node: Any) -> frozenset[str]:
    """The codes of the element by which pyx12 tells segments of one tag apart."""
    return frozenset(node.guess_unique_key_id_element().valid_codes)
