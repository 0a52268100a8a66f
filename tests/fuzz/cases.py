"""Files with random faults, each drawn from a seed and a number."""

from __future__ import annotations

import random
from functools import lru_cache

from scrubber.testing import DelimiterSpec, build, drug_line, infusion_claim, visit_claim

_DELIMITERS = (DelimiterSpec(), DelimiterSpec("|", ">", "!", "\n"), DelimiterSpec("=", "<", "U", "'"))
_TAGS = ("ISA", "GS", "ST", "BHT", "HL", "NM1", "SBR", "CLM", "HI", "LX", "SV1", "SV2", "DTP", "NTE", "SE", "GE", "IEA")
_VALUES = (
    *("", "0", "-1", "1E9", "99999999999", "20261332", "00000000", "NaN", "\u00b2", "\u00e9", "\x00", "<&>'\"", "::::"),
    *("=1+1", "::error::", "\x1b[31m", "SCRUB R NDC05", "A" * 300, "9" * 5_000),
)
_MOST_CHANGES = 6


@lru_cache
def bases() -> tuple[tuple[bytes, DelimiterSpec], ...]:
    """Sound files of both types, with usual and odd delimiters."""
    return tuple(
        (build(claims, delimiters=delimiters, eol=eol).encode("latin-1"), delimiters)
        for delimiters in _DELIMITERS
        for eol in ("", "\r\n")
        if not (eol and delimiters.terminator == "\n")
        for claims in (
            [infusion_claim("837P", "A", lines=(drug_line(modifiers=()), drug_line())), visit_claim("837P", "B")],
            [infusion_claim("837I", "A"), infusion_claim("837I", "B", lines=(drug_line(modifiers=()),))],
        )
    )


def case(seed: int, number: int) -> bytes:
    """The file of a seed and a number: the same ones give the same file."""
    draw = random.Random(f"{seed}/{number}")
    data, delimiters = draw.choice(bases())
    for _ in range(draw.randint(1, _MOST_CHANGES)):
        data = changed(data, delimiters, draw)
    return data


def changed(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with one change: of bytes, an element, a segment, or the order of segments."""
    end, separator = delimiters.terminator.encode(), delimiters.element.encode()
    kind = draw.randrange(7)
    if kind == 0:
        at = draw.randint(0, len(data))
        return data[:at] + draw.randbytes(draw.randint(0, 4)) + data[at + draw.randint(0, 4) :]
    if kind == 1 and not draw.randrange(4):
        return data[: draw.randint(0, len(data))]
    segments = data.split(end)
    at = draw.randrange(len(segments))
    if kind == 2:
        del segments[at]
    elif kind == 3:
        segments.insert(draw.randint(0, len(segments)), segments[at])
    elif kind == 4:
        segments.insert(at, separator.join([draw.choice(_TAGS).encode(), *_drawn_values(draw)]))
    else:
        elements = segments[at].split(separator)
        elements[draw.randrange(len(elements))] = draw.choice(_VALUES).encode("latin-1")
        segments[at] = separator.join(elements)
    return end.join(segments)


def _drawn_values(draw: random.Random) -> list[bytes]:
    return [draw.choice(_VALUES).encode("latin-1") for _ in range(draw.randint(0, 6))]
