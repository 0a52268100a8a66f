"""The catalogue for people: an overview by topic, and the page `docs/edits.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrubber.edit import SCOPES, Dated, Edit, Scope, Severity
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.registry import Owner, registry
from scrubber.outputs.explanation import SCOPE_NAMES, explained, over_files
from scrubber.outputs.layout import Layout, Styled

_OTHER_TOPICS: dict[str, Owner] = {
    "IG  What the implementation guide asks for, not checked with --no-conformance": "guide check",
    "READ  Errors of a file": "file error",
    "READ, SCRUB  What the scrubber reports about its own work": "scrubber",
}
"""The topics of codes that do not come from an edit, with the owner of their codes."""

_SCOPE_HEADS: dict[Scope, str] = {"ffs": "Medicare", "madv": "Adv.", "mcd": "Medicaid", "other": "others"}
_INDICATORS: dict[Scope, str] = {"ffs": "MA, MB", "madv": "16", "mcd": "MC", "other": "all else"}
"""The claim filing indicators (SBR09) of each payer scope."""

_CELL = 8  # columns


def overview(catalogue: Catalogue, layout: Layout) -> Iterator[str]:
    """A row for each code, by topic. The row of an edit has its severity for each kind of payer."""
    kinds = ", ".join(f"{SCOPE_NAMES[scope]} ({_INDICATORS[scope]})" for scope in SCOPES)
    yield from layout.paragraph(
        f"Severity by payer: {kinds}, as the claim filing indicator (SBR09) says. A profile can change it. "
        "What a code means: scrubber explain CODE. What is in force: scrubber edits --payer MB --date 2026-01-01."
    )
    width = max(map(len, registry(catalogue)))
    heads = [(head, "dim") for head in _SCOPE_HEADS.values()]
    for topic, edits in _topics(catalogue).items():
        yield from ("", *layout.paragraph(topic, "strong", hang=2))
        yield from _row(layout, ("code".ljust(width), "dim"), heads, ("title", "dim"))
        for edit in edits:
            grades = [_grade(edit.severities.of(scope)) for scope in SCOPES]
            compares = f" ({over_files(edit)})" if edit.remembers else ""
            yield from _row(layout, (edit.code.ljust(width), "strong"), grades, (f"{edit.title}{compares}", ""))
    for topic, codes in _other_topics(catalogue).items():
        yield from ("", *layout.paragraph(topic, "strong", hang=2))
        for code in codes:
            yield from _row(layout, (code.ljust(width), "strong"), [], (explained(code, catalogue).title, ""))


def markdown(catalogue: Catalogue) -> str:
    """The reference of all codes as a page, `docs/edits.md`."""
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
        grades = " | ".join(_grade(edit.severities.of(scope))[0] for scope in SCOPES)
        rows.append(f"| [{edit.code}](#{edit.code.lower()}) | {grades} | {edit.title} |")
    rows += ["", "Codes that do not come from an edit:"]
    for topic, codes in _other_topics(catalogue).items():
        rows += [
            "",
            f"**{topic.partition('  ')[2]}**",
            "",
            "| code | title | meaning | what to do |",
            "|---|---|---|---|",
        ]
        for code in codes:
            known = explained(code, catalogue)
            rows.append(f"| {code} | {known.title} | {' | '.join(text for _, text in known.sections)} |")
    for code in catalogue.edits:
        rows += ["", f"## {code}", "", *_section(code, catalogue)]
    return "\n".join(rows) + "\n"


def _section(code: str, catalogue: Catalogue) -> Iterator[str]:
    """A code explained in rows of Markdown, without a heading."""
    known = explained(code, catalogue)
    yield f"**{known.title}.**"
    for heading, text in known.sections:
        yield from ("", *Layout().paragraph(" ".join(f"{heading}: {text}".split())))
    yield ""
    for label, values in known.particulars:
        yield f"- {label}: {'; '.join(values)}"


def _topics(catalogue: Catalogue) -> dict[str, list[Edit]]:
    """Edits by topic. A topic is the letters of its codes and the title of its module."""
    modules: dict[str, list[Edit]] = {}
    for edit in catalogue.edits.values():
        modules.setdefault(_module(edit), []).append(edit)
    topics = {}
    for title, edits in modules.items():
        letters = ", ".join(dict.fromkeys(edit.code.rstrip("0123456789") for edit in edits))
        topics[f"{letters}  {title}"] = edits
    return topics


def _other_topics(catalogue: Catalogue) -> dict[str, list[str]]:
    """The codes that do not come from an edit, by topic."""
    owners = registry(catalogue)
    return {
        topic: sorted(code for code, owner in owners.items() if owner == wanted)
        for topic, wanted in _OTHER_TOPICS.items()
    }


def _module(edit: Edit) -> str:
    """The first row of the docstring of an edit's module, or the name of the module."""
    names = getattr(edit.begin or edit.check, "__globals__", {})
    text = str(names.get("__doc__") or names.get("__name__", ""))
    return text.strip().partition("\n")[0].rstrip(".")


def _grade(severity: Severity | Dated | None) -> Styled:
    """A severity in a word, with its kind."""
    if isinstance(severity, Dated):
        return "by date", ""
    return (severity, severity) if severity else ("off", "dim")


def _row(layout: Layout, code: Styled, cells: Iterable[Styled], text: Styled) -> list[str]:
    """A row: a code, narrow cells and a text that is wrapped."""
    lead = [code, ("  ", ""), *((f"{cell:{_CELL}} ", kind) for cell, kind in cells)]
    return layout.paragraph(*text, lead=lead, hang=sum(len(part) for part, _ in lead))
