"""How findings and charges spread over edits, payers and providers: counts in bounded memory, worst first."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import attrs

from scrubber.claims.values import money
from scrubber.engine.engine import ScrubbedClaim
from scrubber.engine.parties import billing_npi, payer_id
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
        self.add(_of_claim(scrubbed).all)

    def add(self, other: Share) -> None:
        """Add the counts of another share. One without noted claims has nothing else to count but amounts allowed."""
        self.claims += other.claims
        if other.allowed_at_stake is not None:
            self.allowed_at_stake = (self.allowed_at_stake or 0) + other.allowed_at_stake
        if not other.noted:
            return
        self.rejected += other.rejected
        self.flagged += other.flagged
        self.noted += other.noted
        self.undecided += other.undecided
        self.reject += other.reject
        self.warn += other.warn
        self.info += other.info
        if other.charge_at_stake:
            self.charge_at_stake += other.charge_at_stake

    @property
    def gravity(self) -> tuple[int, int, int, Decimal, int]:
        """A sort key, greater for worse: by rejects, then warnings, then the rest."""
        return self.reject, self.warn, self.info, self.charge_at_stake, self.claims

    def record(self) -> dict[str, Any]:
        """As reports write it."""
        record: dict[str, Any] = attrs.asdict(self) | {"charge_at_stake": money(self.charge_at_stake)}
        allowed = record.pop("allowed_at_stake")
        return record if allowed is None else {**record, "allowed_at_stake": money(allowed)}


class Breakdown:
    """Shares by key. Keys after the first `most` share one count, so memory is bounded."""

    def __init__(self, most: float = MOST_KEYS) -> None:
        self._most = most
        self._shares: dict[str, Share] = {}
        self._others = Share()

    def share(self, key: str) -> Share:
        """The share of a key, for counting."""
        share = self._shares.get(key)
        if share is None and len(self._shares) < self._most:
            share = self._shares[key] = Share()
        return self._others if share is None else share

    def add(self, part: Breakdown) -> None:
        """Add the shares of the next claims. They must be shares of all their keys."""
        for key, share in part._shares.items():
            self.share(key).add(share)

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

    A claim counts once for its payer and its provider, and for each edit that found something or could not decide. Of
    a part of a file all keys are counted one by one (`most` is infinite), so that parts add up to the whole.
    """

    def __init__(self, most: float = MOST_KEYS) -> None:
        self.edit = Breakdown(most)
        self.payer = Breakdown(most)
        self.provider = Breakdown(most)

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        counted = _of_claim(scrubbed)
        self.payer.share(counted.payer).add(counted.all)
        self.provider.share(counted.provider).add(counted.all)
        for code, share in counted.by_code.items():
            self.edit.share(code).add(share)

    def add(self, part: Breakdowns) -> None:
        """Add the counts of the next claims, made with `most` infinite."""
        self.edit.add(part.edit)
        self.payer.add(part.payer)
        self.provider.add(part.provider)

    def record(self) -> dict[str, Any]:
        """As reports write it: for each breakdown its shares, worst first, and the sum of all others, if any."""
        return {
            name: {
                "shares": [{key: value or None, **share.record()} for value, share in worst],
                "others": others and others.record(),
            }
            for name, key, (worst, others) in (
                ("edit", "code", self.edit.worst()),
                ("payer", "payer_id", self.payer.worst()),
                ("provider", "billing_npi", self.provider.worst()),
            )
        }


class _OfClaim(NamedTuple):
    """The counts of one claim: in all, and for each edit that found something or could not decide; and its keys."""

    all: Share
    by_code: Mapping[str, Share]
    payer: str
    provider: str


@lru_cache(maxsize=1)  # several reports count a claim one after the other
def _of_claim(scrubbed: ScrubbedClaim) -> _OfClaim:
    findings, price, disposition = scrubbed.findings, scrubbed.price, scrubbed.disposition
    undecided = {item.code for item in scrubbed.not_checked}
    every = Share(1, noted=int(bool(findings or undecided)), undecided=int(bool(undecided)))
    every.allowed_at_stake = Decimal(0) if price else None
    if disposition != "clean":
        every.rejected, every.flagged = int(disposition == "rejected"), int(disposition == "flagged")
        every.charge_at_stake = charge_of(scrubbed.claim) or Decimal(0)
        if price:
            every.allowed_at_stake = price.allowed or Decimal(0)
    by_code: dict[str, Share] = {}
    for finding in findings:
        share = by_code.get(finding.code)
        if share is None:
            share = by_code[finding.code] = Share(1, every.rejected, every.flagged, 1)
            share.charge_at_stake, share.allowed_at_stake = every.charge_at_stake, every.allowed_at_stake
        for counts in (every, share):
            severity = str(finding.severity)
            setattr(counts, severity, getattr(counts, severity) + 1)
    for code in undecided:
        by_code.setdefault(code, Share(noted=1)).undecided = 1
    claim = scrubbed.claim
    return _OfClaim(every, by_code, payer_id(claim), billing_npi(claim))
