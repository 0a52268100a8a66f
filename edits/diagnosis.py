"""Diagnoses that the drug is billed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.pointers import Pointed, pointed
from scrubber.edit import Concern, Results, edit, finding
from scrubber.reference import Facts
from scrubber.reference.diagnoses import DiagnosisSet
from scrubber.reference.therapy import Unlabelled

_TABULAR = "ICD-10-CM tabular list"


def _labelled_for(indication: str) -> Concern:
    """Concerns claims with a drug that has a label for an indication."""
    return lambda facts: facts.codes_labelled_for(indication)


def _with_labels(facts: Facts) -> frozenset[str]:
    """Concerns claims with a drug whose label is in the tables."""
    return facts.codes_of_all(substance for label in facts.labels for substance in label.substances)


def _unlabelled(kind: str) -> Concern:
    """Concerns claims with a drug that is mistakenly billed for some diagnosis."""
    return lambda facts: facts.codes_of_all(
        substance for row in facts.unlabelled if row.kind == kind for substance in row.substances
    )


def _wrongly_applied(claim: Claim, facts: Facts, kind: str) -> Iterator[tuple[ServiceLine, Unlabelled, Pointed]]:
    """The diagnoses of a kind that drugs are mistakenly billed for, each HI element once.

    There are none if the bill type pays drugs as part of the stay or the visit: the diagnosis is then that of the stay.
    """
    if not facts.pays_drugs_by_line(claim) or not _lists_any(claim, facts, kind):
        return
    reported = set()
    done: set[Unlabelled] = set()
    for line in claim.lines:
        for row in facts.unlabelled_for(facts.substance(line.procedure, None), kind):
            if row in done:
                continue
            if claim.type == "837I":
                done.add(row)  # all lines have the same diagnoses
            applied, wrong = pointed(claim, line), facts.diagnosis_set(row.diagnoses)
            if row.unless and facts.diagnosis_set(row.unless).holds_any(item.diagnosis.code for item in applied):
                continue
            for item in applied:
                if item.diagnosis.code not in wrong:
                    continue
                element = item.location.index, item.location.element
                if element not in reported:
                    reported.add(element)
                    yield line, row, item


def _lists_any(claim: Claim, facts: Facts, kind: str) -> bool:
    """Whether a claim lists a diagnosis of a kind that any drug is mistakenly billed for. Few claims do."""
    codes = [item.code for item in claim.listed_diagnoses]
    return any(diagnoses.holds_any(codes) for diagnoses in facts.unlabelled_diagnoses[kind])


@edit(
    "DX01",
    "Lupus drug for drug-induced lupus",
    severity="reject",
    concerns=_unlabelled("other_disease"),
    part="indications",
    claim_status="A7:255",
    carc="167",
    source="Benlysta label, June 2025; Saphnelo label; ICD-10-CM tabular list. Some Medicaid plans list M32.0 for such "
    "drugs (NC Medicaid, 2021, for anifrolumab)",
    confidence=0.9,
)
def drug_induced_lupus(claim: Claim, facts: Facts) -> Results:
    """What it checks: belimumab and anifrolumab are not billed for M32.0 without a systemic lupus code. On an 837P, the
    diagnoses that the line points to count. On an 837I, all diagnoses of the claim count. For anifrolumab under
    Medicaid it is a warning. Bill types that pay drugs as part of the stay or the visit are left out.

    Why it is denied: the drugs are labelled for systemic lupus. Drug-induced lupus is another disease.

    How to fix: code the systemic lupus that the record documents (M32.1-, M32.8, M32.9), and point the line to it.
    M32.0 also needs a code for the drug that caused it.

    What it cannot know: whether the payer's policy covers M32.0, and which lupus the record documents.
    """
    for line, row, item in _wrongly_applied(claim, facts, "other_disease"):
        yield finding(
            item.location,
            f"{line.procedure} is billed for drug-induced lupus (M32.0) without a systemic lupus code",
            "if the record documents systemic lupus, code it and point the drug to it; the label does not cover M32.0",
            "warn" if claim.filing_indicator in row.filing_in_doubt else None,
        )


@edit(
    "DX12",
    "Drug-induced and systemic lupus together",
    severity="warn",
    concerns=_labelled_for("sle"),
    part="indications",
    claim_status="A8:255",
    carc="16",
    rarc="M76",
    source="ICD-10-CM tabular list, M32",
    confidence=0.8,
)
def induced_and_systemic(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim with a lupus drug does not have both M32.0 and another code of M32.

    Why it is denied: M32.0 means that a drug caused the lupus. The other codes mean that no drug did. Payers ask which
    is right.

    How to fix: keep the code that the record supports.

    What it cannot know: which code the record supports.
    """
    codes = claim.listed_diagnoses
    induced = facts.diagnosis_set("drug_induced_lupus")
    others = any(item.code.startswith("M32") and item.code not in induced for item in codes)
    for item in codes:
        if others and item.code in induced:
            yield finding(
                claim.at_diagnosis(item),
                "the claim has M32.0 (drug-induced lupus) and another lupus code",
                "keep the code that the record supports",
            )


