"""How acknowledgements are written under a profile: its table `acknowledgement`.

[acknowledgement]
accepted = "A2:20"              # 277CA: category and status of claims that are not rejected; else A1:19
rejected = "A3"                 # 277CA: one category for all rejects: A3, A6, A7 or A8; else by finding
status_codes = "current"        # 277CA: the receiver has the list of today; else newer numbers are replaced
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import attrs

from scrubber.engine.toml_file import TomlError, must_be_known

Accepted: TypeAlias = Literal["A1:19", "A2:20"]
Category: TypeAlias = Literal["A3", "A6", "A7", "A8"]
StatusCodes: TypeAlias = Literal["older", "current"]

_KEYS: dict[str, tuple[str, ...]] = {
    "accepted": ("A1:19", "A2:20"),
    "rejected": ("A3", "A6", "A7", "A8"),
    "status_codes": ("older", "current"),
}


@attrs.frozen
class Acknowledgement:
    """The settings for 277CA acknowledgements.

    `accepted` is the category and status of claims that are not rejected. A1:19 means that a clearinghouse has them,
    A2:20 that a payer has accepted them. `rejected` is one category for all rejects, `None` for that of each finding.
    With `status_codes` "older", status numbers that a list of 2024 lacks are replaced by older ones.
    """

    accepted: Accepted = "A1:19"
    rejected: Category | None = None
    status_codes: StatusCodes = "older"


def acknowledgement(table: dict[str, Any]) -> Acknowledgement:
    """The settings in a profile's table. Raises `TomlError`."""
    given = table.get("acknowledgement", {})
    if not isinstance(given, dict):
        raise TomlError("acknowledgement must be a table")
    must_be_known(given, _KEYS, "key of acknowledgement")
    for key, value in given.items():
        must_be_known([value], _KEYS[key], f"acknowledgement {key}")
    return Acknowledgement(**given)
