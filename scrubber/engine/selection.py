"""Which edits of a catalogue run: by the profile, the tables that are loaded, and the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from scrubber.edit import Concern, Edit
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.judged import Unchecked
from scrubber.engine.profile import Profile
from scrubber.reference import Facts
from scrubber.reference.editions import not_loaded
from scrubber.reference.shipped_tables import ShippedTable

_NO_HISTORY = "no history of released claims is given"


@attrs.frozen
class Selection:
    """The edits that run, by the procedure codes that they concern.

    `always` are the edits that concern all claims. `by_procedure` has the others. `needs` has the codes that an edit
    needs beside these, by the edit's code. `known` are all procedure codes that decide which edits run on a claim.
    `file_edits` are those of the edits that compare claims. `unavailable` names the edits that do not run, or only in
    part, because a table or the history is missing.
    """

    always: Sequence[Edit]
    by_procedure: Mapping[str, Sequence[Edit]]
    needs: Mapping[str, frozenset[str]]
    known: frozenset[str]
    file_edits: Sequence[Edit]
    unavailable: list[Unchecked]


def lacking(edit: Edit, facts: Facts) -> Sequence[str]:
    """The tables that an edit needs and that are not loaded."""
    return [name for name in edit.needed_tables if name not in facts.tables]


def selection(catalogue: Catalogue, profile: Profile, facts: Facts, *, has_history: bool) -> Selection:
    """The edits of a catalogue that run. Raises `CatalogueError` if the codes that an edit concerns cannot be found."""
    always: list[Edit] = []
    by_procedure: dict[str, list[Edit]] = {}
    needs: dict[str, frozenset[str]] = {}
    file_edits: list[Edit] = []
    unavailable: list[Unchecked] = []
    for edit in catalogue.edits.values():
        if not profile.runs(edit.code):
            continue
        runs, notes = _availability(edit, facts, has_history=has_history)
        unavailable += notes
        if not runs:
            continue
        if edit.begin:
            file_edits.append(edit)
        if edit.needs:
            needs[edit.code] = _codes_of(edit, edit.needs, facts)
        if edit.concerns is None:
            always.append(edit)
        else:
            for procedure in _codes_of(edit, edit.concerns, facts):
                by_procedure.setdefault(procedure, []).append(edit)
    known = frozenset(by_procedure).union(*needs.values())
    return Selection(always, by_procedure, needs, known, file_edits, unavailable)


def lacks_history(edit: Edit, *, has_history: bool) -> bool:
    """Whether an edit needs a history of released claims and none is given."""
    return edit.needs_history and not has_history


def _availability(edit: Edit, facts: Facts, *, has_history: bool) -> tuple[bool, list[Unchecked]]:
    """Whether an edit runs, with notes on what it lacks and on how far its shipped tables reach."""
    missing, without_history = lacking(edit, facts), lacks_history(edit, has_history=has_history)
    runs = (not without_history or edit.in_file) and (
        not missing or edit.partly or len(missing) < len(edit.needed_tables)
    )
    reasons = [_NO_HISTORY] if without_history else []
    if missing:
        reasons.append(not_loaded(missing))
    notes = [Unchecked(edit.code, ("in part: " if runs else "") + "; ".join(reasons))] if reasons else []
    if runs:
        notes += [Unchecked(edit.code, reason) for reason in _last_days(edit, facts)]
    return runs, notes


def _last_days(edit: Edit, facts: Facts) -> Sequence[str]:
    """Notes on the last day of an edit's shipped tables. There is one note for all claims after that day."""
    shipped = [(name, facts.tables.get(name)) for name in edit.needed_tables]
    return [
        f"in part: the shipped table {name} ends on {table.last_day}; load a newer one for later claims"
        for name, table in shipped
        if isinstance(table, ShippedTable) and table.last_day
    ]


def _codes_of(edit: Edit, concern: Concern, facts: Facts) -> frozenset[str]:
    try:
        return frozenset(concern(facts))
    except Exception as error:
        raise CatalogueError(f"edit {edit.code}: the codes it concerns cannot be found ({error!r})") from error
