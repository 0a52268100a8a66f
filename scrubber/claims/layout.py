"""The layout of a claim: where its segments stand, by their tags alone.

Claims have few layouts, so they are remembered. A claim is then read without a search for its lines, and for the
segments of each line.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from scrubber.x12.guides import ClaimType
from scrubber.x12.pieces import new_tuple
from scrubber.x12.remembering import remembered

_INNER_LOOPS_BEGIN = frozenset({"NM1", "SVD", "LQ"})
"""Tags that begin loops 2420 to 2440 of a line."""
_OUTER_LOOPS_BEGIN = ("NM1", "SBR")
"""Tags that begin loops 2310 and 2320 of a claim."""
_SERVICE = {"837P": "SV1", "837I": "SV2"}

_MOST_REMEMBERED = 1024
_MOST_TAGS = 80
"""Layouts of longer claims are not remembered: they rarely repeat, and take much memory."""


class LineLayout(NamedTuple):
    """Where a service line stands in its claim.

    It begins at `start`, its loops 2420 to 2440 at `loops`, and it ends before `stop`. The others are its first SV1 or
    SV2, DTP, LIN and CTP before these loops, `None` where there is none.
    """

    start: int
    loops: int
    stop: int
    service: int | None
    dates: int | None
    product: int | None
    quantity: int | None


class Layout(NamedTuple):
    """Where the parts of a claim stand.

    `loops` is the first segment after its own: of loops 2310, 2320 or 2400. `diagnoses` and `dates` are its own HI and
    DTP segments. `providers` are the loops 2310 before the first other payer, each from its NM1 to the next loop.
    `payers` are the SBR segments above the lines.
    """

    loops: int
    diagnoses: tuple[int, ...]
    dates: tuple[int, ...]
    providers: tuple[tuple[int, int], ...]
    payers: tuple[int, ...]
    lines: tuple[LineLayout, ...]


def layout(tags: tuple[str, ...], claim_type: ClaimType) -> Layout:
    """The layout of a claim whose segments have these tags. The first is its CLM."""
    return _known(tags, claim_type) if len(tags) <= _MOST_TAGS else _laid_out(tags, claim_type)


def _laid_out(tags: tuple[str, ...], claim_type: ClaimType) -> Layout:
    starts = [at for at, tag in enumerate(tags) if tag == "LX"]
    above = starts[0] if starts else len(tags)
    own: dict[str, list[int]] = {}
    outer: dict[str, list[int]] = {}
    for at in range(1, above):
        tag = tags[at]
        (outer if outer or tag in _OUTER_LOOPS_BEGIN else own).setdefault(tag, []).append(at)
    loops = min((found[0] for found in outer.values()), default=above)
    payers = outer.get("SBR", ())
    end = payers[0] if payers else above
    bounds = [loops, *(at for at in outer.get("NM1", ()) if loops < at < end), end] if loops < end else ()
    return Layout(
        loops,
        tuple(own.get("HI", ())),
        tuple(own.get("DTP", ())),
        tuple(pairwise(bounds)),
        tuple(payers),
        tuple([_line(tags, start, stop, claim_type) for start, stop in pairwise([*starts, len(tags)])]),
    )


_known = remembered(_MOST_REMEMBERED)(_laid_out)


def _line(tags: tuple[str, ...], start: int, stop: int, claim_type: ClaimType) -> LineLayout:
    loops, *found = _within(tags[start:stop], _SERVICE[claim_type])
    return new_tuple(LineLayout, (start, start + loops, stop, *(at and start + at for at in found)))


@remembered(_MOST_REMEMBERED)
def _within(tags: tuple[str, ...], service: str) -> tuple[int, int | None, int | None, int | None, int | None]:
    """Where the inner loops of a line begin, and its first segments. They count from its LX, the first of the tags."""
    loops = next((at for at, tag in enumerate(tags) if tag in _INNER_LOOPS_BEGIN), len(tags))
    first = {tag: at for at, tag in reversed([*enumerate(tags[:loops])])}
    return loops, first.get(service), first.get("DTP"), first.get("LIN"), first.get("CTP")
