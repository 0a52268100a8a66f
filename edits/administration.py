"""How the drug was given: the administration codes on the same claim as the drug."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Literal

from scrubber.claims.doses import Dose
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.visits import by_day, by_one_provider, encounters
from scrubber.edit import Concern, Finding, Results, administrations, by_payer, edit, finding, infused_drugs
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.administration import Administration
from scrubber.reference.courses import is_drug, lacks_administration, was_stopped
from scrubber.reference.external import ADD_ON

from ._add_ons import add_on_codes, codes_together, primaries_of
from ._administered import may_be_of_another_drug, other_drugs, roles, therapy_of
from ._doses import doses_paid_by_line
from ._listed import without_edition_of
from ._ndc_quantity import known_product
from ._supplied import says_drug_was_supplied

_HIERARCHY = "CPT hierarchy of infusions and injections; NCCI policy manual, chapter 11"
_ADD_ON = "CMS add-on code edits, type 1; Medicare Claims Processing Manual, chapter 12, section 30.6.5"


def _drugs_with_therapy(facts: Facts) -> frozenset[str]:
    """The codes of drugs with a known usual administration. The edit concerns claims with one of them."""
    return facts.codes_of_all(substance for row in facts.therapies for substance in row.substances)


def _codes_where(wanted: Callable[[Administration], bool]) -> Concern:
    """Concerns claims with the code of an administration of some kind."""
    return lambda facts: frozenset().union(*(row.codes for row in facts.administrations.rows if wanted(row)))


_INITIAL_INFUSIONS = _codes_where(lambda row: row.is_initial_infusion)
_FURTHER_HOURS = _codes_where(lambda row: row.is_further_hour)
_INFUSIONS_INTO_VEIN = _codes_where(lambda row: row.is_initial_infusion or row.is_further_hour)


def _questioned(facts: Facts) -> frozenset[str]:
    """Concerns claims with an administration that payers question for some drug."""
    return frozenset(code for therapy in facts.therapies for code in therapy.questioned)


def _in_place_of_infusion(facts: Facts) -> frozenset[str]:
    """Concerns claims with an administration that takes the place of an infusion and does not fit some drug."""
    methods = {method for therapy in facts.therapies for method in therapy.not_by}
    return _codes_where(lambda row: row.takes_place_of_infusion and row.method in methods)(facts)


@edit(
    "ADM01",
    "Drug infused under a code that payers question",
    severity=by_payer(ffs="info", madv="warn", mcd="warn", other="warn"),
    concerns=_drugs_with_therapy,
    part="visits",
    needs=_questioned,
    claim_status="A8:454",
    carc="150",
    rarc="N56",
    source="Manufacturers' billing guides of belimumab, with its footnote on 96413, and of anifrolumab; CMS "
    "Transmittal 12397 (Dec 2023); Noridian on complex drugs",
    confidence=0.95,
)
def complex_infusion(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day with belimumab or anifrolumab has 96365 and not 96413. The table of therapies lists the
    questioned codes of each drug.

    Why it is denied: payers differ. 96365 is the standard code for these drugs. 96413 may apply to some monoclonal
    antibodies if the work exceeds a therapeutic infusion. Medicare contractors do not deny it because of the drug
    alone. Many commercial payers do.

    How to fix: bill 96365. Keep 96413 only if the record documents complex administration and the payer accepts 96413
    for it.

    What it cannot know: what the record documents, and what the payer's policy says.
    """
    reported = set()
    for dose in doses_paid_by_line(claim, facts):
        therapy = therapy_of(dose, facts)
        if therapy is None or not therapy.questioned:
            continue
        lines = by_day(claim, facts.administrations).get(dose.day, ())
        if any(line.procedure == therapy.standard for line in lines):
            continue
        for line in lines:
            if line.procedure not in therapy.questioned:
                continue
            explained = may_be_of_another_drug(claim, dose, line.procedure, facts)
            if line.start not in reported and not explained:
                reported.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"payment of {line.procedure} with {dose.procedure} depends on the payer; {therapy.standard} is "
                    "the standard code",
                    f"bill {therapy.standard}, or make sure that the record documents complex administration and that "
                    f"the payer accepts {line.procedure}",
                )


