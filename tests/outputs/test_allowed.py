"""What Medicare allows, in every report: the same amounts, and nothing where no limits are loaded."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import attrs
from lxml import etree

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.csv_report import CsvReport
from scrubber.outputs.github_report import GithubReport
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.jsonl_report import JsonlReport
from scrubber.outputs.junit_report import JunitReport
from scrubber.outputs.sarif_report import SarifReport
from scrubber.outputs.text_report import TextReport
from scrubber.reference import shipped
from scrubber.reference.editions import Row, external_table
from scrubber.reference.external import PAYMENT_LIMITS
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, visit_claim, waste_lines
from tests.edits.judging import LONG_AGO
from tests.outputs.html_pages import page, tree, words
from tests.outputs.reporting import InMemory, reported
from tests.outputs.xml_reports import found, report
from tests.scrubbing import engine, installed

INFUSION = LineSpec("96365")
CLEAN = infusion_claim("837P", "CLEAN", lines=(drug_line(units=80), INFUSION))
REJECTED = infusion_claim("837P", "REJECTED", lines=(drug_line(units=40, modifiers=()), INFUSION))
WASTE = infusion_claim("837P", "WASTE", lines=(*waste_lines(), INFUSION))
VISIT = infusion_claim("837P", "VISIT", lines=(LineSpec("99213"),))
FILE = InMemory("claims.837", build([CLEAN, REJECTED, WASTE, VISIT]))
IN_ALL = {
    "allowed": "1920.00",
    "allowed_at_stake": "400.00",
    "allowed_rejected": "400.00",
    "coinsurance": "384.00",
    "payment": "1536.00",
    "waste": "30.00",
    "avoidable_waste": "0.00",
    "unpriced_lines": 4,
}


def pricing(profile: Profile | None = None) -> Engine:
    """JWJZ01 alone, with a limit of ten dollars for a unit of J0490."""
    row = Row("J0490", LONG_AGO, None, {"limit": "10.000", "coinsurance": "20.000"})
    facts = attrs.evolve(shipped(), tables={PAYMENT_LIMITS: external_table(PAYMENT_LIMITS, "test", [row])})
    chosen = attrs.evolve(profile or Profile(), select=frozenset({"JWJZ01"}))
    return Engine(installed(), chosen, facts)


def as_json(used: Engine) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(reported(JsonReport, used, FILE))
    return whole


def test_json_by_claim_line_and_file() -> None:
    whole = as_json(pricing())
    clean, rejected, waste, visit = whole["files"][0]["claims"]
    assert (clean["allowed"], clean["coinsurance"], clean["payment"]) == ("800.00", "160.00", "640.00")
    assert clean["unpriced_lines"] == 1
    assert clean["priced_lines"] == [
        {"service_line": 1, "allowed": "800.00", "coinsurance": "160.00", "payment": "640.00"}
    ]
    assert (rejected["allowed"], waste["allowed"], waste["waste"]) == ("400.00", "720.00", "30.00")
    assert visit["allowed"] is None and visit["unpriced_lines"] == 1
    assert IN_ALL.items() <= whole["summary"].items()
    for share in (whole["breakdowns"][by]["shares"][0] for by in ("edit", "payer", "provider")):
        assert (share["allowed_at_stake"], share["charge_at_stake"]) == ("400.00", rejected["charge"])
    assert IN_ALL.items() <= whole["files"][0]["summary"].items()


def test_json_lines_say_the_same() -> None:
    records = [json.loads(line) for line in reported(JsonlReport, pricing(), FILE).splitlines()]
    claims = [record for record in records if record["record"] == "claim"]
    for claim, same in zip(claims, as_json(pricing())["files"][0]["claims"], strict=True):
        assert same.items() <= claim.items()
    assert IN_ALL.items() <= records[-1]["summary"].items()


def test_xml_keeps_to_its_schema_and_has_them_by_edit_and_payer() -> None:
    root = report(pricing(), FILE)
    assert {name: str(value) for name, value in IN_ALL.items()}.items() <= dict(found(root, "summary").attrib).items()
    clean, rejected, _, visit = root.iterfind("file/claim")
    assert (clean.get("allowed"), clean.get("unpriced_lines")) == ("800.00", "1")
    assert [line.get("allowed") for line in rejected.iterfind("line")] == ["400.00", None]
    assert (visit.get("allowed"), visit.get("unpriced_lines")) == (None, "1")
    shares = {by.get("by"): [share.get("allowed_at_stake") for share in by] for by in root.iterfind("breakdown")}
    assert shares["edit"] == shares["payer"] == ["400.00"]


def test_the_csv_report_has_allowed_amounts() -> None:
    text = reported(CsvReport, pricing(), FILE).removeprefix("\ufeff")
    row, *_ = csv.DictReader(io.StringIO(text, newline=""))
    assert row["claim_id"] == "REJECTED"
    assert (row["allowed"], row["unpriced_lines"], row["line_allowed"]) == ("400.00", "1", "400.00")


def test_formats_for_build_servers_have_the_sums() -> None:
    sarif = json.loads(reported(SarifReport, pricing(), FILE))["runs"][0]["invocations"][0]
    assert sarif["properties"].items() >= IN_ALL.items()
    suite = found(etree.fromstring(reported(JunitReport, pricing(), FILE).encode()), "testsuite")
    given = {item.get("name"): item.get("value") for item in suite.iter("property")}
    assert given.items() >= {name: str(value) for name, value in IN_ALL.items()}.items()
    assert "Medicare allows $1,920.00, $400.00 of it at stake" in reported(GithubReport, pricing(), FILE)


def test_the_text_report_has_allowed_amounts() -> None:
    text = reported(TextReport, pricing(), FILE)
    assert "Medicare allows $400.00" in text
    assert (
        "Medicare allows $1,920.00, $400.00 of it at stake ($400.00 on rejected claims); waste $30.00, $0.00 of it "
        "avoidable; no price for 4 lines" in " ".join(text.split())
    )
    counts = reported(lambda out, used: TextReport(out, used, statistics=True), pricing(), FILE)
    assert "allowed" in counts and "$400.00" in counts


def test_without_any_price() -> None:
    file = InMemory("visit.837", build([visit_claim()]))
    text = " ".join(reported(TextReport, pricing(), file).split())
    assert "What Medicare allows is not known: none of 1 line has a price" in text and "allows $0.00" not in text
    shown = words(tree(page(pricing(), file)))
    assert "Medicare allows, at stake not known none of 1 line has a price" in shown and "At stake Allowed" not in shown


def test_a_line_of_no_units_has_a_price_of_nothing() -> None:
    claims = [infusion_claim("837P", "NOTHING", lines=(drug_line(units=0), INFUSION))]
    text = " ".join(reported(TextReport, pricing(), InMemory("claims.837", build(claims))).split())
    assert "Medicare allows $0.00, $0.00 of it at stake" in text and "no price for 1 line" in text


def test_the_page_has_allowed_amounts() -> None:
    shown = words(tree(page(pricing(), FILE)))
    assert (
        "Medicare allows, at stake $400.00 of $1,920.00, no price for 4 lines; waste $30.00, avoidable $0.00" in shown
    )
    assert "(Medicare allows $400.00)" in shown and "At stake Allowed" in shown


def test_text_and_page_name_the_editions_that_were_used() -> None:
    edition = {"table": PAYMENT_LIMITS, "release": "2026 Q4", "since": "2026-10-01", "until": None, "sha256": "0" * 64}
    used = pricing()
    loaded = attrs.evolve(used.facts, loaded={"sha256": "0" * 64, "editions": [edition]})
    used = Engine(used.catalogue, used.profile, loaded)
    assert "Public tables: payment-limits 2026 Q4\n" in reported(TextReport, used, FILE)
    assert "public tables: payment-limits 2026 Q4" in words(tree(page(used, FILE)))
    assert "tables: payment" not in reported(TextReport, pricing(), FILE) + words(tree(page(pricing(), FILE)))


def test_sequestration_is_a_choice_of_the_profile() -> None:
    """2% of 640."""
    clean = as_json(pricing(Profile(sequestered=True)))["files"][0]["claims"][0]
    assert (clean["allowed"], clean["payment"]) == ("800.00", "627.20")


def test_without_limits_nothing_is_reported() -> None:
    used = engine("JWJZ01")
    whole = "".join(reported(form, used, FILE) for form in (JsonReport, TextReport, GithubReport, JunitReport))
    assert "allowed" not in json.loads(reported(SarifReport, used, FILE))["runs"][0]["invocations"][0]["properties"]
    assert "allow" not in whole and "unpriced" not in whole
    assert found(report(engine("JWJZ01"), FILE), "summary").get("allowed") is None
    assert "Medicare allows" not in words(tree(page(engine("JWJZ01"), FILE)))
