"""The HTML report: it shows what the other reports show, on one page, and no text breaks out of it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from scrubber.engine.engine import Engine
from scrubber.engine.listing import MOST_FINDINGS
from scrubber.engine.naming import Naming
from scrubber.engine.profile import Profile
from scrubber.outputs import page_list
from scrubber.outputs.authorities import denial_in_words
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.markup import xml_text
from scrubber.outputs.page_claims import RANKS
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, with_line
from tests.outputs.html_pages import (
    BROKEN,
    DAY,
    HOSPITAL,
    HOSTILE,
    ROW,
    UNDECIDED,
    cell,
    findings,
    hostile,
    listed,
    of_class,
    page,
    tree,
    words,
)
from tests.outputs.reporting import InMemory, always_finding, reported
from tests.outputs.xml_reports import with_suppressions
from tests.scrubbing import FIXTURES, ROOT, each, engine, everywhere, installed

# What it says


def findings_of(item: html.HtmlElement) -> list[dict[str, str | None]]:
    """What the page says of each finding of a claim."""
    return [
        {
            "code": words(finding.xpath("./p/a")[0]),
            "severity": finding.get("class"),
            "message": " ".join(finding.xpath("./p/a/following-sibling::text()")).strip(),
            "fix": detail(finding, "p[b='Fix:']", "Fix: "),
            "where": detail(finding, "small[b]"),
            "denial": detail(finding, "small[not(b)]", "Likely denial: "),
            "line": words(finding.xpath("../h3")[0]),
        }
        for finding in findings(item)
    ]


def detail(finding: html.HtmlElement, path: str, label: str = "") -> str | None:
    values = finding.xpath(f"./{path}")
    return words(values[0]).removeprefix(label) if values else None


@pytest.mark.parametrize("name", ["clinic-day", "jwjz-837i", "paediatric-sc-837p"])
def test_it_has_the_findings_of_the_json_report(name: str) -> None:
    source = Input(str(FIXTURES / f"{name}.837"))
    (file,) = json.loads(reported(JsonReport, engine(), source))["files"]
    items = {cell(item, "number"): item for item in listed(tree(page(engine(), source)))}
    noted = {str(n): claim for n, claim in enumerate(file["claims"], 1) if claim["findings"] or claim["not_checked"]}
    assert items.keys() == noted.keys()
    for ordinal, claim in noted.items():
        item = items[ordinal]
        assert cell(item, "claim id") == claim["claim_id"]
        assert cell(item, "status") == claim["disposition"].title()
        assert item.get("class") == claim["disposition"]
        assert item.xpath("./details/div/@id") == [f"claim-1-{ordinal}"]
        found = findings_of(item)
        assert len(found) == len(claim["findings"])
        for shown, finding in zip(found, claim["findings"], strict=True):
            assert {key: shown[key] for key in ("code", "severity", "message", "fix")} == {
                key: finding[key] for key in ("code", "severity", "message", "fix")
            }
            where = f"{finding['element']} in loop {finding['loop']}, segment {finding['segment']} from ST"
            if not finding["element"].startswith(finding["segment_id"]):
                where += f" ({finding['segment_id']})"
            assert re.match(rf"{re.escape(where)}(, line \d+ of the file)?, byte ", shown["where"] or "")
            assert f"byte {finding['offset']}" in (shown["where"] or "")
            codes = (finding["carc"], finding["rarc"], finding["claim_status"])
            assert shown["denial"] == (denial_in_words(*codes) or None)
            assert all(code in (shown["denial"] or "") for code in codes if code)
            line = finding["service_line"]
            assert (shown["line"] or "").startswith("The claim" if line is None else f"Line {line} ")


def test_the_first_screen_shows_the_charge_at_stake() -> None:
    root = tree(page(engine(), DAY))
    glance = words(root.xpath("//*[@id='glance']")[0])
    assert "15 of 60 claims need work before they are sent. $85,000.00 of $268,830.00 billed is at stake." in glance
    for part in ("Claims in 60", "Clean 45 75%", "Flagged 7 11.7%", "Rejected 8 13.3%", "$48,080.00 of it on rejected"):
        assert part in glance
    parts = [section.get("id") for section in root.xpath("//main/section")]
    assert parts[:3] == ["glance", "worklist", "charts"], "what is to be done stands first"


def test_the_head_names_the_date_of_the_file_and_the_day_it_was_judged_as_of() -> None:
    def dated(used: Engine, source: Input) -> str:
        return words(tree(page(used, source)).xpath("//*[@class='dated']")[0])

    given = RunOptions(as_of=date(2026, 12, 1)).engine()
    hidden = Engine(everywhere(), Profile(), naming=Naming(b"k" * 32))
    assert dated(engine(), DAY) == "Dated Oct 15, 2026, and judged as of that day."
    assert dated(given, DAY) == "Dated Oct 15, 2026. Judged as of Dec 1, 2026, the day that was asked for."
    assert dated(hidden, DAY) == "Dated 2026."
    assert dated(engine(), InMemory("none.837", "")) == "No date can be read in the file."
    several = words(tree(page(engine(), DAY, HOSPITAL)))
    assert "Each file was judged as of its own date." in several


def test_payers_have_names() -> None:
    root = tree(page(engine(), DAY))
    (row,) = [item for item in listed(root) if cell(item, "claim id") == "CD261014-005"]
    assert cell(row, "payer") == "SAMPLE MEDICARE PART B 00002"
    assert "SAMPLE MEDICARE PART B (00002): 7 claims" in [words(option) for option in root.xpath("//option")]
    (chart,) = root.xpath("//table[caption='Findings by payer']")
    assert "SAMPLE MEDICARE PART B 00002" in words(chart)


def test_bars_have_one_scale() -> None:
    """A bar of n findings has the same width in every table, also where a table goes on when it is opened."""
    for sources in ((DAY,), (DAY, HOSPITAL)):
        widths = set()
        for bar in tree(page(engine(), *sources)).xpath(f"//div[{of_class('chart')}]//svg[rect]"):
            counts = [int(n) for n in re.findall(r"\d+", bar.get("aria-label") or "")]
            parts = [float(rect.get("width").rstrip("%")) for rect in bar.xpath("./rect")]
            widths |= {round(part / count, 1) for part, count in zip(parts, counts, strict=True) if count}
            assert sum(parts) <= 100.1
        assert len(widths) == 1


def test_only_codes_that_were_found_are_explained_and_they_are_closed() -> None:
    root = tree(page(engine(), DAY))
    rules = root.xpath(f"//details[{of_class('rule')}]")
    explained = {words(rule.xpath("./summary/span")[0]) for rule in rules}
    (file,) = json.loads(reported(JsonReport, engine(), DAY))["files"]
    found = {item["code"] for claim in file["claims"] for kind in ("findings", "not_checked") for item in claim[kind]}
    assert explained == found
    assert not any(rule.get("open") for rule in rules)
    links = [link for rule in rules for link in rule.xpath(".//p[@class='source']//a")]
    assert len(links) > 5
    assert all(link.get("href").startswith("https://") and "noreferrer" in link.get("rel") for link in links)


def test_held_claims_are_called_held() -> None:
    root = tree(page(Engine(installed(), Profile(hold="warn")), DAY))
    badges = {(item.get("class"), cell(item, "status")) for item in listed(root)}
    assert badges == {("rejected", "Rejected"), ("flagged", "Held"), ("clean", "Clean")}
    assert "in the held file, not in the clean one" in words(root.xpath("//*[@id='glance']")[0])


def test_charts_name_the_worst_first_and_lead_to_their_claims() -> None:
    root = tree(page(engine(), DAY))
    charts = {words(table.xpath("./caption")[0]): table for table in root.xpath("//table[caption]")}
    assert {"Findings by edit", "Findings by payer", "Findings by provider"} <= charts.keys()
    bars = [bar.get("aria-label") for bar in charts["Findings by edit"].xpath(".//svg")]
    counts = [[int(n) for n in re.findall(r"\d+", bar or "")] for bar in bars]
    assert len(counts) == 10
    assert counts == sorted(counts, reverse=True)
    for link in root.xpath("//a[@data-filter]"):
        name, value = link.get("data-filter"), link.get("data-value")
        assert root.xpath(f"//*[@name='{name}']//option[@value='{value}'] | //input[@name='{name}'][@value='{value}']")


def test_the_worst_claims_stand_first() -> None:
    items = listed(tree(page(engine(), DAY, HOSPITAL)))
    ranked = [(RANKS[item.get("class", "")], float(item.get("data-charge", ""))) for item in items]
    assert ranked == sorted(ranked, reverse=True)
    assert {rank for rank, _ in ranked} == {0, 1, 2}


def test_the_plain_table_has_the_first_claims_and_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(root: html.HtmlElement) -> list[list[str]]:
        return [[words(cell) for cell in row] for row in root.xpath("//*[@id='plain']/tbody/tr")]

    for sources in ((DAY,), (DAY, HOSPITAL)):
        root = tree(page(engine(), *sources))
        said = [[cell(item, part) for part in ROW] for item in listed(root)]
        assert [[*row[:6], row[6].replace(",", "")] for row in (found[:7] for found in rows(root))] == said
        assert {tuple(found[7:]) for found in rows(root)} == ({(DAY.path,), (HOSPITAL.path,)} if sources[1:] else {()})
        assert "The table has" not in words(root)
    monkeypatch.setattr(page_list, "MOST_ROWS", 3)
    root = tree(page(engine(), DAY))
    assert len(rows(root)) == 3 < len(listed(root))
    assert "The table has the first 3 claims only." in words(root)


def test_clean_claims_are_counted_and_not_listed() -> None:
    text = build([infusion_claim(claim_id=f"CLEAN{n}") for n in range(5)])
    root = tree(page(engine("JWJZ01"), InMemory("claims.837", text)))
    assert "No claim needs work before it is sent" in words(root)
    assert "No claim needs work." in words(root)
    assert "CLEAN0" not in words(root)


def test_the_part_at_fault_is_marked_and_a_missing_one_named() -> None:
    claims = [infusion_claim(lines=(drug_line(modifiers=modifiers),)) for modifiers in ((), ("JW", "JZ"))]
    root = tree(page(engine("JWJZ01", "JWJZ02"), InMemory("claims.837", build(claims))))
    segments = [segment.text_content() for segment in root.xpath("//section/div/code")]
    assert "SV1*HC:J0490missing*4800*UN*80***1" in segments
    assert {words(mark) for mark in root.xpath("//mark")} == {"missing", "JZ"}


def test_problems_of_files_and_what_was_not_checked_are_reported() -> None:
    root = tree(page(engine(), BROKEN, UNDECIDED, InMemory("none.837", "")))
    errors = words(root.xpath("//*[@id='errors']")[0])
    assert "2 of 3 files are damaged." in words(root.xpath("//*[@id='glance']")[0])
    assert "broken.837 READ29 GE01 is not 1, the number counted" in errors
    assert "none.837 READ20" in errors
    text = words(root)
    assert "DX02" in text and "in part: the shipped table icd10cm ends on 2026-09-30" in text
    assert "On 1 claim an edit could not decide" in text
    (item,) = [item for item in listed(root) if ":unchecked" in (item.get("data-faults") or "")]
    shown = words(item).partition("Not checked on this claim")[2]
    assert "JWJZ05 JW units that are not a whole number: SV104 is not a number" in shown


def test_what_does_not_count_is_kept_apart() -> None:
    root = tree(page(*with_suppressions()))
    text = words(root)
    assert "1 finding suppressed" in text
    assert "Edits on trial (shadow) would have found: ADM01 1." in text
    assert "known.toml : 3 suppressions; past their last day: no. 3; whose claim is not here: no. 2." in text
    (item,) = listed(root)
    assert "JWJZ01" not in {finding["code"] for finding in findings_of(item)}
    shown = words(item).partition("Suppressed, and not counted ")[2]
    assert shown.startswith("JWJZ01 on line 1 J0490 comes in single-dose vials")
    assert shown.endswith("Why: a waste log (A. Biller, until 2099-12-31)")
    assert "JWJZ01: 1 finding suppressed: a waste log (A. Biller, until 2099-12-31)" in text


def test_no_claims_and_no_files() -> None:
    for sources in ([], [InMemory("none.837", "")]):
        assert "No claims could be read." in words(tree(page(engine(), *sources)))


@each(
    "charge, shown",
    {
        "thousands": ("1234567.8", "$1,234,567.80"),
        "the largest amount of a claim": ("99999999.99", "$99,999,999.99"),
        "more digits than an amount has": ("123456789.91", ""),
        "negative": ("-1500", "\u2212$1,500.00"),
        "none": ("", ""),
    },
)
def test_money_keeps_every_digit(charge: str, shown: str) -> None:
    text = build([infusion_claim(total_charge=charge)])
    (item,) = listed(tree(page(always_finding("a fault"), InMemory("claims.837", text))))
    assert cell(item, "charge") == shown


def test_dates_are_written_out() -> None:
    claim = with_line(infusion_claim(lines=(drug_line(), LineSpec("96365"))), 2, dates="20261106")
    (item,) = listed(tree(page(always_finding("a fault"), InMemory("claims.837", build([claim])))))
    assert cell(item, "dates") == "Oct 5, 2026 \u2013 Nov 6, 2026"


# One page that stands alone


def test_it_asks_the_network_for_nothing_and_runs_its_own_script_alone() -> None:
    text = page(engine(), DAY)
    root = tree(text)
    assert not root.xpath("//link | //img | //iframe | //object | //embed | //base | //@style | //*[@onclick] | //@src")
    assert all(str(link).startswith("#") for link in root.xpath(f"//@href[not(ancestor::p[{of_class('source')}])]"))
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    directives = dict(part.strip().split(" ", 1) for part in str(policy).split(";"))
    assert directives["default-src"] == "'none'"
    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>".encode(), text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        assert directives[f"{name}-src"] == f"'sha256-{digest}'"
        assert not re.search(rb"https?:|url\(|@import|innerHTML|eval\(|</", content)


def test_every_link_leads_somewhere() -> None:
    root = tree(page(engine(), DAY, BROKEN, UNDECIDED))
    ids = [str(name) for name in root.xpath("//@id")]
    assert len(ids) == len(set(ids))
    assert {str(link)[1:] for link in root.xpath("//@href") if str(link).startswith("#")} <= set(ids)
    assert {name for names in root.xpath("//@aria-labelledby") for name in str(names).split()} <= set(ids)


def test_tables_have_captions_and_headers_and_fields_have_labels() -> None:
    root = tree(page(engine(), DAY, BROKEN, UNDECIDED))
    tables = root.xpath("//table")
    assert len(tables) > 4
    for table in tables:
        assert words(table.xpath("./caption")[0])
        assert table.xpath("./thead//th[@scope='col']")
        assert all(row.xpath("./th[@scope='row']") for row in table.xpath("./tbody/tr"))
    assert all(field.xpath("ancestor::label") for field in root.xpath("//select | //input"))
    assert all(figure.get("aria-label") for figure in root.xpath("//svg"))
    assert root.xpath("/html/@lang") == ["en"]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page(engine(), DAY, BROKEN) == page(engine(), DAY, BROKEN)


def test_only_a_page_of_several_files_names_the_file_of_a_claim() -> None:
    for sources, named in (((DAY,), False), ((DAY, HOSPITAL), True)):
        root = tree(page(engine(), *sources))
        facts = [words(item.xpath("./details/div/p")[0]) for item in listed(root)]
        assert {" of " in fact for fact in facts} == {named}
        assert any(HOSPITAL.path in fact for fact in facts) == named
        assert bool(root.xpath("//select[@name='file']")) == named


PEAK = """
import io, re, sys
from scrubber.outputs.html_report import HtmlReport
from scrubber.outputs.summary import Summary
from scrubber.x12.prescan import prescan
from scrubber.testing import build, drug_line, infusion_claim
from tests.scrubbing import engine, scrub_text

