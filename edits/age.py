"""The patient's age beside the drug's label, and the patient's sex beside the diagnoses."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scrubber.claims.model import Claim, Level, ServiceLine
from scrubber.claims.values import named, whole_years
from scrubber.edit import Finding, NotChecked, Results, Severity, drugs_or_unclassified, edit, finding, remembered
from scrubber.reference import Facts, Product, once_per_facts

from ._hi_codes import CONDITION, coded

ADULT = 18


_AGE_UNKNOWN = NotChecked("the patient's age on the date of service is not known")


def _age_on(claim: Claim, line: ServiceLine) -> int | None:
    """Completed years on the line's date of service; `None` if a date is missing or the birth is after the service."""
    born, day = claim.patient_birth_date, line.service_date
    return None if born is None or day is None or born > day else whole_years(born, day)


_SELF_INJECTED = "belimumab"
"""The substance with separate label ages for its syringe and its autoinjector."""


@once_per_facts
def _belimumab_codes(facts: Facts) -> frozenset[str]:
    """Concerns claims with a code that is used for injected belimumab, rightly or wrongly."""
    confused = [other for code in facts.codes_of(_SELF_INJECTED) for other in facts.confused_with(code)]
    return facts.family("unclassified") | facts.codes_of(_SELF_INJECTED) | frozenset(confused)


def _injected(claim: Claim, facts: Facts) -> Iterator[tuple[ServiceLine, Product]]:
    """The lines with an NDC of belimumab for injection under the skin, under any code.

    There are none if the bill type pays drugs as part of the stay or the visit.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    codes = _belimumab_codes(facts)
    for line in claim.lines:
        product = facts.product(line.ndc) if line.procedure in codes else None
        if product and product.substance == _SELF_INJECTED and product.route == "subcutaneous":
            yield line, product


def _off_label(product: Product, line: ServiceLine, indication: str, age: int, facts: Facts) -> str | None:
    """Why an injected product was off label for a minor on the day; `None` if it was on label."""
    package = line.ndc[-2:]
    device = "syringe" if package in product.syringe_packages else "autoinjector"
    day = line.service_date
    labels = [label for label in facts.labels_of(product.substance, "subcutaneous") if label.indication == indication]
    if day is None or any(label.covers(age, day) and label.device in (device, "any") for label in labels):
        return None
    for_minors = [label.age_min for label in labels if label.age_min < ADULT]
    youngest = min(for_minors, default=ADULT)
    if age < youngest:
        return f"it is labelled from {youngest} years on"
    if device == "syringe":
        return "the prefilled syringe is labelled for adults only; the autoinjector is the form for minors"
    return "on that day it was not yet approved under 18 years for this diagnosis"


@edit(
    "AGE03",
    "Subcutaneous belimumab for a minor, off label",
    severity="warn",
    concerns=_belimumab_codes,
    sign="minor",
    claim_status="A8:218",
    carc="6",
    source="Benlysta label, June 2025; approvals of May 2024 and June 2025 (exact days uncertain)",
    confidence=0.8,
)
def subcutaneous_for_minor(claim: Claim, facts: Facts) -> Results:
    """What it checks: a belimumab autoinjector or syringe for a patient under 18 was labelled for the age, the device
    and the diagnosis on the date of service. The autoinjector is labelled from age 5: for lupus since 2024-05-21, for
    lupus nephritis since 2025-06-24. The syringe is labelled for adults only. Bill types that pay drugs as part of the
    stay or the visit are left out.

    Why it is denied: the payer decides whether it covers a drug below the labelled age. The injected forms belong to
    the pharmacy benefit at any age.

    How to fix: check the birth date and the NDC. Bill the pharmacy plan, with the prior authorization for this patient.

    What it cannot know: which device was used, if the NDC is wrong.
    """
    for line, product in _injected(claim, facts):
        age = _age_on(claim, line)
        if age is None:
            yield _AGE_UNKNOWN
            continue
        nephritis = any(item.code in facts.diagnosis_set("lupus_nephritis") for item in claim.listed_diagnoses)
        why = _off_label(product, line, "lupus_nephritis" if nephritis else "sle", age, facts) if age < ADULT else None
        if why:
            yield finding(
                line.at("ndc"),
                f"subcutaneous belimumab for a patient under 18: {why}",
                "check the birth date and the NDC; bill injected belimumab to the pharmacy plan",
            )


@once_per_facts
def _with_label_for_minors(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug that is labelled for some minors."""
    minors = {substance for label in facts.labels if label.age_min < ADULT for substance in label.substances}
    return facts.codes_of_all(minors) - _adults_only(facts)


