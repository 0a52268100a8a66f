"""`POST /v1/scrub`: outputs, parameters, statuses, and nothing left behind."""

from __future__ import annotations

import errno
import io
import json
import zipfile
from pathlib import Path

import pytest

from scrubber import RunOptions, scrub_to
from scrubber.running.run import HELD, OUTPUT_SUFFIXES
from scrubber.service import uploads
from scrubber.service.outputs import OUTPUTS
from tests.service.conftest import X12, Served, served

FIXTURES = Path(__file__).parents[2] / "fixtures" / "837"
MIXED = (FIXTURES / "administration-837p.837").read_bytes()
"""Clean, flagged and rejected claims."""
TYPED = {"Content-Type": X12}


def written(output: str, profile: str | None = None, *, conformance: bool = True) -> bytes:
    """An output as the Python API writes it."""
    out = io.BytesIO()
    options = RunOptions(profile=profile, conformance=conformance)
    if OUTPUTS[output].report:
        scrub_to(io.BytesIO(MIXED), options=options, reports={output: out}, name="claims.837")
    else:
        keys = {"999": "ack_999", "277ca": "ack_277ca"}
        into = {keys.get(output, output): out}
        scrub_to(io.BytesIO(MIXED), options=options, name="claims.837", **into)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("output", [name for name in OUTPUTS if name not in ("zip", "held")])
def test_each_output_is_that_of_the_python_api(running: Served, output: str) -> None:
    answer = running.client.post(f"/v1/scrub?output={output}", content=MIXED, headers=TYPED)
    assert answer.status_code == 200
    assert answer.content == written(output)
    assert answer.headers["content-type"].startswith(OUTPUTS[output].media_type)
    assert answer.headers["content-length"] == str(len(answer.content))
    assert not running.left()


def test_a_zip_has_all_that_scrub_writes(running: Served) -> None:
    answers = [
        running.client.post("/v1/scrub", content=MIXED, headers=TYPED | {"Accept": "application/zip"}) for _ in "12"
    ]
    assert answers[0].content == answers[1].content
    with zipfile.ZipFile(io.BytesIO(answers[0].content)) as packed:
        assert set(packed.namelist()) == {
            *(f"claims{suffix}" for suffix in OUTPUT_SUFFIXES if suffix != HELD),
            "manifest.json",
        }
        assert packed.read("claims.clean.837") == written("clean")
        assert json.loads(packed.read("manifest.json"))["files"][0]["path"] == "claims.837"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("*/*", "json"),
        ("application/json", "json"),
        ("text/plain", "text"),
        ("application/EDI-X12", "277ca"),
        ("text/html, */*;q=0.1", "html"),
        ("application/json;q=0, text/*", "text"),
    ],
)
def test_accept_chooses_the_output(running: Served, accept: str, name: str) -> None:
    answer = running.client.post("/v1/scrub", content=MIXED, headers=TYPED | {"Accept": accept})
    assert answer.content == written(name)


def test_held_claims_are_an_output(running: Served, tmp_path: Path) -> None:
    assert running.client.post("/v1/scrub?output=held", content=MIXED, headers=TYPED).status_code == 204
    options, held = RunOptions(hold="warn"), io.BytesIO()
    scrub_to(io.BytesIO(MIXED), options=options, name="claims.837", held=held)
    assert held.getvalue()
    with served(tmp_path / "state", options=options, max_mb=1) as holding:
        answer = holding.client.post("/v1/scrub?output=held", content=MIXED, headers=TYPED)
        packed = holding.client.post("/v1/scrub?output=zip", content=MIXED, headers=TYPED)
    assert answer.content == held.getvalue()
    with zipfile.ZipFile(io.BytesIO(packed.content)) as files:
        assert files.read("claims.held.837") == held.getvalue()


