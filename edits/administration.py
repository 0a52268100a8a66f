"""How the drug was given: infusion codes beside the drug."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from scrubber.claims.doses import Dose, doses
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.claims.visits import by_day, by_one_provider, encounters
from scrubber.edit import Finding, Results, administrations, by_payer, edit, finding, infused_drugs
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.administration import Administration, Administrations
from scrubber.reference.courses import drugs_by_day, is_drug, lacks_administration, was_stopped
from scrubber.reference.therapy import Therapy

_HIERARCHY = "CPT hierarchy of infusions and injections; NCCI policy manual, chapter 11"
_ADD_ON = "CMS add-on code edits, type 1; Medicare Claims Processing Manual, chapter 12, section 30.6.5"


def _drugs_with_therapy(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug whose usual administration is known."""
    return facts.codes_of_all(substance for row in facts.therapies for substance in row.substances)


def _initial_infusions(facts: Facts) -> frozenset[str]:
    return frozenset(row.code for row in facts.administrations.rows if row.is_initial_infusion)


def _roles(claim: Claim, facts: Facts) -> Sequence[tuple[ServiceLine, Administration]]:
    """The lines that give a drug, with how they do."""
    return _roles_by(claim, facts.administrations)


@once_per_claim
def _roles_by(claim: Claim, table: Administrations) -> Sequence[tuple[ServiceLine, Administration]]:
    return [(line, row) for line in claim.lines if (row := table.get(line.procedure))]


def _doses(claim: Claim, facts: Facts) -> Sequence[Dose]:
    """The doses of drugs that are paid line by line, so that how they were given is asked for."""
    return doses(claim, facts.drug_codes) if facts.pays_drugs_by_line(claim) else ()


def _other_drugs(claim: Claim, dose: Dose) -> frozenset[str]:
    """The codes of other drugs on the day of a dose."""
    return drugs_by_day(claim).get(dose.day, frozenset()) - {dose.procedure}


def _may_be_of_another_drug(claim: Claim, dose: Dose, administration: str, facts: Facts) -> bool:
    """Whether another infused drug of the day explains an administration: one that it suits, or an unknown one."""
    for code in _other_drugs(claim, dose):
        therapy = facts.therapy(facts.substance(code, dose.day))
        if therapy is None and code not in facts.family("given_beside_infusions"):
            return True
        if therapy and administration not in therapy.questioned and therapy.minutes is None:
            return True
    return False


def _therapy(dose: Dose, facts: Facts) -> Therapy | None:
    return facts.therapy(facts.substance(dose.procedure, dose.day))


