"""How findings and charges spread over edits, payers and providers: counts in bounded memory, worst first."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import attrs

from scrubber.claims.values import money
from scrubber.engine.engine import ScrubbedClaim
from scrubber.engine.record import charge_of

MOST_KEYS = 10_000
"""How many payers, providers or edits are counted one by one. All later ones are counted together as others."""
MOST_ROWS = 1_000
"""How many of them a report names. The rest are summed up as others."""


@attrs.define
class Share:
    """The counts for one edit, payer or provider, or for all.

    `claims`, `rejected` and `flagged` count claims; `reject`, `warn` and `info` count their findings. `noted` counts
    claims with a finding or with an edit that could not decide, `undecided` those with the latter. The charge at stake
    is that of rejected and flagged claims, in US dollars. The allowed amount at stake is what Medicare allows for them,
    as far as their lines have a price; it is `None` if Medicare's payment limits are not loaded.
    """

    claims: int = 0
    rejected: int = 0
    flagged: int = 0
    noted: int = 0
    undecided: int = 0
    reject: int = 0
    warn: int = 0
    info: int = 0
    charge_at_stake: Decimal = Decimal(0)
    allowed_at_stake: Decimal | None = None

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count a claim with all its findings."""
        if not scrubbed.findings and not scrubbed.not_checked:
            self.claims += 1
            if scrubbed.price and self.allowed_at_stake is None:
                self.allowed_at_stake = Decimal(0)
            return
        self.count_found(scrubbed, Counter(str(finding.severity) for finding in scrubbed.findings))
        if scrubbed.findings or scrubbed.not_checked:
            self.count_noted(undecided=bool(scrubbed.not_checked))

    def count_found(self, scrubbed: ScrubbedClaim, severities: Counter[str]) -> None:
        """Count a claim with some of its findings, by severity."""
        disposition = scrubbed.disposition
        self.claims += 1
        self.rejected += disposition == "rejected"
        self.flagged += disposition == "flagged"
        if scrubbed.price and self.allowed_at_stake is None:
            self.allowed_at_stake = Decimal(0)
        if disposition != "clean":
            self.charge_at_stake += charge_of(scrubbed.claim) or 0
            if scrubbed.price and self.allowed_at_stake is not None:
                self.allowed_at_stake += scrubbed.price.allowed or 0
        self.reject += severities["reject"]
        self.warn += severities["warn"]
        self.info += severities["info"]

    def count_noted(self, *, undecided: bool) -> None:
        """Count a claim with a finding, or with an edit that could not decide."""
        self.noted += 1
        self.undecided += undecided

    def add(self, other: Share) -> None:
        """Add the counts of another share."""
        for field in attrs.fields(Share):
            mine, others = getattr(self, field.name), getattr(other, field.name)
            if others is not None:
                setattr(self, field.name, others if mine is None else mine + others)

    @property
    def gravity(self) -> tuple[int, int, int, Decimal, int]:
        """A sort key, greater for worse: by rejects, then warnings, then the rest."""
        return self.reject, self.warn, self.info, self.charge_at_stake, self.claims

    def record(self) -> dict[str, Any]:
        """As reports write it."""
        allowed = self.allowed_at_stake
        record = attrs.asdict(self) | {"charge_at_stake": money(self.charge_at_stake)}
        return record | {"allowed_at_stake": None if allowed is None else money(allowed)}


class Breakdown:
    """Shares by key. Keys after the first `MOST_KEYS` share one count, so memory is bounded."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}
        self._others = Share()

    def share(self, key: str) -> Share:
        """The share of a key, for counting."""
        share = self._shares.get(key)
        if share is None and len(self._shares) < MOST_KEYS:
            share = self._shares[key] = Share()
        return self._others if share is None else share

    def worst(self) -> tuple[list[tuple[str, Share]], Share | None]:
        """The worst `MOST_ROWS` with their keys, worst first, and the sum of all others, if any."""
        ranked = sorted(self._shares.items())
        ranked.sort(key=lambda item: item[1].gravity, reverse=True)
        others = attrs.evolve(self._others)
        for _, share in ranked[MOST_ROWS:]:
            others.add(share)
        return ranked[:MOST_ROWS], others if others != Share() else None


class Breakdowns:
    """The breakdowns by edit, by payer id and by billing provider (NPI). The key is `""` for claims that have none.

    A claim counts once for its payer and its provider, and for each edit that found something or could not decide.
    """

    def __init__(self) -> None:
        self.edit = Breakdown()
        self.payer = Breakdown()
        self.provider = Breakdown()

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        self.payer.share(scrubbed.claim.payer_id).count(scrubbed)
        self.provider.share(scrubbed.claim.billing_npi).count(scrubbed)
        found: dict[str, Counter[str]] = {}
        for finding in scrubbed.findings:
            found.setdefault(finding.code, Counter())[str(finding.severity)] += 1
        undecided = dict.fromkeys(item.code for item in scrubbed.not_checked)
        for code in found | undecided:
            share = self.edit.share(code)
            if code in found:
                share.count_found(scrubbed, found[code])
            share.count_noted(undecided=code in undecided)
