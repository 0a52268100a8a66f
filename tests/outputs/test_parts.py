"""A report that is written in parts is the report that is written at once, to the byte."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.engine.engine import Engine
from scrubber.engine.judged import Unchecked
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.breakdown import Breakdowns
from scrubber.outputs.formats import FORMATS, load
from scrubber.outputs.remarks import MOST_REASONS, Reasons
from scrubber.outputs.report import Divisible, Format, Options
from scrubber.outputs.summary import Summary
from scrubber.running.options import RunOptions
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan, prescan
from tests.lanes import examples
from tests.scrubbing import FIXTURES, each

FILES = ("clinic-day.837", "mix-ups-837p.837", "ordinary-837i.837")


class Read(NamedTuple):
    """A file that was scrubbed: its claims, and what is wrong with it."""

    path: str
    scan: Prescan
    claims: Sequence[ScrubbedClaim]
    notices: Sequence[LocatedError]

    @property
    def summary(self) -> Summary:
        summary = Summary()
        for scrubbed in self.claims:
            summary.count(scrubbed)
        return summary


def read(path: Path, engine: Engine) -> Read:
    with path.open("rb") as stream:
        scan = prescan(stream)
        stream.seek(0)
        scrubbing = Scrubbing(stream, engine, scan, conformance=True)
        claims = [item for item in scrubbing if isinstance(item, ScrubbedClaim)]
    return Read(str(path), scan, claims, scrubbing.notices)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return RunOptions().engine()


@pytest.fixture(scope="module")
def files(engine: Engine) -> list[Read]:
    return [read(FIXTURES / name, engine) for name in FILES]


def begun(form: Format, engine: Engine, options: Options) -> tuple[Any, Divisible]:
    out: Any = io.BytesIO() if form.binary else io.StringIO(newline="")
    report = form.start(out, engine, options)
    assert isinstance(report, Divisible)
    return out, report


def at_once(form: Format, engine: Engine, options: Options, files: Sequence[Read]) -> Any:
    out, report = begun(form, engine, options)
    for file in files:
        report.begin_file(file.path, file.scan)
        for scrubbed in file.claims:
            report.claim(scrubbed)
        report.end_file(file.scan, file.summary, file.notices)
    report.close()
    return out.getvalue()


def in_parts(form: Format, engine: Engine, options: Options, files: Sequence[Read], cuts: Sequence[int]) -> Any:
    """The report from parts that end before these claims, made by two reports in turns."""
    out, report = begun(form, engine, options)
    for number, file in enumerate(files, 1):
        report.begin_file(file.path, file.scan)
        helpers = [begun(form, engine, options) for _ in range(2)]
        for own, helper in helpers:
            helper.begin_part(file.path, file.scan, number)
            own.seek(0)
            own.truncate()
        for turn, claims in enumerate(parts(file.claims, cuts)):
            own, helper = helpers[turn % 2]
            for scrubbed in claims:
                helper.claim(scrubbed)
            counts = pickle.loads(pickle.dumps(helper.part()))
            text = io.BytesIO(own.getvalue()) if form.binary else io.StringIO(own.getvalue(), newline="")
            report.join(text, counts)
            own.seek(0)
            own.truncate()
        report.end_file(file.scan, file.summary, file.notices)
    report.close()
    return out.getvalue()


def parts(claims: Sequence[ScrubbedClaim], cuts: Sequence[int]) -> Iterator[Sequence[ScrubbedClaim]]:
    edges = [0, *sorted({cut % (len(claims) + 1) for cut in cuts}), len(claims)]
    return (claims[first:last] for first, last in pairwise(edges))


@pytest.mark.parametrize("name", FORMATS)
@given(cuts=st.lists(st.integers(0, 100), max_size=8))
@settings(max_examples=examples(20))
def test_parts_join_to_the_whole(name: str, engine: Engine, files: Sequence[Read], cuts: Sequence[int]) -> None:
    form, options = load(name), Options()
    assert in_parts(form, engine, options, files, cuts) == at_once(form, engine, options, files)


def test_parts_of_statistics_join_to_the_whole(engine: Engine, files: Sequence[Read]) -> None:
    form, options = load("text"), Options(statistics=True)
    assert in_parts(form, engine, options, files, [1, 2, 9]) == at_once(form, engine, options, files)


@each("kept", {"few": 3, "more": MOST_REASONS + 5})
def test_reasons_beyond_those_that_are_listed_add_up(kept: int) -> None:
    undecided = [[Unchecked("NDC01", f"reason {(claim * 7) % kept}")] for claim in range(3 * kept)]
    whole, joined = Reasons(), Reasons()
    for number, not_checked in enumerate(undecided, 1):
        whole.count(number, not_checked)
    for first in range(0, len(undecided), 50):
        part = Reasons(inf)
        for number, not_checked in enumerate(undecided[first : first + 50], first + 1):
            part.count(number, not_checked)
        joined.add(part)
    assert list(joined.described()) == list(whole.described())


def test_keys_beyond_those_that_are_counted_add_up(files: Sequence[Read]) -> None:
    claims = [scrubbed for file in files for scrubbed in file.claims]
    whole, joined = Breakdowns(3), Breakdowns(3)
    for scrubbed in claims:
        whole.count(scrubbed)
    for first in range(0, len(claims), 4):
        part = Breakdowns(inf)
        for scrubbed in claims[first : first + 4]:
            part.count(scrubbed)
        joined.add(part)
    assert joined.record() == whole.record()
    assert whole.record()["edit"]["others"]


def test_payers_beyond_the_most_are_not_named(
    engine: Engine, files: Sequence[Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that come first in the file have their names in the page, in whatever part they are."""
    monkeypatch.setattr("scrubber.outputs.html_report.MOST_KEYS", 2)
    form, options = load("html"), Options()
    assert in_parts(form, engine, options, files, range(20)) == at_once(form, engine, options, files)
