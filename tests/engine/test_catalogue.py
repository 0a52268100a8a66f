"""The catalogue: how edits are found by code, and what its fingerprint stands for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scrubber.edit import Edit
from scrubber.engine import catalogue
from scrubber.engine.catalogue import Catalogue, CatalogueError
from tests.scrubbing import ROOT, each, installed

EDITS = '''
from scrubber.edit import edit, file_edit

LIMIT = {limit}

@edit("HOUSE01", "{title}", severity="warn", concerns=None, source="a test")
def check(claim, facts):
    """What it checks: {what}.

    Why it is denied: it is not.

    How to fix: not at all.
    """
    return ()

@file_edit("HOUSE02", "Across claims", severity="warn", concerns=None, source="a test")
def begin():
    """What it checks: nothing.

    Why it is denied: it is not.

    How to fix: not at all.
    """
    def check(claim, facts):
        return ()
    return check
'''


def house(folder: Path, name: str = "house.py", **changes: str) -> Path:
    path = folder / name
    path.write_text(EDITS.format(**{"limit": "1", "title": "A test", "what": "nothing", **changes}))
    return path


def test_the_six_topics_and_the_reader_come_through_the_entry_points() -> None:
    codes = set(installed().edits)
    assert codes >= {"JWJZ01", "ADM01", "NDC05", "DX01", "MIX01", "AGE03", "READ01"}
    assert list(installed().edits) == sorted(codes)


def test_edits_are_found_by_code() -> None:
    found = installed()["JWJZ01"]
    assert isinstance(found, Edit)
    assert found.code == "JWJZ01"


@each(
    ("wrong", "says"),
    {
        "a letter off": ("JWJX01", "did you mean JWJZ01?"),
        "small letters": ("ndc05", "did you mean NDC05?"),
        "nothing like it": ("XYZZY", "unknown edit 'XYZZY'"),
    },
)
def test_an_unknown_code_names_the_nearest(wrong: str, says: str) -> None:
    with pytest.raises(CatalogueError, match="unknown edit") as refused:
        installed()[wrong]
    assert says in str(refused.value)


def test_the_beginning_of_a_code_stands_for_all_that_begin_so() -> None:
    assert installed().matching(["READ", "NDC05"]) == {"READ01", "READ02", "NDC05"}
    assert installed().matching([]) == frozenset()
    for wrong in ("", "QQ", "ND C"):
        with pytest.raises(CatalogueError, match="unknown edit"):
            installed().matching([wrong])


def fingerprint(path: Path) -> str:
    return catalogue.load([path]).sha256


def test_the_fingerprint_is_the_same_for_the_same_edits(tmp_path: Path) -> None:
    assert fingerprint(house(tmp_path)) == fingerprint(house(tmp_path, "other_name.py"))
    assert installed().sha256 == catalogue.load().sha256


def test_the_fingerprint_is_the_same_in_every_process(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from scrubber.engine import catalogue; print(catalogue.load([Path({!r})]).sha256)"
    )
    command = [sys.executable, "-c", script.format(str(house(tmp_path)))]
    outputs = {
        subprocess.run(
            command, check=True, capture_output=True, cwd=ROOT, timeout=60, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@each("change", {"title": {"title": "B test"}, "docstring": {"what": "much"}, "a constant": {"limit": "2"}})
def test_the_fingerprint_changes_with_what_the_edits_do(tmp_path: Path, change: dict[str, str]) -> None:
    assert fingerprint(house(tmp_path)) != fingerprint(house(tmp_path, "changed.py", **change))


@each("source", {"gone": "gone.py", "none": ""})
def test_an_edit_without_a_source_file_is_identified_by_its_declaration(tmp_path: Path, source: str) -> None:
    made = []
    for what in ("nothing", "nothing", "much"):
        there: dict[str, Any] = {"__name__": "house"}
        written = EDITS.format(limit="1", title="A test", what=what)
        exec(compile(written, source and str(tmp_path / source), "exec"), there)
        made.append(Catalogue({edit.code: edit for edit in there.values() if isinstance(edit, Edit)}))
    one, alike, other = made
    assert one.sha256 == alike.sha256 != other.sha256


def test_a_code_may_be_there_only_once(tmp_path: Path) -> None:
    files = [house(tmp_path, "one.py"), house(tmp_path, "two.py")]
    with pytest.raises(CatalogueError, match=r"two\.py: another edit has the code HOUSE01"):
        catalogue.load(files)


def test_an_edit_that_another_module_also_names_is_one_edit(tmp_path: Path) -> None:
    path = tmp_path / "again.py"
    path.write_text("from scrubber_edits.ndc import subcutaneous_ndc\nsame = subcutaneous_ndc\n")
    assert catalogue.load([path]).edits == installed().edits


def test_an_empty_catalogue_has_a_fingerprint_too() -> None:
    assert len(Catalogue({}).sha256) == 64


def test_codes_are_chosen_whole_or_by_their_letters() -> None:
    assert installed().matching(["DX01"]) == {"DX01"}
    assert {"DX01", "DX12"} < installed().matching(["DX"])
    for part_of_a_code in ("DX1", "DX0", ""):
        with pytest.raises(CatalogueError):
            installed().matching([part_of_a_code])


@each("mode", {"of others": 0o606, "of a group": 0o660, "of all": 0o666})
def test_a_file_that_others_may_change_is_not_run(tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "house.py"
    path.write_text("raise SystemExit('it ran')")
    path.chmod(mode)
    monkeypatch.setattr("os.getgid", lambda: path.stat().st_gid + 1)
    if path.stat().st_gid == 0 and mode == 0o660:
        pytest.skip("the group is that of the system")
    with pytest.raises(CatalogueError, match="other users may change this file"):
        catalogue.load([path])


def test_a_file_in_a_folder_where_others_may_replace_it_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "house.py"
    path.write_text("raise SystemExit('it ran')")
    tmp_path.chmod(0o777)
    with pytest.raises(CatalogueError, match="other users may change"):
        catalogue.load([path])
    tmp_path.chmod(0o1777)
    with pytest.raises(CatalogueError, match="it ran"):
        catalogue.load([path])


def test_a_file_of_ones_own_group_is_run(tmp_path: Path) -> None:
    path = tmp_path / "house.py"
    path.write_text(EDITS.format(limit=1, title="A", what="a thing"))
    path.chmod(0o664)
    assert "HOUSE01" in catalogue.load([path]).codes
