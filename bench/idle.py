"""What an idle watcher costs: CPU seconds over a minute, beside an archive of 50,000 files.

    python bench/idle.py [--files 50000] [--seconds 60] [--no-events]

`--no-events` watches as on a network share, which sends no events.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCRUBBER = Path(sys.executable).with_name("scrubber")
STARTING = 5
"""Seconds that a watcher has to load and to look around, which are not counted."""


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process has used so far, by the system's own count (Linux)."""
    behind_the_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = map(int, behind_the_name[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--no-events", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive"
        archive.mkdir()
        for number in range(chosen.files):
            (archive / f"{number}.837").touch()
        command = [str(SCRUBBER), "watch", folder, *(["--no-events"] if chosen.no_events else [])]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as watcher:
            time.sleep(STARTING)
            before = cpu_seconds(watcher.pid)
            time.sleep(chosen.seconds)
            used = cpu_seconds(watcher.pid) - before
            watcher.terminate()
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{used:.2f} s of CPU in {chosen.seconds:g} s ({used / chosen.seconds:.2%}), {memory:.0f} MB")


if __name__ == "__main__":
    main()
