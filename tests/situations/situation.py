"""A billing situation: a claim, and which findings it must have and must not have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import attrs

from scrubber.edit import Finding
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.testing import FILE_DATE, ClaimSpec, build

ANY = "*"
GRAVITY = ("info", "warn", "reject")
_STATEMENT = re.compile(rf"(?P<code>\*|[A-Z]+[0-9]{{2}})(?::(?P<severity>{'|'.join(GRAVITY)})(?P<graver>\+)?)?")


@attrs.frozen
class Statement:
    """A statement about the findings of a claim; README.md lists its forms.

    `severities` is `None` where any will do.
    """

    text: str
    code: str
    severities: tuple[str, ...] | None

    @classmethod
    def parse(cls, text: str) -> Statement:
        """The statement of a text such as `JWJZ01:warn+`; a `ValueError` where it is none."""
        match = _STATEMENT.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a statement about findings")
        severity = match["severity"]
        if severity is None:
            return cls(text, match["code"], None)
        graver = GRAVITY[GRAVITY.index(severity) :]
        return cls(text, match["code"], graver if match["graver"] else (severity,))

    def fits(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        return self.code in (ANY, finding.code) and (self.severities is None or finding.severity in self.severities)

    def holds(self, scrubbed: ScrubbedClaim) -> bool:
        """Whether the claim has what is stated."""
        if self.text == ANY and scrubbed.not_checked:
            return True
        return any(self.fits(finding) for finding in scrubbed.findings)


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of a text, apart by spaces."""
    return tuple(Statement.parse(word) for word in text.split())


@attrs.frozen
class Situation:
    """A claim file with the verdict of a biller.

    `right` is the same claim without the fault.
    """

    name: str
    claim: ClaimSpec
    source: str
    expect: tuple[Statement, ...] = attrs.field(default="", converter=statements)
    forbid: tuple[Statement, ...] = attrs.field(default="", converter=statements)
    right: ClaimSpec | None = None
    file_date: date = FILE_DATE

    @property
    def text(self) -> str:
        """The claim file."""
        return build([self.claim], file_date=self.file_date)

    @property
    def expectation(self) -> str:
        """The verdict on one line."""
        return f"EXPECT {_words(self.expect)} | FORBID {_words(self.forbid)} | SOURCE {self.source}\n"

    def missed(self, scrubbed: ScrubbedClaim) -> list[str]:
        """Each statement that the scrubbed claim does not meet, with what is found instead."""
        missing = [f"{statement.text} is not found" for statement in self.expect if not statement.holds(scrubbed)]
        unwanted = [
            f"{finding.code}:{finding.severity} is found: {finding.message}"
            for finding in scrubbed.findings
            if any(statement.fits(finding) for statement in self.forbid)
        ]
        return missing + unwanted


def _words(stated: Iterable[Statement]) -> str:
    return " ".join(statement.text for statement in stated) or "-"
