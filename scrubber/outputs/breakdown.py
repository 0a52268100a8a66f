"""How findings and charges spread over edits, payers and providers: counts in bounded memory, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import attrs

from scrubber.claims.once import once_per_claim
from scrubber.claims.values import money
from scrubber.edit import Severity
from scrubber.engine.judged import Disposition
from scrubber.engine.parties import billing_npi, payer_id
from scrubber.engine.record import charge_of
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.record import Shared
from scrubber.x12.remembering import remembered

MOST_KEYS = 10_000
"""How many payers, providers or edits are counted one by one. All later ones are counted together as others."""
MOST_ROWS = 1_000
"""How many of them a report names. The rest are summed up as others."""
MOST_KINDS = 512
"""How many kinds of claims are counted apart before their counts are added to the shares."""


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

    def add(self, other: Share) -> None:
        """Add the counts of another share. Without noted claims it has no other counts, only allowed amounts."""
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

    @property
    def counts_any(self) -> bool:
        """Whether it has a share."""
        return bool(self._shares)

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

    A claim counts once for its payer and its provider, and for each edit that found something or could not decide. For
    a part of a file `most` is infinite: all keys are counted one by one, so that the parts add up to the whole.

    Many claims of a file have the same payer, provider and codes. So claims are first counted by kind. These counts are
    added to the shares when there are many kinds, or when the shares are read.
    """

    def __init__(self, most: float = MOST_KEYS) -> None:
        self._most = most
        self._edit = Breakdown(most)
        self._payer = Breakdown(most)
        self._provider = Breakdown(most)
        self._total = Share()
        self._alike: dict[_Kind, _Alike] = {}

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        kind, charge, allowed = _kind_of(scrubbed)
        alike = self._alike.get(kind) or self._alike_of(kind)
        alike.claims += 1
        if charge:
            alike.charge += charge
        if allowed:
            alike.allowed += allowed

    def count_quiet(self, shared: Shared) -> None:
        """Count one quiet claim, by the values that it shares."""
        kind = _quiet_kind(shared)
        alike = self._alike.get(kind) or self._alike_of(kind)
        alike.claims += 1

    def add(self, part: Breakdowns) -> None:
        """Add the counts of the next claims, made with `most` infinite."""
        if part._total.claims:  # some of its kinds have been added to its shares
            self._add_kinds()
            self._edit.add(part._edit)
            self._payer.add(part._payer)
            self._provider.add(part._provider)
            self._total.add(part._total)
        self._add_alike((kind, one.claims, one.charge, one.allowed) for kind, one in part._alike.items())

    def _add_alike(self, counted: Iterable[tuple[_Kind, int, Decimal, Decimal]]) -> None:
        """Add claims by kind: how many they are, and their charges and allowed amounts at stake."""
        for kind, claims, charge, allowed in counted:
            alike = self._alike_of(kind)
            alike.claims += claims
            if charge:
                alike.charge += charge
            if allowed:
                alike.allowed += allowed

    def __getstate__(self) -> tuple[Any, ...]:
        """For pickling: `most`, the shares if there are any, and the counts by kind as columns.

        A part of a file has no shares as a rule, and each report has such a part. This takes a third of the usual time.
        """
        shares = (self._edit, self._payer, self._provider, self._total) if self._payer.counts_any else None
        columns = zip(*((kind, one.claims, one.charge, one.allowed) for kind, one in self._alike.items()), strict=True)
        return self._most, shares, *columns

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """As it was when it was pickled. Equal kinds that were two objects are one now, and counted together."""
        most, shares, *columns = state
        self.__init__(most)  # type: ignore[misc]
        if shares:
            self._edit, self._payer, self._provider, self._total = shares
        self._add_alike(zip(*columns, strict=True))

    @property
    def edit(self) -> Breakdown:
        """The shares by edit."""
        self._add_kinds()
        return self._edit

    @property
    def payer(self) -> Breakdown:
        """The shares by payer."""
        self._add_kinds()
        return self._payer

    @property
    def provider(self) -> Breakdown:
        """The shares by billing provider."""
        self._add_kinds()
        return self._provider

    def total(self) -> Share:
        """The counts of all claims since the last call."""
        self._add_kinds()
        total, self._total = self._total, Share()
        return total

    def _alike_of(self, kind: _Kind) -> _Alike:
        """The counts of a kind, for counting."""
        alike = self._alike.get(kind)
        if alike is None:
            if len(self._alike) == MOST_KINDS:
                self._add_kinds()
            alike = self._alike[kind] = _Alike()
        return alike

    def _add_kinds(self) -> None:
        """Add the counts of each kind to the shares, in the order of their first claims."""
        for kind, alike in self._alike.items():
            every, by_code = _shares(kind, alike)
            self._total.add(every)
            self._payer.share(kind.payer).add(every)
            self._provider.share(kind.provider).add(every)
            for code, share in by_code.items():
                self._edit.share(code).add(share)
        self._alike = {}

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


