"""The National Drug Code (NDC) of a drug line: its form, quantity and unit."""

from __future__ import annotations

from decimal import Decimal

import attrs

from scrubber.claims.doses import doses, in_units, numbers
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, drugs_or_unclassified, edit, finding, infused_drugs, listed_drugs
from scrubber.reference import Facts, Product, once_per_facts
from scrubber.reference.external import ASP_CODES, ASP_CROSSWALK, NDC_DIRECTORY
from scrubber.reference.vials import reachable

from ._crosswalk import CROSSWALK, NDC_LENGTH, without_edition
from ._ndc_quantity import counts_packages, dose_billing_units, known_product


@once_per_facts
def _any_drug(facts: Facts) -> frozenset[str]:
    """Concerns claims with any infused or unclassified drug, or any drug of the loaded crosswalk."""
    return drugs_or_unclassified(facts) | listed_drugs(facts)


def _drug_lines(claim: Claim, drugs: frozenset[str]) -> list[ServiceLine]:
    """The lines of some drugs."""
    return [line for line in claim.lines if line.procedure in drugs]


@edit(
    "NDC01",
    "Infused drug without its NDC",
    severity=by_payer(ffs=None, madv="warn", mcd="reject", other="warn"),
    institutional=by_payer(ffs=None, madv="info", mcd="reject", other="info"),
    beside={"mcd": "info"},
    concerns=infused_drugs,
    part="drugs",
    claim_status="A6:218",
    carc="16",
    rarc="M119",
    source="Medicaid Drug Rebate Program; payer pages on NDC billing",
    confidence=0.9,
)
def no_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an infused drug has a National Drug Code (LIN03 with qualifier N4). An NDC after the
    line's providers (loop 2420), or before the first line, is in the wrong position and does not count. The edit skips
    bill types that pay drugs as part of the stay or the visit. Under Medicare the finding is for information, and only
    if Medicaid is the secondary payer.

    Why it is denied: the law requires the NDC on outpatient and professional Medicaid claims. Most other payers require
    it by contract. Medicare does not ask for the NDC of a drug that has its own code, but Medicaid asks for it when the
    claim crosses over.

    How to fix: add the NDC of the vial, with its quantity and unit.

    What it cannot know: what the payer's contract asks for.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        if line.procedure not in facts.drug_codes or line.ndc or line.text("ndc"):
            continue
        misplaced = _misplaced_ndc(claim, line)
        if misplaced:
            yield finding(
                misplaced,
                f"the NDC of {line.procedure} is in the wrong place, and payers do not read it there",
                "move LIN and CTP (loop 2410) before the line's providers (loop 2420) and all later loops of the line",
            )
        else:
            yield finding(
                line.at("ndc"),
                f"{line.procedure} has no NDC",
                f"add the NDC of the vial ({facts.vial_ndcs(line.procedure) or 'from its package'}), its quantity and "
                "its unit",
            )


def _misplaced_ndc(claim: Claim, line: ServiceLine) -> Location | None:
    """The location of a LIN segment that holds this line's NDC in the wrong position, if there is one."""
    segments = claim.span.segments
    first = claim.lines[0]
    before = range(first.start) if line is first else range(0)
    for index in (*range(line.loops, line.stop), *before):
        segment = segments[index]
        if segment[0] == "LIN" and len(segment) > 3 and segment[3]:
            return attrs.evolve(line.at("ndc"), index=index)
    return None


def _candidates(ndc: str, facts: Facts) -> str:
    """The part of a fix that lists the 11-digit forms of a 10-digit NDC. If one form is known, it lists only that."""
    if len(ndc) != NDC_LENGTH - 1 or not ndc.isdigit():
        return "write eleven digits (5-4-2) without hyphens, and put a zero in front of the short part"
    padded = [f"0{ndc}", f"{ndc[:5]}0{ndc[5:]}", f"{ndc[:9]}0{ndc[9:]}"]
    known = [item for item in padded if facts.product(item)]
    shown = known if len(known) == 1 else padded
    return "write eleven digits: " + " or ".join(shown) + "; the hyphens on the package show which is right"


