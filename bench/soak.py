"""A soak of the drop folder: files of all kinds from several writers, watchers killed and restarted all the while.

    python bench/soak.py [--files 2000] [--watchers 2] [--writers 4] [--seed 1] [--folder DIR] [--keep]
    python bench/soak.py --day [--files 200] ...

With `--day` the files are those of a practice: batches that are corrected, repeated, renamed, mixed, voided, replaced
(`bench/day.py`). Then every claim must go out exactly once, by hashes of claims.

Writers drop invented files: good ones, duplicates under other names, new content under old names, broken and endless
ones, slowly growing, renamed and huge ones. A reader takes every clean file as soon as it is there. Watchers (the real
command) die by kill -9, or lose a worker to it, every other second. At the end every file that was dropped must be
accounted for exactly once, by hashes:

- its original is in archive/ or quarantine/, byte for byte, as often as it was dropped;
- of each good content the reader got exactly one clean file, the one that scrubbing it directly gives; rejected claims
  and reports are there once, and as whole;
- of what cannot be read there is nothing but its original and a reason.

It prints files per second, and the time from drop to output.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs
import day

SCRUBBER = Path(sys.executable).with_name("scrubber")
SETTLE = 0.5
CLOSE_LIMIT = 4
OPTIONS = {
    "--settle": SETTLE,
    "--close-limit": CLOSE_LIMIT,
    "--back-off": 0.2,
    "--tries": 6,  # a worker that is killed costs a try
    "--lease": 2,
    "--scan-every": 1,
    "--huge-mb": 1,
    "--grace": 60,
}
PATIENCE = 180
"""Seconds without any progress after which the soak fails."""

KINDS = {
    "good": 58,
    "duplicate": 10,
    "old name": 6,
    "slow": 6,
    "renamed": 6,
    "all rejected": 3,
    "broken": 4,
    "endless": 3,
    "foreign": 3,
    "huge": 0.5,
}
"""How many of a hundred files are of each kind."""

UNREADABLE = ("broken", "endless", "foreign")

HEADER = (
    "ISA*00*          *00*          *ZZ*SAMPLESENDER   *ZZ*SAMPLERECEIVER *261015*0830*^*00501*{control:09}*0*T*:~"
    "GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*1*X*{version}~"
    "ST*837*0001*{version}~BHT*0019*00*BATCH{control}*20261015*0830*CH~"
    "NM1*41*2*SAMPLE BILLING SERVICE*****46*SUBMIT01~PER*IC*CLAIMS DESK*TE*5555550100~"
    "NM1*40*2*SAMPLE CLEARINGHOUSE*****46*RECEIVE01~HL*1**20*1~PRV*BI*PXC*261QI0500X~"
    "NM1*85*2*QUIET MEADOW LUPUS CENTER*****XX*2000000010~N3*1 SAMPLE PARKWAY~N4*SAMPLETOWN*OH*432999998~"
    "REF*EI*990000001~"
)
CLAIM = (
    "HL*{level}*1*22*0~SBR*P*18*******MB~NM1*IL*1*LARKSPUR*IDA****MI*9XX9XX9XX{number:02}~"
    "N3*1 SAMPLE STREET~N4*SAMPLETOWN*OH*43299~DMG*D8*19840501*F~"
    "NM1*PR*2*SAMPLE MEDICARE PART B*****PI*00001~"
    "CLM*S{control}-{number}*4980***11:B:1*Y*A*Y*Y~REF*G1*PA{number}~HI*ABK:M3219*ABF:Z79899~"
    "NM1*82*1*THISTLEDON*MIRA****XX*2000000028~PRV*PE*PXC*207RR0500X~"
    "LX*1~SV1*HC:J0490{modifier}*4800*UN*80***1~DTP*472*D8*20261005~REF*6R*{number}L1~LIN**N4*49401010201~CTP****2*UN~"
    "LX*2~SV1*HC:96365*180*UN*1***1~DTP*472*D8*20261005~REF*6R*{number}L2~"
)


def claims_file(control: int, claims: int, rejected: Sequence[int] = (), version: str = "005010X222A1") -> bytes:
    """A file that no other control number gives; the named claims lack a modifier and are rejected."""
    head = HEADER.format(control=control, version=version)
    body = "".join(
        CLAIM.format(level=number + 2, number=number, control=control, modifier="" if number in rejected else ":JZ")
        for number in range(claims)
    )
    segments = (head + body).count("~") - 2 + 1
    return f"{head}{body}SE*{segments}*0001~GE*1*1~IEA*1*{control:09}~".encode()


@attrs.frozen
class Drop:
    """A file to drop; `readable` says whether it can be scrubbed."""

    kind: str
    name: str
    content: bytes

    @property
    def readable(self) -> bool:
        return self.kind not in UNREADABLE

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def drops(files: int, chance: random.Random) -> Iterator[Drop]:
    """What is dropped, in this order."""
    good: list[Drop] = []
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=files)
    for control, kind in enumerate(kinds, 1):
        name = f"{kind} {control}.837"
        claims = chance.randint(1, 6)
        some = [number for number in range(claims) if chance.random() < 0.2]
        if kind == "duplicate" and good:
            yield Drop(kind, name, chance.choice(good).content)
            continue
        if kind == "old name" and good:
            name = chance.choice(good).name
        content = claims_file(control, claims, some)
        if kind == "huge":
            content = claims_file(control, 1500, some)
        elif kind == "all rejected":
            content = claims_file(control, claims, range(claims))
        elif kind == "broken":
            content = content.replace(b"~SE*", b"~XX*")
        elif kind == "endless":
            content = content[: -chance.randint(20, len(content) - 120)]
        elif kind == "foreign":
            content = claims_file(control, claims, version="005010X224A2")
        drop = Drop(kind, name, content)
        if drop.readable:
            good.append(drop)
        yield drop


class Writer(threading.Thread):
    """Drops files, each in the way of its kind; `dropped` says when each content was there as a whole."""

    def __init__(self, folder: Path, work: Iterable[Drop], seed: int, pause: float) -> None:
        super().__init__()
        self._folder = folder
        self._work = work
        self._chance = random.Random(seed)
        self._pause = pause
        self.dropped: list[tuple[str, float]] = []

    def run(self) -> None:
        for drop in self._work:
            path = self._folder / drop.name
            while path.exists():  # the same name is used again once the old file is taken
                time.sleep(0.05)
            if drop.kind == "slow":
                self._slowly(path, drop.content)
            elif drop.kind == "renamed":
                self._renamed(path, drop.content)
            elif self._chance.random() < 0.5:
                path.write_bytes(drop.content)
            else:
                part = path.with_name(path.name + ".part")
                part.write_bytes(drop.content)
                part.rename(path)
            self.dropped.append((drop.sha256, time.time()))
            time.sleep(self._chance.expovariate(1 / self._pause) if self._pause else 0)

    def _slowly(self, path: Path, content: bytes) -> None:
        cuts = sorted(self._chance.sample(range(1, len(content)), 4))
        with path.open("wb", buffering=0) as out:
            for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
                out.write(content[start:end])
                time.sleep(self._chance.uniform(0, 1.5 * SETTLE))

    def _renamed(self, path: Path, content: bytes) -> None:
        first = path.with_name(f"first {path.name}")
        first.write_bytes(content)
        time.sleep(self._chance.uniform(0, SETTLE / 2))
        first.rename(path)


class Reader(threading.Thread):
    """Takes every clean file as soon as it is there; `taken` are name, SHA-256 and time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.end = threading.Event()
        self.taken: list[tuple[str, str, float]] = []
        self.claims: Counter[str] = Counter()

    def run(self) -> None:
        last = False
        while not last:
            last = self.end.is_set()
            for path in self._folder.glob("*") if self._folder.is_dir() else ():
                seen = time.time()
                content = path.read_bytes()
                path.unlink()
                self.taken.append((path.name, hashlib.sha256(content).hexdigest(), seen))
                self.claims.update(day.claims_in(content))
            time.sleep(0.005)


