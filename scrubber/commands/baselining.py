"""`scrubber check --baseline`: reads known findings, and writes them with `--update`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrubber.commands.console import Refused, complain, refusing

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine
    from scrubber.running.baseline import Baseline


def baseline_of(path: Path, engine: Engine, *, conformance: bool, update: bool) -> Baseline:
    """The baseline in a file. Raises `Refused`."""
    from scrubber.engine.scrubbing import runs
    from scrubber.running import baseline

    try:
        return baseline.load(path, lambda code: runs(engine, code, conformance=conformance), update=update)
    except baseline.BaselineError as error:
        raise Refused(str(error)) from error


def conclude(baseline: Baseline) -> None:
    """Write the baseline if asked to. Report its changes on standard error."""
    with refusing(str(baseline.path)):
        baseline.close()
    change = baseline.change
    if baseline.update:
        complain(f"{baseline.path}: known findings: {change.findings}, new: {change.new}, removed: {change.gone}")
    elif change.gone:
        complain(f"{baseline.path}: known findings that are gone: {change.gone} (--update removes them)")
