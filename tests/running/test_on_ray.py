"""Ranges that a local cluster of Ray scrubs: the bytes of one process, also when workers are killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

import pytest

from scrubber import RunOptions
from scrubber.engine.engine import Engine
from scrubber.engine.ranges import CLAIMS, Range
from scrubber.running import run
from scrubber.running.dividing import Division
from scrubber.running.executors import Executor
from scrubber.running.failures import WorkerError
from scrubber.running.inputs import Input
from scrubber.running.job import Fragment, Job
from scrubber.testing import build, infusion_claim, visit_claim
from tests.processes import SCRUBBER, fresh
from tests.scrubbing import FIXTURES, each

pytestmark = pytest.mark.slow
ray = pytest.importorskip("ray")

from scrubber.running.on_ray import OnRay  # noqa: E402 - it needs Ray

DEADLY = '''
import os, signal
from pathlib import Path
from scrubber import Claim, Facts, edit
from scrubber.edit import Results

@edit("HOUSE01", "Kills its worker", severity="warn", concerns=None, source="A test")
def deadly(claim: Claim, facts: Facts) -> Results:
    """What it checks: nothing.

    Why it is denied: it is not.

    How to fix: nothing.
    """
    deaths = Path("{deaths}")
    if claim.number == 7 and len(list(deaths.iterdir())) < {most}:
        Path(deaths, str(os.getpid())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return iter(())
'''


@pytest.fixture(scope="module")
def cluster() -> Iterator[OnRay]:
    with OnRay(jobs=2) as executor:
        yield executor


def outputs(path: Path, folder: Path, options: RunOptions, executor: Executor | None = None) -> dict[str, bytes]:
    """What `scrub` writes."""
    folder.mkdir()
    division = Division(options, executor, from_claims=1, claims=3, folder=folder) if executor else None
    run.scrub(Input(str(path)), options.engine(), folder, division=division)
    assert all(entry.is_file() for entry in folder.iterdir()), "fragments are left"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


def some_claims(path: Path) -> Path:
    claims = [infusion_claim(claim_id=f"A{number}") for number in range(10)]
    path.write_text(build([*claims, *(visit_claim(claim_id=f"B{number}") for number in range(10))]))
    return path


def deadly(folder: Path, deaths: int) -> RunOptions:
    """Options with an edit that kills its worker so many times."""
    (folder / "deaths").mkdir()
    edits = folder / "deadly.py"
    edits.write_text(DEADLY.format(deaths=folder / "deaths", most=deaths))
    return RunOptions(edits=[edits])


# Before the cluster of the module, as a process has one at a time


def test_a_local_cluster_keeps_its_files_private_and_leaves_none(tmp_path: Path) -> None:
    with OnRay(jobs=1) as executor:
        executor.prepare(RunOptions(), RunOptions().engine())
        folder = executor.folder
        assert folder is not None
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert list(folder.iterdir())
    assert not folder.exists()


def test_no_other_process_gets_work_done() -> None:
    program = """
import sys, ray
try:
    ray.init(sys.argv[1], log_to_driver=False)
except ConnectionError:
    print("refused")
