"""Judges files twice, by two states of the public tables, and pairs the claims of both."""

from __future__ import annotations

import tempfile
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import cast

import attrs

from scrubber.comparison.pairing import Pairing
from scrubber.engine.engine import Engine
from scrubber.outputs import formats
from scrubber.reference import Facts
from scrubber.reference.editions import Table, TableOfDay
from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.running.run import Outcome


class EditionError(Exception):
    """A state of the tables that is not there. The message names it."""


def engine_for(state: str, options: RunOptions) -> Engine:
    """The engine for a state of the tables.

    That is the path of a store, which answers for the dates of service; or a day or the name of a release in the store
    of the options. Then the tables answer as on that day, or as on the first day of that release, whatever the dates of
    service are. Raises `EditionError`, and what the options raise.
    """
    path = Path(state)
    if path.is_file():
        return attrs.evolve(options, reference=path).engine()
    engine = options.engine()
    return Engine(engine.catalogue, engine.profile, _as_on(state, engine.facts), engine.naming)


def _as_on(state: str, facts: Facts) -> Facts:
    """The facts with the loaded tables as on a day, or as on the first day of the release of that name."""
    day, loaded = _day(state), facts.loaded.get("editions", ())
    found: dict[str, Table] = {}
    for name in {edition["table"] for edition in loaded}:
        table = facts.tables[name]
        on = day or _first_day(table, state)
        if on and table.covers(on):
            found[name] = TableOfDay(table, on)
    if not found:
        raise EditionError(f"{state} is neither a store, nor a day or release for which a table has an edition")
    in_force = {(name, edition.release, edition.sha256) for name, table in found.items() for edition in table.editions}
    kept = [
        edition
        for edition in loaded
        if edition["table"] not in found or (edition["table"], edition["release"], edition["sha256"]) in in_force
    ]
    # a table of the scrubber's own is only loaded when it is asked for, so the mapping is not copied
    tables = cast("Mapping[str, Table]", ChainMap(found, cast("dict[str, Table]", facts.tables)))
    return attrs.evolve(facts, tables=tables, loaded={**facts.loaded, "editions": kept})


def _day(state: str) -> date | None:
    try:
        return date.fromisoformat(state)
    except ValueError:
        return None


def _first_day(table: Table, release: str) -> date | None:
    """The first day of a table's edition of that name, in capitals or not."""
    for edition in table.editions:
        if edition.release.casefold() == release.casefold():
            return edition.since or edition.until
    return None


@contextmanager
def judged_twice(
    inputs: Sequence[Input], engines: tuple[Engine, Engine], names: tuple[str, str], *, conformance: bool
) -> Iterator[tuple[Pairing, Sequence[Outcome]]]:
    """The claims of files under both engines in pairs, and the outcomes of the second run. Raises `OSError`.

    The reports are in a private temporary folder while the block runs.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "old.jsonl", Path(folder) / "new.jsonl"
        outcomes: list[Outcome] = []
        for path, engine in zip(paths, engines, strict=True):
            with formats.opened("jsonl", path, engine) as report:
                outcomes = [run.check(item, engine, [report], conformance=conformance) for item in inputs]
        pairing = Pairing(*paths, names)
        try:
            yield pairing, outcomes
        finally:
            pairing.close()
