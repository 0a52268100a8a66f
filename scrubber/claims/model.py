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
from itertools import pairwise
from typing import NamedTuple

import attrs

from scrubber.claims import places, values
from scrubber.claims.location import Location, MalformedValue, Place, Source, source
from scrubber.claims.values import DateRange
from scrubber.x12.envelope import ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element

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


class _LevelBody(NamedTuple):
    source: Source
    filing_indicator: str
    birth_date: str


@attrs.frozen
class Level(_Loop):
    """A level of the hierarchy above a claim, with its name loops: billing provider, subscriber or patient.

    `ordinal` is that of its HL segment; `depth` 1 is the provider, 2 the subscriber, 3 the patient.
    """

    type: ClaimType
    piece: Piece
    ordinal: int
    depth: int

    @cached_property
    def _body(self) -> _LevelBody:
        """Parsed once, when the first of it is asked for."""
        level = source(self.type, self.piece, self.ordinal)
        filing_indicator = birth_date = ""
        for segment in level.segments:
            if segment[0] == "SBR":
                filing_indicator = element(segment, 9)
            elif segment[0] == "DMG":
                birth_date = element(segment, 2)
                break
        return _LevelBody(level, filing_indicator, birth_date)

    @property
    def source(self) -> Source:
        """The level's segments."""
        return self._body.source

    @property
    def _places(self) -> Mapping[str, Place]:
        return places.LEVELS[self.depth]

    @property
    def _bounds(self) -> tuple[int, int]:
        return 0, len(self.source.segments)

    @property
    def filing_indicator(self) -> str:
        """SBR09 of a subscriber, such as MB."""
        return self._body.filing_indicator

    @property
    def birth_date(self) -> date | None:
        """DMG02. Raises `MalformedValue`."""
        dates = self._dates("birth_date", self._body.birth_date)
        return dates and dates.first

    @property
    def weight(self) -> Decimal | None:
        """PAT08, in pounds. Raises `MalformedValue`."""
        return self._number("weight", self.text("weight"))


@attrs.frozen
class Context:
    """What stands above a claim: provider, subscriber and patient levels and its place in the envelope.

    `patient` is loop 2000C, `None` when the patient is the subscriber; `file_date` is GS04 as written.
    """

    billing: Level | None
    subscriber: Level | None
    patient: Level | None
    group_control: str
    transaction_control: str
    file_date: str


@attrs.frozen
class Provider:
    """A provider: entity code (NM101, such as 82), NPI (NM109 under qualifier XX) and where that stands."""

    entity: str
    npi: str
    location: Location


@attrs.frozen
class Diagnosis:
    """A diagnosis of an HI segment: qualifier (ABK, ABF, ABJ, APR, ABN; BK, BF … for ICD-9) and code.

    `segment` is the HI segment's index in the claim, `element` that of the composite in it.
    """

    qualifier: str
    code: str
    segment: int
    element: int


@attrs.frozen
class ServiceLine(_Loop):
    """A service line: loop 2400 with its loops 2410 to 2440.

    Text fields are as written: `service` holds the components of SV101 (837I: SV202), `modifiers` at most four, `ndc`
    is LIN03 under qualifier N4. `start` and `stop` bound its segments within the claim's, `loops` is where its
    loops 2420 to 2440 begin; `claim_dates` are the statement dates of an 837I; `at_end` says at which end of an
    uncertain date the line is looked at (see `Claim.at_end`).
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
    place_of_service: str
    diagnosis_pointers: list[str]
    service_date_format: str
    service_date_text: str
    ndc: str
    ndc_quantity_text: str
    ndc_unit: str
    claim_dates: DateRange | None
    at_end: bool

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
    def own_dates(self) -> DateRange | None:
        """DTP*472 of the line itself. Raises `MalformedValue`."""
        return self._dates("service_date", self.service_date_text, self.service_date_format)

    @property
    def dates(self) -> DateRange | None:
        """The line's own dates, else the statement dates of an 837I. Raises `MalformedValue`."""
        return self.own_dates or self.claim_dates

    @property
    def service_date(self) -> date | None:
        """The day of service that the line is judged on. Raises `MalformedValue`."""
        dates = self.dates
        return dates and (dates.last if self.at_end else dates.first)

    @property
    def providers(self) -> Iterator[Provider]:
        """The line's own providers, loops 2420."""
        loops = places.LINE_PROVIDERS[self.source.type]
        return _providers(self.source, self.loops, self.stop, "SVD", loops, self.number)


