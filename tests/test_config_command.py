"""The profile that commands find by themselves, and `scrubber init`, as real processes."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from scrubber.engine import profile
from tests.scrubbing import FIXTURES, Run, each, installed, run

USING = "scrubber: using the profile {}; --no-config leaves it out\n"
SILENT = '[severity]\nJWJZ = "off"\nADM = "off"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with claims, below one with a scrubber.toml that switches edits off."""
    (tmp_path / "scrubber.toml").write_text(SILENT)
    claims = tmp_path / "claims"
    claims.mkdir()
    shutil.copy(FIXTURES / "clinic-day.837", claims / "day.837")
    return claims


def codes(done: Run) -> set[str]:
    report = json.loads(done.out)
    return {finding["code"] for claim in report["files"][0]["claims"] for finding in claim["findings"]}


def test_check_takes_the_one_above_and_names_it(folder: Path) -> None:
    found = run("check", "--format", "json", "day.837", cwd=folder)
    without = run("check", "--format", "json", "--no-config", "day.837", cwd=folder)
    assert found.err == USING.format("../scrubber.toml")
    assert without.err == ""
    assert "JWJZ01" in codes(without) - codes(found)
    assert json.loads(found.out)["profile"]["name"] == "scrubber"
    assert json.loads(without.out)["profile"]["name"] == "default"


@each("order", {"before": ["--no-config", "day.837"], "behind": ["day.837", "--no-config"]})
def test_no_config_may_stand_anywhere(folder: Path, order: list[str]) -> None:
    assert run("check", *order, cwd=folder).err == ""


@each("more", {"alone": (), "with --no-config": ("--no-config",)})
def test_a_profile_that_is_named_wins(folder: Path, more: tuple[str, ...]) -> None:
    named = run("check", "--format", "json", "--profile", "commercial", *more, "day.837", cwd=folder)
    assert (named.err, json.loads(named.out)["profile"]["name"]) == ("", "commercial")


def test_one_that_another_account_may_change_is_refused_and_read_when_it_is_named(folder: Path) -> None:
    (folder.parent / "scrubber.toml").chmod(0o666)
    refused = run("check", "day.837", cwd=folder)
    assert (refused.status, refused.out, refused.err.count("\n")) == (2, "", 1)
    assert "can be changed by other users" in refused.err
    for option in (("--no-config",), ("--profile", "../scrubber.toml")):
        assert run("check", *option, "day.837", cwd=folder).status == 1


def test_a_wrong_one_is_refused_as_any_profile(folder: Path) -> None:
    (folder.parent / "scrubber.toml").write_text('ignore = ["JWJX"]')
    refused = run("check", "day.837", cwd=folder)
    assert refused.status == 2
    assert refused.err.splitlines()[-1].startswith("Error: ../scrubber.toml: unknown edit 'JWJX'")


def test_defaults_hold_until_an_option_is_given(folder: Path) -> None:
    house = folder.parent / "scrubber.toml"
    house.write_text('[defaults]\nfail_on = "never"\nconformance = false\n[severity]\nJWJZ = "info"\n')
    (folder / "day.837").write_text((folder / "day.837").read_text().replace("SBR*P*", "SBR*Q*"))
    by_default = run("check", "--format", "json", "day.837", cwd=folder)
    assert by_default.status == 0
    assert not any(code.startswith("IG") for code in codes(by_default))
    assert run("check", "--fail-on", "reject", "day.837", cwd=folder).status == 1
    assert any(
        code.startswith("IG") for code in codes(run("check", "--format=json", "--conformance", "day.837", cwd=folder))
    )
    assert run("check", "--profile", "../scrubber.toml", "day.837", cwd=folder).status == 0
    assert run("check", "--no-config", "day.837", cwd=folder).status == 1


def test_a_default_number_of_processes(folder: Path) -> None:
    (folder.parent / "scrubber.toml").write_text("[defaults]\njobs = 2\n")
    several = run("check", "--format", "json", "day.837", cwd=folder)
    one = run("check", "--format", "json", "--jobs", "1", "day.837", cwd=folder)
    assert (several.status, several.out) == (one.status, one.out)


def test_the_manifest_names_it_and_replay_takes_no_other(folder: Path) -> None:
    assert run("scrub", "day.837", "--out", "out", cwd=folder).status == 1
    path = folder / "out" / "manifest.json"
    assert json.loads(path.read_text())["options"]["profile"] == "../scrubber.toml"
    assert run("replay", "out/manifest.json", cwd=folder).status == 0
    run("scrub", "day.837", "--no-config", "--out", "plain", cwd=folder)
    assert json.loads((folder / "plain" / "manifest.json").read_text())["options"]["profile"] is None
    same = run("replay", "plain/manifest.json", cwd=folder)
    assert (same.status, same.err) == (0, "")


def test_the_file_that_a_manifest_names_must_be_the_one_that_is_found_here(folder: Path) -> None:
    run("scrub", "day.837", "--out", "out", cwd=folder)
    (folder / "scrubber.toml").touch()
    refused = run("replay", "out/manifest.json", cwd=folder)
    assert refused.status == 2
    assert "in another folder" in refused.err


