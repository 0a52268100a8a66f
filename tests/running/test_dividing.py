"""A file that is scrubbed in ranges, by whatever executor, has the outputs of one that is scrubbed at once."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber import RunOptions
from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import runs
from scrubber.outputs import formats
from scrubber.outputs.formats import FORMATS
from scrubber.outputs.report import Options
from scrubber.outputs.summary import Summary
from scrubber.running import baseline, dividing, run, work
from scrubber.running.baseline import Baseline
from scrubber.running.dividing import Division
from scrubber.running.executors import Executor, Processes, Serial
from scrubber.running.failures import WorkerError
from scrubber.running.inputs import Input
from scrubber.running.job import Fragment, Job
from scrubber.running.run import Outcome
from scrubber.testing import ClaimSpec, build, drug_line, infusion_claim, visit_claim
from scrubber.x12.errors import LocatedError, X12Error
from scrubber.x12.prescan import Prescan
from tests import changing
from tests.damage.files import file_of
from tests.damage.kinds import applied, drawn
from tests.lanes import examples
from tests.running.starting import with_workers
from tests.scrubbing import FIXTURES, ROOT, each

SOME = ("clinic-day.837", "mix-ups-837p.837", "other-drugs-837i.837", "ordinary-837p.837")
OPTIONS = ("usual", "held", "without guide checks", "hidden", "suppressed", "in shadow", "as of a day")
SAMPLES = sorted(path for path in (ROOT.parent / "shared" / "samples" / "837").rglob("*") if path.is_file())
SUPPRESSIONS = """
[[suppress]]
claim = "{claim}"
code = "JWJZ01"
reason = "known"
author = "A. Biller"
expires = 2027-01-31
"""


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunOptions]:
    """Options by name, each object with an engine of its own."""
    folder = tmp_path_factory.mktemp("options")
    (folder / "key").write_bytes(bytes(range(64)))
    (folder / "key").chmod(0o600)
    (folder / "suppressions.toml").write_text(SUPPRESSIONS.format(claim="P-0001"), "utf-8")
    (folder / "house.toml").write_text('name = "house"\n[severity]\nIG07 = "shadow"\nDX01 = "shadow"\n', "utf-8")
    return {
        "usual": RunOptions(),
        "held": RunOptions(hold="warn"),
        "without guide checks": RunOptions(conformance=False),
        "as of a day": RunOptions(as_of=date(2027, 3, 1)),
        "hidden": RunOptions(key=folder / "key"),
        "suppressed": RunOptions(suppressions=folder / "suppressions.toml"),
        "in shadow": RunOptions(profile=folder / "house.toml"),
    }


@pytest.fixture(scope="module")
def engines(options: dict[str, RunOptions]) -> dict[str, Engine]:
    return {name: chosen.engine() for name, chosen in options.items()}


@pytest.fixture(scope="module", params=[True, False], ids=["forked", "started anew"])
def processes(request: pytest.FixtureRequest) -> Iterator[Processes]:
    chosen = RunOptions()
    with Processes(2, fork=request.param) as executor:
        yield with_workers(executor, chosen, chosen.engine())


def outputs(
    path: Path, engine: Engine, chosen: RunOptions, division: Division | None = None
) -> tuple[dict[str, str], Outcome | str]:
    """The hashes of all that a scrub writes, and its outcome or its error."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            outcome: Outcome | str = run.scrub(
                Input(str(path)), engine, folder, conformance=chosen.conformance, division=division
            )
        except X12Error as error:
            outcome = str(error)
        return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}, outcome


def divided(chosen: RunOptions, executor: Executor, claims: int) -> Division:
    return Division(chosen, executor, from_claims=1, claims=claims)


def assert_same(path: Path, engine: Engine, chosen: RunOptions, executor: Executor, claims: int) -> None:
    whole = outputs(path, engine, chosen)
    assert outputs(path, engine, chosen, divided(chosen, executor, claims)) == whole


@pytest.mark.parametrize("claims", [1, 2, 5])
@pytest.mark.parametrize(
    "name", ["usual", "held", "without guide checks", "hidden", "suppressed", "in shadow", "as of a day"]
)
def test_with_all_options(name: str, claims: int, options: dict[str, RunOptions], engines: dict[str, Engine]) -> None:
    for file in SOME[: examples(len(SOME))]:
        assert_same(FIXTURES / file, engines[name], options[name], Serial(), claims)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.837")), ids=lambda path: path.stem)
