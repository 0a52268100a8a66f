"""Sentences of the text report on what was not checked, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.judged import Unchecked
from scrubber.x12.errors import counted

_IN_PART = "in part: "
"""The reason of an edit that checks only a part begins with this."""
MOST_REASONS = 200
_MOST_NAMED = 5


@attrs.define
class _Reason:
    """Why edits could not decide: the edits by code, how many claims, and the first of these by ordinal."""

    codes: dict[str, None] = attrs.field(factory=dict)
    claims: int = 0
    first: list[int] = attrs.field(factory=list)

    def described(self, reason: str) -> str:
        """In a sentence."""
        named = ", ".join(map(str, self.first))
        more = " ..." if self.claims > len(self.first) else ""
        claims = f"claim {named}" if self.claims == 1 else f"{self.claims:,} claims ({named}{more})"
        return f"Not checked: {', '.join(sorted(self.codes))} on {claims}: {reason}"


class Reasons:
    """Why edits could not decide on claims of a file. Each reason is listed once; after `most` they are only counted.

    For a part of a file `most` is infinite: all reasons are kept, so that the parts add up to the whole.
    """

    def __init__(self, most: float = MOST_REASONS) -> None:
        self._most = most
        self._reasons: dict[str, _Reason] = {}
        self._others = 0

    def count(self, ordinal: int, not_checked: Iterable[Unchecked]) -> None:
        """Count one claim by its ordinal in the file."""
        for text, codes in by_reason(not_checked).items():
            self._add(text, _Reason(dict.fromkeys(codes), 1, [ordinal]))

    def add(self, part: Reasons) -> None:
        """Add the reasons on the next claims, kept with `most` infinite."""
        for text, reason in part._reasons.items():
            self._add(text, reason)

    def _add(self, text: str, more: _Reason) -> None:
        reason = self._reasons.get(text)
        if reason is None and len(self._reasons) < self._most:
            reason = self._reasons[text] = _Reason()
        if reason is None:
            self._others += more.claims
            return
        reason.codes.update(more.codes)
        reason.claims += more.claims
        reason.first += more.first[: _MOST_NAMED - len(reason.first)]

    def described(self) -> Iterator[str]:
        """A sentence for each."""
        for text, reason in sorted(self._reasons.items(), key=lambda item: min(item[1].codes)):
            yield reason.described(text)
        if self._others:
            yield f"Not checked, for other reasons: {counted(self._others, 'time')}"


def by_reason(not_checked: Iterable[Unchecked]) -> Mapping[str, list[str]]:
    """The codes of edits that could not decide, by reason."""
    found: dict[str, list[str]] = {}
    for item in not_checked:
        found.setdefault(item.reason, []).append(item.code)
    return found


def without_tables(engine: Engine) -> Iterator[str]:
    """Which edits did not run, or only in part, because a table or the history is missing, or a table ends."""
    edits = engine.catalogue.edits
    lacking = [edits[item.code] for item in engine.unavailable if engine.lacking(edits[item.code])]
    for partly, begins in (
        (False, "Not checked because a table is not loaded"),
        (True, "Checked in part because a table is not loaded"),
    ):
        named = [
            f"{edit.code} ({', '.join(engine.lacking(edit))})"
            for edit in lacking
            if partly == (edit.partly or len(engine.lacking(edit)) < len(edit.needed_tables))
        ]
        if named:
            yield f"{begins}: {', '.join(named)}"
    if lacking:
        yield "How to load tables: scrubber reference import --help"
    without_history = [edits[code] for code in sorted({item.code for item in engine.unavailable})]
    without_history = [edit for edit in without_history if engine.lacks_history(edit)]
    for in_file, begins in (
        (False, "Not checked because no history of released claims is given"),
        (True, "Checked within the file only because no history of released claims is given"),
    ):
        some = [edit for edit in without_history if edit.in_file == in_file]
        named = [edit.code for edit in some if not (in_file and edit in lacking)]
        if named:
            yield f"{begins}: {', '.join(named)}"
    for reason, codes in by_reason(_of_ended_tables(engine)).items():
        in_part = reason.startswith(_IN_PART)
        yield f"{'Checked in part' if in_part else 'Not checked'}: {', '.join(codes)}: {reason.removeprefix(_IN_PART)}"


def _of_ended_tables(engine: Engine) -> Iterator[Unchecked]:
    """The edits whose shipped table ends before some claims."""
    for item in engine.unavailable:
        edit = engine.catalogue.edits[item.code]
        if not engine.lacking(edit) and not engine.lacks_history(edit):
            yield item


def history_used(fingerprint: Mapping[str, Any]) -> str:
    """The history that claims were compared with: how many claims, and its state as the manifest names it."""
    known = fingerprint.get("history")
    if known is None:
        return ""
    claims = f"{counted(known['claims'], 'claim')}, " if "claims" in known else ""
    return f"{claims}state {known['state']}, sha256 {known['sha256']}"


def editions(fingerprint: Mapping[str, Any]) -> str:
    """The loaded public tables with their editions: `mue-practitioner 2026 Q3, 2026 Q4; ndc 2026-10-01`."""
    by_table: dict[str, list[str]] = {}
    for edition in fingerprint["reference"].get("editions", ()):
        by_table.setdefault(edition["table"], []).append(str(edition["release"]))
    return "; ".join(f"{table} {', '.join(dict.fromkeys(releases))}" for table, releases in sorted(by_table.items()))
