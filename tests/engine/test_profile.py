"""Profiles: severities by payer, edits off or in shadow, and mistakes refused with the nearest right name."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import NotChecked, Results, by_payer
from scrubber.engine import profile
from scrubber.engine.catalogue import CatalogueError
from scrubber.engine.profile import Profile, ProfileError
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.reference import Facts
from scrubber.running.inputs import Input
from scrubber.running.run import Outcome
from scrubber.running.run import check as checked
from scrubber.testing import ClaimSpec, LineSpec, build, drug_line, infusion_claim, with_all_lines
from tests.scrubbing import Run, each, engine, every_claim, installed, made, of_edits, run, scrub_text

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


def severities(chosen: Profile, **changes: Any) -> dict[str, str | None]:
    """Severity by code on the faulty claim, with its payer changed."""
    scrubbed = judged(chosen, attrs.evolve(FAULTY, **changes))
    return {finding.code: finding.severity for finding in scrubbed.findings}


MEDICARE = {"ADM01": "info", "DX01": "reject", "JWJZ01": "reject"}
COMMERCIAL = {"ADM01": "warn", "DX01": "reject", "JWJZ01": "warn"}


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


def test_the_settings_of_the_watch_service_are_not_looked_at(tmp_path: Path) -> None:
    assert severities(load(tmp_path, "[watch]\nsettle = 10")) == MEDICARE


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
        "a wrong key in a table for a severity": ("[severity.DX01]\nsevrity = 1", "did you mean severity?"),
        "a list for a scope": ('scope = ["ffs"]', "unknown scope"),
        "no TOML": ("name = ", "Invalid value"),
        "quotes of a word processor": ("name = \u201chouse\u201d", "quotes are straight here, not curly"),
        "a day in quotes": ('[severity]\nDX01 = { severity = "info", from = "2026-01-01" }', "from must be a date"),
        "a day without a severity": ("[severity]\nDX01 = { from = 2026-01-01 }", "DX01 needs severity"),
        "shadow from a day on": ('[severity]\nDX01 = { severity = "shadow" }', "unknown severity of DX01 'shadow'"),
        "a type that there is not": (
            '[severity]\nDX01 = { severity = "info", claim_type = "837D" }',
            "unknown claim type of DX01 '837D'",
        ),
        "a guide check from a day on": (
            '[severity]\nIG16 = { severity = "info" }',
            "holds on every date and claim type",
        ),
        "a list for a folder": ('facts = ["our-facts"]', "facts must be the name of a folder"),
        "a list for a file": ('suppressions = ["known.toml"]', "suppressions must be the name of a file"),
        "shadow in other words": ('[severity]\nDX01 = "shadwo"', "unknown severity 'shadwo'; did you mean shadow?"),
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


# By date, claim type and name


BY_DATE = '[severity]\nJWJZ01 = {{ severity = "{}", from = {} }}'


@each(
    ("severity", "since", "day", "filing", "expected"),
    {
        "before it the edit's own": ("reject", "2025-05-01", "2025-04-30", "CI", "warn"),
        "from it on the profile's": ("reject", "2025-05-01", "2025-05-01", "CI", "reject"),
        "before it by date, as the edit itself": ("info", "2025-05-01", "2023-08-01", "MB", "warn"),
        "not before there is such a rule": ("reject", "2020-01-01", "2022-12-31", "CI", None),
        "off from a day on": ("off", "2025-05-01", "2025-05-01", "MB", None),
        "not off before": ("off", "2025-05-01", "2025-04-30", "MB", "reject"),
        "off from before there was a rule": ("off", "2020-01-01", "2025-01-01", "MB", None),
    },
)
def test_a_severity_from_a_day_on(
    tmp_path: Path, severity: str, since: str, day: str, filing: str, expected: str | None
) -> None:
    chosen = load(tmp_path, BY_DATE.format(severity, since))
    claim = attrs.evolve(with_all_lines(FAULTY, dates=date.fromisoformat(day)), filing=filing)
    assert {finding.code: finding.severity for finding in judged(chosen, claim).findings}.get("JWJZ01") == expected


@pytest.mark.parametrize(("day", "expected"), [("2026-04-30", "warn"), ("2026-05-01", "info")])
def test_a_severity_that_the_edit_chose_itself_yields_from_that_day_on(tmp_path: Path, day: str, expected: str) -> None:
    """NDC03 is a reject, and a warning where there are only too many decimals."""
    chosen = load(tmp_path, '[severity]\nNDC03 = { severity = "info", from = 2026-05-01 }')
    line = drug_line(ndc_quantity="1.0001", dates=date.fromisoformat(day))
    (scrubbed,), _ = scrub_text(build([infusion_claim(lines=(line,))]), engine("NDC03", profile=chosen))
    assert [finding.severity for finding in scrubbed.findings] == [expected]


def test_an_edit_without_dates_keeps_its_own_severity_before_the_day(tmp_path: Path) -> None:
    for severity, expected in (("warn", ["reject", "warn"]), ("off", ["reject", None])):
        chosen = load(tmp_path, f'[severity]\nDX01 = {{ severity = "{severity}", from = 2026-05-01 }}')
        days = (date(2026, 4, 30), date(2026, 5, 1))
        claims = [with_all_lines(FAULTY, dates=day) for day in days]
        found = [{one.code: one.severity for one in judged(chosen, claim).findings} for claim in claims]
        assert [severities.get("DX01") for severities in found] == expected


def test_a_severity_for_one_claim_type(tmp_path: Path) -> None:
    chosen = load(tmp_path, '[severity]\nDX01 = { severity = "info", claim_type = "837I" }')
    hospital = attrs.evolve(FAULTY, type="837I")
    assert [
        {one.code: one.severity for one in judged(chosen, claim).findings}["DX01"] for claim in (FAULTY, hospital)
    ] == ["reject", "info"]


def test_a_payer_by_name_stands_between_id_and_filing_indicator(tmp_path: Path) -> None:
    texts = [
        f'[[payer]]\n{named}\n[payer.severity]\nDX01 = "{severity}"\n'
        for named, severity in (
            ('payer_name = "Harbor Light*"', "info"),
            ('filing_indicator = "CI"', "warn"),
            ('payer_id = "HL900"', "off"),
        )
    ]
    chosen = load(tmp_path, "".join(texts))
    assert severities(chosen, filing="CI", payer_name="HARBOR LIGHT INSURANCE")["DX01"] == "info"
    assert severities(chosen, filing="BL", payer_name="Harbor-Light, Inc.")["DX01"] == "info"
    assert severities(chosen, filing="CI", payer_name="HARBOUR")["DX01"] == "warn"
    assert "DX01" not in severities(chosen, filing="CI", payer_name="HARBOR LIGHT", payer_id="HL900")


# Shadow


SHADOWED = {
    "for every payer": ('[severity]\nDX01 = "shadow"', {"DX01"}),
    "by the beginning of a code": ('[severity]\nJWJZ = "shadow"', {"JWJZ01"}),
    "for this payer": ('[[payer]]\nfiling_indicator = ["MB"]\n[payer.severity]\nDX01 = "shadow"', {"DX01"}),
    "for another payer": ('[[payer]]\nfiling_indicator = ["MC"]\n[payer.severity]\nDX01 = "shadow"', set()),
    "for every payer but this": (
        '[severity]\nDX01 = "shadow"\n[[payer]]\nfiling_indicator = ["MB"]\n[payer.severity]\nDX01 = "reject"',
        set(),
    ),
    "for this payer alone, off for all others": (
        '[severity]\nDX01 = "off"\n[[payer]]\nfiling_indicator = ["MB"]\n[payer.severity]\nDX01 = "shadow"',
        {"DX01"},
    ),
    "ignored too": ('ignore = ["DX01"]\n[severity]\nDX01 = "shadow"', None),
}


@each(("text", "in_shadow"), SHADOWED)
def test_an_edit_in_shadow_runs_and_its_findings_stand_apart(
    tmp_path: Path, text: str, in_shadow: set[str] | None
) -> None:
    scrubbed = judged(load(tmp_path, text))
    apart = in_shadow or set()
    assert {finding.code for finding in scrubbed.shadow} == apart
    left = set(MEDICARE) - (apart if in_shadow is not None else {"DX01"})
    assert {finding.code: finding.severity for finding in scrubbed.findings} == {code: MEDICARE[code] for code in left}


def test_an_edit_in_shadow_runs_where_the_payer_s_kind_has_it_off() -> None:
    edits = of_edits(made(every_claim, severity=by_payer(ffs=None, madv=None, mcd="warn", other="warn")))
    for chosen, count in ((Profile(), 0), (Profile(severity={"TEST01": "shadow"}), 1)):
        (scrubbed,), _ = scrub_text(build([FAULTY]), engine(edits=edits, profile=chosen))
        assert (scrubbed.findings, len(scrubbed.shadow)) == ((), count)


@pytest.mark.parametrize(("day", "count"), [("2022-12-31", 0), ("2023-07-01", 1)])
def test_shadow_does_not_bring_a_rule_forward_in_time(tmp_path: Path, day: str, count: int) -> None:
    chosen = load(tmp_path, '[severity]\nJWJZ = "shadow"')
    claim = with_all_lines(FAULTY, dates=date.fromisoformat(day))
    assert [finding.code for finding in judged(chosen, claim).shadow] == ["JWJZ01"] * count


def test_an_edit_in_shadow_that_fails_or_cannot_decide_does_no_harm(tmp_path: Path) -> None:
    def failing(claim: Claim, _: Facts) -> Results:
        raise RuntimeError

    def undecided(claim: Claim, _: Facts) -> Results:
        yield NotChecked("for a reason")

    edits = of_edits(made(failing, "FAIL01"), made(undecided, "WAIT01"))
    chosen = Profile(severity={"FAIL01": "shadow", "WAIT01": "shadow"})
    (scrubbed,), _ = scrub_text(build([FAULTY]), engine(edits=edits, profile=chosen))
    assert (scrubbed.findings, scrubbed.not_checked, scrubbed.disposition) == ((), (), "clean")
    assert [finding.code for finding in scrubbed.shadow] == ["SCRUB01"]


@each(
    ("text", "found", "reasons"),
    {
        "nothing said": ("", [("SCRUB01", "reject")], []),
        "milder": ('[severity]\nSCRUB01 = "info"', [("SCRUB01", "info")], []),
        "with its like": ('[severity]\nSCRUB = "warn"', [("SCRUB01", "warn")], []),
        "off": ('[severity]\nSCRUB01 = "off"', [], ["the edit failed with RuntimeError"]),
        "ignored": ('ignore = ["SCRUB01"]', [], ["the edit failed with RuntimeError"]),
        "in shadow": ('[severity]\nSCRUB01 = "shadow"', [], []),
        "others selected": ('select = ["JWJZ", "FAIL01"]', [("SCRUB01", "reject")], []),
        "for its payer": (
            '[[payer]]\nfiling_indicator = ["MB"]\n[payer.severity]\nSCRUB01 = "warn"',
            [("SCRUB01", "warn")],
            [],
        ),
        "for another payer": (
            '[[payer]]\nfiling_indicator = ["MC"]\n[payer.severity]\nSCRUB01 = "off"',
            [("SCRUB01", "reject")],
            [],
        ),
    },
)
def test_a_profile_may_grade_that_an_edit_failed(
    tmp_path: Path, text: str, found: list[tuple[str, str]], reasons: list[str]
) -> None:
    def failing(claim: Claim, _: Facts) -> Results:
        raise RuntimeError

    edits = of_edits(made(failing, "FAIL01", severity="reject"), installed()["JWJZ01"])
    path = tmp_path / "scrubber.toml"
    path.write_text(text)
    chosen = profile.load(str(path), edits)
    (scrubbed,), _ = scrub_text(build([infusion_claim()]), engine(edits=edits, profile=chosen))
    assert [(finding.code, finding.severity) for finding in scrubbed.findings] == found
    assert [item.reason for item in scrubbed.not_checked] == reasons


def test_that_an_edit_failed_has_no_dates(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="SCRUB01 reports that an edit failed"):
        load(tmp_path, '[severity]\nSCRUB01 = { severity = "warn", from = 2026-01-01 }')


def check(folder: Path, claims: str, *options: str) -> Run:
    (folder / "claims.837").write_text(claims, "latin-1")
    return run("check", "--format", "json", "--profile", "scrubber.toml", *options, "claims.837", cwd=folder)


def test_shadow_is_counted_and_nothing_else(tmp_path: Path) -> None:
    load(tmp_path, '[severity]\nDX = "shadow"\nJWJZ = "shadow"')
    text = build([FAULTY, attrs.evolve(FAULTY, claim_id="TWICE")])
    report = check(tmp_path, text, "--select", "DX01,JWJZ01")
    assert (report.status, report.err) == (0, "")
    document = json.loads(report.out)
    assert document["summary"]["shadow"] == {"DX01": 2, "JWJZ01": 2}
    assert (document["summary"]["clean"], document["summary"]["findings"]) == (2, {})
    assert [claim["findings"] for claim in document["files"][0]["claims"]] == [[], []]
    call = ("--select", "DX01,JWJZ01", "--no-conformance", "--out", "out", "--profile", "scrubber.toml", "claims.837")
    assert run("scrub", *call, cwd=tmp_path).status == 0
    assert (tmp_path / "out" / "claims.annotated.837").read_text() == text
    assert (tmp_path / "out" / "claims.clean.837").read_text() == text


def test_without_shadow_the_report_does_not_mention_it(tmp_path: Path) -> None:
    load(tmp_path, "")
    assert "shadow" not in check(tmp_path, build([FAULTY])).out


@each(
    "change",
    {
        "in a claim": ("*UN*80*", "*QQ*80*"),
        "in a level": ("NM1*85*2*", "NM1*85*7*"),
        "in a header": ("BHT*0019*00*", "BHT*0019*99*"),
        "in the envelope": ("*ZZ*", "*QQ*"),
    },
)
@pytest.mark.parametrize("codes", ["IG16", "IG"])
def test_guide_checks_in_shadow(tmp_path: Path, change: tuple[str, str], codes: str) -> None:
    text = build([infusion_claim()]).replace(*change, 1)
    assert text != build([infusion_claim()])
    (tmp_path / "claims.837").write_text(text, "latin-1")

    def outcome(chosen: Profile) -> Outcome:
        only = attrs.evolve(chosen, select=frozenset(GUIDE_CODES))
        return checked(Input(str(tmp_path / "claims.837")), engine(profile=only), [], conformance=True)

    plain, shadow = outcome(Profile()), outcome(load(tmp_path, f'[severity]\n{codes} = "shadow"'))
    assert plain.reaches("reject")
    assert not shadow.reaches("info")
    assert (shadow.summary.dispositions["clean"], shadow.summary.findings, shadow.notices) == (1, {}, ())
    assert shadow.summary.shadow == {"IG16": 1}


LATE = with_all_lines(infusion_claim(), dates=date(2026, 5, 1))
"""167 days old on the date of the file."""


@each(
    ("text", "late"),
    {
        "no limit of its own": ("", False),
        "for every payer": ("filing_limit_days = 166", True),
        "for every payer, long enough": ("filing_limit_days = 167", False),
        "for this payer": ('[[payer]]\nfiling_indicator = ["MB"]\nfiling_limit_days = 90', True),
        "for another payer": ('[[payer]]\nfiling_indicator = ["CI"]\nfiling_limit_days = 90', False),
        "this payer's wins": (
            'filing_limit_days = 90\n[[payer]]\nfiling_indicator = ["MB"]\nfiling_limit_days = 365',
            False,
        ),
        "every payer's where this one has none": (
            'filing_limit_days = 90\n[[payer]]\nfiling_indicator = ["MB"]\nscope = "ffs"',
            True,
        ),
    },
)
def test_how_long_a_payer_takes_claims(tmp_path: Path, text: str, late: bool) -> None:
    chosen = attrs.evolve(load(tmp_path, text), select=frozenset({"DATE01"}))
    (scrubbed,), _ = scrub_text(build([LATE]), engine(profile=chosen))
    assert [one.carc for one in scrubbed.findings] == (["29"] if late else [])


@pytest.mark.parametrize("limit", ["0", "-5", "10001", "1.5", "true", '"90"'])
def test_a_limit_that_is_no_number_of_days(tmp_path: Path, limit: str) -> None:
    with pytest.raises(ProfileError, match="filing_limit_days must be a number of days"):
        load(tmp_path, f"filing_limit_days = {limit}")
