"""What a code means, in one form for all kinds of codes: the page of `scrubber explain`, and its parts for reports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

import attrs

from scrubber.conformance.codes import GUIDE_CODES, GuideCode
from scrubber.edit import CANNOT_KNOW, HEADINGS, SCOPES, Dated, Edit, Scope, Severities, Severity
from scrubber.engine import codes
from scrubber.engine.catalogue import Catalogue, CatalogueError, nearest
from scrubber.engine.registry import registry
from scrubber.outputs.layout import Layout, shortened
from scrubber.reference import shipped
from scrubber.reference.editions import enumerated
from scrubber.x12 import errors

MEANING, FIX = "What it means", "How to fix"

SCOPE_NAMES: dict[Scope, str] = {
    "ffs": "Medicare fee-for-service",
    "madv": "Medicare Advantage",
    "mcd": "Medicaid",
    "other": "other payers",
}

GUIDE_CARC = "16"
"""The likely denial of a claim that breaks the implementation guide."""

_GUIDES = "implementation guides 005010X222A1 (837P) and 005010X223A2 (837I), by the maps of pyx12"

_CONFIDENCE = (
    (0.95, "a published rule or standard"),
    (0.85, "well supported"),
    (0.7, "likely; payers differ"),
    (0.0, "a hint, to be checked with the payer"),
)
"""What a confidence of at least this value means."""

_CATEGORIES = {
    "A3": "cannot be processed",
    "A6": "something is missing",
    "A7": "something is not valid",
    "A8": "values do not fit together",
}
"""Claim status categories, in our own words."""

_TOOL_SEVERITIES = {
    codes.CRASHED: "reject where the edit could have rejected the claim, else warn; a profile may say otherwise",
    codes.UNTRUSTED: "reject, under every profile",
}

_FIXES = {
    codes.CRASHED: "Report it to the maintainer of the edit. --show-tracebacks shows why it failed; a traceback may "
    "quote patient data. --ignore with the code of the edit leaves the edit out.",
    codes.UNANNOTATED: "Read the findings in the report. The clean and rejected files are not affected.",
    codes.LEFT_OUT: "Correct the findings that are listed, then scrub the file again.",
    codes.SLOT_TAKEN: "Read the findings in the report. The clean and rejected files are not affected.",
    codes.UNTRUSTED: "Compare the claim with the patient in the source system, correct what the message names, and "
    "send the claim again from there. The rejected file has 0 in HL02 of the level above the claim, so the claim is "
    "rejected again if that file is scrubbed. Write the number of the level above there only if the claim is of that "
    "patient and is not sent twice.",
}
"""What to do about codes of the scrubber itself."""

_LABEL = 16
_LONGEST_CODE = 40


@attrs.frozen
class Explanation:
    """A code with its title, sections (heading and text) and particulars (label and one or more rows).

    Each paragraph of a section is one row. An empty row separates paragraphs.
    """

    code: str
    title: str
    sections: tuple[tuple[str, str], ...]
    particulars: tuple[tuple[str, tuple[str, ...]], ...]


def explained(code: str, catalogue: Catalogue) -> Explanation:
    """The explanation of a code. Raises `CatalogueError`, naming the nearest code."""
    owners = registry(catalogue)
    match owners.get(code):
        case "edit":
            return _edit(catalogue.edits[code])
        case "guide check":
            return _guide_code(code, GUIDE_CODES[code])
        case "file error":
            return _file_error(code)
        case "scrubber":
            return _tool_code(code)
    shown = shortened(code, _LONGEST_CODE)
    raise CatalogueError(f"unknown code {shown}{nearest(shown, owners)}")


def explanation(code: str, catalogue: Catalogue, layout: Layout | None = None) -> str:
    """The page of `scrubber explain`. Raises `CatalogueError`, naming the nearest code."""
    return "\n".join(_page(explained(code, catalogue), layout or Layout()))


def codes_named_by(given: str, catalogue: Catalogue) -> list[str]:
    """The codes that a user wants explained: a code, or the letters that codes begin with."""
    owners = registry(catalogue)
    return [code for code in owners if given.isalpha() and code.rstrip("0123456789") == given] or [given]


def edits_for_denial(given: str, catalogue: Catalogue) -> list[str]:
    """The edits for a denial code, each with its title: a RARC (N822), or a CARC (`CARC 16`)."""
    carc = given.removeprefix("CARC").strip()
    edits = catalogue.edits.values()
    found = [edit for edit in edits if edit.carc == carc] if carc != given else [e for e in edits if e.rarc == given]
    return [f"{edit.code}  {edit.title}" for edit in found]


def denial(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    """The likely denial in codes: `CARC 16, RARC N822, 277CA A6:453`. Empty if there is none."""
    named = {"CARC": carc, "RARC": rarc, "277CA": claim_status}
    return ", ".join(f"{name} {code}" for name, code in named.items() if code)


def authority(code: str, catalogue: Catalogue) -> str:
    """The source of a rule and its confidence. Empty for codes of the tool and of files."""
    if code in GUIDE_CODES:
        return _GUIDES
    edit = catalogue.edits.get(code)
    return f"{edit.source} (confidence {edit.confidence:g})" if edit else ""


def graded(severity: Severity | Dated | None) -> str:
    """A severity with its dates, if it has any, and `off` for none."""
    if not isinstance(severity, Dated):
        return severity or "off"
    phases = ", ".join(name if since == date.min else f"{name} from {since}" for since, name in severity.phases)
    return f"{phases} until {severity.until}" if severity.until else phases


def _tables(edit: Edit) -> Iterator[str]:
    """The tables that an edit looks up, and what it does without them."""
    if edit.needed_tables:
        without = "checked in part" if edit.partly else "not checked"
        none = "it is not" if len(edit.needed_tables) == 1 else "none of them is"
        yield f"{enumerated(edit.needed_tables)}; {without} where {none} loaded"
    if edit.widened_by:
        are = "it is" if len(edit.widened_by) == 1 else "they are"
        yield f"{enumerated(edit.widened_by)}; checks more where {are} loaded"


def over_files(edit: Edit) -> str:
    """What an edit that compares claims does with a history of released claims, and without. Empty for other edits."""
    if not edit.remembers:
        return ""
    if edit.needs_history and not edit.in_file:
        return "needs a history of released claims"
    return "within a file; with a history also over files"


@lru_cache(maxsize=512)
def _edit(edit: Edit) -> Explanation:
    particulars = [("Severity", _severities(edit.severities))]
    if edit.institutional:
        particulars.append(("On an 837I", _severities(edit.institutional)))
    if edit.beside:
        rows = tuple(f"{SCOPE_NAMES[scope]}: at least {graded(grade)}" for scope, grade in edit.beside.items())
        particulars.append(("Other payer", rows))
    particulars.append(("Runs on", (_concern(edit),)))
    if edit.tables:
        particulars.append(("Table", tuple(_tables(edit))))
    if edit.remembers:
        particulars.append(("Compares", (over_files(edit),)))
    particulars += [
        ("Likely denial", (_denial_in_words(edit.carc, edit.rarc, edit.claim_status),)),
        ("Source", (edit.source,)),
        ("Confidence", (_confidence(edit.confidence),)),
    ]
    return Explanation(edit.code, edit.title, _sections(edit.documentation), tuple(particulars))


def _guide_code(code: str, known: GuideCode) -> Explanation:
    particulars = (
        ("Severity", (f"{known.severity} for every payer",)),
        ("Runs on", ("every 837P and 837I claim, unless --no-conformance",)),
        ("Likely denial", (_denial_in_words(GUIDE_CARC, None, known.claim_status),)),
        ("Source", (_GUIDES,)),
    )
    return Explanation(code, known.title, ((MEANING, known.meaning), (FIX, _sentence(known.fix))), particulars)


def _file_error(code: str) -> Explanation:
    title, meaning = errors.FILE_ERRORS[code]
    error = errors.LocatedError(code, title, None, 0)
    if code == errors.UNSUPPORTED:
        severity = "warn: an error of the file; exit status 2 if the file holds nothing else"
    elif error.breaks_envelope:
        severity = "reject: an error of the file, which counts as unreadable (exit status 2)"
    else:
        severity = f"{error.severity}: an error of the file; the rest of the file is processed"
    return Explanation(code, title, ((MEANING, meaning), (FIX, errors.FIXES[code])), (("Severity", (severity,)),))


def _tool_code(code: str) -> Explanation:
    title, meaning = codes.TOOL_CODES[code]
    particulars = [("Severity", (_TOOL_SEVERITIES.get(code, "info, under every profile"),))]
    if code == codes.UNTRUSTED:
        particulars.append(("Likely denial", (_denial_in_words(None, None, codes.UNTRUSTED_STATUS),)))
    return Explanation(code, title, ((MEANING, meaning), (FIX, _FIXES[code])), tuple(particulars))


def _sections(documentation: str) -> tuple[tuple[str, str], ...]:
    """The text of a docstring under each of its headings, as whole sentences."""
    headings = "|".join((*HEADINGS, CANNOT_KNOW))
    _, *parts = re.split(rf"^({headings}):", documentation, flags=re.MULTILINE)
    return tuple((heading, _paragraphs(text)) for heading, text in zip(parts[::2], parts[1::2], strict=True))


def _paragraphs(text: str) -> str:
    """Each paragraph on one row, with an empty row between them."""
    return "\n\n".join(_sentence(" ".join(part.split())) for part in text.split("\n\n") if part.strip())


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


def _severities(severities: Severities) -> tuple[str, ...]:
    """A row for each grade, with the payers that have it."""
    scopes: dict[str, list[str]] = {}
    for scope in SCOPES:
        scopes.setdefault(graded(severities.of(scope)), []).append(SCOPE_NAMES[scope])
    if len(scopes) == 1:
        return (f"{next(iter(scopes))} for every payer",)
    return tuple(f"{', '.join(names)}: {grade}" for grade, names in scopes.items())


def _concern(edit: Edit) -> str:
    kind = " and ".join(edit.types)
    what = f"every {kind} claim"
    if edit.concerns:
        what = f"{kind} claims with {', '.join(_shortened(edit.concerns(shipped())))}"
    if edit.payers:
        what += f" of {edit.payers}"
    across = ", compared across a file" if edit.begin else ""
    return what + across + ("" if edit.on_voids else "; not on voids (frequency 8)")


_MOST_CODES = 40
"""How many codes are named that an edit concerns."""


def _shortened(procedures: Iterable[str]) -> list[str]:
    """Procedure codes in order, the first of very many; where all hundred that begin alike are there, as `S93..`."""
    known = sorted(procedures)
    whole = {beginning for beginning, count in Counter(code[:3] for code in known).items() if count == 100}
    short = list(dict.fromkeys(f"{code[:3]}.." if code[:3] in whole else code for code in known))
    return short if len(short) <= _MOST_CODES else [*short[:_MOST_CODES], f"and {len(short) - _MOST_CODES} more"]


def _denial_in_words(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    words = _CATEGORIES.get((claim_status or "").partition(":")[0])
    return (denial(carc, rarc, claim_status) or "none") + (f" ({words})" if words else "")


def _confidence(confidence: float) -> str:
    words = next(words for least, words in _CONFIDENCE if confidence >= least)
    return f"{confidence:g}, {words}"


def _page(known: Explanation, layout: Layout) -> Iterator[str]:
    code = f"{known.code}  "
    yield from layout.paragraph(known.title, "strong", lead=[(code, "strong")], hang=len(code))
    for heading, text in known.sections:
        yield from ("", layout.dressed(f"{heading}:", "strong"))
        for paragraph in text.split("\n\n"):
            yield from layout.paragraph(paragraph, lead=[("  ", "")], hang=2)
    yield ""
    for label, rows in known.particulars:
        for number, row in enumerate(rows):
            lead = f"{label}:" if number == 0 else ""
            yield from layout.paragraph(row, lead=[(lead.ljust(_LABEL), "strong")], hang=_LABEL)
