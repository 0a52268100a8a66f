"""The National Drug Code beside the drug's procedure code."""

from __future__ import annotations

from decimal import Decimal

import attrs

from scrubber.claims.doses import Dose, doses, numbers
from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, drugs_or_unclassified, edit, family, finding, infused_drugs
from scrubber.reference import Facts, Product, external
from scrubber.reference.vials import reachable

_CROSSWALK = "CMS ASP NDC-HCPCS crosswalk, Oct 2025"
_OFTEN_MISTAKEN = "49401008801"
"""An autoinjector's NDC that some published tables give for the 120 mg vial."""


@edit(
    "NDC05",
    "Subcutaneous NDC on an intravenous drug code",
    severity="reject",
    concerns=infused_drugs,
    claim_status="A8:218",
    carc="280",
    source=f"{_CROSSWALK}: no subcutaneous belimumab maps to a HCPCS code; DailyMed package list",
    confidence=0.95,
)
def subcutaneous_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC on a line of an infused drug is not the self-injected form of the same drug, unless that
    form is billed with this very code.

    Why it is denied: the code stands for the vial that is infused; autoinjector and syringe belong to the pharmacy
    benefit and to no such code.

    How to fix: if the vial was infused, give the vial's NDC; if the drug was injected under the skin, send it to the
    pharmacy plan.

    What it cannot know: which of the two was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in facts.drug_codes else None
        if product is None or product.route != "subcutaneous" or product.hcpcs == line.procedure:
            continue
        if line.procedure not in facts.codes_of(product.substance):
            continue
        hint = ""
        if line.ndc.replace("-", "") == _OFTEN_MISTAKEN:
            hint = "; some published tables list this NDC for the 120 mg vial, wrongly"
        yield finding(
            line.at("ndc"),
            f"NDC is {product.label}; {line.procedure} is the infused vial{hint}",
            f"if the vial was infused give its NDC ({facts.vial_ndcs(line.procedure)}), else bill the pharmacy plan",
        )


@edit(
    "NDC06",
    "NDC of another drug",
    severity="reject",
    concerns=infused_drugs,
    claim_status="A8:218",
    carc="16",
    rarc="M119",
    source=_CROSSWALK,
    confidence=0.95,
)
def ndc_of_other_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC on a line of an infused drug is a product of that drug, as far as the NDC is known.

    Why it is denied: payers match NDC and procedure code, and pay neither when they disagree.

    How to fix: bill the code of the drug that was given, with the NDC from its package.

    What it cannot know: which of the two says what was given; products that the tables do not have are NDC08's.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in facts.drug_codes else None
        if product is None or line.procedure in facts.codes_of(product.substance):
            continue
        billed = f"belongs to {product.hcpcs}, not to" if product.hcpcs else "goes to the pharmacy plan, not under"
        right = f"{product.hcpcs}, in its units," if product.hcpcs else "the pharmacy plan"
        yield finding(
            line.at("ndc"),
            f"NDC is {product.label}, which {billed} {line.procedure}",
            f"look into the record: bill {right} if that product was given, else give the NDC of what was",
        )


def _drug_lines(claim: Claim, facts: Facts) -> list[ServiceLine]:
    """The lines of infused or unclassified drugs."""
    drugs = drugs_or_unclassified(facts)
    return [line for line in claim.lines if line.procedure in drugs]


@edit(
    "NDC01",
    "Infused drug without its NDC",
    severity=by_payer(ffs=None, madv="warn", mcd="reject", other="warn"),
    institutional=by_payer(ffs=None, madv="info", mcd="reject", other="info"),
    beside={"mcd": "info"},
    concerns=infused_drugs,
    claim_status="A6:218",
    carc="16",
    rarc="M119",
    source="Medicaid Drug Rebate Program; payer pages on NDC billing",
    confidence=0.9,
)
def no_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an infused drug names a National Drug Code (LIN03 under N4). One that stands behind the
    line's providers (loop 2420), or before the first line, is in the wrong place and counts for none. Bill types that
    pay drugs with the stay or the visit are left out. Under Medicare it is only said, where Medicaid stands behind it.

    Why it is denied: Medicaid wants it by law on outpatient and professional claims, most other payers by contract;
    Medicare asks for none with a coded drug, yet Medicaid does when the claim crosses over to it.

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
                f"the NDC of {line.procedure} stands in the wrong place, where no payer reads it",
                "move LIN and CTP (loop 2410) before the line's providers (loop 2420) and what follows them",
            )
        else:
            yield finding(
                line.at("ndc"),
                f"{line.procedure} has no NDC",
                f"add the NDC of the vial ({facts.vial_ndcs(line.procedure) or 'from its package'}), quantity and unit",
            )


