"""Answers about texts of files that are remembered, and forgotten in time.

Files repeat their codes, dates and amounts, so many pure functions keep their answers by these texts. The number of
answers is bounded, but an element may have a million characters. So all of them are forgotten from time to time, before
they can fill the memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import ParamSpec, Protocol, TypeVar
from weakref import ref

MOST_CHARACTERS = 1 << 25
"""The number of characters read after which all answers are forgotten. Ordinary claims of a file of this size repeat
the same texts, so forgetting takes no time that can be measured."""

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class Remembers(Protocol):
    """An object that keeps answers by texts of files."""

    def cache_clear(self) -> None:
        """Forget all answers."""


_all: list[ref[Remembers]] = []
_characters = 0


def forget_in_time(remembers: Remembers) -> None:
    """Have this object forget its answers when too much has been read. This does not keep the object alive."""
    _all.append(ref(remembers, _all.remove))


def remembered(most: int) -> Callable[[Callable[_Given, _Answer]], Callable[_Given, _Answer]]:
    """Makes a pure function of texts of a file keep its last `most` answers. All arguments are hashable.

    An exception is not kept: each call raises it again. More than a thousand amounts, dates or lines gain little: most
    of those that repeat at all repeat soon.
    """

    def decorate(function: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
        kept = lru_cache(most)(function)
        forget_in_time(kept)
        return kept  # type: ignore[return-value]  # it takes what the function takes

    return decorate


def read(characters: int) -> None:
    """Note that a piece with this number of characters was read. Forget all answers if it is time for that."""
    global _characters
    _characters += characters
    if _characters > MOST_CHARACTERS:
        _characters = 0
        for one in tuple(_all):
            remembers = one()
            if remembers is not None:
                remembers.cache_clear()
