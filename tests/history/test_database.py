"""A history is made once, whenever the process that makes it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.claims.earlier import HistoryError
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


def test_a_maker_that_was_killed_before_the_tables_were_made_leaves_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.sqlite3"
    with monkeypatch.context() as patch:
        patch.setattr("scrubber.history.tables.create", kills)
        with pytest.raises(Killed):
            Database(path, create=True)
    Database(path, create=True).close()


def test_a_history_that_was_lost_is_not_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite3"
    Database(path, create=True).close()
    path.unlink()
    with pytest.raises(HistoryError, match="is not there"):
        Database(path, create=True)
    assert [item.name for item in tmp_path.iterdir()] == ["history.sqlite3.key"]
