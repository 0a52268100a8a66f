"""How long imports of public tables and look-ups take, at their full size, and how much memory the import needs.

    python bench/reference.py

The files are invented in the real shape: 216,000 packages of the NDC directory, 2.6 million procedure pairs in four
parts, 15,000 unit limits, 98,000 diagnosis codes. Each import is a process of its own. Times are seconds of the clock
and of the processor, the memory is the most that the process had. Look-ups are new keys, then the same keys again.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scrubber.reference import external
from scrubber.reference.store import Store
from tests import public_files

PAIRS, PACKAGES, LIMITS, DIAGNOSES = 2_600_000, 216_000, 15_000, 98_000
BOUNDS = ("", "34999", "59999", "79999", "~")
"""Where the parts of the procedure pairs begin and end."""
DAY = date(2026, 11, 1)
ASKED = 10_000


def files(folder: Path) -> dict[str, list[Path]]:
    """The files by what they are."""
    parts = []
    for number, (first, last) in enumerate(pairwise(BOUNDS), 1):
        name = f"ccipra-v323r0-f{number}"
        text = public_files.ptp(PAIRS // 4, first=first, last=last)
        parts.append(public_files.zipped(folder / f"{name}.zip", {f"{name}.TXT": text}))
    limits = public_files.mue("Practitioner Services", LIMITS)
    directory = {"product.txt": public_files.products(PACKAGES // 2), "package.txt": public_files.packages(PACKAGES)}
    return {
        "ncci": parts,
        "ndc": [public_files.zipped(folder / "ndctext-20261015.zip", directory)],
        "mue": [public_files.written(folder / "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", limits)],
        "icd10cm": [public_files.written(folder / "icd10cm_order_2027.txt", public_files.order(DIAGNOSES))],
    }


def imported(store: Path, paths: list[Path]) -> tuple[float, float, float]:
    """Seconds of the clock, seconds of the processor, and MiB of an import."""
    began = time.monotonic()
    program = "from scrubber.cli import main; main()"
    command = [sys.executable, "-c", program, "reference", "import", "--reference", str(store)]
    process = subprocess.Popen([*command, *map(str, paths)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def looked_up(store: Path) -> None:
    """Print what a look-up takes."""
    tables = Store(store).tables
    codes = public_files.procedures(LIMITS)
    random.seed(1)
    keys = {
        external.NCCI_PRACTITIONER: [f"{random.choice(codes)} {random.choice(codes)}" for _ in range(ASKED)],
        external.NDC_DIRECTORY: [f"{random.randrange(10**11):011}" for _ in range(ASKED)],
        external.MUE_PRACTITIONER: codes,
        external.ICD10CM: [f"M{random.randrange(10**4):04}" for _ in range(ASKED)],
    }
    for name, asked in keys.items():
        took = []
        for _ in range(2):
            began = time.process_time()
            for key in asked:
                tables[name].row(key, DAY)
            took.append((time.process_time() - began) / len(asked) * 1e6)
        print(f"{name:20} {took[0]:6.1f} us a new key, {took[1]:5.2f} us a known one")


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, store = Path(scratch), Path(scratch) / "reference.sqlite"
        for name, paths in files(folder).items():
            seconds, busy, memory = imported(store, paths)
            size = store.stat().st_size / 2**20
            print(f"{name:20} {seconds:6.1f} s ({busy:5.1f} s CPU), {memory:4.0f} MiB, store {size:4.0f} MiB")
        looked_up(store)


if __name__ == "__main__":
    main()
