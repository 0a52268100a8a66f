"""A claim of twice as many lines takes about twice the work: no claim can make the scrubber hang."""

from __future__ import annotations

import cProfile
import io
import pstats
from pathlib import Path

import attrs
import pytest

from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.testing import ClaimSpec, ClaimType, LineSpec, build, drug_line, infusion_claim, waste_lines
from tests.scrubbing import each, each_type, engine

pytestmark = pytest.mark.slow

LINES = 150

GIVEN, DISCARDED = waste_lines()
KINDS = {
    "drugs": (drug_line(modifiers=()), drug_line("J0491", 300)),
    "given and discarded": (GIVEN, DISCARDED),
    "discarded": (DISCARDED, attrs.evolve(DISCARDED, modifiers=("JW", "JZ"))),
    "contradicting": (attrs.evolve(GIVEN, modifiers=("JZ",)), DISCARDED),
    "infusions": (LineSpec("96365"), LineSpec("96366"), LineSpec("96413")),
    "drugs and infusions": (drug_line(), LineSpec("96365"), LineSpec("96366"), LineSpec("96372")),
    "unclassified": (LineSpec("J3590", ndc="49401010101", ndc_quantity=1, ndc_unit="UN"), LineSpec("J3490")),
    "visits": (LineSpec("99213"), LineSpec("99211"), drug_line(), LineSpec("96365")),
    "malformed": (drug_line(units="x", ndc_quantity="x"), drug_line(dates="x")),
}


def work(claim: ClaimSpec, folder: Path) -> tuple[int, int]:
    """Function calls that scrubbing one claim into files takes, and bytes of what is written."""
    path = folder / "claims.837"
    path.write_text(build([claim]))
    with_engine = engine()
    profile = cProfile.Profile()
    profile.runcall(run.scrub, Input(str(path)), with_engine, folder)
    calls = int(pstats.Stats(profile, stream=io.StringIO()).total_calls)  # type: ignore[attr-defined]
    return calls, sum(output.stat().st_size for output in folder.iterdir())


@each_type
@each("lines", KINDS)
@pytest.mark.parametrize("different", [False, True], ids=["same", "different"])
def test_work_grows_with_the_lines_and_not_with_their_square(
    tmp_path: Path, claim_type: ClaimType, lines: tuple[LineSpec, ...], different: bool
) -> None:
    def claim(count: int) -> ClaimSpec:
        chosen = [lines[number % len(lines)] for number in range(count)]
        if different:
            chosen = [
                attrs.evolve(line, charge=number, control_number=f"L{number}") for number, line in enumerate(chosen)
            ]
        return infusion_claim(claim_type, lines=tuple(chosen))

    work(claim(LINES), tmp_path)  # what is read once is read
    once, twice = work(claim(LINES), tmp_path), work(claim(2 * LINES), tmp_path)
    assert twice[0] < 2.2 * once[0]
    assert twice[1] < 2.2 * once[1]


def test_work_grows_with_lines_and_diagnoses_and_not_with_their_product(tmp_path: Path) -> None:
    """All diagnoses of a claim count for lines that point to a treatment encounter (Z51.11)."""

    def claim(count: int) -> ClaimSpec:
        drug = LineSpec("J9312", ("JZ",), 100, pointers=(1,))
        return infusion_claim(lines=(drug,) * count, diagnoses=("Z5111", *["I10"] * count))

    work(claim(LINES), tmp_path)  # what is read once is read
    (once, _), (twice, _) = work(claim(4 * LINES), tmp_path), work(claim(8 * LINES), tmp_path)
    assert twice < 2.2 * once
