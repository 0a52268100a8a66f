"""The worker processes of a run."""

from __future__ import annotations

import multiprocessing
import signal

import pytest

from scrubber import RunOptions
from scrubber.running import workers
from scrubber.running.pool import Pool
from scrubber.running.workers import Worker


def children() -> set[int | None]:
    """The ids of the processes that this one has started."""
    return {process.pid for process in multiprocessing.active_children()}


@pytest.mark.slow
def test_a_signal_while_a_worker_starts_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would wait for it at the end of the process, for ever."""
    start = workers.start

    def interrupted(*given: object, **more: bool) -> Worker:
        worker = start(*given, **more)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)
        return worker

    monkeypatch.setattr(workers, "start", interrupted)
    options, pool, before = RunOptions(select="JWJZ"), Pool(1), children()
    with pytest.raises(KeyboardInterrupt):
        pool.fill(options, options.engine())
    started = children() - before
    assert set(pool.pids) == started != set()
    pool.stop()
    assert not started & children()


@pytest.mark.slow
def test_a_signal_while_workers_end_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    kill = Worker.kill

    def interrupted(worker: Worker) -> None:
        signal.raise_signal(signal.SIGINT)
        kill(worker)

    monkeypatch.setattr(Worker, "kill", interrupted)
    options, pool = RunOptions(select="JWJZ"), Pool(2)
    pool.fill(options, options.engine())
    started = set(pool.pids)
    with pytest.raises(KeyboardInterrupt):
        pool.stop()
    assert pool.pids == []
    assert not started & children()
