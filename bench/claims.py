"""Invented claims for benchmarks, varied as those of a practice or a hospital are, and files of them with known faults.

    python bench/claims.py light 1000 light.837

The claims differ in type, shape, number of lines, payer, patient (subscriber or dependent), dates and ids; the same
numbers give the same file. There are six kinds of files:

    ordinary      visits, surgery, laboratory and stays of `fixtures/topics/ordinary.py`, without any fault
    clean         one claim in eight has one fault that an edit finds
    light         each claim has one
    heavy         each claim has five
    guide-faulty  each claim breaks the implementation guide in one element
    order-faulty  each claim breaks it in the order of its segments
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from fixtures.topics import ordinary
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    build,
    infusion_claim,
    npi,
    visit_claim,
    waste_claim,
)

KINDS = ("ordinary", "clean", "light", "heavy", "guide-faulty", "order-faulty")

_PER_INTERCHANGE = 500
"""The number of claims in each interchange. Each fourth interchange is of 837I."""
_CLEAN_EVERY = 8
_HEAVY = 5

Change: TypeAlias = Callable[[ClaimSpec, random.Random], ClaimSpec]

_SERVICES = (
    *(("99213", 120), ("99214", 170), ("93000", 60), ("80061", 30), ("83036", 22), ("85025", 18), ("80053", 24)),
    *(("82607", 31), ("84443", 35), ("81001", 9), ("71046", 90), ("93306", 640), ("87086", 14), ("36415", 10)),
)
_DIAGNOSES = ("I10", "E119", "E785", "J069", "M5450", "R079", "J189", "N390", "K219", "F411", "G4733", "Z0000")
_WARDS = (("0301", "83036", 22), ("0305", "85025", 18), ("0320", "71046", 210), ("0450", "99283", 600))
_REVENUE = (("0250", 340), ("0270", 85), ("0636", 0), ("0710", 900))
_PAYERS: dict[ClaimType, tuple[str, ...]] = {
    "837P": ("MB", "CI", "BL", "MC", "16", "CI", "BL", "HM"),
    "837I": ("MA", "CI", "BL", "MC", "16"),
}
_WRONG_NPI = "2000000011"
_FIRST_DAY = date(2026, 9, 1)


def write(path: Path, kind: str, claims: int, *, interchanges_before: int = 0) -> None:
    """Write a file of a kind with so many claims: those after `interchanges_before` interchanges of other claims."""
    begin = interchanges_before * _PER_INTERCHANGE
    with path.open("w", newline="", encoding="ascii") as out:
        for first in range(begin, begin + claims, _PER_INTERCHANGE):
            numbers = range(first + 1, min(first + _PER_INTERCHANGE, begin + claims) + 1)
            claim_type: ClaimType = "837I" if first // _PER_INTERCHANGE % 4 == 3 else "837P"
            control = first // _PER_INTERCHANGE + 1
            specs = [_faulty(kind, _claim(kind, claim_type, number), number) for number in numbers]
            text = build(specs, eol="", control=control)
            out.write("".join(_broken(kind, text)) if kind in _BREAKS else text)


def _claim(kind: str, claim_type: ClaimType, number: int) -> ClaimSpec:
    if kind != "ordinary":
        return claim(claim_type, number)
    known = [case.claim for batch in ordinary.batches(claim_type) for case in batch.cases]
    spec = known[number % len(known)]
    return attrs.evolve(spec, claim_id=f"{spec.claim_id[:12]}-{number}")


def claim(claim_type: ClaimType, number: int) -> ClaimSpec:
    """An invented claim without a fault; the same number gives the same claim."""
    chance = random.Random(f"{claim_type} {number}")
    spec = _office(chance, number) if claim_type == "837P" else _hospital(chance, number)
    lines = (
        attrs.evolve(line, control_number=f"{number}L{place}") if chance.random() < 0.7 else line
        for place, line in enumerate(spec.lines, 1)
    )
    return attrs.evolve(
        spec,
        lines=tuple(lines),
        clearinghouse_id=f"CH{number:010}" if number % 3 else None,
        birth_date=date(1944 + chance.randrange(50), chance.randint(1, 12), chance.randint(1, 28)),
        dependent=spec.filing not in ("MA", "MB", "16", "MC") and chance.random() < 0.35,
        sex=chance.choice("FM"),
        member_id=None if spec.filing in ("MA", "MB") else f"MEM{number:08}",
        extra=(*spec.extra, f"REF*EA*MR{number:07}") if chance.random() < 0.6 else spec.extra,
    )


def _office(chance: random.Random, number: int) -> ClaimSpec:
    filing = chance.choice(_PAYERS["837P"])
    day = _FIRST_DAY + timedelta(chance.randrange(30))
    claim_id = f"P{number:08}"
    shape = chance.random()
    if shape < 0.25:
        make = chance.choice((infusion_claim, waste_claim, anifrolumab_claim))
        spec = make("837P", claim_id, filing=filing)
        return attrs.evolve(spec, lines=tuple(attrs.evolve(line, dates=day) for line in spec.lines))
    diagnoses = tuple(chance.sample(_DIAGNOSES, chance.randint(1, 4)))
    services = chance.sample(_SERVICES[2:], min(9, 1 + int(chance.expovariate(0.5))))
    visits = [chance.choice(_SERVICES[:2])] if shape < 0.85 else []
    lines = tuple(
        LineSpec(code, charge=charge, dates=day, pointers=(chance.randint(1, len(diagnoses)),))
        for code, charge in (*visits, *services)
    )
    return visit_claim("837P", claim_id, filing=filing, lines=lines, diagnoses=diagnoses)


def _hospital(chance: random.Random, number: int) -> ClaimSpec:
    filing = chance.choice(_PAYERS["837I"])
    day = _FIRST_DAY + timedelta(chance.randrange(30))
    claim_id = f"I{number:08}"
    if chance.random() < 0.2:
        spec = infusion_claim("837I", claim_id, filing=filing)
        return attrs.evolve(spec, lines=tuple(attrs.evolve(line, dates=day) for line in spec.lines))
    diagnoses = tuple(chance.sample(_DIAGNOSES, chance.randint(1, 6)))
    if chance.random() < 0.3:
        days = chance.randint(2, 9)
        room = LineSpec(
            "", revenue_code="0120", units=days, unit_basis="DA", charge=1500 * days, dates=None, pointers=()
        )
        more = [
            LineSpec("", revenue_code=code, units=chance.randint(1, 20), charge=charge, dates=None, pointers=())
            for code, charge in chance.sample((_REVENUE[0], _REVENUE[1], _REVENUE[3]), 2)
        ]
        stay = (day, day + timedelta(days))
        return visit_claim(
            "837I",
            claim_id,
            filing=filing,
            lines=(room, *more),
            diagnoses=diagnoses,
            facility_code="11",
            statement_dates=stay,
        )
    lines = tuple(
        LineSpec(code, revenue_code=revenue, charge=charge, dates=day)
        for revenue, code, charge in chance.sample(_WARDS, chance.randint(1, 4))
    )
    return visit_claim("837I", claim_id, filing=filing, lines=lines, diagnoses=diagnoses)


def _faulty(kind: str, spec: ClaimSpec, number: int) -> ClaimSpec:
    """The claim with the faults of a kind, chosen by its number."""
    count = {"clean": number % _CLEAN_EVERY == 0, "light": 1, "heavy": _HEAVY}.get(kind, 0)
    chance = random.Random(f"faults {number}")
    for change in chance.sample(_FAULTS, int(count)):
        spec = change(spec, chance)
    return spec


def _some_line(spec: ClaimSpec, chance: random.Random, **changes: object) -> ClaimSpec:
    at = chance.randrange(len(spec.lines))
    line = attrs.evolve(spec.lines[at], **changes)  # type: ignore[arg-type]
    return attrs.evolve(spec, lines=(*spec.lines[:at], line, *spec.lines[at + 1 :]))


def _wrong_total(spec: ClaimSpec, chance: random.Random) -> ClaimSpec:
    return attrs.evolve(spec, total_charge=chance.randint(10_000, 99_999))


def _wrong_npi(spec: ClaimSpec, chance: random.Random) -> ClaimSpec:
    return _some_line(spec, chance, rendering_npi=_WRONG_NPI)


def _unknown_modifier(spec: ClaimSpec, chance: random.Random) -> ClaimSpec:
    return _some_line(spec, chance, procedure="99213", charge=120, modifiers=("25", "25"))


def _no_units(spec: ClaimSpec, chance: random.Random) -> ClaimSpec:
    return _some_line(spec, chance, units=0, charge=chance.randint(5, 500))


def _repeated_diagnosis(spec: ClaimSpec, _: random.Random) -> ClaimSpec:
    return attrs.evolve(spec, diagnoses=(*spec.diagnoses, spec.diagnoses[-1]))


def _late_service(spec: ClaimSpec, chance: random.Random) -> ClaimSpec:
    return _some_line(spec, chance, dates=date(2026, 11, chance.randint(1, 28)))


_FAULTS: tuple[Change, ...] = (
    _wrong_total,
    _wrong_npi,
    _unknown_modifier,
    _no_units,
    _repeated_diagnosis,
    _late_service,
)
"""Faults that edits find. Each brings about one finding."""


def _broken(kind: str, text: str) -> Iterator[str]:
    """The file with a fault against the guide in each claim."""
    head, *claims = text.split("~CLM*")
    yield head
    added = 0
    for number, body in enumerate(claims):
        segments = f"CLM*{body}".split("~")
        end = next(at for at, tag in enumerate([*segments, "SE"]) if tag.startswith(("HL*", "SE")))
        breaks = _BREAKS[kind]
        before = len(segments)
        segments[:end] = breaks[number % len(breaks)](segments[:end], number)
        added += len(segments) - before
        yield "~" + "~".join(segments)
    assert added == 0, "SE01 would be wrong"


def _with(segments: list[str], begins: str, element: int, value: str) -> list[str]:
    """The segments, with a new value in an element of the first one that begins with `begins`."""
    at = next(at for at, segment in enumerate(segments) if segment.startswith(begins))
    elements = segments[at].split("*")
    elements += [""] * (element + 1 - len(elements))
    elements[element] = value
    return [*segments[:at], "*".join(elements), *segments[at + 1 :]]


def _moved(segments: list[str], begins: str, after: str) -> list[str]:
    """The segments, with the first one that begins with `begins` moved after the first one that begins with `after`."""
    at = next(at for at, segment in enumerate(segments) if segment.startswith(begins))
    rest = [*segments[:at], *segments[at + 1 :]]
    to = next(at for at, segment in enumerate(rest) if segment.startswith(after)) + 1
    return [*rest[:to], segments[at], *rest[to:]]


def _line_tag(segments: list[str]) -> str:
    return "SV1" if any(segment.startswith("SV1") for segment in segments) else "SV2"


_BREAKS: dict[str, tuple[Callable[[list[str], int], list[str]], ...]] = {
    "guide-faulty": (
        lambda segments, _: _with(segments, "CLM", 8, "Q"),
        lambda segments, number: _with(segments, "CLM", 1, f"{segments[0].split('*')[1]}-{number:040}"),
        lambda segments, _: _with(segments, "HI", 1, "ABX:I10"),
        lambda segments, number: _with(segments, "NM1", 3, f"NAME {number:07} "),
        lambda segments, _: _with(segments, "PRV", 2, "ZZZ"),
        lambda segments, number: _with(segments, "LX", 2, f"{number}"),
        lambda segments, _: _with(segments, _line_tag(segments), 3 if _line_tag(segments) == "SV1" else 4, "XX"),
        lambda segments, number: _with(segments, "NM1", 5, "M" * 26 + f"{number}"),
    ),
    "order-faulty": (
        lambda segments, _: _moved(segments, "REF*G1", "HI"),
        lambda segments, _: _moved(segments, "PRV", "HI"),
        lambda segments, _: _moved(segments, "HI", "CLM"),
        lambda segments, _: _moved(
            segments, *(("SV", "DTP*472") if "~DTP*472" in "~".join(segments) else ("PRV", "HI"))
        ),
    ),
}
"""Faults of each kind against the guide: one in an element, or one segment out of place."""


def main() -> None:
    kind, claims, path = sys.argv[1:]
    write(Path(path), kind, int(claims))


if __name__ == "__main__":
    assert npi(_WRONG_NPI[:9]) != _WRONG_NPI
    main()
