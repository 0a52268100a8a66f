"""Counts of claims, charges and findings, for one file and for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from scrubber.claims.values import money
from scrubber.engine.judged import Disposition
from scrubber.engine.record import charge_of
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import Standing, Suppression, merge
from scrubber.reference.pricing import ClaimPrice


@attrs.define
class Allowed:
    """What Medicare allows for the claims counted so far, in US dollars, and how many lines have a price or have none.

    A line with zero units has a price: zero.
    """

    allowed: Decimal = Decimal(0)
    allowed_at_stake: Decimal = Decimal(0)
    allowed_rejected: Decimal = Decimal(0)
    coinsurance: Decimal = Decimal(0)
    payment: Decimal = Decimal(0)
    waste: Decimal = Decimal(0)
    avoidable_waste: Decimal = Decimal(0)
    unpriced_lines: int = 0
    priced_lines: int = 0

    def count(self, price: ClaimPrice, disposition: Disposition) -> None:
        """Count one claim."""
        self.unpriced_lines += price.unpriced
        self.priced_lines += len(price.lines)
        allowed = price.allowed
        if allowed is None:
            return
        self.allowed += allowed
        self.allowed_at_stake += allowed if disposition != "clean" else 0
        self.allowed_rejected += allowed if disposition == "rejected" else 0
        self.coinsurance += price.coinsurance or 0
        self.payment += price.payment or 0
        self.waste += price.waste
        self.avoidable_waste += price.avoidable_waste

    @property
    def no_price(self) -> bool:
        """Whether there are lines and none of them has a price."""
        return not self.priced_lines and self.unpriced_lines > 0

    def add(self, other: Allowed) -> None:
        """Add the amounts of another summary."""
        for field in attrs.fields(Allowed):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    def record(self) -> dict[str, Any]:
        """As the JSON report writes it."""
        values = attrs.asdict(self, filter=attrs.filters.exclude("priced_lines"))
        return {name: value if isinstance(value, int) else money(value) for name, value in values.items()}


@attrs.frozen
class Counts:
    """Claims of a file by disposition, how many of them are held, and findings by code."""

    dispositions: Mapping[str, int]
    held: int = 0
    findings: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def claims(self) -> int:
        """Claims of every disposition."""
        return sum(self.dispositions.values())


@attrs.define
class Summary:
    """Claims, charges in US dollars and findings counted so far.

    `suppressed` and `shadow` are further findings, which do not count: suppressed ones, and those of edits on trial.
    `accepted` counts the suppressed ones by suppression, `None` being the baseline.
    `standings` says for each suppression whether it took effect. `allowed` are the amounts that Medicare allows, `None`
    if its payment limits are not loaded. `held` are the flagged claims that are kept out of the clean file.
    """

    dispositions: Counter[Disposition] = attrs.field(factory=Counter)
    charge: Decimal = Decimal(0)
    charge_rejected: Decimal = Decimal(0)
    charge_at_stake: Decimal = Decimal(0)
    findings: Counter[str] = attrs.field(factory=Counter)
    severities: Counter[str] = attrs.field(factory=Counter)
    accepted: Counter[Suppression | None] = attrs.field(factory=Counter)
    shadow: Counter[str] = attrs.field(factory=Counter)
    standings: dict[Suppression, Standing] = attrs.field(factory=dict)
    allowed: Allowed | None = None
    held: int = 0

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        charge, disposition = charge_of(scrubbed.claim) or Decimal(0), scrubbed.disposition
        self.dispositions[disposition] += 1
        self.held += disposition == "flagged" and scrubbed.holding
        self.charge += charge
        if disposition == "rejected":
            self.charge_rejected += charge
        if disposition != "clean":
            self.charge_at_stake += charge
        for finding in scrubbed.findings:
            self.findings[finding.code] += 1
            self.severities[str(finding.severity)] += 1
        if scrubbed.price:
            self.allowed = self.allowed or Allowed()
            self.allowed.count(scrubbed.price, disposition)
        if scrubbed.suppressed:
            self.accepted.update(item.by for item in scrubbed.suppressed)
        if scrubbed.shadow:
            self.shadow.update(finding.code for finding in scrubbed.shadow)

    def count_all(self, claims: Iterable[ScrubbedClaim]) -> None:
        """Count claims. Those without findings are counted together."""
        clean, charge = 0, Decimal(0)
        for scrubbed in claims:
            if scrubbed.findings or scrubbed.price or scrubbed.suppressed or scrubbed.shadow:
                self.count(scrubbed)
            else:
                clean += 1
                charge += charge_of(scrubbed.claim) or 0
        if clean:
            self.dispositions["clean"] += clean
            self.charge += charge

    def add(self, other: Summary) -> None:
        """Add the counts of another summary."""
        self.dispositions += other.dispositions
        self.charge += other.charge
        self.charge_rejected += other.charge_rejected
        self.charge_at_stake += other.charge_at_stake
        self.findings += other.findings
        self.severities += other.severities
        self.accepted += other.accepted
        self.held += other.held
        self.shadow += other.shadow
        merge(self.standings, other.standings)
        if other.allowed:
            self.allowed = self.allowed or Allowed()
            self.allowed.add(other.allowed)

    @property
    def suppressed(self) -> int:
        """Findings that are suppressed."""
        return self.accepted.total()

    @property
    def claims(self) -> int:
        """Claims of every disposition."""
        return self.dispositions.total()

    @property
    def counts(self) -> Counts:
        """The counts that are kept when a file is done."""
        return Counts(dict(self.dispositions), self.held, dict(self.findings))  # type: ignore[arg-type]

    @property
    def flagged(self) -> str:
        """How many claims are flagged, and the file that has them."""
        count = self.dispositions["flagged"]
        return f"{count:,} flagged" + (f" ({'held' if self.held else 'in the clean file'})" if count else "")

    def record(self) -> dict[str, Any]:
        """As the JSON report writes it. Findings that do not count are left out if there are none."""
        record: dict[str, Any] = {
            "claims": self.claims,
            "clean": self.dispositions["clean"],
            "flagged": self.dispositions["flagged"],
            "rejected": self.dispositions["rejected"],
            "charge": money(self.charge),
            "charge_rejected": money(self.charge_rejected),
            "charge_at_stake": money(self.charge_at_stake),
            "findings": dict(sorted(self.findings.items())),
        }
        if self.allowed:
            record |= self.allowed.record()
        if self.held:
            record["held"] = self.held
        if self.suppressed:
            record["suppressed"] = self.suppressed
        if self.shadow:
            record["shadow"] = dict(sorted(self.shadow.items()))
        return record
