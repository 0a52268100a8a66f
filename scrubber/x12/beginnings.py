"""Where an interchange begins: after bytes of another one, within a segment, or with a damaged ISA."""

from __future__ import annotations

import re

from scrubber.x12.delimiters import (
    BYTE_ORDER_MARK,
    ISA_WIDTHS,
    WHITE_SPACE,
    Delimiters,
    FoundDelimiters,
    from_isa,
    odd_separator,
    shared,
)

REACH = 131
"""An ISA, or a GS that begins an interchange, is known by so many characters, its byte order mark included."""

_WHOLE_ISA = re.compile(
    r"ISA([^A-Za-z0-9 ])" + "".join(f".{{{width}}}\\1" for width in ISA_WIDTHS[1:11]) + r"(.)\1"
    r".{5}\1.{9}\1.\1.\1(.)(.)",
    re.DOTALL | re.ASCII,
)

_DAMAGED_ISA = re.compile(
    r"ISA(?:([^A-Za-z0-9 \r\n])0\d\1(?:(?P<blank>  )|(?:(?!\1)[^\r\n]){0,20}\1\d\d\1)"
    r"|(?P<all>(.)\d\d\4.{10}\4\d\d\4.{10}\4..\4.{15}\4..\4.{15}\4\d{6}\4\d{4}\4.\4\d{5}\4\d{9}\4))",
    re.DOTALL | re.ASCII,
)
"""Matches the beginning of an ISA that may be damaged after it: its first elements, or all of them with any separator.

`ISA*` alone may be the end of a name.
"""
_WHOLE_GROUP = re.compile(
    r"GS([^A-Za-z0-9\s])[A-Z]{2}\1(?:(?!\1)[^\r\n]){2,15}\1(?:(?!\1)[^\r\n]){2,15}\1\d{8}\1\d{4,8}\1\d{1,9}\1X\1\d{6}",
    re.ASCII,
)


def looks_like_isa(text: str, at: int = 0) -> bool:
    """Whether an ISA stands at a position of the text, even one that is damaged or has an odd separator."""
    return _DAMAGED_ISA.match(text, at) is not None


def isa_of(head: str) -> FoundDelimiters | None:
    """The delimiters of the ISA that `head` begins with, or why they are unknown. `None` if that is no ISA."""
    unlikely = len(head) <= len("ISA") or head[3].isalnum() or head[3] in WHITE_SPACE
    if unlikely and not looks_like_isa(head):
        return None
    odd = odd_separator(head[3])
    return FoundDelimiters(None, odd) if odd else from_isa(head)


def whole_group(text: str, at: int) -> bool:
    """Whether a GS with its first seven elements stands at a position of the text, with any separator."""
    return _WHOLE_GROUP.match(text, at) is not None


def next_interchange(text: str, begin: int, end: int, own: Delimiters) -> int:
    """The position in `text[begin:end]` of the first ISA or whole GS that begins no segment by its own, else -1.

    An ISA that begins a segment counts, too. If a byte order mark stands before the ISA, the position of that. It
    depends on nothing but the ISA or GS itself, so that it is the same in all outputs.
    """
    isa = _next_isa(text, begin, end, own)
    last = end if isa < 0 else isa
    group = text.find("GS", begin, last)
    while group >= 0:
        found = _WHOLE_GROUP.match(text, group, end)
        if found and not (found[1] == own.element and _begins_segment(text, group, own.terminator)):
            return group
        group = text.find("GS", group + len("GS"), last)
    return isa


def first_letters(text: str, at: int) -> str:
    """The first three characters at a position, after white space."""
    while at < len(text) and text[at] in WHITE_SPACE:
        at += 1
    return text[at : at + 3]


def _begins_segment(text: str, at: int, terminator: str) -> bool:
    """Whether only white space stands between the terminator and this position."""
    while at and text[at - 1] != terminator and text[at - 1] in WHITE_SPACE:
        at -= 1
    return at == 0 or text[at - 1] == terminator


def _next_isa(text: str, begin: int, end: int, own: Delimiters) -> int:
    at = text.find("ISA", begin, end)
    while at >= 0:
        found = _WHOLE_ISA.match(text, at, end)
        sound = found and not shared(found[1], found[3], found[2], found[4]).clash
        if sound or _is_damaged_isa(text, at, end, own):
            marked = max(at - len(BYTE_ORDER_MARK), begin)
            return marked if text.startswith(BYTE_ORDER_MARK, marked) else at
        at = text.find("ISA", at + len("ISA"), end)
    return -1


def _is_damaged_isa(text: str, at: int, end: int, own: Delimiters) -> bool:
    """Whether a damaged ISA stands at a position of an interchange with these delimiters.

    Within a segment, another separator is not enough: `VISA-04-11-26-` is a card with a date.
    """
    found = _DAMAGED_ISA.match(text, at, end)
    if not found:
        return False
    likely = found["blank"] or found["all"] or found[1] == own.element
    return bool(likely) or _begins_segment(text, at, own.terminator)


_OF_ENVELOPE = "ISA|IEA|TA1|G[SE]|S[TE]"
"""Matches the tags of segments that an interchange begins or ends with."""
_TAG = "[A-Z][A-Z0-9]{1,2}"


def goes_on(head: str, found: Delimiters, own: Delimiters) -> bool:
    """Whether a transaction with its own delimiters goes on after the ISA that `head` begins with.

    A segment stands there that no interchange begins with, perhaps after the rest of one that the ISA stands in; or
    one that has another separator than the ISA.
    """
    following = head.split(found.element, len(ISA_WIDTHS) - 1)[-1].partition(found.terminator)[2].lstrip(WHITE_SPACE)
    e, t, other = (re.escape(one) for one in (own.element, own.terminator, found.element))
    if found.element == own.element:
        tag, rest = f"(?!{_OF_ENVELOPE}){_TAG}", rf"(?!(?:{_OF_ENVELOPE}){e})(?:[^{t}]*{t}\s*)?"
    else:
        tag, rest = _TAG, rf"(?:[^{t}{other}]*{t}\s*)?"
    return re.match(f"{rest}{tag}{e}", following, re.ASCII) is not None
