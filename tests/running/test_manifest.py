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


def test_fields_of_a_manifest(scrubbed: Path) -> None:
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
    assert done.out == "out: the outputs are as the original run wrote them\nday.837: the same bytes, 9 files\n"
    quiet = replayed(scrubbed, "-q")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")


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


def test_replay_finds_outputs_with_other_bytes(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][0]["outputs"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(manifest))
    done = replayed(folder)
    assert done.status == 1
    name = manifest["files"][0]["outputs"][0]["name"]
    assert done.out == f"out/{name}: changed since the original run\n{name}: different bytes\n"


def test_the_files_on_disk_are_compared_too(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    out = folder / "out"
    with (out / "day.clean.837").open("ab") as clean:
        clean.write(b"\n")
    (out / "day.999").unlink()
    (out / "day.held.837").touch()
    (out / "letter.txt").touch()  # not a name of an output
    done = replayed(folder)
    assert (done.status, done.err) == (1, "")
    assert done.out.splitlines() == [
        "out/day.999: is missing",
        "out/day.clean.837: changed since the original run",
        "out/day.held.837: added since the original run",
        "day.837: the same bytes, 9 files",
    ]


def test_files_on_disk_are_compared_though_the_rules_have_changed(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["rules"]["profile"] = {"sha256": "0"}
    path.write_text(json.dumps(manifest))
    (folder / "out" / "day.999").unlink()
    done = replayed(folder)
    assert (done.status, done.out) == (2, "out/day.999: is missing\n")


def test_inputs_beside_the_outputs_are_not_called_added(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    (folder / "day.837").rename(folder / "day.clean.837")
    assert run("scrub", "day.clean.837", "--out", ".", cwd=folder).status == 1
    done = run("replay", "manifest.json", cwd=folder)
    assert (done.status, done.out.splitlines()[0]) == (0, ".: the outputs are as the original run wrote them")


def test_a_manifest_alone(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    for path in (folder / "out").glob("day.*"):
        path.unlink()
    done = replayed(folder)
    assert (done.status, done.out) == (0, "day.837: the same bytes, 9 files\n")
    assert done.err == "scrubber: out: none of the 9 outputs is there, so no file on disk is compared\n"


def test_an_output_in_another_folder_is_not_looked_at(scrubbed: Path, tmp_path: Path) -> None:
    folder = copied(scrubbed, tmp_path)
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][0]["outputs"][0]["name"] = "../day.837"
    path.write_text(json.dumps(manifest))
    done = replayed(folder)
    assert (done.status, done.out) == (2, "")
    assert done.err == "Error: out/manifest.json: it names an output in another folder\n"


EDITS = """
from pathlib import Path

from scrubber.edit import edit

Path({ran!r}).touch()

@edit("HOUSE01", "Nothing", severity="warn", concerns=None, source="a test")
def check(claim, facts):
    '''What it checks: nothing.

    Why it is denied: it is not.

    How to fix: not at all.
    '''
    return ()
"""


@pytest.fixture
def with_edits(tmp_path: Path) -> tuple[Path, Path]:
    """A run with Python of its own, and the file that this Python leaves when it runs."""
    ran = tmp_path / "ran"
    (tmp_path / "house.py").write_text(EDITS.format(ran=str(ran)))
    shutil.copy(CLINIC, tmp_path / "day.837")
    assert run("scrub", "day.837", "--edits", "house.py", "--out", "out", cwd=tmp_path).status == 1
    ran.unlink()
    return tmp_path, ran


def test_python_that_a_manifest_names_runs_only_if_it_is_trusted(with_edits: tuple[Path, Path]) -> None:
    folder, ran = with_edits
    done = replayed(folder)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "house.py" in done.err
    assert "--trust-edits" in done.err
    assert not ran.exists()
    assert replayed(folder, "--trust-edits").status == 0
    assert ran.exists()


@pytest.mark.parametrize("where", ["the input", "profile", "suppressions", "facts", "reference", "edits"])
@pytest.mark.parametrize("how", ["absolute", "upwards", "link"])
def test_a_path_in_another_folder_is_read_only_if_it_is_trusted(
    scrubbed: Path, tmp_path: Path, where: str, how: str
) -> None:
    folder = copied(scrubbed, tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("[secret]\nMARY = 1\n")
    (folder / "link").symlink_to(secret)
    named = {"absolute": str(secret), "upwards": "../secret", "link": "link"}[how]
    path = folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    if where == "the input":
        manifest["files"][0]["path"] = named
    else:
        manifest["options"][where] = [named] if where == "edits" else named
    path.write_text(json.dumps(manifest))
    done = replayed(folder, "--trust-edits")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "in another folder" in done.err
    assert "MARY" not in done.err
    assert "in another folder" not in replayed(folder, "--trust-edits", "--trust-paths").err


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"manifest_version": "9"}', "\xff"])
def test_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="latin-1")
    done = run("replay", "manifest.json", cwd=tmp_path)
    assert done.status == 2
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["rules", "options", "files"])
@pytest.mark.parametrize("value", [None, 5, "text", ["a"]])
def test_a_manifest_with_a_value_of_another_kind(scrubbed: Path, name: str, value: object, tmp_path: Path) -> None:
    path = copied(scrubbed, tmp_path) / "out" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    done = run("replay", path)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "this is not a manifest of the scrubber" in done.err
