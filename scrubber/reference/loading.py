"""Puts the facts together: the shipped tables, and those of a user's folders."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from scrubber.reference import folder as folders
from scrubber.reference.administration import administrations_of
from scrubber.reference.billing import NumberShape
from scrubber.reference.diagnoses import DiagnosisSet
from scrubber.reference.facts import Facts
from scrubber.reference.products import Products
from scrubber.reference.shipped_tables import shipped_public_tables
from scrubber.reference.tables import Tables, shipped_tables, table


@lru_cache(maxsize=1)
def shipped() -> Facts:
    """The tables that come with the scrubber."""
    return facts_of(shipped_tables())


def with_folders(paths: Iterable[Path]) -> Facts:
    """The shipped tables and those of folders, each on top of the tables before it.

    Raises `FactsError`, and `OSError` if a folder cannot be read.
    """
    facts, tables = shipped(), None
    for path in paths:
        own = folders.read(path)
        tables = (tables or shipped_tables()).joined(own)
        facts = facts_of(tables)
        folders.must_be_known(own, facts)
    return facts


def facts_of(tables: Tables) -> Facts:
    """The facts in some tables."""
    named, records = tables.named, tables.records
    families = {**named("families"), **named("billing_codes")}
    return Facts(
        drugs=tuple(records("drugs")),
        products=Products(tables.rows["products"]),
        labels=tuple(records("labels")),
        diagnoses={name: DiagnosisSet(frozenset(row.codes), row.begins) for name, row in named("diagnoses").items()},
        families={name: frozenset(row.codes) for name, row in families.items()},
        administrations=administrations_of(list(records("administrations"))),
        bill_types=tuple(records("bill_types")),
        therapies=tuple(records("therapies")),
        labelled_doses=tuple(records("doses")),
        daily_most={row.code: row for row in records("daily_most")},
        product_doses={row.ndc9: row for row in records("product_doses")},
        unlabelled=tuple(records("unlabelled")),
        combinations=tuple(records("combinations")),
        contradictions=tuple(records("contradictions")),
        confusions=tuple(records("confusions")),
        incomplete={row.code: row for row in records("incomplete_diagnoses")},
        code_set_changes=tuple(records("code_set_changes")),
        ended_codes={row.code: row for row in records("ended_codes")},
        excludes=tuple(records("excludes")),
        spacings=tuple(records("spacing")),
        periods=named("periods"),
        turning_points=named("turning_points"),
        discount_modifiers=named("discount_modifiers"),
        unclassified_codes=named("unclassified"),
        medicare_number=NumberShape(**table("medicare_numbers")),
        shapes=named("shapes"),
        release=tables.sha256[:12],
        tables=shipped_public_tables(),
    )
