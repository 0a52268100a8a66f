"""The start of the command, before the command line is loaded."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

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
