"""Codes and characters that do not follow the guides' spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeAlias

import attrs

from scrubber.claims import fields, values
from scrubber.claims.location import Location, Span
from scrubber.claims.model import Claim, Level, ServiceLine
from scrubber.edit import Finding, Results, edit, finding, remembered
from scrubber.reference import Facts

from ._hi_codes import composites_above_lines

_CODES_OF_SERVICE = 6
"""Components of a service that are codes: qualifier, procedure, four modifiers."""
_MOST_VALUES, _MOST_OF_LEVEL = 200, 20
"""The most values with the repetition separator that are reported of a claim, and of each level above it."""


@edit(
    "CODE01",
    "Code with a point, a lowercase letter or a space, or without its leading zero",
    severity="reject",
    concerns=None,
    sign="small letter",
    on_voids=True,
    claim_status="A7:507",
    carc="16",
    source="Guides 005010X222 and 005010X223: codes as in their lists; decimal points are not sent",
    confidence=0.95,
)
def misspelled_code(claim: Claim, _: Facts) -> Results:
    """What it checks: these codes are in uppercase, without points or spaces: diagnoses and other codes of HI segments,
    procedures, modifiers, and the qualifier and unit of an NDC. Revenue codes have four digits. The scrubber
    understands a misspelled code, and all other edits check it as if it were written correctly.

    Why it is denied: payers compare codes letter by letter. `M32.19` and `j0490` are in no list.

    How to fix: write the code as in its list: M3219, J0490, JZ, N4, UN. Change the billing system if it writes codes in
    another form.

    What it cannot know: whether the code is the one that was meant.
    """
    text = claim.piece.text
    has_small_letters = text != text.upper()
    lines = [line for line in claim.lines if has_small_letters or line.misspelled]
    found = _misspelled_above_lines(claim) if claim.misspelled else iter(())
    for location, written, right in chain(found, *map(_misspelled_on, lines)):
        yield finding(
            location,
            f"{values.named(written, 'the code')} is written {_how(written, right)}",
            f"write {values.named(right, 'it as in its code list')}",
            claim_status=_CLAIM_STATUS.get(location.element[:5]),
        )


_CLAIM_STATUS = {"SV201": "A7:455"} | {f"HI{number:02d}-": "A7:255" for number in range(1, 13)}
"""Claim status of codes that are not procedure codes: revenue codes and the codes of HI segments."""

Misspelled: TypeAlias = Iterator[tuple[Location, str, str]]
"""The location of a code, the code as written and the code as it should be."""


def _how(written: str, right: str) -> str:
    if "." in written:
        return "with a point"
    return "without its leading zero" if len(right) > len(written) else "with lowercase letters or spaces"


def _misspelled_above_lines(claim: Claim) -> Misspelled:
    """Codes of the claim's HI segments."""
    source = claim.span
    for index, number, composite in composites_above_lines(claim):
        if composite.isupper() and "." not in composite and " " not in composite:
            continue
        for part, written in enumerate(composite.split(source.delimiters.component)[:2], start=1):
            if written != values.code(written):
                yield Location(source, index, "2300", f"HI{number:02d}-{part}"), written, values.code(written)


def _misspelled_on(line: ServiceLine) -> Misspelled:
    """Codes of a line."""
    if line.misspelled:
        revenue_code = line.text("revenue_code")
        if revenue_code != line.revenue_code:
            yield line.at("revenue_code"), revenue_code, line.revenue_code
        for part, written in enumerate(line.written[:_CODES_OF_SERVICE]):
            if written != values.code(written):
                yield _at_service(line, part), written, values.code(written)
    for field in ("unit_basis", "ndc_qualifier", "ndc_unit"):
        written = line.text(field)
        if written != written.upper():
            yield line.at(field), written, written.upper()


def _at_service(line: ServiceLine, part: int) -> Location:
    if part > 1:
        return line.at("modifiers", part - 1)
    return line.at("procedure" if part else "procedure_qualifier")


