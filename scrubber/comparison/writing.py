"""Writes a comparison: as text for people, or as one JSON document. Changed claims are written one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TextIO

from scrubber import version
from scrubber.claims.values import money
from scrubber.comparison.changes import DISPOSITIONS, ClaimChange, RunComparison, Tally, charge_of
from scrubber.comparison.pairing import ReportedClaim, ReportedFinding, Run
from scrubber.outputs.layout import Layout, Styled, dollars
from scrubber.outputs.wording import inert, shown_path, visible
from scrubber.x12.errors import counted

SCHEMA_VERSION = "1"

_COLUMN = 10
_MOST_ROWS = 1_000
"""Rows of a table by edit or payer that a report shows."""
_NOT_LISTED = (
    "Claims on which only other edits could not decide are not listed here. --format json lists them, with these edits."
)


def write_json(comparison: RunComparison, out: TextIO) -> None:
    """The comparison as one JSON document: the two runs, the changed claims, then the counts."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "scrubber", "version": version()},
        "old": _run_record(comparison.old),
        "new": _run_record(comparison.new),
    }
    out.write(json.dumps(head)[:-1] + ', "claims": [')
    for number, change in enumerate(comparison.changes()):
        out.write(("," if number else "") + "\n  " + json.dumps(_change_record(change)))
    checked, unchecked = comparison.tables()
    tail = {
        "files": list(comparison.changed_files()),
        "tables": {"now_loaded_for": checked, "no_longer_loaded_for": unchecked},
        "summary": {
            "compared": comparison.moves.total(),
            **comparison.all.record(),
            "moves": [
                {"old": old, "new": new, "claims": count} for (old, new), count in sorted(comparison.moves.items())
            ],
            "only_old": dict(sorted(comparison.only_old.items())),
            "only_new": dict(sorted(comparison.only_new.items())),
            **{
                f"{name}_{side}": None if amount is None else money(amount)
                for name, both in _amounts(comparison).items()
                for side, amount in zip(("old", "new"), both, strict=True)
            },
        },
        "by_edit": [{"code": code, **tally.record()} for code, tally in sorted(comparison.by_edit.items())],
        "by_payer": [{"payer_id": key or None, **tally.record()} for key, tally in sorted(comparison.by_payer.items())],
    }
    out.write("], " + json.dumps(tail)[1:] + "\n")


def _amounts(comparison: RunComparison) -> Mapping[str, Sequence[Decimal | None]]:
    """Amounts of the old and the new run by name."""
    return {
        "charge_at_stake": comparison.at_stake,
        "allowed": comparison.allowed,
        "allowed_at_stake": comparison.allowed_at_stake,
    }


_AMOUNTS = {
    "charge_at_stake": "charges of rejected and flagged claims",
    "allowed": "Medicare allows",
    "allowed_at_stake": "Medicare allows for rejected and flagged claims",
}
"""The names of amounts in words."""


def _run_record(run: Run) -> dict[str, Any]:
    return {"path": run.name, **run.rules, "files": len(run.files)}


def _change_record(change: ClaimChange) -> dict[str, Any]:
    old, new = change.old, change.new
    return {
        "path": change.path,
        "claim_id": new.claim_id or None,
        "ordinal_old": old.ordinal,
        "ordinal_new": new.ordinal,
        "payer_id": new.payer_id or None,
        "charge": None if new.charge is None else money(new.charge),
        "old": old.disposition,
        "new": new.disposition,
        "came": [_finding_record(item) for item in change.came],
        "went": [_finding_record(item) for item in change.went],
        "regraded": [{**_finding_record(after), "severity_old": before.severity} for before, after in change.regraded],
        "now_checked": list(change.now_checked),
        "now_not_checked": list(change.now_unchecked),
    }


def _finding_record(finding: ReportedFinding) -> dict[str, Any]:
    return {
        "code": finding.key.code,
        "severity": finding.severity,
        "service_line": finding.key.service_line,
        "element": finding.key.element,
        "message": finding.message,
    }