def _misplaced_ndc(claim: Claim, line: ServiceLine) -> Location | None:
    """Where a LIN with an NDC stands that is this line's, but out of place."""
    segments = claim.span.segments
    first = claim.lines[0]
    before = range(first.start) if line is first else range(0)
    for index in (*range(line.loops, line.stop), *before):
        segment = segments[index]
        if segment[0] == "LIN" and len(segment) > 3 and segment[3]:
            return attrs.evolve(line.at("ndc"), index=index)
    return None


NDC_LENGTH = 11


def _candidates(ndc: str, facts: Facts) -> str:
    """What an NDC of ten digits could be with eleven, for a message; only the known one where there is one."""
    if len(ndc) != NDC_LENGTH - 1 or not ndc.isdigit():
        return "write eleven digits without hyphens, 5-4-2, padding the short part with a zero in front"
    padded = [f"0{ndc}", f"{ndc[:5]}0{ndc[5:]}", f"{ndc[:9]}0{ndc[9:]}"]
    known = [item for item in padded if facts.product(item)]
    shown = known if len(known) == 1 else padded
    return "write eleven digits: " + " or ".join(shown) + ", by how the package hyphenates it"


@edit(
    "NDC02",
    "Malformed NDC",
    severity="reject",
    concerns=drugs_or_unclassified,
    claim_status="A7:218",
    carc="16",
    rarc="M119",
    source="005010X222 and 005010X223, loop 2410; FDA NDC final rule 91 FR 10749",
    confidence=0.95,
)
def malformed_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: an NDC has eleven digits and nothing else (twelve from 2033-03-07), and is not all zeros.

    Why it is denied: a code that is not in the 5-4-2 form matches nothing.

    How to fix: pad the short part of the ten-digit code: 4-4-2 the first, 5-3-2 the second, 5-4-1 the third. Ten
    digits without hyphens do not say which; look at the package.

    What it cannot know: which digit is missing or wrong.
    """
    for line in _drug_lines(claim, facts):
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
    "NDC without a right quantity or unit",
    severity="reject",
    concerns=drugs_or_unclassified,
    claim_status="A7:724",
    carc="16",
    rarc="M53",
    source="005010X222 and 005010X223, loop 2410",
    confidence=0.9,
)
def ndc_quantity(claim: Claim, facts: Facts) -> Results:
    """What it checks: beside an NDC stand a quantity above zero, of at most seven digits before and three behind the
    point, and a unit of F2, GR, ME, ML or UN. More than three decimals is a warning.

    Why it is denied: without them the NDC cannot be priced.

    How to fix: give quantity and unit of the package: UN for powder vials, ML for liquids.

    What it cannot know: how many packages were opened.
    """
    for line in _drug_lines(claim, facts):
        if not line.ndc:
            continue
        quantity = line.ndc_quantity
        if quantity is None or quantity <= 0 or quantity >= 10**_MOST_WHOLE_DIGITS:
            yield finding(line.at("ndc_quantity"), "the NDC has no quantity above zero", "give the quantity in CTP04")
        elif _decimals(line.ndc_quantity_text) > _MOST_DECIMALS:
            yield finding(
                line.at("ndc_quantity"),
                "the NDC quantity has more than three decimals",
                "round it to three decimals",
                severity="warn",
            )
        if line.ndc_unit not in NDC_UNITS:
            yield finding(
                line.at("ndc_unit"),
                "the NDC has no unit of measure, or an unknown one",
                f"give one of {', '.join(NDC_UNITS)}",
            )


def _decimals(number: str) -> int:
    """How many decimals a number has, as X12 writes it, zeros at its end left out."""
    return len(number.partition(".")[2].rstrip("0"))


def _known(line: ServiceLine, facts: Facts) -> Product | None:
    """The product on a line, where it is one of the drug that is billed."""
    product = facts.product(line.ndc)
    return product if product and product.hcpcs == line.procedure else None


@edit(
    "NDC04",
    "Unit of measure that does not fit the product",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A7:659",
    carc="16",
    rarc="M53",
    source="BCBSM The Record, Feb 2015: powder vials are counted as UN, ME is not accepted; HCSC Blue plans and "
    "Fidelis take ME",
    confidence=0.7,
)
def implausible_unit(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC quantity of a known product is counted as most payers count it: vials of powder as UN,
    liquids as ML or UN. Bill types that pay drugs with the stay or the visit are left out.

    Why it is denied: a quantity in another unit cannot be matched with the package. Payers differ: some Blue and
    Medicaid plans take milligrams (ME), which many others turn back; hence a warning, which a profile can raise.

    How to fix: count a powder vial as one UN and a liquid in millilitres (ML), unless the payer's guide names another
    unit.

    What it cannot know: which units the payer's guide lists.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        product = _known(line, facts) if line.procedure in facts.drug_codes else None
        if product is None or line.ndc_unit not in NDC_UNITS or line.ndc_unit in product.counted_in:
            continue
        tolerated = line.ndc_unit in product.also_counted_in
        yield finding(
            line.at("ndc_unit"),
            f"{line.ndc_unit} for a {product.label}; "
            + ("most payers count powder vials as UN" if tolerated else "few payers take that unit for it"),
            f"count it in {' or '.join(product.counted_in)}, unless the payer's guide names {line.ndc_unit}",
        )


def _billing_units(line: ServiceLine, facts: Facts) -> Decimal | None:
    """What a line's NDC quantity is in billing units, `None` where that cannot be told. Raises `MalformedValue`."""
    product, quantity = _known(line, facts), line.ndc_quantity
    if product is None or product.units is None or quantity is None:
        return None
    if line.ndc_unit == "UN":
        return quantity * product.units
    if line.ndc_unit == "ML" and product.ml:
        return quantity * product.units / product.ml
    drug = facts.drug(line.procedure, line.service_date) if line.service_date else None
    if line.ndc_unit in _MILLIGRAMS and drug:
        return quantity * _MILLIGRAMS[line.ndc_unit] / drug.milligrams
    return None


