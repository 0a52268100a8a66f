"""SARIF 2.1.0, for code scanning and editors. It is written as a stream: memory does not grow with the claims.

All codes come first, as rules: results refer to rules by index, and the codes that will occur are not known yet. A
result's region is the segment at fault, in bytes, and in lines and columns. A file without line breaks is one line. The
report quotes no text of the file; a viewer shows it from the file.

Edits that could not decide are notifications of the run, one for each edit. SARIF has results of kind `open` for them,
but GitHub shows those as alerts.

The fingerprint of a result is made of its code, the claim's ordinal, the line and the element. It is the same in every
run and reveals nothing about a person. If a claim is added to a file, the fingerprints of the claims after it change.
GitHub identifies results by `primaryLocationLineHash`. Without ours it would hash the text of the line: the claim id,
or the whole file if it has no line breaks.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from os import fsencode
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, TextIO
from urllib.parse import quote

from scrubber.claims.location import Location
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import SCOPES, SEVERITIES, Dated, Edit, Severity
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.codes import CRASHED, TOOL_CODES, UNTRUSTED
from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.explanation import Explanation, explained, explanation
from scrubber.outputs.lines import STANDARD_INPUT, Lines
from scrubber.outputs.report import Format
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import Undecided, described, error_severity, private_of, suppressions, visible, where
from scrubber.x12.errors import FILE_ERRORS, UNSUPPORTED, LocatedError
from scrubber.x12.prescan import Prescan

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Mapping[Severity, str] = MappingProxyType({"reject": "error", "warn": "warning", "info": "note"})
"""The level of each severity."""

_TOOL_SEVERITIES: Mapping[str, Severity] = MappingProxyType({CRASHED: "reject", UNTRUSTED: "reject"})

_Object = dict[str, Any]


class SarifReport:
    """Writes the report to a text file."""

    def __init__(self, out: TextIO, engine: Engine) -> None:
        self._out = out
        self._unavailable = engine.unavailable
        rules = list(_rules(engine.catalogue))
        self._indexes = {rule["id"]: index for index, rule in enumerate(rules)}
        self._results = 0
        self._undecided = Undecided()
        self._readable = True
        self._path = ""
        self._artifact: _Object = {}
        self._lines = Lines(STANDARD_INPUT)
        self._summary = Summary()
        self._last_region: _Object = {}
        self._alike: Counter[tuple[str, tuple[object, ...]]] = Counter()
        properties = dict(engine.fingerprint)
        head = {
            "tool": {"driver": {**properties.pop("tool"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "properties": properties,
        }
        self._out.write(f'{{"$schema": {_json(SCHEMA)}, "version": "2.1.0", "runs": [\n')
        self._out.write(_json(head)[:-1] + ', "results": [')

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._path = path
        self._artifact = {"uri": uri(path)}
        self._lines = Lines(path)
        self._last_region = {}

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Write the results of one claim."""
        if scrubbed.not_checked:
            self._undecided.count(scrubbed, f"claim {scrubbed.claim.number} of {visible(self._path)}")
        if not scrubbed.findings:
            return
        self._alike.clear()
        hiding = private_of(scrubbed)
        for finding in scrubbed.findings:
            location = finding.location
            self._write(
                finding.code,
                finding.severity or "info",
                described(scrubbed.claim.number, finding, hiding),
                self._location(scrubbed.claim.number, location),
                (scrubbed.claim.number, location.service_line, location.loop, location.element),
                {
                    "claim": scrubbed.claim.number,
                    "type": scrubbed.claim.type,
                    "goes_to": scrubbed.goes_to,
                    "service_line": location.service_line,
                    "loop": visible(location.loop),
                    "segment": location.segment,
                    "file_line": location.file_line,
                    "segment_id": visible(location.tag_shown),
                    "element": visible(location.element),
                },
            )

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)
        self._results = 1  # so that a comma stands before each result of the part

    def part(self) -> tuple[int, Undecided]:
        """The counts of the claims so far, see `Divisible`."""
        part = self._results - 1, self._undecided
        self._results, self._undecided = 1, Undecided()
        return part

    def join(self, text: TextIO, part: tuple[int, Undecided]) -> None:
        """Take the claims of the next part, see `Divisible`."""
        results, undecided = part
        if results and not self._results:
            text.read(len(","))
        shutil.copyfileobj(text, self._out)
        self._results += results
        self._undecided.add(undecided)

    def end_file(self, scan: Prescan, summary: Summary, notices: Iterable[LocatedError] = ()) -> None:
        """End the file. `notices` are its errors beyond those of the scan."""
        self._readable &= scan.readable
        self._summary.add(summary)
        self._alike.clear()
        for error in (*scan.errors, *notices):
            region = {"byteOffset": error.offset, "byteLength": 0, **self._text_region(error.offset, 0)}
            self._write(
                error.code,
                error_severity(error),
                visible(error.message),
                {"physicalLocation": {"artifactLocation": self._artifact, "region": region}},
                (),
                {"segment": error.segment, "file_line": error.file_line},
            )

    def close(self) -> None:
        """End the report."""
        invocation: _Object = {
            "executionSuccessful": self._readable,
            "toolConfigurationNotifications": [
                self._notification(item.code, f"not checked {item.code}: {visible(item.reason)}")
                for item in self._unavailable
            ],
            "toolExecutionNotifications": [
                *(self._notification(code, text) for code, text in self._undecided.described()),
                *(self._notification(code, visible(text)) for code, text in suppressions(self._summary)),
            ],
            "properties": self._summary.record(),
        }
        self._out.write(f'\n], "invocations": [{_json(invocation)}]}}\n]}}\n')

    def _notification(self, code: str, text: str) -> _Object:
        rule = {"associatedRule": {"id": code, "index": self._indexes[code]}} if code else {}
        return {"level": "note", "message": {"text": _message(text)}, **rule}

    def _write(
        self,
        code: str,
        severity: Severity,
        text: str,
        location: _Object,
        where: tuple[object, ...],
        properties: Mapping[str, Any],
    ) -> None:
        self._alike[code, where] += 1
        fingerprint = _fingerprint(code, *where, self._alike[code, where])
        result = {
            "ruleId": code,
            "ruleIndex": self._indexes[code],
            "level": LEVELS[severity],
            "message": {"text": _message(text)},
            "locations": [location],
            "partialFingerprints": {"scrubber/v1": fingerprint, "primaryLocationLineHash": fingerprint},
            "properties": _known(properties),
        }
        self._out.write(("," if self._results else "") + "\n" + _json(result))
        self._results += 1

    def _location(self, number: int, location: Location) -> _Object:
        whole = where(number, location)
        logical = {"name": whole.rpartition(", ")[2], "fullyQualifiedName": whole.replace(", ", "/"), "kind": "element"}
        return {
            "physicalLocation": {"artifactLocation": self._artifact, "region": self._region(location)},
            "logicalLocations": [logical],
        }

    def _region(self, location: Location) -> _Object:
        """The segment at a location. It is worked out once for findings in the same segment, which may be long."""
        offset = location.offset
        if self._last_region.get("byteOffset") != offset:
            length = len(location.span.delimiters.element.join(location.elements))
            self._last_region = {"byteOffset": offset, "byteLength": length, **self._text_region(offset, length)}
        return self._last_region

    def _text_region(self, offset: int, length: int) -> _Object:
        """The same bytes in lines and columns; empty if these are not known."""
        first, after = self._lines.at(offset), self._lines.at(offset + length)
        if not first or not after:
            return {}
        return {
            "startLine": first.line,
            "startColumn": first.column,
            "endLine": after.line,
            "endColumn": after.column,
        }


