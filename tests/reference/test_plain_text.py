"""JSON and TOML that others wrote: whatever is odd about it is a `ValueError`."""

from __future__ import annotations

import pytest

from scrubber.reference.plain_text import of_json, of_toml
from tests.scrubbing import each

DEEP = "[" * 100_000


@each(
    "text",
    {
        "nested too deeply": DEEP,
        "a number with too many digits": "9" * 5_000,
        "NUL in a text": '"a\\u0000b"',
        "NUL in a key": '{"a\\u0000b": 1}',
        "NUL in a list": '[{"a": ["\\u0000"]}]',
        "half of a character": '"\\ud800"',
        "bytes that are no UTF-8": b'"\xff"',
        "nothing": "",
    },
)
def test_odd_json(text: str) -> None:
    with pytest.raises(ValueError):
        of_json(text)


@each(
    "text",
    {
        "nested too deeply": f"a = {DEEP}",
        "a number with too many digits": f"a = {'9' * 5_000}",
        "NUL": 'a = "\\u0000"',
        "no TOML": "a =",
    },
)
def test_odd_toml(text: str) -> None:
    with pytest.raises(ValueError):
        of_toml(text)


def test_plain_values_and_names_of_files_that_are_no_utf8() -> None:
    assert of_json('{"a": [1, "\\udcff", null]}') == {"a": [1, "\udcff", None]}
    assert of_toml("a = 1") == {"a": 1}
