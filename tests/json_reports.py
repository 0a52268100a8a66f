"""Holds every JSON and JSON lines report that a test makes in its own process to the schema that is shipped."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Any

import pytest

from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.jsonl_report import JsonlReport

SCHEMA: dict[str, Any] = json.loads((resources.files("scrubber.outputs") / "report.schema.json").read_text("utf-8"))

LONGEST = 4_000_000
"""Characters of a report. A longer one has nothing that a shorter one has not, and takes long."""

_EXTENDED = ("claim", "error", "finding")
"""Parts that others add to: what is unknown is looked for where they are used."""


def strict(schema: Any, *, extended: bool = False) -> Any:
    """The schema without leave to add: a key that it does not name is a fault."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: {name: strict(part, extended=name in _EXTENDED) for name, part in value.items()}
        if key in ("$defs", "properties")
        else [strict(part, extended=True) for part in value]
        if key == "allOf"
        else strict(value)
        for key, value in schema.items()
    }
    refers = str(schema.get("$ref", "")).rpartition("/")[2] in _EXTENDED
    if not extended and ("properties" in schema or refers):
        found["unevaluatedProperties"] = False
    return found


@cache
def validator(part: str = "") -> Any:
    """A validator of the whole schema, or of one of its parts by name."""
    schema = strict(SCHEMA)
    if part:
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
    return importlib.import_module("jsonschema_rs").Draft202012Validator(schema)


def faults(document: Any, part: str = "") -> list[str]:
    """What is wrong with a document: where, and what."""
    return [f"{'/'.join(map(str, e.instance_path))}: {e.message}" for e in validator(part).iter_errors(document)]


def faults_of_json(report: str) -> list[str]:
    """What is wrong with a JSON report."""
    return faults(json.loads(report))


def faults_of_json_lines(report: str) -> list[str]:
    """What is wrong with a JSON lines report."""
    return [fault for line in report.splitlines() for fault in faults(json.loads(line), "json_line")]


class _Copied:
    """A text file that keeps what is written to it."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self.parts: list[str] = []
        self.size = 0

    def write(self, text: str) -> Any:
        self.size += len(text)
        if self.size <= LONGEST:
            self.parts.append(text)
        return self._out.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


@contextmanager
def held_to_the_schema() -> Iterator[None]:
    """Within it, a report that does not keep to the schema fails when it is closed."""
    if importlib.util.find_spec("jsonschema_rs") is None:
        yield  # the tests of the schema itself fail then
        return
    with pytest.MonkeyPatch.context() as patch:
        for writer, wrong in ((JsonReport, faults_of_json), (JsonlReport, faults_of_json_lines)):
            _hold(patch, writer, wrong)
        yield


def _hold(patch: pytest.MonkeyPatch, writer: Any, wrong: Callable[[str], list[str]]) -> None:
    begin, close = writer.__init__, writer.close

    def copied(self: Any, out: Any, *others: Any, **named: Any) -> None:
        begin(self, _Copied(out), *others, **named)

    def compared(self: Any) -> None:
        close(self)
        if self._out.size <= LONGEST:
            found = wrong("".join(self._out.parts))
            assert not found, found[:5]

    patch.setattr(writer, "__init__", copied)
    patch.setattr(writer, "close", compared)
