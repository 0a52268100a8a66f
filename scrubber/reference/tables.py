"""Reads the shipped tables."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

_DATA = resources.files("scrubber.reference") / "data"


def table(name: str) -> dict[str, Any]:
    """The table `data/NAME.toml`."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def digest_input() -> bytes:
    """The bytes of all shipped tables in order of their names, for the release's fingerprint."""
    files = sorted((item for item in _DATA.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return b"".join(item.read_bytes() for item in files)
