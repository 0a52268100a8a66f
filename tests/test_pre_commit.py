"""The hooks for pre-commit, run for real: installed from a copy of this repository, on a scratch repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
import yaml

from scrubber.testing import build, infusion_claim, with_line
from tests.ci import copy_of_this_repository, shown, skip_without_index

BARE = with_line(infusion_claim(claim_id="BARE"), 1, modifiers=())
AS_IT_IS = "claim BARE\n  line 1: reject JWJZ01 at SV101-3\n"


@attrs.frozen
class Repository:
    """A git repository with pre-commit."""

    path: Path
    environment: Mapping[str, str]

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=a test", "-c", "user.email=test@example.com", *arguments]
        done = subprocess.run(command, cwd=self.path, env=self.environment, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit_all(self) -> str:
        self.git("init", "--quiet", ".")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a test")
        return self.git("rev-parse", "HEAD")

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", *arguments]
        return subprocess.run(
            command, cwd=self.path, env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )

    def put(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(exist_ok=True)
        (self.path / name).write_text(text)
        self.git("add", name)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that uses the hooks as docs/ci.md shows, their environment already installed."""
    if shutil.which("git") is None:
        pytest.skip("there is no git")
    skip_without_index()
    folder = tmp_path_factory.mktemp("pre-commit")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment = {**outside, "PRE_COMMIT_HOME": str(folder / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}
    hooks = Repository(copy_of_this_repository(folder / "hooks"), environment)
    (folder / "project").mkdir()
    project = Repository(folder / "project", environment)
    configuration = yaml.safe_load(shown("yaml", "repos:"))
    configuration["repos"][0] |= {"repo": str(hooks.path), "rev": hooks.commit_all()}
    (project.path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    project.commit_all()
    installed = project.pre_commit("install-hooks")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return project


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return dict(re.findall(r"^(scrubber check.*?)\.{3,}.*?([A-Z][a-z]+)$", done.stdout, re.MULTILINE))


def test_the_hooks_are_valid(scratch: Repository) -> None:
    manifest = scratch.path.parent / "hooks" / ".pre-commit-hooks.yaml"
    assert scratch.pre_commit("validate-manifest", str(manifest)).returncode == 0


@pytest.fixture
def project(scratch: Repository) -> Repository:
    """The same repository as at first."""
    scratch.git("reset", "--hard", "--quiet")
    return scratch


def test_without_claim_files_nothing_runs(project: Repository) -> None:
    project.put("notes.txt", "ISA is how they begin.\n")
    done = project.pre_commit("run")
    assert (done.returncode, list(outcomes(done).values())) == (0, ["Skipped", "Skipped"])


def test_findings_stop_a_commit(project: Repository) -> None:
    project.put("claims.837", build([BARE]))
    done = project.pre_commit("run")
    assert done.returncode == 1
    assert outcomes(done) == {"scrubber check": "Failed", "scrubber check --expect": "Skipped"}
    assert "JWJZ01" in done.stdout


def test_expected_findings_do_not_but_differences_do(project: Repository) -> None:
    project.put("tests/with a space.837", build([BARE]))
    project.put("tests/with a space.837.expected", AS_IT_IS)
    done = project.pre_commit("run")
    assert done.returncode == 0
    assert outcomes(done) == {"scrubber check": "Skipped", "scrubber check --expect": "Passed"}
    project.git("commit", "--quiet", "--message", "a test file")
    project.put("tests/with a space.837.expected", "claim BARE\n")
    done = project.pre_commit("run")
    project.git("reset", "--hard", "--quiet", "HEAD~")
    assert done.returncode == 1
    assert "    unexpected  line 1: reject JWJZ01 at SV101-3" in done.stdout
