"""The fields that rules can use: fields of claims and service lines by name, and how each is read and written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias, TypeVar

import attrs

from scrubber.claims import fields
from scrubber.claims.fields import CLAIM_PROVIDERS, LINE_PROVIDERS
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, Level, Provider, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.claims.pointers import pointed
from scrubber.claims.values import whole_years
from scrubber.edit import CLAIM_TYPES
from scrubber.x12.guides import ClaimType
from scrubber.x12.segments import element

_T = TypeVar("_T")
_MOST_COMPARED = 100
"""How many codes of a claim are compared with each of its lines."""


class Unread(Exception):  # noqa: N818 - names a gap in the claim, not a fault of the program
    """A value that a rule needs is missing. The message names it and never quotes a value."""


@attrs.frozen
class FieldValues:
    """The values of a field, each with its location. `missing_at` is the location for a value that is missing."""

    values: tuple[tuple[str | Decimal, Location], ...]
    missing_at: Location


ReadLine: TypeAlias = Callable[[Claim, ServiceLine], FieldValues]
ReadClaim: TypeAlias = Callable[[Claim], FieldValues]


@attrs.frozen
class ValueShape:
    """The form of a field's values: a pattern, its description, and the characters that a comparison ignores."""

    pattern: re.Pattern[str]
    words: str
    ignored: str = ""
    width: int = 0

    def plain(self, text: str) -> str:
        """A value as it is compared: in capitals, without ignored characters, with leading zeros."""
        return text.upper().translate({ord(character): None for character in self.ignored}).rjust(self.width, "0")


@attrs.frozen
class RuleField:
    """A field that rules can name.

    `words` name it in a sentence. `of_line` or `of_claim` reads it. A field with `numbers` is compared by size, and a
    field with a `shape` by its codes. Any other field is only present or absent. A field of `many` values meets a
    condition if one of its values does.
    """

    words: str
    of_line: ReadLine | None = attrs.field(default=None, eq=False)
    of_claim: ReadClaim | None = attrs.field(default=None, eq=False)
    types: tuple[ClaimType, ...] = CLAIM_TYPES
    numbers: bool = False
    shape: ValueShape | None = None
    many: bool = False


def _shape(pattern: str, words: str, ignored: str = "", width: int = 0) -> ValueShape:
    return ValueShape(re.compile(pattern, re.ASCII), words, ignored, width)


PROCEDURE = _shape(r"[A-Z0-9]{5}", "a code of five letters and digits, such as J0490")
_MODIFIER = _shape(r"[A-Z0-9]{2}", "two letters or digits, such as JZ")
_DIAGNOSIS = _shape(r"[A-Z][A-Z0-9]{3,6}", "an ICD-10-CM code of four characters or more, such as M32.14", ignored=".")
_PLACE_OF_SERVICE = _shape(r"\d{2}", "two digits, such as 11", width=2)
_REVENUE = _shape(r"\d{4}", "four digits, such as 0636", width=4)
_BILL_TYPE = _shape(r"\d{3}", "three digits without the leading zero, such as 131")
_NDC = _shape(r"\d{11}", "eleven digits, such as 49401-0101-01", ignored="-")
_NPI = _shape(r"\d{10}", "ten digits")
_TAXONOMY = _shape(r"[A-Z0-9]{10}", "ten letters and digits, such as 261QI0500X")
_TWO = _shape(r"[A-Z0-9]{1,2}", "a code of one or two characters")
_ONE = _shape(r"[A-Z0-9]", "one character")
_ID = _shape(r"[A-Z0-9]{1,30}", "letters and digits", ignored=" -")


def _seen(text: str, at: Location) -> FieldValues:
    return FieldValues(((text, at),) if text else (), at)


def _counted(number: Decimal | int | None, at: Location) -> FieldValues:
    return FieldValues(() if number is None else ((Decimal(number), at),), at)


def _line_text(name: str) -> ReadLine:
    return lambda _, line: _seen(line.text(name), line.at(name))


def _claim_text(name: str) -> ReadClaim:
    return lambda claim: _seen(claim.text(name), claim.at(name))


def _level_text(name: str, level: Callable[[Claim], Level | None]) -> ReadClaim:
    def read(claim: Claim) -> FieldValues:
        found = level(claim)
        if found is None:
            raise Unread("the level above the claim is missing")
        return _seen(found.text(name), found.at(name))

    return read


def _subscriber(name: str) -> ReadClaim:
    return _level_text(name, lambda claim: claim.context.subscriber)


def _modifiers(_: Claim, line: ServiceLine) -> FieldValues:
    return FieldValues(tuple(line.located_modifiers()), line.at("modifiers"))


def _modifiers_same_day(claim: Claim, line: ServiceLine) -> FieldValues:
    same = _same_day(claim, line)
    others = _few(same.modifiers.get(line.procedure, {}), "modifiers on this day")
    own = tuple(line.located_modifiers())
    return FieldValues((*own, *(found for found in others if found[0] not in dict(own))), line.at("modifiers"))