FORMAT = Format(lambda out, engine, _: SarifReport(out, engine))


def uri(path: str) -> str:
    """A path as a URI: relative where it is, percent-encoded."""
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(fsencode(pure.as_posix()))


def _rules(catalogue: Catalogue) -> Iterator[_Object]:
    """All codes that results may have: edits, guide checks, the tool itself, errors of files."""
    for edit in catalogue.edits.values():
        yield _edit_rule(edit, catalogue)
    for code, guide in GUIDE_CODES.items():
        yield _rule(code, catalogue, guide.severity, {"claim_status": guide.claim_status})
    for code in TOOL_CODES:
        yield _rule(code, catalogue, _TOOL_SEVERITIES.get(code, "info"), {})
    for code in FILE_ERRORS:
        yield _rule(code, catalogue, "warn" if code == UNSUPPORTED else "reject", {})


def _edit_rule(edit: Edit, catalogue: Catalogue) -> _Object:
    properties = {
        "source": edit.source,
        "confidence": edit.confidence,
        "carc": edit.carc,
        "rarc": edit.rarc,
        "claim_status": edit.claim_status,
        "tags": list(edit.types),
    }
    return _rule(edit.code, catalogue, _gravest(edit), properties)


def _rule(code: str, catalogue: Catalogue, severity: Severity, properties: Mapping[str, Any]) -> _Object:
    known = explained(code, catalogue)
    return {
        "id": code,
        "name": "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", known.title)),
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.sections[0][1]},
        "help": {"text": explanation(code, catalogue), "markdown": _harmless(_markdown(known))},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": _known(properties),
    }


def _markdown(known: Explanation) -> str:
    """The explanation of a code as a viewer shows it: paragraphs under headings, particulars as a list."""
    paragraphs = [f"**{heading}.** {text}" for heading, text in known.sections]
    particulars = [f"- {label}: {'; '.join(rows)}" for label, rows in known.particulars]
    return "\n\n".join([f"**{known.title}**", *paragraphs, "\n".join(particulars)])


def _gravest(edit: Edit) -> Severity:
    """The highest severity that an edit can have without a profile."""
    declared = [table.of(scope) for table in (edit.severities, edit.institutional) if table for scope in SCOPES]
    found = {severity for one in declared for severity in _severities(one)}
    return min(found, key=SEVERITIES.index, default="info")


def _severities(declared: Severity | Dated | None) -> Iterator[Severity]:
    if isinstance(declared, Dated):
        yield from (severity for _, severity in declared.phases)
    elif declared:
        yield declared


def _fingerprint(*identity: object) -> str:
    return hashlib.sha256("/".join(map(str, identity)).encode(errors="backslashreplace")).hexdigest()[:32]


def _message(text: str) -> str:
    """The text with placeholders and links made harmless."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _harmless(markdown: str) -> str:
    """Markdown without HTML."""
    return markdown.replace("<", "&lt;")


def _known(properties: Mapping[str, Any]) -> _Object:
    return {name: value for name, value in properties.items() if value is not None}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)
