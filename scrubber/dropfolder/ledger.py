"""The ledger: what became of every dropped file, by its content. All other state can be rebuilt; the files cannot.

Words: a *drop* is one arrival of a file. Its *token* names it on disk. Its *attempt* counts the watchers that took it
into work, and fences them: a watcher that holds an older attempt cannot change the ledger.

The table gives the states, the files on disk in each, and the next step for a watcher that finds a drop in it. Every
watcher finds a drop that has no owner, or an owner whose lease is over. The first `take` wins.

===============  =================================================  ================================================
state            on disk                                            next step
===============  =================================================  ================================================
(no row)         the file is in in/                                 settle, then `begin`, then rename it
claiming         processing/TOKEN/ exists; the file is in in/ or    file in in/: remove the empty processing/TOKEN/
                 in processing/TOKEN/, never in both                and forget the drop; else read the file
claimed          the file is in processing/TOKEN/; maybe a part of  read and scrub it again, into a new staging
                 the outputs in .staging/TOKEN-ATTEMPT/             folder of this attempt
releasing        all outputs are whole and synced in .staging/;     for each move in order: rename the file if it is
                 verdict and moves are in the ledger; each file     still at its old path; if not, the move was done
                 has its old path or its new one                    before
released         outputs are in clean/, held/, rejected/, reports/  nothing, ever: the same content again is a
                 (or were taken), original in archive/              duplicate
duplicate        a report in reports/, original in archive/         nothing
quarantined      original and reason in quarantine/, no clean file  nothing; the same content again is new work
===============  =================================================  ================================================

A drop of `requeue` starts as claimed, with its original in archive/ or quarantine/ (`kept_in`). `run` counts the
releases of one content that operators asked for.

Why the promises hold
- *One owner.* Only one watcher can rename a file. The target folder is made before the row and removed before a claim
  is forgotten. A watcher that wakes up late has no folder to rename into, and fails. Each attempt has its own staging
  folder.
- *Never twice.* A release *spends* its content. `conclude` and the unique index `one_release` let one drop spend a
  content per run, under any file name, watcher, profile or catalogue. No other code path leads to releasing.
- *Exactly once out.* The ledger says `releasing`, with the moves, before the first move, and `released` after the
  last. One rename takes the staged file away and puts it into clean/. So after kill -9, nobody has seen a clean file
  that is still staged, and one that is no longer staged was handed out, even if its reader has already taken it. The
  clean file is the last output to move; the original moves after it. A missing share looks like missing files. A drop
  is therefore finished only after the ledger marker has been seen in each folder.
- *Where that is impossible.* If the whole machine goes down (power, kernel), the file system may undo a rename that a
  reader saw. The clean file is then staged, and nobody knows whether it was handed out. The ledger stores the boot id
  of a release, so this case is detected: the drop is quarantined as *in doubt*, its content stays spent, and a person
  asks the reader. The ledger does not know what a reader does with a file, or whether a person removes files from
  .staging/ by hand.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from scrubber.dropfolder import names
from scrubber.dropfolder.database import Generation
from scrubber.dropfolder.drop import Conclusion, Drop, Folder, Move
from scrubber.dropfolder.errors import TakenOverError, WatchError
from scrubber.dropfolder.records import DUE_NOTICE, NAMES, Records
from scrubber.outputs.summary import Counts

LAST_STATE = "history_state"
"""Under this name is the state of the history at the last release."""
_COUNTED = ("claims", "rejected", "flagged", "held", "findings")
_OF_HELD = ("sha256", "control", "run", "stem", "kept_in", "kept_name")
_CLOCK_MAY_DIFFER = 60.0  # a watcher that waited for the ledger brings an old time


class Ledger(Records):
    """An open ledger. Every method is one transaction.

    Methods that change a drop raise `TakenOverError` where it has another owner or a later attempt.
    """

    def agree_on_folders(self, layout: Mapping[str, str], now: float) -> None:
        """Store the folders. All watchers must use the same ones, since one may finish the moves of another.

        Raises `WatchError` where other folders are in use by a watcher or by a file in work.
        """
        known = self.layout()
        if known == layout:
            return
        with self._transaction() as ledger:
            watchers = ledger.execute("SELECT count(*) FROM watchers WHERE expires >= ?", (now,)).fetchone()[0]
            moved = known is not None and any(layout.get(folder) != path for folder, path in known.items())
            if moved and (watchers or self.open_tokens()):
                raise WatchError("the folders differ from those in use by another watcher or a file in work")
            ledger.execute("INSERT OR REPLACE INTO meta VALUES ('layout', ?)", (json.dumps(layout),))

    def store(self, **given: Mapping[str, Any]) -> None:
        """Store the settings and options that the last watcher was started with; `stored` gives them back."""
        rows = [(name, json.dumps(value)) for name, value in given.items()]
        if any(self.stored(name) != json.loads(value) for name, value in rows):
            with self._transaction() as ledger:
                ledger.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    # -- watchers

    def heartbeat(self, watcher: str, now: float, lease: float) -> None:
        """Renew the lease: the watcher owns its files until `now + lease`."""
        with self._transaction() as ledger:
            before = ledger.execute("SELECT value FROM meta WHERE key = 'clock'").fetchone()
            if before and now < float(before["value"]) - _CLOCK_MAY_DIFFER:
                _forget_times(ledger)
            ledger.execute("INSERT OR REPLACE INTO meta VALUES ('clock', ?)", (now,))
            ledger.execute("DELETE FROM watchers WHERE expires < ?", (now,))
            ledger.execute("INSERT OR REPLACE INTO watchers VALUES (?, ?)", (watcher, now + lease))

    def sign_off(self, watcher: str) -> None:
        """End the lease: other watchers may take the unfinished files."""
        with self._transaction() as ledger:
            ledger.execute("UPDATE drops SET owner = NULL WHERE owner = ?", (watcher,))
            ledger.execute("DELETE FROM watchers WHERE id = ?", (watcher,))

    # -- from state to state

    def begin(self, drop: Drop) -> None:
        """To state claiming. The rename of the file must follow."""
        with self._transaction() as ledger:
            self._insert(ledger, drop)

    def forget(self, drop: Drop) -> None:
        """Delete a failed claim: the file is where it was, or another watcher has it."""
        with self._transaction() as ledger:
            ledger.execute("DELETE FROM drops WHERE token = ? AND state = 'claiming'", (drop.token,))

    def due(self, watcher: str, now: float) -> list[Drop]:
        """Unfinished drops that are this watcher's own or have no owner; the oldest first."""
        return self._drops(
            "SELECT * FROM open_drops WHERE not_before <= :now AND (owner = :me OR held_until < :now) "
            "ORDER BY seen, token",
            {"now": now, "me": watcher},
        )

    def left(self, watcher: str, now: float) -> int:
        """How many drops are unfinished and in no other watcher's work. They are due, or wait for their next try."""
        query = "SELECT count(*) FROM open_drops WHERE owner = :me OR held_until < :now"
        return int(self._connection.execute(query, {"now": now, "me": watcher}).fetchone()[0])

    def take(self, drop: Drop, watcher: str, now: float) -> Drop | None:
        """Become the owner of a drop, as a new attempt; `None` where another watcher was first."""
        taken = attrs.evolve(drop, owner=watcher, attempt=drop.attempt + 1)
        with self._transaction() as ledger:
            done = ledger.execute(
                "UPDATE drops SET owner = :me, attempt = attempt + 1 WHERE token = (SELECT token FROM open_drops "
                "WHERE token = :token AND attempt = :attempt AND (owner = :me OR held_until < :now))",
                {"me": watcher, "token": drop.token, "attempt": drop.attempt, "now": now},
            )
        return taken if done.rowcount else None

    def identify(self, drop: Drop, sha256: str, control: str) -> Drop:
        """To state claimed: the file was read. It gets the stem of its outputs."""
        return self._named(attrs.evolve(drop, state="claimed", sha256=sha256, control=control))

    def named(self, drop: Drop) -> Drop:
        """The drop with a unique stem. A file that cannot be read needs one too."""
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
        """Back to state claimed, without owner until `until`; store the tries and what is known of the file."""
        known = {name: getattr(drop, name) for name in ("tries", "size", "mtime_ns", "whole_by")}
        with self._transaction() as ledger:
            self._change(ledger, drop, state="claimed", owner=None, not_before=until, **known)

    def conclude(self, drop: Drop, conclusion: Conclusion, boot: str) -> Drop:
        """To state releasing: the verdict is final, and the moves must follow. Raises `AlreadyReleasedError`.

        Only a release in doubt may be concluded again, as quarantined.
        """
        with self._transaction() as ledger:
            return self._conclude(ledger, drop, conclusion, boot)

    def release_held(self, drop: Drop, near: str, conclusion: Callable[[Drop], Conclusion], boot: str) -> Drop:
        """From claiming to releasing in one step, for the accepted claims of a held file. It gets a stem `near` one.

        Raises `AlreadyReleasedError`.
        """
        with self._transaction() as ledger:
            drop = attrs.evolve(drop, stem=self._free_stem(ledger, attrs.evolve(drop, name=near)))
            known = {name: _column(name, getattr(drop, name)) for name in _OF_HELD}
            self._change(ledger, drop, **known, stem_key=names.key(drop.stem or ""))
            return self._conclude(ledger, drop, conclusion(drop), boot)

    def _conclude(self, ledger: sqlite3.Connection, drop: Drop, conclusion: Conclusion, boot: str) -> Drop:
        changed = attrs.evolve(
            drop,
            state="releasing",
            verdict=conclusion.verdict,
            spent=drop.spent or conclusion.verdict == "released",
            reason=conclusion.reason,
            boot=boot,
            **_counted(conclusion.counts),
        )
        fields = ("state", "verdict", "spent", "reason", "boot", "tries", *_COUNTED)
        self._change(ledger, drop, **{name: _column(name, getattr(changed, name)) for name in fields})
        if conclusion.verdict == "released":
            self._put(ledger, Generation(self.generation().releases + 1, drop.token))
            if conclusion.history:
                row = (LAST_STATE, json.dumps(conclusion.history))
                ledger.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", row)
            if conclusion.released_claims is not None:
                ledger.execute("INSERT OR REPLACE INTO went VALUES (?, ?)", (drop.token, conclusion.released_claims))
        ledger.execute("DELETE FROM moves WHERE token = ?", (drop.token,))
        for number, move in enumerate(conclusion.moves):
            paths = (move.from_folder, os.fsencode(move.from_name), move.to_folder, os.fsencode(move.to_name))
            ledger.execute("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?)", (drop.token, number, *paths))
        return changed

    def retarget(self, drop: Drop, move: Move, to_name: str) -> None:
        """Give a move another target name, since a file of that name exists."""
        with self._transaction() as ledger:
            self._change(ledger, drop, owner=drop.owner)
            ledger.execute(
                "UPDATE moves SET to_name = ? WHERE token = ? AND from_folder = ? AND from_name = ?",
                (os.fsencode(to_name), drop.token, move.from_folder, os.fsencode(move.from_name)),
            )

    def finish(self, drop: Drop, now: float, *, notify: bool = False) -> None:
        """To state released, duplicate or quarantined: all moves are done. With `notify` the drop is to be reported."""
        folder, name = drop.location
        for move in self.moves(drop):
            if (move.from_folder, move.from_name) == (folder, name):
                drop = attrs.evolve(drop, kept_in=move.to_folder, kept_name=move.to_name)
        with self._transaction() as ledger:
            if drop.location != (folder, name):
                self._moved_away(ledger, folder, name)
            self._change(
                ledger,
                drop,
                state=drop.verdict,
                finished=now,
                owner=drop.owner if notify else None,
                notify=notify,
                kept_in=drop.kept_in,
                kept_name=None if drop.kept_name is None else os.fsencode(drop.kept_name),
            )

    def take_notice(self, drop: Drop, watcher: str, now: float) -> bool:
        """Become the watcher that reports a finished drop. False where another watcher was first."""
        with self._transaction() as ledger:
            done = ledger.execute(
                f"UPDATE drops SET owner = :me WHERE token = :token AND {DUE_NOTICE}",  # noqa: S608 - our own text
                {"token": drop.token, "me": watcher, "now": now},
            )
        return bool(done.rowcount)

    def notified(self, drop: Drop) -> None:
        """The command of the profile has run for a drop, or has failed."""
        with self._transaction() as ledger:
            ledger.execute("UPDATE drops SET notify = 0, owner = NULL WHERE token = ?", (drop.token,))

    # -- contents

    def requeue(self, kept: Drop, token: str, now: float) -> Drop:
        """Add a drop that scrubs a kept original again. Raises `WatchError` where its content is in work."""
        with self._transaction() as ledger:
            same = ledger.execute("SELECT finished, spent, run FROM drops WHERE sha256 = ?", (kept.sha256,)).fetchall()
            if any(row["finished"] is None for row in same):
                raise WatchError("this content is in work or queued already")
            drop = attrs.evolve(
                Drop(token, kept.name, kept.size, kept.mtime_ns, now),
                state="claimed",
                run=1 + max((max(row["run"], 0) for row in same if row["spent"]), default=-1),
                sha256=kept.sha256,
                control=kept.control,
                kept_in=kept.kept_in,
                kept_name=kept.kept_name,
            )
            self._insert(ledger, drop)
        return drop

    def restore(self, drop: Drop) -> None:
        """Add a finished drop of an earlier ledger."""
        with self._transaction() as ledger:
            self._insert(ledger, attrs.evolve(drop, stem=self._free_stem(ledger, drop)))

    def pruned(self, kept_name: str) -> None:
        """The original was deleted from the archive."""
        with self._transaction() as ledger:
            self._moved_away(ledger, "archive", kept_name)

    # -- files whose last interchange is not closed

    def unclosed_since(self, name: str, size: int, mtime_ns: int, now: float) -> float:
        """Time at which the file, with this size and time, was first found not closed."""
        key = (os.fsencode(name), size, mtime_ns)
        row = self._connection.execute(
            "SELECT since FROM unclosed WHERE name = ? AND size = ? AND mtime_ns = ?", key
        ).fetchone()
        if row:
            return float(row["since"])
        with self._transaction() as ledger:
            ledger.execute("INSERT OR REPLACE INTO unclosed VALUES (?, ?, ?, ?)", (*key, now))
        return now

    def forget_unclosed_except(self, present: Iterable[str]) -> None:
        """Forget the files that are no longer in in/."""
        known = {row["name"] for row in self._connection.execute("SELECT name FROM unclosed")}
        gone = known - {os.fsencode(name) for name in present} if known else known
        if gone:
            with self._transaction() as ledger:
                ledger.executemany("DELETE FROM unclosed WHERE name = ?", [(name,) for name in gone])

    # -- internals

    def _change(self, ledger: sqlite3.Connection, drop: Drop, **fields: Any) -> None:
        """Change the row of a drop that this watcher still owns."""
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
        row = {name: _column(name, value) for name, value in attrs.asdict(drop).items()}
        row["stem_key"] = None if drop.stem is None else names.key(drop.stem)
        marks = ", ".join(f":{name}" for name in row)
        ledger.execute(f"INSERT INTO drops ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - as above

    def _free_stem(self, ledger: sqlite3.Connection, drop: Drop) -> str:
        for stem in names.stems(names.split(drop.name)[0], drop.digits):
            if not ledger.execute("SELECT 1 FROM drops WHERE stem_key = ?", (names.key(stem),)).fetchone():
                return stem
        raise AssertionError("there is always another number")


def _counted(counts: Counts | None) -> dict[str, Any]:
    """What a drop keeps of the counts of its file."""
    if counts is None:
        return dict.fromkeys(_COUNTED)
    of = counts.dispositions
    values = (counts.claims, of.get("rejected", 0), of.get("flagged", 0), counts.held, dict(counts.findings))
    return dict(zip(_COUNTED, values, strict=True))


def _column(name: str, value: Any) -> Any:
    """A field of a drop as its column has it."""
    if value is not None and name in NAMES:
        return os.fsencode(value)
    return json.dumps(value) if value is not None and name == "findings" else value


def _forget_times(ledger: sqlite3.Connection) -> None:
    """The clock was set back: end all leases, pauses and limits, which would last too long."""
    ledger.execute("DELETE FROM watchers")  # live watchers renew theirs
    ledger.execute("DELETE FROM unclosed")
    ledger.execute("UPDATE drops SET not_before = 0 WHERE finished IS NULL")
