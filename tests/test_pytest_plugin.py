"""The pytest plugin, in real runs of pytest over a scratch folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scrubber.testing import build, infusion_claim, with_line
from tests.ci import shown
from tests.processes import forked, fresh
from tests.scrubbing import Run, each

CLEAN = infusion_claim(claim_id="PRIVATE-1")
BARE = with_line(infusion_claim(claim_id="PRIVATE-2"), 1, modifiers=())
AS_IT_IS = "claim PRIVATE-1\nclaim PRIVATE-2\n  line 1: reject JWJZ01 at SV101-3\n"
DIFFERENT = "error READ29\nclaim PRIVATE-2\n  line 1: warn JWJZ01 at SV101-3\nclaim PRIVATE-1\nclaim PRIVATE-3\n"


def put(folder: Path, sidecar: str | None, name: str = "claims.837") -> Path:
    path = folder / name
    path.write_text(build([CLEAN, BARE]))
    if sidecar is not None:
        path.with_name(f"{name}.expected").write_text(sidecar)
    return path


def pytest_run(
    folder: Path,
    *arguments: str,
    ini: str = "[pytest]\nscrubber_options = --select JWJZ01\n",
    cwd: str = ".",
    as_users_do: bool = False,
) -> Run:
    """A run of pytest without the plugins of others; `as_users_do`, with them and in a new interpreter."""
    (folder / "pytest.ini").write_text(ini)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    arguments = ("-p", "no:cacheprovider", *arguments)
    if as_users_do:
        return fresh(arguments, cwd=folder / cwd, program="pytest", environment=environment)
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return forked(("-p", "scrubber", *arguments), cwd=folder / cwd, program="pytest", environment=environment)


@pytest.mark.parametrize("as_users_do", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_file_and_each_of_its_claims_are_tests(tmp_path: Path, as_users_do: bool) -> None:
    put(tmp_path, AS_IT_IS)
    put(tmp_path, None, "no-sidecar.837")
    put(tmp_path, AS_IT_IS, "claims.x12")
    report = pytest_run(tmp_path, "-v", as_users_do=as_users_do)
    assert report.status == 0
    assert [row.split()[0:3] for row in report.out.splitlines() if "PASSED" in row] == [
        ["claims.837::file", "PASSED", "["],
        ["claims.837::claim", "1", "PASSED"],
        ["claims.837::claim", "2", "PASSED"],
    ]
    assert "PRIVATE" not in report.out


def test_differences_fail_as_the_command_prints_them(tmp_path: Path) -> None:
    put(tmp_path, DIFFERENT)
    report = pytest_run(tmp_path, "-q")
    assert report.status == 1
    assert "  missing     error READ29\nclaim of line 5\n  missing     the claim itself\n" in report.out
    assert (
        "  missing     line 1: warn JWJZ01 at SV101-3\n"
        "  unexpected  line 1: reject JWJZ01 at SV101-3\n"
        "              J0490 comes in single-dose vials and has neither JW nor JZ\n"
    ) in report.out
    assert report.out.endswith("2 failed, 1 passed in " + report.out.rpartition(" in ")[2])
    assert "PRIVATE" not in report.out
    assert "Traceback" not in report.out + report.err


def test_ids_are_shown_where_more_is_asked_for(tmp_path: Path) -> None:
    put(tmp_path, DIFFERENT)
    report = pytest_run(tmp_path, "-v", "claims.837::claim 2")
    assert "claim 2  PRIVATE-2\n  missing     line 1: " in report.out
    assert "1 failed" in report.out


def test_an_update_writes_the_sidecars_that_differ(tmp_path: Path) -> None:
    put(tmp_path, DIFFERENT)
    put(tmp_path, f"# as it is\n{AS_IT_IS}", "same.837")
    put(tmp_path, None, "no-sidecar.837")
    report = pytest_run(tmp_path, "--scrubber-update")
    assert report.status == 0
    assert [row for row in report.out.splitlines() if row.startswith("scrubber")] == [
        f"scrubber: {tmp_path / 'claims.837.expected'}: written"
    ]
    assert (tmp_path / "claims.837.expected").read_text() == AS_IT_IS
    assert (tmp_path / "same.837.expected").read_text() == f"# as it is\n{AS_IT_IS}"
    assert not (tmp_path / "no-sidecar.837.expected").exists()
    assert pytest_run(tmp_path).status == 0


def test_an_update_from_several_processes_is_refused(tmp_path: Path) -> None:
    put(tmp_path, DIFFERENT)
    option_of_xdist = "def pytest_addoption(parser):\n    parser.addoption('--numprocesses', type=int)\n"
    (tmp_path / "conftest.py").write_text(option_of_xdist)
    report = pytest_run(tmp_path, "--numprocesses", "2", "--scrubber-update")
    assert report.status == 4
    assert report.err == "ERROR: --scrubber-update writes sidecars: run it in one process, with -n 0\n\n"
    assert (tmp_path / "claims.837.expected").read_text() == DIFFERENT


def test_the_configuration_of_the_documentation(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    sidecar = "claim PRIVATE-1\nclaim PRIVATE-2\n  line 1: info JWJZ01 at SV101-3\n"
    put(tmp_path / "tests", sidecar, "claims.x12")
    (tmp_path / "house.toml").write_text('[severity]\nJWJZ01 = "info"\n')
    report = pytest_run(tmp_path, "-q", ini=shown("ini"), cwd="tests")
    assert (report.status, "3 passed" in report.out) == (0, True), report.out


@each(
    ("options", "sidecar", "message"),
    {
        "an option of reports": ("--format junit", AS_IT_IS, "No such option"),
        "an unknown edit": ("--select JWJX01", AS_IT_IS, "unknown edit 'JWJX01'; did you mean JWJZ01?"),
        "a sidecar": ("", "clam A\n", "claims.837.expected:1: 'clam' is not understood; did you mean claim?"),
        "a code in it": ("", "claim A\nnot checked X\n", "claims.837.expected:2: unknown code X"),
    },
)
def test_what_cannot_be_used_is_reported_in_one_line(tmp_path: Path, options: str, sidecar: str, message: str) -> None:
    put(tmp_path, sidecar)
    report = pytest_run(tmp_path, ini=f"[pytest]\nscrubber_options = {options}\n")
    assert report.status == 2
    assert message in report.out
    assert "Traceback" not in report.out + report.err


def test_a_file_that_is_broken_on_purpose(tmp_path: Path) -> None:
    (tmp_path / "empty.837").write_text("")
    (tmp_path / "empty.837.expected").write_text("error READ20\n")
    report = pytest_run(tmp_path)
    assert (report.status, "1 passed" in report.out) == (0, True)


@pytest.mark.slow
def test_a_run_without_test_claim_files_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n\n\ndef test_nothing():\n"
        "    loaded = {name for name in sys.modules if name.partition('.')[0] in ('scrubber', 'pyx12', 'click')}\n"
        "    assert loaded <= {'scrubber', 'scrubber.pytest_plugin'}\n"
        "    assert 'scrubber.pytest_plugin' in loaded\n"
    )
    report = pytest_run(tmp_path, as_users_do=True)
    assert (report.status, "1 passed" in report.out) == (0, True), report.out


def test_a_scrubber_toml_next_to_the_configuration_is_the_profile(tmp_path: Path) -> None:
    put(tmp_path, "claim PRIVATE-1\nclaim PRIVATE-2\n  line 1: info JWJZ01 at SV101-3\n")
    (tmp_path / "scrubber.toml").write_text('[severity]\nJWJZ01 = "info"\n')
    (tmp_path / "deep").mkdir()
    found = pytest_run(tmp_path, "..", cwd="deep")
    assert found.status == 0
    assert "scrubber: test claim files were judged by the profile scrubber.toml\n" in found.out
    without = pytest_run(tmp_path, ini="[pytest]\nscrubber_options = --select JWJZ01 --no-config\n")
    assert without.status == 1
    assert "profile" not in without.out
