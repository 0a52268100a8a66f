"""Text laid out for people: wrapped to a width, in columns, and coloured for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from typing import TypeAlias

import attrs

WIDTH = 120
"""Columns of a report in a file. A terminal uses no more: longer rows are hard to read."""
NARROWEST = 40

Style: TypeAlias = Callable[[str, str], str]
"""Adds colour to a text by its kind: a severity, a disposition, `strong` or `dim`. `""` is plain text."""

Styled: TypeAlias = tuple[str, str]
"""A text with its kind."""

_GAP = "  "


def plain(text: str, _: str) -> str:
    """The text without colour."""
    return text


def shortened(text: str, most: int) -> str:
    """The text, or its beginning where it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def dollars(amount: Decimal) -> str:
    """An amount in US dollars for people: `$4,980.00`."""
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def _wide_enough(width: int) -> int:
    return max(width, NARROWEST)


@attrs.frozen
class Layout:
    """How text is shown: in rows of `width` columns, at least `NARROWEST`, coloured by `style`."""

    width: int = attrs.field(default=WIDTH, converter=_wide_enough)
    style: Style = plain

    def paragraph(self, text: str, kind: str = "", *, lead: Sequence[Styled] = (), hang: int = 0) -> list[str]:
        """The text after `lead`, which is not wrapped. Rows after the first are indented by `hang`.

        Most texts of a report in a file are plain and fit on a row. They are joined without wrapping.
        """
        begin = "".join([part for part, _ in lead])
        if self.style is plain and len(begin) + len(text) <= self.width:
            return [begin + text]
        rows = self._wrapped(text, len(begin), hang)
        first = "".join([self.dressed(*part) for part in lead]) + self.dressed(rows[0], kind)
        return [first, *(" " * hang + self.dressed(row, kind) for row in rows[1:])]

    def flow(self, parts: Sequence[Styled], hang: int = 0) -> Iterator[str]:
        """Parts side by side. No part is broken; parts that do not fit go on rows indented by `hang`.

        Most parts are plain and fit on a row. They are joined at once.
        """
        texts = [text for text, _ in parts]
        if self.style is plain and all(texts) and len(together := _GAP.join(texts)) <= self.width:
            yield together
            return
        row, taken = "", 0
        for text, kind in parts:
            if taken and taken + len(_GAP) + len(text) > self.width:
                yield row
                row, taken = " " * hang, 0
            gap = _GAP if taken else ""
            taken = (taken or len(row)) + len(gap) + len(text)
            row += gap + self.dressed(text, kind)
        yield row

    def table(self, rows: Sequence[Sequence[Styled]], right: Collection[int] = ()) -> Iterator[str]:
        """Rows of equal numbers of cells, in columns. Columns in `right` align right; the last is wrapped."""
        *columns, _ = zip(*rows, strict=True)
        widths = [max(len(text) for text, _ in column) for column in columns]
        for *cells, (last, last_kind) in rows:
            lead = []
            for number, ((text, kind), width) in enumerate(zip(cells, widths, strict=True)):
                lead += [(text.rjust(width) if number in right else text.ljust(width), kind), (_GAP, "")]
            yield from self.paragraph(last, last_kind, lead=lead, hang=sum(widths) + len(_GAP) * len(widths))

    def dressed(self, text: str, kind: str) -> str:
        """The text in the colour of its kind."""
        return text if self.style is plain or not kind or not text.strip() else self.style(text, kind)

    def _wrapped(self, text: str, taken: int, hang: int) -> list[str]:
        """The rows of a text without their indent. There is always at least one."""
        if taken + len(text) <= self.width:
            return [text]
        return _at_blanks(text, self.width - taken, self.width - hang) or self._as_textwrap(text, taken, hang)

    def _as_textwrap(self, text: str, taken: int, hang: int) -> list[str]:
        rows = textwrap.wrap(
            text,
            self.width,
            initial_indent=" " * taken,
            subsequent_indent=" " * hang,
            break_on_hyphens=False,
        )
        return [row[taken if number == 0 else hang :] for number, row in enumerate(rows)] or [""]


def _at_blanks(text: str, first: int, others: int) -> list[str]:
    """The rows of a text of words with one blank between them; none where `textwrap` has more to do.

    Messages are such texts, and `textwrap` takes ten times as long for them. `first` and `others` are the columns of
    the first row and of all others.
    """
    if "  " in text or text.strip() != text or not text.isprintable():
        return []
    if max(map(len, text.split(" "))) > min(first, others):
        return []
    rows, room = [], first
    while len(text) > room:
        blank = text.rfind(" ", 0, room + 1)
        rows.append(text[:blank])
        text, room = text[blank + 1 :], others
    return [*rows, text]
