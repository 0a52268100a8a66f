"""What a log line says about a drop: its hash and ISA13, never its name."""

from __future__ import annotations

from typing import Any

from scrubber.dropfolder import names
from scrubber.dropfolder.drop import Drop


def about(drop: Drop) -> dict[str, Any]:
    """The fields of a drop in a log line. There is no file name, since it may be a patient's name."""
    fields = {"drop": drop.token[: names.HASH_DIGITS], "bytes": drop.size, "attempt": drop.attempt}
    if drop.sha256:
        fields |= {"sha256": drop.sha256[: names.HASH_DIGITS], "control": drop.control}
    return fields