class TextComparison:
    """Writes a comparison for people: claims first, then the counts."""

    def __init__(self, out: TextIO, layout: Layout) -> None:
        self._out = out
        self._layout = layout

    def write(self, comparison: RunComparison) -> None:
        """Write all of it."""
        self._rows(self._runs(comparison))
        path, hidden = None, False
        for change in comparison.changes():
            if not change.of_findings:
                hidden = True
                continue
            if change.path != path:
                path = change.path
                self._rows(["", self._layout.dressed(shown_path(path), "strong")])
            self._rows(self._claim(change))
        self._rows(self._totals(comparison))
        self._rows(self._table("code", comparison.by_edit))
        self._rows(self._table("payer", comparison.by_payer))
        if hidden:
            self._rows(["", *self._layout.paragraph(_NOT_LISTED, "dim")])

    def _runs(self, comparison: RunComparison) -> Iterator[str]:
        for label, run in (("old", comparison.old), ("new", comparison.new)):
            yield from self._layout.paragraph(visible(run.name), "strong", lead=[(f"{label}  ", "dim")], hang=5)
        for name, (old, new) in comparison.changed_rules().items():
            was, now = _fingerprint(old), _fingerprint(new)
            if was != now:
                yield from self._layout.paragraph(f"{name} differs: {visible(was)} -> {visible(now)}", hang=2)
            for row in _changed_editions(old, new):
                yield from self._layout.paragraph(visible(row), hang=2)
        for text, codes in zip(("now has", "no longer has"), comparison.tables(), strict=True):
            if codes:
                listed = visible(", ".join(codes))
                yield from self._layout.paragraph(f"the new run {text} the tables of {listed}", hang=2)
        for file in comparison.changed_files():
            yield from self._layout.paragraph(_file_row(file), "strong", hang=2)

    def _claim(self, change: ClaimChange) -> Iterator[str]:
        yield ""
        yield from self._layout.flow(list(_head(change)), hang=_COLUMN)
        for label, found in (("came", change.came), ("went", change.went)):
            for item in found:
                yield from self._finding(label, item, item.severity)
        for before, after in change.regraded:
            yield from self._finding("was", after, f"{before.severity}, now {after.severity}")

    def _finding(self, label: str, item: ReportedFinding, severity: str) -> list[str]:
        line = item.key.service_line
        lead: list[Styled] = [
            (label.rjust(6) + "  ", "dim"),
            ("claim  " if line is None else f"line {line}  ", "strong"),
            (f"{severity} {visible(item.key.code)}  ", item.severity),
        ]
        return self._layout.paragraph(visible(item.message), lead=lead, hang=_COLUMN)

    def _totals(self, comparison: RunComparison) -> Iterator[str]:
        counts = comparison.all
        yield ""
        yield from self._layout.paragraph(
            f"{counted(comparison.moves.total(), 'claim')} in both runs, {counts.claims:,} with other findings; "
            f"{counted(counts.came, 'finding')} came, {counts.went:,} went, {counts.graver:,} are graver, "
            f"{counts.milder:,} milder",
            "strong",
        )
        for label, only in (("old", comparison.only_old), ("new", comparison.only_new)):
            if only:
                yield from self._layout.paragraph(f"only in the {label} run: {_dispositions(only)}", hang=2)
        moved = [(was, now) for was in DISPOSITIONS for now in DISPOSITIONS if was != now]
        for was, now in moved:
            if count := comparison.moves[was, now]:
                yield f"  {was} -> {now}: {counted(count, 'claim')}"
        yield f"  newly rejected: {dollars(counts.charge_newly_rejected)}"
        yield f"  no longer rejected: {dollars(counts.charge_no_longer_rejected)}"
        for label, (old, new) in _amounts(comparison).items():
            if old is not None or new is not None:
                was, now = ("unknown" if amount is None else dollars(amount) for amount in (old, new))
                yield f"  {_AMOUNTS[label]}: {was} -> {now}"

    def _table(self, key: str, tallies: Mapping[str, Tally]) -> Iterator[str]:
        if not tallies:
            return
        names = (key, "claims", "came", "went", "graver", "milder", "undecided", "rejected", "charge", "")
        ranked = sorted(tallies.items(), key=lambda item: (-item[1].claims, item[0]))
        yield ""
        yield from self._layout.table(
            [[(name, "strong") for name in names], *(_cells(*item) for item in ranked[:_MOST_ROWS])],
            right=range(1, len(names) - 1),
        )
        if len(ranked) > _MOST_ROWS:
            yield f"and {len(ranked) - _MOST_ROWS:,} more"

    def _rows(self, rows: Iterable[str]) -> None:
        for row in rows:
            self._out.write(inert(row.rstrip()) + "\n")


