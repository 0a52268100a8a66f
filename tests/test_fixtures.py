"""The committed fixtures are valid, are what fixtures/build.py makes, and name an expectation for each claim."""

import io
import runpy
from pathlib import Path

import pytest

from scrubber.claims.model import Claim
from scrubber.claims.reader import read_claims
from scrubber.expectations.sidecar import Statement, read, sidecar_of
from tests.conformance.oracle import faults
from tests.lanes import some

FIXTURES = Path(__file__).parent.parent / "fixtures"
FILES = sorted((FIXTURES / "837").glob("*.837"))

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def claims_of(path: Path) -> list[Claim]:
    claims = read_claims(io.BytesIO(path.read_bytes()))
    found = list(claims)
    assert claims.errors == []
    return found


def expected_of(path: Path) -> dict[str | None, tuple[Statement, ...]]:
    """What is expected of each claim, by its id; of no file anything is."""
    of_file, *claims = read(sidecar_of(path)).subjects
    assert of_file.statements == ()
    return {subject.claim_id: subject.statements for subject in claims}


def test_the_committed_files_are_what_is_described() -> None:
    made = dict(runpy.run_path(str(FIXTURES / "build.py"))["files"]())
    kept = {path.name: path.read_bytes().decode("ascii") for path in (FIXTURES / "837").iterdir()}
    assert kept.keys() == made.keys()
    assert [name for name in made if kept[name] != made[name]] == []


@pytest.mark.parametrize("path", some(FILES), ids=lambda path: path.stem)
def test_pyx12_accepts_it(path: Path) -> None:
    assert faults(path.read_text("ascii")) == []


@each_file
def test_each_claim_has_its_expectation(path: Path) -> None:
    claims = claims_of(path)
    assert [claim.claim_id for claim in claims] == list(expected_of(path))
    assert all(len(claim.claim_id) <= 20 for claim in claims)


@each_file
def test_an_expected_finding_names_a_line_that_is_there(path: Path) -> None:
    lines = {claim.claim_id: {None, *(line.number for line in claim.lines)} for claim in claims_of(path)}
    for claim_id, statements in expected_of(path).items():
        assert {statement.line or None for statement in statements} <= lines[str(claim_id)]


@each_file
def test_it_holds_clean_and_faulty_claims(path: Path) -> None:
    expected = expected_of(path)
    assert any(expected.values()) != path.stem.startswith("ordinary")
    assert not all(expected.values())


@each_file
def test_patients_and_totals_hold_together(path: Path) -> None:
    """What an edit across claims, or one on charges, would add to a claim that is meant to be clean."""
    claims = claims_of(path)
    members = [claim.context.subscriber.text("member_id") for claim in claims if claim.context.subscriber]
    assert len(set(members)) == len(claims)
    for claim in claims:
        assert claim.total_charge == sum(line.charge or 0 for line in claim.lines)
        assert claim.patient_birth_date is not None
        assert max(claim.service_dates).strftime("%Y%m%d") <= claim.context.file_date
