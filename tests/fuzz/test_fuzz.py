"""Random faults in sound files break nothing. `bench/fuzz.py` tries more of them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import scrubber
from tests.fuzz import trial
from tests.fuzz.cases import case, sound
from tests.fuzz.trial import failure
from tests.lanes import examples
from tests.x12.small837 import any_file

SEED = 837


@pytest.mark.parametrize(
    "begin", [0, *(pytest.param(begin, marks=pytest.mark.slow) for begin in range(100, 1_500, 100))]
)
def test_files_with_random_faults(begin: int) -> None:
    assert {number: found for number in range(begin, begin + 100) if (found := failure(case(SEED, number)))} == {}


@settings(max_examples=examples(200), derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(any_file())
def test_any_bytes_are_scrubbed_without_a_failure(data: bytes) -> None:
    assert failure(data) is None


def test_a_seed_and_a_number_give_the_same_file_again() -> None:
    assert case(1, 2) == case(1, 2)
    assert len({case(1, number) for number in range(50)}) > 45


def test_a_crash_and_a_lost_byte_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = sound()[0]
    monkeypatch.setattr(trial, "strip", lambda _, out: out.write(b"%d" % id(out)))
    assert failure(data) == "stripping the annotated copy does not give back the input"
    monkeypatch.setattr(trial, "prescan", lambda _: 1 / 0)
    monkeypatch.setattr(trial, "strip", lambda _, out: None)
    assert str(failure(data)).startswith("ZeroDivisionError at test_fuzz.py")


def test_an_answer_that_is_remembered_wrongly_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = sound()[0]
    scrub, runs = scrubber.scrub_to, iter(range(9))

    def forgetful(stream: io.BytesIO, **given: Any) -> Any:
        outcome = scrub(stream, **given)
        given["clean"].write(b"\n" * next(runs))
        return outcome

    monkeypatch.setattr(scrubber, "scrub_to", forgetful)
    assert failure(data) == "the file is judged otherwise the second time"
