"""JUnit XML: a test suite for each file, a test case for each claim, named by its ordinal.

Findings at or above a threshold fail the case. Other findings, and edits that could not decide, are its output. Errors
of the file are one more case at the end: an error if the file cannot be read, a failure if a guide error reaches the
threshold, else skipped.

A suite begins with its counts, which viewers and schemas (that of Jenkins) require. They are known only at its end, so
its cases are kept in a temporary file until then, and memory stays flat.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import NamedTuple, TextIO
from xml.sax.saxutils import escape, quoteattr

from scrubber.edit import SEVERITIES, Finding
from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import Private, described, error_severity, private_of, suppressions, undecided, visible
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan

_HELD = 1 << 20  # bytes of a suite that are held in memory before they go to the temporary file


class _Counts(NamedTuple):
    """How many claims there are, and how many of them fail."""

    claims: int
    failures: int


class JunitReport:
    """Writes the report to a text file.

    `fail_on` is the mildest severity that fails a claim, or `never`. The report is ASCII in any encoding of the file.
    """

    def __init__(self, out: TextIO, engine: Engine, fail_on: str = "reject") -> None:
        self._out = out
        self._unavailable = engine.unavailable
        self._failing = frozenset(SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on != "never" else ())
        self._path = ""
        self._cases = _held()
        self._claims = 0
        self._failures = 0
        self._out.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="scrubber">\n')

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path
        self._cases = _held()
        self._claims = self._failures = 0

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write one claim of the file."""
        self._claims += 1
        content = []
        if scrubbed.findings or scrubbed.not_checked:
            hiding = private_of(scrubbed)
            failing = [finding for finding in scrubbed.findings if finding.severity in self._failing]
            others = [finding for finding in scrubbed.findings if finding.severity not in self._failing]
            if failing:
                self._failures += 1
                content.append(self._failure(scrubbed, failing, hiding))
            rows = [_row(scrubbed, finding, hiding) for finding in others]
            rows += [undecided(item, f"claim {scrubbed.claim.number}", hiding) for item in scrubbed.not_checked]
            if rows:
                content.append(_element("system-out", rows))
        self._case(f"claim {scrubbed.claim.number} ({scrubbed.claim.type})", content)

    def _failure(self, scrubbed: ScrubbedClaim, findings: Sequence[Finding], hiding: Private) -> str:
        """One failure for all findings: viewers show only the first failure of a case."""
        rows = [_row(scrubbed, finding, hiding) for finding in findings]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        return _element("failure", rows, message=rows[0].partition("\n")[0] + more, type=findings[0].code)

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)

    def part(self) -> _Counts:
        """The counts of the claims so far, see `Divisible`."""
        counts = _Counts(self._claims, self._failures)
        self._claims = self._failures = 0
        self._pour_cases()
        self._cases = _held()
        return counts

    def join(self, text: TextIO, part: _Counts) -> None:
        """Take the claims of the next part, see `Divisible`."""
        shutil.copyfileobj(text, self._cases)
        self._claims += part.claims
        self._failures += part.failures

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. Its errors are one more case."""
        errors = [*scan.errors, *notices]
        outcome = "skipped"
        if errors:
            rows = [visible(str(error)) for error in errors]
            if not scan.readable:
                outcome = "error"
            elif any(error_severity(error) in self._failing for error in notices):
                outcome = "failure"
            self._failures += outcome == "failure"
            self._case("file", [_element(outcome, rows, message=rows[0], type=errors[0].code)])
        counts = {
            "tests": self._claims + bool(errors),
            "failures": self._failures,
            "errors": int(bool(errors) and outcome == "error"),
            "skipped": int(bool(errors) and outcome == "skipped"),
        }
        attributes = "".join(f' {name}="{count}"' for name, count in counts.items())
        self._out.write(f"<testsuite name={_attribute(visible(self._path))}{attributes}>\n")
        self._out.write(_properties(summary.record()))
        self._pour_cases()
        rows = [visible(str(notice)) for notice in notices]
        rows += [f"not checked {item.code}: {visible(item.reason)}" for item in self._unavailable]
        rows += [visible(text) for _, text in suppressions(summary)]
        if rows:
            self._out.write(_element("system-out", rows) + "\n")
        self._out.write("</testsuite>\n")

    def close(self) -> None:
        """End the report."""
        self._out.write("</testsuites>\n")

    def _pour_cases(self) -> None:
        self._cases.seek(0)
        shutil.copyfileobj(self._cases, self._out)
        self._cases.close()

    def _case(self, name: str, content: Iterable[str]) -> None:
        head = f"<testcase name={_attribute(name)} classname={_attribute(class_name(self._path))}"
        inside = "".join(content)
        self._cases.write(f"{head}>{inside}</testcase>\n" if inside else f"{head}/>\n")


FORMAT = Format(lambda out, engine, options: JunitReport(out, engine, options.fail_on))


def _held() -> SpooledTemporaryFile[str]:
    return SpooledTemporaryFile(_HELD, "w+", encoding="ascii", newline="\n")


def _row(scrubbed: ScrubbedClaim, finding: Finding, hiding: Private) -> str:
    return f"{finding.severity} {finding.code} {described(scrubbed.claim.number, finding, hiding)}"


def _properties(values: Mapping[str, object]) -> str:
    single = {name: str(value) for name, value in values.items() if not isinstance(value, Mapping)}
    rows = (f"<property name={_attribute(name)} value={_attribute(value)}/>" for name, value in single.items())
    return f"<properties>{''.join(rows)}</properties>\n"


def class_name(path: str) -> str:
    """A path as viewers split names into packages: `claims/day.837` is the class `day_837` of the package `claims`."""
    parts = [part.replace(".", "_") for part in PurePath(path).parts if part != PurePath(path).anchor]
    return visible(".".join(parts))


def _element(name: str, rows: Iterable[str], **attributes: str) -> str:
    written = "".join(f" {key}={_attribute(value)}" for key, value in attributes.items())
    text = _ascii(escape("\n".join(rows)))
    return f"<{name}{written}>{text}</{name}>"


def _attribute(text: str) -> str:
    return _ascii(quoteattr(text))


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