@edit(
    "ADM02",
    "Infused drug without its administration",
    severity="warn",
    concerns=infused_drugs,
    part="visits",
    claim_status="A8:736",
    carc="107",
    rarc="N349",
    source="CMS remark N349; payer policies on drug and administration; BCBSND on home infusion suites",
    confidence=0.8,
)
def no_administration(claim: Claim, facts: Facts) -> Results:
    """What it checks: each day with an infused drug has an administration code. On a hospital claim the code may also
    be on the day before or after, because an infusion may last past midnight. Home infusion codes (S93.., S94.., S95..,
    99601, G0068 …) count. The edit skips drugs that were given at home or delivered by a pharmacy. It skips hospital
    claims that report the administration under revenue code 0260, and bill types that pay drugs with the stay or the
    visit.

    Why it is denied: some payers pay neither the drug nor its administration if one of them is missing.

    How to fix: add the administration that was documented. Leave the claim as it is if another claim reports the
    administration.

    What it cannot know: whether another provider gave the drug and bills the administration on another claim.
    """
    for dose in doses_paid_by_line(claim, facts):
        first = next(iter(dose.administered), None)
        if first is None or not lacks_administration(claim, first, facts):
            continue
        therapy = therapy_of(dose, facts)
        usual = f" ({therapy.standard} is usual)" if therapy else ""
        yield finding(
            first.at("procedure"),
            f"{dose.procedure} has no administration code on the same day",
            f"add the administration that was documented{usual}, unless it is billed on another claim",
        )


