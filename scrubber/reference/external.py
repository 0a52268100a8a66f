"""Public tables that do not come with the scrubber: ICD-10-CM, places of service, NCCI, MUE, the NDC directory.

Edits use this interface. An edit that needs a table is *not checked* while that table is not loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import attrs

ICD10CM = "icd10cm"
"""Diagnosis codes; value `billable` is 1 or 0."""
PLACES_OF_SERVICE = "pos"
"""Place of service codes."""
MODIFIERS = "modifiers"
"""HCPCS and CPT modifiers."""
NDC_DIRECTORY = "ndc"
"""National Drug Codes, 11 digits."""
MUE = "mue"
"""Unit limits by procedure code and claim type (`J0490 837P`); values `units` and `adjudication` (1, 2 or 3)."""
NCCI = "ncci"
"""Procedure pairs (`96413 96365`, column one and two); value `modifier` is 0 (never), 1 (allowed) or 9."""

DEACTIVATED_NPIS = "deactivated_npis"
"""NPIs that NPPES lists as deactivated, in force from their deactivation until their reactivation."""

ROUTE_MODIFIERS = "route_modifiers"
"""Procedure codes of drugs with several routes. A contractor wants JA or JB on them."""


@attrs.frozen
class Row:
    """A row of a table, in force from `since` to `until`, both included."""

    key: str
    since: date
    until: date | None = None
    values: Mapping[str, str] = attrs.field(factory=dict, eq=False)


@attrs.frozen
class ExternalTable:
    """A table by name and release, its rows by key."""

    name: str
    release: str
    rows: Mapping[str, tuple[Row, ...]]

    def row(self, key: str, on: date) -> Row | None:
        """The row of a key that is in force on a day."""
        for row in self.rows.get(key, ()):
            if row.since <= on and (row.until is None or on <= row.until):
                return row
        return None


def external_table(name: str, release: str, rows: Iterable[Row]) -> ExternalTable:
    """A table of the given rows."""
    by_key: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        by_key[row.key] = (*by_key.get(row.key, ()), row)
    return ExternalTable(name, release, by_key)
