"""The page on many claims is true: its programs run, one after the other, in one folder."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.pages import blocks
from tests.scrubbing import FIXTURES, ROOT, each

PAGE = (ROOT / "docs" / "scaling.md").read_text("utf-8")
PROGRAMS = blocks(PAGE, "python")
READERS = {"duckdb": PROGRAMS[1], "polars": PROGRAMS[2], "pandas": PROGRAMS[3]}

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scaling")
    for name in ("clinic-day.837", "ordinary-837p.837"):
        (folder / name).write_bytes((FIXTURES / name).read_bytes())
    assert started(PROGRAMS[0], folder) == ""
    return folder


def started(program: str, folder: Path) -> str:
    """What a program that succeeds prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_claims_are_in_the_table(folder: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(folder / "claims.parquet").to_pylist()
    files = {row["name"]: row["file"]["claims"] for row in rows if row["record"] == "file"}
    assert set(files) == {"clinic-day.837", "ordinary-837p.837"}
    assert sum(files.values()) == len([row for row in rows if row["record"] == "claim"]) > 0


@pytest.mark.slow
@each("library", {name: name for name in READERS})
def test_others_read_it(folder: Path, library: str) -> None:
    pytest.importorskip(library)
    assert "JWJZ01" in started(READERS[library], folder)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed")
def test_spark_runs_it(folder: Path) -> None:
    count = "\nprint(spark.read.parquet('claims-by-spark').where(\"record = 'file'\").count())"
    assert started(PROGRAMS[4] + count, folder).split()[-1] == "2"
