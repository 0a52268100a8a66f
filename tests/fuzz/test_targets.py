"""Each target of the long fuzzing holds for what it begins with, and for some changes of it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from scrubber.testing import DelimiterSpec
from tests.fuzz import targets
from tests.fuzz.cases import changed
from tests.fuzz.targets import TARGETS
from tests.lanes import examples

SLOW = {"outputs": 8, "annotate": 4, "guide": 4, "edits": 4, "profile": 4, "import": 4}
"""By how much fewer inputs these are tried with."""
_ODD = (b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"[" * 50_000, b'{"a":' * 50_000, b"9" * 50_000, b"\n" * 1_000)


@pytest.mark.parametrize("name", list(TARGETS))
def test_a_target_holds(name: str) -> None:
    target, draw = TARGETS[name], random.Random(name)
    seeds = target.seeds()
    for data in (*seeds, *_ODD):
        target.run(data)
    for _ in range(examples(200) // SLOW.get(name, 1)):
        data = draw.choice(seeds)
        for _ in range(draw.randint(1, 4)):
            data = _changed(data, draw)
        target.run(data)


def _changed(data: bytes, draw: random.Random) -> bytes:
    at, length = draw.randint(0, len(data)), draw.randint(0, 8)
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: data[:at] + draw.randbytes(length) + data[at:],
        lambda: data[:at] + data[at + length :],
        lambda: data[:at] + data[at : at + 40] * length + data[at:],
        lambda: changed(data, DelimiterSpec("=", ",", '"', "\n"), draw),
    )
    return draw.choice(kinds)()


def test_a_target_shows_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "strip", lambda _, out: out.write(b"%d" % id(out)))
    data = TARGETS["annotate"].seeds()[0]
    with pytest.raises(AssertionError, match="does not give back the input"):
        TARGETS["annotate"].run(data)
