"""The table `defaults` of a profile, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from scrubber.commands.checking import check
from scrubber.engine import profile
from scrubber.engine.defaults import FAIL_ON, defaults
from scrubber.engine.profile import ProfileError
from tests.scrubbing import each, installed


def test_defaults_of_a_profile() -> None:
    assert defaults({"defaults": {"fail_on": "warn", "conformance": False}}) == {
        "fail_on": "warn",
        "conformance": False,
    }
    assert defaults({"name": "house"}) == {}


@each(
    ("text", "message"),
    {
        "no table": ("defaults = 1", "defaults must be a table"),
        "unknown key": ('[defaults]\nfail_onn = "warn"', "unknown key in [defaults] 'fail_onn'; did you mean fail_on?"),
        "unknown value": ('[defaults]\nfail_on = "warning"', "unknown fail_on 'warning'; did you mean warn?"),
        "no number": ('[defaults]\njobs = "all"', "jobs must be a number from 1"),
        "no processes": ("[defaults]\njobs = 0", "jobs must be a number from 1"),
        "no switch": ('[defaults]\nconformance = "no"', "conformance must be true or false"),
    },
)
def test_what_is_wrong_is_refused_wherever_the_profile_is_read(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "scrubber.toml"
    path.write_text(text)
    with pytest.raises(ProfileError) as refused:
        profile.load(str(path), installed())
    assert str(refused.value) == f"{path}: {message}"


def test_the_values_are_those_of_the_option() -> None:
    (option,) = (option for option in check.params if option.name == "fail_on")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == FAIL_ON
