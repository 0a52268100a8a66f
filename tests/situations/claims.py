"""What several situations are made of: drug packages, claims of one drug, stays, and payments of another payer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs

from scrubber.testing import PAYERS, SERVICE_DATE, ClaimSpec, ClaimType, LineSpec, infusion_claim

RHEUMATOID_ARTHRITIS = ("M0579", "Z79899")
CROHNS_DISEASE = ("K5090", "Z79899")
COLITIS = ("K5190", "Z79899")
LUPUS = ("M3219", "Z79899")


@attrs.frozen
class Package:
    """A vial or syringe: its code and NDC, and the billing units and the NDC quantity that it holds.

    The facts are those of the CMS ASP NDC-HCPCS crosswalk of October 2025; the price of a unit is invented.
    """

    procedure: str
    ndc: str
    units: int
    quantity: str
    unit: str
    price: int = 90

    def line(self, units: int, *modifiers: str, **changes: Any) -> LineSpec:
        """A service line for so many units out of these packages."""
        quantity = (Decimal(self.quantity) * units / self.units).quantize(Decimal("0.001")).normalize()
        line = LineSpec(
            self.procedure,
            modifiers,
            units,
            self.price * units,
            ndc=self.ndc,
            ndc_quantity=f"{quantity:f}",
            ndc_unit=self.unit,
        )
        return attrs.evolve(line, **changes)


BENLYSTA_120_MG = Package("J0490", "49401010101", 12, "1", "UN", 60)
BENLYSTA_400_MG = Package("J0490", "49401010201", 40, "1", "UN", 60)
SAPHNELO_300_MG = Package("J0491", "00310304000", 300, "2", "ML", 20)
REMICADE = Package("J1745", "57894003001", 10, "1", "UN")
UNBRANDED_INFLIXIMAB = Package("J1745", "57894016001", 10, "1", "UN")
INFLECTRA = Package("Q5103", "00069080901", 10, "1", "UN")
RENFLEXIS = Package("Q5104", "78206016201", 10, "1", "UN")
AVSOLA = Package("Q5121", "55513067001", 10, "1", "UN")
ORENCIA_250_MG = Package("J0129", "00003218713", 25, "1", "UN")
ACTEMRA_80_MG = Package("J3262", "50242013501", 80, "4", "ML", 6)
ACTEMRA_400_MG = Package("J3262", "50242013701", 400, "20", "ML", 6)
OCREVUS = Package("J2350", "50242015001", 300, "10", "ML", 70)
SIMPONI_ARIA = Package("J1602", "57894035001", 50, "4", "ML", 30)
PROLIA = Package("J0897", "55513071001", 60, "1", "ML", 30)
ENTYVIO = Package("J3380", "64764030020", 300, "1", "UN", 30)
RITUXAN_500_MG = Package("J9312", "50242005306", 50, "50", "ML")
TRUXIMA_500_MG = Package("Q5115", "63459010450", 50, "50", "ML")
RUXIENCE_500_MG = Package("Q5119", "00069024901", 50, "50", "ML")
RIABNI_500_MG = Package("Q5123", "55513032601", 50, "50", "ML")

NEW_BIOLOGIC = LineSpec(
    "J3590",
    ("JZ",),
    1,
    2500,
    description="NOVELUMAB 250 MG",
    ndc="99999012301",
    ndc_quantity=1,
    ndc_unit="UN",
)
"""An invented biologic that has no code of its own."""

SIMPLE = LineSpec("96365")
COMPLEX = LineSpec("96413")


def infused(
    claim_type: ClaimType,
    claim_id: str,
    *lines: LineSpec,
    diagnoses: tuple[str, ...] = LUPUS,
    **changes: Any,
) -> ClaimSpec:
    """A claim of these lines, nothing else changed."""
    return infusion_claim(claim_type, claim_id, lines=lines, diagnoses=diagnoses, **changes)


def no_code(revenue_code: str, charge: int, units: int = 1, unit_basis: str = "UN") -> LineSpec:
    """A hospital's line without a procedure code, dated as the statement is."""
    return LineSpec("", (), units, charge, unit_basis, dates=None, revenue_code=revenue_code)


def on_days(claim: ClaimSpec, *days: date) -> ClaimSpec:
    """The claim with its lines repeated for each of these days."""
    return attrs.evolve(claim, lines=tuple(attrs.evolve(line, dates=day) for day in days for line in claim.lines))


def hospital_stay(claim_id: str, *lines: LineSpec, diagnosis: str, bill_type: str = "11", days: int = 3) -> ClaimSpec:
    """An inpatient claim from admission to discharge: room and board, pharmacy, and more lines without dates."""
    return infused(
        "837I",
        claim_id,
        no_code("0120", 1200 * days, days, "DA"),
        no_code("0250", 640, 12),
        *(attrs.evolve(line, dates=None) for line in lines),
        diagnoses=(f"ABK:{diagnosis}:::::::Y", f"ABJ:{diagnosis}", "Z79899"),
        facility_code=bill_type,
        statement_dates=(SERVICE_DATE, SERVICE_DATE + timedelta(days=days)),
        stay=(f"DTP*435*DT*{SERVICE_DATE:%Y%m%d}1410", "DTP*096*TM*1130"),
    )


def other_payer(sequence: str, filing: str, paid: int | None = None) -> tuple[str, ...]:
    """Loops 2320 and 2330 of another payer of the first patient in a file, and what it paid for the claim."""
    name, payer_id = PAYERS[filing]
    member = "1AA0AA0AA01" if filing in ("MA", "MB") else "OTHER00001"
    return (
        f"SBR*{sequence}*18*******{filing}",
        *(() if paid is None else (f"AMT*D*{paid}",)),
        "OI***Y***Y",
        f"NM1*IL*1*BIRCHMERE*BRUNO****MI*{member}",
        f"NM1*PR*2*{name}*****PI*{payer_id}",
    )


def paid_by(line: LineSpec, filing: str, charge: int, paid: int) -> LineSpec:
    """The line with what another payer paid for it (loop 2430); the rest of the charge is its contract's."""
    service = ":".join(["HC", line.procedure, *line.modifiers])
    adjudication = (
        f"SVD*{PAYERS[filing][1]}*{paid}*{service}**{line.units}",
        f"CAS*CO*45*{charge - paid}",
        f"DTP*573*D8*{date(2026, 10, 12):%Y%m%d}",
    )
    return attrs.evolve(line, charge=charge, loops=adjudication)
