"""How fast claims are scrubbed: read only, with all edits, with all that `scrubber scrub` writes, with guide checks.

    python bench/scrubbing.py            claims/s and microseconds a claim
    python bench/scrubbing.py --edits    microseconds of each edit

Two generated files are scrubbed, of invented claims of 28 segments that nothing is wrong with: ordinary ones of three
lines, and ones with an infused drug, which most edits are about. Runs alternate, and the median of each counts.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
from reading import CLAIM, HEADER, OPENING, read, seconds

from scrubber.claims.model import Claim
from scrubber.edit import Check, Edit, Results
from scrubber.engine import catalogue
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbing import Scrubbing
from scrubber.reference import Facts
from scrubber.running import run
from scrubber.running.inputs import Input

CLAIMS = 5_000
RUNS = 7
TIMED_CLAIMS = 1_000

INFUSED = CLAIM.replace("SYN{number:08}", "{member}").replace("**1:2~", "**1~")
"""The claim of `reading` with a Medicare number, and both lines pointing to one diagnosis."""
ORDINARY = (
    INFUSED[: INFUSED.index("LX*1")].replace("M3219", "I10")
    + "LX*1~SV1*HC:99214:25*4800*UN*1*11**1:2~DTP*472*D8*202610{day:02}~"
    + "LX*2~SV1*HC:93000*120*UN*1*11**1~DTP*472*D8*202610{day:02}~REF*6R*{number}L2~"
    + "LX*3~SV1*HC:80061*60*UN*1*11**1~DTP*472*D8*202610{day:02}~"
)
KINDS = {"ordinary": ORDINARY, "infused": INFUSED}


def write(path: Path, claims: int, claim: str) -> None:
    """A file of claims in one transaction, each of a patient of its own."""
    with path.open("w", newline="") as out:
        out.write(HEADER + OPENING.format(control="000000001"))
        for number in range(1, claims + 1):
            day, year = 1 + number % 14, 30 + number % 60
            out.write(claim.format(level=number + 1, number=number, year=year, day=day, member=medicare_number(number)))
        segments = OPENING.count("~") + claims * claim.count("~") + 1
        out.write(f"SE*{segments}*000000001~GE*1*1~IEA*1*000000001~")


def medicare_number(number: int) -> str:
    """An invented member number in the shape of Medicare's."""
    digits = str(1_000_000 + number)
    return f"{digits[0]}X{digits[1:3]}X{digits[3:5]}XX{digits[5:]}"


def edits_only(engine: Engine) -> Callable[[Path], None]:
    """All edits, what they say thrown away; there is nothing to say."""

    def contender(path: Path) -> None:
        with path.open("rb") as stream:
            for event in Scrubbing(stream, engine):
                assert not (isinstance(event, ScrubbedClaim) and (event.findings or event.not_checked))

    return contender


def all_outputs(engine: Engine, folder: Path, *, conformance: bool) -> Callable[[Path], None]:
    """What `scrubber scrub` does with a file."""

    def contender(path: Path) -> None:
        run.scrub(Input(str(path)), engine, folder, conformance=conformance)

    return contender


def compare_speed(folder: Path) -> None:
    engine = Engine(catalogue.load(), Profile())
    contenders = {
        "read_claims": read,
        "all edits": edits_only(engine),
        "edits and outputs": all_outputs(engine, folder, conformance=False),
        "guide, edits and outputs": all_outputs(engine, folder, conformance=True),
    }
    paths = {kind: folder / f"{kind}.837" for kind in KINDS}
    for kind, claim in KINDS.items():
        write(paths[kind], CLAIMS, claim)
    taken: dict[tuple[str, str], list[float]] = {(kind, name): [] for kind in paths for name in contenders}
    for _ in range(RUNS):
        for kind, name in taken:
            taken[kind, name].append(seconds(contenders[name], paths[kind]) / CLAIMS)
    print(f"{'':36}{'claims/s':>10}{'us a claim':>12}")
    for (kind, name), times in taken.items():
        each = statistics.median(times)
        print(f"{f'{kind}: {name}':36}{1 / each:10,.0f}{each * 1e6:12.1f}")


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
        changes["begin"] = lambda: watched(begin())
    return attrs.evolve(edit, **changes)


def time_edits(folder: Path) -> None:
    """Each edit where it stands among the others, as the processor is slower at what it has not done just before."""
    medians: dict[str, dict[str, float]] = {}
    for kind, claim in KINDS.items():
        path = folder / f"{kind}.837"
        write(path, TIMED_CLAIMS, claim)
        taken: dict[str, list[float]] = {}
        for _ in range(RUNS):
            spent: dict[str, float] = {}
            edits = {code: timed(edit, spent) for code, edit in catalogue.load().edits.items()}
            edits_only(Engine(Catalogue(edits), Profile()))(path)
            for code, time in spent.items():
                taken.setdefault(code, []).append(time / TIMED_CLAIMS * 1e6)
        medians[kind] = {code: statistics.median(times) for code, times in taken.items()}
    print(f"{'us a claim':10}" + "".join(f"{kind:>10}" for kind in KINDS))
    for code in sorted(set().union(*medians.values()), key=lambda code: -medians["infused"].get(code, 0.0)):
        print(f"{code:10}" + "".join(f"{medians[kind].get(code, 0.0):10.2f}" for kind in KINDS))
    print(f"{'all':10}" + "".join(f"{sum(medians[kind].values()):10.2f}" for kind in KINDS))


def main() -> None:
    assert all(claim.count("~") == 28 for claim in KINDS.values())
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1:] == ["--edits"]:
            time_edits(Path(folder))
        else:
            compare_speed(Path(folder))


if __name__ == "__main__":
    main()
