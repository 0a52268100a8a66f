"""The catalogue in words: every edit explained, and what is in force for a payer on a date."""

from datetime import date
from pathlib import Path

import pytest

from scrubber import profile
from scrubber.engine import Engine
from scrubber.outputs import edit_reference
from scrubber.profile import Profile
from tests.scrubbing import ROOT, installed, run

EDITS_PAGE = ROOT / "docs" / "edits.md"


def test_the_page_of_all_edits_is_up_to_date() -> None:
    up_to_date = EDITS_PAGE.read_text("utf-8") == edit_reference.markdown(installed())
    assert up_to_date, "run: scrubber edits --format markdown > docs/edits.md"


@pytest.mark.parametrize("code", sorted(installed().edits))
def test_each_explanation_says_why_how_and_on_whose_authority(code: str) -> None:
    text = edit_reference.explanation(installed()[code])
    for heading in ("What it checks:", "Why it is denied:", "How to fix:", "Severity:", "Source:", "Confidence:"):
        assert heading in text


def standing(with_profile: Profile, code: str, filing: str, day: str, payer_id: str = "") -> str:
    """The row of one edit, without its title."""
    engine = Engine(installed(), with_profile)
    rules = with_profile.rules(filing, payer_id)
    rows = edit_reference.in_force(engine, rules, "837P", date.fromisoformat(day))
    row = next(row for row in rows if row.startswith(code))
    return " ".join(row.removesuffix(installed()[code].title).split())


@pytest.mark.parametrize(
    ("code", "filing", "day", "row"),
    [
        ("JWJZ01", "MB", "2022-12-31", "JWJZ01 off scope ffs, by date"),
        ("JWJZ01", "MB", "2023-07-01", "JWJZ01 warn scope ffs, by date"),
        ("JWJZ01", "MB", "2023-10-01", "JWJZ01 reject scope ffs, by date"),
        ("JWJZ01", "CI", "2026-01-01", "JWJZ01 info scope other, by date"),
        ("PA01", "MB", "2026-01-01", "PA01 off scope ffs"),
        ("REV01", "MB", "2026-01-01", "REV01 off for 837I only"),
        ("MUE01", "MB", "2026-01-01", "MUE01 off table mue is not loaded"),
        ("DX02", "MB", "2026-01-01", "DX02 reject in part: table icd10cm is not loaded"),
    ],
)
def test_what_is_in_force_is_told_with_its_reason(code: str, filing: str, day: str, row: str) -> None:
    assert standing(Profile(), code, filing, day) == row


def test_a_profile_is_named_as_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text(
        'ignore = ["ADM01"]\n[[payer]]\npayer_id = ["77001"]\n[payer.severity]\nDX01 = "warn"\nDX03 = "off"\n'
    )
    house = profile.load(str(file), installed())
    assert standing(house, "DX01", "MC", "2026-01-01", "77001") == "DX01 warn profile house"
    assert standing(house, "DX03", "MC", "2026-01-01", "77001") == "DX03 off profile house"
    assert standing(house, "DX01", "MC", "2026-01-01", "77002") == "DX01 reject scope mcd"
    assert standing(house, "ADM01", "MC", "2026-01-01", "77002") == "ADM01 off ignored"


@pytest.mark.parametrize(("name", "scope"), [("medicare-ffs", "ffs"), ("commercial", "other"), ("medicaid", "mcd")])
def test_a_shipped_profile_is_chosen_by_name(name: str, scope: str) -> None:
    done = run("edits", "--profile", name, "--on", "2026-01-01", "--type", "837I")
    assert done.status == 0
    assert done.out.startswith(f"837I, payer scope {scope}, service on 2026-01-01, profile {name}")


def test_an_unknown_profile_names_the_shipped_ones() -> None:
    done = run("edits", "--profile", "medicare")
    assert done.status == 2
    assert "commercial, medicaid, medicare-ffs" in done.err
