"""Profiles: the edits that run for each payer, and their severities.

A profile is a TOML file, or one of those that come with the scrubber (medicare-ffs, commercial, medicaid):

    name = "our-house"
    scope = "mcd"                   # for every claim: ffs, madv, mcd or other; else SBR09 decides
    ignore = ["ADM01"]              # never run
    suppressions = "known.toml"     # findings that do not count (scrubber.engine.suppressions); relative to this file
    facts = "our-facts"             # folder of tables of your own (scrubber.reference.folder); relative to this file
    reference = "reference.sqlite"  # the store of public tables (scrubber.reference.store); relative to this file
    filing_limit_days = 180         # days from the service within which payers take claims; else a calendar year
    hold = "warn"                   # flagged claims go to the held file; else to the clean file
    history = "history.sqlite3"     # the history of released claims (scrubber.history); relative to this file
    history_days = 400              # how long it remembers them
    sequestration = true            # lower Medicare's part of allowed amounts by sequestration; else it is not lowered
    [severity]                      # for every payer; "off" switches an edit off
    MIX01 = "reject"
    NDC10 = "shadow"                # runs and is counted, and nothing else
    SCRUB01 = "warn"                # an edit that fails only flags a claim, even one that it could have rejected
    JWJZ01 = { severity = "reject", from = 2024-11-01, claim_type = "837P" }   # by date of service, by claim type
    [[payer]]
    name = "State Medicaid"
    filing_indicator = ["MC"]       # SBR09; without payer_id and payer_name, all payers with it match
    payer_id = ["77001"]            # NM109 of loop 2010BB; wins over names, which win over the filing indicator
    payer_name = ["STATE MEDICAID*"]   # NM103 of loop 2010BB; * stands for any ending
    scope = "mcd"
    filing_limit_days = 95
    [payer.severity]
    DX01 = "warn"
    [[rule]]                        # a rule of a payer (scrubber.engine.rules)
    code = "HOUSE01"

Other modules read the tables `acknowledgement` and `defaults` (both in scrubber.engine), `outputs`
(scrubber.running.sharing), `watch` and `notify` (scrubber.dropfolder.settings).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import attrs

from scrubber.claims.payers import Payers
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import CLAIM_TYPES, SCOPES, SEVERITIES, Dated, Edit, Scope, Severity
from scrubber.engine import suppressions, toml_file
from scrubber.engine.acknowledgement import Acknowledgement, acknowledgement
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.codes import CRASHED
from scrubber.engine.defaults import defaults
from scrubber.engine.rules import payers as of_payers
from scrubber.engine.suppressions import SuppressionError, SuppressionFile
from scrubber.engine.toml_file import TomlError
from scrubber.reference.billing import Period
from scrubber.side_files.plain_text import FaultsError
from scrubber.x12.guides import ClaimType

Grade: TypeAlias = Severity | Literal["off"]
Hold: TypeAlias = Literal["warn"]
HOLDS: tuple[Hold, ...] = ("warn",)

_SCOPES: Mapping[str, Scope] = MappingProxyType({"MA": "ffs", "MB": "ffs", "16": "madv", "MC": "mcd"})
"""Payer scope by SBR09; any other, or none, is `other`."""

_GRADES: tuple[Grade, ...] = (*SEVERITIES, "off")
_OVERRIDES = (*_GRADES, "shadow")
_NAMED_FILES = ("suppressions", "facts", "reference", "history")
_OF_CLAIMS = ("filing_limit_days", "sequestration", "hold", "history_days")
_KEYS = (
    *("name", "scope", "select", "ignore", "severity", "payer", "rule", *_NAMED_FILES, *_OF_CLAIMS),
    *("acknowledgement", "defaults", "outputs", "notify", "watch"),
)
_PAYER_KEYS = ("name", *of_payers.KEYS, "scope", "severity", "filing_limit_days")
_LONGEST_LIMIT = 10_000
_OVERRIDE_KEYS = ("severity", "from", "claim_type")


def scope_of(filing_indicator: str) -> Scope:
    """The payer scope of a filing indicator (SBR09)."""
    return _SCOPES.get(filing_indicator, "other")


class ProfileError(FaultsError):
    """A profile that cannot be used. The message names the fault and the nearest right name."""


@attrs.frozen
class Phase:
    """A severity that a profile sets from a date of service on, and for some claim types."""

    severity: Grade
    since: date = date.min
    types: tuple[ClaimType, ...] = CLAIM_TYPES

    def over(self, own: Severity | Dated | None) -> Severity | Dated | None:
        """The severity in force: the edit's own before the date, and this severity from the date on.

        An edit with dates has no severity before its first and after its last date, whatever the profile sets.
        """
        if not isinstance(own, Dated) and self.since == date.min:
            return None if self.severity == "off" else self.severity
        own = own if isinstance(own, Dated) else Dated(((date.min, own),) if own else ())
        before = tuple((day, severity) for day, severity in own.phases if day < self.since)
        if self.severity == "off":
            last = self.since - timedelta(1) if before else None
            return attrs.evolve(own, phases=before, until=min(filter(None, (last, own.until)))) if before else None
        since = self.since if before or not own.phases else max(self.since, own.phases[0][0])
        return attrs.evolve(own, phases=(*before, (since, self.severity)))


Override: TypeAlias = Grade | Literal["shadow"] | Phase
_NOTHING: Mapping[str, Override] = MappingProxyType({})


@attrs.frozen
class Payer:
    """The settings of a profile for some payers."""

    name: str
    payers: Payers
    scope: Scope | None
    severity: Mapping[str, Override]
    filing_limit: Period | None = None


@attrs.frozen
class Rules:
    """The rules for one payer: its scope, the severities that the profile overrides, and the edits in shadow.

    `filing_limit` is how long after the service the payer takes a claim, `None` if the profile does not set it.
    """

    payer: str
    scope: Scope
    severity: Mapping[str, Grade | Phase]
    shadow: frozenset[str] = frozenset()
    filing_limit: Period | None = None

    def severity_of(self, edit: Edit, claim_type: ClaimType) -> Severity | Dated | None:
        """The severity in force for an edit on claims of a type; `None` for off.

        An edit with dates has no severity before its first date, whatever the profile sets. An edit in shadow always
        runs.
        """
        own = edit.severity(claim_type, self.scope)
        if edit.code in self.shadow:
            return own or "info"
        phase = self._phase(edit.code, claim_type)
        return phase.over(own) if phase else own

    def overridden_from(self, code: str, claim_type: ClaimType) -> date | None:
        """The date of service from which the profile sets an edit's severity, `None` for never."""
        phase = self._phase(code, claim_type)
        return phase.since if phase else None

    def grade_of(self, code: str) -> Grade | None:
        """The severity that the profile sets for a code without dates, such as a guide check, or `None`."""
        override = self.severity.get(code)
        return override.severity if isinstance(override, Phase) else override

    def _phase(self, code: str, claim_type: ClaimType) -> Phase | None:
        override = self.severity.get(code)
        phase = override if isinstance(override, Phase) or override is None else Phase(override)
        return phase if phase and claim_type in phase.types else None