@each(
    "arguments",
    {
        "explain": ["explain", "HOUSE01"],
        "suppress": ["suppress", "day.json", "--claim", "C", "--code", "HOUSE01", "--reason", "r", "--author", "a"],
        "edits": ["edits"],
        "reference check": ["reference", "check", "day.837"],
        "simulate": ["simulate", "day.837", "--out", "out"],
        "check --expect": ["check", "--expect", "day.837"],
    },
)
def test_other_commands_take_it_too(folder: Path, arguments: list[str]) -> None:
    (folder / "day.json").touch()
    until = ["--until", "2027-01-31"] if arguments[0] == "suppress" else []
    assert USING.format("../scrubber.toml") in run(*arguments, *until, cwd=folder).err


def test_the_list_of_edits_keeps_its_form_and_has_the_rules_of_the_house(folder: Path) -> None:
    (folder.parent / "scrubber.toml").write_text(
        '[[rule]]\ncode = "HOUSE01"\ntitle = "Ours"\nprocedure = "J*"\nlook_at = "prior_authorization"\n'
        'must_be = "present"\nfix = "add it"\nsource = "ours"\n'
    )
    found, plain = run("edits", cwd=folder).out, run("edits", "--no-config", cwd=folder).out
    assert {row.split()[0] for row in found.splitlines() if row not in plain.splitlines()} == {"HOUSE", "HOUSE01"}
    assert run("explain", "HOUSE01", cwd=folder).out.startswith("HOUSE01  Ours")


@each(
    "arguments", {"claims": ["claims", "day.837"], "strip": ["strip", "day.837"], "watch": ["watch", "drop", "--once"]}
)
def test_commands_that_take_none(folder: Path, arguments: list[str]) -> None:
    (folder / "drop").mkdir()
    (folder.parent / "scrubber.toml").write_text("no profile")
    done = run(*arguments, cwd=folder)
    assert done.status == 0
    assert "scrubber.toml" not in done.err
    assert run("serve", "--no-config", cwd=folder).status == 2


# Quiet


def test_quiet_leaves_errors_and_what_was_asked_for(folder: Path) -> None:
    (folder / "letter.txt").write_text("Dear Sir")
    loud, quiet = (run("check", *option, ".", cwd=folder) for option in ((), ("-q",)))
    assert "letter.txt" in loud.err
    assert (quiet.out, quiet.err, quiet.status) == (loud.out, "", loud.status)
    broken = run("check", "--quiet", "missing.837", cwd=folder)
    assert (broken.status, broken.err) == (2, "scrubber: missing.837: No such file or directory\n")


@each("command", {"scrub": "scrub", "simulate": "simulate"})
def test_quiet_leaves_out_the_summary(folder: Path, command: str) -> None:
    loud, quiet = (run(command, *option, "day.837", "--out", "out", cwd=folder) for option in ((), ("-q",)))
    assert loud.out.startswith("day.837: 60 claims")
    assert (quiet.out, quiet.err, quiet.status) == ("", "", loud.status)


# scrubber init


def test_init_writes_a_file_that_changes_nothing(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "clinic-day.837", tmp_path / "day.837")
    before = run("check", "day.837", cwd=tmp_path)
    done = run("init", cwd=tmp_path)
    assert (done.status, done.out, done.err) == (
        0,
        "scrubber.toml: written; remove the # in front of the settings that you want\n",
        "",
    )
    after = run("check", "day.837", cwd=tmp_path)
    assert (after.out, after.status) == (before.out, before.status)
    assert after.err == USING.format("scrubber.toml")


def test_init_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "scrubber.toml").write_text(SILENT)
    for arguments in (["init"], ["init", "."]):
        refused = run(*arguments, cwd=tmp_path)
        assert refused.status == 2
        assert refused.err.endswith("scrubber.toml is there already; nothing was written\n")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "scrubber.toml").symlink_to(tmp_path / "nowhere")
    assert run("init", "link", cwd=tmp_path).status == 2
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "scrubber.toml").read_text() == SILENT
    assert run("init", "missing", cwd=tmp_path).err == "Error: missing/scrubber.toml: No such file or directory\n"


def test_every_setting_of_the_template_is_a_right_one(tmp_path: Path) -> None:
    run("init", cwd=tmp_path)
    path = tmp_path / "scrubber.toml"
    text = re.sub(r"^# ([a-z_A-Z0-9]+ = |\[)", r"\1", path.read_text(), flags=re.MULTILINE)
    path.write_text(re.sub(r"^suppressions = .*\n", "", text, flags=re.MULTILINE))
    chosen = profile.load(str(path), installed())
    assert (chosen.name, chosen.hold, chosen.scope, chosen.sequestered) == ("our-house", "warn", "ffs", True)
    assert len(chosen.edits) == len(chosen.payers) == 1
    assert chosen.facts == tmp_path / "our-facts"
    keys = set(re.findall(r"^\[*(\w+)", text, re.MULTILINE))
    assert set(profile._KEYS) <= keys
