"""`scrubber reference diff`: the same claims by two states of the public tables, with real stores and processes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scrubber.reference.editions import Edition
from scrubber.reference.external import ASP_CODES, ASP_CROSSWALK, MUE, PAYMENT_LIMITS
from scrubber.reference.storing import Contents, joined, store
from scrubber.testing import BENLYSTA_400, LineSpec, build, drug_line, infusion_claim
from tests.scrubbing import Run, each, run

AUTUMN = Edition("2026 Q4", date(2026, 10, 1), date(2026, 12, 31), sha256="4" * 64, source="autumn")
WINTER = Edition("2027 Q1", date(2027, 1, 1), date(2027, 3, 31), sha256="1" * 64, source="winter")
CLAIM = infusion_claim(
    "837P",
    "CLAIM-1",
    lines=(drug_line(units=80, ndc=BENLYSTA_400, ndc_quantity=2, ndc_unit="UN"), LineSpec("96365")),
    filing="CI",
)


def quarter(edition: Edition, limit: str, most: str, units: str) -> Iterable[Contents]:
    """A payment limit, a unit limit and the units of a vial, as one quarter has them."""
    first = edition.since.toordinal() if edition.since else None
    package = (units, units, "1", "20", "10 MG")
    names = ("units", "units_per_package", "quantity", "size", "dosage")
    yield Contents(PAYMENT_LIMITS, edition, ("limit", "coinsurance"), [("J0490", first, None, joined(limit, "20"))])
    yield Contents(MUE["837P"], edition, ("units", "adjudication"), [("J0490", first, None, joined(most, "2"))])
    yield Contents(ASP_CROSSWALK, edition, ("code", *names), [(BENLYSTA_400, first, None, joined("J0490", *package))])
    yield Contents(ASP_CODES, edition, ("ndc", *names), [("J0490", first, None, joined(BENLYSTA_400, *package))])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file of the autumn, a store of the autumn alone, and a store with the winter, too."""
    (tmp_path / "claims.837").write_text(build([CLAIM]))
    store(tmp_path / "autumn.sqlite", quarter(AUTUMN, "56.068", "160", "40"))
    store(tmp_path / "both.sqlite", quarter(AUTUMN, "56.068", "160", "40"))
    store(tmp_path / "both.sqlite", quarter(WINTER, "60.000", "70", "50"))
    return tmp_path


def diff(folder: Path, old: str, new: str, *options: str) -> Run:
    given = ("--reference", "both.sqlite", "--on", "claims.837", "--no-conformance", *options)
    return run("reference", "diff", old, new, *given, cwd=folder)


def compared(folder: Path, old: str, new: str) -> tuple[int, dict[str, Any]]:
    done = diff(folder, old, new, "--format", "json")
    assert done.err == ""
    return done.status, json.loads(done.out)


@each(
    ("old", "new"),
    {"releases": ("2026 Q4", "2027 q1"), "days": ("2026-10-05", "2027-02-01"), "both": ("2026-12-31", "2027 Q1")},
)
def test_what_the_next_quarter_changes_on_claims_of_this_one(folder: Path, old: str, new: str) -> None:
    status, comparison = compared(folder, old, new)
    assert status == 1
    (change,) = comparison["claims"]
    assert (change["old"], change["new"], change["claim_id"]) == ("clean", "flagged", "CLAIM-1")
    assert {item["code"] for item in change["came"]} == {"MUE01", "NDC07"}
    assert (comparison["summary"]["allowed_old"], comparison["summary"]["allowed_new"]) == ("4485.44", "4800.00")


def test_text_names_the_editions_and_the_reasons(folder: Path) -> None:
    done = diff(folder, "2026 Q4", "2027 Q1")
    assert done.status == 1
    assert "payment-limits: 2026 Q4 -> 2027 Q1" in done.out
    assert "J0490 has more than the limit of 70 units on one day" in done.out
    assert "Medicare allows: $4,485.44 -> $4,800.00" in done.out


def test_a_store_answers_for_the_dates_of_service(folder: Path) -> None:
    """The winter is in force later, so it changes nothing on claims of the autumn."""
    assert diff(folder, "autumn.sqlite", "both.sqlite").status == 0
    assert diff(folder, "2026 Q4", "both.sqlite").status == 0
    assert diff(folder, "autumn.sqlite", "2027 Q1").status == 1


@each(
    ("new", "problem"),
    {
        "no such release": ("2031 Q1", "neither a store, nor a day or release"),
        "a day without an edition": ("2031-01-01", "neither a store, nor a day or release"),
        "no store": ("claims.837", "not a reference store"),
    },
)
def test_a_state_that_is_not_there_is_refused(folder: Path, new: str, problem: str) -> None:
    done = diff(folder, "2026 Q4", new)
    assert (done.status, done.out) == (2, "")
    assert problem in done.err


def test_standard_input_is_refused_and_a_missing_file_is_named(folder: Path) -> None:
    for path, problem in (("-", "cannot be read twice"), ("nowhere.837", "nowhere.837")):
        given = ("--reference", "both.sqlite", "--on", path)
        done = run("reference", "diff", "2026 Q4", "2027 Q1", *given, cwd=folder)
        assert done.status == 2
        assert problem in done.err


def test_a_broken_file_is_compared_and_reported(folder: Path) -> None:
    path = folder / "claims.837"
    path.write_text(path.read_text().replace("GE*1*", "GE*7*"))
    done = diff(folder, "2026 Q4", "2027 Q1")
    assert done.status == 2
    assert "claims.837" in done.err