def _procedures_same_day(claim: Claim, line: ServiceLine) -> FieldValues:
    lines = _few(_same_day(claim, line).procedures, "procedures on this day")
    others = (next((other for other in first_two if other is not line), None) for _, first_two in lines)
    return FieldValues(
        tuple((other.procedure, other.at("procedure")) for other in others if other), line.at("procedure")
    )


@attrs.define
class _Day:
    """The service lines of a day: by procedure the first two of them, and each modifier with its first location."""

    procedures: dict[str, list[ServiceLine]] = attrs.field(factory=dict)
    modifiers: dict[str, dict[str, Location]] = attrs.field(factory=lambda: defaultdict(dict))


@once_per_claim
def _days(claim: Claim) -> Mapping[date | None, _Day]:
    days: dict[date | None, _Day] = defaultdict(_Day)
    for line in claim.lines:
        day = days[line.service_date]
        first_two = day.procedures.setdefault(line.procedure, [])
        if len(first_two) < 2:
            first_two.append(line)
        for modifier, at in line.located_modifiers():
            day.modifiers[line.procedure].setdefault(modifier, at)
    return days


def _same_day(claim: Claim, line: ServiceLine) -> _Day:
    if line.service_date is None:
        raise Unread("the date of service is missing")
    return _days(claim)[line.service_date]


def _few(found: Mapping[str, _T], what: str) -> Sequence[tuple[str, _T]]:
    """What there is of a day, by code. Raises `Unread` if it is more than can be compared with each line."""
    if len(found) > _MOST_COMPARED:
        raise Unread(f"the claim has more than {_MOST_COMPARED} {what}")
    return list(found.items())


def _diagnoses(claim: Claim, line: ServiceLine) -> FieldValues:
    if claim.type == "837I" and len(claim.listed_diagnoses) > _MOST_COMPARED:
        raise Unread(f"the claim has more than {_MOST_COMPARED} diagnoses")
    found = pointed(claim, line)
    if not found:
        raise Unread("the line points to no listed diagnosis" if claim.type == "837P" else "no diagnosis is listed")
    return FieldValues(tuple((item.diagnosis.code, item.location) for item in found), found[0].location)


def _claim_diagnoses(claim: Claim) -> FieldValues:
    found = tuple((item.code, claim.at_diagnosis(item)) for item in claim.listed_diagnoses)
    return FieldValues(found, found[0][1] if found else claim.at("principal_diagnosis"))


def _principal_diagnosis(claim: Claim) -> FieldValues:
    every = _claim_diagnoses(claim)
    return FieldValues(every.values[:1], every.missing_at)


def _place_of_service(claim: Claim, line: ServiceLine) -> FieldValues:
    own = line.at("place_of_service") if line.place_of_service else claim.at("facility_code")
    return _seen(claim.place_of(line), own)


def _bill_type(claim: Claim) -> FieldValues:
    return _seen(claim.facility_code + claim.frequency, claim.at("facility_code"))


def _prior_authorization(claim: Claim, line: ServiceLine) -> FieldValues:
    """The line's number, else the claim's. An 837I has none on the line."""
    nearest = line if claim.type == "837P" and not claim.text("prior_authorization") else claim
    return _seen(nearest.text("prior_authorization"), nearest.at("prior_authorization"))


def _ndc(_: Claim, line: ServiceLine) -> FieldValues:
    return _seen(line.ndc, line.at("ndc"))


def _patient_age(claim: Claim, line: ServiceLine) -> FieldValues:
    patient = claim.patient
    if patient is None:
        raise Unread("the level above the claim is missing")
    born, day = patient.birth_date, line.service_date
    if day is None:
        raise Unread("the date of service is missing")
    return _counted(None if born is None else whole_years(born, day), patient.at("birth_date"))


def _providers(claim: Claim, line: ServiceLine, entity: str) -> Sequence[Provider]:
    """The line's providers of a kind, else the claim's."""
    own = [provider for provider in line.providers if provider.entity == entity]
    return own or [provider for provider in claim.providers if provider.entity == entity]


def _provider_location(claim: Claim, line: ServiceLine, entity: str, name: str) -> Location:
    loop = CLAIM_PROVIDERS[claim.type].get(entity)
    if loop:
        return Location(claim.span, 0, loop, name)
    return attrs.evolve(line.at("procedure"), loop=LINE_PROVIDERS[claim.type][entity], element=name)


def _npi_of(entity: str) -> ReadLine:
    def read(claim: Claim, line: ServiceLine) -> FieldValues:
        found = [(one.npi, one.location) for one in _providers(claim, line, entity) if one.npi]
        return FieldValues(tuple(found), _provider_location(claim, line, entity, "NM109"))

    return read


def _rendering_taxonomy(claim: Claim, line: ServiceLine) -> FieldValues:
    found = []
    for provider in _providers(claim, line, "82"):
        segments = provider.span.segments
        for index in range(provider.position + 1, len(segments)):
            segment = segments[index]
            if segment[0] in ("NM1", "LX", "SBR", "SVD"):
                break
            if segment[0] == "PRV":
                at = Location(provider.span, index, provider.loop, "PRV03", provider.service_line)
                found.append((element(segment, 3), at))
    return FieldValues(tuple(found), _provider_location(claim, line, "82", "PRV03"))


