"""A scrub with guide checks: each claim goes into one of two files; the one to transmit is valid by our guide."""

from __future__ import annotations

import io

import attrs
import pytest

from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.split import Splitter
from scrubber.testing import ClaimType, build, visit_claim
from scrubber.x12.pieces import cut
from scrubber.x12.prescan import prescan
from tests.conformance.judged import judged, tidied
from tests.conformance.mutations import MUTATIONS, mutant
from tests.conformance.oracle import accepts_corrected
from tests.conformance.test_differential import MUTANTS
from tests.lanes import some
from tests.scrubbing import each_type, hand_on

NO_EDITS = Engine(Catalogue({}), Profile())


@attrs.frozen
class Split:
    """What a scrub makes of a file: the file to transmit, the other one, and the claims that were rejected."""

    clean: bytes
    rejected: bytes
    rejects: int


def split(data: bytes) -> Split:
    """Scrub a file by its guide alone."""
    scan = prescan(io.BytesIO(data))
    clean, rejected = io.BytesIO(), io.BytesIO()
    splitter = Splitter(clean, rejected)
    claims = hand_on(Scrubbing(io.BytesIO(data), NO_EDITS, scan, conformance=True), splitter)
    splitter.close()
    rejects = sum(scrubbed.disposition == "rejected" for scrubbed in claims)
    return Split(clean.getvalue(), rejected.getvalue(), rejects)


def claims(data: bytes) -> list[bytes]:
    """The bytes of each claim of a file, of those too that stand where no claim can be read."""
    return [piece.raw for piece in cut(io.BytesIO(data)) if piece.tag == "CLM"]


FEW = len(MUTATIONS)


@each_type
@pytest.mark.parametrize("kind", some(MUTATIONS))
@pytest.mark.parametrize("mutants", [FEW, pytest.param(MUTANTS // 3, marks=pytest.mark.slow)])
def test_what_is_clean_is_valid_and_no_claim_is_lost(mutants: int, kind: str, claim_type: ClaimType) -> None:
    for seed in range(list(MUTATIONS).index(kind), mutants, len(MUTATIONS)):
        changed = mutant(claim_type, seed)
        data = tidied(changed.data)
        parts = split(data)
        assert not parts.clean or accepts_corrected(parts.clean), f"{changed}"
        assert sorted(claims(parts.clean) + claims(parts.rejected)) == sorted(claims(data)), f"{changed}"


@pytest.mark.slow
@each_type
def test_one_bad_claim_of_five_thousand_is_rejected(claim_type: ClaimType) -> None:
    text = build([visit_claim(claim_type, f"CASE-{number}") for number in range(5_000)], eol="")
    before, _, behind = text.partition("CLM*CASE-1234*")
    parts = split(f"{before}CLM*CASE-1234*{behind.replace('*Y*Y~', '*Y*?~', 1)}".encode())
    assert parts.rejects == 1
    assert [claim[:14] for claim in claims(parts.rejected)] == [b"CLM*CASE-1234*"]
    assert len(claims(parts.clean)) == 4_999
    assert judged(parts.clean).codes == ()
