"""JUnit XML: a claim is a test case, and viewers find what they look for."""

from __future__ import annotations

from typing import TextIO
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.junit_report import JunitReport
from scrubber.running.inputs import Input
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, waste_claim, with_line
from tests.outputs.reporting import InMemory, always_finding, reported
from tests.scrubbing import FIXTURES, engine, every_claim, made, of_edits

OUTCOMES = ("failure", "error", "skipped")
ALLOWED = {
    "testsuites": ({"name"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"properties", "testcase", "system-out"}),
    "testcase": ({"name", "classname"}, {*OUTCOMES, "system-out"}),
    **{outcome: ({"message", "type"}, set()) for outcome in OUTCOMES},
    "system-out": (set(), set()),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
}
"""Attributes and children of each element; all of them are in the schemas of Jenkins and its xUnit plug-in."""

TWO_FAULTS = infusion_claim("837P", "CLAIM-1", lines=(drug_line(modifiers=()), drug_line(modifiers=())))
ONE_FAULT = infusion_claim("837P", "CLAIM-2", lines=(drug_line(modifiers=()), LineSpec("96365")))


def suites(used: Engine, *sources: Input, fail_on: str = "reject") -> list[Element]:
    def writer(out: TextIO, used: Engine) -> JunitReport:
        return JunitReport(out, used, fail_on)

    root = ElementTree.fromstring(reported(writer, used, *sources))
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children
    return list(root)


def counts(suite: Element) -> dict[str, int]:
    return {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}


def test_counts_are_those_of_the_cases() -> None:
    files = [Input(str(FIXTURES / name)) for name in ("clinic-day.837", "mix-ups-837i.837")]
    broken = InMemory("broken.837", build([ONE_FAULT]).replace("GE*1*", "GE*7*"))
    for suite in suites(engine(), *files, broken, InMemory("empty.837", "")):
        cases = suite.findall("testcase")
        tags = [child.tag for case in cases for child in case if child.tag != "system-out"]
        assert counts(suite) == {
            "tests": len(cases),
            "failures": tags.count("failure"),
            "errors": tags.count("error"),
            "skipped": tags.count("skipped"),
        }
        assert all(len([child for child in case if child.tag in OUTCOMES]) <= 1 for case in cases)


def test_a_claim_is_a_case_named_by_its_ordinal() -> None:
    claims = [infusion_claim(), infusion_claim("837I"), TWO_FAULTS]
    (suite,) = suites(engine("JWJZ01"), InMemory("inbox/day.1.837", build(claims)))
    assert suite.attrib["name"] == "inbox/day.1.837"
    found = suite.findall("testcase")
    cases = [(case.attrib["name"], case.attrib["classname"], len(case)) for case in found]
    assert cases == [
        ("claim 1 (837P)", "inbox.day_1_837", 0),
        ("claim 2 (837I)", "inbox.day_1_837", 0),
        ("claim 3 (837P)", "inbox.day_1_837", 1),
    ]


def test_all_findings_of_a_claim_are_in_one_failure() -> None:
    (suite,) = suites(engine("JWJZ01"), InMemory("claims.837", build([TWO_FAULTS])))
    failure = suite.find("testcase/failure")
    assert failure is not None
    first, second = (
        f"reject JWJZ01 claim 1, line {line}, loop 2400, SV101-3: "
        "J0490 comes in single-dose vials and has neither JW nor JZ"
        for line in (1, 2)
    )
    fix = "fix: add JZ if nothing was discarded, else add a line with JW for the discarded units"
    assert failure.attrib == {"message": f"{first} (and 1 more)", "type": "JWJZ01"}
    assert failure.text == "\n".join([first, fix, second, fix])


@pytest.mark.parametrize(
    ("severity", "failing"),
    [("reject", ("reject", "warn", "info")), ("warn", ("warn", "info")), ("info", ("info",))],
)
def test_findings_below_the_threshold_are_output(severity: str, failing: tuple[str, ...]) -> None:
    thresholds: tuple[str, ...] = ("reject", "warn", "info", "never")
    for threshold in thresholds:
        source = InMemory("claims.837", build([ONE_FAULT]))
        (suite,) = suites(always_finding("a fault", severity=severity), source, fail_on=threshold)
        (message,) = [*suite.iter("failure"), *suite.iter("system-out")]
        assert message.tag == ("failure" if threshold in failing else "system-out")
        assert message.text == f"{severity} TEST01 claim 1, loop 2300, CLM01: a fault\nfix: a fix"


def test_what_is_wrong_with_a_file_is_a_case_in_error() -> None:
    (suite,) = suites(engine("JWJZ01"), InMemory("claims.837", build([ONE_FAULT]).replace("GE*1*", "GE*7*")))
    case = suite.findall("testcase")[-1]
    (error,) = case
    assert (case.attrib["name"], error.tag, error.attrib["type"]) == ("file", "error", "READ29")
    assert error.attrib["message"].startswith("READ29 GE01 is not 1, the number counted (line 35 of the file, byte ")


def test_unsupported_transactions_next_to_others_are_skipped() -> None:
    text = build([infusion_claim()])
    dental = build([infusion_claim()], control=2).replace("005010X222A1", "005010X224A2")
    for file, tag in ((text + dental, "skipped"), (dental, "error")):
        (suite,) = suites(engine("JWJZ01"), InMemory("claims.837", file))
        (outcome,) = suite.findall("testcase")[-1]
        assert (outcome.tag, outcome.attrib["type"]) == (tag, "READ33")


def test_what_was_not_checked_is_output_of_the_claim_or_of_the_suite() -> None:
    source = InMemory("claims.837", build([with_line(waste_claim(), 2, units="three")]))
    (suite,) = suites(engine("JWJZ05"), source)
    assert suite.findtext("testcase/system-out") == "not checked JWJZ05 on claim 1: SV104 is not a number"
    (suite,) = suites(Engine(of_edits(made(every_claim, table="hcpcs")), Profile()), source)
    assert suite.findtext("system-out") == "not checked TEST01: table hcpcs is not loaded"


def test_it_is_ascii_whatever_the_encoding_of_the_file() -> None:
    report = reported(JunitReport, always_finding("na\u00efve \u20ac"), InMemory("caf\u00e9.837", build([ONE_FAULT])))
    assert report.isascii()
    assert [suite.attrib["name"] for suite in ElementTree.fromstring(report)] == ["caf\u00e9.837"]
    assert "na\u00efve \u20ac" in (ElementTree.fromstring(report).findtext(".//failure") or "")
