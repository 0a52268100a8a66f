"""Explaining only what is not proven finds the same faults as pyx12 when it checks everything.

More mutants: `SCRUBBER_MUTANTS=50000 pytest tests/conformance/test_explainer.py`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import attrs
import pytest
from pyx12.map_walker import walk_tree
from pyx12.nodeCounter import NodeCounter
from pyx12.segment import Segment

from scrubber.claims.location import Span
from scrubber.claims.reader import items
from scrubber.conformance import extra, siblings
from scrubber.conformance.automaton import Unproven
from scrubber.conformance.checks import Conformance
from scrubber.conformance.explain import explain
from scrubber.conformance.explainer import Explainer
from scrubber.conformance.faults import Fault
from scrubber.conformance.grammar import LoopSpec, grammar
from scrubber.conformance.maps import guide
from scrubber.conformance.steps import Standing, Step, Steps
from scrubber.testing import ClaimType, DelimiterSpec, build, infusion_claim
from scrubber.x12.events import Events
from scrubber.x12.prescan import prescan
from tests.conformance.generated import file_of, segment_nodes, transaction
from tests.conformance.judged import tidied
from tests.conformance.mutations import MUTATIONS, mutant
from tests.lanes import some
from tests.scrubbing import each, each_type

Explained: TypeAlias = list[tuple[list[Fault], list[Fault]]]
"""For each piece, what the explainer finds and what pyx12 alone finds."""

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "fixtures").rglob("*.837"))
SAMPLES = sorted((ROOT.parent / "shared" / "samples" / "837").glob("*"))
MUTANTS = int(os.environ.get("SCRUBBER_MUTANTS", "1200"))
"""Mutants of each claim type."""


class AllSteps(Steps):
    """pyx12's walk without a memory: pyx12 takes each step anew, with its own counter and the whole segment."""

    def __init__(self, piece: Span) -> None:
        super().__init__(guide(piece.type), grammar(piece.type), piece.delimiters)
        self._piece = piece

    def take(self, standing: Standing, elements: Sequence[str]) -> Step:
        walker = walk_tree()
        walker.counter = NodeCounter(standing.counts)
        separators = self._piece.delimiters
        text = separators.element.join(elements)
        segment = Segment(text, separators.terminator, separators.element, separators.component)
        node, _, _, errors = walker.walk_errors(standing.node, segment, 0, 0, None)
        counts = {path.format(): count for path, count in walker.getCountState().items()}
        return Step(node is not None, errors, Standing(node, counts) if node is not None else standing)


def by_pyx12_alone(piece: Span, path: str, loop: LoopSpec) -> list[Fault]:
    """The faults of a piece, with pyx12 walking it and checking all elements."""
    order, disordered = siblings.in_order(piece.type, loop, piece.segments)
    segments = [piece.segments[index] for index in order]
    found = [
        attrs.evolve(fault, index=order[min(fault.index, len(order) - 1)])
        for fault in explain(path, segments, AllSteps(piece), piece.delimiters)
    ]
    if disordered:
        found.append(disordered)
    if not found or found == [disordered]:
        found += extra.white_space(piece.piece.text, loop.name, piece.delimiters)
    return found


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> Explained:
    """Each piece that is explained: what the explainer finds, and what pyx12 alone finds."""
    pieces: Explained = []
    usual = Explainer.faults

    def both(explainer: Explainer, piece: Span, path: str, loop: LoopSpec, unproven: Unproven) -> list[Fault]:
        found = usual(explainer, piece, path, loop, unproven)
        pieces.append((found, by_pyx12_alone(piece, path, loop)))
        return found

    monkeypatch.setattr(Explainer, "faults", both)
    return pieces


def check(data: bytes) -> None:
    scan = prescan(io.BytesIO(data))
    guide = Conformance()
    for item in items(Events(io.BytesIO(data), scan)):
        guide.item(item)
    guide.finish()


