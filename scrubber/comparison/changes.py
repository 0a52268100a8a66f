"""What changed between two runs: of a claim, by edit, by payer, and over all. Counts are in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from scrubber.claims.values import money
from scrubber.comparison.pairing import Pair, Pairing, ReportedClaim, ReportedFinding, Run
from scrubber.edit import SEVERITIES
from scrubber.outputs.breakdown import MOST_KEYS

DISPOSITIONS = ("rejected", "flagged", "clean")
"""From the highest severity to the lowest."""
OTHERS = "others"
"""The key of the count that the payers after the first `MOST_KEYS` share."""

Regraded: TypeAlias = tuple[ReportedFinding, ReportedFinding]
"""A finding of both runs that has another severity now: as it was, as it is."""


@attrs.frozen
class ClaimChange:
    """A claim that the two runs judge differently.

    `came` and `went` are findings of only the new or only the old run. `now_checked` and `now_unchecked` are codes of
    edits that could not decide in one of the runs.
    """

    path: str
    old: ReportedClaim
    new: ReportedClaim
    came: tuple[ReportedFinding, ...]
    went: tuple[ReportedFinding, ...]
    regraded: tuple[Regraded, ...]
    now_checked: tuple[str, ...]
    now_unchecked: tuple[str, ...]

    @property
    def of_findings(self) -> bool:
        """Whether findings differ. Else the claim only has other edits that could not decide."""
        return bool(self.came or self.went or self.regraded)

    @property
    def all_findings(self) -> Sequence[ReportedFinding]:
        """All findings that differ."""
        return (*self.came, *self.went, *(after for _, after in self.regraded))


def change_of(path: str, old: ReportedClaim, new: ReportedClaim) -> ClaimChange:
    """What differs between a claim of the old run and the same claim of the new run."""
    went, came = _only_in(old.findings, new.findings), _only_in(new.findings, old.findings)
    regraded = []
    for before in tuple(went):
        after = next((item for item in came if item.key == before.key), None)
        if after:
            regraded.append((before, after))
            went.remove(before)
            came.remove(after)
    return ClaimChange(
        path,
        old,
        new,
        tuple(came),
        tuple(went),
        tuple(regraded),
        tuple(code for code in old.not_checked if code not in new.not_checked),
        tuple(code for code in new.not_checked if code not in old.not_checked),
    )


def _only_in(some: Sequence[ReportedFinding], others: Iterable[ReportedFinding]) -> list[ReportedFinding]:
    """Those of `some` that `others` do not have, each as often as it is there more often. Messages may differ."""
    there = Counter((item.key, item.severity) for item in others)
    alone = []
    for item in some:
        if there[item.key, item.severity]:
            there[item.key, item.severity] -= 1
        else:
            alone.append(item)
    return alone


@attrs.define
class Tally:
    """Counts for one edit or payer, or for all.

    `claims` are those whose findings changed. `came`, `went`, `graver` and `milder` count findings, `now_checked` and
    `now_unchecked` the claims on which an edit can or cannot decide any more. `newly_rejected` and `no_longer_rejected`
    count claims, and the charges are theirs, in US dollars.
    """

    claims: int = 0
    came: int = 0
    went: int = 0
    graver: int = 0
    milder: int = 0
    now_checked: int = 0
    now_unchecked: int = 0
    newly_rejected: int = 0
    no_longer_rejected: int = 0
    charge_newly_rejected: Decimal = Decimal(0)
    charge_no_longer_rejected: Decimal = Decimal(0)

    def count(
        self,
        change: ClaimChange,
        came: Sequence[ReportedFinding],
        went: Sequence[ReportedFinding],
        regraded: Sequence[Regraded],
    ) -> None:
        """Count a claim with some of its findings that changed.

        It is newly rejected, or no longer rejected, through a reject among these findings.
        """
        self.claims += 1
        self.came += len(came)
        self.went += len(went)
        for before, after in regraded:
            if _gravity(after) < _gravity(before):
                self.graver += 1
            else:
                self.milder += 1
        was, now = (claim.disposition == "rejected" for claim in (change.old, change.new))
        if now and not was and _rejecting((*came, *(after for _, after in regraded))):
            self.newly_rejected += 1
            self.charge_newly_rejected += charge_of(change.new)
        if was and not now and _rejecting((*went, *(before for before, _ in regraded))):
            self.no_longer_rejected += 1
            self.charge_no_longer_rejected += charge_of(change.old)

    def record(self) -> dict[str, Any]:
        """As reports write it."""
        return {
            name: money(value) if isinstance(value, Decimal) else value for name, value in attrs.asdict(self).items()
        }


def _gravity(finding: ReportedFinding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)


def _rejecting(findings: Iterable[ReportedFinding]) -> bool:
    return any(item.severity == "reject" for item in findings)


def charge_of(claim: ReportedClaim) -> Decimal:
    """The charge of a claim in US dollars, zero if it has none."""
    return claim.charge or Decimal(0)


class RunComparison:
    """The comparison of two runs. `changes` gives the changed claims one by one; the counts are whole after the last.

    `moves` counts the claims of both runs by old and new disposition, `only_old` and `only_new` those of one run by
    disposition. Of the old and the new run, `at_stake` are the charges of rejected and flagged claims, `allowed` is
    what Medicare allows for all claims, and `allowed_at_stake` for the rejected and flagged ones. Both are `None` for
    a run without payment limits.
    """

    def __init__(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self.all = Tally()
        self.by_edit: dict[str, Tally] = {}
        self.by_payer: dict[str, Tally] = {}
        self.moves: Counter[tuple[str, str]] = Counter()
        self.only_old: Counter[str] = Counter()
        self.only_new: Counter[str] = Counter()
        self.at_stake: list[Decimal | None] = [Decimal(0), Decimal(0)]
        self.allowed: list[Decimal | None] = [None, None]
        self.allowed_at_stake: list[Decimal | None] = [None, None]

    @property
    def old(self) -> Run:
        """The old run."""
        return self._pairing.old

    @property
    def new(self) -> Run:
        """The new run."""
        return self._pairing.new

    @property
    def differs(self) -> bool:
        """Whether a claim is judged differently, or is in only one of the runs, or a file has another status."""
        counts = self.all
        changed = counts.claims or counts.now_checked or counts.now_unchecked
        return bool(changed or self.only_old or self.only_new or any(self.changed_files()))

    def changes(self) -> Iterator[ClaimChange]:
        """The claims that the runs judge differently, in the order of the old run. Ask for them once."""
        for pair in self._pairing:
            self._count(pair)
            if pair.old and pair.new and not pair.same:
                change = change_of(pair.path, pair.old, pair.new)
                self._count_change(change)
                yield change

    def changed_files(self) -> Iterator[dict[str, Any]]:
        """The files that only one run has, and those with another status or other errors, as reports write them."""
        for old, new in self._pairing.files:
            came = sorted(((new.errors if new else Counter()) - (old.errors if old else Counter())).elements())
            went = sorted(((old.errors if old else Counter()) - (new.errors if new else Counter())).elements())
            status = [file and file.status for file in (old, new)]
            if came or went or status[0] != status[1]:
                path = next(file.path for file in (new, old) if file)
                yield {"path": path, "old": status[0], "new": status[1], "errors_came": came, "errors_went": went}

    def changed_rules(self) -> Mapping[str, tuple[Any, Any]]:
        """What the claims were judged by, where it differs: the old and the new fingerprint."""
        old, new = self.old.rules, self.new.rules
        return {name: (old.get(name), new[name]) for name in new if old.get(name) != new[name]}

    def tables(self) -> tuple[list[str], list[str]]:
        """Codes of edits whose table only the new run, or only the old run, had loaded."""
        lacking = [{code for file in run.files for code in file.unavailable} for run in (self.old, self.new)]
        return sorted(lacking[0] - lacking[1]), sorted(lacking[1] - lacking[0])

    def _count(self, pair: Pair) -> None:
        for number, claim in enumerate((pair.old, pair.new)):
            if claim is None:
                continue
            stake = claim.disposition != "clean"
            _add(self.at_stake, number, charge_of(claim), counts=stake)
            if claim.allowed is not None:
                _add(self.allowed, number, claim.allowed, counts=True)
                _add(self.allowed_at_stake, number, claim.allowed, counts=stake)
        if pair.old and pair.new:
            self.moves[pair.old.disposition, pair.new.disposition] += 1
        elif pair.old:
            self.only_old[pair.old.disposition] += 1
        elif pair.new:
            self.only_new[pair.new.disposition] += 1

    def _count_change(self, change: ClaimChange) -> None:
        by_payer = _tally(self.by_payer, change.new.payer_id)
        for tally in (self.all, by_payer):
            if change.of_findings:
                tally.count(change, change.came, change.went, change.regraded)
            tally.now_checked += bool(change.now_checked)
            tally.now_unchecked += bool(change.now_unchecked)
        for code in sorted({item.key.code for item in change.all_findings}):
            _tally(self.by_edit, code).count(
                change,
                [item for item in change.came if item.key.code == code],
                [item for item in change.went if item.key.code == code],
                [both for both in change.regraded if both[1].key.code == code],
            )
        for code in change.now_checked:
            _tally(self.by_edit, code).now_checked += 1
        for code in change.now_unchecked:
            _tally(self.by_edit, code).now_unchecked += 1


def _add(sums: list[Decimal | None], number: int, amount: Decimal, *, counts: bool) -> None:
    sums[number] = (sums[number] or Decimal(0)) + (amount if counts else 0)


def _tally(tallies: dict[str, Tally], key: str) -> Tally:
    """The count of a key. All keys after the first `MOST_KEYS` share one."""
    if key not in tallies and len(tallies) >= MOST_KEYS:
        key = OTHERS
    return tallies.setdefault(key, Tally())
