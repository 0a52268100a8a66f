"""A lost or extra separator is found without trying all of them, and the same one is found."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from scrubber.conformance import codes, faults, values
from scrubber.conformance.explain import segment_faults
from scrubber.conformance.faults import Fault
from scrubber.conformance.maps import Node, guide
from scrubber.conformance.shifts import shift_of
from scrubber.conformance.steps import segment_of
from scrubber.conformance.values import element_faults, rejects
from scrubber.testing import ClaimType
from scrubber.x12.delimiters import Delimiters
from tests.conformance.generated import Segment, transaction
from tests.scrubbing import each_type

DELIMITERS = Delimiters("*", ":", "^", "~")
SEEDS = 12


def by_trying_all(node: Node, elements: Sequence[str]) -> Fault | None:
    """The fault of one separator, missing or extra: pyx12 checks the segment with each of them."""
    tag, *given = elements
    if len(given) > len(node.children) + 1:
        return None

    def left(changed: Sequence[str]) -> list[Fault]:
        return [fault for fault in element_faults(node, [tag, *changed], DELIMITERS) if rejects(fault)]

    found = one_of(given, f"{node.id}{{:02d}}", left)
    for number, child in enumerate(node.children[: len(given)]):
        parts = given[number].split(":")
        if not found and child.is_composite() and 1 < len(parts) <= len(child.children) + 1:
            before, after = given[:number], given[number + 1 :]
            found = one_of(
                parts,
                f"{node.id}{number + 1:02d}-{{}}",
                lambda parts, before=before, after=after: left([*before, ":".join(parts), *after]),  # type: ignore[misc]
            )
    return found[0](node, found[1], 0) if found else None


def one_of(given: Sequence[str], names: str, left: Callable[[Sequence[str]], list[Fault]]) -> Any:
    """What makes the fault, and the name in it."""
    for number, value in enumerate(given):
        without, more = [*given[:number], *given[number + 1 :]], [*given[:number], "", *given[number:]]
        if not value and any(without[number:]) and not left(without):
            return faults.one_too_many, names.format(next_value(without, number))
        lacking = left(more)
        if not lacking:
            return faults.one_too_few, names.format(next_value(more, number))
        if all(fault.code == codes.MISSING_ELEMENT and fault.element == names.format(number + 1) for fault in lacking):
            return faults.left_out, names.format(number + 1)
    return None


def next_value(given: Sequence[str], number: int) -> int:
    return next(at for at, value in enumerate(given, 1) if at > number and value)


def damaged(segment: Segment, chance: random.Random) -> list[str]:
    """A segment with one or two separators or values changed."""
    text = segment.text
    for _ in range(chance.choice((1, 1, 2))):
        separator = chance.choice("***:")
        places = [at for at, character in enumerate(text) if character == separator] or [len(segment.tag)]
        at = chance.choice(places[1:] or places)
        text = chance.choice(
            (
                text[:at] + text[at + 1 :],
                text[:at] + separator + text[at:],
                text[: at + 1] + chance.choice(("Q" * 60, "1", "X7", "20261005", " ", "é")) + text[at + 1 :],
                text + separator + "Q",
            )
        )
    return text.split("*")


@each_type
@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_found_is_what_trying_all_separators_finds(claim_type: ClaimType, seed: int) -> None:
    chance, shifted = random.Random(seed), 0
    for segment in transaction(claim_type, seed).segments[1:60]:
        elements = damaged(segment, chance)
        if elements[0] == segment.tag and len(elements) > 1:
            expected = by_trying_all(segment.node, elements)
            shifted += expected is not None
            assert shift_of(segment.node, elements, DELIMITERS, 0) == expected, elements
    assert shifted


def test_few_segments_go_to_pyx12_for_a_wrong_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is nowhere right is no shift. All values of the segment are different each time."""
    node, asked = guide("837P").getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP/DETAIL/2000A/2000B/2300/CLM"), []

    def counted(elements: Sequence[str], delimiters: Delimiters) -> Any:
        if len(elements) > 2:  # else it is one value
            asked.append(elements)
        return segment_of(elements, delimiters)

    monkeypatch.setattr(values, "segment_of", counted)
    for number in range(10):
        elements = f"CLM*{number}*1***11:B:1*Y*A*Y*Y*{number}{'X' * 50}".split("*")
        assert {fault.element for fault in segment_faults(node, elements, DELIMITERS)} == {"CLM10"}
    assert len(asked) == 10
