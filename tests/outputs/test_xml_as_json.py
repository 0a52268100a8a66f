"""The XML report holds what the JSON report holds."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.markup import xml_text
from scrubber.outputs.summary import Summary
from scrubber.outputs.xml_report import XmlReport
from scrubber.running.inputs import Input
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, numbered, with_line
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import prescan
from tests.outputs.reporting import InMemory, reported
from tests.outputs.xml_reports import BROKEN, DAY, found, number, report, with_suppressions
from tests.scrubbing import FIXTURES, each, engine, everywhere

# The same as the JSON report


HEADER = ("tool", "catalogue", "profile", "reference")
FINDING = (
    *("code", "severity", "service_line", "line_control_number", "loop", "segment", "file_line", "offset"),
    *("segment_id", "element", "message", "fix", "carc", "rarc", "claim_status"),
)
LINE = ("service_line", "procedure", "revenue_code", "charge", "units", "unit_basis", "ndc")
SUPPRESSED = (*FINDING, "by", "reason", "author", "expires")
CLAIM = ("claim_id", "type", "transaction", "group", "disposition", "goes_to", "charge", "payer_id", "billing_npi")
OF_CLAIM = ("clearinghouse_id", "ordinal", "payer_name")
ERROR = ("code", "message", "segment", "file_line", "offset")
SUMMARY = ("claims", "clean", "flagged", "rejected", "charge", "charge_rejected", "charge_at_stake")
COUNTS = ("claims", "rejected", "flagged", "noted", "undecided", "reject", "warn", "info")
SHARE = (*COUNTS, "charge_at_stake")
KEYS = {"edit": "code", "payer": "payer_id", "provider": "billing_npi"}
STANDINGS = ("no_claim", "unused", "undated", "expired")
NUMBERS = {"ordinal", "service_line", "segment", "file_line", "offset", "claims", "clean", "flagged", "rejected"}


def as_json(root: etree._Element) -> dict[str, Any]:
    """The JSON report, read from the XML report; `None` where a value is absent."""
    document = {
        "schema_version": root.get("schema_version"),
        **{name: dict(found(root, name).attrib) for name in HEADER},
        "files": [
            {
                **values(file, "path", "interchange_control_number", "file_date", "judged_as_of", "status", "sha256"),
                "claims": [claim_json(claim) for claim in file.iterfind("claim")],
                "errors": [values(error, *ERROR) for error in file.iterfind("error")],
                "not_checked": [values(item, "code", "reason") for item in file.iterfind("not_checked")],
                "summary": summary_json(found(file, "summary")),
            }
            for file in root.iterfind("file")
        ],
        "summary": summary_json(found(root, "summary")),
        "breakdowns": {str(one.get("by")): breakdown_json(one) for one in root.iterfind("breakdown")},
    }
    if files := [suppressions_json(item) for item in root.iterfind("suppressions")]:
        document["suppressions"] = files
    return document


def breakdown_json(breakdown: etree._Element) -> dict[str, Any]:
    others = breakdown.find("others")
    return {
        "shares": [share_json(share, KEYS[str(breakdown.get("by"))]) for share in breakdown.iterfind("share")],
        "others": None if others is None else share_json(others),
    }


def share_json(share: etree._Element, *names: str) -> dict[str, Any]:
    return values(share, *names, *SHARE) | {name: int(str(share.get(name))) for name in COUNTS}


def claim_json(claim: etree._Element) -> dict[str, Any]:
    record = {
        **values(claim, *CLAIM, *OF_CLAIM),
        "service_dates": [day.text for day in claim.iterfind("service_date")],
        "lines": [
            {**values(line, *LINE), "modifiers": str(line.get("modifiers", "")).split()}
            for line in claim.iterfind("line")
        ],
        "findings": [finding_json(finding, *FINDING) for finding in claim.iter("finding")],
        "not_checked": [values(item, "code", "reason") for item in claim.iterfind("not_checked")],
    }
    if suppressed := [finding_json(item, *SUPPRESSED) for item in claim.iterfind("suppressed")]:
        record["suppressed"] = suppressed
    return record


def finding_json(finding: etree._Element, *names: str) -> dict[str, Any]:
    return {**values(finding, *names), "excerpt": excerpt_json(finding.find("excerpt"))}


def excerpt_json(excerpt: etree._Element | None) -> dict[str, Any] | None:
    if excerpt is None:
        return None
    text, start, mark = "".join(map(str, excerpt.itertext())), len(excerpt.text or ""), excerpt.find("mark")
    stop = None if mark is None else start + len(mark.text or "")
    return {"text": text, "start": None if mark is None else start, "stop": stop}


def summary_json(summary: etree._Element) -> dict[str, Any]:
    record = {**values(summary, *SUMMARY), "findings": counts(summary, "findings")}
    if suppressed := summary.get("suppressed"):
        record["suppressed"] = int(suppressed)
    if shadow := counts(summary, "shadow"):
        record["shadow"] = shadow
    return record


def counts(summary: etree._Element, name: str) -> dict[str, int | None]:
    return {str(item.get("code")): number(item.get("count")) for item in summary.iterfind(name)}


def suppressions_json(file: etree._Element) -> dict[str, Any]:
    lists = {name: [int(entry) for entry in file.get(name, "").split()] for name in STANDINGS}
    return {**values(file, "path", "sha256"), "entries": number(file.get("entries")), **lists}


def values(element: etree._Element, *names: str) -> dict[str, Any]:
    return {name: number(element.get(name)) if name in NUMBERS else element.get(name) for name in names}


def shown(value: Any) -> Any:
    """A JSON document with its texts as the XML report shows them."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return xml_text(value) if isinstance(value, str) else value


