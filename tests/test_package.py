"""The public surface: the names that the package exports, each with its type, loaded when it is first asked for."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import scrubber
from scrubber.testing import build, infusion_claim, with_line
from tests.scrubbing import ROOT, each


def python(program: str) -> str:
    """What a program prints that has just been started."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=ROOT).stdout


def test_all_its_names_are_there_and_no_others() -> None:
    assert list(scrubber.__all__) == sorted(scrubber.__all__)
    for name in scrubber.__all__:
        assert callable(getattr(scrubber, name)) or name == "__version__"
    others = {name: value for name, value in vars(scrubber).items() if name not in scrubber.__all__}
    public = [name for name, value in others.items() if not name.startswith("_") and not isinstance(value, ModuleType)]
    assert public == ["TYPE_CHECKING"]  # which type checkers know by its name
    assert {name for name in dir(scrubber) if not name.startswith("__")} | {"__version__"} == set(scrubber.__all__)


def test_the_version_is_that_of_the_package() -> None:
    assert scrubber.__version__ == scrubber.version()


def test_a_name_that_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'read_claim'"):
        scrubber.read_claim  # type: ignore[attr-defined]  # noqa: B018


def test_to_import_it_loads_nothing_else() -> None:
    program = "import scrubber, sys; print([name for name in sys.modules if name.startswith(('scrubber.', 'attr'))])"
    assert python(program) == "[]\n"


@each(
    "program",
    {
        "the decorator alone": "from scrubber import edit, finding",
        "the module first": "import scrubber.edit; from scrubber import edit, finding",
        "from the module": "from scrubber.edit import edit, finding",
        "by attribute": "import scrubber; edit, finding = scrubber.edit, scrubber.finding",
    },
)
def test_an_edit_can_be_declared_whichever_way_the_decorator_is_imported(program: str) -> None:
    declared = (
        "\ndef check(claim, facts):\n    return ()\n"
        "check.__doc__ = 'What it checks: a\\n\\nWhy it is denied: b\\n\\nHow to fix: c'\n"
        "made = edit('TEST01', 'A test', severity='warn', concerns=None, source='a test')(check)\n"
        "import scrubber; print(made.code, isinstance(made, scrubber.Edit), scrubber.edit.Edit is scrubber.Edit)"
    )
    assert python(program + declared) == "TEST01 True True\n"


TYPED = """
import io

import scrubber
from scrubber import Claim, Facts, RunOptions, edit, finding
from scrubber.edit import Results

@edit("TEST01", "A test", severity="warn", concerns=None, source="a test")
def check(claim: Claim, facts: Facts) -> Results:
    yield finding(claim.at("claim_id"), "a message", "a fix")

for scrubbed in scrubber.scrub(io.BytesIO(), options=RunOptions(profile="medicaid", select=["JWJZ"])):
    number: int = scrubbed.ordinal
    line: int | None = scrubbed.claim.lines[0].number
released: str = scrubber.__version__
"""
MISSPELT = """
import scrubber
from scrubber import ServiceLines

scrubber.read_claim
for scrubbed in scrubber.scrub(open("x", "rb")):
    scrubbed.disposal
"""


def checked(source: str, folder: Path) -> str:
    """What mypy says of a program."""
    path = folder / "program.py"
    path.write_text(source)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, cwd=ROOT).stdout


def test_its_names_have_types(tmp_path: Path) -> None:
    assert checked(TYPED, tmp_path).startswith("Success")


def test_a_misspelt_name_is_found_by_a_type_checker(tmp_path: Path) -> None:
    told = checked(MISSPELT, tmp_path)
    for wrong in ('"ServiceLines"', '"read_claim"', '"disposal"'):
        assert wrong in told


PLANTED = (
    "PLANTEDSURNAME",
    "PLANTEDGIVEN",
    "PLANTEDMEMBER",
    "19510203",
    "PLANTEDCLAIM",
    "PLANTEDNOTE",
    "PLANTEDCONTROL",
)


def test_no_representation_shows_patient_data() -> None:
    claim = infusion_claim(
        claim_id="PLANTEDCLAIM",
        member_id="PLANTEDMEMBER",
        birth_date="19510203",
        note="PLANTEDNOTE",
        dependent=True,
        extra=("REF*EA*PLANTEDMEMBER",),
    )
    text = build([with_line(claim, 1, control_number="PLANTEDCONTROL", modifiers=())])
    text = re.sub(r"NM1\*(IL|QC)\*1\*\w+\*\w+", r"NM1*\1*1*PLANTEDSURNAME*PLANTEDGIVEN", text)
    assert all(name in text for name in PLANTED)
    scrubbed = next(scrubber.scrub(io.BytesIO(text.encode())))
    read = scrubbed.claim
    assert scrubbed.findings
    shown = [
        scrubbed,
        read,
        read.event,
        read.piece,
        read.span,
        read.context,
        *read.context,
        *read.lines,
        *read.providers,
        *read.diagnoses,
        *scrubbed.findings,
        *(finding.location for finding in scrubbed.findings),
        *scrubbed.not_checked,
        read.at("claim_id"),
        read.lines[0].at("line_control_number"),
        read.answers,
    ]
    for one in shown:
        for name in PLANTED:
            assert name not in repr(one), type(one)
            assert name not in str(one), type(one)
