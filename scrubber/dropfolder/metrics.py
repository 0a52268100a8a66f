"""Counters and gauges for Prometheus, where its client is installed. They hold codes and numbers only."""

from __future__ import annotations

import socket
import threading
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from scrubber.dropfolder.errors import WatchError
from scrubber.outputs.summary import Counts

SECONDS = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


MOST_CLIENTS = 8
"""How many clients are served at a time. The connections of others are closed."""
PATIENCE = 5.0
"""Seconds for which a client may be silent."""


class Metrics:
    """The interface of metrics. This class drops them, for watchers that serve none."""

    def finished(self, verdict: str, seconds: float) -> None:
        """A file got its verdict. `seconds` is the time since a watcher first saw it."""

    def scrubbed(self, counts: Counts) -> None:
        """A file was released with these claims and findings."""

    def failed(self) -> None:
        """A try failed."""

    def waiting(self, files: int, oldest: float) -> None:
        """`files` wait in in/, the oldest for `oldest` seconds."""

    def working(self, files: int, size: int) -> None:
        """Files and bytes that are in work."""

    def stalled(self, *, stalled: bool) -> None:
        """Whether the watcher is stalled."""


class ServedMetrics(Metrics):
    """Metrics at `http://address:port/metrics`. Raises `ImportError` without the client, `WatchError` otherwise."""

    def __init__(self, port: int, address: str) -> None:
        from prometheus_client import Counter, Gauge, Histogram, make_wsgi_app

        from scrubber.running.metering import ClaimMeters

        self._claims = ClaimMeters("scrubber_watch")
        of = self._claims.meter
        self._files = of(Counter, "files", "Files by verdict.", ("verdict",))
        self._failures = of(Counter, "failed_tries", "Failed tries of files.")
        self._seconds = of(Histogram, "seconds", "Seconds from first sight of a file to its verdict.", buckets=SECONDS)
        self._depth = of(Gauge, "waiting_files", "Files waiting in the folder.")
        self._oldest = of(Gauge, "oldest_waiting_seconds", "Seconds for which the oldest file has waited.")
        self._in_work = of(Gauge, "in_flight_files", "Files in work.")
        self._bytes = of(Gauge, "in_flight_bytes", "Bytes of the files in work.")
        self._stalled = of(Gauge, "stalled", "1 while the watcher is stalled.")
        try:
            served = server(address, port, make_wsgi_app(self._claims.registry))
        except OSError as error:
            raise WatchError(f"metrics cannot be served at {address}:{port}: {error.strerror}") from error
        threading.Thread(target=served.serve_forever, name="metrics", daemon=True).start()

    def finished(self, verdict: str, seconds: float) -> None:
        """Count a file."""
        self._files.labels(verdict).inc()
        self._seconds.observe(seconds)

    def scrubbed(self, counts: Counts) -> None:
        """Count claims and findings."""
        self._claims.scrubbed(counts)

    def failed(self) -> None:
        """Count a try."""
        self._failures.inc()

    def waiting(self, files: int, oldest: float) -> None:
        """Set the gauges."""
        self._depth.set(files)
        self._oldest.set(oldest)

    def working(self, files: int, size: int) -> None:
        """Set the gauges."""
        self._in_work.set(files)
        self._bytes.set(size)

    def stalled(self, *, stalled: bool) -> None:
        """Set the gauge."""
        self._stalled.set(stalled)


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE

    def log_message(self, *_: Any) -> None:
        """Clients are not logged."""


class _Server(ThreadingMixIn, WSGIServer):
    """Serves few clients at a time, so that idle connections take nothing from the watcher."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(MOST_CLIENTS)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no fault."""


def server(address: str, port: int, app: Any) -> WSGIServer:
    """A server of metrics, bound to its port. Raises `OSError`."""
    family = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0][0]
    kind = type("Server", (_Server,), {"address_family": family})
    made: WSGIServer = kind((address, port), _Handler)
    made.set_app(app)
    return made
