"""A history is made once, whenever the process that makes it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scrubber.claims.earlier import HistoryError
from scrubber.history import key as keys
from scrubber.history import tables
from scrubber.history.database import Database


class Killed(BaseException):
    """Stands for a process that is killed: no handler takes it for an error."""


def kills(*_: object, **__: object) -> None:
    raise Killed


def kill_before(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Kill the making of a history before the link or rename of that number: they give files their names."""
    steps = 0

    def counted(step: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object) -> object:
            nonlocal steps
            steps += 1
            if steps == number:
                raise Killed
            return step(*arguments)

        return run

    monkeypatch.setattr(os, "link", counted(os.link))
    monkeypatch.setattr(Path, "rename", counted(Path.rename))


@pytest.mark.parametrize("number", [1, 2])
def test_a_history_whose_maker_was_killed_is_made_by_the_next(tmp_path: Path, number: int) -> None:
    path = tmp_path / "history.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        kill_before(patch, number)
        with pytest.raises(Killed):
            Database(path, create=True)
    assert not path.exists()
    made = Database(path, create=True)
    assert made.state().number == 0
    made.close()
    again = Database(path)
    assert again.id == made.id
    again.close()
    assert_alone(path)


def assert_alone(path: Path) -> None:
    """A history and its key are all that is there."""
    assert sorted(item.name for item in path.parent.iterdir()) == [path.name, f"{path.name}.key"]


def test_what_killed_makers_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path, check = tmp_path / "history.sqlite3", "0123456789abcdef"
    for name in (f"{check}.partial", f"{check}.partial-journal", f"key.{check}.partial"):
        tmp_path.joinpath(f".history.sqlite3.{name}").touch()
    own = tmp_path / f".history.sqlite3.other.{check}.partial"
    own.touch()
    Database(path, create=True).close()
    own.unlink()
    assert_alone(path)


@pytest.mark.parametrize("step", ["tables.create", "key.write"])
def test_a_maker_that_another_was_quicker_than_uses_the_store_of_that_one(tmp_path: Path, step: str) -> None:
    """The other one takes what the first one is making for something that was left over."""
    path, made = tmp_path / "history.sqlite3", []
    with pytest.MonkeyPatch.context() as patch:
        own: Callable[..., object] = tables.create if step == "tables.create" else keys.write

        def late(*arguments: Any) -> object:
            patch.undo()
            other = Database(path, create=True)
            made.append(other.id)
            other.close()
            return own(*arguments)

        patch.setattr(f"scrubber.history.{step}", late)
        first = Database(path, create=True)
    assert made == [first.id]
    first.close()
    assert_alone(path)


def test_a_maker_that_was_killed_before_the_tables_were_made_leaves_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.sqlite3"
    with monkeypatch.context() as patch:
        patch.setattr("scrubber.history.tables.create", kills)
        with pytest.raises(Killed):
            Database(path, create=True)
    Database(path, create=True).close()
    assert_alone(path)


def test_a_history_that_was_lost_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    Database(path, create=True).close()
    path.unlink()
    with pytest.raises(HistoryError, match="is not there"):
        Database(path, create=True)
    assert [item.name for item in tmp_path.iterdir()] == ["history.sqlite3.key"]


@pytest.mark.parametrize("change", ["DELETE FROM states", "DROP TABLE states"])
def test_a_history_without_a_state_is_damaged(tmp_path: Path, change: str) -> None:
    made = Database(tmp_path / "history.sqlite3", create=True)
    made.connection.execute(change)
    with pytest.raises(HistoryError, match="is damaged") as caught:
        made.state()
    assert type(caught.value) is HistoryError  # to try again does not help
    made.close()


def test_a_pipe_is_no_history(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "history.sqlite3")
    with pytest.raises(HistoryError, match="is a device or a pipe"):
        Database(tmp_path / "history.sqlite3")
