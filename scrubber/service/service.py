"""A running service: its parts, which requests and pages share."""

from __future__ import annotations

import json
from functools import cached_property
from importlib import metadata, resources
from typing import Any

from scrubber.engine.catalogue import Catalogue
from scrubber.running.log import Logger
from scrubber.service.codes import Codes
from scrubber.service.kept import KeptAnswers
from scrubber.service.observing import Metrics
from scrubber.service.pool import Pool
from scrubber.service.scrubbing import Scrubber
from scrubber.service.settings import Settings
from scrubber.service.state import StateFolders
from scrubber.service.uploads import Uploads


class Service:
    """All parts of a running service."""

    def __init__(self, settings: Settings, catalogue: Catalogue, state: StateFolders, log: Logger) -> None:
        self.settings = settings
        self.log = log
        self.metrics = Metrics()
        self.pool = Pool(settings.workers, settings.queue, settings.options, self._on_death)
        self.uploads = Uploads(state.uploads, settings.max_bytes)
        self.codes = Codes(catalogue)
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
        return self.codes.listed()

    def _on_death(self) -> None:
        self.metrics.died()
        self.log.error("worker died")