@attrs.frozen
class Profile:
    """The payers, severities and selection of edits (`None`: all) for a run.

    `edits` are the profile's own rules. `facts` is a folder with tables of the user's own, `reference` the store of
    public tables, `history` that of released claims, kept for `history_days`. If `sequestered`, Medicare's part of
    allowed amounts is lowered by sequestration. With `hold` flagged claims go to the held file.
    """

    name: str = "default"
    sha256: str = hashlib.sha256(b"").hexdigest()
    scope: Scope | None = None
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Override] = _NOTHING
    payers: tuple[Payer, ...] = ()
    suppressions: tuple[SuppressionFile, ...] = ()
    filing_limit: Period | None = None
    sequestered: bool = False
    edits: tuple[Edit, ...] = ()
    facts: Path | None = None
    reference: Path | None = None
    acknowledgement: Acknowledgement = attrs.field(factory=Acknowledgement)
    hold: Hold | None = None
    history: Path | None = None
    history_days: int | None = None

    def completing(self, catalogue: Catalogue) -> Catalogue:
        """A catalogue with the profile's own rules. Raises `CatalogueError` for a code of another edit."""
        return catalogue.joined(self.edits)

    @property
    def looks_at_payers(self) -> bool:
        """Whether a payer's id or name can change the result."""
        named = [payer.payers for payer in self.payers] + [edit.payers for edit in self.edits]
        return any(payers.ids or payers.names for payers in named)

    def runs(self, code: str) -> bool:
        """Whether an edit runs at all. The code for a failed edit always runs unless it is ignored."""
        return code not in self.ignore and (self.select is None or code in self.select or code == CRASHED)

    def counts(self, code: str) -> bool:
        """Whether findings outside of claims count: the code runs, and is not off or in shadow for all payers."""
        return self.runs(code) and self.severity.get(code) not in ("off", "shadow")

    @property
    def has_shadow(self) -> bool:
        """Whether an edit is in shadow for any payer."""
        severities = (self.severity, *(payer.severity for payer in self.payers))
        return any("shadow" in severity.values() for severity in severities)

    def rules(self, filing_indicator: str, payer_id: str, payer_name: str = "") -> Rules:
        """The rules for a payer. A match by id wins over one by name, and one by name over one by filing indicator."""
        scope = self.scope or scope_of(filing_indicator)
        key = filing_indicator, payer_id, payer_name
        matching = [payer for payer in self.payers if payer.payers.include(key)]
        matching.sort(key=lambda payer: -payer.payers.precision)
        if not matching:
            return _rules("", scope, self.severity, self.filing_limit)
        payer = matching[0]
        limit = payer.filing_limit or self.filing_limit
        return _rules(payer.name, payer.scope or scope, {**self.severity, **payer.severity}, limit)

    def narrowed(self, select: Iterable[str], ignore: Iterable[str], catalogue: Catalogue) -> Profile:
        """The profile with `--select` and `--ignore` on top. Raises `CatalogueError` for an unknown code."""
        catalogue = self.completing(catalogue)
        chosen = catalogue.matching(select) or self.select
        return attrs.evolve(self, select=chosen, ignore=self.ignore | catalogue.matching(ignore))

    def grading(self, code: str, severity: Grade) -> Profile:
        """The profile with another severity for an edit that it does not grade itself."""
        return self if code in self.severity else attrs.evolve(self, severity={**self.severity, code: severity})

    def suppressing(self, file: SuppressionFile) -> Profile:
        """The profile with more suppressions and a new fingerprint. It is the same if there are none."""
        if not file.entries:
            return self
        sha256 = hashlib.sha256(f"{self.sha256} {file.sha256}".encode()).hexdigest()
        return attrs.evolve(self, sha256=sha256, suppressions=(*self.suppressions, file))


