"""Judges files twice, by two states of the public tables, and pairs the claims of both."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import attrs

from scrubber.comparison.pairing import Pairing
from scrubber.engine.engine import Engine
from scrubber.outputs import formats
from scrubber.reference import Facts
from scrubber.reference.editions import OnDay, Table
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
    facts = attrs.evolve(engine.facts, tables=_as_on(_day(state), engine.facts, state))
    return Engine(engine.catalogue, engine.profile, facts, engine.naming)


def _day(state: str) -> date | None:
    try:
        return date.fromisoformat(state)
    except ValueError:
        return None


def _as_on(day: date | None, facts: Facts, state: str) -> dict[str, Table]:
    """The tables as on a day, or as on the first day of the release of that name."""
    days = {name: day or _first_day(table, state) for name, table in facts.tables.items()}
    found = {name: on for name, on in days.items() if on and facts.tables[name].covers(on)}
    if not found:
        raise EditionError(f"{state} is neither a store, nor a day or release for which a table has an edition")
    return {name: OnDay(table, found[name]) if name in found else table for name, table in facts.tables.items()}


def _first_day(table: Table, release: str) -> date | None:
    """The first day of a table's edition of that name, compared without regard to capitals."""
    for edition in table.editions:
        if edition.release.casefold() == release.casefold():
            return edition.since or edition.until
    return None


@contextmanager
def judged_twice(
    inputs: Sequence[Input], engines: tuple[Engine, Engine], names: tuple[str, str], *, conformance: bool
) -> Iterator[tuple[Pairing, Sequence[Outcome]]]:
    """The claims of files under both engines in pairs, and the outcomes of the second run. Raises `OSError`.

    The reports lie in a private temporary folder while the block runs.
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
