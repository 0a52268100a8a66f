"""Files for which answers are tested: invented claims with random faults, and generated files with one damage each."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import attrs

from scrubber.testing import (
    AUTOINJECTOR,
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    anifrolumab_claim,
    build,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from tests.conformance import mutations
from tests.damage.files import file_of
from tests.damage.kinds import KINDS, applied, drawn

DELIMITERS = (
    *(DelimiterSpec(),) * 6,
    DelimiterSpec("|", ">", "!", "\n"),
    DelimiterSpec("=", "<", "^", "'"),
    DelimiterSpec("+", "&", "U", "?"),
    DelimiterSpec("\x1d", ":", "^", "\x1c"),
)
HOSTILE = ("A*B", "X~ISA*00", "C:D^E", "JOS\xc3\x89-1", "\x01\x02", "'; DROP", "Q" * 60, "?", "\xff")
"""Claim ids and names that hold delimiters of other files, bytes above 127 and more than a guide allows."""

_LINES: dict[str, tuple[Any, ...]] = {
    "modifiers": ((), ("JZ",), ("JW",), ("JW", "JZ"), ("RR", "RR"), ("25",), ("XXX",)),
    "units": (1, 80, 800, -1, 0, 80.5, 12),
    "charge": (0, -5, 100, 4800.5, "1E3", 99999999),
    "ndc": (None, AUTOINJECTOR, "49401010101", "1234", "00000000000"),
    "ndc_unit": (None, "UN", "ML", "ME", "XX"),
    "dates": (None, date(2026, 10, 1), (date(2026, 10, 1), date(2026, 10, 3)), date(2019, 1, 1), date(2027, 1, 1)),
    "pointers": ((1,), (2, 1), (9,), ("1", "1")),
    "procedure": ("J0490", "96365", "96413", "J3490", "99214", "", "96366"),
    "control_number": (None, "LINE-1", "A~B"),
}
_CLAIMS: dict[str, tuple[Any, ...]] = {
    "diagnoses": (("M3219",), ("M320",), ("M321", "Z79899"), (), ("N059",)),
    "filing": ("MB", "16", "MC", "CI", ""),
    "birth_date": (date(1984, 3, 9), date(2024, 3, 9), "19000101", None, date(2030, 1, 1)),
    "dependent": (True, False),
    "frequency": ("1", "7", "8", "9"),
    "total_charge": (None, 1, "x"),
    "rendering_npi": (None, "1234567890"),
    "clearinghouse_id": (None, "CH0001"),
    "member_id": (None, "M", "MEMBER0001"),
    "facility_code": (None, "12", "19", "99"),
}
_MAKES = (infusion_claim, waste_claim, anifrolumab_claim, visit_claim)


def faulty_claims(seed: int, *, hostile: bool = False) -> bytes:
    """A file of a few claims, some with faults in a line or in the claim."""
    chance = random.Random(f"answers {seed}")
    claim_type: ClaimType = chance.choice(("837P", "837I"))
    claims = [_claim(chance, claim_type, number, hostile=hostile) for number in range(1, chance.randint(2, 9))]
    return build(
        claims,
        delimiters=chance.choice(DELIMITERS),
        eol=chance.choice(("", "\n", "\r\n")),
        per_transaction=chance.choice((None, None, 2)),
        control=chance.choice((1, 7, 333333333)),
    ).encode("latin-1")


def _claim(chance: random.Random, claim_type: ClaimType, number: int, *, hostile: bool) -> ClaimSpec:
    claim_id = f"CLAIM-{number}"
    if hostile and chance.random() < 0.5:
        claim_id = chance.choice(HOSTILE)
    claim = chance.choice(_MAKES)(claim_type, claim_id)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 3))):
        if chance.random() < 0.6:
            field = chance.choice([*_LINES])
            claim = with_line(claim, chance.randint(1, len(claim.lines)), **{field: chance.choice(_LINES[field])})
        else:
            field = chance.choice([*_CLAIMS])
            claim = attrs.evolve(claim, **{field: chance.choice(_CLAIMS[field])})
    return claim


def damaged(seed: int) -> bytes:
    """A file with one damaged segment."""
    chance = random.Random(f"answers to damage {seed}")
    kind = [*KINDS][seed % len(KINDS)]
    while True:
        file = file_of(chance.randrange(40))
        found = applied(file, drawn(file, chance, kind))
        if found:
            return found.text.encode("latin-1")


def mutated(seed: int) -> bytes:
    """A file drawn from the maps, with one change."""
    return mutations.mutant(("837P", "837I")[seed % 2], seed).data


def generated(seed: int) -> bytes:
    """The file of a seed: every make has its turn."""
    makes = (faulty_claims, lambda number: faulty_claims(number, hostile=True), damaged, faulty_claims, mutated)
    return makes[seed % len(makes)](seed)
