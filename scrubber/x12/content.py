"""The segments that may stand in the header of a transaction, in a level and in a claim.

Any other segment shows that the HL or CLM segment before it is missing or damaged. Its patient or claim is then
unknown. The guide checks look at the order within a loop; this module only looks for the claim that a segment belongs
to.

The tables follow the implementation guides 005010X222A2 and 005010X223A3. A test compares them with pyx12's maps. Keys
stand for segments: the tag, for NM1 with the entity code (`NM1*IL`); see `keys`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from scrubber.x12.guides import ClaimType
from scrubber.x12.remembering import remembered

FIRST_LINE, NEXT_LINE = "LX*1", "LX"
"""Keys of LX segments: line number 1, and all others."""

NAMELESS = "NM1*"
"""Key of an NM1 segment in a level with neither a name (NM103) nor an identifier (NM109)."""

HEADER = frozenset({"ST", "BHT", "REF", "NM1*41", "PER", "NM1*40"})

_ADDRESS = frozenset({"N3", "N4", "REF", "PER"})
LEVEL: Mapping[int, frozenset[str]] = {
    1: frozenset({"HL", "PRV", "CUR", "NM1*85", "NM1*87", "NM1*PE"}) | _ADDRESS,
    2: frozenset({"HL", "SBR", "PAT", "NM1*IL", "DMG", "NM1*PR"}) | _ADDRESS,
    3: frozenset({"HL", "PAT", "NM1*QC", "DMG"}) | _ADDRESS,
}
"""Segments of a level and its name loops, by depth."""

NAMED: Mapping[int, tuple[str, ...]] = {1: ("NM1*85",), 2: ("SBR", "NM1*IL"), 3: ("NM1*QC",)}
"""The segments that a level must hold exactly once if claims stand beneath it."""

_ONCE = frozenset({"PRV", "CUR", "NM1*85", "NM1*87", "NM1*PE", "SBR", "PAT", "NM1*IL", "DMG", "NM1*PR", "NM1*QC"})
"""The segments that a level holds at most once."""

_SHOWS_DEPTH = {
    **dict.fromkeys(("CUR", "NM1*85", "NM1*87", "NM1*PE"), 1),
    **dict.fromkeys(("SBR", "NM1*IL", "NM1*PR"), 2),
    **dict.fromkeys(("PAT", "DMG", "NM1*QC"), 3),
}
"""The depth of the level that a misplaced segment comes from."""

CLAIM = frozenset(
    {"DTP", "CL1", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP", "PRV", "N3", "N4", "PER"}
    | {f"NM1*{entity}" for entity in ("DN", "P3", "82", "77", "DQ", "PW", "45", "71", "72", "ZZ")}
)
"""Segments of loops 2300 and 2310 without CLM."""

OTHER_PAYER = frozenset(
    {"SBR", "CAS", "AMT", "OI", "MIA", "MOA", "N3", "N4", "DTP", "REF"}
    | {f"NM1*{entity}" for entity in ("IL", "PR", "85", "DN", "P3", "82", "77", "DQ", "71", "72", "ZZ")}
)
"""Segments of loops 2320 and 2330, from the first SBR to the first LX."""

_OTHER_PAYER_ONCE = frozenset({"NM1*IL", "NM1*PR", "NM1*85"})

_LINE = frozenset(
    {"LX", "PWK", "DTP", "REF", "AMT", "NTE", "HCP", "LIN", "CTP", "PRV", "N3", "N4", "PER", "SVD", "CAS"}
)
LINE: Mapping[ClaimType, frozenset[str]] = {
    "837P": _LINE
    | {"SV1", "SV5", "CR1", "CR3", "CRC", "QTY", "MEA", "CN1", "K3", "PS1", "LQ", "FRM"}
    | {f"NM1*{entity}" for entity in ("82", "QB", "77", "DQ", "DK", "DN", "P3", "PW", "45")},
    "837I": _LINE | {"SV2"} | {f"NM1*{entity}" for entity in ("72", "ZZ", "82", "DN")},
}
"""Segments of loops 2400 to 2440."""

PRINCIPAL = "HI*BK"
"""Key of an HI segment with the principal diagnosis (HI01-1 is BK or ABK)."""

CLAIM_ONCE = frozenset({"CL1", PRINCIPAL, "REF*D9", "REF*EA", "REF*F8", "DTP*096", "DTP*431", "DTP*434", "DTP*435"})
"""Segments that loop 2300 holds at most once. Of two, the second may be of a claim that has lost its CLM."""

LINE_ONCE = frozenset({"DTP*472", "REF*6R"})
"""The same for a service line before its loops 2420 to 2440. The second may be of a line that has lost its LX."""

BEGINS_LOOP = frozenset(key for key in frozenset().union(*LINE.values()) if key.startswith("NM1")) | {"SVD", "LQ"}
"""The segments of a service line with which loops 2420, 2430 and 2440 begin."""

_IN_CLAIMS = CLAIM.union(OTHER_PAYER, *LINE.values())

_SERVICES = frozenset({"SV1", "SV2"})
_CLAIM_ONLY = frozenset({"CLM", "LX", "SV1", "SV2", "HI", "CL1", "LIN", "CTP", "SVD"})
"""Segments that only a claim holds."""

_KNOWN = frozenset().union(HEADER, *LEVEL.values(), CLAIM, OTHER_PAYER, *LINE.values(), {"CLM"}, CLAIM_ONCE, LINE_ONCE)
_TAGS = frozenset(key.partition("*")[0] for key in _KNOWN) | {"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA", "HL"}
_HIDDEN = 20
"""The most characters that stand for a tag that is not shown."""


class Misfit(NamedTuple):
    """A misplaced segment, or a missing one: then `at` is `None`.

    `at` counts from the beginning of the piece. `depth` is the depth of the level whose HL may be missing, 3 if that is
    unknown. `reason` describes the fault without the segment's content. `lacks` is the tag of a missing segment.
    """

    at: int | None
    depth: int
    reason: str
    lacks: str = ""


def keys(segments: Iterable[Sequence[str]]) -> list[str]:
    """The keys of split segments."""
    return [segment[0] if segment[0] not in _WITH_KEYS else _key(segment) for segment in segments]


_WITH_KEYS = frozenset({"NM1", "LX"})


def _key(segment: Sequence[str]) -> str:
    value = segment[1] if len(segment) > 1 else ""
    if segment[0] == "NM1":
        return f"NM1*{value}"
    return FIRST_LINE if value.lstrip("0") == "1" else NEXT_LINE


def claim_keys(segments: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The keys of a claim's segments. Those that may stand once have a key of their own, as in `CLAIM_ONCE`."""
    found = []
    for segment in segments:
        key = segment[0] if segment[0] not in _WITH_KEYS else _key(segment)
        if key in _SOME_ONCE and len(segment) > 1:
            value = segment[1]
            own = PRINCIPAL if key == "HI" and _PRINCIPAL.match(value) else f"{key}*{value}"
            key = own if own in CLAIM_ONCE or own in LINE_ONCE else key
        found.append(key)
    return tuple(found)


