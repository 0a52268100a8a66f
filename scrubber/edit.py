"""What an edit is: one check with a stable code, declared by a decorator on a plain function.

    @edit(
        "NDC05",
        "Subcutaneous NDC on an intravenous drug code",
        severity="reject",
        concerns=procedures("J0490"),
        claim_status="A8:218",
        carc="280",
        source="CMS ASP NDC-HCPCS crosswalk, Oct 2025",
    )
    def subcutaneous_ndc(claim: Claim, facts: Facts) -> Results:
        \"\"\"What it checks: …

        Why it is denied: …

        How to fix: …
        \"\"\"
        for line in claim.lines:
            if …:
                yield finding(line.at("ndc"), "…", "…")

An edit sees one claim and the dated facts, and nothing else: it is pure. It yields a `Finding` for each fault, and
`NotChecked` where it cannot decide; a malformed value that it asks for makes it not checked by itself.

A *file edit* compares claims of one file. It is declared by `file_edit` on a function that makes a fresh check for
each file; that check sees the claims in file order and remembers what it must of them, in tens of bytes each.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import ModuleType
from typing import Any, Literal, TypeAlias

import attrs

from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.claims.payers import Payers
from scrubber.reference import Facts, shipped
from scrubber.x12.guides import ClaimType

Severity: TypeAlias = Literal["reject", "warn", "info"]
SEVERITIES: tuple[Severity, ...] = ("reject", "warn", "info")
"""From gravest to lightest."""

Scope: TypeAlias = Literal["ffs", "madv", "mcd", "other"]
SCOPES: tuple[Scope, ...] = ("ffs", "madv", "mcd", "other")
"""Payer scopes: Medicare fee-for-service, Medicare Advantage, Medicaid, all other payers."""

CLAIM_TYPES: tuple[ClaimType, ...] = ("837P", "837I")

HEADINGS = ("What it checks", "Why it is denied", "How to fix")
"""The headings that the docstring of every edit has, in this order."""
CANNOT_KNOW = "What it cannot know"
"""A heading that may follow them: what is not on a claim, so that the edit can be wrong."""

CODE = re.compile(r"[A-Z]{1,10}\d\d", re.ASCII)
"""How codes are written: letters and two digits, short enough for a note in an annotated copy."""

_is_text = attrs.validators.instance_of(str)
_is_severity = attrs.validators.optional(attrs.validators.in_(SEVERITIES))


@attrs.frozen
class Finding:
    """What an edit says of a claim: where, what is wrong, how to mend it.

    The edit's code and the severity in force are added by the engine; `severity` given by the edit itself stands
    for a case that the edit judges milder or graver than its rule. So do `carc`, `rarc` and `claim_status` for a case
    that is denied for another reason than the rest of the rule.
    """

    location: Location = attrs.field(validator=attrs.validators.instance_of(Location))
    message: str = attrs.field(validator=_is_text)
    fix: str = attrs.field(validator=_is_text)
    severity: Severity | None = attrs.field(default=None, validator=_is_severity)
    code: str = ""
    carc: str | None = None
    rarc: str | None = None
    claim_status: str | None = None


@attrs.frozen
class NotChecked:
    """An edit could not decide, and why."""

    reason: str = attrs.field(validator=_is_text)


NO_DATE = NotChecked("the date of service is missing")
NO_PATIENT = NotChecked("the member id is missing, so the patient's other claims are not known")


Results: TypeAlias = Iterable[Finding | NotChecked]
Check: TypeAlias = Callable[[Claim, Facts], Results]
Concern: TypeAlias = Callable[[Facts], frozenset[str]]


def finding(
    at: Location,
    message: str,
    fix: str,
    severity: Severity | None = None,
    *,
    carc: str | None = None,
    rarc: str | None = None,
    claim_status: str | None = None,
) -> Finding:
    """A fault at a place: what is wrong and how to mend it, in a biller's words, without patient data.

    What else is given stands in place of what the edit declares.
    """
    return Finding(at, message, fix, severity, carc=carc, rarc=rarc, claim_status=claim_status)


@attrs.frozen
class Dated:
    """A severity that changes with the date of service: from each date on, in order; before the first, off.

    `until` is the last day on which there is any severity.
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
    return Dated(phases)


def gravest(one: Severity | Dated | None, other: Severity | Dated | None) -> Severity | Dated | None:
    """The graver of two severities, day by day where they have dates; `None` is off."""
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


def _must_be_severity(severity: object) -> None:
    if severity not in SEVERITIES:
        raise ValueError(f"{severity!r} is no severity; they are {', '.join(SEVERITIES)}")


def _severity_or_none(_: object, __: object, severity: object) -> None:
    if severity is not None and not isinstance(severity, Dated):
        _must_be_severity(severity)


@attrs.frozen
class Severities:
    """The severity of an edit for each payer scope; `None` means that it does not run there."""

    ffs: Severity | Dated | None = attrs.field(validator=_severity_or_none)
    madv: Severity | Dated | None = attrs.field(validator=_severity_or_none)
    mcd: Severity | Dated | None = attrs.field(validator=_severity_or_none)
    other: Severity | Dated | None = attrs.field(validator=_severity_or_none)

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


def procedures(*codes: str) -> Concern:
    """Concerns claims with one of these procedure codes."""
    return lambda _: frozenset(codes)


def family(name: str) -> Concern:
    """Concerns claims with a procedure code of a family of the reference tables."""
    return lambda facts: facts.family(name)


