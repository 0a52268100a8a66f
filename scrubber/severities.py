"""Severities: how serious a finding is, by payer scope and date of service."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, TypeAlias

import attrs

Severity: TypeAlias = Literal["reject", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("reject", "warn", "info")
"""From the highest to the lowest."""

Scope: TypeAlias = Literal["ffs", "madv", "mcd", "other"]
SCOPES: tuple[Scope, ...] = ("ffs", "madv", "mcd", "other")
"""Payer scopes: Medicare fee-for-service, Medicare Advantage, Medicaid, all other payers."""


@attrs.frozen
class Dated:
    """A severity that changes with the date of service.

    Each phase begins on its date, in order. The severity is off before the first phase and after `until`.
    """

    phases: tuple[tuple[date, Severity], ...] = attrs.field()
    until: date | None = None

    @phases.validator
    def _known_severities(self, _: object, phases: tuple[tuple[date, Severity], ...]) -> None:
        for _since, severity in phases:
            _must_be_severity(severity)

    def on(self, day: date) -> Severity | None:
        """The severity in force on a day, `None` for off."""
        in_force: Severity | None = None
        if self.until and day > self.until:
            return None
        for since, severity in self.phases:
            if since <= day:
                in_force = severity
        return in_force


def dated(*phases: tuple[date, Severity]) -> Dated:
    """A severity by date of service."""
    return Dated(tuple((since, plain(severity)) for since, severity in phases))


def gravity(severity: Severity | None) -> int:
    """The position of a severity among all, 0 for the gravest. A finding without one counts as `info`."""
    return SEVERITIES.index(severity or "info")


def gravest(one: Severity | Dated | None, other: Severity | Dated | None) -> Severity | Dated | None:
    """The higher of two severities, day by day if they have dates. `None` is off."""
    if one is None or other is None or one == other:
        return one or other
    if isinstance(one, str) and isinstance(other, str):
        return min(one, other, key=SEVERITIES.index)
    phases: list[tuple[date, Severity]] = []
    for day in sorted({since for graded in (one, other) for since in _changes(graded)}):
        named = [severity for severity in (_on(one, day), _on(other, day)) if severity]
        if named:
            phases.append((day, min(named, key=SEVERITIES.index)))
    return Dated(tuple(phases))


def _changes(severity: Severity | Dated) -> list[date]:
    return [since for since, _ in severity.phases] if isinstance(severity, Dated) else [date.min]


def _on(severity: Severity | Dated, day: date) -> Severity | None:
    return severity.on(day) if isinstance(severity, Dated) else severity


def plain(given: Any) -> Any:
    """A text as it is, and that of a class of its own, such as a `StrEnum` of a plug-in, as plain text.

    Reports write it, and processes that do not know the class send it to each other.
    """
    return str.__str__(given) if type(given) is not str and isinstance(given, str) else given


def _plain(severity: Severity | Dated | None) -> Severity | Dated | None:
    return plain(severity)  # type: ignore[no-any-return]


def _must_be_severity(severity: object) -> None:
    if severity not in SEVERITIES:
        raise ValueError(f"{severity!r} is not a severity; the severities are {', '.join(SEVERITIES)}")


def _severity_or_none(_: object, __: object, severity: object) -> None:
    if severity is not None and not isinstance(severity, Dated):
        _must_be_severity(severity)


@attrs.frozen
class Severities:
    """The severity of an edit for each payer scope; `None` means that it does not run there."""

    ffs: Severity | Dated | None = attrs.field(converter=_plain, validator=_severity_or_none)
    madv: Severity | Dated | None = attrs.field(converter=_plain, validator=_severity_or_none)
    mcd: Severity | Dated | None = attrs.field(converter=_plain, validator=_severity_or_none)
    other: Severity | Dated | None = attrs.field(converter=_plain, validator=_severity_or_none)

    def of(self, scope: Scope) -> Severity | Dated | None:
        """The severity for one scope."""
        found: Severity | Dated | None = getattr(self, scope)
        return found


def by_payer(
    *,
    ffs: Severity | Dated | None,
    madv: Severity | Dated | None,
    mcd: Severity | Dated | None,
    other: Severity | Dated | None,
) -> Severities:
    """Severities by payer scope, `None` for off."""
    return Severities(ffs, madv, mcd, other)
