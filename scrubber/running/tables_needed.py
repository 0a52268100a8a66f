"""Which public tables the claims of files need by their dates of service, and which are loaded for these days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import BinaryIO, Literal, TypeAlias

import attrs

from scrubber.claims.location import MalformedValue
from scrubber.claims.reader import read_claims
from scrubber.edit import Edit
from scrubber.engine.engine import Engine
from scrubber.reference import external
from scrubber.x12.guides import ClaimType

TableState: TypeAlias = Literal["loaded", "not loaded", "no edition"]

ClaimGroup: TypeAlias = tuple[ClaimType, str]
"""Claims of a type with a filing indicator (SBR09)."""

DaysByGroup: TypeAlias = dict[ClaimGroup, set[date]]
"""The dates of service of claims, by group."""

_OF_TYPE = {
    name: claim_type
    for by_type in (external.MUE, external.NCCI, external.MEDICAID_MUE, external.MEDICAID_NCCI)
    for claim_type, name in by_type.items()
}
"""The claim type of the tables that there is one of for each type."""
_OF_MEDICAID = frozenset((*external.MEDICAID_MUE.values(), *external.MEDICAID_NCCI.values()))


@attrs.frozen
class Need:
    """A table that claims need: by which edits, and for which days it has no edition.

    `nearest` is the edition nearest to these days, as a text.
    """

    table: str
    edits: tuple[str, ...]
    state: TableState
    days: tuple[date, ...] = ()
    nearest: str = ""


def days_of(stream: BinaryIO) -> DaysByGroup:
    """The dates of service of a file's claims. Dates that cannot be read are left out. Raises `X12Error`."""
    days: DaysByGroup = {}
    for claim in read_claims(stream):
        try:
            days.setdefault((claim.type, claim.filing_indicator), set()).update(claim.service_dates)
        except MalformedValue:
            continue
    return days


def needs(engine: Engine, days: Mapping[ClaimGroup, Collection[date]]) -> Iterator[Need]:
    """The tables that the edits of an engine need for claims of these days, by name.

    Tables that only add to what an edit checks are left out, unless one is loaded and has no edition for a day: the
    edit then says that it did not check.
    """
    running = [edit for edit in engine.catalogue.edits.values() if engine.profile.runs(edit.code)]
    for name in sorted({name for edit in running for name in edit.tables}):
        needing = [edit for edit in running if name in edit.needed_tables]
        widened = [edit for edit in running if name in edit.widened_by]
        wanted = sorted({day for group in days if _is_looked_up(engine, group, name, needing) for day in days[group]})
        if wanted:
            yield _need(engine, name, tuple(edit.code for edit in needing), wanted)
            continue
        wanted = sorted({day for group in days if _is_looked_up(engine, group, name, widened) for day in days[group]})
        need = _need(engine, name, tuple(edit.code for edit in widened), wanted)
        if need.state == "no edition":
            yield need


def _is_looked_up(engine: Engine, group: ClaimGroup, name: str, edits: Iterable[Edit]) -> bool:
    """Whether any of the edits looks up a table for claims of a group.

    A table may be for one claim type; those of Medicaid are for claims to Medicaid.
    """
    claim_type, filing_indicator = group
    if name in _OF_MEDICAID and filing_indicator not in engine.facts.family("medicaid"):
        return False
    return _OF_TYPE.get(name, claim_type) == claim_type and any(claim_type in edit.types for edit in edits)


def _need(engine: Engine, name: str, codes: tuple[str, ...], wanted: list[date]) -> Need:
    table = engine.facts.tables.get(name)
    if table is None:
        return Need(name, codes, "not loaded", tuple(wanted))
    lacking = tuple(day for day in wanted if not table.covers(day))
    nearest = table.nearest(lacking[-1]) if lacking else None
    return Need(name, codes, "no edition" if lacking else "loaded", lacking, str(nearest) if nearest else "")
