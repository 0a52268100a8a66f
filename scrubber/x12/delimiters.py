"""The four delimiters of an interchange, taken from its ISA segment."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Any

import attrs

from scrubber.x12.errors import counted

ISA_WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
"""Characters of the tag and the elements of an ISA segment."""

WHITE_SPACE = " \t\n\r\v\f"
"""White space between segments. `str.isspace` would also match the control characters 1C to 1F, which are used as
delimiters, and two characters that are parts of letters in UTF-8."""

ISA_WINDOW = 400
"""How many characters of an ISA of the wrong length are searched for its sixteenth element."""


_NAMES = (
    "the element separator (byte 4 of ISA)",
    "the component separator (ISA16)",
    "the repetition separator (ISA11)",
    "the segment terminator (after ISA16)",
)


@attrs.frozen(slots=False, cache_hash=True)
class Delimiters:
    """Element separator, component separator, repetition separator, segment terminator: one character each."""

    element: str
    component: str
    repetition: str
    terminator: str

    def __reduce__(self) -> tuple[Any, ...]:
        """Unpickling gives the shared object again, so that caches find it by identity."""
        return shared, self.characters

    @property
    def characters(self) -> tuple[str, str, str, str]:
        """All four, in the order above."""
        return self.element, self.component, self.repetition, self.terminator

    @property
    def clash(self) -> str:
        """The fault of the delimiters, empty if they are right: two are the same, or one could be part of a value.

        ISA11 may be a letter: senders of 5010 files still write the `U` of 4010 there.
        """
        for name, character in zip(_NAMES, self.characters, strict=True):
            if _is_common(character) and (name, character) != (_NAMES[2], "U"):
                return f"{name} is a letter, a digit or a blank"
        for number, name in enumerate(_NAMES):
            for other, earlier in enumerate(_NAMES[:number]):
                if self.characters[number] == self.characters[other]:
                    return f"{name} is the same character as {earlier}"
        return ""

    @cached_property
    def boundary(self) -> re.Pattern[str]:
        """Matches the beginning of a piece (see `pieces`). Group 1 is its tag, or empty at empty segments.

        If the terminator is a line break, empty segments are blank lines. The look ahead at one character comes first:
        it rules out most segments and halves the time.
        """
        end, element = re.escape(self.terminator), re.escape(self.element)
        empty = "" if self.terminator in WHITE_SPACE else f"|(?={end})[\\s{end}]*(?={end})"
        space = space_after(self.terminator)
        tags = rf"(?:CLM|HL|S[TE]|G[SE]|IEA)(?=[{element}{end}])|ISA(?=[^A-Za-z0-9\s])"
        return re.compile(rf"{end}(?=[CHSGI\s{end}]){space}(?:({tags}){empty})", re.ASCII)

    @cached_property
    def segment(self) -> re.Pattern[str]:
        """Matches line breaks before a segment other than ISA and trailers."""
        return re.compile(rf"[\r\n]{{0,4}}(?=(?!ISA|IEA|GE|SE)[A-Z][A-Z0-9]{{1,2}}{re.escape(self.element)})", re.ASCII)

    @cached_property
    def next_segment(self) -> re.Pattern[str]:
        """Matches a terminator and what `segment` matches."""
        return re.compile(re.escape(self.terminator) + self.segment.pattern, re.ASCII)

    @cached_property
    def between(self) -> re.Pattern[str]:
        """Matches the text between two terminators."""
        return re.compile(f"[^{re.escape(self.terminator)}]+")

    @cached_property
    def gap(self) -> re.Pattern[str]:
        """Matches a terminator before white space or another terminator."""
        end = re.escape(self.terminator)
        return re.compile(rf"{end}(?:\s|{end})", re.ASCII)


def odd_separator(character: str) -> str:
    """Why a character cannot separate the elements of an ISA; empty if it can. Other control characters can."""
    what = "a line break" if character in "\r\n" else "a letter, a digit or a blank" if _is_common(character) else ""
    return f"{_NAMES[0]} is {what}" if what else ""


def _is_common(character: str) -> bool:
    return character == " " or character.isalnum()


def space_after(terminator: str) -> str:
    """A pattern of white space after a terminator.

    It does not backtrack, and holds no terminator. Otherwise, if the terminator is a line break, each of many blank
    lines would be searched from each line before it.
    """
    return rf"[^\S{re.escape(terminator)}]*+"


def leading_space(text: str) -> str:
    """The white space that `text` begins with."""
    return text[: len(text) - len(text.lstrip(WHITE_SPACE))]


def line_break(text: str) -> str:
    """The line break after a terminator, without other white space, which pyx12 refuses."""
    return "".join(character for character in leading_space(text) if character in "\r\n")


@lru_cache(maxsize=256)
def shared(element: str, component: str, repetition: str, terminator: str) -> Delimiters:
    """The `Delimiters` of these characters. They are shared, so patterns are compiled once for many interchanges."""
    return Delimiters(element, component, repetition, terminator)


@attrs.frozen
class FoundDelimiters:
    """The delimiters of an ISA segment, `None` if they are unknown, and the fault of the segment."""

    delimiters: Delimiters | None
    fault: str = ""


def from_isa(text: str) -> FoundDelimiters:
    """The delimiters of the ISA segment that `text` begins with, of any width.

    Counting separators finds its sixteen elements. The terminator is the character after ISA16, before the next
    segment of the envelope. Blanks before it are skipped. The group after it shows whether ISA has the separator and
    the terminator that are in use.
    """
    element = text[3]
    parts = text[:ISA_WINDOW].split(element, len(ISA_WIDTHS) - 1)
    if len(parts) < len(ISA_WIDTHS):
        return FoundDelimiters(None, f"ISA has {counted(len(parts) - 1, 'element')} instead of {len(ISA_WIDTHS) - 1}")
    if not parts[-1]:
        return FoundDelimiters(None, "ISA16 is empty, the component separator")
    if len(parts[11]) != 1:
        return FoundDelimiters(None, "ISA11 is not one character, the repetition separator")
    group = _group(parts[-1], _end_of_interchange(parts[-1], element))
    if group and (unlike := _unlike(parts[-1][: group.start()], element, group)):
        return FoundDelimiters(None, unlike)
    tail = _end_of_isa(element, group["t"] if group else "").match(parts[-1])
    component, surplus, terminator = tail.groups() if tail else (parts[-1][0], "", parts[-1][1:2])
    if not terminator or terminator.isalnum():
        return FoundDelimiters(None, "no segment terminator stands after ISA16")
    wrong = [
        f"ISA{number:02d} has {counted(len(part), 'character')} instead of {width}"
        for number, (part, width) in enumerate(zip(parts[:-1], ISA_WIDTHS, strict=False))
        if len(part) != width
    ]
    if surplus.strip(" "):
        wrong.append(f"ISA16 has {1 + len(surplus)} characters instead of 1")
    elif surplus:
        wrong.append("a blank stands between ISA16 and the segment terminator")
    return FoundDelimiters(shared(element, component, parts[11], terminator), "; ".join(wrong))


BYTE_ORDER_MARK = "\xef\xbb\xbf"

_GROUP = re.compile(
    r"GS(?P<e>[^A-Za-z0-9 \r\n])(?:(?:(?!(?P=e)).)*(?P=e)){7}\w+"
    r"(?P<t>(?!(?P=e))[^A-Za-z0-9\s])\s*(?:ST|GE)(?P=e)[^\r\n]*?(?P=t)",
    re.DOTALL | re.ASCII,
)
"""Matches a whole GS segment that another segment follows, and shows its element separator and its terminator.