_SOME_ONCE = frozenset({"HI", "REF", "DTP"})
_PRINCIPAL = re.compile(r"A?BK(?![A-Za-z0-9])")


def level_keys(segments: Sequence[Sequence[str]]) -> list[str]:
    """The keys of a level's segments. A name segment without a name is `NAMELESS`."""
    return [
        NAMELESS if key in _NAMES and not (any(segment[3:4]) or any(segment[9:10])) else key
        for key, segment in zip(keys(segments), segments, strict=True)
    ]


_NAMES = frozenset({"NM1*85", "NM1*IL", "NM1*QC"})


def header_misfit(found: Sequence[str]) -> Misfit | None:
    """The first misplaced segment of a transaction's header.

    REF and PER stand after BHT or a name. Right after ST they may be the rest of a claim.
    """
    for index, key in enumerate(found):
        if key not in HEADER or (index == 1 and key in _ADDRESS):
            return Misfit(index, 1, _out_of_place(key, "the header of the transaction"))
    return None


def level_misfit(depth: int, found: Sequence[str]) -> Misfit | None:
    """The first fault of a level that leaves its person in doubt: a misplaced segment, a missing or second name."""
    allowed, seen = LEVEL[depth], set()
    for index, key in enumerate(found):
        if key not in allowed:
            return Misfit(index, min(depth, _SHOWS_DEPTH.get(key, depth)), _out_of_place(key, "a level"))
        if key in seen and key in _ONCE:
            return Misfit(index, depth, f"{_shown(key)} stands twice in one level")
        seen.add(key)
    for key in NAMED[depth]:
        if key not in seen:
            return Misfit(None, depth, f"the level has no {_shown(key)}", key.partition("*")[0])
    return None


