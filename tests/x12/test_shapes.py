"""The patterns of sound claims against `content`, which looks at each segment."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.x12.content import CLAIM_ONCE, LINE_ONCE, PRINCIPAL, claim_keys, claim_misfit
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.guides import ClaimType
from scrubber.x12.segments import split
from scrubber.x12.shapes import IN_CLAIM, IN_LINE, sound_claim

DELIMITERS = Delimiters("*", ":", "^", "~")
SERVICE: dict[ClaimType, str] = {"837P": "SV1*HC:J0490*1*UN*1***1", "837I": "SV2*0636*HC:J0490*1*UN*1"}
each_type = pytest.mark.parametrize("claim_type", list(SERVICE))


def segment(key: str) -> str:
    """A segment with a key of `content`."""
    return "HI*ABK:M329*ABF:I10" if key == PRINCIPAL else f"{key}*X"


def written(claim_type: ClaimType, segments: Sequence[str]) -> str:
    """A claim of these segments. SV stands for the service of its type."""
    found = [SERVICE[claim_type] if segment == "SV" else segment for segment in ("CLM*A*1***11:B:1", *segments)]
    return "".join(f"{segment}~\n" for segment in found)


def misfit(claim_type: ClaimType, text: str) -> str | None:
    """The reason of `content`, and a check that the pattern matches no claim with a misfit."""
    found = claim_misfit(claim_type, claim_keys(split(text, DELIMITERS)))
    assert not (found and sound_claim(claim_type, DELIMITERS).fullmatch(text)), (text, found)
    return found.reason if found else None


LINE = ("LX*1", "SV")


@each_type
@pytest.mark.parametrize("key", sorted(CLAIM_ONCE))
def test_what_a_claim_has_once_stands_in_it_once(key: str, claim_type: ClaimType) -> None:
    once, others = segment(key), ("DTP*454*D8*20261014", "REF*G1*1", "HI*ABF:I10", "K3*X")
    for at in range(len(others) + 1):
        text = written(claim_type, (*others[:at], once, *others[at:], *LINE))
        assert misfit(claim_type, text) is None
        assert bool(sound_claim(claim_type, DELIMITERS).fullmatch(text)) == (key in IN_CLAIM[claim_type])
        reason = misfit(claim_type, written(claim_type, (once, *others[:at], once, *others[at:], *LINE)))
        assert reason == f"{key} stands twice in one claim; a CLM segment before it may be missing or damaged"


@each_type
@pytest.mark.parametrize("key", sorted(LINE_ONCE))
def test_what_a_line_has_once_stands_in_it_once(key: str, claim_type: ClaimType) -> None:
    once, others = segment(key), ("DTP*573*D8*20261014", "REF*G1*1", "NTE*ADD*X")
    for at in range(len(others) + 1):
        body = (*others[:at], once, *others[at:])
        text = written(claim_type, (*LINE, *body, "LX*2", "SV", *body))
        assert misfit(claim_type, text) is None
        assert sound_claim(claim_type, DELIMITERS).fullmatch(text)
        reason = misfit(claim_type, written(claim_type, (*LINE, *body, "LX*2", "SV", once, *body)))
        assert reason == f"{key} stands twice in one service line; an LX segment before it may be missing or damaged"


@each_type
@pytest.mark.parametrize("loop", ["NM1*82*1*X", "SVD*X*1"])
def test_loops_of_a_line_may_repeat_it(loop: str, claim_type: ClaimType) -> None:
    text = written(claim_type, (*LINE, "DTP*472*D8*20261014", loop, "DTP*472*D8*20261014", "REF*6R*1", "REF*6R*1"))
    assert misfit(claim_type, text) is None
    assert sound_claim(claim_type, DELIMITERS).fullmatch(text)


@each_type
def test_each_other_payer_may_have_its_own_claim_number(claim_type: ClaimType) -> None:
    payer = ("SBR*S", "NM1*IL*1*X", "NM1*PR*2*X", "REF*F8*1")
    assert misfit(claim_type, written(claim_type, ("REF*F8*1", *payer, *payer, *LINE))) is None


@each_type
def test_all_that_may_stand_once_in_the_order_of_the_guide(claim_type: ClaimType) -> None:
    assert set(IN_CLAIM[claim_type]) < CLAIM_ONCE == {*IN_CLAIM["837P"], *IN_CLAIM["837I"]}
    assert set(IN_LINE) == LINE_ONCE
    text = written(claim_type, (*map(segment, IN_CLAIM[claim_type]), *LINE, *map(segment, IN_LINE)))
    assert sound_claim(claim_type, DELIMITERS).fullmatch(text)
    assert misfit(claim_type, text) is None
    for in_claim in (IN_CLAIM[claim_type][::-1], sorted(CLAIM_ONCE)):
        assert misfit(claim_type, written(claim_type, (*map(segment, in_claim), *LINE))) is None


SEGMENTS = [
    *map(segment, sorted(CLAIM_ONCE | LINE_ONCE)),
    *(
        "LX*1",
        "LX*2",
        "SV",
        "SV",
        "HI*ABKX:I10",
        "HI*BK",
        "HI",
        "REF",
        "REF*D",
        "REF*D9X",
        "REF*F8:1",
        "DTP",
        "DTP*472X",
    ),
    *("CL1", "CL1*1", "K3*X", "SBR*S", "NM1*IL*1*X", "NM1*PR*2*X", "NM1*82*1*X", "LIN**N4*1", "SVD*X", "CAS*X"),
]


@each_type
@given(body=st.lists(st.sampled_from(SEGMENTS), max_size=12))
def test_the_pattern_matches_no_claim_with_a_misfit(body: list[str], claim_type: ClaimType) -> None:
    misfit(claim_type, written(claim_type, [*body, "LX*1", "SV"]))
    misfit(claim_type, written(claim_type, ["LX*1", "SV", *body]))