@edit(
    "ADM04",
    "Add-on code without its primary code",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=add_on_codes,
    part="visits",
    claim_status="A8:736",
    carc="107",
    rarc="N122",
    source=_ADD_ON,
    confidence=0.95,
    widened_by=(ADD_ON,),
)
def add_on_alone(claim: Claim, facts: Facts) -> Results:
    """What it checks: each code for an additional hour, a sequential or concurrent infusion or a second push has one of
    its primary codes on the claim. 96366 needs 96365 or 96367. 96415 and 96417 need 96413. 96367 needs 96365, 96374,
    96409 or 96413. The table of administrations lists the rest. On an 837P the primary code must be on the same day, by
    any provider of the group. On an 837I it may be anywhere on the claim, because an encounter may last past midnight.
    With Medicare's table of add-on codes loaded, the edition of the date of service decides, and all its codes are
    checked. An open list of primaries (type 3), and a code that gives no drug, are a warning. Codes whose primaries a
    contractor chooses (type 2) are left out.

    Why it is denied: payers never pay an add-on code without one of its primary codes.

    How to fix: bill the initial administration that was given, or the add-on code that belongs to it.

    What it cannot know: whether the primary code is on another claim. Payers do not look for it there.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    yield from without_edition_of(
        ADD_ON, [line for line in claim.lines if line.procedure in add_on_codes(facts)], facts
    )
    for together in encounters(claim, codes_together(facts)):
        billed = {line.procedure for line in together}
        for line in together:
            needed = primaries_of(line, facts)
            if needed is None or not billed.isdisjoint(needed.codes):
                continue
            primaries = _alternatives(needed.codes)
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is an add-on code, and its primary code is missing ({primaries})",
                f"bill the primary code ({primaries}) if it was given; otherwise bill the add-on code that belongs to "
                "the service that was given",
                needed.severity,
            )


_MOST_PRIMARIES = 9


def _alternatives(codes: Sequence[str]) -> str:
    """Codes for a message: `96365 or 96367`. Of a long list the first ones."""
    shown = " or ".join(codes[:_MOST_PRIMARIES])
    return shown if len(codes) <= _MOST_PRIMARIES else f"{shown} or {len(codes) - _MOST_PRIMARIES} more"


@edit(
    "ADM05",
    "Two initial administrations in one visit",
    severity=by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"),
    concerns=administrations,
    part="visits",
    claim_status="A8:454",
    carc="236",
    source=f"{_HIERARCHY}; Medicare Claims Processing Manual, chapter 4, section 230.2 (encounters over midnight)",
    confidence=0.95,
)
def two_initial(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day has only one initial administration into a vein (96365, 96413, 96374 …) without a modifier
    for a separate service (59, XE, XP, XS, XU). If the lines name different rendering providers, the finding is a
    warning. It is also a warning if a hospital claim with observation has a second initial code on the next day.

    Why it is denied: payers pay one initial code for each visit or hospital encounter, unless there was a second access
    or visit.

    How to fix: keep the initial code for the main reason for the visit, and bill the others as sequential or add-on
    codes. Add the modifier only if the record shows a second access or visit.

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
            yield _second_initial(line, before, "in one encounter, if the encounter lasted past midnight", "warn")


@once_per_facts
def _initial_into_vein(facts: Facts) -> frozenset[str]:
    rows = facts.administrations.rows
    return frozenset(row.code for row in rows if row.role == "initial" and row.access == "vein")


def _over_midnight(kept: list[ServiceLine], separate: frozenset[str]) -> Iterator[tuple[ServiceLine, ServiceLine]]:
    """Pairs of initial administrations on two consecutive days. The later has no modifier for a separate service."""
    by_day: dict[date, ServiceLine] = {line.service_date: line for line in kept if line.service_date}
    for day, line in by_day.items():
        before = by_day.get(date.fromordinal(day.toordinal() - 1))
        if before and separate.isdisjoint(line.modifiers):
            yield before, line


def _second_initial(line: ServiceLine, first: ServiceLine, within: str, severity: Literal["warn"] | None) -> Finding:
    return finding(
        line.at("procedure"),
        f"{line.procedure} is a second initial administration {within}; the first is {first.procedure} on line "
        f"{first.shown_number}",
        "keep the initial code for the main reason for the visit and bill the other as sequential or add-on; add 59, "
        "or XE, XP, XS or XU, only if the record shows a second access or visit",
        severity,
    )


def _drug_revenue(code: str) -> bool:
    return code == "0636" or code.startswith("025")


@edit(
    "ADM03",
    "Infusion without a drug",
    severity="warn",
    concerns=_INITIAL_INFUSIONS,
    part="visits",
    claim_status="A8:736",
    carc="107",
    source="HealthChoice Oklahoma on drug administration; payers' pages on drugs from specialty pharmacies",
    confidence=0.8,
)
def no_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim with an infusion (96365, 96413) has a line for a drug: a J, Q or C9 code, or a pharmacy
    revenue code. The finding is for information if a note says that somebody else supplied the drug (white bagging,
    free of charge), or if the services belong to a clinical trial (Q0, Q1, Z00.6).

    Why it is denied: some payers do not pay an infusion without the infused drug. If the drug was left off by mistake,
    the practice is not paid for it.

    How to fix: add the drug if the practice bought it. If a pharmacy or a sponsor supplied the drug, write that in a
    note, in the payer's form.

    What it cannot know: who bought the drug, and whether another claim reports it.
    """
    if any(is_drug(line.procedure) or _drug_revenue(line.revenue_code) for line in claim.lines):
        return
    if not facts.pays_drugs_by_line(claim):
        return
    supplied = says_drug_was_supplied(claim, facts)
    for line, row in roles(claim, facts):
        if row.is_initial_infusion:
            yield finding(
                line.at("procedure"),
                f"the claim has {line.procedure} but no drug",
                "add the drug if the practice bought it; if a pharmacy or a sponsor supplied it, write that in a note",
                "info" if supplied else None,
            )
            return


