"""The GitHub action: its steps run for real, as a runner would run them, whatever its inputs hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from scrubber.testing import build, drug_line, infusion_claim
from tests.ci import copy_of_this_repository, shown, skip_without_index
from tests.scrubbing import ROOT, Run, each

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]

BARE = infusion_claim(claim_id="PRIVATE-1", lines=(drug_line(modifiers=()),))
AS_IT_IS = "claim PRIVATE-1\n  line 1: reject JWJZ01 at SV101-3\n"

Act = Callable[..., Run]


def run_step(step: dict[str, Any], inputs: dict[str, str], workspace: Path, runner: dict[str, str]) -> Run:
    """Run a step with bash as a runner does: the script in a file, expressions in its environment filled in."""
    values = {name: str(declared.get("default", "")) for name, declared in ACTION["inputs"].items()} | inputs
    filled = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: values[found[1]], text)
        for name, text in step.get("env", {}).items()
    }
    script = Path(runner["RUNNER_TEMP"]) / "script.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=workspace,
        env={**os.environ, **runner, **filled},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a runner on which the first step has installed the scrubber from the action's own files."""
    skip_without_index()
    folder = tmp_path_factory.mktemp("runner")
    (folder / "temp").mkdir()
    workspace = folder / "workspace"
    (workspace / "venv").mkdir(parents=True)
    (workspace / "venv" / "__main__.py").write_text("raise SystemExit('a file of the workspace was run')\n")
    action = copy_of_this_repository(folder / "action")
    runner = {"RUNNER_TEMP": str(folder / "temp"), "GITHUB_ACTION_PATH": str(action)}
    installed = run_step(STEPS[0], {}, workspace, runner)
    assert installed.status == 0, installed.out + installed.err
    return runner


@pytest.fixture
def act(tmp_path: Path, runner: dict[str, str]) -> Act:
    """Runs the second step on claim files: one that is rejected, one with a space in its name."""
    for name in ("claims.837", "with a space.837"):
        (tmp_path / name).write_text(build([BARE]))
        (tmp_path / f"{name}.expected").write_text(AS_IT_IS)

    def act(paths: str = "claims.837", **inputs: str) -> Run:
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return run_step(STEPS[1], {"paths": paths, "options": "--select=JWJZ01", **given}, tmp_path, runner)

    return act


def test_it_is_a_composite_action_whose_scripts_hold_no_values() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all({"name", "shell", "run"} <= step.keys() for step in STEPS)
    assert not any("${{" in step["run"] for step in STEPS)
    passed = {name for text in STEPS[1]["env"].values() for name in re.findall(r"inputs\.([\w-]+)", text)}
    assert passed == ACTION["inputs"].keys()
    assert all(declared["description"] for declared in ACTION["inputs"].values())


def test_the_documented_inputs_are_those_it_has() -> None:
    (step,) = yaml.safe_load(shown("yaml", "- uses:"))
    assert step["with"].keys() <= ACTION["inputs"].keys()
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    table = text[text.index("| input | |") :].partition("\n\n")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(ACTION["inputs"])


def test_findings_are_annotations_and_fail_the_step(act: Act) -> None:
    report = act()
    assert report.status == 1
    assert "::error file=claims.837,line=" in report.out
    assert "PRIVATE" not in report.out + report.err
    assert act(fail_on="never").status == 0


def test_the_profile_of_the_repository_counts_until_an_input_is_given(act: Act, tmp_path: Path) -> None:
    (tmp_path / "scrubber.toml").write_text('[defaults]\nfail_on = "warn"\n[severity]\nJWJZ01 = "warn"\n')
    report = act()
    assert report.status == 1
    assert "::warning file=claims.837,line=" in report.out
    assert act(fail_on="reject").status == 0
    assert act(profile="medicare-ffs").status == 1


def test_expected_findings_do_not_fail_it(act: Act, tmp_path: Path) -> None:
    report = act("*.837\n", expect="true")
    assert (report.status, report.out) == (0, "scrubber: 2 files as expected\n")
    (tmp_path / "claims.837.expected").write_text("claim PRIVATE-1\n")
    report = act(".", expect="true")
    assert report.status == 1
    assert "::error file=claims.837,line=" in report.out


def test_a_profile_and_the_guide_count(act: Act, tmp_path: Path) -> None:
    (tmp_path / "our house.toml").write_text('[severity]\nJWJZ01 = "info"\n')
    assert act(profile="our house.toml").status == 0
    (tmp_path / "claims.837").write_text(build([BARE]).replace("NM1*85*2*", "NM1*85*9*"))
    assert act(profile="our house.toml", options="").status == 1
    assert act(profile="our house.toml", options="", conformance="false").status == 0


def test_sarif_is_written_next_to_the_report(act: Act, tmp_path: Path) -> None:
    report = act("claims.837\nwith a space.837", sarif="a report.sarif", expect="true")
    assert (report.status, report.out) == (0, "scrubber: 2 files as expected\n")
    (run,) = json.loads((tmp_path / "a report.sarif").read_text())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["JWJZ01", "JWJZ01"]


def test_another_format(act: Act) -> None:
    assert len(ElementTree.fromstring(act(format="junit").out)) == 1


HOSTILE = "$(touch harm) `touch harm`; touch harm & touch harm | touch harm > harm \"'\\ ${HOME} *"


@each("name", {name: name for name in ACTION["inputs"]})
def test_hostile_values_do_no_harm(act: Act, tmp_path: Path, name: str) -> None:
    report = act(**{name.replace("-", "_"): HOSTILE})
    assert not (tmp_path / "harm").exists()
    assert report.status in (1, 2)
    assert os.environ["HOME"] not in report.err


def test_a_flag_is_true_or_false(act: Act) -> None:
    report = act(expect="yes")
    assert (report.status, report.out) == (2, "::error::expect and conformance are true or false\n")


def test_a_name_may_look_like_an_option(act: Act, tmp_path: Path) -> None:
    (tmp_path / "--fail-on=never").write_text(build([BARE]))
    assert act("--fail-on=never").status == 1
