"""Reports on how claim files differ from their sidecars: text, JUnit XML and workflow commands of GitHub.

The text names a claim by its number in the file and its id. The others go to build systems and show the number alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol, TextIO
from xml.etree import ElementTree

import attrs

from scrubber.expectations.comparison import ClaimVerdict, SidecarComparison
from scrubber.expectations.sidecar import Statement, sidecar_of
from scrubber.outputs.junit_report import class_name
from scrubber.outputs.lines import Lines
from scrubber.outputs.wording import inert, shown_path, visible
from scrubber.outputs.workflow_commands import workflow_command


class DifferenceReport(Protocol):
    """A report on claim files compared with their sidecars."""

    def file(self, comparison: SidecarComparison) -> None:
        """Take the next file."""

    def close(self) -> None:
        """End the report."""


@attrs.define
class _Tally:
    """Counts of files: all, and those that differ."""

    files: int = 0
    differing: int = 0

    def count(self, comparison: SidecarComparison) -> None:
        self.files += 1
        self.differing += bool(comparison.differing)

    def __str__(self) -> str:
        files = f"{self.files} file{'s' if self.files != 1 else ''}"
        as_expected = self.files - self.differing
        return f"{files}: {as_expected} as expected, {self.differing} not" if self.differing else f"{files} as expected"


class TextDifferences:
    """Writes the differences of each file, claim by claim, and how many files differ."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tally = _Tally()

    def file(self, comparison: SidecarComparison) -> None:
        """Write the differences of one file."""
        self._tally.count(comparison)
        if comparison.differing:
            self._out.write(shown_path(comparison.path) + "\n")
        for verdict in comparison.differing:
            self._out.writelines(inert(f"  {row}\n") for row in paragraph(verdict, with_id=True))

    def close(self) -> None:
        """Write the totals."""
        self._out.write(f"{self._tally}\n")


class JunitDifferences:
    """Writes a test suite for each file, with a test case for the file and for each claim. Differences fail a case."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="scrubber">\n')

    def file(self, comparison: SidecarComparison) -> None:
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
    """Writes an error for each difference, located in the claim file, or in the sidecar if something is missing."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tally = _Tally()

    def file(self, comparison: SidecarComparison) -> None:
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

    def _error(self, verdict: ClaimVerdict, kind: str, statement: Statement, where: dict[str, str]) -> None:
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
"""The formats for reports on differences."""


def paragraph(verdict: ClaimVerdict, *, with_id: bool) -> Iterator[str]:
    """A row that names the claim or the file, and indented rows with the differences."""
    yield f"{verdict.name}  {visible(verdict.claim_id)}" if verdict.claim_id and with_id else verdict.name
    for row in described(verdict):
        yield f"  {row}"


def described(verdict: ClaimVerdict) -> Iterator[str]:
    """A row for each difference. An unexpected finding has one more row with its message."""
    for statement in verdict.missing:
        yield f"missing     {visible(statement.text)}"
    for statement in verdict.unexpected:
        yield f"unexpected  {visible(statement.text)}"
        if statement.message:
            yield f"            {statement.message}"
