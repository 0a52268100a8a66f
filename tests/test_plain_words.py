"""What people read is plain English: no old-fashioned words, and no twisted clauses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scrubbing import ROOT

TWISTED = re.compile(
    r"\b(of which|of whom|whom?(?:so)?ever|whatsoever|sa(?:y|ys|id) of|heard|told|thereof|therein|thereby|whereof|"
    r"wherein|whereby|hereby|herein|hitherto|heretofore|lest|albeit|unto|upon|whilst|amongst|nought|naught|likewise|shall|"
    r"anew|amid|further up|grave)\b",
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


@pytest.mark.parametrize(
    "text", ["codes of which one is needed", "Whoever reads it", "what it says of a claim", "was told"]
)
def test_the_words_are_found(text: str) -> None:
    assert TWISTED.search(text)
    assert not TWISTED.search("the file in which a claim stands, whatever it holds")
