"""The body of a request, as a file in a private folder of its own, with a limit of its size and of its time."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO

import attrs
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from scrubber.service.errors import RequestError, busy

MOST_AT_ONCE = 256
"""Uploads that are received at the same time."""
PATIENCE = 30.0
"""Seconds for which a client may send nothing."""
MOST_SECONDS = 900.0
"""A whole upload takes no longer."""
_WRITTEN_AT_ONCE = 1 << 18
_FILE = "upload"


@attrs.frozen
class Upload:
    """A body that was received."""

    folder: Path
    path: Path
    size: int
    sha256: str


class Uploads:
    """Receives bodies of at most `most` bytes into folders below `root`."""

    def __init__(self, root: Path, most: int) -> None:
        self._root = root
        self._most = most
        self.open = 0
        """Uploads that are being received."""

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A private folder for a request. It is removed at the end. Raises `OSError`."""
        folder = Path(tempfile.mkdtemp(dir=self._root))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def receive(self, request: Request, folder: Path) -> Upload:
        """Write the body into the folder.

        Raises `RequestError` with 400 for a body that is cut off, 408 too slow, 413 too large, and 429 for too many
        bodies at once. Raises `OSError` where it cannot be written.
        """
        self.must_fit(request)
        async with self.limited(request) as limited:
            return await self._received(limited, folder / _FILE)

    @asynccontextmanager
    async def limited(self, request: Request, more: int = 0) -> AsyncIterator[Request]:
        """The request with a body that has a limit of its size (`more` bytes on top) and its time.

        Raises `RequestError` as `receive` does.
        """
        if self.open >= MOST_AT_ONCE:
            raise busy("too many files are being received; send the file again later")
        self.open += 1
        left = self._most + more

        async def receive() -> Message:
            nonlocal left
            async with asyncio.timeout(PATIENCE):
                message = await request.receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise self.too_large()
            return message

        try:
            async with asyncio.timeout(MOST_SECONDS):
                yield Request(request.scope, receive)
        except TimeoutError as error:
            raise RequestError(408, "the body comes too slowly", headers={"Connection": "close"}) from error
        except ClientDisconnect as error:
            raise RequestError(400, "the body was cut off", headers={"Connection": "close"}) from error
        finally:
            self.open -= 1

    def must_fit(self, request: Request, more: int = 0) -> None:
        """Raises `RequestError` 413 for a body whose header says that it is too large, with `more` bytes on top."""
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._most + more:
            raise self.too_large()

    def too_large(self) -> RequestError:
        """The answer to a body that is too large."""
        return RequestError(413, f"the body has more than {self._most} bytes", headers={"Connection": "close"})

    async def _received(self, request: Request, path: Path) -> Upload:
        size, digest, block = 0, hashlib.sha256(), bytearray()
        with path.open("xb", buffering=0) as file:
            async for chunk in request.stream():
                size += len(chunk)
                block += chunk
                if len(block) >= _WRITTEN_AT_ONCE:
                    await asyncio.to_thread(_write, file, block, digest)
                    block = bytearray()
            _write(file, block, digest)
        return Upload(path.parent, path, size, digest.hexdigest())


def _write(file: BinaryIO, block: bytearray, digest: hashlib._Hash) -> None:
    digest.update(block)
    rest = memoryview(block)
    while rest:
        rest = rest[file.write(rest) :]


def hashed_copy(source: BinaryIO, folder: Path) -> Upload:
    """A file of a form as an upload. Raises `OSError`."""
    path, size, digest = folder / _FILE, 0, hashlib.sha256()
    with path.open("xb", buffering=0) as file:
        while block := source.read(_WRITTEN_AT_ONCE):
            size += len(block)
            _write(file, bytearray(block), digest)
    return Upload(folder, path, size, digest.hexdigest())
