"""What is done with a range: how reports are written in memory."""

from __future__ import annotations

import io
import tracemalloc

from scrubber.running import work

_CHARACTERS = 1_000_000


def test_a_report_of_a_later_range_takes_a_byte_for_each_character() -> None:
    out = io.StringIO(newline="")
    out.write("of the first range\r\n")
    assert work._emptied(out) == "of the first range\r\n"
    tracemalloc.start()
    try:
        for _ in range(_CHARACTERS // 100):
            out.write("x" * 99 + "\n")
        assert len(work._emptied(out)) == _CHARACTERS
        assert tracemalloc.get_traced_memory()[1] < 2 * _CHARACTERS
    finally:
        tracemalloc.stop()
    assert out.getvalue() == ""


def test_bytes_are_taken_out_too() -> None:
    out = io.BytesIO()
    for text in (b"first", b"second"):
        out.write(text)
        assert work._emptied(out) == text
