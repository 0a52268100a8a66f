"""The HTML report as a page, and files to report on, for the tests of the page."""

from __future__ import annotations

import io

from lxml import html

from scrubber.engine.engine import Engine
from scrubber.outputs.html_report import HtmlReport
from scrubber.running.inputs import Input
from scrubber.testing import DelimiterSpec, build, infusion_claim, waste_claim, with_line
from tests.outputs.reporting import InMemory, always_finding, fill
from tests.scrubbing import FIXTURES

DAY = Input(str(FIXTURES / "clinic-day.837"))
HOSPITAL = Input(str(FIXTURES / "clinic-day-hospital.837"))
BROKEN = InMemory("broken.837", build([infusion_claim()]).replace("GE*1*", "GE*7*"))
UNDECIDED = InMemory("undecided.837", build([with_line(waste_claim(), 2, units="three")]))


def page(with_engine: Engine, *sources: Input) -> bytes:
    out = io.BytesIO()
    fill(HtmlReport(out, with_engine), sources, with_engine)
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


ROW = ("status", "number", "claim id", "payer", "dates", "charge", "codes")
"""The parts of a row of the worklist, in their order."""


def cell(item: html.HtmlElement, part: str) -> str:
    """A part of the row of a claim."""
    parts = item.xpath("./details/summary/*")
    assert len(parts) == len(ROW)
    return words(parts[ROW.index(part)])


def findings(item: html.HtmlElement) -> list[html.HtmlElement]:
    """What a claim shows of its findings."""
    return list(item.xpath("./details/div/section/div"))


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
    return always_finding(text, text), InMemory(text, claims)
