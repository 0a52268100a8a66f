"""Why a request, or the service itself, cannot do what was asked."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from typing import Any

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says when the disk is full."""


class ServiceError(Exception):
    """The service cannot start. The message gives the reason and the remedy."""


class RequestError(Exception):
    """Why a request cannot be done; the answer to it. `title` shows nothing of a claim.

    `status` is the HTTP status, `errors` are located errors of the file as in the JSON report.
    """

    def __init__(
        self,
        status: int,
        title: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.errors = errors
        self.headers = dict(headers or {})

    def record(self) -> dict[str, Any]:
        """The body of the answer, by RFC 9457."""
        record: dict[str, Any] = {"title": self.title, "status": self.status}
        return {**record, "errors": [*self.errors]} if self.errors else record


RETRY_SECONDS = 1


def busy(title: str) -> RequestError:
    """An answer that asks the client to try again."""
    return RequestError(429, title, headers={"Retry-After": str(RETRY_SECONDS)})
