"""The ways in which one segment of a file is damaged."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from tests.damage.files import File, Row, rows


@attrs.frozen
class Damage:
    """One kind of damage to the segment with the key `at`; `other` is the key of another one, where there is one.

    `spot` chooses the element or the character, a number from 0 to 1. `recounted` says that SE01 counts the segments of
    the damaged transaction, as if the sender's system had left one out. Then no count shows the damage.
    """

    kind: str
    at: int
    other: int = -1
    spot: float = 0.0
    letter: str = ""
    recounted: bool = False


@attrs.frozen
class Damaged:
    """A damaged file.

    `rows` are the undamaged ones, `target` is the one that was damaged. `changed` are the segments that stand in its
    place where it does not stand there as it was, `gone` the rows that are no longer there as they were. `place` is the
    row before it now, if it was moved.
    """

    file: File
    damage: Damage
    text: str
    rows: list[Row]
    target: Row
    changed: tuple[str, ...] = ()
    gone: tuple[Row, ...] = ()
    place: Row | None = None


@attrs.define
class _Work:
    """Rows as they are to be written: text and terminator of each."""

    file: File
    damage: Damage
    rows: list[Row]
    written: list[tuple[str, bool]]
    at: int

    @property
    def text(self) -> str:
        return self.written[self.at][0]


Done: TypeAlias = tuple[tuple[str, ...], tuple[Row, ...], Row | None] | None
"""What stands there now, what is gone, and the row that it was moved after; `None` if nothing has changed."""


def applied(file: File, damage: Damage) -> Damaged | None:
    """The damaged file; `None` where this damage changes nothing there."""
    before = rows(file)
    places = {row.key: place for place, row in enumerate(before)}
    if damage.at not in places or (damage.other >= 0 and damage.other not in places):
        return None
    work = _Work(file, damage, before, [(row.text, True) for row in before], places[damage.at])
    done = KINDS[damage.kind](work)
    if done is None:
        return None
    changed, gone, place = done
    text = written(file, work.written)
    if damage.recounted:
        text = _recounted(file, text)
    return Damaged(file, damage, text, before, before[places[damage.at]], changed, gone, place)


def written(file: File, segments: Sequence[tuple[str, bool]]) -> str:
    """The text of segments, each with its terminator or without."""
    end = file.delimiters.terminator + file.eol
    return "".join(text + (end if ended else "") for text, ended in segments)


def _recounted(file: File, text: str) -> str:
    """The file with SE01 set to the number of segments from ST on, wherever both are whole."""
    separator, end = file.delimiters.element, file.delimiters.terminator
    parts = text.split(end)
    segments = 0
    for place, part in enumerate(parts):
        elements = part.strip("\r\n").split(separator)
        segments = 1 if elements[0] == "ST" else segments + bool(part.strip("\r\n"))
        if elements[0] == "SE" and len(elements) > 2 and elements[1].isdigit():
            parts[place] = part.replace(f"SE{separator}{elements[1]}", f"SE{separator}{segments}", 1)
    return end.join(parts)


def drawn(file: File, chance: random.Random, kind: str | None = None) -> Damage:
    """Some damage to some segment of a file; what stands above claims is hit more often than its number would say."""
    before = rows(file)
    some = before if chance.random() < 0.5 else [row for row in before if row.part != "claim"]
    some = some if chance.random() < 0.8 else [row for row in before if row.text[:2] == "HL" or row.text[:3] == "CLM"]
    kind = kind or chance.choice([*KINDS])
    other = chance.choice(before if chance.random() < 0.5 else some).key if kind in ("moved", "replaced") else -1
    at, spot, letter = chance.choice(some).key, chance.random(), chance.choice("AXHLS019 *")
    return Damage(kind, at, other, spot, letter, recounted=chance.random() < 0.7)


def _dropped(work: _Work) -> Done:
    del work.written[work.at]
    return (), (work.rows[work.at],), None


def _level_dropped(work: _Work) -> Done:
    """A whole level without its claims, but not the last one of its transaction: no number shows that it is lost."""
    tags = [row.text.split(work.file.delimiters.element, 1)[0] for row in work.rows[work.at :]]
    end = next((place for place, tag in enumerate(tags) if place and tag in ("HL", "CLM", "SE")), 0)
    if tags[0] != "HL" or "HL" not in tags[1 : tags.index("SE")]:
        return None
    del work.written[work.at : work.at + end]
    return (), tuple(work.rows[work.at : work.at + end]), None


def _doubled(work: _Work) -> Done:
    work.written.insert(work.at, work.written[work.at])
    return (), (), None


def _moved(work: _Work) -> Done:
    other = next(place for place, row in enumerate(work.rows) if row.key == work.damage.other)
    if other in (work.at, work.at - 1):
        return None
    one = work.written[work.at]
    work.written.insert(other + 1, one)
    del work.written[work.at + (other < work.at)]
    return (), (), work.rows[other]


def _swapped(work: _Work) -> Done:
    if work.at + 1 == len(work.rows) or work.text == work.written[work.at + 1][0]:
        return None
    work.written[work.at : work.at + 2] = work.written[work.at + 1], work.written[work.at]
    return (), (), work.rows[work.at + 1]


def _to(work: _Work, *texts: str) -> Done:
    """These segments in its place."""
    if texts == (work.text,):
        return None
    work.written[work.at : work.at + 1] = [(text, True) for text in texts]
    return texts, (work.rows[work.at],), None


def _tag_changed(work: _Work) -> Done:
    spot = int(work.damage.spot * len(work.text.split(work.file.delimiters.element)[0]))
    letter = work.file.written(work.damage.letter)
    return _to(work, work.text[:spot] + letter + work.text[spot + 1 :])


def _tag_lower(work: _Work) -> Done:
    tag, separator, rest = work.text.partition(work.file.delimiters.element)
    return _to(work, tag.lower() + separator + rest)


def _tag_cut(work: _Work) -> Done:
    tag, separator, rest = work.text.partition(work.file.delimiters.element)
    return _to(work, (tag[1:] if work.damage.spot < 0.5 else tag[:-1]) + separator + rest)


def _tag_prefixed(work: _Work) -> Done:
    return _to(work, work.file.written(work.damage.letter) + work.text)


def _element_emptied(work: _Work) -> Done:
    separator = work.file.delimiters.element
    elements = work.text.split(separator)
    filled = [place for place, element in enumerate(elements) if element and place]
    if not filled:
        return None
    elements[filled[int(work.damage.spot * len(filled))]] = ""
    return _to(work, separator.join(elements))


def _all_emptied(work: _Work) -> Done:
    separator = work.file.delimiters.element
    tag, *elements = work.text.split(separator)
    return _to(work, tag + separator * (len(elements) if work.damage.spot < 0.5 else 0))


def _spot(work: _Work) -> int:
    """A position after the first character and before the last."""
    return 1 + int(work.damage.spot * (len(work.text) - 1))


def _line_break_within(work: _Work) -> Done:
    spot = _spot(work)
    if work.file.delimiters.terminator == "\n":
        return _to(work, work.text[:spot], work.text[spot:])
    return _to(work, f"{work.text[:spot]}\n{work.text[spot:]}")


def _terminator_within(work: _Work) -> Done:
    spot = _spot(work)
    texts = work.text[:spot], work.text[spot:]
    work.written[work.at] = work.text[:spot] + work.file.delimiters.terminator + work.text[spot:], True
    return texts, (work.rows[work.at],), None


def _joined(work: _Work) -> Done:
    work.written[work.at] = work.text, False
    if work.at + 1 == len(work.rows):
        return (work.text,), (work.rows[work.at],), None
    return (work.text + work.written[work.at + 1][0],), (work.rows[work.at], work.rows[work.at + 1]), None


def _character_changed(work: _Work) -> Done:
    spot = _spot(work)
    return _to(work, work.text[:spot] + work.file.written(work.damage.letter) + work.text[spot + 1 :])


def _separator_lost(work: _Work) -> Done:
    separator = work.file.delimiters.element
    elements = work.text.split(separator)
    spot = int(work.damage.spot * (len(elements) - 1))
    return _to(work, separator.join((*elements[:spot], "".join(elements[spot : spot + 2]), *elements[spot + 2 :])))


def _cut_short(work: _Work) -> Done:
    return _to(work, work.text[: _spot(work)])


def _terminator_twice(work: _Work) -> Done:
    work.written[work.at] = work.text + work.file.delimiters.terminator, True
    return (), (), None


def _replaced(work: _Work) -> Done:
    return _to(work, next(row.text for row in work.rows if row.key == work.damage.other))


KINDS: dict[str, Callable[[_Work], Done]] = {
    "dropped": _dropped,
    "level dropped": _level_dropped,
    "doubled": _doubled,
    "moved": _moved,
    "swapped": _swapped,
    "tag changed": _tag_changed,
    "tag in lower case": _tag_lower,
    "tag cut": _tag_cut,
    "tag prefixed": _tag_prefixed,
    "element emptied": _element_emptied,
    "all emptied": _all_emptied,
    "line break within": _line_break_within,
    "terminator within": _terminator_within,
    "joined to the next": _joined,
    "character changed": _character_changed,
    "separator lost": _separator_lost,
    "cut short": _cut_short,
    "terminator twice": _terminator_twice,
    "replaced": _replaced,
}
"""All kinds of damage by name."""
