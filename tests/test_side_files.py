"""Files beside the claims that are no plain files: each command ends with one line and status 2, and waits for none."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from tests.processes import forked
from tests.scrubbing import FIXTURES

CLINIC = str(FIXTURES / "clinic-day.837")
PATIENCE = 20.0
CHOOSING = ("--profile", "--suppressions", "--edits", "--facts", "--reference", "--no-phi")
ACCEPTED = "--claim A --code NDC05 --reason r --author a --until 2027-01-31"
COMMANDS = [
    *(f"check {CLINIC} {option} ODD" for option in (*CHOOSING, "--baseline", "--history", "--update --baseline")),
    *(f"scrub {CLINIC} --out out {option} ODD" for option in (*CHOOSING, "--history")),
    *(f"watch drop --once {option} ODD" for option in (*CHOOSING, "--ledger", "--health", "--out")),
    *(f"serve --port 0 {option} ODD" for option in ("--tokens", "--profile", "--profiles", "--state", "--drop")),
    f"suppress report.json --file ODD {ACCEPTED}",
    f"suppress ODD {ACCEPTED}",
    "replay ODD",
    "replay run --history ODD",
    "replay hidden --no-phi ODD",
    "compare ODD report.json",
    "compare report.json ODD",
    "explain NDC05 --profile ODD",
    "edits --edits ODD",
    "reference list --reference ODD",
    f"reference import --reference ODD {CLINIC}",
    "reference import ODD",
    "reference remove mue 2026Q3 --reference ODD",
    f"reference check {CLINIC} --reference ODD",
    f"reference diff ODD 2026-10-01 --on {CLINIC}",
    "watch status drop --alive --health ODD",
    "watch status dropped-ODD",
    "watch rebuild dropped-ODD",
]
"""Commands in which ODD stands for the odd file."""
FOLDERS = {"--facts", "--out", "--profiles", "--state", "--drop", "import"}
"""What takes a folder."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the odd files, and with what the commands need besides."""
    made = tmp_path_factory.mktemp("odd")
    os.mkfifo(made / "pipe")
    (made / "folder").mkdir()
    (made / "drop").mkdir()
    (made / "key").write_bytes(b"k" * 40)
    for odd in ("pipe", "socket", "folder", "device"):
        (made / f"dropped-{odd}").mkdir()
        (made / f"dropped-{odd}" / ".scrubber-watch.json").symlink_to(made / odd)
    with socket.socket(socket.AF_UNIX) as listening, chdir(made):
        listening.bind("socket")
        for out, more in (("run", ["--history", "known"]), ("hidden", ["--no-phi", "key"])):
            assert forked(["scrub", CLINIC, "--out", out, "--no-config", *more], cwd=made).status < 2
        report = forked(["check", "--format", "json", "--no-config", CLINIC], cwd=made)
        (made / "report.json").write_text(report.out)
        yield made


@pytest.mark.parametrize("odd", ["pipe", "socket", "folder", "device"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.replace(CLINIC, "FILE").replace("/", "_"))
def test_an_odd_file_is_refused_at_once(command: str, odd: str, place: Path) -> None:
    if odd == "folder" and FOLDERS & {*command.split()}:
        pytest.skip("it takes a folder")
    path = place / odd
    if odd == "device" and not path.exists():
        _make_device(path)
    kind, there = stat.S_IFMT(path.stat().st_mode), names(place)
    done = forked(command.replace("ODD", odd).split(), cwd=place, timeout=PATIENCE)
    lines = done.err.splitlines()
    assert (done.status, len(lines)) == (2, 1), done.err
    assert "Traceback" not in done.err
    assert stat.S_IFMT(path.stat().st_mode) == kind
    assert names(place) == there


@pytest.mark.parametrize(
    "command", [f"check {CLINIC} --facts tables", "check --expect own.837", "reference import tables"]
)
def test_a_pipe_among_files_that_are_found_does_not_block(command: str, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    os.mkfifo(tmp_path / "tables" / "drugs.toml")
    os.mkfifo(tmp_path / "own.837.expected")
    (tmp_path / "own.837").write_bytes(Path(CLINIC).read_bytes())
    done = forked(command.split(), cwd=tmp_path, timeout=PATIENCE)
    assert (done.status, len(done.err.splitlines())) == (2, 1), done.err


def _make_device(path: Path) -> None:
    """A device without an end, in our own folder: one of the system must not be in danger."""
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        path.open("rb").close()
    except OSError:
        path.unlink(missing_ok=True)
        pytest.skip("needs the right to make a device")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
