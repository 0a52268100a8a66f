"""The diagnoses of a claim: pointers to them, their code set, the same code twice."""

from __future__ import annotations

from scrubber.claims.model import Claim, Diagnosis
from scrubber.claims.values import named
from scrubber.edit import NO_DATE, Results, Severity, edit, finding, remembered
from scrubber.reference import Facts


def _is_icd10(item: Diagnosis) -> bool:
    return item.qualifier.startswith("A")


_MOST_POINTERS = 4


@edit(
    "DX09",
    "Diagnosis pointer without a diagnosis",
    severity="reject",
    concerns=None,
    sign="odd pointer",
    types=("837P",),
    claim_status="A7:477",
    carc="16",
    rarc="M76",
    source="005010X222: SV107-1 is required, each pointer counts the diagnoses of the claim",
    confidence=0.95,
)
def wrong_pointer(claim: Claim, _: Facts) -> Results:
    """What it checks: each line has one to four pointers. Each pointer is the number of a listed diagnosis. A
    repeated pointer is a warning.

    Why it is denied: without a valid pointer the service has no diagnosis.

    How to fix: point to the diagnoses by their order in the HI segment, counted from 1.

    What it cannot know: which diagnosis the line was meant for.
    """
    count = len(claim.listed_diagnoses)
    for line in claim.lines:
        for number, message, fix, severity in _pointer_faults(tuple(line.diagnosis_pointers), count):
            yield finding(line.at("diagnosis_pointers", number), message, fix, severity)


@remembered(1024)  # most lines point to one of the first four diagnoses
def _pointer_faults(pointers: tuple[str, ...], count: int) -> list[tuple[int, str, str, Severity | None]]:
    """What is wrong with a line's pointers to `count` diagnoses: the number of the pointer, message, fix, severity."""
    found: list[tuple[int, str, str, Severity | None]] = []
    if not pointers or not pointers[0]:
        found.append((1, "the line points to no diagnosis", "add a diagnosis pointer", None))
    if len(pointers) > _MOST_POINTERS:
        found.append(
            (
                _MOST_POINTERS + 1,
                "the line has more than four diagnosis pointers",
                "keep the four most important ones",
                None,
            )
        )
    for number, pointer in enumerate(pointers[:_MOST_POINTERS], start=1):
        if pointer and not (pointer.isascii() and pointer.isdigit() and 1 <= int(pointer[:4]) <= count):
            found.append((number, _points_nowhere(number, pointer, count), "correct the pointer", None))
        elif pointer and pointer in pointers[: number - 1]:
            found.append((number, f"pointer {number} repeats another pointer", "remove it", "warn"))
    return found


def _points_nowhere(number: int, pointer: str, count: int) -> str:
    """The message for a wrong pointer. It shows the value only if that is short enough for a pointer."""
    value = f"is {pointer}" if len(pointer) <= 2 else "is too long"
    listed = "only diagnosis 1" if count == 1 else f"diagnoses 1 to {count}" if count else "no diagnosis"
    return f"pointer {number} {value}, but the claim lists {listed}"


@edit(
    "DX10",
    "ICD-9 code instead of ICD-10",
    severity="reject",
    concerns=None,
    sign="icd-9",
    claim_status="A7:255",
    carc="146",
    rarc="M76",
    source="HIPAA: ICD-10-CM for dates of service from 2015-10-01",
    confidence=0.95,
)
def wrong_code_set(claim: Claim, facts: Facts) -> Results:
    """What it checks: a claim has diagnoses of one code set only, and no ICD-9 (BK, BF …) for services on or after
    2015-10-01. For an 837I the end of the statement dates counts.

    Why it is denied: the date decides the code set, and a claim can have only one code set.

    How to fix: use ABK and ABF with ICD-10-CM codes.
    """
    old = [item for item in claim.diagnoses if not _is_icd10(item)]
    if not old:
        return
    if len(old) < len(claim.diagnoses):
        yield finding(
            claim.at_diagnosis(old[0]),
            "the claim has both ICD-9 and ICD-10 qualifiers",
            "use only the code set of the date of service",
        )
        return
    days = [claim.statement_dates.last] if claim.statement_dates else claim.service_dates
    if not days:
        yield NO_DATE
    elif min(days) >= facts.turning_points["icd10cm"].since:
        yield finding(
            claim.at_diagnosis(old[0]),
            f"{old[0].qualifier} means ICD-9, and ICD-9 ended before the date of service",
            "use ABK and ABF with ICD-10-CM codes",
        )


@edit(
    "DX13",
    "The same diagnosis twice",
    severity="warn",
    concerns=None,
    sign="repeated diagnosis",
    claim_status="A7:255",
    carc="16",
    rarc="M76",
    source="ICD-10-CM official guidelines, I.B.12: each code is reported once; own knowledge of front-end edits",
    confidence=0.8,
)
def repeated_diagnosis(claim: Claim, _: Facts) -> Results:
    """What it checks: no code appears twice among the principal and other diagnoses. Admitting diagnosis, reasons
    for the visit and external causes may repeat one of these codes.

    Why it is denied: many payers return a claim that lists a code twice. It is a warning because other payers drop the
    second code.

    How to fix: remove the second code, and renumber the diagnosis pointers of the lines.

    What it cannot know: whether another code was meant in place of the second one.
    """
    listed = claim.listed_diagnoses
    if len({item.code for item in listed}) == len(listed):
        return
    first: dict[str, int] = {}
    for number, item in enumerate(listed, start=1):
        before = first.setdefault(item.code, number)
        if before != number and item.code:
            yield finding(
                claim.at_diagnosis(item),
                f"diagnosis {number} ({named(item.code, 'no code')}) is the same as diagnosis {before}",
                "remove it, and renumber the diagnosis pointers of the lines",
            )
