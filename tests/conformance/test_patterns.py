"""Patterns prove segments: whatever one matches, pyx12 finds no fault in; and it matches nearly all that is right."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyx12.segment import Segment as Pyx12Segment

from scrubber.conformance.checks import envelope_node
from scrubber.conformance.explain import segment_faults
from scrubber.conformance.patterns import character_class, pattern
from scrubber.testing import ClaimType
from scrubber.x12.delimiters import Delimiters
from tests.conformance.generated import Segment, segment_nodes, transaction
from tests.scrubbing import each, each_type

DELIMITERS = Delimiters("*", ":", "^", "~")
SPLICED = " *:^-.0129AZaz\x07\t\xe9|~"
VALUES = [
    "",
    "0",
    "-1",
    "1.5",
    "-.5",
    "1.",
    "20260229",
    "20240229",
    "19000229",
    "20261015-20261031",
    "2460",
    "XX",
    "  ",
]


def pyx12_accepts(node: object, text: str) -> bool:
    """pyx12's verdict on a segment, by itself; failing counts as rejection."""
    segment = Pyx12Segment(text, "~", "*", ":")
    try:
        return text[-1] != "*" and node.is_valid_errors(segment)[0]  # type: ignore[attr-defined]
    except (IndexError, ValueError):
        return False


def drawn(claim_type: ClaimType) -> list[Segment]:
    """Valid segments of every kind there is in a guide."""
    found: dict[object, list[Segment]] = {}
    for seed in range(0, len(segment_nodes(claim_type)), 3):
        for segment in transaction(claim_type, seed).segments:
            found.setdefault(segment.node, []).append(segment)
    return [segment for several in found.values() for segment in several[:6]]


@each_type
def test_what_a_pattern_matches_pyx12_accepts(claim_type: ClaimType) -> None:
    chance = random.Random(837)
    patterns = {}
    wrong = []
    for segment in drawn(claim_type):
        if segment.node not in patterns:
            patterns[segment.node] = pattern(segment.node, DELIMITERS)
        for _ in range(12):
            elements = list(segment.elements)
            at = chance.randrange(len(elements) + 1)
            if at == len(elements):
                elements.append(chance.choice(VALUES))
            elif chance.random() < 0.5:
                elements[at] = chance.choice(VALUES)
            else:
                place = chance.randrange(len(elements[at]) + 1)
                cut = place + chance.randrange(2)
                elements[at] = elements[at][:place] + chance.choice(SPLICED) + elements[at][cut:]
            text = "*".join((segment.tag, *elements))
            if "~" not in text and patterns[segment.node].fullmatch(text) and not pyx12_accepts(segment.node, text):
                wrong.append(text)
    assert wrong == []


@each_type
def test_patterns_match_what_is_drawn_from_the_map(claim_type: ClaimType) -> None:
    segments = drawn(claim_type)
    missed = [s.text for s in segments if not pattern(s.node, DELIMITERS).fullmatch(s.text)]
    assert len(missed) < len(segments) / 100, missed


@given(st.sets(st.characters(max_codepoint=255), min_size=1))
def test_a_class_with_ranges_has_the_characters_that_it_is_given(characters: set[str]) -> None:
    matches = re.compile(f"[{character_class(frozenset(characters))}]", re.DOTALL).fullmatch
    assert {chr(number) for number in range(256) if matches(chr(number))} == characters


@pytest.mark.parametrize("odd", ["-", "."])
def test_delimiters_that_numbers_are_written_with_prove_nothing(odd: str) -> None:
    (node,) = (node for node in segment_nodes("837P") if node.id == "BHT")
    text = "BHT*0019*00*1*20261015*0830*CH"
    assert pattern(node, DELIMITERS).fullmatch(text)
    assert not pattern(node, Delimiters("*", odd, "^", "~")).fullmatch(text)


@each(
    "day, right",
    {
        "a day": ("20261015", True),
        "leap day": ("20240229", True),
        "no leap year": ("20260229", False),
        "century": ("20000229", True),
        "a century without": ("19000229", False),
        "month 13": ("20261315", False),
        "april 31": ("20260431", False),
        "too early": ("17991231", False),
        "short": ("261015", False),
    },
)
def test_a_date_must_be_in_the_calendar(day: str, right: bool) -> None:
    node = next(n for n in segment_nodes("837P") if n.id == "DTP" and n.children[0].valid_codes == ["472"])
    assert bool(pattern(node, DELIMITERS).fullmatch(f"DTP*472*D8*{day}")) is right
    assert bool(pattern(node, DELIMITERS).fullmatch(f"DTP*472*RD8*20240101-{day}")) is right
    assert not pattern(node, DELIMITERS).fullmatch(f"DTP*472*RD8*{day}")


ENVELOPE = {
    "ISA": "ISA*00*          *00*          *ZZ*SAMPLESENDER   *ZZ*SAMPLERECEIVER *261015*0830*^*00501*000000001*0*T*|",
    "GS": "GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*1*X*005010X222A1",
    "GE": "GE*1*1",
    "IEA": "IEA*1*000000001",
}


@each("tag", {tag: tag for tag in ENVELOPE})
def test_what_a_pattern_of_the_envelope_matches_pyx12_accepts(tag: str) -> None:
    node = envelope_node(tag, "837P" if tag == "GS" else None)
    proof = pattern(node, DELIMITERS)
    assert proof.fullmatch(ENVELOPE[tag])
    chance = random.Random(tag)
    elements = ENVELOPE[tag].split("*")
    values = [
        *VALUES,
        *elements[1:],
        "260229",
        "240229",
        "261332",
        "2400",
        "2359",
        "0860",
        " " * 10,
        " " * 15,
        "A" * 15,
    ]
    matched = 0
    for _ in range(3_000):
        changed = [*elements]
        for number in chance.sample(range(1, len(changed)), 1 + (chance.random() < 0.3)):
            value = chance.choice(values)
            if chance.random() < 0.4:
                at = chance.randint(0, len(changed[number]))
                value = changed[number][:at] + chance.choice(SPLICED) + changed[number][at + 1 :]
            changed[number] = value
        text = "*".join(changed)
        if proof.fullmatch(text):
            matched += 1
            assert segment_faults(node, text.split("*"), DELIMITERS) == [], text
    assert matched > 50
