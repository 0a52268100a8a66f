"""All formats of the report have the same findings, and no text of a file does harm in any of them.

The tests run over all registered formats. A new one needs an entry in READERS: how its findings are read back from it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from xml.etree import ElementTree

import attrs
import pytest
from lxml import html

from scrubber.edit import SEVERITIES
from scrubber.engine.engine import Engine
from scrubber.outputs import formats
from scrubber.outputs.formats import load
from scrubber.outputs.github_report import COMMANDS
from scrubber.outputs.layout import Layout
from scrubber.outputs.report import Format, Options
from scrubber.outputs.sarif_report import LEVELS
from scrubber.running.inputs import Input
from scrubber.testing import DelimiterSpec, build, drug_line, infusion_claim, numbered
from tests.lanes import rows_and_columns
from tests.outputs.reporting import InMemory, always_finding, fill
from tests.scrubbing import FIXTURES, each, engine
from tests.third_party_formats import clinic_formats


class Reported(NamedTuple):
    """A finding as a report shows it; `claim` is the ordinal in the file."""

    claim: int
    severity: str
    code: str
    line: int | None
    element: str
    message: str


@attrs.frozen
class Form:
    """A registered format: how its findings are read back from a report, and whether build systems show it."""

    form: Format
    read_back: Callable[[bytes], Iterator[Reported]]
    for_ci: bool = False

    def write(self, used: Engine, sources: Sequence[Input]) -> bytes:
        """The report on files."""
        out = io.BytesIO()
        target = out if self.form.binary else io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
        fill(self.form.start(target, used, WIDE), sources, used)
        return out.getvalue()

    def read(self, report: bytes) -> list[Reported]:
        """The findings in a report."""
        return list(self.read_back(report))


WIDE = Options(layout=Layout(width=100_000))
"""The text report as a terminal of any width shows it."""


def in_text(read: Callable[[str], Iterator[Reported]]) -> Callable[[bytes], Iterator[Reported]]:
    """Reads findings back from the text of a report."""
    return lambda report: read(report.decode())


def of_claim(ordinal: int, record: dict[str, Any]) -> Iterator[Reported]:
    for item in record["findings"]:
        reported = (item[key] for key in ("severity", "code", "service_line", "element", "message"))
        yield Reported(ordinal, *reported)


def from_json(report: str) -> Iterator[Reported]:
    for file in json.loads(report)["files"]:
        for ordinal, claim in enumerate(file["claims"], 1):
            yield from of_claim(ordinal, claim)


def from_json_lines(report: str) -> Iterator[Reported]:
    for row in report.splitlines():
        record = json.loads(row)
        if record["record"] == "claim":
            yield from of_claim(record["ordinal"], record)


def from_csv(report: str) -> Iterator[Reported]:
    for row in csv.DictReader(io.StringIO(report.removeprefix("\ufeff"), newline=""), strict=True):
        if row["severity"] in SEVERITIES:
            line = int(row["service_line"]) if row["service_line"] else None
            yield Reported(int(row["claim"]), row["severity"], row["code"], line, row["element"], row["message"])


def from_text(report: str) -> Iterator[Reported]:
    claim = 0
    rows = report.splitlines()
    for row, below in pairwise(rows):
        if found := re.match(r"[A-Z]+  claim (\d+)(?:  |$)", row):
            claim = int(found[1])
        elif found := re.fullmatch(r" *(?:claim|line (\d+))  (\w+) (\w+)  (.*)", row):
            line = int(found[1]) if found[1] else None
            where = re.match(r"      at  ([\w-]+), ", below)
            assert where, below
            yield Reported(claim, found[2], found[3], line, where[1], found[4])


DESCRIBED = re.compile(r"claim (\d+)(?:, line (\d+))?, loop \w+, ([\w-]+): (.*)\nfix: .*")


def from_description(severity: str, code: str, text: str) -> Reported:
    """A finding as formats for build systems describe it."""
    found = DESCRIBED.fullmatch(text)
    assert found, text
    return Reported(int(found[1]), severity, code, int(found[2]) if found[2] else None, found[3], found[4])


def from_sarif(report: str) -> Iterator[Reported]:
    severities = {level: severity for severity, level in LEVELS.items()}
    (sarif,) = json.loads(report)["runs"]
    for result in sarif["results"]:
        where = result["properties"]
        if "claim" not in where:
            continue
        text = result["message"]["text"].replace("{{", "{").replace("}}", "}")
        reported = from_description(severities[result["level"]], result["ruleId"], text)
        assert (where["claim"], where.get("service_line"), where["element"]) == (
            reported.claim,
            reported.line,
            reported.element,
        )
        yield reported


def from_junit(report: str) -> Iterator[Reported]:
    for case in ElementTree.fromstring(report).iter("testcase"):
        for element in case:
            for severity, code, text in re.findall(r"^(\w+) (\w+) (claim .*\nfix: .*)$", element.text or "", re.M):
                assert case.attrib["name"].startswith(text.partition(",")[0])
                yield from_description(severity, code, text)


def from_github(report: str) -> Iterator[Reported]:
    severities = {command: severity for severity, command in COMMANDS.items()}
    for row in report.splitlines():
        found = re.fullmatch(r"::(\w+) (.*?)::(.*)", row)
        if found and found[3].startswith("claim "):
            properties = dict(pair.split("=", 1) for pair in found[2].split(","))
            text = found[3].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
            yield from_description(severities[found[1]], properties["title"].split()[0], text)


def from_xml(report: bytes) -> Iterator[Reported]:
    for claim in ElementTree.fromstring(report).iter("claim"):
        for item in claim.iter("finding"):
            reported = item.attrib
            line = int(reported["service_line"]) if "service_line" in reported else None
            ordinal = int(claim.attrib["ordinal"])
            yield Reported(
                ordinal, reported["severity"], reported["code"], line, reported["element"], reported["message"]
            )


def from_html(report: bytes) -> Iterator[Reported]:
    for claim in html.document_fromstring(report.decode()).xpath("//*[@id='claims']/*"):
        for item in claim.xpath("./details/div/section/div"):
            line = re.match(r"Line (\d+)", item.xpath("string(../h3)"))
            yield Reported(
                int(claim.xpath("string(details/summary/*[2])")),
                item.get("class"),
                item.xpath("string(p/a)"),
                int(line[1]) if line else None,
                item.xpath("string(small/b)"),
                item.xpath("string(p/a/following-sibling::text())").strip(),
            )


def from_worklist(report: str) -> Iterator[Reported]:
    for row in report.splitlines():
        name, *cells = row.split(" | ", 6)
        if name == "finding":
            claim, severity, code, line, element, message = cells
            yield Reported(int(claim), severity, code, None if line == "None" else int(line), element, message)


READERS: Mapping[str, Callable[[bytes], Iterator[Reported]]] = {
    "text": in_text(from_text),
    "json": in_text(from_json),
    "jsonl": in_text(from_json_lines),
    "xml": from_xml,
    "html": from_html,
    "csv": in_text(from_csv),
    "sarif": in_text(from_sarif),
    "junit": in_text(from_junit),
    "github": in_text(from_github),
    "worklist": in_text(from_worklist),
}
"""How the findings in a report of each format are read back."""

FOR_CI = ("sarif", "junit", "github")
"""The formats that build systems show."""

ALL = {name: load(name) for name in formats.FORMATS} | {"worklist": clinic_formats.FORMAT}
"""All registered formats, and one that does not come with the scrubber."""

FORMATS = {name: Form(form, READERS[name], name in FOR_CI) for name, form in ALL.items()}

each_format = each("form", FORMATS)


@each_format
@pytest.mark.parametrize("name", ["clinic-day.837", "clinic-day-hospital.837", "administration-837i.837"])
def test_every_format_has_the_same_findings(form: Form, name: str) -> None:
    source = Input(str(FIXTURES / name))
    expected = FORMATS["json"].read(FORMATS["json"].write(engine(), [source]))
    assert {reported.severity for reported in expected} == set(SEVERITIES)
    assert sorted(form.read(form.write(engine(), [source])), key=str) == sorted(expected, key=str)


@each_format
def test_files_without_claims_and_no_files_at_all(form: Form) -> None:
    for sources in ([], [InMemory("empty.837", "")], [InMemory("a.837", build([])), InMemory("b.837", "no claims")]):
        assert form.read(form.write(always_finding("a fault"), sources)) == []


HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "formula": "=cmd|'/c calc'!A1",
    "formula behind a separator": "x;=cmd()",
    "cdata": "]]><!--<![CDATA[",
    "entity": "&lt;&#0;&x; \"'<",
    "terminal": "\x1b[31m\x1b]0;title\x07\x9b1m",
    "line ends": "one\r\ntwo\nthree\x85four",
    "command": "::error::stop\n::add-mask::1",
    "command with properties": "::error file=x,line=1,title=y::z",
    "old command": "##[add-mask]1",
    "percent": "%0A::error::%3A%2C%25",
    "placeholder": "{0} [here](http://192.0.2.1)",
    "path": "../../etc/passwd\x00",
    "no letter": "\ufffe\udcff\u202e\ufeff",
    "long": "x" * 10_000,
}

DELIMITERS = DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c")
"""None of these is in the texts above that a file can hold."""

each_format_with_each_text = pytest.mark.parametrize(("form", "text"), rows_and_columns(FORMATS, HOSTILE))


@each_format_with_each_text
def test_no_claim_id_does_harm(form: Form, text: str) -> None:
    ids = [text, text.replace("x", "y"), f" {text} "]
    ids = [name.encode("latin-1", "replace").decode("latin-1") for name in ids]
    claims = [infusion_claim("837P", name, lines=(drug_line(modifiers=()), drug_line(units="x"))) for name in ids]
    file = build(claims, delimiters=DELIMITERS, eol="")
    report = form.write(engine(), [InMemory("claims.837", file)])
    assert_harmless(form, report)
    assert {reported.claim for reported in form.read(report)} == {1, 2, 3}
    if form.for_ci:
        assert not any(name.encode() in report for name in ids)


@each_format_with_each_text
def test_no_message_does_harm(form: Form, text: str) -> None:
    file = InMemory("claims.837", build([infusion_claim()]))
    for severity in SEVERITIES:
        report = form.write(always_finding(f"a fault {text}", f"a fix {text}", severity), [file])
        assert_harmless(form, report)
        (reported,) = form.read(report)
        assert (reported.code, reported.severity, reported.message[:8]) == ("TEST01", severity, "a fault ")


@each_format_with_each_text
def test_no_file_name_does_harm(form: Form, text: str) -> None:
    claims = build([infusion_claim()])
    report = form.write(
        always_finding("a fault"), [InMemory(text, claims), InMemory(text, f"{claims}ISA*"), InMemory(text, "")]
    )
    assert_harmless(form, report)
    assert [reported.message for reported in form.read(report) if reported.code == "TEST01"] == ["a fault"] * 2


def assert_harmless(form: Form, report: bytes) -> None:
    """The report has no control characters, and it can still be parsed: no text breaks out of its field."""
    text = report.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\n", "")
    assert text.isprintable()
    form.read(report)


@each_format
def test_the_same_input_gives_the_same_bytes(form: Form) -> None:
    source = Input(str(FIXTURES / "clinic-day.837"))
    assert form.write(engine(), [source]) == form.write(engine(), [source])


@each("form", {name: form for name, form in FORMATS.items() if form.for_ci})
def test_reports_for_build_systems_show_no_patient_data(form: Form) -> None:
    """Whatever an edit quotes: ids, names, addresses and dates of the claim are taken out of what CI shows."""
    day, born = date(2026, 10, 5), date(1984, 3, 9)
    claim = infusion_claim("837I", "CLAIM-1", clearinghouse_id="CLEARING-1", member_id="MEMBER-1", birth_date=born)
    claim = attrs.evolve(numbered(claim), prior_authorization="PRIOR-1", payer_claim_control_number="PAYER-1")
    words = [
        "CLAIM-1",
        "CLAIM-1L2",
        "CLEARING-1",
        "MEMBER-1",
        "PRIOR-1",
        "PAYER-1",
        "BIRCHMERE",
        "BRUNO",
        "11 SAMPLE LANE",
    ]
    words += [f"{one:{how}}" for one in (day, born) for how in ("%Y%m%d", "%Y-%m-%d", "%m/%d/%Y")]
    quoted = f"{', '.join(words)} ({words[0]})"
    report = form.write(
        always_finding(f"a fault of {quoted}", f"mend {quoted}"), [InMemory("claims.837", build([claim]))]
    )
    (reported,) = form.read(report)
    assert reported.message == f"a fault of {', '.join(['(hidden)'] * len(words))} ((hidden))"
    assert not [word for word in words if word.encode() in report]


class Counting(io.StringIO):
    """Keeps nothing of what is written, text or bytes, but the length of the longest part."""

    longest = 0

    def write(self, text: Any, /) -> int:
        self.longest = max(self.longest, len(text))
        return len(text)


@each("form", {name: form for name, form in ALL.items() if name != "html"})  # a page is sorted before it is written
def test_it_is_written_as_a_stream(form: Format) -> None:
    """The claims of a batch leave as it is read; the report of the claims before them is not held."""
    used = always_finding("a fault")
    few, many = (
        InMemory("claims.837", build(infusion_claim(claim_id=f"C{number}") for number in range(count)))
        for count in (600, 1_200)
    )
    longest = []
    for source in (few, many):
        out = Counting()
        report = form.start(out, used, Options())
        out.longest = 0
        fill(report, [source], used)
        longest.append(out.longest)
    assert longest[1] <= max(longest[0] + 1_000, 1 << 16)
