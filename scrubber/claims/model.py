"""Claims, as frozen records over their segments.

Every field is read from the segments when it is asked for. Text is the element as written, empty where it is
absent; typed values are a `Decimal`, `int` or `date`, `None` where absent, and raise `MalformedValue` where
something is there that is not what the element should hold. `at` names the element that a field stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import attrs

from scrubber.claims import places, values
from scrubber.claims.location import Location, MalformedValue, Place, Source, source
from scrubber.claims.values import DateRange
from scrubber.x12.envelope import ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element, first_element

_LINE_LOOPS_BEGIN = frozenset({"NM1", "SVD", "LQ"})
_SERVICE_DATE = ["472"]
_ABSENT = [""] * 9  # so that elements at a segment's end may be left out


class _Loop:
    """A loop whose fields can be named, located and parsed."""

    __slots__ = ()

    @property
    def source(self) -> Source:
        """The segments it was read from."""
        raise NotImplementedError

    @property
    def _places(self) -> Mapping[str, Place]:
        """Where each field stands."""
        raise NotImplementedError

    @property
    def _bounds(self) -> tuple[int, int]:
        """The loop's own segments within the source."""
        raise NotImplementedError

    @property
    def _anchor(self) -> int:
        """The segment at which a missing one is reported."""
        return self._bounds[0]

    def text(self, name: str) -> str:
        """The field as written; of a composite the one component."""
        place = self._places.get(name)
        index = None if place is None else self._find(place.key)
        if place is None or index is None:
            return ""
        value = element(self.source.segments[index], place.element)
        if place.component is None:
            return value
        parts = value.split(self.source.delimiters.component)
        return parts[place.component - 1] if place.component <= len(parts) else ""

    def at(self, name: str, number: int = 1) -> Location:
        """Where the field stands, or would stand; `number` counts from 1 within a list such as modifiers."""
        place = self._places[name]
        index = self._find(place.key)
        return self._located(self._anchor if index is None else index, place.loop, place.name(number))

    def _find(self, key: str) -> int | None:
        tag, _, qualifier = key.partition("*")
        segments = self.source.segments
        for index in range(*self._bounds):
            segment = segments[index]
            if segment[0] == tag and (not qualifier or element(segment, 1) == qualifier):
                return index
        return None

    def _located(self, index: int, loop: str, name: str) -> Location:
        return Location(self.source, index, loop, name)

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


@attrs.frozen
class Level(_Loop):
    """A level of the hierarchy above a claim, with its name loops: billing provider, subscriber or patient.

    `ordinal` is that of its HL segment; `depth` 1 is the provider, 2 the subscriber, 3 the patient.
    """

    type: ClaimType
    piece: Piece
    ordinal: int
    depth: int
    _cache: tuple[str, str] | None = attrs.field(default=None, init=False, eq=False, repr=False)

    @cached_property
    def source(self) -> Source:
        """The level's segments, split when they are first asked for."""
        return source(self.type, self.piece, self.ordinal)

    @property
    def _places(self) -> Mapping[str, Place]:
        return places.LEVELS[self.depth]

    @property
    def _bounds(self) -> tuple[int, int]:
        return 0, len(self.source.segments)

    @property
    def filing_indicator(self) -> str:
        """SBR09 of a subscriber, such as MB."""
        return (self._cache or self._look())[0]

    @property
    def birth_date(self) -> date | None:
        """DMG02. Raises `MalformedValue`."""
        text = (self._cache or self._look())[1]
        if not text:
            return None
        try:
            return values.day(text)
        except ValueError:
            raise MalformedValue(self.at("birth_date"), "date") from None

    def _look(self) -> tuple[str, str]:
        """SBR09 and DMG02, without splitting the whole: most claims have a level of their own."""
        text, delimiters = self.piece.text, self.piece.delimiters
        assert delimiters is not None
        found = first_element(text, delimiters, "SBR", 9), first_element(text, delimiters, "DMG", 2)
        object.__setattr__(self, "_cache", found)
        return found

    @property
    def weight(self) -> Decimal | None:
        """PAT08, in pounds. Raises `MalformedValue`."""
        return self._number("weight", self.text("weight"))


class Context(NamedTuple):
    """What stands above a claim: provider, subscriber and patient levels and its place in the envelope.

    `patient` is loop 2000C, `None` when the patient is the subscriber; `file_date` is GS04 as written.
    """

    billing: Level | None
    subscriber: Level | None
    patient: Level | None
    group_control: str
    transaction_control: str
    file_date: str


class Provider(NamedTuple):
    """A provider: entity code (NM101, such as 82), NPI (NM109 under qualifier XX) and where that stands."""

    entity: str
    npi: str
    location: Location