_MILLIGRAMS = {"ME": 1, "GR": 1000}
"""Milligrams in units of measure of weight."""


def _dose_billing_units(dose: Dose, facts: Facts) -> Decimal | None:
    amounts = [_billing_units(line, facts) for line in dose.lines]
    return None if None in amounts else sum((item for item in amounts if item is not None), Decimal(0))


@edit(
    "NDC07",
    "NDC quantity and billed units disagree",
    severity=by_payer(ffs="warn", madv="warn", mcd="reject", other="warn"),
    concerns=infused_drugs,
    claim_status="A8:724",
    carc="16",
    rarc="M53",
    source=_CROSSWALK,
    confidence=0.9,
)
def quantity_and_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC quantities of a dose, all its lines together with the discarded ones, are as many billing
    units as are billed, within one unit. Up to a tenth is a warning everywhere.

    Why it is denied: Medicaid claims its rebate by the NDC quantity, and other payers check it against the units.

    How to fix: count opened vials (UN) or their millilitres, and bill given and discarded units of those vials.

    What it cannot know: whether quantity or units are wrong.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for dose in doses(claim, facts.drug_codes):
        billed, counted = dose.units, _dose_billing_units(dose, facts)
        if billed is None or counted is None or abs(billed - counted) <= 1:
            continue
        large = billed <= 0 or abs(billed - counted) > billed / 10
        yield finding(
            dose.lines[0].at("ndc_quantity"),
            f"the NDC quantity is {_plain(counted)} units of {dose.procedure}, but {numbers(dose.lines)} "
            f"{'bills' if len(dose.lines) == 1 else 'bill'} {_plain(billed)}",
            "correct quantity or units; given and discarded units together are the content of the vials",
            severity=None if large else "warn",
        )


def _plain(number: Decimal) -> str:
    return f"{number.quantize(Decimal('0.01')).normalize():f}"


