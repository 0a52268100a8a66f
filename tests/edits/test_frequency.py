"""Replacements and voids, and the claim that they name."""

import attrs

from scrubber.testing import ClaimType, LineSpec, infusion_claim, visit_claim, waste_lines
from tests.edits.judging import answers, everywhere, judge, severities
from tests.scrubbing import each, each_type


@each_type
@each(
    ("frequency", "named", "severity"),
    {
        "original": ("1", None, None),
        "original that names another": ("1", "ICN1", "warn"),
        "replacement": ("7", "ICN1", None),
        "replacement of nothing": ("7", None, "reject"),
        "void": ("8", "ICN1", None),
        "void of nothing": ("8", None, "reject"),
        "interim": ("2", None, None),
        "interim that names another": ("3", "ICN1", None),
        "none": ("", None, None),
    },
)
def test_a_replacement_or_void_names_the_claim_that_it_changes(
    claim_type: ClaimType, frequency: str, named: str | None, severity: str | None
) -> None:
    for claim in (visit_claim, infusion_claim):
        made = claim(claim_type, frequency=frequency, payer_claim_control_number=named, filing="CI")
        assert answers(made, "FREQ01") == ([(severity, None, "REF02")] if severity else [])
        if severity:
            assert severities(made, "FREQ01") == everywhere(severity)


@each(
    ("frequency", "named", "finding"),
    {
        "original": ("1", None, None),
        "original that names another": ("1", "ICN1", ("warn", None, "REF02")),
        "replacement": ("7", "ICN1", ("warn", None, "CLM05-3")),
        "replacement of nothing": ("7", None, ("reject", None, "REF02")),
        "void": ("8", "ICN1", ("warn", None, "CLM05-3")),
        "interim": ("2", None, ("warn", None, "CLM05-3")),
        "corrected": ("6", "ICN1", ("warn", None, "CLM05-3")),
        "none": ("", None, None),
        "void of nothing": ("8", None, ("reject", None, "REF02")),
    },
)
def test_part_b_takes_originals_only(
    frequency: str, named: str | None, finding: tuple[str, int | None, str] | None
) -> None:
    claim = visit_claim(frequency=frequency, payer_claim_control_number=named, filing="MB")
    (scrubbed,) = judge([claim], "FREQ01")
    assert answers(claim, "FREQ01") == ([finding] if finding else [])
    for one in scrubbed.findings:
        assert "frequency 7" not in one.fix
        assert "frequency 8" not in one.fix
        assert "add REF*F8" not in one.fix


def test_part_a_takes_replacements() -> None:
    assert answers(visit_claim("837I", frequency="7", payer_claim_control_number="ICN1", filing="MA"), "FREQ01") == []


@each(
    ("filing", "bill_type", "frequency", "fires"),
    {
        "a hospital's outpatient": ("MA", "13", "5", True),
        "dialysis": ("MA", "72", "5", True),
        "a critical access hospital": ("MA", "85", "5", False),
        "another payer": ("CI", "13", "5", False),
        "a replacement": ("MA", "13", "7", False),
    },
)
def test_medicare_takes_no_late_charges_under_prospective_payment(
    filing: str, bill_type: str, frequency: str, fires: bool
) -> None:
    claim = visit_claim(
        "837I", frequency=frequency, payer_claim_control_number="ICN1", filing=filing, facility_code=bill_type
    )
    assert answers(claim, "FREQ01") == ([("warn", None, "CLM05-3")] if fires else [])


def test_a_claim_of_late_charges_need_not_be_whole() -> None:
    """The dose, its administration or its given units may be on the claim before it."""
    given, discarded = waste_lines()
    whole = infusion_claim("837I", lines=(given, discarded, LineSpec("96365")), filing="CI")
    for lines, code in (
        ((given,), "ADM02"),
        ((LineSpec("96365"),), "ADM03"),
        ((given, LineSpec("96366")), "ADM04"),
        ((discarded,), "JWJZ04"),
    ):
        claim = attrs.evolve(whole, lines=lines)
        assert [found[0] for found in answers(claim, code)] == ["warn"]
        assert answers(attrs.evolve(claim, frequency="5"), code) == []


@each(
    ("filing", "frequency", "named", "status"),
    {
        "number missing": ("CI", "7", None, None),
        "original that names another": ("CI", "1", "ICN1", "A8:535"),
        "no original for Part B": ("MB", "7", "ICN1", "A7:535"),
    },
)
def test_the_claim_status_distinguishes_missing_from_wrong(
    filing: str, frequency: str, named: str | None, status: str | None
) -> None:
    claim = visit_claim(frequency=frequency, payer_claim_control_number=named, filing=filing)
    (scrubbed,) = judge([claim], "FREQ01")
    assert [finding.claim_status for finding in scrubbed.findings] == [status or "A6:535"]
