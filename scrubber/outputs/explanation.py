"""What a code means, in one form for every kind of code: the page of `scrubber explain`, and its parts elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from scrubber.conformance.codes import GUIDE_CODES, GuideCode
from scrubber.edit import CANNOT_KNOW, HEADINGS, SCOPES, Dated, Edit, Scope, Severities, Severity
from scrubber.engine import codes
from scrubber.engine.catalogue import Catalogue, CatalogueError, nearest
from scrubber.outputs.layout import Layout
from scrubber.reference import shipped
from scrubber.x12 import errors

MEANING, FIX = "What it means", "How to fix"

SCOPE_NAMES: dict[Scope, str] = {
    "ffs": "Medicare fee-for-service",
    "madv": "Medicare Advantage",
    "mcd": "Medicaid",
    "other": "other payers",
}

GUIDE_CARC = "16"
"""The likely denial of what is not as the guide asks for."""

_GUIDES = "implementation guides 005010X222A1 (837P) and 005010X223A2 (837I), by the maps of pyx12"

_CONFIDENCE = (
    (0.95, "a published rule or standard"),
    (0.85, "well supported"),
    (0.7, "likely; payers differ"),
    (0.0, "a hint, to be checked with the payer"),
)
"""What a confidence means, from the value on."""

_CATEGORIES = {
    "A3": "cannot be processed",
    "A6": "something is missing",
    "A7": "something is not valid",
    "A8": "values do not fit together",
}
"""Claim status categories, in our own words."""

_TOOL_SEVERITIES = {
    codes.CRASHED: "reject where the edit could have rejected the claim, else warn; a profile may say otherwise",
    codes.UNTRUSTED: "reject, whatever a profile says",
}

_FIXES = {
    codes.CRASHED: "Report it to the maintainer of the edit. --show-tracebacks shows why it failed; a traceback may "
    "quote patient data. --ignore with the code of the edit leaves the edit out.",
    codes.UNANNOTATED: "Read the findings in the report. The clean and rejected files are not concerned.",
    codes.SLOT_TAKEN: "Read the findings in the report. The clean and rejected files are not concerned.",
    codes.UNTRUSTED: "Mend what the message names, then send the claim again.",
}
"""What to do about what is no claim's fault."""

_LABEL = 16


@attrs.frozen
class Explanation:
    """A code with its title, what is said of it under headings, and particulars: a label with one or more rows.

    Paragraphs of a section are separated by an empty row, and are rows of their own.
    """

    code: str
    title: str
    sections: tuple[tuple[str, str], ...]
    particulars: tuple[tuple[str, tuple[str, ...]], ...]


def explained(code: str, catalogue: Catalogue) -> Explanation:
    """What is known of a code. Raises `CatalogueError`, naming the nearest code."""
    if code in catalogue.edits:
        return _edit(catalogue.edits[code])
    if code in GUIDE_CODES:
        return _guide_code(code, GUIDE_CODES[code])
    if code in errors.FILE_ERRORS:
        return _file_error(code)
    if code in codes.TOOL_CODES:
        return _tool_code(code)
    known = [*catalogue.codes, *errors.FILE_ERRORS, *codes.TOOL_CODES]
    raise CatalogueError(f"unknown code {code}{nearest(code, known)}")


def explanation(code: str, catalogue: Catalogue, layout: Layout | None = None) -> str:
    """The page of `scrubber explain`. Raises `CatalogueError`, naming the nearest code."""
    return "\n".join(_page(explained(code, catalogue), layout or Layout()))


def denial(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    """The likely denial in codes: `CARC 16, RARC N822, 277CA A6:453`; nothing where there is none."""
    named = {"CARC": carc, "RARC": rarc, "277CA": claim_status}
    return ", ".join(f"{name} {code}" for name, code in named.items() if code)


def authority(code: str, catalogue: Catalogue) -> str:
    """On whose authority a code is given, and how sure that is; nothing for those of the tool and of files."""
    if code in GUIDE_CODES:
        return _GUIDES
    edit = catalogue.edits.get(code)
    return f"{edit.source} (confidence {edit.confidence:g})" if edit else ""


def graded(severity: Severity | Dated | None) -> str:
    """A severity, with its dates where it has such, and `off` for none."""
    if not isinstance(severity, Dated):
        return severity or "off"
    phases = ", ".join(name if since == date.min else f"{name} from {since}" for since, name in severity.phases)
    return f"{phases} until {severity.until}" if severity.until else phases


def _edit(edit: Edit) -> Explanation:
    particulars = [("Severity", _severities(edit.severities))]
    if edit.institutional:
        particulars.append(("On an 837I", _severities(edit.institutional)))
    if edit.beside:
        rows = tuple(f"{SCOPE_NAMES[scope]}: at least {graded(grade)}" for scope, grade in edit.beside.items())
        particulars.append(("Other payer", rows))
    particulars.append(("Runs on", (_concern(edit),)))
    if edit.table:
        without = "checked in part without it" if edit.partly else "not checked without it"
        particulars.append(("Table", (f"{edit.table}, which does not come with the scrubber; {without}",)))
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
        severity = "warn: an error of the file; exit status 2 where it holds nothing else"
    elif error.breaks_envelope:
        severity = "reject: an error of the file, which counts as not readable (exit status 2)"
    else:
        severity = f"{error.severity}: an error of the file, beside which the rest of it is read and sent"
    return Explanation(code, title, ((MEANING, meaning), (FIX, errors.FIXES[code])), (("Severity", (severity,)),))


def _tool_code(code: str) -> Explanation:
    title, meaning = codes.TOOL_CODES[code]
    particulars = [("Severity", (_TOOL_SEVERITIES.get(code, "info, whatever a profile says"),))]
    if code == codes.UNTRUSTED:
        particulars.append(("Likely denial", (_denial_in_words(None, None, codes.UNTRUSTED_STATUS),)))
    return Explanation(code, title, ((MEANING, meaning), (FIX, _FIXES[code])), tuple(particulars))


def _sections(documentation: str) -> tuple[tuple[str, str], ...]:
    """What a docstring says under each of its headings, in sentences of their own."""
    headings = "|".join((*HEADINGS, CANNOT_KNOW))
    _, *parts = re.split(rf"^({headings}):", documentation, flags=re.MULTILINE)
    return tuple((heading, _paragraphs(text)) for heading, text in zip(parts[::2], parts[1::2], strict=True))


def _paragraphs(text: str) -> str:
    """Each on one row, with an empty row between them."""
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


def _shortened(procedures: Iterable[str]) -> list[str]:
    """Procedure codes in order; where all hundred that begin alike are there, as `S93..`."""
    known = sorted(procedures)
    whole = {beginning for beginning, count in Counter(code[:3] for code in known).items() if count == 100}
    return list(dict.fromkeys(f"{code[:3]}.." if code[:3] in whole else code for code in known))


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
