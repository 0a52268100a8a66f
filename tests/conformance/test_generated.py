"""Generated transactions are valid, and all of both maps occurs in them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from scrubber.claims.reader import read_claims
from scrubber.testing import ClaimType, DelimiterSpec
from tests.conformance.generated import file_of, segment_nodes, transaction
from tests.conformance.oracle import accepts
from tests.scrubbing import each_type


class Seen:
    """Which segments of a map have been met, and which of their elements and components."""

    def __init__(self) -> None:
        self.nodes: set[int] = set()

    def visit(self, segment: Any, node: Any) -> None:
        self.nodes.add(id(node))
        for child, element in zip(node.children, segment.elements, strict=False):
            parts = zip(child.children, element, strict=False) if child.is_composite() else [(child, element)]
            self.nodes.update(id(part) for part, value in parts if not value.is_empty())


def elements_in_use(nodes: tuple[Any, ...]) -> list[Any]:
    """All elements and components of segments that are not marked as unused."""
    return [
        part
        for node in nodes
        for child in node.children
        if child.usage != "N"
        for part in (child.children if child.is_composite() else [child])
        if part.usage != "N"
    ]


@each_type
def test_every_one_is_valid(claim_type: ClaimType) -> None:
    for seed in range(30):
        assert accepts(file_of(transaction(claim_type, seed))), f"seed {seed}"


@pytest.mark.slow
@each_type
def test_every_one_is_valid_and_together_they_cover_the_map(claim_type: ClaimType) -> None:
    nodes = segment_nodes(claim_type)
    seen = Seen()
    for seed in range(len(nodes)):
        assert accepts(file_of(transaction(claim_type, seed)), seen.visit), f"seed {seed}"
    assert [node.get_path() for node in nodes if id(node) not in seen.nodes] == []
    elements = elements_in_use(nodes)
    missed = [f"{part.get_path()} {part.refdes}" for part in elements if id(part) not in seen.nodes]
    assert len(missed) < len(elements) / 100, missed


@each_type
def test_the_reader_finds_their_claims_and_no_error(claim_type: ClaimType) -> None:
    for seed in range(60):
        one, other = transaction(claim_type, seed), transaction("837P", seed + 1, "0002")
        claims = read_claims(io.BytesIO(file_of(one, other)))
        assert len(list(claims)) == one.claims + other.claims, f"seed {seed}"
        assert claims.errors == [], f"seed {seed}"


@each_type
def test_a_seed_stands_for_one_transaction(claim_type: ClaimType) -> None:
    assert transaction(claim_type, 5) == transaction(claim_type, 5)
    assert len({transaction(claim_type, seed) for seed in range(20)}) == 20


@pytest.mark.parametrize("eol", ["", "\n", "\r\n"])
def test_any_delimiters(eol: str) -> None:
    for seed in range(10):
        data = file_of(transaction("837I", seed), delimiters=DelimiterSpec("|", ">", "!", "\x1c"), eol=eol)
        assert accepts(data), f"seed {seed}"
