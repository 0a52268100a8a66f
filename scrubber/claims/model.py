"""Claims, as frozen records over their segments.

Every field is read from the segments when it is asked for, and kept where many ask for it. Text is the element as
written, empty where it is absent. Codes are spelled as code lists spell them (`values.code`), so that `m32.19` and
`M3219` are one diagnosis; how they were written can be asked for, too. Typed values are a `Decimal`, `int` or `date`,
`None` where absent, and raise `MalformedValue` where something is there that is not what the element should hold. `at`
names the element that a field stands in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import attrs

from scrubber.claims import fields, values
from scrubber.claims.location import Field, Location, MalformedValue, Span, span
from scrubber.claims.values import DateRange
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.events import Event
from scrubber.x12.guides import ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import Segment, element, first_pattern

Day: TypeAlias = Literal["first", "last", "unknown"]

_LINE_LOOPS_BEGIN = frozenset({"NM1", "SVD", "LQ"})
_ABSENT = [""] * 9  # so that elements at a segment's end may be left out


class _Loop:
    """A loop whose fields can be named, located and parsed."""

    __slots__ = ()

    @property
    def span(self) -> Span:
        """The segments it was read from."""
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
        """The segment at which a missing one is reported."""
        return self._bounds[0]

    def text(self, name: str) -> str:
        """The field as written; of a composite the one component."""
        field = self._fields.get(name)
        index = None if field is None else self._find(field)
        if field is None or index is None:
            return ""
        value = element(self.span.segments[index], field.element)
        if field.component is None:
            return value
        return element(value.split(self.span.delimiters.component), field.component - 1)

    def at(self, name: str, number: int = 1) -> Location:
        """Where the field stands, or would stand; `number` counts from 1 within a list such as modifiers."""
        field = self._fields[name]
        index = self._find(field)
        return self._located(self._anchor if index is None else index, field.loop, field.name(number))

    def _find(self, field: Field) -> int | None:
        """The first segment that the field may stand in."""
        tag, qualifier = field.tag, field.qualifier
        start, stop = self._bounds
        for index, segment in enumerate(self.span.segments[start:stop], start):
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


@attrs.frozen
class Level(_Loop):
    """A level of the hierarchy above a claim, with its name loops: billing provider, subscriber or patient.

    `depth` 1 is the provider, 2 the subscriber, 3 the patient, 0 a level that no 837 has.
    """

    type: ClaimType
    event: Event = attrs.field(repr=False)
    depth: int
    _texts: dict[str, str] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def __hash__(self) -> int:
        """By its field: segments, as lists, have no hash."""
        return hash((self.type, self.event.piece.offset))

    @property
    def ordinal(self) -> int:
        """The ordinal of its HL segment."""
        return self.event.ordinal or 1

    @property
    def piece(self) -> Piece:
        """Its bytes in the file."""
        return self.event.piece

    @cached_property
    def span(self) -> Span:
        """The level's segments, split when they are first asked for."""
        return span(self.type, self.event)

    @cached_property
    def names(self) -> Sequence[Segment]:
        """Its NM1 segments."""
        return [segment for segment in self.span.segments if segment[0] == "NM1"]

    def text(self, name: str) -> str:
        """The field as written, looked for once, and without splitting all: most claims have levels of their own."""
        found = self._texts.get(name)
        if found is None:
            event = self.event
            find = _finder(self.depth, name, event.delimiters)
            match = find(event.text) if find else None
            found = self._texts[name] = match[1] or "" if match else ""
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


@lru_cache(maxsize=1024)
def _finder(depth: int, name: str, delimiters: Delimiters) -> Callable[[str], re.Match[str] | None] | None:
    """What looks for a field of a level in its text, `None` where a level of that depth has no such field."""
    field = fields.LEVELS[depth].get(name)
    return first_pattern(delimiters, field.tag, field.element, field.qualifier).search if field else None


