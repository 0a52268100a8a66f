"""Text written as XML or HTML: escaped, and with characters that are not printable made visible.

What stands between tags and in attributes goes through here, so that no value can break out of its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LAYOUT = str.maketrans("\t\r\n", "⇥↵↵")
_SINGLE = frozenset({str, int, float, bool})
"""The types of single values."""
_BETWEEN_TAGS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


_HARMLESS = bytes(ordinal for ordinal in range(0x20, 0x7F) if chr(ordinal) not in '&<>"')


def harmless(text: str) -> bool:
    """Whether a text is written as it is: it is printable ASCII with nothing to escape, as nearly all values are.

    The test deletes the harmless bytes and looks whether any are left. It takes a third of the time of `isprintable`.
    """
    return text.isascii() and not text.encode().translate(None, _HARMLESS)


def xml_text(text: str) -> str:
    """The text with characters that are not printable written as `\\x1b`. Tabs and line ends stay.

    This covers what XML 1.0 cannot hold, and what a terminal or an editor would act on.
    """
    return text if text.isprintable() else "".join(map(_seen, text))


def on_a_line(text: str) -> str:
    """As `xml_text`, with tabs and line ends shown as symbols, so that no value can begin a line of a page."""
    return text if text.isprintable() else xml_text(text).translate(_LAYOUT)


def escaped(text: str) -> str:
    """The text as it stands between tags."""
    if harmless(text):
        return text
    for character, written in _BETWEEN_TAGS.items():
        text = text.replace(character, written)
    return text


def attribute(text: str) -> str:
    """The text as it stands in an attribute, between double quotes."""
    if harmless(text):
        return text
    text = escaped(text)
    if '"' in text or not text.isprintable():
        for character, written in _IN_ATTRIBUTE.items():
            text = text.replace(character, written)
    return text


def element(name: str, record: Mapping[str, Any], content: str = "") -> str:
    """An XML element. Its attributes are the single values of a record that are not null; `content` is XML.

    Lists and tables of the record are left to the caller.
    """
    return f"<{name}{attributes(record)}>{content}</{name}>" if content else f"<{name}{attributes(record)}/>"


def attributes(record: Mapping[str, Any]) -> str:
    """The single values of a record that are not null, each with a space before it.

    Most records need no escape. One test on the whole text finds that out.
    """
    parts = [f' {name}="{value}"' for name, value in record.items() if value.__class__ in _SINGLE]
    written = "".join(parts)
    if plain(written, len(parts)):
        return written
    return "".join(
        [
            f' {name}="{attribute(xml_text(value)) if isinstance(value, str) else value}"'
            for name, value in record.items()
            if value.__class__ in _SINGLE
        ]
    )


def plain(written: str, count: int) -> bool:
    """Whether nothing is to be escaped in `count` attributes: no quote is there but those around values."""
    return written.isascii() and written.encode().translate(None, _HARMLESS) == b'"' * (2 * count)


def _seen(character: str) -> str:
    if character.isprintable() or character in "\t\n\r":
        return character
    return character.encode("unicode_escape").decode()
