"""Writes the segments of described claims: what differs between the two guides follows from the type of the claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import count, groupby
from typing import TypeVar

from scrubber.testing.specs import (
    ATTENDING_NPI,
    BILLING,
    FILE_DATE,
    OTHER_RENDERING_NPI,
    RENDERING_NPI,
    SERVICE_DATE,
    VERSIONS,
    ClaimSpec,
    Dates,
    Day,
    DelimiterSpec,
    GroupSpec,
    InterchangeSpec,
    LineSpec,
    Number,
    TransactionSpec,
)
from scrubber.x12.guides import ClaimType

T = TypeVar("T")

PRICES = {
    "J0490": Decimal(60),
    "J0491": Decimal(20),
    "96365": Decimal(180),
    "96366": Decimal(45),
    "96367": Decimal(70),
    "96413": Decimal(320),
    "96415": Decimal(75),
    "99213": Decimal(120),
    "99214": Decimal(170),
    "G0463": Decimal(150),
}
"""Charge of one unit, where a line names no charge."""

REVENUE = {"J": "0636", "Q": "0636", "963": "0260", "964": "0335", "99": "0510", "G0463": "0510"}
"""Revenue code by the beginning of a procedure code, where a line of an 837I names none."""

STAYS = ("11",)
"""Facility codes of an 837I that have an admission and a discharge hour."""

PAYERS = {
    "MA": ("SAMPLE MEDICARE PART A", "00001"),
    "MB": ("SAMPLE MEDICARE PART B", "00002"),
    "16": ("SILVER BIRCH MEDICARE ADVANTAGE", "SB016"),
    "MC": ("SAMPLE STATE MEDICAID", "SM001"),
    "CI": ("HARBOR LIGHT INSURANCE", "HL100"),
    "BL": ("BLUE HERON PLAN", "BH200"),
}
"""Payer name and id by filing indicator, where a claim names no payer; all invented."""


def write(interchanges: Iterable[InterchangeSpec], *, eol: str = "\n") -> str:
    """The file of these interchanges; `eol` follows each segment terminator."""
    ordinals = count(1)
    return "".join(
        _delimited(segment, one.delimiters) + one.delimiters.terminator + eol
        for one in interchanges
        for segment in _interchange(one, ordinals)
    )


# Segments are written with the usual `*`, `:` and `^` and given their delimiters at the end. Elements and components
# that are empty at the end of a segment or composite are cut off there, so that each line below shows all of them.


def _delimited(segment: str, delimiters: DelimiterSpec) -> str:
    if not segment.startswith("ISA"):
        segment = re.sub(r":+(?=\*|$)", "", segment).rstrip("*")
    return segment.translate(
        {ord("*"): delimiters.element, ord(":"): delimiters.component, ord("^"): delimiters.repetition}
    )


def _interchange(described: InterchangeSpec, ordinals: Iterator[int]) -> Iterator[str]:
    day = described.groups[0].date if described.groups else FILE_DATE
    parties = f"ZZ*{'SAMPLESENDER':15}*ZZ*{'SAMPLERECEIVER':15}"
    yield f"ISA*00*{'':10}*00*{'':10}*{parties}*{day:%y%m%d}*0830*^*00501*{described.control}*0*T*:"
    for group in described.groups:
        yield from _group(group, ordinals)
    yield f"IEA*{len(described.groups)}*{described.control}"


def _group(group: GroupSpec, ordinals: Iterator[int]) -> Iterator[str]:
    version = _version(group.transactions[0]) if group.transactions else VERSIONS["837P"]
    yield f"GS*HC*SAMPLESENDER*SAMPLERECEIVER*{_d8(group.date)}*0830*{group.control}*X*{version}"
    for transaction in group.transactions:
        body = [*_transaction(transaction, group.date, ordinals)]
        yield from body
        yield f"SE*{len(body) + 1}*{transaction.control}"
    yield f"GE*{len(group.transactions)}*{group.control}"


def _type(transaction: TransactionSpec) -> ClaimType:
    return transaction.type or (transaction.claims[0].type if transaction.claims else "837P")


def _version(transaction: TransactionSpec) -> str:
    return transaction.version or VERSIONS[_type(transaction)]


def _transaction(transaction: TransactionSpec, day: date, ordinals: Iterator[int]) -> Iterator[str]:
    billing = transaction.billing or BILLING[_type(transaction)]
    yield f"ST*837*{transaction.control}*{_version(transaction)}"
    yield f"BHT*0019*00*BATCH{transaction.control}*{_d8(day)}*0830*CH"
    yield "NM1*41*2*SAMPLE BILLING SERVICE*****46*SUBMIT01"
    yield "PER*IC*CLAIMS DESK*TE*5555550100"
    yield "NM1*40*2*SAMPLE CLEARINGHOUSE*****46*RECEIVE01"
    yield "HL*1**20*1"
    yield f"PRV*BI*PXC*{billing.taxonomy}"
    yield f"NM1*85*2*{billing.name}*****XX*{billing.npi}"
    yield "N3*1 SAMPLE PARKWAY"
    yield "N4*SAMPLETOWN*OH*432999998"
    yield f"REF*EI*{billing.tax_id}"
    level = 2
    for claim in transaction.claims:
        yield from _subscriber(claim, level, next(ordinals))
        level += 2 if claim.dependent else 1
        yield from _claim(claim)


def _subscriber(claim: ClaimSpec, level: int, ordinal: int) -> Iterator[str]:
    """Loop 2000B, and 2000C where the patient is a dependent."""
    filing = _filing(claim)
    name, payer_id = PAYERS.get(filing, ("SAMPLE PAYER", "SP001"))
    last, first = _name(ordinal)
    weight = claim.weight if claim.type == "837P" else None
    yield f"HL*{level}*1*22*{int(claim.dependent)}"
    yield f"SBR*{claim.payer_sequence}*{'' if claim.dependent else '18'}***{claim.insurance_type}****{filing}"
    if weight is not None and not claim.dependent:
        yield f"PAT*******01*{_text(weight)}"
    yield f"NM1*IL*1*{last}*{first}****MI*{_given(claim.member_id, _member_id(filing, ordinal))}"
    yield from _address(ordinal)
    birth_date = claim.subscriber_birth_date if claim.dependent else claim.birth_date
    if birth_date is not None:
        yield f"DMG*D8*{_d8(birth_date)}*{claim.sex}"
    yield f"NM1*PR*2*{_given(claim.payer_name, name)}*****PI*{_given(claim.payer_id, payer_id)}"
    if claim.dependent:
        yield f"HL*{level + 1}*{level}*23*0"
        yield f"PAT*{claim.relationship}" + ("" if weight is None else f"******01*{_text(weight)}")
        yield f"NM1*QC*1*{last}*{_GIVEN_NAMES[(ordinal + 7) % len(_GIVEN_NAMES)]}"
        yield from _address(ordinal)
        if claim.birth_date is not None:
            yield f"DMG*D8*{_d8(claim.birth_date)}*{claim.sex}"


def _claim(claim: ClaimSpec) -> Iterator[str]:
    professional = claim.type == "837P"
    facility = _given(claim.facility_code, "11" if professional else "13")
    total = _text(_total(claim.lines) if claim.total_charge is None else claim.total_charge)
    qualifier, signature = ("B", "Y") if professional else ("A", "")
    yield f"CLM*{claim.claim_id}*{total}***{facility}:{qualifier}:{claim.frequency}*{signature}*A*Y*Y"
    if not professional:
        dates = _statement_dates(claim)
        if facility in STAYS and not claim.stay:
            yield "DTP*096*TM*1030"
        yield _period("434", dates)
        if facility in STAYS and not claim.stay:
            yield f"DTP*435*DT*{_d8(dates[0] if isinstance(dates, tuple) else dates)}0815"
        yield from claim.stay
        yield "CL1*3*1*01"
    if claim.prior_authorization is not None:
        yield f"REF*G1*{claim.prior_authorization}"
    if claim.payer_claim_control_number is not None:
        yield f"REF*F8*{claim.payer_claim_control_number}"
    if claim.clearinghouse_id is not None:
        yield f"REF*D9*{claim.clearinghouse_id}"
    yield from claim.extra
    if claim.note is not None:
        yield f"NTE*ADD*{claim.note}"
    yield from _diagnoses(claim)
    if not professional and claim.weight is not None:
        yield f"HI*BE:A8:::{_text(claim.weight)}"
    if not professional:
        yield f"NM1*71*1*FENWARREN*OTTO****XX*{ATTENDING_NPI}"
        yield "PRV*AT*PXC*207RR0500X"
    elif claim.rendering_npi is not None:
        yield f"NM1*82*1*{_RENDERING_NAMES.get(claim.rendering_npi, 'THISTLEDON*MIRA')}****XX*{claim.rendering_npi}"
        yield "PRV*PE*PXC*207RR0500X"
    yield from claim.loops
    for number, line in enumerate(claim.lines, 1):
        yield from _line(claim.type, number, line)


def _diagnoses(claim: ClaimSpec) -> Iterator[str]:
    """HI segments: all in one on an 837P; on an 837I one for each qualifier, of at most twelve codes."""
    coded = [_qualified(at, code) for at, code in enumerate(claim.diagnoses)]
    if claim.type == "837P":
        runs = [coded] if coded else []
    else:
        alike = [[*run] for _, run in groupby(coded, key=lambda code: code.partition(":")[0])]
        runs = [run[first : first + 12] for run in alike for first in range(0, len(run), 12)]
    return ("*".join(["HI", *run]) for run in runs)


def _qualified(at: int, code: str) -> str:
    return code if ":" in code else f"{'ABF' if at else 'ABK'}:{code}"


def _line(claim_type: ClaimType, number: int, line: LineSpec) -> Iterator[str]:
    modifiers = [*line.modifiers, "", "", "", ""][: max(4, len(line.modifiers))]
    service = ":".join(["HC", line.procedure, *modifiers, line.description]) if line.procedure else ""
    billed = f"{_text(_charge(line))}*{line.unit_basis}*{_text(line.units)}"
    yield f"LX*{number}"
    if claim_type == "837P":
        yield f"SV1*{service}*{billed}*{line.place_of_service}**{':'.join(map(_text, line.pointers))}"
    else:
        yield f"SV2*{_given(line.revenue_code, _revenue_code(line.procedure))}*{service}*{billed}"
    if isinstance(line.dates, tuple):
        yield _period("472", line.dates)
    elif line.dates is not None:
        yield f"DTP*472*D8*{_d8(line.dates)}"
    if line.control_number is not None:
        yield f"REF*6R*{line.control_number}"
    yield from line.extra
    if line.ndc is not None:
        yield f"LIN**N4*{line.ndc}"
    if line.ndc_quantity is not None or line.ndc_unit is not None:
        yield f"CTP****{_text('' if line.ndc_quantity is None else line.ndc_quantity)}*{_given(line.ndc_unit, '')}"
    if line.rendering_npi is not None:
        yield f"NM1*82*1*{_RENDERING_NAMES.get(line.rendering_npi, 'THISTLEDON*MIRA')}****XX*{line.rendering_npi}"
    yield from line.loops


def _charge(line: LineSpec) -> Number:
    if line.charge is not None:
        return line.charge
    return trimmed(PRICES.get(line.procedure, Decimal(100)) * amount(line.units))


def _total(lines: Iterable[LineSpec]) -> Decimal:
    return sum((amount(_charge(line)) for line in lines), Decimal(0))


def _revenue_code(procedure: str) -> str:
    return next((code for begin, code in REVENUE.items() if procedure.startswith(begin)), "0260")


def _filing(claim: ClaimSpec) -> str:
    return _given(claim.filing, "MB" if claim.type == "837P" else "MA")


def _statement_dates(claim: ClaimSpec) -> Dates:
    if claim.statement_dates is not None:
        return claim.statement_dates
    days = [day for line in claim.lines for day in _days(line.dates)] or [SERVICE_DATE]
    return min(days), max(days)


def _days(dates: Dates | None) -> Sequence[date]:
    return dates if isinstance(dates, tuple) else (dates,) if isinstance(dates, date) else ()


def _period(qualifier: str, dates: Dates) -> str:
    """A DTP in format RD8; text is written as it stands."""
    first, last = dates if isinstance(dates, tuple) else (dates, dates)
    return f"DTP*{qualifier}*RD8*{dates if isinstance(dates, str) else f'{_d8(first)}-{_d8(last)}'}"


def _d8(day: Day) -> str:
    return day if isinstance(day, str) else f"{day:%Y%m%d}"


def _text(number: Number) -> str:
    return f"{number:f}" if isinstance(number, Decimal) else str(number)


def amount(number: Number) -> Decimal:
    """What a number is worth in a sum; text that is none is worth nothing."""
    try:
        return Decimal(number)
    except InvalidOperation:
        return Decimal(0)


def trimmed(number: Decimal) -> Decimal:
    """At most three decimals, no zeros at the end."""
    rounded = round(number, 3).normalize()
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def _given(value: T | None, default: T) -> T:
    return default if value is None else value


def _member_id(filing: str, ordinal: int) -> str:
    """An invented member id; for Medicare one in the shape of its numbers (11 characters, no S L O I B Z)."""
    if filing in ("MA", "MB"):
        return f"9XX{ordinal // 1000 % 10}XX{ordinal // 100 % 10}XX{ordinal % 100:02}"
    return f"MEM{ordinal:07}"


def _name(ordinal: int) -> tuple[str, str]:
    return _SURNAMES[ordinal % len(_SURNAMES)], _GIVEN_NAMES[ordinal % len(_GIVEN_NAMES)]


def _address(ordinal: int) -> Iterator[str]:
    yield f"N3*{10 + ordinal} SAMPLE LANE"
    yield "N4*SAMPLETOWN*OH*43299"


_RENDERING_NAMES = {RENDERING_NPI: "THISTLEDON*MIRA", OTHER_RENDERING_NPI: "OAKENSHIRE*PAUL"}

_SURNAMES = (
    *("ASHVALE", "BIRCHMERE", "COPPERWICK", "DUNBARROW", "ELDERFORD", "FALLOWMEAD", "GORSEHAM", "HAZELCOTE"),
    *("IRONWOLD", "JUNIPERLY", "KESTRELTON", "LARKMOOR", "MOSSGATE", "NETTLEBY", "ORCHARDINE", "PEBBLESTOW"),
    *("QUILLHURST", "ROWANLEA", "SEDGEWATER", "TEASELTHORPE", "UNDERLING", "VALEBROOK", "WILLOWDENE"),
)
_GIVEN_NAMES = (
    *("ADA", "BRUNO", "CLARA", "DORIAN", "EDITH", "FELIX", "GRETA", "HUGO", "IDA", "JONAS", "KLARA", "LEON"),
    *("MAUD", "NILS", "OLGA", "PIA", "RUTH", "SILAS", "TESS", "URSULA", "VERA", "WANDA"),
)
