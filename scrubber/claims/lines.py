"""The service lines of a claim, loop 2400."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import attrs

from scrubber.claims import fields, values
from scrubber.claims.layout import LineLayout
from scrubber.claims.location import Field, Location, MalformedValue, Span
from scrubber.claims.loop import Loop
from scrubber.claims.providers import Provider, providers_in
from scrubber.claims.values import DateRange
from scrubber.x12.guides import ClaimType
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import ABSENT, Segment, element

Day: TypeAlias = Literal["first", "last", "unknown"]
"""Which day of service edits use on a line that covers several days."""

_MOST_DIGITS = 6
"""The guide allows LX01 six digits."""


class ServiceDates(NamedTuple):
    """The service dates of a line: DTP03 as written, its dates, and the day of service that edits use.

    Without a DTP segment the text is empty, and the dates are the statement dates of an 837I. `key` is the same for
    service dates that are the same.
    """

    text: str
    range: DateRange | None
    day: date | None
    covers_days: bool = False
    malformed: bool = False
    key: str = ""

    def __repr__(self) -> str:
        """Without its text and dates, which may be of a person."""
        return f"ServiceDates(covers_days={self.covers_days}, malformed={self.malformed})"


@remembered(4096)
def service_dates(format_qualifier: str, text: str, which: Day) -> ServiceDates:
    """The service dates that a DTP segment holds. Lines of a file have few dates, so the answers are kept."""
    dates = values.date_range_or_none(format_qualifier, text)
    key = f"{which} {format_qualifier} {text}"
    return ServiceDates(text, dates, _day(dates, which), _covers_days(dates), dates is None, key)


@lru_cache(maxsize=1024)
def statement_dates(dates: DateRange | None, which: Day) -> ServiceDates:
    """The service dates of a line without dates of its own, on a claim with these statement dates."""
    key = f"{which} {dates.first} to {dates.last}" if dates else ""
    return ServiceDates("", dates, _day(dates, which), _covers_days(dates), key=key)


def _covers_days(dates: DateRange | None) -> bool:
    return dates is not None and dates.first != dates.last


def _day(dates: DateRange | None, which: Day) -> date | None:
    if dates is None:
        return None
    if which == "first" or dates.first == dates.last:
        return dates.first
    return dates.last if which == "last" else None


@attrs.define(eq=False)
class _OpenLine(Loop):
    """The fields of a `ServiceLine` while it is made."""

    span: Span
    start: int
    loops: int
    stop: int
    service: list[str]
    misspelled: bool
    procedure: str
    modifiers: list[str]
    revenue_code: str
    charge_text: str
    unit_basis: str
    units_text: str
    diagnosis_pointers: list[str]
    place_of_service: str
    plain_from: int
    ndc: str
    ndc_quantity_text: str
    ndc_unit: str
    service_dates: ServiceDates


@attrs.define(on_setattr=attrs.setters.frozen, eq=False)
class ServiceLine(_OpenLine):
    """A service line: loop 2400 with its loops 2410 to 2440. It is frozen.

    `service` holds the components of SV101 (837I: SV202). Its codes, `procedure`, `modifiers` (at most four) and
    `ndc_unit` are in capitals, and `revenue_code` has its leading zero. `misspelled` is true if the file writes them
    differently; `written` is the service as written. Other text is as written: `ndc` is LIN03 under qualifier N4,
    `place_of_service` is SV105, which an 837I does not have. `service_dates` are its dates for edits. `start` and
    `stop` bound its segments within the claim; `loops` is where its loops 2420 to 2440 begin. `plain_from` is how many
    diagnoses the claim must list at least, so that the service shows no sign (see `scrubber.claims.signs`).

    Each field of a frozen record goes through a guard, which costs six times as much as to set it. A file has millions
    of lines, so `parse_line` fills an open one, and then gives it this class. It has no fields of its own.
    """

    def __repr__(self) -> str:
        """Without its text, which may hold more than codes."""
        return f"ServiceLine(number={self.number})"

    @property
    def _fields(self) -> Mapping[str, Field]:
        return fields.LINE[self.span.type]

    @property
    def _bounds(self) -> tuple[int, int]:
        return self.start, self.loops

    @property
    def _anchor(self) -> int:
        service = self._find(fields.SERVICE[self.span.type])
        return self.start if service is None else service

    def _located(self, index: int, loop: str, name: str) -> Location:
        return Location(self.span, index, loop, name, self.number, self.control_number or None)

    @property
    def number_text(self) -> str:
        """LX01 as written."""
        segment = self.span.segments[self.start]
        return segment[1] if len(segment) > 1 else ""

    @property
    def number(self) -> int | None:
        """LX01, `None` if it is not a plain number of at most six digits. A longer one may be a date or an id."""
        text = self.number_text
        return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None

    @property
    def shown_number(self) -> str:
        """LX01 for messages, `?` if it is no line number: a shifted separator may bring a name into it."""
        return "?" if self.number is None else self.number_text

    @property
    def segments(self) -> Sequence[list[str]]:
        """All segments of the line, from LX to the last of loop 2440. Claims share them: they must not be changed."""
        return self.span.segments[self.start : self.stop]

    @property
    def control_number(self) -> str:
        """Line item control number, REF*6R."""
        return self.text("line_control_number")

    @property
    def written(self) -> list[str]:
        """The components of its service as written, none if it is missing."""
        field = fields.SERVICE[self.span.type]
        index = self._find(field)
        composite = "" if index is None else element(self.span.segments[index], field.element)
        return composite.split(self.span.delimiters.component) if composite else []

    @property
    def description(self) -> str:
        """Free-text description, the seventh component of the service."""
        service = self.service
        return service[6] if len(service) > 6 else ""

    def located_modifiers(self) -> Iterator[tuple[str, Location]]:
        """The modifiers with their locations."""
        for number, modifier in enumerate(self.service[2:6], start=1):
            if modifier:
                yield modifier, self.at("modifiers", number)

    def at_modifier(self, modifier: str) -> Location:
        """Where a modifier of the line stands first. Raises `ValueError` if the line does not have it."""
        return self.at("modifiers", self.service[2:6].index(modifier) + 1)

    @property
    def charge(self) -> Decimal | None:
        """Line charge in US dollars. Raises `MalformedValue`."""
        return self._number("charge", self.charge_text)

    @property
    def units(self) -> Decimal | None:
        """Service units. Raises `MalformedValue`."""
        return self._number("units", self.units_text)

    @property
    def ndc_quantity(self) -> Decimal | None:
        """CTP04, in `ndc_unit` (F2, GR, ME, ML or UN). Raises `MalformedValue`."""
        return self._number("ndc_quantity", self.ndc_quantity_text)

    @property
    def service_date_text(self) -> str:
        """DTP03 of the service date as written."""
        return self.service_dates.text

    @property
    def service_date_format(self) -> str:
        """DTP02 of the service date: D8, RD8 or DT."""
        return self.text("service_date_format")

    @property
    def own_dates(self) -> DateRange | None:
        """DTP*472 of the line itself. Raises `MalformedValue`."""
        dates = self.service_dates
        return self.dates if dates.malformed else dates.range if dates.text else None

    @property
    def dates(self) -> DateRange | None:
        """The line's own dates, else the statement dates of an 837I. Raises `MalformedValue`."""
        if self.service_dates.malformed:
            raise MalformedValue(self.at("service_date"), "date")
        return self.service_dates.range

    @property
    def service_date(self) -> date | None:
        """The day of service that edits use. Raises `MalformedValue`."""
        if self.service_dates.malformed:
            raise MalformedValue(self.at("service_date"), "date")
        return self.service_dates.day

    @property
    def readable_day(self) -> date | None:
        """The same, but `None` if the date cannot be read."""
        return self.service_dates.day

    @property
    def covers_days(self) -> bool:
        """Whether its dates can be read and cover several days."""
        return self.service_dates.covers_days

    @property
    def only_day(self) -> date | None:
        """The day of service, `None` if it is missing or the dates cover several days. Raises `MalformedValue`."""
        dates = self.service_dates
        if dates.malformed:
            raise MalformedValue(self.at("service_date"), "date")
        return None if dates.covers_days else dates.day

    @property
    def providers(self) -> Sequence[Provider]:
        """The line's own providers, loops 2420."""
        if self.loops == self.stop:
            return ()
        loops = fields.LINE_PROVIDERS[self.span.type]
        return providers_in(self.span, self.loops, self.stop, "SVD", loops, self.number)