def load(name: str, catalogue: Catalogue) -> Profile:
    """A shipped profile by its name, or a profile in a file by its path. Raises `ProfileError`."""
    from scrubber.engine.rules.rows import rules  # takes time to load, and most runs have no profile

    path = _shipped().get(name, Path(name))
    try:
        table, sha256, text = toml_file.read(path)
        edits = rules(table, catalogue, toml_file.starts(text, "rule"))
        profile = _profile(table, path.stem, sha256, catalogue.joined(edits), edits)
        suppressed = _beside(table, "suppressions", path.parent)
        facts, reference, history = (_beside(table, key, path.parent) for key in ("facts", "reference", "history"))
        profile = attrs.evolve(profile, facts=facts, reference=reference, history=history)
    except OSError as error:
        shipped = ", ".join(sorted(_shipped()))
        raise ProfileError(f"{path}: {error.strerror}; the shipped profiles are {shipped}") from error
    except TomlError as error:
        raise ProfileError(*error.of(path)) from error
    except CatalogueError as error:
        raise ProfileError(f"{path}: {error}") from error
    if suppressed is None:
        return profile
    try:
        return profile.suppressing(suppressions.load(suppressed, profile.completing(catalogue)))
    except SuppressionError as error:
        raise ProfileError(str(error)) from error


def shipped_names() -> tuple[str, ...]:
    """The names of the shipped profiles."""
    return tuple(sorted(_shipped()))


def _shipped() -> dict[str, Path]:
    folder = Path(__file__).with_name("profiles")
    return {path.stem: path for path in folder.glob("*.toml")}


def _rules(payer: str, scope: Scope, overrides: Mapping[str, Override], filing_limit: Period | None) -> Rules:
    shadow = frozenset(code for code, override in overrides.items() if override == "shadow")
    severity: dict[str, Grade | Phase] = {code: grade for code, grade in overrides.items() if grade != "shadow"}
    return Rules(payer, scope, severity, shadow, filing_limit)


