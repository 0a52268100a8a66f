"""Profiles: which edits run for which payer, and at what severity.

A profile is a TOML file, or one of those that come with the scrubber (medicare-ffs, commercial, medicaid):

    name = "our-house"
    scope = "mcd"                   # treat every claim as: ffs, madv, mcd or other; else SBR09 decides
    ignore = ["ADM01"]              # never run
    [severity]                      # for every payer; "off" switches an edit off
    MIX01 = "reject"
    [[payer]]
    name = "State Medicaid"
    filing_indicator = ["MC"]       # SBR09; a payer without payer_id matches all that file so
    payer_id = ["77001"]            # NM109 of loop 2010BB; wins over the filing indicator
    scope = "mcd"
    [payer.severity]
    DX01 = "warn"
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import attrs

from scrubber.catalogue import Catalogue, CatalogueError, nearest
from scrubber.edit import SCOPES, SEVERITIES, Dated, Edit, Scope, Severity, dated
from scrubber.x12.envelope import ClaimType

Override: TypeAlias = Severity | Literal["off"]

_SCOPES: Mapping[str, Scope] = MappingProxyType({"MA": "ffs", "MB": "ffs", "16": "madv", "MC": "mcd"})
"""Payer scope by SBR09; any other, or none, is `other`."""

_NOTHING: Mapping[str, Override] = MappingProxyType({})


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
    """What holds for one payer: its scope, and the severities that the profile overrides."""

    payer: str
    scope: Scope
    severity: Mapping[str, Override]

    def severity_of(self, edit: Edit, claim_type: ClaimType) -> Severity | Dated | None:
        """The severity in force for an edit on claims of a type; `None` for off.

        What a profile says of an edit by date holds from the first of its dates on: before it there is no such rule.
        """
        own = edit.severity(claim_type, self.scope)
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

    def runs(self, code: str) -> bool:
        """Whether an edit runs at all."""
        return code not in self.ignore and (self.select is None or code in self.select)

    def rules(self, filing_indicator: str, payer_id: str) -> Rules:
        """What holds for a payer; one matched by its id wins over one matched by filing indicator alone."""
        scope = self.scope or _SCOPES.get(filing_indicator, "other")
        matching = [payer for payer in self.payers if payer.matches(filing_indicator, payer_id)]
        matching.sort(key=lambda payer: not payer.payer_ids)
        if not matching:
            return Rules("", scope, self.severity)
        payer = matching[0]
        return Rules(payer.name, payer.scope or scope, {**self.severity, **payer.severity})

    def narrowed(self, select: Iterable[str], ignore: Iterable[str], catalogue: Catalogue) -> Profile:
        """The profile with `--select` and `--ignore` on top. Raises `CatalogueError` for an unknown code."""
        chosen = catalogue.matching(select) or self.select
        return attrs.evolve(self, select=chosen, ignore=self.ignore | catalogue.matching(ignore))


def load(name: str, catalogue: Catalogue) -> Profile:
    """A profile that comes with the scrubber, by its name, or that in a file, by its path. Raises `ProfileError`."""
    path = _shipped().get(name, Path(name))
    try:
        content = path.read_bytes()
        table = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        shipped = ", ".join(sorted(_shipped()))
        raise ProfileError(f"{path}: {error.strerror}; the shipped profiles are {shipped}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path}: {error}") from error
    try:
        return _profile(table, path.stem, hashlib.sha256(content).hexdigest(), catalogue)
    except CatalogueError as error:
        raise ProfileError(f"{path}: {error}") from error
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def _shipped() -> dict[str, Path]:
    folder = Path(__file__).with_name("profiles")
    return {path.stem: path for path in folder.glob("*.toml")}


def _profile(table: dict[str, Any], stem: str, sha256: str, catalogue: Catalogue) -> Profile:
    _known(table, ("name", "scope", "select", "ignore", "severity", "payer"), "key")
    select = _strings(table, "select")
    return Profile(
        name=str(table.get("name", stem)),
        sha256=sha256,
        scope=_scope(table),
        select=catalogue.matching(select) if select else None,
        ignore=catalogue.matching(_strings(table, "ignore")),
        severity=_severities(table, catalogue),
        payers=tuple(_payer(row, catalogue) for row in _payers(table)),
    )


def _payers(table: dict[str, Any]) -> list[dict[str, Any]]:
    rows = table.get("payer", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ProfileError("payer must be a list of tables, [[payer]]")
    return rows


def _payer(row: dict[str, Any], catalogue: Catalogue) -> Payer:
    _known(row, ("name", "filing_indicator", "payer_id", "scope", "severity"), "key in [[payer]]")
    filing, ids = _strings(row, "filing_indicator"), _strings(row, "payer_id")
    if not filing and not ids:
        raise ProfileError("a [[payer]] needs filing_indicator or payer_id")
    scope = _scope(row)
    severity = _severities(row, catalogue)
    return Payer(str(row.get("name", "")), frozenset(filing), frozenset(ids), scope, severity)


def _scope(table: dict[str, Any]) -> Scope | None:
    scope: Scope | None = table.get("scope")
    if scope is not None:
        _known([scope], SCOPES, "scope")
    return scope


def _severities(row: dict[str, Any], catalogue: Catalogue) -> dict[str, Override]:
    """By code; what is said of a whole code wins over what is said of all codes that begin so."""
    table = row.get("severity", {})
    if not isinstance(table, dict):
        raise ProfileError("severity must be a table")
    found: dict[str, Override] = {}
    for code, severity in sorted(table.items(), key=lambda item: len(item[0])):
        _known([severity], (*SEVERITIES, "off"), "severity")
        for match in catalogue.matching([code]):
            found[match] = severity
    return found


def _strings(table: dict[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(f"{key} must be a list of strings")
    return value


def _known(given: Iterable[str], known: Iterable[str], what: str) -> None:
    allowed = list(known)
    for name in given:
        if name not in allowed:
            close = nearest(str(name).upper(), [item.upper() for item in allowed]).lower()
            raise ProfileError(f"unknown {what} {name!r}{close}")
