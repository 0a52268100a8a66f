"""Counts of what was found, for one file and for all."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import attrs

from scrubber.claims.values import money
from scrubber.engine.engine import Disposition, ScrubbedClaim
from scrubber.engine.record import charge_of
from scrubber.engine.suppressions import Standing, Suppression, merge


@attrs.define
class Summary:
    """Claims, charges in US dollars and findings counted so far.

    Beside `findings` there are those that do not count, `suppressed` or of edits in `shadow`; `standings` is what has
    become of each suppression.
    """

    dispositions: Counter[Disposition] = attrs.field(factory=Counter)
    charge: Decimal = Decimal(0)
    charge_rejected: Decimal = Decimal(0)
    findings: Counter[str] = attrs.field(factory=Counter)
    severities: Counter[str] = attrs.field(factory=Counter)
    suppressed: int = 0
    shadow: Counter[str] = attrs.field(factory=Counter)
    standings: dict[Suppression, Standing] = attrs.field(factory=dict)

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        charge, disposition = charge_of(scrubbed.claim) or Decimal(0), scrubbed.disposition
        self.dispositions[disposition] += 1
        self.charge += charge
        if disposition == "rejected":
            self.charge_rejected += charge
        for finding in scrubbed.findings:
            self.findings[finding.code] += 1
            self.severities[str(finding.severity)] += 1
        self.suppressed += len(scrubbed.suppressed)
        if scrubbed.shadow:
            self.shadow.update(finding.code for finding in scrubbed.shadow)

    def add(self, other: Summary) -> None:
        """Count all that another summary has counted."""
        self.dispositions += other.dispositions
        self.charge += other.charge
        self.charge_rejected += other.charge_rejected
        self.findings += other.findings
        self.severities += other.severities
        self.suppressed += other.suppressed
        self.shadow += other.shadow
        merge(self.standings, other.standings)

    @property
    def claims(self) -> int:
        """Claims of every disposition."""
        return self.dispositions.total()

    def record(self) -> dict[str, Any]:
        """As the JSON report writes it; findings that do not count are named only where there are any."""
        record: dict[str, Any] = {
            "claims": self.claims,
            "clean": self.dispositions["clean"],
            "flagged": self.dispositions["flagged"],
            "rejected": self.dispositions["rejected"],
            "charge": money(self.charge),
            "charge_rejected": money(self.charge_rejected),
            "findings": dict(sorted(self.findings.items())),
        }
        if self.suppressed:
            record["suppressed"] = self.suppressed
        if self.shadow:
            record["shadow"] = dict(sorted(self.shadow.items()))
        return record