class Context(NamedTuple):
    """What stands above a claim: provider, subscriber and patient levels and the envelope around it.

    `patient` is loop 2000C, `None` when the patient is the subscriber; `file_date` is the latest of ISA09, GS04 and
    BHT04 that can be read, as CCYYMMDD, empty where none can.
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


_RENDERING = "82"


class Provider(NamedTuple):
    """A provider of a claim or a line: its NM1 segment, which is `span.segments[position]`, and the loop of that."""

    span: Span
    position: int
    name: Segment
    loop: str
    service_line: int | None

    def __repr__(self) -> str:
        """Without its name."""
        return f"Provider(loop={self.loop!r}, service_line={self.service_line})"

    @property
    def entity(self) -> str:
        """Entity code, NM101, such as 82."""
        return self.name[1]

    @property
    def npi(self) -> str:
        """NM109 under qualifier XX."""
        return element(self.name, 9) if element(self.name, 8) == "XX" else ""

    @property
    def taxonomy(self) -> str:
        """Taxonomy code, PRV03 behind the NM1; empty without one."""
        behind = self.span.segments[self.position + 1 : self.position + 2]
        return element(behind[0], 3) if behind and behind[0][0] == "PRV" else ""

    @property
    def location(self) -> Location:
        """Where the NPI stands."""
        return Location(self.span, self.position, self.loop, "NM109", self.service_line)


class OtherPayer(NamedTuple):
    """Another payer of the claim, loop 2320: its turn to pay (SBR01) and its filing indicator (SBR09)."""

    sequence: str
    filing_indicator: str


class Diagnosis(NamedTuple):
    """A diagnosis of an HI segment: qualifier (ABK, ABF, ABJ, APR, ABN; BK, BF … for ICD-9) and code.

    Both are in capitals and the code has no point; `Claim.written` has them as the file does. `segment` is the HI
    segment's index in the claim, `element` that of the composite in it.
    """

    qualifier: str
    code: str
    segment: int
    element: int


@attrs.define(on_setattr=attrs.setters.frozen, eq=False)  # as frozen as others, and made in less time
class ServiceLine(_Loop):
    """A service line: loop 2400 with its loops 2410 to 2440.

    `service` holds the components of SV101 (837I: SV202), its codes in capitals, as `procedure`, `modifiers` (at most
    four) and `ndc_unit` are; `revenue_code` has its zero in front. `misspelled` says that they were written otherwise,
    `written` has the service as written. Other text is as written: `ndc` is LIN03 under qualifier N4,
    `place_of_service` SV105, which an 837I does not have, `service_date_text` DTP03. `start` and `stop` bound its
    segments within the claim's, `loops` is where its loops 2420 to 2440 begin.
    """

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
    ndc: str
    ndc_quantity_text: str
    ndc_unit: str
    place_of_service: str
    service_date_text: str
    _known_dates: DateRange | None
    _day: date | None

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
        return element(self.span.segments[self.start], 1)

    @property
    def number(self) -> int | None:
        """LX01; `None` where it is not a plain number."""
        text = self.number_text
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    @property
    def segments(self) -> Sequence[list[str]]:
        """All segments of the line, from LX to the last of loop 2440."""
        return self.span.segments[self.start : self.stop]

    @property
    def control_number(self) -> str:
        """Line item control number, REF*6R."""
        return self.text("line_control_number")

    @property
    def written(self) -> list[str]:
        """The components of its service as written, none where that is missing."""
        field = fields.SERVICE[self.span.type]
        index = self._find(field)
        composite = "" if index is None else element(self.span.segments[index], field.element)
        return composite.split(self.span.delimiters.component) if composite else []

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
    def service_date_format(self) -> str:
        """DTP02 of the service date: D8, RD8 or DT."""
        return self.text("service_date_format")

    @property
    def own_dates(self) -> DateRange | None:
        """DTP*472 of the line itself. Raises `MalformedValue`."""
        return self.dates if self.service_date_text else None

    @property
    def dates(self) -> DateRange | None:
        """The line's own dates, else the statement dates of an 837I. Raises `MalformedValue`."""
        if self._known_dates is None and self.service_date_text:
            raise MalformedValue(self.at("service_date"), "date")
        return self._known_dates

    @property
    def service_date(self) -> date | None:
        """The day of service that the line is judged on. Raises `MalformedValue`."""
        if self._day is None and self._known_dates is None and self.service_date_text:
            raise MalformedValue(self.at("service_date"), "date")
        return self._day

    @property
    def covers_days(self) -> bool:
        """Whether its dates can be read and are those of several days."""
        dates = self._known_dates
        return dates is not None and dates.first != dates.last

    @property
    def only_day(self) -> date | None:
        """The day of service, `None` where none is given or the dates cover several. Raises `MalformedValue`."""
        day = self.service_date
        return None if self.covers_days else day

    @property
    def providers(self) -> Sequence[Provider]:
        """The line's own providers, loops 2420."""
        if self.loops == self.stop:
            return ()
        loops = fields.LINE_PROVIDERS[self.span.type]
        return _providers(self.span, self.loops, self.stop, "SVD", loops, self.number)


