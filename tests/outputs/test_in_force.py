"""What is in force for a payer on a date, and why."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.engine import profile
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.in_force import Case, in_force, payer_of
from scrubber.outputs.layout import Layout
from tests.scrubbing import each, installed

DEFAULTS = ("MB", "2026-01-01", "")
"""Filing indicator, date of service and payer id if a test does not set them."""


def rows(with_profile: Profile, *case: str, width: int = 120) -> list[str]:
    filing, day, payer_id = (*case, *DEFAULTS[len(case) :])
    engine = Engine(installed(), with_profile)
    return [*in_force(engine, Case("837P", filing, payer_id, date.fromisoformat(day)), Layout(width))]


def standing(code: str, *case: str, with_profile: Profile | None = None) -> str:
    """The grade of one code, and why."""
    grade = ""
    for row in rows(with_profile or Profile(), *case):
        if row and not row.startswith("  "):
            grade = row.partition(" (")[0]
        elif row.startswith(f"  {code} "):
            return f"{grade}: {row[row.rindex(' (') + 2 : -1]}"
    raise AssertionError(f"{code} is not there")


@pytest.mark.parametrize(
    ("code", "filing", "day", "expected"),
    [
        ("JWJZ01", "MB", "2022-12-31", "off: from 2023-01-01 on"),
        ("JWJZ01", "MB", "2023-07-01", "warn: since 2023-07-01"),
        ("JWJZ01", "MB", "2023-10-01", "reject: since 2023-10-01"),
        ("JWJZ01", "CI", "2026-01-01", "warn: since 2024-01-01"),
        ("PA01", "MB", "2026-01-01", "off: for Medicare fee-for-service"),
        ("PA01", "16", "2026-01-01", "warn: for Medicare Advantage"),
        ("JWJZ02", "", "2026-01-01", "reject: for every payer"),
        ("REV01", "MB", "2026-01-01", "off: for 837I only"),
        ("DX14", "MB", "2026-11-01", "off: needs table icd10cm-tabular"),
        ("DX02", "MB", "2026-01-01", "reject: for every payer"),
        ("DX02", "MB", "2026-11-01", "reject: for every payer; in part, without table icd10cm"),
        ("DUP03", "MB", "2026-01-01", "off: needs a history of released claims"),
        ("DUP02", "MB", "2026-01-01", "warn: for every payer; within a file; with a history also over files"),
        ("IG", "MB", "2026-01-01", "reject: for every payer, unless --no-conformance"),
    ],
)
def test_what_is_in_force_is_reported_with_its_reason(code: str, filing: str, day: str, expected: str) -> None:
    assert standing(code, filing, day) == expected


HOUSE = """
ignore = ["ADM01", "IG20"]
[severity]
JWJZ01 = "warn"
IG16 = "warn"
ADM02 = "shadow"
[[payer]]
name = "Harbor Light"
payer_id = ["77001"]
filing_indicator = ["MC"]
[payer.severity]
DX01 = "warn"
DX03 = "off"
"""


@pytest.fixture
def house(tmp_path: Path) -> Profile:
    file = tmp_path / "house.toml"
    file.write_text(HOUSE)
    return profile.load(str(file), installed())


@each(
    "code, case, expected",
    {
        "changed for a payer": ("DX01", ("MC", "2026-01-01", "77001"), "warn: by profile house"),
        "switched off for a payer": ("DX03", ("MC", "2026-01-01", "77001"), "off: by profile house"),
        "another payer": ("DX01", ("MC", "2026-01-01", "77002"), "reject: for every payer"),
        "ignored": ("ADM01", ("MC",), "off: ignored"),
        "ignored, of the guide": ("IG20", ("MC",), "off: ignored"),
        "by date": ("JWJZ01", ("MC",), "warn: by profile house, since 2023-01-01"),
        "before its date": ("JWJZ01", ("MC", "2022-01-01"), "off: by profile house, from 2023-01-01 on"),
        "of the guide": ("IG16", ("MC",), "warn: by profile house, unless --no-conformance"),
        "in shadow": ("ADM02", ("MC",), "shadow: by profile house; runs and does not count"),
    },
)
def test_a_profile_is_named_as_the_reason(house: Profile, code: str, case: tuple[str, ...], expected: str) -> None:
    assert standing(code, *case, with_profile=house) == expected


DATED = """
[severity]
DX01 = { severity = "warn", from = 2026-05-01 }
DX03 = { severity = "off", from = 2026-05-01 }
NDC04 = { severity = "info", claim_type = "837I" }
[[payer]]
name = "Harbor Light"
payer_name = "HARBOR LIGHT*"
[payer.severity]
DX12 = "reject"
[[rule]]
code = "HOUSE01"
title = "A rule"
payer_id = "77001"
look_at = "ndc"
must_be = "present"
until = 2026-06-30
fix = "mend it"
source = "a manual"
"""


@each(
    "code, case, expected",
    {
        "before its day": ("DX01", ("CI", "2026-04-30"), "reject: before 2026-05-01"),
        "from its day on": ("DX01", ("CI", "2026-05-01"), "warn: by profile house, since 2026-05-01"),
        "before the last day": ("DX03", ("CI", "2026-04-30"), "warn: until 2026-04-30"),
        "behind the last day": ("DX03", ("CI", "2026-05-01"), "off: by profile house, until 2026-04-30"),
        "for the other claim type": ("NDC04", ("CI",), "warn: for every payer"),
        "a payer by name": ("DX12", ("CI", "2026-01-01", "Harbor Light of Ohio"), "reject: by profile house"),
        "a rule": ("HOUSE01", ("CI", "2026-01-01", "77001"), "warn: until 2026-06-30"),
        "a rule that is over": ("HOUSE01", ("CI", "2026-07-01", "77001"), "off: until 2026-06-30"),
        "a rule of another payer": ("HOUSE01", ("CI",), "off: for payer id 77001 only"),
    },
)
def test_rules_of_a_profile_by_date_type_and_name(
    tmp_path: Path, code: str, case: tuple[str, ...], expected: str
) -> None:
    file = tmp_path / "house.toml"
    file.write_text(DATED)
    assert standing(code, *case, with_profile=profile.load(str(file), installed())) == expected


def test_codes_that_a_profile_does_not_select_are_off() -> None:
    narrow = Profile(select=frozenset({"DX01"}))
    assert standing("DX03", with_profile=narrow) == "off: not selected"
    assert standing("IG03", with_profile=narrow) == "off: not selected"


def test_the_heading_names_the_purpose(house: Profile) -> None:
    assert rows(Profile(), "")[0] == (
        "837P, service on 2026-01-01, profile default, filing indicator not given: judged as other payers"
    )
    assert " ".join(rows(house, "MC", "2026-01-01", "77001")[:2]).startswith(
        "837P, service on 2026-01-01, profile house, payer 77001, filing indicator MC, Harbor Light in the profile: "
        "judged as Medicaid"
    )


@pytest.mark.parametrize(
    "name, judged_as",
    [("medicare-ffs", "Medicare fee-for-service"), ("commercial", "other payers"), ("medicaid", "Medicaid")],
)
def test_a_shipped_profile_judges_every_payer_alike(name: str, judged_as: str) -> None:
    heading = rows(profile.load(name, installed()), "16")[0]
    assert f"profile {name}, filing indicator 16: judged as {judged_as}" in heading


def test_each_code_stands_once_most_severe_first_in_any_width() -> None:
    for width in (60, 120):
        shown = rows(Profile(), width=width)
        assert [row.split()[0] for row in shown[1:] if row and row[0] != " " and "(" in row] == [
            *("reject", "warn", "info", "off"),
        ]
        codes = [row.split()[0] for row in shown if row.startswith("  ") and row[2] != " "]
        warnings = [code for code, known in GUIDE_CODES.items() if known.severity == "warn"]
        assert sorted(codes) == sorted([*installed().edits, "IG", *warnings])
        assert max(map(len, shown)) <= width


@each(
    "names, payer",
    {
        "nobody": ([], ("", "")),
        "a filing indicator": (["MB"], ("MB", "")),
        "an id": (["HL100"], ("", "HL100")),
        "both": (["HL100", "CI"], ("CI", "HL100")),
        "an id that the profile knows": (["77001"], ("MC", "77001")),
        "an id that the profile knows, otherwise": (["77001", "CI"], ("CI", "77001")),
    },
)
def test_a_payer_is_named_by_filing_indicator_or_id(house: Profile, names: list[str], payer: tuple[str, str]) -> None:
    assert payer_of(names, house) == payer


@each("names", {"indicators": ["MA", "MB"], "ids": ["HL100", "HL200"]})
def test_one_payer_at_a_time(names: list[str]) -> None:
    with pytest.raises(ValueError, match=f"{names[0]} and {names[1]} are both"):
        payer_of(names, Profile())
