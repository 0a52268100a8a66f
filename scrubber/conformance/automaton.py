"""Proves pieces of a transaction right: each of their segments, and the order of the segments.

A piece (header, level or claim; see `scrubber.x12.pieces`) is checked by itself, so a fault in one claim is no fault of
the next. The moves from a state are worked out at their first use and remembered, and so are proven segments, because
most files repeat the same segments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from scrubber.conformance import walk
from scrubber.conformance.grammar import Grammar, Key, LoopSpec, SegmentSpec
from scrubber.conformance.maps import Node
from scrubber.conformance.patterns import pattern
from scrubber.conformance.walk import Frames
from scrubber.x12.delimiters import Delimiters

MOST_REMEMBERED = 50_000
"""The most segments and moves that are remembered. Then all are forgotten, which keeps memory flat."""
MOST_PROVEN = 256
"""How many segments a state remembers. Further segments rarely repeat; they are names, for instance."""


_FIRST = 5
"""The characters that hold the tag and, mostly, what distinguishes qualifiers: `REF*6`, `NM1*8`, `HI*AB`."""


class _State:
    """A position in the guide, the moves from it, and the segments that were proven to follow.

    `usual` has, by first characters, the beginnings of segments that followed, up to and with the qualifier, each with
    the parts of its move.
    """

    __slots__ = ("complete", "frames", "moves", "proven", "usual")

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.complete = walk.complete(frames)
        self.moves: dict[Key, _Move | None] = {}
        self.proven: dict[str, _State] = {}
        self.usual: dict[str, tuple[str, _Matches, _State, SegmentSpec]] = {}


_Matches: TypeAlias = Callable[[str], re.Match[str] | None]


class _Move(NamedTuple):
    """A segment of the guide: what matches right ones, the state after it, and what it is."""

    matches: _Matches
    state: _State
    spec: SegmentSpec


Unproven: TypeAlias = Sequence[tuple[int, SegmentSpec]] | None
"""The segments of a piece that are not proven right, each by its index; `None` if they are not in order."""


_UNMADE = re.compile("(?!)").fullmatch
"""Stands for a pattern that is not made yet. It matches nothing, so nothing is proven."""


class Automaton:
    """A guide as an automaton for files with the given delimiters.

    Making the pattern of a segment takes as long as pyx12 takes to check some such segments. So the first `unmade`
    segments of a kind go to pyx12, and the pattern is made after them. A file of one claim then needs only half of the
    patterns.
    """

    def __init__(self, grammar: Grammar, delimiters: Delimiters, unmade: int = 0) -> None:
        self.grammar = grammar
        self._delimiters = delimiters
        self._made: dict[int, _Matches] = {}
        self._unmade = unmade
        self._seen: Counter[int] = Counter()
        self._states: dict[Frames, _State] = {}
        self._before: dict[LoopSpec, _State] = {}
        self._remembered = 0

    def proves(self, loop: LoopSpec, segments: Iterable[str]) -> bool:
        """Whether a loop with these segments, without their terminators, is right.

        It counts neither the lines of a claim nor the loops that begin another piece.
        """
        return self.unproven(loop, segments) == []

    def begins(self, loop: LoopSpec, segment: str) -> bool:
        """Whether a loop may begin with this segment, and the segment is right."""
        move = self._move_of(self._before_first(loop), segment)
        return move is not None and move.matches(segment) is not None

    def unproven(self, loop: LoopSpec, segments: Iterable[str]) -> Unproven:
        """The segments of a loop that are not proven right: none if the loop is right.

        They are not in order if one is not allowed where it stands, or a required one is missing. It counts as `proves`
        does.
        """
        state = self._before.get(loop) or self._before_first(loop)
        found = []
        for index, segment in enumerate(segments):
            proven = state.proven
            following = proven.get(segment)
            if following is None:
                usual = state.usual.get(segment[:_FIRST])
                if usual and segment.startswith(usual[0]):
                    _, matches, following, spec = usual
                else:
                    move = self._move_of(state, segment)
                    if move is None:
                        return None
                    matches, following, spec = move
                if not matches(segment):
                    if not index and self._move_of(state, segment) is None:  # an HL of another level
                        return None
                    found.append((index, spec))
                elif len(proven) < MOST_PROVEN:
                    self._remember()
                    proven[segment] = following
            state = following
        return found if state.complete else None

    def proves_segment(self, node: Node, segment: str) -> bool:
        """Whether a segment, without its terminator, is right as the one of a pyx12 node, wherever it stands."""
        return self._matches(node)(segment) is not None

    def _move_of(self, state: _State, segment: str) -> _Move | None:
        """The move that a segment makes by its tag and qualifier, `None` if the guide does not allow it here."""
        key = self._key(segment)
        if key not in state.moves:
            made = self._move(state, key)
            if made and made.matches is _UNMADE:
                return made
            self._remember()
            state.moves[key] = made
        move = state.moves[key]
        beginning = self._beginning(segment, key)
        if move and beginning:
            self._remember()
            state.usual[segment[:_FIRST]] = beginning, *move
        return move

    def _key(self, segment: str) -> Key:
        tag = segment.partition(self._delimiters.element)[0]
        number = self.grammar.keys[tag][0] if tag in self.grammar.keys else 0
        return self.grammar.key(segment.split(self._delimiters.element, number + 1), self._delimiters.component)

    def _beginning(self, segment: str, key: Key) -> str:
        """The beginning that all segments with this key and spelling share, empty if that is not certain.

        Where an HL may stand, it begins a level, and its pattern matches only HLs of that level.
        """
        tag, qualifier = key
        if tag not in self.grammar.keys or tag == "HL":
            begins = f"{tag}{self._delimiters.element}"
            return begins if segment.startswith(begins) else ""
        number, composite, _ = self.grammar.keys[tag]
        if not qualifier or number != 1:
            return ""
        size = len(tag) + 1 + len(qualifier)
        separators = self._delimiters.component + self._delimiters.element if composite else self._delimiters.element
        return segment[: size + 1] if segment[size : size + 1] in tuple(separators) else ""

    def _move(self, state: _State, key: Key) -> _Move | None:
        found = walk.advance(state.frames, key)
        if found is None:
            return None
        spec, frames = found
        return _Move(self._matches(spec.node), self._state(frames), spec)

    def _matches(self, node: Node) -> _Matches:
        key = id(node)  # pyx12 has nodes of one name equal; the map, and with it each node, stays
        if key not in self._made:
            self._seen[key] += 1
            if self._seen[key] <= self._unmade:
                return _UNMADE
            self._made[key] = pattern(node, self._delimiters).fullmatch
        return self._made[key]

    def _before_first(self, loop: LoopSpec) -> _State:
        """The state before the first segment of a loop."""
        state = self._before[loop] = self._state(walk.begun(loop))
        return state

    def _state(self, frames: Frames) -> _State:
        if frames not in self._states:
            self._states[frames] = _State(frames)
        return self._states[frames]

    def _remember(self) -> None:
        self._remembered += 1
        if self._remembered > MOST_REMEMBERED:
            for state in self._states.values():
                state.moves.clear()
                state.proven.clear()
                state.usual.clear()
            self._states.clear()
            self._before.clear()
            self._remembered = 0
