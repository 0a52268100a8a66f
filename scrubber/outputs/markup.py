"""Text written as XML or HTML: escaped, and with characters that are not printable made visible.

What stands between tags and in attributes goes through here, so that no value can break out of its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LAYOUT = str.maketrans("\t\r\n", "⇥↵↵")
_IN_ATTRIBUTE = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


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
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text if text.isprintable() else text.replace("\r", "&#13;")


def attribute(text: str) -> str:
    """The text as it stands in an attribute, between double quotes."""
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
    """The single values of a record that are not null, each with a space before it."""
    written = ""
    for name, value in record.items():
        if isinstance(value, str):
            written += f' {name}="{attribute(xml_text(value))}"'
        elif isinstance(value, int | float):
            written += f' {name}="{value}"'
    return written


def _seen(character: str) -> str:
    if character.isprintable() or character in "\t\n\r":
        return character
    return character.encode("unicode_escape").decode()