_Billed: TypeAlias = tuple[list[str], bool, str, list[str], str, str, str, str, list[str], str, int]
"""The fields of a `ServiceLine` from `service` to `plain_from`."""


@remembered(512)
def _billed(segment: tuple[str, ...], component: str, claim_type: ClaimType) -> _Billed:
    """What an SV1 or SV2 bills. Few of them make up most lines, so the answers are kept. Lists must not be changed."""
    own = (*segment, *ABSENT)
    revenue_code = place_of_service = pointers = ""
    if claim_type == "837P":
        composite, charge, basis, units, place_of_service, _, pointers = own[1:8]
    else:
        revenue_code, composite, charge, basis, units = own[1:6]
    service = written = composite.split(component)
    if not composite.isupper() or " " in composite or "." in composite:
        service = [*map(values.code, written[:6]), *written[6:]]
    whole = values.revenue_code(revenue_code)
    modifiers = [modifier for modifier in service[2:6] if modifier]
    misspelled = service != written or whole != revenue_code
    pointed = pointers.split(component) if pointers else []
    plain = not (misspelled or modifiers) and _are_usual(charge, units)
    return (
        service,
        misspelled,
        element(service, 1),
        modifiers,
        whole,
        charge,
        basis,
        units,
        pointed,
        place_of_service,
        _most_pointed(pointed, claim_type) if plain else NEVER_PLAIN,
    )


