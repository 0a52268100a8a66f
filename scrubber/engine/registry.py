"""Every code that a report may hold, with its owner: edits, guide checks, file errors and the scrubber itself.

The texts of codes stay with their owners. Only this module has all codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.codes import TOOL_CODES
from scrubber.x12.errors import FILE_ERRORS

Owner: TypeAlias = Literal["edit", "guide check", "file error", "scrubber"]


_LATEST: list[tuple[Catalogue, Mapping[str, Owner]]] = []
"""The last catalogue and its owners of codes, if any."""


def registry(catalogue: Catalogue) -> Mapping[str, Owner]:
    """The owner of every code: the edits of a catalogue first, then guide checks, file errors and the scrubber.

    A code has one owner. Raises `CatalogueError` if two owners have it. The answer for the last catalogue is kept, as
    reports ask it for each code.
    """
    if _LATEST and _LATEST[0][0] is catalogue:
        return _LATEST[0][1]
    owners = _owners(catalogue)
    _LATEST[:] = [(catalogue, owners)]
    return owners


def _owners(catalogue: Catalogue) -> Mapping[str, Owner]:
    owners: dict[str, Owner] = {}
    families: dict[Owner, Mapping[str, object]] = {
        "edit": catalogue.edits,
        "guide check": GUIDE_CODES,
        "file error": FILE_ERRORS,
        "scrubber": TOOL_CODES,
    }
    for owner, codes in families.items():
        for code in codes:
            if code in owners:
                raise CatalogueError(f"{code} is a code of an {owners[code]} and of a {owner}")
            owners[code] = owner
    return owners
