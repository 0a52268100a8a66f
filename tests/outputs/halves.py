"""A file split into its clean, held and rejected parts, for the tests of splitting; and what must hold of each part."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection
from itertools import pairwise

import attrs
import pyx12.x12file

from scrubber.claims.model import Claim
from scrubber.claims.reader import items
from scrubber.edit import Results, finding
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.split import Splitter
from scrubber.reference import Facts
from scrubber.x12 import pieces
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Events
from scrubber.x12.guides import IN_DOUBT
from scrubber.x12.notes import without_notes
from scrubber.x12.prescan import prescan
from tests.scrubbing import hand_on, made, of_edits


@attrs.frozen
class Halves:
    """The files, and what was to go into each: the bytes of its claims. `held` is empty unless claims are held."""

    clean: str
    rejected: str
    clean_claims: list[str]
    rejected_claims: list[str]
    held: str = ""
    held_claims: list[str] = attrs.field(factory=list)


def split(
    text: str, reject: Collection[str] | Callable[[Claim], bool] = (), hold: Collection[str] | None = None
) -> Halves:
    """Split a file; `reject` names the claims that an edit is to reject, `hold` those that are flagged and held."""

    def chosen(claim: Claim, _: Facts) -> Results:
        if reject(claim) if callable(reject) else claim.claim_id in reject:
            yield finding(claim.at("claim_id"), "chosen", "none")

    def flagged(claim: Claim, _: Facts) -> Results:
        if claim.claim_id in (hold or ()):
            yield finding(claim.at("claim_id"), "flagged", "none")

    edits = of_edits(
        made(chosen, severity="reject", on_voids=True), made(flagged, "TEST02", severity="warn", on_voids=True)
    )
    engine = Engine(edits, Profile(hold=None if hold is None else "warn"))
    stream, clean, rejected, held = (io.BytesIO(given) for given in (text.encode("latin-1"), b"", b"", b""))
    scan = prescan(stream)
    stream.seek(0)
    splitter = Splitter(clean, rejected, None if hold is None else held)
    claims: dict[str, list[str]] = {"clean": [], "held": [], "rejected": []}
    for scrubbed in hand_on(Scrubbing(stream, engine, scan), splitter):
        piece = scrubbed.claim.piece
        assert piece.delimiters
        claims[scrubbed.goes_to].append(without_notes(piece.text, piece.delimiters))
    splitter.close()
    return Halves(
        clean.getvalue().decode("latin-1"),
        rejected.getvalue().decode("latin-1"),
        claims["clean"],
        claims["rejected"],
        held.getvalue().decode("latin-1"),
        claims["held"],
    )


def read(text: str) -> tuple[list[Claim], list[LocatedError]]:
    events = Events(io.BytesIO(text.encode("latin-1")))
    claims = [item for item in items(events) if isinstance(item, Claim)]
    return claims, events.errors


def ids(text: str) -> list[str]:
    return [claim.claim_id for claim in read(text)[0]] if text else []


def codes(text: str) -> list[str]:
    return [error.code for error in read(text)[1]] if text else []


def texts(text: str) -> list[str]:
    return [claim.piece.text for claim in read(text)[0]] if text else []


def segments(text: str) -> list[list[str]]:
    return [segment.split("*") for segment in text.replace("\n", "").split("~") if segment]


def tagged(text: str, *tags: str) -> list[str]:
    return ["*".join(segment) for segment in segments(text) if segment[0] in tags]


# What is written


def assert_right(text: str) -> None:
    """Envelope and hierarchy are right, by us and by pyx12's reader; nothing is without a claim."""
    if not text:
        return
    assert codes(text) == []
    for one in re.split(r"(?=ISA[^\w\s])", text, flags=re.ASCII)[1:]:  # pyx12 takes the delimiters of the first for all
        reader = pyx12.x12file.X12Reader(io.StringIO(one))
        assert all(reader.pop_errors() == [] for _ in reader)
        reader.cleanup()
        assert reader.pop_errors() == []
    for transaction in transactions_of(text):
        levels = [segment for segment in transaction if segment[0] == "HL"]
        outline = [segment for segment in transaction if segment[0] in ("HL", "CLM", "SE")]
        parents = {segment[2] for segment in levels}
        for segment in levels:
            assert segment[4] == str(int(segment[1] in parents))
        for segment, after in pairwise(outline):
            assert segment[0] != "HL" or after[0] != "SE"
            if segment[0] == "HL" and after[0] == "HL":
                assert after[2] == segment[1], "a level without claims"


def mended(text: str) -> str:
    """A rejected file after a person has confirmed that its claims in doubt are those of the people above them."""
    numbers: dict[str, str] = {}
    parts: list[str] = []
    for piece in pieces.cut(io.BytesIO(text.encode("latin-1"))):
        elements = piece.text.split(piece.delimiters.element, 4) if piece.tag == "HL" and piece.delimiters else []
        if len(elements) > 4:
            _, number, written, level, _ = elements
            numbers[level] = number
            above = {"22": "20", "23": "22"}.get(level, "")
            elements[2] = numbers.get(above, "") if written == IN_DOUBT else written
        parts.append(piece.delimiters.element.join(elements) if elements and piece.delimiters else piece.text)
    return "".join(parts)


def transactions_of(text: str) -> list[list[list[str]]]:
    """The segments from each ST to its SE."""
    found: list[list[list[str]]] = []
    for piece in pieces.cut(io.BytesIO(text.encode("latin-1"))):
        if piece.tag == "ST":
            found.append([])
        if piece.delimiters and piece.tag in ("ST", "HL", "CLM", "SE"):
            parts = piece.text.split(piece.delimiters.terminator)
            found[-1] += [part.strip().split(piece.delimiters.element) for part in parts if part.strip()]
    return found


def assert_split(text: str, halves: Halves) -> None:
    """Every claim is in one file and no other, in order and to the byte, under the same people as before."""
    before, _ = read(text)
    assert sorted(halves.clean_claims + halves.held_claims + halves.rejected_claims) == sorted(
        claim.piece.text for claim in before
    )
    people = {claim.piece.text: above(claim) for claim in before}
    parts = (
        (halves.clean, halves.clean_claims),
        (halves.held, halves.held_claims),
        (halves.rejected, halves.rejected_claims),
    )
    for half, expected in parts:
        assert texts(half) == expected
        for claim in read(half)[0] if half else []:
            assert above(claim) == people[claim.piece.text]


def above(claim: Claim) -> list[object]:
    """What a claim hangs on, but for the numbers of its levels."""
    levels = (claim.context.billing, claim.context.subscriber, claim.context.patient)
    return [claim.type, *(level.span.segments[1:] if level else None for level in levels)]
