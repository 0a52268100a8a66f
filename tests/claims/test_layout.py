"""The layout of claims: what is remembered by tags is where the segments stand."""

from __future__ import annotations

import pytest

from scrubber.claims.layout import Layout, LineLayout, layout
from scrubber.x12.guides import ClaimType
from tests.claims.mutants import mutants

INNER = ("NM1", "SVD", "LQ")


def first(tags: tuple[str, ...], tag: str, start: int, stop: int) -> int | None:
    """The first place of a tag, searched segment by segment."""
    return next((at for at in range(start, stop) if tags[at] == tag), None)


def plain_line(tags: tuple[str, ...], start: int, claim_type: ClaimType) -> LineLayout:
    stop = next((at for at in range(start + 1, len(tags)) if tags[at] == "LX"), len(tags))
    loops = next((at for at in range(start, stop) if tags[at] in INNER), stop)
    service = "SV1" if claim_type == "837P" else "SV2"
    return LineLayout(start, loops, stop, *(first(tags, tag, start, loops) for tag in (service, "DTP", "LIN", "CTP")))


def plain(tags: tuple[str, ...], claim_type: ClaimType) -> Layout:
    """The layout by its definition, without any memory."""
    lines = [at for at, tag in enumerate(tags) if tag == "LX"]
    above = min([*lines, len(tags)])
    loops = next((at for at in range(1, above) if tags[at] in ("NM1", "SBR")), above)
    payers = tuple([at for at in range(loops, above) if tags[at] == "SBR"])
    end = min([*payers, above])
    begins = [loops, *(at for at in range(loops + 1, end) if tags[at] == "NM1")] if loops < end else []
    return Layout(
        loops,
        tuple([at for at in range(1, loops) if tags[at] == "HI"]),
        tuple([at for at in range(1, loops) if tags[at] == "DTP"]),
        tuple([(at, min([other for other in begins if other > at], default=end)) for at in begins]),
        payers,
        tuple([plain_line(tags, at, claim_type) for at in lines]),
    )


CLAIMS = [
    "CLM",
    "CLM HI",
    "CLM LX",
    "CLM NM1",
    "CLM HI DTP SBR NM1 DTP HI NM1 LX SV1",
    "CLM DTP DTP REF HI HI NM1 PRV NM1 REF SBR OI NM1 NM1 LX SV1 DTP DTP REF LX SV2 DTP LIN CTP REF NM1 DTP SVD DTP",
    "CLM HI SBR LX SVD SV1 LX LX SV1 LQ FRM",
    "CLM HI LX SV1 NM1 LIN CTP LX SV1 LIN LIN CTP CTP SBR HI",
    " ".join(["CLM HI NM1 PRV", *["LX SV1 DTP LIN CTP REF"] * 200]),
]


@pytest.mark.parametrize("written", CLAIMS)
@pytest.mark.parametrize("claim_type", ["837P", "837I"])
def test_every_part_is_where_it_stands(written: str, claim_type: ClaimType) -> None:
    tags = tuple(written.split())
    assert layout(tags, claim_type) == plain(tags, claim_type)
    assert layout(tags, claim_type) == plain(tags, claim_type), "what is remembered is the same"


def test_the_layout_of_changed_claims() -> None:
    for claim in mutants():
        tags = tuple([segment[0] for segment in claim.span.segments])
        assert claim.layout == plain(tags, claim.type)
