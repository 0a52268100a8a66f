"""Files with random faults go through everything that reads and writes them; nothing may crash or lose a byte.

    python bench/fuzz.py [--count 10000] [--seed 1] [--failures FOLDER]

Each case is drawn from the seed and its number by `tests/fuzz/cases.py` and tried as `tests/fuzz/trial.py` says:
reading, guide checks, annotating and stripping, splitting, every report, the answers to the sender. What fails is
printed with the number of its case; `--failures` keeps the files. The exit status is 1 where anything failed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzz.cases import case
from tests.fuzz.trial import failure

_SHOWN_EVERY = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    failed: Counter[str] = Counter()
    begun = time.process_time()
    for number in range(options.count):
        data = case(options.seed, number)
        if reason := failure(data):
            failed[reason] += 1
            print(f"case {number}: {reason}", flush=True)
            if options.failures:
                options.failures.mkdir(parents=True, exist_ok=True)
                (options.failures / f"{options.seed}-{number}.837").write_bytes(data)
        if (number + 1) % _SHOWN_EVERY == 0:
            print(f"{number + 1:,} cases, {failed.total()} failed", flush=True)
    seconds = time.process_time() - begun
    print(f"{options.count:,} cases of seed {options.seed} in {seconds:.0f} s, {failed.total()} failed")
    for reason, count in failed.most_common():
        print(f"{count:7}  {reason}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
