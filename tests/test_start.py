"""The start of the command, before the command line is loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import click
import pytest

from scrubber.cli import main
from scrubber.commands.groups import CommandGroup
from scrubber.commands.referencing import reference
from tests.scrubbing import FIXTURES, SCRUBBER, run

INTERRUPTED = """
import os, signal, sys

number = int(sys.argv[1])

class Interrupting:
    def find_spec(self, name, *_):
        if name == "scrubber.cli":
            os.kill(os.getpid(), number)

sys.meta_path.insert(0, Interrupting())
from scrubber.start import main
sys.argv = ["scrubber", "--version"]
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_command_line_is_loaded_ends_with_its_status_and_no_traceback(number: int) -> None:
    ended = subprocess.run([sys.executable, "-c", INTERRUPTED, str(int(number))], capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, b"", b"")


ANYWHERE = """
import os, signal, sys

left = [int(sys.argv.pop(1))]

class Interrupting:
    def find_spec(self, name, *_):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGINT)

from scrubber.start import main
sys.meta_path.insert(0, Interrupting())
main()
"""


def test_hardly_anything_is_loaded_before_ctrl_c_is_taken_care_of() -> None:
    """`re` is what the script loads that pip makes."""
    program = "import re, sys; known = {*sys.modules}; import scrubber.start; print(sorted({*sys.modules} - known))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert ended.stdout == "['scrubber', 'scrubber.start']\n"


@pytest.mark.parametrize("modules", [range(1, 13), pytest.param(range(13, 250, 4), marks=pytest.mark.slow)])
def test_ctrl_c_shows_no_traceback_whatever_is_loaded_at_that_moment(modules: range) -> None:
    for loaded in modules:
        command = [sys.executable, "-c", ANYWHERE, str(loaded), "check", str(FIXTURES / "clinic-day.837")]
        ended = subprocess.run(command, capture_output=True, check=False, text=True)
        assert ended.returncode == 130, loaded
        assert ended.stderr in ("", "Error: stopped; files that were not complete are not written\n")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--version"], ["check", "--jobs", "2", str(FIXTURES / "clinic-day.837")]])
def test_ctrl_c_shows_no_traceback_from_the_first_line_of_the_command_on(arguments: list[str]) -> None:
    """Python itself shows one while it starts, before it knows of this command."""
    for wait in range(0, 300, 10):
        with subprocess.Popen(
            [SCRUBBER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as started:
            sleep(wait / 1000)
            os.killpg(started.pid, signal.SIGINT)
            _, err = started.communicate(timeout=60)
        assert started.returncode in (130, -signal.SIGINT, 0, 1), err
        assert "Traceback" not in err or "start.py" not in err, (wait, err)


@pytest.mark.parametrize("ignored", [False, True])
def test_the_command_is_run_with_the_usual_reaction_to_ctrl_c(ignored: bool) -> None:
    """A shell lets commands in the background ignore Ctrl-C."""
    program = (
        "import signal, atexit\n"
        f"{'signal.signal(signal.SIGINT, signal.SIG_IGN)' if ignored else ''}\n"
        "atexit.register(lambda: print(repr(signal.getsignal(signal.SIGINT))))\n"
        "from scrubber.start import main\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, "--version"], capture_output=True, check=True, text=True)
    assert ended.stdout.startswith("scrubber, version")
    assert ("SIG_IGN" in ended.stdout) == ignored


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("check FILE", 1),
        ("check FILE --format json", 1),
        ("check missing", 2),
        ("check --no-such-option", 2),
        ("scrub FILE --out out", 1),
        ("simulate FILE --out out", 0),
        ("claims FILE", 0),
        ("strip FILE", 0),
        ("explain NDC05", 0),
        ("reference list", 0),
        ("compare missing FILE", 2),
    ],
)
def test_a_closed_standard_stream_changes_no_status(arguments: str, status: int, closed: str, tmp_path: Path) -> None:
    ended = with_closed(closed, arguments.replace("FILE", str(FIXTURES / "clinic-day.837")), tmp_path)
    assert ended.returncode == status
    assert b"failed" not in ended.stdout + ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize("arguments", ["check -", "scrub - --out out", "claims -", "strip -", "simulate - --out out"])
def test_a_closed_standard_input_is_an_empty_file(arguments: str, tmp_path: Path) -> None:
    ended = with_closed("<&-", arguments, tmp_path)
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)
    assert b"empty" in ended.stderr


def with_closed(closed: str, arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a shell does with streams closed."""
    program = "from scrubber.start import main; main()"
    shell = ["sh", "-c", f'exec "$0" -c "$@" {closed}', sys.executable, program, *arguments.split()]
    return subprocess.run(shell, capture_output=True, check=False, cwd=cwd, stdin=subprocess.DEVNULL, timeout=60)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [
        "--version",
        "--help",
        "check --help",
        "watch run --help",
        "edits",
        "explain NDC05",
        "claims FILE",
        "compare OTHER.json FILE.json",
        "compare --format json OTHER.json FILE.json",
    ],
)
def test_a_full_disk_below_standard_output_is_one_line(arguments: str, tmp_path: Path) -> None:
    for name, fixture in (("FILE", "clinic-day.837"), ("OTHER", "hospital-day.837")):
        if f"{name}.json" in arguments:
            run("check", "--format", "json", "--output", tmp_path / f"{name}.json", FIXTURES / fixture)
    words = [str(FIXTURES / "clinic-day.837") if word == "FILE" else word for word in arguments.split()]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([SCRUBBER, *words], stdout=full, stderr=subprocess.PIPE, check=False, cwd=tmp_path)
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1), ended.stderr.decode()
    assert b": No space left on device" in ended.stderr
    assert b"None" not in ended.stderr


LISTING = """
import sys
from scrubber.cli import main

main(["--help"], standalone_mode=False)
print(sorted({"structlog", "scrubber.commands.checking", "scrubber.reference", "scrubber_edits"} & {*sys.modules}))
"""


def test_the_list_of_commands_loads_none_of_them() -> None:
    ended = subprocess.run([sys.executable, "-c", LISTING], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("group", [main, reference], ids=["scrubber", "scrubber reference"])
def test_the_list_of_commands_says_of_each_what_it_says_itself(group: click.Command) -> None:
    assert isinstance(group, CommandGroup)
    context = click.Context(group)
    listed = group.get_help(context)
    for name in group.list_commands(context):
        assert group.get_command(context, name)
    assert group.get_help(context) == listed
