"""How the drug was given: infusion codes beside the drug."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from scrubber.claims.doses import doses
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, edit, family, finding, infused_drugs, procedures
from scrubber.reference import Facts

_HIERARCHY = "CPT hierarchy of infusions and injections; NCCI policy manual, chapter 11"


def _visits(claim: Claim, procedures: Collection[str]) -> list[list[ServiceLine]]:
    """The lines with one of these codes, taken together by day and provider."""
    visits: dict[tuple[date | None, str], list[ServiceLine]] = {}
    for line in claim.lines:
        if line.procedure in procedures:
            visits.setdefault((line.service_date, claim.provider_of(line)), []).append(line)
    return list(visits.values())


@edit(
    "ADM01",
    "Belimumab infused under the chemotherapy code",
    severity=by_payer(ffs="info", madv="warn", mcd="warn", other="warn"),
    concerns=procedures("J0490"),
    claim_status="A8:454",
    carc="150",
    rarc="N56",
    source="Manufacturer billing guide, footnote on 96413; CMS Transmittal 12397 (Dec 2023); Noridian on complex drugs",
    confidence=0.95,
)
def complex_infusion(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day with J0490 has 96365 rather than 96413.

    Why it is denied: payers differ. 96365 is the standard code for belimumab. 96413 may apply to some monoclonal
    antibodies where the work exceeds a therapeutic infusion; Medicare contractors do not deny it by the drug alone,
    many commercial payers do.

    How to fix: bill 96365, unless the record documents complex administration and the payer takes 96413 for it.
    """
    standard, complex_ = facts.family("standard_administration"), facts.family("complex_administration")
    infused = {line.service_date for line in claim.lines if line.procedure == "J0490"}
    plain = {line.service_date for line in claim.lines if line.procedure in standard}
    for line in claim.lines:
        if line.procedure in complex_ and line.service_date in infused - plain:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} with J0490 depends on the payer; 96365 is the standard code",
                "bill 96365, or make sure that complex administration is documented and the payer accepts it",
            )


@edit(
    "ADM02",
    "Infused drug without its administration",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:736",
    carc="107",
    rarc="N349",
    source="CMS remark N349; payer policies on drug and administration",
    confidence=0.8,
)
def no_administration(claim: Claim, facts: Facts) -> Results:
    """What it checks: each day with an infused drug has a code for its administration. Left out are drugs given at
    home, and hospital claims whose administration stands under revenue code 0260.

    Why it is denied: some payers pay neither the drug nor its administration when one of them is missing.

    How to fix: add the administration, such as 96365; ignore this where another claim carries it.
    """
    administration, home = facts.family("administration"), facts.family("home")
    if any(line.revenue_code in facts.family("infusion_revenue") for line in claim.lines):
        return
    administered = {line.service_date for line in claim.lines if line.procedure in administration}
    for dose in doses(claim, facts.drug_codes):
        first = next(iter(dose.administered), None)
        if first is None or dose.day in administered:
            continue
        if claim.place_of(first) in home:
            continue
        yield finding(
            first.at("procedure"),
            f"{dose.procedure} has no administration code on the same day",
            "add the administration (96365 for an infusion) unless it is billed on another claim",
        )


@edit(
    "ADM04",
    "Add-on administration without its primary code",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=infused_drugs,
    claim_status="A8:736",
    carc="107",
    source=_HIERARCHY,
    confidence=0.95,
)
def add_on_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: an additional-hour, sequential or concurrent code has an initial, sequential or push
    administration beside it on the same day by the same provider.

    Why it is denied: an add-on code is never paid alone.

    How to fix: bill the initial administration, or correct the code.
    """
    add_on, primary = facts.family("add_on_administration"), facts.family("primary_administration")
    for visit in _visits(claim, facts.families_together("add_on_administration", "primary_administration")):
        primaries = sum(line.procedure in primary for line in visit)
        for line in visit:
            if line.procedure in add_on and primaries == (line.procedure in primary):
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} is an add-on, and no initial administration stands beside it",
                    "add the initial administration of that day, such as 96365",
                )


@edit(
    "ADM05",
    "Two initial administrations in one visit",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=infused_drugs,
    claim_status="A8:454",
    carc="236",
    source=_HIERARCHY,
    confidence=0.95,
)
def two_initial(claim: Claim, facts: Facts) -> Results:
    """What it checks: of the initial administrations (96365, 96413, 96374 …) of one day and provider all but one
    have a modifier that says they were separate (59, XE, XP, XS, XU).

    Why it is denied: only one initial code is paid for a visit unless there was a second access or visit.

    How to fix: keep the code of the main reason for the visit, bill the rest as sequential or add-on codes; or add
    the modifier where the record supports it.
    """
    initial, separate = facts.family("initial_administration"), facts.family("separate_access")
    for visit in _visits(claim, initial):
        first, *others = [line for line in visit if separate.isdisjoint(line.modifiers)] or visit[:1]
        for line in others:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is a second initial administration beside {first.procedure} of line "
                f"{first.number_text}",
                "keep one initial code and bill the other as sequential or add-on, or add 59 or X{EPSU}",
            )


def _is_drug(procedure: str) -> bool:
    """Whether a code is one of a drug or biologic: HCPCS J and Q codes, temporary C9 codes."""
    return procedure.startswith(("J", "Q", "C9"))


def _drug_revenue(code: str) -> bool:
    return code == "0636" or code.startswith("025")


@edit(
    "ADM03",
    "Infusion without a drug",
    severity="warn",
    concerns=family("initial_infusion"),
    claim_status="A8:736",
    carc="107",
    source="HealthChoice Oklahoma on drug administration",
    confidence=0.8,
)
def no_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim with an infusion (96365, 96413) has a line for a drug: a J, Q or C9 code, or a pharmacy
    revenue code.

    Why it is denied: some payers do not pay an infusion without what was infused.

    How to fix: add the drug, unless another claim carries it.
    """
    if any(_is_drug(line.procedure) or _drug_revenue(line.revenue_code) for line in claim.lines):
        return
    for line in claim.lines:
        if line.procedure in facts.family("initial_infusion"):
            yield finding(
                line.at("procedure"),
                f"{line.procedure} and no drug on the claim",
                "add the drug that was infused, unless it is billed on another claim",
            )
            return