def _head(change: ClaimChange) -> Iterator[Styled]:
    old, new = change.old, change.new
    if old.disposition == new.disposition:
        yield new.disposition.upper(), new.disposition
    else:
        yield f"{old.disposition.upper()} -> {new.disposition.upper()}", new.disposition
    yield f"claim {_ordinals(old, new)}", "strong"
    yield visible(new.claim_id), "strong"
    if new.charge is not None:
        yield dollars(charge_of(new)), ""
    if new.payer_id:
        yield f"payer {visible(new.payer_id)}", ""


def _ordinals(old: ReportedClaim, new: ReportedClaim) -> str:
    return str(new.ordinal) if old.ordinal == new.ordinal else f"{old.ordinal} -> {new.ordinal}"


def _cells(key: str, tally: Tally) -> list[Styled]:
    counts = [tally.claims, tally.came, tally.went, tally.graver, tally.milder]
    decided = f"+{tally.now_unchecked} -{tally.now_checked}" if tally.now_checked or tally.now_unchecked else "-"
    rejected = f"+{tally.newly_rejected} -{tally.no_longer_rejected}"
    charge = tally.charge_newly_rejected - tally.charge_no_longer_rejected
    return [
        (visible(key) or "(none)", "strong"),
        *((f"{count:,}" if count else "-", "") for count in counts),
        (decided, ""),
        (rejected if rejected != "+0 -0" else "-", ""),
        (dollars(charge) if charge else "-", ""),
        ("", ""),
    ]


def _fingerprint(rule: Any) -> str:
    """A fingerprint for people: its texts, hashes cut short."""
    if not isinstance(rule, Mapping):
        return "none"
    return " ".join(str(value)[:12] for value in rule.values() if isinstance(value, str | int)) or "none"


def _changed_editions(old: Any, new: Any) -> Iterator[str]:
    """The tables whose editions differ: `mue-practitioner: 2026 Q3 -> 2026 Q4`."""
    was, now = _editions(old), _editions(new)
    for table in sorted(was.keys() | now.keys()):
        before, after = was.get(table, {}), now.get(table, {})
        if before != after:
            gone, come = (
                ", ".join(dict.fromkeys(some[key] for key in some if key not in others))
                for some, others in ((before, after), (after, before))
            )
            yield f"{table}: {gone or 'none'} -> {come or 'none'}"


def _editions(rule: Any) -> dict[str, dict[tuple[str, str], str]]:
    """The editions of each table in a fingerprint: their releases by first day and hash."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for edition in rule.get("editions", ()) if isinstance(rule, Mapping) else ():
        key = str(edition["since"]), edition["sha256"]
        found.setdefault(edition["table"], {})[key] = str(edition["release"])
    return found


def _file_row(file: Mapping[str, Any]) -> str:
    path = shown_path(file["path"])
    if file["old"] is None or file["new"] is None:
        return f"{path}: only in the {'new' if file['old'] is None else 'old'} run"
    status = f"status {file['old']} -> {file['new']}" if file["old"] != file["new"] else ""
    changed = [
        f"{name} {', '.join(file[key])}"
        for name, key in (("came", "errors_came"), ("went", "errors_went"))
        if file[key]
    ]
    return f"{path}: {'; '.join([status, *changed] if status else changed)}"


def _dispositions(only: Counter[str]) -> str:
    parts = [f"{only[name]:,} {name}" for name in DISPOSITIONS if only[name]]
    return f"{counted(only.total(), 'claim')} ({', '.join(parts)})"
