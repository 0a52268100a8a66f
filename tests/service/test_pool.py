"""The pool of worker processes."""

from __future__ import annotations

import asyncio
import threading

import pytest

pytest.importorskip("starlette")
pytest.importorskip("prometheus_client")

from scrubber.running.options import RunOptions
from scrubber.service.pool import Pool


@pytest.mark.slow
def test_a_pool_that_has_stopped_leaves_no_thread() -> None:
    """One that still ends a killed worker would meet the end of Python, and print a traceback."""
    before = {*threading.enumerate()}

    async def started_and_stopped() -> None:
        pool = Pool(2, 1, RunOptions())
        await pool.start()
        assert {*threading.enumerate()} - before
        pool.stop()
        left = {*threading.enumerate()} - before
        assert not [thread.name for thread in left if not thread.name.startswith("asyncio")]

    asyncio.run(started_and_stopped())
