"""Files with one damaged segment: no claim goes out under another person, and none is lost.

    python bench/damage.py [--cases 50000] [--seed 1] [--jobs 1] [--failures FILE] [--shown 20]

Each case is a generated file with one damaged segment. It is scrubbed with all edits and guide checks and with none,
and judged as `tests/damage/judge.py` says. It prints how many cases of each kind of damage were tried and how many
failed, and for each kind of damage to a segment of one tag what failed, with the smallest file that shows it, the
most frequent first; `--failures` writes all of these. The exit status is 1 where anything failed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import attrs

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.damage.files import File, file_of
from tests.damage.judge import faults, faults_of_undamaged
from tests.damage.kinds import Damage, Damaged, applied, drawn
from tests.damage.minimal import minimised

FILES = 120
"""Each seed has so many files."""
CHUNK = 500


@attrs.frozen
class Failure:
    """A case that failed: `tag` is that of the damaged segment."""

    file: int
    damage: Damage
    tag: str
    strict: bool
    fault: str

    @property
    def kind(self) -> tuple[str, str]:
        """What failures that are alike have in common."""
        return self.damage.kind, self.tag


@lru_cache(maxsize=FILES)
def _file(number: int) -> File:
    file = file_of(number)
    for strict in (False, True):
        found = faults_of_undamaged(file, strict=strict)
        if found:
            raise SystemExit(f"{file.name} fails undamaged: {found}")
    return file


def tried(seed: int, first: int, cases: int) -> tuple[Counter[str], list[Failure]]:
    """The number of cases of each kind of damage, and the failures."""
    kinds: Counter[str] = Counter()
    failures = []
    for case in range(first, first + cases):
        chance = random.Random(f"case {seed} {case}")
        number = seed * 1000 + chance.randrange(FILES)
        damaged = None
        while damaged is None:
            damage = drawn(_file(number), chance)
            damaged = applied(_file(number), damage)
        kinds[damage.kind] += 1
        for strict in (False, True):
            for fault in dict.fromkeys(faults(damaged, strict=strict)):
                failures.append(Failure(number, damage, _tag(damaged), strict, fault))
    return kinds, failures


def _tag(damaged: Damaged) -> str:
    elements = damaged.target.text.split(damaged.file.delimiters.element)
    return "*".join(elements[:2]) if elements[0] == "NM1" else elements[0]


def run(seed: int, cases: int, jobs: int) -> tuple[Counter[str], list[Failure]]:
    """All cases, in the order of their numbers whatever the number of jobs."""
    chunks = [(seed, first, min(CHUNK, cases - first)) for first in range(0, cases, CHUNK)]
    kinds: Counter[str] = Counter()
    failures: list[Failure] = []
    with ProcessPoolExecutor(jobs) as pool:
        results = pool.map(tried, *zip(*chunks, strict=True)) if jobs > 1 else (tried(*chunk) for chunk in chunks)
        for done, (some, failed) in enumerate(results, 1):
            kinds += some
            failures += failed
            if sys.stderr.isatty():
                print(f"\r{min(done * CHUNK, cases):,} of {cases:,}", end="", file=sys.stderr)
    return kinds, failures


def described(alike: list[Failure]) -> str:
    """What failed, how often, and the smallest file that shows what failed most often."""
    faults_found = Counter(one.fault for one in alike)
    fault = faults_found.most_common(1)[0][0]
    one = next(one for one in alike if one.fault == fault)
    small = minimised(_file(one.file), one.damage, fault, strict=one.strict)
    head = "".join(f"{times} x {fault}\n" for fault, times in faults_found.most_common())
    with_what = "all edits and guide checks" if one.strict else "no edits and no guide checks"
    where = f"{one.damage.kind}: {one.tag}, {with_what}, {small.file.name}\nsegment: {small.target.text}\n"
    return head + where + "".join(_lines(small))


def _lines(damaged: Damaged) -> Iterator[str]:
    end = damaged.file.delimiters.terminator
    yield from (part.strip("\r\n") + ("~" if end.isspace() else end) + "\n" for part in damaged.text.split(end) if part)


def main() -> int:
    """Run the cases and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--failures", type=Path)
    parser.add_argument("--shown", type=int, default=20)
    chosen = parser.parse_args()
    begun = time.monotonic()
    kinds, failures = run(chosen.seed, chosen.cases, chosen.jobs)
    failed = Counter(kind for kind, _ in {(one.damage.kind, (one.file, one.damage)) for one in failures})
    print(f"{'damage':22}{'cases':>9}{'failed':>9}")
    for kind in sorted(kinds):
        print(f"{kind:22}{kinds[kind]:9,}{failed[kind]:9,}")
    print(f"{'all':22}{kinds.total():9,}{failed.total():9,}   in {time.monotonic() - begun:.0f} s")
    print(f"\n{'what failed':75}{'times':>7}")
    for fault, times in Counter(one.fault for one in failures).most_common():
        print(f"{fault:75}{times:7,}")
    groups: dict[tuple[str, str], list[Failure]] = {}
    for one in failures:
        groups.setdefault(one.kind, []).append(one)
    ordered = sorted(groups.values(), key=len, reverse=True)
    blocks = [described(alike) for alike in ordered[: None if chosen.failures else chosen.shown]]
    if chosen.failures:
        chosen.failures.write_text("\n".join(blocks), "latin-1")
    for block in blocks[: chosen.shown]:
        print(f"\n{block}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