@attrs.define(repr=False)
class _ClaimBody:
    """What has been read of a claim so far."""

    span: Span
    claim_id: str
    total_charge: str
    facility: list[str]
    frequency: str
    statement: Segment
    diagnoses: list[Diagnosis]
    misspelled: bool
    lines: list[ServiceLine]
    loops: int
    answers: dict[Hashable, Any] = attrs.field(factory=dict)
    listed: list[Diagnosis] | None = None
    providers: Sequence[Provider] | None = None
    rendering_npi: str | None = None
    service_dates: list[date] | None = None


@attrs.frozen
class Claim(_Loop):
    """A claim: loop 2300 and its service lines, with the levels above it.

    `number` counts the claims of the file from 1, `ordinal` is that of its CLM segment. `day` chooses how service dates
    that cover several days are looked at: as the first day, as the last, or as if the day were not known. A claim is
    read with the first; an answer that must hold for all days is tried on both.
    """

    type: ClaimType
    event: Event = attrs.field(repr=False)
    context: Context = attrs.field(repr=False)
    day: Day = "first"
    _parsed: _ClaimBody | None = attrs.field(default=None, init=False, eq=False, repr=False)

    def __repr__(self) -> str:
        """By its place in the file, without patient data."""
        return f"Claim(number={self.number}, type={self.type!r})"

    def __hash__(self) -> int:
        """By its field, as that of a level."""
        return hash((self.type, self.event.piece.offset, self.day))

    def _parse(self) -> _ClaimBody:
        """Done once, when the first of it is asked for; with `cached_property` every attribute would cost more."""
        body = _parse_claim(span(self.type, self.event), self.day)
        object.__setattr__(self, "_parsed", body)
        return body

    @property
    def answers(self) -> dict[Hashable, Any]:
        """What was worked out about the claim (see `once_per_claim`)."""
        return (self._parsed or self._parse()).answers

    @property
    def span(self) -> Span:
        """The claim's segments."""
        return (self._parsed or self._parse()).span

    @property
    def _fields(self) -> Mapping[str, Field]:
        return fields.CLAIM

    @property
    def _bounds(self) -> tuple[int, int]:
        return 0, (self._parsed or self._parse()).loops

    @property
    def piece(self) -> Piece:
        """Its piece of the file, the scrubber's notes included."""
        return self.event.piece

    @property
    def number(self) -> int:
        """Its number in the file, from 1."""
        return self.event.number

    @property
    def ordinal(self) -> int:
        """The ordinal of its CLM segment in the transaction."""
        return self.event.ordinal or 1

    @property
    def raw(self) -> bytes:
        """The claim's bytes in the file, the scrubber's notes included."""
        return self.event.raw

    def line_at(self, location: Location) -> ServiceLine | None:
        """The service line that a location is on, `None` where it is above the lines or in a level."""
        if location.span is not self.span:
            return None
        after = bisect_right(self.lines, location.index, key=lambda line: line.start)
        return self.lines[after - 1] if after else None

    @property
    def claim_id(self) -> str:
        """Patient control number, CLM01."""
        return (self._parsed or self._parse()).claim_id

    @property
    def total_charge_text(self) -> str:
        """CLM02 as written."""
        return (self._parsed or self._parse()).total_charge

    @property
    def total_charge(self) -> Decimal | None:
        """CLM02 in US dollars. Raises `MalformedValue`."""
        return self._number("total_charge", self.total_charge_text)

    @property
    def facility_code(self) -> str:
        """CLM05-1: place of service of an 837P, the first two digits of the bill type of an 837I."""
        return (self._parsed or self._parse()).facility[0]

    @property
    def frequency(self) -> str:
        """CLM05-3: 1 original, 7 replacement, 8 void …"""
        return (self._parsed or self._parse()).frequency

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
        return (self._parsed or self._parse()).diagnoses

    @property
    def listed_diagnoses(self) -> Sequence[Diagnosis]:
        """Principal and other diagnoses, in the order that diagnosis pointers count them."""
        body = self._parsed or self._parse()
        if body.listed is None:
            body.listed = [item for item in body.diagnoses if item.qualifier in fields.LISTED_QUALIFIERS]
        return body.listed

    @property
    def misspelled(self) -> bool:
        """Whether a code of the HI segments is not in capitals, or has a point or blanks."""
        return (self._parsed or self._parse()).misspelled

    def written(self, diagnosis: Diagnosis) -> tuple[str, str]:
        """Qualifier and code of a diagnosis of this claim as written."""
        span = self.span
        parts = span.segments[diagnosis.segment][diagnosis.element].split(span.delimiters.component)
        return parts[0], parts[1]

    @property
    def lines(self) -> Sequence[ServiceLine]:
        """The service lines in file order."""
        return (self._parsed or self._parse()).lines

    def at_diagnosis(self, diagnosis: Diagnosis) -> Location:
        """Where a diagnosis of this claim stands."""
        return Location(self.span, diagnosis.segment, "2300", f"HI{diagnosis.element:02d}-2")

    @property
    def statement_dates(self) -> DateRange | None:
        """DTP*434, which an 837I must have. Raises `MalformedValue`."""
        statement = (self._parsed or self._parse()).statement
        return self._dates("statement_dates", element(statement, 3), element(statement, 2))

    @property
    def statement_dates_text(self) -> str:
        """DTP*434 as written."""
        return element((self._parsed or self._parse()).statement, 3)

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
    def payer_name(self) -> str:
        """NM103 of loop 2010BB."""
        return self.context.subscriber.text("payer_name") if self.context.subscriber else ""

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
    def providers(self) -> Sequence[Provider]:
        """The claim's own providers, loops 2310; billing provider and lines excluded."""
        body = self._parsed or self._parse()
        if body.providers is None:
            loops = fields.CLAIM_PROVIDERS[self.type]
            body.providers = _providers(body.span, body.loops, len(body.span.segments), "SBR", loops, None)
        return body.providers

    @property
    def other_payers(self) -> Sequence[OtherPayer]:
        """The payers before and behind the one that the claim is sent to, loops 2320."""
        body = self._parsed or self._parse()
        stop = body.lines[0].start if body.lines else len(body.span.segments)
        if body.loops >= stop:
            return ()
        loops = body.span.segments[body.loops : stop]
        return [OtherPayer(element(part, 1), element(part, 9)) for part in loops if part[0] == "SBR"]

    def provider_of(self, line: ServiceLine) -> str:
        """NPI of who rendered a line: its own rendering provider, else the claim's, else the billing provider."""
        body = self._parsed or self._parse()
        if body.rendering_npi is None:
            body.rendering_npi = _rendering_npi(self.providers) or self.billing_npi
        return _rendering_npi(line.providers) or body.rendering_npi

    def specialty_of(self, line: ServiceLine) -> str:
        """Taxonomy code of the rendering provider of a line: the line's own, else the claim's. May be empty."""
        for providers in (line.providers, self.providers):
            for provider in providers:
                if provider.entity == _RENDERING and provider.npi:
                    return provider.taxonomy
        return ""

    def place_of(self, line: ServiceLine) -> str:
        """Field of service of a line of an 837P: SV105, else CLM05-1. Empty on an 837I, which has bill types."""
        return line.place_of_service or self.facility_code if self.type == "837P" else ""

    @property
    def procedures(self) -> frozenset[str]:
        """All procedure codes on the claim."""
        return frozenset(line.procedure for line in self.lines)

    @property
    def service_dates(self) -> Sequence[date]:
        """The distinct days of service that can be read, in order."""
        body = self._parsed or self._parse()
        if body.service_dates is None:
            body.service_dates = sorted({line._day for line in body.lines if line._day})
        return body.service_dates


