"""Claims, as frozen records over their segments.

A field is read from the segments when it is used, and kept if it is used often. Text is the element as written, empty
if it is absent. Codes are spelled as code lists spell them (`values.code`), so `m32.19` and `M3219` are the same
diagnosis; `written` gives them as the file does. Typed values are a `Decimal`, `int` or `date`. They are `None` if the
element is absent, and raise `MalformedValue` if it holds something else. `at` gives the location of a field.

The parts of a claim have modules of their own (levels, lines, providers, diagnoses); import them from here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from scrubber.claims import fields, values
from scrubber.claims.diagnoses import Diagnosis, parse_diagnoses
from scrubber.claims.layout import Layout, layout
from scrubber.claims.levels import Context, Level
from scrubber.claims.lines import Day, ServiceLine, parse_line, statement_dates
from scrubber.claims.location import Field, Location, Span, span
from scrubber.claims.loop import Loop
from scrubber.claims.providers import RENDERING, Provider, providers_in, rendering_npi
from scrubber.claims.values import DateRange
from scrubber.x12.events import Event
from scrubber.x12.guides import ClaimType
from scrubber.x12.pieces import Piece
from scrubber.x12.segments import ABSENT, Segment, element

__all__ = ["Claim", "Context", "Day", "Diagnosis", "Level", "OtherPayer", "Provider", "ServiceLine"]


_START = attrgetter("start")


class OtherPayer(NamedTuple):
    """Another payer of the claim, loop 2320: primary, secondary or later (SBR01), and its filing indicator (SBR09)."""

    sequence: str
    filing_indicator: str


@attrs.define(repr=False)
class _ClaimBody:
    """The fields of a claim that have been read so far."""

    span: Span
    claim_id: str
    total_charge: str
    facility: list[str]
    frequency: str
    statement: Segment
    diagnoses: list[Diagnosis]
    misspelled: bool
    lines: list[ServiceLine]
    layout: Layout
    answers: dict[Hashable, Any] = attrs.field(factory=dict)
    listed: list[Diagnosis] | None = None
    listed_codes: frozenset[str] | None = None
    providers: Sequence[Provider] | None = None
    all_providers: Sequence[Provider] | None = None
    other_payers: Sequence[OtherPayer] | None = None
    rendering_npi: str | None = None
    service_dates: list[date] | None = None
    procedures: frozenset[str] | None = None


@attrs.define(eq=False)
class _OpenClaim(Loop):
    """The fields of a `Claim` while it is made."""

    type: ClaimType
    event: Event = attrs.field(repr=False)
    context: Context = attrs.field(repr=False)
    day: Day = "first"
    _parsed: _ClaimBody | None = attrs.field(default=None, init=False, eq=False, repr=False)


@attrs.define(on_setattr=attrs.setters.frozen)
class Claim(_OpenClaim):
    """A claim: loop 2300 and its service lines, with the levels above it. It is frozen, and made as a `ServiceLine`.

    `day` is the day of service on lines whose dates cover several days: the first, the last, or unknown. A claim is
    read with the first. The engine also tries the last, so that a finding holds for all days.
    """

    def __repr__(self) -> str:
        """By its number in the file, without patient data."""
        return f"Claim(number={self.number}, type={self.type!r})"

    def __hash__(self) -> int:
        """The hash of its position; lists of segments have none."""
        return hash((self.type, self.event.piece.offset, self.day))

    def _parse(self) -> _ClaimBody:
        """Parse the segments, once, at the first use. A `cached_property` for each attribute would be slower."""
        body = _parse_claim(span(self.type, self.event), self.day)
        object.__setattr__(self, "_parsed", body)
        return body

    def on_day(self, day: Day) -> Claim:
        """The claim with another day of service on lines whose dates cover several days. It has the same segments."""
        claim = attrs.evolve(self, day=day)
        object.__setattr__(claim, "_parsed", _parse_claim(self.span, day))
        return claim

    @property
    def answers(self) -> dict[Hashable, Any]:
        """Answers that are kept with the claim (see `once_per_claim`)."""
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
        return 0, self.loops

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
        """The service line of a location, `None` if it is above the lines or in a level."""
        return self.line_of(location.index) if location.span is self.span else None

    def line_of(self, index: int) -> ServiceLine | None:
        """The service line of the segment with an index, `None` if it is above the lines."""
        lines = self.lines
        after = bisect_right(lines, index, key=_START)
        return lines[after - 1] if after else None

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
        """Whether the claim replaces an earlier claim (frequency 7)."""
        return self.frequency == "7"

    @property
    def is_void(self) -> bool:
        """Whether the claim cancels an earlier claim (frequency 8)."""
        return self.frequency == "8"

    @property
    def adds_late_charges(self) -> bool:
        """Whether an 837I has only charges that an earlier claim left out (frequency 5)."""
        return self.type == "837I" and self.frequency == "5"

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
    def listed_codes(self) -> frozenset[str]:
        """The codes of the listed diagnoses, each once."""
        body = self._parsed or self._parse()
        if body.listed_codes is None:
            body.listed_codes = frozenset([item.code for item in self.listed_diagnoses])
        return body.listed_codes

    @property
    def misspelled(self) -> bool:
        """Whether a code in the HI segments has lowercase letters, a point or spaces."""
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
        """The location of a diagnosis of this claim."""
        return Location(self.span, diagnosis.segment, "2300", f"HI{diagnosis.element:02d}-2")

    @property
    def loops(self) -> int:
        """The index of the first segment after its own: of loops 2310, 2320 or 2400."""
        return self.layout.loops

    @property
    def layout(self) -> Layout:
        """Where its parts stand."""
        return (self._parsed or self._parse()).layout

    @property
    def statement_dates(self) -> DateRange | None:
        """DTP*434, required on an 837I. Raises `MalformedValue`."""
        statement = (self._parsed or self._parse()).statement
        return self._dates("statement_dates", element(statement, 3), element(statement, 2))

    @property
    def statement_dates_text(self) -> str:
        """DTP*434 as written."""
        return element((self._parsed or self._parse()).statement, 3)

    @property
    def statement_format(self) -> str:
        """Format of DTP*434: D8 or RD8."""
        return element((self._parsed or self._parse()).statement, 2)

    @property
    def filing_indicator(self) -> str:
        """SBR09 of the claim's own payer, such as MB."""
        subscriber = self.context.subscriber
        return subscriber.text("filing_indicator").upper() if subscriber else ""

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
        context = self.context
        return context.patient or context.subscriber

    @property
    def patient_birth_date(self) -> date | None:
        """Birth date of the patient, dependent or subscriber. Raises `MalformedValue`."""
        context = self.context
        patient = context.patient or context.subscriber
        return patient.birth_date if patient else None

    @property
    def providers(self) -> Sequence[Provider]:
        """The claim's own providers, loops 2310, without the billing provider and those of lines."""
        body = self._parsed or self._parse()
        if body.providers is None:
            loops = fields.CLAIM_PROVIDERS[self.type]
            body.providers = providers_in(body.span, self.loops, len(body.span.segments), "SBR", loops, None)
        return body.providers

    @property
    def all_providers(self) -> Sequence[Provider]:
        """The claim's own providers, and those of its lines (loops 2420)."""
        body = self._parsed or self._parse()
        if body.all_providers is None:
            of_lines = [provider for line in body.lines if line.loops != line.stop for provider in line.providers]
            body.all_providers = [*self.providers, *of_lines] if of_lines else self.providers
        return body.all_providers

    @property
    def other_payers(self) -> Sequence[OtherPayer]:
        """The other payers of the claim, loops 2320."""
        body = self._parsed or self._parse()
        if body.other_payers is None:
            others = [body.span.segments[index] for index in body.layout.payers]
            body.other_payers = [OtherPayer(element(part, 1), element(part, 9)) for part in others] if others else ()
        return body.other_payers

    def provider_of(self, line: ServiceLine) -> str:
        """NPI of the rendering provider of a line, else that of the claim, else that of the billing provider."""
        body = self._parsed or self._parse()
        if body.rendering_npi is None:
            body.rendering_npi = rendering_npi(self.providers) or self.billing_npi
        return rendering_npi(line.providers) or body.rendering_npi

    def specialty_of(self, line: ServiceLine) -> str:
        """Taxonomy code of the rendering provider of a line: the line's own, else the claim's. May be empty."""
        for providers in (line.providers, self.providers):
            for provider in providers:
                if provider.entity == RENDERING and provider.npi:
                    return provider.taxonomy
        return ""

    def place_of(self, line: ServiceLine) -> str:
        """Place of service of a line of an 837P: SV105, else CLM05-1. Empty on an 837I, which has bill types."""
        return line.place_of_service or self.facility_code if self.type == "837P" else ""

    @property
    def procedures(self) -> frozenset[str]:
        """All procedure codes on the claim."""
        body = self._parsed or self._parse()
        if body.procedures is None:
            body.procedures = frozenset([line.procedure for line in body.lines])
        return body.procedures

    @property
    def service_dates(self) -> Sequence[date]:
        """The distinct readable days of service, in order."""
        body = self._parsed or self._parse()
        if body.service_dates is None:
            days = {day for line in body.lines if (day := line.service_dates.day)}
            body.service_dates = sorted(days)
        return body.service_dates


