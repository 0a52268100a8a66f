"""Which edits are in force for a payer on a date of service, at which severity, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from scrubber.claims.payers import PayerKey
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import SCOPES, SEVERITIES, Dated, Edit
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile, Rules
from scrubber.outputs.explanation import SCOPE_NAMES, over_files
from scrubber.outputs.layout import Layout
from scrubber.reference.editions import enumerated
from scrubber.x12.errors import counted
from scrubber.x12.guides import ClaimType

_GRADES = (*SEVERITIES, "shadow", "off")
_LONGEST_INDICATOR = 2  # of SBR09; payer ids are longer


@attrs.frozen
class Case:
    """Claims of one type, to one payer, on one date of service. `""` stands for a payer id or indicator not known."""

    type: ClaimType
    filing_indicator: str
    payer_id: str
    on: date

    @property
    def payer(self) -> PayerKey:
        """The payer by filing indicator, id and name."""
        return self.filing_indicator, self.payer_id, self.payer_id


@attrs.frozen
class _Standing:
    """The grade of a code, one of `_GRADES`, and why."""

    grade: str
    why: str


def payer_of(names: Iterable[str], profile: Profile) -> tuple[str, str]:
    """A payer's filing indicator and id from what a user typed. Up to two characters are an indicator.

    If only an id is given and the profile has one indicator for it, that indicator is used. What is not given is empty.
    Raises `ValueError` if two ids or two indicators are given.
    """
    indicators = [name for name in names if len(name) <= _LONGEST_INDICATOR]
    ids = [name for name in names if len(name) > _LONGEST_INDICATOR]
    for kind, found in (("filing indicators", indicators), ("payer ids", ids)):
        if len(found) > 1:
            raise ValueError(f"{found[0]} and {found[1]} are both {kind}; name one payer")
    if ids and not indicators:
        known = {
            indicator
            for payers in (payer.payers for payer in profile.payers)
            if ids[0] in payers.ids
            for indicator in payers.filing_indicators
        }
        indicators = [*known] if len(known) == 1 else []
    return "".join(indicators), "".join(ids)


def in_force(engine: Engine, case: Case, layout: Layout) -> Iterator[str]:
    """A row for each edit and for the guide checks, the most severe first."""
    rules = engine.profile.rules(*case.payer)
    yield from layout.paragraph(_heading(engine, case, rules), "strong")
    standings = {
        edit.code: (_of_edit(edit, engine, case, rules), edit.title) for edit in engine.catalogue.edits.values()
    }
    standings |= _of_guide_codes(engine, rules)
    width = max(map(len, standings)) + 4
    for grade in _GRADES:
        rows = [(code, f"{title} ({found.why})") for code, (found, title) in standings.items() if found.grade == grade]
        if rows:
            yield from ("", layout.dressed(f"{grade} ({len(rows)})", grade if grade in SEVERITIES else "strong"))
        for code, text in rows:
            yield from layout.paragraph(text, lead=[(f"  {code}".ljust(width), "strong")], hang=width)


def _heading(engine: Engine, case: Case, rules: Rules) -> str:
    payer = [
        f"payer {case.payer_id}" if case.payer_id else "",
        f"filing indicator {case.filing_indicator or 'not given'}",
        f"{rules.payer} in the profile" if rules.payer else "",
    ]
    return (
        f"{case.type}, service on {case.on}, profile {engine.profile.name}, {', '.join(filter(None, payer))}: "
        f"judged as {SCOPE_NAMES[rules.scope]}"
    )


def _of_edit(edit: Edit, engine: Engine, case: Case, rules: Rules) -> _Standing:
    if case.type not in edit.types:
        return _Standing("off", f"for {' and '.join(edit.types)} only")
    if not edit.payers.include(case.payer):
        return _Standing("off", f"for {edit.payers} only")
    if unchosen := _unchosen(edit.code, engine):
        return unchosen
    found = _graded(edit, engine, case, rules)
    if found.grade == "off":
        return found
    if edit.remembers and not engine.history:
        if edit.needs_history and not edit.in_file:
            return _Standing("off", over_files(edit))
        found = attrs.evolve(found, why=f"{found.why}; {over_files(edit)}")
    tables = engine.facts.tables
    without_edition = [name for name in edit.needed_tables if name in tables and not tables[name].covers(case.on)]
    lacking = [*engine.lacking(edit), *without_edition]
    if not lacking:
        return found
    named = f"{'table' if len(lacking) == 1 else 'tables'} {enumerated(lacking)}"
    if edit.partly or len(lacking) < len(edit.needed_tables):
        return attrs.evolve(found, why=f"{found.why}; in part, without {named}")
    return _Standing("off", f"needs {named}")


def _graded(edit: Edit, engine: Engine, case: Case, rules: Rules) -> _Standing:
    by_profile = f"by profile {engine.profile.name}"
    if edit.code in rules.shadow:
        return _Standing("shadow", f"{by_profile}; runs and does not count")
    severity = rules.severity_of(edit, case.type)
    since = rules.overridden_from(edit.code, case.type)
    overridden = since is not None and since <= case.on
    if isinstance(severity, Dated):
        why = _when(severity, case.on)
        return _Standing(severity.on(case.on) or "off", f"{by_profile}, {why}" if overridden else why)
    if overridden:
        return _Standing(severity or "off", by_profile)
    same = len({edit.severity(case.type, scope) for scope in SCOPES}) == 1
    return _Standing(severity or "off", "for every payer" if same else f"for {SCOPE_NAMES[rules.scope]}")


def _when(severity: Dated, on: date) -> str:
    """From when or until when the severity on a day holds."""
    if severity.until and on > severity.until:
        return f"until {severity.until}"
    until = f" until {severity.until}" if severity.until else ""
    since = [day for day, _ in severity.phases if day <= on]
    if since and since[-1] == date.min:
        following = [day for day, _ in severity.phases if day > on]
        return f"before {following[0]}" if following else until.strip()
    return f"since {since[-1]}{until}" if since else f"from {severity.phases[0][0]} on"


def _of_guide_codes(engine: Engine, rules: Rules) -> dict[str, tuple[_Standing, str]]:
    """Codes that the profile changes, one by one, and all others in one row."""
    found: dict[str, tuple[_Standing, str]] = {}
    others = 0
    for code, known in GUIDE_CODES.items():
        if unchosen := _unchosen(code, engine):
            found[code] = unchosen, known.title
        elif code in rules.shadow or code in rules.severity:
            grade = "shadow" if code in rules.shadow else rules.grade_of(code) or "reject"
            found[code] = _Standing(grade, f"by profile {engine.profile.name}, unless --no-conformance"), known.title
        elif known.severity != "reject":
            found[code] = _Standing(known.severity, "for every payer, unless --no-conformance"), known.title
        else:
            others += 1
    if others:
        title = f"What the implementation guide asks for, {counted(others, 'code')}"
        found["IG"] = _Standing("reject", "for every payer, unless --no-conformance"), title
    return found


def _unchosen(code: str, engine: Engine) -> _Standing | None:
    """The standing of a code that does not run at all."""
    if code in engine.profile.ignore:
        return _Standing("off", "ignored")
    return None if engine.profile.runs(code) else _Standing("off", "not selected")