def test_divided_fixtures_have_the_outputs_of_one_process(
    path: Path, options: dict[str, RunOptions], engines: dict[str, Engine]
) -> None:
    for claims in (1, 3):
        assert_same(path, engines["held"], options["held"], Serial(), claims)


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_divided_sample_has_the_outputs_of_one_process(
    path: Path, options: dict[str, RunOptions], engines: dict[str, Engine]
) -> None:
    assert_same(path, engines["usual"], options["usual"], Serial(), 2)


@given(seed=st.integers(0, 10_000), claims=st.integers(1, 4))
@settings(max_examples=examples(100))
def test_divided_damaged_files_have_the_outputs_of_one_process(
    seed: int, claims: int, options: dict[str, RunOptions], engines: dict[str, Engine], tmp_path_factory: Any
) -> None:
    """Levels and headers that are lost, moved, doubled or wrong; several ST, GS and ISA; dependents."""
    file = file_of(seed % 500)
    damaged = applied(file, drawn(file, random.Random(seed)))
    if damaged is None:
        return
    path = tmp_path_factory.mktemp("damaged") / "damaged.837"
    path.write_bytes(damaged.text.encode("latin-1"))
    for executor in (Serial(), Processes(1)):
        assert_same(path, engines["held"], options["held"], executor, claims)


def claims_of(count: int) -> list[ClaimSpec]:
    """Claims of few patients, so that doses are close together and claims are there twice."""
    wrong = (drug_line(modifiers=("JW", "JZ")),)
    claims = []
    for number in range(count):
        if number % 3 == 0:
            claims.append(visit_claim("837P", f"V{number}"))
        else:
            claim = infusion_claim("837P", f"C{number}", member_id=f"9XX9XX9XX{number % 4}")
            claims.append(attrs.evolve(claim, lines=wrong) if number % 5 == 0 else claim)
    return claims


def many(count: int = 24) -> str:
    return build(claims_of(count))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "many.837"
    path.write_text(many(), "latin-1")
    return path


def test_processes_give_the_outputs_of_one_process(
    path: Path, options: dict[str, RunOptions], engines: dict[str, Engine], processes: Processes
) -> None:
    for name in ("usual", "in shadow", "hidden"):
        for claims in (1, 5):
            assert_same(path, engines[name], options[name], processes, claims)


@each("by_processes", {"in this process": False, "by processes": True})
def test_with_a_history(tmp_path: Path, path: Path, processes: Processes, by_processes: bool) -> None:
    """Claims that were released before, some of them voided in the file; and what is entered into the history."""
    earlier = tmp_path / "earlier.837"
    earlier.write_text(many(12), "latin-1")
    numbers = (None, None, "N3", "N4")  # a void without the payer's number is rejected
    voids = [
        attrs.evolve(claim, frequency="8", payer_claim_control_number=number)
        for claim, number in zip(claims_of(6)[1:5], numbers, strict=True)
    ]
    path.write_text(build([*voids, *claims_of(30)]), "latin-1")
    before, whole, in_ranges = (RunOptions(history=tmp_path / name / "history") for name in ("one", "one", "two"))
    (tmp_path / "one").mkdir()
    outputs(earlier, before.engine(entering=True), before)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    division = divided(in_ranges, processes if by_processes else Serial(), 3)
    found = [outputs(path, whole.engine(entering=True), whole)]
    found.append(outputs(path, in_ranges.engine(entering=True), in_ranges, division))
    assert isinstance(found[0][1], Outcome)
    codes = found[0][1].summary.findings
    assert codes["DUP02"] and codes["DUP03"]
    assert found[0] == found[1]


def report(form: str, path: Path, engine: Engine, chosen: RunOptions, division: Division | None) -> bytes:
    """The report of a check on a file, twice."""
    out = io.BytesIO()
    target: Any = out if formats.load(form).binary else io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    with formats.into(form, target, engine) as written:
        for _ in range(2):
            run.check(Input(str(path)), engine, [written], conformance=True, division=division)
    return out.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_a_divided_check_has_the_report_of_one_process(
    form: str, path: Path, options: dict[str, RunOptions], engines: dict[str, Engine]
) -> None:
    chosen, engine = options["usual"], engines["usual"]
    whole = report(form, path, engine, chosen, None)
    assert report(form, path, engine, chosen, divided(chosen, Serial(), 5)) == whole


