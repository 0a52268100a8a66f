"""The HTML report: one page that stands alone, says what the JSON report says, and works in a browser."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs import html_report
from scrubber.outputs.html_report import HtmlReport, write_html
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.summary import Summary
from scrubber.outputs.xml_report import XmlReport, xml_text
from scrubber.running.inputs import Input
from scrubber.x12.prescan import prescan
from tests.builder import DelimiterSpec, LineSpec, build, drug_line, infusion_claim, waste_claim, with_line
from tests.outputs.reporting import InMemory, fill, reported, saying
from tests.outputs.test_xml_report import with_suppressions
from tests.scrubbing import FIXTURES, ROOT, each, engine, everywhere, scrub_text

DAY = Input(str(FIXTURES / "clinic-day.837"))
HOSPITAL = Input(str(FIXTURES / "clinic-day-hospital.837"))
BROKEN = InMemory("broken.837", build([infusion_claim()]).replace("GE*1*", "GE*7*"))
UNDECIDED = InMemory("undecided.837", build([with_line(waste_claim(), 2, units="three")]))


def page(with_engine: Engine, *sources: Input) -> bytes:
    out = io.BytesIO()
    fill(HtmlReport(out, with_engine), sources, with_engine)
    return out.getvalue()


def xml(with_engine: Engine, *sources: Input) -> bytes:
    out = io.BytesIO()
    fill(XmlReport(out, with_engine), sources, with_engine)
    return out.getvalue()


def tree(text: bytes) -> html.HtmlElement:
    return html.document_fromstring(text.decode("utf-8"))


def words(element: html.HtmlElement) -> str:
    """The text of an element, without line breaks and runs of spaces."""
    return " ".join(" ".join(element.itertext()).split())


def of_class(name: str) -> str:
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


def listed(root: html.HtmlElement) -> list[html.HtmlElement]:
    """The claims of the worklist."""
    return list(root.xpath("//*[@id='claims']/*"))


# What it says


def said(item: html.HtmlElement) -> list[dict[str, str | None]]:
    """What the page says of each finding of a claim."""
    return [
        {
            "code": words(finding.xpath(".//p/a")[0]),
            "severity": finding.get("class", "").split()[1],
            "message": " ".join(finding.xpath("./p/a/following-sibling::text()")).strip(),
            "fix": detail(finding, "Fix"),
            "where": detail(finding, "Where"),
            "denial": detail(finding, "Likely denial"),
            "source": detail(finding, "Source"),
            "line": words(finding.xpath("../h3")[0]),
        }
        for finding in item.xpath(f".//div[{of_class('finding')}]")
    ]


def detail(finding: html.HtmlElement, name: str) -> str | None:
    values = finding.xpath(f".//dt[.='{name}']/following-sibling::dd[1]")
    return words(values[0]) if values else None


@pytest.mark.parametrize("name", ["clinic-day", "jwjz-837i", "paediatric-sc-837p"])
def test_it_says_what_the_json_report_says(name: str) -> None:
    source = Input(str(FIXTURES / f"{name}.837"))
    (file,) = json.loads(reported(JsonReport, engine(), source))["files"]
    items = {item.get("data-order"): item for item in listed(tree(page(engine(), source)))}
    noted = {str(n): claim for n, claim in enumerate(file["claims"], 1) if claim["findings"] or claim["not_checked"]}
    assert items.keys() == noted.keys()
    for ordinal, claim in noted.items():
        item = items[ordinal]
        assert item.get("data-claim") == claim["claim_id"]
        assert claim["disposition"].title() in words(item.xpath(".//summary")[0])
        assert claim["claim_id"] in words(item)
        found = said(item)
        assert len(found) == len(claim["findings"])
        for shown, finding in zip(found, claim["findings"], strict=True):
            assert {key: shown[key] for key in ("code", "severity", "message", "fix")} == {
                key: finding[key] for key in ("code", "severity", "message", "fix")
            }
            where = f"{finding['element']} in loop {finding['loop']}, segment {finding['segment']} "
            assert (shown["where"] or "").startswith(where)
            assert f"byte {finding['offset']}" in (shown["where"] or "")
            codes = {"CARC": finding["carc"], "RARC": finding["rarc"], "277CA": finding["claim_status"]}
            assert shown["denial"] == (", ".join(f"{name} {code}" for name, code in codes.items() if code) or None)
            line = finding["service_line"]
            assert (shown["line"] or "").startswith("The claim" if line is None else f"Line {line} ")
            assert shown["source"]


def test_the_first_screen_says_what_is_at_stake() -> None:
    root = tree(page(engine(), DAY))
    glance = words(root.xpath("//*[@id='glance']")[0])
    assert "15 of 60 claims need work before they are sent. $85,000.00 of $268,830.00 billed is at stake." in glance
    for part in ("Claims in 60", "Clean 45 75%", "Flagged 7 11.7%", "Rejected 8 13.3%", "$48,080.00 of it on rejected"):
        assert part in glance


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
    ranked = [(int(item.get("data-rank", "")), float(item.get("data-charge", ""))) for item in items]
    assert ranked == sorted(ranked, reverse=True)
    assert {rank for rank, _ in ranked} == {0, 1, 2}


def test_clean_claims_are_counted_and_not_listed() -> None:
    text = build([infusion_claim(claim_id=f"CLEAN{n}") for n in range(5)])
    root = tree(page(engine("JWJZ01"), InMemory("claims.837", text)))
    assert "No claim needs work before it is sent" in words(root)
    assert "No claim needs work." in words(root)
    assert "CLEAN0" not in words(root)


def test_the_part_at_fault_is_marked_and_a_missing_one_named() -> None:
    claims = [infusion_claim(lines=(drug_line(modifiers=modifiers),)) for modifiers in ((), ("JW", "JZ"))]
    root = tree(page(engine("JWJZ01", "JWJZ02"), InMemory("claims.837", build(claims))))
    segments = [segment.text_content() for segment in root.xpath(f"//p[{of_class('segment')}]")]
    assert "SV1*HC:J0490missing*4800*UN*80***1" in segments
    assert {words(mark) for mark in root.xpath("//mark")} == {"missing", "JZ"}


def test_problems_of_files_and_what_was_not_checked_are_told() -> None:
    root = tree(page(engine(), BROKEN, UNDECIDED, InMemory("none.837", "")))
    errors = words(root.xpath("//*[@id='errors']")[0])
    assert "2 of 3 files are damaged" in errors
    assert "broken.837 READ29 GE01 is not 1, the number counted" in errors
    assert "none.837 READ20" in errors
    text = words(root)
    assert "DX02" in text and "in part: table icd10cm is not loaded" in text
    assert "On 1 claim an edit could not decide" in text
    (item,) = [item for item in listed(root) if ":unchecked" in (item.get("data-faults") or "")]
    told = words(item).partition("Not checked on this claim")[2]
    assert "JWJZ05 JW units that are no whole number: SV104 is not a number" in told


def test_what_does_not_count_is_told_apart() -> None:
    root = tree(page(*with_suppressions()))
    text = words(root)
    assert "1 finding suppressed" in text
    assert "Edits on trial (shadow) would have found: ADM01 1." in text
    assert "known.toml : 3 suppressions; past their last day: no. 3; whose claim is not here: no. 2." in text
    (item,) = listed(root)
    assert "JWJZ01" not in {finding["code"] for finding in said(item)}
    told = words(item).partition("Suppressed, and not counted ")[2]
    assert told.startswith("JWJZ01 on line 1 J0490 comes in single-dose vials")
    assert told.endswith("(A. Biller, up to 2099-12-31: a waste log)")


def test_no_claims_and_no_files() -> None:
    for sources in ([], [InMemory("none.837", "")]):
        assert "No claims could be read." in words(tree(page(engine(), *sources)))


@each(
    "charge, shown",
    {
        "thousands": ("1234567.8", "$1,234,567.80"),
        "more digits than a number holds": ("123456789012345678.91", "$123,456,789,012,345,678.91"),
        "negative": ("-1500", "\u2212$1,500.00"),
        "none": ("", ""),
    },
)
def test_money_keeps_every_digit(charge: str, shown: str) -> None:
    text = build([infusion_claim(total_charge=charge)])
    (item,) = listed(tree(page(saying("a fault"), InMemory("claims.837", text))))
    assert words(item.xpath(f".//summary/*[{of_class('charge')}]")[0]) == shown


def test_dates_are_written_out() -> None:
    claim = with_line(infusion_claim(lines=(drug_line(), LineSpec("96365"))), 2, dates="20261106")
    (item,) = listed(tree(page(saying("a fault"), InMemory("claims.837", build([claim])))))
    assert words(item.xpath(f".//summary/*[{of_class('date')}]")[0]) == "Oct 5, 2026 \u2013 Nov 6, 2026"


# One page that stands alone


def test_it_asks_the_network_for_nothing_and_runs_its_own_script_alone() -> None:
    text = page(engine(), DAY)
    root = tree(text)
    assert not root.xpath("//link | //img | //iframe | //object | //embed | //base | //@style | //*[@onclick] | //@src")
    assert all(str(link).startswith("#") for link in root.xpath("//@href"))
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
    assert {str(link)[1:] for link in root.xpath("//@href")} <= set(ids)
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


def test_it_is_the_same_made_in_pieces_or_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the stylesheet on the XML report gets the page; here it is made in pieces, to need less memory."""
    monkeypatch.setattr(html_report, "_AT_ONCE", 7)
    shipped = resources.files("scrubber.outputs")
    transformation = etree.XSLT(etree.fromstring((shipped / "report.xslt").read_bytes()))
    whole = io.BytesIO()
    report = xml(engine(), DAY, HOSPITAL, UNDECIDED)
    text = page(engine(), DAY, HOSPITAL, UNDECIDED)
    (policy,) = tree(text).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    parameters = {
        "style": (shipped / "report.css").read_text("utf-8"),
        "script": (shipped / "report.js").read_text("utf-8"),
        "policy": str(policy),
    }
    quoted: dict[str, Any] = {name: etree.XSLT.strparam(value) for name, value in parameters.items()}
    transformation(etree.fromstring(report), **quoted).write_output(whole)
    assert text == whole.getvalue()


