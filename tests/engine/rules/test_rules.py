"""Rules of payers: what they find, when they cannot decide, and that they are edits like any other."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.edit import Edit
from scrubber.engine import profile
from scrubber.engine.profile import Profile, ProfileError
from scrubber.engine.rules.fields import FIELDS
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.testing import (
    RENDERING_NPI,
    ClaimSpec,
    LineSpec,
    adding,
    build,
    infusion_claim,
    waste_claim,
    with_all_lines,
    with_line,
)
from tests.scrubbing import Run, each, engine, found, installed, not_checked, run, scrub_one

RULE = {"code": "HOUSE01", "title": "A fault", "fix": "mend it", "source": "a manual"}
CLAIM = infusion_claim()
HOSPITAL = infusion_claim("837I")


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def row(**keys: Any) -> str:
    """A rule as a profile has it, `since` for its key `from`; what is `None` is left out."""
    named = {("from" if key == "since" else key): value for key, value in {**RULE, **keys}.items()}
    rows = [f"{key} = {toml(value)}" for key, value in named.items() if value is not None]
    return "\n".join(["[[rule]]", *rows, ""])


def load(folder: Path, *texts: str) -> Profile:
    path = folder / "scrubber.toml"
    path.write_text("\n".join(texts), "utf-8")
    return profile.load(str(path), installed())


def judged(folder: Path, claim: ClaimSpec, **keys: Any) -> ScrubbedClaim:
    return scrub_one(claim, "HOUSE01", profile=load(folder, row(**keys)))


def places(scrubbed: ScrubbedClaim) -> list[tuple[int | None, str]]:
    return [(line, element) for _, _, line, element in found(scrubbed)]


def the_edit(folder: Path, **keys: Any) -> Edit:
    (edit,) = load(folder, row(**keys)).edits
    return edit


# What is found, and where


DRUG = {"procedure": "J0490"}
REFERRED = f"NM1*DN*1*REED*ANN****XX*{RENDERING_NPI}"


@each(
    ("claim", "keys", "expected"),
    {
        "there": (CLAIM, {"look_at": "ndc", "must_be": "present", **DRUG}, []),
        "not there": (CLAIM, {"look_at": "ndc", "must_be": "present"}, [(2, "LIN03")]),
        "there, which must not be": (CLAIM, {"look_at": "ndc", "must_be": "absent"}, [(1, "LIN03")]),
        "hyphens of an NDC do not count": (
            CLAIM,
            {"look_at": "ndc", "must_equal": "49401-0102-01", **DRUG},
            [],
        ),
        "a missing code is not equal": (CLAIM, {"look_at": "ndc", "must_equal": "49401010201"}, [(2, "LIN03")]),
        "none of several": (CLAIM, {"look_at": "modifiers", "must_be_one_of": ["JW", "JB"], **DRUG}, [(1, "SV101-3")]),
        "one of several": (CLAIM, {"look_at": "modifiers", "must_be_one_of": ["JW", "JZ"], **DRUG}, []),
        "the very modifier that must not be": (
            with_line(CLAIM, 1, modifiers=("JZ", "KX", "JB")),
            {"look_at": "modifiers", "must_be_none_of": ["KX", "J*"], **DRUG},
            [(1, "SV101-3"), (1, "SV101-4"), (1, "SV101-5")],
        ),
        "modifiers of a day, the waste on another line": (
            waste_claim(),
            {"look_at": "modifiers_same_day", "must_be_one_of": ["JW"], **DRUG},
            [],
        ),
        "modifiers of another day do not count": (
            with_line(waste_claim(), 2, dates=date(2026, 10, 4)),
            {"look_at": "modifiers_same_day", "must_be_one_of": ["JW"], **DRUG},
            [(1, "SV101-3")],
        ),
        "a code that must go with it": (
            with_line(CLAIM, 2, procedure="96413"),
            {"look_at": "procedures_same_day", "must_be_one_of": "96365", **DRUG},
            [(1, "SV101-2")],
        ),
        "numbers": (with_line(CLAIM, 1, units=81), {"look_at": "units", "must_be_at_most": 80}, [(1, "SV104")]),
        "numbers by size, not by letters": (CLAIM, {"look_at": "units", "must_be_at_most": 100, **DRUG}, []),
        "at least": (CLAIM, {"look_at": "charge", "must_be_at_least": 200.5}, [(2, "SV102")]),
        "one of some numbers": (CLAIM, {"look_at": "units", "must_be_one_of": [80, 1]}, []),
        "a place by its beginning": (
            CLAIM,
            {"look_at": "place_of_service", "must_be_none_of": "1*", **DRUG},
            [(None, "CLM05-1")],
        ),
        "a place of the line": (
            with_line(CLAIM, 1, place_of_service="22"),
            {"look_at": "place_of_service", "must_equal": "11"},
            [(1, "SV105")],
        ),
        "a diagnosis with its point": (CLAIM, {"look_at": "diagnoses", "must_be_one_of": "M32.19", **DRUG}, []),
        "not the diagnosis pointed to": (
            CLAIM,
            {"look_at": "diagnoses", "must_be_one_of": "Z79*", **DRUG},
            [(1, "SV107-1")],
        ),
        "any of the claim's diagnoses": (CLAIM, {"look_at": "claim_diagnoses", "must_be_one_of": "Z79*"}, []),
        "the principal diagnosis": (
            CLAIM,
            {"look_at": "principal_diagnosis", "must_equal": "Z79*"},
            [(None, "HI01-2")],
        ),
        "a bill type": (HOSPITAL, {"look_at": "bill_type", "must_be_one_of": ["13*", "851"]}, []),
        "a revenue code without its zero": (HOSPITAL, {"look_at": "revenue_code", "must_equal": "636", **DRUG}, []),
        "the patient's age": (CLAIM, {"look_at": "patient_age", "must_be_at_most": 41, **DRUG}, [(None, "DMG02")]),
        "a line's provider": (
            with_line(CLAIM, 1, loops=(REFERRED,)),
            {"look_at": "referring_provider", "must_be": "present", **DRUG},
            [],
        ),
        "a missing provider, once for all lines": (
            CLAIM,
            {"look_at": "referring_provider", "must_be": "present"},
            [(None, "NM109")],
        ),
        "a provider of lines only": (
            CLAIM,
            {"look_at": "ordering_provider", "must_be": "present", **DRUG},
            [(1, "NM109")],
        ),
        "the taxonomy of who rendered": (CLAIM, {"look_at": "rendering_taxonomy", "must_equal": "207RR0500X"}, []),
        "another taxonomy": (CLAIM, {"look_at": "rendering_taxonomy", "must_equal": "207R00000X"}, [(None, "PRV03")]),
        "of the claim, once": (CLAIM, {"look_at": "frequency", "must_equal": "7"}, [(None, "CLM05-3")]),
        "of the claim, where a line has the code": (
            CLAIM,
            {"look_at": "frequency", "must_equal": "7", "procedure": "J0491"},
            [],
        ),
        "of the level above": (CLAIM, {"look_at": "filing_indicator", "must_equal": "CI"}, [(None, "SBR09")]),
        "the beginning of a member id": (CLAIM, {"look_at": "member_id", "must_be_one_of": "XYZ*"}, [(None, "NM109")]),
        "free text": (CLAIM, {"look_at": "description", "must_be": "present", **DRUG}, [(1, "SV101-7")]),
        "a number of papers on an 837I": (
            attrs.evolve(HOSPITAL, prior_authorization=None),
            {"look_at": "prior_authorization", "must_be": "present"},
            [(None, "REF02")],
        ),
    },
)
def test_what_a_rule_finds(
    tmp_path: Path, claim: ClaimSpec, keys: dict[str, Any], expected: list[tuple[int | None, str]]
) -> None:
    scrubbed = judged(tmp_path, claim, **keys)
    assert places(scrubbed) == expected
    assert not_checked(scrubbed) == {}


NDC_ABSENT = {"look_at": "ndc", "must_be": "absent", **DRUG}


@each(
    ("keys", "finds"),
    {
        "when it is so": ({"when": {"frequency": "1"}}, True),
        "when it is not so": ({"when": {"frequency": "7"}}, False),
        "when all of it is so": ({"when": {"frequency": "1", "modifiers": ["JZ", "JW"], "units": [80]}}, True),
        "when a part is not so": ({"when": {"frequency": "1", "modifiers": "JW"}}, False),
        "when something is there": ({"when": {"prior_authorization": "present"}}, True),
        "when something is not there": ({"when": {"prior_authorization": "absent"}}, False),
        "unless it is so": ({"unless": {"modifiers": "JZ"}}, False),
        "unless any of it is so": ({"unless": {"modifiers": "JW", "frequency": ["1", "7"]}}, False),
        "unless it is not so": ({"unless": {"modifiers": "JW", "bill_type": "13*"}}, True),
        "for the claim's type": ({"claim_type": "837P"}, True),
        "for the other type": ({"claim_type": ["837I"]}, False),
        "by the beginning of its code": ({"procedure": ["Q*", "J04*"]}, True),
        "by the beginning of another code": ({"procedure": "Q*"}, False),
    },
)
def test_which_claims_and_lines_a_rule_is_about(tmp_path: Path, keys: dict[str, Any], finds: bool) -> None:
    scrubbed = judged(tmp_path, CLAIM, **{**NDC_ABSENT, **keys})
    assert bool(scrubbed.findings) == finds
    assert not_checked(scrubbed) == {}


@each(
    ("keys", "finds"),
    {
        "its kind": ({"scope": "ffs"}, True),
        "other kinds": ({"scope": ["mcd", "other"]}, False),
        "its filing indicator": ({"filing_indicator": ["MB", "CI"]}, True),
        "its filing indicator in small letters": ({"filing_indicator": "mb"}, True),
        "another": ({"filing_indicator": "CI"}, False),
        "its id": ({"payer_id": "00002"}, True),
        "another id": ({"payer_id": "HL100"}, False),
        "its name in small letters": ({"payer_name": "Sample Medicare, Part B"}, True),
        "the beginning of its name": ({"payer_name": ["OTHER", "SAMPLE MEDI*"]}, True),
        "a part of its name": ({"payer_name": "MEDICARE"}, False),
        "its id under another indicator": ({"payer_id": "00002", "filing_indicator": "CI"}, False),
    },
)
def test_which_payers_a_rule_is_for(tmp_path: Path, keys: dict[str, Any], finds: bool) -> None:
    assert bool(judged(tmp_path, CLAIM, **NDC_ABSENT, **keys).findings) == finds


@pytest.mark.parametrize(
    ("day", "finds"), [("2026-02-28", False), ("2026-03-01", True), ("2026-03-31", True), ("2026-04-01", False)]
)
def test_a_rule_holds_from_its_first_to_its_last_date_of_service(tmp_path: Path, day: str, finds: bool) -> None:
    claim = with_all_lines(CLAIM, dates=date.fromisoformat(day))
    scrubbed = judged(tmp_path, claim, **NDC_ABSENT, since=date(2026, 3, 1), until=date(2026, 3, 31))
    assert bool(scrubbed.findings) == finds


@pytest.mark.parametrize("severity", ["reject", "warn", "info"])
def test_a_finding_is_reported_in_the_biller_s_words(tmp_path: Path, severity: str) -> None:
    codes = {"carc": "197", "rarc": "M62", "claim_status": "A6:252"}
    (finding,) = judged(tmp_path, CLAIM, **NDC_ABSENT, severity=severity, message="it is bad", **codes).findings
    assert (finding.message, finding.fix, finding.severity) == ("it is bad", "mend it", severity)
    assert (finding.carc, finding.rarc, finding.claim_status) == ("197", "M62", "A6:252")


def test_a_void_is_judged_if_the_rule_includes_voids(tmp_path: Path) -> None:
    void = attrs.evolve(CLAIM, frequency="8", payer_claim_control_number="CC1")
    keys = {"look_at": "frequency", "must_equal": "1"}
    assert places(judged(tmp_path, void, **keys)) == []
    assert places(judged(tmp_path, void, **keys, on_voids=True)) == [(None, "CLM05-3")]


# What cannot be judged


SINCE = {"since": date(2026, 1, 1)}


@each(
    ("claim", "keys", "reason"),
    {
        "a number that is no number": (
            with_line(CLAIM, 1, units="X1"),
            {"look_at": "units", "must_be_at_most": 80},
            "SV104 is not a number",
        ),
        "a missing number": (
            with_line(CLAIM, 1, units=""),
            {"look_at": "units", "must_be_at_most": 80},
            "SV104 is missing",
        ),
        "a day that is no date": (
            with_all_lines(CLAIM, dates="20261340"),
            {**NDC_ABSENT, **SINCE},
            "DTP03 is not a date",
        ),
        "no day": (
            with_all_lines(CLAIM, dates=None),
            {**NDC_ABSENT, **SINCE},
            "the date of service is missing",
        ),
        "no day to compare by": (
            with_all_lines(CLAIM, dates=None),
            {"look_at": "modifiers_same_day", "must_be_one_of": "JW", **DRUG},
            "the date of service is missing",
        ),
        "no birth date": (
            attrs.evolve(CLAIM, birth_date=None),
            {"look_at": "patient_age", "must_be_at_least": 5},
            "DMG02 is missing",
        ),
        "a birth date that is no date": (
            attrs.evolve(CLAIM, birth_date="19991340"),
            {"look_at": "patient_age", "must_be_at_least": 5},
            "DMG02 is not a date",
        ),
        "pointers to nothing": (
            with_line(CLAIM, 1, pointers=(9,)),
            {"look_at": "diagnoses", "must_equal": "M32*", **DRUG},
            "the line points to no listed diagnosis",
        ),
        "what the rule depends on": (
            with_line(CLAIM, 1, units="X1"),
            {**NDC_ABSENT, "when": {"units": 80}},
            "SV104 is not a number",
        ),
        "dates of several days, and a rule that begins between them": (
            with_line(CLAIM, 1, dates=(date(2025, 12, 31), date(2026, 1, 1))),
            {**NDC_ABSENT, **SINCE},
            "the service dates cover several days, and the answer depends on which of them counts",
        ),
    },
)
def test_what_cannot_be_judged_is_not_checked_with_the_reason(
    tmp_path: Path, claim: ClaimSpec, keys: dict[str, Any], reason: str
) -> None:
    scrubbed = judged(tmp_path, claim, **keys)
    assert scrubbed.findings == ()
    assert not_checked(scrubbed) == {"HOUSE01": reason}


def test_a_line_that_cannot_be_judged_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    claim = adding(with_line(CLAIM, 1, units="X1"), LineSpec("96366", units=9))
    scrubbed = judged(tmp_path, claim, look_at="units", must_be_at_most=8)
    assert places(scrubbed) == [(3, "SV104")]
    assert not_checked(scrubbed) == {"HOUSE01": "SV104 is not a number"}


def test_a_rule_on_the_claim_needs_one_line_that_it_is_about(tmp_path: Path) -> None:
    keys = {"look_at": "frequency", "must_equal": "7", "when": {"units": 80}}
    unread = with_line(CLAIM, 2, units="X1")
    assert places(judged(tmp_path, unread, **keys)) == [(None, "CLM05-3")]
    assert not_checked(judged(tmp_path, with_line(unread, 1, units=81), **keys)) == {"HOUSE01": "SV104 is not a number"}
    assert judged(tmp_path, with_all_lines(CLAIM, units=81), **keys).findings == ()


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_asked_for_on_every_claim_that_has_it(tmp_path: Path, name: str) -> None:
    bare = attrs.evolve(CLAIM, lines=(LineSpec("", dates=None, pointers=()),), diagnoses=(), rendering_npi=None)
    for claim in (CLAIM, HOSPITAL, bare, attrs.evolve(bare, type="837I")):
        scrubbed = judged(tmp_path, claim, look_at=name, must_be="present")
        assert not [finding for finding in scrubbed.findings if finding.code != "HOUSE01"]


def test_no_message_quotes_a_value_of_the_claim(tmp_path: Path) -> None:
    claim = attrs.evolve(CLAIM, member_id="SECRET1")
    (finding,) = judged(tmp_path, claim, look_at="member_id", must_equal="ABC").findings
    assert "SECRET1" not in finding.message + finding.fix


# Rules are edits


def test_a_rule_is_chosen_graded_and_put_in_shadow_as_every_edit(tmp_path: Path) -> None:
    rules = row(**NDC_ABSENT), row(code="HOUSE02", **NDC_ABSENT)

    def severities(*head: str) -> dict[str, str | None]:
        chosen = load(tmp_path, *head, *rules)
        scrubbed = scrub_one(
            CLAIM,
            profile=attrs.evolve(chosen, select=chosen.select or chosen.narrowed(["HOUSE"], [], installed()).select),
        )
        return {finding.code: finding.severity for finding in (*scrubbed.findings, *scrubbed.shadow)}

    assert severities() == {"HOUSE01": "warn", "HOUSE02": "warn"}
    assert severities('ignore = ["HOUSE01"]') == {"HOUSE02": "warn"}
    assert severities('select = ["HOUSE01"]') == {"HOUSE01": "warn"}
    assert severities("[severity]", 'HOUSE01 = "reject"', 'HOUSE02 = "off"') == {"HOUSE01": "reject"}
    assert severities("[severity]", 'HOUSE = "info"') == {"HOUSE01": "info", "HOUSE02": "info"}
    chosen = load(tmp_path, '[severity]\nHOUSE01 = "shadow"', *rules)
    assert [finding.code for finding in scrub_one(CLAIM, "HOUSE01", profile=chosen).shadow] == ["HOUSE01"]


def command(folder: Path, *arguments: str) -> Run:
    return run(*arguments, "--profile", "scrubber.toml", cwd=folder)


def test_the_commands_know_the_rules_of_a_profile(tmp_path: Path) -> None:
    keys = {"payer_id": "00002", "severity": "reject", "title": "An NDC where none may be", **SINCE}
    load(tmp_path, row(**NDC_ABSENT, **keys))
    (tmp_path / "claims.837").write_text(build([CLAIM]), "latin-1")
    explained = command(tmp_path, "explain", "house01").out
    for words in (
        "HOUSE01  An NDC where none may be",
        "On a line with J0490, the NDC must not be there.",
        "reject from 2026-01-01 for every payer",
        "claims with J0490 of payer id 00002",
        "a manual",
    ):
        assert words in explained
    assert (
        "  HOUSE01  An NDC where none may be (since 2026-01-01)" in command(tmp_path, "edits", "--payer", "00002").out
    )
    assert "(for payer id 00002 only)" in command(tmp_path, "edits", "--payer", "HL100").out
    assert "Rules of a profile need --profile." in run("explain", "HOUSE01").err
    assert "## HOUSE01" in command(tmp_path, "edits", "--format", "markdown").out
    report = command(tmp_path, "check", "--select", "HOUSE01", "--format", "sarif", "claims.837")
    assert report.status == 1
    assert '"HOUSE01"' in report.out
    assert "did you mean HOUSE01?" in command(tmp_path, "check", "--select", "HOUES01", "claims.837").err


def test_a_finding_of_a_rule_can_be_suppressed(tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(
        '[[suppress]]\nclaim = "BASE-1"\ncode = "HOUSE01"\nreason = "agreed"\nauthor = "AB"\nexpires = 2027-01-01\n'
    )
    (tmp_path / "claims.837").write_text(build([CLAIM]), "latin-1")
    load(tmp_path, 'suppressions = "known.toml"', row(**NDC_ABSENT, severity="reject"))
    assert command(tmp_path, "check", "--select", "HOUSE01", "claims.837").status == 0
    load(tmp_path, row(**NDC_ABSENT, severity="reject"))
    call = ("check", "--select", "HOUSE01", "claims.837", "--suppressions", "known.toml")
    assert command(tmp_path, *call).status == 0


@each(
    "change",
    {
        "what is asked": {"must_be": "present"},
        "a code": {"procedure": "J0491"},
        "a day": {"since": date(2026, 1, 2)},
        "a payer": {"payer_name": "A"},
        "a message": {"message": "other"},
    },
)
def test_the_fingerprints_change_with_a_rule(tmp_path: Path, change: dict[str, Any]) -> None:
    one, other = (load(tmp_path, row(**{**NDC_ABSENT, **keys})) for keys in ({}, change))
    assert one.sha256 != other.sha256
    assert engine(profile=one).catalogue.sha256 != engine(profile=other).catalogue.sha256
    assert engine(profile=one).catalogue.sha256 != installed().sha256


def test_a_rule_states_the_claims_that_it_is_for(tmp_path: Path) -> None:
    assert the_edit(tmp_path, **NDC_ABSENT).types == ("837P", "837I")
    assert the_edit(tmp_path, look_at="place_of_service", must_equal="11").types == ("837P",)
    assert the_edit(tmp_path, look_at="ndc", must_be="present", when={"bill_type": "13*"}).types == ("837I",)
    assert (
        "Only where the line's modifiers include JW or JZ. Not where the frequency code is 7."
        in the_edit(tmp_path, **NDC_ABSENT, when={"modifiers": ["JW", "JZ"]}, unless={"frequency": "7"}).documentation
    )


# Mistakes


ASKED = {"look_at": "ndc", "must_be": "present"}


@each(
    ("keys", "says"),
    {
        "an unknown key": ({**ASKED, "procedur": "J0490"}, "unknown key 'procedur'; did you mean procedure?"),
        "a misspelt name": (
            {**ASKED, "look_at": "modifers"},
            "unknown name in look_at 'modifers'; did you mean modifiers?",
        ),
        "a misspelt name in when": (
            {**ASKED, "when": {"frequncy": "7"}},
            "unknown name in when 'frequncy'; did you mean frequency?",
        ),
        "a key of the whole profile below a rule": (
            {**ASKED, "ignore": ["DX01"]},
            "ignore is for the whole profile: move it to the head of the file",
        ),
        "no code": ({**ASKED, "code": None}, "it needs code"),
        "no source": ({**ASKED, "source": None}, "it needs source"),
        "no fix": ({**ASKED, "fix": None}, "it needs fix"),
        "an empty title": ({**ASKED, "title": " "}, "title must be one row of text"),
        "a title of two rows": ({**ASKED, "title": "A\nB"}, "title must be one row of text"),
        "nothing looked at": ({"must_be": "present"}, "it needs look_at"),
        "nothing asked": ({"look_at": "ndc"}, "it asks nothing: one of must_be, must_equal"),
        "two things asked": ({**ASKED, "must_equal": "1"}, "it asks must_be and must_equal; ask one thing in a rule"),
        "a misspelt condition": (
            {**ASKED, "must_be": "presnt"},
            "must_be is 'present' or 'absent', not 'presnt'",
        ),
        "a code in other letters": ({**ASKED, "code": "House1"}, "'House1' is not a code"),
        "a code of an edit": (
            {**ASKED, "code": "NDC05"},
            "NDC belongs to edits that are installed; take letters of your own: HOUSE05",
        ),
        "a code like an edit's": ({**ASKED, "code": "NDC99"}, "take letters of your own: HOUSE99"),
        "a code like the tool's": ({**ASKED, "code": "SCRUB77"}, "take letters of your own: HOUSE77"),
        "a code like a guide check's": ({**ASKED, "code": "IG77"}, "take letters of your own: HOUSE77"),
        "a number without quotes": (
            {"look_at": "place_of_service", "must_equal": 11},
            "must_equal: write 11 in quotes, '11'; the place of service is two digits",
        ),
        "a number in quotes": (
            {"look_at": "units", "must_be_at_most": "160"},
            "units is a number; write it without quotes",
        ),
        "a size of what has none": (
            {"look_at": "modifiers", "must_be_at_most": 2},
            "must_be_at_most is for numbers, and modifiers is no number",
        ),
        "no modifier": ({"look_at": "modifiers", "must_be_one_of": ["JZZ"]}, "'JZZ' is not two letters or digits"),
        "a heading for a diagnosis": (
            {"look_at": "diagnoses", "must_be_one_of": ["M32"]},
            "'M32' is not an ICD-10-CM code of four characters or more",
        ),
        "a range of codes": ({**ASKED, "procedure": "96365-96368"}, "'96365-96368' is not a code of five letters"),
        "a value for must_be": (
            {"look_at": "place_of_service", "must_be": "11"},
            "must_be is 'present' or 'absent', not '11'; to compare, take must_equal",
        ),
        "no procedure": ({**ASKED, "procedure": "J490"}, "procedure: 'J490' is not a code of five letters and digits"),
        "a star in the middle": ({**ASKED, "procedure": "J*90"}, "a * at the end stands for all that begins so"),
        "a star alone": ({**ASKED, "procedure": "*"}, "'*' is not a code of five letters and digits"),
        "no value": ({"look_at": "modifiers", "must_be_one_of": []}, "must_be_one_of names no value"),
        "free text compared": ({"look_at": "claim_note", "must_equal": "X"}, "claim_note is free text: ask must_be"),
        "when in quotes": ({**ASKED, "when": "frequency = 7"}, "when must be a table"),
        "an unknown severity": ({**ASKED, "severity": "rejct"}, "unknown severity 'rejct'; did you mean reject?"),
        "an unknown scope": (
            {**ASKED, "scope": "medicaid"},
            "unknown scope 'medicaid'; did you mean mcd?",
        ),
        "an unknown type": ({**ASKED, "claim_type": "837"}, "unknown claim type '837'"),
        "a type that has it not": (
            {"look_at": "revenue_code", "must_equal": "0636", "claim_type": "837P"},
            "an 837P does not have the revenue code",
        ),
        "no type that has it all": (
            {"look_at": "revenue_code", "must_equal": "0636", "when": {"place_of_service": "11"}},
            "no claim type has all of: the revenue code, the place of service",
        ),
        "a day in quotes": ({**ASKED, "since": "2026-01-01"}, "from must be a date without quotes, such as 2026-01-31"),
        "days the wrong way round": (
            {**ASKED, "since": date(2026, 1, 2), "until": date(2026, 1, 1)},
            "until 2026-01-01 is before from 2026-01-02",
        ),
        "no reason code": ({**ASKED, "carc": "CO197"}, "carc must be a claim adjustment reason code, such as 197"),
        "a reason code without quotes": ({**ASKED, "carc": 197}, "carc must be a claim adjustment reason code"),
        "no remark code": ({**ASKED, "rarc": "62"}, "rarc must be a remittance advice remark code, such as M62"),
        "no status": ({**ASKED, "claim_status": "252"}, "claim_status must be codes of a 277CA, such as A6:252"),
        "more than sure": ({**ASKED, "confidence": 90}, "confidence must be a number from 0 to 1"),
        "a payer that is no text": ({**ASKED, "payer_id": 77001}, "payer_id must be text in quotes, or a list of such"),
        "a star in a name": (
            {**ASKED, "payer_name": "BLUE*PLAN"},
            "payer_name 'BLUE*PLAN': write * only at the end",
        ),
        "every name": ({**ASKED, "payer_name": "*"}, "payer_name '*': write * only at the end"),
        "a yes": ({**ASKED, "on_voids": "yes"}, "on_voids must be true or false"),
    },
)
def test_a_mistake_is_refused_with_the_rule_it_is_in(tmp_path: Path, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(ProfileError) as refused:
        load(tmp_path, row(code="HOUSE90", **ASKED), row(**keys))
    rule = "rule 2" if keys.get("code", "X") is None else f"rule 2 ({keys.get('code', 'HOUSE01')})"
    assert str(refused.value).startswith(f"{tmp_path / 'scrubber.toml'}: line 9, {rule}: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_each_rule_with_a_mistake_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as refused:
        load(tmp_path, row(**ASKED), row(**ASKED), row(code="HOUSE02", **ASKED, severity="bad"))
    assert [line.partition(": ")[2] for line in str(refused.value).splitlines()] == [
        "line 9, rule 2 (HOUSE01): another rule has this code; give each rule its own code",
        "line 17, rule 3 (HOUSE02): unknown severity 'bad'; it is one of reject, warn, info",
    ]


def test_where_the_line_of_a_rule_is_unknown_its_number_is_named(tmp_path: Path) -> None:
    text = row(**ASKED, title=None) + 'title = """\n[[rule]]\n"""\n'
    with pytest.raises(ProfileError, match=r"scrubber\.toml: rule 1 \(HOUSE01\): title must be one row of text"):
        load(tmp_path, text)


def test_a_code_of_a_plug_in_is_refused_and_other_letters_are_named(tmp_path: Path) -> None:
    plugin = attrs.evolve(installed()["DX01"], code="HOUSE07")
    path = tmp_path / "scrubber.toml"
    path.write_text(row(**ASKED), "utf-8")
    with pytest.raises(
        ProfileError, match="HOUSE belongs to edits that are installed; take letters of your own: OWN01"
    ):
        profile.load(str(path), installed().joined([plugin]))
