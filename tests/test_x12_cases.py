"""Small files with one thing about them: what must be found on their claims, and what must not.

A row names the codes that must be there, with a severity where it matters (`MOD05:warn`), and those that must not
(`*` stands for any). All claims of the file count together. All edits and the guide checks run.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from tests.scrubbing import ROOT, installed

FOLDER = ROOT / "fixtures" / "x12"


@attrs.frozen
class Row:
    """What is right for one file; `says` are words that a message of the first expected code must have."""

    expected: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    says: tuple[str, ...] = ()


ROWS: dict[str, Row] = {
    "w3_gs04_stale_bht04_right": Row((), ("DATE01",)),
    "amt01_penny": Row(("AMT01:reject",), says=("125.01", "125.00")),
    "c2_negative_charge": Row(("AMT03:reject",), ("AMT01",)),
    "c3_units_zero_and_negative": Row(("UNIT01:reject",), says=("0 units",)),
    "dotted_dx_lupus": Row(("CODE01:reject",), ("DX02", "DX03", "JWJZ01"), says=("M32.19",)),
    "lowercase_hcpcs": Row(("CODE01:reject",), ("DX03", "JWJZ01", "ADM02", "ADM03", "NDC01"), says=("j0490",)),
    "m4_pointer_2_of_1": Row(("DX09:reject",), says=("is 2",)),
    "m6_lin_behind_2420": Row(("NDC01:reject",), says=("wrong place",)),
    "repetition_sep_in_data": Row(("CHAR01",), says=("repetition separator",)),
    "w5_birth_19000101": Row(("AGE05:warn",), ("*:reject",)),
    "w6_modifier_twice": Row(("MOD05:warn",), ("*:reject",)),
}
"""Rows by file, in order of their names."""


def scrubbed(name: str) -> list[ScrubbedClaim]:
    with Path(FOLDER / f"{name}.837").open("rb") as stream:
        events = list(Scrubbing(stream, Engine(installed(), Profile()), conformance=True))
    return [event for event in events if isinstance(event, ScrubbedClaim)]


def is_among(wanted: str, found: AbstractSet[tuple[str, str | None]]) -> bool:
    code, _, severity = wanted.partition(":")
    return any(code in (one, "*") and severity in (grade, "") for one, grade in found)


@pytest.mark.parametrize("name", ROWS)
def test_each_case_is_judged_as_is_right(name: str) -> None:
    row = ROWS[name]
    findings = [finding for claim in scrubbed(name) for finding in claim.findings]
    found = {(finding.code, finding.severity) for finding in findings}
    assert [wanted for wanted in row.expected if not is_among(wanted, found)] == []
    assert [unwanted for unwanted in row.forbidden if is_among(unwanted, found)] == []
    messages = [finding.message for finding in findings if row.expected[0].startswith(finding.code)]
    assert [words for words in row.says if not any(words in message for message in messages)] == []
