"""The real service: cut-off requests, killed workers, a full queue, and stopping."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import httpx
import pytest

from tests.processes import SCRUBBER
from tests.service.conftest import X12
from tests.service.test_scrubbing import MIXED

pytestmark = pytest.mark.slow
TYPED = {"Content-Type": X12}


@attrs.frozen
class Process:
    process: subprocess.Popen[str]
    port: int
    state: Path
    log: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """The scrubbing processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def left(self) -> list[Path]:
        return list((self.state / "uploads").iterdir())


def _headers(size: int) -> bytes:
    return b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"a" * size


def _trailers(size: int) -> bytes:
    begin = b"POST /v1/scrub HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nISA\r\n0\r\n"
    return begin + b"X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * (size // 60)


@pytest.mark.parametrize("sent", [_headers, _trailers])
def test_endless_headers_end_the_connection(process: Process, sent: Callable[[int], bytes]) -> None:
    with socket.create_connection(("127.0.0.1", process.port)) as client:
        client.settimeout(10)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            client.sendall(sent(50_000_000))
    assert httpx.get(f"{process.url}/health").status_code == 200


def test_what_is_no_http_gives_lines_of_the_log_that_quote_nothing(process: Process) -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: jane\r\nConnection: Upgrade\r\n\r\n"
    for sent in (b"JANE DOE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", upgrade):
        with socket.create_connection(("127.0.0.1", process.port), 10) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65_536):
                pass
    until(lambda: sum(line["event"] == "library" for line in map(json.loads, list(process.log))) >= 3)
    assert "jane" not in "".join(process.log).lower()


def test_long_headers_and_many_requests_on_one_connection_are_answered(process: Process) -> None:
    with httpx.Client(base_url=process.url) as client:
        for _ in range(5):
            assert client.get("/health", headers={"X-Long": "a" * 30_000}).status_code == 200
            assert client.post("/v1/scrub", content=MIXED * 40, headers=TYPED).status_code in (200, 422)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    command: list[str | Path] = [
        SCRUBBER,
        "serve",
        "--port",
        "0",
        "--workers",
        "1",
        "--queue",
        "1",
        "--state",
        tmp_path / "state",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr
        port = json.loads(started.stderr.readline())["port"]
        found = Process(started, port, tmp_path / "state", [])
        reading = threading.Thread(target=found.log.extend, args=(started.stderr,), daemon=True)
        reading.start()
        until(lambda: healthy(found))
        try:
            yield found
        finally:
            started.kill()
            reading.join()


def healthy(process: Process) -> bool:
    try:
        return httpx.get(process.url + "/health").status_code == 200
    except httpx.TransportError:
        return False


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def begun(process: Process) -> socket.socket:
    """A request whose body is sent in part."""
    connection = socket.create_connection(("127.0.0.1", process.port))
    head = f"POST /v1/scrub HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {X12}\r\nContent-Length: {len(MIXED)}\r\n\r\n"
    connection.sendall(head.encode() + MIXED[:2000])
    return connection


def test_a_request_that_is_cut_off_leaves_nothing(process: Process) -> None:
    connection = begun(process)
    until(process.left)
    connection.close()
    until(lambda: not process.left())
    assert httpx.post(process.url + "/v1/scrub", content=MIXED, headers=TYPED).status_code == 200


def test_a_killed_worker_costs_one_request(process: Process) -> None:
    (worker,) = process.workers()
    os.kill(worker, signal.SIGSTOP)
    answers: list[httpx.Response] = []

    def post() -> None:
        answers.append(httpx.post(process.url + "/v1/scrub", content=MIXED, headers=TYPED, timeout=60))

    waiting = [threading.Thread(target=post) for _ in range(2)]
    for thread in waiting:
        thread.start()
        time.sleep(0.3)
    full = httpx.post(process.url + "/v1/scrub", content=MIXED, headers=TYPED)
    assert full.status_code == 429
    assert int(full.headers["retry-after"]) > 0
    os.kill(worker, signal.SIGKILL)
    for thread in waiting:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 503]
    assert worker not in process.workers()
    assert not process.left()


def test_a_request_in_work_is_finished_when_the_service_stops(process: Process) -> None:
    connection = begun(process)
    until(process.left)
    process.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    connection.sendall(MIXED[2000:])
    assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
    connection.close()
    assert process.process.wait(30) == 0
    assert not (process.state / "uploads").exists()


def test_a_request_in_work_is_answered_when_the_service_does_not_wait_for_it(process: Process) -> None:
    """At a second Ctrl-C, or when SIGTERM was too long ago."""
    connection = begun(process)
    until(process.left)
    for _ in range(2):
        process.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    with connection:
        answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"application/problem+json" in answer
    assert process.process.wait(30) == 0
    assert not (process.state / "uploads").exists()


def test_beyond_loopback_it_needs_tokens(tmp_path: Path) -> None:
    command: list[str | Path] = [SCRUBBER, "serve", "--host", "0.0.0.0", "--port", "0", "--state", tmp_path]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "--tokens" in refused.stderr


def test_a_state_folder_has_one_service(process: Process) -> None:
    command: list[str | Path] = [SCRUBBER, "serve", "--port", "0", "--state", process.state]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "--state" in refused.stderr
