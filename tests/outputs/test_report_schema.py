"""The JSON schema that is shipped: it holds for every kind of report, and names every key."""

from __future__ import annotations

import copy
import importlib
import json
import re
from typing import Any

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.naming import Naming
from scrubber.engine.profile import Profile
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.jsonl_report import JsonlReport
from scrubber.testing import build, drug_line, infusion_claim
from tests.json_reports import SCHEMA, faults, faults_of_json, faults_of_json_lines
from tests.outputs.html_pages import BROKEN, DAY, HOSPITAL, UNDECIDED
from tests.outputs.reporting import InMemory, reported
from tests.outputs.xml_reports import with_suppressions
from tests.scrubbing import ROOT, engine, installed


def document() -> Any:
    return json.loads(reported(JsonReport, engine(), DAY, BROKEN, UNDECIDED))


def test_reports_of_every_kind_keep_to_it() -> None:
    hidden = Engine(installed(), Profile(), naming=Naming(b"k" * 32))
    for used, sources in (
        (engine(), (DAY, HOSPITAL, BROKEN, UNDECIDED, InMemory("empty.837", ""))),
        (engine(), ()),
        (hidden, (DAY,)),
        (with_suppressions()[0], (with_suppressions()[1],)),
    ):
        assert not faults_of_json(reported(JsonReport, used, *sources))
        assert not faults_of_json_lines(reported(JsonlReport, used, *sources))


@pytest.mark.parametrize("part", ["", "files/0", "files/0/claims/4", "files/0/claims/4/findings/0", "summary"])
def test_a_key_that_it_does_not_name_is_a_fault_of_the_tests_and_of_no_reader(part: str) -> None:
    changed = document()
    at = changed
    for step in part.split("/") if part else ():
        at = at[int(step) if step.isdigit() else step]
    at["new"] = 1
    assert faults(changed)


def test_a_report_without_a_key_or_with_another_type_is_a_fault() -> None:
    good = document()
    assert not faults(good)
    for key in SCHEMA["required"]:
        assert faults({name: value for name, value in good.items() if name != key})
    for key, value in (("charge", 12.5), ("ordinal", "1"), ("disposition", "held"), ("service_dates", ["20261014"])):
        changed = copy.deepcopy(good)
        changed["files"][0]["claims"][0][key] = value
        assert faults(changed)


def test_the_guide_shows_how_to_use_it() -> None:
    guide = (ROOT / "docs" / "formats.md").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)[0], names)
    validators = importlib.import_module("jsonschema_rs")
    whole, line = (validators.Draft202012Validator(names[name]) for name in ("schema", "json_line"))
    assert whole.is_valid(document()) and not line.is_valid(document())
    rows = [json.loads(row) for row in reported(JsonlReport, engine(), DAY, BROKEN).splitlines()]
    assert all(line.is_valid(row) and not whole.is_valid(row) for row in rows)
    assert not line.is_valid({"record": "claim"})


def test_every_part_and_key_is_described_by_its_name_or_in_words() -> None:
    assert SCHEMA["$defs"].keys() >= {"claim", "finding", "suppressed", "line", "error", "summary", "json_line"}
    assert all(part.get("type") or part.get("oneOf") or part.get("allOf") for part in SCHEMA["$defs"].values())


def claims(*specs: Any) -> list[dict[str, Any]]:
    found = json.loads(reported(JsonReport, engine(), InMemory("claims.837", build(specs))))
    return list(found["files"][0]["claims"])


def test_lines_are_there_where_there_are_findings() -> None:
    faulty, clean = claims(infusion_claim(lines=(drug_line(modifiers=("jw", "xx")), drug_line())), infusion_claim())
    assert [line["service_line"] for line in faulty["lines"]] == [1, 2]
    assert faulty["lines"][0]["modifiers"] == ["JW", "XX"]
    assert clean["findings"] or clean["lines"] == []


def test_of_many_lines_those_with_findings_are_there() -> None:
    lines = [drug_line(modifiers=("JZ",)) for _ in range(60)]
    lines[40] = drug_line(modifiers=("JZ", "JW"))
    (claim,) = claims(infusion_claim(lines=tuple(lines)))
    found = {finding["service_line"] for finding in claim["findings"]} - {None}
    assert 41 in found
    assert [line["service_line"] for line in claim["lines"]] == sorted(found)


def test_a_payer_who_may_be_a_person_has_no_name_in_a_report() -> None:
    text = build([attrs.evolve(infusion_claim(), payer_name="ANNA BIRCHMERE")])
    for found, name in ((text, "ANNA BIRCHMERE"), (text.replace("NM1*PR*2*", "NM1*PR*1*"), None)):
        report = json.loads(reported(JsonReport, engine(), InMemory("claims.837", found)))
        assert report["files"][0]["claims"][0]["payer_name"] == name


def test_the_excerpt_has_the_part_at_fault() -> None:
    (claim,) = claims(infusion_claim(lines=(drug_line(modifiers=("JW", "JZ")),)))
    (excerpt,) = [finding["excerpt"] for finding in claim["findings"] if finding["code"] == "JWJZ02"]
    assert excerpt["text"].startswith("SV1*HC:J0490:JW:JZ*")
    assert excerpt["text"][excerpt["start"] : excerpt["stop"]] == "JZ"
