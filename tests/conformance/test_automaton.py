"""The automaton proves pieces, whatever the order they come in, and forgets before it grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrubber.conformance import automaton, checks
from scrubber.conformance.automaton import Automaton
from scrubber.conformance.grammar import grammar
from scrubber.x12.delimiters import Delimiters
from tests.conformance.judged import judged
from tests.scrubbing import FIXTURES as FOLDER

FIXTURES = sorted(FOLDER.rglob("*.837"))
DELIMITERS = Delimiters("*", ":", "^", "~")
CLAIM = (
    "CLM*A1*100***11:B:1*Y*A*Y*Y",
    "REF*G1*PA1",
    "REF*D9*C1",
    "HI*ABK:M3210",
    "LX*1",
    "SV1*HC:99213*60*UN*1***1",
    "DTP*472*D8*20261005",
    "LX*2",
    "SV1*HC:99214*40*UN*1***1",
    "DTP*472*D8*20261005",
)


def proves(*segments: str) -> bool:
    guide = Automaton(grammar("837P"), DELIMITERS)
    first = guide.proves(guide.grammar.claim, segments)
    assert guide.proves(guide.grammar.claim, segments) is first, "what is remembered says the same"
    return first


def without(text: str) -> tuple[str, ...]:
    return tuple(segment for segment in CLAIM if not segment.startswith(text))


def test_a_claim_in_the_order_of_the_guide_is_proven() -> None:
    assert proves(*CLAIM)


def test_segments_at_one_position_stand_in_any_order() -> None:
    swapped = (CLAIM[0], CLAIM[2], CLAIM[1], *CLAIM[3:])
    assert proves(*swapped)


@pytest.mark.parametrize("missing", ["CLM", "HI", "LX*1", "SV1*HC:99213", "SV1*HC:99214", "LX"])
def test_something_required_is_missing(missing: str) -> None:
    assert not proves(*without(missing))


def test_a_line_of_nothing_but_its_number() -> None:
    assert not proves(*CLAIM[:4], "LX*1", *CLAIM[4:])
    assert not proves(*CLAIM, "LX*3")


def test_a_segment_that_stands_too_often_is_not_proven() -> None:
    assert not proves(*CLAIM[:3], CLAIM[2], *CLAIM[3:])


def test_a_segment_in_another_order_is_not_proven() -> None:
    assert not proves(CLAIM[0], CLAIM[3], CLAIM[1], *CLAIM[4:])
    assert not proves(*CLAIM, "HL*2*1*22*0")
    assert not proves(*CLAIM, *CLAIM)


def test_an_unknown_tag_or_qualifier() -> None:
    assert not proves(*CLAIM, "ZZZ*1")
    assert not proves(CLAIM[0], "REF*ZZ*1", *CLAIM[3:])
    assert not proves(CLAIM[0], "REF", *CLAIM[3:])


def test_the_first_segment_of_a_kind_is_not_proven() -> None:
    guide = Automaton(grammar("837P"), DELIMITERS, unmade=1)
    assert guide.unproven(guide.grammar.claim, without("HI")) is None, "the order does not depend on patterns"
    guide = Automaton(grammar("837P"), DELIMITERS, unmade=1)
    unproven = guide.unproven(guide.grammar.claim, CLAIM)
    assert unproven is not None
    assert [CLAIM[index] for index, _ in unproven] == [*CLAIM[:7]], "LX, SV1 and DTP stand there twice"
    assert guide.proves(guide.grammar.claim, CLAIM)


def test_each_wrong_segment_is_found_whether_the_others_are_remembered_or_not() -> None:
    guide = Automaton(grammar("837P"), DELIMITERS)
    wrong = (CLAIM[0], "REF*G1*", *CLAIM[2:-2], "SV1*HC:99214*X*UN*1***1", CLAIM[-1])
    for _ in ("new", "remembered"):
        unproven = guide.unproven(guide.grammar.claim, wrong)
        assert unproven is not None
        assert [wrong[index] for index, _ in unproven] == [wrong[1], wrong[-2]]
        assert guide.proves(guide.grammar.claim, CLAIM)


def test_an_hl_of_another_level_is_out_of_order_whether_others_are_remembered_or_not() -> None:
    guide = Automaton(grammar("837P"), DELIMITERS)
    level = guide.grammar.levels[2]
    others = ("SBR*P*18*******CI", "NM1*IL*1*DOE*J****MI*M1", "NM1*PR*2*PAYER*****PI*P1")
    for _ in ("new", "remembered"):
        assert guide.unproven(level, ("HL*21*1*20*0", *others)) is None
        assert guide.unproven(level, ("HL*22*1", *others)) is None
        wrong = guide.unproven(level, ("HL*23*1*22*7", *others))
        assert wrong is not None
        assert [index for index, _ in wrong] == [0]
        assert guide.proves(level, ("HL*24*1*22*0", *others))
        assert guide.proves(level, ("HL*21*1*22*0", *others))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_what_is_found_does_not_depend_on_when_patterns_are_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, found = path.read_bytes(), []
    for unmade in (0, 1, 2, 1_000_000):
        monkeypatch.setattr(checks, "_UNMADE", unmade)
        checks._explainer.cache_clear()
        ours = judged(data)
        found.append((ours.file_codes, ours.claims))
    checks._explainer.cache_clear()
    assert all(other == found[0] for other in found)


def test_it_forgets_before_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automaton, "MOST_REMEMBERED", 200)
    guide = Automaton(grammar("837P"), DELIMITERS)
    for number in range(1000):
        segments = (f"CLM*A{number}*100***11:B:1*Y*A*Y*Y", *CLAIM[1:])
        assert guide.proves(guide.grammar.claim, segments)
        assert not guide.proves(guide.grammar.claim, (*segments, f"REF*ZZ{number}*1"))
        assert len(guide._states) < 50
        assert sum(len(state.proven) + len(state.moves) for state in guide._states.values()) <= 200