def test_a_profile_and_the_guide_checks_are_chosen(running: Served) -> None:
    answer = running.client.post("/v1/scrub?profile=medicaid&conformance=false", content=MIXED, headers=TYPED)
    assert answer.content == written("json", "medicaid", conformance=False)
    assert answer.content != written("json")


@pytest.mark.parametrize(
    ("query", "headers", "content", "status"),
    [
        ("?output=pdf", TYPED, MIXED, 400),
        ("?profile=../../etc/passwd", TYPED, MIXED, 400),
        ("?profile=scrubber/engine/profiles/medicaid.toml", TYPED, MIXED, 400),
        ("?conformance=maybe", TYPED, MIXED, 400),
        ("?profil=medicaid", TYPED, MIXED, 400),
        ("?output=json&output=zip", TYPED, MIXED, 400),
        ("", TYPED | {"Idempotency-Key": ""}, MIXED, 400),
        ("", TYPED | {"Accept": "image/png"}, MIXED, 406),
        ("?output=999", TYPED | {"Accept": "application/json"}, MIXED, 406),
        ("", TYPED, b"A" * 1_000_001, 413),
        ("", {"Content-Type": "application/json"}, b"{}", 415),
        ("", {"Content-Type": "application/x-www-form-urlencoded"}, MIXED, 415),
        ("", TYPED | {"Content-Encoding": "gzip"}, MIXED, 415),
        ("", TYPED, b"no claims", 422),
        ("", TYPED, b"", 422),
        ("?output=zip", TYPED, MIXED[: len(MIXED) // 2], 422),
    ],
)
def test_what_cannot_be_done_has_its_status(
    running: Served, query: str, headers: dict[str, str], content: bytes, status: int
) -> None:
    answer = running.client.post(f"/v1/scrub{query}", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert not running.left()


def test_a_body_without_a_length_is_cut_at_the_limit(running: Served) -> None:
    chunks = (b"A" * 100_000 for _ in range(20))
    assert running.client.post("/v1/scrub", content=chunks, headers=TYPED).status_code == 413
    assert not running.left()


def test_a_file_that_cannot_be_read_has_its_errors_located(running: Served) -> None:
    answer = running.client.post("/v1/scrub", content=MIXED[:-30], headers=TYPED)
    errors = answer.json()["errors"]
    assert answer.status_code == 422
    assert errors
    assert all({"code", "message", "segment", "file_line", "offset"} == error.keys() for error in errors)


def test_a_999_answers_a_file_that_cannot_be_read(running: Served) -> None:
    cut = MIXED[: MIXED.rindex(b"SE*")]
    answer = running.client.post("/v1/scrub?output=999", content=cut, headers=TYPED)
    assert answer.status_code == 200
    assert b"TA1*000000001*261015*0830*R*023" in answer.content


def test_an_output_that_would_be_empty_is_no_content(running: Served) -> None:
    clean = running.client.post("/v1/scrub?output=clean", content=MIXED, headers=TYPED).content
    answer = running.client.post("/v1/scrub?output=rejected", content=clean, headers=TYPED)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_full_disk_is_no_answer(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/secret/claims-of-jane")

    monkeypatch.setattr(uploads, "_write", full)
    answer = running.client.post("/v1/scrub", content=MIXED, headers=TYPED)
    assert answer.status_code == 507
    assert "jane" not in answer.text
    assert not running.left()


def test_nothing_of_a_claim_is_logged(running: Served) -> None:
    running.log.seek(0)
    running.log.truncate()
    running.client.post("/v1/scrub", content=MIXED, headers=TYPED)
    running.client.get("/v1/edits/DOE-JANE")
    running.client.get("/doe-jane?name=jane")
    lines = [json.loads(line) for line in running.log.getvalue().splitlines()]
    assert [line["route"] for line in lines] == ["/v1/scrub", "/v1/edits/{code}", "none"]
    fields = {"timestamp", "level", "event", "method", "route", "status", "bytes", "seconds"}
    assert all(line.keys() == fields for line in lines)
