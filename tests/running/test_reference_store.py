"""The store of public tables in a run: who names it, and how a run says which editions judged it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from scrubber.commands.expecting import judge_by
from scrubber.reference.editions import Edition
from scrubber.reference.external import PLACES_OF_SERVICE
from scrubber.reference.location import VARIABLE, default_path
from scrubber.reference.storing import Contents, store
from scrubber.running.options import OptionsError, RunOptions
from tests.outputs.xml_reports import SCHEMA
from tests.scrubbing import FIXTURES, run

CLAIMS = FIXTURES / "clinic-day.837"


def stored(path: Path, *codes: str, until: date | None = None) -> Path:
    """A store with one table: places of service."""
    edition = Edition("2026", date(2026, 1, 1), until, sha256="a" * 63 + str(len(codes)), source="places.html")
    store(path, [Contents(PLACES_OF_SERVICE, edition, (), [(code, None, None, "") for code in codes])])
    return path


def places(options: RunOptions) -> frozenset[str]:
    """The places of service that the tables of a run add."""
    table = options.engine().facts.tables.get(PLACES_OF_SERVICE)
    return table.keys() if table else frozenset()


def test_who_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = {
        name: stored(tmp_path / f"{name}.sqlite", code) for name, code in {"a": "Z1", "b": "Z2", "c": "Z3"}.items()
    }
    profile = tmp_path / "profile.toml"
    profile.write_text('reference = "c.sqlite"\n')
    assert "Z1" not in places(RunOptions())
    monkeypatch.delenv(VARIABLE)
    assert places(RunOptions(profile)) >= {"Z3"}
    monkeypatch.setenv(VARIABLE, str(paths["b"]))
    assert places(RunOptions(profile)) >= {"Z2"}
    assert places(RunOptions(profile, reference=paths["a"])) >= {"Z1"}
    monkeypatch.setenv(VARIABLE, "")
    assert not places(RunOptions(profile)) & {"Z1", "Z2", "Z3"}
    assert places(RunOptions(reference=paths["a"])) >= {"Z1"}


def test_the_pytest_plugin_takes_the_option(tmp_path: Path) -> None:
    path = stored(tmp_path / "store.sqlite", "Z1")
    judge = judge_by(["--reference", str(path)])
    assert "Z1" in judge.engine.facts.table(PLACES_OF_SERVICE).keys()  # noqa: SIM118 - a table is no mapping


def test_a_store_in_the_data_folder_is_used_if_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "Z1" not in places(RunOptions())
    stored(default_path(), "Z1")
    assert "Z1" in places(RunOptions())


def test_a_named_store_must_be_there_and_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionsError, match="missing: No such file"):
        RunOptions(reference=tmp_path / "missing").engine()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "gone"))
    with pytest.raises(OptionsError, match="gone: No such file"):
        RunOptions().engine()
    with pytest.raises(OptionsError, match="this is not a reference store of the scrubber"):
        RunOptions(reference=CLAIMS).engine()


def test_reports_and_manifest_name_the_editions_and_replay_sees_others(tmp_path: Path) -> None:
    path, out = stored(tmp_path / "store.sqlite", "11", "22"), tmp_path / "out"
    run("scrub", CLAIMS, "--reference", path, "--out", out, "--fail-on", "never")
    manifest = json.loads((out / "manifest.json").read_text())
    report = json.loads((out / "clinic-day.report.json").read_text())
    record = RunOptions(reference=path).engine().fingerprint["reference"]
    assert manifest["rules"]["reference"] == report["reference"] == record
    assert manifest["options"]["reference"] == str(path)
    edition = {"table": "pos", "release": "2026", "since": "2026-01-01", "until": None, "sha256": "a" * 63 + "2"}
    assert record["editions"] == [edition]
    root = etree.parse(out / "clinic-day.report.xml").getroot()
    SCHEMA.assertValid(root)
    element = root.find("reference/edition")
    assert element is not None and dict(element.attrib) == {key: text for key, text in edition.items() if text}

    assert run("replay", out / "manifest.json", "--trust-paths").status == 0
    stored(path, "11", "22", "24")
    changed = run("replay", out / "manifest.json", "--trust-paths")
    assert changed.status == 2 and "changed since the original run: reference" in changed.err
