"""The service on loopback: seconds of one claim, claims a second in small requests, memory under many uploads.

    python bench/serving.py [--workers 2]

Starts `scrubber serve` and sends requests as clients do, over connections that stay open. Seconds are wall time: other
work on the machine counts. Memory is the largest sum of the proportional set size of the service and its workers.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Process, Queue
from pathlib import Path

import attrs

from scrubber.testing import build, infusion_claim, waste_claim

SCRUBBER = Path(sys.executable).with_name("scrubber")
TYPED = {"Content-Type": "application/edi-x12"}
ONE_CLAIM_REQUESTS = 1500
THROUGHPUT_SECONDS = 10
UPLOADS = 200
HUGE = 64_000_001


@contextmanager
def service(workers: int) -> Iterator[tuple[int, int]]:
    """A running service: its port and process id."""
    with tempfile.TemporaryDirectory() as folder:
        command: list[str | Path] = [SCRUBBER, "serve", "--port", "0", "--workers", str(workers), "--state", folder]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            port = json.loads(process.stderr.readline())["port"]
            threading.Thread(target=lambda log: [None for _ in log], args=(process.stderr,), daemon=True).start()
            while True:
                with suppress(OSError):
                    connection = http.client.HTTPConnection("127.0.0.1", port)
                    connection.request("GET", "/health")
                    if connection.getresponse().status == 200:
                        break
                time.sleep(0.1)
            try:
                yield port, process.pid
            finally:
                left = [*Path(folder, "uploads").iterdir()]
                print(f"files left behind: {len(left)}")
                process.terminate()


def bodies(claims: int) -> list[bytes]:
    """Twenty files of so many claims, clean and dirty."""
    found = []
    for number in range(20):
        kinds = (infusion_claim, waste_claim)
        made = [attrs.evolve(kinds[(number + n) % 2](), claim_id=f"C{number}N{n}") for n in range(claims)]
        found.append(build(made).encode())
    return found


def post(connection: http.client.HTTPConnection, body: bytes) -> int:
    connection.request("POST", "/v1/scrub", body, TYPED)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def one_claim(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    files = bodies(1)
    for body in files * 10:
        assert post(connection, body) == 200
    seconds = []
    for number in range(ONE_CLAIM_REQUESTS):
        began = time.perf_counter()
        assert post(connection, files[number % len(files)]) == 200
        seconds.append(time.perf_counter() - began)
    cuts = statistics.quantiles(seconds, n=100)
    print(f"one warm claim, guide checks on: p50 {1000 * cuts[49]:.2f} ms, p99 {1000 * cuts[98]:.2f} ms")


def client(port: int, files: list[bytes], until: float, counts: Queue[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    done = 0
    while time.time() < until:
        done += post(connection, files[done % len(files)]) == 200
    counts.put(done)


def throughput(port: int, claims: int, clients: int = 4) -> None:
    files = bodies(claims)
    counts: Queue[int] = Queue()
    until = time.time() + THROUGHPUT_SECONDS
    running = [Process(target=client, args=(port, files, until, counts)) for _ in range(clients)]
    for process in running:
        process.start()
    requests = sum(counts.get() for _ in running)
    for process in running:
        process.join()
    each = requests / THROUGHPUT_SECONDS
    print(f"{claims:3} claims a request, {clients} clients: {each:.0f} requests/s, {each * claims:.0f} claims/s")


def upload(port: int, kind: str, good: bytes, statuses: Counter[str]) -> None:
    """One upload: good, bad, huge, slow or cut off."""
    size = {"huge": HUGE}.get(kind, len(good))
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 120) as connection:
        head = (
            "POST /v1/scrub HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/edi-x12\r\nConnection: close\r\n"
        )
        length = "Transfer-Encoding: chunked" if kind == "huge" else f"Content-Length: {size}"
        connection.sendall(f"{head}{length}\r\n\r\n".encode())
        if kind == "huge":
            with suppress(OSError):
                for _ in range(HUGE // 65536 + 1):
                    connection.sendall(b"10000\r\n" + b"A" * 65536 + b"\r\n")
        elif kind == "slow":
            for at in range(0, size, size // 20 + 1):
                connection.sendall(good[at : at + size // 20 + 1])
                time.sleep(random.random() / 4)
        elif kind == "cut":
            connection.sendall(good[: size // 2])
            statuses["cut off by us"] += 1
            return
        else:
            connection.sendall(good if kind == "good" else b"B" * size)
        status = connection.recv(4096)[9:12].decode()
        statuses[f"{kind} {status or 'reset'}"] += 1
        return
    statuses[f"{kind} reset"] += 1


def pss(pid: int) -> float:
    """Megabytes of a process and its children."""
    pids, total = [pid], 0
    with suppress(OSError):
        pids += [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for one in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1000


def many_uploads(port: int, pid: int) -> None:
    good = bodies(100)[0]
    before, most = pss(pid), 0.0
    statuses: Counter[str] = Counter()
    kinds = ("good", "bad", "huge", "slow", "cut")
    threads = [
        threading.Thread(target=upload, args=(port, kinds[number % len(kinds)], good, statuses))
        for number in range(UPLOADS)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        most = max(most, pss(pid))
        time.sleep(0.1)
    print(f"{UPLOADS} uploads at once: {dict(sorted(statuses.items()))}")
    print(f"memory: {before:.0f} MB before, {most:.0f} MB at most")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    with service(workers) as (port, pid):
        one_claim(port)
        for claims in (1, 10, 50):
            throughput(port, claims)
        many_uploads(port, pid)
        time.sleep(2)


if __name__ == "__main__":
    main()
