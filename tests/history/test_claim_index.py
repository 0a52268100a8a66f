"""The index of claims: two tables that answer as one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.history import claim_index, snapshot
from scrubber.history.claim_index import PAIR, PAIRS_OF_PATIENT, pair, pairs_of
from scrubber.history.database import Database
from scrubber.history.store import HistoryStore
from scrubber.testing import FILE_DATE, ClaimSpec, infusion_claim, visit_claim
from tests.history.releasing import findings, history, release

HASHES = st.integers(-(1 << 63), (1 << 63) - 1)
_CODES = ("DUP02", "DUP03", "DUP04", "INT01")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("index") / "h", create=True)


@given(HASHES, HASHES)
def test_pairs_are_the_same_in_python_and_in_sql(database: Database, patient: int, content: int) -> None:
    first, last = pairs_of(patient)
    assert first <= pair(patient, content) <= last
    query = (
        f"SELECT {PAIR.format('c')}, {PAIR.format('c')} BETWEEN {PAIRS_OF_PATIENT.format('c')} "
        "FROM (SELECT ? AS patient, ? AS content) AS c"
    )
    assert database.connection.execute(query, (patient, content)).fetchone() == (pair(patient, content), 1)


@given(HASHES, HASHES, HASHES)
def test_patients_with_other_upper_halves_share_no_pair(patient: int, other: int, content: int) -> None:
    first, last = pairs_of(patient)
    assert (first <= pair(other, content) <= last) == (patient >> 32 == other >> 32)


def claim(number: int) -> ClaimSpec:
    make = infusion_claim if number % 2 else visit_claim
    return make(claim_id=f"C{number}", member_id=f"9XX9XX9XX{number % 4:02}")


def rows(store: HistoryStore) -> list[int]:
    """How many rows the two tables have."""
    query = "SELECT (SELECT count(*) FROM index_main), (SELECT count(*) FROM index_recent)"
    return list(store.database.connection.execute(query).fetchone())


def test_it_answers_the_same_wherever_its_rows_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for most in (0, 7, 1000):
        monkeypatch.setattr(claim_index, "MOST_RECENT", most)
        store = history(tmp_path / str(most))
        said = []
        for number in range(8):
            file = claim(number), claim(number + 1), claim(number - 3)
            said.append(findings(store, *file, codes=_CODES))
            release(store, *file)
        answers.append(said)
        assert sum(rows(store)) == 24
        assert rows(store)[0] == {0: 24, 7: 18, 1000: 0}[most]
    assert answers[0] == answers[1] == answers[2]
    assert any(found for file in answers[0] for found in file)


def test_rows_of_deleted_files_go_when_they_are_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_index, "MOST_RECENT", 0)
    store = history(tmp_path / "h")
    release(store, claim(1), claim(2))
    for number in range(3, 14):
        release(store, claim(number), claim(20 + number), file_date=FILE_DATE + timedelta(500))
    (claims,) = store.database.connection.execute("SELECT count(*) FROM claims").fetchone()
    assert claims == 22
    assert rows(store) == [24, 0], "two of 24 may stay"
    monkeypatch.setattr(claim_index, "_MOST_USELESS", 100)
    with store.database.transaction() as connection:
        claim_index.settle(connection)
    assert rows(store) == [22, 0]


def test_claims_with_the_same_pair_are_distinguished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Halves of hashes may be the same by chance; here all of them are."""
    same = lambda *_: 7  # noqa: E731
    for module in (claim_index, snapshot):
        monkeypatch.setattr(module, "pair" if module is claim_index else "pair_of", same)
        monkeypatch.setattr(module, "pairs_of", lambda _: (7, 7))
    store = history(tmp_path / "h")
    release(store, claim(1), claim(2))
    found = findings(store, claim(3), claim(2), claim(1), codes=["DUP03"])
    assert [bool(of) for of in found] == [False, True, True]


def test_claims_without_a_drug_are_looked_up_together(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, *(claim(number) for number in range(20)))
    file = [visit_claim(claim_id=f"V{number}", member_id=f"9XX9XX9XX{number:02}") for number in range(50)]
    asked: list[str] = []
    store.database.connection.set_trace_callback(asked.append)
    assert findings(store, *file, codes=_CODES) == [[]] * 50
    assert len([query for query in asked if "index_main" in query]) == 1
