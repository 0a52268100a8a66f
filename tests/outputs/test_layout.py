"""Text laid out: nothing lost, nothing beyond the width, dress without effect on either."""

from __future__ import annotations

import textwrap
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from scrubber.outputs.layout import NARROWEST, Layout, Styled, dollars, shortened
from scrubber.x12.errors import counted
from tests.scrubbing import each

WORDS = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=400)
KINDS = st.sampled_from(["", "strong", "dim", "reject"])


def dressed(text: str, kind: str) -> str:
    return f"<{kind}>{text}</{kind}>"


def bare(row: str) -> str:
    for kind in ("strong", "dim", "reject"):
        row = row.replace(f"<{kind}>", "").replace(f"</{kind}>", "")
    return row


@given(WORDS, KINDS, st.integers(0, 130), st.integers(0, 20), st.integers(0, 30))
def test_a_paragraph_keeps_its_words_and_its_width(text: str, kind: str, width: int, lead: int, hang: int) -> None:
    layout = Layout(width)
    rows = [*layout.paragraph(text, kind, lead=[("x" * lead, "strong")], hang=hang)]
    assert "".join("".join(rows).split()) == "x" * lead + "".join(text.split())
    assert all(len(row.rstrip()) <= max(layout.width, lead + len(text)) for row in rows)
    if len(rows) > 1:
        assert all(len(row) <= layout.width for row in rows)
        assert all(row.startswith(" " * hang) for row in rows[1:])
    in_dress = Layout(width, dressed).paragraph(text.replace("<", ""), kind, lead=[("x" * lead, "strong")], hang=hang)
    assert [bare(row) for row in in_dress] == [
        *layout.paragraph(text.replace("<", ""), kind, lead=[("x" * lead, "strong")], hang=hang)
    ]


@given(
    st.lists(st.text("ab-,\u00e9", min_size=1, max_size=60), min_size=1, max_size=40).map(" ".join),
    st.integers(NARROWEST, 130),
    st.integers(0, 60),
    st.integers(0, 30),
)
def test_words_are_wrapped_as_textwrap_wraps_them(text: str, width: int, lead: int, hang: int) -> None:
    rows = Layout(width).paragraph(text, lead=[("x" * lead, "")], hang=hang)
    first, others = " " * lead, " " * hang
    wrapped = textwrap.wrap(text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
    if lead + len(text) > width:
        assert rows == ["x" * lead + wrapped[0][lead:], *wrapped[1:]]


def test_a_text_of_nothing_after_a_long_lead() -> None:
    assert Layout(NARROWEST).paragraph("", lead=[("x" * 50, "")]) == ["x" * 50]


def test_what_fits_is_one_row_just_as_it_is() -> None:
    assert [*Layout(40).paragraph("two  blanks - kept", lead=[("at  ", "dim")])] == ["at  two  blanks - kept"]
    assert [*Layout(40).paragraph("")] == [""]


def test_codes_with_hyphens_are_not_broken() -> None:
    rows = [*Layout(40).paragraph("give its NDC, which is 49401-0101-01 or 49401-0102-01")]
    assert rows == ["give its NDC, which is 49401-0101-01 or", "49401-0102-01"]


def test_no_terminal_is_too_narrow() -> None:
    assert Layout(3).width == NARROWEST


@given(st.lists(st.tuples(WORDS.map(lambda text: text[:20].replace("<", "")), KINDS), min_size=1), st.integers(40, 130))
def test_plain_parts_flow_as_dressed_ones_do(parts: list[Styled], width: int) -> None:
    assert [*Layout(width).flow(parts, hang=4)] == [bare(row) for row in Layout(width, dressed).flow(parts, hang=4)]


def test_parts_flow_and_none_is_broken() -> None:
    parts: list[Styled] = [("REJECTED", "rejected"), ("claim 5", ""), ("C" * 20, ""), ("$4,980.00", "")]
    assert [*Layout(80).flow(parts)] == [f"REJECTED  claim 5  {'C' * 20}  $4,980.00"]
    assert [*Layout(40).flow(parts, hang=4)] == [f"REJECTED  claim 5  {'C' * 20}", "    $4,980.00"]
    assert [*Layout(40, dressed).flow(parts[:1])] == ["<rejected>REJECTED</rejected>"]


def test_a_table_has_columns_and_its_last_is_wrapped() -> None:
    rows: list[list[Styled]] = [
        [("code", "strong"), ("claims", ""), ("title", "")],
        [("ADM01", "strong"), ("12", ""), ("a title that is too long for one row", "")],
    ]
    assert [*Layout(40).table(rows, right=[1])] == [
        "code   claims  title",
        "ADM01      12  a title that is too long",
        "               for one row",
    ]


@each(
    "amount, text",
    {"plain": ("4980", "$4,980.00"), "cents": ("0.5", "$0.50"), "negative": ("-1234.5", "-$1,234.50")},
)
def test_amounts_are_written_for_people(amount: str, text: str) -> None:
    assert dollars(Decimal(amount)) == text


def test_counts_and_long_texts() -> None:
    assert [counted(count, "claim") for count in (0, 1, 2, 12345)] == [
        "0 claims",
        "1 claim",
        "2 claims",
        "12,345 claims",
    ]
    assert [shortened("x" * length, 10) for length in (10, 11)] == ["x" * 10, "x" * 7 + "..."]
