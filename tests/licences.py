"""The licences of all packages that the scrubber needs at run time, as their metadata say.

python -m tests.licences > docs/dependencies.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement

OWN = "claim-scrubber"
EXTRAS = ("arrow", "pytest", "serve", "watch")
"""The extras that somebody runs; `ray` brings packages of its own and is not listed."""
FAMILIES: Mapping[str, str] = {
    "MIT": r"MIT",
    "BSD": r"BSD",
    "Apache-2.0": r"Apache",
    "MPL-2.0": r"MPL|Mozilla",
    "PSF-2.0": r"PSF|Python Software Foundation",
    "ISC": r"ISC",
}
"""Licences that may be used beside MIT, by what metadata call them."""

HEAD = """# What the scrubber needs

All packages that an installation with the extras serve, watch, arrow and pytest brings, and their licences. This page
is written by `python -m tests.licences > docs/dependencies.md`; a test fails when it is out of date, or when a
package has a licence that is not among those that are used here.

| package | licence |
|---|---|
"""


def _of(name: str, extras: Iterable[str] = ()) -> frozenset[str]:
    """What a package needs on this system; nothing where it is not installed."""
    try:
        rows = [*map(Requirement, distribution(name).requires or [])]
    except PackageNotFoundError:
        return frozenset()
    chosen = [{"extra": extra} for extra in ("", *extras)]
    wanted = [row.name for row in rows if row.marker is None or any(map(row.marker.evaluate, chosen))]
    return frozenset(re.sub(r"[-_.]+", "-", row).lower() for row in wanted)


def direct() -> frozenset[str]:
    """What the scrubber itself names."""
    return _of(OWN, EXTRAS)


def needed() -> Sequence[str]:
    """The names of the packages, each once."""
    seen: set[str] = set()
    waiting = [*direct()]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _of(name)
    return sorted(seen)


def licence(name: str) -> str:
    """The licence of an installed package as one of `FAMILIES`, or what its metadata say."""
    metadata = distribution(name).metadata
    classifiers = [item for item in metadata.get_all("Classifier") or [] if item.startswith("License ::")]
    named = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or [])]
    said = " ".join([*classifiers, *(text[:80] for text in named)])
    found = [family for family, pattern in FAMILIES.items() if re.search(pattern, said)]
    return " or ".join(found) or said


def page() -> str:
    """The page of all packages."""
    rows = []
    for name in needed():
        try:
            rows.append(f"| {name} | {licence(name)} |\n")
        except PackageNotFoundError:
            continue  # needed on another system
    return HEAD + "".join(rows)


if __name__ == "__main__":
    sys.stdout.write(page())
