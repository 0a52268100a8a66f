"""Files that are made to take time, memory or disk are read to their end, and what is written of them is bounded.

Nothing is timed here: `bench/hostile.py` measures. What grows with the square of such a file would not end.
"""

from __future__ import annotations

import io
import json
import re

import pytest

import scrubber
from scrubber.engine.listing import BYTES_FOR_ONE, FIRST, FREELY, MOST_FINDINGS, SHORT, SOME
from scrubber.outputs.annotated import strip
from scrubber.testing import build, drug_line, infusion_claim
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.errors import MOST_LISTED
from scrubber.x12.pieces import MAX_SEGMENTS, MOST_SHORT, cut
from scrubber.x12.prescan import prescan
from scrubber.x12.segments import first_element
from tests.hostile.shapes import OF_A_PATIENT, SHAPES
from tests.lanes import some
from tests.scrubbing import each

SIZE = 20_000
LARGE = {
    "composites of HI": 1_000_000,
    "HI segments": 300_000,
    "NM1 segments": 1_000_000,
    "elements of SV1": 1_000_000,
    "ST alone": 200_000,
    "lines by diagnoses": 500_000,
    "hospital lines by diagnoses": 500_000,
    "claims of a tag": 1_000_000,
    "claims without lines": 1_000_000,
    "claims of bare lines": 1_000_000,
}
"""Shapes that once grew with the square of their size, each large enough that such a thing would not end."""
MOST_OF_INPUT = 50
"""Times the input that all outputs together may have."""
MOST_OF_SHORT = 45
"""Times the input that claims as short as can be may have in all outputs, acknowledgements too."""
BESIDES = 10_000_000
"""What they may have besides: the findings that any file may list."""


@pytest.mark.parametrize("name", some(SHAPES))
def test_every_shape_is_scrubbed_to_its_end(name: str) -> None:
    text = SHAPES[name](LARGE.get(name, SIZE))
    outs = {"clean": io.BytesIO(), "rejected": io.BytesIO(), "annotated": io.BytesIO()}
    reports = {form: io.BytesIO() for form in ("text", "json", "xml", "html")}
    scrubber.scrub_to(io.BytesIO(text.encode()), **outs, reports=reports)  # type: ignore[arg-type]
    written = sum(len(out.getvalue()) for out in (*outs.values(), *reports.values()))
    assert written < BESIDES + MOST_OF_INPUT * len(text)


@each("name", {name: name for name in ("claims of two bare lines", "claims of a line of two SV1")})
def test_claims_of_some_90_bytes_have_short_texts(name: str) -> None:
    """Their findings, reasons and doubts are much longer than the claims themselves."""
    written = []
    for size in (40_000, 60_000):
        outs = {name: io.BytesIO() for name in ("rejected", "annotated", "ack_999", "ack_277ca")}
        reports = {form: io.BytesIO() for form in ("text", "json", "xml", "html")}
        text = SHAPES[name](size)
        scrubber.scrub_to(io.BytesIO(text.encode()), **outs, reports=reports)  # type: ignore[arg-type]
        written.append((len(text), sum(len(out.getvalue()) for out in (*outs.values(), *reports.values()))))
    (read_of_some, some_written), (read_of_all, all_written) = written
    assert all_written - some_written < MOST_OF_SHORT * (read_of_all - read_of_some)
    (of_claims,) = json.loads(reports["json"].getvalue())["files"]
    last = of_claims["claims"][-1]
    assert last["not_checked"][0]["reason"].startswith(f"see `scrubber explain {last['not_checked'][0]['code']}`; ")
    assert last["findings"][0]["fix"] == f"see what `scrubber explain {last['findings'][0]['code']}` says"


