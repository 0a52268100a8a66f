"""The package itself: what a program finds in it, loaded once it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import scrubber


def test_all_its_names_are_there() -> None:
    for name in scrubber.__all__:
        assert callable(getattr(scrubber, name))


def test_a_name_that_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'read_claim'"):
        scrubber.read_claim  # noqa: B018


def test_to_import_it_loads_nothing_else() -> None:
    program = "import scrubber, sys; print([name for name in sys.modules if name.startswith(('scrubber.', 'attr'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
