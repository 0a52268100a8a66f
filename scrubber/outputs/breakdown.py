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
"""How many payers, providers or edits are told apart; what comes behind them counts as others."""
MOST_ROWS = 1_000
"""How many of them a report names; the rest is summed up."""


@attrs.define
class Share:
    """What falls to one edit, payer or provider, or to all of them.

    `claims`, `rejected` and `flagged` count claims, `reject`, `warn` and `info` their findings. `noted` are the claims
    that something is said of, be it that an edit could not decide; of these there are `undecided`. The charge at stake,
    in US dollars, is that of rejected and flagged claims.
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

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count a claim with all that is said of it."""
        if not scrubbed.findings and not scrubbed.not_checked:
            self.claims += 1
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
        if disposition != "clean":
            self.charge_at_stake += charge_of(scrubbed.claim) or 0
        self.reject += severities["reject"]
        self.warn += severities["warn"]
        self.info += severities["info"]

    def count_noted(self, *, undecided: bool) -> None:
        """Count a claim as one that something is said of."""
        self.noted += 1
        self.undecided += undecided

    def add(self, other: Share) -> None:
        """Count all that another share has counted."""
        for field in attrs.fields(Share):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def gravity(self) -> tuple[int, int, int, Decimal, int]:
        """The worse the greater: rejects, then warnings, then the rest."""
        return self.reject, self.warn, self.info, self.charge_at_stake, self.claims

    def record(self) -> dict[str, Any]:
        """As reports write it."""
        return attrs.asdict(self) | {"charge_at_stake": money(self.charge_at_stake)}


class Breakdown:
    """Shares by key. Beyond `MOST_KEYS` keys a new one is not told apart any more, so memory is bounded."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}
        self._others = Share()

    def share(self, key: str) -> Share:
        """What falls to a key so far, to be counted up."""
        share = self._shares.get(key)
        if share is None and len(self._shares) < MOST_KEYS:
            share = self._shares[key] = Share()
        return self._others if share is None else share

    def worst(self) -> tuple[list[tuple[str, Share]], Share | None]:
        """The worst `MOST_ROWS` with their keys, worst first, and the sum of all others where there are any."""
        ranked = sorted(self._shares.items())
        ranked.sort(key=lambda item: item[1].gravity, reverse=True)
        others = attrs.evolve(self._others)
        for _, share in ranked[MOST_ROWS:]:
            others.add(share)
        return ranked[:MOST_ROWS], others if others != Share() else None


class Breakdowns:
    """The breakdowns by edit, by payer (id) and by billing provider (NPI), `""` for claims that name none.

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
