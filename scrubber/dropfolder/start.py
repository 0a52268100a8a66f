"""Puts a watcher together and runs it."""

from __future__ import annotations

import os
import signal
import threading
import time
from multiprocessing.context import BaseContext
from pathlib import Path

import attrs

from scrubber.dropfolder import bond, log
from scrubber.dropfolder.health import HealthFile, default_path
from scrubber.dropfolder.hints import Hints
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.metrics import Metrics, ServedMetrics
from scrubber.dropfolder.pool import Pool
from scrubber.dropfolder.service import Service
from scrubber.dropfolder.settings import Settings
from scrubber.dropfolder.work import Means
from scrubber.dropfolder.worker import engine_of, fingerprint
from scrubber.running.options import RunOptions

_WITHOUT = "install claim-scrubber[watch] for it"


@attrs.frozen
class Start:
    """What a watcher is started with; what is `None` is left to its default."""

    root: Path
    settings: Settings = attrs.field(factory=Settings)
    rules: RunOptions = attrs.field(factory=RunOptions)
    out: Path | None = None
    ledger: Path | None = None
    health: Path | None = None
    once: bool = False


def start(with_: Start, context: BaseContext | None = None) -> int:
    """Run a watcher until it is told to stop, and return the exit status. Raises `WatchError`.

    `context` makes the worker processes.
    """
    settings = with_.settings
    expected = fingerprint(engine_of(with_.rules))
    layout = Layout.of(with_.root, with_.out, settings.folders)
    ledger = bond.open_ledger(layout.root, with_.ledger, create=True)
    bond.bind_outputs(layout, ledger)
    ledger.agree(layout.record(), time.time())
    layout.prepare()
    pool = Pool(settings.workers, with_.rules, expected, context)
    logger = log.logger(pid=os.getpid())
    health = HealthFile(with_.health or default_path(ledger.path), 3 * settings.beat_every + settings.grace)
    means = Means(layout, settings, ledger, logger, _metrics(settings, logger))
    service = Service(means, pool, health, once=with_.once)
    hints = None if with_.once else _hints(layout, settings, service, logger)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop())
    logger.info("started", workers=settings.workers, events=hints is not None, rules=expected[:12])
    try:
        status = service.run()
    finally:
        if hints:
            hints.stop()
        ledger.close()
    logger.info("stopped", status=status)
    return status


def _metrics(settings: Settings, logger: log.Logger) -> Metrics:
    if not settings.metrics_port:
        return Metrics()
    try:
        return ServedMetrics(settings.metrics_port, settings.metrics_address)
    except ImportError:
        logger.warning("no metrics", reason="prometheus-client is not installed", advice=_WITHOUT)
        return Metrics()


def _hints(layout: Layout, settings: Settings, service: Service, logger: log.Logger) -> Hints | None:
    if not settings.events:
        return None

    def failed(reason: str) -> None:
        logger.warning("no events", reason=reason, advice="the folder is looked at every few seconds all the same")

    try:
        return Hints(layout["in"], service.hint, failed)
    except ImportError:
        logger.warning("no events", reason="watchfiles is not installed", advice=_WITHOUT)
        return None
