"""The HTML report in a browser: filters, sorting, keyboard, print and colours. Skipped without Chromium."""

from __future__ import annotations

import base64
import csv
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.html_report import HtmlReport
from scrubber.outputs.json_report import JsonReport
from scrubber.outputs.summary import Summary
from scrubber.testing import LineSpec, build, drug_line, infusion_claim, waste_claim
from scrubber.x12.prescan import prescan
from tests.outputs.html_pages import (
    DAY,
    HOSPITAL,
    HOSTILE,
    UNDECIDED,
    hostile,
    page,
)
from tests.outputs.reporting import InMemory, reported
from tests.scrubbing import each, engine, everywhere, scrub_text

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


TOLD = """
    const done = arguments[0];
    const look = () => (document.getElementById("loaded").textContent ? done() : setTimeout(look, 20));
    look();
"""
FINDING = "section > div"
"""A finding of a claim."""
CLAIM_ID = "(i) => i.querySelector('summary').children[2].textContent"
"""The id of a claim in the list."""


class Browser:
    """A headless Chromium that shows one page, as a user sees it."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self._folder = folder

    def show(self, text: bytes, part: str = "") -> None:
        """Show a page, with a part of it or filters in its address."""
        path = self._folder / "report.html"
        path.write_bytes(text)
        self.driver.get("about:blank")  # a new part of a page that is shown does not load it again
        self.driver.get(path.as_uri() + part)
        self.driver.execute_async_script(LOADED)

    def again(self) -> None:
        """Load the page again, as a user does who comes back to it."""
        self.driver.refresh()
        self.driver.execute_async_script(LOADED)

    @property
    def hash(self) -> str:
        return str(self.run("return location.hash"))

    def saved(self, selector: str) -> str:
        """The file that a button saves."""
        self.run("const real = URL.createObjectURL; URL.createObjectURL = (b) => real.call(URL, (window.saved = b))")
        self.click(selector)
        return str(self.driver.execute_async_script("window.saved.text().then(arguments[0])"))

    def load(self, path: Path) -> None:
        """Choose a file of ticks and notes."""
        self.run("document.getElementById('loaded').textContent = ''")
        self.driver.find_element("css selector", "#load-file").send_keys(str(path))
        self.driver.execute_async_script(TOLD)

    def text(self, selector: str) -> str:
        return str(self.driver.find_element("css selector", selector).text)

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def shown(self) -> list[str]:
        """The ids of the claims in sight, in their order."""
        return list(self.run(f"return [...document.querySelectorAll('#claims > div:not([hidden])')].map({CLAIM_ID})"))

    def of_claim(self, claim_id: str, selector: str) -> Any:
        """What a selector finds of a claim in the list."""
        script = f"return [...document.querySelectorAll('#claims > div')].find(i => ({CLAIM_ID})(i) === arguments[0])"
        return self.run(script, claim_id).find_element("css selector", selector)

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
    chromium.run("localStorage.clear()")
    chromium.again()
    yield chromium
    assert chromium.complaints() == []
    assert chromium.run("return performance.getEntriesByType('resource').length") == 0


def files() -> list[dict[str, Any]]:
    """The files of the page, as the JSON report has them."""
    return list(json.loads(reported(JsonReport, engine(), DAY, HOSPITAL, UNDECIDED))["files"])


def claims_with(predicate: Any) -> set[str]:
    """Ids of the claims whose record in the JSON report fits."""
    return {claim["claim_id"] for file in files() for claim in file["claims"] if predicate(file, claim)}


def finds(claim: dict[str, Any], **wanted: str) -> bool:
    return any(all(finding[key] == value for key, value in wanted.items()) for finding in claim["findings"])


@in_browser
def test_filters_show_the_claims_that_fit_all_of_them(browser: Browser) -> None:
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
def test_a_search_looks_at_ids_and_messages(browser: Browser) -> None:
    browser.search("cd261014-005")
    assert browser.shown() == ["CD261014-005"]
    browser.search("neither jw nor")
    assert set(browser.shown()) == claims_with(lambda _, claim: finds(claim, code="JWJZ01"))
    browser.search("no such words")
    assert browser.shown() == []
    assert browser.in_sight("#nothing")
    assert browser.count().endswith("claims: “no such words”")


@in_browser
def test_a_heading_sorts_the_list_up_and_down(browser: Browser) -> None:
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
    ids = browser.run("return [...document.querySelectorAll('#claims details')].map(i => i.id)")
    places = [tuple(map(int, name.split("-")[1:])) for name in ids]
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
def test_filters_and_order_stand_in_the_address(browser: Browser) -> None:
    assert browser.hash == ""
    browser.severity("reject")
    browser.choose("payer", "=SM001")
    browser.search("ndc06")
    browser.click("[data-sort=charge]")
    assert browser.hash == "#?severity=reject&text=ndc06&payer=%3DSM001&sort=charge.descending"
    kept = browser.shown()
    assert kept
    browser.show(page(engine(), DAY, HOSPITAL, UNDECIDED), browser.hash)
    assert browser.shown() == kept
    assert browser.run("return document.querySelector('[data-sort=charge]').getAttribute('aria-pressed')") == "true"
    browser.click("button[type=reset]")
    browser.click("[data-sort=rank]")
    browser.settle()
    assert browser.hash == ""
    browser.run("location.hash = '#?severity=warn'")
    browser.settle()
    assert set(browser.shown()) == claims_with(lambda _, claim: finds(claim, severity="warn"))
    browser.show(page(engine(), DAY), "#?payer=of another report&no-field=1&sort=no.way")
    assert browser.count() == "16 claims"


@in_browser
def test_a_code_leads_to_its_meaning_and_an_address_to_its_claim(browser: Browser) -> None:
    browser.click("#open-all")
    assert not browser.in_sight("#rule-DX01 p")
    browser.run("document.querySelector('#claims a[href=\"#rule-DX01\"]').click()")
    browser.settle()
    assert browser.in_sight("#rule-DX01 p")
    browser.show(page(engine(), DAY), "#claim-1-5")
    assert browser.in_sight(f"#claim-1-5 {FINDING}")
    assert browser.run("return document.querySelectorAll('#claims details[open]').length") == 1


def ticks(browser: Browser) -> list[str]:
    ticked = "[...document.querySelectorAll('.tick input:checked')]"
    return list(browser.run(f"return {ticked}.map(i => i.closest('#claims > div')).map({CLAIM_ID})"))


@in_browser
def test_ticks_and_notes_are_kept_and_can_be_saved(browser: Browser) -> None:
    first, second = browser.shown()[:2]
    browser.of_claim(first, ".tick input").click()
    browser.of_claim(second, "summary").click()
    browser.settle()
    note = browser.of_claim(second, "textarea")
    note.send_keys('=asked "the ward", 0012')
    browser.again()
    assert ticks(browser) == [first]
    assert browser.count().endswith(" claims; 1 done")
    browser.choose("work", "done")
    assert browser.shown() == [first]
    browser.choose("work", "note")
    assert browser.shown() == [second]
    (row,) = csv.DictReader(io.StringIO(browser.saved("#save-csv").removeprefix("\ufeff")))
    assert (row["claim_id"], row["done"], row["note"]) == (second, "false", '\'=asked "the ward", 0012')
    browser.choose("work", "")
    saved = json.loads(browser.saved("#save-json"))
    assert [one["claim_id"] for one in saved] == browser.shown()
    assert [one["claim_id"] for one in saved if one["done"]] == [first]
    assert {one["note"] for one in saved} == {"", '=asked "the ward", 0012'}
    assert {one["file_sha256"] for one in saved} == {file["sha256"] for file in files()}
    browser.show(page(engine("NDC06"), DAY))
    assert ticks(browser) == [first], "the file has its ticks, however it is judged"
    browser.show(page(engine(), UNDECIDED))
    assert ticks(browser) == [], "another file has others"
    browser.show(page(engine(), DAY, HOSPITAL, UNDECIDED))
    browser.of_claim(first, ".tick input").click()
    browser.again()
    assert ticks(browser) == []


@in_browser
def test_saved_ticks_and_notes_are_loaded_in_another_browser(browser: Browser, tmp_path: Path) -> None:
    first, second = browser.shown()[:2]
    browser.of_claim(first, ".tick input").click()
    browser.of_claim(second, "summary").click()
    browser.settle()
    browser.of_claim(second, "textarea").send_keys("asked the ward")
    path = tmp_path / "saved.json"
    saved = json.loads(browser.saved("#save-json"))
    others = [{**saved[0], "file_sha256": "0" * 64}, {**saved[0], "claim_id": "ANOTHER"}, 7, None]
    path.write_text(json.dumps([*saved, *others]))
    browser.run("localStorage.clear()")
    browser.again()
    assert ticks(browser) == []
    browser.of_claim(second, "summary").click()
    browser.settle()
    note = browser.of_claim(second, "textarea")
    note.send_keys("called")
    browser.load(path)
    assert browser.text("#loaded") == (
        "Ticks and notes of 2 claims loaded. 4 entries left out: of other files or claims."
    )
    assert ticks(browser) == [first]
    assert note.get_property("value") == "called\nasked the ward"
    browser.again()
    browser.load(path)
    assert ticks(browser) == [first]
    assert json.loads(browser.saved("#save-json"))[1]["note"] == "called\nasked the ward", "the same note once"
    browser.show(page(engine(), UNDECIDED))
    browser.load(path)
    assert browser.text("#loaded").startswith("Ticks and notes of 0 claims loaded. ")


@in_browser
@pytest.mark.parametrize("content", [b"", b"{}", b"[", b"\xff\xfe", b"claim_id,done\r\n"])
def test_a_file_without_ticks_is_refused(browser: Browser, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "saved.json"
    path.write_bytes(content)
    browser.load(path)
    assert browser.text("#loaded") == "This is no file of ticks and notes that this page has saved as JSON."
    assert ticks(browser) == []


@in_browser
def test_a_browser_that_keeps_no_notes_shows_that(browser: Browser) -> None:
    assert not browser.in_sight("#unkept")
    browser.run("Storage.prototype.setItem = () => { throw new Error('full') }")
    browser.click(".tick input")
    assert browser.in_sight("#unkept")
    assert len(ticks(browser)) == 1


@in_browser
def test_one_claim_is_printed_alone_on_one_page(browser: Browser) -> None:
    first = browser.shown()[0]
    browser.of_claim(first, "summary").click()
    browser.settle()
    browser.run("window.print = () => { window.during = document.body.innerText }")
    media = {"media": "print"}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.run("document.querySelector('.note button').click()")
    assert first in browser.run("return window.during")
    assert browser.shown()[1] not in browser.run("return window.during")
    browser.run("document.body.classList.add('one'); document.querySelector('#claims > div').classList.add('printed')")
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {})
    assert base64.b64decode(printed["data"]).count(b"/Type /Page\n") == 1
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@in_browser
def test_a_claim_is_not_parted_over_pages(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    style = "const style = getComputedStyle(document.querySelector(arguments[0])); return "
    assert browser.run(style + "style.breakInside", "#claims > div") == "avoid"
    for heading in ("#claims summary", "#claims h3", f"#claims {FINDING} > p", "h2", ".rule summary"):
        assert browser.run(style + "style.breakAfter", heading) == "avoid"
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@in_browser
def test_the_worklist_is_on_the_first_screen(browser: Browser) -> None:
    for width, height in ((1280, 900), (1440, 800)):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        below = browser.run("return document.querySelectorAll('#claims > div')[1].getBoundingClientRect().bottom")
        assert below < height
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@in_browser
@pytest.mark.parametrize("width", [1280, 900, 390])
def test_ids_payers_and_days_are_whole_at_every_width(browser: Browser, width: int) -> None:
    claim = infusion_claim("837P", "A" * 20 + "B" * 18, payer_name="A PAYER WITH A VERY LONG NAME INDEED OF SOME STATE")
    lines = (drug_line(modifiers=()), attrs.evolve(LineSpec("96365"), dates="20261106"))
    browser.show(page(engine(), InMemory("claims.837", build([attrs.evolve(claim, lines=lines)]))))
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    cut = """const cut = (e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline';
        return [...document.querySelectorAll('#claims summary > span')].filter(cut).map(e => e.textContent)"""
    assert browser.run(cut) == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@in_browser
def test_a_claim_opens_by_keyboard(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    details, summary = "#claims details", "#claims details summary"
    assert not browser.in_sight(f"{details} {FINDING}")
    browser.run("document.querySelector(arguments[0]).focus()", "[data-sort=findings]")
    browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.run("return document.activeElement.ariaLabel").startswith("Done: claim ")
    browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert browser.run("return document.activeElement === document.querySelector(arguments[0])", summary)
    outline = browser.run("return getComputedStyle(document.querySelector(arguments[0])).outlineStyle", summary)
    assert outline == "solid"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.in_sight(f"{details} {FINDING}")
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
        .every(i => i.querySelector('section > div').getBoundingClientRect().height > 0)"""
    assert browser.run(script)
    assert not browser.in_sight("#filters")
    assert not browser.in_sight("#sorting")
    assert browser.count().startswith(f"{kept} of ")
    printed = browser.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@in_browser
def test_light_and_dark_can_both_be_read(browser: Browser) -> None:
    """Each text in sight stands out from what is after it, by 4.5 to 1 (WCAG 2.1, 1.4.3)."""
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
    metrics = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.click("#open-all")
    assert browser.run("return document.documentElement.scrollWidth") <= 390
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@in_browser
def test_without_scripts_all_can_be_read(browser: Browser) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.driver.refresh()
    try:
        fields = browser.driver.find_elements("css selector", "#filters, #sorting")
        assert not any(field.is_displayed() for field in fields)
        rows = browser.driver.find_elements("css selector", "#plain tbody tr")
        claims = browser.driver.find_elements("css selector", "#claims > div")
        for row, claim in zip(rows, claims, strict=True):
            assert row.is_displayed()
            assert claim.find_element("css selector", "summary > :nth-child(3)").text in row.text
        finding = browser.driver.find_element("css selector", f"#claims details {FINDING}")
        assert not finding.is_displayed()
        rows[0].find_element("css selector", "a").click()
        assert finding.is_displayed(), "a row opens its claim"
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
