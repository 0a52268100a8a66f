"""SARIF 2.1.0: valid, with help for each rule, at the place in the file that viewers look for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.sarif_report import SarifReport, uri
from scrubber.running.inputs import Input
from scrubber.testing import (
    DelimiterSpec,
    build,
    drug_line,
    infusion_claim,
    numbered,
    waste_claim,
    with_line,
)
from tests.outputs.reporting import InMemory, always_finding, reported, written
from tests.scrubbing import FIXTURES, each, engine, every_claim, every_line, installed, made, of_edits

# The parts of the format that are used, by the text of the standard: names and types of an object's properties, those
# that it must have marked with an exclamation mark. Other properties are not allowed in it, but in a property bag.

TEXT = {"text!": str}
MULTIFORMAT = {"text!": str, "markdown": str}
REGION = {
    "byteOffset!": int,
    "byteLength!": int,
    "startLine": int,
    "startColumn": int,
    "endLine": int,
    "endColumn": int,
}
ARTIFACT = {"uri!": str}
LOCATION = {
    "physicalLocation!": {"artifactLocation!": ARTIFACT, "region!": REGION},
    "logicalLocations": [{"name!": str, "fullyQualifiedName!": str, "kind!": str}],
}
LEVEL = re.compile("error|warning|note|none")
RULE = {
    "id!": str,
    "name!": str,
    "shortDescription!": MULTIFORMAT,
    "fullDescription!": MULTIFORMAT,
    "help!": MULTIFORMAT,
    "defaultConfiguration!": {"level!": LEVEL},
    "properties!": dict,
}
RESULT = {
    "ruleId!": str,
    "ruleIndex!": int,
    "level!": LEVEL,
    "message!": TEXT,
    "locations!": [LOCATION],
    "partialFingerprints!": {"scrubber/v1!": str, "primaryLocationLineHash!": str},
    "properties!": dict,
}
NOTIFICATION = {
    "level!": LEVEL,
    "message!": TEXT,
    "associatedRule": {"id!": str, "index!": int},
}
LOG = {
    "$schema!": re.compile(r"https://.*sarif-2\.1\.0\.json"),
    "version!": re.compile(r"2\.1\.0"),
    "runs!": [
        {
            "tool!": {"driver!": {"name!": str, "version!": str, "rules!": [RULE]}},
            "columnKind!": re.compile("unicodeCodePoints"),
            "properties!": dict,
            "results!": [RESULT],
            "invocations!": [
                {
                    "executionSuccessful!": bool,
                    "toolConfigurationNotifications!": [NOTIFICATION],
                    "toolExecutionNotifications!": [NOTIFICATION],
                    "properties!": dict,
                }
            ],
        }
    ],
}


def assert_valid(value: Any, shape: Any) -> None:
    """A value has the shape of a part of the format."""
    if isinstance(shape, list):
        assert isinstance(value, list)
        for item in value:
            assert_valid(item, shape[0])
    elif isinstance(shape, dict):
        required = {name[:-1] for name in shape if name.endswith("!")}
        allowed = {name.rstrip("!"): inner for name, inner in shape.items()}
        assert required <= set(value) <= set(allowed)
        for name, item in value.items():
            assert_valid(item, allowed[name])
    elif isinstance(shape, re.Pattern):
        assert shape.fullmatch(value)
    else:
        assert type(value) is shape


def sarif(used: Engine, *sources: Input) -> dict[str, Any]:
    """The only run of the report."""
    log = json.loads(reported(SarifReport, used, *sources))
    assert_valid(log, LOG)
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for notifications in ("toolConfigurationNotifications", "toolExecutionNotifications"):
        for notification in run["invocations"][0][notifications]:
            rule = notification["associatedRule"]
            assert rules[rule["index"]]["id"] == rule["id"]
    return run


FAULTY = numbered(infusion_claim("837P", "CLAIM-1", lines=(drug_line(modifiers=()), drug_line(modifiers=()))))


def test_the_result_of_a_finding(tmp_path: Path) -> None:
    source = written(tmp_path, build([infusion_claim(), FAULTY]))
    first, second = sarif(engine("JWJZ01"), source)["results"]
    assert (first["ruleId"], first["level"]) == ("JWJZ01", "error")
    assert first["message"]["text"] == (
        "claim 2, line 1, loop 2400, SV101-3: J0490 comes in single-dose vials and has neither JW nor JZ\n"
        "fix: add JZ if nothing was discarded, else add a line with JW for the discarded units"
    )
    (location,) = first["locations"]
    assert location["logicalLocations"] == [
        {"name": "SV101-3", "fullyQualifiedName": "claim 2/line 1/loop 2400/SV101-3", "kind": "element"}
    ]
    assert first["properties"] == {
        "claim": 2,
        "type": "837P",
        "goes_to": "rejected",
        "service_line": 1,
        "loop": "2400",
        "segment": 45,
        "file_line": 47,
        "segment_id": "SV1",
        "element": "SV101-3",
    }
    assert second["properties"]["service_line"] == 2


def test_rules_are_all_codes_with_help() -> None:
    rules = {rule["id"]: rule for rule in sarif(engine())["tool"]["driver"]["rules"]}
    assert {*installed().edits, "READ20", "READ03", "SCRUB01", "IG01"} <= set(rules)
    for rule in rules.values():
        assert re.fullmatch(r"[A-Z0-9]\w+", rule["name"])
        assert rule["help"]["text"].strip()
        assert rule["help"]["markdown"].strip()
        assert "<" not in rule["help"]["markdown"]
        assert len(rule["shortDescription"]["text"]) < 1024
    rule = rules["JWJZ01"]
    assert rule["shortDescription"]["text"] == "Neither JW nor JZ on a single-dose drug"
    assert rule["fullDescription"]["text"]
    for heading in ("What it checks", "Why it is denied", "How to fix", "Source", "Confidence", "Likely denial"):
        assert f"{heading}:" in rule["help"]["text"]
        assert heading in rule["help"]["markdown"]
    assert rule["properties"].keys() == {"source", "confidence", "carc", "rarc", "claim_status", "tags"}
    assert rule["defaultConfiguration"] == {"level": "error"}


@each(
    "written_with",
    {
        "a line for each segment": {"eol": "\n"},
        "lines of windows": {"eol": "\r\n"},
        "no line breaks": {"eol": ""},
        "line breaks for terminators": {"eol": "", "delimiters": DelimiterSpec(terminator="\n")},
        "odd delimiters": {"eol": "\n", "delimiters": DelimiterSpec("|", ">", "!", "'")},
    },
)
def test_the_region_is_the_segment_at_fault_in_bytes_and_in_lines(tmp_path: Path, written_with: dict[str, Any]) -> None:
    noted = attrs.evolve(FAULTY, note="CAF\u00c9 \u20ac \u00fc\u00fc")
    text = build([infusion_claim(), noted], **written_with)
    used = Engine(of_edits(made(every_claim, "CLAIM01"), made(every_line, "LINE01")), Profile())
    for encoding, marked in (("utf-8", ""), ("utf-8", "\ufeff")):
        path = tmp_path / "claims.837"
        path.write_bytes((marked + text).encode(encoding))
        results = sarif(used, Input(str(path)))["results"]
        assert len(results) == 6
        for result in results:
            region = result["locations"][0]["physicalLocation"]["region"]
            start, length = region["byteOffset"], region["byteLength"]
            segment = path.read_bytes()[start : start + length].decode(encoding)
            assert segment.startswith(result["properties"]["segment_id"])
            assert segment in re.split(r"[~'\r\n]+", text)
            rows = text.split("\n")
            assert region["startLine"] == region["endLine"]
            row = rows[region["startLine"] - 1]
            assert row[region["startColumn"] - 1 : region["endColumn"] - 1] == segment


def test_a_segment_that_is_broken_into_lines(tmp_path: Path) -> None:
    text = build([FAULTY], eol="").replace("CLAIM-1*9600", "CLAIM\n-1*96\n00")
    (result,) = sarif(always_finding("a fault"), written(tmp_path, text))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    segment = text[text.index("CLM*") :].partition("~")[0]
    assert text[region["byteOffset"] :][: region["byteLength"]] == segment
    rows = text.split("\n")[region["startLine"] - 1 : region["endLine"]]
    assert len(rows) == 3
    assert "\n".join([rows[0][region["startColumn"] - 1 :], rows[1], rows[2][: region["endColumn"] - 1]]) == segment


def test_standard_input_has_no_lines() -> None:
    (result,) = sarif(always_finding("a fault"), InMemory("-", build([FAULTY])))["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "-"}
    assert set(physical["region"]) == {"byteOffset", "byteLength"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("inbox/day 1.837", "inbox/day%201.837"),
        ("./day.837", "day.837"),
        ("/data/caf\u00e9.837", "file:///data/caf%C3%A9.837"),
        ("a:b?#%.837", "a%3Ab%3F%23%25.837"),
        ("\udcff\n</script>.837", "%FF%0A%3C/script%3E.837"),
    ],
)
def test_paths_as_uris(path: str, expected: str) -> None:
    assert uri(path) == expected


def fingerprints(*sources: Input) -> list[str]:
    found = [result["partialFingerprints"] for result in sarif(engine(), *sources)["results"]]
    assert all(len(set(prints.values())) == 1 for prints in found)
    return [prints["scrubber/v1"] for prints in found]


def test_fingerprints_of_results_differ_and_do_not_depend_on_patient_data() -> None:
    source = Input(str(FIXTURES / "clinic-day.837"))
    ours = fingerprints(source)
    assert len(set(ours)) == len(ours)
    text = Path(source.path).read_text()
    others = InMemory("other.837", text.replace("CD261014-", "XY99-").replace("MEM0000", "ZZZ1111"))
    assert fingerprints(others) == ours


def test_the_same_finding_twice_at_one_location_has_two_fingerprints() -> None:
    twice = Engine(of_edits(made(lambda claim, facts: [*every_claim(claim, facts)] * 2)), Profile())
    first, second = sarif(twice, InMemory("claims.837", build([FAULTY])))["results"]
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_errors_of_the_file(tmp_path: Path) -> None:
    source = written(tmp_path, build([infusion_claim()]).replace("GE*1*", "GE*7*"))
    run = sarif(engine("JWJZ01"), source)
    error = run["results"][-1]
    assert (error["ruleId"], error["level"], error["message"]["text"]) == (
        "READ29",
        "error",
        "GE01 is not 1, the number counted",
    )
    region = error["locations"][0]["physicalLocation"]["region"]
    assert Path(source.path).read_bytes()[region["byteOffset"] :].startswith(b"GE*7")
    assert (region["startLine"], region["startColumn"], region["byteLength"]) == (35, 1, 0)
    assert (region["endLine"], region["endColumn"]) == (35, 1)
    assert run["invocations"][0]["executionSuccessful"] is False
    assert sarif(engine("JWJZ01"), InMemory("a.837", build([FAULTY])))["invocations"][0]["executionSuccessful"] is True


def test_what_was_not_checked_is_reported_once_for_each_edit() -> None:
    source = InMemory("claims.837", build([infusion_claim(), *[with_line(waste_claim(), 2, units="three")] * 2]))
    run = sarif(engine("JWJZ05"), source, source)
    assert run["results"] == []
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    text = "not checked JWJZ05 on claim 2 of claims.837: SV104 is not a number (and 3 more claims)"
    assert notification["message"]["text"] == text
    run = sarif(Engine(of_edits(made(every_claim, table="hcpcs")), Profile()), source)
    (notification,) = run["invocations"][0]["toolConfigurationNotifications"]
    assert notification["message"]["text"] == "not checked TEST01: table hcpcs is not loaded"


def test_nothing_in_a_message_is_a_placeholder_or_a_link() -> None:
    (result,) = sarif(always_finding("{0} [here](http://192.0.2.1)"), InMemory("a.837", build([FAULTY])))["results"]
    assert "{{0}} [here] (http://192.0.2.1)\n" in result["message"]["text"]
