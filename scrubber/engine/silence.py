"""A memory of the parts of claims on which edits found nothing."""

from __future__ import annotations

from collections.abc import Hashable

import attrs

from scrubber.claims.parts import Part, Seen
from scrubber.edit import Edit

MOST_REMEMBERED = 16_384
"""When so many items are remembered, all are forgotten. This keeps memory flat."""


@attrs.define(eq=False)
class Silence:
    """Some edits that look at the same part of claims, and the items of that part on which none of them spoke.

    `items` has them by what is common to the items of a claim.
    """

    part: Part
    edits: tuple[Edit, ...]
    items: dict[Hashable, set[Hashable]] = attrs.field(factory=dict, repr=False)

    def covers(self, seen: Seen) -> bool:
        """Whether the edits find nothing, because they found nothing on claims with these items."""
        known = self.items.get(seen.common)
        return known is not None and known.issuperset(seen.items)


class Silences:
    """All that the edits of an engine were silent on, for each group of edits that claims of some kind have."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Silence] = {}
        self._remembered = 0

    def of(self, part: Part, edits: tuple[Edit, ...], kind: Hashable) -> Silence:
        """What these edits were silent on, on claims of a kind that are judged by the same facts."""
        key = part, tuple(edit.code for edit in edits), kind
        if key not in self._known:
            self._known[key] = Silence(part, edits)
        return self._known[key]

    def remember(self, silence: Silence, seen: Seen) -> None:
        """Note that the edits found nothing on a claim."""
        self._remembered += len(seen.items) + 1
        if self._remembered > MOST_REMEMBERED:
            for known in self._known.values():
                known.items.clear()
            self._remembered = len(seen.items) + 1
        silence.items.setdefault(seen.common, set()).update(seen.items)
