"""The store: states, proposals, entering, withdrawing, forgetting."""

from __future__ import annotations

import stat
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.claims.earlier import HistoryError
from scrubber.history import key as keys
from scrubber.history.database import Database, State
from scrubber.history.store import HistoryStore
from scrubber.testing import FILE_DATE, ClaimSpec, infusion_claim, visit_claim
from tests.history.releasing import content_of, findings, history, propose, release, sha256_of

AGAIN = [("DUP03", "warn", None, "CLM01")]


def claim(number: int = 1, **changes: Any) -> ClaimSpec:
    """A claim of a patient of its own."""
    return infusion_claim(claim_id=f"C{number}", member_id=f"9XX9XX9XX{number:02}", **changes)


def again(store: HistoryStore, *claims: ClaimSpec, **options: Any) -> list[bool]:
    """Which claims of another file were released before."""
    return [bool(found) for found in findings(store, *claims, codes=["DUP03"], **options)]


def test_a_released_claim_is_known_in_another_file(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    assert findings(store, claim(1), claim(2), codes=["DUP03"]) == [[], []]
    release(store, claim(1))
    assert findings(store, claim(2), claim(1), codes=["DUP03"]) == [[], AGAIN]


def test_a_file_is_not_compared_with_itself(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(1))
    assert again(store, claim(1)) == [False]
    assert again(store, claim(1), file_date=FILE_DATE + timedelta(1)) == [True]
    assert again(history(tmp_path / "h", origin="another folder"), claim(1)) == [True]


def test_a_proposed_file_does_not_count_yet(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    propose(store, content_of([claim(1)]))
    assert again(store, claim(1), claim(2)) == [False, False]


def test_states_are_numbered_and_have_hashes(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    states = [store.state]
    for number in (1, 2):
        release(store, claim(number))
        states.append(store.state)
    assert [state.number for state in states] == [0, 1, 2]
    assert len({state.sha256 for state in states}) == 3
    assert history(tmp_path / "other").state.sha256 != states[0].sha256


def test_an_earlier_state_is_looked_at_again(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(1))
    then = store.record()
    release(store, claim(2))
    assert again(store, claim(1), claim(2), claim(3)) == [True, True, False]
    assert again(store.at(then), claim(1), claim(2), claim(3)) == [True, False, False]


def test_states_of_another_history_are_refused(tmp_path: Path) -> None:
    store, other = history(tmp_path / "h"), history(tmp_path / "other")
    release(store, claim(1))
    for record in (other.record(), {"state": 9, "sha256": "0"}, {"state": 1, "sha256": "0"}):
        with pytest.raises(HistoryError, match="another history"):
            store.at(record)


def test_of_two_files_with_one_claim_only_one_is_entered(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    first = propose(store, content_of([claim(1), claim(2)]))
    second = propose(store, content_of([claim(2), claim(3)]))
    third = propose(store, content_of([claim(4)]))
    assert store.enter(first)
    assert not store.enter(second)
    assert store.enter(third)
    assert again(store, claim(2), claim(3), claim(4)) == [True, False, True]
    assert store.enter(second, again=True)
    assert not store.enter(second)


def test_a_file_that_is_entered_again_takes_the_place_of_what_was_never_confirmed(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    content = content_of([claim(1), claim(2)])
    assert store.enter(propose(store, content))
    before = store.record()
    assert again(store, claim(1)) == [True]
    store.withdraw(sha256_of(content))
    assert again(store, claim(1)) == [False]
    assert again(store.at(before), claim(1)) == [True]
    assert store.enter(propose(store, content))
    store.confirm(sha256_of(content))
    store.withdraw(sha256_of(content))
    assert again(store, claim(1)) == [True]


def test_a_void_or_a_replacement_ends_what_it_names(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(1), claim(2), claim(3))
    void, replacement = claim(1, frequency="8"), claim(2, frequency="7", prior_authorization="PA2")
    assert again(store, void, replacement) == [False, False]
    release(store, void, replacement)
    assert again(store, claim(9), claim(1), claim(2), claim(3)) == [False, False, True, True]
    assert again(store, claim(9), void, replacement) == [False, True, True]


def test_a_claim_that_was_replaced_is_known_until_it_is_voided(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    first, second = (claim(1, frequency="7", prior_authorization=f"PA{number}") for number in (1, 2))
    for sent in (claim(1), first, second):
        assert again(store, claim(9), sent) == [False, False]
        release(store, sent)
    assert again(store, claim(9), claim(1), first, second) == [False, True, True, True]
    void = claim(1, frequency="8")
    assert again(store, claim(9), void, claim(1), first, second) == [False, False, False, False, False]
    release(store, void)
    assert again(store, claim(9), claim(1), first, second) == [False, False, False, False]


def test_a_replaced_claim_is_not_entered_by_a_file_that_was_judged_before(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    late = content_of([claim(1), claim(9)])
    proposal = propose(store, late)
    release(store, claim(1))
    release(store, claim(1, frequency="7", prior_authorization="PA1"))
    assert not store.enter(proposal)
    release(store, claim(1, frequency="8"))
    assert store.enter(proposal)


def test_a_void_can_be_sent_again_for_a_claim_that_was_billed_again(tmp_path: Path) -> None:
    store, void = history(tmp_path / "h"), claim(1, frequency="8")
    for number, file in enumerate((claim(1), void, claim(1), void)):
        assert again(store, file, visit_claim(claim_id=f"V{number}")) == [False, False]
        release(store, file, visit_claim(claim_id=f"V{number}"))


def test_a_void_ends_the_claim_of_its_day_where_all_claims_have_one_id(tmp_path: Path) -> None:
    store, later = history(tmp_path / "h"), date(2026, 11, 2)
    one, other = (
        claim(1),
        attrs.evolve(claim(1), lines=tuple(attrs.evolve(line, dates=later) for line in claim(1).lines)),
    )
    release(store, one, other)
    release(store, attrs.evolve(one, frequency="8"))
    assert again(store, claim(9), one, other) == [False, False, True]


SENT: dict[str, ClaimSpec] = {
    "C": claim(1),
    "D": claim(1, prior_authorization="PA1"),
    "R": claim(1, frequency="7", payer_claim_control_number="N1"),
    "S": claim(1, frequency="7", payer_claim_control_number="N2"),
    "V": claim(1, frequency="8", payer_claim_control_number="N1"),
    "W": claim(1, frequency="8", payer_claim_control_number="N2"),
    "v": claim(1, frequency="8"),
    "X": claim(2),
}
"""A claim and a corrected one (D), replacements (R, S), voids with the payer's number (V, W) and without (v); X is of
another patient."""


@pytest.mark.parametrize(
    ("released", "file", "repeated"),
    [
        ("C VC", "VC", "VC"),
        ("C VC", "VX", "V"),
        ("C VC", "CV", "CV"),
        ("C VC", "XC", "C"),
        ("C VC", "WC", ""),
        ("C VC WC", "VCWC", "VCWC"),
        ("C VD", "VD", "VD"),
        ("C DV", "DV", "DV"),
        ("C V", "V", "V"),
        ("C V", "VC", "V"),
        ("C V", "C", ""),
        ("C V C", "VC", "VC"),
        ("C V C", "V", "V"),
        ("C V C", "W", ""),
        ("C V C W", "C", ""),
        ("C v C", "v", ""),
        ("C vC", "vC", "vC"),
        ("C RS", "RS", "RS"),
        ("C R S", "SR", "SR"),
        ("C R W", "RC", ""),
        ("C RW", "RW", "RW"),
    ],
)
def test_what_was_sent_before_is_a_repeat_until_a_later_file_voids_it(
    tmp_path: Path, released: str, file: str, repeated: str
) -> None:
    store = history(tmp_path / "h")
    for number, sent in enumerate(released.split()):
        release(store, *(SENT[one] for one in sent), visit_claim(claim_id=f"V{number}"))
    found = again(store, claim(9), *(SENT[one] for one in file))
    assert "".join(one for one, twice in zip(f" {file}", found, strict=True) if twice) == repeated


@pytest.mark.parametrize(
    ("released", "file", "repeated"),
    [
        ("", "CC", [False, True]),
        ("", "CXCC", [False, False, True, True]),
        ("", "VCV", [False, False, True]),
        ("", "RR", [False, True]),
        ("", "CD", [False, False]),
        ("", "CVC", [False, False, True]),
        ("C", "CVC", [True, False, False]),
        ("C", "VCC", [False, False, True]),
        ("C", "VVC", [False, True, False]),
    ],
)
def test_the_same_claim_twice_in_a_file_is_a_repeat(
    tmp_path: Path, released: str, file: str, repeated: list[bool]
) -> None:
    store = history(tmp_path / "h")
    release(store, *(SENT[one] for one in released), claim(8))
    assert again(store, *(SENT[one] for one in file)) == repeated


def test_where_all_claims_have_one_id_only_those_of_its_days_are_voided(tmp_path: Path) -> None:
    def on_day(day: date, **changes: Any) -> ClaimSpec:
        spec = claim(1, **changes)
        return attrs.evolve(spec, lines=tuple(attrs.evolve(line, dates=day) for line in spec.lines))

    store, later = history(tmp_path / "h"), date(2026, 11, 2)
    release(store, claim(1))
    release(store, SENT["R"])
    release(store, on_day(later))
    release(store, on_day(later, frequency="8", payer_claim_control_number="N9"))
    assert again(store, claim(9), claim(1), SENT["R"], on_day(later)) == [False, True, True, False]


def test_a_bill_in_front_of_its_void_counts(tmp_path: Path) -> None:
    """The void is of the claim before, as the payer's number says."""
    store = history(tmp_path / "h")
    release(store, claim(1))
    release(store, SENT["D"], SENT["V"])
    other = attrs.evolve(claim(1), claim_id="OTHER")
    assert [[code for code, *_ in of] for of in findings(store, claim(9), other, codes=["DUP02"])] == [[], ["DUP02"]]


def test_a_file_with_a_void_that_went_out_meanwhile_is_not_entered(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(1))
    late = propose(store, content_of([SENT["V"], claim(9)]))
    release(store, SENT["V"])
    release(store, claim(1), claim(8))
    assert not store.enter(late)


def test_what_a_withdrawn_void_had_ended_counts_again(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(1))
    content = content_of([claim(1, frequency="8")])
    assert store.enter(propose(store, content))
    assert again(store, claim(1), claim(2)) == [False, False]
    store.withdraw(sha256_of(content))
    assert again(store, claim(1), claim(2)) == [True, False]


def test_a_state_has_its_number_of_claims(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    states = [store.record()]
    release(store, claim(1), claim(2))
    states.append(store.record())
    content = content_of([claim(1, frequency="8"), claim(3)])
    assert store.enter(propose(store, content))
    states.append(store.record())
    store.withdraw(sha256_of(content))
    states.append(store.record())
    assert [state["claims"] for state in states] == [0, 2, 4, 2]
    assert [store.at(state).record() for state in states] == states
    for number in range(4, 15):
        release(store, claim(number), file_date=FILE_DATE + timedelta(500))
    assert store.record()["claims"] == 11, "the first file is forgotten"
    store.database.connection.execute("DELETE FROM meta WHERE key = 'claims'")
    assert store.record()["claims"] == 11
    release(store, claim(20), file_date=FILE_DATE + timedelta(500))
    assert store.record()["claims"] == 12


def test_old_files_are_forgotten_by_the_dates_of_newer_ones(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(0))
    then = store.record()
    for number in range(1, 11):
        assert again(store, claim(0), claim(99)) == [True, False]
        release(store, claim(number), file_date=FILE_DATE + timedelta(500))
    assert again(store, claim(0), claim(1), claim(99)) == [False, True, False]
    with pytest.raises(HistoryError, match="forgotten"):
        store.at(then)


def test_one_file_with_a_wrong_date_makes_nothing_forgotten(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    for number in range(12):
        release(store, claim(number), file_date=date(2049, 1, 1) if number == 3 else FILE_DATE)
    assert all(again(store, *(claim(number) for number in range(12))))


def test_the_key_is_private_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "h"
    release(history(path), claim(1))
    before = keys.path_of(path).read_bytes()
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    assert again(history(path), claim(1), claim(2)) == [True, False]
    assert keys.path_of(path).read_bytes() == before


def test_the_store_holds_no_id_and_no_name(tmp_path: Path) -> None:
    store = history(tmp_path / "h")
    release(store, claim(1, rendering_npi="2000000028"))
    store.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    content = content_of([claim(1)]).decode()
    words = {part for segment in content.split("~") for part in segment.split("*") if len(part) > 5 and ":" not in part}
    assert [word for word in words if word.encode() in stored and not word.startswith("0000")] == []


def test_other_stores_and_keys_are_refused_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "h"

    def complaint() -> str:
        with pytest.raises(HistoryError) as raised:
            history(path)
        assert "\n" not in str(raised.value)
        return str(raised.value)

    store = history(path)
    release(store, claim(1))
    key = keys.path_of(path)
    written = key.read_text()
    key.write_text("00" * 32 + "\n")
    assert "is not the key of" in complaint()
    key.write_text("zz")
    assert "damaged" in complaint()
    key.unlink()
    assert "is not there" in complaint()
    key.write_text(written)
    assert "chmod 600" in complaint()
    key.chmod(0o600)
    store.database.connection.execute("PRAGMA user_version = 99")
    assert "another version" in complaint()
    store.close()
    path.write_bytes(b"not a database at all" * 100)
    assert "damaged" in complaint()
    path.unlink()
    assert "is not there" in complaint()


def test_states_follow_from_what_was_entered(tmp_path: Path) -> None:
    database = Database(tmp_path / "h", create=True)
    assert database.state() == database.state_at(0)
    assert database.state_at(1) is None
    assert isinstance(database.state(), State)
