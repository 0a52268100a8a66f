"""Scrubs the ranges of files on a Ray cluster, or on a local one that lasts as long as the run.

Only this module needs Ray: `pip install "claim-scrubber[ray]"`. `docs/scaling.md` says what a cluster needs, and where
Ray keeps patient data.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray reads it when it is imported
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # or it warns of graphics cards in each run

import ray
from ray.exceptions import RayError, RayTaskError

from scrubber.engine.engine import Engine
from scrubber.engine.ranges import Range
from scrubber.outputs.files import private_folder
from scrubber.running import work
from scrubber.running.failures import WorkerError
from scrubber.running.job import Fragment, Job
from scrubber.running.options import RunOptions

_AHEAD = 3
"""How many ranges are at work or wait, for each processor of the cluster."""
_RETRIES = 1
"""How many times Ray does a range again whose worker died."""
_OBJECTS = 256 << 20
"""Bytes of shared memory that a local cluster keeps ranges in."""
_SECONDS_TO_STOP = 60
_SECONDS_TO_ANSWER = 20


class _Doing(NamedTuple):
    number: int  # of the range
    named: str  # its claims
    done: Any  # Ray's promise of the end


class OnRay:
    """Scrubs the ranges in worker processes of Ray, from the first large file to the end of the `with` block.

    `address` is that of a running cluster, as `ray.init` takes it. Without it a local cluster is started, with a worker
    for each of `jobs` processors. It has no dashboard, sends no statistics, and takes work only from those that know
    its token. All it writes is in the private `folder`, which is removed at the end.
    """

    def __init__(self, address: str | None = None, jobs: int | None = None) -> None:
        self._address = address
        self._jobs = jobs
        self._most = 0
        self._open = ExitStack()
        self.folder: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._disconnect()

    def prepare(self, _: RunOptions, __: Engine) -> None:
        """Connect to the cluster, or start one. Raises `WorkerError`."""
        if self._most:
            return
        try:
            with _uninterrupted():
                self._connect()
                self._most = max(int(ray.cluster_resources().get("CPU", 1)), 1) * _AHEAD
        except (RayError, ConnectionError, OSError, ValueError, RuntimeError) as error:
            self._disconnect()
            raise WorkerError(f"Ray cannot be used: {type(error).__name__}: {_first_line(error)}") from error

    def run(self, job: Job, given: Iterable[Range]) -> Generator[Fragment, None, None]:
        """Have each range done by a worker. Yields the fragments.

        Raises `WorkerError`, and what `work.perform` raises.
        """
        perform = ray.remote(max_retries=_RETRIES)(work.perform)
        doing: deque[_Doing] = deque()
        sent = ray.put(job)
        ranges = iter(given)
        try:
            while True:
                while len(doing) < self._most and (one := next(ranges, None)) is not None:
                    doing.append(_Doing(one.number, one.named, perform.remote(sent, one)))
                if not doing:
                    return
                _finish(doing[0])
                yield job.take_fragment(doing.popleft().number)
        finally:
            _stop(doing)

    def _connect(self) -> None:
        # nothing public keeps Ray from writing to standard output, where a report may go, that a worker has died
        ray._private.worker._worker_logs_enabled = False
        quiet: dict[str, Any] = {"logging_level": "error", "log_to_driver": False}
        if self._address:
            _must_answer(self._address)
            ray.init(self._address, **quiet)
            return
        short = Path("/tmp")  # noqa: S108 - the names of Ray's sockets must be short
        self.folder = self._open.enter_context(private_folder(short))
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # or Ray keeps one in the home folder
        ray.init(
            "local",
            num_cpus=self._jobs,
            include_dashboard=False,
            object_store_memory=_OBJECTS,
            _temp_dir=str(self.folder / "ray"),  # Ray opens it to everybody, but not the folder above
            **quiet,
        )

    def _disconnect(self) -> None:
        ray.shutdown()
        self._most = 0
        self._open.close()


def _must_answer(address: str) -> None:
    """Raises `OSError` where nobody listens at an address: Ray itself tries for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), _SECONDS_TO_ANSWER).close()


def _finish(one: _Doing) -> None:
    """Wait until a range is done. Raises `WorkerError`, and what `work.perform` raises."""
    try:
        ray.get(one.done)
    except RayTaskError as error:
        if isinstance(error.cause, FileNotFoundError):
            raise WorkerError(
                "a worker of Ray does not see the folder of the run; all machines must share it"
            ) from None
        raise error.cause from None
    except RayError as error:
        raise WorkerError(f"a worker of Ray died twice on {one.named} ({type(error).__name__})") from error


def _stop(doing: Iterable[_Doing]) -> None:
    """Stop the ranges that are not needed any more, and wait until no worker writes."""
    left = [one.done for one in doing]
    for done in left:
        ray.cancel(done, force=True)
    if left:
        ray.wait(left, num_returns=len(left), timeout=_SECONDS_TO_STOP)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM wait, as Ray cannot be stopped halfway through its start, and keeps their handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in usual:
        signal.signal(number, lambda number, _: came.append(number))
    try:
        yield
    except SystemExit:  # Ray takes over SIGTERM
        came.append(signal.SIGTERM)
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    for each in came:
        signal.raise_signal(each)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
