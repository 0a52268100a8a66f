"""The catalogue in words: every code in the overview and on the page, by topic."""

from __future__ import annotations

import re

import pytest

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.engine.codes import TOOL_CODES
from scrubber.outputs import edit_reference
from scrubber.outputs.layout import Layout
from scrubber.x12.errors import FILE_ERRORS
from tests.scrubbing import ROOT, every_claim, installed, made, of_edits

EDITS_PAGE = ROOT / "docs" / "edits.md"


def test_the_page_of_all_codes_is_up_to_date() -> None:
    up_to_date = EDITS_PAGE.read_text("utf-8") == edit_reference.markdown(installed())
    assert up_to_date, "run: scrubber edits --format markdown > docs/edits.md"


def test_the_page_has_a_section_for_each_edit_and_a_row_for_each_other_code() -> None:
    page = edit_reference.markdown(installed())
    assert re.findall(r"^## (\w+)$", page, re.M) == list(installed().edits)
    others = re.findall(r"^\| ([A-Z]+\d\d) \| [^|]+ \| [^|]+ \| [^|]+ \|$", page, re.M)
    assert others == [*sorted(GUIDE_CODES), *sorted(FILE_ERRORS), *sorted(TOOL_CODES)]


@pytest.mark.parametrize("width", [60, 120])
def test_the_overview_has_a_row_for_each_code(width: int) -> None:
    rows = [*edit_reference.overview(installed(), Layout(width))]
    codes = [row.split()[0] for row in rows if re.match(r"[A-Z]+\d\d  ", row)]
    assert sorted(codes) == sorted([*installed().edits, *GUIDE_CODES, *FILE_ERRORS, *TOOL_CODES])
    assert max(map(len, rows)) <= width


def test_the_overview_goes_by_topic() -> None:
    rows = [*edit_reference.overview(installed(), Layout(120))]
    at = rows.index("DUP  Lines and claims that are billed twice")
    assert rows[at - 1 : at + 4] == [
        "",
        "DUP  Lines and claims that are billed twice",
        "code     Medicare Adv.     Medicaid others   title",
        "DUP01    warn     warn     warn     warn     The same line twice",
        f"DUP02    {'warn     ' * 4}The same claim twice (within a file; with a history also over files)",
    ]
    assert "JWJZ01   by date  by date  by date  by date  Neither JW nor JZ on a single-dose drug" in rows
    assert "JWJZ11   info     info     off      off      Waste modifier that the bill type does not need" in rows
    assert "READ29   Wrong count" in rows


def test_edits_of_a_module_are_one_topic_headed_by_all_their_letters() -> None:
    catalogue = of_edits(made(every_claim, "ONE01"), made(every_claim, "ONE02"), made(every_claim, "TWO01"))
    rows = [*edit_reference.overview(catalogue, Layout(120))]
    assert [row for row in rows if row.startswith("ONE, TWO  ")] == [f"ONE, TWO  {SCRUBBING_ALSO}"]


SCRUBBING_ALSO = (
    "What tests of edits, outputs and the command line share: scrubbing described claims, and running the command"
)
"""What `tests.scrubbing`, where these edits stand, says of itself."""


def test_severities_are_dressed() -> None:
    layout = Layout(120, lambda text, kind: f"<{kind}>{text}</{kind}>")
    rows = [*edit_reference.overview(installed(), layout)]
    assert "<strong>DX01   </strong>  " + "<reject>reject   </reject>" * 4 + "Lupus drug for drug-induced lupus" in rows