"""
    with OnRay(jobs=1) as executor:
        executor.prepare(RunOptions(), RunOptions().engine())
        address = ray.get_runtime_context().gcs_address
        stranger = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
        stranger |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64}
        command = [sys.executable, "-c", program, address]
        done = subprocess.run(command, capture_output=True, text=True, env=stranger, timeout=120, check=False)
    assert done.stdout == "refused\n"


def test_sigterm_stays_with_the_caller() -> None:
    def stop(*_: object) -> None: ...

    usual = signal.signal(signal.SIGTERM, stop)
    try:
        with OnRay(jobs=1) as executor:
            executor.prepare(RunOptions(), RunOptions().engine())
            assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, usual)


@each("address", {"no port": "localhost", "nobody there": "127.0.0.1:1", "a client's address": "ray://127.0.0.1:1"})
def test_a_cluster_that_is_not_there(address: str) -> None:
    with pytest.raises(WorkerError, match="Ray cannot be used"):
        OnRay(address).prepare(RunOptions(), RunOptions().engine())


def test_statistics_are_off() -> None:
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


# With it


@each("name", {path.stem: path.name for path in sorted(FIXTURES.glob("*.837"))[:6]})
def test_the_bytes_are_those_of_one_process(tmp_path: Path, cluster: OnRay, name: str) -> None:
    options = RunOptions(hold="warn")
    alone = outputs(FIXTURES / name, tmp_path / "alone", options)
    assert outputs(FIXTURES / name, tmp_path / "ray", options, cluster) == alone


def test_a_killed_worker_changes_nothing(tmp_path: Path, cluster: OnRay, capfd: pytest.CaptureFixture[str]) -> None:
    path, options = some_claims(tmp_path / "claims.837"), deadly(tmp_path, 1)
    divided = outputs(path, tmp_path / "ray", options, cluster)
    assert len(list((tmp_path / "deaths").iterdir())) == 1
    assert divided == outputs(path, tmp_path / "alone", options)
    time.sleep(1)  # Ray's messages come late
    assert capfd.readouterr().out == ""


def test_workers_that_die_again_end_the_run(tmp_path: Path, cluster: OnRay) -> None:
    path, options = some_claims(tmp_path / "claims.837"), deadly(tmp_path, 5)
    with pytest.raises(WorkerError, match="a worker of Ray died twice on claims 7 to 9"):
        outputs(path, tmp_path / "ray", options, cluster)
    assert list((tmp_path / "ray").iterdir()) == []
    assert len(list((tmp_path / "deaths").iterdir())) == 2


def test_ranges_are_not_read_far_ahead(tmp_path: Path, cluster: OnRay) -> None:
    path, options = some_claims(tmp_path / "claims.837"), RunOptions()
    taken, most = 0, 0

    class Counting:
        def prepare(self, options: RunOptions, engine: Engine) -> None:
            cluster.prepare(options, engine)

        def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
            nonlocal most
            for done, fragment in enumerate(cluster.run(job, self.counted(given))):
                most = max(most, taken - done)
                yield fragment

        @staticmethod
        def counted(given: Iterable[Range]) -> Iterator[Range]:
            nonlocal taken
            for one in given:
                taken += 1
                yield one

    outputs(path, tmp_path / "ray", options, Counting())
    assert 2 < most <= 6


# By the command line


def test_scrub_and_check_on_ray_give_what_one_process_gives(tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    path.write_text(build(infusion_claim(claim_id=f"A{number}") for number in range(CLAIMS + 1)))
    said = {}
    for name, chosen in {"alone": ("--jobs", "1"), "ray": ("--executor", "ray", "--jobs", "2")}.items():
        scrubbed = fresh(["scrub", str(path), "--out", str(tmp_path / name), "--quiet", *chosen])
        checked = fresh(["check", str(path), "--format", "json", *chosen])
        assert (scrubbed.status, scrubbed.out, scrubbed.err, checked.status, checked.err) == (0, "", "", 0, "")
        said[name] = (checked.out, {entry.name: entry.read_bytes() for entry in (tmp_path / name).iterdir()})
    assert said["ray"] == said["alone"]


def test_no_cluster_at_the_address_ends_with_one_line(tmp_path: Path) -> None:
    path = some_claims(tmp_path / "claims.837")
    path.write_text(build(infusion_claim(claim_id=f"A{number}") for number in range(CLAIMS + 1)))
    done = fresh(["scrub", str(path), "--out", str(tmp_path / "out"), "--executor", "ray", "--address", "127.0.0.1:1"])
    assert (done.status, done.out) == (2, "")
    assert done.err.strip().splitlines() == [
        "Error: Ray cannot be used: ConnectionRefusedError: [Errno 111] Connection refused"
    ]


@each("number", {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM})
def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    path, out = tmp_path / "claims.837", tmp_path / "out"
    path.write_text(build(infusion_claim(claim_id=f"A{number}") for number in range(3_000)))
    command = [str(SCRUBBER), "scrub", str(path), "--out", str(out), "--executor", "ray", "--jobs", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: out.exists() and any(entry.is_dir() for entry in out.iterdir()))
        process.send_signal(number)
        said = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    assert said == ("", "Error: stopped; files that were not complete are not written\n")
    assert list(out.iterdir()) == []


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something has happened, at most two minutes."""
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)
