"""kill -9 before every step of a real process: afterwards all is as if nothing had happened."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import attrs
import pytest

from scrubber.dropfolder.requeue import requeue
from tests.dropfolder.box import QUICK, Box, Hook, broken_file, claims_file

STEPS_TO_START = 14
"""Steps before a watcher takes its first file: it makes the folders and gives a heartbeat."""

Prepare = Callable[[Box], None]


def one_file(box: Box) -> None:
    box.drop("batch.837", claims_file(1, claims=3, rejected=1))


def the_same_content_again(box: Box) -> None:
    box.drop("again.837", claims_file(1, claims=3, rejected=1))


def a_broken_file(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, tries=1)
    box.drop("broken.837", broken_file(3))


def a_file_that_never_closes(box: Box) -> None:
    box.drop("endless.837", claims_file(4)[:-30])
    assert box.once() == 0  # sees it for the first time
    time.sleep(box.settings.close_limit)


def a_file_with_its_marker(box: Box) -> None:
    box.settings = attrs.evolve(QUICK, done_marker=".done")
    box.drop("marked.837.done", b"")
    box.drop("marked.837", claims_file(5))


def a_requeued_file(box: Box) -> None:
    one_file(box)
    assert box.once() == 0
    box.take_clean()
    requeue(box.layout, box.ledger(), "batch.837")


def a_requeued_file_of_the_quarantine(box: Box) -> None:
    a_broken_file(box)
    assert box.once() == 0
    requeue(box.layout, box.ledger(), "broken.837")


SCENES: dict[str, tuple[Prepare, ...]] = {
    "a good file": (one_file,),
    "a duplicate": (one_file, the_same_content_again),
    "a broken file": (a_broken_file,),
    "a file that never closes": (a_file_that_never_closes,),
    "a file with a marker": (a_file_with_its_marker,),
    "a requeued file": (a_requeued_file,),
    "a requeued file of the quarantine": (a_requeued_file_of_the_quarantine,),
}


def scene(folder: Path, prepare: tuple[Prepare, ...]) -> Box:
    """A folder in which all but the last thing has happened."""
    box = Box(folder)
    for number, do in enumerate(prepare):
        if number:
            assert box.once() == 0
            box.take_clean()
        do(box)
    return box


def copied(box: Box, folder: Path) -> Box:
    """The same folder once more."""
    shutil.copytree(box.root, folder)
    return attrs.evolve(box, root=folder, taken=dict(box.taken), opened=[])


def dying_at(step: int, *victims: Callable[[], int], spared: Path | None = None) -> Hook:
    """Kills processes, its own unless others are named, before its step of that number.

    With `spared` only once: that file marks that it was done.
    """
    left = step

    def hook(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0 and not (spared and spared.exists()):
            if spared:
                spared.touch()
            for victim in victims or (os.getpid,):
                os.kill(victim(), signal.SIGKILL)

    return hook


def whole(begun: Box, folder: Path) -> Box:
    """The result if no process is killed."""
    box = copied(begun, folder)
    assert box.once() == 0
    box.take_clean()
    box.assert_tidy()
    return box


@pytest.mark.parametrize("name", SCENES)
def test_a_watcher_killed_at_any_step_loses_and_repeats_nothing(name: str, memory: Path) -> None:
    begun = scene(memory / "begun", SCENES[name])
    expected = whole(begun, memory / "whole").snapshot()
    for step in count(1 if name == "a good file" else STEPS_TO_START):
        box = copied(begun, memory / str(step))
        if box.once(main=dying_at(step)) == 0:
            break
        box.take_clean()
        assert box.after_a_crash() == 0
        box.take_clean()
        assert (step, box.snapshot()) == (step, expected)
        box.assert_tidy()
        shutil.rmtree(box.root)
    assert step > STEPS_TO_START + 10


def test_a_worker_killed_at_any_step_costs_a_try(memory: Path) -> None:
    begun = scene(memory / "begun", SCENES["a good file"])
    expected = whole(begun, memory / "whole").snapshot()
    for step in count(1):
        box = copied(begun, memory / str(step))
        died = box.root / "died"
        process = box.process(worker=dying_at(step, spared=died), once=True)
        assert process.wait() == 0
        if not died.exists():
            break
        assert "the worker process died" in process.log_text()
        assert (step, box.snapshot()) == (step, expected)
        box.assert_tidy()
    assert step > 10


def test_a_worker_killed_at_any_step_with_its_watcher_loses_and_repeats_nothing(memory: Path) -> None:
    begun = scene(memory / "begun", SCENES["a good file"])
    expected = whole(begun, memory / "whole").snapshot()
    for step in count(1):
        box = copied(begun, memory / str(step))
        if box.once(worker=dying_at(step, os.getppid, os.getpid)) == 0:
            break
        box.take_clean()
        assert box.after_a_crash() == 0
        box.take_clean()
        assert (step, box.snapshot()) == (step, expected)
        box.assert_tidy()
    assert step > 10


def test_watchers_killed_again_and_again_at_random_steps_end_up_with_all_done(memory: Path) -> None:
    begun = scene(memory / "begun", (one_file, the_same_content_again))
    a_broken_file(begun)
    begun.drop("other.837", claims_file(6))
    begun.drop("batch.837", claims_file(7))
    expected = whole(begun, memory / "whole").snapshot()
    for seed in range(8):
        box = copied(begun, memory / str(seed))
        chance = random.Random(seed)
        status = box.once(main=dying_at(chance.randint(1, 90)))
        deaths = 0
        while status != 0:
            deaths += 1
            box.take_clean()
            hooks = {"main": dying_at(chance.randint(1, 60))} if deaths < 5 else {}
            status = box.after_a_crash(**hooks)
        box.take_clean()
        assert (seed, box.snapshot()) == (seed, expected)
        box.assert_tidy()
