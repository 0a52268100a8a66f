"""The ledger: what became of every file that was dropped, by its content. Everything else can be lost but the files.

The words: a *drop* is one arrival of a file. Its *token* names it on disk, its *attempt* counts who has taken it into
work, and is a fence: who holds an older attempt can change nothing in the ledger any more.

States, what is on disk in each, and what whoever finds a drop so does next. A drop without an owner, or whose owner's
lease is over, is found by every watcher, and taken by the one whose `take` comes first.

===============  =================================================  ================================================
state            on disk                                            what is done next
===============  =================================================  ================================================
(no row)         the file is in in/                                 settle, then `begin`, then rename it
claiming         processing/TOKEN/ is there, and the file is in     in in/: remove the empty processing/TOKEN/ and
                 in/ or in processing/TOKEN/, never in both         forget the drop; else read it
claimed          the file is in processing/TOKEN/; perhaps part of  read and scrub it anew, into a staging folder of
                 the outputs in .staging/TOKEN-ATTEMPT/             this attempt's own
releasing        all outputs are whole and synced in .staging/,     of every move in order: where its source is there
                 the verdict and the list of moves are in the       rename it; where it is not, it was done before
                 ledger; each file is at its source or moved on
released         outputs are in clean/, rejected/, reports/ (or     nothing, for ever: the same content again is a
                 their readers took them), original in archive/     duplicate
duplicate        a report in reports/, original in archive/         nothing
quarantined      original and reason in quarantine/, no clean file  nothing; the same content again is new work
===============  =================================================  ================================================

A drop of `requeue` begins as claimed, its original in archive/ or quarantine/ (`kept_in`); `run` counts the times that
its content is released on somebody's word.

Why the promises hold
- *One owner.* A rename has one winner. Its target folder is made before the row and removed before a claim is
  forgotten, so that a watcher that wakes up late renames into nothing and loses. Each attempt stages apart from others.
- *Never twice.* A drop that is to be released *spends* its content: `conclude` and the unique index `one_release` let
  one drop do so per content and run, whatever the file was called, whoever scrubbed it, by whichever profile and
  catalogue. There is no other door to releasing.
- *Exactly once out.* The ledger says `releasing`, with the moves, before the first one, and `released` after the
  last. A rename takes the staged file away in the same step in which it appears in clean/. So after kill -9 a staged
  file that is still there was never seen by anybody, and one that is gone was handed out, also where a reader has
  taken it since. The clean file goes last of the outputs, the original after it. A share that is away looks the same:
  so a drop is finished only once its folders have been seen to be there, by the file that binds each to its ledger.
- *Where that is impossible.* When the whole machine goes down (power, kernel), a rename that a reader saw may be
  undone: then a staged clean file is there and nobody can say whether it was handed out. Such a drop, told by the boot
  it was released in, is quarantined as *in doubt*, its content spent, for a person to look at the reader's end.
  Nor does the ledger know what a reader does with a file, or that somebody removes files from .staging/ by hand.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from scrubber.dropfolder import names
from scrubber.dropfolder.database import Database
from scrubber.dropfolder.drop import Conclusion, Drop, Folder, Move, Verdict
from scrubber.dropfolder.errors import TakenOverError, WatchError

_CLOCK_MAY_DIFFER = 60.0  # who waits for the ledger comes late with his time
_FIELDS = tuple(field.name for field in attrs.fields(Drop))


class Ledger(Database):
    """An open ledger. Every method is one transaction.

    What changes a drop raises `TakenOverError` where that is not this watcher's any more, by owner and attempt.
    """

    def agree(self, layout: Mapping[str, str], now: float) -> None:
        """See that all watchers mean the same folders, for moves that are begun by one may be done by another.

        Raises `WatchError` where others are in use: by a watcher, or by a file in work.
        """
        known = self.layout()
        if known == layout:
            return
        with self._transaction() as ledger:
            watchers = ledger.execute("SELECT count(*) FROM watchers WHERE expires >= ?", (now,)).fetchone()[0]
            if known and (watchers or self.open_tokens()):
                raise WatchError("the folders are others than before, and in use: by a watcher, or by a file in work")
            ledger.execute("INSERT OR REPLACE INTO meta VALUES ('layout', ?)", (json.dumps(layout),))

    def layout(self) -> dict[str, str] | None:
        """The folders that watchers have agreed on; `None` before the first."""
        known = self._connection.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
        return json.loads(known["value"]) if known else None

    # -- watchers

    def beat(self, watcher: str, now: float, lease: float) -> None:
        """A sign of life: the watcher's files are its own until `now + lease`."""
        with self._transaction() as ledger:
            before = ledger.execute("SELECT value FROM meta WHERE key = 'clock'").fetchone()
            if before and now < float(before["value"]) - _CLOCK_MAY_DIFFER:
                _forget_times(ledger)
            ledger.execute("INSERT OR REPLACE INTO meta VALUES ('clock', ?)", (now,))
            ledger.execute("DELETE FROM watchers WHERE expires < ?", (now,))
            ledger.execute("INSERT OR REPLACE INTO watchers VALUES (?, ?)", (watcher, now + lease))

    def leave(self, watcher: str) -> None:
        """The watcher ends: what it has not finished is free for others."""
        with self._transaction() as ledger:
            ledger.execute("UPDATE drops SET owner = NULL WHERE owner = ? AND finished IS NULL", (watcher,))
            ledger.execute("DELETE FROM watchers WHERE id = ?", (watcher,))

    # -- from state to state

    def begin(self, drop: Drop) -> None:
        """Claiming: to be followed by the rename."""
        with self._transaction() as ledger:
            self._insert(ledger, drop)

    def forget(self, drop: Drop) -> None:
        """The claim came to nothing: the file is where it was, or another watcher has it."""
        with self._transaction() as ledger:
            ledger.execute("DELETE FROM drops WHERE token = ? AND state = 'claiming'", (drop.token,))

    def due(self, watcher: str, now: float) -> list[Drop]:
        """What is to be gone on with: unfinished, this watcher's own or nobody's; the oldest first."""
        return self._drops(
            "SELECT * FROM open_drops WHERE not_before <= :now AND (owner = :me OR held_until < :now) "
            "ORDER BY seen, token",
            {"now": now, "me": watcher},
        )

    def take(self, drop: Drop, watcher: str, now: float) -> Drop | None:
        """Own the drop, as a new attempt; `None` where another watcher was quicker."""
        taken = attrs.evolve(drop, owner=watcher, attempt=drop.attempt + 1)
        with self._transaction() as ledger:
            done = ledger.execute(
                "UPDATE drops SET owner = :me, attempt = attempt + 1 WHERE token = (SELECT token FROM open_drops "
                "WHERE token = :token AND attempt = :attempt AND (owner = :me OR held_until < :now))",
                {"me": watcher, "token": drop.token, "attempt": drop.attempt, "now": now},
            )
        return taken if done.rowcount else None

    def identify(self, drop: Drop, sha256: str, control: str) -> Drop:
        """Claimed: the file has been read, and gets the stem that its outputs will have."""
        return self._named(attrs.evolve(drop, state="claimed", sha256=sha256, control=control))

    def named(self, drop: Drop) -> Drop:
        """The drop with a stem, which no other ever has; one that cannot be read needs it too."""
        return drop if drop.stem else self._named(drop)

    def _named(self, drop: Drop) -> Drop:
        with self._transaction() as ledger:
            if drop.stem is None:
                drop = attrs.evolve(drop, stem=self._free_stem(ledger, drop))
            assert drop.stem is not None
            self._change(
                ledger,
                drop,
                state=drop.state,
                sha256=drop.sha256,
                control=drop.control,
                stem=os.fsencode(drop.stem),
                stem_key=names.key(drop.stem),
            )
        return drop

    def postpone(self, drop: Drop, until: float) -> None:
        """Claimed: left to whoever comes first after `until`, with what is known of its file and its tries now."""
        known = {name: getattr(drop, name) for name in ("tries", "size", "mtime_ns", "whole_by")}
        with self._transaction() as ledger:
            self._change(ledger, drop, state="claimed", owner=None, not_before=until, **known)

    def conclude(self, drop: Drop, conclusion: Conclusion, boot: str) -> Drop:
        """Releasing: the verdict stands; to be followed by the moves. Raises `AlreadyReleasedError`.

        Only a release in doubt may be concluded again, as quarantined.
        """
        changed = attrs.evolve(
            drop,
            state="releasing",
            verdict=conclusion.verdict,
            spent=drop.spent or conclusion.verdict == "released",
            reason=conclusion.reason,
            boot=boot,
            claims=conclusion.claims,
            rejected=conclusion.rejected,
        )
        fields = ("state", "verdict", "spent", "reason", "boot", "claims", "rejected")
        with self._transaction() as ledger:
            self._change(ledger, drop, **{name: getattr(changed, name) for name in fields})
            ledger.execute("DELETE FROM moves WHERE token = ?", (drop.token,))
            for place, move in enumerate(conclusion.moves):
                row = (move.from_folder, os.fsencode(move.from_name), move.to_folder, os.fsencode(move.to_name))
                ledger.execute("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?)", (drop.token, place, *row))
        return changed

    def moves(self, drop: Drop) -> list[Move]:
        """The moves of a drop that is being released, in order."""
        rows = self._connection.execute(
            "SELECT from_folder, from_name, to_folder, to_name FROM moves WHERE token = ? ORDER BY place", (drop.token,)
        )
        return [Move(row[0], os.fsdecode(row[1]), row[2], os.fsdecode(row[3])) for row in rows]

    def retarget(self, drop: Drop, move: Move, to_name: str) -> None:
        """The move goes to another name, since somebody has a file of that one."""
        with self._transaction() as ledger:
            self._change(ledger, drop, owner=drop.owner)
            ledger.execute(
                "UPDATE moves SET to_name = ? WHERE token = ? AND from_folder = ? AND from_name = ?",
                (os.fsencode(to_name), drop.token, move.from_folder, os.fsencode(move.from_name)),
            )

    def finish(self, drop: Drop, now: float) -> None:
        """Released, duplicate or quarantined: all moves are done."""
        folder, name = drop.lies
        for move in self.moves(drop):
            if (move.from_folder, move.from_name) == (folder, name):
                drop = attrs.evolve(drop, kept_in=move.to_folder, kept_name=move.to_name)
        with self._transaction() as ledger:
            if drop.lies != (folder, name):
                self._moved_away(ledger, folder, name)
            self._change(
                ledger,
                drop,
                state=drop.verdict,
                finished=now,
                owner=None,
                kept_in=drop.kept_in,
                kept_name=None if drop.kept_name is None else os.fsencode(drop.kept_name),
            )

    # -- what a content came to

    def released(self, sha256: str) -> Drop | None:
        """The first drop by which this content was released, or is being released."""
        found = self._drops(
            "SELECT * FROM drops WHERE sha256 = :sha256 AND spent ORDER BY run LIMIT 1", {"sha256": sha256}
        )
        return found[0] if found else None

    def knows(self, sha256: str | None) -> bool:
        """Whether a drop of this content came to an end."""
        query = "SELECT 1 FROM drops WHERE sha256 = ? AND finished IS NOT NULL"
        return self._connection.execute(query, (sha256,)).fetchone() is not None

    def requeue(self, kept: Drop, token: str, now: float) -> Drop:
        """A drop that scrubs a kept original anew. Raises `WatchError` where its content is in work."""
        with self._transaction() as ledger:
            same = ledger.execute("SELECT finished, spent, run FROM drops WHERE sha256 = ?", (kept.sha256,)).fetchall()
            if any(row["finished"] is None for row in same):
                raise WatchError("this content is in work, or queued already")
            drop = attrs.evolve(
                Drop(token, kept.name, kept.size, kept.mtime_ns, now),
                state="claimed",
                run=1 + max((row["run"] for row in same if row["spent"]), default=-1),
                sha256=kept.sha256,
                control=kept.control,
                kept_in=kept.kept_in,
                kept_name=kept.kept_name,
            )
            self._insert(ledger, drop)
        return drop

    def restore(self, drop: Drop) -> None:
        """Note a finished drop that an earlier ledger knew."""
        with self._transaction() as ledger:
            self._insert(ledger, attrs.evolve(drop, stem=self._free_stem(ledger, drop)))

    # -- files whose ISA is not closed

    def unclosed_since(self, name: str, size: int, mtime_ns: int, now: float) -> float:
        """Since when the file, as it is now, has been known not to close."""
        key = (os.fsencode(name), size, mtime_ns)
        row = self._connection.execute(
            "SELECT since FROM unclosed WHERE name = ? AND size = ? AND mtime_ns = ?", key
        ).fetchone()
        if row:
            return float(row["since"])
        with self._transaction() as ledger:
            ledger.execute("INSERT OR REPLACE INTO unclosed VALUES (?, ?, ?, ?)", (*key, now))
        return now

    def keep_unclosed(self, present: Iterable[str]) -> None:
        """Forget the files that are there no more."""
        known = {row["name"] for row in self._connection.execute("SELECT name FROM unclosed")}
        gone = known - {os.fsencode(name) for name in present} if known else known
        if gone:
            with self._transaction() as ledger:
                ledger.executemany("DELETE FROM unclosed WHERE name = ?", [(name,) for name in gone])

    # -- looking things up

    def find(self, wanted: str) -> list[Drop]:
        """Finished drops whose SHA-256 begins so, or whose file is or was called so; the last one first."""
        return self._drops(
            "SELECT * FROM drops WHERE finished IS NOT NULL "
            "AND (name = :name OR kept_name = :name OR substr(sha256, 1, :digits) = :sha256) "
            "ORDER BY finished DESC, seen DESC",
            {"name": os.fsencode(wanted), "sha256": wanted.lower(), "digits": max(len(wanted), names.HASH_DIGITS)},
        )

    def unfinished(self) -> list[Drop]:
        """All drops that are in work or wait for another try, the oldest first."""
        return self._drops("SELECT * FROM open_drops ORDER BY seen, token", {})

    def latest(self, verdict: Verdict, limit: int) -> list[Drop]:
        """The drops that came to a verdict last."""
        query = "SELECT * FROM drops WHERE state = :verdict ORDER BY finished DESC LIMIT :limit"
        return self._drops(query, {"verdict": verdict, "limit": limit})

    def archived_before(self, day: float) -> Iterator[tuple[str, str]]:
        """Name in the archive and SHA-256 of originals that nothing has asked for since `day`."""
        rows = self._connection.execute(
            "SELECT kept_name, max(sha256) FROM drops WHERE kept_in = 'archive' "
            "GROUP BY kept_name HAVING max(coalesce(finished, 1e99)) < ?",
            (day,),
        ).fetchall()
        return ((os.fsdecode(row[0]), row[1]) for row in rows)

    def pruned(self, kept_name: str) -> None:
        """The original is in the archive no more."""
        with self._transaction() as ledger:
            self._moved_away(ledger, "archive", kept_name)

    def counts(self) -> dict[str, int]:
        """How many drops there are in each state, and how many claims were scrubbed and rejected in all."""
        rows = self._connection.execute("SELECT state, count(*) FROM drops GROUP BY state ORDER BY state")
        found = {row[0]: row[1] for row in rows}
        claims = self._connection.execute(
            "SELECT total(claims), total(rejected) FROM drops WHERE state = 'released'"
        ).fetchone()
        return {**found, "claims": int(claims[0]), "claims_rejected": int(claims[1])}

    def open_tokens(self) -> set[str]:
        """The tokens of all drops that are not finished."""
        return {row["token"] for row in self._connection.execute("SELECT token FROM open_drops")}

    def next_due(self, watcher: str, now: float) -> float | None:
        """When the next drop is due that waits for another try."""
        row = self._connection.execute(
            "SELECT min(not_before) FROM open_drops WHERE not_before > :now AND (owner = :me OR held_until < :now)",
            {"now": now, "me": watcher},
        ).fetchone()
        return None if row[0] is None else float(row[0])

    # -- how it is done

    def _change(self, ledger: sqlite3.Connection, drop: Drop, **fields: Any) -> None:
        """Change the row of a drop that is still this watcher's."""
        setting = ", ".join(f"{name} = :{name}" for name in fields)
        done = ledger.execute(
            f"UPDATE drops SET {setting} "  # noqa: S608 - names of columns are our own
            "WHERE token = :_token AND owner = :_owner AND attempt = :_attempt AND finished IS NULL",
            {**fields, "_token": drop.token, "_owner": drop.owner, "_attempt": drop.attempt},
        )
        if not done.rowcount:
            raise TakenOverError

    def _moved_away(self, ledger: sqlite3.Connection, folder: Folder, name: str) -> None:
        ledger.execute(
            "UPDATE drops SET kept_in = NULL, kept_name = NULL WHERE kept_in = ? AND kept_name = ?",
            (folder, os.fsencode(name)),
        )

    def _insert(self, ledger: sqlite3.Connection, drop: Drop) -> None:
        row = attrs.asdict(drop) | {"name": os.fsencode(drop.name)}
        for field in ("stem", "kept_name"):
            row[field] = None if row[field] is None else os.fsencode(row[field])
        row["stem_key"] = None if drop.stem is None else names.key(drop.stem)
        marks = ", ".join(f":{name}" for name in row)
        ledger.execute(f"INSERT INTO drops ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - as above

    def _free_stem(self, ledger: sqlite3.Connection, drop: Drop) -> str:
        for stem in names.stems(names.split(drop.name)[0], drop.digits):
            if not ledger.execute("SELECT 1 FROM drops WHERE stem_key = ?", (names.key(stem),)).fetchone():
                return stem
        raise AssertionError("there is always another number")

    def _drops(self, query: str, values: dict[str, Any]) -> list[Drop]:
        return [_drop(row) for row in self._connection.execute(query, values).fetchall()]


def _forget_times(ledger: sqlite3.Connection) -> None:
    """The clock was set back: let no lease, pause or limit last until the old time is over."""
    ledger.execute("DELETE FROM watchers")  # those that live say so again
    ledger.execute("DELETE FROM unclosed")
    ledger.execute("UPDATE drops SET not_before = 0 WHERE finished IS NULL")


def _drop(row: sqlite3.Row) -> Drop:
    fields = {name: row[name] for name in _FIELDS} | {"spent": bool(row["spent"])}
    for field in ("name", "stem", "kept_name"):
        fields[field] = None if fields[field] is None else os.fsdecode(fields[field])
    return Drop(**fields)
