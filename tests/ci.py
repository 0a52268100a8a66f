"""What tests of CI share: installing the scrubber anew, as the projects of others do, and what docs/ci.md shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scrubbing import ROOT

INSTALLED = (
    *("pyproject.toml", "MANIFEST.in", "README.md", "CHANGELOG.md", "LICENSE", ".pre-commit-hooks.yaml", "action.yml"),
    *("scrubber", "edits"),
)
"""What of this repository an installation takes."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def shown(language: str, begins: str = "") -> str:
    """The first block of a language in docs/ci.md that begins so."""
    blocks = _BLOCK.findall((ROOT / "docs" / "ci.md").read_text("utf-8"))
    return next(str(text) for named, text in blocks if named == language and text.startswith(begins))


def skip_without_index() -> None:
    """Skip the tests where pip cannot get at packages: a fresh environment needs some."""
    options = ["--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--retries", "0", "--timeout", "15"]
    command = [sys.executable, "-m", "pip", "install", *options, "attrs", "setuptools>=77"]
    probe = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if probe.returncode:
        pytest.skip(f"pip reaches no package index: {probe.stderr.strip().splitlines()[-1]}")


def copy_of_this_repository(to: Path, *more: str) -> Path:
    """The files of this repository that an installation takes, and `more`, as they are now, committed or not."""
    to.mkdir()
    for name in (*INSTALLED, *more):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / name)
    return to


def built(source: Path, kind: str, to: Path) -> Path:
    """Build a `wheel` or an `sdist` of a folder, as a front end would, with the installed setuptools."""
    program = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", program, str(to)], cwd=source, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = to.iterdir()
    return file
