"""Unclassified drug codes where another code is right."""

from datetime import date, timedelta

import attrs
import pytest

from scrubber.testing import (
    AUTOINJECTOR,
    BENLYSTA_120,
    SAPHNELO,
    SYRINGE,
    ClaimType,
    LineSpec,
)
from tests.edits.judging import answers, everywhere, reasons, severities
from tests.edits.unclassified_claims import COMPOUNDED, INFUSION, UNKNOWN_NDC, claim_of, drug, place
from tests.scrubbing import each, each_type

FIRST_J0490, FIRST_J0491 = date(2012, 1, 1), date(2022, 4, 1)
DAY = timedelta(days=1)


@each_type
@pytest.mark.parametrize("procedure", ["J3490", "J3590", "J9999", "J7999", "C9399"])
@each(
    ("ndc", "day", "fires"),
    {
        "belimumab": (BENLYSTA_120, date(2026, 10, 5), True),
        "belimumab, the day its code came": (BENLYSTA_120, FIRST_J0490, True),
        "belimumab, the day before": (BENLYSTA_120, FIRST_J0490 - DAY, False),
        "anifrolumab, the day its code came": (SAPHNELO, FIRST_J0491, True),
        "anifrolumab, the day before": (SAPHNELO, FIRST_J0491 - DAY, False),
        "injected belimumab has no code": (AUTOINJECTOR, date(2026, 10, 5), False),
        "a drug that is not in the table": (UNKNOWN_NDC, date(2026, 10, 5), False),
    },
)
def test_a_drug_with_a_code(claim_type: ClaimType, procedure: str, ndc: str, day: date, fires: bool) -> None:
    claim = drug(claim_type, procedure=procedure, ndc=ndc, dates=day)
    assert answers(claim, "NOC05") == ([("reject", 1, place(claim_type, 2))] if fires else [])


def test_a_drug_with_a_code_for_every_payer_and_without_a_date() -> None:
    claim = drug("837P", ndc=BENLYSTA_120)
    assert severities(claim, "NOC05") == everywhere("reject")
    assert reasons(drug("837P", ndc=BENLYSTA_120, dates=None), "NOC05") == ["the date of service is missing"]
    assert reasons(drug("837P", dates=None), "NOC05") == []


@each_type
@each(
    ("procedure", "ndc", "day", "fires"),
    {
        "biologic as drug": ("J3490", SAPHNELO, FIRST_J0491 - DAY, True),
        "biologic as antineoplastic": ("J9999", SAPHNELO, FIRST_J0491 - DAY, True),
        "biologic as compounded": ("J7999", SAPHNELO, FIRST_J0491 - DAY, True),
        "biologic as biologic": ("J3590", SAPHNELO, FIRST_J0491 - DAY, False),
        "new drug under OPPS": ("C9399", SAPHNELO, FIRST_J0491 - DAY, False),
        "its own code is there (NOC05)": ("J3490", SAPHNELO, FIRST_J0491, False),
        "for the pharmacy (NDC11)": ("J3490", SYRINGE, date(2026, 10, 5), False),
        "unknown": ("J3490", UNKNOWN_NDC, date(2026, 10, 5), False),
    },
)
def test_another_kind_of_drug(claim_type: ClaimType, procedure: str, ndc: str, day: date, fires: bool) -> None:
    claim = drug(claim_type, procedure=procedure, ndc=ndc, dates=day)
    assert answers(claim, "NOC06") == ([("warn", 1, place(claim_type, 2))] if fires else [])
    if fires:
        assert severities(claim, "NOC06") == everywhere("warn")


@each_type
@each(
    ("description", "ndc", "day", "fires"),
    {
        "brand": ("BENLYSTA 700 MG", UNKNOWN_NDC, date(2026, 10, 5), True),
        "substance": ("belimumab 700 mg", UNKNOWN_NDC, date(2026, 10, 5), True),
        "the other brand": ("SAPHNELO 300MG", UNKNOWN_NDC, date(2026, 10, 5), True),
        "the other substance": ("Anifrolumab-fnia 300 mg", UNKNOWN_NDC, date(2026, 10, 5), True),
        "its biosimilar": ("DENOSUMAB-XXYZ 60 MG", UNKNOWN_NDC, date(2026, 10, 5), False),
        "before its code": ("SAPHNELO 300MG", UNKNOWN_NDC, FIRST_J0491 - DAY, False),
        "the day of its code": ("SAPHNELO 300MG", UNKNOWN_NDC, FIRST_J0491, True),
        "part of a word": ("XBENLYSTAX 1 MG", UNKNOWN_NDC, date(2026, 10, 5), False),
        "the NDC says it (NOC05)": ("BENLYSTA 700 MG", BENLYSTA_120, date(2026, 10, 5), False),
        "the NDC says it (NDC11)": ("BENLYSTA 200 MG", AUTOINJECTOR, date(2026, 10, 5), False),
        "another drug": ("INVENTAMAB 500 MG", UNKNOWN_NDC, date(2026, 10, 5), False),
        "nothing": ("", UNKNOWN_NDC, date(2026, 10, 5), False),
    },
)
def test_a_named_drug_with_a_code(claim_type: ClaimType, description: str, ndc: str, day: date, fires: bool) -> None:
    claim = drug(claim_type, description=description, ndc=ndc, dates=day)
    assert answers(claim, "NOC09") == ([("warn", 1, place(claim_type, 7))] if fires else [])
    if fires:
        assert severities(claim, "NOC09") == everywhere("warn")


def test_a_drug_named_in_the_note_of_an_837i() -> None:
    claim = attrs.evolve(drug("837I", description=""), note="BENLYSTA 700 MG")
    assert answers(claim, "NOC09") == [("warn", None, "NTE02")]


def test_a_drug_that_was_repackaged_for_the_eye_has_no_other_code() -> None:
    assert answers(claim_of("837P", COMPOUNDED, LineSpec("67028")), "NOC09") == []
    assert answers(claim_of("837P", COMPOUNDED, INFUSION), "NOC09") != []


@each(
    ("procedure", "description", "fires"),
    {
        "drug": ("J3490", "COMPOUNDED BACLOFEN 1000 MCG", True),
        "biologic": ("J3590", "BACLOFEN 1000 MCG, COMPOUND", True),
        "right code": ("J7999", "COMPOUNDED BACLOFEN 1000 MCG", False),
        "not compounded": ("J3490", "BACLOFEN 1000 MCG NOT COMPOUNDED", False),
        "another word": ("J3490", "NONCOMPOUNDABLE 5 MG", False),
    },
)
def test_a_drug_that_is_described_as_compounded(procedure: str, description: str, fires: bool) -> None:
    claim = drug("837P", procedure=procedure, description=description)
    assert answers(claim, "NOC06") == ([("warn", 1, "SV101-2")] if fires else [])
