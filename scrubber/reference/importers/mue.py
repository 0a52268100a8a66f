"""Medically unlikely edits of CMS, quarterly: the most units of a code, by setting; Medicare's and Medicaid's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scrubber.reference import external
from scrubber.reference.importers.dating import Given, edition, quarter
from scrubber.reference.importers.documents import Document, FileRefused
from scrubber.reference.importers.grid import Headings, Line, clean, first_lines, table_of, wrong_cell
from scrubber.reference.importers.kind import Bounds, Kind, procedure
from scrubber.reference.storing import Contents, StoredRow, joined

_SETTINGS = {
    "practitioner": "practitioner",
    "outpatient": "hospital",
    "hospital": "hospital",
    "dme": "dme",
    "durable": "dme",
}
"""The setting of a file by a word in its heading or its name."""
_TABLES = {
    ("medicare", "practitioner"): external.MUE_PRACTITIONER,
    ("medicare", "hospital"): external.MUE_HOSPITAL,
    ("medicare", "dme"): external.MUE_DME,
    ("medicaid", "practitioner"): external.MEDICAID_MUE_PRACTITIONER,
    ("medicaid", "hospital"): external.MEDICAID_MUE_HOSPITAL,
    ("medicaid", "dme"): external.MEDICAID_MUE_DME,
}
_CODE = r"hcpcs\W+cpt codes?"
_VALUES = r"(.*\b)?mue values?"
_MEDICARE = Headings(
    "units", {"code": _CODE, "units": _VALUES, "indicator": "mue adjudication indicator", "rationale": "mue rationale"}
)
_MEDICAID = Headings("units", {"code": _CODE, "units": _VALUES})
_UNITS = re.compile(r"\d{1,6}", re.ASCII)
_INDICATOR = re.compile(r"([123])\b.*", re.ASCII)
_BOUNDS = {"practitioner": Bounds(5_000, 60_000, "96365"), "hospital": Bounds(5_000, 60_000, "96365")}
_DME_BOUNDS = Bounds(500, 30_000)


def _takes(document: Document) -> bool:
    return _MEDICAID.row(first_lines(document)) is not None


def _read(documents: Sequence[Document], given: Given) -> Iterator[Contents]:
    for document in documents:
        header = _MEDICAID.row(first_lines(document))
        cells = [clean(cell).lower() for cell in header.cells] if header else []
        program = "medicare" if any("indicator" in cell for cell in cells) else "medicaid"
        headings = _MEDICARE if program == "medicare" else _MEDICAID
        with table_of(document, headings) as (above, lines):
            setting = _setting(document, cells[1])
            dated = edition(document, quarter(document, given, above))
            rows = (_row(document, line, program) for line in lines)
            columns = ("units", "adjudication") if program == "medicare" else ("units",)
            bounds = _BOUNDS.get(setting, _DME_BOUNDS)
            yield Contents(_TABLES[program, setting], dated, columns, bounds.hold(document, rows, given))


def _setting(document: Document, heading: str) -> str:
    for text in (heading, *document.names):
        for word, setting in _SETTINGS.items():
            if word in text.lower():
                return setting
    raise FileRefused(f"{document.label}: neither its headings nor its name say for which providers the limits are")


def _row(document: Document, line: Line, program: str) -> StoredRow:
    code, units = procedure(document, line, 0), line.cells[1]
    if not _UNITS.fullmatch(units):
        raise wrong_cell(document, line, 1, "a number of units")
    if program == "medicaid":
        return code, None, None, units
    found = _INDICATOR.fullmatch(line.cells[2])
    if not found:
        raise wrong_cell(document, line, 2, "an indicator 1 to 3")
    return code, None, None, joined(units, found[1])


KINDS = (Kind("NCCI medically unlikely edits (MUE)", _takes, _read),)
