"""pyx12's walk through a map, step by step, with a memory.

A step of pyx12's walker depends on three things: the node it is at, how often each node has been seen so far, and the
key of the segment (its tag and qualifier). It looks at nothing else of the segment. So a step that was taken once need
not be taken again, and files repeat the same steps. The errors of a step are pyx12's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pyx12.map_walker import walk_tree
from pyx12.segment import Segment

from scrubber.conformance.grammar import Grammar, Key
from scrubber.conformance.maps import TRANSACTION, Node
from scrubber.x12.delimiters import Delimiters

MOST_REMEMBERED = 4_096
"""The most steps that are remembered. Then all are forgotten, which keeps memory flat."""

_MOST_ELEMENTS = 100
"""No segment of a guide has as many."""


class Standing:
    """A position of the walk: the node reached, how often each node has been seen, and the known steps from it."""

    __slots__ = ("counts", "node", "steps")

    def __init__(self, node: Node, counts: Mapping[str, int]) -> None:
        self.node = node
        self.counts = counts
        self.steps: dict[Key, Step] = {}


class Step(NamedTuple):
    """Where a segment leads, and pyx12's errors in the order of segments. `found` is false if it has no position."""

    found: bool
    errors: Sequence[Any]
    standing: Standing

    def __repr__(self) -> str:
        """Without the errors, which quote the file."""
        return f"Step(found={self.found}, {len(self.errors)} errors)"


class Steps:
    """Walks the pieces of transactions of one guide in files with the given delimiters."""

    def __init__(self, root: Node, grammar: Grammar, delimiters: Delimiters) -> None:
        self._root = root
        self._grammar = grammar
        self._delimiters = delimiters
        self._starts: dict[str, Standing] = {}
        self._loops: dict[str, Node] = {}
        self._known: dict[tuple[int, frozenset[tuple[str, int]]], Standing] = {}
        self._remembered = 0

    def start(self, path: str) -> Standing:
        """Where the loop at `path` of the map may begin. Required parts around it count as seen."""
        if path not in self._starts:
            self._starts[path] = self._start(path)
        return self._starts[path]

    def loop(self, path: str) -> Node:
        """The loop at `path` of the map."""
        if path not in self._loops:
            self._loops[path] = self._root.getnodebypath(path)
        return self._loops[path]

    def take(self, standing: Standing, elements: Sequence[str]) -> Step:
        """The step from a position to a segment. Without a place for it the position stays."""
        key = self._grammar.key(elements, self._delimiters.component)
        known = standing.steps.get(key)
        if known is None:
            known = self._taken(standing, elements)
            self._remember()
            standing.steps[key] = known
        return known

    def _start(self, path: str) -> Standing:
        loop = self._root.getnodebypath(path).parent
        node = loop.get_first_seg() or self._root.getnodebypath(f"{TRANSACTION}/ST")
        counts: dict[str, int] = {}
        while not loop.is_map_root():
            for children in loop.pos_map.values():
                counts |= {child.x12path.format(): 1 for child in children if child.usage == "R"}
            loop = loop.parent
        return Standing(node, counts)

    def _taken(self, standing: Standing, elements: Sequence[str]) -> Step:
        walker = walk_tree()
        counter = walker.counter = _Counter(standing.counts)
        node, _, _, errors = walker.walk_errors(standing.node, segment_of(elements, self._delimiters), 0, 0, None)
        if node is None:
            return Step(False, errors, standing)
        key = id(node), frozenset(counter.counts.items())
        if key not in self._known:
            self._known[key] = Standing(node, counter.counts)
        return Step(True, errors, self._known[key])

    def _remember(self) -> None:
        self._remembered += 1
        if self._remembered > MOST_REMEMBERED:
            for standing in (*self._known.values(), *self._starts.values()):
                standing.steps.clear()
            self._known.clear()
            self._remembered = 0


def segment_of(elements: Sequence[str], delimiters: Delimiters) -> Segment:
    """The segment as pyx12 has it, with an object for each element.

    If there are more than 100, it gets the first 100, and the next one that is not empty.
    """
    if len(elements) > _MOST_ELEMENTS:
        elements = [*elements[:_MOST_ELEMENTS], next(filter(None, elements[_MOST_ELEMENTS:]), "")]
    text = delimiters.element.join(elements)
    return Segment(text, delimiters.terminator, delimiters.element, delimiters.component)


class _Counter:
    """Counts nodes as pyx12's own counter does, but writes the text of each path only once."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)

    def reset_to_node(self, xpath: Any) -> None:
        """Forget the counts of all nodes beneath."""
        beneath = f"{_text(xpath)}/"
        self.counts = {path: count for path, count in self.counts.items() if not path.startswith(beneath)}

    def increment(self, xpath: Any) -> None:
        """Count a node."""
        path = _text(xpath)
        self.counts[path] = self.counts.get(path, 0) + 1

    def get_count(self, xpath: Any) -> int:
        """How often a node has been seen."""
        return self.counts.get(_text(xpath), 0)


_TEXTS: dict[int, tuple[Any, str]] = {}
"""The text of each path of the maps, by the path's identity. The paths are kept with their maps."""


def _text(path: Any) -> str:
    known = _TEXTS.get(id(path))
    if known is None or known[0] is not path:
        known = _TEXTS[id(path)] = path, str(path.format())
    return known[1]
