"""Sibling loops: a piece that the automaton takes for ordered has its sibling loops in the order of the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from scrubber.conformance import siblings
from scrubber.conformance.automaton import Automaton
from scrubber.conformance.grammar import LoopSpec, grammar
from scrubber.testing import ClaimType
from scrubber.x12.delimiters import Delimiters
from tests.scrubbing import each

DELIMITERS = Delimiters("*", ":", "^", "~")
HEADS: dict[ClaimType, Sequence[str]] = {
    "837P": ("CLM*A1*100***11:B:1*Y*A*Y*Y", "HI*ABK:M3210"),
    "837I": ("CLM*A1*100***13:A:1**A*Y*Y", "DTP*434*RD8*20261005-20261005", "CL1*3*1*01", "HI*ABK:M3210"),
}
PAYER = ("SBR*S*18*******CI", "OI***Y***Y")
LINES: dict[ClaimType, Sequence[str]] = {
    "837P": ("LX*1", "SV1*HC:99213*60*UN*1***1", "DTP*472*D8*20261005"),
    "837I": ("LX*1", "SV2*0510*HC:99213*60*UN*1", "DTP*472*D8*20261005"),
}
ADDRESS = ("N3*1 ROAD", "N4*TOWN*OH*450010000")
AROUND = {
    "claim": (("head",), ("line",)),
    "payer": (("head", *PAYER), ("line",)),
    "line": (("head", "line"), ()),
    "provider": (("HL*1**20*1",), ()),
    "subscriber": (("HL*2*1*22*0", "SBR*P*18*******CI"), ()),
}
"""The position of siblings: the segments before and after them."""

CASES: dict[str, tuple[ClaimType, str, tuple[str, ...]]] = {
    "providers of a claim": ("837P", "claim", ("DN", "P3", "82", "77", "DQ")),
    "providers of a hospital's claim": ("837I", "claim", ("71", "72", "ZZ", "82", "77")),
    "another payer": ("837P", "payer", ("IL", "PR", "DN")),
    "another payer of a hospital": ("837I", "payer", ("IL", "PR", "71")),
    "providers of a line": ("837P", "line", ("82", "QB", "77", "DK", "DN")),
    "providers of a hospital's line": ("837I", "line", ("72", "ZZ", "82")),
    "billing provider": ("837P", "provider", ("85", "87", "PE")),
    "subscriber": ("837P", "subscriber", ("IL", "PR")),
}


def loop_of(claim_type: ClaimType, where: str) -> LoopSpec:
    guide = grammar(claim_type)
    return {"provider": guide.levels[1], "subscriber": guide.levels[2]}.get(where, guide.claim)


@each("claim_type, where, entities", CASES)
def test_each_order_of_provider_loops_is_judged_by_the_guide(
    claim_type: ClaimType, where: str, entities: Sequence[str]
) -> None:
    in_front, behind = ([*spelled(part, claim_type)] for part in AROUND[where])
    automaton, loop, accepted = Automaton(grammar(claim_type), DELIMITERS), loop_of(claim_type, where), 0
    for count in range(1, len(entities) + 1):
        for order in permutations(entities, count):
            names = [text for entity in order for text in (f"NM1*{entity}*2*A", *address(where, entity))]
            parts = [*in_front, *names, *behind]
            _, disordered = siblings.in_order(claim_type, loop, [part.split("*") for part in parts])
            if automaton.unproven(loop, parts) is not None:
                accepted += 1
                assert not disordered, order
    assert accepted


def spelled(texts: Sequence[str], claim_type: ClaimType) -> Iterator[str]:
    """The segments, with those of the head of a claim and of a service line in place of these words."""
    words = {"head": HEADS[claim_type], "line": LINES[claim_type]}
    for text in texts:
        yield from words.get(text, (text,))


def address(where: str, entity: str) -> Sequence[str]:
    """What the guide requires after a name."""
    if where == "provider":
        return (
            (*ADDRESS, "REF*2U*1", "REF*EI*1")
            if entity == "PE"
            else (*ADDRESS, *(["REF*EI*1"] if entity == "85" else ()))
        )
    return ADDRESS if entity == "77" or where == "subscriber" else ()
