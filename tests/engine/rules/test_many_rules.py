"""A profile of twice as many rules takes about twice the work."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from scrubber.engine.rules import rows
from tests.scrubbing import installed

TEXTS = {"title": "t", "fix": "f", "source": "s"}
ROW = TEXTS | {"procedure": ["J0490"], "look_at": "ndc", "must_be_one_of": ["49401010101"]}


def steps(count: int) -> int:
    """Instructions of the module that reading so many rules takes, those of its comprehensions too."""
    table = {"rule": [ROW | {"code": f"OWN{chr(65 + number // 100)}{number % 100:02}"} for number in range(count)]}
    found = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal found
        if frame.f_code.co_filename != rows.__file__:
            return None
        frame.f_trace_opcodes = True
        found += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        assert len(rows.rules(table, installed())) == count
    finally:
        sys.settrace(before)
    return found


def test_work_grows_with_the_rules_and_not_with_their_square() -> None:
    """A megabyte of rules took five seconds, and two took twenty."""
    assert steps(400) < 2.1 * steps(200)
