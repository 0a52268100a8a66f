"""The scrubber and a biller agree about each situation; tests/situations/README.md explains how to read them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.testing import ClaimSpec, build
from tests.conformance.oracle import faults
from tests.scrubbing import engine, installed, scrub_text
from tests.situations import clinics, correct, faulty, further, specialties
from tests.situations.__main__ import write
from tests.situations.correct import CLEAN
from tests.situations.situation import ANY, Situation, statements

pytestmark = pytest.mark.slow

CORRECT = (*correct.CORRECT, *further.CORRECT, *specialties.CORRECT, *clinics.CORRECT)
FAULTY = (*faulty.FAULTY, *further.FAULTY, *specialties.FAULTY, *clinics.FAULTY)
SITUATIONS = (*CORRECT, *FAULTY)


def named(situations: Iterable[Situation]) -> pytest.MarkDecorator:
    chosen = list(situations)
    return pytest.mark.parametrize("situation", chosen, ids=[situation.name for situation in chosen])


@lru_cache(maxsize=1)
def every_edit() -> Engine:
    return engine()


def scrubbed(text: str) -> ScrubbedClaim:
    (claim,), errors = scrub_text(text, every_edit())
    assert errors == []
    return claim


def clean(claim: ClaimSpec) -> bool:
    (never,) = statements(CLEAN)
    return not never.holds(scrubbed(build([claim])))


@named(SITUATIONS)
def test_the_scrubber_agrees_with_the_biller(situation: Situation) -> None:
    assert situation.missed(scrubbed(situation.text)) == []


@named(situation for situation in FAULTY if situation.right)
def test_the_same_claim_done_right_draws_no_warning(situation: Situation) -> None:
    assert situation.right and clean(situation.right)


@named(SITUATIONS)
def test_it_is_valid_x12(situation: Situation) -> None:
    assert faults(situation.text) == []


@pytest.mark.parametrize(
    ("text", "severities"),
    [
        ("JWJZ01", None),
        ("JWJZ01:warn", ("warn",)),
        ("JWJZ01:warn+", ("warn", "reject")),
        ("*:warn+", ("warn", "reject")),
        ("*:info+", ("info", "warn", "reject")),
    ],
)
def test_a_statement_names_its_severities(text: str, severities: tuple[str, ...] | None) -> None:
    (statement,) = statements(text)
    assert statement.severities == severities


@pytest.mark.parametrize("text", ["jwjz01", "JWJZ01:", "JWJZ01:severe", "JWJZ01+", "**"])
def test_a_mistyped_statement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a statement"):
        statements(text)


def test_no_two_situations_are_alike() -> None:
    assert len({situation.name for situation in SITUATIONS}) == len(SITUATIONS)
    assert len({situation.text for situation in SITUATIONS}) == len(SITUATIONS)


def test_the_codes_it_names_are_in_the_catalogue() -> None:
    stated = {statement.code for situation in SITUATIONS for statement in (*situation.expect, *situation.forbid)}
    assert stated - {ANY} <= set(installed().codes)


def test_half_of_them_are_correct() -> None:
    assert len(CORRECT) >= len(FAULTY)


@named(FAULTY)
def test_a_fault_expects_a_finding_and_any_code_only_where_it_can_come_from_the_fault_alone(
    situation: Situation,
) -> None:
    assert situation.expect
    assert bool(situation.right) == any(statement.code == ANY for statement in situation.expect)


def test_they_can_be_written_as_files(tmp_path: Path) -> None:
    write(SITUATIONS, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{situation.name}{end}" for situation in SITUATIONS for end in (".837", ".expected.txt")
    }
