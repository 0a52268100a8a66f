"""The scrubber finds in each committed fixture exactly what was written down for it by hand, no more and no less."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrubber.expectations.comparison import Judge, compared, stated
from scrubber.running.inputs import Input
from tests.scrubbing import FIXTURES, engine

FILES = sorted(FIXTURES.glob("*.837"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_findings_are_those_expected(path: Path) -> None:
    assert compared(Input(str(path)), Judge(engine())).differing == ()


def test_every_code_that_is_expected_anywhere_is_in_the_catalogue() -> None:
    assert all(stated(path, Judge(engine())) for path in FILES)
