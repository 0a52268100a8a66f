"""Profiles: severities by payer, edits switched off, and mistakes in them refused with the nearest right name."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import attrs
import pytest

from scrubber import profile
from scrubber.catalogue import CatalogueError
from scrubber.engine import ScrubbedClaim
from scrubber.profile import Profile, ProfileError
from tests.builder import ClaimSpec, LineSpec, drug_line, infusion_claim, with_all_lines
from tests.scrubbing import build, each, engine, installed, scrub_text

FAULTY = infusion_claim("837P", lines=(drug_line(modifiers=()), LineSpec("96413")), diagnoses=("M320",))
"""Under Medicare: DX01 reject, JWJZ01 reject, ADM01 info."""
CODES = ("ADM01", "DX01", "JWJZ01")


def load(folder: Path, text: str) -> Profile:
    path = folder / "scrubber.toml"
    path.write_text(text, "utf-8")
    return profile.load(str(path), installed())


def judged(chosen: Profile, claim: ClaimSpec = FAULTY) -> ScrubbedClaim:
    select = frozenset(CODES) if chosen.select is None else chosen.select & frozenset(CODES)
    scrubbed, _ = scrub_text(build([claim]), engine(profile=attrs.evolve(chosen, select=select)))
    return scrubbed[0]


def severities(chosen: Profile, **changes: str) -> dict[str, str | None]:
    """Severity by code on the faulty claim, with its payer changed."""
    scrubbed = judged(chosen, attrs.evolve(FAULTY, **changes))
    return {finding.code: finding.severity for finding in scrubbed.findings}


MEDICARE = {"ADM01": "info", "DX01": "reject", "JWJZ01": "reject"}
COMMERCIAL = {"ADM01": "warn", "DX01": "reject", "JWJZ01": "info"}


def test_without_a_profile_the_payer_s_kind_decides() -> None:
    assert severities(Profile()) == MEDICARE
    assert severities(Profile(), filing="CI") == COMMERCIAL


@each(
    ("text", "expected"),
    {
        "empty": ("", MEDICARE),
        "for every payer": ('[severity]\nDX01 = "warn"', {**MEDICARE, "DX01": "warn"}),
        "raised": ('[severity]\nADM01 = "reject"', {**MEDICARE, "ADM01": "reject"}),
        "dated severities too": ('[severity]\nJWJZ01 = "info"', {**MEDICARE, "JWJZ01": "info"}),
        "off": ('[severity]\nDX01 = "off"', {"ADM01": "info", "JWJZ01": "reject"}),
        "by the beginning of a code": ('[severity]\nJWJZ = "info"', {**MEDICARE, "JWJZ01": "info"}),
        "a whole code wins over a beginning": (
            '[severity]\nJWJZ01 = "warn"\nJWJZ = "info"',
            {**MEDICARE, "JWJZ01": "warn"},
        ),
        "ignored": ('ignore = ["DX", "ADM01"]', {"JWJZ01": "reject"}),
        "selected": ('select = ["DX"]', {"DX01": "reject"}),
        "selected and ignored": ('select = ["DX", "ADM"]\nignore = ["DX01"]', {"ADM01": "info"}),
        "scope for all": ('scope = "other"', COMMERCIAL),
        "this payer": (
            '[[payer]]\nfiling_indicator = ["MB"]\n[payer.severity]\nDX01 = "info"',
            {**MEDICARE, "DX01": "info"},
        ),
        "another payer": ('[[payer]]\nfiling_indicator = ["MC"]\n[payer.severity]\nDX01 = "info"', MEDICARE),
        "scope of this payer": ('[[payer]]\nfiling_indicator = ["MB"]\nscope = "other"', COMMERCIAL),
        "a payer over the rest": (
            '[severity]\nDX01 = "off"\nADM01 = "warn"\n'
            '[[payer]]\nfiling_indicator = ["MB"]\n[payer.severity]\nDX01 = "warn"',
            {**MEDICARE, "DX01": "warn", "ADM01": "warn"},
        ),
    },
)
def test_what_a_profile_changes(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert severities(load(tmp_path, text)) == expected


def test_a_payer_named_by_id_wins_over_one_named_by_filing_indicator(tmp_path: Path) -> None:
    by_kind = '[[payer]]\nfiling_indicator = ["CI"]\n[payer.severity]\nDX01 = "warn"\n'
    by_id = '[[payer]]\npayer_id = ["HL100"]\n[payer.severity]\nDX01 = "info"\n'
    for text in (by_kind + by_id, by_id + by_kind):
        chosen = load(tmp_path, text)
        assert severities(chosen, filing="CI", payer_id="HL100")["DX01"] == "info"
        assert severities(chosen, filing="CI", payer_id="OTHER")["DX01"] == "warn"
        assert severities(chosen, filing="MB", payer_id="HL100")["DX01"] == "info"
        assert severities(chosen, filing="MB", payer_id="OTHER")["DX01"] == "reject"


def test_a_payer_named_by_both_needs_both(tmp_path: Path) -> None:
    text = '[[payer]]\npayer_id = ["HL100"]\nfiling_indicator = ["CI"]\n[payer.severity]\nDX01 = "info"\n'
    chosen = load(tmp_path, text)
    assert severities(chosen, filing="CI", payer_id="HL100")["DX01"] == "info"
    assert severities(chosen, filing="16", payer_id="HL100")["DX01"] == "reject"


def test_a_severity_that_the_edit_chose_itself_yields_to_the_profile(tmp_path: Path) -> None:
    """NDC03 is a reject, and a warning where there are only too many decimals."""
    line = drug_line(ndc_quantity="1.0001")
    claim = build([infusion_claim("837P", lines=(line,))])

    def severity_under(chosen: Profile) -> list[str | None]:
        (scrubbed,), _ = scrub_text(claim, engine("NDC03", profile=chosen))
        return [finding.severity for finding in scrubbed.findings]

    assert severity_under(Profile()) == ["warn"]
    assert severity_under(load(tmp_path, '[severity]\nNDC03 = "info"')) == ["info"]


def test_name_and_fingerprint(tmp_path: Path) -> None:
    text = 'name = "our-house"\n'
    chosen = load(tmp_path, text)
    assert (chosen.name, chosen.sha256) == ("our-house", hashlib.sha256(text.encode()).hexdigest())
    assert load(tmp_path, "").name == "scrubber"
    assert Profile().name == "default"


def test_select_and_ignore_of_the_command_line_go_on_top(tmp_path: Path) -> None:
    chosen = load(tmp_path, 'select = ["DX"]\nignore = ["ADM01"]')
    narrowed = chosen.narrowed(["DX01", "ADM"], ["JWJZ"], installed())
    assert narrowed.select is not None
    assert "DX01" in narrowed.select
    assert "DX12" not in narrowed.select
    assert not narrowed.runs("ADM01")
    assert chosen.narrowed([], [], installed()).select == chosen.select
    with pytest.raises(CatalogueError, match="unknown edit 'DX99'"):
        chosen.narrowed(["DX99"], [], installed())


@each(
    ("text", "says"),
    {
        "an unknown key": ('ignroe = ["DX01"]', "unknown key 'ignroe'; did you mean ignore?"),
        "an unknown key of a payer": (
            '[[payer]]\nfiling_indicator = ["MC"]\nsevrity = 1',
            "unknown key in [[payer]] 'sevrity'; did you mean severity?",
        ),
        "an unknown code": ('[severity]\nDX00 = "warn"', "unknown edit 'DX00'; did you mean DX"),
        "an unknown code to ignore": ('ignore = ["jwjz01"]', "unknown edit 'jwjz01'; did you mean JWJZ01?"),
        "an unknown severity": ('[severity]\nDX01 = "rejct"', "unknown severity 'rejct'; did you mean reject?"),
        "an unknown scope": ('[[payer]]\nfiling_indicator = ["MC"]\nscope = "mdc"', "unknown scope 'mdc'"),
        "a payer without name or number": ('[[payer]]\nname = "X"', "needs filing_indicator or payer_id"),
        "a string for a list": ('ignore = "DX01"', "ignore must be a list of strings"),
        "numbers for strings": ("ignore = [1]", "ignore must be a list of strings"),
        "a string for a table": ('severity = "warn"', "severity must be a table"),
        "a payer for payers": ('[payer]\nfiling_indicator = ["MC"]', "payer must be a list of tables, [[payer]]"),
        "a number for a severity": ("[severity]\nDX01 = 1", "unknown severity 1"),
        "a table for a severity": ("[severity.DX01]\nlevel = 1", "unknown severity"),
        "a list for a scope": ('scope = ["ffs"]', "unknown scope"),
        "no TOML": ("name = ", "Invalid value"),
    },
)
def test_a_mistake_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ProfileError) as refused:
        load(tmp_path, text)
    assert str(refused.value).startswith(f"{tmp_path / 'scrubber.toml'}: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_utf8_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(ProfileError, match=r"scrubber\.toml: "):
        profile.load(str(path), installed())
    with pytest.raises(ProfileError, match=r"missing\.toml: No such file or directory"):
        profile.load(str(tmp_path / "missing.toml"), installed())


@each(
    ("name", "expected"),
    {"medicare-ffs": ("medicare-ffs", MEDICARE), "commercial": ("commercial", COMMERCIAL)},
)
def test_shipped_profiles_go_by_name(name: str, expected: dict[str, str]) -> None:
    chosen = profile.load(name, installed())
    assert chosen.name == name
    assert [severities(chosen, filing=filing) for filing in ("MB", "CI", "MC")] == [expected] * 3


@pytest.mark.parametrize(("day", "severity"), [("2022-12-31", None), ("2023-01-01", "reject")])
def test_a_profile_does_not_bring_a_rule_forward_in_time(tmp_path: Path, day: str, severity: str | None) -> None:
    """JZ did not exist before 2023, so nobody can be told to have used it, whatever the profile says."""
    chosen = load(tmp_path, '[severity]\nJWJZ01 = "reject"')
    claim = with_all_lines(FAULTY, dates=date.fromisoformat(day))
    found = {finding.code: finding.severity for finding in judged(chosen, claim).findings}
    assert found.get("JWJZ01") == severity
