"""How fast claims are read, checked and scrubbed, beside bare splitting, pyx12 and others, in one run on one floor.

    python bench/speed.py                   2,000 claims of each kind
    python bench/speed.py --claims 10000    so many
    python bench/speed.py --memory          memory that a scrub into all outputs needs, and what it writes
    python bench/speed.py --memory --claims 1000000 --kinds clean,heavy     the same for so many; says first how long
    python bench/speed.py --jobs 2          what several processes gain on a large file (see `bench/jobs.py`)
    python bench/speed.py --one             what one claim costs: in memory, into a folder, from the command line

The files are those of `bench/claims.py`. There are two bare splits: one hands over the elements of each segment and
forgets them; the other keeps the elements of all segments, which takes more than twice as long because of the memory.
The second is the floor of the ratios. All contenders read the same file from disk, but pyx12 and the peers get fewer of
its claims, and the fixed cost of a call (pyx12 loads its maps each time) is taken off. Before each run the scrubber
forgets what it remembers of claims, and reads a file of others: so it has remembered as much as within a long file, and
none of the claims that are measured. Runs alternate; the least time of each counts, in seconds of the processor. Peers
that are not installed are named: `pip install draftedi x12sdk openx12 kw-x12-parser pandas`, and `npm install node-x12`
in the current folder. No peer but pyx12 checks a claim.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from time import perf_counter, process_time
from typing import NamedTuple

from claims import KINDS, write
from jobs import gains
from reading import peak, read, split

from scrubber.engine.engine import Engine
from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.x12 import remembering

RUNS = 5
SLOW_RUNS = 2
SLOW_CLAIMS = 400
"""How many claims pyx12 and the peers get: one interchange, as some of them read no more."""
OTHER_INTERCHANGES = 1_000
"""Claims of other numbers, beyond those that are measured."""
CLAIMS = 2_000
MEMORY_CLAIMS = (1_000, 20_000)
MEMORY_KINDS = ("clean", "heavy", "guide-faulty")
ONE_RUNS = 150

Contender = Callable[[Path], float | None]
"""Works on a file. One in a process of its own returns the seconds that it took there."""


class Row(NamedTuple):
    """What a contender took of a file: least seconds, and how many claims it was given."""

    name: str
    seconds: float
    claims: int


@lru_cache(maxsize=1)
def engine() -> Engine:
    """All edits and the default profile."""
    return RunOptions().engine()


def kept(path: Path) -> None:
    """Bare splitting of the whole file into lists that are all kept."""
    _ = [segment.split("*") for segment in path.read_text("latin-1").split("~")]


def kept_apart(path: Path) -> float:
    """The same in a process of its own. In one that has done other work it takes up to half more, by its heap alone."""
    done = subprocess.run([sys.executable, __file__, "--floor", path], check=True, capture_output=True, text=True)
    return float(done.stdout)


def check(path: Path) -> None:
    """All edits, no guide checks and no report."""
    run.check(Input(str(path)), engine(), [])


def check_with_guide(path: Path) -> None:
    """All edits and guide checks, no report."""
    run.check(Input(str(path)), engine(), [], conformance=True)


def scrub(path: Path) -> None:
    """What `scrubber scrub` does with a file: all edits, guide checks and outputs."""
    with tempfile.TemporaryDirectory() as folder:
        scrub_into(Path(folder), path)


def scrub_into(folder: Path, path: Path) -> None:
    """The same, into a folder that is kept."""
    folder.mkdir(exist_ok=True)
    run.scrub(Input(str(path)), engine(), folder)


def record_batches(path: Path) -> None:
    """All edits and guide checks, to record batches for Arrow."""
    pa, arrow = import_module("pyarrow"), import_module("scrubber.running.arrow")
    batch = pa.record_batch([[path.name], [path.read_bytes()]], schema=arrow.INPUT)
    for _ in batch_scrubber()(iter([batch])):
        pass


@lru_cache(maxsize=1)
def batch_scrubber() -> Callable[[Iterator[object]], Iterator[object]]:
    """What scrubs record batches; it makes its engine once."""
    made: Callable[[Iterator[object]], Iterator[object]] = import_module("scrubber.running.arrow").BatchScrubber()
    return made


def by_pyx12(path: Path) -> None:
    """pyx12's verdict; it writes nothing, and its log of each fault is switched off."""
    from pyx12.params import ParamsBase
    from pyx12.x12n_document import x12n_document

    logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)
    with path.open(encoding="ascii") as stream:
        x12n_document(ParamsBase(), stream, None, None)


def by_x12sdk(path: Path) -> None:
    """x12sdk: segments, no checks."""
    with import_module("x12sdk.io").X12SegmentReader(str(path)) as reader:
        for _ in reader.segments():
            pass


def by_x12sdk_models(path: Path) -> None:
    """x12sdk: a model of each transaction."""
    with import_module("x12sdk.io").X12ModelReader(str(path)) as reader:
        for _ in reader.models():
            pass


