"""`scrubber claims`: the contract's fields, dates ISO, numbers as the file wrote them, null where absent."""

from __future__ import annotations

from datetime import date

from scrubber.outputs.claim_lines import record
from scrubber.testing import ClaimType, LineSpec, build, drug_line, infusion_claim
from tests.scrubbing import each_type
from tests.test_testing_builder import read


@each_type
def test_a_claim_has_every_field_of_the_contract(claim_type: ClaimType) -> None:
    line = drug_line(units="80.0", modifiers=("JZ", "TB"), charge="4800.10", ndc_quantity="2.000")
    claim = infusion_claim(
        claim_type,
        "C1",
        lines=(line, LineSpec("96365", dates=(date(2026, 10, 5), date(2026, 10, 6)))),
        dependent=True,
        birth_date=date(2015, 1, 2),
        subscriber_birth_date=date(1985, 3, 4),
        filing="CI",
    )
    (parsed,) = read(build([claim]))
    professional = claim_type == "837P"
    assert record(parsed) == {
        "claim_id": "C1",
        "type": claim_type,
        "transaction": "0001",
        "total_charge": "4980.10",
        "facility_code": "11" if professional else "13",
        "frequency": "1",
        "filing_indicator": "CI",
        "subscriber_birth_date": "1985-03-04",
        "patient_birth_date": "2015-01-02",
        "patient_is_dependent": True,
        "diagnoses": [{"qualifier": "ABK", "code": "M3219"}, {"qualifier": "ABF", "code": "Z79899"}],
        "lines": [
            {
                "number": "1",
                "procedure": "J0490",
                "modifiers": ["JZ", "TB"],
                "revenue_code": None if professional else "0636",
                "charge": "4800.10",
                "unit_basis": "UN",
                "units": "80.0",
                "service_date": "2026-10-05",
                "service_date_end": "2026-10-05",
                "diagnosis_pointers": ["1"] if professional else [],
                "ndc": "49401010201",
                "ndc_quantity": "2.000",
                "ndc_unit": "UN",
            },
            {
                "number": "2",
                "procedure": "96365",
                "modifiers": [],
                "revenue_code": None if professional else "0260",
                "charge": "180",
                "unit_basis": "UN",
                "units": "1",
                "service_date": "2026-10-05",
                "service_date_end": "2026-10-06",
                "diagnosis_pointers": ["1"] if professional else [],
                "ndc": None,
                "ndc_quantity": None,
                "ndc_unit": None,
            },
        ],
    }


@each_type
def test_what_is_absent_or_cannot_be_read_is_null(claim_type: ClaimType) -> None:
    claim = infusion_claim(
        claim_type,
        "",
        lines=(LineSpec("", units="", charge="", unit_basis="", dates="20261399", pointers=()),),
        birth_date="1984",
        filing="",
        total_charge="",
    )
    (parsed,) = read(build([claim]))
    written = record(parsed)
    assert written["claim_id"] == ""
    for key in ("total_charge", "filing_indicator", "patient_birth_date", "subscriber_birth_date"):
        assert written[key] is None
    (line,) = written["lines"]
    assert {key for key, value in line.items() if value not in (None, [])} <= {"number", "revenue_code"}


def test_an_837i_line_without_a_date_of_its_own_has_none() -> None:
    """Statement dates are the claim's; whether they stand for the line is the edits' question."""
    claim = infusion_claim("837I", lines=(LineSpec("96365", dates=None),))
    (parsed,) = read(build([claim]))
    assert record(parsed)["lines"][0]["service_date"] is None