def _types(*tables: Mapping[ClaimType, Mapping[str, object]], key: str) -> tuple[ClaimType, ...]:
    """The claim types that have a key in one of the tables."""
    return tuple(kind for kind in CLAIM_TYPES if any(key in table[kind] for table in tables))


def _of_line(name: str, words: str, shape: ValueShape | None = None) -> RuleField:
    return RuleField(words, _line_text(name), types=_types(fields.LINE, key=name), shape=shape)


def _provider(entity: str, words: str) -> RuleField:
    types = _types(CLAIM_PROVIDERS, LINE_PROVIDERS, key=entity)
    return RuleField(f"the NPI of the {words} provider", _npi_of(entity), types=types, shape=_NPI)


FIELDS: Mapping[str, RuleField] = MappingProxyType(
    {
        "procedure": _of_line("procedure", "the procedure code", PROCEDURE),
        "procedures_same_day": RuleField(
            "the procedure codes of the claim's other lines on this day",
            _procedures_same_day,
            shape=PROCEDURE,
            many=True,
        ),
        "modifiers": RuleField("the line's modifiers", _modifiers, shape=_MODIFIER, many=True),
        "modifiers_same_day": RuleField(
            "the modifiers on the claim's lines of this procedure and day",
            _modifiers_same_day,
            shape=_MODIFIER,
            many=True,
        ),
        "diagnoses": RuleField("the line's diagnoses", _diagnoses, shape=_DIAGNOSIS, many=True),
        "units": RuleField("the number of units", lambda _, line: _counted(line.units, line.at("units")), numbers=True),
        "unit_basis": _of_line("unit_basis", "the unit basis", _TWO),
        "charge": RuleField(
            "the line's charge", lambda _, line: _counted(line.charge, line.at("charge")), numbers=True
        ),
        "revenue_code": _of_line("revenue_code", "the revenue code", _REVENUE),
        "place_of_service": RuleField(
            "the place of service", _place_of_service, types=("837P",), shape=_PLACE_OF_SERVICE
        ),
        "description": _of_line("description", "the line's description"),
        "ndc": RuleField("the NDC", _ndc, shape=_NDC),
        "ndc_quantity": RuleField(
            "the NDC quantity", lambda _, line: _counted(line.ndc_quantity, line.at("ndc_quantity")), numbers=True
        ),
        "ndc_unit": _of_line("ndc_unit", "the unit of the NDC quantity", _TWO),
        "line_control_number": _of_line("line_control_number", "the line's control number"),
        "prior_authorization": RuleField("the prior authorization number", _prior_authorization),
        "patient_age": RuleField("the patient's age in whole years", _patient_age, numbers=True),
        "referring_provider": _provider("DN", "referring"),
        "ordering_provider": _provider("DK", "ordering"),
        "rendering_provider": _provider("82", "rendering"),
        "supervising_provider": _provider("DQ", "supervising"),
        "attending_provider": _provider("71", "attending"),
        "rendering_taxonomy": RuleField(
            "the taxonomy code of the rendering provider", _rendering_taxonomy, types=("837P",), shape=_TAXONOMY
        ),
        "taxonomy": RuleField(
            "the taxonomy code of the billing provider",
            of_claim=_level_text("taxonomy", lambda claim: claim.context.billing),
            shape=_TAXONOMY,
        ),
        "total_charge": RuleField(
            "the claim's total charge",
            of_claim=lambda claim: _counted(claim.total_charge, claim.at("total_charge")),
            numbers=True,
        ),
        "frequency": RuleField("the frequency code", of_claim=_claim_text("frequency"), shape=_ONE),
        "bill_type": RuleField("the bill type", of_claim=_bill_type, types=("837I",), shape=_BILL_TYPE),
        "claim_diagnoses": RuleField("the claim's diagnoses", of_claim=_claim_diagnoses, shape=_DIAGNOSIS, many=True),
        "principal_diagnosis": RuleField("the principal diagnosis", of_claim=_principal_diagnosis, shape=_DIAGNOSIS),
        "claim_note": RuleField("the claim note", of_claim=_claim_text("claim_note")),
        "referral": RuleField("the referral number", of_claim=_claim_text("referral")),
        "payer_claim_control_number": RuleField(
            "the payer's number of the claim before", of_claim=_claim_text("payer_claim_control_number")
        ),
        "filing_indicator": RuleField(
            "the claim filing indicator", of_claim=_subscriber("filing_indicator"), shape=_TWO
        ),
        "payer_sequence": RuleField("the payer's sequence code", of_claim=_subscriber("payer_sequence"), shape=_ONE),
        "member_id": RuleField("the member id", of_claim=_subscriber("member_id"), shape=_ID),
    }
)
"""All fields by name: first the fields of a line, then those of a claim."""
