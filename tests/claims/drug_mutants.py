"""Claims of drugs that differ from each other in all that edits of drugs look at."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

import attrs

from scrubber import read_claims
from scrubber.claims.model import Claim
from scrubber.testing import (
    AUTOINJECTOR,
    BILLING,
    SAPHNELO,
    SYRINGE,
    ClaimSpec,
    InterchangeSpec,
    LineSpec,
    adding,
    anifrolumab_claim,
    build,
    drug_line,
    infusion_claim,
    interchange,
    waste_claim,
    with_all_lines,
    with_line,
    without_line,
    write,
)
from tests.scrubbing import TYPES

Change = Callable[[ClaimSpec], ClaimSpec]

_SEVERAL = 300
"""How many claims with several changes there are of each type."""
_OF_PHARMACY_EVERY = 8
"""One claim in so many is also there as billed by a pharmacy."""

_OF_CLAIMS: dict[str, tuple[object, ...]] = {
    "birth_date": (None, date(2023, 5, 1), date(2012, 5, 1), date(2008, 10, 1), date(2026, 12, 1), date(1950, 1, 1)),
    "weight": (0, 60, 80, 176, 300),
    "facility_code": ("11", "12", "13", "19", "21", "22", "71", "72", "83"),
    "frequency": ("5",),
    "diagnoses": (
        *(("M320",), ("M3210",), ("M3214",), ("M3214", "N184"), ("L930",), ("L930", "M3219"), ("M320", "M3219")),
        *(("N059",), ("Z5112", "M3219"), ("I10", "M3219"), ("K5000",), ("I10",), ("C8290",), ("M3219", "L930")),
    ),
    "filing": ("MB", "MC", "16"),
    "note": ("DRUG SUPPLIED BY SPECIALTY PHARMACY",),
}
_OF_LINES: dict[str, tuple[object, ...]] = {
    "procedure": (
        *("J0490", "J0491", "J1745", "J9312", "J9301", "J3490", "J1200", "J9999", "C9399", "67028", "12001"),
        *("96365", "96366", "96367", "96372", "96374", "96413", "96415", "99211", "99213", "G0463", "S9338", "99281"),
    ),
    "modifiers": ((), ("JZ",), ("JW",), ("JW", "JZ"), ("JG",), ("JG", "TB"), ("25",), ("59",), ("53",), ("KX", "JZ")),
    "units": (0, 1, 2, 9, 69, "80.5", 81, 240, 300, 800, 3000),
    "dates": (None, date(2010, 5, 1), date(2018, 5, 1), date(2022, 12, 1), date(2026, 9, 2), date(2026, 9, 3)),
    "pointers": ((2,), (1, 2), (9,)),
    "ndc": (None, SAPHNELO, SYRINGE, AUTOINJECTOR, "57894003001", "12345678901", "4940101", "49401-0102-01", "0" * 11),
    "ndc_quantity": (None, 0, 1, 2, 3, 99, "1.23456", 10**8),
    "ndc_unit": (None, "ML", "ME", "GR", "XX"),
    "revenue_code": ("0250", "0260", "0301", "0335", "0510", "0636", "0762"),
    "place_of_service": ("11", "12", "19", "21", "22"),
    "extra": (("LIN**N4*49401010101",), ("LIN**EN*49401010101",), ("LIN**ZZ*",)),
    "loops": (("LIN**N4*49401010101",),),
    "rendering_npi": ("1999999984",),
    "charge": (0, 1, 77),
}
_ADDED = (
    *(LineSpec("99213"), LineSpec("99211"), LineSpec("96365"), LineSpec("96366"), LineSpec("96372"), LineSpec("96413")),
    *(LineSpec("96374"), LineSpec("J1200"), LineSpec("67028"), LineSpec("S9338"), LineSpec("85025"), LineSpec("Q5103")),
    *(drug_line(), drug_line("J0491", 300), drug_line("J9312", 50, ndc=None, ndc_quantity=None, ndc_unit=None)),
    *(drug_line(dates=date(2026, 9, 2)), LineSpec("96365", dates=date(2026, 9, 2)), LineSpec("G0378")),
)


def _on_claim(field: str, value: object) -> Change:
    return lambda spec: attrs.evolve(spec, **{field: value})  # type: ignore[arg-type]


def _on_line(number: int, field: str, value: object) -> Change:
    return lambda spec: with_line(spec, min(number, len(spec.lines)), **{field: value})


def _on_lines(field: str, value: object) -> Change:
    return lambda spec: with_all_lines(spec, **{field: value})


def _with(line: LineSpec) -> Change:
    return lambda spec: adding(spec, line)


def _without(number: int) -> Change:
    return lambda spec: without_line(spec, number) if len(spec.lines) > 1 else spec


def _changes() -> Iterator[Change]:
    for field, values in _OF_CLAIMS.items():
        yield from (_on_claim(field, value) for value in values)
    for field, values in _OF_LINES.items():
        yield from (_on_line(number, field, value) for value in values for number in (1, 2, 3))
    yield from (_on_lines("dates", value) for value in _OF_LINES["dates"])
    yield from map(_with, _ADDED)
    yield from map(_without, (1, 2))


@cache
def drug_mutants() -> tuple[Claim, ...]:
    """Claims with each change alone, and with several of them, the same in every run."""
    changes, chance, specs = [*_changes()], random.Random("drugs"), []
    for claim_type in TYPES:
        bases = [make(claim_type) for make in (infusion_claim, waste_claim, anifrolumab_claim)]
        specs += [*bases, *(change(base) for base in bases for change in changes)]
        for _ in range(_SEVERAL):
            spec = chance.choice(bases)
            for change in chance.sample(changes, chance.choice((2, 2, 3, 4))):
                spec = change(spec)
            specs.append(spec)
    of_pharmacy = _of_pharmacy(interchange(specs[::_OF_PHARMACY_EVERY]))
    files = (build(specs, eol=""), write([of_pharmacy], eol=""))
    return tuple(claim for file in files for claim in read_claims(io.BytesIO(file.encode())))


def _of_pharmacy(described: InterchangeSpec) -> InterchangeSpec:
    """The same claims, all billed by a pharmacy."""
    groups = []
    for group in described.groups:
        claim_type = group.transactions[0].claims[0].type
        pharmacy = attrs.evolve(BILLING[claim_type], taxonomy="333600000X")
        transactions = tuple(attrs.evolve(one, billing=pharmacy) for one in group.transactions)
        groups.append(attrs.evolve(group, transactions=transactions))
    return attrs.evolve(described, groups=tuple(groups))
