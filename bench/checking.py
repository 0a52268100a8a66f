"""How much longer reading and checking take than bare splitting, on varied ordinary claims.

    python bench/checking.py

The file has the office and hospital claims of `fixtures/topics/ordinary.py`, many times, under their own ids: visits,
surgery, laboratory, stays; adults and children; all kinds of payers. Nothing is wrong with them. They have 19 segments
a claim. There are two floors: splitting that hands over the elements of every segment and forgets them, and splitting
that keeps the elements of all segments, which takes more than twice as long because of the memory. The second is the
floor of the goal that `check` takes at most 8 times as long. Runs alternate; the least time of each counts, in seconds
of the processor.
"""

from __future__ import annotations

import gc
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import attrs

sys.path.insert(0, str(Path(__file__).parents[1]))

from reading import read, read_fields, split

from fixtures.topics import ordinary
from scrubber.engine import catalogue
from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbing import Scrubbing
from scrubber.testing import build
from scrubber.x12.guides import ClaimType
from scrubber.x12.prescan import prescan

TIMES = 150
RUNS = 9
TYPES: tuple[ClaimType, ...] = ("837P", "837I")


def write(path: Path) -> int:
    """Write the file; returns how many claims it has."""
    kinds = [case.claim for claim_type in TYPES for batch in ordinary.batches(claim_type) for case in batch.cases]
    claims = [attrs.evolve(claim, claim_id=f"{claim.claim_id[:12]}-{n}") for claim in kinds for n in range(TIMES)]
    path.write_text(build(claims), "latin-1")
    return len(claims)


def kept(path: Path) -> None:
    """Bare splitting of the whole file into lists that are all kept."""
    _ = [segment.split("*") for segment in path.read_text("latin-1").split("~")]


def checked(engine: Engine, *, conformance: bool) -> Callable[[Path], None]:
    """All edits, with guide checks or without; there is nothing to find."""

    def contender(path: Path) -> None:
        with path.open("rb") as stream:
            scan = prescan(stream)
            stream.seek(0)
            for item in Scrubbing(stream, engine, scan, conformance=conformance):
                assert not (isinstance(item, ScrubbedClaim) and item.findings)

    return contender


def main() -> None:
    engine = Engine(catalogue.load(), Profile())
    contenders = {
        "bare splitting": split,
        "bare splitting, kept": kept,
        "read_claims": read,
        "every field": read_fields,
        "check": checked(engine, conformance=False),
        "check with guide checks": checked(engine, conformance=True),
    }
    gc.freeze()  # so that no contender pays for walks over the engine's tables
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ordinary.837"
        claims = write(path)
        least = dict.fromkeys(contenders, float("inf"))
        for _ in range(RUNS):
            for name, contender in contenders.items():
                begun = process_time()
                contender(path)
                least[name] = min(least[name], process_time() - begun)
    bare, all_kept = least["bare splitting"], least["bare splitting, kept"]
    print(f"{f'{claims:,} claims':24}{'us a claim':>18}{'x bare':>10}{'x kept':>10}")
    for name, taken in least.items():
        print(f"{name:24}{taken / claims * 1e6:18.1f}{taken / bare:10.1f}{taken / all_kept:10.1f}")


if __name__ == "__main__":
    main()
