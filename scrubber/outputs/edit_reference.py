"""The catalogue in words: one edit explained, the whole as a page, and what is in force for a payer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scrubber.catalogue import Catalogue
from scrubber.edit import SCOPES, Dated, Edit, Severities, Severity
from scrubber.engine import Engine
from scrubber.profile import Rules
from scrubber.x12.envelope import ClaimType


def grade(severity: Severity | Dated | None) -> str:
    """A severity in one word, `by date` where it depends on the date of service."""
    if severity is None:
        return "off"
    return severity if isinstance(severity, str) else "by date"


def explanation(edit: Edit) -> str:
    """All that is known of an edit, as `scrubber explain` prints it."""
    return "\n".join([f"{edit.code}  {edit.title}", "", edit.documentation, "", *_particulars(edit)])


def overview(catalogue: Catalogue) -> Iterator[str]:
    """One row for each edit: code, severity in each payer scope, title."""
    yield "code     " + " ".join(f"{scope:9}" for scope in SCOPES) + " title"
    for edit in catalogue.edits.values():
        grades = " ".join(f"{grade(edit.severities.of(scope)):9}" for scope in SCOPES)
        yield f"{edit.code:8} {grades} {edit.title}"


def in_force(engine: Engine, rules: Rules, claim_type: ClaimType, on: date) -> Iterator[str]:
    """One row for each edit: what it counts as for claims of a type, under the rules of a payer, on a date, and why."""
    payer = f" ({rules.payer})" if rules.payer else ""
    yield f"{claim_type}, payer scope {rules.scope}{payer}, service on {on}, profile {engine.profile.name}"
    yield f"{'code':8} {'severity':9} {'why':40} title"
    missing = {item.code: item.reason for item in engine.unavailable}
    for edit in engine.catalogue.edits.values():
        severity, why = _standing(edit, engine, rules, claim_type, on)
        if severity and edit.code in missing:
            why = missing[edit.code]
            severity = severity if edit.partly else None
        yield f"{edit.code:8} {severity or 'off':9} {why:40} {edit.title}"


def _standing(edit: Edit, engine: Engine, rules: Rules, claim_type: ClaimType, on: date) -> tuple[Severity | None, str]:
    """The severity of an edit on a date, and what decided it."""
    profile = engine.profile
    if claim_type not in edit.types:
        return None, f"for {' and '.join(edit.types)} only"
    if edit.code in profile.ignore:
        return None, "ignored"
    if profile.select is not None and edit.code not in profile.select:
        return None, "not selected"
    severity = rules.severity_of(edit, claim_type)
    if edit.code in rules.severity:
        why = f"profile {profile.name}"
    elif isinstance(severity, Dated):
        why = f"scope {rules.scope}, by date"
    else:
        why = f"scope {rules.scope}"
    return severity.on(on) if isinstance(severity, Dated) else severity, why


def markdown(catalogue: Catalogue) -> str:
    """The reference of all edits as a page, `docs/edits.md`."""
    rows = [
        "# Edit reference",
        "",
        "Written by `scrubber edits --format markdown`; do not edit by hand. Codes only, in our own words.",
        "Payer scopes by SBR09: ffs is Medicare fee-for-service (MA, MB), madv Medicare Advantage (16), mcd Medicaid",
        "(MC), other all else. A profile can change every severity.",
        "",
        "| code | " + " | ".join(SCOPES) + " | title |",
        "|---|" + "---|" * (len(SCOPES) + 1),
    ]
    for edit in catalogue.edits.values():
        grades = " | ".join(grade(edit.severities.of(scope)) for scope in SCOPES)
        rows.append(f"| [{edit.code}](#{edit.code.lower()}) | {grades} | {edit.title} |")
    for edit in catalogue.edits.values():
        rows += ["", f"## {edit.code}", "", f"**{edit.title}.**", "", edit.documentation, ""]
        rows += [f"- {row}" for row in _particulars(edit)]
    return "\n".join(rows) + "\n"


def _particulars(edit: Edit) -> list[str]:
    likely = [
        f"CARC {edit.carc}" if edit.carc else "",
        f"RARC {edit.rarc}" if edit.rarc else "",
        f"277CA {edit.claim_status}" if edit.claim_status else "",
    ]
    rows = [f"Severity: {_severities(edit.severities)}"]
    if edit.institutional:
        rows.append(f"Severity on an 837I: {_severities(edit.institutional)}")
    rows.append(f"Claims: {', '.join(edit.types)}" + (", compared across one file" if edit.begin else ""))
    if edit.table:
        rows.append(f"Table: {edit.table}, which does not come with the scrubber; {_without_table(edit)}")
    return [
        *rows,
        f"Likely denial: {', '.join(filter(None, likely)) or 'none'}",
        f"Source: {edit.source}",
        f"Confidence: {edit.confidence}",
    ]


def _without_table(edit: Edit) -> str:
    return "checked in part without it" if edit.partly else "not checked without it"


def _severities(severities: Severities) -> str:
    return ", ".join(f"{scope} {_phases(severities.of(scope))}" for scope in SCOPES)


def _phases(severity: Severity | Dated | None) -> str:
    if not isinstance(severity, Dated):
        return grade(severity)
    return "by date (" + "; ".join(f"{name} from {since}" for since, name in severity.phases) + ")"
