"""Prints the lowest version of each direct dependency as constraints for pip: `click>=8.2` becomes `click==8.2`."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

RUN = ("arrow", "pytest", "serve", "watch")
"""The extras that somebody runs. The tools of developers have their newest versions."""
_BOUND = re.compile(r"([\w.-]+)>=([\w.]+)")


def lowest(project: dict[str, object], extras: tuple[str, ...]) -> Iterator[str]:
    """A constraint for each dependency with a lower bound, of the project and of some extras."""
    optional = project["optional-dependencies"]
    direct = project["dependencies"]
    assert isinstance(optional, dict)
    assert isinstance(direct, list)
    rows = [*direct, *(row for extra in extras for row in optional[extra])]
    for row in dict.fromkeys(rows):
        if bound := _BOUND.match(row):
            yield f"{bound[1]}=={bound[2]}"


if __name__ == "__main__":
    text = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text("utf-8")
    sys.stdout.write("\n".join(sorted(set(lowest(tomllib.loads(text)["project"], RUN)))) + "\n")
