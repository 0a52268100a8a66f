"""Odd files of every kind that a command reads: one line, status 2, no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrubber.cli import main
from tests.scrubbing import FIXTURES, each

CLINIC = str(FIXTURES / "clinic-day.837")
DEEP, HUGE = "[" * 100_000, "9" * 5_000
OPTIONS = {
    "no_phi": False,
    "select": [],
    "ignore": [],
    "profile": None,
    "edits": [],
    "suppressions": None,
    "as_of": None,
    "conformance": True,
}
ENTRY = {"path": "x.837", "sha256": "x", "size": 1, "status": "ok", "summary": {}, "outputs": []}


def manifest(**options: object) -> str:
    entry = {**ENTRY, "path": options.pop("path", "x.837")}
    return json.dumps({"manifest_version": "1", "rules": {}, "options": {**OPTIONS, **options}, "files": [entry]})


@each(
    ("option", "text"),
    {
        "deep profile": ("--profile", f"a = {DEEP}"),
        "huge number in a profile": ("--profile", f"a = {HUGE}"),
        "NUL in a profile": ("--profile", 'facts = "a\\u0000b"'),
        "deep suppressions": ("--suppressions", f"a = {DEEP}"),
        "huge number in suppressions": ("--suppressions", f"[[suppress]]\ncode = {HUGE}"),
        "deep baseline": ("--baseline", DEEP),
        "huge number in a baseline": ("--baseline", HUGE),
        "half of a character in a baseline": ("--baseline", '{"file": "\\ud800"}'),
        "deep manifest": ("replay", DEEP),
        "huge number in a manifest": ("replay", f'{{"manifest_version": {HUGE}}}'),
        "NUL in a path of a manifest": ("replay", manifest(path="\0")),
        "NUL in a profile of a manifest": ("replay", manifest(profile="\0")),
        "a profile that is a table": ("replay", manifest(profile={"a": 1})),
        "codes that are numbers": ("replay", manifest(select=[1])),
        "edits that are numbers": ("replay", manifest(edits=[1])),
        "a path that is a number": ("replay", manifest(path=5)),
    },
)
def test_an_odd_file_is_one_line(tmp_path: Path, option: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ("odd.toml" if option in ("--profile", "--suppressions") else "odd.json")
    path.write_text(text)
    arguments = ["replay", str(path)] if option == "replay" else ["check", option, str(path), CLINIC]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "report this" not in done.stderr


@each("marker", {"deep": DEEP, "NUL": '{"id": 5, "ledger": "\\u0000"}', "half": '{"id": "x", "ledger": "\\ud800"}'})
def test_an_odd_marker_of_a_drop_folder_is_one_line(tmp_path: Path, marker: str) -> None:
    (tmp_path / ".scrubber-watch.json").write_text(marker)
    for command in (["watch", str(tmp_path), "--once"], ["watch", "status", str(tmp_path)]):
        done = CliRunner().invoke(main, command)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "is damaged" in done.stderr


@each("health", {"deep": DEEP, "nothing": "{}", "a list": "[]", "huge": '{"good_until": 1e999, "status": 1}'})
def test_an_odd_health_file_is_no_sign_of_life(tmp_path: Path, health: str) -> None:
    path = tmp_path / "health.json"
    path.write_text(health)
    done = CliRunner().invoke(main, ["watch", "status", str(tmp_path), "--alive", "--health", str(path)])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "is damaged" in done.stderr


@each("port", {"70000": "70000", "-1": "-1"})
def test_a_port_that_there_is_not(tmp_path: Path, port: str) -> None:
    done = CliRunner().invoke(main, ["watch", str(tmp_path), "--once", "--metrics-port", port])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "metrics_port must be at" in done.stderr


def test_an_unforeseen_error_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("about MARY DOE")

    monkeypatch.setattr("scrubber.running.run.check", fail)
    done = CliRunner().invoke(main, ["check", CLINIC])
    assert done.exit_code == 2
    assert "the scrubber failed: ZeroDivisionError at test_odd_files.py:" in done.stderr
    assert "MARY" not in done.stderr