@edit(
    "ADM06",
    "Too many units of an administration for one visit",
    severity="warn",
    concerns=administrations,
    part="visits",
    claim_status="A7:476",
    carc="151",
    source="In the manner of the Medicare unit limits; the limits themselves come with the MUE table",
    confidence=0.6,
)
def too_many_units(claim: Claim, facts: Facts) -> Results:
    """What it checks: a line of an initial code (96365, 96413, 96360, 96374, 96409 …) has one unit. A line of
    additional hours (96366, 96415) has at most eight. The table of administrations lists the limits.

    Why it is denied: an initial code covers the start of a visit and counts once. Additional hours have their own code.

    How to fix: bill one unit of the initial code, and bill the additional hours with their add-on code.

    What it cannot know: how long the infusion lasted.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line, row in roles(claim, facts):
        units = line.units
        if row.most_units and units is not None and units > row.most_units:
            yield finding(
                line.at("units"),
                f"the line has {units:f} units of {line.procedure}; payers question more than {row.most_units}",
                "compare the units with the start and stop times; bill one unit of an initial code and bill additional "
                "hours with the add-on code",
            )


@edit(
    "ADM07",
    "Administration that does not fit the drug's route",
    severity="warn",
    concerns=infused_drugs,
    part="visits",
    needs=_in_place_of_infusion,
    claim_status="A8:223",
    carc="16",
    rarc="M51",
    source="Drug labels: Benlysta, Saphnelo, Remicade and Rituxan are infused, not given as a push or bolus; CPT on "
    "infusions of 15 minutes or less (MedLearn 2022)",
    confidence=0.85,
)
def injected(claim: Claim, facts: Facts) -> Results:
    """What it checks: a day with a drug that is only infused has no injection or push (96372, 96374, 96409 …), unless
    another drug of that day explains it. If a code has infused and injected products, its NDC decides: an infused
    product is not injected (96372), and one for injection under the skin is not infused. The edit takes an infusion as
    stopped if as much was discarded as was given, or if the infusion has modifier 53. A push may then be right, and the
    finding is for information.

    Why it is denied: the administration does not fit the drug's route.

    How to fix: bill the infusion that was given. Code an infusion that was stopped within 15 minutes as a push, and
    keep the start and stop times on record. A drug that was injected under the skin has another code.

    What it cannot know: how long the infusion lasted.
    """
    reported = set()
    for dose in doses_paid_by_line(claim, facts):
        therapy = therapy_of(dose, facts)
        not_by = (*(therapy.not_by if therapy else ()), *_not_by_product(dose, facts))
        if not not_by or other_drugs(claim, dose):
            continue
        lines = by_day(claim, facts.administrations).get(dose.day, ())
        usual = f" ({therapy.standard} is usual)" if therapy else ""
        stopped = was_stopped(claim, dose, facts)
        for line in lines:
            row = facts.administrations.get(line.procedure)
            if row and row.takes_place_of_infusion and row.method in not_by and line.start not in reported:
                reported.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} does not fit {dose.procedure}, which is not given that way"
                    + ("; it is right if the infusion was stopped within 15 minutes" if stopped else ""),
                    f"bill the administration that was given{usual}; bill a push only for an infusion that was stopped "
                    "within 15 minutes",
                    "info" if stopped else None,
                )


_NOT_BY_ROUTE = {"intravenous": ("injection",), "subcutaneous": ("infusion", "push")}
"""The methods that a product of a route is not given by. A drug for the vein may be pushed."""


def _not_by_product(dose: Dose, facts: Facts) -> tuple[str, ...]:
    """The methods that do not fit the products of a dose, by its NDCs. None if the code has products of one route."""
    if not {product.route for product in facts.products.of_code(dose.procedure)} >= _NOT_BY_ROUTE.keys():
        return ()
    products = [known_product(line, facts) for line in dose.lines]
    routes = {product.route if product else None for product in products}
    return _NOT_BY_ROUTE.get(routes.pop() or "", ()) if len(routes) == 1 else ()


_ADDITIONAL_HOUR_FROM = 91
"""The shortest infusion, in minutes, that has an additional hour: more than 30 minutes after the first hour."""


@edit(
    "ADM08",
    "Additional hour of a short infusion",
    severity="info",
    concerns=_drugs_with_therapy,
    part="visits",
    needs=_FURTHER_HOURS,
    source="CPT hierarchy of infusions and injections; labels (Benlysta: an hour's infusion; Saphnelo: 30 minutes)",
    confidence=0.9,
)
def additional_hour(claim: Claim, facts: Facts) -> Results:
    """What it checks: an additional hour (96366, 96415) is not billed on a day with a drug that takes less than 91
    minutes by its label, unless another drug explains it.

    Why it is denied: an additional hour needs more than 30 minutes after the first hour, so 91 minutes in total.

    How to fix: make sure that the start and stop times are documented.

    What it cannot know: how long the infusion lasted. A slower rate after a reaction is correct.
    """
    reported = set()
    for dose in doses_paid_by_line(claim, facts):
        therapy = therapy_of(dose, facts)
        if therapy is None or therapy.minutes is None or therapy.minutes >= _ADDITIONAL_HOUR_FROM:
            continue
        for line in by_day(claim, facts.administrations).get(dose.day, ()):
            row = facts.administrations.get(line.procedure)
            if row is None or not row.is_further_hour or line.start in reported:
                continue
            if not may_be_of_another_drug(claim, dose, line.procedure, facts):
                reported.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} needs {_ADDITIONAL_HOUR_FROM} minutes or more, but {dose.procedure} takes "
                    f"{therapy.minutes} minutes by its label",
                    "make sure that the start and stop times are documented",
                )


@edit(
    "ADM09",
    "Drug and infusion point to different diagnoses",
    severity="info",
    concerns=infused_drugs,
    part="visits",
    needs=_INITIAL_INFUSIONS,
    types=("837P",),
    claim_status="A7:477",
    source="Practice of payers' claim reviews",
    confidence=0.6,
)
def pointers_differ(claim: Claim, facts: Facts) -> Results:
    """What it checks: an infusion points to the same diagnoses as an infused drug of that day.

    Why it is denied: payers cover the infusion for the same diagnoses as its drug.

    How to fix: use the same pointers on both lines.

    What it cannot know: whether the infusion was for another drug of that day.
    """
    of_drugs: dict[date | None, set[frozenset[str]]] = {}
    for line in claim.lines:
        if line.procedure in facts.drug_codes:
            of_drugs.setdefault(line.service_date, set()).add(frozenset(line.diagnosis_pointers))
    for line, row in roles(claim, facts):
        if not row.is_initial_infusion:
            continue
        pointers = of_drugs.get(line.service_date)
        if pointers and frozenset(line.diagnosis_pointers) not in pointers:
            yield finding(
                line.at("diagnosis_pointers"),
                f"{line.procedure} points to other diagnoses than the drug",
                "use the same pointers on both lines",
            )


@edit(
    "ADM10",
    "Office infusion code for an infusion at home",
    severity=by_payer(ffs="info", madv="warn", mcd="warn", other="warn"),
    concerns=infused_drugs,
    part="visits",
    needs=_INFUSIONS_INTO_VEIN,
    types=("837P",),
    claim_status="A8:249",
    carc="5",
    source="Payer rules on home infusion differ",
    confidence=0.6,
)
def infusion_at_home(claim: Claim, facts: Facts) -> Results:
    """What it checks: 96365, 96413 and their additional hours are not billed with place of service 12 (home).

    Why it is denied: many payers want other codes for home infusion (S9338 and similar codes, 99601 and 99602, G0068
    and others).

    How to fix: bill the codes of the payer's home infusion rules, or correct the place of service.

    What it cannot know: what the payer's contract for home infusion says.
    """
    for line, row in roles(claim, facts):
        in_office = row.method == "infusion" and row.gives_drug and row.access == "vein"
        if in_office and row.role in ("initial", "additional_hour") and claim.place_of(line) in facts.family("home"):
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is billed at home; many payers want other codes for home infusion",
                "bill the codes of the payer's home infusion rules, or correct the place of service",
            )
