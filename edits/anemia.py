"""What Medicare asks for beside drugs that raise red cells, and beside drugs of dialysis facilities (72x)."""

from __future__ import annotations

from scrubber.claims.doses import DISCARDED, NOTHING_DISCARDED, doses
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, edit, family, finding, waste_drugs
from scrubber.reference import Facts
from scrubber.reference.listings import listings, waste_codes

from ._doses import reports_waste_of_dialysis
from ._hi_codes import VALUE, coded
from ._waste import CMS_ON_WASTE


@edit(
    "MOD08",
    "Drug for anemia without its reason",
    severity=by_payer(ffs="reject", madv="warn", mcd=None, other=None),
    concerns=family("anemia_drugs"),
    part="drugs",
    claim_status="A6:453",
    carc="16",
    rarc="MA130",
    source="Medicare Claims Processing Manual, chapter 17, section 80.9; Palmetto on EA, EB and EC",
    confidence=0.95,
)
def no_reason_for_anemia_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of a drug against anemia outside of dialysis (J0881, J0885, Q5106) has exactly one of EA
    (anemia from chemotherapy), EB (from radiotherapy) and EC (from something else). The edit skips bill types that pay
    drugs as part of the stay, the visit or the treatment.

    Why it is denied: since 2008 Medicare returns the line without such a modifier, or with two of them.

    How to fix: add the modifier that fits the cause of the anemia. If a drug was given for two causes, bill two lines.

    What it cannot know: the cause of the anemia.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    drugs, causes = facts.family("anemia_drugs"), facts.family("anemia_modifiers")
    for line in claim.lines:
        if line.procedure not in drugs:
            continue
        given = [modifier for modifier in dict.fromkeys(line.modifiers) if modifier in causes]
        if len(given) == 1:
            continue
        if given:
            yield finding(
                line.at_modifier(given[1]),
                f"{line.procedure} has {' and '.join(given)}; Medicare takes only one of them on a line",
                "keep the one that fits, or bill the units for the other cause on a line of their own",
                claim_status="A7:453",
            )
        else:
            yield finding(
                line.at("modifiers"),
                f"{line.procedure} has no modifier for the cause of the anemia",
                "add EA (chemotherapy), EB (radiotherapy) or EC (other cause)",
            )


_BLOOD_COUNTS = (["MEA", "TR", "R1"], ["MEA", "TR", "R2"])
"""The beginnings of test results (TR) with the hemoglobin and with the hematocrit."""


@edit(
    "LAB01",
    "Drug for anemia without a blood count",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=family("anemia_drugs"),
    claim_status="A6:21",
    carc="16",
    rarc="MA130",
    source="Palmetto on EA, EB and EC: lines without hemoglobin or hematocrit are rejected; MLN Matters MM5699",
    confidence=0.85,
)
def no_blood_count(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim to Medicare for a drug against anemia outside of dialysis (J0881, J0885, Q5106) has the
    last hemoglobin or hematocrit: on an 837P a MEA segment of each line (TR with R1 or R2), on an 837I value code 48 or
    49. The edit skips lines with JW, and bill types that pay drugs as part of the stay, the visit or the treatment.

    Why it is denied: Medicare pays these drugs by the blood count, and returns lines without one. It is a warning
    because some billers give the value in another way.

    How to fix: add the last result from before the drug was given: a MEA segment on each line of an 837P, value code 48
    or 49 on an 837I.

    What it cannot know: the result.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    lines = [line for line in claim.lines if line.procedure in facts.family("anemia_drugs")]
    if claim.type == "837I":
        counts = facts.family("blood_count_values")
        if any(qualifier == VALUE and parts[0] in counts for qualifier, parts, _ in coded(claim)):
            return
        lines = lines[:1]
    for line in lines:
        if DISCARDED in line.modifiers or (claim.type == "837P" and _has_blood_count(line)):
            continue
        yield finding(
            line.at("procedure"),
            f"{line.procedure} has no hemoglobin or hematocrit",
            "add MEA*TR*R1 (hemoglobin) or MEA*TR*R2 (hematocrit) with the last result"
            if claim.type == "837P"
            else "add value code 48 (hemoglobin) or 49 (hematocrit) with the last result",
        )


def _has_blood_count(line: ServiceLine) -> bool:
    return any(segment[:3] in _BLOOD_COUNTS for segment in line.segments)


_NOT_FOR_DIALYSIS = "AY"


@edit(
    "JWJZ15",
    "Drug of a dialysis facility without JW or JZ",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=waste_drugs,
    part="visits",
    types=("837I",),
    claim_status="A6:453",
    carc="16",
    rarc="N822",
    source=f"CMS fact sheet on the ESRD PPS final rule of 2024 (CMS-1782-F); {CMS_ON_WASTE}",
    confidence=0.8,
)
def no_waste_modifier_at_dialysis(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a Medicare claim of a dialysis facility (72x), each line of a single-dose drug has JZ, unless
    a line of the same drug and day has JW. It holds for services since 2025-01-01, and for drugs with AY too. It is a
    warning because the rule names certain drugs only, and most drugs are paid with the treatment. A drug is single-dose
    by the shipped tables, by Medicare's loaded list, or by the package text in the loaded FDA directory.

    Why it is denied: dialysis facilities must report the discarded amounts of drugs from single-dose containers since
    2025-01-01. A claim without the modifiers may be returned.

    How to fix: add JZ if nothing was discarded. Otherwise bill the discarded units on a separate line with JW.

    What it cannot know: whether Medicare counts the drug among those that need the modifiers.
    """
    if claim.facility_code not in facts.family("dialysis_bill_types"):
        return
    excluded = {NOTHING_DISCARDED, *facts.family("excluded_modifiers")}
    for dose in doses(claim, waste_codes(facts)):
        if dose.discarded or not reports_waste_of_dialysis(claim, dose.day, facts):
            continue
        for line in dose.administered:
            if excluded.isdisjoint(line.modifiers) and listings(facts).single_dose(line):
                yield finding(
                    line.at("modifiers"),
                    f"{dose.procedure} comes in single-dose containers and has neither JW nor JZ",
                    "add JZ if nothing was discarded, else add a line with JW for the discarded units",
                )


@edit(
    "MOD09",
    "AY on a drug that is part of dialysis",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=family("always_for_dialysis"),
    sign="modifier",
    claim_status="A7:453",
    carc="4",
    rarc="N823",
    source="Noridian and Palmetto on modifier AY",
    confidence=0.75,
)
def dialysis_drug_for_another_disease(claim: Claim, facts: Facts) -> Results:
    """What it checks: a drug that Medicare always counts as part of dialysis does not have AY, such as the codes of
    erythropoietin for dialysis (Q4081, J0882, J0887) and iron (J1756, J2916).

    Why it is denied: AY says that the drug is not for the treatment of kidney failure. It does not open drugs that are
    always paid with dialysis. It is a warning because the list of such drugs is ours.

    How to fix: remove AY. For a patient without dialysis, bill the code of the drug outside of dialysis.

    What it cannot know: what the drug was given for.
    """
    drugs = facts.family("always_for_dialysis")
    for line in claim.lines:
        if line.procedure in drugs and _NOT_FOR_DIALYSIS in line.modifiers:
            yield finding(
                line.at_modifier(_NOT_FOR_DIALYSIS),
                f"AY is on {line.procedure}, which Medicare pays with dialysis in any case",
                "remove AY; for a patient without dialysis, bill the code of the drug outside of dialysis",
            )
