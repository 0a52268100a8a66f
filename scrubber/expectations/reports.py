"""How claim files differ from their sidecars: as text, as JUnit XML and as workflow commands of GitHub.

The text names a claim by its id beside its place in the file; the others, which go to build systems, by its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, TextIO
from xml.etree import ElementTree

import attrs

from scrubber.expectations.comparison import Comparison, Verdict
from scrubber.expectations.sidecar import Statement, sidecar_of
from scrubber.outputs.junit_report import class_name
from scrubber.outputs.lines import Lines
from scrubber.outputs.wording import visible
from scrubber.outputs.workflow_commands import workflow_command


class DifferenceReport(Protocol):
    """A report on claim files held against their sidecars."""

    def file(self, comparison: Comparison) -> None:
        """Take the next file."""

    def close(self) -> None:
        """End the report."""


@attrs.define
class _Tally:
    """Files so far, and those that are not as expected."""

    files: int = 0
    differing: int = 0

    def count(self, comparison: Comparison) -> None:
        self.files += 1
        self.differing += bool(comparison.differing)

    def __str__(self) -> str:
        files = f"{self.files} file{'s' if self.files != 1 else ''}"
        as_expected = self.files - self.differing
        return f"{files}: {as_expected} as expected, {self.differing} not" if self.differing else f"{files} as expected"


class TextDifferences:
    """Writes the differences of each file that has any, claim by claim, and how many files have some."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tally = _Tally()

    def file(self, comparison: Comparison) -> None:
        """Write the differences of one file."""
        self._tally.count(comparison)
        if comparison.differing:
            self._out.write(visible(comparison.path) + "\n")
        for verdict in comparison.differing:
            self._out.writelines(f"  {row}\n" for row in paragraph(verdict, with_id=True))

    def close(self) -> None:
        """Write the totals."""
        self._out.write(f"{self._tally}\n")


class JunitDifferences:
    """A test suite for each file, a test case for the file itself and for each claim; differences are its failure."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="scrubber">\n')

    def file(self, comparison: Comparison) -> None:
        """Write the suite of one file."""
        name, verdicts = visible(comparison.path), comparison.verdicts
        counts = {"tests": str(len(verdicts)), "failures": str(len(comparison.differing)), "errors": "0"}
        suite = ElementTree.Element("testsuite", {"name": name, **counts, "skipped": "0"})
        for verdict in verdicts:
            case = ElementTree.SubElement(suite, "testcase", name=verdict.name, classname=class_name(comparison.path))
            if verdict.differs:
                rows = list(described(verdict))
                failure = ElementTree.SubElement(case, "failure", message=rows[0], type="difference")
                failure.text = "\n".join(rows)
        ElementTree.indent(suite, "")
        self._out.write(ElementTree.tostring(suite, "us-ascii").decode() + "\n")

    def close(self) -> None:
        """End the report."""
        self._out.write("</testsuites>\n")


class GithubDifferences:
    """An error for each difference: at its place in the claim file, or in the sidecar that states what is missing."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tally = _Tally()

    def file(self, comparison: Comparison) -> None:
        """Write the differences of one file."""
        self._tally.count(comparison)
        lines = Lines(comparison.path)
        for verdict in comparison.differing:
            for statement in verdict.missing:
                where = {"file": str(sidecar_of(comparison.path)), "line": str(statement.at)}
                self._error(verdict, "missing", statement, where if statement.at else {"file": comparison.path})
            for statement in verdict.unexpected:
                position = lines.at(statement.at)
                where = {"line": str(position.line), "col": str(position.column)} if position else {}
                self._error(verdict, "unexpected", statement, {"file": comparison.path, **where})

    def _error(self, verdict: Verdict, kind: str, statement: Statement, where: dict[str, str]) -> None:
        message = f": {statement.message}" if statement.message else ""
        title = f"{kind} {statement.code}".rstrip()
        text = f"{verdict.name}: {kind} {visible(statement.text)}{message}"
        properties = {**where, "file": visible(where["file"]), "title": title}
        self._out.write(workflow_command("error", properties, text))

    def close(self) -> None:
        """Write the totals."""
        self._out.write(f"scrubber: {self._tally}\n")


DIFFERENCE_FORMATS: Mapping[str, Callable[[TextIO], DifferenceReport]] = MappingProxyType(
    {"text": TextDifferences, "junit": JunitDifferences, "github": GithubDifferences}
)
"""The report formats that differences can be written in."""


def paragraph(verdict: Verdict, *, with_id: bool) -> Iterator[str]:
    """The claim by its place, or the file itself, and beneath it the differences."""
    yield f"{verdict.name}  {visible(verdict.claim_id)}" if verdict.claim_id and with_id else verdict.name
    for row in described(verdict):
        yield f"  {row}"


def described(verdict: Verdict) -> Iterator[str]:
    """A line for each difference, and one for what the edit says of a finding that is not expected."""
    for statement in verdict.missing:
        yield f"missing     {visible(statement.text)}"
    for statement in verdict.unexpected:
        yield f"unexpected  {visible(statement.text)}"
        if statement.message:
            yield f"            {statement.message}"
