"""Damaged rows of a history: one line, status 2, and nothing is written or entered."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrubber.cli import main
from tests.scrubbing import ROOT, each

FIRST, SECOND = (str(ROOT / "fixtures" / "history" / f"{name}-837p.837") for name in ("first", "second"))
HISTORY = "history.sqlite3"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a history of one file."""
    folder = tmp_path_factory.mktemp("sound")
    scrubbed = ["scrub", FIRST, "--no-config", "--out", str(folder / "out"), "--history", str(folder / HISTORY)]
    assert CliRunner().invoke(main, scrubbed).exit_code < 2
    return folder


def copied(sound: Path, folder: Path) -> Path:
    """A copy of the history with its key."""
    for name in (HISTORY, f"{HISTORY}.key"):
        shutil.copy2(sound / name, folder / name)
    return folder / HISTORY


@pytest.fixture
def damaged(sound: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a copy of the history with one change."""

    def change(statement: str) -> Path:
        path = copied(sound, tmp_path)
        store = sqlite3.connect(path)
        store.execute("PRAGMA writable_schema = on")
        store.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
        store.commit()
        store.close()
        store = sqlite3.connect(path)
        assert store.execute(statement).rowcount
        store.commit()
        store.close()
        return path

    return change


def refused(history: Path) -> str:
    """The lines with which `check` and `scrub` refuse a history, one each. Neither writes anything."""
    before, out = history.read_bytes(), history.parent / "out"
    lines = ""
    for command in (["check"], ["scrub", "--out", str(out)]):
        done = CliRunner().invoke(main, [*command, SECOND, "--no-config", "--history", str(history)])
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1), done.output
        assert not isinstance(done.exception, Exception)
        lines += done.stderr
    assert not [path.name for path in out.glob("*") if path.suffix != ".lock"]
    assert history.read_bytes() == before
    return lines


NUMBERS = ("patient", "content", "interchange", "provider", "claim_id", "likeness", "first_day", "last_day", "ended")


@pytest.mark.parametrize("value", ["'garbage'", "x'00FF'", "1.5", "''", "NULL"])
@pytest.mark.parametrize("column", NUMBERS)
def test_a_value_of_another_type_is_refused(column: str, value: str, damaged: Callable[[str], Path]) -> None:
    if (column, value) == ("ended", "NULL"):
        pytest.skip("a claim that has not ended has NULL there")
    assert "is damaged" in refused(damaged(f"UPDATE claims SET {column} = {value}"))


@each(
    "change",
    {
        "lines that are none": "UPDATE claims SET lines = 'garbage'",
        "lines of bytes": "UPDATE claims SET lines = x'00'",
        "lines of another day": "UPDATE claims SET lines = 'J0490 9999999 80 - 5'",
        "lines without an end": "UPDATE claims SET lines = lines || '|'",
        "lines that are no text": "UPDATE claims SET lines = CAST(x'FFFE' AS TEXT)",
        "no lines": "UPDATE claims SET lines = NULL",
        "a frequency of bytes": "UPDATE claims SET frequency = x'31'",
        "a day before all days": "UPDATE claims SET first_day = -5",
        "a day after all days": "UPDATE claims SET last_day = 99999999",
        "days in wrong order": "UPDATE claims SET last_day = first_day - 1",
        "a file that counts from a text on": "UPDATE files SET entered = 'soon'",
        "a file that counts until a text": "UPDATE files SET withdrawn = 'soon'",
        "a file without a hash": "UPDATE files SET sha256 = NULL",
        "an interchange on no day": "UPDATE interchanges SET day = 'garbage'",
        "an interchange after all days": "UPDATE interchanges SET day = 99999999",
        "an interchange without its number": "UPDATE interchanges SET control = NULL",
        "no interchange": "DELETE FROM interchanges",
        "states that are none": "UPDATE states SET sha256 = x'00'",
        "no state": "DELETE FROM states",
    },
)
def test_an_impossible_row_is_refused(change: str, damaged: Callable[[str], Path]) -> None:
    assert "is damaged" in refused(damaged(change))


@pytest.mark.parametrize("bit", [0, 20, 31, 32, 45, 62])
@pytest.mark.parametrize("column", ["patient", "content"])
def test_a_hash_with_one_wrong_bit_is_refused(column: str, bit: int, damaged: Callable[[str], Path]) -> None:
    """The claim would not be found, and go out again."""
    wrong = f"({column} | (1 << {bit})) - ({column} & (1 << {bit}))"
    assert "is damaged: it has a claim with damaged values" in refused(damaged(f"UPDATE claims SET {column} = {wrong}"))


@each(
    "change",
    {
        "interchange": "UPDATE claims SET interchange = interchange + 1",
        "provider": "UPDATE claims SET provider = provider + 1",
        "claim id": "UPDATE claims SET claim_id = claim_id + 1",
        "likeness": "UPDATE claims SET likeness = likeness + 1",
        "frequency": "UPDATE claims SET frequency = '7'",
        "a void": "UPDATE claims SET frequency = '8'",
        "first day": "UPDATE claims SET first_day = first_day - 1",
        "last day": "UPDATE claims SET last_day = last_day + 1",
        "a line of another day": "UPDATE claims SET lines = replace(lines, ' 7', ' 6') WHERE lines <> ''",
        "lines that are lost": "UPDATE claims SET lines = '' WHERE lines <> ''",
        "the end": "UPDATE claims SET ended = 1",
        "the checksum": "UPDATE claims SET sum = sum + 1",
        "pair": "UPDATE index_recent SET pair = pair + 1",
        "a file that counts no more": "UPDATE files SET withdrawn = 1",
        "a file that is only proposed": "UPDATE files SET entered = NULL",
        "a file that counts later": "UPDATE files SET entered = entered + 1",
        "another content": "UPDATE files SET sha256 = replace(sha256, '1', '2')",
        "another origin": "UPDATE files SET origin = 'x'",
        "the day of a file": "UPDATE files SET day = day + 1",
        "the checksum of a file": "UPDATE files SET sum = 0",
    },
)
def test_a_value_that_was_changed_to_another_possible_one_is_refused(
    change: str, damaged: Callable[[str], Path]
) -> None:
    assert "with damaged" in refused(damaged(change))


@pytest.mark.parametrize("change", ["UPDATE claims SET number = number + 1000", "DELETE FROM claims"])
def test_a_claim_that_is_lost_is_noticed_by_its_row_in_the_index(change: str, damaged: Callable[[str], Path]) -> None:
    assert "is damaged: it lacks a claim" in refused(damaged(change))


@each(
    "change",
    {
        "another program": "PRAGMA application_id = 5",
        "a newer version": "PRAGMA user_version = 99",
    },
)
def test_a_store_of_another_program_or_a_newer_version_is_refused(change: str, sound: Path, tmp_path: Path) -> None:
    path = copied(sound, tmp_path)
    store = sqlite3.connect(path)
    store.execute(change)
    store.close()
    assert refused(path)


@pytest.mark.parametrize("left", [1, 16, 100, 4096, -4096])
def test_a_history_that_is_cut_off_is_refused(left: int, sound: Path, tmp_path: Path) -> None:
    path = copied(sound, tmp_path)
    path.write_bytes(path.read_bytes()[:left])
    assert refused(path)


def test_a_schema_that_sqlite_quotes_in_several_lines_is_refused_in_one(sound: Path, tmp_path: Path) -> None:
    path = copied(sound, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"patient INTEGER NOT", b"patient `NTEGER NOT"))
    assert "malformed database schema" in refused(path)


def test_what_is_counted_wrongly_is_noticed_before_anything_is_written(damaged: Callable[[str], Path]) -> None:
    path = damaged(f"UPDATE files SET claims = {2**63 - 1}")
    store = sqlite3.connect(path)
    store.execute("DELETE FROM meta WHERE key = 'claims'")
    store.execute(
        "INSERT INTO files (origin, sha256, token, claims, day, rows, entered) VALUES ('', '', '', 5, 0, '', 1)"
    )
    store.commit()
    store.close()
    assert "is damaged" in refused(path)