@attrs.frozen(eq=False)
class _Kind:
    """What the claims of a kind have in common: keys, disposition, codes with severities, codes not checked.

    `priced` says whether Medicare's payment limits are loaded.
    """

    payer: str = attrs.field(repr=False)
    provider: str = attrs.field(repr=False)
    disposition: Disposition
    found: tuple[tuple[str, Severity | None], ...]
    undecided: tuple[str, ...]
    priced: bool

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as a call of `_kind`, so that it is looked up by identity where it arrives, too."""
        return _kind, (self.payer, self.provider, self.disposition, self.found, self.undecided, self.priced)


@attrs.define
class _Alike:
    """How many claims of a kind there are, and the charges and allowed amounts that they have at stake."""

    claims: int = 0
    charge: Decimal = Decimal(0)
    allowed: Decimal = Decimal(0)


@lru_cache(maxsize=MOST_KINDS)
def _kind(*values: Any) -> _Kind:
    """Makes a kind, or gives the same one again. So kinds are looked up by identity, which takes no time."""
    return _Kind(*values)


@once_per_claim
def _kind_of(scrubbed: ScrubbedClaim) -> tuple[_Kind, Decimal | None, Decimal | None]:
    """The kind of a claim, and its charge and allowed amount if it is rejected or flagged."""
    claim, price, disposition = scrubbed.claim, scrubbed.price, scrubbed.disposition
    findings, not_checked = scrubbed.findings, scrubbed.not_checked
    kind = _kind(
        payer_id(claim),
        billing_npi(claim),
        disposition,
        tuple([(finding.code, finding.severity) for finding in findings]) if findings else (),
        tuple([item.code for item in not_checked]) if not_checked else (),
        price is not None,
    )
    if disposition == "clean":
        return kind, None, None
    return kind, charge_of(claim), price.allowed if price else None


@remembered(MOST_KINDS)
def _quiet_kind(shared: Shared) -> _Kind:
    """The kind of quiet claims that share these values."""
    return _kind(shared.payer_id or "", shared.billing_npi or "", "clean", (), (), False)


def _shares(kind: _Kind, alike: _Alike) -> tuple[Share, Mapping[str, Share]]:
    """The counts of the claims of a kind: in all, and for each edit that found something or could not decide."""
    count, undecided = alike.claims, set(kind.undecided)
    rejected, flagged = (count * (kind.disposition == name) for name in ("rejected", "flagged"))
    allowed = alike.allowed if kind.priced else None
    noted = count * bool(kind.found or undecided)
    every = Share(count, rejected, flagged, noted, count * bool(undecided))
    every.charge_at_stake, every.allowed_at_stake = alike.charge, allowed
    by_code: dict[str, Share] = {}
    for code, severity in kind.found:
        share = by_code.get(code)
        if share is None:
            share = by_code[code] = Share(count, rejected, flagged, count)
            share.charge_at_stake, share.allowed_at_stake = alike.charge, allowed
        for counts in (every, share):
            setattr(counts, str(severity), getattr(counts, str(severity)) + count)
    for code in kind.undecided:
        by_code.setdefault(code, Share(noted=count)).undecided = count
    return every, by_code
