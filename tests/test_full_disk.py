"""A full disk: the one line names what could not be written, not what was read."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.scrubbing import FIXTURES, SCRUBBER, each, run

resource = pytest.importorskip("resource", reason="limits the size of files as POSIX systems do")
CLAIMS = FIXTURES / "clinic-day.837"


def with_room(size: int, *command: str | Path, temporary: Path | None = None, given: bytes = b"") -> tuple[int, str]:
    """The status and standard error of a command whose files may have `size` bytes each."""
    ended = subprocess.run(
        [SCRUBBER, *command],
        input=given,
        capture_output=True,
        check=False,
        env={**os.environ, **({"TMPDIR": str(temporary)} if temporary else {})},
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size)),
    )
    return ended.returncode, ended.stderr.decode()


@each(
    "command, output",
    {
        "scrub": (("scrub", CLAIMS, "--out", "OUT"), "OUT/clinic-day."),
        "by a process that loads more": (("scrub", CLAIMS, "--out", "OUT", "--jobs", "2"), "OUT/clinic-day."),
        "simulate": (("simulate", CLAIMS, "--out", "OUT"), "OUT/clinic-day."),
        "report": (("check", CLAIMS, "--format", "json", "--output", "OUT/r"), "OUT/r: "),
        "page": (("check", CLAIMS, "--format", "html", "--output", "OUT/r"), "OUT/r: "),
        "strip": (("strip", CLAIMS, "--output", "OUT/s"), "OUT/s: "),
        "profile": (("init", "OUT"), "OUT/scrubber.toml: "),
        "baseline": (("check", CLAIMS, "--baseline", "OUT/b", "--update"), "OUT/b: "),
    },
)
def test_the_output_that_cannot_be_written_is_named(
    command: tuple[str | Path, ...], output: str, tmp_path: Path
) -> None:
    status, err = with_room(1_000, *(str(word).replace("OUT", str(tmp_path)) for word in command))
    assert status == 2
    assert f": {output.replace('OUT', str(tmp_path))}" in err.splitlines()[-1]
    assert err.endswith(": File too large\n")
    assert str(CLAIMS) not in err
    assert {path.name for path in tmp_path.iterdir()} <= {"manifest.json"}  # a small one


@pytest.mark.parametrize("command", [("check", "-"), ("scrub", "-", "--out", "OUT"), ("claims", "-"), ("strip", "-")])
def test_the_folder_of_temporary_files_is_named(command: tuple[str, ...], tmp_path: Path) -> None:
    words = [word.replace("OUT", str(tmp_path / "out")) for word in command]
    status, err = with_room(1_000, *words, temporary=tmp_path, given=CLAIMS.read_bytes())
    assert (status, err.splitlines()[-1].partition(": ")[2]) == (
        2,
        f"a temporary file in {tmp_path}: File too large",
    )


def test_the_history_is_named(tmp_path: Path) -> None:
    history = tmp_path / "history.sqlite"
    status, err = with_room(5_000, "scrub", CLAIMS, "--out", tmp_path / "out", "--history", history)
    assert (status, str(history) in err, str(CLAIMS) in err) == (2, True, False)


def test_standard_output_may_be_what_is_full(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        ended = subprocess.run(
            [SCRUBBER, "claims", CLAIMS],
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (1_000, 1_000)),
        )
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"Error: standard output or a temporary file in ")


def test_a_folder_without_access_is_named_by_the_output(tmp_path: Path) -> None:
    """The temporary name beside it means nothing to anybody."""
    done = run("strip", CLAIMS, "--output", tmp_path / "missing" / "s")
    assert done.err == f"Error: {tmp_path / 'missing' / 's'}: No such file or directory\n"
