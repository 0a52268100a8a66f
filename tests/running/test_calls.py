"""The calls of a Python program: claims one by one, and everything that can be written of a file in one pass."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import scrubber
from scrubber import Profile, RunOptions
from scrubber.engine.engine import Engine
from scrubber.outputs.formats import FORMATS
from scrubber.testing import build, infusion_claim, waste_claim, with_line
from tests.scrubbing import FIXTURES, each, run

CLINIC = FIXTURES / "clinic-day.837"
TEXT = build([infusion_claim(claim_id="GOOD"), with_line(infusion_claim(claim_id="BAD"), 1, modifiers=())])


def stream() -> io.BytesIO:
    return io.BytesIO(TEXT.encode())


class OneWay(io.RawIOBase):
    """A pipe: what is read is gone."""

    def __init__(self) -> None:
        self._data = stream()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)


@each(
    "options",
    {
        "nothing": {},
        "a profile by name": {"profile": "medicare-ffs"},
        "a profile": {"profile": Profile()},
        "options": {"options": RunOptions()},
        "options with a profile": {"options": RunOptions(profile="medicare-ffs", select="JWJZ")},
        "the old keyword": {"conformance": True},
    },
)
def test_whichever_way_options_are_given(options: dict[str, Any]) -> None:
    claims = scrubber.scrub(stream(), **options)
    assert [(one.ordinal, one.disposition) for one in claims] == [(1, "clean"), (2, "rejected")]
    assert claims.errors == []


def test_a_profile_may_be_given_by_place() -> None:
    assert [one.disposition for one in scrubber.scrub(stream(), Profile())] == ["clean", "rejected"]


def test_the_keyword_conformance_wins_over_the_options() -> None:
    incorrect = io.BytesIO(build([infusion_claim(sex="X9")]).encode())
    assert next(scrubber.scrub(incorrect)).disposition == "rejected"
    assert next(scrubber.scrub(incorrect, conformance=False)).disposition == "clean"
    assert next(scrubber.scrub(incorrect, options=RunOptions(conformance=False))).disposition == "clean"
    assert next(scrubber.scrub(incorrect, options=RunOptions(conformance=False), conformance=True)).findings


@each(
    ("call", "message"),
    {
        "a text file": (lambda: scrubber.scrub(io.StringIO(TEXT)), "not a text file: open"),  # type: ignore[arg-type]
        "a path": (lambda: scrubber.scrub(str(CLINIC)), "not its path: open"),  # type: ignore[arg-type]
        "bytes": (lambda: scrubber.read_claims(TEXT.encode()), "not bytes: io.BytesIO"),  # type: ignore[arg-type]
        "text to be read": (lambda: scrubber.read_claims(io.StringIO(TEXT)), "not a text file"),  # type: ignore[arg-type]
        "nothing at all": (lambda: scrubber.scrub_to(None), "not NoneType"),  # type: ignore[arg-type]
        "a profile of another type": (lambda: scrubber.scrub(stream(), 5), "profile must be"),  # type: ignore[arg-type]
        "options by place": (lambda: scrubber.scrub(stream(), RunOptions()), "options by name"),  # type: ignore[arg-type]
        "a dictionary": (lambda: scrubber.scrub(stream(), options={}), "must be a scrubber.RunOptions"),  # type: ignore[arg-type]
        "both": (lambda: scrubber.scrub(stream(), "medicaid", options=RunOptions()), "either a profile or options"),
        "text for the clean file": (
            lambda: scrubber.scrub_to(stream(), clean=io.StringIO()),  # type: ignore[arg-type]
            "not a text file",
        ),
        "text for a page": (
            lambda: scrubber.scrub_to(stream(), reports={"html": io.StringIO()}),
            "the html report needs a binary file",
        ),
    },
)
def test_a_wrong_argument_is_refused_with_advice(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


@each(
    ("options", "message"),
    {
        "an unknown format": ({"reports": {"pdf": io.BytesIO()}}, "unknown report format 'pdf'; the formats are csv"),
        "a file that is not empty": ({"clean": io.BytesIO(b"old")}, "must be empty"),
        "an answer that is not empty": ({"ack_999": io.BytesIO(b"old")}, "must be empty"),
    },
)
def test_a_file_that_cannot_be_written(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scrubber.scrub_to(stream(), **options)


def test_text_that_is_no_text_file_is_refused_when_it_is_read() -> None:
    class Odd:
        def read(self, size: int = -1) -> str:
            return ""

    with pytest.raises(TypeError, match="gives text, not bytes"):
        list(scrubber.read_claims(Odd()))  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [stream, OneWay])
def test_all_is_written_in_one_pass_as_the_command_writes_it(tmp_path: Path, source: Callable[[], Any]) -> None:
    path = tmp_path / "two.837"
    path.write_text(TEXT)
    run("scrub", path, "--out", tmp_path / "out")
    clean, rejected, annotated, ack_999, ack_277ca = (io.BytesIO() for _ in range(5))
    reports: dict[str, Any] = {"json": io.StringIO(), "text": io.BytesIO(), "xml": io.BytesIO(), "html": io.BytesIO()}
    outcome = scrubber.scrub_to(
        source(),
        clean=clean,
        rejected=rejected,
        annotated=annotated,
        ack_999=ack_999,
        ack_277ca=ack_277ca,
        reports=reports,
        name=str(path),
    )
    assert outcome.readable
    assert outcome.errors == ()
    assert dict(outcome.summary.dispositions) == {"clean": 1, "rejected": 1}
    out = tmp_path / "out"
    assert clean.getvalue() == (out / "two.clean.837").read_bytes()
    assert rejected.getvalue() == (out / "two.rejected.837").read_bytes()
    assert annotated.getvalue() == (out / "two.annotated.837").read_bytes()
    assert ack_999.getvalue() == (out / "two.999").read_bytes()
    assert ack_277ca.getvalue() == (out / "two.277ca").read_bytes()
    assert reports["json"].getvalue() == (out / "two.report.json").read_text()
    assert reports["text"].getvalue() == (out / "two.report.txt").read_bytes()
    assert reports["xml"].getvalue() == (out / "two.report.xml").read_bytes()
    assert reports["html"].getvalue() == (out / "two.report.html").read_bytes()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_can_be_had_in_memory(form: str) -> None:
    out = io.BytesIO()
    scrubber.scrub_to(stream(), reports={form: out})
    assert out.getvalue()


def test_a_file_that_cannot_be_trusted_is_named_as_such() -> None:
    outcome = scrubber.scrub_to(io.BytesIO(TEXT.encode()[:-40]))
    assert not outcome.readable
    assert outcome.errors


def test_a_claim_as_a_dictionary_is_that_of_the_json_report() -> None:
    out = io.StringIO()
    scrubber.scrub_to(stream(), reports={"json": out})
    (file,) = json.loads(out.getvalue())["files"]
    assert [one.to_dict() for one in scrubber.scrub(stream())] == file["claims"]


def test_a_key_hides_claim_ids_in_memory_too(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    hidden = RunOptions(key=key)
    assert [one.to_dict()["claim_id"][:3] for one in scrubber.scrub(stream(), options=hidden)] == ["id-", "id-"]
    openly = attrs.evolve(hidden, key=None)
    assert [one.to_dict()["claim_id"] for one in scrubber.scrub(stream(), options=openly)] == ["GOOD", "BAD"]


def test_an_edit_of_ones_own_by_its_file() -> None:
    options = RunOptions(edits=[Path(__file__).parents[1] / "third_party" / "clinic_edits.py"], select="CLINIC")
    assert list(scrubber.scrub(stream(), options=options))


def test_the_engine_of_an_options_object_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[RunOptions] = []
    usual = RunOptions.engine

    def engine(options: RunOptions, *, entering: bool = False) -> Engine:
        made.append(options)
        return usual(options, entering=entering)

    monkeypatch.setattr(RunOptions, "engine", engine)
    options = RunOptions(select=["JWJZ"])
    for conformance in (None, True, False):
        assert len([*scrubber.scrub(stream(), options=options, conformance=conformance)]) == 2
    scrubber.scrub_to(stream(), options=options)
    assert made == [options]
    assert [*scrubber.scrub(stream(), options=RunOptions(select=["JWJZ"]))]
    assert len(made) == 2


def test_file_edits_of_a_kept_engine_begin_anew_with_each_file() -> None:
    options = RunOptions(select=["DUP", "INT"], conformance=False)
    data = build([infusion_claim(claim_id="A-1")]).encode()
    first, second = ([claim.to_dict() for claim in scrubber.scrub(io.BytesIO(data), options=options)] for _ in range(2))
    assert first == second
    twice = build([infusion_claim(claim_id="A-1", member_id="9XX9XX9XX99")] * 2).encode()
    assert any(claim.findings for claim in scrubber.scrub(io.BytesIO(twice), options=options))


def test_the_python_contract() -> None:
    text = build([infusion_claim(claim_id="A"), waste_claim(claim_id="B")]).encode()
    claims = scrubber.scrub(io.BytesIO(text))
    assert [(scrubbed.claim.claim_id, scrubbed.disposition) for scrubbed in claims] == [("A", "clean"), ("B", "clean")]
    assert claims.errors == []
    assert [claim.claim_id for claim in scrubber.read_claims(io.BytesIO(text))] == ["A", "B"]


def test_errors_of_the_file_are_in_the_iterator_once_it_is_exhausted() -> None:
    text = build([infusion_claim()]).replace("SE*", "SE*9").encode()
    claims = scrubber.scrub(io.BytesIO(text), Profile(), conformance=False)
    assert len(list(claims)) == 1
    assert [error.code for error in claims.errors] == ["READ29"]