@each("update", {"known": False, "updated": True})
def test_a_divided_check_has_the_baseline_of_one_process(
    path: Path, options: dict[str, RunOptions], engines: dict[str, Engine], update: bool
) -> None:
    chosen, engine = options["usual"], engines["usual"]

    def checked(division: Division | None, known: Path, *, update: bool) -> tuple[Outcome, Baseline]:
        there = baseline.load(known, lambda code: runs(engine, code, conformance=True), update=update)
        outcome = run.check(Input(str(path)), engine, [], conformance=True, baseline=there, division=division)
        there.close()
        return outcome, there

    known = [path.with_name(name) for name in ("whole.jsonl", "divided.jsonl")]
    for file, division in zip(known, (None, divided(chosen, Serial(), 5)), strict=True):
        checked(division if update else None, file, update=True)
    assert known[0].read_bytes() == known[1].read_bytes()
    whole, in_ranges = (checked(division, known[0], update=update) for division in (None, divided(chosen, Serial(), 5)))
    assert (in_ranges[0], in_ranges[1].change) == (whole[0], whole[1].change)
    assert whole[0].summary.suppressed


@attrs.frozen
class Changing(Input):
    """An input whose file is written anew while it is read."""

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        class Stream(io.BytesIO):
            digits = itertools.count()

            def seek(self, offset: int, whence: int = 0, /) -> int:
                if (offset, whence) == (0, 0) and self.tell():
                    self.getbuffer()[-3:-2] = b"%d" % next(self.digits)
                return super().seek(offset, whence)

        yield Stream(Path(self.path).read_bytes())


def test_a_file_that_changes_is_not_written(
    path: Path, options: dict[str, RunOptions], engines: dict[str, Engine]
) -> None:
    chosen, engine = options["usual"], engines["usual"]
    division = attrs.evolve(divided(chosen, Serial(), 5), from_claims=20)
    with tempfile.TemporaryDirectory() as name:
        with pytest.raises(X12Error, match="changed"):
            run.scrub(Changing(str(path)), engine, Path(name), division=division)
        assert not list(Path(name).iterdir())
    in_ranges, whole = (run.check(Changing(str(path)), engine, [], division=some) for some in (division, None))
    assert in_ranges.summary == whole.summary
    assert [outcome.errors[-1].code for outcome in (in_ranges, whole)] == ["READ43", "READ43"]


def test_all_that_was_read_of_a_file_that_changes_is_in_its_report(processes: Processes) -> None:
    """Processes are some ranges ahead when reading fails."""
    chosen, text = RunOptions(select="JWJZ"), many(1_500).encode("latin-1")
    engine = chosen.engine()

    def summary(division: Division | None) -> Summary:
        stream = changing.Changing(text, text.replace(b"C1499", b"C1498"))
        return run.check(changing.Opened("many.837", stream=stream), engine, [], division=division).summary

    whole = summary(None)
    assert whole.claims > 1_000
    assert summary(divided(chosen, processes, 50)) == whole


def test_nothing_is_left_in_the_folder_for_fragments(
    path: Path, options: dict[str, RunOptions], engines: dict[str, Engine]
) -> None:
    fragments = path.with_name("fragments")
    fragments.mkdir()
    modes: set[int] = set()

    class Watching(Serial):
        def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
            job.write()
            for one in given:
                job.write_range(one)
                work.perform(job, one)
                modes.update(each.stat().st_mode & 0o777 for each in fragments.rglob("*"))
                yield job.take_fragment(one.number)

    division = attrs.evolve(divided(options["usual"], Watching(), 5), folder=fragments)
    outputs(path, engines["usual"], options["usual"], division)
    assert not list(fragments.iterdir())
    assert modes == {0o600, 0o700}


@each(
    ("least", "claims", "is_divided"),
    {"enough": (24, 5, True), "too few": (25, 5, False), "one range": (1, 24, False)},
)
def test_which_files_are_divided(path: Path, least: int, claims: int, is_divided: bool) -> None:
    chosen = RunOptions(select="JWJZ")
    ranges: list[int] = []

    class Counting(Serial):
        def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
            for number, fragment in enumerate(super().run(job, given), 1):
                ranges.append(number)
                yield fragment

    run.check(Input(str(path)), chosen.engine(), [], division=Division(chosen, Counting(), least, claims))
    assert bool(ranges) == is_divided


