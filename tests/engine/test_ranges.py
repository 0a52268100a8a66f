"""Ranges of a file: what is scrubbed range by range is what is scrubbed at once."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber import Claim, RunOptions, read_claims
from scrubber.engine.comparing import may_have, received, sent
from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range, ranges
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import RangeScrubbing, Scrubbing
from scrubber.testing import build, infusion_claim, visit_claim
from scrubber.x12.bounded import Errors
from scrubber.x12.events import Event, Events
from scrubber.x12.prescan import prescan
from tests.lanes import examples
from tests.scrubbing import each

LEVELS = {"20": "", "22": "SBR*P*18*******CI~NM1*IL*1*DOE*JO****MI*M{}~NM1*PR*2*PAYER*****PI*P1~", "23": "PAT*19~"}


@lru_cache(maxsize=1)
def engine() -> Engine:
    return RunOptions().engine()


def read(text: str) -> list[Claim]:
    return list(read_claims(io.BytesIO(text.encode("latin-1"))))


def shown(items: Any) -> Iterator[object]:
    for item in items:
        if isinstance(item, ScrubbedClaim):
            yield item.to_dict(), repr(item.shadow)
        else:
            assert isinstance(item, Event)
            yield item.kind, item.piece.offset


def at_once(text: str) -> tuple[list[object], Sequence[object]]:
    """What is scrubbed, and the faults against the guide."""
    stream = io.BytesIO(text.encode("latin-1"))
    scan = prescan(stream)
    stream.seek(0)
    scrubbing = Scrubbing(stream, engine(), scan, conformance=True)
    return list(shown(scrubbing)), scrubbing.guide_errors


def by_ranges(text: str, claims: int, *, here: bool = False) -> tuple[list[object], Sequence[object]]:
    """The same, by ranges that are scrubbed in another process or `here`."""
    stream = io.BytesIO(text.encode("latin-1"))
    scan = prescan(stream)
    stream.seek(0)
    fresh = engine().for_file()
    found: list[object] = []
    faults = Errors()
    for one in ranges(Events(stream, scan), fresh, scan.claims, unasked, claims):
        arrived = one if here else pickle.loads(pickle.dumps(one))
        assert arrived == one
        scrubbing = RangeScrubbing(arrived, engine(), conformance=True)
        found += shown(scrubbing)
        assert not arrived.items
        faults.extend(scrubbing.faults.guide)
    return found, faults.counted(engine().profile.counts)


def unasked(_: Range) -> bool:
    """Without a history no claim ends another."""
    raise AssertionError


def levels_of(choices: Sequence[str]) -> str:
    """A file with levels in any order, and a claim for each `C`."""
    parts = build([visit_claim("837P", "SOUND")], eol="").split("~")
    begin = next(number for number, part in enumerate(parts) if part.startswith("HL*"))
    clm = next(number for number, part in enumerate(parts) if part.startswith("CLM*"))
    se = next(number for number, part in enumerate(parts) if part.startswith("SE*"))
    head, claim, tail = parts[:begin], parts[clm:se], parts[se:]
    body: list[str] = []
    for number, choice in enumerate(choices, 1):
        if choice == "C":
            body += [part.replace("SOUND", f"C{number}") for part in claim]
        else:
            body.append(f"HL*{number}**{choice}*1")
            body += [part for part in LEVELS.get(choice, "").format(number).split("~") if part]
    return "~".join([*head, *body, *tail])


@given(choices=st.lists(st.sampled_from(["20", "22", "23", "99", "C", "C"]), max_size=14), claims=st.integers(1, 3))
@settings(max_examples=examples(200))
def test_of_levels_in_any_order(choices: Sequence[str], claims: int) -> None:
    text = levels_of(choices)
    assert by_ranges(text, claims) == by_ranges(text, claims, here=True) == at_once(text)


@given(
    cuts=st.lists(st.sampled_from(["ISA", "GS", "ST", "SE", "GE", "IEA", "HL"]), max_size=3), claims=st.integers(1, 3)
)
@settings(max_examples=examples(60))
def test_of_several_transactions_without_some_headers_and_trailers(cuts: Sequence[str], claims: int) -> None:
    one = build([infusion_claim("837P", f"A{number}") for number in range(3)], eol="")
    other = build([infusion_claim("837I", f"B{number}") for number in range(2)], eol="", control=2)
    parts = f"{one}{other}{one}".split("~")
    for turn, cut in enumerate(cuts):
        there = [number for number, part in enumerate(parts) if part.split("*")[0] == cut]
        if there:
            del parts[there[turn % len(there)]]
    text = "~".join(parts)
    assert by_ranges(text, claims) == by_ranges(text, claims, here=True) == at_once(text)


def test_a_range_ends_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrubber.engine.ranges._CHARACTERS", 3_000)
    text = build([visit_claim("837P", f"V{number}") for number in range(40)], eol="")
    stream = io.BytesIO(text.encode())
    made = list(ranges(Events(stream), engine().for_file(), 40_000, unasked, 1_000))
    assert len(made) > 3
    assert [one.number for one in made] == [*range(1, len(made) + 1)]
    assert [one.last for one in made] == [False] * (len(made) - 1) + [True]
    assert made[0].named.startswith("claims 1 to ")


def test_the_first_range_and_the_last_ones_are_smaller() -> None:
    text = build([visit_claim("837P", f"V{number}") for number in range(900)], eol="")
    made = ranges(Events(io.BytesIO(text.encode())), engine().for_file(), 900, unasked, 100)
    sizes = [sum(event.kind == "claim" for event in one.events) for one in made]
    assert sizes == [50, 100, 100, 100, 100, 100, 87, 65, 49, 37, 28, 21, 20, 20, 20, 3, 0]


def test_the_answers_of_file_edits_travel_without_segments() -> None:
    claims = [infusion_claim("837P", name, member_id="SAME") for name in ("A", "B")]
    (first, second) = read(build(claims))
    answers = engine().for_file().compare([first, second], lambda *_: False)
    (codes, results) = zip(*answers[second.number], strict=True)
    assert "DUP02" in codes
    assert not any(result.location.span.segments for result in results if hasattr(result, "location"))
    again = received(second, answers[second.number], engine().catalogue.edits)
    assert all(result.location.span is second.span for _, result in again if hasattr(result, "location"))
    assert sent(second, again) == answers[second.number]


@each(
    ("procedure", "passes"),
    {
        "the code": ("J0490", True),
        "in lower case": ("j0490", True),
        "with a point": ("J04.90", True),
        "after a blank": (" J0490", True),
        "another one": ("J1745", False),
    },
)
@pytest.mark.parametrize("separator", [":", ">", ".", "|"])
def test_the_quick_test_of_a_claim(procedure: str, passes: bool, separator: str) -> None:
    spec = infusion_claim("837P")
    line = attrs.evolve(spec.lines[0], procedure=procedure)
    text = build([attrs.evolve(spec, lines=(line,))])
    assert "." not in text.replace("J04.90", "")
    (claim,) = read(text.replace(":", separator))
    assert may_have(frozenset({"J0490"}), ())(claim) == passes
    assert (claim.lines[0].procedure == "J0490") == passes or "." in procedure + separator


@each(("frequency", "passes"), {"original": ("1", False), "replacement": ("7", True), "void": ("8", True)})
def test_voids_and_replacements_pass_where_they_count(frequency: str, passes: bool) -> None:
    (claim,) = read(build([visit_claim("837P", frequency=frequency)]))
    assert may_have(frozenset(), ("7", "8"))(claim) == passes