class _ClaimBody(NamedTuple):
    source: Source
    claim_id: str
    total_charge: str
    facility: str
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

    @cached_property
    def _body(self) -> _ClaimBody:
        """Parsed once, when the first of it is asked for."""
        return _parse_claim(source(self.type, self.piece, self.ordinal), self.at_end)

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
        return self._body.facility.partition(self.source.delimiters.component)[0]

    @property
    def frequency(self) -> str:
        """CLM05-3: 1 original, 7 replacement, 8 void …"""
        return element(self._body.facility.split(self.source.delimiters.component), 2)

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
        return self.context.subscriber.filing_indicator if self.context.subscriber else ""

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
        return self.patient.birth_date if self.patient else None

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
    starts = [index for index, segment in enumerate(segments) if segment[0] == "LX"]
    starts.append(len(segments))
    diagnoses: list[Diagnosis] = []
    dates: DateRange | None = None
    loops = starts[0]
    for index in range(1, loops):
        segment = segments[index]
        tag = segment[0]
        if tag == "HI":
            diagnoses += _parse_diagnoses(segment, index, component)
        elif tag == "NM1" or tag == "SBR":
            loops = index
            break
        elif tag == "DTP" and source.type == "837I" and element(segment, 1) == "434" and dates is None:
            dates = _dates_or_none(element(segment, 2), element(segment, 3))
    lines = [_parse_line(source, start, stop, dates, at_end) for start, stop in pairwise(starts)]
    claim = segments[0] if len(segments[0]) > 5 else segments[0] + _ABSENT
    return _ClaimBody(source, claim[1], claim[2], claim[5], diagnoses, lines, loops)


def _dates_or_none(format_qualifier: str, text: str) -> DateRange | None:
    try:
        return values.date_range(format_qualifier, text)
    except ValueError:
        return None


def _parse_diagnoses(segment: list[str], index: int, component: str) -> list[Diagnosis]:
    found = []
    for number in range(1, len(segment)):
        parts = segment[number].split(component, 2)
        if parts[0] in places.DIAGNOSIS_QUALIFIERS and len(parts) > 1:
            found.append(Diagnosis(parts[0], parts[1], index, number))
    return found


def _parse_line(source: Source, start: int, stop: int, claim_dates: DateRange | None, at_end: bool) -> ServiceLine:
    """The line of `segments[start:stop]`. Where a segment stands twice the first one counts."""
    segments = source.segments
    loops = stop
    first = {segment[0]: segment for segment in reversed(segments[start:stop])}
    if not _LINE_LOOPS_BEGIN.isdisjoint(first):
        loops = next(index for index in range(start, stop) if segments[index][0] in _LINE_LOOPS_BEGIN)
        first = {segment[0]: segment for segment in reversed(segments[start:loops])}
    when = first.get("DTP", _ABSENT)
    if when[1:2] != _SERVICE_DATE:
        dates = (segment for segment in segments[start:loops] if segment[0] == "DTP")
        when = next((segment for segment in dates if segment[1:2] == _SERVICE_DATE), _ABSENT)
    ndc = quantity = unit = ""
    if "LIN" in first:
        drug = first["LIN"] + _ABSENT
        ndc = drug[3] if drug[2] == "N4" else ""
    if "CTP" in first:
        *_, quantity, unit = (first["CTP"] + _ABSENT)[:6]
    revenue_code = place = pointers = ""
    if source.type == "837P":
        _, composite, charge, basis, units, place, _, pointers = (first.get("SV1", _ABSENT) + _ABSENT)[:8]
    else:
        _, revenue_code, composite, charge, basis, units = (first.get("SV2", _ABSENT) + _ABSENT)[:6]
    component = source.delimiters.component
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
        place,
        pointers.split(component) if pointers else [],
        when[2] if len(when) > 2 else "",
        when[3] if len(when) > 3 else "",
        ndc,
        quantity,
        unit.partition(component)[0],
        claim_dates,
        at_end,
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
