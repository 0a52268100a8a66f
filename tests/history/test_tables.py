"""Stores of older versions get the tables of this one, and give the same answers as before."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import attrs
import pytest

from scrubber.claims.earlier import HistoryError
from scrubber.history.database import Database
from scrubber.history.tables import VERSION
from scrubber.testing import infusion_claim, visit_claim
from tests.history.releasing import content_of, findings, history, propose, release, sha256_of

VERSION_1 = """
PRAGMA user_version = 1;
ALTER TABLE files RENAME TO new_files;
ALTER TABLE claims RENAME TO new_claims;
DROP INDEX by_content; DROP INDEX by_day; DROP INDEX voids;
CREATE TABLE files (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, sha256 TEXT NOT NULL, token TEXT NOT NULL, claims INTEGER NOT NULL,
    day INTEGER NOT NULL, rows TEXT NOT NULL, entered INTEGER, confirmed INTEGER NOT NULL DEFAULT 0, withdrawn INTEGER
);
CREATE INDEX by_content ON files (origin, sha256);
CREATE INDEX by_day ON files (day) WHERE entered IS NOT NULL;
CREATE TABLE claims (
    patient INTEGER NOT NULL, content INTEGER NOT NULL, file INTEGER NOT NULL, number INTEGER NOT NULL,
    interchange INTEGER NOT NULL, provider INTEGER NOT NULL, claim_id INTEGER NOT NULL, likeness INTEGER NOT NULL,
    frequency TEXT NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, lines TEXT NOT NULL,
    ended INTEGER, PRIMARY KEY (patient, content, file, number)
) WITHOUT ROWID;
CREATE INDEX by_file ON claims (file);
CREATE INDEX changes ON claims (file) WHERE frequency IN ('7', '8');
CREATE INDEX voids ON claims (patient) WHERE frequency = '8';
INSERT INTO files
    SELECT id, origin, sha256, token, claims, day, rows, entered, confirmed, withdrawn FROM new_files;
INSERT INTO claims SELECT patient, content, file, number, interchange, provider, claim_id, likeness, frequency,
    first_day, last_day, lines, ended FROM new_claims;
DROP TABLE new_files; DROP TABLE new_claims; DROP TABLE index_main; DROP TABLE index_recent;
DELETE FROM meta WHERE key IN ('recent', 'indexed');
"""
VERSION_2 = """
PRAGMA user_version = 2;
ALTER TABLE files DROP COLUMN sum;
ALTER TABLE claims DROP COLUMN sum;
"""
DRUG, VISIT = (
    infusion_claim(claim_id="C1", member_id="9XX9XX9XX01"),
    visit_claim(claim_id="C2", member_id="9XX9XX9XX02"),
)
FILES = [
    [DRUG, VISIT, infusion_claim(claim_id="C3", member_id="9XX9XX9XX03")],
    [attrs.evolve(DRUG, frequency="8"), attrs.evolve(VISIT, frequency="7")],
    [visit_claim(claim_id="C4", member_id="9XX9XX9XX01")],
]


def older(path: Path, tables: str = VERSION_1) -> None:
    """Give a store the tables that an older version had."""
    store = sqlite3.connect(path)
    store.executescript(tables)
    store.close()


@pytest.mark.parametrize("tables", [VERSION_1, VERSION_2], ids=["1", "2"])
def test_a_store_of_an_older_version_gives_the_same_as_before(tables: str, tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    states = [store.record()]
    for claims in FILES:
        release(store, *claims)
        states.append(store.record())
    late = propose(store, content_of([visit_claim(claim_id="C5")]))

    def said() -> list[list[list[tuple[str, str | None, int | None, str]]]]:
        asked = [claim for claims in FILES for claim in claims]
        return [findings(store.at(state), visit_claim(), *asked, codes=["DUP02", "DUP03", "DUP04"]) for state in states]

    before, state = said(), store.state
    assert any(of for files in before for of in files), "some claims are found"
    store.close()
    older(tmp_path / "h", tables)
    store = history(tmp_path / "h")
    assert store.state == state
    assert [store.at(one).record() for one in states] == states
    assert said() == before
    (version,) = store.database.connection.execute("PRAGMA user_version").fetchone()
    assert version == VERSION
    assert store.enter(late), "what was proposed can be entered"
    assert store.database.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_two_processes_may_open_a_store_of_version_1(tmp_path: Path) -> None:
    release(history(tmp_path / "h"), *FILES[0])
    older(tmp_path / "h")
    first, second = history(tmp_path / "h"), history(tmp_path / "h")
    release(first, *FILES[2])
    assert second.state == first.state


def test_a_change_that_fails_leaves_the_store_of_version_1_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(history(tmp_path / "h"), *FILES[0])
    older(tmp_path / "h")
    with monkeypatch.context() as broken:
        broken.setattr("scrubber.history.claim_index.PAIR", "no_such_function({0}.patient)")
        with pytest.raises(HistoryError):
            Database(tmp_path / "h")
    store = sqlite3.connect(tmp_path / "h")
    assert store.execute("PRAGMA user_version").fetchone() == (1,)
    assert store.execute("SELECT count(*) FROM claims").fetchone() == (3,)
    store.close()
    again = findings(history(tmp_path / "h"), visit_claim(), *FILES[0], codes=["DUP03"])
    assert [bool(found) for found in again] == [False, True, True, True]


def test_a_store_of_no_known_version_is_refused(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    for version in (0, VERSION + 1):
        store.database.connection.execute(f"PRAGMA user_version = {version}")
        with pytest.raises(HistoryError, match="another version"):
            Database(tmp_path / "h")


def test_a_number_of_a_file_is_never_used_again(tmp_path: Path) -> None:
    """The index may still have rows of a file that was deleted."""
    store = history(tmp_path / "h")
    content = content_of(FILES[0])
    first = propose(store, content)
    store.withdraw(sha256_of(content))
    assert propose(store, content).file > first.file
