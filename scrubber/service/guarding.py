"""Which requests are answered: those with a token, or without tokens those of programs on this machine."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from scrubber.service.errors import RequestError
from scrubber.service.problems import response
from scrubber.service.tokens import Tokens

OPEN = frozenset({"/health", "/openapi.json"})
"""Paths that need no token."""

_CHALLENGE = 'Bearer realm="scrubber", Basic realm="scrubber", charset="UTF-8"'
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OWN_SITE = frozenset({"none", "same-origin"})


class Guarded:
    """Refuses requests that may not be answered.

    Without tokens a Host other than this machine is refused: otherwise a web site whose name points to 127.0.0.1 could
    read the pages. A form on another web site cannot post into the service.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens | None, hosts: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._tokens = tokens
        self._hosts = _LOCAL | hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "http":
            problem = self._problem(scope)
            if problem:
                await response(problem)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope) -> RequestError | None:
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD") and _is_foreign(headers):
            return RequestError(403, "a page of another web site sent this request")
        if self._tokens is None:
            if _host(headers.get("host", "")) not in self._hosts:
                return RequestError(
                    403, "this service answers to the names of this machine only: localhost or 127.0.0.1"
                )
            return None
        client = self._tokens.client(headers.get("authorization", ""))
        if client is None:
            if scope["path"] in OPEN:
                return None
            return RequestError(401, "a known token is needed", headers={"WWW-Authenticate": _CHALLENGE})
        scope["client_name"] = client
        return None


def _is_foreign(headers: Headers) -> bool:
    """Whether a page of another web site sent a request.

    Browsers say so themselves in Sec-Fetch-Site. Old ones, and all without TLS, give only the Origin of the page.
    Programs give neither.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in _OWN_SITE
    return origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower()


def _host(header: str) -> str:
    """The host of a Host header, without its port."""
    host = header.lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