class Watchers(threading.Thread):
    """Keeps watchers running, and kills one of them, or a worker of one, every now and then until `kind` is set."""

    def __init__(self, folder: Path, number: int, workers: int, seed: int, log: Path) -> None:
        super().__init__()
        self._command = [str(SCRUBBER), "watch", str(folder), "--workers", str(workers)]
        self._command += [str(part) for option in OPTIONS.items() for part in option]
        self._number = number
        self._chance = random.Random(seed)
        self._log = log.open("ab")
        self._running: list[subprocess.Popen[bytes]] = []
        self.kind = threading.Event()
        self.end = threading.Event()
        self.kills: Counter[str] = Counter()

    def run(self) -> None:
        next_kill = time.monotonic() + 3
        while not self.end.is_set():
            self._running = [process for process in self._running if process.poll() is None]
            while len(self._running) < self._number:
                self._running.append(subprocess.Popen(self._command, stderr=self._log))
            if time.monotonic() > next_kill and not self.kind.is_set():
                self._kill(self._chance.choice(self._running))
                next_kill = time.monotonic() + self._chance.uniform(0.3, 3)
            time.sleep(0.02)
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            assert process.wait() in (0, -signal.SIGTERM)  # the latter if it has just started

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, check=False)
        workers = [int(pid) for pid in children.stdout.split()]
        if workers and self._chance.random() < 0.3:
            self.kills["worker"] += 1
            with suppress(ProcessLookupError):
                os.kill(self._chance.choice(workers), signal.SIGKILL)
        elif self._chance.random() < 0.15:
            self.kills["SIGTERM"] += 1
            process.terminate()
        else:
            self.kills["watcher"] += 1
            process.kill()
            process.wait()


