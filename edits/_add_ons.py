"""Which primary codes an add-on code needs on a day: by the loaded table of add-on codes, else by the shipped rows."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from scrubber.claims.model import ServiceLine
from scrubber.edit import Severity
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.editions import Row
from scrubber.reference.external import ADD_ON

_CHOSEN_BY_CONTRACTOR, _OPEN_LIST = "2", "3"


class Primaries(NamedTuple):
    """An add-on code needs one of these codes. `severity` is that of a finding without one, `None` that of the edit."""

    codes: Sequence[str]
    severity: Severity | None


class _Every:
    """Holds every code."""

    def __contains__(self, _: object) -> bool:
        return True


_EVERY = _Every()


@once_per_facts
def add_on_codes(facts: Facts) -> frozenset[str]:
    """Concerns claims with a code for giving a drug, or an add-on code of the loaded table."""
    table = facts.tables.get(ADD_ON)
    return facts.administrations.codes | (table.keys() if table else frozenset())


def codes_together(facts: Facts) -> Container[str]:
    """The codes among which the primary of an add-on code is looked for: administrations, or all with the table."""
    return _EVERY if ADD_ON in facts.tables else facts.administrations


def primaries_of(line: ServiceLine, facts: Facts) -> Primaries | None:
    """What the code of a line needs, `None` if it is no add-on code or a contractor chooses its primaries.

    The loaded edition of the day wins over the shipped rows. An open list names only the usual primaries, so the
    finding is a warning. An add-on code that is not for giving a drug is a warning, too: its primary may be on the
    claim of another provider. Raises `MalformedValue`.
    """
    shipped = facts.administrations.get(line.procedure)
    rows = _loaded(line, facts)
    if not rows:
        return Primaries(shipped.primaries, None) if shipped and shipped.primaries else None
    kinds = {row.text("type") for row in rows}
    codes = sorted({row.text("primary") for row in rows} - {""})
    if _CHOSEN_BY_CONTRACTOR in kinds or not codes:
        return None
    return Primaries(codes, "warn" if _OPEN_LIST in kinds or shipped is None else None)


def _loaded(line: ServiceLine, facts: Facts) -> Sequence[Row]:
    """The rows of the loaded table for the code of a line that are in force on its day."""
    table, day = facts.tables.get(ADD_ON), line.service_date
    if table is None or day is None or not table.covers(day) or not table.has(line.procedure):
        return ()
    return table.rows(line.procedure, day)
