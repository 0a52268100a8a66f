"""The drops of a watched folder, from its ledger and its reports: by day and payer, by edit, and by week."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import ijson

from scrubber.dropfolder import operations
from scrubber.outputs.wording import escaped
from scrubber.service.errors import RequestError
from scrubber.side_files.plain_file import open_plain
from scrubber.side_files.plain_text import json_events

WEEKS = 12
"""How far back the pages look."""
MOST_DROPS = 2000
OTHERS = "others"
"""The payers that a report does not list one by one."""

_JSON, _HTML = ".report.json", ".report.html"


@attrs.frozen
class ClaimCounts:
    """Claims with their dispositions, and the charges at stake in US dollars."""

    claims: int = 0
    rejected: int = 0
    flagged: int = 0
    stake: Decimal = Decimal(0)

    def __add__(self, other: ClaimCounts) -> ClaimCounts:
        return ClaimCounts(
            self.claims + other.claims,
            self.rejected + other.rejected,
            self.flagged + other.flagged,
            self.stake + other.stake,
        )

    @property
    def clean_rate(self) -> float | None:
        """The clean claims of all, in percent; `None` without claims."""
        return 100 * (self.claims - self.rejected - self.flagged) / self.claims if self.claims else None


@attrs.frozen
class ReleasedDrop:
    """A released drop, with what its report says. `readable` is whether the report is still there.

    `name` is the name of its file, fit to be shown. `finished` is when it was released, in seconds since 1970.
    """

    token: str
    name: str
    finished: float
    payers: Mapping[str, ClaimCounts]
    edits: Mapping[str, int] = attrs.field(factory=dict)
    readable: bool = False

    @cached_property
    def total(self) -> ClaimCounts:
        """Of all payers together."""
        return sum(self.payers.values(), ClaimCounts())

    @property
    def day(self) -> datetime.date:
        """The day of its release, local time."""
        return datetime.datetime.fromtimestamp(self.finished).astimezone().date()


@attrs.frozen
class Overview:
    """What the page shows of the drops."""

    drops: Sequence[ReleasedDrop]

    @property
    def total(self) -> ClaimCounts:
        """Of all drops together."""
        return sum((item.total for item in self.drops), ClaimCounts())

    @property
    def by_day_and_payer(self) -> list[tuple[datetime.date, str, ClaimCounts]]:
        """A row for each day and payer, the latest day first."""
        sums: dict[tuple[datetime.date, str], ClaimCounts] = {}
        for item in self.drops:
            for payer, counts in item.payers.items():
                sums[item.day, payer] = sums.get((item.day, payer), ClaimCounts()) + counts
        order = sorted(sums, key=lambda key: (-key[0].toordinal(), -sums[key].stake, key[1]))
        return [(*key, sums[key]) for key in order]

    @property
    def by_week(self) -> list[tuple[datetime.date, ClaimCounts]]:
        """A row for each week, named by its Monday, the earliest first."""
        sums: dict[datetime.date, ClaimCounts] = {}
        for item in self.drops:
            monday = item.day - datetime.timedelta(days=item.day.weekday())
            sums[monday] = sums.get(monday, ClaimCounts()) + item.total
        return sorted(sums.items())

    @property
    def by_edit(self) -> list[tuple[str, int]]:
        """The findings of each edit, the most frequent first."""
        return sum((Counter(item.edits) for item in self.drops), Counter[str]()).most_common()


class Drops:
    """Reads the ledger and the reports of a drop folder. What a report says is kept, as it does not change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, ReleasedDrop] = {}

    def overview(self) -> Overview:
        """The drops of the last weeks. Raises `WatchError`."""
        since = time.time() - WEEKS * 7 * 86_400
        with operations.released(self._root) as released:
            recent = [drop for drop in released.latest(MOST_DROPS) if (drop.finished or 0) >= since]
            drops = []
            for drop in recent:
                counts = ClaimCounts(drop.claims or 0, drop.rejected or 0)
                of_ledger = ReleasedDrop(drop.token, escaped(drop.name), drop.finished or 0, {OTHERS: counts})
                drops.append(self._known.get(drop.token) or _with_report(of_ledger, released.report(drop, _JSON)))
        self._known = {item.token: item for item in drops if item.readable}
        return Overview(drops)

    def report(self, token: str) -> Path:
        """The HTML report of a drop. Raises `RequestError` 404, and `WatchError`."""
        with operations.released(self._root) as released:
            for drop in released.latest(MOST_DROPS):
                if drop.token == token:
                    path = released.report(drop, _HTML)
                    if path.is_file():
                        return path
        raise RequestError(404, "there is no report of this drop")


def _with_report(of_ledger: ReleasedDrop, report: Path) -> ReleasedDrop:
    """A drop with what its JSON report says. If the report is gone, it is as the ledger alone has it."""
    try:
        with open_plain(report) as file:
            payers = dict(_payers(ijson.items(json_events(file), "breakdowns.payer")))
            file.seek(0)
            edits: dict[str, int] = next(ijson.items(json_events(file), "summary.findings"), {})
    except (OSError, ijson.JSONError, KeyError, TypeError, ValueError):
        return of_ledger
    return attrs.evolve(of_ledger, payers=payers, edits=edits, readable=True)


def _payers(breakdowns: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, ClaimCounts]]:
    for breakdown in breakdowns:
        for record in breakdown["shares"]:
            yield record["payer_id"] or "no id", _counts_of(record)
        if breakdown.get("others"):
            yield OTHERS, _counts_of(breakdown["others"])


def _counts_of(record: Mapping[str, Any]) -> ClaimCounts:
    stake = Decimal(record["charge_at_stake"] or 0)
    return ClaimCounts(int(record["claims"]), int(record["rejected"]), int(record["flagged"]), stake)