def claim_at(event: Event, claim_type: ClaimType, context: Context) -> Claim:
    """The claim of an event, below the levels of a context. Its segments are parsed when they are first used."""
    claim: Any = _OpenClaim(claim_type, event, context)
    claim.__class__ = Claim
    frozen: Claim = claim
    return frozen


def _parse_claim(span: Span, which: Day) -> _ClaimBody:
    segments = span.segments
    component = span.delimiters.component
    diagnoses: list[Diagnosis] = []
    statement: Segment = ABSENT
    dates: DateRange | None = None
    misspelled = False
    where = layout(tuple([segment[0] for segment in segments]), span.type)
    for index in where.diagnoses:
        misspelled |= parse_diagnoses(segments[index], index, component, diagnoses)
    for index in where.dates:
        if dates is None and element(segments[index], 1) == "434":
            statement = segments[index] if statement is ABSENT else statement
            if span.type == "837I":
                dates = values.date_range_or_none(element(segments[index], 2), element(segments[index], 3))
    without_own = statement_dates(dates, which)
    lines = [parse_line(span, line, without_own, which) for line in where.lines]
    claim = segments[0] if len(segments[0]) > 5 else [*segments[0], *ABSENT]
    facility = claim[5].split(component)
    frequency = element(facility, 2)
    return _ClaimBody(span, claim[1], claim[2], facility, frequency, statement, diagnoses, misspelled, lines, where)