modifiers, count = ("JZ",) if sys.argv[1] == "clean" else (), int(sys.argv[2])
text = build([infusion_claim(lines=(drug_line(modifiers=modifiers),))])
used = engine("JWJZ01")
(claim,), _ = scrub_text(text, used)
scan = prescan(io.BytesIO(text.encode()))
with open("/dev/null", "wb") as out:
    report = HtmlReport(out, used)
    report.begin_file("claims.837", scan)
    for _ in range(count):
        report.claim(claim)
    report.end_file(scan, Summary())
    report.close()
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("kind", ["clean", "faulty"])
def test_memory_hardly_grows_with_the_claims(kind: str) -> None:

    def peak(count: int) -> float:
        command = [sys.executable, "-c", PEAK, kind, str(count)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout) / 1024

    assert peak(6000) - peak(1000) < 6


# Nothing breaks out of it


@each("text", HOSTILE)
def test_nothing_breaks_out_of_the_page(text: str) -> None:
    with_engine, source = hostile(text)
    written = page(with_engine, source)
    assert written.decode().replace("\n", "").isprintable()
    assert not [line for line in written.splitlines() if line.startswith(b"::")]
    root = tree(written)
    assert len(root.xpath("//script")) == len(root.xpath("//style")) == 1
    assert not root.xpath("//img | //@onerror | //@onfocus | //comment()")
    (item,) = listed(root)
    shown = re.sub(r"[\r\n]", "↵", xml_text(text)).replace("\t", "⇥")
    (finding,) = findings_of(item)
    assert (finding["message"], finding["fix"]) == (shown, shown)
    assert root.xpath("//title/text()") == [f"Claim report: {shown}"]


def test_a_claim_with_thousands_of_findings_takes_no_more_time_than_they_do() -> None:
    used = Engine(everywhere(), Profile())

    def seconds(lines: int) -> float:
        claim = infusion_claim(lines=(drug_line(modifiers=()),) * lines)
        begun = time.process_time()
        root = tree(page(used, InMemory("claims.837", build([claim]))))
        spent = time.process_time() - begun
        assert len(findings(listed(root)[0])) == min(lines, MOST_FINDINGS) + 1
        return spent

    assert seconds(3000) < 30 * seconds(300), "ten times the findings: what is quadratic takes a hundred times as long"
