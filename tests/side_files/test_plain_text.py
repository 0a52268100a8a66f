"""JSON and TOML from outside: anything odd in it is a `ValueError`."""

from __future__ import annotations

import io
from pathlib import Path

import ijson
import pytest

from scrubber.engine import toml_file
from scrubber.engine.naming import hidden
from scrubber.expectations import sidecar
from scrubber.running import baseline, manifest
from scrubber.side_files import plain_text
from scrubber.side_files.plain_text import DEEPEST, FaultsError, json_events, of_json, of_toml
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
        "a long text": '{"a": ["' + "a" * 4_097 + '"]}',
        "half of a character": '"\\ud800"',
        "bytes that are no UTF-8": b'"\xff"',
        "nothing": "",
    },
)
def test_json_that_no_table_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        of_json(text)


@each(
    "text",
    {
        "nested too deeply": f"a = {DEEP}",
        "a number with too many digits": f"a = {'9' * 5_000}",
        "NUL": 'a = "\\u0000"',
        "a long text": f"a = '{'a' * 4_097}'",
        "a long key": f"{'a' * 4_097} = 1",
        "no TOML": "a =",
    },
)
def test_toml_that_no_table_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        of_toml(text)


def test_the_first_faults_are_listed_and_the_others_counted() -> None:
    assert str(FaultsError("a", "b\nc")) == "a\nb?c"
    listed = str(FaultsError(*map(str, range(1_051)))).split("\n")
    assert (listed[:50], listed[50:]) == ([str(number) for number in range(50)], ["and 1,001 more"])


def test_plain_values_and_names_of_files_that_are_no_utf8() -> None:
    assert of_json('{"a": [1, "\\udcff", null]}') == {"a": [1, "\udcff", None]}
    assert of_toml("a = 1") == {"a": 1}


@each("begins", {"lists": b"[", "objects": b'{"a":'})
def test_json_that_is_read_as_a_stream_has_a_deepest_level(begins: bytes) -> None:
    """The parser would need memory by the square of the depth, and crash the process."""
    ends = b"]" if begins == b"[" else b"}"
    deep = begins * DEEPEST + b"1" + ends * DEEPEST
    assert len(list(json_events(io.BytesIO(deep)))) > DEEPEST
    with pytest.raises(ValueError, match="nested too deeply"):
        list(json_events(io.BytesIO(begins * 200_000)))


def test_json_that_is_cut_off() -> None:
    with pytest.raises(ijson.JSONError):
        list(json_events(io.BytesIO(b'{"a": [')))


@each(
    ("before", "refused"),
    {
        "alone": (b"", True),
        "negative": (b'{"a": -', True),
        "in a list": (b"[1,\n", True),
        "behind much else": (b'{"b": "' + b" " * 70_000 + b'", "a": ', True),
        "white space before it": (b'{"a":' + b" " * 9_000, True),
        "in a text": (b'{"a": "', False),
    },
)
def test_huge_numbers_that_are_read_as_a_stream(before: bytes, refused: bool) -> None:
    """The parser in C would crash the process."""
    with pytest.raises(ValueError if refused else ijson.JSONError, match="too many digits" if refused else "EOF"):
        list(json_events(io.BytesIO(before + b"9" * 5_000)))


@each(
    "text",
    {
        "key": "a." * 50_000 + "a = 1",
        "table": "[" + "a . " * 50_000 + "a]",
        "quoted": "\"a b\".'c'." * 50_000 + "a = 1",
    },
)
def test_a_key_of_many_parts_is_refused_before_it_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        of_toml(text)


def test_usual_keys_and_long_texts_are_read() -> None:
    words = "a" * 2_000 + "." + "b " * 1_000
    assert of_toml(f'a.b."c d".e = "{words}"') == {"a": {"b": {"c d": {"e": words}}}}


@pytest.mark.parametrize(
    "read",
    [
        toml_file.read,
        hidden,
        sidecar.read,
        manifest.read,
        lambda path: baseline.load(path, lambda _: True, update=False),
    ],
)
def test_a_huge_file_is_too_large(read: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "MOST_BYTES", 1_000)
    (tmp_path / "huge").write_bytes(bytes(1_001))
    with pytest.raises((OSError, baseline.BaselineError), match="too large"):
        read(tmp_path / "huge")  # type: ignore[operator]
