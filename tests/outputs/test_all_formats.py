"""All formats of the report say the same, and nothing in a file does harm in any of them.

A new format needs an entry in FORMATS: how it is written, and how its findings are read back from it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple, TextIO
from xml.etree import ElementTree

import attrs
import pytest
from lxml import html

from scrubber.edit import SEVERITIES
from scrubber.engine.engine import Engine
from scrubber.outputs.csv_report import CsvReport
from scrubber.outputs.github_report import COMMANDS, GithubReport
from scrubber.outputs.html_report import HtmlReport
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.jsonl_report import JsonlReport
from scrubber.outputs.junit_report import JunitReport
from scrubber.outputs.report import Report
from scrubber.outputs.sarif_report import LEVELS, SarifReport
from scrubber.outputs.text_report import TextReport
from scrubber.outputs.xml_report import XmlReport
from scrubber.running.inputs import Input
from tests.builder import DelimiterSpec, build, drug_line, infusion_claim, numbered
from tests.outputs.reporting import InMemory, TextWriter, fill, reported, saying
from tests.scrubbing import FIXTURES, each, engine


class Said(NamedTuple):
    """A finding as a report says it; `claim` is the ordinal in the file."""

    claim: int
    severity: str
    code: str
    line: int | None
    element: str
    message: str


BinaryWriter = Callable[[BinaryIO, Engine], Report]
"""Makes a report that is written to a binary file."""


@attrs.frozen
class Format:
    """A format of the report: how it is written, how its findings are read, and whether build systems show it."""

    write: Callable[[Engine, Sequence[Input]], bytes]
    read: Callable[[bytes], list[Said]]
    for_ci: bool = False


def text_format(writer: TextWriter, read: Callable[[str], Iterator[Said]], *, for_ci: bool = False) -> Format:
    """A format that is written to a text file."""
    return Format(
        lambda used, sources: reported(writer, used, *sources).encode(),
        lambda report: list(read(report.decode())),
        for_ci,
    )


def of_claim(ordinal: int, record: dict[str, Any]) -> Iterator[Said]:
    for item in record["findings"]:
        said = (item[key] for key in ("severity", "code", "service_line", "element", "message"))
        yield Said(ordinal, *said)


def from_json(report: str) -> Iterator[Said]:
    for file in json.loads(report)["files"]:
        for ordinal, claim in enumerate(file["claims"], 1):
            yield from of_claim(ordinal, claim)


def from_json_lines(report: str) -> Iterator[Said]:
    for row in report.splitlines():
        record = json.loads(row)
        if record["record"] == "claim":
            yield from of_claim(record["ordinal"], record)


def from_csv(report: str) -> Iterator[Said]:
    for row in csv.DictReader(io.StringIO(report.removeprefix("\ufeff"), newline=""), strict=True):
        if row["severity"] in SEVERITIES:
            line = int(row["service_line"]) if row["service_line"] else None
            yield Said(int(row["claim"]), row["severity"], row["code"], line, row["element"], row["message"])


def from_text(report: str) -> Iterator[Said]:
    claim = 0
    rows = report.splitlines()
    for row, below in pairwise(rows):
        if found := re.match(r"[A-Z]+  claim (\d+)(?:  |$)", row):
            claim = int(found[1])
        elif found := re.fullmatch(r" *(?:claim|line (\d+))  (\w+) (\w+)  (.*)", row):
            line = int(found[1]) if found[1] else None
            place = re.match(r"      at  ([\w-]+), ", below)
            assert place, below
            yield Said(claim, found[2], found[3], line, place[1], found[4])


def unwrapped(out: TextIO, used: Engine) -> TextReport:
    """The text report as a terminal of any width shows it."""
    return TextReport(out, used, width=100_000)


DESCRIBED = re.compile(r"claim (\d+)(?:, line (\d+))?, loop \w+, ([\w-]+): (.*)\nfix: .*")


def from_description(severity: str, code: str, text: str) -> Said:
    """A finding as formats for build systems describe it."""
    found = DESCRIBED.fullmatch(text)
    assert found, text
    return Said(int(found[1]), severity, code, int(found[2]) if found[2] else None, found[3], found[4])


def from_sarif(report: str) -> Iterator[Said]:
    severities = {level: severity for severity, level in LEVELS.items()}
    (sarif,) = json.loads(report)["runs"]
    for result in sarif["results"]:
        place = result["properties"]
        if "claim" not in place:
            continue
        text = result["message"]["text"].replace("{{", "{").replace("}}", "}")
        said = from_description(severities[result["level"]], result["ruleId"], text)
        assert (place["claim"], place.get("service_line"), place["element"]) == (said.claim, said.line, said.element)
        yield said


def from_junit(report: str) -> Iterator[Said]:
    for case in ElementTree.fromstring(report).iter("testcase"):
        for element in case:
            for severity, code, text in re.findall(r"^(\w+) (\w+) (claim .*\nfix: .*)$", element.text or "", re.M):
                assert case.attrib["name"].startswith(text.partition(",")[0])
                yield from_description(severity, code, text)


def from_github(report: str) -> Iterator[Said]:
    severities = {command: severity for severity, command in COMMANDS.items()}
    for row in report.splitlines():
        found = re.fullmatch(r"::(\w+) (.*?)::(.*)", row)
        if found and found[3].startswith("claim "):
            properties = dict(pair.split("=", 1) for pair in found[2].split(","))
            text = found[3].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
            yield from_description(severities[found[1]], properties["title"].split()[0], text)


def binary_format(writer: BinaryWriter, read: Callable[[bytes], Iterator[Said]]) -> Format:
    """A format that is written to a binary file."""

    def write(used: Engine, sources: Sequence[Input]) -> bytes:
        out = io.BytesIO()
        fill(writer(out, used), sources, used)
        return out.getvalue()

    return Format(write, lambda report: list(read(report)))


def from_xml(report: bytes) -> Iterator[Said]:
    for claim in ElementTree.fromstring(report).iter("claim"):
        for item in claim.iter("finding"):
            said = item.attrib
            line = int(said["service_line"]) if "service_line" in said else None
            ordinal = int(claim.attrib["ordinal"])
            yield Said(ordinal, said["severity"], said["code"], line, said["element"], said["message"])


def from_html(report: bytes) -> Iterator[Said]:
    for claim in html.document_fromstring(report.decode()).xpath("//*[@id='claims']/*"):
        for item in claim.xpath(".//div[starts-with(@class, 'finding ')]"):
            line = re.match(r"Line (\d+)", item.xpath("string(../h3)"))
            yield Said(
                int(claim.get("data-order")),
                item.get("class").split()[1],
                item.xpath("string(p/a)"),
                int(line[1]) if line else None,
                item.xpath("string(dl/dd/b)"),
                item.xpath("string(p/a/following-sibling::text())").strip(),
            )


FORMATS = {
    "text": text_format(unwrapped, from_text),
    "json": text_format(JsonReport, from_json),
    "jsonl": text_format(JsonlReport, from_json_lines),
    "xml": binary_format(XmlReport, from_xml),
    "html": binary_format(HtmlReport, from_html),
    "csv": text_format(CsvReport, from_csv),
    "sarif": text_format(SarifReport, from_sarif, for_ci=True),
    "junit": text_format(JunitReport, from_junit, for_ci=True),
    "github": text_format(GithubReport, from_github, for_ci=True),
}

each_format = each("form", FORMATS)


@each_format
@pytest.mark.parametrize("name", ["clinic-day.837", "clinic-day-hospital.837", "administration-837i.837"])
def test_every_format_says_the_same(form: Format, name: str) -> None:
    source = Input(str(FIXTURES / name))
    expected = FORMATS["json"].read(FORMATS["json"].write(engine(), [source]))
    assert {said.severity for said in expected} == set(SEVERITIES)
    assert sorted(form.read(form.write(engine(), [source])), key=str) == sorted(expected, key=str)


@each_format
def test_files_without_claims_and_no_files_at_all(form: Format) -> None:
    for sources in ([], [InMemory("empty.837", "")], [InMemory("a.837", build([])), InMemory("b.837", "no claims")]):
        assert form.read(form.write(saying("a fault"), sources)) == []


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


@each_format
@each("text", HOSTILE)
def test_no_claim_id_does_harm(form: Format, text: str) -> None:
    ids = [text, text.replace("x", "y"), f" {text} "]
    ids = [name.encode("latin-1", "replace").decode("latin-1") for name in ids]
    claims = [infusion_claim("837P", name, lines=(drug_line(modifiers=()), drug_line(units="x"))) for name in ids]
    file = build(claims, delimiters=DELIMITERS, eol="")
    report = form.write(engine(), [InMemory("claims.837", file)])
    assert_harmless(form, report)
    assert {said.claim for said in form.read(report)} == {1, 2, 3}
    if form.for_ci:
        assert not any(name.encode() in report for name in ids)


@each_format
@each("text", HOSTILE)
def test_no_message_does_harm(form: Format, text: str) -> None:
    file = InMemory("claims.837", build([infusion_claim()]))
    for severity in SEVERITIES:
        report = form.write(saying(f"a fault {text}", f"a fix {text}", severity), [file])
        assert_harmless(form, report)
        (said,) = form.read(report)
        assert (said.code, said.severity, said.message[:8]) == ("TEST01", severity, "a fault ")


@each_format
@each("text", HOSTILE)
def test_no_file_name_does_harm(form: Format, text: str) -> None:
    claims = build([infusion_claim()])
    report = form.write(
        saying("a fault"), [InMemory(text, claims), InMemory(text, f"{claims}ISA*"), InMemory(text, "")]
    )
    assert_harmless(form, report)
    assert [said.message for said in form.read(report) if said.code == "TEST01"] == ["a fault"] * 2


def assert_harmless(form: Format, report: bytes) -> None:
    """No control characters; beyond that what each format is read by says that nothing breaks out of its place."""
    text = report.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\n", "")
    assert text.isprintable()
    form.read(report)


@each_format
def test_the_same_input_gives_the_same_bytes(form: Format) -> None:
    source = Input(str(FIXTURES / "clinic-day.837"))
    assert form.write(engine(), [source]) == form.write(engine(), [source])


@each("form", {name: form for name, form in FORMATS.items() if form.for_ci})
def test_build_systems_learn_nothing_of_a_person(form: Format) -> None:
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
    report = form.write(saying(f"a fault of {quoted}", f"mend {quoted}"), [InMemory("claims.837", build([claim]))])
    (said,) = form.read(report)
    assert said.message == f"a fault of {', '.join(['(hidden)'] * len(words))} ((hidden))"
    assert not [word for word in words if word.encode() in report]


class Counting(io.StringIO):
    """Keeps nothing of what is written, but the length of the longest part."""

    longest = 0

    def write(self, text: str, /) -> int:
        self.longest = max(self.longest, len(text))
        return len(text)


@pytest.mark.parametrize("writer", [JsonlReport, CsvReport, SarifReport, JunitReport, GithubReport])
def test_it_is_written_as_a_stream(writer: TextWriter) -> None:
    """Each claim leaves as it is read; the report of the claims before it is not held."""
    used = saying("a fault")
    few, many = (
        InMemory("claims.837", build(infusion_claim(claim_id=f"C{number}") for number in range(count)))
        for count in (20, 400)
    )
    longest = []
    for source in (few, many):
        out = Counting()
        report = writer(out, used)
        out.longest = 0
        fill(report, [source], used)
        longest.append(out.longest)
    assert longest[1] <= max(longest[0] + 50, 1 << 16)
