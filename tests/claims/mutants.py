"""Claims of the fixtures with some of their elements replaced by odd values."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from scrubber import read_claims
from scrubber.claims.model import Claim
from scrubber.testing import build, infusion_claim, visit_claim, with_all_lines
from tests.scrubbing import TYPES

FILES = sorted((Path(__file__).parents[2] / "fixtures").glob("*/*.837"))
ODD = (
    *("", "0", "-1", "0.00", "1.5", "x", "jz", "JW", "JZ", "25", "7", "1", "F8", "20261301", "RD8", "0300", "300"),
    *("20261001-20261004", "HC:99213:jw", "HC:99213:25:25", "HC:99213", "BK:25000", "BG:D0", "ABF:M3219", "ABF:L930"),
)
PER_FILE = 6
CAUSES = build(
    with_all_lines(visit_claim(claim_type, diagnoses=("D631", "N184")), dates=date(2026, 3, 2)) for claim_type in TYPES
)
"""Anemia listed before the kidney disease that causes it: no fixture has a cause behind its effect."""
AT_HOME = build([infusion_claim("837P", facility_code="12")])
"""An office's infusion code at home: no fixture has one that can be read."""


@cache
def mutants() -> tuple[Claim, ...]:
    """All claims of the fixtures as they are, and with random elements replaced, the same in every run."""
    files = {path.name: path.read_bytes().decode("latin-1") for path in FILES} | {"causes": CAUSES, "home": AT_HOME}
    return tuple(claim for name, file in files.items() for text in _texts(name, file) for claim in _read(text))


def _texts(name: str, text: str) -> Iterator[str]:
    yield text
    chance = random.Random(name)
    for _ in range(PER_FILE):
        segments = text.split("~")
        for at in chance.sample(range(len(segments)), len(segments) // 3):
            elements = segments[at].split("*")
            if elements[0].strip() in ("CLM", "HI", "DTP", "SV1", "SV2", "REF", "CTP", "LIN", "AMT", "DMG"):
                elements[chance.randrange(1, len(elements))] = chance.choice(ODD)
            segments[at] = "*".join(elements)
        yield "~".join(segments)


def _read(text: str) -> Iterator[Claim]:
    yield from read_claims(io.BytesIO(text.encode("latin-1")))
