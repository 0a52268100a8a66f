"""The HTTP of uvicorn and httptools, with a limit for headers, which uvicorn lacks."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 1 << 16
"""Bytes of a request that are no body: request line, headers, trailers."""


class LimitedProtocol(HttpToolsProtocol):
    """Ends the connection of a client that sends more headers than any client needs. They would fill the memory."""

    _head = 0
    _in_body = False

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        self._in_body = False
        super().data_received(data)
        self._head = 0 if self._in_body else self._head + len(data)
        if self._head > MOST_HEAD and not self.transport.is_closing():
            self.logger.warning("request headers are too long")
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._in_body = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request. The next one on this connection has headers of its own."""
        self._in_body = True
        super().on_message_complete()
