"""Descriptions of claims and of the files that hold them.

Nothing is checked here, so that faulty claims can be described too: any number or date may be given as text, and is
written as it stands.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeAlias

import attrs

from scrubber.x12.guides import ClaimType

Number: TypeAlias = str | int | Decimal
Day: TypeAlias = date | str
Dates: TypeAlias = Day | tuple[date, date]

VERSIONS: dict[ClaimType, str] = {"837P": "005010X222A1", "837I": "005010X223A2"}

SERVICE_DATE = date(2026, 10, 5)
FILE_DATE = date(2026, 10, 15)

BENLYSTA_120 = "49401010101"
BENLYSTA_400 = "49401010201"
SAPHNELO = "00310304000"
AUTOINJECTOR = "49401008801"
SYRINGE = "49401008842"


def npi(nine_digits: str) -> str:
    """An NPI with its check digit: Luhn over the digits after the prefix 80840.

    Those made here begin with 2, which is valid but never issued.
    """
    digits = [int(digit) for digit in f"80840{nine_digits}"]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[::-2]]
    return f"{nine_digits}{-(sum(doubled) + sum(digits[-2::-2])) % 10}"


RENDERING_NPI = npi("200000002")
OTHER_RENDERING_NPI = npi("200000003")
ATTENDING_NPI = npi("200000004")


@attrs.frozen
class LineSpec:
    """A service line. A value of `None` is left out, or follows from the procedure (charge, revenue code).

    `dates` of `None` leaves out DTP*472, as an 837I may. `extra` holds more segments of loop 2400, written with `*` and
    `:`; they stand before loop 2410. `loops` stand after it.
    """

    procedure: str
    modifiers: tuple[str, ...] = ()
    units: Number = 1
    charge: Number | None = None
    unit_basis: str = "UN"
    dates: Dates | None = SERVICE_DATE
    pointers: tuple[Number, ...] = (1,)
    ndc: str | None = None
    ndc_quantity: Number | None = None
    ndc_unit: str | None = None
    revenue_code: str | None = None
    description: str = ""
    control_number: str | None = None
    rendering_npi: str | None = None
    place_of_service: str = ""
    extra: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()


@attrs.frozen
class ClaimSpec:
    """A claim with its subscriber, and its patient where that is a dependent.

    A value of `None` is left out, or follows: `facility_code` and `filing` from the type, the payer from the filing
    indicator, the member id from the claim's number in the file, the statement dates of an 837I and the total from the
    lines.

    `diagnoses` are bare codes, the first principal, or carry their qualifier (`BK:7100`). `weight` is in pounds (PAT08)
    on an 837P, in kilograms (value code A8) on an 837I. `insurance_type` (SBR05) is the reason why Medicare is
    secondary. `stay` holds the admission and discharge (DTP) of an 837I. `birth_date` is the patient's. A dependent's
    subscriber has a birth date only where `subscriber_birth_date` names it. `extra` segments of loop 2300 stand before
    the note and HI, `loops` after the claim's provider.
    """

    type: ClaimType
    claim_id: str
    lines: tuple[LineSpec, ...]
    diagnoses: tuple[str, ...] = ("M3219", "Z79899")
    filing: str | None = None
    payer_name: str | None = None
    payer_id: str | None = None
    payer_sequence: str = "P"
    insurance_type: str = ""
    member_id: str | None = None
    birth_date: Day | None = date(1984, 3, 9)
    sex: str = "F"
    dependent: bool = False
    relationship: str = "19"
    subscriber_birth_date: Day | None = None
    weight: Number | None = None
    facility_code: str | None = None
    frequency: str = "1"
    payer_claim_control_number: str | None = None
    prior_authorization: str | None = "PA700100"
    clearinghouse_id: str | None = None
    statement_dates: Dates | None = None
    stay: tuple[str, ...] = ()
    total_charge: Number | None = None
    note: str | None = None
    rendering_npi: str | None = RENDERING_NPI
    extra: tuple[str, ...] = ()
    loops: tuple[str, ...] = ()


@attrs.frozen
class BillingProvider:
    """Who bills all claims of a transaction."""

    name: str
    npi: str
    taxonomy: str
    tax_id: str


BILLING: dict[ClaimType, BillingProvider] = {
    "837P": BillingProvider("QUIET MEADOW LUPUS CENTER", npi("200000001"), "261QI0500X", "990000001"),
    "837I": BillingProvider("STONE BRIDGE HOSPITAL", npi("200000005"), "282N00000X", "990000002"),
}


@attrs.frozen
class TransactionSpec:
    """ST to SE: claims of one type under one billing provider."""

    claims: tuple[ClaimSpec, ...]
    control: str = "0001"
    type: ClaimType | None = None
    billing: BillingProvider | None = None
    version: str | None = None


@attrs.frozen
class GroupSpec:
    """GS to GE; `date` is GS04."""

    transactions: tuple[TransactionSpec, ...]
    control: str = "1"
    date: date = FILE_DATE


@attrs.frozen
class DelimiterSpec:
    """The delimiters of an interchange."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"


@attrs.frozen
class InterchangeSpec:
    """ISA to IEA; it is dated as its first group."""

    groups: tuple[GroupSpec, ...]
    control: str = "000000001"
    delimiters: DelimiterSpec = DelimiterSpec()
