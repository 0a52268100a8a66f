"""The rules of a profile: each row `[[rule]]` becomes an edit.

    [[rule]]
    code = "HOUSE01"                      # letters of your own and two digits
    title = "No prior authorization number on an infused drug"
    payer_id = ["HL100"]                  # or scope, filing_indicator, payer_name; none: every payer
    procedure = ["J*", "Q*"]              # on lines with these codes; none: every line
    look_at = "prior_authorization"       # a name of `scrubber.engine.rules.fields`
    must_be = "present"                   # or must_equal, must_be_one_of …
    fix = "add the number from the approval letter (REF*G1)"
    source = "Harbor Light provider manual 2026, section 7.2"

`docs/payer-rules.md` has all keys.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.claims.payers import ANY
from scrubber.edit import (
    CLAIM_TYPES,
    CODE,
    SCOPES,
    SEVERITIES,
    Dated,
    Edit,
    Results,
    Severities,
    edit,
)
from scrubber.edit import procedures as procedures_in
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.registry import registry
from scrubber.engine.rules.conditions import KEYS as CONDITION_KEYS
from scrubber.engine.rules.conditions import Condition, condition, pattern, values
from scrubber.engine.rules.fields import FIELDS, RuleField
from scrubber.engine.rules.payers import KEYS as PAYER_KEYS
from scrubber.engine.rules.payers import payers
from scrubber.engine.rules.rule import Case, Rule, documentation
from scrubber.engine.toml_file import TomlError, day, must_be_known, one_or_more, tables
from scrubber.reference import Facts
from scrubber.x12.guides import ClaimType

KEYS = (
    *("code", "title", "scope", *PAYER_KEYS, "claim_type", "on_voids", "procedure", "when", "unless", "look_at"),
    *(*CONDITION_KEYS, "message", "fix", "from", "until", "severity", "source", "confidence"),
    *("carc", "rarc", "claim_status"),
)
_HEAD_KEYS = ("name", "select", "ignore", "suppressions", "facts", "reference")
"""Keys of the profile itself. Below a table, TOML reads them as keys of that table."""
_SHAPES = {
    "carc": (re.compile(r"[A-Z]?\d{1,3}", re.ASCII), "a claim adjustment reason code, such as 197"),
    "rarc": (re.compile(r"(M|MA|N)\d{1,3}", re.ASCII), "a remittance advice remark code, such as M62"),
    "claim_status": (re.compile(r"A[0-8]:\d{1,3}(:\w{2,3})?", re.ASCII), "codes of a 277CA, such as A6:252"),
}
_OWN_LETTERS = ("HOUSE", "OWN", "PAYER", "CLINIC", "BILLER")
_LONGEST = 500  # characters of a text that a person reads

_CONFIDENCE = 0.9


def rules(table: dict[str, Any], catalogue: Catalogue, starts: Sequence[int] = ()) -> tuple[Edit, ...]:
    """The rules of a profile, in its order. Raises `TomlError`, with a row for each wrong rule.

    `starts` are the numbers of the file's lines on which rules begin.
    """
    found: dict[str, Edit] = {}
    wrong = []
    families = frozenset(known.rstrip("0123456789") for known in registry(catalogue))
    rows = tables(table, "rule")
    lines = [f"line {start}, " for start in starts] if len(starts) == len(rows) else [""] * len(rows)
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), start=1):
        try:
            one = _edit(row, families, found)
            found[one.code] = one
        except TomlError as error:
            code = row.get("code")
            named = f" ({code})" if isinstance(code, str) else ""
            wrong.append(f"{line}rule {number}{named}: {error}")
    if wrong:
        raise TomlError(*wrong)
    return tuple(found.values())


def _edit(row: dict[str, Any], families: Collection[str], taken: Collection[str]) -> Edit:
    for key in _HEAD_KEYS:
        if key in row:
            raise TomlError(f"{key} is for the whole profile: move it to the head of the file, above the first [[…]]")
    must_be_known(row, KEYS, "key")
    code = _code(row, families, taken)
    title = _text(row, "title")
    field = _field(row)
    rule = Rule(
        procedure=tuple(pattern(value, "procedure", FIELDS["procedure"]) for value in one_or_more(row, "procedure")),
        case=_case(row, of_line=False),
        line_case=_case(row, of_line=True),
        demand=condition(row, row["look_at"], field),
        message=_text(row, "message", title),
        fix=_text(row, "fix"),
    )
    types = _types(row, rule)
    concerned = payers(row)
    source = _text(row, "source")

    def check(claim: Claim, facts: Facts) -> Results:
        return rule.check(claim, facts)

    check.__doc__ = documentation(rule, source)
    declare = edit(
        code,
        title,
        severity=_severities(row),
        concerns=None if _is_open(rule.procedure) else procedures_in(*rule.procedure),
        source=source,
        confidence=_confidence(row),
        types=types,
        on_voids=_flag(row, "on_voids"),
        carc=_denial(row, "carc"),
        rarc=_denial(row, "rarc"),
        claim_status=_denial(row, "claim_status"),
    )
    return attrs.evolve(declare(check), payers=concerned)


def _is_open(procedure: tuple[str, ...]) -> bool:
    """Whether the codes cannot be listed one by one."""
    return not procedure or any(code.endswith(ANY) for code in procedure)


def _code(row: Mapping[str, Any], families: Collection[str], taken: Collection[str]) -> str:
    """The code of a rule. `families` are the letters of installed codes, `taken` the codes of the rules before."""
    code = _text(row, "code")
    if not CODE.fullmatch(code):
        raise TomlError(f"{code!r} is not a code; a code is letters of your own and two digits, such as HOUSE01")
    if code in taken:
        raise TomlError("another rule has this code; give each rule its own code")
    if code[:-2] in families:
        own = next(letters for letters in _OWN_LETTERS if letters not in families)
        raise TomlError(f"{code[:-2]} belongs to edits that are installed; take letters of your own: {own}{code[-2:]}")
    return code


def _field(row: Mapping[str, Any]) -> RuleField:
    name = _text(row, "look_at")
    must_be_known([name], FIELDS, "name in look_at")
    return FIELDS[name]


def _case(row: Mapping[str, Any], *, of_line: bool) -> Case:
    """The conditions of `when` and `unless` on the claim, or on the line."""
    when, unless = (
        tuple(one for one in _conditions(row, key) if bool(one.field.of_line) == of_line) for key in ("when", "unless")
    )
    return Case(when, unless)


def _conditions(row: Mapping[str, Any], key: str) -> Iterator[Condition]:
    table = row.get(key, {})
    if not isinstance(table, dict):
        raise TomlError(f"{key} must be a table, such as {{ frequency = '7' }}")
    must_be_known(table, FIELDS, f"name in {key}")
    for name, given in table.items():
        field = FIELDS[name]
        if given in ("present", "absent"):
            yield Condition(field, "must_be", (given,))
        else:
            yield Condition(field, "must_be_one_of", values(given, f"{key}.{name}", name, field))


def _types(row: Mapping[str, Any], rule: Rule) -> tuple[ClaimType, ...]:
    """The claim types of a rule: those it names, else all that have its fields."""
    named = one_or_more(row, "claim_type")
    must_be_known(named, CLAIM_TYPES, "claim type")
    looked_at = [rule.demand.field, *(one.field for case in (rule.case, rule.line_case) for one in case.when)]
    types: list[ClaimType] = []
    for kind in CLAIM_TYPES:
        if named and kind not in named:
            continue
        lacking = [field.words for field in looked_at if kind not in field.types]
        if not lacking:
            types.append(kind)
        elif named:
            raise TomlError(f"an {kind} does not have {lacking[0]}")
    if not types:
        raise TomlError(f"no claim type has all of: {', '.join(field.words for field in looked_at)}")
    return tuple(types)


def _severities(row: Mapping[str, Any]) -> Severities:
    """The row's one severity, in its scopes and from its first to its last date of service."""
    severity = row.get("severity", "warn")
    must_be_known([severity], SEVERITIES, "severity")
    scopes = one_or_more(row, "scope")
    must_be_known(scopes, SCOPES, "scope")
    since, until = day(row, "from"), day(row, "until")
    if since and until and until < since:
        raise TomlError(f"until {until} is before from {since}")
    in_force = Dated(((since or date.min, severity),), until) if since or until else severity
    return Severities(**{scope: in_force if scope in scopes or not scopes else None for scope in SCOPES})


def _text(row: Mapping[str, Any], key: str, default: str | None = None) -> str:
    text = row.get(key, default)
    if text is None:
        raise TomlError(f"it needs {key}")
    if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise TomlError(f"{key} must be one row of text in quotes, of at most {_LONGEST} characters")
    return text.strip()


def _denial(row: Mapping[str, Any], key: str) -> str | None:
    if key not in row:
        return None
    shape, words = _SHAPES[key]
    if not isinstance(row[key], str) or not shape.fullmatch(row[key]):
        raise TomlError(f"{key} must be {words}, in quotes")
    return str(row[key])


def _confidence(row: Mapping[str, Any]) -> float:
    confidence = row.get("confidence", _CONFIDENCE)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        raise TomlError("confidence must be a number from 0 to 1")
    return float(confidence)


def _flag(row: Mapping[str, Any], key: str) -> bool:
    flag = row.get(key, False)
    if not isinstance(flag, bool):
        raise TomlError(f"{key} must be true or false")
    return flag
