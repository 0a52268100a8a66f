"""The payers of a row in a profile, either a rule or `[[payer]]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrubber.claims.payers import ANY, Payers, plain_name
from scrubber.engine.toml_file import TomlError, one_or_more

KEYS = ("filing_indicator", "payer_id", "payer_name")


def payers(row: Mapping[str, Any]) -> Payers:
    """The payers of a row. A row without payers is for all payers. Raises `TomlError`."""
    for name in one_or_more(row, "payer_name"):
        begins = plain_name(name).removesuffix(ANY)
        if ANY in begins or not begins.strip():
            raise TomlError(f"payer_name {name!r}: write * only at the end, after the beginning of a name")
    return Payers.of(*(one_or_more(row, key) for key in KEYS))