def _parse_claim(span: Span, which: Day) -> _ClaimBody:
    segments = span.segments
    component = span.delimiters.component
    diagnoses: list[Diagnosis] = []
    statement: Segment = _ABSENT
    dates: DateRange | None = None
    misspelled = False
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
            misspelled |= _parse_diagnoses(segment, index, component, diagnoses)
        elif tag == "NM1" or tag == "SBR":
            loops = index
        elif tag == "DTP" and dates is None and element(segment, 1) == "434":
            statement = segment if statement is _ABSENT else statement
            if span.type == "837I":
                dates = _dates_or_none(element(segment, 2), element(segment, 3))
    loops = loops or stop
    lines = []
    while stop < len(segments):
        line = _parse_line(span, stop, dates, which)
        lines.append(line)
        stop = line.stop
    claim = segments[0] if len(segments[0]) > 5 else segments[0] + _ABSENT
    facility = claim[5].split(component)
    frequency = element(facility, 2)
    return _ClaimBody(span, claim[1], claim[2], facility, frequency, statement, diagnoses, misspelled, lines, loops)


def _dates_or_none(format_qualifier: str, text: str) -> DateRange | None:
    try:
        return values.date_range(format_qualifier, text)
    except ValueError:
        return None


def _parse_diagnoses(segment: Segment, index: int, component: str, found: list[Diagnosis]) -> bool:
    """Adds the diagnoses of an HI segment to `found`; whether a code in it, of whatever kind, is misspelled."""
    misspelled = False
    for number in range(1, len(segment)):
        qualifier, code, unusual = _diagnosis(segment[number], component)
        misspelled |= unusual
        if code and qualifier in fields.DIAGNOSIS_QUALIFIERS:
            found.append(Diagnosis(qualifier, code, index, number))
    return misspelled


