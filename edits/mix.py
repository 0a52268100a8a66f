"""Drugs that are confused with each other, or billed together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from scrubber.claims.doses import DISCARDED, dose_days, doses, in_units
from scrubber.claims.earlier import Earlier
from scrubber.claims.memory import DaysByKey, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.weight import kilograms
from scrubber.edit import NO_PATIENT, TOO_MANY_EARLIER, Check, NotChecked, Results, edit, file_edit, finding
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.courses import was_stopped
from scrubber.reference.doses import counts_like_other, fits_weight
from scrubber.reference.therapy import Combination
from scrubber.reference.vials import reachable

from ._crosswalk import CROSSWALK


def _never_on_one_day(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug that is not given on the same day as some other drug."""
    return facts.codes_of_all(
        substance for row in facts.combinations if not row.days for substance in (*row.first, *row.second)
    )


@edit(
    "MIX01",
    "Belimumab and anifrolumab on the same day",
    severity="warn",
    concerns=_never_on_one_day,
    part="visits",
    claim_status="A8:507",
    carc="50",
    source="Benlysta label, June 2025, and Saphnelo label: use with other biologics was not studied",
    confidence=0.9,
)
def both_lupus_drugs(claim: Claim, facts: Facts) -> Results:
    """What it checks: belimumab and anifrolumab are not billed for the same day (the table of combinations). Bill types
    that pay drugs as part of the stay or the visit are left out, because their lines rarely have their own dates.

    Why it is denied: the drugs are not used together. One of the codes is most likely a mix-up.

    How to fix: keep the code of the drug that was given.

    What it cannot know: which of the two drugs was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for first, second in _pairs(facts):
        given = {line.service_date: line.procedure for line in claim.lines if line.procedure in first}
        reported = set()
        for line in claim.lines:
            if line.procedure in second and line.service_date in given and line.service_date not in reported:
                reported.add(line.service_date)
                other = given[line.service_date]
                yield finding(
                    line.at("procedure"),
                    f"{_named(line.procedure, facts)} and {_named(other, facts)} are billed for the same day",
                    "check which drug was given, and remove the other",
                )


@once_per_facts
def _pairs(facts: Facts) -> Sequence[tuple[frozenset[str], frozenset[str]]]:
    """The codes of drugs that are not given on the same day, in pairs."""
    rows = [row for row in facts.combinations if not row.days]
    return [(facts.codes_of_all(row.first), facts.codes_of_all(row.second)) for row in rows]


def _named(hcpcs: str, facts: Facts) -> str:
    return f"{hcpcs} ({facts.substance(hcpcs, None)})"


def _confused(facts: Facts) -> frozenset[str]:
    """Concerns claims with a code that is mistaken for another code."""
    return frozenset(code for row in facts.confusions for code in row.codes)


@edit(
    "MIX02",
    "Units that look like those of another drug",
    severity="warn",
    concerns=_confused,
    part="drugs",
    claim_status="A8:476",
    carc="16",
    rarc="M53",
    source=f"{CROSSWALK}: J0490 counts 10 mg, J0491 counts 1 mg",
    confidence=0.85,
)
def units_of_other_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: the units fit the drug's code, and not a code that is often confused with it. For example, 300
    units of J0490 are 3,000 mg, which is more than any dose. But 300 units of J0491 are one vial, so J0491 was probably
    meant. J0491 with a belimumab NDC and the units of whole belimumab vials is probably J0490. Bill types that pay
    drugs as part of the stay or the visit are left out.

    Why it is denied: the units belong to the other code.

    How to fix: bill the code of the drug that was given, in its own units.

    What it cannot know: which drug was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        day, units, others = line.service_date, line.units, facts.confused_with(line.procedure)
        if not others or day is None or units is None or units <= 0 or units != int(units):
            continue
        for other in others:
            sizes = facts.vials(other, day)
            if counts_like_other(line, other, facts):
                drug = facts.drug(line.procedure, day)
                amount = str(drug.amount(Decimal(int(units)))) if drug else "more than any dose"
                yield finding(
                    line.at("units"),
                    f"{int(units)} units of {line.procedure} are {amount}, but they are whole vials of {other}",
                    f"bill {other} if {facts.substance(other, day)} was given; otherwise correct the units",
                )
            elif _is_product_of(line, other, facts) and sizes and reachable(int(units), sizes):
                yield finding(
                    line.at("units"),
                    f"{int(units)} units are whole vials of {facts.substance(other, day)} in units of {other}",
                    f"bill {other} if {facts.substance(other, day)} was given; otherwise correct the NDC and the units",
                )


def _is_product_of(line: ServiceLine, hcpcs: str, facts: Facts) -> bool:
    product = facts.product(line.ndc, hcpcs)
    return product is not None and product.hcpcs == hcpcs


@once_per_facts
def _dosed_by_weight(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug that is dosed by body weight."""
    rows = [row for row in facts.labelled_doses if row.least_per_kg is not None]
    return facts.codes_of_all(substance for row in rows for substance in row.substances)


