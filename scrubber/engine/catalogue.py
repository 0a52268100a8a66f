"""The catalogue: all edits, built in or not.

Edits come from the entry-point group `scrubber.edits`, where each entry names a module with edits, and from files given
by path. The built-in edits use the same entry-point group.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

import attrs

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import Edit
from scrubber.engine.codes import CRASHED, TOOL_CODES
from scrubber.engine.trust import changeable_by_others
from scrubber.side_files.plain_file import must_be_plain, open_plain

GROUP = "scrubber.edits"


class CatalogueError(Exception):
    """An edit that cannot be loaded, or a code that is not in the catalogue."""


@attrs.frozen
class Catalogue:
    """Edits by code, in order of their codes."""

    edits: Mapping[str, Edit]

    def __getitem__(self, code: str) -> Edit:
        """The edit with a code. Raises `CatalogueError`, which names the nearest code."""
        if code not in self.edits:
            raise CatalogueError(f"unknown edit {code!r}{nearest(code, self.edits)}")
        return self.edits[code]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that a profile can choose and grade: edits, guide checks, and the code for a failed edit."""
        return *self.edits, *GUIDE_CODES, CRASHED

    def matching(self, codes: Iterable[str]) -> frozenset[str]:
        """The codes that `codes` name. An item without digits names all codes that begin with its letters.

        Raises `CatalogueError` for an item that names no code.
        """
        found: set[str] = set()
        for wanted in codes:
            matches = {code for code in self.codes if code == wanted or (wanted.isalpha() and code.startswith(wanted))}
            if not matches:
                raise CatalogueError(f"unknown edit {wanted!r}{nearest(wanted, self.codes)}")
            found |= matches
        return frozenset(found)

    def joined(self, edits: Iterable[Edit]) -> Catalogue:
        """The catalogue with more edits. Raises `CatalogueError` for a code of another edit."""
        more = {edit.code: edit for edit in edits}
        for code, edit in more.items():
            if self.edits.get(code, edit) is not edit:
                raise CatalogueError(f"another edit has the code {code}")
        return Catalogue(dict(sorted({**self.edits, **more}.items()))) if more else self

    @cached_property
    def sha256(self) -> str:
        """A fingerprint of all edits: their declarations, documentation and source files.

        It is computed once, and each file is read once, as that takes some time.
        """
        digest = hashlib.sha256()
        sha256_of = cache(_sha256_of)
        for edit in self.edits.values():
            declared = attrs.asdict(edit, filter=lambda _, value: not callable(value))  # functions are in the source
            digest.update(repr(sorted(declared.items())).encode())
            digest.update(edit.documentation.encode())
            digest.update(sha256_of(_source_file(edit)))
        return digest.hexdigest()


def nearest(wrong: str, right: Iterable[str]) -> str:
    """`; did you mean X?` if `right` has a word like `wrong`, else nothing."""
    close = get_close_matches(wrong.upper(), list(right), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def load(files: Iterable[Path] = ()) -> Catalogue:
    """All installed edits and those of `files`. Raises `CatalogueError`."""
    found: dict[str, Edit] = {}
    modules = [_installed(entry) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)]
    modules += [_from_file(path) for path in files]
    for name, module in modules:
        for edit in vars(module).values():
            if not isinstance(edit, Edit):
                continue
            if edit.code in TOOL_CODES or edit.code in GUIDE_CODES:
                raise CatalogueError(f"{name}: {edit.code} is a code of the scrubber itself")
            if edit.code in found and found[edit.code] is not edit:
                raise CatalogueError(f"{name}: another edit has the code {edit.code}")
            found[edit.code] = edit
    return Catalogue(dict(sorted(found.items())))


def _installed(entry: EntryPoint) -> tuple[str, ModuleType]:
    try:
        return entry.value, entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CatalogueError(f"edits of {entry.value} cannot be loaded: {type(error).__name__}: {error}") from error


def _refuse_writable(path: Path) -> None:
    """Raise `CatalogueError` for a file that another user may change, or that cannot be read.

    It would run with the rights of this user.
    """
    try:
        must_be_plain(path)
        if changeable_by_others(path):
            raise CatalogueError(f"{path}: other users may change this file, so it is not run; chmod go-w it first")
        open_plain(path).close()
    except OSError as error:
        raise CatalogueError(f"{path}: {error.strerror}") from error


def _from_file(path: Path) -> tuple[str, ModuleType]:
    _refuse_writable(path)
    spec = importlib.util.spec_from_file_location(f"scrubber_edits_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise CatalogueError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise CatalogueError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    if not any(isinstance(edit, Edit) for edit in vars(module).values()):
        raise CatalogueError(f"{path} has no edits")
    return str(path), module


def _source_file(edit: Edit) -> str:
    """The name of the whole source file of an edit, as a check may use anything in it; empty if there is none."""
    try:
        return inspect.getsourcefile(edit.begin or edit.check) or ""
    except TypeError:
        return ""


def _sha256_of(name: str) -> bytes:
    """The SHA-256 of a file, empty if it cannot be read."""
    try:
        return hashlib.sha256(Path(name).read_bytes()).digest()
    except OSError:
        return b""
