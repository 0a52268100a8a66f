"""The record of a claim."""

from __future__ import annotations

from scrubber.outputs.record import claim_record, quiet_claim
from scrubber.testing import build, visit_claim
from tests.scrubbing import engine, scrub_text


def test_a_quiet_claim_shows_no_patient_data_in_its_repr() -> None:
    (scrubbed,), _ = scrub_text(build([visit_claim(claim_id="SECRET")]), engine("NDC05"))
    assert repr(quiet_claim(scrubbed)) == "QuietClaim(ordinal=1)"


def test_the_record_is_made_once() -> None:
    (scrubbed,), _ = scrub_text(build([visit_claim()]), engine())
    assert claim_record(scrubbed) is claim_record(scrubbed)
    assert claim_record(scrubbed) == scrubbed.to_dict()
