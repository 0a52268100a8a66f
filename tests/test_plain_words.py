"""What people read is plain English: no old-fashioned words, and no twisted clauses."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

import pytest

from tests.scrubbing import ROOT

TWISTED = re.compile(
    r"\b(of which|of whom|whom?(?:so)?ever|whatsoever|sa(?:y|ys|id) of|heard|told|thereof|therein|thereby|whereof|"
    r"wherein|whereby|hereby|herein|hitherto|heretofore|lest|albeit|unto|upon|whilst|amongst|nought|naught|likewise|shall|"
    r"anew|amid|further up|grave|speaks?|spoke|(?<!left )(?<!leave )(?<!leaves )behind)\b",
    re.IGNORECASE,
)
OURS = [
    path
    for pattern in ("scrubber/**/*.py", "scrubber/**/*.html", "edits/*.py", "bench/*.py", "docs/*.md", "*.md")
    for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_page_and_no_module_has_a_twisted_word(path: Path) -> None:
    text = path.read_text("utf-8")
    found = [(text.count("\n", 0, word.start()) + 1, word[0]) for word in TWISTED.finditer(text)]
    assert found == []


OTHER_MEANINGS = re.compile(r"places?_of(?:_|$)|(?:in|out_of)_place$", re.IGNORECASE)
"""The place of service, and words that are not of a place."""
PLACE = re.compile(r"(?<![a-z])places?(?![a-z])", re.IGNORECASE)
ABOUT_PLACES_OF_SERVICE = {"scrubber/reference/importers/places.py", "scrubber/reference/importers/kinds.py"}


@pytest.mark.parametrize("path", sorted((ROOT / "scrubber").glob("**/*.py")), ids=lambda path: path.stem)
def test_a_name_with_place_means_the_place_of_service(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in ABOUT_PLACES_OF_SERVICE:
        return
    with tokenize.open(path) as source:
        names = {token.string for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.NAME}
    assert [name for name in sorted(names) if PLACE.search(OTHER_MEANINGS.sub("", name))] == []


@pytest.mark.parametrize(
    "text", ["codes of which one is needed", "Whoever reads it", "what it says of a claim", "was told"]
)
def test_the_words_are_found(text: str) -> None:
    assert TWISTED.search(text)
    assert not TWISTED.search("the file in which a claim stands, whatever it holds")