def differences(pieces: Explained) -> Iterator[tuple[list[Fault], list[Fault]]]:
    return (piece for piece in pieces if piece[0] != piece[1])


@each_type
@pytest.mark.parametrize("kind", some(MUTATIONS))
@pytest.mark.parametrize("mutants", [len(MUTATIONS), pytest.param(MUTANTS, marks=pytest.mark.slow)])
def test_explanations_of_mutated_files_are_those_of_pyx12(
    mutants: int, kind: str, claim_type: ClaimType, explained: Explained
) -> None:
    for seed in range(list(MUTATIONS).index(kind), mutants, len(MUTATIONS)):
        changed = mutant(claim_type, seed)
        explained.clear()
        check(tidied(changed.data))
        assert not [*differences(explained)], f"{changed}"


@pytest.mark.parametrize(
    "files", [FIXTURES, pytest.param(SAMPLES, marks=pytest.mark.slow)], ids=["fixtures", "samples"]
)
def test_explanations_of_real_files_are_those_of_pyx12(files: list[Path], explained: Explained) -> None:
    if not files:
        pytest.skip("the samples do not lie beside the repository")
    for path in files:
        explained.clear()
        check(path.read_bytes())
        assert not [*differences(explained)], path.name


@pytest.mark.slow
@each_type
@each("delimiters", {"points": DelimiterSpec(component="."), "dashes": DelimiterSpec(element="-"), "usual": None})
def test_valid_transactions_with_odd_delimiters(
    claim_type: ClaimType, delimiters: DelimiterSpec | None, explained: Explained
) -> None:
    for seed in range(0, len(segment_nodes(claim_type)), 20):
        check(file_of(transaction(claim_type, seed), delimiters=delimiters))
    assert not [*differences(explained)]


@each_type
def test_a_fault_that_repeats_is_found_at_each_place(claim_type: ClaimType, explained: Explained) -> None:
    claim = infusion_claim(claim_type)
    check(build([claim, claim, claim]).replace("*UN*", "*XX*").encode())
    assert len(explained) == 3
    assert not [*differences(explained)]
    assert {fault.element for found, _ in explained for fault in found} == {
        "SV103" if claim_type == "837P" else "SV204"
    }
    assert [fault.index for fault in explained[0][0]] == [fault.index for fault in explained[2][0]]
    assert len({fault.index for fault in explained[0][0]}) == 2


@each_type
def test_transactions_without_anything_in_them_are_explained_as_by_pyx12(
    claim_type: ClaimType, explained: Explained
) -> None:
    text = build([infusion_claim(claim_type)], eol="")
    begin, end = text.index("ST*"), text.index("GE*")
    version = text[begin:].split("~")[0].split("*")[3]
    heads = [f"ST*837*{number}*{version}~" for number in ("0001", "2", "", "x" * 12, "0002")]
    check(f"{text[:begin]}{''.join(heads)}{text[end:]}".encode())
    assert len(explained) == len(heads)
    assert not [*differences(explained)]


@each_type
@each("written", {"with a component": "82:A", "with an empty one": "82:", "with two": "82::", "behind one": ":82"})
def test_a_qualifier_with_components_does_not_change_what_is_known_of_others(
    claim_type: ClaimType, written: str, explained: list[tuple[list[Fault], list[Fault]]]
) -> None:
    """pyx12 reads `82:` as `82`, but not `82:A`; what is remembered of one must not be used for another."""
    qualifier = "82" if claim_type == "837P" else "71"
    text = build([infusion_claim(claim_type, f"CASE-{number}") for number in range(6)], eol="")
    parts = text.split(f"NM1*{qualifier}*")
    changes = ["?", written.replace("82", qualifier), qualifier, "?", written.replace("82", qualifier), ":"]
    check(
        parts[0].encode() + b"".join(f"NM1*{new}*{part}".encode() for new, part in zip(changes, parts[1:], strict=True))
    )
    assert len(explained) == 5
    assert not [*differences(explained)]
