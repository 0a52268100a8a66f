"""Which edits look at a claim of a kind."""

from __future__ import annotations

from typing import Any

from scrubber.claims.model import Claim
from scrubber.edit import Results, family, procedures
from scrubber.reference import Facts
from scrubber.testing import ClaimType, infusion_claim, visit_claim
from tests.engine.checks import codes, scrubbed_by
from tests.scrubbing import each, each_type, every_claim, made


@each(
    ("options", "runs"),
    {
        "every claim": ({}, (True, True)),
        "a procedure that is there": ({"concerns": procedures("J0490")}, (True, False)),
        "one of several": ({"concerns": procedures("G9999", "99213", "G0463")}, (False, True)),
        "a family": ({"concerns": family("prior_authorization")}, (True, False)),
        "a procedure that is nowhere": ({"concerns": procedures("X")}, (False, False)),
    },
)
@each_type
def test_an_edit_runs_on_the_claims_that_concern_it(
    options: dict[str, Any], runs: tuple[bool, bool], claim_type: ClaimType
) -> None:
    calls: list[str] = []

    def counted(claim: Claim, _: Facts) -> Results:
        calls.append(claim.claim_id)
        return ()

    counting = made(counted, **options)
    for claim, expected in zip((infusion_claim(claim_type), visit_claim(claim_type)), runs, strict=True):
        calls.clear()
        scrubbed_by(claim, counting)
        assert len(calls) == expected


@each_type
def test_claim_type_and_void(claim_type: ClaimType) -> None:
    edits = [
        made(every_claim, "PROF01", types=("837P",)),
        made(every_claim, "INST01", types=("837I",)),
        made(every_claim, "VOID01", on_voids=True),
    ]
    own = "PROF01" if claim_type == "837P" else "INST01"
    assert codes(scrubbed_by(infusion_claim(claim_type), *edits)) == sorted([own, "VOID01"])
    assert codes(scrubbed_by(infusion_claim(claim_type, frequency="8"), *edits)) == ["VOID01"]