@edit(
    "DX03",
    "Drug without a diagnosis of its label",
    severity="warn",
    concerns=_with_labels,
    part="indications",
    claim_status="A7:488",
    carc="11",
    source="Drug labels (Benlysta, June 2025; Saphnelo; Remicade; Rituxan; Gazyva); payer policies",
    confidence=0.9,
)
def no_labelled_diagnosis(claim: Claim, facts: Facts) -> Results:
    """What it checks: a drug whose label is in the tables is billed for a diagnosis on its label on the date of
    service. For belimumab and anifrolumab that is systemic lupus (M32.1-, M32.8, M32.9). For infliximab it is K50, K51,
    L40, M05, M06 or M45. On an 837P, the diagnoses that the line points to count. If the line points to a treatment
    encounter (Z51.11, Z51.12), all diagnoses of the claim count. On an 837I, all diagnoses of the claim count.
    Recognised lists allow off-label uses of rituximab and obinutuzumab for some diseases, such as D69.3 or G35.-, and
    of many cancer drugs for any. There the finding is for information. If M32.0 or cutaneous lupus is the only lupus,
    DX01 or DX08 reports it instead.

    Why it is denied: the payer decides whether it covers an off-label use.

    How to fix: code the disease that the record documents, and point the line to it. An off-label use needs the payer's
    approval.

    What it cannot know: the payer's policy on off-label uses.
    """
    if not facts.pays_drugs_by_line(claim):
        return
    of_all: dict[tuple[str | None, tuple[DiagnosisSet, ...]], _Fit] = {}
    for line in claim.lines:
        day = line.service_date
        labelled = tuple(facts.labelled_diagnoses(line.procedure, day)) if line.procedure in facts.drug_codes else ()
        if not labelled:
            continue
        codes, substance = _applied_codes(claim, line, facts), facts.substance(line.procedure, day)
        if codes is None:  # all of the claim: looked at once, as there may be very many lines and diagnoses
            if (substance, labelled) not in of_all:
                listed = [item.code for item in claim.listed_diagnoses]
                of_all[substance, labelled] = _fit(listed, substance, labelled, facts)
            fit = of_all[substance, labelled]
        else:
            fit = _fit(codes, substance, labelled, facts)
        if fit == "explained":
            continue
        at = line.at("diagnosis_pointers") if claim.type == "837P" else claim.at("principal_diagnosis")
        yield finding(
            at,
            f"{line.procedure} ({substance}) is not billed for a labelled diagnosis",
            "code the documented disease and point the drug to it; an off-label use needs the payer's approval",
            "info" if fit == "recognised" else None,
        )
        if claim.type == "837I":
            return


