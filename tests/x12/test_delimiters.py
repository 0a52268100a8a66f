"""Delimiters, from ISA or inferred."""

from __future__ import annotations

import pytest

from scrubber.x12.delimiters import Delimiters, from_isa, inferred, shared
from tests.x12.small837 import BODY, ISA, redelimited


def test_from_an_exact_isa() -> None:
    assert from_isa(ISA) == (Delimiters("*", ":", "^", "~"), True)
    assert from_isa(redelimited(ISA, "|", ">", "!", "\n") + "GS|") == (Delimiters("|", ">", "!", "\n"), True)


@pytest.mark.parametrize("text", ["ISA*", "ISA*00*", ISA[:-1], ISA.replace("*^*", "*^^*"), "ISA" + "*" * 16])
def test_an_isa_that_does_not_tell(text: str) -> None:
    assert from_isa(text) == (None, False)


@pytest.mark.parametrize(
    ("delimiters", "clash"),
    [
        (("*", ":", "^", "~"), False),
        (("*", ":", "U", "~"), False),
        (("*", "*", "^", "~"), True),
        (("*", ":", "^", ":"), True),
        (("A", ":", "^", "~"), True),
        (("*", "0", "^", "~"), True),
        (("\x1d", "\x1f", "\x1e", "\x1c"), False),
    ],
)
def test_clash(delimiters: tuple[str, str, str, str], clash: bool) -> None:
    assert Delimiters(*delimiters).clash is clash


def test_one_object_for_each_set() -> None:
    assert shared("*", ":", "^", "~") is shared("*", ":", "^", "~")


@pytest.mark.parametrize("eol", ["", "\n"])
@pytest.mark.parametrize("text", [BODY, BODY[BODY.index("ST*") :]])
def test_inferred(text: str, eol: str) -> None:
    assert inferred(text.replace("~", "~" + eol)) == Delimiters("*", ":", "^", "~")
    other = redelimited(text, "|", ">", "!", "\n")
    assert inferred(other) == Delimiters("|", ">", "^", "\n")


@pytest.mark.parametrize("text", ["", "STAR", "ST", "ST*837", "once upon a time ST*837*1~", "GS*HC~GE*1~"])
def test_not_inferred(text: str) -> None:
    assert inferred(text) is None