@remembered(4096)
def claim_misfit(claim_type: ClaimType, found: tuple[str, ...]) -> Misfit | None:
    """The first misplaced segment of a claim, or a missing service line. `found` is as `claim_keys` gives it.

    Claims have few shapes, so the answers are kept. Only loops 2320 and 2330 of a claim may name an insured person, a
    payer and a billing provider: once for each SBR, before the first line.
    """
    allowed, once, where = CLAIM, CLAIM_ONCE, "a claim"
    seen: set[str] = set()
    services = 1
    for index, key in enumerate(found[1:], 1):
        in_line = allowed is LINE[claim_type]
        if key in (FIRST_LINE, NEXT_LINE):
            if key == FIRST_LINE and in_line:
                return Misfit(index, 3, "LX01 starts again at 1 within the claim")
            if not services:
                return Misfit(index, 3, "a service line has no SV1 or SV2")
            allowed, once, where, services, seen = LINE[claim_type], LINE_ONCE, "a service line", 0, set()
            continue
        if key == "SBR" and not in_line:
            allowed, once, seen = OTHER_PAYER, _OTHER_PAYER_ONCE, set()
        tag = key if key in allowed else _tag_of(key)
        if tag not in allowed:
            return Misfit(index, _SHOWS_DEPTH.get(tag, 3), _out_of_place(tag, where))
        if key in _SERVICES:
            services += 1
            if services > 1:
                return Misfit(index, 3, f"{key} stands twice in one service line{_NO_LX}")
        elif key in once:
            if key in seen:
                return Misfit(index, 3, f"{_shown(key)} stands twice {_TWICE[once]}")
            seen.add(key)
        elif once is LINE_ONCE and key in BEGINS_LOOP:
            once = frozenset()
    if allowed is not LINE[claim_type]:
        return Misfit(None, 3, "the claim has no service line")
    return None if services else Misfit(None, 3, "a service line has no SV1 or SV2")


def _tag_of(key: str) -> str:
    """The tag of a segment that may stand once, and any other key as it is."""
    return key.partition("*")[0] if key in CLAIM_ONCE or key in LINE_ONCE else key


def may_be_of_claim(found: Iterable[str]) -> bool:
    """Whether any segment after the HL of a level can also stand in a claim."""
    return not _IN_CLAIMS.isdisjoint(found)


def depth_shown(found: Iterable[str]) -> int:
    """The depth of a level by its segments, 1 if they do not show it."""
    return next((_SHOWS_DEPTH[key] for key in found if key in _SHOWS_DEPTH), 1)


_NO_LX = "; an LX segment before it may be missing or damaged"
_TWICE = {
    CLAIM_ONCE: "in one claim; a CLM segment before it may be missing or damaged",
    LINE_ONCE: f"in one service line{_NO_LX}",
    _OTHER_PAYER_ONCE: "for one other payer",
}


def _out_of_place(key: str, where: str) -> str:
    if key in ("LIN", "CTP"):
        return f"{key} stands in {where}, which is wrong: an NDC belongs after the SV1 or SV2 of its line"
    if key in _SERVICES and where == "a service line":
        return f"{key} stands in a service line of the other claim type"
    if key in _SERVICES and where == "a claim":
        return f"{key} stands in {where} and in no service line{_NO_LX}"
    if key in _CLAIM_ONLY or key in (FIRST_LINE, NEXT_LINE):
        return f"{_shown(key)} stands in {where}; a CLM segment before it may be missing or damaged"
    if key in _SHOWS_DEPTH:
        return f"{_shown(key)} stands in {where}; an HL segment before it may be missing or damaged"
    return f"{_shown(key)} stands in {where}, where it does not belong"


def _shown(key: str) -> str:
    """A key for a message. An unknown tag is not shown, because it may be a name."""
    if key == FIRST_LINE:
        return "LX"
    if key == NAMELESS:
        return "an NM1 segment without a name"
    return key if key in _KNOWN else "a segment with an unknown tag"


def tag_shown(tag: str) -> str:
    """A tag as reports may show it: `#` for each character of an unknown one, at most 20, because it may be a name."""
    return tag if tag in _TAGS else "#" * min(len(tag), _HIDDEN)
