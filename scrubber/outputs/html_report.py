"""The HTML report: one page that needs no other file, made from the XML report by `report.xslt`.

The page holds its stylesheet and its script. Its content security policy allows these two and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from copy import deepcopy
from decimal import Decimal
from importlib import resources
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from lxml import etree

from scrubber.engine.engine import Engine, ScrubbedClaim
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.xml_report import XmlReport
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

_SHIPPED = resources.files("scrubber.outputs")
_LIST, _LIST_END = b'<div id="claims" class="claims" role="list">', b"</div>"
_AT_ONCE = 500
_GRADES = ("rejected", "flagged", "clean")
_SHOWN = str.maketrans("\t\r\n", "⇥↵↵")
_HUGE = etree.XMLParser(resolve_entities=False, huge_tree=True)


class HtmlReport:
    """Writes the page to a binary file.

    `close` writes the page. Until then the claims are in a temporary file that has no name in the file system.
    """

    def __init__(self, out: BinaryIO, engine: Engine) -> None:
        self._out = out
        self._xml = TemporaryFile()  # noqa: SIM115 - closed by `close`, or with the report
        self._report = XmlReport(self._xml, engine)

    def begin_file(self, path: str, scan: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._report.begin_file(path, scan)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take one claim."""
        self._report.claim(scrubbed)

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        self._report.end_file(scan, summary, notices)

    def close(self) -> None:
        """Write the page."""
        self._report.close()
        self._xml.seek(0)
        write_html(self._xml, self._out)
        self._xml.close()


FORMAT = Format(lambda out, engine, _: HtmlReport(out, engine), binary=True)


def write_html(xml: BinaryIO, out: BinaryIO) -> None:
    """Write the page of an XML report. Memory holds some hundred bytes for each claim on the page.

    Raises `lxml.etree.LxmlError` if `xml` is not XML.
    """
    style, script = (_SHIPPED.joinpath(name).read_text("utf-8") for name in ("report.css", "report.js"))
    allowed = f"style-src {_hash(style)}; script-src {_hash(script)}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    text = etree.XSLT.strparam
    transformation = _transformation()
    with TemporaryFile() as spool:
        report, claims = _without_claims(xml, spool)
        page = transformation(report, style=text(style), script=text(script), policy=text(policy))
        head, begin, tail = _html(page).partition(_LIST)
        out.write(head + begin)
        claims.sort()
        for first in range(0, len(claims), _AT_ONCE):
            some = transformation(_worklist(report, spool, claims[first : first + _AT_ONCE]))
            out.write(_html(some).partition(_LIST)[2].rpartition(_LIST_END)[0])
        out.write(tail)


class _Kept(NamedTuple):
    """A claim to be written, sorted by severity and charge: its file, and where it is in the spool."""

    grade: int
    credit: Decimal
    file: str
    start: int
    size: int


class _Nameless:
    """A file without its name: the parser fails on a name that is not UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read


def _without_claims(xml: BinaryIO, spool: BinaryIO) -> tuple[etree._Element, list[_Kept]]:
    """The report without its claims. Claims with findings or undecided edits are written to `spool`."""
    events = etree.iterparse(_Nameless(xml), tag="claim", resolve_entities=False, huge_tree=True)
    claims = []
    previous: etree._Element | None = None
    for _, claim in events:
        if claim.find("findings") is not None or claim.find("not_checked") is not None:
            _keep_on_a_line(claim)
            claims.append(_kept(claim, spool))
        _remove(previous)  # the one at hand is still the parser's
        previous = claim
    _remove(previous)
    assert events.root is not None
    _keep_on_a_line(events.root)
    return events.root, claims


def _kept(claim: etree._Element, spool: BinaryIO) -> _Kept:
    file = claim.getparent()
    assert file is not None
    grade = _GRADES.index(claim.attrib["disposition"])
    start, text = spool.tell(), etree.tostring(claim, encoding="utf-8", with_tail=False)
    spool.write(text)
    return _Kept(grade, -Decimal(claim.get("charge", "0")), file.attrib["ordinal"], start, len(text))


def _worklist(report: etree._Element, spool: BinaryIO, claims: Iterable[_Kept]) -> etree._Element:
    """A document of some claims under their files, with all rules."""
    files = {file.attrib["ordinal"]: file for file in report.iterfind("file")}
    worklist = etree.Element("worklist", files=str(len(files)))
    for claim in claims:
        file = etree.SubElement(worklist, "file", files[claim.file].attrib)
        spool.seek(claim.start)
        file.append(etree.fromstring(spool.read(claim.size), _HUGE))
    worklist.extend(deepcopy(rule) for rule in report.iterfind("rule"))
    return worklist


def _remove(element: etree._Element | None) -> None:
    if element is not None and (parent := element.getparent()) is not None:
        parent.remove(element)


def _transformation() -> etree.XSLT:
    with _SHIPPED.joinpath("report.xslt").open("rb") as stylesheet:
        return etree.XSLT(etree.parse(stylesheet), access_control=etree.XSLTAccessControl.DENY_ALL)


def _html(page: etree._XSLTResultTree) -> bytes:
    out = BytesIO()
    page.write_output(out)
    return out.getvalue()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _keep_on_a_line(part: etree._Element) -> None:
    """Show tabs and line ends in values as symbols, so that no value can begin a line of the page."""
    for element in part.iter():
        for name, value in element.items():
            if not value.isprintable():
                element.set(name, value.translate(_SHOWN))