def by_draftedi(path: Path) -> None:
    """draftedi: a parsed file, no guide rules."""
    import_module("draftedi").parse_edi_file(path.read_bytes())


def by_openx12(path: Path) -> None:
    """openx12: claims as records."""
    _ = import_module("openx12.x837p").parse(path.read_text("ascii")).claims


def by_kw_x12_parser(path: Path) -> None:
    """kw-x12-parser: a data frame of claims."""
    import_module("kw_x12_parser").casual_parse_x837p(path.read_text("ascii"))


_NODE = """
const { X12Parser } = require("node-x12");
const text = require("fs").readFileSync(process.argv[1], "latin1");
const parse = () => new X12Parser(true).parse(text);
parse(); parse();  // compiled while it runs
const begun = process.cpuUsage();
parse();
const used = process.cpuUsage(begun);
console.log((used.user + used.system) / 1e6);
"""


def by_node_x12(path: Path) -> float:
    """node-x12: a parsed file, no guide rules."""
    environment = {**os.environ, "NODE_PATH": str(Path("node_modules").absolute())}
    command = ["node", "-e", _NODE, str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


OURS: dict[str, Contender] = {
    "bare splitting, forgotten": split,
    "bare splitting, kept": kept_apart,
    "read_claims": read,
    "check": check,
    "check with guide checks": check_with_guide,
    "scrub, all outputs": scrub,
}
NODE_X12 = "node_modules/node-x12"
PEERS: dict[str, tuple[str, Contender]] = {
    "pyx12 x12n_document": ("pyx12", by_pyx12),
    "x12sdk segments": ("x12sdk", by_x12sdk),
    "x12sdk models": ("x12sdk", by_x12sdk_models),
    "draftedi parse": ("draftedi", by_draftedi),
    "openx12 claims": ("openx12", by_openx12),
    "kw-x12-parser data frame": ("kw_x12_parser", by_kw_x12_parser),
    "node-x12 parse": (NODE_X12, by_node_x12),
}
FLOOR, MEASURE = "bare splitting, kept", "pyx12 x12n_document"


def cpu(contender: Contender, path: Path) -> float:
    """Seconds of the processor that a contender takes for a file."""
    gc.collect()
    gc.freeze()  # no contender pays for walks over the engine's tables, or over what the others keep
    begun = process_time()
    elsewhere = contender(path)
    return process_time() - begun if elsewhere is None else elsewhere


def compared(many: Path, other: Path, few: Path, one: Path, claims: int) -> list[Row]:
    """A row for each contender that is installed and can read the file. `other` has as many other claims."""
    slow = {name: contender for name, (module, contender) in PEERS.items() if installed(module)}
    least = dict.fromkeys((*OURS, *slow), float("inf"))
    for number in range(RUNS):
        for name, contender in OURS.items():
            if number and contender is kept_apart:  # it takes the least of several runs by itself
                continue
            remembering.read(remembering.MOST_CHARACTERS + 1)  # so that all is forgotten
            contender(other)
            least[name] = min(least[name], cpu(contender, many))
        for name, contender in slow.items():
            if number < SLOW_RUNS and least[name]:
                least[name] = min(least[name], _slowly(contender, few, one))
    return [Row(name, taken, claims if name in OURS else SLOW_CLAIMS - 1) for name, taken in least.items() if taken]


def _slowly(contender: Contender, few: Path, one: Path) -> float:
    """Seconds for all claims but one; 0 if it cannot read them."""
    try:
        contender(one)  # what is loaded once is loaded
        fixed = cpu(contender, one)
        return cpu(contender, few) - fixed
    except Exception as error:
        print(f"{contender.__name__} fails: {type(error).__name__}", file=sys.stderr)
        return 0.0


def installed(module: str) -> bool:
    """Whether a peer can be imported; for the peer in Node, whether it is in the current folder."""
    if module == NODE_X12:
        return Path(module).is_dir()
    try:
        import_module(module)
    except ImportError:
        return False
    return True


def table(kind: str, rows: Iterable[Row], path: Path) -> None:
    """Print a table in Markdown."""
    each = {row.name: row.seconds / row.claims for row in rows}
    claims = next(row.claims for row in rows if row.name == FLOOR)
    size = path.stat().st_size / claims
    segments = path.read_bytes().count(b"~") / claims
    findings = run.check(Input(str(path)), engine(), [], conformance=True).summary.findings.total() / claims
    print(f"\n{kind}: {claims:,} claims, {segments:.1f} segments and {findings:.2f} findings a claim\n")
    print("| | us a claim | claims/s | MB/s | x floor | x pyx12 |\n|---|---|---|---|---|---|")
    theirs = each.get(MEASURE)
    for name, taken in each.items():
        beside = f"{theirs / taken:.1f}" if theirs else "-"
        speed = f"{1 / taken:,.0f} | {size / taken / 1e6:.1f}"
        print(f"| {name} | {taken * 1e6:.1f} | {speed} | {taken / each[FLOOR]:.1f} | {beside} |")


class Measured(NamedTuple):
    """What a scrub of a file into all outputs took: peak memory in MB, bytes read and written, seconds by the clock."""

    peak: float
    read: int
    written: int
    seconds: float


def memory(folder: Path, kinds: Sequence[str], most: int) -> None:
    """Peak memory of processes that scrub files of few and of many claims into all outputs, and the size of the files.

    All files are removed. Before the many, standard error shows how long they will take, and how much room.
    """
    few = MEMORY_CLAIMS[0]
    least = {kind: measured(folder, kind, few) for kind in kinds}
    times = (most - few) / few
    seconds = sum(each.seconds for each in least.values()) * times
    room = max(each.read + each.written for each in least.values()) * times
    print(f"about {seconds / 60:.0f} minutes, and at most {room / 1e9:.1f} GB in {folder.parent}", file=sys.stderr)
    heads = [f"peak memory in MB, {claims:,} claims" for claims in (few, most)]
    print(f"\n| a scrub into all outputs | {' | '.join(heads)} | KB a claim read | written | seconds |")
    print("|---|---|---|---|---|---|")
    for kind in kinds:
        peak, size, written, seconds = measured(folder, kind, most)
        sizes = f"{size / most / 1e3:.2f} | {written / most / 1e3:.2f}"
        print(f"| {kind} | {least[kind].peak:.0f} | {peak:.0f} | {sizes} | {seconds:.0f} |", flush=True)


def measured(folder: Path, kind: str, claims: int) -> Measured:
    """What a process of its own takes to scrub such a file."""
    path, outputs = folder / "memory.837", folder / "outputs"
    begun = perf_counter()
    write(path, kind, claims)
    command = [sys.executable, __file__, "--peak", str(path), "--out", str(outputs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    written = sum(output.stat().st_size for output in outputs.iterdir())
    found = Measured(float(done.stdout), path.stat().st_size, written, perf_counter() - begun)
    path.unlink()
    rmtree(outputs)
    return found


def one_claim(folder: Path) -> None:
    """What one claim costs."""
    import scrubber

    path = folder / "one.837"
    write(path, "clean", 1)
    options = RunOptions()
    data = path.read_bytes()

    def in_memory(_: Path) -> None:
        from io import BytesIO

        for _claim in scrubber.scrub(BytesIO(data), options=options):
            pass

    def command_line(_: Path) -> None:
        program = "from scrubber.cli import main; main()"
        command = [sys.executable, "-c", program, "scrub", str(path), "--out", str(folder / "cold")]
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        usual["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")  # as an installed package has it
        done = subprocess.run(command, check=False, capture_output=True, env=usual)
        assert done.returncode <= 1, done.stderr

    in_memory(path)
    scrub(path)
    print("\n| one claim | ms |\n|---|---|")
    print(f"| in memory, options kept | {min(cpu(in_memory, path) for _ in range(ONE_RUNS)) * 1e3:.2f} |")
    print(f"| into a folder, all outputs | {min(cpu(scrub, path) for _ in range(ONE_RUNS)) * 1e3:.2f} |")
    cold = min(of_children(command_line, path) for _ in range(5))
    print(f"| from the command line, cold | {cold * 1e3:.0f} |")


def of_children(contender: Contender, path: Path) -> float:
    """Seconds of the processor that the processes of a contender take."""
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    contender(path)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime


def machine() -> str:
    """The machine and the day, for a table that is kept."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = next(iter(named), model)
    day = datetime.now(UTC).date()
    return f"{day}, {model}, Python {platform.python_version()}, pyx12 {version('pyx12')}, one core"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--claims", type=int)
    parser.add_argument("--kinds")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--one", action="store_true")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--floor", type=Path)
    parser.add_argument("--peak", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.floor:
        print(min(cpu(kept, given.floor) for _ in range(RUNS)))
        return
    if given.peak:  # before pyarrow is loaded, which takes 39 MB and which a scrub does not need
        scrub_into(given.out, given.peak)
        print(peak())
        return
    print(machine())
    engine()
    if installed("pyarrow"):
        OURS["to Arrow, with guide checks"] = record_batches
        batch_scrubber()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.memory:
            kinds = given.kinds.split(",") if given.kinds else MEMORY_KINDS
            memory(folder, kinds, given.claims or MEMORY_CLAIMS[1])
        elif given.one:
            one_claim(folder)
        elif given.jobs:
            gains(RunOptions(), engine(), given.jobs, given.claims or CLAIMS)
        else:
            claims = given.claims or CLAIMS
            for kind in given.kinds.split(",") if given.kinds else KINDS:
                many, other, few, one = (folder / f"{part}.837" for part in ("many", "other", "few", "one"))
                for path, number in ((many, claims), (few, SLOW_CLAIMS), (one, 1)):
                    write(path, kind, number)
                write(other, kind, claims, interchanges_before=OTHER_INTERCHANGES)
                table(kind, compared(many, other, few, one, claims), many)
            missing = [module for module, _ in PEERS.values() if not installed(module)]
            print(f"\nnot installed: {', '.join(missing)}" if missing else "")


if __name__ == "__main__":
    main()
