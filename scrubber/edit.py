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

An edit sees only one claim and the dated facts: it is pure. It yields a `Finding` for each fault, and `NotChecked` if
it cannot decide. An edit that reads a malformed value is not checked. The same holds for an edit that uses a public
table which is not loaded, or has no edition for the date of service.

A *file edit* compares the claims of a file. It is declared by `file_edit` on a function that makes a new check for each
file. That check sees the claims in file order. It may keep some tens of bytes of each. A function with a parameter is
given what earlier files held (`scrubber.claims.earlier.Earlier`), so that its check compares across files, too.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import ModuleType
from typing import Any, TypeAlias

import attrs

from scrubber.claims.earlier import NOTHING_EARLIER, Earlier
from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.claims.parts import PARTS, Part
from scrubber.claims.payers import Payers
from scrubber.claims.signs import SIGNS, Sign
from scrubber.reference import Facts, shipped
from scrubber.reference.editions import NoEdition, Table
from scrubber.reference.listings import drug_or_listed_codes, waste_codes
from scrubber.severities import SCOPES as SCOPES
from scrubber.severities import SEVERITIES as SEVERITIES
from scrubber.severities import Dated as Dated
from scrubber.severities import Scope as Scope
from scrubber.severities import Severities as Severities
from scrubber.severities import Severity as Severity
from scrubber.severities import by_payer as by_payer
from scrubber.severities import dated as dated
from scrubber.severities import gravest as gravest
from scrubber.severities import plain
from scrubber.x12.guides import ClaimType
from scrubber.x12.remembering import remembered as remembered

CLAIM_TYPES: tuple[ClaimType, ...] = ("837P", "837I")

HEADINGS = ("What it checks", "Why it is denied", "How to fix")
"""The headings that the docstring of every edit has, in this order."""
CANNOT_KNOW = "What it cannot know"
"""An optional heading after them: facts that are not on a claim, without which the edit can be wrong."""

CODE = re.compile(r"[A-Z]{1,10}\d\d", re.ASCII)
"""How codes are written: letters and two digits, short enough for a note in an annotated copy."""


def _text(given: str) -> str:
    """A text, as plain text. Raises `TypeError`."""
    if not isinstance(given, str):
        raise TypeError(f"it must be text, not {type(given).__name__}")
    return plain(given)  # type: ignore[no-any-return]


def _text_or_none(given: str | None) -> str | None:
    return plain(given)  # type: ignore[no-any-return]


def _severity_or_none(given: Severity | None) -> Severity | None:
    return plain(given)  # type: ignore[no-any-return]


_is_severity = attrs.validators.optional(attrs.validators.in_(SEVERITIES))


@attrs.frozen
class Finding:
    """A fault that an edit finds in a claim: where it is, what is wrong and how to correct it.

    The engine adds the edit's code and the severity in force. An edit sets a `severity` itself if a case has a lower or
    higher one than its rule. It gives `carc`, `rarc` and `claim_status` if a case is denied for another reason than the
    rest of the rule.
    """

    location: Location = attrs.field(validator=attrs.validators.instance_of(Location))
    message: str = attrs.field(converter=_text)
    fix: str = attrs.field(converter=_text)
    severity: Severity | None = attrs.field(default=None, converter=_severity_or_none, validator=_is_severity)
    code: str = ""
    carc: str | None = attrs.field(default=None, converter=_text_or_none)
    rarc: str | None = attrs.field(default=None, converter=_text_or_none)
    claim_status: str | None = attrs.field(default=None, converter=_text_or_none)


@attrs.frozen
class NotChecked:
    """An edit could not decide, for a reason."""

    reason: str = attrs.field(converter=_text)


NO_DATE = NotChecked("the date of service is missing")
NO_PATIENT = NotChecked("the member id is missing, so the patient's other claims are not known")
TOO_MANY_EARLIER = NotChecked("the history has too many claims of this patient to compare with all of them")


