"""The log of commands that run for long."""

from __future__ import annotations

import json
import signal

import pytest

from scrubber.running import stopping
from scrubber.running.log import stops_in_the_log


@pytest.mark.parametrize("error", [KeyboardInterrupt(15), RuntimeError("of a signal")])
def test_an_exception_of_a_signal_is_a_line_of_the_log(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    undo = stopping.listen()
    try:
        with pytest.raises(SystemExit) as ended, stops_in_the_log():
            with pytest.raises(KeyboardInterrupt):
                stopping.stop(signal.SIGTERM, None)
            raise error
    finally:
        for back in (*undo, *stopping.listen()):  # forgets the signal, too
            back()
    line = json.loads(capsys.readouterr().err)
    assert (ended.value.code, line["event"], line["status"]) == (143, "stopped", 143)


def test_an_exception_without_a_signal_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    for back in stopping.listen():
        back()
    with pytest.raises(RuntimeError, match="another"), stops_in_the_log():
        raise RuntimeError("another")
    assert capsys.readouterr().err == ""