class Diagnosis(NamedTuple):
    """A diagnosis of an HI segment: qualifier (ABK, ABF, ABJ, APR, ABN; BK, BF … for ICD-9) and code.

    `segment` is the HI segment's index in the claim, `element` that of the composite in it.
    """

    qualifier: str
    code: str
    segment: int
    element: int


class _Dating(NamedTuple):
    """What a claim lends its lines to find their day of service."""

    claim_dates: DateRange | None
    at_end: bool


_UNDATED = _Dating(None, False)  # shared by most claims


@attrs.frozen
class ServiceLine(_Loop):
    """A service line: loop 2400 with its loops 2410 to 2440.

    Text fields are as written: `service` holds the components of SV101 (837I: SV202), `modifiers` at most four, `ndc`
    is LIN03 under qualifier N4. `start` and `stop` bound its segments within the claim's, `loops` is where its
    loops 2420 to 2440 begin.
    """

    source: Source
    start: int
    loops: int
    stop: int
    service: list[str]
    procedure: str
    modifiers: list[str]
    revenue_code: str
    charge_text: str
    unit_basis: str
    units_text: str
    diagnosis_pointers: list[str]
    ndc: str
    ndc_quantity_text: str
    ndc_unit: str
    _when: Segment
    _dating: _Dating

    @property
    def _places(self) -> Mapping[str, Place]:
        return places.LINE[self.source.type]

    @property
    def _bounds(self) -> tuple[int, int]:
        return self.start, self.loops

    @property
    def _anchor(self) -> int:
        service = self._find(places.SERVICE[self.source.type])
        return self.start if service is None else service

    def _located(self, index: int, loop: str, name: str) -> Location:
        return Location(self.source, index, loop, name, self.number, self.control_number or None)

    @property
    def number_text(self) -> str:
        """LX01 as written."""
        return element(self.source.segments[self.start], 1)

    @property
    def number(self) -> int | None:
        """LX01; `None` where it is not a plain number."""
        text = self.number_text
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    @property
    def segments(self) -> list[list[str]]:
        """All segments of the line, from LX to the last of loop 2440."""
        return self.source.segments[self.start : self.stop]

    @property
    def control_number(self) -> str:
        """Line item control number, REF*6R."""
        return self.text("line_control_number")

    @property
    def description(self) -> str:
        """Free-text description, the seventh component of the service."""
        return element(self.service, 6)

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
    def place_of_service(self) -> str:
        """SV105, which an 837I does not have."""
        return self.text("place_of_service")

    @property
    def service_date_format(self) -> str:
        """DTP02 of the service date: D8, RD8 or DT."""
        return element(self._when, 2)

    @property
    def service_date_text(self) -> str:
        """DTP03 of the service date as written."""
        return element(self._when, 3)

    @property
    def claim_dates(self) -> DateRange | None:
        """The statement dates of an 837I, `None` where they cannot be read."""
        return self._dating.claim_dates

    @property
    def at_end(self) -> bool:
        """At which end of an uncertain date the line is looked at (see `Claim.at_end`)."""
        return self._dating.at_end

    @property
    def own_dates(self) -> DateRange | None:
        """DTP*472 of the line itself. Raises `MalformedValue`."""
        when = self._when
        return self._dates("service_date", when[3], when[2]) if len(when) > 3 else None

    @property
    def dates(self) -> DateRange | None:
        """The line's own dates, else the statement dates of an 837I. Raises `MalformedValue`."""
        return self.own_dates or self.claim_dates

    @property
    def service_date(self) -> date | None:
        """The day of service that the line is judged on. Raises `MalformedValue`."""
        dates = self.dates
        if dates is None:
            return None
        return dates.last if self.at_end else dates.first

    @property
    def only_day(self) -> date | None:
        """The day of service, `None` where none is given or the dates cover several. Raises `MalformedValue`."""
        dates = self.dates
        return dates.first if dates and dates.first == dates.last else None

    @property
    def providers(self) -> Iterator[Provider]:
        """The line's own providers, loops 2420."""
        loops = places.LINE_PROVIDERS[self.source.type]
        return _providers(self.source, self.loops, self.stop, "SVD", loops, self.number)


class _ClaimBody(NamedTuple):
    source: Source
    claim_id: str
    total_charge: str
    facility: list[str]
    diagnoses: list[Diagnosis]
    lines: list[ServiceLine]
    loops: int


