"""What a guide says of the order of segments, as frozen rules made once from pyx12's map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

import attrs

from scrubber.conformance.maps import TRANSACTION, Node, guide
from scrubber.x12.guides import ClaimType

LEVEL_LOOPS = {
    1: f"{TRANSACTION}/DETAIL/2000A",
    2: f"{TRANSACTION}/DETAIL/2000A/2000B",
    3: f"{TRANSACTION}/DETAIL/2000A/2000B/2000C",
}
"""Path of the loop of a level, by its depth: provider, subscriber, patient."""

CLAIM_LOOP = f"{LEVEL_LOOPS[2]}/2300"

_UNLIMITED = 1 << 30


@attrs.frozen(eq=False)
class SegmentRule:
    """A segment of a loop: where it stands, how often, and by which codes of its key element it is told apart.

    `key` is the number of that element; of a composite its first component counts. `node` is pyx12's.
    """

    tag: str
    position: int
    required: bool
    used: bool
    most: int
    key: int | None
    codes: frozenset[str]
    node: Node

    @property
    def begins(self) -> str:
        """The tag it begins with."""
        return self.tag

    def matches(self, tag: str, qualifier: str) -> bool:
        """Whether a segment is this one."""
        return tag == self.tag and (self.key is None or qualifier in self.codes)


@attrs.frozen(eq=False)
class LoopRule:
    """A loop: where it stands, how often, and what is in it in the order of the guide."""

    name: str
    position: int
    required: bool
    used: bool
    most: int
    children: tuple[Rule, ...]

    @property
    def begins(self) -> str:
        """The tag it begins with, itself or through the first loop in it."""
        return self.children[0].begins

    def child(self, name: str) -> LoopRule:
        """The loop of that name in it."""
        return next(child for child in self.children if isinstance(child, LoopRule) and child.name == name)


Rule: TypeAlias = SegmentRule | LoopRule


@attrs.frozen(eq=False)
class Grammar:
    """The rules of one guide: the transaction with its header, each level by its depth, and the claim.

    The loop 2300 of a subscriber and that of a patient have the same rules.
    """

    transaction: LoopRule
    levels: dict[int, LoopRule]
    claim: LoopRule
    keys: dict[str, tuple[int, frozenset[str]]]
    """By tag: the number of the element that tells segments with it apart, and all its codes."""


@lru_cache(maxsize=2)
def grammar(claim_type: ClaimType) -> Grammar:
    """The rules for a type of claim."""
    root = guide(claim_type)
    keys: dict[str, tuple[int, frozenset[str]]] = {}
    transaction = _loop(root.getnodebypath(TRANSACTION))
    for rule in _segments(transaction):
        if rule.key is not None:
            keys[rule.tag] = rule.key, keys.get(rule.tag, (0, frozenset()))[1] | rule.codes
    levels = {depth: _loop(root.getnodebypath(path)) for depth, path in LEVEL_LOOPS.items()}
    return Grammar(transaction, levels, _loop(root.getnodebypath(CLAIM_LOOP)), keys)


def _segments(rule: Rule) -> Iterator[SegmentRule]:
    if isinstance(rule, SegmentRule):
        yield rule
    else:
        for child in rule.children:
            yield from _segments(child)


def _loop(node: Node) -> LoopRule:
    children = [child for position in sorted(node.pos_map) for child in node.pos_map[position]]
    return LoopRule(
        node.id,
        node.pos,
        node.usage == "R",
        node.usage != "N",
        min(node.get_max_repeat(), _UNLIMITED),
        tuple(_loop(child) if child.is_loop() else _segment(child) for child in children if _has_content(child)),
    )


def _has_content(node: Node) -> bool:
    return node.is_segment() or len(node) > 0


def _segment(node: Node) -> SegmentRule:
    found = node._resolve_unique_key_field(node.id, with_qual=False)
    field, number, _component = found or (None, None, None)
    return SegmentRule(
        node.id,
        node.pos,
        node.usage == "R",
        node.usage != "N",
        min(node.get_max_repeat(), _UNLIMITED),
        number,
        frozenset() if field is None else frozenset(field.valid_codes),
        node,
    )
