"""Fuzzing guided by coverage, for as long as you like: bytes that reach new code are kept and changed again.

    pip install atheris
    python bench/fuzz_long.py --target TARGET [--seconds 600] [--inputs NUMBER] [--seed 1] [--corpus FOLDER]
    python bench/fuzz_long.py [--seconds 600] ...

The targets are those of `tests/fuzz/targets.py`; without one, each has its time, one after the other. `--inputs` ends
a target at a number of inputs, if its time is not over before. Inputs that reach
new code are kept in the folder `TARGET` of the corpus folder, and a later run begins with them. The first input of each
failure is kept as a file `TARGET-…`; its traceback goes to standard error. At the end the number of inputs is printed;
the exit status is 1 where anything failed.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import hashlib
import random
import subprocess
import sys
from pathlib import Path
from types import FunctionType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fuzz import cases
from tests.fuzz.counting import Tried, counted
from tests.fuzz.targets import TARGETS

_LARGEST = 6_000
"""Bytes of an input: a claim file of some five claims. A fault needs no larger one, and it takes more time."""
_OF_CLAIMS = ("read", "guide", "edits", "annotate", "outputs", "simulate")


def fuzz(name: str, seconds: int, inputs: int, seed: int, folder: Path) -> None:
    """Fuzz one target. Does not return."""
    import atheris

    for function in (item for item in gc.get_objects() if isinstance(item, FunctionType)):
        if function.__module__ and function.__module__.startswith("scrubber"):
            atheris.instrument_func(function)
    target = TARGETS[name]
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for data in target.seeds():
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    tried = Tried(name, target, folder)
    draw = random.Random(seed)

    def mutated(data: bytes, size: int, at: int) -> bytes:
        """Half of the changes are of segments and elements, half of bytes."""
        if at % 2:
            changed: bytes = atheris.Mutate(data, size)
            return changed
        with contextlib.suppress(ValueError, IndexError):
            return cases.changed(data, cases.likely_delimiters(data, draw), draw)[:size]
        return data

    arguments = [sys.argv[0], f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={_LARGEST}", f"-runs={inputs}"]
    limits = ["-timeout=60", "-rss_limit_mb=2500", "-verbosity=0", f"-artifact_prefix={folder}/{name}-"]
    given = {"custom_mutator": mutated} if name in _OF_CLAIMS else {}
    atheris.Setup([*arguments, *limits, str(corpus)], tried, **given)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", choices=list(TARGETS))
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--inputs", type=int, default=-1, help="at most, for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"), metavar="FOLDER")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        fuzz(options.target, options.seconds, options.inputs, options.seed, options.corpus)
    total, failed = 0, False
    for name in [options.target] if options.target else TARGETS:
        options.corpus.mkdir(parents=True, exist_ok=True)
        for suffix in ("count", "failures"):
            (options.corpus / f"{name}.{suffix}").unlink(missing_ok=True)
        given = [f"--{option}={getattr(options, option)}" for option in ("seconds", "inputs", "seed", "corpus")]
        done = subprocess.run([sys.executable, __file__, "--here", f"--target={name}", *given], check=False)
        tried, failures = counted(options.corpus, name)
        total, failed = total + tried, failed or bool(failures or done.returncode)
        print(f"{tried:12,} inputs of {name}, {len(failures)} kinds of failures", flush=True)
        for failure in failures:
            print(f"{'':13}{failure}", flush=True)
    print(f"{total:12,} inputs")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
