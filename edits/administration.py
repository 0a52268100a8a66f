"""How the drug was given: infusion codes beside the drug."""

from __future__ import annotations

from scrubber.claims.doses import doses
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import Results, by_payer, edit, finding, infused_drugs, procedures
from scrubber.reference import Facts

_HIERARCHY = "CPT hierarchy of infusions and injections; NCCI policy manual, chapter 11"


def _of_same_visit(claim: Claim, line: ServiceLine) -> list[ServiceLine]:
    """The other lines of the same day and provider."""
    return [
        other
        for other in claim.lines
        if other is not line
        and other.service_date == line.service_date
        and claim.provider_of(other) == claim.provider_of(line)
    ]


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
        if claim.type == "837P" and (first.place_of_service or claim.facility_code) in home:
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
    for line in claim.lines:
        if line.procedure in add_on and not any(o.procedure in primary for o in _of_same_visit(claim, line)):
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
    seen: list[ServiceLine] = []
    for line in claim.lines:
        if line.procedure not in initial or not separate.isdisjoint(line.modifiers):
            continue
        before = [other for other in _of_same_visit(claim, line) if other in seen]
        seen.append(line)
        if before:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is a second initial administration beside {before[0].procedure} of line "
                f"{before[0].number_text}",
                "keep one initial code and bill the other as sequential or add-on, or add 59 or X{EPSU}",
            )
