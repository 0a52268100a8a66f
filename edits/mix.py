"""Two lupus drugs mistaken for each other, or billed together."""

from __future__ import annotations

from decimal import Decimal

from scrubber.claims.doses import doses
from scrubber.claims.model import Claim
from scrubber.claims.weight import kilograms
from scrubber.edit import NotChecked, Results, edit, family, finding, procedures
from scrubber.reference import Facts
from scrubber.reference.vials import reachable

_CROSSWALK = "CMS ASP NDC-HCPCS crosswalk, Oct 2025"


@edit(
    "MIX01",
    "Belimumab and anifrolumab on the same day",
    severity="warn",
    concerns=family("lupus_drugs"),
    claim_status="A8:507",
    carc="50",
    source="Benlysta label, June 2025, and Saphnelo label: use with other biologics was not studied",
    confidence=0.9,
)
def both_lupus_drugs(claim: Claim, _: Facts) -> Results:
    """What it checks: J0490 and J0491 are not billed for the same day.

    Why it is denied: the drugs are not used together; one of the codes is most likely a mix-up.

    How to fix: keep the code of the drug that was given.
    """
    belimumab = {line.service_date for line in claim.lines if line.procedure == "J0490"}
    told = set()
    for line in claim.lines:
        if line.procedure == "J0491" and line.service_date in belimumab and line.service_date not in told:
            told.add(line.service_date)
            yield finding(
                line.at("procedure"),
                "J0491 (anifrolumab) and J0490 (belimumab) on the same day",
                "check which of the two was given, and remove the other",
            )


@edit(
    "MIX02",
    "Units that count like the other lupus drug",
    severity="warn",
    concerns=family("lupus_drugs"),
    claim_status="A8:476",
    carc="16",
    rarc="M53",
    source=f"{_CROSSWALK}: J0490 counts 10 mg, J0491 counts 1 mg",
    confidence=0.85,
)
def units_of_other_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: J0490 is not billed with 300 units, the dose of J0491; J0491 with a belimumab NDC is not
    billed with units that belimumab vials make.

    Why it is denied: 300 units of J0490 are 3,000 mg, which nobody is given; the units belong to the other code.

    How to fix: bill the code of the drug that was given, in its own units.
    """
    for line in claim.lines:
        day, units = line.service_date, line.units
        if line.procedure not in ("J0490", "J0491") or day is None or units is None or units != int(units):
            continue
        if line.procedure == "J0490":
            whole_dose = units > 0 and all(units % size == 0 for size in facts.vials("J0491", day) or {300})
            if whole_dose:
                yield finding(
                    line.at("units"),
                    f"{int(units)} units of J0490 are {int(units) * 10:,} mg; 300 is what one vial of J0491 counts",
                    "bill J0491 if anifrolumab was given, else correct the units (10 mg each)",
                )
            continue
        product = facts.product(line.ndc)
        sizes = facts.vials("J0490", day)
        if product and product.hcpcs == "J0490" and sizes and reachable(int(units), sizes):
            yield finding(
                line.at("units"),
                f"{int(units)} units are whole vials of belimumab, counted for J0490",
                "bill J0490 if belimumab was given, else correct NDC and units (1 mg each)",
            )


_LEAST, _MOST = Decimal("0.8"), Decimal("1.2")
"""Units of 10 mg for each kilogram of body weight, around the labelled 10 mg/kg."""
_BELIMUMAB = frozenset({"J0490"})


@edit(
    "MIX03",
    "Belimumab units that do not fit the weight",
    severity="warn",
    concerns=procedures("J0490"),
    claim_status="A8:476",
    carc="153",
    source="Benlysta label: 10 mg for each kilogram",
    confidence=0.8,
)
def units_and_weight(claim: Claim, _: Facts) -> Results:
    """What it checks: where the claim gives the patient's weight, the given units of J0490 (10 mg each) are between 0.8
    and 1.2 for each kilogram. The weight is PAT08 in pounds, or value code A8 of an 837I in kilograms.

    Why it is denied: the dose is 10 mg/kg; other units are miscounted or another drug's.

    How to fix: check units and weight; discarded units belong on a JW line of their own.
    """
    weight = kilograms(claim)
    if weight is None:
        return
    if weight <= 0:
        yield NotChecked("the patient's weight is not above zero")
        return
    for dose in doses(claim, _BELIMUMAB):
        given = dose.given
        if dose.administered and given is not None and not _LEAST <= given / weight <= _MOST:
            yield finding(
                dose.administered[0].at("units"),
                f"{given:f} units of J0490 are {given * 10 / weight:.1f} mg for each kilogram; the labelled dose is 10",
                "check units and weight",
            )
