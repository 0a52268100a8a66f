"""Start the service and let it run. This is the only module of the service that commands import."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from scrubber.running import stopping
from scrubber.service.errors import ServiceError

if TYPE_CHECKING:
    import uvicorn

    from scrubber.service.settings import Settings
    from scrubber.service.tokens import Tokens

__all__ = ["ServiceError", "serve"]

_MOST_CONNECTIONS = 1000
_SECONDS_TO_FINISH = 30
_KEEP_ALIVE_SECONDS = 15


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; then finish the requests in work. Raises `ServiceError`, also without the extra.

    It listens to other machines only with tokens.
    """
    try:
        import httptools  # noqa: F401
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ServiceError("`scrubber serve` needs more packages: pip install 'claim-scrubber[serve]'") from error
    from scrubber.service import state, tokens

    known = tokens.read(settings.tokens) if settings.tokens else None
    if known is None and not settings.loopback:
        raise ServiceError(f"{settings.host} can be reached from other machines: give --tokens FILE")
    if settings.drop and settings.drop.exists() and not settings.drop.is_dir():  # a missing one may still be made
        raise ServiceError(f"{settings.drop} is not a folder")
    with state.opened(settings.folder()) as opened, _bound(settings) as bound, _files_for_their_owner():
        _run(settings, opened, known, bound)


def _run(settings: Settings, opened: object, known: Tokens | None, bound: socket.socket) -> None:
    import uvicorn

    from scrubber.running.log import log_of_libraries, logger
    from scrubber.running.options import OptionsError
    from scrubber.service.application import application
    from scrubber.service.protocol import LimitedProtocol
    from scrubber.service.service import Service
    from scrubber.service.state import StateFolders

    assert isinstance(opened, StateFolders)
    log = logger()
    log_of_libraries(log)
    try:
        service = Service(settings, settings.options.engine().catalogue, opened, log)
    except OptionsError as error:
        raise ServiceError(str(error)) from error
    config = uvicorn.Config(
        application(service, known),
        http=LimitedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )
    server = uvicorn.Server(config)
    host, port = bound.getsockname()[:2]
    _stop_at_signals(server)
    log.info("serving", host=host, port=port, workers=settings.workers, tokens=known is not None)
    with suppress(KeyboardInterrupt):  # such as the end of the terminal
        server.run(sockets=[bound])
    log.info("stopped")
    if not server.started:
        raise ServiceError("the service did not start")


@contextmanager
def _files_for_their_owner() -> Iterator[None]:
    """Only their owner can read the files that are made meanwhile."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _stop_at_signals(server: uvicorn.Server) -> None:
    """Let SIGTERM and Ctrl-C stop the server from now on; it listens for them itself only once it runs.

    Raises `KeyboardInterrupt` if a signal has come before and was swallowed.
    """
    if came := stopping.hand_over(server.handle_exit):
        raise KeyboardInterrupt(came)


def _bound(settings: Settings) -> socket.socket:
    """A socket that listens at the address. Raises `ServiceError`."""
    try:
        family, *_, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or "this is no address"
        raise ServiceError(f"cannot listen at {settings.host}:{settings.port}: {reason}") from error
    return bound
