"""Situations of an infusion biller, each with the verdict that was written down before the edits were run on it.

`fixtures/billing/NAME.837` holds claims, `NAME.expected.txt` one line of parts with a bar between them: `EXPECT` codes
that must be found and `FORBID` codes that must not, each `CODE`, `CODE:severity` or `CODE:severity+` (that or higher),
`*` for any code and `-` for none; then a `NOTE` where there is one, and the `SOURCE`. Where `*` stands alone in EXPECT,
a code that is *not checked* answers too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from scrubber.edit import SEVERITIES, Severity
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from tests.scrubbing import ROOT, engine

FOLDER = ROOT / "fixtures" / "billing"
CASES = sorted(FOLDER.glob("*.expected.txt"))


def named(path: Path) -> str:
    return path.name.removesuffix(".expected.txt")


def part(text: str, name: str) -> list[str]:
    """The codes of a part, none where it holds a dash."""
    found = re.search(rf"\b{name} ([^|]+)", text)
    assert found, f"no {name}"
    return [item for item in found[1].split() if item != "-"]


def answers(pattern: str, findings: Sequence[tuple[str, str | None]]) -> bool:
    """Whether any finding is of the code and severity of a pattern."""
    code, _, severity = pattern.partition(":")
    least = severity.rstrip("+")
    allowed = SEVERITIES[: SEVERITIES.index(least) + 1] if severity.endswith("+") else (severity,)
    return any(code in ("*", found) and (not severity or graded in allowed) for found, graded in findings)


def judged(path: Path) -> tuple[list[tuple[str, Severity | None]], list[str]]:
    """The findings on a file's claims by code and severity, and the codes that were not checked."""
    claims = [event for event in Scrubbing(io.BytesIO(path.read_bytes()), engine()) if isinstance(event, ScrubbedClaim)]
    assert claims
    findings = [(finding.code, finding.severity) for claim in claims for finding in claim.findings]
    return findings, [item.code for claim in claims for item in claim.not_checked]


@pytest.mark.parametrize("expected", [pytest.param(path, id=named(path)) for path in CASES])
def test_the_verdict_is_the_one_that_was_written_down(expected: Path) -> None:
    text = expected.read_text("utf-8")
    findings, not_checked = judged(expected.with_name(f"{named(expected)}.837"))
    for pattern in part(text, "EXPECT"):
        assert answers(pattern, findings) or (pattern == "*" and not_checked), f"{pattern} is missing in {findings}"
    for pattern in part(text, "FORBID"):
        assert not answers(pattern, findings), f"{pattern} is among {findings}"


def test_each_case_has_its_claims_and_its_source() -> None:
    assert {named(path) for path in CASES} == {path.stem for path in FOLDER.glob("*.837")}
    assert all(" SOURCE " in path.read_text("utf-8") for path in CASES)
    assert all(part(path.read_text("utf-8"), "EXPECT") or part(path.read_text("utf-8"), "FORBID") for path in CASES)
