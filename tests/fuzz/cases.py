"""Files with random faults, each drawn from a seed and a number."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from scrubber.testing import DelimiterSpec, build, drug_line, infusion_claim, visit_claim

Change: TypeAlias = Callable[[bytes, DelimiterSpec, random.Random], bytes]
"""A file, the delimiters that it is cut by, and what the change is drawn from: the file with the change."""

_WRITTEN = (
    *((DelimiterSpec(), "\n"), (DelimiterSpec(), "\r\n"), (DelimiterSpec(), ""), (DelimiterSpec(), "\r")),
    *(
        (DelimiterSpec(terminator="\n"), ""),
        (DelimiterSpec(terminator="\r"), ""),
        (DelimiterSpec(terminator="\r"), "\n"),
    ),
    *((DelimiterSpec("|", ">", "!", "\n"), ""), (DelimiterSpec("=", "<", "U", "'"), "\r\n")),
    *((DelimiterSpec("\t", ":", "^", "~"), "\n"), (DelimiterSpec("\x0b", "\x01", "^", "\x0c"), "")),
    *((DelimiterSpec("\x1c", "\x1f", "\x1e", "\x1d"), ""), (DelimiterSpec("\x1d", "\x1f", "^", "\x1c"), "\n")),
    *((DelimiterSpec("^", "|", "~", "*"), ""), (DelimiterSpec(":", "*", "~", "^"), "\n")),
    *((DelimiterSpec("+", "&", "%", "\x85"), "\n"), (DelimiterSpec("\xa7", "\xb6", "\xa6", "\xa0"), "")),
)
"""Delimiters, and the text after each terminator."""
_NAMES = ("element", "component", "repetition", "terminator")
_CHARACTERS = "".join(sorted({getattr(delimiters, name) for delimiters, _ in _WRITTEN for name in _NAMES}))
_BETWEEN = (b"", b"", b"\n", b"\r\n\r\n", b"   ", b"\x1a", b"\x00\x00", b"\xef\xbb\xbf", b"~", b"*", b"GARBAGE")
"""What stands between joined files."""
_TAGS = ("ISA", "GS", "ST", "BHT", "HL", "NM1", "SBR", "CLM", "HI", "LX", "SV1", "SV2", "DTP", "NTE", "SE", "GE", "IEA")
_VALUES = (
    *("", "0", "-1", "1E9", "99999999999", "20261332", "00000000", "NaN", "\u00b2", "\u00e9", "\x00", "<&>'\"", "::::"),
    *("=1+1", "::error::", "\x1b[31m", "SCRUB R NDC05", "A" * 300, "9" * 5_000),
)
_ISA = 106
"""Bytes of an ISA with its terminator."""
_ISA_DELIMITERS = (3, 82, 104, 105)
"""Where an ISA has its delimiters: element, repetition and component separator, terminator."""
_RUN_TOGETHER = (b"CL", b"HL", b"ST", b"SE", b"GS", b"GE", b"IE", b"SB", b"LX", b"SV")
_MOST_CHANGES = 6
_MOST_JOINED = 3


@lru_cache
def sound() -> tuple[tuple[bytes, DelimiterSpec], ...]:
    """Sound files of both types, with usual and odd delimiters, each with its delimiters."""
    return tuple(
        (build(claims, delimiters=delimiters, eol=eol, control=number).encode("latin-1"), delimiters)
        for number, (delimiters, eol) in enumerate(_WRITTEN, 1)
        for claims in (
            [infusion_claim("837P", "A", lines=(drug_line(modifiers=()), drug_line())), visit_claim("837P", "B")],
            [infusion_claim("837I", "A"), infusion_claim("837I", "B", lines=(drug_line(modifiers=()),))],
        )
    )


@lru_cache
def bases() -> tuple[tuple[bytes, DelimiterSpec], ...]:
    """The sound files, and pairs of them that are joined; these are cut by the delimiters of their first file."""
    files = sound()
    joined = tuple(
        (first + between + second, delimiters)
        for between, (first, delimiters), (second, _) in zip(_BETWEEN, files[::2], files[3::2], strict=False)
    )
    return files + joined


def case(seed: int, number: int) -> bytes:
    """The file of a seed and a number: the same ones give the same file.

    Half of the files are several files joined. Each is changed, then they are joined and changed as a whole.
    """
    draw = random.Random(f"{seed}/{number}")
    count = draw.choice((1, draw.randint(1, _MOST_JOINED)))
    files = [draw.choice(sound()) for _ in range(count)]
    parts = [
        _changed(data, delimiters, draw, draw.randint(0 if count > 1 else 1, _MOST_CHANGES))
        for data, delimiters in files
    ]
    data = parts[0]
    for part in parts[1:]:
        data += draw.choice(_BETWEEN) + part
    return _changed(data, draw.choice(files)[1], draw, draw.randint(0, count - 1))


def _changed(data: bytes, delimiters: DelimiterSpec, draw: random.Random, times: int) -> bytes:
    for _ in range(times):
        data = changed(data, delimiters, draw)
    return data


def changed(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with one change: of bytes, an element, a segment, the order of segments, an ISA, or the delimiters."""
    return draw.choice(CHANGES)(data, delimiters, draw)


