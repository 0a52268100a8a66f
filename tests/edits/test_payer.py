"""Filing indicators and Medicare numbers."""

from datetime import date

import attrs
import pytest

from scrubber.reference import shipped
from scrubber.testing import ClaimType, build, visit_claim
from tests.edits.judging import answers, judge, without_a_date
from tests.scrubbing import each, each_type, engine, not_checked, scrub_text

KNOWN = [
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "AM",
    "BL",
    "CH",
    "CI",
    "DS",
    "FI",
    "HM",
    "LM",
    "MC",
    "OF",
    "TV",
    "VA",
    "WC",
    "ZZ",
]


@each_type
@pytest.mark.parametrize("filing", KNOWN)
def test_silent_on_filing_indicators_of_the_guide(claim_type: ClaimType, filing: str) -> None:
    assert answers(visit_claim(claim_type, filing=filing), "FIL01") == []


@each(
    ("claim_type", "filing", "fires"),
    {
        "part B on an 837P": ("837P", "MB", False),
        "part A on an 837P": ("837P", "MA", True),
        "part A on an 837I": ("837I", "MA", False),
        "part B on an 837I": ("837I", "MB", True),
        "missing on an 837P": ("837P", "", True),
        "missing on an 837I": ("837I", "", True),
        "unknown on an 837P": ("837P", "XX", True),
        "unknown on an 837I": ("837I", "09", True),
        "lower case": ("837P", "mb", True),
    },
)
def test_filing_indicator(claim_type: ClaimType, filing: str, fires: bool) -> None:
    claim = visit_claim(claim_type, filing=filing)
    assert answers(claim, "FIL01") == ([("warn", None, "SBR09")] if fires else [])
    assert answers(attrs.evolve(claim, frequency="8"), "FIL01") == []


@each_type
@each(
    ("number", "sound"),
    {
        "CMS's own example": ("1EG4TE5MK73", True),
        "all letters where they may be": ("9AA9AA9AA99", True),
        "digits where they may be": ("1A00A00AA00", True),
        "zero in front": ("0EG4TE5MK73", False),
        "hyphens": ("1EG4-TE5-MK73", False),
        "ten places": ("1EG4TE5MK7", False),
        "twelve places": ("1EG4TE5MK731", False),
        "lower case": ("1eg4te5mk73", False),
        "old number": ("123456789A", False),
        "letter for the fourth": ("1EGATE5MK73", False),
        "digit for the second": ("11G4TE5MK73", False),
        "digit for the eighth": ("1EG4TE51K73", False),
        "letter at the end": ("1EG4TE5MK7A", False),
        **{f"{letter} in the second": (f"1{letter}G4TE5MK73", False) for letter in "SLOIBZ"},
        **{f"{letter} in the third": (f"1E{letter}4TE5MK73", False) for letter in "SLOIBZ"},
        **{f"{letter} in the ninth": (f"1EG4TE5M{letter}73", False) for letter in "SLOIBZ"},
    },
)
def test_medicare_number(claim_type: ClaimType, number: str, sound: bool) -> None:
    claim = visit_claim(claim_type, member_id=number)
    assert answers(claim, "PAY01") == ([] if sound else [("warn", None, "NM109")])


@pytest.mark.parametrize(("filing", "fires"), [("MA", True), ("MB", True), ("16", False), ("MC", False), ("CI", False)])
def test_only_medicare_has_such_numbers(filing: str, fires: bool) -> None:
    assert bool(answers(visit_claim(filing=filing, member_id="123456789A"), "PAY01")) is fires


def test_an_old_medicare_number_is_wrong_from_2020_on() -> None:
    claim = visit_claim(member_id="123456789A")
    assert answers(claim, "PAY01", file_date=date(2019, 12, 31)) == []
    assert answers(claim, "PAY01", file_date=date(2020, 1, 1)) != []
    facts = attrs.evolve(shipped(), as_of=date(2019, 12, 31))
    assert answers(claim, "PAY01", facts=facts) == []


def test_missing_number_is_not_malformed() -> None:
    assert answers(visit_claim(member_id=""), "PAY01") == []


def test_the_number_is_not_shown() -> None:
    (scrubbed,) = judge([visit_claim(member_id="123456789A")], "PAY01")
    assert "123456789A" not in scrubbed.findings[0].message + scrubbed.findings[0].fix


