"""The pages in a browser, light and dark, wide and narrow. Skipped without Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.outputs.test_html_in_browser import CHROMEDRIVER, CHROMIUM, FLAGS, in_browser
from tests.service.test_processes import Process, process
from tests.service.test_scrubbing import FIXTURES

__all__ = ["process"]

pytestmark = [in_browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    started = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
    try:
        yield started
    finally:
        started.quit()


def sized(driver: Any, width: int) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def coloured(driver: Any, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def test_a_file_is_chosen_and_its_report_shown_by_keyboard(process: Process, driver: Any) -> None:
    driver.get(process.url)
    driver.find_element("css selector", "#file").send_keys(str(FIXTURES / "administration-837p.837"))
    driver.find_element("css selector", "button").send_keys("\n")
    driver.implicitly_wait(20)
    driver.find_element("css selector", "#worklist")
    assert driver.title == "Claim report: administration-837p.837"


def test_pages_fit_wide_and_narrow_in_light_and_dark(process: Process, driver: Any) -> None:
    papers = set()
    for path in ("/", "/edits", "/edits/JWJZ01", "/edits/NOPE99"):
        for width in (1200, 360):
            for scheme in ("light", "dark"):
                sized(driver, width)
                coloured(driver, scheme)
                driver.get(process.url + path)
                assert driver.execute_script("return document.documentElement.scrollWidth") <= width
                papers.add(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert len(papers) == 2
    assert not [entry for entry in driver.get_log("browser") if "Content Security Policy" in entry["message"]]


def test_the_first_key_leads_to_the_content(process: Process, driver: Any) -> None:
    driver.get(process.url + "/edits")
    driver.switch_to.active_element.send_keys("\t")
    assert driver.execute_script("return document.activeElement.textContent") == "Skip to the content"