_Fit: TypeAlias = Literal["explained", "recognised", "off-label"]
"""How diagnoses fit a drug: its label or another edit explains one, a recognised list has them, or neither."""


def _fit(codes: Sequence[str], substance: str | None, labelled: Sequence[DiagnosisSet], facts: Facts) -> _Fit:
    if _is_explained(codes, substance, labelled, facts):
        return "explained"
    return "recognised" if _is_recognised(codes, substance, facts) else "off-label"


def _is_recognised(codes: Sequence[str], substance: str | None, facts: Facts) -> bool:
    """Whether recognised lists take a drug for diagnoses beyond its label: for any, or for one of these."""
    therapy = facts.therapy(substance)
    if therapy is None:
        return False
    if therapy.beyond_label == "info":
        return True
    return therapy.recognised is not None and facts.diagnosis_set(therapy.recognised).holds_any(codes)


def _is_explained(codes: Sequence[str], substance: str | None, labelled: Sequence[DiagnosisSet], facts: Facts) -> bool:
    """Whether one of the diagnoses is on a drug's label, or is one of those that DX01 or DX03 report."""
    if any(diagnoses.holds_any(codes) for diagnoses in labelled):
        return True
    wrong = (*facts.unlabelled_for(substance, "other_disease"), *facts.unlabelled_for(substance, "related_disease"))
    return any(facts.diagnosis_set(row.diagnoses).holds_any(codes) for row in wrong)


def _applied_codes(claim: Claim, line: ServiceLine, facts: Facts) -> list[str] | None:
    """The diagnoses that a line points to; `None` if all of the claim apply, as for a treatment encounter."""
    if claim.type == "837I":
        return None
    codes = [item.diagnosis.code for item in pointed(claim, line)]
    return None if facts.diagnosis_set("treatment_encounters").holds_any(codes) else codes


