"""The start and the end of the service, in the process of the caller."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from scrubber.cli import main

pytest.importorskip("uvicorn")


def test_a_service_that_does_not_start_leaves_the_umask_of_its_caller(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        arguments = ["serve", "--port", "0", "--state", str(tmp_path / "state"), "--profile", "no-such-profile"]
        assert CliRunner().invoke(main, arguments).exit_code == 2
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