@attrs.frozen
class Claim(_Loop):
    """A claim: loop 2300 and its service lines, with the levels above it.

    `ordinal` is that of its CLM segment. `at_end` chooses the end at which service dates that cover several days
    are looked at: false the first day, true the last. A claim is read with false; whoever must know tries both.
    """

    type: ClaimType
    piece: Piece
    ordinal: int
    context: Context
    at_end: bool = False
    _parsed: _ClaimBody | None = attrs.field(default=None, init=False, eq=False, repr=False)

    @property
    def _body(self) -> _ClaimBody:
        """Parsed once, when the first of it is asked for; `cached_property` would cost twice as much here."""
        if self._parsed is None:
            body = _parse_claim(source(self.type, self.piece, self.ordinal), self.at_end)
            object.__setattr__(self, "_parsed", body)
            return body
        return self._parsed

    @property
    def source(self) -> Source:
        """The claim's segments."""
        return self._body.source

    @property
    def _places(self) -> Mapping[str, Place]:
        return places.CLAIM

    @property
    def _bounds(self) -> tuple[int, int]:
        return 0, self._body.loops

    @property
    def raw(self) -> bytes:
        """The claim's bytes in the file, the scrubber's notes included."""
        return self.piece.raw

    @property
    def claim_id(self) -> str:
        """Patient control number, CLM01."""
        return self._body.claim_id

    @property
    def total_charge_text(self) -> str:
        """CLM02 as written."""
        return self._body.total_charge

    @property
    def total_charge(self) -> Decimal | None:
        """CLM02 in US dollars. Raises `MalformedValue`."""
        return self._number("total_charge", self.total_charge_text)

    @property
    def facility_code(self) -> str:
        """CLM05-1: place of service of an 837P, the first two digits of the bill type of an 837I."""
        return self._body.facility[0]

    @property
    def frequency(self) -> str:
        """CLM05-3: 1 original, 7 replacement, 8 void …"""
        return element(self._body.facility, 2)

    @property
    def is_replacement(self) -> bool:
        """Whether the claim replaces one that was sent before (frequency 7)."""
        return self.frequency == "7"

    @property
    def is_void(self) -> bool:
        """Whether the claim takes back one that was sent before (frequency 8)."""
        return self.frequency == "8"

    @property
    def diagnoses(self) -> Sequence[Diagnosis]:
        """The diagnoses of loop 2300 in file order, of every diagnosis qualifier."""
        return self._body.diagnoses

    @property
    def lines(self) -> Sequence[ServiceLine]:
        """The service lines in file order."""
        return self._body.lines

    def at_diagnosis(self, diagnosis: Diagnosis) -> Location:
        """Where a diagnosis of this claim stands."""
        return Location(self.source, diagnosis.segment, "2300", f"HI{diagnosis.element:02d}-2")

    @property
    def statement_dates(self) -> DateRange | None:
        """DTP*434, which an 837I must have. Raises `MalformedValue`."""
        return self._dates("statement_dates", self.text("statement_dates"), self.text("statement_format"))

    @property
    def filing_indicator(self) -> str:
        """SBR09 of the claim's own payer, such as MB."""
        subscriber = self.context.subscriber
        return subscriber.filing_indicator if subscriber else ""

    @property
    def payer_id(self) -> str:
        """NM109 of loop 2010BB."""
        return self.context.subscriber.text("payer_id") if self.context.subscriber else ""

    @property
    def billing_npi(self) -> str:
        """NM109 of loop 2010AA."""
        return self.context.billing.text("npi") if self.context.billing else ""

    @property
    def patient(self) -> Level | None:
        """The patient's level: 2000C of a dependent, else 2000B."""
        return self.context.patient or self.context.subscriber

    @property
    def patient_birth_date(self) -> date | None:
        """Birth date of the patient, dependent or subscriber. Raises `MalformedValue`."""
        patient = self.patient
        return patient.birth_date if patient else None

    @property
    def providers(self) -> Iterator[Provider]:
        """The claim's own providers, loops 2310; billing provider and lines excluded."""
        loops = places.CLAIM_PROVIDERS[self.type]
        return _providers(self.source, self._body.loops, len(self.source.segments), "SBR", loops, None)

    def provider_of(self, line: ServiceLine) -> str:
        """NPI of who rendered a line: its own rendering provider, else the claim's, else the billing provider."""
        for providers in (line.providers, self.providers):
            for provider in providers:
                if provider.entity == "82" and provider.npi:
                    return provider.npi
        return self.billing_npi

    def place_of(self, line: ServiceLine) -> str:
        """Place of service of a line of an 837P: SV105, else CLM05-1. Empty on an 837I, which has bill types."""
        return line.place_of_service or self.facility_code if self.type == "837P" else ""

    @property
    def procedures(self) -> frozenset[str]:
        """All procedure codes on the claim."""
        return frozenset(line.procedure for line in self.lines)

    @property
    def service_dates(self) -> list[date]:
        """The distinct days of service that can be read, in order."""
        found = set()
        for line in self.lines:
            try:
                found.add(line.service_date)
            except MalformedValue:
                continue
        return sorted(day for day in found if day)