def test_many_small_claims_of_many_findings_list_the_most_severe() -> None:
    text, out = SHAPES["bare faulty lines"](400_000), io.BytesIO()
    outcome = scrubber.scrub_to(io.BytesIO(text.encode()), reports={"json": out})
    claims = json.loads(out.getvalue())["files"][0]["claims"]
    first, others = claims[FREELY:FIRST], claims[FIRST:]
    assert min(len(claim["findings"]) for claim in claims[:FREELY]) > 20
    assert {len(claim["findings"]) for claim in first} == {SOME + 1}
    assert {len(claim["findings"]) for claim in others} == {len(text) // len(claims) // BYTES_FOR_ONE + 1}
    last = claims[-1]["findings"]
    assert [found["severity"] for found in last] == ["reject"] * (len(last) - 1) + ["info"]
    assert " more findings not listed: " in last[-1]["message"]
    assert outcome.summary.dispositions["rejected"] == len(claims)


def test_of_many_claims_as_short_as_can_be_the_finding_that_is_listed_counts_the_others() -> None:
    text, outs = SHAPES["smallest claims of a drug"](80_000), {form: io.BytesIO() for form in ("json", "html")}
    outcome = scrubber.scrub_to(io.BytesIO(text.encode()), reports=outs)
    assert outcome.readable and outcome.summary.dispositions["rejected"] == outcome.summary.claims
    claims = json.loads(outs["json"].getvalue())["files"][0]["claims"]
    before, others = claims[FREELY:FIRST], [claim for claim in claims[FIRST:] if claim["ordinal"] % OF_A_PATIENT != 1]
    assert len(others) > 100
    assert max(len(claim["findings"]) for claim in before) > 3
    assert {tuple(finding["code"] for finding in claim["findings"]) for claim in others} == {("JWJZ01",)}
    for claim in others:
        (finding,) = claim["findings"]
        counted = re.fullmatch(r"J0490 comes in .*; (\d) more findings not listed", finding["message"])
        assert counted and int(counted[1]) > 2
        assert finding["fix"] == "see what `scrubber explain JWJZ01` says"
        assert len(claim["not_checked"]) < 2
        assert finding["message"] in outs["html"].getvalue().decode()


def test_claims_that_are_a_little_longer_have_a_finding_that_counts_the_others() -> None:
    short = SHAPES["smallest claims of a drug"](80_000)
    longer = short.replace("~HI*ABK", f"~REF*G1*{'7' * 50}~REF*EA*{'7' * 50}~HI*ABK")
    count = short.count("~CLM*")
    segments = int(re.search(r"~SE\*(\d+)", short)[1])  # type: ignore[index]
    longer = longer.replace(f"~SE*{segments}*", f"~SE*{segments + 2 * count}*")
    claims = list(scrubber.scrub(io.BytesIO(longer.encode())))
    assert min(len(claim.claim.event.text) for claim in claims[FIRST:]) >= SHORT
    others = [claim for claim in claims[FIRST:] if claim.ordinal % OF_A_PATIENT != 1]
    assert {tuple(finding.code for finding in claim.findings) for claim in others} == {("JWJZ01", "SCRUB05")}


def test_the_first_claim_of_a_patient_lists_more_by_the_bytes_of_its_levels() -> None:
    claims = list(scrubber.scrub(io.BytesIO(SHAPES["smallest claims of a drug"](80_000).encode())))
    first_of_patients = [claim for claim in claims[FIRST:] if claim.ordinal % OF_A_PATIENT == 1]
    assert first_of_patients
    for claim in first_of_patients:
        subscriber = claim.claim.context.subscriber
        assert subscriber
        size = len(claim.claim.event.text) + len(subscriber.event.text)
        listed = [finding.code for finding in claim.findings]
        assert len(listed) == size // BYTES_FOR_ONE + 1 and listed.count("SCRUB05") == 1


def test_short_claims_beyond_a_number_are_not_read_and_not_lost() -> None:
    text, rejected, copy, again = SHAPES["claims without lines"](100_000), io.BytesIO(), io.BytesIO(), io.BytesIO()
    outcome = scrubber.scrub_to(io.BytesIO(text.encode()), rejected=rejected, annotated=copy)
    assert sum(outcome.summary.dispositions.values()) == outcome.summary.dispositions["rejected"] == MOST_SHORT
    assert not outcome.readable
    assert [error.code for error in outcome.errors if error.code == "READ44"]
    assert rejected.getvalue().count(b"CLM*") == text.count("CLM*") > MOST_SHORT
    strip(copy, again)
    assert again.getvalue() == text.encode()


@pytest.mark.parametrize("terminator", ["\n", "\r", "~"])
@pytest.mark.parametrize("blank", some(["\n", "\r", "\r\n", " \n", "\n ", " ", "\t"]))
@pytest.mark.parametrize("behind", ["CLM*", "REF*", "NTE*TPO*SCRUB X"])
def test_a_megabyte_of_blank_lines_is_passed_over(terminator: str, blank: str, behind: str) -> None:
    text = SHAPES["claims"](0).replace("~\n", terminator)
    blanks = blank * (1_000_000 // len(blank))
    text = text.replace(f"{terminator}CLM*", f"{terminator}{blanks}{behind}*", 1)
    assert "".join(piece.text for piece in cut(io.BytesIO(text.encode()))) == text
    prescan(io.BytesIO(text.encode()))
    assert first_element(blanks + text, Delimiters("*", ":", "^", terminator), "XYZ", 1) == ""
    list(scrubber.scrub(io.BytesIO(text.encode()), conformance=False))


def test_the_most_severe_findings_of_a_claim_are_listed_and_the_others_counted() -> None:
    text = SHAPES["composites of HI"](20_000)
    (claim,) = scrubber.scrub(io.BytesIO(text.encode()))
    assert len(claim.findings) == MOST_FINDINGS + 1
    assert claim.disposition == "rejected"
    last = claim.findings[-1]
    assert (last.code, last.severity) == ("SCRUB05", "info")
    assert "more findings not listed: " in last.message
    severities = {finding.severity for finding in claim.findings[:-1]}
    assert "reject" in severities


def test_the_first_errors_of_a_file_are_listed_and_the_others_counted() -> None:
    outs = {form: io.BytesIO() for form in ("json", "text")}
    outcome = scrubber.scrub_to(io.BytesIO(SHAPES["ST of other kinds"](20_000).encode()), reports=outs)
    assert len(outcome.errors) > MOST_LISTED
    listed = json.loads(outs["json"].getvalue())["files"][0]["errors"]
    assert MOST_LISTED <= len(listed) <= MOST_LISTED + 10
    assert f"({len(outcome.errors) - len(listed)} more errors are not listed)" in listed[-1]["message"]
    assert {error["code"] for error in listed} == {error.code for error in outcome.errors}


@each("surplus", {"no room": 0, "room for the note": 1})
def test_notes_never_make_a_claim_too_long_to_be_read(surplus: int) -> None:
    claim = infusion_claim(lines=(drug_line(modifiers=()),), diagnoses=("M3219",))
    text = build([claim])
    at = text.index("~", text.index("\nCLM*")) + 1
    segments = text.count("~", text.index("\nCLM*") + 1, text.index("\nSE*")) + 1
    filler = MAX_SEGMENTS - surplus - segments + 1
    text = text[:at] + "K3*1~" * filler + text[at:]
    text = re.sub(r"\nSE\*\d+", lambda count: f"\nSE*{int(count[0][4:]) + filler}", text)
    copy, again = io.BytesIO(), io.BytesIO()
    options = scrubber.RunOptions(select=["JWJZ01", "DX"], conformance=False)
    outcome = scrubber.scrub_to(io.BytesIO(text.encode()), options=options, annotated=copy)
    assert outcome.readable
    assert copy.getvalue().count(b"NTE*TPO*SCRUB") == surplus
    assert strip(copy, again).readable
    assert again.getvalue() == text.encode()
