"""Idempotency keys: the same request has the same bytes for a day."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scrubber.service.errors import RequestError
from scrubber.service.kept import SECONDS, Answer, KeptAnswers, name_of
from tests.service.conftest import X12, Served
from tests.service.test_scrubbing import MIXED


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def answer(text: bytes) -> Answer:
    return Answer(200, "text/plain", "claims.txt", len(text), io.BytesIO(text))


def body(found: Answer | None) -> bytes | None:
    if found is None:
        return None
    with found.body as stream:
        return stream.read()


def test_the_same_request_has_the_same_bytes_without_work(running: Served) -> None:
    headers = {"Content-Type": X12, "Idempotency-Key": "one"}

    def claims() -> list[str]:
        metrics = running.client.get("/metrics").text.splitlines()
        return [line for line in metrics if line.startswith("scrubber_serve_claims_total")]

    first = running.client.post("/v1/scrub", content=MIXED, headers=headers)
    before = claims()
    second = running.client.post("/v1/scrub", content=MIXED, headers=headers)
    assert second.content == first.content
    assert second.headers["content-type"] == first.headers["content-type"]
    assert claims() == before


def test_an_answer_of_422_is_kept_too(running: Served) -> None:
    headers = {"Content-Type": X12, "Idempotency-Key": "bad"}
    answers = [running.client.post("/v1/scrub", content=b"no claims", headers=headers) for _ in "12"]
    assert [item.status_code for item in answers] == [422, 422]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("query", "content"), [("", MIXED + b"\n"), ("?output=text", MIXED), ("?conformance=0", MIXED)]
)
def test_another_request_with_the_key_is_refused(running: Served, query: str, content: bytes) -> None:
    headers = {"Content-Type": X12, "Idempotency-Key": "two"}
    running.client.post("/v1/scrub", content=MIXED, headers=headers)
    refused = running.client.post(f"/v1/scrub{query}", content=content, headers=headers)
    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["title"]


def test_answers_end_after_a_day(tmp_path: Path) -> None:
    clock = Clock()
    kept = KeptAnswers(tmp_path / "answers", clock=clock)
    kept.keep("a.answer", "request", answer(b"first"))
    clock.now += SECONDS - 1
    assert body(kept.find("a.answer", "request")) == b"first"
    clock.now += 2
    assert kept.find("a.answer", "request") is None
    assert not list((tmp_path / "answers").iterdir())


def test_answers_outlive_the_service(tmp_path: Path) -> None:
    KeptAnswers(tmp_path).keep("a.answer", "request", answer(b"first\nsecond"))
    assert body(KeptAnswers(tmp_path).find("a.answer", "request")) == b"first\nsecond"
    assert (tmp_path / "a.answer").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("limits", [{"most": 3}, {"most_bytes": 420}])
def test_the_oldest_answers_make_room(tmp_path: Path, limits: dict[str, int]) -> None:
    clock = Clock()
    kept = KeptAnswers(tmp_path, clock=clock, **limits)
    for number in range(6):
        clock.now += 1
        kept.keep(f"{number}.answer", "request", answer(b"x" * 40))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.answer", "4.answer", "5.answer"]


def test_many_threads_keep_answers_within_the_limits(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path, most=5)
    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(kept.keep, f"{n}.answer", "request", answer(b"x")) for n in range(200)]:
            done.result()
    assert len(list(tmp_path.iterdir())) == 5


def test_a_second_request_waits_for_the_first(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    with kept.working_on("a.answer"), pytest.raises(RequestError) as refused, kept.working_on("a.answer"):
        pass
    assert refused.value.status == 409


def test_keys_of_two_clients_are_apart() -> None:
    assert name_of("one", "key") != name_of("two", "key")
