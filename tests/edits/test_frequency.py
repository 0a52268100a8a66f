"""Replacements and voids, and the claim that they name."""

from tests.builder import ClaimType, infusion_claim, visit_claim
from tests.edits.judging import answers, everywhere, severities
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
def test_frequency(claim_type: ClaimType, frequency: str, named: str | None, severity: str | None) -> None:
    for claim in (visit_claim, infusion_claim):
        made = claim(claim_type, frequency=frequency, payer_claim_control_number=named)
        assert answers(made, "FREQ01") == ([(severity, None, "REF02")] if severity else [])
        if severity:
            assert severities(made, "FREQ01") == everywhere(severity)