def test_a_fragment_is_freed_before_the_next_one(path: Path) -> None:
    chosen = RunOptions(select="JWJZ")
    references: list[int] = []

    class Counting(Serial):
        def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
            for fragment in super().run(job, given):
                yield fragment
                references.append(sys.getrefcount(fragment))

    run.check(Input(str(path)), chosen.engine(), [], division=divided(chosen, Counting(), 5))
    assert set(references) == {2}, "its name here, and the argument of the count"


@pytest.fixture
def poison(tmp_path: Path) -> Path:
    """An edit that kills its process on the first claim, as often as the file `deaths` says.

    A worker has that claim: the process that divides the file gives ranges to workers before it takes one.
    """
    path = tmp_path / "poison.py"
    path.write_text(POISON.format(counter=str(tmp_path / "deaths")), "utf-8")
    return path


POISON = '''
import os, signal
from scrubber.edit import edit
COUNTER = {counter!r}

@edit("POIS01", "Poison", severity="info", concerns=None, source="a test")
def poison(claim, facts):
    """What it checks: nothing. It kills its process on one claim, as often as a file says.

    Why it is denied: it is not.

    How to fix: nothing.
    """
    if claim.claim_id == "V0" and os.path.exists(COUNTER):
        left = int(open(COUNTER).read())
        if left:
            open(COUNTER, "w").write(str(left - 1))
            os.kill(os.getpid(), signal.SIGKILL)
    return ()
'''


@pytest.mark.slow
@each("fork", {"forked": True, "started anew": False})
def test_the_range_of_a_worker_that_dies_is_done_again(path: Path, poison: Path, fork: bool) -> None:
    chosen = RunOptions(edits=[poison])
    engine = chosen.engine()
    whole = outputs(path, engine, chosen)
    path.with_name("deaths").write_text("1")
    with Processes(2, fork=fork) as executor:
        with_workers(executor, chosen, engine)
        assert outputs(path, engine, chosen, divided(chosen, executor, 2)) == whole
    assert path.with_name("deaths").read_text() == "0"


@pytest.mark.slow
def test_a_range_on_which_workers_die_twice_is_one_clear_error(path: Path, poison: Path) -> None:
    chosen = RunOptions(edits=[poison])
    engine = chosen.engine()
    path.with_name("deaths").write_text("2")
    with (
        tempfile.TemporaryDirectory() as name,
        with_workers(Processes(2), chosen, engine) as executor,
        pytest.raises(WorkerError, match="died twice on claims 1 to 2"),
    ):
        run.scrub(Input(str(path)), engine, Path(name), division=divided(chosen, executor, 2))
    assert path.with_name("deaths").read_text() == "0"


@pytest.mark.slow
@each("fork", {"forked": True, "started anew": False})
def test_workers_that_die_at_their_start_are_one_clear_error(monkeypatch: pytest.MonkeyPatch, fork: bool) -> None:
    chosen = RunOptions(select="JWJZ")
    monkeypatch.setattr("scrubber.running.workers.serve", os._exit)  # it ends, as it does not take so much
    with Processes(2, fork=fork) as executor, pytest.raises(WorkerError, match="die at their start"):
        with_workers(executor, chosen, chosen.engine())


def test_a_format_without_parts_is_written_by_one_process(path: Path) -> None:
    chosen = RunOptions(select="JWJZ")
    engine = chosen.engine()
    whole = formats.Guarded("lines", WithoutParts(), Options(), binary=False)
    scan = run.check(Input(str(path)), engine, [whole]).scan
    assert not divided(chosen, Serial(), 5).divides(scan, [whole])
    assert divided(chosen, Serial(), 5).divides(scan, [])


class WithoutParts:
    """A report of somebody's own."""

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Nothing is written."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Nothing is written."""

    def end_file(self, scan: Prescan, summary: Summary, notices: Sequence[LocatedError] = ()) -> None:
        """Nothing is written."""

    def close(self) -> None:
        """Nothing is written."""


@given(st.text(alphabet="a\n\r\u20ac", max_size=12), st.lists(st.integers(-1, 5), max_size=6))
@settings(max_examples=examples(200))
def test_a_text_is_read_as_a_file(text: str, sizes: list[int]) -> None:
    ours, usual = dividing._Text(text), io.StringIO(text, newline="\n")
    for number, size in enumerate(sizes):
        if number % 2:
            assert ours.read(size) == usual.read(size)
        else:
            assert ours.readline(size) == usual.readline(size)
    assert list(ours) == list(usual)