def test_a_file_without_a_date() -> None:
    for number, reasons in (("123456789A", 1), ("1EG4TE5MK73", 0)):
        text = without_a_date(build([visit_claim(member_id=number)]))
        (scrubbed,), _ = scrub_text(text, engine("PAY01"))
        assert (scrubbed.findings, len(not_checked(scrubbed))) == ((), reasons)


def other(sequence: str) -> tuple[str, ...]:
    return (f"SBR*{sequence}*18*******CI", "OI***Y***Y")


@each_type
@each(
    ("sequence", "others", "element"),
    {
        "primary, alone": ("P", (), None),
        "unknown, alone": ("U", (), None),
        "secondary, alone": ("S", (), "SBR01"),
        "secondary after a primary": ("S", other("P"), None),
        "primary before a secondary": ("P", other("S"), None),
        "two primary": ("P", other("P"), "SBR01"),
        "two secondary after a primary": ("P", other("S") + other("S"), "SBR01"),
        "two unknown after a primary": ("P", other("U") + other("U"), None),
        "tertiary": ("T", other("P") + other("S"), None),
    },
)
def test_the_payers_of_a_claim_have_an_order(
    claim_type: ClaimType, sequence: str, others: tuple[str, ...], element: str | None
) -> None:
    claim = visit_claim(claim_type, filing="BL", payer_sequence=sequence, loops=others)
    assert answers(claim, "PAY02") == ([("warn", None, element)] if element else [])


@each_type
@each(
    ("filing", "reason", "fires"),
    {
        "Medicare, with a reason": ("Medicare", "12", False),
        "Medicare, without": ("Medicare", "", True),
        "another payer": ("BL", "", False),
    },
)
def test_the_reason_why_medicare_is_secondary(claim_type: ClaimType, filing: str, reason: str, fires: bool) -> None:
    part = {"837P": "MB", "837I": "MA"}[claim_type]
    claim = visit_claim(
        claim_type,
        filing=part if filing == "Medicare" else filing,
        payer_sequence="S",
        insurance_type=reason,
        loops=other("P"),
    )
    assert answers(claim, "PAY02") == ([("warn", None, "SBR05")] if fires and claim_type == "837P" else [])


@each_type
@each(
    ("filing", "dependent", "fires"),
    {
        "member": ("medicare", False, False),
        "dependent": ("medicare", True, True),
        "dependent of another payer": ("CI", True, False),
        "dependent under Medicare Advantage": ("16", True, False),
    },
)
def test_a_dependent_under_medicare(claim_type: ClaimType, filing: str, dependent: bool, fires: bool) -> None:
    own = {"837P": "MB", "837I": "MA"}[claim_type] if filing == "medicare" else filing
    claim = visit_claim(claim_type, filing=own, dependent=dependent)
    assert answers(claim, "PAY04") == ([("reject", None, "SBR02")] if fires else [])


@each_type
@each(
    ("filing", "sequence", "other", "fires"),
    {
        "before a plan": ("MC", "P", ("S", "CI"), True),
        "before Medicare": ("MC", "P", ("S", "MB"), True),
        "before an Advantage plan": ("MC", "P", ("S", "16"), True),
        "behind a plan": ("MC", "S", ("P", "CI"), False),
        "first, on the claim to the plan": ("CI", "S", ("P", "MC"), True),
        "last, on the claim to Medicare": ("MB", "P", ("S", "MC"), False),
        "before another Medicaid plan": ("MC", "P", ("S", "MC"), False),
        "before a program that pays after it": ("MC", "P", ("S", "OF"), False),
        "in an unknown place": ("MC", "U", ("S", "CI"), False),
        "no Medicaid": ("CI", "P", ("S", "MB"), False),
    },
)
def test_medicaid_pays_last(
    claim_type: ClaimType, filing: str, sequence: str, other: tuple[str, str], fires: bool
) -> None:
    loops = (f"SBR*{other[0]}*18*******{other[1]}", "OI***Y***Y", "NM1*IL*1*BIRCHMERE*BRUNO****MI*X1")
    claim = visit_claim(claim_type, filing=filing, payer_sequence=sequence, loops=loops)
    assert answers(claim, "PAY05") == ([("warn", None, "SBR01")] if fires else [])
