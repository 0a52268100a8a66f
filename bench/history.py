"""What a history of five million lines costs the drop folder: at most 15% of the processor's time of scrubbing.

    python bench/history.py                    5,000,000 lines, 4,000 claims
    python bench/history.py --lines 100000     so many lines
    python bench/history.py --claims 1000      so many claims
    python bench/history.py --store FILE       keep the store, and use it again the next time

The store is filled with claims of invented patients, as a year of a large practice would leave them. Then a real
watcher takes files of 500 claims of `bench/claims.py`, each kind in turn, with the history and without. A third of the
patients have earlier claims. The time that a watcher needs to start is taken off. Runs alternate; the least time of
each counts.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time

from claims import write

from scrubber.claims.likeness import person
from scrubber.claims.reader import read_claims
from scrubber.history import claim_index
from scrubber.history.database import Database
from scrubber.history.rows import sum_of

SCRUBBER = Path(sys.executable).with_name("scrubber")
KINDS = ("clean", "light", "heavy")
RUNS = 3
MOST = 0.15
LINES_OF_A_CLAIM, CLAIMS_OF_A_PATIENT = 2, 6
CLAIMS_OF_A_FILE = 5_000
FIRST_DAY = date(2025, 10, 1).toordinal()
DRUGS = ("J0490", "J1745", "J2350", "Q5103", "J0491", "J1602", "J3262", "J9312")

TABLES = (
    ("claims", "file"),
    ("index_recent", "file"),
    ("index_main", "file"),
    ("interchanges", "file"),
    ("files", "id"),
)

Values = tuple[object, ...]


def rows(patients: list[int], lines: int, chance: random.Random) -> Iterator[Values]:
    """The rows of claims with so many lines: first the named patients, then others."""
    claims = lines // LINES_OF_A_CLAIM
    others = claims // CLAIMS_OF_A_PATIENT - len(patients)
    counts: Counter[int] = Counter()
    for patient in chain(patients, (number_of(chance) for _ in range(others))):
        for _ in range(CLAIMS_OF_A_PATIENT):
            day = FIRST_DAY + chance.randrange(365)
            drug = f"{chance.choice(DRUGS)} {day} 80"
            written = f"{drug} - {number_of(chance)}|{drug} JW {number_of(chance)}"
            content, provider, claim_id, likeness = (number_of(chance) for _ in range(4))
            file = chance.randrange(claims // CLAIMS_OF_A_FILE + 1) + 1
            counts[file] += 1
            number = counts[file]
            values = (content, file, number, 0, provider, claim_id, likeness, "1", day, day, None, written)
            kept = sum_of(patient, *values)
            yield (
                *(file, number, patient, content, 0, provider, claim_id, likeness, "1", day, day, written, None),
                kept,
            )


def number_of(chance: random.Random) -> int:
    """A number as a keyed hash is."""
    return chance.getrandbits(64) - (1 << 63)


def fill(database: Database, patients: list[int], lines: int) -> None:
    """Fill a store as so many releases would have: file by file, the last claims in the small table of the index."""
    store = database.connection
    store.execute("PRAGMA synchronous = OFF")
    store.execute("CREATE TEMP TABLE made AS SELECT * FROM claims")
    with database.transaction():
        store.executemany(f"INSERT INTO made VALUES ({', '.join('?' * 14)})", rows(patients, lines, random.Random(1)))
    files = store.execute("SELECT file, count(*) FROM made GROUP BY file ORDER BY file").fetchall()
    with database.transaction():
        for file, claims in files:
            day = FIRST_DAY + file * 365 // len(files)
            state = database.changed(f"enter {file}")
            row = (file, "", f"{file:064x}", "", claims, day, "", state.number, 1, None)
            store.execute(f"INSERT INTO files VALUES ({', '.join('?' * 11)})", (*row, sum_of(*row)))
            store.execute("INSERT INTO interchanges VALUES (?, 0, 0, 0, '000000001', ?)", (file, day))
        store.execute("INSERT INTO claims SELECT * FROM made ORDER BY file, number")
    for file, _ in files:
        with database.transaction():
            query = f"SELECT {claim_index.PAIR.format('claims')}, number FROM claims WHERE file = ?"
            claim_index.add(store, file, store.execute(query, (file,)).fetchall())
    store.execute("DROP TABLE made")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def measure(files: list[bytes], *more: str) -> float:
    """Processor's time, user and system, of a watcher with its worker that scrubs some files."""
    with tempfile.TemporaryDirectory() as folder:
        incoming = Path(folder, "in")
        incoming.mkdir()
        for number, content in enumerate(files):
            (incoming / f"{number}.837").write_bytes(content)
        before = getrusage(RUSAGE_CHILDREN)
        command = [str(SCRUBBER), "watch", folder, "--once", "--settle", "0", *more]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        after = getrusage(RUSAGE_CHILDREN)
        assert len(list(Path(folder, "archive").iterdir())) == len(files)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def forget(store: Path, known: int) -> None:
    """Delete the files that were entered, so that the next run finds the store as this one did."""
    database = Database(store)
    with database.transaction() as connection:
        for table, column in TABLES:
            connection.execute(f"DELETE FROM {table} WHERE {column} > ?", (known,))
        for name, table in (("recent", "index_recent"), ("indexed", "index_main")):
            query = f"UPDATE meta SET value = (SELECT count(*) FROM {table}) WHERE key = ?"
            connection.execute(query, (name,))
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--claims", type=int, default=4_000)
    parser.add_argument("--store", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = chosen.store or Path(folder, "history")
        paths = {kind: Path(folder, f"{kind}.837") for kind in KINDS}
        for kind, path in paths.items():
            write(path, kind, chosen.claims)
        is_new = not store.exists()
        database = Database(store, create=True)
        if is_new:
            begun = process_time()
            claims = (claim for path in paths.values() for claim in read_claims(path.open("rb")))
            fill(database, sorted({database.key.of(person(claim)) for claim in claims})[::3], chosen.lines)
            print(f"filled in {process_time() - begun:.0f} s of CPU")
        lines, known = database.connection.execute("SELECT count(*), max(file) FROM claims").fetchone()
        database.close()
        print(f"{LINES_OF_A_CLAIM * lines:,} lines, {store.stat().st_size / 1e6:.0f} MB")
        started = {remembers: min(measure([], *options(store, remembers)) for _ in range(RUNS)) for remembers in (0, 1)}
        for kind, path in paths.items():
            files = [b"ISA*" + part for part in path.read_bytes().split(b"ISA*")[1:]]
            compare(kind, files, store, known, chosen.claims, started)
        print(f"peak memory of a process {getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


def options(store: Path, remembers: int) -> list[str]:
    return ["--history", str(store)] if remembers else ["--no-remember"]


def compare(kind: str, files: list[bytes], store: Path, known: int, claims: int, started: Mapping[int, float]) -> None:
    """Print what a kind of claims costs with and without the history, without the start of the watcher."""
    times: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(RUNS):
        for remembers in (0, 1):
            times[remembers].append(measure(files, *options(store, remembers)) - started[remembers])
        forget(store, known)
    plain, more = (1e6 * min(times[remembers]) / claims for remembers in (0, 1))
    ratio = more / plain - 1
    verdict = "" if ratio <= MOST else f"  MORE THAN {MOST:.0%}"
    print(f"{kind:6} {plain:5.0f} us of CPU a claim without, {more:5.0f} with a history: {ratio:+.1%}{verdict}")


if __name__ == "__main__":
    main()
