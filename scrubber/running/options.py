"""The options of a run, and the engine made from them. Every caller uses them.

The command line, `replay`, the drop folder's workers, the pytest plugin and `scrubber.scrub` all start here.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import attrs

from scrubber.claims.earlier import HistoryError, KnownHistory
from scrubber.engine import catalogue as catalogues
from scrubber.engine import profile as profiles
from scrubber.engine import suppressions
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.engine import Engine
from scrubber.engine.naming import OPEN, Naming, NamingError, hidden
from scrubber.engine.profile import HOLDS, Hold, Profile, ProfileError
from scrubber.engine.registry import registry
from scrubber.engine.suppressions import SuppressionError
from scrubber.reference.editions import StoreError
from scrubber.reference.folder import FactsError
from scrubber.reference.loading import with_folders
from scrubber.reference.location import store_path, with_store

RELEASED_BEFORE = "DUP03"
"""The edit for a claim that was released before."""

_ERRORS = (CatalogueError, FactsError, HistoryError, NamingError, ProfileError, StoreError, SuppressionError)


class OptionsError(Exception):
    """Options that cannot be used. The message names the option and the reason."""


def codes(given: str | Iterable[str]) -> tuple[str, ...]:
    """Codes in capitals, from a sequence or from text with commas between them."""
    texts = [given] if isinstance(given, str) else [*given]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("codes must be text")
    return tuple(code.strip().upper() for text in texts for code in text.split(",") if code.strip())


def _paths(given: str | PathLike[str] | Iterable[str | PathLike[str]]) -> tuple[Path, ...]:
    return tuple(Path(path) for path in ([given] if isinstance(given, str | PathLike) else given))


def _path(given: str | PathLike[str] | None) -> Path | None:
    return None if given is None else Path(given)


def _history(given: str | PathLike[str] | Literal[False] | None) -> Path | Literal[False] | None:
    return False if given is False else _path(given)


def _day(given: date | None) -> date | None:
    return given.date() if isinstance(given, datetime) else given


def _is_profile(_: object, __: object, given: Any) -> None:
    if given is not None and not isinstance(given, str | PathLike | Profile):
        raise TypeError(
            "profile must be the name of a shipped profile (such as 'medicare-ffs'), the path of a TOML file, "
            f"or a scrubber.Profile, not {type(given).__name__}"
        )


def _is_positive(_: object, __: object, given: Any) -> None:
    if given is not None and (type(given) is not int or given < 1):
        raise ValueError("history_days must be a number of days, at least 1")


def _is_hold(_: object, __: object, given: Any) -> None:
    if given is not None and given not in HOLDS:
        raise ValueError(f"hold must be 'warn' or None, not {given!r}")


@attrs.frozen
class RunOptions:
    """The options for scrubbing claims.

    `profile` is the name of a shipped profile, the path of a TOML file or a `Profile`. `select` and `ignore` are codes,
    or the letters that codes begin with. `edits` are Python files with edits of your own. `as_of` replaces the date of
    each file. `suppressions` is a TOML file of accepted findings. `key` is a key file: with it reports hide claim ids
    and show only the year of dates. `facts` is a folder with tables of your own, on top of the shipped tables and of
    those that the profile names. `reference` is the store of public tables (`scrubber reference import`). Without it
    the variable SCRUBBER_REFERENCE, the profile or the data folder of the platform names the store. With `conformance`
    files are checked against the implementation guide. With `hold="warn"` flagged claims go to the held file, not to
    the clean one; a profile can say so too. `history` is a history of released claims: `scrub` and `scrub_to` enter
    into it what they put into the clean file, and make it where it is not there; with `False` there is none, even if
    the profile names one. It remembers claims for `history_days`. With `releasing` a claim that was released before is
    rejected, not flagged. `origin` is the id of a drop folder. `show_tracebacks` writes the traceback of an edit that
    fails to standard error. It is for the author of the edit: an error message may quote patient data. Raises
    `TypeError` for a profile of another type.
    """

    profile: str | PathLike[str] | Profile | None = attrs.field(default=None, validator=_is_profile)
    select: tuple[str, ...] = attrs.field(default=(), converter=codes)
    ignore: tuple[str, ...] = attrs.field(default=(), converter=codes)
    edits: tuple[Path, ...] = attrs.field(default=(), converter=_paths)
    as_of: date | None = attrs.field(default=None, converter=_day)
    suppressions: Path | None = attrs.field(default=None, converter=_path)
    key: Path | None = attrs.field(default=None, converter=_path)
    conformance: bool = True
    facts: Path | None = attrs.field(default=None, converter=_path)
    reference: Path | None = attrs.field(default=None, converter=_path)
    show_tracebacks: bool = attrs.field(default=False, eq=False)
    hold: Hold | None = attrs.field(default=None, validator=_is_hold)
    history: Path | Literal[False] | None = attrs.field(default=None, converter=_history)
    history_days: int | None = attrs.field(default=None, validator=_is_positive)
    releasing: bool = False
    origin: str = ""

    def catalogue(self) -> Catalogue:
        """All edits, with the rules of the profile. Raises `OptionsError`."""
        try:
            installed = _catalogue(self.edits)
            registry(installed)  # refuses an edit with a code of another owner
            return self._profile(installed).completing(installed)
        except (CatalogueError, ProfileError) as error:
            raise OptionsError(str(error)) from error

    def engine(self, *, entering: bool = False) -> Engine:
        """The engine with these options. With `entering` a history that is not there is made. Raises `OptionsError`."""
        try:
            installed = _catalogue(self.edits)
            profile = self._profile(installed)
            catalogue = profile.completing(installed)
            if self.suppressions:
                profile = profile.suppressing(suppressions.load(self.suppressions, catalogue))
            folders = [folder for folder in (profile.facts, self.facts) if folder]
            facts = with_store(with_folders(folders), store_path(self.reference, profile.reference))
            facts = attrs.evolve(facts, as_of=self.as_of)
            chosen = profile.narrowed(self.select, self.ignore, catalogue)
            chosen = attrs.evolve(chosen, hold=self.hold or chosen.hold)
            if self.releasing:
                chosen = chosen.grading(RELEASED_BEFORE, "reject")
            crashed = _show if self.show_tracebacks else None
            return Engine(catalogue, chosen, facts, self._naming(), crashed, self._history(profile, entering=entering))
        except OSError as error:
            raise OptionsError(f"{error.filename}: {error.strerror}") from error
        except _ERRORS as error:
            raise OptionsError(str(error)) from error

    def record(self, engine: Engine | None = None) -> dict[str, Any]:
        """The fingerprint of edits, profile and tables, with the options. Give an `engine` to avoid making one.

        A report has the fingerprint without the options. A manifest has them as `rules` and `options`. Raises
        `OptionsError`.
        """
        return {**(engine or self.engine()).fingerprint, "options": self.chosen()}

    def chosen(self) -> dict[str, Any]:
        """The options alone as JSON values. They say whether there is a key, and do not hold it."""
        return {
            "select": list(self.select),
            "ignore": list(self.ignore),
            "profile": _profile_name(self.profile),
            "edits": [str(path) for path in self.edits],
            "suppressions": None if self.suppressions is None else str(self.suppressions),
            "as_of": self.as_of and self.as_of.isoformat(),
            "conformance": self.conformance,
            "facts": None if self.facts is None else str(self.facts),
            "reference": None if self.reference is None else str(self.reference),
            "no_phi": self.key is not None,
            "hold": self.hold,
            "history": str(self.history) if self.history else self.history,
            "history_days": self.history_days,
            "releasing": self.releasing,
            "origin": self.origin,
        }

    @classmethod
    def of_record(cls, chosen: Mapping[str, Any], key: Path | None = None) -> RunOptions:
        """The options in a record of `chosen`. Raises `KeyError`, `TypeError` or `ValueError` for a wrong record."""
        as_of = chosen["as_of"]
        return cls(
            profile=chosen["profile"],
            select=chosen["select"],
            ignore=chosen["ignore"],
            edits=chosen["edits"],
            as_of=date.fromisoformat(as_of) if as_of else None,
            suppressions=chosen["suppressions"],
            key=key,
            conformance=chosen["conformance"],
            facts=chosen.get("facts"),
            reference=chosen.get("reference"),
            hold=chosen.get("hold"),
            history=chosen.get("history"),
            history_days=chosen.get("history_days"),
            releasing=chosen.get("releasing", False),
            origin=chosen.get("origin", ""),
        )

    def _profile(self, catalogue: Catalogue) -> Profile:
        if isinstance(self.profile, Profile):
            return self.profile
        return Profile() if self.profile is None else profiles.load(str(self.profile), catalogue)

    def _history(self, profile: Profile, *, entering: bool) -> KnownHistory | None:
        """The history of the options, else that of the profile. Raises `HistoryError`."""
        path = None if self.history is False else self.history or profile.history
        if path is None:
            return None
        from scrubber.history.database import Database  # SQLite takes time to load, and most runs have no history
        from scrubber.history.store import RETENTION_DAYS, HistoryStore

        days = self.history_days or profile.history_days or RETENTION_DAYS
        return HistoryStore(Database(path, create=entering), self.origin, retention_days=days)

    def _naming(self) -> Naming:
        return hidden(self.key) if self.key else OPEN


def _profile_name(profile: str | PathLike[str] | Profile | None) -> str | None:
    if profile is None or isinstance(profile, str):
        return profile
    return profile.name if isinstance(profile, Profile) else str(profile)


def _catalogue(edits: tuple[Path, ...]) -> Catalogue:
    """All installed edits and those of files. The files are read each time, as they may have changed."""
    return catalogues.load(edits) if edits else _installed()


@lru_cache(maxsize=1)
def _installed() -> Catalogue:
    """The installed edits. They stay the same while the process runs."""
    return catalogues.load()


def _show(code: str, error: BaseException) -> None:
    lines = "".join(traceback.format_exception(error))
    sys.stderr.write(f"scrubber: edit {code} failed; its traceback may quote patient data\n{lines}")