def no_edition(table: Table, on: date) -> NotChecked | None:
    """A `NotChecked` if a table has no edition for a day, else `None`.

    An edit that also checks something else calls this first, because a question about a row would end the edit.
    """
    return None if table.covers(on) else NotChecked(str(NoEdition(table, on)))


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
    """A fault at a location: what is wrong and how to correct it, in a biller's words, without patient data.

    The other arguments replace the values that the edit declares.
    """
    return Finding(at, message, fix, severity, carc=carc, rarc=rarc, claim_status=claim_status)


def procedures(*codes: str) -> Concern:
    """Concerns claims with one of these procedure codes."""
    return lambda _: frozenset(codes)


def family(*names: str) -> Concern:
    """Concerns claims with a procedure code of one of these families of the reference tables."""
    return lambda facts: facts.families_together(*names)


def drugs_or_unclassified(facts: Facts) -> frozenset[str]:
    """Concerns claims with any infused drug of the tables or an unclassified drug code."""
    return facts.drug_or_unclassified_codes


def listed_drugs(facts: Facts) -> frozenset[str]:
    """Concerns claims with any infused drug of the shipped tables, or any drug of the loaded crosswalk."""
    return drug_or_listed_codes(facts)


def waste_drugs(facts: Facts) -> frozenset[str]:
    """Concerns claims with any drug that may need JW or JZ, by the shipped or the loaded tables."""
    return waste_codes(facts)


def administrations(facts: Facts) -> frozenset[str]:
    """Concerns claims with any code for giving a drug."""
    return facts.administrations.codes


def infused_drugs(facts: Facts) -> frozenset[str]:
    """Concerns claims with any infused drug of the reference tables."""
    return facts.drug_codes


def _is_code(_: object, __: object, code: str) -> None:
    if not CODE.fullmatch(code):
        raise ValueError(f"the code {code[:20]!r} is not one to ten capital letters and two digits")


def _is_type(_: object, __: object, claim_type: str) -> None:
    if claim_type not in CLAIM_TYPES:
        raise ValueError(f"{claim_type!r} is no claim type; the types are {', '.join(CLAIM_TYPES)}")


def _as_texts(severities: Mapping[Scope, Severity | Dated]) -> Mapping[Scope, Severity | Dated]:
    return {scope: plain(severity) for scope, severity in severities.items()}


