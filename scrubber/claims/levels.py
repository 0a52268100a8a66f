"""The levels above a claim: billing provider, subscriber and patient."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import attrs

from scrubber.claims import fields, values
from scrubber.claims.location import Field, MalformedValue, Span, span
from scrubber.claims.loop import Loop
from scrubber.x12.events import Event
from scrubber.x12.guides import LEVELS, ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, first_pattern, first_with


@attrs.define(on_setattr=attrs.setters.frozen)  # frozen, but faster to make than with `attrs.frozen`
class Level(Loop):
    """A level of the hierarchy above a claim, with its name loops: billing provider, subscriber or patient.

    `depth` is 1 for the provider, 2 for the subscriber, 3 for the patient and 0 for a level that no 837 has.
    """

    type: ClaimType
    event: Event = attrs.field(repr=False)
    depth: int
    _texts: dict[str, str] = attrs.field(factory=dict, init=False, eq=False, repr=False)
    _span: Span | None = attrs.field(default=None, init=False, eq=False, repr=False)

    def __hash__(self) -> int:
        """The hash of its position; lists of segments have none."""
        return hash((self.type, self.event.piece.offset))

    @property
    def ordinal(self) -> int:
        """The ordinal of its HL segment."""
        return self.event.ordinal or 1

    @property
    def piece(self) -> Piece:
        """Its bytes in the file."""
        return self.event.piece

    @property
    def span(self) -> Span:
        """The level's segments. They are split when they are first used.

        A `cached_property` of attrs would make every attribute of the level slower to read.
        """
        found = self._span
        if found is None:
            found = span(self.type, self.event)
            object.__setattr__(self, "_span", found)
        return found

    @property
    def names(self) -> Sequence[Segment]:
        """Its NM1 segments."""
        return [segment for segment in self.span.segments if segment[0] == "NM1"]

    def named(self, entity: str) -> Segment:
        """Its first NM1 segment with this entity code, such as IL; empty where there is none."""
        written = self.named_text(entity)
        return written.split(self.event.delimiters.element) if written else ()

    def named_text(self, entity: str) -> str:
        """The same as text."""
        if self.depth == _SUBSCRIBER and entity in _ENTITIES:
            written = self._known_texts().get(_ENTITIES[entity])
            if written is not None:
                return written
        return first_with(self.event.text, self.event.delimiters, "NM1", entity)

    def _known_texts(self) -> dict[str, str]:
        """The texts that are known so far: of a subscriber those of `_usual_texts` at least."""
        texts = self._texts
        if not texts and self.depth == _SUBSCRIBER:
            texts.update(_usual_texts(self.event))
        return texts

    def text(self, name: str) -> str:
        """The field as written. It is found once, without splitting all segments: most claims have own levels."""
        found = self._texts.get(name)
        if found is None:
            texts = self._known_texts()
            found = texts.get(name)
            if found is None:
                found = texts[name] = first_text(self.depth, name, self.event)
        return found

    @property
    def _fields(self) -> Mapping[str, Field]:
        return fields.LEVELS[self.depth]

    @property
    def _bounds(self) -> tuple[int, int]:
        return 0, len(self.span.segments)

    @property
    def filing_indicator(self) -> str:
        """SBR09 of a subscriber in capitals, such as MB."""
        return self.text("filing_indicator").upper()

    @property
    def birth_date(self) -> date | None:
        """DMG02. Raises `MalformedValue`."""
        text = self.text("birth_date")
        try:
            return values.day(text) if text else None
        except ValueError:
            raise MalformedValue(self.at("birth_date"), "date") from None

    @property
    def weight(self) -> Decimal | None:
        """PAT08, in pounds. Raises `MalformedValue`."""
        return self._number("weight", self.text("weight"))


def first_text(depth: int, name: str, event: Event) -> str:
    """The field of a level of some depth, in whatever order its segments stand."""
    delimiters = event.delimiters
    find = _finder(depth, name, delimiters.element, delimiters.terminator)
    match = find(event.text) if find else None
    return match[1] or "" if match else ""


@lru_cache(maxsize=1024)
def _finder(depth: int, name: str, element: str, terminator: str) -> Callable[[str], re.Match[str] | None] | None:
    """The search for a field in the text of a level, `None` if levels of that depth have no such field."""
    field = fields.LEVELS[depth].get(name)
    return first_pattern(element, terminator, field.tag, field.element, field.qualifier).search if field else None


_SUBSCRIBER = LEVELS["22"]
_ENTITIES = {"IL": "NM1_IL", "PR": "NM1_PR"}
"""The entity codes of the names that `_usual_texts` gives, and what it calls them."""


def _usual_texts(event: Event) -> Mapping[str, str]:
    """The fields of a subscriber that most claims need, if its segments stand in the order of the guide.

    `NM1_IL` and `NM1_PR` are the whole name segments of subscriber and payer. Else there are none. Most claims
    have a level of their own: to match it once is quicker than to search each field.
    """
    delimiters = event.delimiters
    match = _usual(delimiters.element, delimiters.terminator)(event.text)
    return match.groupdict("") if match else {}


@lru_cache(maxsize=256)
def _usual(element: str, terminator: str) -> Callable[[str], re.Match[str] | None]:
    """Matches a whole level of a subscriber in the order of the guide. Its groups have the names of fields."""
    separator, end = re.escape(element), re.escape(terminator)
    text, rest = f"{separator}[^{separator}{end}]*+", f"[^{end}]*+{end}[\\r\\n]*+"

    def segment(key: str, *names: str) -> str:
        """A segment with some of its elements as groups, in ascending order."""
        at = key.count("*")
        pattern = closing = ""
        for name in names:
            number = fields.SUBSCRIBER[name].element
            pattern += f"(?:{text * (number - at - 1)}{separator}(?P<{name}>[^{separator}{end}]*+)"
            at, closing = number, closing + ")?+"
        return f"{key.replace('*', separator)}(?=[{separator}{end}]){pattern}{closing}"

    def named(entity: str, field: str) -> str:
        """An NM1 segment, itself a group."""
        return f"(?P<NM1_{entity}>{segment(f'NM1*{entity}', field)}[^{end}]*+){rest}"

    others = f"(?:(?:N[34]|REF|PER){separator}{rest})*+"
    return re.compile(
        f"HL{separator}{rest}{segment('SBR', 'payer_sequence', 'filing_indicator')}{rest}"
        f"(?:{segment('PAT', 'weight_unit')}{rest})?+{named('IL', 'member_id')}{others}"
        f"(?:{segment('DMG', 'birth_date')}{rest})?+{others}(?:{named('PR', 'payer_id')}{others})?+",
        re.ASCII,
    ).fullmatch


class Context(NamedTuple):
    """The levels above a claim (provider, subscriber and patient) and the envelope around it.

    `patient` is loop 2000C, `None` if the patient is the subscriber. `file_date` is the latest readable date of ISA09,
    GS04 and BHT04 as CCYYMMDD, empty if there is none.
    """

    billing: Level | None
    subscriber: Level | None
    patient: Level | None
    group_control: str
    transaction_control: str
    file_date: str

    def __repr__(self) -> str:
        """Without control numbers and dates."""
        return f"Context(billing={self.billing!r}, subscriber={self.subscriber!r}, patient={self.patient!r})"
