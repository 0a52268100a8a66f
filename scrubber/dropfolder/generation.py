"""The generation of a drop folder: how many releases it has seen, and which was the last.

It is in the ledger and in a small file beside the clean files. The file is on the disk before a clean file is handed
out. So the watcher recognises a ledger that does not know the last release, such as a restored backup or a copy. With
such a ledger, files would be released twice.
"""

from __future__ import annotations

import json
from pathlib import Path

from scrubber.dropfolder import effects, names
from scrubber.dropfolder.database import NO_RELEASE, Generation
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.dropfolder.ledger import Ledger
from scrubber.side_files.plain_text import content_of, of_json

FILE_NAME = ".scrubber-watch.generation.json"


def read(layout: Layout) -> Generation:
    """The generation of a drop folder; a new one has none. Raises `OSError` and `WatchError`."""
    path = layout["staging"].parent / FILE_NAME
    try:
        written = of_json(content_of(path))
        return Generation(int(written["releases"]), str(written["last"]))
    except FileNotFoundError:
        return NO_RELEASE
    except (ValueError, KeyError, TypeError) as error:
        raise WatchError(f"{path} is damaged: {rebuild_hint(layout.root)}") from error


def publish(layout: Layout, ledger: Ledger) -> None:
    """Write the ledger's generation into the folder, before a release is carried out. Raises `OSError`."""
    folder = layout["staging"].parent
    with ledger.holding_generation() as generation:  # so that another watcher's newer one is not overwritten
        content = {"releases": generation.releases, "last": generation.last}
        effects.replace(folder / FILE_NAME, (json.dumps(content) + "\n").encode())
        effects.sync(folder)


def check(layout: Layout, ledger: Ledger) -> None:
    """Raises `WatchError` where the ledger does not know the last release, and `OSError`."""
    known, seen = read(layout), ledger.generation()
    if known.releases > seen.releases:
        missing = known.releases - seen.releases
        raise WatchError(f"{_older(ledger)}: it does not know the last {missing} releases; {rebuild_hint(layout.root)}")
    if known.releases == seen.releases and known.last != seen.last:
        raise WatchError(f"{_older(ledger)}: it does not know the last release; {rebuild_hint(layout.root)}")


def check_archive(layout: Layout, ledger: Ledger) -> None:
    """Raises `WatchError` where the archive has a file that the ledger does not know, and `OSError`.

    So an older ledger is found even if the file with the generation is as old.
    """
    found = {path.name for path in layout["archive"].iterdir() if not path.name.startswith(".") and path.is_file()}
    known = ledger.archived_names()  # read after the listing, so that newer files are known
    unknown = {name for name in found - known if Path(name).stem not in known and not name.endswith(names.REASON)}
    if unknown:
        count = f"{len(unknown)} file{'s' if len(unknown) > 1 else ''}"
        raise WatchError(
            f"{_older(ledger)}: it does not know {count} in {layout['archive']}; {rebuild_hint(layout.root)}"
        )


def rebuild_hint(root: Path) -> str:
    """What to do about a lost ledger."""
    return f"stop all watchers, then rebuild the ledger from the archive with: scrubber watch rebuild {root}"


def _older(ledger: Ledger) -> str:
    return f"the ledger {ledger.path} is older than its folder, or a copy"
