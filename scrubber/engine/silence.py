"""A memory of the parts of claims on which edits found nothing."""

from __future__ import annotations

from collections.abc import Hashable

import attrs

from scrubber.claims.parts import PARTS, Part, Seen
from scrubber.edit import Edit
from scrubber.x12.remembering import forget_in_time

MOST_REMEMBERED = 8_192
"""The most values of items that are remembered of a part. When there are more, that part is forgotten, so memory stays
flat."""


@attrs.define(eq=False)
class Silence:
    """Some edits that look at the same part of claims, and the items of that part on which none of them spoke.

    An edit speaks if it finds something, cannot decide or fails. The keys of `items` are what the items of a claim have
    in common (`Seen.common`).
    """

    part: Part
    edits: tuple[Edit, ...]
    items: dict[Hashable, set[Hashable]] = attrs.field(factory=dict, repr=False)

    def covers(self, seen: Seen) -> bool:
        """Whether the edits need not run: none of them spoke on any of these items before."""
        known = self.items.get(seen.common)
        return known is not None and known.issuperset(seen.items)


class Silences:
    """The silences of an engine: one for each group of edits that run together on claims of a kind."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Silence] = {}
        self._remembered: dict[Part, int] = {}
        forget_in_time(self)

    def of(self, part: Part, edits: tuple[Edit, ...], kind: Hashable) -> Silence:
        """The silence of these edits on claims of a `kind`. The same facts must hold for all claims of a kind."""
        key = part, tuple(edit.code for edit in edits), kind
        if key not in self._known:
            self._known[key] = Silence(part, edits)
        return self._known[key]

    def remember(self, silence: Silence, seen: Seen) -> None:
        """Remember that none of the edits spoke on a claim."""
        part, size = silence.part, seen.size + 1
        remembered = self._remembered.get(part, 0) + size
        if remembered > MOST_REMEMBERED:
            self._forget(part)
            remembered = size
        self._remembered[part] = remembered
        silence.items.setdefault(seen.common, set()).update(seen.items)

    def cache_clear(self) -> None:
        """Forget all items."""
        for part in PARTS:
            self._forget(part)

    def _forget(self, part: Part) -> None:
        """Forget all items of a part."""
        for known in tuple(self._known.values()):  # another thread may add to them
            if known.part == part:
                known.items.clear()
        self._remembered.pop(part, None)