def _profile(table: dict[str, Any], stem: str, sha256: str, catalogue: Catalogue, edits: tuple[Edit, ...]) -> Profile:
    toml_file.must_be_known(table, _KEYS, "key")
    defaults(table)  # refuses what is wrong in it
    select = toml_file.strings(table, "select")
    return Profile(
        name=str(table.get("name", stem)),
        sha256=sha256,
        scope=_scope(table),
        select=catalogue.matching(select) if select else None,
        ignore=catalogue.matching(toml_file.strings(table, "ignore")),
        severity=_severities(table, catalogue),
        payers=tuple(_payer(row, catalogue) for row in toml_file.tables(table, "payer")),
        filing_limit=_filing_limit(table),
        sequestered=_sequestered(table),
        edits=edits,
        acknowledgement=acknowledgement(table),
        hold=_hold(table),
        history_days=_days(table, "history_days"),
    )


def _beside(table: dict[str, Any], key: str, folder: Path) -> Path | None:
    """The path that a key names, relative to the folder of the profile."""
    name = table.get(key)
    if name is not None and not (isinstance(name, str) and name):
        raise TomlError(f"{key} must be the name of a {'folder' if key == 'facts' else 'file'}")
    return None if name is None else folder / name


def _payer(row: dict[str, Any], catalogue: Catalogue) -> Payer:
    toml_file.must_be_known(row, _PAYER_KEYS, "key in [[payer]]")
    named = of_payers.payers(row)
    if not named:
        raise TomlError("a [[payer]] needs filing_indicator or payer_id or payer_name")
    return Payer(str(row.get("name", "")), named, _scope(row), _severities(row, catalogue), _filing_limit(row))


def _filing_limit(table: dict[str, Any]) -> Period | None:
    days = _days(table, "filing_limit_days")
    return None if days is None else Period("profile", 1.0, days=days)


def _days(table: dict[str, Any], key: str) -> int | None:
    days = table.get(key)
    if days is not None and (type(days) is not int or not 0 < days <= _LONGEST_LIMIT):
        raise TomlError(f"{key} must be a number of days from 1 to {_LONGEST_LIMIT}")
    return days


def _sequestered(table: dict[str, Any]) -> bool:
    sequestered = table.get("sequestration", False)
    if not isinstance(sequestered, bool):
        raise TomlError("sequestration must be true or false")
    return sequestered


def _hold(table: dict[str, Any]) -> Hold | None:
    hold: Hold | None = table.get("hold")
    toml_file.must_be_known([hold] if hold is not None else [], HOLDS, "hold")
    return hold


def _scope(table: dict[str, Any]) -> Scope | None:
    scope: Scope | None = table.get("scope")
    if scope is not None:
        toml_file.must_be_known([scope], SCOPES, "scope")
    return scope


def _severities(row: dict[str, Any], catalogue: Catalogue) -> dict[str, Override]:
    """Overrides by code. An override for a whole code wins over one for the letters of codes."""
    table = row.get("severity", {})
    if not isinstance(table, dict):
        raise TomlError("severity must be a table")
    found: dict[str, Override] = {}
    for code, given in sorted(table.items(), key=lambda item: len(item[0])):
        override = _override(code, given)
        for match in catalogue.matching([code]):
            found[match] = override
    return found


def _override(code: str, given: object) -> Override:
    if not isinstance(given, dict):
        toml_file.must_be_known([given], _OVERRIDES, "severity")
        override: Override = given  # type: ignore[assignment]  # it is one of them
        return override
    toml_file.must_be_known(given, _OVERRIDE_KEYS, f"key of {code}")
    types = toml_file.one_or_more(given, "claim_type")
    if "severity" not in given:
        raise TomlError(f"{code} needs severity")
    toml_file.must_be_known([given["severity"]], _GRADES, f"severity of {code}")
    toml_file.must_be_known(types, CLAIM_TYPES, f"claim type of {code}")
    if any(guide == code or guide.startswith(code) for guide in GUIDE_CODES):
        raise TomlError(f"{code} checks the implementation guide, which holds on every date and claim type")
    if CRASHED.startswith(code):
        raise TomlError(f"{code} reports that an edit failed: give one severity for every date and claim type")
    return Phase(
        given["severity"],
        toml_file.day(given, "from") or date.min,
        tuple(kind for kind in CLAIM_TYPES if kind in types or not types),
    )
