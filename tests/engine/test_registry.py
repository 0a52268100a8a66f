"""The registry of codes."""

from __future__ import annotations

import pytest

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.engine.catalogue import Catalogue, CatalogueError, load
from scrubber.engine.codes import TOOL_CODES
from scrubber.engine.registry import registry
from scrubber.x12.errors import FILE_ERRORS


def test_every_code_has_one_owner() -> None:
    catalogue = load()
    owners = registry(catalogue)
    assert len(owners) == len(catalogue.edits) + len(GUIDE_CODES) + len(FILE_ERRORS) + len(TOOL_CODES)
    found = {code: owners[code] for code in ("NDC05", "IG01", "READ21", "READ03", "SCRUB01")}
    assert found == {
        "NDC05": "edit",
        "IG01": "guide check",
        "READ21": "file error",
        "READ03": "scrubber",
        "SCRUB01": "scrubber",
    }


def test_a_code_of_two_owners_is_refused() -> None:
    catalogue = load()
    twice = Catalogue({**catalogue.edits, "IG01": catalogue.edits["NDC05"]})
    with pytest.raises(CatalogueError, match="IG01 is a code of an edit and of a guide check"):
        registry(twice)