def drugs_or_unclassified(facts: Facts) -> frozenset[str]:
    """Concerns claims with any infused drug of the tables or an unclassified drug code."""
    return facts.drug_or_unclassified_codes


def administrations(facts: Facts) -> frozenset[str]:
    """Concerns claims with any code for giving a drug."""
    return facts.administrations.codes


def infused_drugs(facts: Facts) -> frozenset[str]:
    """Concerns claims with any infused drug of the reference tables."""
    return facts.drug_codes


@attrs.frozen
class Edit:
    """An edit with all that is known of it.

    `concerns` says which procedure codes bring it up, `None` for every claim; `types` the claim types it applies
    to; `on_voids` whether it also runs on claims that void another (frequency 8). `claim_status` is what a 277CA
    would say (category, status and entity), `carc` and `rarc` the likely denial; `confidence` is from 0 to 1.
    `table` names a table that does not come with the scrubber: without it the edit is not checked, or with
    `partly` does what it can. `institutional` are its severities on an 837I where they differ; `beside` is how grave
    it is at least where another payer of the claim (loop 2320) is of that scope. `payers` says for which payers it
    runs, beside their scope. `begin` makes the check of a file edit anew for each file.
    """

    code: str = attrs.field(validator=attrs.validators.matches_re(CODE))
    title: str
    check: Check = attrs.field(eq=False)
    severities: Severities
    concerns: Concern | None = attrs.field(eq=False)
    types: tuple[ClaimType, ...]
    on_voids: bool
    source: str
    confidence: float
    claim_status: str | None
    carc: str | None
    rarc: str | None
    table: str | None = None
    partly: bool = False
    institutional: Severities | None = None
    beside: Mapping[Scope, Severity | Dated] = attrs.field(factory=dict, eq=False)
    payers: Payers = attrs.field(factory=Payers)
    begin: Callable[[], Check] | None = attrs.field(default=None, eq=False)

    def severity(self, claim_type: ClaimType, scope: Scope) -> Severity | Dated | None:
        """The edit's own severity for claims of a type in a payer scope; `None` means that it does not run there."""
        own = self.institutional if self.institutional and claim_type == "837I" else self.severities
        return own.of(scope)

    def for_file(self) -> Edit:
        """The edit with a check that has seen no claim yet."""
        return attrs.evolve(self, check=self.begin()) if self.begin else self

    def __call__(self, claim: Claim, facts: Facts | None = None) -> list[Finding | NotChecked]:
        """What the edit says of a claim, as its function says it: for tests. `facts` are the shipped ones if left out.

        Nothing is graded here, and nothing asks whether the edit concerns the claim. A file edit begins anew with each
        call. Raises what the function raises, `MalformedValue` included.
        """
        return list(self.for_file().check(claim, facts or shipped()))

    @property
    def documentation(self) -> str:
        """The check's docstring, as `scrubber explain` prints it."""
        return inspect.getdoc(self.begin or self.check) or ""


def edit(
    code: str,
    title: str,
    *,
    severity: Severity | Severities,
    concerns: Concern | None,
    source: str,
    confidence: float = 0.9,
    types: tuple[ClaimType, ...] = CLAIM_TYPES,
    on_voids: bool = False,
    claim_status: str | None = None,
    carc: str | None = None,
    rarc: str | None = None,
    table: str | None = None,
    partly: bool = False,
    institutional: Severities | None = None,
    beside: Mapping[Scope, Severity | Dated] | None = None,
) -> Callable[[Check], Edit]:
    """Makes an `Edit` of a function. Raises `ValueError` where code, severity or docstring is not as it should be."""
    severities = severity if isinstance(severity, Severities) else Severities(severity, severity, severity, severity)

    def declare(check: Check) -> Edit:
        _must_be_documented(code, check)
        return Edit(
            code=code,
            title=title,
            check=check,
            severities=severities,
            concerns=concerns,
            types=types,
            on_voids=on_voids,
            source=source,
            confidence=confidence,
            claim_status=claim_status,
            carc=carc,
            rarc=rarc,
            table=table,
            partly=partly,
            institutional=institutional,
            beside=beside or {},
        )

    return declare


def file_edit(code: str, title: str, **declared: Any) -> Callable[[Callable[[], Check]], Edit]:
    """Makes a file edit of a function that makes checks; takes what `edit` takes, and raises what it raises."""

    def declare(begin: Callable[[], Check]) -> Edit:
        _must_be_documented(code, begin)
        check = begin()
        check.__doc__ = begin.__doc__
        return attrs.evolve(edit(code, title, **declared)(check), begin=begin)

    return declare


def _must_be_documented(code: str, function: Callable[..., object]) -> None:
    documentation = function.__doc__ or ""
    places = [documentation.find(f"{heading}:") for heading in HEADINGS]
    if -1 in places or places != sorted(places):
        raise ValueError(f"edit {code}: the docstring needs the headings {', '.join(HEADINGS)}")
    if -1 < documentation.find(f"{CANNOT_KNOW}:") < places[-1]:
        raise ValueError(f"edit {code}: {CANNOT_KNOW} stands behind the other headings")


class _Module(ModuleType):
    """This module, which can be called: `scrubber.edit` is both the module and, for `from scrubber import edit`, the
    decorator of the same name."""

    __call__ = staticmethod(edit)


sys.modules[__name__].__class__ = _Module