The terminator must stand after the other segment, too: else it is a character of GS08. It is not the element
separator, which stands there before an empty GS09.
"""


_ANY_GROUP = re.compile(r"GS[^A-Za-z0-9 \r\n]", re.ASCII)


def _group(rest: str, end: int) -> re.Match[str] | None:
    """The first group in the text after ISA15, if it is whole. A group further on may be of another interchange."""
    first = _ANY_GROUP.search(rest, 0, end)
    return _GROUP.match(rest, first.start(), end) if first else None


def _end_of_interchange(rest: str, element: str) -> int:
    """How many characters of the text after ISA15 belong to the interchange: a group after its IEA is not its own."""
    end = re.search(rf"[^A-Za-z0-9 ]\s*IEA{re.escape(element)}", rest, re.ASCII)
    return end.start() if end else len(rest)


def _unlike(end_of_isa: str, element: str, group: re.Match[str]) -> str:
    """How ISA differs from the group after it, so that one of them would be read wrongly; empty if it does not.

    `end_of_isa` is what stands before the group, from ISA16 on.
    """
    end = end_of_isa.rstrip("\r\n")
    if group["e"] != element:
        return "the element separator (byte 4 of ISA) is not the one that GS uses"
    if end == group["t"]:
        return "ISA16 is empty, the component separator"
    if group["t"] in end_of_isa:
        return ""
    return f"{_NAMES[-1]} is not the one that GS uses" if end[1:] else "no segment terminator stands after ISA16"


@lru_cache(maxsize=256)
def _end_of_isa(element: str, terminator: str) -> re.Pattern[str]:
    """Matches ISA16, extra characters after it, and the terminator.

    The terminator is the one given, or else the character before the next segment of the envelope; blanks before it are
    skipped.
    """
    if terminator:
        end = re.escape(terminator)
        return re.compile(rf"(.)([^{end}]*)({end})", re.DOTALL)
    return re.compile(rf"(.)( *)([^A-Za-z0-9 ])\s*(?:GS|TA1|IEA|ISA){re.escape(element)}", re.DOTALL | re.ASCII)


def component_in_use(text: str, delimiters: Delimiters) -> str | None:
    """The component separator in CLM05 of the first claim if ISA16 is another one, else `None`."""
    claim = _first_claim(text, delimiters)
    if (
        claim is None
        or delimiters.component in claim[1]
        or _end_of_interchange(text, delimiters.element) < claim.start()
    ):
        return None  # such as a claim of the next interchange
    used = re.fullmatch(r"[A-Za-z0-9]{1,2}([^A-Za-z0-9\s])[A-Za-z0-9]\1[A-Za-z0-9]", claim[1], re.ASCII)
    return used[1] if used and used[1] != delimiters.repetition else None


def _first_claim(text: str, delimiters: Delimiters) -> re.Match[str] | None:
    """The first claim up to CLM05, which is group 1.

    A search for a terminator is fast. With the beginning of the text as another choice it would take twenty times as
    long, and there may be an interchange for each hundred bytes.
    """
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    claim = rf"CLM{e}(?:[^{e}{t}]*{e}){{4}}([^{e}{t}]+)"
    return re.match(claim, text, re.ASCII) or re.search(t + space_after(delimiters.terminator) + claim, text, re.ASCII)


def in_use(text: str, delimiters: Delimiters) -> Delimiters:
    """The delimiters with the component separator that the first claim of `text` uses."""
    used = component_in_use(text, delimiters)
    changed = shared(delimiters.element, used, delimiters.repetition, delimiters.terminator) if used else delimiters
    return delimiters if changed.clash else changed


BARE_START_WINDOW = 2 * ISA_WINDOW
"""How many characters are searched for the GS or ST of a file without ISA."""
BARE_WINDOW = 1 << 16
"""How many characters of a file without ISA are searched for a composite."""

_BARE_START = re.compile(
    r"\s*(?P<begin>(?:GS(?P<gs>[^A-Za-z0-9\s]).{1,200}?)?(?P<st>ST)(?P<e>[^A-Za-z0-9\s])\d{3}(?P=e)"
    r"(?:(?!(?P=e))[\w-])+(?:(?P=e)[A-Za-z0-9]*)*\s*?(?P<t>[^A-Za-z0-9]))",
    re.DOTALL | re.ASCII,
)


def bare_start(text: str) -> int:
    """The position of the first GS or ST near the beginning of `text` and before any ISA, else -1."""
    if "ST" not in text:  # much quicker than the pattern
        return -1
    found = _BARE_START.search(text, 0, BARE_START_WINDOW)
    return -1 if found is None or "ISA" in text[: found.start("begin")] else found.start("begin")


def inferred(text: str) -> Delimiters | None:
    """The delimiters of a file without ISA, by its ST segment and first composite. `None` without such an ST."""
    start = _BARE_START.match(text)
    if not start or start["gs"] not in (None, start["e"]):
        return None
    before = text[: start.start("st")].rstrip(WHITE_SPACE)
    if before and start["t"] not in WHITE_SPACE and before[-1] != start["t"]:
        return None  # GS ends otherwise than ST
    element, terminator = start["e"], start["t"]
    other = rf"(?![{re.escape(element + terminator)}])([^A-Za-z0-9\s])"
    composite = re.search(rf"(?:SV1|HI){re.escape(element)}[A-Z]{{2,3}}{other}", text, re.ASCII)
    component = composite[1] if composite else ":"
    repetition = next(c for c in "^!|&" if c not in (element, component, terminator))
    found = in_use(text, shared(element, component, repetition, terminator))
    return None if found.clash else found
