"""A service with one worker, asked without a network."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import attrs
import pytest
from starlette.testclient import TestClient

from scrubber.running.log import logger
from scrubber.running.options import RunOptions
from scrubber.service import state
from scrubber.service.application import application
from scrubber.service.service import Service
from scrubber.service.settings import Settings
from scrubber.service.tokens import Tokens

X12 = "application/edi-x12"


@attrs.frozen
class Served:
    """A running service, a client of it, and what it has logged."""

    service: Service
    client: TestClient
    folder: Path
    log: io.StringIO

    def left(self) -> list[Path]:
        """What requests have left behind."""
        return list((self.folder / "uploads").iterdir())


@contextmanager
def served(folder: Path, tokens: Tokens | None = None, **changed: object) -> Iterator[Served]:
    options = changed.pop("options", RunOptions())
    settings = Settings(options, workers=1, state=folder, **changed)  # type: ignore[arg-type]
    log = io.StringIO()
    with state.opened(folder) as opened:
        with redirect_stderr(log):
            service = Service(settings, RunOptions().catalogue(), opened, logger())
        app = application(service, tokens)
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            yield Served(service, client, folder, log)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("service"), max_mb=1) as found:
        yield found
