"""Enters what a run puts into its clean file into the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, cast

import attrs

from scrubber.claims.earlier import HistoryError
from scrubber.engine.engine import Engine
from scrubber.x12.prescan import Prescan

if TYPE_CHECKING:
    from scrubber.history.entering import Collector
    from scrubber.history.store import HistoryStore, Proposal


@attrs.frozen
class Entering:
    """What becomes of claims in the clean file: entered into the history, proposed to it, or neither.

    `token` tells apart several drops of one content.
    """

    how: Literal["enter", "propose", "no"] = "enter"
    token: str = ""


ENTER, LEAVE_OUT = Entering(), Entering("no")


class HistorySink:
    """What a run over one file puts into the clean file, on its way into the history of its engine.

    The sequence matters. The claims count from `close` on, before the clean file gets its name; `confirm` follows. So
    no clean file is ever there whose claims are not known, whatever ends the run. Without a history it does nothing.
    """

    proposal: Proposal | None = None

    def __init__(self, engine: Engine, entering: Entering) -> None:
        self._entering = entering
        self._history = None if entering.how == "no" else cast("HistoryStore | None", engine.history)
        self._collector = self._history.collector(engine.facts) if self._history else None

    @property
    def sinks(self) -> list[Collector]:
        """The sink that collects the claims, if there is anything to do."""
        return [self._collector] if self._collector else []

    def close(self, scan: Prescan) -> None:
        """Propose the file, and enter it if that is wanted. Raises `HistoryError`.

        A file that cannot be trusted is not proposed, because nothing of it may be sent. If another run has released
        one of its claims meanwhile, the file is not entered.
        """
        if self._history is None or self._collector is None or not scan.readable:
            return
        self.proposal = self._history.propose(scan.sha256, self._collector, self._entering.token)
        if self._entering.how == "enter" and not self._history.enter(self.proposal):
            path = self._history.database.path
            raise HistoryError(f"another run has released some of these claims meanwhile, says {path}: run it again")

    def confirm(self, scan: Prescan) -> None:
        """The clean file has its name."""
        if self._history and self.proposal and self._entering.how == "enter":
            self._history.confirm(scan.sha256, self._entering.token)

    def discard(self) -> None:
        """Delete what was kept meanwhile."""
        if self._collector:
            self._collector.close()


@contextmanager
def history_sink(engine: Engine, entering: Entering) -> Iterator[HistorySink]:
    """What a run over one file is to enter."""
    found = HistorySink(engine, entering)
    try:
        yield found
    finally:
        found.discard()
