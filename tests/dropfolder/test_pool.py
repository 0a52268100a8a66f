"""The worker processes of a watcher."""

import multiprocessing
import sys
from pathlib import Path

import pytest

from scrubber import RunOptions
from scrubber.dropfolder.pool import Pool
from scrubber.dropfolder.worker import Read
from tests.processes import takes_stop_signals


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
def test_a_worker_leaves_signals_to_the_watcher_from_its_first_moment(tmp_path: Path) -> None:
    """Ctrl-C in a terminal reaches both. A worker that still loads its modules would print a traceback into the log."""
    before = set(multiprocessing.active_children())
    pool = Pool(1, RunOptions(), "", stuck_after=60)
    pool.assign("drop", Read(tmp_path / "nothing", ()), longest=60)
    (worker,) = set(multiprocessing.active_children()) - before
    try:
        assert not takes_stop_signals(worker.pid or 0)
    finally:
        pool.stop()
