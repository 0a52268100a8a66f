"""A plug-in may use classes of its own, which other processes do not know. It must not change during a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrubber import RunOptions
from scrubber.running import run
from scrubber.running.executors import Processes
from scrubber.running.failures import WorkerError
from scrubber.running.inputs import Input
from scrubber.testing import build, visit_claim
from tests.running.starting import with_workers
from tests.running.test_dividing import assert_same, divided
from tests.scrubbing import each

OWN_CLASSES = """
from enum import Enum, StrEnum
from scrubber.edit import Finding, NotChecked, {decorator}

class Code(StrEnum):
    OWN = "OWNX01"

class Severity(str, Enum):
    MILD = "warn"

class Text(str):
    pass

class Own(Finding):
    pass

class Undecided(NotChecked):
    pass

def answers(claim):
    yield Own(claim.at("claim_id"), Text("wrong"), Text("mend it"), Severity.MILD, carc=Text("16"), rarc=Text("N56"))
    yield Own(claim.at("claim_id"), Text("bad"), Text("mend it"), claim_status=Text("A3:21"))
    yield Undecided(Text("who knows"))

@{decorator}(Code.OWN, Text("Own"), severity=Severity.MILD, concerns=None, source=Text("a test"), carc=Text("16"))
{function}
"""
DOCUMENTED = '"""What it checks: nothing.\n\n    Why it is denied: it is not.\n\n    How to fix: nothing.\n    """'
EDIT = f"""def own(claim, facts):
    {DOCUMENTED}
    return answers(claim)
"""
FILE_EDIT = f"""def own():
    {DOCUMENTED}
    return lambda claim, facts: answers(claim)
"""


@pytest.mark.slow
@each(
    ("now", "message"),
    {
        "it has changed": ("other", "this worker has other edits, .* must not change while it goes on"),
        "it is gone": (None, "own.py.* must not change while it goes on"),
    },
)
def test_a_plug_in_that_changes_during_a_run_is_one_clear_error(tmp_path: Path, now: str | None, message: str) -> None:
    plug_in, path = tmp_path / "own.py", tmp_path / "some.837"
    text = OWN_CLASSES.format(decorator="edit", function=EDIT)
    plug_in.write_text(text, "utf-8")
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(6)]), "latin-1")
    chosen = RunOptions(edits=[plug_in])
    engine = chosen.engine()
    assert engine.catalogue.sha256  # of the file as it is, as reports begin with it
    if now is None:
        plug_in.unlink()
    else:
        plug_in.write_text(text.replace("wrong", now), "utf-8")
    with Processes(2, fork=False) as executor, pytest.raises(WorkerError, match=message):
        with_workers(executor, chosen, engine)
        run.check(Input(str(path)), engine, [], division=divided(chosen, executor, 2))


@pytest.mark.slow
@each("fork", {"forked": True, "started anew": False})
@each(("decorator", "function"), {"an edit": ("edit", EDIT), "a file edit": ("file_edit", FILE_EDIT)})
def test_an_edit_with_classes_of_its_own(tmp_path: Path, decorator: str, function: str, fork: bool) -> None:
    plug_in, path = tmp_path / "own.py", tmp_path / "some.837"
    plug_in.write_text(OWN_CLASSES.format(decorator=decorator, function=function), "utf-8")
    path.write_text(build([visit_claim("837P", f"V{number}") for number in range(6)]), "latin-1")
    chosen = RunOptions(edits=[plug_in])
    with Processes(2, fork=fork) as executor:
        engine = chosen.engine()
        assert_same(path, engine, chosen, with_workers(executor, chosen, engine), 2)
