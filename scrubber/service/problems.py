"""Answers to requests that cannot be done, by RFC 9457."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from scrubber.running.failures import describe
from scrubber.service.errors import NO_ROOM, RequestError
from scrubber.service.outputs import PROBLEM


def response(problem: RequestError) -> Response:
    """The answer for a problem."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    return JSONResponse(problem.record(), problem.status, headers, PROBLEM)


async def on_problem(_: Request, error: Exception) -> Response:
    """Answer a `RequestError`."""
    assert isinstance(error, RequestError)
    return response(error)


async def on_http(_: Request, error: Exception) -> Response:
    """Answer what the framework refuses, such as an unknown path."""
    assert isinstance(error, HTTPException)
    titles = {404: "there is nothing at this path", 405: "this path does not take this method"}
    return response(RequestError(error.status_code, titles.get(error.status_code, error.detail), headers=error.headers))


async def on_os_error(_: Request, error: Exception) -> Response:
    """Answer where the disk is full or broken."""
    assert isinstance(error, OSError)
    return response(RequestError(507 if error.errno in NO_ROOM else 500, f"the service failed: {describe(error)}"))
