"""Workflow commands: the lines that GitHub's runner acts on."""

from __future__ import annotations

from collections.abc import Mapping


def workflow_command(name: str, properties: Mapping[str, str], text: str) -> str:
    """A workflow command on one line. Nothing in its properties or its text can end it."""
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
