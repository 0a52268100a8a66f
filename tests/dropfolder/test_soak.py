"""The soak of `bench/soak.py`, in small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.scrubbing import ROOT


def test_a_small_soak_accounts_for_every_file_exactly_once(memory: Path) -> None:
    soak = [sys.executable, str(ROOT / "bench" / "soak.py"), "--files", "30", "--pause", "0.05"]
    done = subprocess.run(
        [*soak, "--folder", str(memory)], capture_output=True, text=True, check=False, timeout=300, cwd=ROOT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "killed: " in done.stdout
    assert "accounted for: " in done.stdout
