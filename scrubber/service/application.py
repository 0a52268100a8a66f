"""The application of a service: its routes, and what all requests pass through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scrubber.service import problems
from scrubber.service.errors import RequestError
from scrubber.service.guarding import Guarded
from scrubber.service.observing import Observed
from scrubber.service.pages import Pages
from scrubber.service.service import Service
from scrubber.service.tokens import Tokens

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def application(service: Service, tokens: Tokens | None) -> Starlette:
    """The application of a service. Its workers start and stop with it."""

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        await service.pool.start()
        try:
            yield
        finally:
            service.pool.stop()

    return Starlette(
        routes=[*_routes(service), *Pages(service).routes()],
        middleware=[
            Middleware(Observed, service.log, service.metrics),
            Middleware(Guarded, tokens, frozenset({service.settings.host.lower()})),
        ],
        exception_handlers={
            RequestError: problems.on_problem,
            HTTPException: problems.on_http,
            OSError: problems.on_os_error,
        },
        lifespan=running,
    )


def _routes(service: Service) -> list[Route]:
    async def scrub(request: Request) -> Response:
        return await service.scrubber.post(request)

    async def edits(_: Request) -> Response:
        return JSONResponse({"edits": service.edits})

    async def edit(request: Request) -> Response:
        return JSONResponse(service.codes.one(request.path_params["code"]))

    async def health(_: Request) -> Response:
        pool = service.pool
        record = {"status": "ok" if pool.alive else "no worker", "workers": pool.alive, "waiting": pool.waiting}
        return JSONResponse(record, 200 if pool.alive else 503, {"Cache-Control": "no-store"})

    async def metrics(_: Request) -> Response:
        return Response(service.metrics.text(service.pool, service.uploads), media_type=_METRICS_TYPE)

    async def openapi(_: Request) -> Response:
        return JSONResponse(service.description)

    return [
        Route("/v1/scrub", scrub, methods=["POST"]),
        Route("/v1/edits", edits),
        Route("/v1/edits/{code}", edit),
        Route("/health", health),
        Route("/metrics", metrics),
        Route("/openapi.json", openapi),
    ]