NEVER_PLAIN = 1 << 30
"""In `plain_from`: the service shows a sign, or may show one, with any number of diagnoses."""
_POINTERS = {str(number): number for number in range(1, 13)}
"""The numbers of the diagnoses of an 837P, as pointers write them."""
_MOST_POINTERS = 4


def _are_usual(charge: str, units: str) -> bool:
    """Whether a charge is a number other than zero, and units are missing or more than zero."""
    amount, count = values.number_or_none(charge), values.number_or_none(units)
    return bool(amount) and (not units or (count is not None and count > 0))


def _most_pointed(pointers: Sequence[str], claim_type: ClaimType) -> int:
    """The greatest of one to four different pointers; `NEVER_PLAIN` for others. An 837I has none, which is 0."""
    if claim_type == "837I":
        return 0
    usual = 1 <= len(set(pointers)) == len(pointers) <= _MOST_POINTERS
    return max(_POINTERS.get(pointer, NEVER_PLAIN) for pointer in pointers) if usual else NEVER_PLAIN


def parse_line(span: Span, where: LineLayout, claim_dates: ServiceDates, which: Day) -> ServiceLine:
    """The line of a claim that stands there. If a segment stands twice, the first one counts."""
    component, segments = span.delimiters.component, span.segments
    start, loops, stop, service, dtp, lin, ctp = where
    sv = ABSENT if service is None else segments[service]
    dates = None if dtp is None else _dates(segments, dtp, loops, which)
    line: Any = _OpenLine(
        span,
        start,
        loops,
        stop,
        *_billed(tuple(sv), component, span.type),
        "" if lin is None else _ndc(segments[lin]),
        *(_NO_QUANTITY if ctp is None else _quantity(segments[ctp], component)),
        dates or claim_dates,
    )
    line.__class__ = ServiceLine
    frozen: ServiceLine = line
    return frozen


_NDC_QUALIFIERS = ("N4", "n4")


def _ndc(lin: Segment) -> str:
    """LIN03 under the qualifier of NDCs."""
    return lin[3] if len(lin) > 3 and lin[2] in _NDC_QUALIFIERS else ""


_NO_QUANTITY = ("", "")


def _quantity(ctp: Segment, component: str) -> tuple[str, str]:
    """CTP04 as written, and its unit in capitals."""
    unit = element(ctp, 5).partition(component)[0].upper()
    return element(ctp, 4), unit


def _dates(segments: Sequence[Segment], begin: int, end: int, which: Day) -> ServiceDates | None:
    """The dates of the first DTP*472 of a line, whose first DTP is `segments[begin]`; `None` without one."""
    dtp = segments[begin]
    if len(dtp) < 2 or dtp[1] != "472":  # another date stands first
        own = segments[begin:end]
        dtp = next((segment for segment in own if segment[0] == "DTP" and element(segment, 1) == "472"), ABSENT)
    return service_dates(dtp[2], dtp[3], which) if len(dtp) > 3 and dtp[3] else None
