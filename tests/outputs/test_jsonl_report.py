"""JSON lines: each line can be read alone, and together they hold what the JSON report holds."""

from __future__ import annotations

import json
from typing import Any

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.jsonl_report import JsonlReport
from scrubber.running.inputs import Input
from scrubber.testing import build, infusion_claim
from tests.outputs.reporting import InMemory, reported
from tests.scrubbing import FIXTURES, engine, every_claim, made, of_edits

FILES = [
    Input(str(FIXTURES / "clinic-day.837")),
    InMemory("broken.837", build([infusion_claim()]).replace("GE*1*", "GE*7*")),
]


def lines(used: Engine, *sources: Input) -> list[dict[str, Any]]:
    report = reported(JsonlReport, used, *sources)
    assert report.endswith("\n")
    return [json.loads(line) for line in report.splitlines()]


def of_kind(records: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [record for record in records if record["record"] == kind]


def test_order_of_the_lines() -> None:
    kinds = [record["record"] for record in lines(engine(), *FILES)]
    assert kinds == ["report", *["claim"] * 60, "file", "claim", "error", "file", "summary"]


def test_they_have_what_the_json_report_has() -> None:
    document = json.loads(reported(JsonReport, engine(), *FILES))
    records = lines(engine(), *FILES)
    head, *_, summary = records
    assert head == {"record": "report"} | {
        key: document[key] for key in ("schema_version", "tool", "catalogue", "profile", "reference")
    }
    assert summary == {"record": "summary"} | {key: document[key] for key in ("summary", "breakdowns")}
    for file in document["files"]:
        of_file = [record for record in records if record.get("path") == file["path"]]
        for kind, key in (("claim", "claims"), ("error", "errors")):
            found = [dict(record) for record in of_kind(of_file, kind)]
            assert found == [{"record": kind, "path": file["path"], **record} for record in file[key]]
        (end,) = of_kind(of_file, "file")
        assert end == {"record": "file"} | {key: file[key] for key in file if key not in ("claims", "errors")}


def test_a_table_that_is_not_loaded_is_named_with_each_file() -> None:
    used = Engine(of_edits(made(every_claim, table="hcpcs")), Profile())
    (file,) = of_kind(lines(used, FILES[0]), "file")
    assert file["not_checked"] == [{"code": "TEST01", "reason": "table hcpcs is not loaded"}]
