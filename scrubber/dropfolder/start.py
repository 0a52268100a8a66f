"""Builds a watcher and runs it."""

from __future__ import annotations

import os
import time
from multiprocessing.context import BaseContext
from pathlib import Path

import attrs

from scrubber.dropfolder import claim_history, generation, last_options, ledger_marker
from scrubber.dropfolder.health import HealthFile, default_path
from scrubber.dropfolder.hints import Hints
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.metrics import Metrics, ServedMetrics
from scrubber.dropfolder.pool import Pool
from scrubber.dropfolder.service import Service
from scrubber.dropfolder.settings import Settings
from scrubber.dropfolder.work import Runtime
from scrubber.dropfolder.worker import engine_of
from scrubber.running import log, stopping
from scrubber.running.options import RunOptions
from scrubber.running.processes import fingerprint
from scrubber.running.sharing import NOT_SHARED, Sharing

_ADVICE = "install claim-scrubber[watch]"


@attrs.frozen
class Start:
    """The arguments of a watcher; `None` means the default."""

    root: Path
    settings: Settings = attrs.field(factory=Settings)
    options: RunOptions = attrs.field(factory=RunOptions)
    out: Path | None = None
    ledger: Path | None = None
    health: Path | None = None
    once: bool = False
    sharing: Sharing = NOT_SHARED


def start(with_: Start, context: BaseContext | None = None) -> int:
    """Run a watcher until a signal stops it, and return the exit status. Raises `WatchError`.

    `context` starts the worker processes.
    """
    settings = with_.settings
    rules = engine_of(attrs.evolve(with_.options, history=False))
    expected = fingerprint(rules)
    layout = Layout.of(with_.root, with_.out, settings.folders, with_.sharing)
    ledger = ledger_marker.open_ledger(layout.root, with_.ledger, create=True)
    ledger_marker.bind_outputs(layout, ledger)
    ledger.agree_on_folders(layout.record(), time.time())
    ledger.store(settings=settings.record(), sharing=with_.sharing.record())
    layout.prepare()
    generation.check(layout, ledger)
    generation.check_archive(layout, ledger)
    history, options = claim_history.opened(layout.root, ledger, settings, with_.options, rules.profile.history)
    last_options.store(ledger, options)
    pool = Pool(settings.workers, options, expected, context, settings.jobs, stuck_after=settings.stuck_after)
    logger = log.logger(pid=os.getpid())
    health = HealthFile(with_.health or default_path(ledger.path), 3 * settings.heartbeat_every + settings.grace)
    runtime = Runtime(layout, settings, ledger, logger, _metrics(settings, logger), history=history)
    service = Service(runtime, pool, health, once=with_.once)
    hints = None if with_.once else _hints(layout, settings, service, logger)
    if stopping.hand_over(lambda *_: service.stop()):
        service.stop()
    if claim_history.lacks_releases(ledger, history):
        logger.warning(
            "new history", reason="it knows no earlier release", advice=claim_history.rebuild_hint(layout.root)
        )
    logger.info("started", workers=settings.workers, events=hints is not None, rules=expected[:12])
    try:
        status = service.run()
    finally:
        if hints:
            hints.stop()
        ledger.close()
        history.close()
    logger.info("stopped", status=status)
    return status


def _metrics(settings: Settings, logger: log.Logger) -> Metrics:
    if not settings.metrics_port:
        return Metrics()
    try:
        return ServedMetrics(settings.metrics_port, settings.metrics_address)
    except ImportError:
        logger.warning("no metrics", reason="prometheus-client is not installed", advice=_ADVICE)
        return Metrics()


def _hints(layout: Layout, settings: Settings, service: Service, logger: log.Logger) -> Hints | None:
    if not settings.events:
        return None

    def failed(reason: str) -> None:
        logger.warning("no events", reason=reason, advice="the folder is still scanned every few seconds")

    try:
        return Hints(layout["in"], service.hint, failed)
    except ImportError:
        logger.warning("no events", reason="watchfiles is not installed", advice=_ADVICE)
        return None