@edit(
    "DX04",
    "Lupus code that names no organ",
    severity="info",
    concerns=_labelled_for("sle"),
    part="indications",
    claim_status="A7:772",
    source=_TABULAR,
    confidence=0.8,
)
def unspecific_lupus(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a claim with a lupus drug, M32.10 and M32.9 are not the only lupus codes.

    Why it is denied: it is rarely denied for this. But payers' criteria ask which organs the lupus involves.

    How to fix: if the record names the organ, bill the code for lupus of that organ (M32.11 to M32.19).

    What it cannot know: whether the record names an organ.
    """
    sle = facts.diagnosis_set("sle")
    lupus = [item for item in claim.listed_diagnoses if item.code in sle]
    if lupus and all(item.code in facts.diagnosis_set("unspecific_lupus") for item in lupus):
        yield finding(
            claim.at_diagnosis(lupus[0]),
            f"{lupus[0].code} does not name an organ that the lupus involves",
            "if the record names the organ, bill the code for lupus of that organ (M32.11 to M32.19)",
        )


def _lupus_drugs_for_nephritis(facts: Facts) -> frozenset[str]:
    """Concerns claims with a lupus drug that is also labelled for nephritis."""
    return facts.codes_labelled_for("sle") & facts.codes_labelled_for("lupus_nephritis")


@edit(
    "DX06",
    "Lupus nephritis and kidney codes",
    severity="info",
    concerns=_lupus_drugs_for_nephritis,
    part="indications",
    source=_TABULAR,
    confidence=0.7,
)
def renal_codes(claim: Claim, facts: Facts) -> Results:
    """What it checks: on a claim with a lupus drug that is labelled for nephritis (belimumab), a lupus nephritis
    code (M32.14, M32.15) has a kidney code beside it, and a nephritis code (N04, N05, N06) has a lupus nephritis code
    beside it. If N05.9 is the only lupus or kidney code, it is a warning, because N05.9 is not a lupus code.

    Why it is denied: payers' criteria for nephritis ask for both codes.

    How to fix: add the code for the stage or form of the kidney disease. Code lupus nephritis as M32.14 or M32.15.

    What it cannot know: which kidney disease the record documents.
    """
    codes = claim.listed_diagnoses
    of_lupus = facts.diagnosis_set("lupus_nephritis")
    nephritis = [item for item in codes if item.code in of_lupus]
    without_lupus, companions = facts.diagnosis_set("nephritis_without_lupus"), facts.diagnosis_set("renal_companions")
    renal = [item for item in codes if item.code in without_lupus]
    if nephritis:
        if not any(item.code in companions for item in codes):
            yield finding(
                claim.at_diagnosis(nephritis[0]),
                f"{nephritis[0].code} has no kidney disease code beside it",
                "if the record documents the form or stage of kidney disease, add its code",
            )
    elif renal:
        sle = facts.diagnosis_set("sle")
        alone = renal[0].code in facts.diagnosis_set("unspecified_nephritis") and not any(
            item.code in sle or item.code in companions for item in codes
        )
        yield finding(
            claim.at_diagnosis(renal[0]),
            f"{renal[0].code} is not a lupus code, and the claim has no lupus nephritis code",
            "if lupus nephritis is treated, code M32.14",
            severity="warn" if alone else None,
        )


@edit(
    "DX07",
    "Anifrolumab for lupus nephritis",
    severity="warn",
    concerns=_unlabelled("not_evaluated"),
    part="indications",
    claim_status="A7:255",
    carc="50",
    source="Saphnelo label: not evaluated in severe active lupus nephritis",
    confidence=0.9,
)
def anifrolumab_for_nephritis(claim: Claim, facts: Facts) -> Results:
    """What it checks: anifrolumab is not billed for M32.14 or M32.15. Bill types that pay drugs as part of the stay or
    the visit are left out.

    Why it is denied: the label says that the drug was not evaluated in severe active lupus nephritis. Some payers cover
    it anyway.

    How to fix: check whether the payer covers it. Make sure that the record says that the disease is not both severe
    and active.

    What it cannot know: how severe the disease is.
    """
    for line, _, item in _wrongly_applied(claim, facts, "not_evaluated"):
        yield finding(
            item.location,
            f"{line.procedure} is billed for {item.diagnosis.code}; it was not evaluated in severe active nephritis",
            "check the payer's policy, and document that the disease is not both severe and active",
        )


@edit(
    "DX08",
    "Lupus drug for cutaneous lupus",
    severity="warn",
    concerns=_unlabelled("related_disease"),
    part="indications",
    claim_status="A7:488",
    carc="11",
    source="Benlysta and Saphnelo labels",
    confidence=0.85,
)
def cutaneous_lupus(claim: Claim, facts: Facts) -> Results:
    """What it checks: a lupus drug is not billed for cutaneous lupus (L93.-) on a claim without a code of M32. Bill
    types that pay drugs as part of the stay or the visit are left out.

    Why it is denied: the drugs are labelled for systemic lupus.

    How to fix: if the record documents systemic lupus, code it.

    What it cannot know: which lupus the record documents.
    """
    if not facts.pays_drugs_by_line(claim) or not _lists_any(claim, facts, "related_disease"):
        return
    substances = {facts.substance(procedure, None) for procedure in claim.procedures}
    for substance in sorted(name for name in substances if name):
        for row in facts.unlabelled_for(substance, "related_disease"):
            codes = claim.listed_diagnoses
            if row.unless and facts.diagnosis_set(row.unless).holds_any(item.code for item in codes):
                continue
            wrong = [item for item in codes if item.code in facts.diagnosis_set(row.diagnoses)]
            if wrong:
                yield finding(
                    claim.at_diagnosis(wrong[0]),
                    f"{wrong[0].code} is cutaneous lupus; the drug is not labelled for it",
                    "if the record documents systemic lupus, code it",
                )
                return
