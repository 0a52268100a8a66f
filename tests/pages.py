"""The pages of the documentation as tests read them: blocks, commands, and the changes to files that they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import attrs

_BLOCK = re.compile(
    r"(?P<before>[^\n]*(?:\n[^\n]+)*)\n\n?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_NEW = re.compile(r"(?:New file|Save this as) `([^`]+)`")
_AT_THE_END = re.compile(r"At the end of `([^`]+)`")
_BESIDE = re.compile(r"In `([^`]+)`, (under|above) `([^`]+)`")


@attrs.frozen
class Change:
    """A block of a page that goes into a file: as a whole ("new"), at its end, or under or above a line of it."""

    path: str
    text: str
    where: Literal["new", "end", "under", "above"]
    line: str = ""

    def make(self, root: Path) -> None:
        """Write it."""
        path = root / self.path
        if self.where == "new":
            assert not path.exists(), f"{self.path} is there already: the example needs another name"
            path.write_text(self.text, "utf-8")
            return
        old = path.read_text("utf-8")
        assert self.text.strip() not in old, f"{self.path} has it already: the page needs another example"
        if self.where == "end":
            path.write_text(old + self.text, "utf-8")
            return
        line = f"{self.line}\n"
        assert old.count(line) == 1, f"{self.path}: {self.line}"
        both = line + self.text if self.where == "under" else f"{self.text}\n\n{line}"
        path.write_text(old.replace(line, both), "utf-8")


def section(page: str, title: str) -> str:
    """The part of a page below a heading, up to the next one of its rank."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def blocks(page: str, language: str) -> list[str]:
    """The blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def commands(page: str) -> list[str]:
    """The lines of its shell blocks."""
    return [line for text in blocks(page, "sh") for line in text.splitlines()]


def changes(page: str) -> Iterator[Change]:
    """The changes to files that a page asks for, in its order; the sentence before a block names the file."""
    for found in _BLOCK.finditer(page):
        before = " ".join(found["before"].split())
        if beside := _BESIDE.findall(before):
            path, where, line = beside[-1]
            yield Change(path, found["text"], where, line)
        elif end := _AT_THE_END.findall(before):
            yield Change(end[-1], found["text"], "end")
        elif new := _NEW.findall(before):
            yield Change(new[-1], found["text"], "new")


def links(page: str) -> set[str]:
    """The files that a page links to, as written."""
    return {link for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page) if "://" not in link}
