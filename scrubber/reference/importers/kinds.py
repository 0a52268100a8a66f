"""All kinds of public files, and what the files that a user gives hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs

from scrubber.reference.importers import add_on, addendum_b, asp, hcpcs, icd10cm, lists, mue, ncci, ndc, places
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.documents import Document, FileRefused, opened
from scrubber.reference.importers.grid import UNREAD
from scrubber.reference.importers.kind import Kind
from scrubber.reference.storing import Contents

KINDS: Sequence[Kind] = tuple(
    kind for module in (icd10cm, ndc, asp, mue, ncci, add_on, hcpcs, addendum_b, lists, places) for kind in module.KINDS
)
"""In the order in which they are tried; quick tests come first."""

_BY_TITLE = {kind.title: kind for kind in KINDS}


@attrs.define
class Reading:
    """What the files hold, read one after the other, and which members were skipped, with the reason."""

    paths: Sequence[Path]
    given: Given
    skipped: list[str] = attrs.field(factory=list)

    def contents(self) -> Iterator[Contents]:
        """What the files hold for each table. Raises `FileRefused` and `OSError`."""
        with ExitStack() as stack:
            together: dict[tuple[str, ...], dict[str, list[Document]]] = {}
            for path in self.paths:
                documents = stack.enter_context(opened(path))
                for container, kinds in self._known(path, documents).items():
                    for title, found in kinds.items():
                        together.setdefault(container, {}).setdefault(title, []).extend(found)
            for kinds in together.values():
                for title, found in kinds.items():
                    yield from self._without_doubles(_BY_TITLE[title].read(found, self.given))

    def _known(self, path: Path, documents: Sequence[Document]) -> Mapping[tuple[str, ...], dict[str, list[Document]]]:
        """The documents of known kinds, by the folder or archive that they are in."""
        known: dict[tuple[str, ...], dict[str, list[Document]]] = {}
        for document in sorted(documents, key=lambda item: item.is_spreadsheet):
            kind = kind_of(document)
            if kind:
                known.setdefault(document.names[1:], {}).setdefault(kind.title, []).append(document)
            else:
                self.skipped.append(f"no edit uses such a table: {document.label}")
        if not known:
            raise _unknown(path, documents)
        return known

    def _without_doubles(self, found: Iterable[Contents]) -> Iterator[Contents]:
        """One of each table and edition. An archive may have it as text and as a spreadsheet; the text comes first."""
        seen = set()
        for contents in found:
            edition = contents.edition
            what = contents.name, edition.since, edition.until, contents.part
            if what in seen:
                self.skipped.append(f"the same table as another file: {edition.source}")
                continue
            seen.add(what)
            yield contents


def kind_of(document: Document) -> Kind | None:
    """The kind of a document, `None` if it is of no kind."""
    return next((kind for kind in KINDS if document.head and kind.takes(document)), None)


def _unknown(path: Path, documents: Sequence[Document]) -> FileRefused:
    if not documents:
        return FileRefused(f"{path}: it holds no file")
    first = documents[0]
    unread: FileRefused | None = first.kept.get(UNREAD)
    if unread and len(documents) == 1:
        return unread
    return FileRefused(f"{path}: this is none of the known public files (docs/reference-data.md lists them)")
