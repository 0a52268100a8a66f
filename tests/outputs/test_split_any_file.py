"""Clean and rejected files of generated 837 files: invariants of splitting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import TypeAlias

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.claims.model import Claim
from scrubber.testing import (
    ClaimType,
    DelimiterSpec,
    build,
)
from scrubber.x12 import buffer
from tests.claims.hierarchy import VERSIONS
from tests.lanes import examples
from tests.outputs.halves import (
    assert_right,
    assert_split,
    ids,
    split,
)
from tests.scrubbing import TYPES

# On files of every make

WORDS = ("SYN", "L\xc4RK", "X")
delimiter_sets = st.sampled_from(
    [
        DelimiterSpec(),
        DelimiterSpec("|", ">", "!", "\n"),
        DelimiterSpec("=", "<", "U", "'"),
        DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c"),
        DelimiterSpec("*", ":", "^", "\r"),
    ]
)

Segments: TypeAlias = Iterator[str]


@attrs.frozen
class Level:
    """A level of a described hierarchy: how many claims stand directly under it, and the levels beneath."""

    claims: int
    beneath: tuple[Level, ...] = ()


patients = st.builds(Level, st.integers(0, 2))
subscribers = st.builds(Level, st.integers(0, 2), st.lists(patients, max_size=3).map(tuple))
providers = st.builds(Level, st.just(0), st.lists(subscribers, max_size=4).map(tuple))
transactions = st.tuples(st.sampled_from(TYPES), st.lists(providers, max_size=3))
groups = st.lists(transactions, max_size=3)
interchanges = st.tuples(st.lists(groups, max_size=2), delimiter_sets, st.sampled_from(["", "\n", "\r\n", "\n\n"]))

NAMES = {
    "20": "NM1*85*2*{word} CENTER {number}*****XX*2000000010",
    "22": "SBR*P*18*******CI~NM1*IL*1*{word}*IDA {number}****MI*M{number}",
    "23": "PAT*19~NM1*QC*1*{word}*PIA {number}",
}
SERVICES = {"837P": "SV1*HC:96365*180*UN*1***1", "837I": "SV2*0260*HC:96365*180*UN*1"}


class Writer:
    """Writes described interchanges; claims are numbered through the file, levels within a transaction."""

    def __init__(self) -> None:
        self._claims = 0
        self._levels = 0

    def interchange(self, described: list[list[tuple[ClaimType, list[Level]]]], control: str) -> Segments:
        yield build([])[:105].replace("000000001", control)
        for number, group in enumerate(described, 1):
            version = VERSIONS[group[0][0]] if group else VERSIONS["837P"]
            yield f"GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*{number}*X*{version}"
            for place, (_, hierarchy) in enumerate(group, 1):
                claim_type = group[0][0]
                body = [*self._transaction(hierarchy, claim_type, f"{place:04}")]
                yield from body
                yield f"SE*{len(body) + 1}*{place:04}"
            yield f"GE*{len(group)}*{number}"
        yield f"IEA*{len(described)}*{control}"

    def _transaction(self, hierarchy: Iterable[Level], claim_type: ClaimType, control: str) -> Segments:
        yield f"ST*837*{control}*{VERSIONS[claim_type]}"
        yield "BHT*0019*00*BATCH*20261015*0830*CH"
        self._levels = 0
        for level in hierarchy:
            yield from self._level(level, "", 20, claim_type)

    def _level(self, level: Level, above: str, code: int, claim_type: ClaimType) -> Segments:
        self._levels += 1
        number = str(self._levels)
        yield f"HL*{number}*{above}*{code}*{int(bool(level.beneath))}"
        yield from NAMES[str(code)].format(number=number, word=WORDS[self._levels % 3]).split("~")
        for _ in range(level.claims):
            self._claims += 1
            yield f"CLM*C{self._claims}*180***11:B:1*Y*A*Y*Y"
            yield "LX*1"
            yield SERVICES[claim_type]
        for inner in level.beneath:
            yield from self._level(inner, number, code + 2 if code == 20 else code + 1, claim_type)


@st.composite
def files(draw: st.DrawFn) -> str:
    writer = Writer()
    text = ""
    for number, (described, delimiters, eol) in enumerate(draw(st.lists(interchanges, max_size=3)), 1):
        wanted = delimiters.element + delimiters.component + delimiters.repetition
        translation = str.maketrans("*:^", wanted)
        end = delimiters.terminator + ("" if delimiters.terminator in eol else eol)  # pyx12 stops at blank lines
        text += "".join(
            segment.translate(translation) + end for segment in writer.interchange(described, f"{number:09}")
        )
    return text


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.randoms(use_true_random=False))
def test_every_claim_is_in_exactly_one_file_under_a_right_envelope(text: str, chance: Random) -> None:
    rejects = {f"C{number}" for number in range(200) if chance.random() < 0.5}
    halves = split(text, rejects)
    assert_split(text, halves)
    assert {*ids(halves.rejected)} <= rejects
    assert rejects.isdisjoint(ids(halves.clean))
    assert_right(halves.clean)
    assert_right(halves.rejected)
    assert halves.held == ""


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.randoms(use_true_random=False))
def test_held_claims_are_in_a_third_file_by_the_same_rules(text: str, chance: Random) -> None:
    rejects, flagged = ({f"C{number}" for number in range(200) if chance.random() < 0.4} for _ in range(2))
    halves = split(text, rejects, hold=flagged)
    assert_split(text, halves)
    assert {*ids(halves.held)} <= flagged - rejects
    assert (rejects | flagged).isdisjoint(ids(halves.clean))
    for part in (halves.clean, halves.held, halves.rejected):
        assert_right(part)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_what_is_split_once_stays_as_it_is(text: str) -> None:
    clean = split(text).clean
    assert split(clean).clean == clean
    assert split(clean).rejected == ""


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from([1, 7, 100]))
def test_the_block_size_changes_nothing(text: str, block: int) -> None:
    def even(claim: Claim) -> bool:
        return claim.claim_id[-1] in "02468"

    at_once = split(text, even)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffer, "BLOCK", block)
        assert split(text, even) == at_once
