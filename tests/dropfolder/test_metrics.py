"""The server of metrics: idle connections take nothing from the watcher."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from urllib.request import urlopen
from wsgiref.simple_server import WSGIServer

import pytest

from scrubber.dropfolder import metrics


def app(_: object, start: object) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
    return [b"metrics"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[WSGIServer]:
    monkeypatch.setattr(metrics._Handler, "timeout", 0.3)
    server = metrics.server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_metrics_are_served(served: WSGIServer) -> None:
    with urlopen(f"http://127.0.0.1:{served.server_port}/metrics", timeout=10) as answer:
        assert answer.read() == b"metrics"


@pytest.mark.slow
def test_idle_connections_are_few_and_do_not_last(served: WSGIServer) -> None:
    before = threading.active_count()
    idle = [socket.create_connection(("127.0.0.1", served.server_port), timeout=10) for _ in range(100)]
    time.sleep(0.1)
    assert threading.active_count() <= before + metrics.MOST_CLIENTS
    for connection in idle:
        assert connection.recv(1) == b""  # closed by the server
        connection.close()
    with urlopen(f"http://127.0.0.1:{served.server_port}/metrics", timeout=10) as answer:
        assert answer.read() == b"metrics"
