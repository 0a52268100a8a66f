"""Signs of claims: what is looked for in one pass is what each sign means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest

from scrubber.claims import signs as signs_module
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.signs import SIGNS, Sign, signs
from scrubber.claims.values import number
from scrubber.reference import shipped
from tests.claims.mutants import mutants


def amount(text: str) -> float | None:
    """The number that a text holds, `None` if it is empty or no number."""
    try:
        return float(number(text)) if text else None
    except ValueError:
        return None


def is_odd(text: str) -> bool:
    return bool(text) and amount(text) is None


def repeats(codes: Sequence[str]) -> bool:
    return any(codes.count(code) > 1 for code in codes)


def codes_in(claim: Claim) -> list[str]:
    """The qualifiers of all composites in the claim's HI segments."""
    return [text.split(":")[0] for part in claim.span.segments if part[0] == "HI" for text in part[1:] if ":" in text]


def is_unreadable(claim: Claim) -> bool:
    """Whether a number, or a date of a line, cannot be read."""
    for line in claim.lines:
        try:
            _ = line.dates
        except MalformedValue:
            return True
    texts = [text for line in claim.lines for text in (line.charge_text, line.units_text, line.ndc_quantity_text)]
    return any(map(is_odd, (claim.total_charge_text, *texts)))


REPEATING = shipped().family("total_revenue")


def is_odd_total(claim: Claim) -> bool:
    charges = [amount(line.charge_text) for line in claim.lines if line.revenue_code not in REPEATING]
    total = amount(claim.total_charge_text)
    return not charges or total is None or None in charges or abs(sum(filter(None, charges)) - total) > 0.001


def readable(owner: object, field: str) -> bool:
    """Whether a typed field can be read."""
    try:
        getattr(owner, field)
    except MalformedValue:
        return False
    return True


def is_odd_birth_date(claim: Claim) -> bool:
    """Whether the patient's birth date is missing, or not in the hundred years before the service."""
    if not readable(claim, "patient_birth_date") or claim.patient_birth_date is None:
        return True
    age = [day.year - claim.patient_birth_date.year for day in claim.service_dates[:1]]
    return any(years > 100 for years in age) or any(day < claim.patient_birth_date for day in claim.service_dates[:1])


def is_grown_up(claim: Claim) -> bool:
    """Whether the patient is known to be 18 or older on each day of service."""
    if not readable(claim, "patient_birth_date") or claim.patient_birth_date is None:
        return False
    if not claim.service_dates or any(line.service_dates.day is None for line in claim.lines):
        return False
    day, born = claim.service_dates[0], claim.patient_birth_date
    return (day.month, day.day) >= (born.month, born.day) if day.year - born.year == 18 else day.year - born.year > 18


def has_odd_pointer(claim: Claim, line: ServiceLine) -> bool:
    numbers = [str(number) for number, _ in enumerate(claim.listed_diagnoses, 1)]
    pointers = line.diagnosis_pointers
    return not 1 <= len(pointers) <= 4 or repeats(pointers) or not set(pointers) <= set(numbers)


MEANINGS: Mapping[Sign, Callable[[Claim], bool]] = {
    "minus": lambda claim: any("*-" in part.replace(":", "*") for part in claim.span.parts),
    "no charge": lambda claim: any(not amount(line.charge_text) for line in claim.lines),
    "odd units": lambda claim: any(
        "-" in line.ndc_quantity_text or (amount(line.units_text) or 1) <= 0 or amount(line.units_text) == 0
        for line in claim.lines
    ),
    "odd number": lambda claim: (
        is_odd(claim.total_charge_text)
        or any(
            is_odd(text) for line in claim.lines for text in (line.charge_text, line.units_text, line.ndc_quantity_text)
        )
    ),
    "odd total": is_odd_total,
    "unreadable": lambda claim: is_unreadable(claim),
    "unreadable date": lambda claim: any(
        not readable(owner, field)
        for owner, field in (
            (claim, "statement_dates"),
            (claim, "patient_birth_date"),
            *((line, "dates") for line in claim.lines),
        )
    ),
    "odd birth date": lambda claim: claim.patient is not None and is_odd_birth_date(claim),
    "minor": lambda claim: not is_grown_up(claim),
    "small letter": lambda claim: (
        claim.misspelled
        or any(line.misspelled for line in claim.lines)
        or any(letter.islower() for part in claim.span.parts for letter in part)
    ),
    "correction": lambda claim: (
        claim.frequency not in ("", "1") or any("*F8*" in part for part in claim.span.parts if part.startswith("REF"))
    ),
    "listed codes": lambda claim: claim.type == "837I" and not {"BG", "BH", "BI", "BE"}.isdisjoint(codes_in(claim)),
    "modifier": lambda claim: any(any(line.service[2:6]) for line in claim.lines),
    "waste modifier": lambda claim: any({"JW", "JZ"} & set(line.service[2:6]) for line in claim.lines),
    "discarded units": lambda claim: is_unreadable(claim) or any("JW" in line.service[2:6] for line in claim.lines),
    "several days": lambda claim: any(line.covers_days for line in claim.lines),
    "repeated procedure": lambda claim: repeats([line.procedure for line in claim.lines if line.procedure]),
    "several diagnoses": lambda claim: len(claim.listed_diagnoses) > 1,
    "repeated diagnosis": lambda claim: repeats([item.code for item in claim.listed_diagnoses]),
    "icd-9": lambda claim: any(not item.qualifier.startswith("A") for item in claim.diagnoses),
    "odd pointer": lambda claim: claim.type == "837P" and any(has_odd_pointer(claim, line) for line in claim.lines),
    "repetition separator": lambda claim: any(
        "^" in part
        for owner in (claim, claim.context.billing, claim.context.subscriber, claim.context.patient)
        for part in (owner.span.parts if owner else ())
    ),
    "other payer": lambda claim: (
        bool(claim.other_payers)
        or (claim.context.subscriber is not None and claim.context.subscriber.text("payer_sequence") != "P")
    ),
}


def test_every_sign_has_its_meaning() -> None:
    assert tuple(MEANINGS) == SIGNS


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_is_shown_where_the_claim_has_what_it_means_and_seldom_elsewhere(sign: Sign) -> None:
    meant = {claim for claim in mutants() if MEANINGS[sign](claim)}
    shown = {claim for claim in mutants() if sign in signs(claim)}
    assert meant
    assert meant <= shown
    assert len(shown - meant) <= len(mutants()) / 10


def test_whether_a_claim_is_unreadable_is_whether_it_shows_that_sign() -> None:
    assert {signs_module.is_unreadable(claim) for claim in mutants()} == {True, False}
    assert all(signs_module.is_unreadable(claim) == ("unreadable" in signs(claim)) for claim in mutants())


def test_a_plain_service_shows_no_sign() -> None:
    lines = [(line, len(claim.listed_diagnoses)) for claim in mutants() for line in claim.lines]
    plain = [(line, listed) for line, listed in lines if line.plain_from <= listed]
    assert len(plain) > len(lines) / 10
    for line, listed in plain:
        if not line.ndc_quantity_text and line.readable_day and not line.covers_days:
            shown: set[Sign] = set()
            signs_module._add_of_line(line, listed, shown)
            assert not shown


def test_an_ordinary_claim_shows_few() -> None:
    shown = [len(signs(claim)) for claim in mutants()]
    assert sum(shown) / len(shown) < len(SIGNS) / 3