def _parse_claim(source: Source, at_end: bool) -> _ClaimBody:
    segments = source.segments
    component = source.delimiters.component
    diagnoses: list[Diagnosis] = []
    dates: DateRange | None = None
    loops = 0
    stop = len(segments)
    for index in range(1, stop):
        segment = segments[index]
        tag = segment[0]
        if tag == "LX":
            stop = index
            break
        if loops:
            continue
        if tag == "HI":
            diagnoses += _parse_diagnoses(segment, index, component)
        elif tag == "NM1" or tag == "SBR":
            loops = index
        elif tag == "DTP" and dates is None and source.type == "837I" and element(segment, 1) == "434":
            dates = _dates_or_none(element(segment, 2), element(segment, 3))
    loops = loops or stop
    dating = _Dating(dates, at_end) if dates or at_end else _UNDATED
    lines = []
    while stop < len(segments):
        line = _parse_line(source, stop, dating)
        lines.append(line)
        stop = line.stop
    claim = segments[0] if len(segments[0]) > 5 else segments[0] + _ABSENT
    return _ClaimBody(source, claim[1], claim[2], claim[5].split(component), diagnoses, lines, loops)


def _dates_or_none(format_qualifier: str, text: str) -> DateRange | None:
    try:
        return values.date_range(format_qualifier, text)
    except ValueError:
        return None


def _parse_diagnoses(segment: Segment, index: int, component: str) -> list[Diagnosis]:
    found = []
    for number in range(1, len(segment)):
        qualifier, _, rest = segment[number].partition(component)
        if qualifier in places.DIAGNOSIS_QUALIFIERS and rest:
            found.append(Diagnosis(qualifier, rest.partition(component)[0], index, number))
    return found


def _parse_line(source: Source, start: int, dating: _Dating) -> ServiceLine:
    """The line that begins at `segments[start]`. Where a segment stands twice the first one counts."""
    segments = source.segments
    component = source.delimiters.component
    professional = source.type == "837P"
    service_tag = "SV1" if professional else "SV2"
    sv = when = lin = ctp = _ABSENT
    loops = 0
    stop = len(segments)
    for index in range(start + 1, stop):
        segment = segments[index]
        tag = segment[0]
        if tag == "LX":
            stop = index
            break
        if loops:
            continue
        if tag == service_tag:
            if sv is _ABSENT:
                sv = segment
        elif tag == "DTP":
            if when is _ABSENT and segment[1:2] == _SERVICE_DATE:
                when = segment
        elif tag == "LIN":
            if lin is _ABSENT:
                lin = segment
        elif tag == "CTP":
            if ctp is _ABSENT:
                ctp = segment
        elif tag in _LINE_LOOPS_BEGIN:
            loops = index
    loops = loops or stop
    if len(sv) < 8:
        sv = sv + _ABSENT
    if professional:
        revenue_code, pointers = "", sv[7]
        composite, charge, basis, units = sv[1:5]
    else:
        pointers = ""
        revenue_code, composite, charge, basis, units = sv[1:6]
    service = composite.split(component)
    modifiers = service[2:6]
    if "" in modifiers:
        modifiers = [modifier for modifier in modifiers if modifier]
    return ServiceLine(
        source,
        start,
        loops,
        stop,
        service,
        service[1] if len(service) > 1 else "",
        modifiers,
        revenue_code,
        charge,
        basis,
        units,
        pointers.split(component) if pointers else [],
        lin[3] if len(lin) > 3 and lin[2] == "N4" else "",
        ctp[4] if len(ctp) > 4 else "",
        ctp[5].partition(component)[0] if len(ctp) > 5 else "",
        when,
        dating,
    )


def _providers(
    source: Source, start: int, stop: int, end_tag: str, loops: Mapping[str, str], line: int | None
) -> Iterator[Provider]:
    """The NM1 segments of provider loops in `segments[start:stop]`, up to the first `end_tag` or LX."""
    for index in range(start, stop):
        segment: Segment = source.segments[index]
        if segment[0] in (end_tag, "LX"):
            return
        if segment[0] == "NM1" and element(segment, 1) in loops:
            npi = element(segment, 9) if element(segment, 8) == "XX" else ""
            yield Provider(segment[1], npi, Location(source, index, loops[segment[1]], "NM109", line))
