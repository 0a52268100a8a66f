"""Proves pieces of a transaction right: each of their segments, and the order of the segments.

A piece (header, level or claim; see `scrubber.x12.pieces`) is checked by itself, so a fault in one claim is no fault of
the next. The moves from a state are worked out at their first use and remembered, and so are proven segments, because
most files repeat the same segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from scrubber.conformance import walk
from scrubber.conformance.grammar import Grammar, LoopSpec, SegmentSpec
from scrubber.conformance.patterns import pattern
from scrubber.conformance.walk import Frames, Key
from scrubber.x12.delimiters import Delimiters

MOST_REMEMBERED = 50_000
"""When so many segments and moves are remembered, all are forgotten. This keeps memory flat."""
MOST_PROVEN = 256
"""How many segments a state remembers. Further segments rarely repeat; they are names, for instance."""


class _State:
    """A position in the guide, the moves from it, and the segments that were proven to follow.

    `usual` is the beginning of the last segment that followed, up to and with its qualifier, and its move.
    """

    __slots__ = ("complete", "frames", "moves", "proven", "usual")

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.complete = walk.complete(frames)
        self.moves: dict[Key, _Move | None] = {}
        self.proven: dict[str, _State] = {}
        self.usual: tuple[str, _Move] | None = None


_Move: TypeAlias = tuple[re.Pattern[str], _State]


class Automaton:
    """A guide as an automaton for files with the given delimiters."""

    def __init__(self, grammar: Grammar, delimiters: Delimiters) -> None:
        self.grammar = grammar
        self._delimiters = delimiters
        self._patterns: dict[SegmentSpec, re.Pattern[str]] = {}
        self._states: dict[Frames, _State] = {}
        self._remembered = 0

    def proves(self, loop: LoopSpec, segments: Iterable[str]) -> bool:
        """Whether a loop with these segments, without their terminators, is right.

        It counts neither the lines of a claim nor the loops that begin another piece.
        """
        state = self._state(walk.begun(loop))
        for segment in segments:
            following = state.proven.get(segment) or self._step(state, segment)
            if following is None:
                return False
            state = following
        return state.complete

    def _step(self, state: _State, segment: str) -> _State | None:
        if state.usual and segment.startswith(state.usual[0]):
            move: _Move | None = state.usual[1]
        else:
            key = self._key(segment)
            if key not in state.moves:
                self._remember()
                state.moves[key] = self._move(state, key)
            move = state.moves[key]
            beginning = self._beginning(segment, key)
            state.usual = (beginning, move) if move and beginning else None
        if move is None or not move[0].fullmatch(segment):
            return None
        if len(state.proven) < MOST_PROVEN:
            self._remember()
            state.proven[segment] = move[1]
        return move[1]

    def _key(self, segment: str) -> Key:
        tag, _, rest = segment.partition(self._delimiters.element)
        if tag not in self.grammar.keys:
            return tag[:4], ""  # the tag is unknown
        number, codes = self.grammar.keys[tag]
        elements = rest.split(self._delimiters.element, number)
        if len(elements) < number:
            return tag, ""
        qualifier = elements[number - 1].partition(self._delimiters.component)[0]
        return tag, qualifier if qualifier in codes else ""

    def _beginning(self, segment: str, key: Key) -> str:
        """The beginning that all segments with this key and spelling share, empty if that is not certain."""
        tag, qualifier = key
        if tag not in self.grammar.keys:
            begins = f"{tag}{self._delimiters.element}"
            return begins if segment.startswith(begins) else ""
        if not qualifier or self.grammar.keys[tag][0] != 1:
            return ""
        size = len(tag) + 1 + len(qualifier)
        separators = (self._delimiters.element, self._delimiters.component)
        return segment[: size + 1] if segment[size : size + 1] in separators else ""

    def _move(self, state: _State, key: Key) -> _Move | None:
        found = walk.advance(state.frames, key)
        if found is None:
            return None
        spec, frames = found
        if spec not in self._patterns:
            self._patterns[spec] = pattern(spec.node, self._delimiters)
        return self._patterns[spec], self._state(frames)

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
                state.usual = None
            self._states.clear()
            self._remembered = 0
