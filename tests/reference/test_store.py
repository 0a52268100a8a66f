"""The store of public tables: all of an import or nothing, one after the other, and runs that nothing disturbs."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import attrs
import pytest

from scrubber.reference import shipped, storing
from scrubber.reference.editions import Edition, NoEdition, NotLoaded, StoreError, Table, external_table
from scrubber.reference.external import MUE_PRACTITIONER, PLACES_OF_SERVICE
from scrubber.reference.location import with_store
from scrubber.reference.store import VERSION, Store
from scrubber.reference.storing import Contents, Imported, StoredRow, store

SUMMER = (date(2026, 7, 1), date(2026, 9, 30))
AUTUMN = (date(2026, 10, 1), date(2026, 12, 31))
DAY = date(2026, 11, 1)


def limits(
    units: str, days: tuple[date, date] = AUTUMN, *, name: str = MUE_PRACTITIONER, part: int | None = None
) -> Contents:
    """An edition with one limit, as if read from a file that holds it."""
    edition = Edition(f"of {days[0]}", *days, sha256=f"{int(units):064}", source=f"limits-{units}.csv")
    return Contents(name, edition, ("units", "adjudication"), [("J0490", None, None, f"{units}\x1f2")], part)


def outcomes(found: Sequence[Imported]) -> list[str]:
    return [item.outcome for item in found]


def units(path: Path, on: date = DAY) -> str:
    row = Store(path).tables[MUE_PRACTITIONER].row("J0490", on)
    assert row is not None
    return row.text("units")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.sqlite"


def test_editions_stand_side_by_side_and_answer_for_their_days(path: Path) -> None:
    assert outcomes(store(path, [limits("100", SUMMER)])) == ["loaded"]
    assert outcomes(store(path, [limits("160")])) == ["loaded"]
    assert (units(path, SUMMER[1]), units(path, AUTUMN[0])) == ("100", "160")
    table = Store(path).tables[MUE_PRACTITIONER]
    row = table.row("J0490", DAY)
    assert row is not None and row.values == {"units": "160", "adjudication": "2"}
    assert table.row("J0491", DAY) is None and not table.has("J0491") and table.keys() == {"J0490"}
    with pytest.raises(NoEdition, match=r"the nearest is of 2026-10-01 \(2026-10-01 to 2026-12-31\)"):
        table.row("J0490", date(2027, 1, 1))


def test_the_same_file_again_changes_nothing_and_another_for_the_same_days_replaces_it(path: Path) -> None:
    store(path, [limits("160"), limits("100", SUMMER)])
    before, state = path.read_bytes(), Store(path).sha256
    assert outcomes(store(path, [limits("160")])) == ["already there"]
    assert path.read_bytes() == before
    assert outcomes(store(path, [limits("170")])) == ["replaced"]
    assert (units(path), units(path, SUMMER[0])) == ("170", "100")
    assert Store(path).sha256 != state
    store(path, [limits("160")])
    assert Store(path).sha256 == state
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM row").fetchone() == (2,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_is_read_again_by_importers_of_a_new_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(path, [limits("160")])
    state = Store(path).sha256
    monkeypatch.setattr(storing, "READER", 2)
    assert outcomes(store(path, [limits("160")])) == ["replaced"]
    assert outcomes(store(path, [limits("160")])) == ["already there"]
    assert Store(path).sha256 != state and len(Store(path).editions) == 1


def test_an_import_that_fails_changes_nothing(path: Path) -> None:
    def broken() -> Iterator[StoredRow]:
        yield "J0490", None, None, "1\x1f1"
        raise ValueError("cut off")

    def files() -> Iterator[Contents]:
        yield limits("170")
        edition = Edition("x", *SUMMER, sha256="1" * 64)
        yield Contents(MUE_PRACTITIONER, edition, ("units", "adjudication"), broken())

    for there in (False, True):
        if there:
            store(path, [limits("160")])
        before = path.read_bytes() if there else None
        with pytest.raises(ValueError, match="cut off"):
            store(path, files())
        assert (path.read_bytes() if path.exists() else None) == before
        assert {item.name for item in path.parent.iterdir()} <= {path.name, f".{path.name}.lock"}


def _slow(path: Path, number: int, pause: float) -> None:
    def rows() -> Iterator[StoredRow]:
        yield f"J{number:04}", None, None, "1\x1f1"
        time.sleep(pause)

    edition = Edition(f"{number}", date(2000 + number, 1, 1), date(2000 + number, 12, 31), sha256=f"{number:064}")
    store(path, [Contents(MUE_PRACTITIONER, edition, ("units", "adjudication"), rows())])


def test_imports_at_once_wait_for_each_other(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_slow, args=(path, number, 0.1)) for number in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert len(Store(path).editions) == 4


def test_an_import_that_is_killed_leaves_the_store_as_it_was(path: Path) -> None:
    store(path, [limits("160")])
    before = path.read_bytes()
    process = multiprocessing.get_context("fork").Process(target=_slow, args=(path, 1, 60))
    process.start()
    limit = time.monotonic() + 30
    while not any(path.parent.glob("*.import")) and time.monotonic() < limit:
        time.sleep(0.01)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert path.read_bytes() == before
    assert any(path.parent.glob(".*.import"))
    assert outcomes(store(path, [limits("170")])) == ["replaced"]
    assert not any(path.parent.glob(".*.import"))


def test_a_full_disk_changes_nothing_and_is_named(path: Path) -> None:
    store(path, [limits("160")])
    before = path.read_bytes()
    rows = [(f"{number:05}", None, None, "1\x1f1") for number in range(20_000)]
    edition = Edition("x", *SUMMER, sha256="1" * 64)

    def fill(queue: multiprocessing.SimpleQueue[str]) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            store(path, [Contents(MUE_PRACTITIONER, edition, ("units", "adjudication"), rows)])
        except (StoreError, OSError) as error:
            queue.put(str(error))

    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=fill, args=(queue,))
    process.start()
    process.join()
    assert process.exitcode == 0 and "the store cannot be written" in queue.get()
    assert path.read_bytes() == before
    assert {item.name for item in path.parent.iterdir()} == {path.name, f".{path.name}.lock"}


def test_an_import_that_waits_too_long_is_refused_with_the_reason(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "_WAIT", 0.0)
    monkeypatch.setattr(storing, "_PATIENCE", 0.01)
    path.parent.mkdir()
    with closing(sqlite3.connect(path.with_name(f".{path.name}.lock"), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another import has not ended"):
            store(path, [limits("160")])


def test_a_run_answers_the_same_to_its_end_whatever_is_imported(path: Path) -> None:
    store(path, [limits("160")])
    facts = with_store(shipped(), path)
    state = facts.loaded
    store(path, [limits("170"), limits("100", SUMMER)])
    table = facts.table(MUE_PRACTITIONER)
    row = table.row("J0490", DAY)
    assert row is not None and row.text("units") == "160"
    assert not table.covers(SUMMER[0])
    assert facts.loaded == state != with_store(shipped(), path).loaded


def test_the_store_answers_before_a_shipped_table_and_leaves_it_other_days(path: Path) -> None:
    store(path, [limits("160")])
    ours = external_table(MUE_PRACTITIONER, "shipped", [])
    facts = with_store(attrs.evolve(shipped(), tables={MUE_PRACTITIONER: ours}), path)
    table = facts.table(MUE_PRACTITIONER)
    assert table.row("J0490", DAY) is not None and table.row("J0490", SUMMER[0]) is None
    first, second = table.edition(DAY), table.edition(SUMMER[0])
    assert first and second and (first.release, second.release) == ("of 2026-10-01", "shipped")
    assert [item["release"] for item in facts.loaded["editions"]] == ["of 2026-10-01"]
    assert table.has("J0490") and table.keys() == {"J0490"}
    assert {edition.release for edition in table.editions} == {"of 2026-10-01", "shipped"}


def test_a_table_that_no_edit_uses_is_not_loaded(path: Path) -> None:
    class Slow(dict[str, Table]):
        def __getitem__(self, name: str) -> Table:
            raise AssertionError(f"{name} is loaded")

    store(path, [limits("160")])
    shipped_tables = Slow({PLACES_OF_SERVICE: external_table(PLACES_OF_SERVICE, "shipped", [])})
    facts = with_store(attrs.evolve(shipped(), tables=shipped_tables), path)
    assert facts.table(MUE_PRACTITIONER).row("J0490", DAY) and facts.loaded
    assert [*facts.tables] == [MUE_PRACTITIONER, PLACES_OF_SERVICE] and len(facts.tables) == 2
    assert PLACES_OF_SERVICE in facts.tables and "ndc" not in facts.tables
    with pytest.raises(NotLoaded):
        facts.table("ndc")


def test_no_store_is_no_change(path: Path) -> None:
    assert with_store(shipped(), None) is shipped()
    with pytest.raises(FileNotFoundError):
        with_store(shipped(), path)


def test_files_that_are_no_store_are_refused_and_kept(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE edition (id INTEGER)")
        connection.commit()
    text = tmp_path / "text.sqlite"
    text.write_text("not a database, but long enough to be read as the head of one, if anyone were to try that" * 9)
    for wrong in (other, text):
        before = wrong.read_bytes()
        with pytest.raises(StoreError, match="this is not a reference store of the scrubber"):
            Store(wrong)
        with pytest.raises(StoreError, match="this is not a reference store of the scrubber"):
            store(wrong, [limits("160")])
        assert wrong.read_bytes() == before


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    for ask in (lambda: Store(tmp_path), lambda: store(tmp_path, [limits("160")])):
        with pytest.raises(StoreError, match="Is a directory"):
            ask()


def test_a_store_of_another_version_is_refused(path: Path) -> None:
    store(path, [limits("160")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    for ask in (lambda: Store(path), lambda: store(path, [limits("170")])):
        with pytest.raises(
            StoreError, match=f"has version {VERSION + 1}, and this scrubber reads {VERSION}; import the"
        ):
            ask()


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="its folder cannot be written to"):
        store(tmp_path / "store.sqlite", [limits("160")])


def test_a_store_is_readable_for_others_and_keeps_its_mode(path: Path) -> None:
    before = os.umask(0o027)
    try:
        store(path, [limits("160")])
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o604)
        store(path, [limits("170")])
        assert path.stat().st_mode & 0o777 == 0o604
    finally:
        os.umask(before)


def test_a_store_in_a_read_only_folder_can_be_read(path: Path) -> None:
    store(path, [limits("160")])
    (path.parent / f".{path.name}.lock").unlink()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        assert units(path) == "160"
        assert [item.name for item in path.parent.iterdir()] == [path.name]
    finally:
        path.parent.chmod(0o700)


def test_names_with_odd_characters(tmp_path: Path) -> None:
    path = tmp_path / "a b?#%20&.sqlite"
    store(path, [limits("160")])
    assert units(path) == "160"


def test_rows_keep_their_own_days_and_their_order(path: Path) -> None:
    rows: list[StoredRow] = [
        ("11", date(2020, 1, 1).toordinal(), date(2020, 12, 31).toordinal(), ""),
        ("11", date(2021, 1, 1).toordinal(), None, ""),
    ]
    edition = Edition("2026", date(2026, 1, 1), None, date(2003, 1, 1), "2" * 64)
    store(path, [Contents(PLACES_OF_SERVICE, edition, (), rows)])
    table = Store(path).tables[PLACES_OF_SERVICE]
    found = table.all_rows("11", DAY)
    assert [(row.since, row.until) for row in found] == [
        (date(2020, 1, 1), date(2020, 12, 31)),
        (date(2021, 1, 1), None),
    ]
    assert [row.since.year for row in table.rows("11", DAY)] == [2021]
    assert table.row("11", date(2019, 12, 31)) is None and not table.covers(date(2002, 12, 31))
    assert found[0].values == {}
