"""Denial codes in our own words, and links to sources: each row is used, and each code of an edit has words."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

import pytest

from scrubber.outputs.authorities import SourcePart, denial_in_words, linked
from scrubber.outputs.explanation import GUIDE_CARC
from tests.scrubbing import ROOT, each, installed


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files("scrubber.outputs") / name).read_text("utf-8"))


def denial_codes(kind: str) -> set[str]:
    """The codes that edits name: for all their findings, or for one of them."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "edits").glob("*.py"))
    return set(re.findall(rf'\b{kind}="(\w+)"', code)) | {
        found for edit in installed().edits.values() if (found := getattr(edit, kind))
    }


@pytest.mark.parametrize("kind", ["carc", "rarc"])
def test_every_denial_code_of_an_edit_has_words_and_no_other(kind: str) -> None:
    assert table("denials.toml")[kind].keys() == denial_codes(kind)
    assert GUIDE_CARC in table("denials.toml")["carc"]


def test_every_authority_is_the_source_of_an_edit() -> None:
    sources = [edit.source for edit in installed().edits.values()]
    for row in table("authorities.toml")["authority"]:
        assert any(re.search(row["words"], source) for source in sources), row
        assert row["address"].startswith("https://")


@each(
    ("codes", "words"),
    {
        "a remark says most": (("16", "N822", "A6:453"), "a modifier is missing (CARC 16, RARC N822; 277CA A6:453)"),
        "a reason alone": (("18", None, None), "a duplicate (CARC 18)"),
        "a remark without words": (("16", "X1", None), "something is missing or wrong (CARC 16, RARC X1)"),
        "a status alone": ((None, None, "A7:21"), "277CA A7:21"),
        "unknown codes": (("999", None, None), "CARC 999"),
        "nothing": ((None, None, None), ""),
    },
)
def test_a_denial_in_words(codes: tuple[str | None, str | None, str | None], words: str) -> None:
    assert denial_in_words(*codes) == words


def test_a_source_is_linked_where_an_address_is_known() -> None:
    source = "Own knowledge; Medicare Claims Processing Manual, chapter 4; 42 CFR 410.26"
    parts = list(linked(source))
    assert "".join(part.text for part in parts) == source
    assert [part for part in parts if part.address] == [
        SourcePart(
            "Medicare Claims Processing Manual, chapter 4",
            "https://www.cms.gov/regulations-and-guidance/guidance/manuals/downloads/clm104c04.pdf",
        ),
        SourcePart("42 CFR 410.26", "https://www.ecfr.gov/current/title-42/section-410.26"),
    ]


def test_no_word_of_a_source_is_lost() -> None:
    for edit in installed().edits.values():
        assert "".join(part.text for part in linked(edit.source)) == edit.source
