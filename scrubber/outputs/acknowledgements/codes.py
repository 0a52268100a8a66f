"""The codes of the answers, from `codes.toml`: for faults of syntax, and for the status of claims."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("codes.toml")


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """All tables of the file."""
    return tomllib.loads(_DATA.read_text("utf-8"))
