"""Levels: a subscriber's fields are found together where segments stand as usual, else one by one."""

from __future__ import annotations

import io
import random

import pytest

from scrubber.claims import fields
from scrubber.claims.levels import Level, first_text
from scrubber.claims.model import Claim
from scrubber.claims.reader import items
from scrubber.x12.events import Events
from scrubber.x12.segments import first_with
from tests.claims.hierarchy import CLAIM, LINE, PROVIDER, enveloped

SEGMENTS = (
    "SBR*P*18*GROUP******MB",
    "SBR*S",
    "SBR",
    "PAT*****D8*20260101*01*160",
    "NM1*IL*1*DOE*JANE****MI*1EG4TE5MK73",
    "NM1*IL*1*DOE",
    "NM1*IL",
    "NM1*ILX*1*DOE*JANE****MI*OTHER",
    "N3*1 MAIN ST",
    "N4*TOWN*OH*43299",
    "DMG*D8*19840309*F",
    "DMG*D8",
    "DMG**19840310",
    "REF*SY*123456789",
    "PER*IC*A NAME*TE*5551234",
    "NM1*PR*2*A PAYER*****PI*PAYER1",
    "NM1*PR*2*A PAYER",
    "NM1*QC*1*DOE*JOHN",
    "XX*1",
    "",
    " DMG*D8*19840311*M",
)
USUAL = (0, 4, 8, 9, 10, 13, 15, 8, 13)


def subscriber(segments: list[str], end: str, separator: str) -> Level | None:
    body = PROVIDER + "~".join(["HL*2*1*22*0", *segments, ""]) + CLAIM.format("A") + LINE
    text = enveloped(body).replace("~", end).replace("*", separator)
    read = [item for item in items(Events(io.BytesIO(text.encode()))) if isinstance(item, Claim)]
    return read[0].context.subscriber if read else None


@pytest.mark.parametrize("separator", ["*", "|", "^", "-"])
@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "\n", "~ \n"])
def test_fields_of_a_subscriber_are_those_of_a_search_for_each(end: str, separator: str) -> None:
    choice, compared = random.Random(f"{end}{separator}"), 0
    for kept in range(120):
        segments = [SEGMENTS[index] for index in USUAL]
        for _ in range(kept % 4):
            at = choice.randrange(len(segments))
            segments[at : at + choice.randrange(3)] = choice.sample(SEGMENTS, choice.randrange(3))
            segments = segments or ["REF*SY*1"]
        level = subscriber(segments, end, separator)
        if level is None:
            continue
        for name in choice.sample([*fields.SUBSCRIBER, "npi"], len(fields.SUBSCRIBER) + 1):
            assert level.text(name) == first_text(level.depth, name, level.event), (name, segments)
            compared += 1
        for entity in ("IL", "PR", "QC"):
            written = first_with(level.event.text, level.event.delimiters, "NM1", entity)
            assert level.named_text(entity) == written
            assert list(level.named(entity)) == (written.split(separator) if written else [])
    assert compared > 600
