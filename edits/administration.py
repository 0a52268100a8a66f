"""How the drug was given: the administration codes on the same claim as the drug."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from scrubber.claims.doses import Dose
from scrubber.claims.model import Claim
from scrubber.claims.visits import by_day
from scrubber.edit import Concern, Results, by_payer, edit, finding, infused_drugs
from scrubber.reference import Facts
from scrubber.reference.administration import Administration
from scrubber.reference.courses import is_drug, lacks_administration, was_stopped

from ._administrations import may_be_of_another_drug, other_drugs, roles, therapy_of
from ._doses import doses_paid_by_line
from ._drug_supply import says_drug_was_supplied
from ._ndc_quantity import known_product


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
    ways = {way for therapy in facts.therapies for way in therapy.not_by}
    return _codes_where(lambda row: row.takes_place_of_infusion and not row.ways.isdisjoint(ways))(facts)


@edit(
    "ADM01",
    "Infusion code that payers question for the drug",
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
    """What it checks: an infusion of belimumab or anifrolumab is billed with 96365, not with 96413. For other drugs,
    the table of therapies lists the codes that payers question.

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
    claims that report the administration under revenue code 0260, bill types that pay drugs as part of the stay or the
    visit, those that report drugs alone (12x, 32x, 34x), and late charges (frequency 5).

    Why it is denied: some payers pay neither the drug nor its administration if one of them is missing.

    How to fix: add the administration that was documented. Leave the claim as it is if another claim reports the
    administration.

    What it cannot know: whether another provider gave the drug and bills the administration on another claim.
    """
    if claim.adds_late_charges:
        return
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
    revenue code. The finding is for information if a note says that another party supplied the drug (white bagging,
    free of charge), or if the services belong to a clinical trial (Q0, Q1, Z00.6). The edit skips late charges (an 837I
    of frequency 5).

    Why it is denied: some payers do not pay an infusion without the infused drug. If the drug was left off by mistake,
    the practice is not paid for it.

    How to fix: add the drug if the practice bought it. If a pharmacy or a sponsor supplied the drug, write that in a
    note, in the words that the payer asks for.

    What it cannot know: who bought the drug, and whether another claim reports it.
    """
    if any(is_drug(line.procedure) or _drug_revenue(line.revenue_code) for line in claim.lines):
        return
    if claim.adds_late_charges or not facts.pays_drugs_by_line(claim):
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
    product is not injected (96372), and one for injection under the skin is not infused into a vein. A drug for the eye
    is given by 67028 only, and one for injection under the skin or into a muscle not through a vein. An infusion counts
    as stopped if at least as much was discarded as was given, or if the infusion has modifier 53. A push may then be
    right, so the finding is for information.

    Why it is denied: the administration does not fit the drug's route.

    How to fix: bill the infusion that was given. Code an infusion that was stopped within 15 minutes as a push, and
    keep the start and stop times on record. If the drug was injected under the skin, bill the code for that form of the
    drug.

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
            if row and row.takes_place_of_infusion and not row.ways.isdisjoint(not_by) and line.start not in reported:
                reported.add(line.start)
                yield finding(
                    line.at("procedure"),
                    f"{line.procedure} does not fit {dose.procedure}, which is not given that way"
                    + ("; it is right if the infusion was stopped within 15 minutes" if stopped else ""),
                    f"bill the administration that was given{usual}; bill a push only for an infusion that was stopped "
                    "within 15 minutes",
                    "info" if stopped else None,
                )


_NOT_BY_ROUTE = {"intravenous": ("injection",), "subcutaneous": ("vein",)}
"""The ways in which a product of a route is not given. A drug for the vein may be pushed."""


def _not_by_product(dose: Dose, facts: Facts) -> tuple[str, ...]:
    """The ways that do not fit the products of a dose, by its NDCs. None if the code has products of one route."""
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

    How to fix: change nothing if the record has start and stop times that support the hour. Otherwise remove the
    additional hour.

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
                    "remove it, unless the start and stop times on record support it",
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
