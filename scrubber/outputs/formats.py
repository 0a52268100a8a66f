"""The report formats by name. Each writer is loaded only when it is asked for: some need much."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from scrubber.outputs.files import as_text, new_file, new_text_file
from scrubber.outputs.layout import Layout

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.outputs.report import Report

FORMATS = {
    "text": "TextReport",
    "json": "JsonReport",
    "jsonl": "JsonlReport",
    "xml": "XmlReport",
    "html": "HtmlReport",
    "csv": "CsvReport",
    "sarif": "SarifReport",
    "junit": "JunitReport",
    "github": "GithubReport",
}
"""The class that writes a format, in the module `scrubber.outputs.NAME_report`."""

_BINARY = ("xml", "html")


@attrs.frozen
class Options:
    """What a user may ask of a report beside its format; each writer takes those that mean something to it.

    `fail_on` is the severity from which on a claim counts as failed, or `never`. Of text alone: `layout` for a
    terminal, the authority of each finding, counts by code in place of the claims.
    """

    fail_on: str = "reject"
    layout: Layout = attrs.field(factory=Layout)
    show_source: bool = False
    statistics: bool = False

    def of(self, form: str) -> dict[str, Any]:
        """The options that a format takes."""
        if form == "text":
            layout = self.layout
            shown = {"show_source": self.show_source, "statistics": self.statistics}
            return {"style": layout.style, "width": layout.width, **shown}
        return {"fail_on": self.fail_on} if form == "junit" else {}


_PLAIN = Options()


@contextmanager
def opened(form: str, path: Path | None, engine: Engine, options: Options = _PLAIN) -> Iterator[Report]:
    """A report to be fed, written to a file or to standard output, and ended at the end. Raises `OSError`."""
    with _output(path, binary=form in _BINARY) as out:
        report = _report(form, out, engine, options)
        yield report
        report.close()


@contextmanager
def into(form: str, out: Any, engine: Engine, options: Options = _PLAIN) -> Iterator[Report]:
    """A report to be fed, written to a file that is open, and ended at the end; the file stays open.

    Raises `ValueError` for an unknown format, `TypeError` for a text file where a binary one is needed.
    """
    if form not in FORMATS:
        raise ValueError(f"unknown report format {form!r}; the formats are {', '.join(FORMATS)}")
    is_text = isinstance(out, TextIOBase)
    if form in _BINARY and is_text:
        raise TypeError(f"the {form} report needs a binary file: io.BytesIO(), or open(path, 'wb')")
    wrapper = None if form in _BINARY or is_text else as_text(out)
    report = _report(form, wrapper or out, engine, options)
    yield report
    report.close()
    if wrapper:
        wrapper.flush()
        wrapper.detach()  # else it would close the file


def _report(form: str, out: Any, engine: Engine, options: Options) -> Report:
    writer = getattr(import_module(f"scrubber.outputs.{form}_report"), FORMATS[form])
    report: Report = writer(out, engine, **options.of(form))
    return report


def _output(path: Path | None, *, binary: bool) -> Any:
    if path is None:
        return nullcontext(sys.stdout.buffer if binary else sys.stdout)
    return new_file(path) if binary else new_text_file(path)
