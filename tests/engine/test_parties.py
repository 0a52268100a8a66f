"""Reports show a payer and a provider by name and number if that cannot be a person."""

from __future__ import annotations

import io
import re

import pytest

import scrubber
from scrubber.engine.parties import billing_npi, payer_id, payer_name
from scrubber.testing import ClaimType, build, infusion_claim
from tests.scrubbing import TYPES, each

PAYER = r"NM1\*PR\*[^~]*"


def claim_of(text: str) -> scrubber.Claim:
    (claim,) = scrubber.read_claims(io.BytesIO(text.encode()))
    return claim


@pytest.mark.parametrize("claim_type", TYPES)
@each(
    ("segment", "name", "number"),
    {
        "a payer": ("NM1*PR*2*SAMPLE PLAN*****PI*SP-01", "SAMPLE PLAN", "SP-01"),
        "a national plan id": ("NM1*PR*2*SAMPLE PLAN*****XV*1234567890", "SAMPLE PLAN", "1234567890"),
        "no number": ("NM1*PR*2*SAMPLE PLAN", "SAMPLE PLAN", ""),
        "a person": ("NM1*PR*1*BIRCHMERE*****PI*M001", None, "####"),
        "no entity type": ("NM1*PR**BIRCHMERE*****PI*M001", None, "####"),
        "a first name": ("NM1*PR*2*BIRCHMERE*ANNA****PI*M001", None, "####"),
        "a middle name": ("NM1*PR*2*BIRCHMERE**LYNN***PI*M001", None, "####"),
        "a suffix": ("NM1*PR*2*BIRCHMERE****JR*PI*M001", None, "####"),
        "a member id": ("NM1*PR*2*SAMPLE PLAN*****MI*M001", "SAMPLE PLAN", "####"),
        "no qualifier": ("NM1*PR*2*SAMPLE PLAN******M001", "SAMPLE PLAN", "####"),
        "a name for a number": ("NM1*PR*2*SAMPLE PLAN*****PI*ANNA BIRCHMERE", "SAMPLE PLAN", "#" * 14),
    },
)
def test_a_payer_is_shown_where_its_segment_is_of_an_organisation(
    claim_type: ClaimType, segment: str, name: str | None, number: str
) -> None:
    text = re.sub(PAYER, segment, build([infusion_claim(claim_type)]))
    claim = claim_of(text)
    assert (payer_name(claim), payer_id(claim)) == (name, number)


@each(("npi", "shown"), {"an NPI": ("2000000010", "2000000010"), "a person's number": ("123456789", "#########")})
def test_a_billing_provider_is_shown_by_ten_digits(npi: str, shown: str) -> None:
    claim = claim_of(re.sub(r"(NM1\*85\*[^~]*)\*\d+~", rf"\1*{npi}~", build([infusion_claim()])))
    assert billing_npi(claim) == shown
