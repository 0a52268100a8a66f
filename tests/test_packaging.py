"""What is built of this repository: a wheel and a source distribution with all that is needed, and no more."""

from __future__ import annotations

import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import pytest

from scrubber.engine.catalogue import GROUP
from tests.ci import built, copy_of_this_repository
from tests.scrubbing import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ANNOUNCED: dict[str, str] = PROJECT["entry-points"][GROUP]
FOLDERS = {"scrubber": "scrubber", "edits": "scrubber_edits"}
"""Folders of this repository that are installed, and the names of their packages."""


def shipped_files() -> Iterator[PurePosixPath]:
    """Every file of the packages, as it stands in this repository."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield PurePosixPath(path.relative_to(ROOT).as_posix())


def as_installed(path: PurePosixPath) -> str:
    return str(PurePosixPath(FOLDERS[path.parts[0]], *path.parts[1:]))


@attrs.frozen
class Wheel:
    """The names of the files of a wheel, those about it apart."""

    files: frozenset[str]
    about: frozenset[str]
    metadata: Message
    top_level: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Wheel:
        with zipfile.ZipFile(path) as archive:
            names = {name for name in archive.namelist() if not name.endswith("/")}
            about = {name.partition("/")[2]: name for name in names if ".dist-info/" in name.partition("/")[0] + "/"}
            text = {name: archive.read(about[name]).decode() for name in ("METADATA", "top_level.txt")}
        return cls(
            frozenset(names - set(about.values())),
            frozenset(about),
            Parser().parsestr(text["METADATA"]),
            tuple(text["top_level.txt"].split()),
        )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository with its tests, without what builds and checks leave behind."""
    return copy_of_this_repository(tmp_path_factory.mktemp("sources") / "claim-scrubber", "tests", "docs", "fixtures")


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Wheel:
    return Wheel.read(built(sources, "wheel", tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def unpacked(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the source distribution unpacks to."""
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(built(sources, "sdist", folder / "made")) as archive:
        archive.extractall(folder, filter="data")
    (found,) = (path for path in folder.iterdir() if path.name != "made")
    return found


def test_a_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Wheel) -> None:
    assert wheel.files == {as_installed(path) for path in shipped_files()}
    assert {"scrubber/py.typed", "scrubber_edits/py.typed", "scrubber/conformance/corrections.toml"} < wheel.files


def test_a_wheel_takes_no_name_that_a_user_may_have(wheel: Wheel) -> None:
    assert wheel.top_level == ("scrubber", "scrubber_edits")


def test_a_wheel_has_its_metadata(wheel: Wheel) -> None:
    assert wheel.metadata["Version"] == PROJECT["version"]
    assert wheel.metadata["License-Expression"] == "MIT"
    assert wheel.metadata.get_all("License-File") == ["LICENSE"]
    assert "licenses/LICENSE" in wheel.about
    named = {str(url).partition(",")[0] for url in wheel.metadata.get_all("Project-URL", [])}
    assert {"Repository", "Documentation", "Changelog"} <= named


def test_a_source_distribution_holds_the_same_and_no_tests(unpacked: Path, tmp_path: Path) -> None:
    files = {PurePosixPath(path.relative_to(unpacked).as_posix()) for path in unpacked.rglob("*") if path.is_file()}
    about = {"PKG-INFO", "setup.cfg", "MANIFEST.in", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}
    others = {path for path in files if path.parts[0] != "claim_scrubber.egg-info"}
    assert others == {*shipped_files(), *map(PurePosixPath, about)}
    assert Wheel.read(built(unpacked, "wheel", tmp_path / "wheel")).files == set(map(as_installed, shipped_files()))


def test_every_module_of_edits_is_announced() -> None:
    """Else its edits never run. A module that others take from and that has no edits begins with an underscore."""
    modules = {path.stem for path in (ROOT / "edits").glob("*.py") if not path.stem.startswith("_")}
    assert {name: f"scrubber_edits.{name}" for name in modules} == ANNOUNCED
