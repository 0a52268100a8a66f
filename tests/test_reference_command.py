"""`scrubber reference`: load public files, list them, and check what claims need."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from scrubber.reference import external, storing
from scrubber.reference.editions import StoreError
from scrubber.reference.store import Store
from scrubber.testing import build, drug_line, infusion_claim, visit_claim
from tests.reference.importers.small_files import SMALL
from tests.scrubbing import FIXTURES, ROOT, each, run

REAL = ROOT.parent / "shared" / "reference"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "reference.sqlite"


def test_import_list_and_import_again(store: Path, tmp_path: Path) -> None:
    files = [SMALL[name].at(tmp_path) for name in ("MUE practitioner", "places")]
    result = run("reference", "import", "--excerpt", "--reference", store, *files)
    assert result.status == 0, result.err
    assert result.out.splitlines() == [
        "mue-practitioner: 2026 Q4 (2026-10-01 to 2026-12-31), 12 rows: loaded",
        "pos: 2026-10-01 (from 2026-10-01), 3 rows: loaded",
        f"The store is {store}",
    ]
    listed = run("reference", "list", "--reference", store, "--as-of", "2026-12-31")
    assert (listed.status, listed.out) == (
        0,
        "table             edition     from        to          rows  on 2026-12-31\n"
        "mue-practitioner  2026 Q4     2026-10-01  2026-12-31    12  in force for 91 days\n"
        "pos               2026-10-01  2026-10-01                 3  in force for 91 days\n",
    )
    again = run("reference", "import", "--excerpt", "--reference", store, *files)
    assert [line.rpartition(": ")[2] for line in again.out.splitlines()[:2]] == ["already there"] * 2


def test_the_age_of_editions_on_a_day(store: Path, tmp_path: Path) -> None:
    run("reference", "import", "--excerpt", "--reference", store, SMALL["MUE practitioner"].at(tmp_path))
    for day, state, age in (
        ("2027-01-10", "ended 10 days before", 101),
        ("2026-09-30", "begins 1 day later", -1),
        ("2026-10-01", "in force for 0 days", 0),
        ("2026-11-01", "in force for 31 days", 31),
    ):
        result = run("reference", "list", "--reference", store, "--as-of", day, "--format", "json")
        document = json.loads(result.out)
        (edition,) = document["editions"]
        assert (document["as_of"], edition["state"], edition["age_days"], edition["rows"]) == (day, state, age, 12)
        assert (edition["table"], edition["since"], edition["until"]) == (
            "mue-practitioner",
            "2026-10-01",
            "2026-12-31",
        )
        assert edition["source"] == "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv" and len(edition["sha256"]) == 64


def test_the_age_is_counted_from_today(store: Path, tmp_path: Path) -> None:
    path = SMALL["MUE practitioner"].at(tmp_path)
    run(
        "reference", "import", "--excerpt", "--reference", store, "--since", "2020-01-01", "--until", "2020-03-31", path
    )
    before = date.today()
    document = json.loads(run("reference", "list", "--reference", store, "--format", "json").out)
    day = date.fromisoformat(document["as_of"])
    assert before <= day <= date.today()
    assert document["editions"][0]["state"] == f"ended {(day - date(2020, 3, 31)).days:,} days before"


def test_a_part_of_an_edition_is_listed_as_not_used(store: Path, tmp_path: Path) -> None:
    path = SMALL["PTP practitioner"].at(tmp_path).rename(tmp_path / "ccipra-v323r0-f1.TXT")
    result = run("reference", "import", "--excerpt", "--reference", store, path)
    assert "ncci-practitioner: 2026 Q4 (2026-10-01 to 2026-12-31), part 1, " in result.out
    assert "not used: part 2 and any after it is missing" in run("reference", "list", "--reference", store).out


def test_no_tables_are_listed_in_words(store: Path) -> None:
    assert run("reference", "list").out == "No public tables are loaded. `scrubber reference import FILE` loads one.\n"
    nothing = json.loads(run("reference", "list", "--format", "json", "--as-of", "2026-10-01").out)
    assert nothing == {"as_of": "2026-10-01", "editions": []}
    missing = run("reference", "list", "--reference", store)
    assert missing.status == 2 and "No such file" in missing.err


def test_refusals_say_that_nothing_was_loaded(store: Path, tmp_path: Path) -> None:
    good = SMALL["MUE practitioner"].at(tmp_path)
    for arguments, reason in {
        (good,): "it is cut off, or an excerpt (--excerpt loads it)",
        ("--excerpt", good, FIXTURES / "clinic-day.837"): "this is none of the known public files",
        (tmp_path / "missing.zip",): "missing.zip: No such file or directory",
        ("--until", "2026-12-31", good): "--until needs --since",
        ("--excerpt", "--since", "2026-10-01", "--until", "2026-09-01", good): "the last day 2026-09-01 is before",
    }.items():
        result = run("reference", "import", "--reference", store, *arguments)
        assert (result.status, result.out) == (2, "")
        assert reason in result.err
        assert not store.exists()


def test_members_that_are_no_tables_are_named(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    SMALL["MUE practitioner"].at(folder)
    (folder / "readme.pdf").write_bytes(b"%PDF-1.4")
    result = run("reference", "import", "--excerpt", "--reference", store, folder)
    assert result.status == 0 and f"skipped, no edit uses such a table: {folder / 'readme.pdf'}" in result.err


@pytest.fixture
def loaded(store: Path, tmp_path: Path) -> Path:
    """A store with two editions of one table, and another table in two parts."""
    mue, ptp = SMALL["MUE practitioner"].at(tmp_path), SMALL["PTP practitioner"].at(tmp_path)
    reading = ("reference", "import", "--excerpt", "--reference", store)
    for since, until in (("2026-07-01", "2026-09-30"), ("2026-10-01", "2026-12-31")):
        assert run(*reading, "--since", since, "--until", until, mue).status == 0
    for part in (1, 2):
        assert run(*reading, ptp.rename(tmp_path / f"ccipra-v323r0-f{part}.TXT")).status == 0
        ptp = SMALL["PTP practitioner"].at(tmp_path)
    return store


def releases(store: Path) -> list[tuple[str, str]]:
    return [(one.entries[0].name, one.edition.release) for one in Store(store).editions]


def test_an_edition_is_removed_with_all_its_parts(loaded: Path) -> None:
    before, size = releases(loaded), loaded.stat().st_size
    removing = ("reference", "remove", "--reference", loaded, "ncci-practitioner", "2026 Q4")
    shown = run(*removing, "--dry-run")
    rows = sum(one.rows for one in Store(loaded).editions if one.entries[0].name == "ncci-practitioner")
    what = f"ncci-practitioner: 2026 Q4 (2026-10-01 to 2026-12-31), {rows} rows\nThe store is {loaded}\n"
    assert (shown.status, shown.out, releases(loaded)) == (0, f"would be removed: {what}", before)
    done = run(*removing, "--yes")
    assert (done.status, done.out) == (0, f"removed: {what}")
    assert releases(loaded) == [one for one in before if one[0] != "ncci-practitioner"]
    assert loaded.stat().st_size <= size
    assert run("reference", "list", "--reference", loaded).status == 0


@pytest.mark.parametrize(("answer", "status", "left"), [("y\n", 0, 2), ("n\n", 2, 3), ("\n", 2, 3), ("", 2, 3)])
def test_nothing_is_removed_without_a_yes(loaded: Path, answer: str, status: int, left: int) -> None:
    removing = ("reference", "remove", "--reference", loaded, "mue-practitioner", "2026 Q3")
    done = run(*removing, stdin=answer.encode())
    assert (done.status, len(releases(loaded))) == (status, left)
    assert "Remove mue-practitioner: 2026 Q3 (2026-07-01 to 2026-09-30), 12 rows? [y/N]:" in done.err
    assert ("nothing was removed" in done.err) == (left == 3)


@each(
    ("named", "reason"),
    {
        "table": (("mue-practioner", "2026 Q4"), "no table mue-practioner is loaded; did you mean mue-practitioner?"),
        "edition": (("mue-practitioner", "2025 Q4"), "has no edition '2025 Q4'; it has 2026 Q3 (2026-07-01 to"),
        "first day": (("mue-practitioner", "2026 Q4", "--since", "2026-07-01"), "does not begin on 2026-07-01"),
    },
)
def test_what_cannot_be_removed(loaded: Path, named: tuple[str, ...], reason: str) -> None:
    refused = run("reference", "remove", "--yes", "--reference", loaded, *named)
    assert (refused.status, refused.out, len(releases(loaded))) == (2, "", 3)
    assert reason in refused.err


def test_there_is_nothing_to_remove(store: Path) -> None:
    assert run("reference", "remove", "--yes", "pos", "2026-10-01").err == "Error: no public tables are loaded\n"
    assert "No such file" in run("reference", "remove", "--yes", "pos", "x", "--reference", store).err
    store.write_text("no store")
    assert "not a reference store" in run("reference", "remove", "--yes", "pos", "x", "--reference", store).err


def test_an_edition_that_is_gone_meanwhile(loaded: Path) -> None:
    before = Store(loaded).editions
    storing.remove(loaded, before[:1])
    with pytest.raises(StoreError, match="has changed meanwhile; nothing was removed"):
        storing.remove(loaded, before[:2])
    assert len(releases(loaded)) == 2


def test_check_names_the_tables_that_claims_need(store: Path, tmp_path: Path) -> None:
    run("reference", "import", "--excerpt", "--reference", store, SMALL["MUE practitioner"].at(tmp_path))
    claims = tmp_path / "claims.837"
    claims.write_text(build([infusion_claim(), visit_claim()]))  # services on 2026-10-05
    only = ("reference", "check", claims, "--reference", store, "--select", "MUE01")
    fine = run(*only, "--format", "json")
    assert (fine.status, json.loads(fine.out)) == (
        0,
        [{"table": "mue-practitioner", "state": "loaded", "edits": ["MUE01"], "days": [], "nearest": None}],
    )
    hospital = tmp_path / "hospital.837"
    hospital.write_text(build([infusion_claim("837I")]))
    result = run(*only[:2], hospital, *only[3:])
    assert result.status == 1 and result.out.splitlines()[1].split() == ["mue-hospital", "not", "loaded", "MUE01"]


def test_check_needs_medicaid_s_tables_for_medicaid_claims_of_their_type(tmp_path: Path) -> None:
    claims = tmp_path / "claims.837"
    for claim, tables in (
        (infusion_claim(), {"mue-practitioner"}),
        (infusion_claim(filing="MC"), {"mue-practitioner", "medicaid-mue-practitioner"}),
        (infusion_claim("837I", filing="MC"), {"mue-hospital", "medicaid-mue-hospital"}),
    ):
        claims.write_text(build([claim]))
        result = run("reference", "check", claims, "--select", "MUE01", "--format", "json")
        assert {need["table"] for need in json.loads(result.out)} == tables


def test_check_names_days_without_an_edition(store: Path, tmp_path: Path) -> None:
    run("reference", "import", "--excerpt", "--reference", store, SMALL["MUE practitioner"].at(tmp_path))
    claims = tmp_path / "claims.837"
    lines = tuple(drug_line(dates=day) for day in (date(2026, 9, 1), date(2026, 9, 2), date(2026, 10, 5)))
    claims.write_text(build([infusion_claim(lines=lines)]))
    result = run("reference", "check", claims, "--reference", store, "--select", "MUE01")
    assert result.status == 1
    assert " ".join(result.out.split()).endswith(
        "mue-practitioner no edition MUE01 2 days from 2026-09-01 to 2026-09-02; the nearest edition is 2026 Q4 "
        "(2026-10-01 to 2026-12-31)"
    )


def test_check_names_a_loaded_list_that_has_no_edition_although_no_edit_must_have_it(
    store: Path, tmp_path: Path
) -> None:
    given, claims = tmp_path / "list.csv", tmp_path / "claims.837"
    given.write_text("single-dose code,since,until\nJ9045,,\n", encoding="utf-8")
    run("reference", "import", "--reference", store, "--since", "2027-01-01", given)
    only = ("reference", "check", claims, "--reference", store, "--select", "JWJZ01")
    for day, status in ((date(2026, 10, 5), 1), (date(2027, 1, 4), 0)):
        claims.write_text(build([infusion_claim(lines=(drug_line(dates=day),))]), encoding="ascii")
        result = run(*only)
        assert (result.status, "single-dose  no edition  JWJZ01" in result.out) == (status, bool(status)), result.out


def test_check_of_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "missing.837", "No such file"), (ROOT / "README.md", "README.md: ")):
        result = run("reference", "check", path)
        assert result.status == 2 and reason in result.err


@pytest.mark.skipif(not REAL.is_dir(), reason="the published files are not here")
def test_the_published_files_answer(store: Path) -> None:
    result = run("reference", "import", "--reference", store, REAL)
    assert result.status == 0, result.err
    tables, day = Store(store).tables, date(2025, 11, 1)
    crosswalk = tables[external.ASP_CROSSWALK]
    for ndc, code, units in (("49401010101", "J0490", "12"), ("00003218811", "J0129", "12.5")):
        row = crosswalk.row(ndc, day)
        assert row is not None and (row.text("code"), row.text("units")) == (code, units)
    both = {row.text("code"): row.text("units") for row in crosswalk.rows("00069130510", day)}
    assert both == {"Q5105": "20", "Q5106": "2"}
    limit = tables[external.PAYMENT_LIMITS].row("J9035", day)
    assert limit is not None and (limit.text("limit"), limit.text("coinsurance")) == ("73.201", "20.000")
    assert [row.text("ndc") for row in tables[external.ASP_CODES].rows("J9035", day)].count("50242006101") == 1
    assert not crosswalk.covers(date(2026, 1, 1))
