"""All that the scrubber needs has a licence that goes with its own, and is listed."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError

import pytest

from tests import licences
from tests.licences import FAMILIES, direct, licence, needed
from tests.scrubbing import ROOT

PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")


def installed() -> dict[str, str]:
    found = {}
    for name in needed():
        try:
            found[name] = licence(name)
        except PackageNotFoundError:
            continue  # needed on another system
    return found


def licences_of(text: str) -> set[str]:
    return set(text.split(" or "))


def test_each_package_has_a_licence_that_may_be_used() -> None:
    other = {name: said for name, said in installed().items() if not set(said.split(" or ")) <= set(FAMILIES)}
    assert other == {}
    assert {"attrs", "click", "lxml", "pyx12", "starlette", "watchfiles"} <= set(installed())


def test_each_package_is_listed() -> None:
    """Other versions need other packages beside them, so only the direct ones must be there."""
    rows = dict(re.findall(r"^\| ([\w-]+) \| ([^|]+) \|$", PAGE, re.MULTILINE))
    others = {
        name: said for name, said in installed().items() if not licences_of(said) & licences_of(rows.get(name, said))
    }
    assert others == {}
    assert direct() <= set(rows)


def test_another_licence_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "FAMILIES", {"MIT": "MIT"})
    assert "BSD" in licence("lxml")
    assert licence("lxml") not in licences.FAMILIES
