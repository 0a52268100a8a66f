"""The loops and segments of a guide in their order, made once from pyx12's map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
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


Key: TypeAlias = tuple[str, str]
"""Tag of a segment, and its qualifier where it distinguishes segments with that tag.

The order of segments depends on their keys, and on nothing else.
"""

_LONGEST_TAG = 4
"""Longer tags are cut off, because no guide has them."""


@attrs.frozen(eq=False)
class SegmentSpec:
    """A segment of a loop: its position, how often it may stand there, and the codes of its key element.

    `key` is the number of the key element, which distinguishes segments with the same tag. If it is a composite, the
    first component counts. `node` is pyx12's.
    """

    tag: str
    position: int
    required: bool
    used: bool
    most: int
    key: int | None
    composite: bool
    codes: frozenset[str]
    node: Node

    @property
    def begins(self) -> str:
        """The tag it begins with."""
        return self.tag

    def matches(self, tag: str, qualifier: str) -> bool:
        """Whether a segment is this one."""
        return tag == self.tag and (self.key is None or qualifier in self.codes)


@attrs.frozen(eq=False, slots=False)
class LoopSpec:
    """A loop: its position, how often it may stand there, and its children in the order of the guide."""

    name: str
    position: int
    required: bool
    used: bool
    most: int
    children: tuple[Spec, ...]

    @property
    def begins(self) -> str:
        """The tag that it begins with."""
        return self.children[0].begins

    def child(self, name: str) -> LoopSpec:
        """Its child loop of that name."""
        return self._loops[name]

    @cached_property
    def _loops(self) -> Mapping[str, LoopSpec]:
        return {child.name: child for child in reversed(self.children) if isinstance(child, LoopSpec)}


Spec: TypeAlias = SegmentSpec | LoopSpec


@attrs.frozen(eq=False)
class Grammar:
    """One guide: the transaction with its header, each level by its depth, and the claim.

    Loop 2300 is the same beneath a subscriber and beneath a patient.
    """

    transaction: LoopSpec
    levels: dict[int, LoopSpec]
    claim: LoopSpec
    keys: dict[str, tuple[int, bool, frozenset[str]]]
    """By tag: the number of the key element, whether it is a composite, and all its codes."""

    def key(self, elements: Sequence[str], component: str) -> Key:
        """The key of a segment. `component` is the component separator.

        pyx12 takes no notice of component separators at the end of a value.
        """
        tag = elements[0]
        if tag not in self.keys:
            return tag[:_LONGEST_TAG], ""
        number, composite, codes = self.keys[tag]
        if len(elements) <= number:
            return tag, ""
        value = elements[number]
        qualifier = value.partition(component)[0] if composite else value.rstrip(component)
        return tag, qualifier if qualifier in codes else ""


@lru_cache(maxsize=2)
def grammar(claim_type: ClaimType) -> Grammar:
    """The grammar for a type of claim."""
    root = guide(claim_type)
    keys: dict[str, tuple[int, bool, frozenset[str]]] = {}
    transaction = _loop(root.getnodebypath(TRANSACTION))
    for spec in _segments(transaction):
        if spec.key is not None:
            known = keys[spec.tag][2] if spec.tag in keys else frozenset()
            keys[spec.tag] = spec.key, spec.composite, known | spec.codes
    levels = {depth: _loop(root.getnodebypath(path)) for depth, path in LEVEL_LOOPS.items()}
    return Grammar(transaction, levels, _loop(root.getnodebypath(CLAIM_LOOP)), keys)


def _segments(spec: Spec) -> Iterator[SegmentSpec]:
    if isinstance(spec, SegmentSpec):
        yield spec
    else:
        for child in spec.children:
            yield from _segments(child)


def _loop(node: Node) -> LoopSpec:
    children = [child for position in sorted(node.pos_map) for child in node.pos_map[position]]
    return LoopSpec(
        node.id,
        node.pos,
        node.usage == "R",
        node.usage != "N",
        min(node.get_max_repeat(), _UNLIMITED),
        tuple(_loop(child) if child.is_loop() else _segment(child) for child in children if _has_content(child)),
    )


def _has_content(node: Node) -> bool:
    return node.is_segment() or len(node) > 0


def _segment(node: Node) -> SegmentSpec:
    found = node._resolve_unique_key_field(node.id, with_qual=False)
    field, number, component = found or (None, None, None)
    return SegmentSpec(
        node.id,
        node.pos,
        node.usage == "R",
        node.usage != "N",
        min(node.get_max_repeat(), _UNLIMITED),
        number,
        component is not None,
        frozenset() if field is None else frozenset(field.valid_codes),
        node,
    )
