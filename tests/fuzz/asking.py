"""Asks the service as a client would, with the bytes of a fuzzer, without a network and without worker processes."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
from contextlib import redirect_stderr
from functools import lru_cache
from pathlib import Path
from typing import Any

import attrs
from starlette.types import ASGIApp, Message

from scrubber.running.log import logger
from scrubber.running.options import RunOptions
from scrubber.service import state, working
from scrubber.service.application import application
from scrubber.service.service import Service
from scrubber.service.settings import Settings
from scrubber.service.working import Job, Result

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_SERVER = 500


class _Here:
    """Does the work of a pool of workers in this process."""

    alive, working, waiting, full = 1, 0, 0, False

    async def perform(self, job: Job) -> Result:
        """Have a job done."""
        return working.perform(job)


@lru_cache
def _application() -> tuple[ASGIApp, Path]:
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="scrubber-fuzz-"))
    options = RunOptions()
    opened = state.StateFolders(folder / "uploads", folder / "answers")
    opened.uploads.mkdir()
    opened.answers.mkdir()
    with redirect_stderr(io.StringIO()):
        service = Service(Settings(options, workers=1, state=folder, max_mb=1), options.catalogue(), opened, logger())
    here: Any = _Here()
    service.pool = here
    service.scrubber = attrs.evolve(service.scrubber, pool=here)
    working.use(options)
    return application(service, None), opened.uploads


def ask(data: bytes) -> None:
    """Send a request. Its first line has method and path, then come headers, an empty line and the body.

    Raises `AssertionError` for an answer that says the service has failed, and for what a request leaves behind.
    """
    app, uploads = _application()
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, target = first.partition(b" ")
    path, _, query = target.partition(b"?")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method.decode("latin-1") if method.decode("latin-1") in _METHODS else "GET",
        "scheme": "http",
        "path": path.decode("ascii", "ignore"),
        "query_string": query.decode("ascii", "ignore").encode(),  # the server refuses others
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8837),
    }
    status = asyncio.run(_answered(app, scope, body))
    assert status < _SERVER, f"the service answers with {status}"
    assert not list(uploads.iterdir()), "a request has left an upload"


async def _answered(app: ASGIApp, scope: dict[str, Any], body: bytes) -> int:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    statuses: list[int] = []

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]