@edit(
    "NDC02",
    "Malformed NDC",
    severity="reject",
    concerns=_any_drug,
    part="drugs",
    claim_status="A7:218",
    carc="16",
    rarc="M119",
    source="005010X222 and 005010X223, loop 2410; FDA NDC final rule 91 FR 10749",
    confidence=0.95,
    widened_by=(ASP_CROSSWALK, ASP_CODES),
)
def malformed_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: an NDC has eleven digits and no other characters, and is not all zeros. From 2033-03-07 twelve
    digits are also right. The lines are those of infused and unclassified drugs, and of all drugs in the loaded
    crosswalk.

    Why it is denied: payers cannot match a code that is not in the 5-4-2 form.

    How to fix: put a zero in front of the short part of the ten-digit code: the first part of 4-4-2, the second part of
    5-3-2, the third part of 5-4-1. Ten digits without hyphens do not show which part is short. The package does.

    What it cannot know: which digit is missing or wrong.
    """
    for line in _drug_lines(claim, _any_drug(facts)):
        ndc = line.ndc
        longer = line.service_date and line.service_date >= facts.turning_points["twelve_digit_ndc"].since
        lengths = (NDC_LENGTH, NDC_LENGTH + 1) if longer else (NDC_LENGTH,)
        if ndc and (len(ndc) not in lengths or not (ndc.isascii() and ndc.isdigit()) or not ndc.strip("0")):
            yield finding(line.at("ndc"), "the NDC is not eleven digits", _candidates(ndc, facts))


NDC_UNITS = ("F2", "GR", "ME", "ML", "UN")
_MOST_WHOLE_DIGITS = 7
_MOST_DECIMALS = 3


@edit(
    "NDC03",
    "NDC without a valid quantity or unit",
    severity="reject",
    concerns=_any_drug,
    part="drugs",
    claim_status="A7:724",
    carc="16",
    rarc="M53",
    source="005010X222 and 005010X223, loop 2410",
    confidence=0.9,
    widened_by=(ASP_CROSSWALK, ASP_CODES),
)
def ndc_quantity(claim: Claim, facts: Facts) -> Results:
    """What it checks: an NDC has a quantity above zero and a unit of F2, GR, ME, ML or UN. The quantity has at most
    seven digits before the decimal point and three after it. More than three decimals are a warning. The edit checks
    the same lines as NDC02.

    Why it is denied: payers cannot price the NDC without them.

    How to fix: report the quantity and the unit of the package: UN for powder vials, ML for liquids.

    What it cannot know: how many packages were opened.
    """
    for line in _drug_lines(claim, _any_drug(facts)):
        if not line.ndc:
            continue
        quantity = line.ndc_quantity
        if quantity is None or quantity <= 0 or quantity >= 10**_MOST_WHOLE_DIGITS:
            yield finding(
                line.at("ndc_quantity"),
                "the NDC quantity is missing or out of range",
                "report a quantity above zero in CTP04, with at most seven digits before the decimal point",
            )
        elif _decimals(line.ndc_quantity_text) > _MOST_DECIMALS:
            yield finding(
                line.at("ndc_quantity"),
                "the NDC quantity has more than three decimals",
                "round the quantity to three decimals",
                severity="warn",
            )
        if line.ndc_unit not in NDC_UNITS:
            yield finding(
                line.at("ndc_unit"),
                "the NDC has no unit of measure, or an unknown one",
                f"use one of {', '.join(NDC_UNITS)}",
            )


def _decimals(number: str) -> int:
    """How many decimals a number in X12 notation has, without trailing zeros."""
    return len(number.partition(".")[2].rstrip("0"))


@edit(
    "NDC04",
    "NDC unit that does not fit the product",
    severity="warn",
    concerns=infused_drugs,
    part="drugs",
    claim_status="A7:659",
    carc="16",
    rarc="M53",
    source="BCBSM The Record, Feb 2015: powder vials are counted as UN, ME is not accepted; HCSC Blue plans and "
    "Fidelis take ME",
    confidence=0.7,
)
def implausible_unit(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC quantity of a known product has the unit that most payers use: UN for powder vials, ML or
    UN for liquids. The edit skips bill types that pay drugs as part of the stay or the visit.

    Why it is denied: payers cannot match a quantity in another unit with the package. Payers differ: some Blue and
    Medicaid plans take milligrams (ME), and many others reject them. The finding is therefore a warning. A profile can
    raise it. It is a reject if the unit cannot count the product: units of clotting factor (F2), or grams (GR) of a
    container with less than a gram.

    How to fix: count a powder vial as one UN, and a liquid in milliliters (ML). Use another unit only if the payer's
    guide names it.

    What it cannot know: which units the payer's guide lists.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        product = known_product(line, facts) if line.procedure in facts.drug_codes else None
        if product is None or line.ndc_unit not in NDC_UNITS or line.ndc_unit in (product.counted_in or NDC_UNITS):
            continue
        impossible = _cannot_count(line, product, facts)
        tolerated = line.ndc_unit in product.also_counted_in
        why = "most payers count powder vials as UN" if tolerated else "few payers take that unit for it"
        yield finding(
            line.at("ndc_unit"),
            f"the NDC unit is {line.ndc_unit} for {product.label}; "
            + ("it is never counted in that unit" if impossible else why),
            f"report the quantity in {' or '.join(product.counted_in)}"
            + ("" if impossible else f", unless the payer's guide names {line.ndc_unit}"),
            "reject" if impossible else None,
        )


_MILLIGRAMS_OF_A_GRAM = 1000


def _cannot_count(line: ServiceLine, product: Product, facts: Facts) -> bool:
    """Whether no payer counts a product in the unit of its NDC quantity, and its billing unit is a weight."""
    drug = facts.drug(line.procedure, line.service_date) if line.service_date else None
    milligrams = drug.unit.milligrams if drug else None
    if not milligrams:
        return False
    light = product.units is not None and product.units * milligrams < _MILLIGRAMS_OF_A_GRAM
    return line.ndc_unit == "F2" or (line.ndc_unit == "GR" and light)


@edit(
    "NDC07",
    "NDC quantity and billed units disagree",
    severity=by_payer(ffs="warn", madv="warn", mcd="reject", other="warn"),
    concerns=listed_drugs,
    part="visits",
    claim_status="A8:724",
    carc="16",
    rarc="M53",
    source=f"{CROSSWALK}; the loaded crosswalk of the date of service",
    confidence=0.9,
    widened_by=(ASP_CROSSWALK, NDC_DIRECTORY),
)
def quantity_and_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC quantity of a dose, all its lines together, equals its billed units within one unit. A
    difference of up to a tenth is a warning for every payer. Packages of several vials or syringes may be counted as
    packages or as vials. The loaded crosswalk wins over the shipped tables. A drug that is only in the crosswalk is a
    warning, and its milliliters count only if the FDA directory has a liquid. Drugs in international units are left
    out.

    Why it is denied: Medicaid claims its drug rebate by the NDC quantity. Other payers compare it with the units.

    How to fix: count the opened vials (UN) or their milliliters (ML), and bill the given and discarded units of those
    vials.

    What it cannot know: whether the quantity or the units are wrong.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    codes = listed_drugs(facts)
    yield from without_edition(claim, codes, facts, ASP_CROSSWALK)
    for dose in doses(claim, codes):
        billed, counted = dose.units, dose_billing_units(dose, facts)
        if (
            billed is None
            or counted is None
            or counted <= 0
            or abs(billed - counted) <= 1
            or counts_packages(dose, facts)
        ):
            continue
        known = all(known_product(line, facts) for line in dose.lines)
        large = billed <= 0 or abs(billed - counted) > billed / 10
        yield finding(
            dose.lines[0].at("ndc_quantity"),
            f"the NDC quantity equals {in_units(Decimal(_plain(counted)))} of {dose.procedure}, but "
            f"{numbers(dose.lines)} {'bills' if len(dose.lines) == 1 else 'bill'} {_plain(billed)}",
            "correct the quantity or the units; given plus discarded units equal the content of the vials",
            severity=None if large and known else "warn",
        )


def _plain(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01')).normalize():f}"


@edit(
    "NDC09",
    "Two products on one line",
    severity="warn",
    concerns=infused_drugs,
    part="visits",
    claim_status="A8:218",
    carc="16",
    rarc="M119",
    source="005010X222 and 005010X223: one loop 2410 for each line; HealthChoice Oklahoma on NDC billing",
    confidence=0.85,
)
def two_products(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line has only one NDC. The units of a dose with one NDC fill vials of that product, if vials of
    other sizes would hold them without a rest. This second check skips multiple-dose vials, and bill types that pay
    drugs as part of the stay or the visit.

    Why it is denied: a line has room for one product. Payers cannot match the units of the other product.

    How to fix: bill each vial size on a separate line. Some Medicaid plans want KP on the first line and KQ on the
    others.

    What it cannot know: which vials were opened.
    """
    drugs = facts.drug_codes
    several = claim.event.text.count("LIN") > 1
    for line in claim.lines if several else ():
        if line.procedure in drugs and [segment[0] for segment in line.segments].count("LIN") > 1:
            yield finding(
                line.at("ndc"),
                "the line has two NDCs",
                "bill each product on a separate line",
            )
    if not facts.pays_drugs_by_line(claim):
        return
    for dose in doses(claim, drugs):
        named = [known_product(line, facts) for line in dose.lines if line.ndc]
        if None in named:
            continue  # a line names a product that is unknown or belongs to another drug
        products = {product.ndc9: product for product in named if product}
        units = dose.units
        if len(products) != 1 or dose.day is None or units is None or units <= 0 or units != int(units):
            continue
        (product,) = products.values()
        if product.single_dose is False or not product.units or reachable(int(units), [product.units]):
            continue
        if reachable(int(units), facts.vials(dose.procedure, dose.day)):
            yield finding(
                dose.lines[0].at("ndc"),
                f"{int(units)} units do not fill vials of {product.units:f} units, the product of the only NDC",
                "give the NDC of the vials that were opened; bill each vial size on a separate line, with its NDC",
            )


@edit(
    "NDC10",
    "Product number not marked as an NDC",
    severity="warn",
    concerns=drugs_or_unclassified,
    part="drugs",
    claim_status="A7:218",
    carc="16",
    rarc="M119",
    source="005010X222, loop 2410: other qualifiers are for supplies",
    confidence=0.9,
)
def no_ndc_qualifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: the product number of a drug line has the qualifier N4.

    Why it is denied: payers do not read a number with another qualifier as an NDC.

    How to fix: write N4 in LIN02.

    What it cannot know: what the number is, if it is not an NDC.
    """
    for line in _drug_lines(claim, drugs_or_unclassified(facts)):
        if not line.ndc and line.text("ndc") and line.text("ndc_qualifier") != "N4":
            yield finding(line.at("ndc_qualifier"), "the product number is not marked as an NDC", "write N4 in LIN02")