@attrs.frozen
class Edit:
    """An edit: its check and all that it declares.

    It runs on claims with one of the procedure codes of `concerns` (`None`: on every claim) and of the claim types
    `types`. With `needs` the claim must also have one of these other codes, and with a `sign` it must show the sign
    (`scrubber.claims.signs`): on other claims the edit must find nothing. With a `part` it must look at nothing else of
    the claim (`scrubber.claims.parts`). With `on_voids` it also runs on claims that void another (frequency 8).
    `claim_status` is the likely status in a 277CA (category, status and entity), `carc` and `rarc` the likely denial.
    `confidence` is from 0 to 1. `tables` are the public tables that it uses (`scrubber.reference.external`). If none is
    loaded, the edit is not checked, or with `partly` it checks a part. Tables in `widened_by` do not count for that:
    they only add to what it checks. `institutional` are its severities on an 837I if they differ. `beside` is its least
    severity if another payer of the claim (loop 2320) has that scope. `payers` limits the payers further. `begin` makes
    a file edit's check of a file; with `remembers` it takes the earlier claims. With `needs_history` the edit is not
    checked without a history, or with `in_file` it compares the claims of the file only.
    """

    code: str = attrs.field(converter=_text, validator=_is_code)
    title: str = attrs.field(converter=_text)
    check: Check = attrs.field(eq=False)
    severities: Severities
    concerns: Concern | None = attrs.field(eq=False)
    types: tuple[ClaimType, ...] = attrs.field(validator=attrs.validators.deep_iterable(_is_type))
    on_voids: bool
    source: str = attrs.field(converter=_text)
    confidence: float
    claim_status: str | None = attrs.field(converter=_text_or_none)
    carc: str | None = attrs.field(converter=_text_or_none)
    rarc: str | None = attrs.field(converter=_text_or_none)
    tables: tuple[str, ...] = ()
    partly: bool = False
    widened_by: tuple[str, ...] = ()
    institutional: Severities | None = None
    beside: Mapping[Scope, Severity | Dated] = attrs.field(factory=dict, converter=_as_texts, eq=False)
    payers: Payers = attrs.field(factory=Payers)
    sign: Sign | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.in_(SIGNS)))
    part: Part | None = attrs.field(default=None, validator=attrs.validators.optional(attrs.validators.in_(PARTS)))
    needs: Concern | None = attrs.field(default=None, eq=False)
    begin: Callable[..., Check] | None = attrs.field(default=None, eq=False)
    remembers: bool = False
    needs_history: bool = False
    in_file: bool = False

    @property
    def needed_tables(self) -> Sequence[str]:
        """The tables without which the edit is not checked, or only in part."""
        return [name for name in self.tables if name not in self.widened_by]

    def severity(self, claim_type: ClaimType, scope: Scope) -> Severity | Dated | None:
        """The edit's own severity for claims of a type in a payer scope; `None` means that it does not run there."""
        own = self.institutional if self.institutional and claim_type == "837I" else self.severities
        return own.of(scope)

    def for_file(self, earlier: Earlier = NOTHING_EARLIER) -> Edit:
        """The edit with a new check for this file, which has the `earlier` claims."""
        if self.begin is None:
            return self
        return attrs.evolve(self, check=self.begin(earlier) if self.remembers else self.begin())

    def __call__(self, claim: Claim, facts: Facts | None = None) -> list[Finding | NotChecked]:
        """The results of the edit's function for a claim, for tests. By default `facts` are the shipped ones.

        The results are not graded, and it does not matter whether the edit concerns the claim. Each call of a file edit
        begins with no earlier claims. Raises what the function raises, `MalformedValue` included.
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
    table: str | Iterable[str] | None = None,
    partly: bool = False,
    widened_by: Iterable[str] = (),
    institutional: Severities | None = None,
    beside: Mapping[Scope, Severity | Dated] | None = None,
    sign: Sign | None = None,
    part: Part | None = None,
    needs: Concern | None = None,
) -> Callable[[Check], Edit]:
    """Makes an `Edit` from a function. Raises `ValueError` for a wrong code, severity, sign, part or docstring.

    `table` is a public table that the edit uses, or several of them. `widened_by` only add to what it checks.
    """
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
            tables=(*((table,) if isinstance(table, str) else table or ()), *widened_by),
            partly=partly,
            widened_by=tuple(widened_by),
            institutional=institutional,
            beside=beside or {},
            sign=sign,
            part=part,
            needs=needs,
        )

    return declare


def file_edit(
    code: str, title: str, *, needs_history: bool = False, in_file: bool = False, **declared: Any
) -> Callable[[Callable[..., Check]], Edit]:
    """Makes a file edit from a function that makes checks. Other arguments and errors are those of `edit`.

    The function may take the earlier claims as its one argument. With `needs_history` it checks nothing without them,
    or with `in_file` the claims of the file only.
    """

    def declare(begin: Callable[..., Check]) -> Edit:
        _must_be_documented(code, begin)
        remembers = bool(inspect.signature(begin).parameters)
        check = begin(NOTHING_EARLIER) if remembers else begin()
        check.__doc__ = begin.__doc__
        plain = edit(code, title, **declared)(check)
        return attrs.evolve(plain, begin=begin, remembers=remembers, needs_history=needs_history, in_file=in_file)

    return declare


def _must_be_documented(code: str, function: Callable[..., object]) -> None:
    documentation = function.__doc__ or ""
    starts = [documentation.find(f"{heading}:") for heading in HEADINGS]
    if -1 in starts or starts != sorted(starts):
        raise ValueError(f"edit {code}: the docstring needs the headings {', '.join(HEADINGS)}")
    if -1 < documentation.find(f"{CANNOT_KNOW}:") < starts[-1]:
        raise ValueError(f"edit {code}: write {CANNOT_KNOW} after the other headings")


class _Module(ModuleType):
    """This module can be called: after `from scrubber import edit`, `edit` is the decorator, too."""

    __call__ = staticmethod(edit)


sys.modules[__name__].__class__ = _Module