@edit(
    "CHAR01",
    "Repetition separator in a value",
    severity="reject",
    concerns=None,
    sign="repetition separator",
    on_voids=True,
    claim_status="A7:21",
    carc="16",
    source="X12.6 and guides 005010X222 and 005010X223: no element of an 837 repeats; ISA11 names the separator",
    confidence=0.85,
)
def separator_in_value(claim: Claim, _: Facts) -> Results:
    """What it checks: the claim, its patient, subscriber and billing provider do not contain the repetition
    separator that ISA11 sets, because no element of an 837 repeats. If ISA11 is a letter or digit (the U of older
    versions), there is no such separator. The headers before the first level are not checked.

    Why it is denied: the receiver's translator reads the value as two values, and rejects the whole transaction.

    How to fix: remove the character from the value, or set ISA11 to a character that no value contains.

    What it cannot know: whether the receiver splits the value.
    """
    separator = claim.span.delimiters.repetition
    if separator.isalnum() or separator.isspace():
        return
    context = claim.context
    for level in (context.billing, context.subscriber, context.patient):
        if level and separator in level.event.text:
            for index, number in _of_level(level, separator):
                yield _two_values(_in_level(level, index, number))
    if separator in claim.event.text:
        for index, number in islice(_holding(claim.span.segments, separator), _MOST_VALUES):
            yield _two_values(_in_claim(claim, index, number))


@remembered(3)
def _of_level(level: Level, separator: str) -> Sequence[tuple[int, int]]:
    """The segment and element numbers of a level's values with the separator, kept for all claims of the level."""
    return tuple(islice(_holding(level.span.segments, separator), _MOST_OF_LEVEL))


def _holding(segments: Sequence[Sequence[str]], separator: str) -> Iterator[tuple[int, int]]:
    """The segment and element numbers of the values that contain the separator."""
    for index, segment in enumerate(segments):
        for number, value in enumerate(segment):
            if separator in value:
                yield index, number


def _two_values(location: Location) -> Finding:
    return finding(
        location,
        f"{location.element or 'a segment with an unknown tag'} contains the repetition separator, so a receiver reads "
        "it as two values",
        "remove the character from the value, or set ISA11 to a character that no value contains",
    )


def _in_level(level: Level, index: int, number: int) -> Location:
    loop = f"2000{'ABC'[level.depth - 1]}"
    return _located(level.span, index, number, loop, fields.LEVEL_NAMES)


def _in_claim(claim: Claim, index: int, number: int) -> Location:
    line = next((line for line in reversed(claim.lines) if line.start <= index), None)
    if line is None:
        return _located(claim.span, index, number, "2300", fields.CLAIM_PROVIDERS[claim.type])
    found = _located(claim.span, index, number, "2400", fields.LINE_PROVIDERS[claim.type])
    return attrs.evolve(found, service_line=line.number, line_control_number=line.control_number or None)


_LOOPS = {"CLM": "", "HL": "", "LX": "", "LIN": "2410", "SVD": "2430"}
"""Segments that begin a loop without a name segment, with the loop's number; empty for the outermost loop."""


def _located(span: Span, index: int, number: int, loop: str, names: Mapping[str, str]) -> Location:
    """The location of an element. Its loop is the loop of the last name before it, if `names` has that name.

    An element of a segment with an unknown tag has no name.
    """
    for segment in reversed(span.segments[: index + 1]):
        tag = segment[0]
        if tag == "NM1":
            loop = names.get("".join(segment[1:2]), loop)
            break
        if tag in _LOOPS:
            loop = _LOOPS[tag] or loop
            break
    place = Location(span, index, loop, "")
    tag = place.segment_id
    if tag != place.tag_shown:  # a value that has shifted: it may be a name, or half a file
        return place
    return attrs.evolve(place, element=f"{tag}{number:02d}" if number else tag)
