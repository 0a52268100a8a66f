"""The options of a run: one record of them, one engine, and the error for options that cannot be used."""

from __future__ import annotations

import io
import json
import pickle
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from scrubber.commands.expecting import judge_by
from scrubber.edit import Edit
from scrubber.engine import catalogue
from scrubber.engine.profile import Profile
from scrubber.outputs import formats
from scrubber.running.options import OptionsError, RunOptions
from scrubber.testing import build, infusion_claim
from scrubber.x12.prescan import prescan
from tests.scrubbing import FIXTURES, ROOT, each, run

THIRD_PARTY = ROOT / "tests" / "third_party" / "clinic_edits.py"


def test_options_that_are_left_out_have_the_same_default_everywhere() -> None:
    plain = RunOptions()
    assert plain.chosen() == {
        "select": [],
        "ignore": [],
        "profile": None,
        "edits": [],
        "suppressions": None,
        "as_of": None,
        "conformance": True,
        "facts": None,
        "reference": None,
        "no_phi": False,
        "hold": None,
        "history": None,
        "history_days": None,
        "releasing": False,
        "origin": "",
    }
    assert plain.engine().profile == Profile()


def test_codes_may_be_given_as_text() -> None:
    assert RunOptions(select="jwjz01, NDC").select == RunOptions(select=["JWJZ01", "NDC"]).select == ("JWJZ01", "NDC")


def test_a_record_leads_back_to_the_options(tmp_path: Path) -> None:
    key = tmp_path / "key"
    options = RunOptions(
        "medicaid",
        ["JWJZ"],
        ["NDC01"],
        [THIRD_PARTY],
        date(2026, 1, 2),
        key=key,
        conformance=False,
        facts="own",
        reference="own.sqlite",
    )
    chosen = json.loads(json.dumps(options.chosen()))
    assert RunOptions.of_record(chosen, key) == options


def test_options_can_be_sent_to_another_process() -> None:
    options = RunOptions("medicaid", ["JWJZ"], edits=[THIRD_PARTY])
    assert pickle.loads(pickle.dumps(options)) == options


@each(
    ("options", "message"),
    {
        "an unknown code": (RunOptions(select=["JWJX01"]), "unknown edit 'JWJX01'; did you mean JWJZ01?"),
        "an unknown profile": (RunOptions("medicair"), "the shipped profiles are"),
        "no file of edits": (RunOptions(edits=["missing.py"]), "missing.py: No such file"),
        "no suppressions": (RunOptions(suppressions="missing.toml"), "missing.toml"),
        "no folder of facts": (RunOptions(facts="missing"), "missing: No such file"),
        "no facts in the folder": (RunOptions(facts=FIXTURES), "there is no table in this folder"),
        "no key": (RunOptions(key="missing"), "missing"),
    },
)
def test_options_that_cannot_be_used(options: RunOptions, message: str) -> None:
    with pytest.raises(OptionsError, match=message.replace("?", r"\?")):
        options.engine()


def test_facts_of_the_profile_and_of_the_options_are_in_force_together(tmp_path: Path) -> None:
    drug = 'substance = "inventamab"\nbrand = "Inventa"\nunit = "4 mg"\nsince = 2025-01-01\nsource = "Invented"\n'
    for folder, code in {"of-profile": "J9876", "of-options": "J9875"}.items():
        (tmp_path / folder).mkdir()
        text = f'[[drug]]\nhcpcs = "{code}"\n{drug}confidence = 0.9\n'
        (tmp_path / folder / "drugs.toml").write_text(text)
    profile = tmp_path / "profile.toml"
    profile.write_text('facts = "of-profile"\n')
    engine = RunOptions(profile, facts=tmp_path / "of-options").engine()
    assert engine.facts.drug_codes >= {"J9875", "J9876", "J0490"}
    alone = RunOptions(profile).engine()
    assert alone.facts.drug_codes >= {"J9876", "J0490"}
    assert "J9875" not in alone.facts.drug_codes
    releases = {made.fingerprint["reference"]["release"] for made in (engine, alone, RunOptions().engine())}
    assert len(releases) == 3


@pytest.mark.parametrize("wrong", [5, ["medicaid"], {"name": "mine"}])
def test_a_profile_of_another_type_is_refused_with_advice(wrong: object) -> None:
    with pytest.raises(TypeError, match="profile must be the name of a shipped profile"):
        RunOptions(profile=wrong)  # type: ignore[arg-type]


def test_reports_and_manifest_hold_the_same_record(tmp_path: Path) -> None:
    options = RunOptions("medicaid", edits=[THIRD_PARTY])
    engine = options.engine()
    record = options.record(engine)
    assert record.pop("options") == options.chosen()
    assert record == engine.fingerprint

    arguments = ("--profile", "medicaid", "--edits", THIRD_PARTY, "--out", tmp_path, "--fail-on", "never")
    run("scrub", FIXTURES / "clinic-day.837", *arguments)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["rules"] == record
    report = json.loads((tmp_path / "clinic-day.report.json").read_text())
    assert {name: report[name] for name in record} == record
    root = etree.parse(tmp_path / "clinic-day.report.xml").getroot()
    assert {child.tag: dict(child.attrib) for child in root if child.tag in record} == record
    path = tmp_path / "report.sarif"
    with formats.opened("sarif", path, engine) as writer:
        writer.begin_file("-", prescan(io.BytesIO(build([infusion_claim()]).encode())))
    (sarif,) = json.loads(path.read_text())["runs"]
    assert sarif["properties"] == {name: record[name] for name in ("catalogue", "profile", "reference")}
    assert sarif["tool"]["driver"]["version"] == record["tool"]["version"]


def test_the_catalogue_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def source_file(edit: Edit) -> str:
        read.append(edit.code)
        return ""

    monkeypatch.setattr(catalogue, "_source_file", source_file)
    loaded = catalogue.load()
    assert loaded.sha256 == loaded.sha256
    assert len(read) == len(loaded.edits)


def test_the_plugin_and_the_command_line_choose_by_the_same_names() -> None:
    judge = judge_by(["--profile", "medicaid", "--select", "jwjz", "--as-of", "2026-01-02", "--no-conformance"])
    options = RunOptions("medicaid", ["JWJZ"], as_of=date(2026, 1, 2), conformance=False)
    assert judge.engine.fingerprint == options.engine().fingerprint
    assert (judge.engine.facts.as_of, judge.conformance) == (options.as_of, options.conformance)


def test_an_edit_with_the_code_of_a_guide_check_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "from scrubber.edit import edit\n\n"
        '@edit("IG01", "An edit of a test", severity="warn", concerns=None, source="a test")\n'
        "def check(claim, facts):\n"
        '    """What it checks: a.\n\n    Why it is denied: b.\n\n    How to fix: c.\n    """\n'
        "    return ()\n"
    )
    with pytest.raises(OptionsError, match="IG01 is a code of the scrubber itself"):
        RunOptions(edits=own).catalogue()
