"""The four delimiters of an interchange, taken from its ISA segment."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

import attrs

ISA_LENGTH = 106
"""Characters of an ISA segment with its terminator: all its elements have fixed widths."""

WHITE_SPACE = " \t\n\r\v\f"
"""What may stand between segments. `str.isspace` would take the control characters 1C to 1F too, which are in use
as delimiters, and two that are parts of letters in UTF-8."""

ISA_WINDOW = 400
"""How far an ISA of the wrong length is searched for its sixteenth element."""


@attrs.frozen(slots=False)
class Delimiters:
    """Element separator, component separator, repetition separator, segment terminator: one character each."""

    element: str
    component: str
    repetition: str
    terminator: str

    @property
    def characters(self) -> tuple[str, str, str, str]:
        """All four, in the order above."""
        return self.element, self.component, self.repetition, self.terminator

    @property
    def clash(self) -> bool:
        """Whether two of them are the same, or one could be part of a segment tag or a number.

        ISA11 is exempt from the second rule: senders of 5010 files still write the `U` of 4010 there.
        """
        splitting = (self.element, self.component, self.terminator)
        return len(set(self.characters)) < 4 or any(c.isalnum() for c in splitting)

    @cached_property
    def boundary(self) -> re.Pattern[str]:
        """Matches where a piece begins (see `pieces`); group 1 is its tag, or nothing at empty segments.

        Where the terminator is a line break, empty segments are but blank lines. The look ahead at one character
        comes first because it tells most segments apart, in half the time.
        """
        end, element = re.escape(self.terminator), re.escape(self.element)
        empty = "" if self.terminator in WHITE_SPACE else f"|(?={end})[\\s{end}]*(?={end})"
        tags = rf"(?:CLM|HL|S[TE]|G[SE]|IEA)(?=[{element}{end}])|ISA(?=[^\w\s])"
        return re.compile(rf"{end}(?=[CHSGI\s{end}])\s*(?:({tags}){empty})", re.ASCII)

    @cached_property
    def between(self) -> re.Pattern[str]:
        """Matches what stands between terminators."""
        return re.compile(f"[^{re.escape(self.terminator)}]+")

    @cached_property
    def gap(self) -> re.Pattern[str]:
        """Matches a terminator with white space or another terminator behind it."""
        end = re.escape(self.terminator)
        return re.compile(rf"{end}(?:\s|{end})", re.ASCII)


def leading_space(text: str) -> str:
    """The white space that `text` begins with."""
    return text[: len(text) - len(text.lstrip(WHITE_SPACE))]


def line_break(text: str) -> str:
    """The line break that stands behind a terminator, without other white space, which pyx12 refuses there."""
    return "".join(character for character in leading_space(text) if character in "\r\n")


@lru_cache(maxsize=256)
def shared(element: str, component: str, repetition: str, terminator: str) -> Delimiters:
    """One `Delimiters` for each set, so that its patterns are compiled once for many interchanges."""
    return Delimiters(element, component, repetition, terminator)


def from_isa(text: str) -> tuple[Delimiters | None, bool]:
    """Delimiters of the ISA segment that `text` begins with, and whether its length is right.

    Of an ISA with wrong widths the sixteenth element is found by counting separators; `None` where that fails.
    """
    element = text[3]
    if len(text) >= ISA_LENGTH and text[:ISA_LENGTH].count(element) == 16 and text[103] == element:
        return shared(element, text[104], text[82], text[105]), True
    parts = text[:ISA_WINDOW].split(element, 16)
    if len(parts) < 17 or len(parts[16]) < 2 or len(parts[11]) != 1:
        return None, False
    return shared(element, parts[16][0], parts[11], parts[16][1]), False


BARE_WINDOW = 1 << 16
"""How much of a file without ISA is searched for a composite."""

_BARE_START = re.compile(
    r"\s*(?:GS(?P<gs>[^\w\s]).{1,200}?)?"
    r"ST(?P<e>[^\w\s])\d{3}(?P=e)[\w-]+(?:(?P=e)\w*)*\s*?(?P<t>[^\w])",
    re.DOTALL | re.ASCII,
)


def inferred(text: str) -> Delimiters | None:
    """Delimiters of a file without ISA, from its ST segment and first composite; `None` if it begins otherwise."""
    start = _BARE_START.match(text)
    if not start or start["gs"] not in (None, start["e"]):
        return None
    element, terminator = start["e"], start["t"]
    composite = re.search(rf"(?:SV1|HI){re.escape(element)}[A-Z]{{2,3}}([^\w\s])", text, re.ASCII)
    component = composite[1] if composite else ":"
    repetition = next(c for c in "^!|&" if c not in (element, component, terminator))
    found = shared(element, component, repetition, terminator)
    return None if found.clash else found
