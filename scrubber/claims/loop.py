"""The base of all loops: it finds, locates and parses their fields."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from scrubber.claims import values
from scrubber.claims.location import Field, Location, MalformedValue, Span
from scrubber.claims.values import DateRange
from scrubber.x12.segments import element


class Loop:
    """A loop with fields that have a name, a location and a type."""

    __slots__ = ()

    @property
    def span(self) -> Span:
        """The segments that it was read from."""
        raise NotImplementedError

    @property
    def _fields(self) -> Mapping[str, Field]:
        """Where each field stands."""
        raise NotImplementedError

    @property
    def _bounds(self) -> tuple[int, int]:
        """The loop's own segments within the span."""
        raise NotImplementedError

    @property
    def _anchor(self) -> int:
        """The index of the segment at which a missing segment is reported."""
        return self._bounds[0]

    def text(self, name: str) -> str:
        """The field as written; in a composite, its component."""
        field = self._fields.get(name)
        index = None if field is None else self._find(field)
        if field is None or index is None:
            return ""
        value = element(self.span.segments[index], field.element)
        if field.component is None:
            return value
        return element(value.split(self.span.delimiters.component), field.component - 1)

    def at(self, name: str, number: int = 1) -> Location:
        """Where the field stands, or would stand. `number` counts from 1 in a list such as modifiers."""
        field = self._fields[name]
        index = self._find(field)
        return self._located(self._anchor if index is None else index, field.loop, field.name(number))

    def _find(self, field: Field) -> int | None:
        """The first segment that the field may stand in."""
        tag, qualifier, segments = field.tag, field.qualifier, self.span.segments
        for index in range(*self._bounds):
            segment = segments[index]
            if segment[0] == tag and (not qualifier or element(segment, 1) == qualifier):
                return index
        return None

    def _located(self, index: int, loop: str, name: str) -> Location:
        return Location(self.span, index, loop, name)

    def _number(self, name: str, text: str) -> Decimal | None:
        try:
            return values.number(text) if text else None
        except ValueError:
            raise MalformedValue(self.at(name), "number") from None

    def _dates(self, name: str, text: str, format_qualifier: str = "D8") -> DateRange | None:
        try:
            return values.date_range(format_qualifier, text) if text else None
        except ValueError:
            raise MalformedValue(self.at(name), "date") from None
