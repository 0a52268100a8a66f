"""Profiles: which edits run for which payer, and at what severity.

A profile is a TOML file, or one of those that come with the scrubber (medicare-ffs, commercial, medicaid):

    name = "our-house"
    scope = "mcd"                   # treat every claim as: ffs, madv, mcd or other; else SBR09 decides
    ignore = ["ADM01"]              # never run
    suppressions = "known.toml"     # findings that do not count (scrubber.suppressions); relative to this file
    [severity]                      # for every payer; "off" switches an edit off
    MIX01 = "reject"
    NDC10 = "shadow"                # runs and is counted, and nothing else
    [[payer]]
    name = "State Medicaid"
    filing_indicator = ["MC"]       # SBR09; a payer without payer_id matches all that file so
    payer_id = ["77001"]            # NM109 of loop 2010BB; wins over the filing indicator
    scope = "mcd"
    [payer.severity]
    DX01 = "warn"

The table `watch` is for the watch service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import attrs

from scrubber import suppressions, toml_file
from scrubber.catalogue import Catalogue, CatalogueError
from scrubber.edit import SCOPES, SEVERITIES, Dated, Edit, Scope, Severity, dated
from scrubber.suppressions import SuppressionError, SuppressionFile
from scrubber.toml_file import TomlError
from scrubber.x12.envelope import ClaimType

Override: TypeAlias = Severity | Literal["off", "shadow"]

_SCOPES: Mapping[str, Scope] = MappingProxyType({"MA": "ffs", "MB": "ffs", "16": "madv", "MC": "mcd"})
"""Payer scope by SBR09; any other, or none, is `other`."""

_OVERRIDES: tuple[Override, ...] = (*SEVERITIES, "off", "shadow")
_KEYS = ("name", "scope", "select", "ignore", "severity", "payer", "suppressions", "watch")
_PAYER_KEYS = ("name", "filing_indicator", "payer_id", "scope", "severity")
_NOTHING: Mapping[str, Override] = MappingProxyType({})


def scope_of(filing_indicator: str) -> Scope:
    """The payer scope that a filing indicator (SBR09) stands for."""
    return _SCOPES.get(filing_indicator, "other")


class ProfileError(Exception):
    """A profile that cannot be used; the message names what is wrong and the nearest right name."""


@attrs.frozen
class Payer:
    """What a profile says of some payers."""

    name: str
    filing_indicators: frozenset[str]
    payer_ids: frozenset[str]
    scope: Scope | None
    severity: Mapping[str, Override]

    def matches(self, filing_indicator: str, payer_id: str) -> bool:
        """Whether a claim goes to one of these payers."""
        if self.payer_ids:
            return payer_id in self.payer_ids and filing_indicator in (self.filing_indicators or {filing_indicator})
        return filing_indicator in self.filing_indicators


@attrs.frozen
class Rules:
    """What holds for one payer: its scope, the severities that the profile overrides, and the edits in shadow."""

    payer: str
    scope: Scope
    severity: Mapping[str, Severity | Literal["off"]]
    shadow: frozenset[str] = frozenset()

    def severity_of(self, edit: Edit, claim_type: ClaimType) -> Severity | Dated | None:
        """The severity in force for an edit on claims of a type; `None` for off.

        What a profile says of an edit by date holds from the first of its dates on: before it there is no such rule.
        An edit in shadow runs where it otherwise would not, too.
        """
        own = edit.severity(claim_type, self.scope)
        if edit.code in self.shadow:
            return own or "info"
        override = self.severity.get(edit.code)
        if override is None:
            return own
        if override == "off":
            return None
        return dated((own.phases[0][0], override)) if isinstance(own, Dated) else override


@attrs.frozen
class Profile:
    """Payers and severities by which claims are judged, and the edits that run at all (`None`: all)."""

    name: str = "default"
    sha256: str = hashlib.sha256(b"").hexdigest()
    scope: Scope | None = None
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Override] = _NOTHING
    payers: tuple[Payer, ...] = ()
    suppressions: tuple[SuppressionFile, ...] = ()

    def runs(self, code: str) -> bool:
        """Whether an edit runs at all."""
        return code not in self.ignore and (self.select is None or code in self.select)

    def counts(self, code: str) -> bool:
        """Whether what an edit finds above all claims counts: it runs, and is not off or in shadow for every payer."""
        return self.runs(code) and self.severity.get(code) not in ("off", "shadow")

    @property
    def has_shadow(self) -> bool:
        """Whether an edit is in shadow for any payer."""
        severities = (self.severity, *(payer.severity for payer in self.payers))
        return any("shadow" in severity.values() for severity in severities)

    def rules(self, filing_indicator: str, payer_id: str) -> Rules:
        """What holds for a payer; one matched by its id wins over one matched by filing indicator alone."""
        scope = self.scope or scope_of(filing_indicator)
        matching = [payer for payer in self.payers if payer.matches(filing_indicator, payer_id)]
        matching.sort(key=lambda payer: not payer.payer_ids)
        if not matching:
            return _rules("", scope, self.severity)
        payer = matching[0]
        return _rules(payer.name, payer.scope or scope, {**self.severity, **payer.severity})

    def narrowed(self, select: Iterable[str], ignore: Iterable[str], catalogue: Catalogue) -> Profile:
        """The profile with `--select` and `--ignore` on top. Raises `CatalogueError` for an unknown code."""
        chosen = catalogue.matching(select) or self.select
        return attrs.evolve(self, select=chosen, ignore=self.ignore | catalogue.matching(ignore))

    def suppressing(self, file: SuppressionFile) -> Profile:
        """The profile with suppressions on top, and a fingerprint that covers them; itself where there are none."""
        if not file.entries:
            return self
        sha256 = hashlib.sha256(f"{self.sha256} {file.sha256}".encode()).hexdigest()
        return attrs.evolve(self, sha256=sha256, suppressions=(*self.suppressions, file))


def load(name: str, catalogue: Catalogue) -> Profile:
    """A profile that comes with the scrubber, by its name, or that in a file, by its path. Raises `ProfileError`."""
    path = _shipped().get(name, Path(name))
    try:
        table, sha256 = toml_file.read(path)
        profile = _profile(table, path.stem, sha256, catalogue)
        suppressed = _suppression_file(table, path.parent)
    except OSError as error:
        shipped = ", ".join(sorted(_shipped()))
        raise ProfileError(f"{path}: {error.strerror}; the shipped profiles are {shipped}") from error
    except (CatalogueError, TomlError) as error:
        raise ProfileError(f"{path}: {error}") from error
    if suppressed is None:
        return profile
    try:
        return profile.suppressing(suppressions.load(suppressed, catalogue))
    except SuppressionError as error:
        raise ProfileError(str(error)) from error


def _shipped() -> dict[str, Path]:
    folder = Path(__file__).with_name("profiles")
    return {path.stem: path for path in folder.glob("*.toml")}


def _rules(payer: str, scope: Scope, overrides: Mapping[str, Override]) -> Rules:
    shadow = frozenset(code for code, override in overrides.items() if override == "shadow")
    severity = {code: override for code, override in overrides.items() if override != "shadow"}
    return Rules(payer, scope, severity, shadow)


def _profile(table: dict[str, Any], stem: str, sha256: str, catalogue: Catalogue) -> Profile:
    toml_file.must_be_known(table, _KEYS, "key")
    select = toml_file.strings(table, "select")
    return Profile(
        name=str(table.get("name", stem)),
        sha256=sha256,
        scope=_scope(table),
        select=catalogue.matching(select) if select else None,
        ignore=catalogue.matching(toml_file.strings(table, "ignore")),
        severity=_severities(table, catalogue),
        payers=tuple(_payer(row, catalogue) for row in toml_file.tables(table, "payer")),
    )


def _suppression_file(table: dict[str, Any], folder: Path) -> Path | None:
    name = table.get("suppressions")
    if name is not None and not (isinstance(name, str) and name):
        raise TomlError("suppressions must be the name of a file")
    return None if name is None else folder / name


def _payer(row: dict[str, Any], catalogue: Catalogue) -> Payer:
    toml_file.must_be_known(row, _PAYER_KEYS, "key in [[payer]]")
    filing, ids = toml_file.strings(row, "filing_indicator"), toml_file.strings(row, "payer_id")
    if not filing and not ids:
        raise TomlError("a [[payer]] needs filing_indicator or payer_id")
    scope = _scope(row)
    severity = _severities(row, catalogue)
    return Payer(str(row.get("name", "")), frozenset(filing), frozenset(ids), scope, severity)


def _scope(table: dict[str, Any]) -> Scope | None:
    scope: Scope | None = table.get("scope")
    if scope is not None:
        toml_file.must_be_known([scope], SCOPES, "scope")
    return scope


def _severities(row: dict[str, Any], catalogue: Catalogue) -> dict[str, Override]:
    """By code; what is said of a whole code wins over what is said of all codes that begin so."""
    table = row.get("severity", {})
    if not isinstance(table, dict):
        raise TomlError("severity must be a table")
    found: dict[str, Override] = {}
    for code, severity in sorted(table.items(), key=lambda item: len(item[0])):
        toml_file.must_be_known([severity], _OVERRIDES, "severity")
        for match in catalogue.matching([code]):
            found[match] = severity
    return found
