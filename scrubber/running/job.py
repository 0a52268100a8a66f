"""A job: what is done with the ranges of a file, in any process. Its folder holds what processes hand to each other.

Ranges are written there for the workers, and the workers write their fragments there, under the numbers of the ranges.
Nobody else can read the folder, as its files hold patient data.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import attrs

from scrubber.engine.ranges import Range
from scrubber.engine.suppressions import Standing, Suppression
from scrubber.outputs.files import owner_only
from scrubber.outputs.report import Options
from scrubber.outputs.summary import Summary
from scrubber.running.baseline import Baseline
from scrubber.running.options import RunOptions
from scrubber.x12.bounded import Errors
from scrubber.x12.prescan import Prescan

_JOB = "job"


class Form(NamedTuple):
    """A report that a run writes: its format, its options, and which of its files this is, from 1."""

    name: str
    options: Options
    number: int


@attrs.frozen(eq=False)
class Job:
    """What is done with the ranges of one file. It can be pickled. Two jobs are equal if they have the same folder.

    `rules` is the fingerprint that the engine of `options` must have. `name` is the file's name in reports. With
    `written`, 837 files and answers are written beside the reports. With `entered`, claims go into the history.
    Fragments go to `folder`. With `ahead`, at most so many ranges are there at a time, and their files are used again,
    which is quicker than new ones. This needs workers that do not write any more when their range is given to another.
    """

    folder: str
    options: RunOptions
    rules: str
    name: str
    scan: Prescan
    conformance: bool
    forms: tuple[Form, ...]
    baseline: Baseline | None
    written: bool
    entered: bool
    ahead: int | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def write(self) -> None:
        """Write the job into its folder, for workers. Raises `OSError`."""
        _write(Path(self.folder, _JOB), self)

    def write_range(self, given: Range) -> None:
        """Write a range, for a worker. Raises `OSError`."""
        _write(self._range_path(given.number), given, over=self.ahead is not None)

    def read_range(self, number: int) -> Range:
        """A range that was written. It stays in the folder, as it may be done again. Raises `OSError`."""
        given: Range = _read(self._range_path(number))
        return given

    def write_fragment(self, number: int, fragment: Fragment) -> None:
        """Write the fragment of a range. Raises `OSError`.

        It gets its name when it is complete, unless files are used again: then a message says that it is complete.
        """
        if self.ahead is not None:
            _write(self._fragment_path(number), fragment, over=True)
            return
        partial = Path(self.folder, f"{number}.{os.getpid()}")
        _write(partial, fragment)
        partial.replace(self._fragment_path(number))

    def take_fragment(self, number: int) -> Fragment:
        """The fragment of a range. All files of the range may be removed or used again. Raises `OSError`."""
        path = self._fragment_path(number)
        fragment: Fragment = _read(path)
        if self.ahead is None:
            path.unlink()
            self._range_path(number).unlink(missing_ok=True)
        return fragment

    def _range_path(self, number: int) -> Path:
        return Path(self.folder, f"{self._slot(number)}.range")

    def _fragment_path(self, number: int) -> Path:
        return Path(self.folder, str(self._slot(number)))

    def _slot(self, number: int) -> int:
        return number % self.ahead if self.ahead else number


class Fragment(NamedTuple):
    """The outputs of a range.

    `digests` has for each sink what it needs of each claim. `guide` are the faults against the guide outside of claims.
    `standings` says which suppressions took effect. `parts` are the counts of each report, and `texts` what it wrote.
    `known` is the part of the baseline, `None` without one.
    """

    digests: Sequence[Sequence[Any]]
    guide: Errors
    summary: Summary
    standings: dict[Suppression, Standing]
    parts: Sequence[Any]
    texts: Sequence[str | bytes]
    known: Any


def read_job(folder: str) -> Job:
    """The job in a folder. Raises `OSError`."""
    job: Job = _read(Path(folder, _JOB))
    return job


def _write(path: Path, what: Job | Range | Fragment, *, over: bool = False) -> None:
    with owner_only(path, over=over) as out:
        pickle.dump(what, out, pickle.HIGHEST_PROTOCOL)


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        return pickle.load(file)  # noqa: S301 - in a folder that nobody else can write into
