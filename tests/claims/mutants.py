"""Claims of the fixtures with some of their elements replaced by odd values."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from scrubber import read_claims
from scrubber.claims.model import Claim

FILES = sorted((Path(__file__).parents[2] / "fixtures").glob("*/*.837"))
ODD = (
    *("", "0", "-1", "0.00", "1.5", "x", "jz", "JW", "JZ", "25", "7", "1", "F8", "20261301", "RD8", "0300", "300"),
    *("20261001-20261004", "HC:99213:jw", "HC:99213:25:25", "HC:99213", "BK:25000", "BG:D0", "ABF:M3219", "ABF:L930"),
)
PER_FILE = 6


@cache
def mutants() -> tuple[Claim, ...]:
    """All claims of the fixtures as they are, and with random elements replaced, the same in every run."""
    return tuple(claim for path in FILES for text in _texts(path) for claim in _read(text))


def _texts(path: Path) -> Iterator[str]:
    text = path.read_bytes().decode("latin-1")
    yield text
    chance = random.Random(path.name)
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
