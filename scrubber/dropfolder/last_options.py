"""The options of the last watcher, as its ledger stores them. `release-held` judges by them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.ledger import Ledger
from scrubber.running.options import RunOptions

_NAME = "options"


def store(ledger: Ledger, options: RunOptions) -> None:
    """Store the options. Paths become absolute, since the next command may run elsewhere. A key stays in its file."""
    given = {field.name: _absolute(getattr(options, field.name)) for field in attrs.fields(RunOptions)}
    record: dict[str, Any] = RunOptions(**given).chosen()
    ledger.store(**{_NAME: {**record, "key": given["key"] and str(given["key"])}})


def options(ledger: Ledger) -> RunOptions:
    """The stored options. Raises `WatchError` where no watcher of this version has stored any."""
    record = ledger.stored(_NAME)
    if record is None:
        raise WatchError("the ledger does not know the options of the watcher: start the watcher once")
    try:
        return RunOptions.of_record(record, record["key"] and Path(record["key"]))
    except (KeyError, TypeError, ValueError) as error:
        raise WatchError("the ledger has options of another version: start the watcher once") from error


def _absolute(given: Any) -> Any:
    """Paths as absolute ones; a text is a path if it names a file, as the name of a profile may."""
    if isinstance(given, tuple):
        return tuple(_absolute(item) if isinstance(item, Path) else item for item in given)
    if isinstance(given, Path) or (isinstance(given, str) and Path(given).is_file()):
        path = Path(given).absolute()
        return path if isinstance(given, Path) else str(path)
    return given
