"""The worker processes of a run."""

from __future__ import annotations

import multiprocessing
import signal

import pytest

from scrubber import RunOptions
from scrubber.running import workers
from scrubber.running.pool import Pool
from scrubber.running.workers import Worker


@pytest.mark.slow
def test_a_signal_while_a_worker_starts_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would wait for it at the end of the process, for ever."""
    start = workers.start

    def interrupted(*given: object, **more: bool) -> Worker:
        worker = start(*given, **more)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)
        return worker

    monkeypatch.setattr(workers, "start", interrupted)
    options, pool = RunOptions(select="JWJZ"), Pool(1)
    with pytest.raises(KeyboardInterrupt):
        pool.fill(options, options.engine())
    assert pool.pids == [process.pid for process in multiprocessing.active_children()] != []
    pool.stop()
    assert multiprocessing.active_children() == []


@pytest.mark.slow
def test_a_signal_while_workers_end_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    kill = Worker.kill

    def interrupted(worker: Worker) -> None:
        signal.raise_signal(signal.SIGINT)
        kill(worker)

    monkeypatch.setattr(Worker, "kill", interrupted)
    options, pool = RunOptions(select="JWJZ"), Pool(2)
    pool.fill(options, options.engine())
    with pytest.raises(KeyboardInterrupt):
        pool.stop()
    assert (pool.pids, multiprocessing.active_children()) == ([], [])
