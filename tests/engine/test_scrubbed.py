"""What becomes of a claim, by its findings; and that the record is frozen."""

from __future__ import annotations

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.edit import Edit
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.testing import infusion_claim
from tests.engine.checks import scrubbed_by
from tests.scrubbing import each, every_claim, made


@each(
    ("severities", "disposition"),
    {
        "none": ([], "clean"),
        "info": (["info"], "clean"),
        "warn": (["info", "warn"], "flagged"),
        "reject": (["info", "reject", "warn"], "rejected"),
    },
)
def test_the_most_severe_finding_decides_on_a_claim(severities: list[str], disposition: str) -> None:
    edits = [made(every_claim, f"TEST0{n}", severity=severity) for n, severity in enumerate(severities)]
    assert scrubbed_by(infusion_claim(), *edits).disposition == disposition


@each("edits", {"with findings": [made(every_claim)], "without": []})
def test_a_scrubbed_claim_is_frozen(edits: list[Edit]) -> None:
    scrubbed = scrubbed_by(infusion_claim(), *edits)
    for record in (scrubbed, attrs.evolve(scrubbed), scrubbed.claim, attrs.evolve(scrubbed.claim)):
        for field in attrs.fields(type(record)):
            with pytest.raises(attrs.exceptions.FrozenError):
                setattr(record, field.name, None)
    assert type(scrubbed) is ScrubbedClaim
    assert (type(scrubbed.claim), scrubbed.claim) == (Claim, attrs.evolve(scrubbed.claim))
