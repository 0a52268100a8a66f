"""Some events of a file that follow each other, and what several writers need of them, made once.

A writer or report with a method `take_batch` takes a whole batch: it joins many texts before it writes them, and spares
some calls for each claim. What it writes is the same as if it took the events and claims one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from math import inf
from typing import Protocol

from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.breakdown import Breakdowns
from scrubber.outputs.record import QuietClaim, quiet_claim
from scrubber.outputs.report import Report
from scrubber.x12.events import Event


class Consumer(Protocol):
    """Takes the events and claims of a file, in file order."""

    def event(self, event: Event) -> None:
        """Take the next event that is not a claim."""

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim."""


class Batch:
    """Events and scrubbed claims in file order, `items`, and the claims among them, `claims`."""

    def __init__(self, items: Sequence[Event | ScrubbedClaim]) -> None:
        self.items = items
        self.claims = [item for item in items if isinstance(item, ScrubbedClaim)]

    @cached_property
    def events(self) -> Sequence[Event]:
        """The events, those of claims among them."""
        return [item.claim.event if isinstance(item, ScrubbedClaim) else item for item in self.items]

    def give(self, sink: Consumer) -> None:
        """Give events and claims to a writer."""
        take: Callable[[Batch], None] | None = getattr(sink, "take_batch", None)
        if take:
            take(self)
            return
        for item in self.items:
            if isinstance(item, ScrubbedClaim):
                sink.claim(item)
            else:
                sink.event(item)

    def give_claims(self, report: Report) -> None:
        """Give the claims to a report."""
        take: Callable[[Batch], None] | None = getattr(report, "take_batch", None)
        if take:
            take(self)
            return
        for scrubbed in self.claims:
            report.claim(scrubbed)

    @cached_property
    def with_quiet(self) -> Sequence[tuple[ScrubbedClaim, QuietClaim | None]]:
        """The claims. Each quiet one has its values beside it."""
        return [(scrubbed, quiet_claim(scrubbed)) for scrubbed in self.claims]

    @cached_property
    def counted(self) -> Breakdowns:
        """The counts of the claims by edit, payer and provider."""
        counted = Breakdowns(inf)
        for scrubbed, quiet in self.with_quiet:
            if quiet:
                counted.count_quiet(quiet.shared)
            else:
                counted.count(scrubbed)
        return counted
