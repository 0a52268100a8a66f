"""Files that are made to take time, memory or disk: how much more a file of twice the size takes, and how much is
written.

    python bench/hostile.py [--size 250000] [--shape NAME ...] [--only time|room|others]

Each shape of `tests/hostile/shapes.py` is scrubbed into all outputs in a process of its own. The first table has the
seconds of the processor for a size, for twice the size, and their ratio: 2 is linear, 4 is quadratic. Seconds are the
least of three runs. Sizes are doubled while the larger one takes less than 0.2 seconds, up to 4 MB. Where a ratio is
above the limit, the next doubling decides: one step, such as one more garbage collection, is no growth. The second has,
for a file of 1 MB, the seconds, the memory of the process above that of an idle one, the bytes that it writes, and both
as multiples of the input. The third has the times of other inputs and other work, those of `tests/hostile/others.py`:
large suppressions, profiles, baselines, reports, public files; `claims`, `strip`, `simulate`. Rows above the limits are
marked with `!`; then the exit status is 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import attrs

from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from tests.hostile.others import OTHERS, Large
from tests.hostile.shapes import SHAPES

SIZE, ROOM_SIZE = 250_000, 1_000_000
MOST_RATIO, MOST_SECONDS, MOST_MEMORY, MOST_WRITTEN = 2.3, 10.0, 200_000_000, 50_000_000
RUNS = 3
TOO_SHORT, LARGEST = 0.2, 4_000_000
"""A ratio of fewer seconds than `TOO_SHORT` means nothing, so larger files are measured, up to `LARGEST` bytes."""


@attrs.frozen
class Cost:
    """What one file takes: seconds of the processor, bytes of memory, bytes written."""

    seconds: float
    memory: int
    written: int


def cost(name: str, size: int) -> Cost:
    """What the file of a shape takes. It is made in a process of its own and scrubbed in another one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hostile.837"
        _apart(lambda: path.write_text(SHAPES[name](size), "latin-1"))
        found = _apart(lambda: scrubbed(path))
        assert isinstance(found, Cost)
        return found


def _apart(work: Callable[[], object]) -> object:
    """What some work gives in a process of its own, which has the memory of this one and no more."""
    ours, theirs = get_context("fork").Pipe()
    child = os.fork()
    if child == 0:
        try:
            theirs.send(work())
        finally:
            os._exit(0)
    theirs.close()
    try:
        return ours.recv()
    finally:
        os.waitpid(child, 0)


def scrubbed(path: Path) -> Cost:
    """What it takes to scrub a file into all outputs."""
    out = path.parent / "out"
    out.mkdir()
    before, begun = getrusage(RUSAGE_SELF).ru_maxrss, process_time()
    run.scrub(Input(str(path)), ENGINE, out)
    seconds = process_time() - begun
    memory = (getrusage(RUSAGE_SELF).ru_maxrss - before) * 1024
    return Cost(seconds, memory, sum(written.stat().st_size for written in out.iterdir()))


ENGINE = RunOptions().engine()


def warm_up() -> None:
    """Load the modules that are loaded at their first use."""
    for name in ("claims", "hospital claims"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "hostile.837"
            path.write_text(SHAPES[name](5_000), "latin-1")
            scrubbed(path)


@attrs.frozen
class Growth:
    """Seconds for a size in bytes and for twice the size."""

    size: int
    once: float
    twice: float

    @property
    def ratio(self) -> float:
        """How many times longer twice the size takes."""
        return self.twice / self.once

    @property
    def over(self) -> bool:
        """Whether time grows faster than the limit allows."""
        return self.ratio > MOST_RATIO and self.twice > TOO_SHORT


def growth(seconds: Callable[[int], float], size: int) -> Growth:
    """How the time of some work grows with its size, from the size at which it can be measured."""

    def least(size: int) -> float:
        return min(seconds(size) for _ in range(RUNS))

    def next_of(found: Growth) -> Growth:
        return Growth(2 * found.size, found.twice, least(4 * found.size))

    found = Growth(size, least(size), least(2 * size))
    while found.twice < TOO_SHORT and 4 * found.size <= LARGEST:
        found = next_of(found)
    return next_of(found) if found.over else found


def table(title: str, works: Mapping[str, Callable[[int], float]], size: int) -> bool:
    """Print how the time of each work grows. False where a ratio is above the limit."""
    print(f"{title:32}{'bytes':>11}{'seconds':>10}{'at twice':>10}{'ratio':>8}")
    sound = True
    for name, seconds in works.items():
        found = growth(seconds, size)
        sound = sound and not found.over
        row = f"{name:32}{found.size:11,}{found.once:10.2f}{found.twice:10.2f}{found.ratio:8.2f}"
        print(f"{row}{' !' if found.over else ''}", flush=True)
    return sound


def times(names: list[str], size: int) -> bool:
    """Print the first table. False where a ratio is above the limit."""
    return table("shape", {name: partial(_seconds_of_shape, name) for name in names}, size)


def _seconds_of_shape(name: str, size: int) -> float:
    return cost(name, size).seconds


def others(size: int) -> bool:
    """Print the table of other inputs and other work. False where a ratio is above the limit."""
    print()
    return table("other inputs and work", {name: partial(_seconds_of, large) for name, large in OTHERS.items()}, size)


def _seconds_of(large: Large, size: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        work = large(Path(folder), size)
        begun = process_time()
        work()
        return process_time() - begun


def room(names: list[str]) -> bool:
    """Print the second table. False where something is above its limit."""
    print(f"\n{'shape, 1 MB':32}{'seconds':>9}{'memory':>12}{'times':>7}{'written':>12}{'times':>7}")
    sound = True
    for name in names:
        found = cost(name, ROOM_SIZE)
        over = found.seconds > MOST_SECONDS or found.memory > MOST_MEMORY or found.written > MOST_WRITTEN
        sound = sound and not over
        memory, written = f"{found.memory / 1e6:.0f} MB", f"{found.written / 1e6:.1f} MB"
        print(
            f"{name:32}{found.seconds:9.2f}{memory:>12}{found.memory / ROOM_SIZE:7.0f}{written:>12}"
            f"{found.written / ROOM_SIZE:7.1f}{' !' if over else ''}",
            flush=True,
        )
    return sound


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--shape", nargs="*", choices=list(SHAPES), default=list(SHAPES))
    parser.add_argument("--only", choices=["time", "room", "others"])
    options = parser.parse_args()
    warm_up()
    sound = True
    if options.only in (None, "time"):
        sound = times(options.shape, options.size)
    if options.only in (None, "room"):
        sound = room(options.shape) and sound
    if options.only in (None, "others"):
        sound = others(options.size) and sound
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
