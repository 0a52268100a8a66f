"""What formats for build systems have in common: places by ordinal, and nothing of a person."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.claims.location import Location
from scrubber.claims.reader import read_claims
from scrubber.outputs.wording import Private, error_severity, private, visible, where
from scrubber.testing import build, drug_line, infusion_claim, numbered, waste_claim
from scrubber.x12.errors import FILE_ERRORS, NO_CLAIM, PADDING, UNSUPPORTED, LocatedError
from tests.test_testing_builder import read


def test_only_control_characters_are_replaced() -> None:
    assert visible("J0490 \u00e9 \u20ac") == "J0490 \u00e9 \u20ac"
    assert visible("a\x1b[1m\r\nb\x85\u202ec\udcff") == "a?[1m??b??c?"


def location(loop: str, element: str, line: int | None) -> Location:
    (claim,) = read(build([infusion_claim()]))
    return Location(claim.span, 0, loop, element, line)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (location("2400", "SV101-3", 1), "claim 7, line 1, loop 2400, SV101-3"),
        (location("2300", "CLM01", None), "claim 7, loop 2300, CLM01"),
        (location("", "", None), "claim 7"),
    ],
)
def test_where_a_finding_is(at: Location, words: str) -> None:
    assert where(7, at) == words


def test_phrases_and_words_are_hidden_as_a_whole() -> None:
    hiding = Private(("ABCD1", "a.c", "=cmd(1)", "JO ANN"), frozenset({"2026-10-05", "L1-X", "1/2"}))
    assert hiding.hidden("ABCD12 is not ABCD1, ABCD") == "ABCD12 is not (hidden), ABCD"
    assert hiding.hidden("a.c is no abc") == "(hidden) is no abc"
    assert hiding.hidden("x=cmd(1)y") == "x(hidden)y"
    assert hiding.hidden("on 2026-10-05, (2026-10-05) and 2026-10-05.") == "on (hidden), ((hidden)) and (hidden)."
    assert hiding.hidden("L1-X L1-XY 1/2; 'JO ANN'") == "(hidden) L1-XY (hidden); '(hidden)'"


@given(st.text())
def test_any_other_text_stays(text: str) -> None:
    assert Private((), frozenset()).hidden(text) == visible(text)


def test_short_words_identify_no_person_and_stay() -> None:
    (claim,) = read(build([infusion_claim(claim_id="7", member_id="LINE")]))
    assert "7" not in private(claim).phrases
    assert "LINE" in private(claim).phrases


def test_a_dependents_patient_and_both_dates_of_a_range_are_private() -> None:
    spec = waste_claim("837I", dependent=True, subscriber_birth_date="19500102", clearinghouse_id="D9-1")
    (claim,) = read(build([spec]).replace("DTP*434*RD8*20261005", "DTP*434*RD8*20261001"))
    hiding = private(claim)
    dates = {"1950-01-02", "1984-03-09", "2026-10-01", "2026-10-05", "10/05/2026", "19500102"}
    assert dates <= hiding.words
    assert claim.context.patient
    assert {"D9-1", claim.context.patient.text("last_name")} <= set(hiding.phrases)


def test_however_many_lines_a_claim_has_few_phrases_are_looked_for() -> None:
    """Each is looked for in each message, and there may be as many messages as lines."""
    (few,) = read(build([numbered(infusion_claim())]))
    (many,) = read(build([numbered(infusion_claim(lines=(drug_line(),) * 50))]))
    assert private(many).phrases == private(few).phrases
    names = "".join(f"NM1*IL*1*NAME*FIRST{number}~" for number in range(50))
    (claim,) = read_claims(io.BytesIO(build([infusion_claim()]).replace("DMG*", f"{names}DMG*").encode()))
    assert len(private(claim).phrases) < 30


def test_severities_of_errors_of_a_file() -> None:
    codes = {code: error_severity(LocatedError(code, "", None, 0)) for code in (*FILE_ERRORS, "SCRUB02")}
    assert [codes.pop(code) for code in (UNSUPPORTED, NO_CLAIM, PADDING)] == ["warn", "warn", "info"]
    assert codes.pop("SCRUB02") == "info"
    assert set(codes.values()) == {"reject"}
