"""Diagnosis codes by the rules of ICD-10-CM itself: complete codes, pairs that exclude each other, and their order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import combinations, permutations

from scrubber.claims.model import Claim, Diagnosis
from scrubber.claims.values import named
from scrubber.edit import NotChecked, Results, Severity, edit, finding, remembered
from scrubber.reference import Facts, external, once_per_facts
from scrubber.reference.tabular import TabularNotes

from ._editions import covering, last_before, tabular_notes

_TABULAR = "ICD-10-CM tabular list"
_KEPT = 16_384
"""How many answers about codes and pairs of codes are remembered."""


def _is_icd10(item: Diagnosis) -> bool:
    return item.qualifier.startswith("A")


@edit(
    "DX02",
    "Diagnosis code that is not complete or not valid",
    severity="reject",
    concerns=None,
    part="diagnoses",
    claim_status="A7:255",
    carc="146",
    rarc="M76",
    source=_TABULAR,
    confidence=0.95,
    table=external.ICD10CM,
    partly=True,
)
def invalid_diagnosis(claim: Claim, facts: Facts) -> Results:
    """What it checks: each ICD-10-CM code is billable on the date of service. It is complete, and it is in the code set
    of that date. A code that is not written like any ICD-10-CM code is always wrong. The shipped ICD-10-CM lists are
    those of the fiscal years 2025 and 2026 (October 2024 to September 2026). Later dates of service are checked by the
    newest list and a table of what the year 2027 changed (D69.1, I42.0, I42.8, I49.8, M72.2, Z68.1 and others became
    headings). A heading or a deleted code stays wrong. A code that neither has is a warning, because it may be new. For
    earlier dates, load the list of that year. Without that list, the edit checks only headings near the
    lupus codes (M32, M32.1, N18.3 since 2020-10-01, N04.2 and N06.2 since 2023-10-01 …), their parts before they were
    split, and four codes that never existed (N05.20 to N05.29).

    Why it is denied: payers accept only complete codes of the year of the service. A heading, such as M32.1, is not
    complete.

    How to fix: bill the complete code that the record supports. In place of a deleted code, bill the code that replaced
    it.

    What it cannot know: which complete code the record supports.
    """
    days = claim.service_dates
    if not days:
        return
    day = days[0]
    _, lacking = covering(facts, external.ICD10CM, day)
    yield from lacking
    fault_of = _faults_of_codes(facts)
    for item in claim.diagnoses:
        fault = fault_of(item.code, day) if _is_icd10(item) else None
        if fault:
            yield finding(claim.at_diagnosis(item), *fault)


_Fault = tuple[str, str, Severity | None]
"""What is wrong with a code, how to fix it, and the severity; `None` is the severity of the edit."""


@once_per_facts
def _faults_of_codes(facts: Facts) -> Callable[[str, date], _Fault | None]:
    """A function that gives what is wrong with an ICD-10-CM code on a day. A practice has few codes and days."""
    never_codes, shape = facts.diagnosis_set("never_codes"), facts.shapes["icd10cm"]

    @remembered(_KEPT)
    def fault(code: str, day: date) -> _Fault | None:
        if code and not shape.fits(code):
            return (
                f"{named(code, 'this code')} is not written like any ICD-10-CM code",
                "correct the diagnosis code",
                None,
            )
        incomplete = facts.incomplete.get(code)
        if incomplete and day >= incomplete.since:
            return f"{code} is a heading, not a diagnosis", _TO_THE_LAST, None
        if code in never_codes:
            return f"{code} is not in any code set", "correct the diagnosis code", None
        table, _ = covering(facts, external.ICD10CM, day)
        if table is None:
            return _fault_before_a_split(facts, code, day) or _fault_after_the_last_list(facts, code, day)
        row = table.row(code, day) if code else None
        if not code or (row and row.values.get("billable") != "0"):
            return None
        if row:
            return f"{code} is a heading, not a diagnosis", _TO_THE_LAST, None
        message = f"{named(code, 'this code')} is not in the code set of the date of service"
        return message, "correct the diagnosis code", None

    return fault


_SHORTEST = 3
"""Characters of the shortest ICD-10-CM codes."""
_INSTEAD = "bill the code that came in its place"
_TO_THE_LAST = "bill the complete code that the record supports"


def _fault_before_a_split(facts: Facts, code: str, day: date) -> _Fault | None:
    """What is wrong with a code on a day before the shorter code that it begins with was split."""
    if day < facts.turning_points["icd10cm"].since:
        return None
    for length in range(_SHORTEST, len(code)):
        shorter = facts.incomplete.get(code[:length])
        if shorter and day < shorter.since:
            return f"{code} did not exist before {shorter.since}", f"bill {code[:length]}, or correct the date", None
    return None


def _fault_after_the_last_list(facts: Facts, code: str, day: date) -> _Fault | None:
    """What is wrong with a code on a day after the last list. A code that no list has may be new: a warning."""
    last = last_before(facts, external.ICD10CM, day)
    if last is None or not code:
        return None
    changes = [change for change in facts.code_set_changes if change.since <= day]
    if any(change.deletes(code) for change in changes):
        return f"{code} was deleted from the code set", _INSTEAD, None
    if any(change.adds(code) for change in changes):
        return None
    row = last.row(code, day)
    if row:
        complete = row.values.get("billable") != "0"
        return None if complete else (f"{code} is a heading, not a diagnosis", _TO_THE_LAST, None)
    if last.has(code):
        return f"{code} was deleted from the code set", _INSTEAD, None
    return (
        f"{named(code, 'this code')} is not in the newest list of codes, which is of the year before",
        "check the code; if it is new, load a newer ICD-10-CM list",
        "warn",
    )


@edit(
    "DX05",
    "Diagnoses that exclude each other",
    severity="warn",
    concerns=None,
    sign="several diagnoses",
    claim_status="A8:255",
    carc="16",
    rarc="M76",
    source=f"{_TABULAR}, Excludes1; official guidelines, I.A.12.a",
    confidence=0.8,
    table=external.ICD10CM_TABULAR,
    partly=True,
)
def excluded_pair(claim: Claim, facts: Facts) -> Results:
    """What it checks: no two listed diagnoses exclude each other by an Excludes1 note of the tabular list, as it is on
    the date of service. The shipped notes are those of the fiscal years 2025 and 2026; later dates take the notes of
    2026. For earlier dates the edit has only the shipped pairs (M32.14 with N08, M32.15 with N16, M32.- with L93.-).
    It is a warning because the guidelines allow both codes if the two conditions have nothing to do with each other.

    Why it is denied: the code set says that the two cannot be true at the same time.

    How to fix: keep the code that the record supports.

    What it cannot know: which of the two codes the record supports, and whether the two conditions are unrelated.
    """
    listed, days = claim.listed_diagnoses, claim.service_dates
    notes, lacking = tabular_notes(facts, days[0]) if days else (None, ())
    yield from lacking
    if len(listed) <= _FEW and not _with_excluded_pair(facts)(claim.listed_codes, notes):
        return
    by_shipped_pair = _shipped_pairs(facts)
    if len(listed) > MOST_COMPARED:
        yield NotChecked(f"the claim has more than {MOST_COMPARED} diagnoses; only the first ones are compared")
    for one, other in combinations(listed[:MOST_COMPARED], 2):
        pair = one.code, other.code
        if by_shipped_pair(*pair) or (notes is not None and notes.excluded(*pair)):
            yield finding(
                claim.at_diagnosis(other),
                f"{named(one.code, 'a diagnosis')} and {named(other.code, 'another')} exclude each other",
                "keep the code that the record supports",
            )


MOST_COMPARED = 100
"""How many diagnoses of a claim are compared with each other. No valid claim has half as many."""
_FEW, _SETS = 12, 2048
"""How many diagnoses an 837P has at most, and how many sets of such codes are remembered with what edits found of them.
A practice has far fewer sets of codes than lists, which tell their orders apart."""


@once_per_facts
def _with_excluded_pair(facts: Facts) -> Callable[[frozenset[str], TabularNotes | None], bool]:
    """A function that gives whether two of some codes exclude each other."""
    by_shipped_pair = _shipped_pairs(facts)

    @remembered(_SETS)
    def kept(codes: frozenset[str], notes: TabularNotes | None) -> bool:
        pairs = combinations(codes, 2)
        return any(by_shipped_pair(*pair) or (notes is not None and notes.excluded(*pair)) for pair in pairs)

    return kept


@remembered(_SETS)
def _in_any_order(codes: frozenset[str], notes: TabularNotes) -> bool:
    """Whether codes may stand in any order, as none is the cause of another. Few codes name a cause."""
    return all(notes.in_order(one, later) for one, later in permutations(codes, 2))


@once_per_facts
def _shipped_pairs(facts: Facts) -> Callable[[str, str], bool]:
    """A function that gives whether two codes exclude each other by a shipped pair."""

    @remembered(_KEPT)
    def excluded(one: str, other: str) -> bool:
        ways = ((one, other), (other, one))
        return any(a.startswith(pair.first) and b.startswith(pair.second) for pair in facts.excludes for a, b in ways)

    return excluded


_EXTERNAL_CAUSES = ("V", "W", "X", "Y")
"""The first letters of external cause codes."""


@edit(
    "DX11",
    "Code that may not be the first diagnosis",
    severity="warn",
    concerns=None,
    part="diagnoses",
    claim_status="A7:254",
    carc="16",
    rarc="MA63",
    source=f"{_TABULAR}: external causes and manifestations",
    confidence=0.7,
    table=external.ICD10CM_TABULAR,
    partly=True,
)
def wrong_first_diagnosis(claim: Claim, facts: Facts) -> Results:
    """What it checks: the principal diagnosis is not an external cause (V to Y). It is not a manifestation either
    ("in diseases classified elsewhere"): the cause of a manifestation must come first. The shipped list of
    manifestations is that of the fiscal years 2025 and 2026; later dates take that of 2026. For earlier dates the edit
    has a few.

    Why it is denied: such codes must follow another code.

    How to fix: list the underlying disease first.

    What it cannot know: which disease is the underlying one.
    """
    manifestations, days = facts.diagnosis_set("manifestations"), claim.service_dates
    notes, lacking = tabular_notes(facts, days[0]) if days else (None, ())
    yield from lacking
    for item in claim.diagnoses:
        if item.qualifier != "ABK":
            continue
        wrong = item.code[:1] in _EXTERNAL_CAUSES or item.code in manifestations
        if wrong or (notes is not None and notes.is_manifestation(item.code)):
            yield finding(
                claim.at_diagnosis(item),
                f"{named(item.code, 'this code')} cannot be the first diagnosis",
                "list the underlying disease first",
            )


@edit(
    "DX14",
    "Cause listed after the condition that it leads to",
    severity="info",
    concerns=None,
    claim_status="A7:254",
    source=f"{_TABULAR}, Code first; official guidelines, I.A.13",
    confidence=0.6,
    table=external.ICD10CM_TABULAR,
)
def cause_not_first(claim: Claim, facts: Facts) -> Results:
    """What it checks: if a note of the tabular list says to code a disease first, and the claim has both codes, the
    disease comes first. An example is D63.1 with N18.4: the kidney disease comes first. If the claim does not have a
    code for the disease, the edit reports nothing, because such a note often means "if applicable".

    Why it is denied: it is rarely denied for this. Some payers return claims whose first diagnosis is such a code.

    How to fix: list the disease first.

    What it cannot know: whether the two codes belong to the same condition.
    """
    listed, days = claim.listed_diagnoses, claim.service_dates
    notes, lacking = tabular_notes(facts, days[0]) if days else (None, ())
    yield from lacking
    if notes is None or len(listed) <= 1:
        return
    if len(listed) <= _FEW and _in_any_order(claim.listed_codes, notes):
        return
    for one, later in combinations(listed[:MOST_COMPARED], 2):
        if not notes.in_order(one.code, later.code):
            yield finding(
                claim.at_diagnosis(one),
                f"{named(later.code, 'a disease')} should come before {named(one.code, 'this code')}",
                "list the disease first, and the condition that it leads to after it",
            )
