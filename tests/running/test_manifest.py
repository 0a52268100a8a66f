"""The manifest of a run, and its replay: the same bytes, or a clear word why not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.scrubbing import FIXTURES, Run, run

CLINIC = FIXTURES / "clinic-day.837"


@pytest.fixture(scope="module")
def scrubbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an input and what became of it."""
    folder = tmp_path_factory.mktemp("run")
    shutil.copy(CLINIC, folder / "day.837")
    done = run("scrub", "day.837", "--out", "out", "--ignore", "ADM", "--as-of", "2026-11-01", cwd=folder)
    assert done.status == 1
    return folder


def copied(scrubbed: Path, folder: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(scrubbed, folder / "run"))


def replayed(folder: Path, *options: str) -> Run:
    return run("replay", "out/manifest.json", *options, cwd=folder)


def test_what_it_says(scrubbed: Path) -> None:
    text = (scrubbed / "out" / "manifest.json").read_text()
    manifest = json.loads(text)
    (entry,) = manifest["files"]
    report = json.loads((scrubbed / "out" / "day.report.json").read_text())
    assert manifest["rules"]["catalogue"] == report["catalogue"]
    assert manifest["rules"]["profile"] == report["profile"]
    assert manifest["rules"]["reference"] == report["reference"]
    assert entry["path"] == "day.837"
    assert entry["sha256"] == report["files"][0]["sha256"]
    assert entry["summary"] == report["summary"]
    assert {output["name"] for output in entry["outputs"]} == {
        path.name for path in (scrubbed / "out").iterdir() if path.name != "manifest.json"
    }
    assert manifest["options"]["ignore"] == ["ADM"]
    assert "CD261014" not in text, "no claim id"


def test_the_same_bytes(scrubbed: Path) -> None:
    done = replayed(scrubbed)
    assert (done.status, done.err) == (0, "")
    assert done.out == "day.837: the same bytes, 9 files\n"


def test_the_same_run_writes_the_same_manifest(scrubbed: Path, tmp_path: Path) -> None:
    again = copied(scrubbed, tmp_path)
    run("scrub", "day.837", "--out", "again", "--ignore", "ADM", "--as-of", "2026-11-01", cwd=again)
    assert (again / "again" / "manifest.json").read_text() == (scrubbed / "out" / "manifest.json").read_text()


def test_inputs_that_have_moved(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    (folder / "archive").mkdir()
    (folder / "day.837").rename(folder / "archive" / "day.837")
    assert replayed(folder).status == 2
    assert replayed(folder, "--inputs", "archive").status == 0


def test_another_input_is_not_tried(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    content = (folder / "day.837").read_bytes()
    (folder / "day.837").write_bytes(content.replace(b"SYNDA", b"SYNDB") + b"\n")
    done = replayed(folder)
    assert done.status == 2
    assert "the file has changed since the original run" in done.err


@pytest.mark.parametrize("rule", ["catalogue", "profile", "reference", "tool"])
def test_other_rules_are_not_tried(scrubbed: Path, tmp_path: Path, rule: str) -> None:
    folder = copied(scrubbed, tmp_path)
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["rules"][rule] = {"sha256": "0"}
    path.write_text(json.dumps(manifest))
    done = replayed(folder)
    assert done.status == 2
    assert f"changed since the original run: {rule}" in done.err


def test_other_bytes(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][0]["outputs"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(manifest))
    done = replayed(folder)
    assert done.status == 1
    assert done.out == f"{manifest['files'][0]['outputs'][0]['name']}: different bytes\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"manifest_version": "9"}', "\xff"])
def test_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="latin-1")
    done = run("replay", "manifest.json", cwd=tmp_path)
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
