"""What the reports cost: time, memory and size for a large file, and how long a browser takes to open the page.

    python bench/reports.py [--printed]

The file holds 100,000 claims of `bench/claims.py`, each eighth with one finding. Every report is written by a process
of its own from the same file; `none` is the checking by itself.
The page is opened in a headless Chromium where one is installed. A second page, of claims with about five findings each
and 10,000 in all, is opened and printed to PDF.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from claims import write
from reading import CLAIMS, peak

MANY = 10 * CLAIMS
PRINTED = 1_800
"""Claims of the page that is printed: they have 10,000 findings."""
FORMATS = ("none", "text", "json", "xml", "html")
MESSAGE = "<p><b>Fix:</b> "
STEPS = {
    "search": "const f = document.querySelector('[type=search]'); f.value = '99'; "
    "f.dispatchEvent(new Event('change', {bubbles: true}))",
    "filter": "document.querySelector('[value=reject]').click()",
    "sort": "document.querySelector('[data-sort=claim]').click()",
    "open all": "document.querySelector('#open-all').click()",
}
STEP = "const done = arguments[0]; %s; setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 200)"
"""What a user does; each step waits 0.2 s, as a search begins when nothing more is typed."""
LOADED = (
    "const done = arguments[0]; document.readyState === 'complete' ? done() : addEventListener('load', () => done())"
)


def report(form: str, source: Path, target: Path) -> None:
    """Write one report, and print what it took: seconds and MB."""
    from scrubber.outputs import formats
    from scrubber.running import run
    from scrubber.running.inputs import Input
    from scrubber.running.options import RunOptions

    engine = RunOptions().engine()
    begun = time.process_time()
    with nullcontext() if form == "none" else formats.opened(form, target, engine) as writer:
        run.check(Input(str(source)), engine, [writer] if writer else [])
    print(time.process_time() - begun, peak())


def compare(folder: Path) -> Path:
    """A row for each format, for few claims and for many; the page of the many."""
    print(f"{'':8}{'claims':>10}{'seconds':>10}{'peak MB':>10}{'size MB':>10}")
    page = folder / "many.html"
    for claims in (MANY // 10, MANY):
        source = folder / "claims.837"
        write(source, "clean", claims)
        for form in FORMATS:
            target = page if form == "html" else folder / "report"
            command = [sys.executable, __file__, "--report", form, str(source), str(target)]
            took = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            size = target.stat().st_size / 1e6 if target.exists() and form != "none" else 0
            print(f"{form:8}{claims:10,}{float(took[0]):10.1f}{float(took[1]):10.0f}{size:10.1f}")
    return page


def opened(page: Path, steps: Mapping[str, str], *, printed: bool = False) -> None:
    """How long Chromium takes until the page is loaded, filtered and sorted, and until it is a PDF."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        print("no Chromium here")
        return
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    executor: Any = driver.command_executor
    executor.client_config.timeout = 600  # seconds
    try:
        begun = time.perf_counter()
        driver.get(page.as_uri())
        driver.execute_async_script(LOADED)
        print(f"{'open':10}{time.perf_counter() - begun:8.2f} s")
        for name, script in steps.items():
            begun = time.perf_counter()
            driver.execute_async_script(STEP % script)
            print(f"{name:10}{time.perf_counter() - begun:8.2f} s")
        if printed:
            begun = time.perf_counter()
            pdf = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
            print(f"{'PDF':10}{time.perf_counter() - begun:8.2f} s, {len(pdf) * 3 / 4e6:.1f} MB")
    finally:
        driver.quit()


def of_many_findings(folder: Path) -> Path:
    """A page of 10,000 findings."""
    source, page = folder / "findings.837", folder / "findings.html"
    write(source, "heavy", PRINTED)
    report("html", source, page)
    print(f"{PRINTED:,} claims, {page.read_text('utf-8').count(MESSAGE):,} findings")
    return page


def main() -> None:
    if sys.argv[1:2] == ["--report"]:
        report(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
        return
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1:] != ["--printed"]:
            opened(compare(Path(folder)), STEPS)
        opened(of_many_findings(Path(folder)), {}, printed=True)


if __name__ == "__main__":
    main()