@lru_cache(maxsize=4096)
def _diagnosis(composite: str, component: str) -> tuple[str, str, bool]:
    """Qualifier and code of an HI composite as code lists spell them, and whether they were written otherwise."""
    written, _, rest = composite.partition(component)
    text = rest.partition(component)[0]
    qualifier = written if written in fields.DIAGNOSIS_QUALIFIERS else values.code(written)
    code = values.code(text)
    return qualifier, code, code != text or qualifier != written


@lru_cache(maxsize=4096)
def _service(composite: str, component: str) -> tuple[list[str], bool, str, list[str]]:
    """The components of SV101 or SV202 with codes in capitals, whether they were not, the procedure, the modifiers.

    Few services make up most lines, so the answers are kept; nobody changes the lists.
    """
    service = composite.split(component)
    misspelled = False
    if not composite.isupper() or " " in composite or "." in composite:
        spelled = [*map(values.code, service[:6]), *service[6:]]
        service, misspelled = spelled, spelled != service
    modifiers = [modifier for modifier in service[2:6] if modifier]
    return service, misspelled, service[1] if len(service) > 1 else "", modifiers


def _parse_line(span: Span, start: int, claim_dates: DateRange | None, which: Day) -> ServiceLine:
    """The line that begins at `segments[start]`. Where a segment stands twice the first one counts."""
    segments = span.segments
    component = span.delimiters.component
    professional = span.type == "837P"
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
            if when is _ABSENT and element(segment, 1) == "472":
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
    if len(when) < 4:
        when = when + _ABSENT
    dates = _dates_or_none(when[2], when[3]) if when[3] else claim_dates
    day = None if dates is None else dates.first
    if dates is not None and which != "first" and dates.first != dates.last:
        day = dates.last if which == "last" else None
    if professional:
        revenue_code = ""
        composite, charge, basis, units, place_of_service, _, pointers = sv[1:8]
    else:
        place_of_service = pointers = ""
        revenue_code, composite, charge, basis, units = sv[1:6]
    service, misspelled, procedure, modifiers = _service(composite, component)
    if revenue_code and len(revenue_code) != 4:
        whole = values.revenue_code(revenue_code)
        revenue_code, misspelled = whole, misspelled or whole != revenue_code
    return ServiceLine(
        span,
        start,
        loops,
        stop,
        service,
        misspelled,
        procedure,
        modifiers,
        revenue_code,
        charge,
        basis,
        units,
        pointers.split(component) if pointers else [],
        lin[3] if len(lin) > 3 and (lin[2] == "N4" or lin[2] == "n4") else "",
        ctp[4] if len(ctp) > 4 else "",
        ctp[5].partition(component)[0].upper() if len(ctp) > 5 else "",
        place_of_service,
        when[3],
        dates,
        day,
    )


def _providers(
    span: Span, start: int, stop: int, end_tag: str, loops: Mapping[str, str], line: int | None
) -> Sequence[Provider]:
    """The NM1 segments of provider loops in `segments[start:stop]`, up to the first `end_tag` or LX."""
    found = []
    for index, segment in enumerate(span.segments[start:stop], start):
        tag = segment[0]
        if tag == end_tag or tag == "LX":
            break
        if tag == "NM1" and element(segment, 1) in loops:
            found.append(Provider(span, index, segment, loops[segment[1]], line))
    return found


def _rendering_npi(providers: Sequence[Provider]) -> str:
    """NPI of the first rendering provider that has one, empty where there is none."""
    for provider in providers:
        if provider.entity == _RENDERING and provider.npi:
            return provider.npi
    return ""
