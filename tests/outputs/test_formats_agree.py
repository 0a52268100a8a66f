"""Every format is read back, and has the same as the others: findings, severities, dispositions, money.

How findings are read back is in `test_all_formats.py`. Here are the claims and the sums. Formats for build systems show
no claims but those with findings, and give their sums.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from lxml import html

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.running.inputs import Input
from tests.outputs import html_pages
from tests.outputs.html_pages import BROKEN, DAY, HOSPITAL, UNDECIDED
from tests.outputs.test_all_formats import FORMATS, Form
from tests.outputs.xml_reports import with_suppressions
from tests.scrubbing import each, installed


class Billed(NamedTuple):
    """A claim with findings: its number in the file, disposition, charge, and where it goes if the format says so."""

    ordinal: int
    disposition: str
    charge: Decimal
    goes_to: str


Sums = dict[str, int | Decimal]
"""The sums over all files by name, as far as the format has them."""


def amount(text: str) -> Decimal:
    return Decimal(text.replace("$", "").replace(",", ""))


def of_record(record: Mapping[str, Any]) -> Sums:
    counts = {name: int(record.get(name, 0)) for name in ("claims", "clean", "flagged", "rejected", "held")}
    return {**counts, **{name: amount(record[name]) for name in ("charge", "charge_at_stake")}}


def json_claims(claims: list[dict[str, Any]]) -> Iterator[Billed]:
    for claim in claims:
        if claim["findings"]:
            yield Billed(claim["ordinal"], claim["disposition"], amount(claim["charge"]), claim["goes_to"])


def from_json(report: str) -> tuple[list[Billed], Sums]:
    document = json.loads(report)
    claims = [claim for file in document["files"] for claim in file["claims"]]
    return list(json_claims(claims)), of_record(document["summary"])


def from_json_lines(report: str) -> tuple[list[Billed], Sums]:
    records = [json.loads(line) for line in report.splitlines()]
    claims = [record for record in records if record["record"] == "claim"]
    return list(json_claims(claims)), of_record(records[-1]["summary"])


def from_xml(report: str) -> tuple[list[Billed], Sums]:
    root = ElementTree.fromstring(report.encode())
    claims = [claim.attrib for claim in root.iter("claim") if claim.find(".//finding") is not None]
    billed = [Billed(int(c["ordinal"]), c["disposition"], amount(c["charge"]), c["goes_to"]) for c in claims]
    (summary,) = root.iterfind("summary")
    return billed, of_record(summary.attrib)


def from_csv(report: str) -> tuple[list[Billed], Sums]:
    """A worklist has no clean claims without findings: its sums are those of its rows."""
    rows = list(csv.DictReader(io.StringIO(report.removeprefix("\ufeff"), newline=""), strict=True))
    found = [row for row in rows if row["severity"] in ("reject", "warn", "info")]
    billed = {
        (row["path"], row["claim"]): Billed(
            int(row["claim"]), row["disposition"], amount(row["charge"]), row["goes_to"]
        )
        for row in found
    }
    listed = list(billed.values())
    sums: Sums = {name: sum(claim.disposition == name for claim in listed) for name in ("flagged", "rejected")}
    sums["held"] = sum(claim.goes_to == "held" for claim in listed)
    sums["charge_at_stake"] = sum((amount(row["charge_at_stake"] or "0") for row in rows), Decimal(0))
    return listed, sums


def from_html(report: str) -> tuple[list[Billed], Sums]:
    root = html.document_fromstring(report)
    billed = [
        Billed(
            int(html_pages.cell(item, "number")),
            item.get("class", ""),
            amount(item.get("data-charge", "")),
            "held"
            if html_pages.cell(item, "status") == "Held"
            else "rejected"
            if item.get("class") == "rejected"
            else "clean",
        )
        for item in html_pages.listed(root)
        if html_pages.findings(item)
    ]
    tiles = {
        tile.get("class").split()[0]: tile.text_content() for tile in root.xpath("//*[contains(@class, 'tiles')]/li")
    }
    names = {"all": "claims", "clean": "clean", "flagged": "flagged", "rejected": "rejected"}
    sums: Sums = {name: int(amount(re.findall(r"\d[\d,]*", tiles[tile])[0])) for tile, name in names.items()}
    for tile, name in (("all", "charge"), ("stake", "charge_at_stake")):
        sums[name] = amount(re.findall(r"\$[\d,.]+\d", tiles[tile])[0])
    sums["held"] = sums["flagged"] if "held file" in tiles["flagged"] else 0
    return billed, sums


def from_text(report: str) -> tuple[list[Billed], Sums]:
    found = re.findall(r"^(REJECTED|FLAGGED|CLEAN)  claim (\d+)  .*?  (\$[\d,.]+\d)  ", report, re.M)
    billed = [Billed(int(number), name.lower(), amount(charge), "") for name, number, charge in found]
    counted = (
        r"(?P<claims>[\d,]+) claims?  (?P<charge>\$[\d,.]+\d)  (?P<clean>[\d,]+) clean  (?P<flagged>[\d,]+) flagged"
        r"(?: \((?P<where>held|in the clean file)\))?  (?P<rejected>[\d,]+) rejected"
    )
    *_, last = re.finditer(counted, report)
    sums: Sums = {name: int(amount(last[name])) for name in ("claims", "clean", "flagged", "rejected")}
    sums["charge"], sums["held"] = amount(last["charge"]), sums["flagged"] if last["where"] == "held" else 0
    sums["charge_at_stake"] = sum((claim.charge for claim in billed if claim.disposition != "clean"), Decimal(0))
    return billed, sums


def from_sarif(report: str) -> tuple[None, Sums]:
    return None, of_record(json.loads(report)["runs"][0]["invocations"][0]["properties"])


def from_junit(report: str) -> tuple[None, Sums]:
    """Each file has its sums."""
    sums: Sums = {}
    for suite in ElementTree.fromstring(report).findall("testsuite"):
        of_file = {item.attrib["name"]: item.attrib["value"] for item in suite.iterfind("properties/property")}
        sums = {name: value + sums.get(name, 0) for name, value in of_record(of_file).items()}
    return None, sums


def from_github(report: str) -> tuple[None, Sums]:
    counted = (
        r"(?P<claims>\d+) claims: (?P<clean>\d+) clean, (?P<flagged>\d+) flagged, (?P<rejected>\d+) rejected, "
        r"(?P<charge_at_stake>\$[\d,.]+\d) of (?P<charge>\$[\d,.]+\d) at stake;"
    )
    *_, last = re.finditer(counted, report)
    return None, {name: amount(value) for name, value in last.groupdict().items()}


READERS: Mapping[str, Callable[[str], tuple[list[Billed] | None, Sums]]] = {
    "text": from_text,
    "json": from_json,
    "jsonl": from_json_lines,
    "xml": from_xml,
    "html": from_html,
    "csv": from_csv,
    "sarif": from_sarif,
    "junit": from_junit,
    "github": from_github,
}
SHIPPED = {name: form for name, form in FORMATS.items() if name != "worklist"}


def test_every_shipped_format_is_compared() -> None:
    assert READERS.keys() == SHIPPED.keys()


@pytest.mark.parametrize("hold", [None, "warn"])
@pytest.mark.parametrize("files", [[DAY], [DAY, HOSPITAL, BROKEN, UNDECIDED]], ids=["one file", "several"])
def test_the_formats_say_the_same(files: list[Input], hold: Any) -> None:
    used = Engine(installed(), Profile(hold=hold))
    written = {name: form.write(used, files) for name, form in SHIPPED.items()}
    findings = {name: sorted(form.read(written[name]), key=str) for name, form in SHIPPED.items()}
    claims, sums = from_json(written["json"].decode())
    assert {claim.disposition for claim in claims} == {"rejected", "flagged", "clean"}
    assert bool(sums["held"]) == (hold == "warn")
    for name, read in READERS.items():
        assert findings[name] == findings["json"], name
        billed, found = read(written[name].decode())
        if billed is not None:
            expected = [claim if name != "text" else claim._replace(goes_to="") for claim in claims]
            assert sorted(billed) == sorted(expected), name
        assert found.keys() >= {"flagged", "rejected", "charge_at_stake"}
        assert found == {key: value for key, value in sums.items() if key in found}, name


@each("form", SHIPPED)
def test_every_format_gives_the_reason_of_a_suppression(form: Form) -> None:
    used, source = with_suppressions()
    report = form.write(used, [source]).decode()
    assert "a waste log" in report
    assert "A. Biller" in report and "2099-12-31" in report
    assert "JWJZ01" not in {finding.code for finding in form.read(form.write(used, [source]))}
