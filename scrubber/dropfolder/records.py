"""Queries of the ledger. They change nothing."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from typing import Any

import attrs

from scrubber.dropfolder import names
from scrubber.dropfolder.database import Database
from scrubber.dropfolder.drop import FROM_HELD, Drop, Move, Verdict
from scrubber.running import run

NAMES = ("name", "stem", "kept_name")
"""The fields of a drop that are names of files, which may be any bytes."""
DUE_NOTICE = (
    "notify AND (owner IS NULL OR owner = :me "
    "OR NOT EXISTS (SELECT 1 FROM watchers WHERE id = owner AND expires >= :now))"
)
_NOTICES = 10
_FIELDS = tuple(field.name for field in attrs.fields(Drop))


class Records(Database):
    """The rows of an open ledger, to be read."""

    def layout(self) -> dict[str, str] | None:
        """The stored folders; `None` before the first watcher."""
        return self.stored("layout")

    def stored(self, name: str) -> dict[str, Any] | None:
        """What the last watcher stored under a name; `None` before the first one."""
        known = self._connection.execute("SELECT value FROM meta WHERE key = ?", (name,)).fetchone()
        return json.loads(known["value"]) if known else None

    def moves(self, drop: Drop) -> list[Move]:
        """The moves of a drop that is being released, in order."""
        rows = self._connection.execute(
            "SELECT from_folder, from_name, to_folder, to_name FROM moves WHERE token = ? ORDER BY place", (drop.token,)
        )
        return [Move(row[0], os.fsdecode(row[1]), row[2], os.fsdecode(row[3])) for row in rows]

    def longest_lease(self, now: float) -> float:
        """The seconds until no watcher counts as running any more, unless one renews its lease; 0 if none runs."""
        (latest,) = self._connection.execute("SELECT max(expires) FROM watchers").fetchone()
        return max(0.0, (latest or 0.0) - now)

    def released(self, sha256: str) -> Drop | None:
        """The first drop that released this content, or is releasing it."""
        found = self._drops(
            "SELECT * FROM drops WHERE sha256 = :sha256 AND spent ORDER BY run LIMIT 1", {"sha256": sha256}
        )
        return found[0] if found else None

    def release_of_held(self, wanted: str) -> Drop | None:
        """The last release of a held file, by its SHA-256, the first digits of that, or its name."""
        found = self._drops(
            "SELECT * FROM drops WHERE run = :run AND sha256 IS NOT NULL "
            "AND (name = :name OR substr(sha256, 1, :digits) = :sha256) ORDER BY seen DESC LIMIT 1",
            {"run": FROM_HELD, **_wanted(wanted)},
        )
        return found[0] if found else None

    def origin(self, held_name: str) -> Drop | None:
        """The drop whose claims a file in held/ has; `None` where the ledger does not know it."""
        found = self._drops(
            "SELECT * FROM drops WHERE token = (SELECT token FROM moves WHERE to_folder = 'held' AND to_name = :name) "
            "OR stem_key = :stem",
            {"name": os.fsencode(held_name), "stem": names.key(held_name.removesuffix(run.HELD))},
        )
        first = found[0] if found else None
        return self.origin(first.name) if first and first.run == FROM_HELD else first

    def knows(self, sha256: str | None) -> bool:
        """Whether a drop of this content was finished."""
        query = "SELECT 1 FROM drops WHERE sha256 = ? AND finished IS NOT NULL"
        return self._connection.execute(query, (sha256,)).fetchone() is not None

    def find(self, wanted: str) -> list[Drop]:
        """Finished drops by the start of their SHA-256, or by a present or former file name; the latest first."""
        return self._drops(
            "SELECT * FROM drops WHERE finished IS NOT NULL "
            "AND (name = :name OR kept_name = :name OR substr(sha256, 1, :digits) = :sha256) "
            "ORDER BY finished DESC, seen DESC",
            _wanted(wanted),
        )

    def unfinished(self) -> list[Drop]:
        """Drops that are in work or wait for another try, the oldest first."""
        return self._drops("SELECT * FROM open_drops ORDER BY seen, token", {})

    def latest(self, verdict: Verdict, limit: int) -> list[Drop]:
        """The latest drops of a verdict. Releases of held files are left out: their claims came with another drop."""
        query = "SELECT * FROM drops WHERE state = :verdict AND run != :run ORDER BY finished DESC LIMIT :limit"
        return self._drops(query, {"verdict": verdict, "limit": limit, "run": FROM_HELD})

    def all_released(self) -> list[Drop]:
        """The drops that were released, releases of held files too, the oldest first."""
        return self._drops("SELECT * FROM drops WHERE state = 'released' ORDER BY finished, seen, token", {})

    def released_claims(self, drop: Drop) -> bytes | None:
        """Which claims of a drop went out (see `Conclusion`), `None` if that is not known."""
        row = self._connection.execute("SELECT claims FROM went WHERE token = ?", (drop.token,)).fetchone()
        return row["claims"] if row else None

    def archived_before(self, day: float) -> Iterator[tuple[str, str]]:
        """Name and SHA-256 of archived originals whose last drop was finished before `day`."""
        rows = self._connection.execute(
            "SELECT kept_name, max(sha256) FROM drops WHERE kept_in = 'archive' "
            "GROUP BY kept_name HAVING max(coalesce(finished, 1e99)) < ?",
            (day,),
        ).fetchall()
        return ((os.fsdecode(row[0]), row[1]) for row in rows)

    def counts(self) -> dict[str, int]:
        """Number of drops in each state, and of the claims of released files by what became of them."""
        rows = self._connection.execute(
            "SELECT CASE WHEN run = ? AND finished THEN 'released_held' ELSE state END AS what, count(*) FROM drops "
            "GROUP BY what ORDER BY what",
            (FROM_HELD,),
        )
        found = {row[0]: row[1] for row in rows}
        claims = self._connection.execute(
            "SELECT total(claims) AS claims, total(rejected) AS claims_rejected, total(flagged) AS claims_flagged, "
            "total(held) AS claims_held FROM drops WHERE state = 'released' AND run != ?",
            (FROM_HELD,),
        ).fetchone()
        return {**found, **{name: int(claims[name]) for name in claims.keys()}}  # noqa: SIM118 - a row, not a dict

    def notices(self, watcher: str, now: float) -> list[Drop]:
        """The finished drops that this watcher is to report, or that have no owner; a few, in order."""
        return self._drops(
            f"SELECT * FROM drops WHERE {DUE_NOTICE} ORDER BY finished, token LIMIT :most",  # noqa: S608 - our own text
            {"me": watcher, "now": now, "most": _NOTICES},
        )

    def open_tokens(self) -> set[str]:
        """Tokens of the unfinished drops."""
        return {row["token"] for row in self._connection.execute("SELECT token FROM open_drops")}

    def next_due(self, watcher: str, now: float) -> float | None:
        """When the next drop that waits for another try is due."""
        row = self._connection.execute(
            "SELECT min(not_before) FROM open_drops WHERE not_before > :now AND (owner = :me OR held_until < :now)",
            {"now": now, "me": watcher},
        ).fetchone()
        return None if row[0] is None else float(row[0])

    def _drops(self, query: str, values: dict[str, Any]) -> list[Drop]:
        return [_drop(row) for row in self._connection.execute(query, values).fetchall()]


def _wanted(wanted: str) -> dict[str, Any]:
    """A file by its name or the start of its SHA-256, for a query."""
    digits = max(len(wanted), names.HASH_DIGITS)
    return {"name": os.fsencode(wanted), "sha256": wanted.lower(), "digits": digits}


def _drop(row: sqlite3.Row) -> Drop:
    fields = {name: row[name] for name in _FIELDS} | {key: bool(row[key]) for key in ("spent", "notify")}
    for field in NAMES:
        fields[field] = None if fields[field] is None else os.fsdecode(fields[field])
    if fields["findings"] is not None:
        fields["findings"] = json.loads(fields["findings"])
    return Drop(**fields)
