"""Answers that are kept for a day, so that a request that is sent again gets the same bytes.

Each is a file in a private folder: a line of JSON, then the body. Its name is a hash of the client and its
Idempotency-Key. The number of files and their bytes have a limit; beyond it the oldest are removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import attrs

from scrubber.outputs.files import new_file
from scrubber.service.errors import RequestError

SECONDS = 86_400.0
"""How long an answer is kept."""
MOST_ANSWERS = 10_000
MOST_BYTES = 2_000_000_000
LONGEST_KEY = 255

_SUFFIX = ".answer"


@attrs.frozen
class Answer:
    """What a request is answered with: status, media type, name of the file, and the body as an open file."""

    status: int
    media_type: str
    name: str
    size: int
    body: BinaryIO


class KeptAnswers:
    """The answers in a folder. `clock` gives the time in seconds since 1970."""

    def __init__(
        self, folder: Path, *, most: int = MOST_ANSWERS, most_bytes: int = MOST_BYTES, clock: Any = time.time
    ) -> None:
        self._folder = folder
        self._most = most
        self._most_bytes = most_bytes
        self._clock = clock
        self._in_work: set[str] = set()
        self._lock = threading.Lock()  # answers are kept by several threads
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sizes = {path.name: path.stat().st_size for path in self._oldest_first()}

    @contextmanager
    def working_on(self, name: str) -> Iterator[None]:
        """While a request with this name is in work. Raises `RequestError` 409 for a second one."""
        if name in self._in_work:
            raise RequestError(
                409, "a request with this Idempotency-Key is still in work", headers={"Retry-After": "1"}
            )
        self._in_work.add(name)
        try:
            yield
        finally:
            self._in_work.discard(name)

    def find(self, name: str, request: str) -> Answer | None:
        """The answer that is kept under a name. Raises `RequestError` 422 if it answers another request."""
        try:
            file = (self._folder / name).open("rb")
        except FileNotFoundError:
            return None
        if os.fstat(file.fileno()).st_mtime < self._clock() - SECONDS:
            file.close()
            with self._lock:
                self._remove(name)
            return None
        head = json.loads(file.readline())
        if head.pop("request") != request:
            file.close()
            raise RequestError(422, "this Idempotency-Key was used for another file or another output")
        return Answer(**head, size=os.fstat(file.fileno()).st_size - file.tell(), body=file)

    def keep(self, name: str, request: str, answer: Answer) -> None:
        """Keep an answer. Its body is read and then back where it was. Raises `OSError`."""
        path = self._folder / name
        begin = answer.body.tell()
        head = {"request": request, "status": answer.status, "media_type": answer.media_type, "name": answer.name}
        with new_file(path) as out:
            out.write(json.dumps(head).encode() + b"\n")
            shutil.copyfileobj(answer.body, out)
        answer.body.seek(begin)
        with self._lock:
            now = self._clock()
            os.utime(path, (now, now))
            self._sizes.pop(name, None)
            self._sizes[name] = path.stat().st_size
            self._tidy(now)

    def _tidy(self, now: float) -> None:
        """Remove old answers, and the oldest ones beyond the limits. They stand in the order of their time."""
        total = sum(self._sizes.values())
        for name in list(self._sizes)[:-1]:
            try:
                old = (self._folder / name).stat().st_mtime < now - SECONDS
            except FileNotFoundError:
                old = True
            if not (old or len(self._sizes) > self._most or total > self._most_bytes):
                return
            total -= self._sizes[name]
            self._remove(name)

    def _remove(self, name: str) -> None:
        self._sizes.pop(name, None)
        with suppress(OSError):
            (self._folder / name).unlink()

    def _oldest_first(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)


def name_of(client: str, key: str) -> str:
    """The name under which the answer to a client's request is kept. Raises `RequestError` 400 for an unusable key."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise RequestError(400, f"an Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters")
    return hashlib.sha256(f"{client}\n{key}".encode()).hexdigest() + _SUFFIX
