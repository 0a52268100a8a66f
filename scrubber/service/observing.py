"""Metrics and the access log. They hold codes, numbers and names of routes; nothing of a claim, a path or a client."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scrubber.outputs.summary import Counts
from scrubber.running.log import Logger
from scrubber.running.metering import ClaimMeters
from scrubber.service.errors import RequestError
from scrubber.service.problems import response

if TYPE_CHECKING:
    from scrubber.service.pool import Pool
    from scrubber.service.uploads import Uploads

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
NO_ROUTE = "none"
"""The route in metrics and logs for a request to an unknown path."""


class Metrics:
    """Counters and gauges of one service."""

    def __init__(self) -> None:
        self._claims = ClaimMeters("scrubber_serve")
        of = self._claims.meter
        self._requests = of(Counter, "requests", "Requests by method, route and status.", ("method", "route", "status"))
        self._seconds = of(Histogram, "seconds", "Seconds of requests by route.", ("route",), buckets=SECONDS)
        self._bytes = of(Counter, "sent_bytes", "Bytes of answers.")
        self._failures = of(Counter, "failures", "Files that the scrubber failed on.")
        self._deaths = of(Counter, "worker_deaths", "Worker processes that died.")
        self._gauges = {
            "workers": of(Gauge, "workers", "Worker processes that are alive."),
            "working": of(Gauge, "workers_busy", "Worker processes that are at work."),
            "waiting": of(Gauge, "waiting", "Requests that wait for a worker."),
            "uploads": of(Gauge, "uploads", "Uploads that are being received."),
        }

    def requested(self, method: str, route: str, status: int, sent: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)
        self._bytes.inc(sent)

    def scrubbed(self, counts: Counts) -> None:
        """Count claims and findings."""
        self._claims.scrubbed(counts)

    def failed(self) -> None:
        """Count a failure."""
        self._failures.inc()

    def died(self) -> None:
        """Count a worker that died."""
        self._deaths.inc()

    def text(self, pool: Pool, uploads: Uploads) -> bytes:
        """The metrics in the text format of Prometheus."""
        values = {"workers": pool.alive, "working": pool.working, "waiting": pool.waiting, "uploads": uploads.open}
        for name, value in values.items():
            self._gauges[name].set(value)
        return generate_latest(self._claims.registry)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


_STOPPING = RequestError(503, "the service stops; send the file again later", headers={"Connection": "close"})


class Observed:
    """Logs and counts all requests of an application. Those that are not finished when it stops are answered, too."""

    def __init__(self, app: ASGIApp, log: Logger, metrics: Metrics) -> None:
        self._app = app
        self._log = log
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then log and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status, sent = 0, 0

        async def observing(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, observing)
        except asyncio.CancelledError:  # the service stops and waits no longer
            if status:
                raise
            await response(_STOPPING)(scope, receive, observing)
        finally:
            self._observe(scope, status, sent, time.perf_counter() - began)

    def _observe(self, scope: Scope, status: int, sent: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requested(method, route, status, sent, seconds)
        self._log.info("request", method=method, route=route, status=status, bytes=sent, seconds=round(seconds, 6))
