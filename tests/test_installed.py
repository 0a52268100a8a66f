"""The scrubber as its users have it: a wheel in an environment of its own, among files of theirs named as ours are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from scrubber.testing import build, infusion_claim, with_line
from tests.ci import built, copy_of_this_repository, skip_without_index
from tests.scrubbing import Run, each

CLAIMS = build([infusion_claim(claim_id="CLEAN"), with_line(infusion_claim(claim_id="BARE"), 1, modifiers=())])
EXPECTED = "claim CLEAN\nclaim BARE\n  line 1: reject JWJZ01 at SV101-3\n"

NOT_OURS = "raise SystemExit('a file of the user was taken for one of the scrubber')\n"
DECOYS = ("edits.py", "edits/__init__.py", "edits/jwjz.py")
"""Files that a user may well have, beside a script, at the root of a project or on PYTHONPATH."""

OWN_EDITS = "LIMIT = 3\n"

SCRIPT = """
import scrubber

with open("claims.837", "rb") as stream:
    for scrubbed in scrubber.scrub(stream):
        print(scrubbed.claim.claim_id, *(finding.code for finding in scrubbed.findings if finding.code == "JWJZ01"))
"""


@attrs.frozen
class Environment:
    """A virtual environment with nothing of this checkout in it but the wheel."""

    path: Path

    def run(self, command: str, *arguments: str, cwd: Path, **variables: str) -> Run:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
        done = subprocess.run(
            [str(self.path / "bin" / command), *arguments],
            cwd=cwd,
            env=inherited | variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A fresh environment that the wheel was installed into, with pytest."""
    skip_without_index()
    folder = tmp_path_factory.mktemp("installed")
    wheel = built(copy_of_this_repository(folder / "source"), "wheel", folder / "wheel")
    made = Environment(folder / "environment")
    subprocess.run([sys.executable, "-m", "venv", str(made.path)], check=True, timeout=120)
    installed = made.run("pip", "install", "--quiet", "--disable-pip-version-check", f"{wheel}[pytest]", cwd=folder)
    assert installed.status == 0, installed.err
    return made


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of a user: claims with what they are expected to give, a script, and decoys."""
    (tmp_path / "claims.837").write_text(CLAIMS)
    (tmp_path / "claims.837.expected").write_text(EXPECTED)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def put(folder: Path, decoy: str) -> None:
    path = folder / decoy
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(NOT_OURS)


@each("decoy", {decoy: decoy for decoy in DECOYS})
def test_files_of_a_user_do_not_get_in_the_way(environment: Environment, project: Path, decoy: str) -> None:
    put(project, decoy)
    on_the_path = {"PYTHONPATH": str(project)}
    checked = environment.run(
        "scrubber", "check", "--select", "JWJZ01", "--format", "json", "claims.837", cwd=project, **on_the_path
    )
    assert (checked.status, checked.err) == (1, "")
    (file,) = json.loads(checked.out)["files"]
    assert [len(claim["findings"]) for claim in file["claims"]] == [0, 1]

    scrubbed = environment.run("python", "script.py", cwd=project)
    assert (scrubbed.out, scrubbed.err) == ("CLEAN\nBARE JWJZ01\n", "")

    (project / "pytest.ini").write_text("[pytest]\npythonpath = .\nscrubber_options = --select JWJZ01\n")
    tested = environment.run("python", "-m", "pytest", "-q", "claims.837", cwd=project)
    assert (tested.status, "3 passed" in tested.out) == (0, True), tested.out + tested.err


def test_a_user_gets_the_edits_of_their_own(environment: Environment, project: Path) -> None:
    (project / "edits.py").write_text(OWN_EDITS)
    (project / "script.py").write_text(f"{SCRIPT}\nimport edits\nprint(edits.LIMIT)\n")
    assert environment.run("python", "script.py", cwd=project).out == "CLEAN\nBARE JWJZ01\n3\n"


def test_the_rest_of_what_it_ships_is_there(environment: Environment, project: Path) -> None:
    """The profiles, the tables, the style and script of the page, the schemas, the guides and their corrections."""
    for profile in ("medicare-ffs", "commercial", "medicaid"):
        out = project / profile
        scrubbed = environment.run(
            *("scrubber", "scrub", "--conformance", "--profile", profile, "--out", str(out), "claims.837"), cwd=project
        )
        assert (scrubbed.status, scrubbed.err) in {(0, ""), (1, "")}
        assert "<style>" in (out / "claims.report.html").read_text("utf-8")
        assert (out / "claims.report.xml").is_file()
    assert environment.run("scrubber", "--version", cwd=project).status == 0