def unfinished(ledger: Path) -> int:
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
        return int(connection.execute("SELECT count(*) FROM drops WHERE finished IS NULL").fetchone()[0])


def hashes(folder: Path, without: str = "\0") -> Counter[str]:
    files = [path for path in folder.iterdir() if not path.name.endswith(without)]
    return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def directly(content: bytes) -> tuple[str, str | None, str | None]:
    """The hashes of a content, and of the clean and rejected file that scrubbing it without a drop folder gives."""
    from scrubber.running import run
    from scrubber.running.inputs import Input
    from scrubber.running.options import RunOptions

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.837"
        path.write_bytes(content)
        run.scrub(Input(str(path)), RunOptions().engine(), Path(folder))
        outputs = [Path(folder) / f"x{suffix}" for suffix in (run.CLEAN, run.REJECTED)]
        found = [hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None for path in outputs]
    return hashlib.sha256(content).hexdigest(), found[0], found[1]


@contextmanager
def at_work(reader: Reader, watching: Watchers) -> Iterator[None]:
    """Start both, end them with the block, and print what was killed."""
    reader.start()
    watching.start()
    try:
        yield
    finally:
        watching.end.set()
        watching.join()
        reader.end.set()
        reader.join()
    print("killed: " + ", ".join(f"{number} times a {what}" for what, number in sorted(watching.kills.items())))


def soak(folder: Path, files: int, watchers: int, workers: int, writers: int, seed: int, pause: float) -> None:
    """Run the soak. Raises `AssertionError` if a file is lost, doubled or changed."""
    chance = random.Random(seed)
    work = list(drops(files, chance))
    box = folder / "drop"
    (box / "in").mkdir(parents=True)
    reader = Reader(box / "clean")
    watching = Watchers(box, watchers, workers, seed, folder / "watchers.log")
    threads = [Writer(box / "in", work[number::writers], seed + number, pause) for number in range(writers)]
    begun = time.time()
    with at_work(reader, watching):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"{files} files dropped in {time.time() - begun:.0f} s")
        wait_for_the_end(box, watching)
    dropped = [item for thread in threads for item in thread.dropped]
    expected = account(box, work, dropped, reader.taken)
    print_times(files, begun, dropped, reader.taken, expected)


