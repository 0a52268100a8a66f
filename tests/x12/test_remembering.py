"""Answers by texts of files are remembered, and forgotten before they fill the memory."""

from __future__ import annotations

import gc
import io
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

import scrubber
from scrubber.testing import build, visit_claim, with_all_lines
from scrubber.x12 import remembering
from scrubber.x12.remembering import read, remembered

LONG = 20_000
CLAIMS = 150
PLAIN = build(with_all_lines(visit_claim("837P", f"ID{number}"), ndc="00001000101") for number in range(CLAIMS))


@pytest.fixture(autouse=True)
def _little(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(remembering, "MOST_CHARACTERS", 10 * LONG)
    read(10 * LONG + 1)
    yield
    read(10 * LONG + 1)


def test_an_answer_is_kept_until_too_much_was_read() -> None:
    asked: list[str] = []

    @remembered(8)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert (length("one"), length("one")) == (3, 3)
    read(10 * LONG)
    assert length("one") == 3
    assert asked == ["one"]
    read(1)
    assert length("one") == 3
    assert asked == ["one", "one"]


def test_what_remembers_is_not_kept_alive() -> None:
    before = len(remembering._all)
    kept = remembered(8)(len)
    assert len(remembering._all) == before + 1
    del kept
    gc.collect()
    assert len(remembering._all) <= before
    read(10 * LONG + 1)


def long_values(pattern: str) -> bytes:
    """The claims of a file, each with another long value in place of what a pattern finds between its two groups."""
    head, *claims = PLAIN.split("CLM*")
    changed = [head]
    for number, rest in enumerate(claims):
        claim, value = f"CLM*{rest}", f"{number:07}{'7' * LONG}"
        found = re.search(pattern, claim)
        assert found, claim
        changed.append(claim[: found.end(1)] + value + claim[found.start(2) :])
    return "".join(changed).encode()


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(pattern, id=name)
        for name, pattern in {
            "place of service": r"^(CLM\*[^*]*\*[^*]*\*\*\*)[^:]*(:)",
            "diagnosis": r"(HI\*ABK:)[^*~]*([*~])",
            "provider's name": r"(NM1\*82\*1\*)[^*]*(\*)",
            "NPI": r"(NM1\*82\*1\*[^~]*\*XX\*)[^~]*(~)",
            "procedure": r"(SV1\*HC:)[^*:]*([*:])",
            "charge": r"(SV1\*[^*]*\*)[^*]*(\*)",
            "units": r"(SV1\*[^*]*\*[^*]*\*UN\*)[^*]*(\*)",
            "pointers": r"(SV1\*[^~*]*\*[^~]*\*)[^~*]*(~)",
            "date of service": r"(DTP\*472\*D8\*)[^~]*(~)",
            "NDC": r"(LIN\*\*N4\*)[^~]*(~)",
            "tag": r"(~\s*)PRV(\*)",
        }.items()
    ],
)
def test_memory_stays_flat_with_long_values(pattern: str) -> None:
    options = scrubber.RunOptions(conformance=False)
    assert (
        sum(1 for _ in scrubber.scrub(io.BytesIO(PLAIN.encode()), options=options)) == CLAIMS
    )  # all that is loaded once
    file = io.BytesIO(long_values(pattern))
    tracemalloc.start()
    try:
        assert sum(1 for _ in scrubber.scrub(file, options=options)) == CLAIMS
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < CLAIMS * LONG / 4


MAY_KEEP = {
    "scrubber/x12/remembering.py": "the mechanism itself",
    "scrubber/x12/segments.py": "by delimiters and names of ours",
    "scrubber/claims/earlier.py": "lines of earlier claims, by texts of at most 1,000 characters",
    "scrubber/claims/levels.py": "by delimiters and names of ours",
    "scrubber/claims/lines.py": "statement dates, by two days",
    "scrubber/engine/excerpt.py": "by texts that are cut before",
    "edits/_editions.py": "by a table and a day",
    "scrubber/reference/eras.py": "by days",
    "scrubber/reference/importers/kind.py": "texts of tables, which are read apart from claims",
}
"""The modules that may have many answers in a plain `lru_cache`, and why that takes little memory."""


def test_no_other_module_keeps_many_answers_by_texts_of_files() -> None:
    root = Path(__file__).parents[2]
    rooms = [root / "edits", *(root / "scrubber" / room for room in ("x12", "claims", "reference", "engine"))]
    found = {
        str(path.relative_to(root))
        for room in rooms
        for path in room.rglob("*.py")
        for most in re.findall(r"lru_cache\((?:maxsize=)?(\w+)\)", path.read_text("utf-8"))
        if not (most.isdigit() and int(most) <= 256)
    }
    assert found == set(MAY_KEEP)
