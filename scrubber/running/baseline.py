"""The baseline: known findings on test files. They do not count, so only new findings do.

It is a text file of sorted JSON lines with one finding in each. It names claims only by their hash:

    {"file": "claims/day.837", "claim_sha256": "5f1c…", "code": "JWJZ01", "service_line": 1, "element": "SV101-3"}

A finding is known on the same claim in any file. `file` is a path from the baseline's folder. When a run
reads that file, findings that are gone are removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import attrs

from scrubber.edit import Finding
from scrubber.engine.codes import CRASHED
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import claim_sha256
from scrubber.outputs.files import new_text_file
from scrubber.outputs.lines import STANDARD_INPUT
from scrubber.outputs.summary import Summary
from scrubber.side_files.plain_text import content_of, of_json
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan


class BaselineError(Exception):
    """A baseline that cannot be used. The message is one line that names the file and its line."""


class Known(NamedTuple):
    """A known finding, in any file with its claim."""

    claim_sha256: str
    code: str
    service_line: int | None
    element: str


@attrs.frozen
class BaselineChange:
    """The change of a baseline by a run: the numbers of findings afterwards, of new and of gone ones."""

    findings: int
    new: int
    gone: int


class Baseline:
    """A baseline in a run. It covers known findings. It is also a report, to see which known findings are still there.

    With `update` it covers all findings, and `close` writes them. Known findings stay if their file is not in the run
    or cannot be read to its end, or if the run does not run their code. They also stay if an edit in shadow still finds
    them.
    """

    def __init__(
        self, path: Path, runs: Callable[[str], bool], known: Iterable[tuple[str, Known]] = (), *, update: bool = False
    ) -> None:
        self.path = path
        self.update = update
        self._runs = runs
        self._before = set(known)
        self._known = {item for _, item in self._before}
        self._found: set[tuple[str, Known]] = set()
        self._files: set[str] = set()
        self._file = ""

    def covers(self, claim: str, finding: Finding) -> bool:
        """Whether a finding on the claim with a SHA-256 is known. A failed edit is never known: it did not decide."""
        if self.update:
            return finding.code != CRASHED
        return _known(claim, finding) in self._known

    def begin_file(self, path: str, _: Prescan) -> None:
        """Start a file; `path` as the user gave it."""
        self._file = self._named(path)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take one claim."""
        covered = [item.finding for item in scrubbed.suppressed if item.by is None]
        if covered or scrubbed.shadow:
            sha256 = claim_sha256(scrubbed.claim)
            there = {_known(sha256, finding) for finding in covered}
            there |= self._known & {_known(sha256, finding) for finding in scrubbed.shadow}
            self._found.update((self._file, item) for item in there)

    def end_file(self, scan: Prescan, _: Summary, notices: Sequence[LocatedError] = ()) -> None:  # noqa: ARG002
        """End the file."""
        if scan.readable:
            self._files.add(self._file)

    def for_parts(self) -> Baseline:
        """The same findings, to take parts of files in another process: it can be pickled, and is not written."""
        return Baseline(self.path, _runs_any, self._before, update=self.update)

    def begin_part(self, path: str, scan: Prescan, _: int) -> None:
        """Start a part of a file, see `Divisible`."""
        self.begin_file(path, scan)

    def part(self) -> set[tuple[str, Known]]:
        """What was found so far, see `Divisible`."""
        found, self._found = self._found, set()
        return found

    def join(self, _: object, part: set[tuple[str, Known]]) -> None:
        """Take what was found in the next part, see `Divisible`."""
        self._found |= part

    @property
    def change(self) -> BaselineChange:
        """The change that the run makes, or without `update` would make."""
        after = self._after
        return BaselineChange(len(after), len(after - self._before), len(self._before - after))

    def close(self) -> None:
        """Write the file with `update`. Raises `OSError`."""
        if self.update:
            with new_text_file(self.path) as out:
                for file, item in sorted(self._after, key=_order):
                    out.write(json.dumps({"file": file, **item._asdict()}) + "\n")

    @property
    def _after(self) -> set[tuple[str, Known]]:
        return self._found | {
            (file, item) for file, item in self._before if file not in self._files or not self._runs(item.code)
        }

    def _named(self, path: str) -> str:
        """The file's path from the baseline's folder, so that a run may start in any folder."""
        if path == STANDARD_INPUT:
            return path
        return Path(os.path.relpath(Path(path).resolve(), self.path.resolve().parent)).as_posix()


def _runs_any(_: str) -> bool:
    return True


def load(path: Path, runs: Callable[[str], bool], *, update: bool) -> Baseline:
    """The baseline in a file, for a run of the codes for which `runs` is true. Raises `BaselineError`.

    With `update` the file may be missing.
    """
    try:
        lines = content_of(path).decode("utf-8").splitlines()
    except FileNotFoundError as error:
        if update:
            return Baseline(path, runs, update=True)
        raise BaselineError(f"{path}: {error.strerror}; --update writes it") from error
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BaselineError(f"{path}: {error}") from error
    return Baseline(path, runs, [_read(path, number, line) for number, line in enumerate(lines, 1)], update=update)


def _read(path: Path, number: int, line: str) -> tuple[str, Known]:
    try:
        entry = of_json(line)
    except ValueError as error:
        raise BaselineError(f"{path}: line {number} is not JSON") from error
    match entry:
        case {
            "file": str(file),
            "claim_sha256": str(claim),
            "code": str(code),
            "service_line": int() | None as service_line,
            "element": str(element),
        }:
            return file, Known(claim, code, service_line, element)
    raise BaselineError(f"{path}: line {number} is not a line of a baseline")


def _known(claim: str, finding: Finding) -> Known:
    return Known(claim, finding.code, finding.location.service_line, finding.location.element)


def _order(entry: tuple[str, Known]) -> tuple[str, str, int, str, str]:
    file, item = entry
    return file, item.claim_sha256, item.service_line or 0, item.element, item.code