_MOST_UNITS = {"96365": 1, "96366": 8}
"""Units of infusion codes above which a line is doubted."""


@edit(
    "ADM06",
    "More units of an infusion than one visit has",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A7:476",
    carc="151",
    source="In the manner of the Medicare unit limits; the limits themselves come with the MUE table",
    confidence=0.6,
)
def too_many_units(claim: Claim, _: Facts) -> Results:
    """What it checks: a line of 96365 has one unit, a line of 96366 at most eight.

    Why it is denied: 96365 is the first hour of a visit, and further hours are billed as 96366.

    How to fix: bill one unit of 96365 and the further hours as 96366.
    """
    for line in claim.lines:
        most, units = _MOST_UNITS.get(line.procedure), line.units
        if most and units is not None and units > most:
            yield finding(
                line.at("units"),
                f"{units:f} units of {line.procedure}; more than {most} on a line is doubted",
                "check the units: one initial hour, each further hour as an add-on",
            )


@edit(
    "ADM07",
    "Injection or push beside a drug that is infused",
    severity="warn",
    concerns=procedures("J0490"),
    claim_status="A8:223",
    carc="16",
    source="Benlysta label: infused over an hour, not as a push or bolus",
    confidence=0.85,
)
def injected(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day with J0490 has no 96372 or 96374, unless another drug on that day could be what was
    injected.

    Why it is denied: J0490 is the vial for infusion; an injection code does not fit its route.

    How to fix: bill 96365 for the infusion; if the drug was injected under the skin it is not J0490.
    """
    wrong = facts.family("injection_or_push")
    days = {line.service_date for line in claim.lines if line.procedure == "J0490"}
    others = {line.service_date for line in claim.lines if _is_drug(line.procedure) and line.procedure != "J0490"}
    for line in claim.lines:
        if line.procedure in wrong and line.service_date in days - others:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} does not fit J0490, which is infused",
                "bill the infusion (96365), or correct the drug's code if it was injected",
            )


@edit(
    "ADM08",
    "Additional hour with belimumab",
    severity="info",
    concerns=procedures("J0490"),
    source="CPT hierarchy of infusions and injections; Benlysta label: an hour's infusion",
    confidence=0.9,
)
def additional_hour(claim: Claim, facts: Facts) -> Results:
    """What it checks: it points out 96366 on a day with J0490.

    Why it is denied: an additional hour needs more than 30 minutes beyond the first, so 91 minutes in all, and the
    label's infusion takes 60.

    How to fix: make sure that start and stop times are documented.
    """
    days = {line.service_date for line in claim.lines if line.procedure == "J0490"}
    for line in claim.lines:
        if line.procedure in facts.family("additional_hour") and line.service_date in days:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} needs 91 minutes or more; belimumab takes 60",
                "make sure that start and stop times are documented",
            )


@edit(
    "ADM09",
    "Drug and infusion point to different diagnoses",
    severity="info",
    concerns=infused_drugs,
    types=("837P",),
    claim_status="A7:477",
    source="Practice of payers' claim reviews",
    confidence=0.6,
)
def pointers_differ(claim: Claim, facts: Facts) -> Results:
    """What it checks: an infusion points to the same diagnoses as an infused drug of that day.

    Why it is denied: the infusion is covered for what its drug is covered for.

    How to fix: give both lines the same pointers.
    """
    of_drugs: dict[date | None, set[frozenset[str]]] = {}
    for line in claim.lines:
        if line.procedure in facts.drug_codes:
            of_drugs.setdefault(line.service_date, set()).add(frozenset(line.diagnosis_pointers))
    for line in claim.lines:
        if line.procedure not in facts.family("initial_infusion"):
            continue
        pointers = of_drugs.get(line.service_date)
        if pointers and frozenset(line.diagnosis_pointers) not in pointers:
            yield finding(
                line.at("diagnosis_pointers"),
                f"{line.procedure} points to other diagnoses than the drug",
                "give both lines the same pointers",
            )


@edit(
    "ADM10",
    "Infusion code of an office, given at home",
    severity=by_payer(ffs="info", madv="warn", mcd="warn", other="warn"),
    concerns=infused_drugs,
    types=("837P",),
    claim_status="A8:249",
    carc="5",
    source="Payer rules on home infusion differ",
    confidence=0.6,
)
def infusion_at_home(claim: Claim, facts: Facts) -> Results:
    """What it checks: 96365 and its like do not stand at place of service 12 (home).

    Why it is denied: many payers want home infusion coded otherwise (S9338 and its like, 99601 and 99602, G0068 …).

    How to fix: check the payer's rules on home infusion.
    """
    for line in claim.lines:
        if line.procedure in facts.family("infusion") and claim.place_of(line) in facts.family("home"):
            yield finding(
                line.at("procedure"),
                f"{line.procedure} at home; many payers want home infusion coded otherwise",
                "check the payer's rules on home infusion",
            )