def likely_delimiters(data: bytes, draw: random.Random) -> DelimiterSpec:
    """Those that the ISA of a file shows, or any others."""
    shown = [
        delimiters
        for delimiters, _ in _WRITTEN
        if all(
            data[at : at + 1] == _byte(getattr(delimiters, name)) for at, name in ((3, "element"), (105, "terminator"))
        )
    ]
    return draw.choice(shown or [delimiters for delimiters, _ in _WRITTEN])


def _bytes(data: bytes, _: DelimiterSpec, draw: random.Random) -> bytes:
    at = draw.randint(0, len(data))
    return data[:at] + draw.randbytes(draw.randint(0, 4)) + data[at + draw.randint(0, 4) :]


def _cut(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file cut off, now and then: what is cut off is lost to all other changes."""
    return _element(data, delimiters, draw) if draw.randrange(4) else data[: draw.randint(0, len(data))]


def _lost(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    segments = _segments(data, delimiters)
    del segments[draw.randrange(len(segments))]
    return _joined(segments, delimiters)


def _twice(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    segments = _segments(data, delimiters)
    segments.insert(draw.randint(0, len(segments)), draw.choice(segments))
    return _joined(segments, delimiters)


def _made_up(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    segments = _segments(data, delimiters)
    values = [draw.choice(_VALUES).encode("latin-1") for _ in range(draw.randint(0, 6))]
    segment = _byte(delimiters.element).join([draw.choice(_TAGS).encode(), *values])
    segments.insert(draw.randrange(len(segments)), segment)
    return _joined(segments, delimiters)


def _element(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    segments = _segments(data, delimiters)
    at, separator = draw.randrange(len(segments)), _byte(delimiters.element)
    elements = segments[at].split(separator)
    elements[draw.randrange(len(elements))] = draw.choice(_VALUES).encode("latin-1")
    segments[at] = separator.join(elements)
    return _joined(segments, delimiters)


def _foreign(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with some segments of another one, in the delimiters of that one or in its own."""
    other, theirs = draw.choice(sound())
    segments, foreign = _segments(data, delimiters), _segments(other, theirs)
    at, first = draw.randint(0, len(segments)), draw.randrange(len(foreign))
    taken = _joined(foreign[first : first + draw.choice((1, 1, 2, 5, 30))], theirs)
    if draw.randrange(2):
        taken = _translated(taken, theirs, delimiters)
    segments.insert(at, taken + draw.choice((b"", _byte(theirs.terminator))))
    return _joined(segments, delimiters)


def _damaged_isa(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with an ISA that has another delimiter, the same one twice, other widths, or no end."""
    begins = [at for at in range(len(data)) if data.startswith(b"ISA", at)]
    if not begins:
        return _element(data, delimiters, draw)
    at = draw.choice(begins)
    isa, rest = bytearray(data[at : at + _ISA]), data[at + _ISA :]
    kind, within = draw.randrange(5), draw.choice((*_ISA_DELIMITERS, draw.randrange(_ISA)))
    if len(isa) < _ISA:
        kind = 4
    if kind == 0:
        isa[within] = ord(draw.choice(_CHARACTERS + " AU0"))
    elif kind == 1:
        isa[draw.choice(_ISA_DELIMITERS)] = isa[draw.choice(_ISA_DELIMITERS)]
    elif kind == 2:
        del isa[within : within + draw.randint(1, 3)]
    elif kind == 3:
        isa[within:within] = draw.choice((b" ", b"\n", b"\r\n", b"0", isa[3:4], isa[105:106]))
    else:
        del isa[draw.randrange(len(isa)) :]
    return data[:at] + bytes(isa) + rest


def _isa_within(data: bytes, _: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with the ISA of another one anywhere in it, as it is or damaged, alone or with all that follows it."""
    other, theirs = draw.choice(sound())
    isa, rest = other[:_ISA], draw.choice((b"", b"", other[_ISA:]))
    if draw.randrange(3):
        isa = _damaged_isa(isa, theirs, draw)
    at = draw.randint(0, len(data))
    return data[:at] + isa + rest + data[at:]


def _run_together(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file without the terminator before a segment, which is often a CLM or one of the envelope."""
    segments = _segments(data, delimiters)
    heads = [at for at, segment in enumerate(segments) if at and segment.strip()[:2] in _RUN_TOGETHER]
    if not heads:
        return _element(data, delimiters, draw)
    at = draw.choice(heads)
    segments[at - 1 : at + 1] = [segments[at - 1] + segments[at].lstrip()]
    return _joined(segments, delimiters)


def _other_delimiters(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with the delimiters of another one from a place on, or one of them only."""
    other, _ = draw.choice(_WRITTEN)
    if draw.randrange(2):
        one = draw.choice(_NAMES)
        given = {name: getattr(other if name == one else delimiters, name) for name in _NAMES}
        other = DelimiterSpec(**given)
    begin = draw.choice((0, draw.randint(0, len(data))))
    end = draw.choice((len(data), min(begin + draw.randint(0, 200), len(data))))
    return data[:begin] + _translated(data[begin:end], delimiters, other) + data[end:]


def _other_ends(data: bytes, delimiters: DelimiterSpec, draw: random.Random) -> bytes:
    """The file with something else at each end of a segment, or only at those from a place on."""
    begin = draw.choice((0, draw.randint(0, len(data))))
    end = draw.choice((b"\n", b"\r", b"\r\n", b"~\r\n", b"~~", b"", b" ", b"~ "))
    return data[:begin] + data[begin:].replace(_byte(delimiters.terminator), end)


CHANGES: Sequence[Change] = (
    *(_bytes, _cut, _lost, _twice, _made_up, _element, _element),
    *(_foreign, _damaged_isa, _damaged_isa, _other_delimiters, _other_ends, _isa_within, _run_together),
)


def _byte(character: str) -> bytes:
    return character.encode("latin-1")


def _segments(data: bytes, delimiters: DelimiterSpec) -> list[bytes]:
    return data.split(_byte(delimiters.terminator))


def _joined(segments: list[bytes], delimiters: DelimiterSpec) -> bytes:
    return _byte(delimiters.terminator).join(segments)


def _translated(data: bytes, theirs: DelimiterSpec, ours: DelimiterSpec) -> bytes:
    """The bytes with each of these delimiters replaced by one of the others."""
    old, new = (b"".join(_byte(getattr(spec, name)) for name in _NAMES) for spec in (theirs, ours))
    return data.translate(bytes.maketrans(old, new))
