"""What each edit costs, in microseconds a claim.

    python bench/each_edit.py

The bench checks two files: ordinary claims without infused drugs, and varied claims, a quarter with one (see
`bench/claims.py`). Each edit is timed where it stands among the others, as the processor is slower at what it has not
done just before. The median of several runs counts; the clock's own time is in it.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
from claims import write

from scrubber.claims.model import Claim
from scrubber.edit import Check, Edit, Results
from scrubber.engine import catalogue
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import Facts
from scrubber.running import run
from scrubber.running.inputs import Input

CLAIMS = 1_000
RUNS = 7
KINDS = ("ordinary", "clean")


def timed(edit: Edit, spent: dict[str, float]) -> Edit:
    """The edit with a check that adds up what it takes, the clock's own time included."""

    def watched(check: Check) -> Check:
        def check_and_clock(claim: Claim, facts: Facts) -> Results:
            begun = perf_counter()
            results = [*check(claim, facts)]
            spent[edit.code] = spent.get(edit.code, 0.0) + perf_counter() - begun
            return results

        return check_and_clock

    changes: dict[str, Any] = {"check": watched(edit.check)}
    if edit.begin:
        begin = edit.begin
        changes["begin"] = lambda *earlier: watched(begin(*earlier))
    return attrs.evolve(edit, **changes)


def main() -> None:
    medians: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            path = Path(folder) / f"{kind}.837"
            write(path, kind, CLAIMS)
            taken: dict[str, list[float]] = {}
            for _ in range(RUNS):
                spent: dict[str, float] = {}
                edits = {code: timed(edit, spent) for code, edit in catalogue.load().edits.items()}
                run.check(Input(str(path)), Engine(Catalogue(edits), Profile()), [])
                for code, time in spent.items():
                    taken.setdefault(code, []).append(time / CLAIMS * 1e6)
            medians[kind] = {code: statistics.median(times) for code, times in taken.items()}
    print(f"{'us a claim':10}" + "".join(f"{kind:>10}" for kind in KINDS))
    for code in sorted(set().union(*medians.values()), key=lambda code: -medians["clean"].get(code, 0.0)):
        print(f"{code:10}" + "".join(f"{medians[kind].get(code, 0.0):10.2f}" for kind in KINDS))
    print(f"{'all':10}" + "".join(f"{sum(medians[kind].values()):10.2f}" for kind in KINDS))


if __name__ == "__main__":
    main()
