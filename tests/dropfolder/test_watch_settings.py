"""Settings: options before the profile's table, before the defaults."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.settings import OPTIONS, Settings, load


def profile(folder: Path, text: str) -> str:
    path = folder / "scrubber.toml"
    path.write_text(text)
    return str(path)


def test_without_options_and_table_all_settings_have_their_defaults() -> None:
    assert load(None, {}) == load("medicare-ffs", {}) == Settings()


def test_a_table_of_the_profile_and_options_on_top(tmp_path: Path) -> None:
    path = profile(
        tmp_path,
        'name = "x"\n[watch]\nsettle = 10\nworkers = 3\nleave = ["*.csv"]\nevents = false\ndone_marker = ".done"\n'
        '[watch.folders]\nclean = "outgoing"\n',
    )
    found = load(path, {"workers": 2})
    assert found == Settings(
        settle=10.0,
        workers=2,
        leave=("*.csv",),
        events=False,
        done_marker=".done",
        folders={"clean": "outgoing"},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[watch]\nsetle = 1", "unknown key in .watch. 'setle'; did you mean settle"),
        ('[watch]\nsettle = "1"', "settle in .watch. must be a number"),
        ("[watch]\nworkers = 1.5", "workers in .watch. must be a whole number"),
        ("[watch]\nevents = 1", "events in .watch. must be true or false"),
        ('[watch]\nleave = "*.csv"', "leave in .watch. must be a list of strings"),
        ("[watch]\nworkers = 0", "workers must be at least 1"),
        ("[watch]\nsettle = nan", "settle must be at least 0"),
        ('[watch.folders]\nclaen = "x"', "unknown folder in .watch.folders. 'claen'; did you mean clean"),
        ("[watch.folders]\nclean = 1", "must be a table of names"),
        ("watch = 1", "watch must be a table"),
        ("[watch", "scrubber.toml: "),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WatchError, match=message):
        load(profile(tmp_path, text), {})


def test_an_option_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(WatchError, match="tries must be at least 1"):
        load(None, {"tries": 0})


def test_every_setting_is_documented() -> None:
    assert {field.name for field in attrs.fields(Settings)} - {field.name for field in OPTIONS} == {"folders", "notify"}
    assert all(field.metadata["meaning"].endswith(".") for field in OPTIONS)
    assert all(field.metadata["unit"] for field in OPTIONS if not isinstance(field.default, bool))
