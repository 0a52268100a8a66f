"""docs/acknowledgements.md: its examples run, and its settings are those of profiles."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import attrs
import pytest

from scrubber.engine import profile as profiles
from scrubber.engine.acknowledgement import Acknowledgement
from tests.pages import blocks
from tests.scrubbing import ROOT, installed

PAGE = (ROOT / "docs" / "acknowledgements.md").read_text("utf-8")


def test_the_example_in_python_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = blocks(PAGE, "python")
    exec(compile(code, "docs/acknowledgements.md", "exec"), {})


def test_the_settings_are_those_of_a_profile(tmp_path: Path) -> None:
    (text,) = blocks(PAGE, "toml")
    path = tmp_path / "profile.toml"
    path.write_text(text)
    loaded = profiles.load(os.fspath(path), installed()).acknowledgement
    assert loaded == Acknowledgement("A2:20", "A3", "current")
    assert {*tomllib.loads(text)["acknowledgement"]} == {field.name for field in attrs.fields(Acknowledgement)}
