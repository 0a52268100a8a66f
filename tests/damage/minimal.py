"""The smallest file that still shows a fault."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from scrubber.testing import DelimiterSpec
from tests.damage.files import File, Node, keys, role
from tests.damage.judge import faults, faults_of_undamaged
from tests.damage.kinds import Damage, Damaged, applied


def minimised(file: File, damage: Damage, fault: str, *, strict: bool) -> Damaged:
    """The damaged file without all that can be taken out of it while this fault stays, its sound form still sound."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(file):
            if _shows(candidate, damage, fault, strict=strict):
                file, smaller = candidate, True
                break
    done = applied(file, damage)
    assert done
    return done


def _shows(file: File, damage: Damage, fault: str, *, strict: bool) -> bool:
    damaged = applied(file, damage)
    if damaged is None or fault not in faults(damaged, strict=strict):
        return False
    return not faults_of_undamaged(file, strict=strict)


def _smaller(file: File) -> Iterator[File]:
    """Files with one part less, large parts first, and with the usual delimiters."""
    parts = [*_parts(file.interchanges)]
    sizes = sorted(((len([*keys(node)]), place) for place, node in enumerate(parts)), reverse=True)
    for _, place in sizes:
        gone = parts[place]
        yield attrs.evolve(file, interchanges=_without(file.interchanges, gone))
    for node in parts:
        for segment in node.head[1:]:
            if segment.text.startswith("SV") or role(segment.text.split("*")):
                continue
            head = tuple(one for one in node.head if one is not segment)
            yield attrs.evolve(file, interchanges=_with(file.interchanges, node, attrs.evolve(node, head=head)))
    if (file.delimiters, file.eol) != (DelimiterSpec(), ""):
        yield attrs.evolve(file, delimiters=DelimiterSpec(), eol="")


def _parts(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _parts(node.children)


def _without(nodes: tuple[Node, ...], gone: Node) -> tuple[Node, ...]:
    return tuple(
        attrs.evolve(node, children=_without(node.children, gone)) for node in nodes if node.head[0] != gone.head[0]
    )


def _with(nodes: tuple[Node, ...], old: Node, new: Node) -> tuple[Node, ...]:
    return tuple(
        new if node.head[0] == old.head[0] else attrs.evolve(node, children=_with(node.children, old, new))
        for node in nodes
    )
