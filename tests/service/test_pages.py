"""The pages: upload, catalogue, rules, drops."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scrubber.engine.registry import registry
from scrubber.running.options import RunOptions
from tests.processes import SCRUBBER
from tests.service.conftest import Served, served
from tests.service.test_scrubbing import FIXTURES, MIXED


def test_a_form_shows_the_report_of_a_file(running: Served) -> None:
    files = {"file": ("day <1>.837", MIXED, "application/octet-stream")}
    page = running.client.post("/report", files=files, data={"profile": "medicaid", "conformance": "true"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "day &lt;1&gt;.837" in page.text
    assert "profile medicaid" in page.text
    assert not running.left()


def test_a_file_that_cannot_be_read_has_a_report_too(running: Served) -> None:
    page = running.client.post("/report", files={"file": ("a.837", b"no claims")})
    assert page.status_code == 200
    assert "READ21" in page.text


@pytest.mark.parametrize(
    ("files", "data", "status"),
    [
        ({}, {"profile": "medicaid"}, 415),
        ({"file": ("a.837", b"x" * 1_100_000)}, {}, 413),
        ({"file": ("a.837", MIXED)}, {"profile": "../medicaid"}, 400),
        ({"other": ("a.837", MIXED)}, {}, 400),
    ],
)
def test_a_form_that_cannot_be_answered_gives_the_reason(
    running: Served, files: dict[str, tuple[str, bytes]], data: dict[str, str], status: int
) -> None:
    page = running.client.post("/report", files=files, data=data)
    assert page.status_code == status
    assert 'role="alert"' in page.text
    assert not running.left()


def test_the_catalogue_links_to_all_codes(running: Served) -> None:
    page = running.client.get("/edits").text
    assert set(re.findall(r'href="/edits/([^"]+)"', page)) == set(registry(RunOptions().catalogue()))


@pytest.mark.parametrize("code", ["JWJZ01", "IG01", "READ21", "SCRUB01"])
def test_a_page_explains_a_code(running: Served, code: str) -> None:
    page = running.client.get(f"/edits/{code}")
    assert page.status_code == 200
    assert f"<h1>{code}: " in page.text


def test_pages_run_no_script_and_load_nothing_from_elsewhere(running: Served) -> None:
    for path in ("/", "/edits", "/edits/JWJZ01", "/edits/NOPE"):
        page = running.client.get(path)
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in page.text
        assert not re.search(r'(?:src|href)="(?!data:,|[/#])', page.text)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service beside a drop folder with two released files."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "drop" / "in").mkdir(parents=True)
    for name in ("administration-837p.837", "clinic-day-hospital.837"):
        (folder / "drop" / "in" / name).write_bytes((FIXTURES / name).read_bytes())
    subprocess.run([SCRUBBER, "watch", folder / "drop", "--once"], check=True, capture_output=True, timeout=120)
    with served(folder / "state", drop=folder / "drop") as found:
        yield found


@pytest.mark.slow
def test_drops_are_counted_as_in_their_reports(watched: Served) -> None:
    page = watched.client.get("/drops")
    assert page.status_code == 200
    assert "2 files in the last 12 weeks: 69 claims" in page.text
    assert "administration-837p.837" in page.text
    tokens = re.findall(r'href="/drops/([0-9a-f]+)"', page.text)
    assert len(tokens) == 2
    for token in tokens:
        assert "<h1>Claim report</h1>" in watched.client.get(f"/drops/{token}").text


@pytest.mark.slow
@pytest.mark.parametrize("token", ["nothing", "..%2F..%2Fsecret", "%00"])
def test_no_other_file_is_a_report(watched: Served, token: str) -> None:
    assert watched.client.get(f"/drops/{token}").status_code == 404


def test_a_folder_without_a_watcher_is_reported_as_such(tmp_path: Path) -> None:
    with served(tmp_path / "state", drop=tmp_path / "drop") as found:
        page = found.client.get("/drops")
    assert page.status_code == 503
    assert "watcher" in page.text
