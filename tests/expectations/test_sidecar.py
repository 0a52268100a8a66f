"""Sidecars are easy to write by hand, strict, and have the same text from every writer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.edit import SEVERITIES
from scrubber.expectations.sidecar import (
    ExpectationError,
    Sidecar,
    Statement,
    Subject,
    error_statement,
    finding_statement,
    not_checked_statement,
    parse,
    read,
    refuse_unknown_codes,
    write,
    written,
)
from tests.scrubbing import each, installed

EXAMPLE = """\
# A file that was cut off.

# In its last claim.
error READ27

# The plain case.
claim CLEAN-1
claim WASTE-2
  claim: warn DX12 at HI02-2
  # JW is missing too.
  line 1: reject JWJZ01 at SV101-3
  line 2: reject IG01
  not checked INT01
claim "Z\\u00fc rich "
# That is all.
"""


def texts(sidecar: Sidecar) -> list[tuple[str | None, list[str]]]:
    return [(subject.claim_id, [statement.text for statement in subject.statements]) for subject in sidecar.subjects]


def test_the_example_is_read_and_written_as_it_is() -> None:
    sidecar = parse(EXAMPLE, "example")
    assert texts(sidecar) == [
        (None, ["error READ27"]),
        ("CLEAN-1", []),
        (
            "WASTE-2",
            [
                "claim: warn DX12 at HI02-2",
                "line 1: reject JWJZ01 at SV101-3",
                "line 2: reject IG01",
                "not checked INT01",
            ],
        ),
        ("Zü rich ", []),
    ]
    assert written(sidecar) == EXAMPLE


@each(
    "text",
    {
        "no indentation": "claim A\nline 1: reject NDC05 at LIN03\nnot checked INT01\n",
        "much white space": "  claim   A  \n\t line  01:reject   NDC05  at  LIN03\n   not  checked\tINT01",
        "line ends of Windows": "claim A\r\n  line 1: reject NDC05 at LIN03\r\n  not checked INT01\r\n",
        "a byte order mark": "\ufeffclaim A\nline 1: reject NDC05 at LIN03\nnot checked INT01\n",
        "another order": "claim A\n  not checked INT01\n  line 1: reject NDC05 at LIN03\n",
        "an id in quotes": 'claim "A"\n  line 1: reject NDC05 at LIN03\n  not checked INT01\n',
    },
)
def test_what_people_write_is_understood(tmp_path: Path, text: str) -> None:
    path = tmp_path / "by-hand.837.expected"
    path.write_bytes(text.encode())
    assert written(read(path)) == "claim A\n  line 1: reject NDC05 at LIN03\n  not checked INT01\n"


@each("text", {"nothing": "", "an empty line": "\n", "comments": "# One.\n\n# Two.\n"})
def test_a_sidecar_without_statements_expects_nothing(text: str) -> None:
    sidecar = parse(text, "empty")
    assert texts(sidecar) == [(None, [])]
    assert written(sidecar) == text


@each(
    ("text", "message"),
    {
        "a word": ("claim A\nlien 1: reject NDC05 at LIN03", "2: 'lien' is not understood; did you mean line?"),
        "a severity": ("claim A\n\nline 1: rejct NDC05 at LIN03", "3: unknown severity rejct; did you mean reject?"),
        "no code": ("claim A\n  line 1: reject", "2: not understood; a line is one of 'error CODE', "),
        "no id": ("claim", "1: not understood; a line is one of "),
        "JSON": ('{"A": []}', "1: not understood; a line is one of "),
        "a quote that is open": ('claim "A', "1: a text in quotes is not complete JSON"),
        "a finding without a claim": ("line 1: reject NDC05 at LIN03", "1: a finding belongs to a claim: "),
        "not checked without a claim": ("not checked NDC05", "1: 'not checked' belongs to a claim: "),
        "an error beneath a claim": ("claim A\nerror READ29", "2: 'error' belongs to the file: "),
        "a number beyond reason": (f"claim A\nline {'9' * 5000}: reject NDC05", "2: "),
        "a long line": (f"claim A\nline 1: reject {'A' * 4_097}", "2: the line has more than 4,096 characters"),
        "a control character in a word": ("claim A\nline\x1b[2J x", "2: 'line\\x1b[2J' is not understood"),
        "a control character": ("claim A\nline 1: \x1b[2J NDC05 at LIN03", "2: unknown severity ?[2J"),
    },
)
def test_what_is_not_understood_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ExpectationError) as refused:
        parse(text, "x.837.expected")
    refusal = str(refused.value)
    assert refusal.isprintable()
    assert refusal.startswith(f"x.837.expected:{message}")


@each(
    ("text", "message"),
    {
        "of a claim": ("claim A\n  line 1: reject JWJX01 at LIN03", "2: unknown code JWJX01; did you mean JWJZ01?"),
        "in lower case": ("claim A\n  not checked ndc05", "2: unknown code ndc05; did you mean NDC05?"),
        "of a file": ("error READ299", "1: unknown code READ299; did you mean READ29?"),
        "of a claim refusal of a file": ("error JWJZ01", "1: unknown code JWJZ01"),
    },
)
def test_a_code_that_nothing_has_is_refused_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(ExpectationError) as refused:
        refuse_unknown_codes(parse(text, "x"), installed(), "x.837.expected")
    assert str(refused.value).startswith(f"x.837.expected:{message}")


def test_every_kind_of_code_is_known() -> None:
    text = "error READ29\nerror IG21\nclaim A\nclaim: reject READ03\nclaim: warn SCRUB01\nline 1: reject IG12\n"
    refuse_unknown_codes(parse(text, "x"), installed(), "x")


def test_a_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.837.expected"
    path.write_bytes("claim A\n# Zürich\n".encode("latin-1"))
    with pytest.raises(ExpectationError, match=r"x\.837\.expected:2: the text is not UTF-8"):
        read(path)


def test_a_written_file_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    path, plain = tmp_path / "x.837.expected", tmp_path / "plain"
    plain.touch()
    write(path, parse(EXAMPLE, "x"))
    assert path.read_text("utf-8") == EXAMPLE
    assert path.stat().st_mode == plain.stat().st_mode
    assert {member.name for member in tmp_path.iterdir()} == {path.name, plain.name}


IDS = st.text(st.characters(max_codepoint=255), min_size=1, max_size=20)
CODES = st.sampled_from(["JWJZ01", "NDC05", "IG12"])
STATEMENTS = st.one_of(
    st.builds(
        finding_statement, CODES, st.sampled_from(SEVERITIES), st.none() | st.integers(0, 999), st.just("") | IDS
    ),
    st.builds(not_checked_statement, CODES),
)
COMMENTS = st.lists(st.sampled_from(["", "# why", "  # Zürich"])).map(tuple)


@given(
    st.lists(st.builds(error_statement, st.sampled_from(["READ29", "IG21"]))),
    st.lists(st.tuples(IDS | st.just(""), st.lists(STATEMENTS), COMMENTS)),
)
def test_what_is_written_is_read_again(
    errors: list[Statement], claims: list[tuple[str, list[Statement], tuple[str, ...]]]
) -> None:
    sidecar = Sidecar(
        (
            Subject(None, tuple(errors)),
            *(Subject(claim_id, tuple(refusal), lead=lead) for claim_id, refusal, lead in claims),
        )
    )
    text = written(sidecar)
    again = parse(text, "x")
    assert written(again) == text
    assert [(claim_id, sorted(refusal)) for claim_id, refusal in texts(again)] == [
        (claim_id, sorted(refusal)) for claim_id, refusal in texts(sidecar)
    ]
    assert all(row.isascii() for row in text.splitlines() if "#" not in row)
