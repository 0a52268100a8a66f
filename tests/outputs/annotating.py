"""Annotating and stripping a file, for the tests of the annotated copy."""

from __future__ import annotations

import io
import re

import attrs

from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs import annotated
from scrubber.outputs.annotated import Annotator
from scrubber.x12.prescan import prescan
from tests.scrubbing import (
    everywhere,
    hand_on,
)

ALL_OVER = everywhere()
NOTE = re.compile(r"NTE\*(?:TPO|ADD)\*SCRUB [^~]*~\n?")


@attrs.frozen
class Copy:
    """An annotated copy: its text, and the annotator's notices by code."""

    text: str
    notices: list[str]


def annotate(text: str, edits: Catalogue = ALL_OVER, profile: Profile | None = None) -> Copy:
    stream = io.BytesIO(text.encode("latin-1"))
    out = io.BytesIO()
    scan = prescan(stream)
    annotator = Annotator(out, scan)
    stream.seek(0)
    hand_on(Scrubbing(stream, Engine(edits, profile or Profile()), scan), annotator)
    return Copy(out.getvalue().decode("latin-1"), [notice.code for notice in annotator.notices])


def strip(text: str) -> str:
    out = io.BytesIO()
    annotated.strip(io.BytesIO(text.encode("latin-1")), out)
    return out.getvalue().decode("latin-1")


def segments(text: str) -> list[str]:
    return text.replace("\n", "").split("~")[:-1]


def notes(text: str) -> list[str]:
    return [segment for segment in segments(text) if segment.startswith("NTE*") and "*SCRUB " in segment]


def of_line(segment_list: list[str], number: int) -> list[str]:
    """The segments of one line, from LX to the next LX or the end of the transaction."""
    start = segment_list.index(f"LX*{number}")
    stop = next(i for i in range(start + 1, len(segment_list)) if segment_list[i].startswith(("LX*", "SE*", "HL*")))
    return segment_list[start:stop]


def summary_of(scrubbed: list[ScrubbedClaim]) -> list[list[tuple[str, str | None, int | None, str]]]:
    """What must be the same whether a file holds notes or not."""
    return [
        [(f.code, f.severity, f.location.service_line, f.location.element) for f in claim.findings]
        for claim in scrubbed
    ]
