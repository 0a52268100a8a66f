"""`scrubber simulate` as a process: what it writes, prints and refuses."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from scrubber.testing import build, infusion_claim, with_line
from tests.outputs.acknowledgements.answers import assert_valid
from tests.scrubbing import run

GOOD = infusion_claim("837P", "GOOD")
NO_MODIFIER = with_line(infusion_claim("837P", "NO-JZ"), 1, modifiers=())
WRONG_GUIDE = with_line(infusion_claim("837P", "GUIDE"), 1, modifiers=("XXX",))


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_answers_of_a_file(tmp_path: Path) -> None:
    path, out = write(tmp_path, "day.837", build([GOOD, NO_MODIFIER, WRONG_GUIDE])), tmp_path / "out"
    done = run("simulate", path, "--out", out)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"{path}: 3 claims, 1 paid, 1 paid in part, 0 denied, 1 refused, $5,160.00; wrote day.999, day.277ca, day.835\n"
    )
    assert {written.name for written in out.iterdir()} == {"day.999", "day.277ca", "day.835"}
    for written in out.iterdir():
        assert_valid(written.read_bytes())
        assert stat.S_IMODE(written.stat().st_mode) == 0o600
    before = {written.name: written.read_bytes() for written in out.iterdir()}
    run("simulate", path, "--out", out)
    assert {written.name: written.read_bytes() for written in out.iterdir()} == before


def test_a_production_file_is_answered_as_a_test(tmp_path: Path) -> None:
    path = write(tmp_path, "day.837", build([GOOD]).replace("*0*T*:", "*0*P*:"))
    run("simulate", path, "--out", tmp_path)
    for suffix in ("999", "277ca", "835"):
        assert "*0*T*:" in (tmp_path / f"day.{suffix}").read_text()[:106]


def test_an_answer_of_an_earlier_run_is_not_taken_for_one_of_this(tmp_path: Path) -> None:
    run("simulate", write(tmp_path, "day.837", build([GOOD])), "--out", tmp_path)
    broken = run("simulate", write(tmp_path, "day.837", build([GOOD]).replace("SE*", "SE*9")), "--out", tmp_path)
    assert broken.status == 2
    assert {path.name for path in tmp_path.iterdir()} == {"day.837", "day.999"}
    assert run("simulate", write(tmp_path, "day.837", "no claims"), "--out", tmp_path).status == 2
    assert {path.name for path in tmp_path.iterdir()} == {"day.837"}


def test_answers_name_claims_so_names_cannot_be_hidden(tmp_path: Path) -> None:
    path = write(tmp_path, "day.837", build([GOOD]))
    refused = run("simulate", path, "--out", tmp_path, "--no-phi", path).err
    assert re.search(r"No such option:? '?--no-phi", refused)  # with a colon in click 8.2


def test_an_input_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    first, second = (write(folder, "day.837", build([GOOD])) for folder in (tmp_path, tmp_path / "in"))
    refused = run("simulate", first, second, "--out", tmp_path / "out")
    assert refused.status == 2
    assert "would write the same files" in refused.err
