"""Counts what the long fuzzing tries, in files that hold at any time."""

from __future__ import annotations

import hashlib
import os
import sys
import traceback
from collections import Counter
from pathlib import Path

from tests.fuzz.targets import Target


class Tried:
    """Runs a target, counts the inputs, and keeps one of each failure in `folder`.

    The counts are in files after each input: the process ends in the fuzzer, before code of ours can run.
    """

    def __init__(self, name: str, target: Target, folder: Path) -> None:
        self._name, self._run, self._folder = name, target.run, folder
        self._count = 0
        self._failed: Counter[str] = Counter()
        self._file = (folder / f"{name}.count").open("wb", buffering=0)

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        self._count += 1
        os.pwrite(self._file.fileno(), b"%d\n" % self._count, 0)
        try:
            self._run(data)
        except Exception as error:
            self._keep(error, data)

    def _keep(self, error: Exception, data: bytes) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {str(error)[:200]} ({Path(last.filename).name}:{last.lineno})"
        place = f"{type(error).__name__}-{Path(last.filename).name}-{last.lineno}"
        if isinstance(error, AssertionError):
            place += "-" + hashlib.sha256(str(error).encode("utf-8", "replace")).hexdigest()[:6]
        self._failed[place] += 1
        if self._failed[place] == 1:
            (self._folder / f"{self._name}-{place}").write_bytes(data)
            sys.stderr.write(f"{self._name} failed: {reason}\n{traceback.format_exc()}\n")
        rows = [f"{count} {place}\n" for place, count in self._failed.most_common()]
        (self._folder / f"{self._name}.failures").write_text("".join(rows), "utf-8")


def counted(folder: Path, name: str) -> tuple[int, list[str]]:
    """The number of inputs that a run has tried, and its failures."""
    count, failures = (folder / f"{name}.{suffix}" for suffix in ("count", "failures"))
    return (
        int(count.read_text("utf-8")) if count.exists() else 0,
        failures.read_text("utf-8").splitlines() if failures.exists() else [],
    )
