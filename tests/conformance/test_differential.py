"""The guide checks compared with pyx12: they never accept what it rejects, except our documented corrections, and
rarely reject what it accepts.

More mutants than are quick: `SCRUBBER_MUTANTS=50000 pytest tests/conformance/test_differential.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scrubber.conformance import codes
from scrubber.testing import ClaimType, DelimiterSpec
from scrubber.x12 import errors
from tests.conformance.generated import file_of, segment_nodes, transaction
from tests.conformance.judged import Judged, judged, may_be_blamed, needless, tidied
from tests.conformance.mutations import MUTATIONS, mutant
from tests.conformance.oracle import accepts, accepts_corrected
from tests.scrubbing import each_type

pytestmark = pytest.mark.slow

MUTANTS = int(os.environ.get("SCRUBBER_MUTANTS", "1200"))
"""Mutants of each claim type."""


SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "837"


def disagreement(data: bytes, ours: Judged) -> str | None:
    """How our verdict on a file differs from pyx12's; `None` where it does not, or is known to be the stricter one.

    A level without a claim is a warning, as the file to transmit leaves it out; pyx12 may reject the file for it.
    """
    if not accepts(data):
        if ours.rejecting or errors.NO_CLAIM in ours.codes or accepts_corrected(data):
            return None
        return "pyx12 rejects it, with our corrections too, nothing of ours does"
    complaints = needless(data, ours.rejecting)
    return f"pyx12 accepts it, ours says {' '.join(complaints)}" if complaints else None


def wrongly_blamed(base: bytes, data: bytes, ours: Judged) -> str | None:
    """What has findings though the change is not there."""
    blamed = may_be_blamed(base, data)
    if blamed is None:
        return None
    wrongly = ours.at_fault - blamed
    if wrongly:
        return f"findings on claims {sorted(wrongly)}, though only {sorted(blamed)} changed"
    of_file = [code for code in ours.file_codes if code in codes.GUIDE_CODES and blamed]
    return f"{' '.join(of_file)} of the file, though only claims {sorted(blamed)} changed" if of_file else None


@each_type
@pytest.mark.parametrize("kind", MUTATIONS)
def test_mutated_transactions_have_the_faults_that_pyx12_finds(kind: str, claim_type: ClaimType) -> None:
    seeds = range(list(MUTATIONS).index(kind), MUTANTS, len(MUTATIONS))
    failures = []
    for seed in seeds:
        changed = mutant(claim_type, seed)
        base, data = tidied(changed.base), tidied(changed.data)
        ours = judged(data)
        difference = disagreement(data, ours) or wrongly_blamed(base, data, ours)
        if difference:
            failures.append(f"{changed}: {difference}")
    assert not failures, "\n".join(failures)


@each_type
def test_valid_transactions_are_proven(claim_type: ClaimType) -> None:
    pieces = handed_on = 0
    files = [file_of(transaction(claim_type, seed)) for seed in range(len(segment_nodes(claim_type)))]
    for data in files:  # so that all patterns are made
        judged(data)
    for seed, data in enumerate(files):
        ours = judged(data)
        assert ours.codes == (), f"seed {seed}"
        pieces += ours.proven + ours.handed_on
        handed_on += ours.handed_on
    assert handed_on < pieces / 100, f"{handed_on} of {pieces}"


@each_type
@pytest.mark.parametrize("component", ["-", ".", "/", "+", ",", "#"])
def test_component_separators_that_values_are_written_with(component: str, claim_type: ClaimType) -> None:
    for seed in range(30):
        data = file_of(transaction(claim_type, seed), delimiters=DelimiterSpec(component=component))
        assert disagreement(data, judged(data)) is None, f"seed {seed}"


def sample_transactions() -> dict[str, bytes]:
    """Each 837P and 837I of version 5010 in the sample files, in an envelope of its own."""
    found: dict[str, bytes] = {}
    for path in sorted(SAMPLES.glob("*")):
        data = path.read_bytes()
        isa, element, end = data[:106], data[3:4], data[105:106]
        group, body = b"", [b""]
        for segment in data[106:].split(end) if isa.startswith(b"ISA") and len(isa) == 106 else ():
            segment = segment.strip(b"\r\n")
            if segment.startswith(b"GS" + element):
                group = segment
            elif segment.startswith(b"ST" + element):
                body = []
            body.append(segment)
            if segment.startswith(b"SE" + element) and b"005010X22" in group:
                trailers = (b"GE", b"1", group.split(element)[6]), (b"IEA", b"1", isa.split(element)[13])
                file = [isa.removesuffix(end), group, *body, *(element.join(trailer) for trailer in trailers)]
                found[f"{path.name[:60]} {len(found)}"] = b"".join(part + end for part in file)
    return found


SAMPLE_TRANSACTIONS = sample_transactions()


@pytest.mark.skipif(not SAMPLE_TRANSACTIONS, reason="the samples do not lie beside the repository")
def test_real_transactions_have_the_faults_that_pyx12_finds() -> None:
    differences = {name: disagreement(data, judged(data)) for name, data in SAMPLE_TRANSACTIONS.items()}
    assert {name: found for name, found in differences.items() if found} == {}
