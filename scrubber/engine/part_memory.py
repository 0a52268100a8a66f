"""A memory of the parts of claims on which edits found nothing, or on which only some of them did."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import attrs

from scrubber.claims.parts import PARTS, Part, Seen
from scrubber.edit import Edit
from scrubber.x12.remembering import forget_in_time

MOST_REMEMBERED = 4_096
"""The most values of items that are remembered of a part. When there are more, that part is forgotten, so memory stays
flat."""


@attrs.define(eq=False)
class PartMemory:
    """Some edits that look at the same part of claims, and what they did on items of that part before.

    An edit answers if it finds something, cannot decide or fails; else it is silent. `silent` are the items on which no
    edit answered. `answered` has other items, each with the codes of the edits that may answer on it. The keys of both
    are what the items of a claim have in common (`Seen.common`).
    """

    part: Part
    edits: tuple[Edit, ...]
    silent: dict[Hashable, set[Hashable]] = attrs.field(factory=dict, repr=False)
    answered: dict[Hashable, dict[Hashable, frozenset[str]]] = attrs.field(factory=dict, repr=False)

    def may_answer(self, seen: Seen) -> Sequence[Edit]:
        """The edits that may answer on these items: none of the others answered on any of them before.

        All edits if there are no items.
        """
        silent = self.silent.get(seen.common, _NO_ITEMS)
        if silent.issuperset(seen.items):
            return () if seen.items else self.edits
        answered = self.answered.get(seen.common, {})
        codes: set[str] = set()
        for item in seen.items:
            if item not in silent:
                known = answered.get(item)
                if known is None:
                    return self.edits
                codes.update(known)
        return [edit for edit in self.edits if edit.code in codes]

    def learn(self, seen: Seen, edits: Iterable[Edit]) -> None:
        """Remember these items after all edits that may answer on them have run, and only these edits answered.

        An edit may have answered on any of the items. It looks at each by itself, so an edit that was silent on all of
        them was silent on each.
        """
        silent = self.silent.setdefault(seen.common, set())
        answered = self.answered.get(seen.common, {})
        codes = frozenset([edit.code for edit in edits])
        for item in seen.items:
            left = codes & answered.get(item, codes)
            if item in silent or not left:
                silent.add(item)
                answered.pop(item, None)
            else:
                answered = self.answered.setdefault(seen.common, answered)
                answered[item] = left

    def forget(self) -> None:
        """Forget all items."""
        self.silent.clear()
        self.answered.clear()


_NO_ITEMS: frozenset[Hashable] = frozenset()


class PartMemories:
    """The memories of an engine: one for each group of edits that run together on claims of a kind."""

    def __init__(self) -> None:
        self._known: dict[Hashable, PartMemory] = {}
        self._remembered: dict[Part, int] = {}
        forget_in_time(self)

    def of(self, part: Part, edits: tuple[Edit, ...], kind: Hashable) -> PartMemory:
        """The memory of these edits on claims of a `kind`. The same facts must hold for all claims of a kind."""
        key = part, tuple(edit.code for edit in edits), kind
        if key not in self._known:
            self._known[key] = PartMemory(part, edits)
        return self._known[key]

    def remember(self, memory: PartMemory, seen: Seen, answered: Sequence[Edit]) -> None:
        """Remember which edits answered on a claim, of those that may. Of a huge claim nothing is kept."""
        part, size = memory.part, seen.size + 1 + len(answered) * len(seen.items)
        if size > MOST_REMEMBERED:
            return
        remembered = self._remembered.get(part, 0) + size
        if remembered > MOST_REMEMBERED:
            self._forget(part)
            remembered = size
        self._remembered[part] = remembered
        memory.learn(seen, answered)

    def cache_clear(self) -> None:
        """Forget all items."""
        for part in PARTS:
            self._forget(part)

    def _forget(self, part: Part) -> None:
        """Forget all items of a part."""
        for known in tuple(self._known.values()):  # another thread may add to them
            if known.part == part:
                known.forget()
        self._remembered.pop(part, None)
