"""What `check` costs with all public tables loaded, beside `check` without any: at most 1.4 times the processor's time.

    python bench/tables.py                 4,000 claims of each kind
    python bench/tables.py --claims 1000   so many
    python bench/tables.py --edits         microseconds of each edit that asks a table

The files are those of `bench/claims.py`, all kinds of dates, payers and bill types. The store has every table that an
edit asks, with the codes of the claims and as many invented ones as a real quarter has (the pairs of NCCI: a tenth).
Runs alternate; the least time of each counts.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from time import process_time

from claims import write

from scrubber.claims.model import Claim
from scrubber.claims.reader import items
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import Facts, external, shipped
from scrubber.reference.editions import Edition
from scrubber.reference.location import with_store
from scrubber.reference.storing import Contents, StoredRow, joined, store
from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.x12.events import Events

KINDS = ("clean", "light", "heavy")
RUNS = 7
LETTERS = "ABCEGHJKLMPQRSTUV"
EDITION = Edition("bench", date(2026, 1, 1), date(2026, 12, 31), sha256="0" * 64, source="bench")


def invented(count: int) -> Iterator[str]:
    """Codes in the shape of HCPCS codes, that no claim has."""
    codes = (f"{letter}{number:04}" for number in range(9_999, 0, -1) for letter in LETTERS)
    return itertools.islice(codes, count)


def rows(keys: Iterable[str], *values: str) -> Iterator[StoredRow]:
    """A row for each key, in force from 2000 on."""
    first, content = date(2000, 1, 1).toordinal(), joined(*values)
    return ((key, first, None, content) for key in dict.fromkeys(keys))


def contents(claims: Iterable[Claim]) -> Iterator[Contents]:
    """All tables, with the codes of the claims, so that the findings are the same as without tables."""
    procedures, modifiers, diagnoses, ndcs, places = set(), set(), set(), set(), set()
    for claim in claims:
        diagnoses |= {diagnosis.code for diagnosis in claim.diagnoses}
        places |= {claim.facility_code, *(line.place_of_service for line in claim.lines)} - {""}
        for line in claim.lines:
            procedures.add(line.procedure)
            modifiers |= set(line.modifiers)
            ndcs.add(line.ndc)
    codes = [*sorted(procedures - {""}), *invented(12_000)]
    drugs = [code for code in codes if code[0] in "JQ"]
    pairs = (f"{first} {second}" for first in codes[:700] for second in codes[-700:])
    packages = [*sorted(ndcs - {""}), *(f"8{number:010}" for number in range(216_000))]
    crosswalk = {"code": "", "units": "12", "units_per_package": "12", "quantity": "1", "size": "5", "dosage": "10 MG"}
    made: Mapping[str, tuple[tuple[str, ...], Iterable[StoredRow]]] = {
        external.PLACES_OF_SERVICE: ((), rows(places)),
        external.MODIFIERS: ((), rows([*sorted(modifiers), "25", "59"])),
        external.HCPCS: ((), rows(codes)),
        external.ICD10CM: (("billable",), rows([*sorted(diagnoses), *(f"Z{n:05}" for n in range(98_000))], "1")),
        external.NDC_DIRECTORY: (
            ("route", "form", "substance", "single_dose"),
            rows(packages, "INTRAVENOUS", "INJECTION, SOLUTION", "SAMPLE", "1"),
        ),
        external.ASP_CROSSWALK: (tuple(crosswalk), rows(packages[-8_000:], "J9999", *list(crosswalk.values())[1:])),
        external.ASP_CODES: (("ndc", *list(crosswalk)[1:]), rows(drugs, packages[-1], *list(crosswalk.values())[1:])),
        external.PAYMENT_LIMITS: (("limit", "coinsurance"), rows(drugs, "56.068", "20.000")),
        external.SINGLE_DOSE: ((), rows(drugs[-300:])),
        external.ROUTE_MODIFIERS: ((), rows(drugs[-30:])),
        external.DEACTIVATED_NPIS: ((), rows(f"1{number:09}" for number in range(100_000))),
        external.ADD_ON: (("type", "primary"), rows(codes[-1_500:], "1", "99999")),
        external.ADDENDUM_B: (("status",), rows(codes, "K")),
        **{name: (("units", "adjudication"), rows(codes, "999999", "2")) for name in external.MUE.values()},
    }
    for name, (columns, some) in made.items():
        yield Contents(name, EDITION, columns, some)
    both = list(rows(pairs, "9"))
    for name in external.NCCI.values():
        yield Contents(name, EDITION, ("modifier",), both)


def loaded(folder: Path, path: Path) -> Facts:
    """The shipped facts with a store of all tables."""
    with path.open("rb") as stream:
        claims = [item for item in items(Events(stream)) if isinstance(item, Claim)]
    store(folder / "store.sqlite", contents(claims))
    return with_store(shipped(), folder / "store.sqlite")


def seconds(engine: Engine, path: Path) -> float:
    """The processor's time of a check without guide checks and reports."""
    begun = process_time()
    run.check(Input(str(path)), engine, [])
    return process_time() - begun


def engines(facts: Facts, *codes: str) -> tuple[Engine, Engine]:
    """All edits, or some, without tables and with them."""
    catalogue = RunOptions().engine().catalogue
    profile = Profile(select=frozenset(codes)) if codes else Profile()
    return Engine(catalogue, profile, shipped()), Engine(catalogue, profile, facts)


def least(pair: tuple[Engine, Engine], path: Path, runs: int = RUNS) -> tuple[float, float]:
    """The least time of each engine, in turns."""
    times = [[seconds(engine, path) for engine in pair] for _ in range(runs)]
    without, with_tables = (min(column) for column in zip(*times, strict=True))
    return without, with_tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=4_000)
    parser.add_argument("--edits", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in KINDS:
            path = folder / f"{kind}.837"
            write(path, kind, chosen.claims)
            facts = loaded(folder, path)
            without, with_tables = least(engines(facts), path)
            each = 1e6 / chosen.claims
            print(
                f"{kind:8}{without * each:10.1f} us a claim{with_tables * each:10.1f}{with_tables / without:8.2f} times"
            )
            if chosen.edits:
                base = least(engines(facts, "SCRUB01"), path, 3)
                for edit in RunOptions().engine().catalogue.edits.values():
                    if edit.tables:
                        took = least(engines(facts, edit.code), path, 3)
                        cost = [(one - zero) * each for one, zero in zip(took, base, strict=True)]
                        print(f"    {edit.code:8}{cost[0]:10.2f}{cost[1]:10.2f}")


if __name__ == "__main__":
    main()
