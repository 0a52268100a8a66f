"""Files and functions are short enough to read. The table of long functions gives a reason for each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("scrubber", "edits")

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 50

LONG_FUNCTIONS = {
    "edits/dates.py: date_out_of_bounds": "its docstring of 13 lines is the edit's page; the rest is short enough",
    "scrubber/edit.py: edit": "a line for each thing that an edit declares, and one that hands it on",
}
"""Longer functions, each with the reason."""


def sources() -> Iterator[tuple[str, str]]:
    """All source files with their names from the root."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def long_functions(source_code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source_code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno
            if node.end_lineno - node.lineno >= MOST_LINES_OF_A_FUNCTION:
                yield node.name


def test_no_file_is_long() -> None:
    assert not [name for name, text in sources() if len(text.splitlines()) > MOST_LINES_OF_A_FILE]


def test_long_functions_are_in_the_table() -> None:
    found = {f"{name}: {function}" for name, text in sources() for function in long_functions(text)}
    assert found == set(LONG_FUNCTIONS)
