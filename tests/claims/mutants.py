"""Claims of the fixtures with some of their elements replaced by odd values."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from scrubber import read_claims
from scrubber.claims.model import Claim
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, visit_claim, with_all_lines
from tests.scrubbing import TYPES

FILES = sorted((Path(__file__).parents[2] / "fixtures").glob("*/*.837"))
ODD = (
    *("", "0", "-1", "0.00", "1.5", "x", "jz", "JW", "JZ", "25", "7", "1", "F8", "20261301", "RD8", "0300", "300"),
    *("20261001-20261004", "HC:99213:jw", "HC:99213:25:25", "HC:99213", "BK:25000", "BG:D0", "ABF:M3219", "ABF:L930"),
)
ODD_IDS = (
    "",
    "1",
    "XX",
    "1234567890",
    "3000000006",
    "1111111112",
    "208D00000X",
    "208D",
    "606011234",
    "60601",
    "QQ",
    "82",
)
"""Elements of segments of parties. `3000000006` has the check digit of an NPI."""
AMOUNTS = frozenset({"CLM", "HI", "DTP", "SV1", "SV2", "REF", "CTP", "LIN", "AMT", "DMG"})
PARTIES = frozenset({"NM1", "PRV", "N4", "SBR", "DMG"})
PER_FILE = 6
CAUSES = build(
    with_all_lines(visit_claim(claim_type, diagnoses=("D631", "N184")), dates=date(2026, 3, 2)) for claim_type in TYPES
)
"""Anemia listed before the kidney disease that causes it: no fixture has a cause after its effect."""
FALL = build(visit_claim(claim_type, diagnoses=("W010XXA", "M25561")) for claim_type in TYPES)
"""A fall as the first diagnosis: no fixture has an external cause there."""
AT_HOME = build([infusion_claim("837P", facility_code="12")])
"""An office's infusion code at home: no fixture has one that can be read."""

OF_HOSPITALS = build([visit_claim("837P", lines=(LineSpec("G0463"),))])
"""A hospital's visit code on a professional claim: no fixture has one."""
UNDER_THE_SKIN = build([infusion_claim("837P", lines=(drug_line(modifiers=("JB", "JZ")), LineSpec("96365")))])
"""An infused drug with JB: no fixture has one."""

FOR_DIALYSIS = build([infusion_claim("837P", lines=(LineSpec("Q4081", ("AY",)),))])
"""A drug of dialysis with AY: no fixture has one."""


@cache
def mutants() -> tuple[Claim, ...]:
    """All claims of the fixtures as they are, and with random elements replaced, the same in every run."""
    files = {path.name: path.read_bytes().decode("latin-1") for path in FILES}
    files |= {"causes": CAUSES, "fall": FALL, "home": AT_HOME, "hospital": OF_HOSPITALS, "skin": UNDER_THE_SKIN}
    files |= {"dialysis": FOR_DIALYSIS}
    return tuple(claim for name, file in files.items() for text in _texts(name, file) for claim in _read(text))


def _texts(name: str, text: str) -> Iterator[str]:
    yield text
    amounts, parties = random.Random(name), random.Random(f"{name}, parties")
    for _ in range(PER_FILE):
        yield _changed(text, AMOUNTS, ODD, amounts)
        yield _changed(text, PARTIES, ODD_IDS, parties)


def _changed(text: str, tags: frozenset[str], odd: Sequence[str], chance: random.Random) -> str:
    """The text with an odd value in an element of a third of its segments, of those with the given tags."""
    segments = text.split("~")
    for at in chance.sample(range(len(segments)), len(segments) // 3):
        elements = segments[at].split("*")
        if elements[0].strip() in tags:
            elements[chance.randrange(1, len(elements))] = chance.choice(odd)
        segments[at] = "*".join(elements)
    return "~".join(segments)


def _read(text: str) -> Iterator[Claim]:
    yield from read_claims(io.BytesIO(text.encode("latin-1")))
