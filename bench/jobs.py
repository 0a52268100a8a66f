"""What several processes gain on a large file: `python bench/speed.py --jobs 2 --claims 20000`.

Runs with one process and with several alternate, and the least time of each counts. Each run has a file of other
claims, as no process remembers those of a new file. Workers have loaded their engines before, as a large file lets
them. By the clock the gain depends on what else the machine does. So the seconds of the processor are there, too, of
each process, and the gain that they allow: the first pass runs alone, and as many cores as there are jobs share all
else.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from claims import write

from scrubber.engine.engine import Engine
from scrubber.running import run
from scrubber.running.dividing import Division
from scrubber.running.executors import Processes
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.x12.prescan import prescan

RUNS = 3
KINDS = ("clean", "heavy")


class Taken(NamedTuple):
    """What a run took, in seconds: by the clock, of the processor in this process, and in all workers."""

    clock: float
    own: float
    workers: float = 0.0


def gains(options: RunOptions, engine: Engine, jobs: int, claims: int, kinds: Sequence[str] = KINDS) -> None:
    """Print a table."""
    gc.freeze()  # as the command line does: no run pays for walks over the engine's tables
    print(f"\n{claims:,} claims; seconds by the clock, and of the processor: this process + all workers\n")
    print(f"| | one process | {jobs} jobs | x by the clock | of the processor | x by the processor |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name, Processes(jobs) as executor:
        path = Path(name, "many.837")
        division = Division(options, executor, from_claims=1)
        executor.prepare(options, engine)
        numbers = count()
        for kind in kinds:

            def other_claims(kind: str = kind) -> None:
                write(path, kind, claims, interchanges_before=next(numbers) * claims)

            other_claims()
            begun = process_time()
            with path.open("rb") as stream:
                prescan(stream)
            first_pass = process_time() - begun

            def check(division: Division | None) -> None:
                run.check(Input(str(path)), engine, [], conformance=True, division=division)

            def scrub(division: Division | None) -> None:
                with tempfile.TemporaryDirectory() as folder:
                    run.scrub(Input(str(path)), engine, Path(folder), division=division)

            for what, work in (("check", check), ("scrub", scrub)):
                one, several = _least(other_claims, work, division, executor)
                shared = first_pass + (several.own + several.workers - first_pass) / jobs
                print(
                    f"| {what}, {kind} | {one.clock:.2f} | {several.clock:.2f} | {one.clock / several.clock:.2f} | "
                    f"{one.own:.2f}; {several.own:.2f} + {several.workers:.2f} | {one.own / shared:.2f} |"
                )


def _least(
    other_claims: Callable[[], None], work: Callable[[Division | None], None], division: Division, executor: Processes
) -> tuple[Taken, Taken]:
    """The least times of one process and of several."""
    work(division)
    one: list[Taken] = []
    several: list[Taken] = []
    for _ in range(RUNS):
        other_claims()
        one.append(_taken(lambda: work(None), executor))
        other_claims()
        several.append(_taken(lambda: work(division), executor))
    return min(one, key=lambda taken: taken.own), min(several, key=lambda taken: taken.own + taken.workers)


def _taken(work: Callable[[], None], executor: Processes) -> Taken:
    clock, own, workers = perf_counter(), process_time(), _of_workers(executor)
    work()
    return Taken(perf_counter() - clock, process_time() - own, _of_workers(executor) - workers)


def _of_workers(executor: Processes) -> float:
    """Seconds of the processor that all workers have taken, by /proc."""
    ticks = 0
    for pid in executor.pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