def soak_day(folder: Path, files: int, watchers: int, workers: int, writers: int, seed: int, pause: float) -> None:
    """Drop the files of a day. Raises `AssertionError` where a claim is lost or goes out twice."""
    chance = random.Random(seed)
    first = list(day.batches(files * 4 // 5, chance))
    changed = list(day.changes(first, files // 20, chance))
    again = list(day.billed_again(changed))
    box = folder / "drop"
    (box / "in").mkdir(parents=True)
    reader = Reader(box / "clean")
    watching = Watchers(box, watchers, workers, seed, folder / "watchers.log")
    with at_work(reader, watching):
        for batches in (first, changed, again):  # a claim is voided when it has gone out, and billed again after that
            work = [Drop(batch.kind, batch.name, batch.content()) for batch in batches]
            threads = [Writer(box / "in", work[number::writers], seed + number, pause) for number in range(writers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            wait_for_the_end(box, watching)
            if batches is not again:  # or a watcher would just have started when all are to end
                watching.kind.clear()
    day.account(box / ".ledger" / "history.sqlite3", [*first, *changed, *again], reader.claims)


def wait_for_the_end(box: Path, watching: Watchers) -> None:
    """Wait until no file waits or is in work. The last files are scrubbed without kills."""
    progress, last = time.monotonic(), None
    while True:
        state = (len(list((box / "in").iterdir())), unfinished(box / ".ledger" / "ledger.sqlite3"))
        if state == (0, 0):
            return
        if state[0] < 20:
            watching.kind.set()
        if state != last:
            progress, last = time.monotonic(), state
        assert time.monotonic() - progress < PATIENCE, f"no progress: {state[0]} files wait, {state[1]} are in work"
        time.sleep(0.2)


def account(
    box: Path, work: Sequence[Drop], dropped: Sequence[tuple[str, float]], taken: Sequence[tuple[str, str, float]]
) -> dict[str, str]:
    """Check that every file is accounted for exactly once. Returns the content by the hash of its clean file."""
    sent = Counter(drop.sha256 for drop in work)
    assert sent == Counter(sha256 for sha256, _ in dropped)
    readable = Counter(drop.sha256 for drop in work if drop.readable)
    assert hashes(box / "archive") == readable, "archive/ is not what was dropped"
    bad = sent - readable
    assert hashes(box / "quarantine", ".reason.json") == bad, "quarantine/ is not what was dropped"
    assert len(list((box / "quarantine").glob("*.reason.json"))) == bad.total()

    with ProcessPoolExecutor() as pool:
        contents = {drop.sha256: drop.content for drop in work if drop.readable}
        scrubbed = list(pool.map(directly, contents.values(), chunksize=20))
    clean = {clean: content for content, clean, _ in scrubbed if clean}
    handed_out = Counter(sha256 for _, sha256, _ in taken)
    assert handed_out == Counter(list(clean)), "clean files are lost, repeated or not whole"
    assert len({name for name, _, _ in taken}) == len(taken), "two clean files had the same name"
    assert hashes(box / "rejected") == Counter(rejected for _, _, rejected in scrubbed if rejected)
    reports = [json.loads(path.read_bytes()) for path in (box / "reports").glob("*.report.json")]
    assert Counter(report["files"][0]["sha256"] for report in reports) == Counter(list(contents))
    duplicates = len(list((box / "reports").glob("*.duplicate.json")))
    assert duplicates == readable.total() - len(contents)
    assert list((box / "processing").iterdir()) == []
    assert list((box / ".staging").iterdir()) == []
    kinds = ", ".join(f"{number} {kind}" for kind, number in Counter(drop.kind for drop in work).most_common())
    print(f"accounted for: {kinds}")
    print(f"released {len(contents)}, duplicates {duplicates}, quarantined {bad.total()}")
    return clean


def print_times(
    files: int,
    begun: float,
    dropped: Sequence[tuple[str, float]],
    taken: Sequence[tuple[str, str, float]],
    content_of: dict[str, str],
) -> None:
    first: dict[str, float] = {}
    for sha256, when in dropped:
        first[sha256] = min(when, first.get(sha256, when))
    times = [when - first[content_of[clean]] for _, clean, when in taken]
    cuts = statistics.quantiles(times, n=100)
    lasted = max(when for _, _, when in taken) - begun
    print(f"{files / lasted:.1f} files/s over {lasted:.0f} s")
    print(f"from drop to output, {SETTLE} s of settling included: p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--day", action="store_true", help="the files of a practice's day: each claim goes out once")
    parser.add_argument("--files", type=int, help="2000, or 200 of a day")
    parser.add_argument("--watchers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="of each watcher")
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two files of a writer, on average")
    parser.add_argument("--folder", type=Path, help="work below this folder")
    parser.add_argument("--keep", action="store_true", help="leave everything for a look")
    chosen = parser.parse_args()
    if chosen.folder:
        chosen.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=chosen.folder))
    try:
        run, files = (soak_day, chosen.files or 200) if chosen.day else (soak, chosen.files or 2000)
        run(folder, files, chosen.watchers, chosen.workers, chosen.writers, chosen.seed, chosen.pause)
    finally:
        if chosen.keep:
            print(f"left in {folder}")
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