@edit(
    "MIX03",
    "Units that do not fit the patient's weight",
    severity="warn",
    concerns=_dosed_by_weight,
    part="visits",
    claim_status="A8:476",
    carc="153",
    source="Benlysta label: 10 mg for each kilogram; Remicade label: 3 to 10",
    confidence=0.8,
)
def units_and_weight(claim: Claim, facts: Facts) -> Results:
    """What it checks: if the claim has the patient's weight, the given units of a drug that is dosed by weight, such as
    belimumab (10 mg/kg) or infliximab (3 to 10 mg/kg), are within 20% of the labelled dose for that weight. The weight
    is in PAT08 in pounds, or in value code A8 of an 837I in kilograms. A stopped infusion is left out. Bill types that
    pay drugs as part of the stay or the visit are left out.

    Why it is denied: such units are a wrong count, or they belong to another drug.

    How to fix: compare the units and the weight with the record, and correct the wrong one. Bill discarded units on a
    separate JW line.

    What it cannot know: how old the weight on the claim is.
    """
    weight = kilograms(claim) if facts.pays_drugs_by_line(claim) else None
    if weight is None:
        return
    if weight <= 0:
        yield NotChecked("the patient's weight is not above zero")
        return
    for dose in doses(claim, _dosed_by_weight(facts)):
        drug = facts.drug(dose.procedure, dose.day) if dose.day else None
        rule, given = facts.labelled_dose(drug.substance) if drug else None, dose.given
        if drug is None or rule is None or rule.least_per_kg is None or rule.most_per_kg is None:
            continue
        if not dose.administered or given is None or was_stopped(claim, dose, facts):
            continue
        amount = drug.amount(given)
        if not fits_weight(amount.number, weight, rule):
            labelled = f"{rule.least_per_kg:f}"
            if rule.most_per_kg != rule.least_per_kg:
                labelled += f" to {rule.most_per_kg:f}"
            yield finding(
                dose.administered[0].at("units"),
                f"{in_units(given)} of {dose.procedure} make {amount.number / weight:.1f} {amount.measure} per "
                f"kilogram; the labelled dose is {labelled}",
                "compare the units and the weight with the record, and correct the wrong one",
            )


def _combined_over_days(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug of a combination that counts days."""
    return facts.codes_of_all(
        substance for row in facts.combinations if row.days for substance in (*row.first, *row.second)
    )


@file_edit(
    "MIX04",
    "Another biologic within four weeks of a lupus drug",
    severity="info",
    concerns=_combined_over_days,
    source="Benlysta label, June 2025, and Saphnelo label: use with other biologics was not studied",
    confidence=0.6,
)
def biologics_close_together(earlier: Earlier) -> Check:
    """What it checks: no rituximab or obinutuzumab is billed for a patient within 28 days of belimumab or
    anifrolumab, on the same claim or on another claim in the file. If there is a history of released claims, those of
    earlier files count, too. Replacements and voids are left out. The finding is
    on the later line.

    Why it is denied: the combination was not studied, and some payers do not cover it.

    How to fix: if both drugs were given, change nothing. Keep the reason on record, and the authorization for both
    drugs.

    What it cannot know: doses in files that the history does not have.
    """
    doses: defaultdict[Combination, tuple[DaysByKey, DaysByKey]] = defaultdict(lambda: (DaysByKey(), DaysByKey()))

    def check(claim: Claim, facts: Facts) -> Results:
        if claim.is_replacement or claim.is_void:
            return
        for row, sides in _sides(facts):
            given = [
                [line for line in claim.lines if line.procedure in codes and DISCARDED not in line.modifiers]
                for codes in sides
            ]
            if any(given):
                yield from _close_together(claim, given, row, sides, doses[row], earlier)

    return check


@once_per_facts
def _sides(facts: Facts) -> Sequence[tuple[Combination, tuple[frozenset[str], frozenset[str]]]]:
    """The combinations that count days, with the codes of both groups of drugs."""
    rows = [row for row in facts.combinations if row.days]
    return [(row, (facts.codes_of_all(row.first), facts.codes_of_all(row.second))) for row in rows]


def _close_together(
    claim: Claim,
    lines: Sequence[Sequence[ServiceLine]],
    row: Combination,
    sides: tuple[frozenset[str], frozenset[str]],
    in_file: tuple[DaysByKey, DaysByKey],
    earlier: Earlier,
) -> Results:
    """The doses of a claim that are near a dose of the other group.

    `lines` give the drugs of both groups, whose codes are `sides`. `in_file` has the doses of both groups so far in
    the file, `earlier` those of files before.
    """
    if any(line.only_day is None for side in lines for line in side):
        yield NotChecked(_NO_DAY)
    patient = patient_key(claim)
    if patient is None:
        yield NO_PATIENT
        return
    past = earlier.of(claim)
    if not past.complete:
        yield TOO_MANY_EARLIER
    doses = [(line, day, side) for side in (0, 1) for day, line in dose_days(lines[side])]
    for line, day, side in sorted(doses, key=lambda dose: dose[0].start):
        same, opposite = in_file[side], in_file[1 - side]
        number = day.toordinal()
        near = any(abs(number - other) <= row.days for other in opposite.near(patient, number, row.days))
        if near or past.dose_days(sides[1 - side], number, row.days):
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is within {row.days} days of another biologic; the combination was not studied",
                "if both drugs were given, make sure that the payer covers them together",
            )
        same.add(patient, number)


_NO_DAY = "the day of a dose is not known: its service date is missing or covers several days"
