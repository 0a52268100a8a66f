"""Differences as people and build systems read them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scrubber.expectations.comparison import Judge, SidecarComparison, compared
from scrubber.expectations.reports import DIFFERENCE_FORMATS
from scrubber.expectations.sidecar import sidecar_of
from scrubber.running.inputs import Input
from scrubber.testing import build, drug_line, infusion_claim
from tests.scrubbing import engine

CLEAN = infusion_claim(claim_id="PRIVATE-1")
BARE = infusion_claim(claim_id="PRIVATE-2", lines=(drug_line(modifiers=()),))
SIDECAR = """\
error READ29
claim PRIVATE-2
  line 1: warn JWJZ01 at SV101-3
claim PRIVATE-1
claim PRIVATE-3
"""

Held = Callable[[str, str], SidecarComparison]


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.chdir(tmp_path)

    def held(name: str, sidecar: str) -> SidecarComparison:
        Path(name).write_text(build([CLEAN, BARE]))
        sidecar_of(name).write_text(sidecar)
        return compared(Input(name), Judge(engine("JWJZ01")))

    return held


def reported(form: str, *comparisons: SidecarComparison) -> str:
    out = io.StringIO()
    report = DIFFERENCE_FORMATS[form](out)
    for comparison in comparisons:
        report.file(comparison)
    report.close()
    return out.getvalue()


FINE = "claim PRIVATE-1\nclaim PRIVATE-2\n  line 1: reject JWJZ01 at SV101-3\n"


def test_the_text_lists_only_files_that_differ(held: Held) -> None:
    assert reported("text", held("fine.837", FINE), held("not.837", SIDECAR)) == (
        "not.837\n"
        "  file\n"
        "    missing     error READ29\n"
        "  claim 2  PRIVATE-2\n"
        "    missing     line 1: warn JWJZ01 at SV101-3\n"
        "    unexpected  line 1: reject JWJZ01 at SV101-3\n"
        "                J0490 comes in single-dose vials and has neither JW nor JZ\n"
        "  claim of line 5  PRIVATE-3\n"
        "    missing     the claim itself\n"
        "2 files: 1 as expected, 1 not\n"
    )
    assert reported("text", held("fine.837", FINE)) == "1 file as expected\n"
    assert reported("text") == "0 files as expected\n"


def test_junit_has_a_case_for_each_claim(held: Held) -> None:
    text = reported("junit", held("fine.837", FINE), held("not.837", SIDECAR))
    suites = ElementTree.fromstring(text.encode())
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites] == [
        ("fine.837", "3", "0"),
        ("not.837", "4", "3"),
    ]
    failed = {case.get("name"): failure.text for suite in suites for case in suite for failure in case.iter("failure")}
    assert failed == {
        "file": "missing     error READ29",
        "claim 2": "missing     line 1: warn JWJZ01 at SV101-3\nunexpected  line 1: reject JWJZ01 at SV101-3\n"
        "            J0490 comes in single-dose vials and has neither JW nor JZ",
        "claim of line 5": "missing     the claim itself",
    }
    assert [case.get("name") for case in suites[1]] == ["file", "claim 1", "claim 2", "claim of line 5"]
    assert {case.get("classname") for case in suites[1]} == {"not_837"}
    assert "PRIVATE" not in text


def test_github_points_to_the_sidecar_or_to_the_claim(held: Held) -> None:
    text = reported("github", held("fine.837", FINE), held("not.837", SIDECAR))
    lines = build([CLEAN, BARE]).splitlines()
    line = len(lines) - next(n for n, row in enumerate(reversed(lines)) if row.startswith("SV1*HC:J0490"))
    assert text.splitlines() == [
        "::error file=not.837.expected,line=1,title=missing READ29::file: missing error READ29",
        "::error file=not.837.expected,line=3,title=missing JWJZ01::claim 2: missing line 1: warn JWJZ01 at SV101-3",
        f"::error file=not.837,line={line},col=1,title=unexpected JWJZ01::claim 2: unexpected line 1: reject JWJZ01 at "
        "SV101-3: J0490 comes in single-dose vials and has neither JW nor JZ",
        "::error file=not.837.expected,line=5,title=missing::claim of line 5: missing the claim itself",
        "scrubber: 2 files: 1 as expected, 1 not",
    ]


@pytest.mark.parametrize("form", DIFFERENCE_FORMATS)
def test_what_a_sidecar_or_a_file_holds_cannot_play_with_a_report(held: Held, form: str) -> None:
    hostile = 'claim "\\u001b[2J\\r\\n::error::x"\n  line 1: reject JWJZ01 at "\\u001b[2J\\r\\n::error::x</failure>"\n'
    text = reported(form, held("\x1b\n::error::x.837", hostile))
    assert "\x1b" not in text
    assert "\r" not in text
    assert not any(row.startswith("::error::") for row in text.splitlines())
    if form == "junit":
        assert len(ElementTree.fromstring(text.encode())) == 1
