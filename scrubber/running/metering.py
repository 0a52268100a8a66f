"""What the drop folder and the service count of claims, for Prometheus. It holds codes and numbers only.

Needs `prometheus_client`, which comes with the extras `watch` and `serve`.
"""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter

from scrubber.outputs.summary import Counts


class ClaimMeters:
    """The meters of claims and findings, in a registry of their own. All names begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        self.registry = CollectorRegistry()
        self._prefix = prefix
        self._claims = self.meter(Counter, "claims", "Scrubbed claims by disposition.", ("disposition",))
        self._held = self.meter(Counter, "held_claims", "Flagged claims that were held, and not put into a clean file.")
        self._findings = self.meter(Counter, "findings", "Findings by edit.", ("code",))

    def meter(self, kind: Any, name: str, meaning: str, labels: tuple[str, ...] = (), **more: Any) -> Any:
        """A further meter of a kind of `prometheus_client`."""
        return kind(f"{self._prefix}_{name}", meaning, labels, registry=self.registry, **more)

    def scrubbed(self, counts: Counts) -> None:
        """Count the claims and findings of a file."""
        for disposition, number in counts.dispositions.items():
            self._claims.labels(disposition).inc(number)
        self._held.inc(counts.held)
        for code, number in counts.findings.items():
            self._findings.labels(code).inc(number)