@once_per_facts
def _adults_only(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug that is labelled for adults only."""
    labelled = facts.codes_of_all(substance for label in facts.labels for substance in label.substances)
    return frozenset(
        code for code in labelled if all(label.age_min >= ADULT for label in facts.labels_of_code(code, None))
    )


def _below_label(claim: Claim, facts: Facts, codes: frozenset[str]) -> Iterator[ServiceLine | NotChecked]:
    """The lines of some drugs that were not labelled for the patient's age on the date of service.

    There are none if the bill type pays drugs as part of the stay or the visit.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        if line.procedure not in codes:
            continue
        age, day = _age_on(claim, line), line.service_date
        if age is None or day is None:
            yield _AGE_UNKNOWN
        else:
            labels = facts.labels_of_code(line.procedure, day)  # none on a day on which the code is not in force
            if labels and not any(label.covers(age, day) for label in labels):
                yield line


@edit(
    "AGE01",
    "Drug below its labelled age",
    severity="warn",
    concerns=_with_label_for_minors,
    claim_status="A7:475",
    carc="6",
    source="Benlysta label: adults since 2011, from 5 years on since 2019-04-26; Remicade label: from 6 years on; "
    "Rituxan label",
    confidence=0.95,
)
def too_young(claim: Claim, facts: Facts) -> Results:
    """What it checks: the drug was labelled for the patient's age on the date of service. Belimumab is labelled from
    age 5 since 2019-04-26, and before that from age 18. Infliximab is labelled from age 6. AGE02 checks drugs that are
    labelled for adults only. Bill types that pay drugs as part of the stay or the visit are left out.

    Why it is denied: the payer decides for each patient whether it covers a drug below the labelled age.

    How to fix: correct the birth date if it is wrong. If it is right, attach the payer's approval for this patient.

    What it cannot know: whether the payer approved the drug for this patient.
    """
    for line in _below_label(claim, facts, _with_label_for_minors(facts)):
        if isinstance(line, NotChecked):
            yield line
        else:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is billed for a patient below the labelled age",
                "correct the birth date if it is wrong; otherwise attach the payer's approval",
            )