@edit(
    "NDC08",
    "NDC unknown, or no longer sold",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A7:218",
    carc="16",
    rarc="M119",
    source="DailyMed package lists; CMS ASP NDC-HCPCS crosswalk, Oct 2025; the NDC directory, once it is loaded",
    confidence=0.8,
    table=external.NDC_DIRECTORY,
    partly=True,
)
def unknown_ndc(claim: Claim, facts: Facts) -> Results:
    """What it checks: the NDC of an infused drug is a listed package of one of the drug's products on the date of
    service. With the NDC directory, one that stands there passes though the drug's products do not have it.

    Why it is denied: payers match NDC and procedure code. A package that is not listed, ended before the date of
    service or belongs to no product of the code is not paid.

    How to fix: read the NDC from the package; if it is right, load a newer NDC directory.

    What it cannot know: packages that came out after the tables were made.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    directory = facts.tables.get(external.NDC_DIRECTORY)
    for line in claim.lines:
        ndc, day = line.ndc.replace("-", ""), line.service_date
        if line.procedure not in facts.drug_codes or len(ndc) != NDC_LENGTH or day is None:
            continue
        if not ndc.isdigit() or not ndc.strip("0"):
            continue  # NDC02 says so
        product = facts.product(ndc)
        if product is not None and product.until is not None and product.until < day:
            what = "ended before the date of service"
        elif directory is not None:
            if directory.row(ndc, day) is not None:
                continue
            what = "is no listed package on the date of service"
        elif product is None:
            what = f"is none of the products that the tables have for {line.procedure}"
        elif ndc[9:] not in product.packages:
            what = "is no listed package on the date of service"
        else:
            continue
        yield finding(
            line.at("ndc"),
            f"the NDC {what}",
            f"read the NDC from the package (known for {line.procedure}: {facts.vial_ndcs(line.procedure)}); if it is "
            "right, update the tables",
        )


@edit(
    "NDC09",
    "Two products on one line",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:218",
    carc="16",
    rarc="M119",
    source="005010X222 and 005010X223: one loop 2410 for each line; HealthChoice Oklahoma on NDC billing",
    confidence=0.85,
)
def two_products(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line names one NDC; and a dose whose units need two sizes of vial has two NDCs. For the latter
    bill types that pay drugs with the stay or the visit are left out.

    Why it is denied: a line has room for one product, and the units of the other match nothing.

    How to fix: bill each vial size on a line of its own (some Medicaid plans want KP on the first, KQ on the others).

    What it cannot know: which vials were opened.
    """
    for line in claim.lines:
        if line.procedure in facts.drug_codes and [segment[0] for segment in line.segments].count("LIN") > 1:
            yield finding(
                line.at("ndc"),
                "two NDCs on one line",
                "bill each product on a line of its own",
            )
    if not facts.pays_drugs_by_line(claim):
        return
    for dose in doses(claim, facts.drug_codes):
        named = [_known(line, facts) for line in dose.lines if line.ndc]
        if None in named:
            continue  # another product is named, though not one of this drug
        products = {product.ndc9: product for product in named if product}
        units = dose.units
        if len(products) != 1 or dose.day is None or units is None or units <= 0 or units != int(units):
            continue
        size = next(iter(products.values())).units
        if size and units % size and reachable(int(units), facts.vials(dose.procedure, dose.day)):
            yield finding(
                dose.lines[0].at("ndc"),
                f"{int(units)} units need vials of two sizes, but only one NDC is given",
                "bill each vial size on a line of its own, with its NDC",
            )


@edit(
    "NDC10",
    "Product number that is no NDC",
    severity="warn",
    concerns=drugs_or_unclassified,
    claim_status="A7:218",
    carc="16",
    rarc="M119",
    source="005010X222, loop 2410: other qualifiers are for supplies",
    confidence=0.9,
)
def no_ndc_qualifier(claim: Claim, facts: Facts) -> Results:
    """What it checks: the product of a drug line stands under qualifier N4.

    Why it is denied: under another qualifier the number is not read as an NDC.

    How to fix: write N4 in LIN02.

    What it cannot know: what the number is, if it is no NDC.
    """
    for line in _drug_lines(claim, facts):
        if not line.ndc and line.text("ndc") and line.text("ndc_qualifier") != "N4":
            yield finding(line.at("ndc_qualifier"), "the product number is not marked as NDC", "write N4 in LIN02")


@edit(
    "NDC11",
    "Self-injected drug under an unclassified code",
    severity="warn",
    concerns=family("unclassified"),
    claim_status="A8:788",
    carc="280",
    source="UHC self-administered list 7/2021; Arkansas BCBS policy of 2026-05-06",
    confidence=0.85,
)
def injected_under_unclassified(claim: Claim, facts: Facts) -> Results:
    """What it checks: an unclassified drug code does not carry the NDC of a self-injected product.

    Why it is denied: such drugs belong to the pharmacy benefit, even when a professional injects them.

    How to fix: bill the pharmacy plan, or ask the payer for its rule.

    What it cannot know: the payer's list of self-administered drugs.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in facts.family("unclassified") else None
        if product and product.route == "subcutaneous" and product.hcpcs is None:
            yield finding(
                line.at("ndc"),
                f"{product.label} under {line.procedure}: self-injected drugs belong to the pharmacy benefit",
                "bill the pharmacy plan",
            )