@edit(
    "ADM01",
    "Drug infused under a code that payers question",
    severity=by_payer(ffs="info", madv="warn", mcd="warn", other="warn"),
    concerns=_drugs_with_therapy,
    claim_status="A8:454",
    carc="150",
    rarc="N56",
    source="Manufacturers' billing guides of belimumab, with its footnote on 96413, and of anifrolumab; CMS "
    "Transmittal 12397 (Dec 2023); Noridian on complex drugs",
    confidence=0.95,
)
def complex_infusion(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day with belimumab or anifrolumab has 96365 rather than 96413 (the table of therapies says
    which code is questioned for which drug).

    Why it is denied: payers differ. 96365 is the standard code for these drugs. 96413 may apply to some monoclonal
    antibodies where the work exceeds a therapeutic infusion; Medicare contractors do not deny it by the drug alone,
    many commercial payers do.

    How to fix: bill 96365, unless the record documents complex administration and the payer takes 96413 for it.

    What it cannot know: what the record documents, and what the payer's policy says.
    """
    said = set()
    for dose in _doses(claim, facts):
        therapy = _therapy(dose, facts)
        if therapy is None or not therapy.questioned:
            continue
        lines = by_day(claim, facts.administrations).get(dose.day, ())
        if any(line.procedure == therapy.standard for line in lines):
            continue
        for line in lines:
            if line.procedure not in therapy.questioned:
                continue
            explained = _may_be_of_another_drug(claim, dose, line.procedure, facts)
            if line.start not in said and not explained:
                said.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} with {dose.procedure} depends on the payer; {therapy.standard} is the standard "
                    "code",
                    f"bill {therapy.standard}, or make sure that complex administration is documented and the payer "
                    "accepts it",
                )


@edit(
    "ADM02",
    "Infused drug without its administration",
    severity="warn",
    concerns=infused_drugs,
    claim_status="A8:736",
    carc="107",
    rarc="N349",
    source="CMS remark N349; payer policies on drug and administration; BCBSND on home infusion suites",
    confidence=0.8,
)
def no_administration(claim: Claim, facts: Facts) -> Results:
    """What it checks: each day with an infused drug has a code for its administration; a hospital's claim has one on
    that day or a day beside it, as an infusion may last over midnight. The codes of home infusion (S93.., S94..,
    S95.., 99601, G0068 …) count. Left out are drugs given at home or delivered by a pharmacy, hospital claims whose
    administration stands under revenue code 0260, and bill types that pay drugs with the stay or the visit.

    Why it is denied: some payers pay neither the drug nor its administration when one of them is missing.

    How to fix: add the administration that was documented; leave the claim as it is where another claim carries it.

    What it cannot know: whether somebody else gave the drug and bills that on a claim of their own.
    """
    for dose in _doses(claim, facts):
        first = next(iter(dose.administered), None)
        if first is None or not lacks_administration(claim, first, facts):
            continue
        therapy = _therapy(dose, facts)
        usual = f" ({therapy.standard} is usual)" if therapy else ""
        yield finding(
            first.at("procedure"),
            f"{dose.procedure} has no administration code on the same day",
            f"add the administration that was documented{usual}, unless it is billed on another claim",
        )


@edit(
    "ADM04",
    "Add-on administration without its primary code",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=administrations,
    claim_status="A8:736",
    carc="107",
    rarc="N122",
    source=_ADD_ON,
    confidence=0.95,
)
def add_on_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: each additional-hour, sequential, concurrent or second push code has one of its own primary codes
    beside it: 96366 has 96365 or 96367, 96415 and 96417 have 96413, 96367 has 96365, 96374, 96409 or 96413, and so on
    (the table of administrations). On an 837P on the same day, by whichever provider of the group; on an 837I anywhere
    on the claim, since an encounter may last over midnight.

    Why it is denied: an add-on code is never paid without one of its primary codes.

    How to fix: bill the initial administration that was given, or the add-on code that belongs to it.

    What it cannot know: whether the primary code is on another claim, which payers do not look for.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for together in encounters(claim, facts.administrations):
        billed = {line.procedure for line in together}
        for line in together:
            row = facts.administrations.get(line.procedure)
            if row is None or not row.primaries or not billed.isdisjoint(row.primaries):
                continue
            beside = " or ".join(row.primaries)
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is an add-on, and no primary code of its own stands beside it ({beside})",
                f"bill the primary code if it was given ({beside}), else the add-on of the code that was",
            )


@edit(
    "ADM05",
    "Two initial administrations in one visit",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=administrations,
    claim_status="A8:454",
    carc="236",
    source=f"{_HIERARCHY}; Medicare Claims Processing Manual, chapter 4, section 230.2 (encounters over midnight)",
    confidence=0.95,
)
def two_initial(claim: Claim, facts: Facts) -> Results:
    """What it checks: of the initial administrations into a vein (96365, 96413, 96374 …) of one day all but one have a
    modifier that says they were separate (59, XE, XP, XS, XU). Where the lines name different rendering providers it is
    a warning, and so it is on a hospital's claim with observation for a second initial code on the next day.

    Why it is denied: only one initial code is paid for a visit, or a hospital's encounter, unless there was a second
    access or visit.

    How to fix: keep the code of the main reason for the visit, and bill the rest as sequential or add-on codes; or add
    the modifier where the record shows a second access or visit.

    What it cannot know: whether there was a second access, and when an encounter ended.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    initial, separate = _initial_into_vein(facts), facts.family("separate_access")
    kept: list[ServiceLine] = []
    for visit in by_day(claim, initial).values():
        first, *others = [line for line in visit if separate.isdisjoint(line.modifiers)] or visit[:1]
        for line in others:
            one_provider = by_one_provider(claim, (first, line))
            yield _second_initial(line, first, "in one visit", None if one_provider else "warn")
        kept.append(first)
    if claim.type == "837I" and not claim.procedures.isdisjoint(facts.family("observation")):
        for before, line in _over_midnight(kept, separate):
            yield _second_initial(line, before, "in one encounter, if that lasted over midnight", "warn")


@once_per_facts
def _initial_into_vein(facts: Facts) -> frozenset[str]:
    rows = facts.administrations.rows
    return frozenset(row.code for row in rows if row.role == "initial" and row.access == "vein")


def _over_midnight(kept: list[ServiceLine], separate: frozenset[str]) -> Iterator[tuple[ServiceLine, ServiceLine]]:
    """Initial administrations of one day and the next, the later without a modifier that says it was separate."""
    by_day: dict[date, ServiceLine] = {line.service_date: line for line in kept if line.service_date}
    for day, line in by_day.items():
        before = by_day.get(date.fromordinal(day.toordinal() - 1))
        if before and separate.isdisjoint(line.modifiers):
            yield before, line


def _second_initial(line: ServiceLine, first: ServiceLine, where: str, severity: Literal["warn"] | None) -> Finding:
    return finding(
        line.at("procedure"),
        f"{line.procedure} is a second initial administration {where}, beside {first.procedure} of line "
        f"{first.number_text}",
        "keep the initial code of the main reason for the visit and bill the other as sequential or add-on; add 59 or "
        "X{EPSU} only where the record shows a second access or visit",
        severity,
    )


def _drug_revenue(code: str) -> bool:
    return code == "0636" or code.startswith("025")


_SUPPLIED = re.compile(
    r"\b(?:(?:white|brown).?bag\w*|specialty pharm\w*|supplied by|"
    r"(?:drug|med\w*) (?:furnished|provided|purchased|bought) by|"
    r"free (?:drug|of charge)|no.?(?:cost|charge)|(?:drug samples?|sample drug)|"
    r"(?:patient|payer|plan|pharmacy|sponsor|manufacturer).{0,20}(?:supplied|furnished|provided)|replacement drug|"
    r"patient assistance|(?:clinical|study) trial)\b",
    re.IGNORECASE,
)
"""Words of a note that say that the provider did not buy the drug."""


def _says_drug_was_supplied(claim: Claim, facts: Facts) -> bool:
    """Whether a note, a modifier or a diagnosis says that the drug came from somebody else."""
    trial, codes = facts.family("trial_modifiers"), facts.diagnosis_set("clinical_trial")
    if any(not trial.isdisjoint(line.modifiers) for line in claim.lines):
        return True
    if any(item.code in codes for item in claim.listed_diagnoses):
        return True
    notes = (segment[2] for segment in claim.span.segments if segment[0] == "NTE" and len(segment) > 2)
    return any(_SUPPLIED.search(note) for note in notes)


@edit(
    "ADM03",
    "Infusion without a drug",
    severity="warn",
    concerns=_initial_infusions,
    claim_status="A8:736",
    carc="107",
    source="HealthChoice Oklahoma on drug administration; payers' pages on drugs from specialty pharmacies",
    confidence=0.8,
)
def no_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim with an infusion (96365, 96413) has a line for a drug: a J, Q or C9 code, or a pharmacy
    revenue code. Where a note says that the drug was supplied (white bagging, free of charge), or the services belong
    to a clinical trial (Q0, Q1, Z00.6), it is only said.

    Why it is denied: some payers do not pay an infusion without what was infused; and a drug that was left off is not
    paid.

    How to fix: add the drug if the practice bought it. Where a pharmacy or a sponsor supplied it say so in a note, as
    the payer asks.

    What it cannot know: who bought the drug, and whether another claim carries it.
    """
    if any(is_drug(line.procedure) or _drug_revenue(line.revenue_code) for line in claim.lines):
        return
    if not facts.pays_drugs_by_line(claim):
        return
    supplied = _says_drug_was_supplied(claim, facts)
    for line, row in _roles(claim, facts):
        if row.is_initial_infusion:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} and no drug on the claim",
                "add the drug if the practice bought it; if a pharmacy or a sponsor supplied it say so in a note",
                "info" if supplied else None,
            )
            return


@edit(
    "ADM06",
    "More units of an infusion than one visit has",
    severity="warn",
    concerns=administrations,
    claim_status="A7:476",
    carc="151",
    source="In the manner of the Medicare unit limits; the limits themselves come with the MUE table",
    confidence=0.6,
)
def too_many_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an initial code (96365, 96413, 96360, 96374, 96409 …) has one unit, a line of
    additional hours (96366, 96415) at most eight (the table of administrations).

    Why it is denied: an initial code is the first hour of a visit, and further hours have a code of their own.

    How to fix: bill one unit of the initial code and the further hours with their add-on code.

    What it cannot know: how long the infusion lasted.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line, row in _roles(claim, facts):
        units = line.units
        if row.most_units and units is not None and units > row.most_units:
            yield finding(
                line.at("units"),
                f"{units:f} units of {line.procedure}; more than {row.most_units} on a line is doubted",
                "check the units against the start and stop times: one initial unit, further hours as an add-on",
            )


@edit(
    "ADM07",
    "Administration that does not fit the drug's route",
    severity="warn",
    concerns=_drugs_with_therapy,
    claim_status="A8:223",
    carc="16",
    rarc="M51",
    source="Drug labels: Benlysta, Saphnelo, Remicade and Rituxan are infused, not given as a push or bolus; CPT on "
    "infusions of 15 minutes or less (MedLearn 2022)",
    confidence=0.85,
)
def injected(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day with a drug that is only infused has no injection or push (96372, 96374, 96409 …), unless
    another drug of that day explains it. Where as much was discarded as
    given, or the infusion has modifier 53, it was stopped within minutes: then a push is right, and it is only said.

    Why it is denied: the administration does not fit the drug's route.

    How to fix: bill the infusion that was given. An infusion that was stopped within 15 minutes is coded as a push;
    keep start and stop times on record. A drug that was injected under the skin has another code.

    What it cannot know: how long the infusion lasted.
    """
    said = set()
    for dose in _doses(claim, facts):
        therapy = _therapy(dose, facts)
        if therapy is None or not therapy.not_by:
            continue
        beside = by_day(claim, facts.administrations).get(dose.day, ())
        if _other_drugs(claim, dose):
            continue
        stopped = was_stopped(claim, dose, facts)
        for line in beside:
            row = facts.administrations.get(line.procedure)
            if row and row.takes_place_of_infusion and row.method in therapy.not_by and line.start not in said:
                said.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} does not fit {dose.procedure}, which is not given that way"
                    + ("; an infusion that was stopped within 15 minutes is coded so" if stopped else ""),
                    f"bill the administration that was given ({therapy.standard} is usual); code a push only for an "
                    "infusion that was stopped within 15 minutes",
                    "info" if stopped else None,
                )


