"""Real processes that write at the same time, are stopped, or find no room: a file has its name only if it is whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scrubber.outputs.files import only_run
from scrubber.testing import build, drug_line, infusion_claim
from tests.scrubbing import FIXTURES, SCRUBBER, each, run

pytestmark = pytest.mark.slow

REJECTED = infusion_claim("837P", "REJECTED", lines=(drug_line(modifiers=("JW", "JZ")),))
CLEAN = infusion_claim("837P", "CLEAN")
SECONDS = 60


def write(folder: Path, count: int) -> Path:
    path = folder / "claims.837"
    path.write_text(build([REJECTED, CLEAN] * (count // 2)))
    return path


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [str(SCRUBBER), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_partial(folder: Path) -> None:
    """Wait until a process has begun to write there."""
    end = time.monotonic() + SECONDS
    while not any(path.name.endswith(".partial") for path in folder.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_second_run_on_a_folder_waits_for_the_first(tmp_path: Path) -> None:
    path, out = write(tmp_path, 4), tmp_path / "out"
    out.mkdir()
    with only_run(out, pytest.fail):
        second = started("scrub", "--out", out, path)
        assert second.stderr
        said = second.stderr.readline()
        assert list(out.iterdir()) == []
    second.communicate(timeout=SECONDS)
    assert said == f"scrubber: {out}: waiting for another run that writes into this folder\n"
    assert second.returncode == 1


def test_two_runs_on_one_folder_leave_what_one_of_them_wrote(tmp_path: Path) -> None:
    path = write(tmp_path, 400)
    profiles = (["--select", "JWJZ"], ["--select", "NDC"])
    alone = []
    for number, profile in enumerate(profiles):
        run("scrub", *profile, "--out", tmp_path / str(number), path)
        alone.append({member.name: member.read_bytes() for member in (tmp_path / str(number)).iterdir()})
    both = [started("scrub", *profile, "--out", tmp_path / "out", path) for profile in profiles]
    for process in both:
        process.communicate(timeout=SECONDS)
        assert process.returncode in (0, 1)
    left = {member.name: member.read_bytes() for member in (tmp_path / "out").iterdir()}
    assert left["manifest.json"] in [one["manifest.json"] for one in alone]
    assert left in alone


@each("number", {"SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT})
@each("command", {"scrub": ["scrub", "--out"], "check": ["check", "--format", "json", "--output"]})
def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals, command: list[str]) -> None:
    path, out = write(tmp_path, 20_000), tmp_path / "out"
    out.mkdir()
    target = out if command[0] == "scrub" else out / "report.json"
    process = started(*command, target, path)
    wait_for_partial(out)
    process.send_signal(number)
    printed, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, printed, said.count("\n")) == (128 + number, "", 1)
    assert "stopped" in said
    assert list(out.iterdir()) == []


@each("how", {"hard link": os.link, "symbolic link": os.symlink})
def test_an_output_is_never_an_input_under_another_name(tmp_path: Path, how: Callable[[Path, Path], None]) -> None:
    path, other, out = write(tmp_path, 2), tmp_path / "other", tmp_path / "out"
    how(path, other)
    before = path.read_bytes()
    out.mkdir()
    how(path, out / "claims.clean.837")
    for command, option, target in (
        ("check", "--output", other),
        ("strip", "--output", other),
        ("scrub", "--out", out),
    ):
        done = run(command, option, target, path)
        assert (done.status, "is one of the inputs" in done.err) == (2, True)
        assert path.read_bytes() == before


@each("option", {"profile": "--profile", "suppressions": "--suppressions", "key": "--no-phi"})
def test_an_output_is_never_a_file_that_an_option_names(tmp_path: Path, option: str) -> None:
    given = tmp_path / "given"
    given.write_text("x" * 64 if option == "--no-phi" else 'name = "mine"\n' if option == "--profile" else "")
    given.chmod(0o600)
    before = given.read_bytes()
    done = run("check", option, given, "--output", given, write(tmp_path, 2))
    assert (done.status, "is one of the inputs" in done.err) == (2, True)
    assert given.read_bytes() == before


def test_an_output_may_be_a_pipe_that_is_open_already(tmp_path: Path) -> None:
    path = write(tmp_path, 2)
    piped = run("check", "--format", "json", "--output", "/dev/stdout", path)
    assert (piped.status, piped.err) == (1, "")
    assert piped.out == run("check", "--format", "json", path).out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@each("form", {form: form for form in ("json", "text", "html", "junit")})
def test_a_disk_without_room_is_one_line(tmp_path: Path, form: str) -> None:
    paths = [write(tmp_path, 2), tmp_path / "more.837"]
    paths[1].write_bytes(paths[0].read_bytes())
    done = run("check", "--format", form, "--output", "/dev/full", *paths)
    assert done.status == 2
    assert done.err.splitlines()[0].endswith("/dev/full: No space left on device")
    assert len(done.err.splitlines()) == 1


def test_a_report_that_cannot_be_written_keeps_the_one_that_was_there(tmp_path: Path) -> None:
    path, report = write(tmp_path, 20_000), tmp_path / "report.json"
    report.write_text("before")
    limited = (
        f"ulimit -f 100; exec {SCRUBBER} check --jobs 1 --no-conformance --format json --output {report} {path} {path}"
    )
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "File too large" in done.stderr
    assert report.read_text() == "before"
    assert {member.name for member in tmp_path.iterdir()} == {"claims.837", "report.json"}


@each("kilobytes", {f"{size} KB": size for size in (1, 16, 40, 60)})
@each("command", {"scrub": "scrub --jobs 1", "simulate": "simulate"})
def test_outputs_of_a_file_are_all_there_or_none(kilobytes: int, command: str, tmp_path: Path) -> None:
    """As on a disk that fills while the last of them is completed."""
    claims, out = FIXTURES / "clinic-day.837", tmp_path / "out"
    limited = f"ulimit -f {kilobytes}; exec {SCRUBBER} {command} {claims} --out {out}"
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=SECONDS, check=False)
    left = {path.name for path in out.iterdir()} - {"manifest.json"}
    if "File too large" in done.stderr:
        assert (done.returncode, done.stderr.count("\n"), left) == (2, 1, set())
    else:
        assert {f"clinic-day{ending}" for ending in (".999", ".277ca")} <= left


def test_a_read_error_leaves_a_report_that_is_whole(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("check", "--format", "json", "--output", report, write(tmp_path, 2), "/proc/self/mem")
    assert done.status == 2
    assert [file["path"] for file in json.loads(report.read_text())["files"]] == [str(tmp_path / "claims.837")]