def assert_same(with_engine: Engine, *sources: Input) -> None:
    expected = json.loads(reported(JsonReport, with_engine, *sources))
    assert as_json(report(with_engine, *sources)) == shown(expected)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.837")), ids=lambda path: path.stem)
def test_it_has_the_findings_of_the_json_report(path: Path) -> None:
    assert_same(engine(), Input(str(path)))


def test_it_is_the_same_for_several_files_broken_ones_and_none() -> None:
    assert_same(engine(), BROKEN, DAY, InMemory("empty.837", ""), InMemory("no claims.837", build([])))
    assert_same(engine())


def test_it_reports_notices_with_the_errors() -> None:
    text = build([infusion_claim()])
    scan = prescan(io.BytesIO(text.encode()))
    out = io.BytesIO()
    writer = XmlReport(out, engine())
    writer.begin_file("claims.837", scan)
    writer.end_file(scan, Summary(), [LocatedError("SCRUB03", "a note was there", 12, 345)])
    writer.close()
    (error,) = etree.fromstring(out.getvalue()).iter("error")
    assert dict(error.attrib) == {"code": "SCRUB03", "message": "a note was there", "segment": "12", "offset": "345"}


@each(
    "claim",
    {
        "no charge": infusion_claim(total_charge=""),
        "charge that is no number": infusion_claim(total_charge="1,000"),
        "no payer, no clearinghouse": infusion_claim(payer_id=""),
        "line without a number": infusion_claim(lines=(LineSpec("J0490", loops=("LX*X", "SV1*HC:J0490*5*UN*1***1")),)),
        "control numbers and clearinghouse": numbered(
            infusion_claim(lines=(drug_line(modifiers=()),), clearinghouse_id="D9")
        ),
        "not checked": with_line(infusion_claim(), 1, units="8O", dates="2026-10-05"),
        "no dates": with_line(infusion_claim(), 1, dates=None),
    },
)
def test_it_is_the_same_for_odd_claims(claim: Any) -> None:
    assert_same(engine(), InMemory("claims.837", build([claim])))
    assert_same(Engine(everywhere(2), Profile()), InMemory("claims.837", build([claim])))


def test_it_is_the_same_for_findings_that_do_not_count() -> None:
    used, source = with_suppressions()
    assert_same(used, source)
    root = report(used, source)
    (suppressed,) = root.iter("suppressed")
    assert (suppressed.get("code"), suppressed.get("author"), suppressed.get("by")) == (
        "JWJZ01",
        "A. Biller",
        "suppression",
    )
    assert [item.get("code") for item in found(root, "summary").iterfind("shadow")] == ["ADM01"]
    assert found(root, "suppressions").get("no_claim") == "2"