_ADDITIONAL_HOUR_FROM = 91
"""Minutes from which a second hour counts: more than 30 beyond the first."""


@edit(
    "ADM08",
    "Additional hour of a short infusion",
    severity="info",
    concerns=_drugs_with_therapy,
    source="CPT hierarchy of infusions and injections; labels (Benlysta: an hour's infusion; Saphnelo: 30 minutes)",
    confidence=0.9,
)
def additional_hour(claim: Claim, facts: Facts) -> Results:
    """What it checks: it points out an additional hour (96366, 96415) on a day with a drug whose labelled infusion
    takes less than 91 minutes, where no other drug explains it.

    Why it is denied: an additional hour needs more than 30 minutes beyond the first, so 91 minutes in all.

    How to fix: make sure that start and stop times are documented.

    What it cannot know: how long the infusion lasted; a slower rate after a reaction is no fault.
    """
    said = set()
    for dose in _doses(claim, facts):
        therapy = _therapy(dose, facts)
        if therapy is None or therapy.minutes is None or therapy.minutes >= _ADDITIONAL_HOUR_FROM:
            continue
        for line in by_day(claim, facts.administrations).get(dose.day, ()):
            row = facts.administrations.get(line.procedure)
            if row is None or not row.is_further_hour or line.start in said:
                continue
            if not _may_be_of_another_drug(claim, dose, line.procedure, facts):
                said.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} needs {_ADDITIONAL_HOUR_FROM} minutes or more; {dose.procedure} takes "
                    f"{therapy.minutes} by its label",
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

    What it cannot know: whether the infusion was for another drug of that day.
    """
    of_drugs: dict[date | None, set[frozenset[str]]] = {}
    for line in claim.lines:
        if line.procedure in facts.drug_codes:
            of_drugs.setdefault(line.service_date, set()).add(frozenset(line.diagnosis_pointers))
    for line, row in _roles(claim, facts):
        if not row.is_initial_infusion:
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
    """What it checks: 96365, 96413 and their additional hours do not stand at place of service 12 (home).

    Why it is denied: many payers want home infusion coded otherwise (S9338 and its like, 99601 and 99602, G0068 …).

    How to fix: bill the codes of the payer's home infusion rules, or correct the place of service.

    What it cannot know: what the payer's contract for home infusion says.
    """
    for line, row in _roles(claim, facts):
        in_office = row.method == "infusion" and row.gives_drug and row.access == "vein"
        if in_office and row.role in ("initial", "additional_hour") and claim.place_of(line) in facts.family("home"):
            yield finding(
                line.at("procedure"),
                f"{line.procedure} at home; many payers want home infusion coded otherwise",
                "bill the codes of the payer's home infusion rules, or correct the place of service",
            )
