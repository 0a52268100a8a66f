"""X12 text: whatever a value holds, a segment stays whole."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.outputs.acknowledgements.writing import USUAL, Segments, Spool, amount, day, delimiters_for, quantity
from scrubber.x12.delimiters import Delimiters, shared
from tests.scrubbing import each


def written(delimiters: Delimiters, tag: str, *elements: str | tuple[str, ...]) -> str:
    out = io.BytesIO()
    Segments(out, delimiters).write(tag, *elements)
    return out.getvalue().decode("ascii")


@each(
    ("elements", "text"),
    {
        "values": (("2", "A-1"), "TRN*2*A-1~"),
        "empty elements at the end": (("2", "", ""), "TRN*2~"),
        "a composite": ((("A6", "453", "85"), "20261015"), "TRN*A6:453:85*20261015~"),
        "an empty component at the end": ((("A6", "453", ""),), "TRN*A6:453~"),
        "blanks around a value": (("2", "  A  "), "TRN*2*A~"),
        "delimiters in a value": (("2", "a*b:c~d^e"), "TRN*2*a+b;c-d'e~"),
        "bytes above 127": (("2", "JOS\xc9"), "TRN*2*JOS?~"),
        "control characters": (("2", "a\nb\x00"), "TRN*2*a?b?~"),
        "other alphabets": (("2", "\u0416\U0001f600"), "TRN*2*??~"),
        "a value that is too long": (("2", "x" * 60), "TRN*2*" + "x" * 50 + "~"),
    },
)
def test_a_segment_is_cleaned_and_cut(elements: tuple[str, ...], text: str) -> None:
    assert written(USUAL, "TRN", *elements) == text


@given(st.lists(st.text(max_size=30), max_size=5), st.sampled_from(["*:^~", "|>!\n", "=<^'", "+&U?", "?-+;"]))
def test_no_value_breaks_a_segment(values: list[str], characters: str) -> None:
    delimiters = delimiters_for(shared(*characters))
    text = written(delimiters, "NTE", *values, "end")
    assert text.endswith(delimiters.terminator)
    assert len(text[:-1].split(delimiters.element)) == len(values) + 2
    assert not {delimiters.component, delimiters.repetition, delimiters.terminator} & {*text[:-1]}


@given(
    st.sampled_from(["NM1", "REF", "DTP"]),
    st.lists(st.one_of(st.text(max_size=90), st.text("AB1 ", max_size=90)), min_size=1, max_size=10),
)
def test_a_segment_of_simple_elements_is_that_of_any(tag: str, values: list[str]) -> None:
    segments = Segments(io.BytesIO(), USUAL)
    assert segments.simple(tag, *values) == segments.text(tag, *values)


@each(
    ("given", "used"),
    {
        "usual ones": ("*:^~", "*:^~"),
        "a line break as terminator": ("|>!\n", "|>!\n"),
        "a letter as repetition separator": ("*:U~", "*:^~"),
        "a repetition separator that another is": ("^:U~", "^:!~"),
        "control characters": ("\x1d:^\x1c", "*:^~"),
        "a byte above 127": ("*\xa7^~", "*:^~"),
        "the sign of an amount": ("-:^~", "*:^~"),
        "the point of an amount": ("*.^~", "*:^~"),
        "a sign as terminator": ("*:^-", "*:^~"),
        "a sign as repetition separator": ("*:-~", "*:^~"),
    },
)
def test_the_delimiters_of_the_sender_are_used_if_they_can_be_printed(given: str, used: str) -> None:
    assert delimiters_for(shared(*given)).characters == tuple(used)


@each(
    ("value", "text"),
    {
        "whole": ("6250.00", "6250"),
        "cents": ("12.50", "12.5"),
        "nothing": ("0", "0"),
        "no minus at zero": ("-0.00", "0"),
        "negative": ("-5.25", "-5.25"),
        "less than a cent": ("0.001", "0"),
        "an exponent": ("1E3", "1000"),
        "cents that do not fit": ("123456789012345678.40", "123456789012345678"),
        "more than an amount can hold": ("1E30", "9" * 18),
    },
)
def test_an_amount_has_no_zeros_at_its_end(value: str, text: str) -> None:
    assert amount(Decimal(value)) == text


def test_quantities_and_days() -> None:
    assert quantity(Decimal("80.500")) == "80.5"
    assert day(date(999, 1, 2)) == "09990102"


@pytest.mark.parametrize("many", [1, 50_000])
def test_a_spool_waits_in_memory_or_on_disk(many: int) -> None:
    out, spool = io.BytesIO(), Spool(USUAL, "\n")
    segments = Segments(out, USUAL, "\n")
    for number in range(many):
        spool.write("TRN", "2", str(number))
    segments.append(spool)
    assert (segments.count, spool.count) == (many, 0)
    assert out.getvalue().count(b"~\n") == many
    spool.write("SE", "1")
    spool.discard()
    segments.append(spool)
    assert segments.count == many
    spool.close()


def test_a_repeated_segment_has_the_text_of_any_other() -> None:
    segments = Segments(io.BytesIO(), USUAL)
    for number in [*range(1_500), 3]:
        elements = ("HC", "J0490", "J~"), str(number), ""
        assert segments.repeated("SVC", *elements) == segments.text("SVC", *elements) == f"SVC*HC:J0490:J-*{number}"
