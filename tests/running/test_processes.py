"""The engine that a worker process keeps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scrubber import OptionsError, RunOptions
from scrubber.running.processes import engine_in_worker, expected_of


def test_the_engine_is_made_once() -> None:
    options, same = RunOptions(select="JWJZ"), RunOptions(select="JWJZ")
    expected = expected_of(options)
    assert engine_in_worker(same, expected) is engine_in_worker(options, expected)


def test_other_options_have_an_engine_of_their_own() -> None:
    some, others = RunOptions(select="JWJZ"), RunOptions(select="NDC")
    engines = [engine_in_worker(options, expected_of(options)) for options in (some, others, some)]
    assert [engine.profile.runs("NDC01") for engine in engines] == [False, True, False]


def test_a_profile_that_has_changed_gives_a_new_engine(tmp_path: Path) -> None:
    profile = tmp_path / "house.toml"
    options = RunOptions(profile=profile)
    profile.write_text('[severity]\nJWJZ01 = "warn"\n', "utf-8")
    before = engine_in_worker(options, expected_of(options))
    profile.write_text('[severity]\nJWJZ01 = "info"\n', "utf-8")
    after = engine_in_worker(options, expected_of(options))
    assert (before.profile.severity["JWJZ01"], after.profile.severity["JWJZ01"]) == ("warn", "info")


def test_a_worker_with_another_profile_refuses(tmp_path: Path) -> None:
    profile = tmp_path / "house.toml"
    options = RunOptions(profile=profile)
    profile.write_text('[severity]\nJWJZ01 = "warn"\n', "utf-8")
    expected = expected_of(options)
    expected_of(RunOptions())  # another engine takes its place
    profile.write_text('[severity]\nJWJZ01 = "info"\n', "utf-8")
    with pytest.raises(OptionsError, match="another profile"):
        engine_in_worker(options, expected)


HELPER = """
import os, signal, time
from multiprocessing import resource_tracker
from scrubber.running.processes import signals_waiting

with signals_waiting():
    pass
helper = resource_tracker._resource_tracker._pid
os.kill(helper, signal.SIGHUP)
time.sleep(0.2)
print(os.waitpid(helper, os.WNOHANG), signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_the_end_of_the_terminal_does_not_end_the_helper_of_python() -> None:
    """It would be started again, with a warning beside the one line of a command that stops."""
    run = subprocess.run([sys.executable, "-c", HELPER], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("(0, 0) set()\n", "")