def test_the_same_input_gives_the_same_bytes() -> None:
    assert page(engine(), DAY, BROKEN) == page(engine(), DAY, BROKEN)


def test_it_can_be_made_of_a_report_that_is_there() -> None:
    out = io.BytesIO()
    write_html(io.BytesIO(xml(engine(), DAY)), out)
    assert out.getvalue() == page(engine(), DAY)


PEAK = """
import io, re, sys
from scrubber.outputs.html_report import HtmlReport
from scrubber.outputs.summary import Summary
from scrubber.x12.prescan import prescan
from tests.builder import build, drug_line, infusion_claim
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


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("kind", ["clean", "faulty"])
def test_memory_hardly_grows_with_the_claims(kind: str) -> None:
    """Clean claims take none; of the others a line of numbers is kept."""

    def peak(count: int) -> float:
        command = [sys.executable, "-c", PEAK, kind, str(count)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout) / 1024

    assert peak(6000) - peak(1000) < 6


# Nothing breaks out of it

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "attribute": "\"><img src=x onerror=alert(1)>' onfocus='alert(1)",
    "CDATA": "]]><!--<![CDATA[",
    "entities": "&lt;&#0;&x;",
    "terminal": "\x1b[31m\x9b1m\x07",
    "line ends": "a\r\n::error::b\n\tc\x85d",
    "formula": "=cmd()",
    "long": "X" * 10_000,
    "template": "{{7*7}}${7*7}{.}",
}
DELIMITERS = DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c")


def hostile(text: str) -> tuple[Engine, InMemory]:
    claims = build([infusion_claim("837P", text, payer_id=text)], delimiters=DELIMITERS, eol="")
    return saying(text, text), InMemory(text, claims)


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
    (finding,) = said(item)
    assert (finding["message"], finding["fix"]) == (shown, shown)
    assert root.xpath("//title/text()") == [f"Claim report: {shown}"]


def test_a_claim_with_thousands_of_findings_takes_no_more_time_than_they_do() -> None:
    used = Engine(everywhere(), Profile())

    def seconds(lines: int) -> float:
        claim = infusion_claim(lines=(drug_line(modifiers=()),) * lines)
        begun = time.process_time()
        root = tree(page(used, InMemory("claims.837", build([claim]))))
        spent = time.process_time() - begun
        assert len(root.xpath(f"//div[{of_class('finding')}]")) == lines + 1
        return spent

    assert seconds(3000) < 30 * seconds(300), "ten times the findings: what is quadratic takes a hundred times as long"


# In a browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMEDRIVER = shutil.which("chromedriver")

in_browser = pytest.mark.skipif(
    not (CHROMIUM and CHROMEDRIVER), reason="needs Chromium and its driver: apt-get install chromium chromium-driver"
)

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1280,900"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


LOADED = (
    "const done = arguments[0]; document.readyState === 'complete' ? done() : addEventListener('load', () => done())"
)


class Browser:
    """A headless Chromium that shows one page, as a user sees it."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self._folder = folder

    def show(self, text: bytes) -> None:
        path = self._folder / "report.html"
        path.write_bytes(text)
        self.driver.get(path.as_uri())
        self.driver.execute_async_script(LOADED)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def shown(self) -> list[str]:
        """The ids of the claims in sight, in their order."""
        script = (
            "return [...document.querySelectorAll('#claims > div')].filter(i => !i.hidden).map(i => i.dataset.claim)"
        )
        return list(self.run(script))

    def count(self) -> str:
        return str(self.run("return document.getElementById('shown').textContent"))

    def click(self, selector: str) -> None:
        self.driver.find_element("css selector", selector).click()

    def choose(self, name: str, value: str) -> None:
        self.click(f"select[name={name}] option[value='{value}']")
        self.settle()

    def search(self, text: str) -> None:
        field = self.driver.find_element("css selector", "input[type=search]")
        field.clear()
        field.send_keys(text)
        self.settle()

    def severity(self, value: str) -> None:
        self.click(f"fieldset label:has(input[value='{value}']) span")
        self.settle()

    def settle(self) -> None:
        """Wait until what was typed has been searched."""
        self.driver.execute_async_script("setTimeout(arguments[0], 250)")

    def in_sight(self, selector: str) -> bool:
        script = "return document.querySelector(arguments[0]).checkVisibility({contentVisibilityAuto: false})"
        return bool(self.run(script, selector))

    def complaints(self) -> list[str]:
        """What stands in the console since it was last looked at."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    from selenium.webdriver.chrome.service import Service

    folder = tmp_path_factory.mktemp("browser")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
    yield Browser(driver, folder)
    driver.quit()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """With a page of two files, and nothing to complain of at the end."""
    chromium.show(page(engine(), DAY, HOSPITAL, UNDECIDED))
    yield chromium
    assert chromium.complaints() == []
    assert chromium.run("return performance.getEntriesByType('resource').length") == 0


def claims_with(predicate: Any) -> set[str]:
    """Ids of the claims whose record in the JSON report fits."""
    files = json.loads(reported(JsonReport, engine(), DAY, HOSPITAL, UNDECIDED))["files"]
    return {claim["claim_id"] for file in files for claim in file["claims"] if predicate(file, claim)}


def finds(claim: dict[str, Any], **wanted: str) -> bool:
    return any(all(finding[key] == value for key, value in wanted.items()) for finding in claim["findings"])


@in_browser
def test_filters(browser: Browser) -> None:
    every = browser.shown()
    assert browser.count() == f"{len(every)} claims"
    browser.severity("reject")
    assert set(browser.shown()) == claims_with(lambda _, claim: finds(claim, severity="reject"))
    browser.choose("code", "JWJZ01")
    assert set(browser.shown()) == claims_with(lambda _, claim: finds(claim, severity="reject", code="JWJZ01"))
    assert browser.count().startswith(f"{len(browser.shown())} of {len(every)} claims: Reject, JWJZ01 ")
    browser.severity("unchecked")
    browser.choose("code", "")
    assert set(browser.shown()) == claims_with(lambda _, claim: claim["not_checked"])
    browser.click("button[type=reset]")
    browser.settle()
    assert browser.shown() == every
    browser.choose("payer", "=SM001")
    expected = claims_with(
        lambda _, claim: claim["payer_id"] == "SM001" and (claim["findings"] or claim["not_checked"])
    )
    assert set(browser.shown()) == expected
    browser.choose("payer", "")
    browser.choose("file", "2")
    assert set(browser.shown()) <= claims_with(lambda file, _: file["path"] == HOSPITAL.path)


@in_browser
def test_search(browser: Browser) -> None:
    browser.search("cd261014-005")
    assert browser.shown() == ["CD261014-005"]
    browser.search("neither jw nor")
    assert set(browser.shown()) == claims_with(lambda _, claim: finds(claim, code="JWJZ01"))
    browser.search("no such words")
    assert browser.shown() == []
    assert browser.in_sight("#nothing")
    assert browser.count().endswith("claims: “no such words”")


@in_browser
def test_sorting(browser: Browser) -> None:
    def column(name: str) -> Sequence[str]:
        script = "return [...document.querySelectorAll('#claims > div')].map(i => i.dataset[arguments[0]])"
        return list(browser.run(script, name))

    browser.click("[data-sort=charge]")
    charges = [float(value) for value in column("charge")]
    assert charges == sorted(charges, reverse=True)
    browser.click("[data-sort=charge]")
    assert [float(value) for value in column("charge")] == sorted(charges)
    assert browser.run("return document.querySelector('[data-sort=charge]').getAttribute('aria-pressed')") == "true"
    browser.click("[data-sort=order]")
    places = [(int(file), int(order)) for file, order in zip(column("file"), column("order"), strict=True)]
    assert places == sorted(places)
    browser.severity("reject")
    browser.click("[data-sort=claim]")
    assert browser.shown() == sorted(browser.shown())


@in_browser
def test_a_bar_leads_to_its_claims(browser: Browser) -> None:
    browser.search("nothing like this")
    browser.click("a[data-filter=code][data-value=ADM05]")
    browser.settle()
    assert set(browser.shown()) == claims_with(lambda _, claim: finds(claim, code="ADM05"))
    assert browser.run("return document.activeElement.id") == "worklist"


@in_browser
def test_a_claim_opens_by_keyboard(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    details, summary = "#claims details", "#claims details summary"
    assert not browser.in_sight(f"{details} .finding")
    browser.run("document.querySelector(arguments[0]).focus()", "[data-sort=findings]")
    browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.run("return document.activeElement === document.querySelector(arguments[0])", summary)
    outline = browser.run("return getComputedStyle(document.querySelector(arguments[0])).outlineStyle", summary)
    assert outline == "solid"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.in_sight(f"{details} .finding")
    assert browser.in_sight(f"{details} mark")
    browser.click("#open-all")
    assert browser.run("return document.querySelectorAll('#claims details:not([open])').length") == 0
    browser.click("#close-all")
    assert browser.run("return document.querySelectorAll('#claims details[open]').length") == 0


@in_browser
def test_all_is_open_in_print_and_the_filters_are_gone(browser: Browser) -> None:
    browser.severity("reject")
    kept = len(browser.shown())
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    script = """return [...document.querySelectorAll('#claims > div:not([hidden])')]
        .every(i => i.querySelector('.finding').getBoundingClientRect().height > 0)"""
    assert browser.run(script)
    assert not browser.in_sight("#filters")
    assert not browser.in_sight("#sorting")
    assert browser.count().startswith(f"{kept} of ")
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@in_browser
def test_light_and_dark_can_both_be_read(browser: Browser) -> None:
    """Each text in sight stands out from what is behind it, by 4.5 to 1 (WCAG 2.1, 1.4.3)."""
    browser.click("#open-all")
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        assert browser.run(FAINT) == []
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@in_browser
def test_paper_is_white_also_for_who_reads_in_the_dark(browser: Browser) -> None:
    colours = "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
    printed = []
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [feature]})
        assert browser.run(FAINT) == []
        printed.append(browser.run(colours))
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert printed[0] == printed[1]


FAINT = """
const channels = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => {
  const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = channels(color).map((c) => linear(c / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if ((channels(color)[3] ?? 1) === 1) return color;
  }
  return 'rgb(255, 255, 255)';
};
const faint = new Set();
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || !element.checkVisibility()) continue;
  const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(element.tagName + '.' + element.className);
}
return [...faint];
"""


@in_browser
def test_a_narrow_screen_shows_all_without_scrolling_sideways(browser: Browser) -> None:
    metrics = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.click("#open-all")
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@in_browser
def test_without_scripts_all_can_be_read(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.driver.refresh()
    try:
        fields = browser.driver.find_elements("css selector", "#filters, #sorting")
        assert not any(field.is_displayed() for field in fields)
        summary = browser.driver.find_element("css selector", "#claims details summary")
        summary.click()
        assert browser.driver.find_element("css selector", "#claims details .finding").is_displayed()
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@in_browser
@each("text", HOSTILE)
def test_a_browser_takes_no_harm(browser: Browser, text: str) -> None:
    browser.show(page(*hostile(text)))
    browser.click("#open-all")
    assert len(browser.shown()) == 1
    assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
    browser.search(text.split()[0].replace("\x1b", "")[:20] if text.strip() else "x")


@in_browser
def test_10000_findings_are_handled(browser: Browser) -> None:
    """What is quadratic in the browser takes longer than a driver waits for it."""
    text = build([infusion_claim(lines=(drug_line(), LineSpec("96365"), LineSpec("99213"))), waste_claim()])
    used = Engine(everywhere(), Profile())
    claims, _ = scrub_text(text, used)
    out = io.BytesIO()
    report = HtmlReport(out, used)
    scan = prescan(io.BytesIO(text.encode()))
    report.begin_file("claims.837", scan)
    for _ in range(1250):
        for claim in claims:
            report.claim(claim)
    report.end_file(scan, Summary())
    report.close()
    browser.show(out.getvalue())
    assert len(browser.shown()) == 2500
    browser.choose("code", "CLAIM01")
    browser.search("BASE-2")
    assert len(browser.shown()) == 1250
    browser.click("[data-sort=claim]")
    browser.click("#open-all")
