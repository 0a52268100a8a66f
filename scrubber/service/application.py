"""The application: its routes, and what they share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from importlib import metadata, resources
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scrubber.engine.catalogue import Catalogue
from scrubber.running.log import Logger
from scrubber.service import problems
from scrubber.service.errors import RequestError
from scrubber.service.guarding import Guarded
from scrubber.service.kept import KeptAnswers
from scrubber.service.observing import Metrics, Observed
from scrubber.service.pages import Pages
from scrubber.service.pool import Pool
from scrubber.service.rules import Rules
from scrubber.service.scrubbing import Scrubber
from scrubber.service.settings import Settings
from scrubber.service.state import State
from scrubber.service.tokens import Tokens
from scrubber.service.uploads import Uploads

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Service:
    """All parts of a running service."""

    def __init__(self, settings: Settings, catalogue: Catalogue, state: State, log: Logger) -> None:
        self.settings = settings
        self.log = log
        self.metrics = Metrics()
        self.pool = Pool(settings.workers, settings.queue, settings.options, self._on_death)
        self.uploads = Uploads(state.uploads, settings.max_bytes)
        self.rules = Rules(catalogue)
        self.profiles = settings.named_profiles()
        self.scrubber = Scrubber(
            self.pool,
            self.uploads,
            KeptAnswers(state.answers),
            self.metrics,
            self.profiles,
            settings.options.conformance,
        )

    @cached_property
    def description(self) -> dict[str, Any]:
        """The OpenAPI description of the service."""
        text = resources.files("scrubber.service").joinpath("openapi.json").read_text("utf-8")
        described: dict[str, Any] = json.loads(text)
        described["info"]["version"] = metadata.version("claim-scrubber")
        for parameter in described["paths"]["/v1/scrub"]["post"]["parameters"]:
            if parameter["name"] == "profile":
                parameter["schema"] = {"enum": list(self.profiles)}
        return described

    @cached_property
    def edits(self) -> list[dict[str, Any]]:
        """All codes, in short."""
        return self.rules.listed()

    def _on_death(self) -> None:
        self.metrics.died()
        self.log.error("worker died")


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
        return JSONResponse(service.rules.one(request.path_params["code"]))

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
