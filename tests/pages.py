"""The pages of the documentation as tests read them: blocks, commands, and the changes to files that they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

_BLOCK = re.compile(
    r"(?P<before>[^\n]*(?:\n[^\n]+)*)\n\n?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_NEW = re.compile(r"(?:New file|Save this as) `([^`]+)`")
_AT_THE_END = re.compile(r"At the end of `([^`]+)`")
_UNDER = re.compile(r"In `([^`]+)`, under `([^`]+)`")


@attrs.frozen
class Change:
    """A block of a page that goes into a file: as a whole, at its end, or below a line of it."""

    path: str
    text: str
    where: str

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
        assert old.count(f"{self.where}\n") == 1, f"{self.path}: {self.where}"
        path.write_text(old.replace(f"{self.where}\n", f"{self.where}\n{self.text}"), "utf-8")


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
        if under := _UNDER.findall(before):
            yield Change(under[-1][0], found["text"], under[-1][1])
        elif end := _AT_THE_END.findall(before):
            yield Change(end[-1], found["text"], "end")
        elif new := _NEW.findall(before):
            yield Change(new[-1], found["text"], "new")


def links(page: str) -> set[str]:
    """The files that a page links to, as written."""
    return {link for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page) if "://" not in link}