@edit(
    "AGE02",
    "Adults' drug for a minor",
    severity="warn",
    concerns=_adults_only,
    sign="minor",
    claim_status="A7:475",
    carc="6",
    source="Saphnelo label and others: adults",
    confidence=0.95,
)
def minor_with_adults_drug(claim: Claim, facts: Facts) -> Results:
    """What it checks: the patient was 18 or older on the date of service if the drug is labelled for adults only, such
    as anifrolumab (J0491). Bill types that pay drugs as part of the stay or the visit are left out.

    Why it is denied: the payer decides whether it covers a drug below the labelled age. The claim may also have the
    code of anifrolumab by mistake for belimumab, which is labelled for children.

    How to fix: check the birth date and the code. Bill the code of the drug that was given.

    What it cannot know: which drug was given.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    for line in claim.lines:
        if line.procedure not in _adults_only(facts):
            continue
        age = _age_on(claim, line)
        if age is None:
            yield _AGE_UNKNOWN
        elif age < ADULT:
            confused = facts.confused_with(line.procedure)
            hint = f"; {' or '.join(confused)} may have been meant" if confused else ""
            substance = facts.substance(line.procedure, line.service_date)
            yield finding(
                line.at("procedure"),
                f"{line.procedure} ({substance}) is labelled for adults, and the patient was under 18{hint}",
                "correct the birth date or the code if one is wrong; otherwise attach the payer's approval",
            )


INJECTED_BY_OTHERS_BELOW = 10


@edit(
    "AGE04",
    "Self-injected belimumab for a child under ten",
    severity="info",
    concerns=_belimumab_codes,
    sign="minor",
    source="Benlysta label, June 2025",
    confidence=0.7,
)
def child_cannot_inject(claim: Claim, facts: Facts) -> Results:
    """What it checks: injected belimumab is not billed for a patient under ten.

    Why it is denied: it is not denied. But a professional or a trained caregiver must give the injection.

    How to fix: make sure that the record says who gives the injection.

    What it cannot know: who gives the injection.
    """
    for line, _ in _injected(claim, facts):
        age = _age_on(claim, line)
        if age is None:
            yield _AGE_UNKNOWN
        elif age < INJECTED_BY_OTHERS_BELOW:
            yield finding(
                line.at("ndc"),
                "a child under ten cannot self-inject; a professional or a trained caregiver must give the injection",
                "make sure that the record says who gives the injection",
            )


OLDEST = 120


@edit(
    "AGE05",
    "Impossible birth date",
    severity="reject",
    concerns=None,
    sign="odd birth date",
    claim_status="A7:158",
    carc="16",
    source="005010X222 and 005010X223, DMG of loops 2010BA and 2010CA",
    confidence=0.95,
)
def impossible_birth_date(claim: Claim, facts: Facts) -> Results:
    """What it checks: the patient was born before the service. A claim with an infused drug has a birth date. A
    birth more than 120 years before the service is a warning: some systems write 1900-01-01 for an unknown date.

    Why it is denied: an impossible birth date does not match the member's record.

    How to fix: correct the birth date in the patient's or the subscriber's DMG segment.

    What it cannot know: the right birth date.
    """
    patient = claim.patient
    if patient is None:
        return
    born, days = patient.birth_date, claim.service_dates
    if born is None:
        if not claim.procedures.isdisjoint(drugs_or_unclassified(facts)):
            yield _birth_date(patient, "the patient's birth date is missing", "add the birth date")
    elif days and born > days[0]:
        yield _birth_date(patient, "the birth date is after the date of service", "correct the birth date")
    elif days and whole_years(born, days[0]) > OLDEST:
        yield _birth_date(patient, f"the patient would be older than {OLDEST} years", "correct the birth date", "warn")


def _birth_date(patient: Level, message: str, fix: str, severity: Severity | None = None) -> Finding:
    return finding(patient.at("birth_date"), message, f"{fix} in the patient's DMG segment", severity)


_DIAGNOSES_OF_THE_OTHER_SEX = {"F": "diagnoses_of_men", "M": "diagnoses_of_women"}
_KEPT = 4096
_KNOWN_CONFLICT, _GENDER_CONDITION = "KX", "45"
"""What says that a conflict of sex and diagnosis is no mistake: a modifier, and a condition code (837I)."""


@once_per_facts
def _conflicting_sexes(facts: Facts) -> Callable[[frozenset[str]], frozenset[str]]:
    """A function for the sexes that diagnoses conflict with. Most diagnoses conflict with none."""
    sets = {sex: facts.diagnosis_set(name) for sex, name in _DIAGNOSES_OF_THE_OTHER_SEX.items()}
    return remembered(_KEPT)(lambda codes: frozenset(sex for sex, others in sets.items() if others.holds_any(codes)))


@edit(
    "SEX01",
    "Diagnosis that does not fit the patient's sex",
    severity="warn",
    concerns=drugs_or_unclassified,
    claim_status="A8:255",
    carc="10",
    source="ICD-10-CM: codes of one sex; Medicare Claims Processing Manual, chapter 32, section 240 (KX, code 45)",
    confidence=0.75,
)
def diagnosis_of_the_other_sex(claim: Claim, facts: Facts) -> Results:
    """What it checks: no diagnosis is of the other sex than the patient's (DMG03), such as cancer of the prostate for a
    woman, pregnancy for a man, or the code of a man's breast cancer (C50.92-) for a woman. The edit skips claims with
    KX on a line, with condition code 45 on an 837I, and with another sex than F and M.

    Why it is denied: the payer cannot tell whether the diagnosis or the patient is wrong. It is a warning because not
    all payers compare the two.

    How to fix: check the diagnosis and the patient's sex as the payer has it. If both are right, add KX to the lines of
    an 837P, or condition code 45 to an 837I.

    What it cannot know: the sex that the payer has on file.
    """
    conflicting = _conflicting_sexes(facts)(claim.listed_codes)
    patient = claim.patient if conflicting else None
    sex = patient.text("sex") if patient else ""
    if sex not in conflicting or _is_known_conflict(claim):
        return
    of_others = _DIAGNOSES_OF_THE_OTHER_SEX[sex]
    others = facts.diagnosis_set(of_others)
    for item in claim.listed_diagnoses:
        if item.code in others:
            yield finding(
                claim.at_diagnosis(item),
                f"{named(item.code, 'the diagnosis')} is a diagnosis of {of_others.removeprefix('diagnoses_of_')}, and "
                "DMG03 has the other sex",
                "check the diagnosis and the sex; if both are right, add KX (837P) or condition code 45 (837I)",
            )


def _is_known_conflict(claim: Claim) -> bool:
    """Whether the claim says that sex and diagnosis differ and are both right."""
    if any(_KNOWN_CONFLICT in line.modifiers for line in claim.lines):
        return True
    return claim.type == "837I" and any(
        qualifier == CONDITION and parts[0] == _GENDER_CONDITION for qualifier, parts, _ in coded(claim)
    )
