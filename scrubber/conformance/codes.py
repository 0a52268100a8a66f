"""Codes of the implementation-guide checks. A code is never reused or renumbered."""

from __future__ import annotations

from typing import NamedTuple

from scrubber.edit import Severity


class GuideCode(NamedTuple):
    """A code: title, meaning, fix, category and status for a 277CA, and severity."""

    title: str
    meaning: str
    fix: str
    claim_status: str
    severity: Severity = "reject"


_MISSING = "A6:21"
_INVALID = "A7:21"

MISPLACED_SEGMENT = "IG01"
UNUSED_PART = "IG02"
MISSING_SEGMENT = "IG03"
MISSING_LOOP = "IG04"
LOOP_REPEATS = "IG05"
SEGMENT_REPEATS = "IG06"
TOO_MANY_ELEMENTS = "IG07"
MALFORMED_SEGMENT = "IG08"
MISSING_ELEMENT = "IG10"
DEPENDENT_ELEMENTS = "IG11"
UNUSED_ELEMENT = "IG12"
TOO_SHORT = "IG13"
TOO_LONG = "IG14"
WRONG_CHARACTERS = "IG15"
WRONG_CODE = "IG16"
WRONG_DATE = "IG17"
WRONG_TIME = "IG18"
WRONG_FORM = "IG19"
LINE_NUMBERS = "IG20"
LEVEL_NUMBERS = "IG21"
SIBLING_ORDER = "IG22"
UNLISTED_CODE = "IG23"
SHIFTED = "IG24"
FAULTY_HEADER = "IG90"
UNPROVEN = "IG91"

GUIDE_CODES: dict[str, GuideCode] = {
    MISPLACED_SEGMENT: GuideCode(
        "Segment out of place",
        "The guide has no such segment here: its tag or qualifier is unknown in this loop, or it stands too early or "
        "too late.",
        "move, correct or remove the segment",
        _INVALID,
    ),
    UNUSED_PART: GuideCode(
        "Segment or loop not used",
        "The standard has this segment or loop, but the guide does not use it.",
        "remove it",
        _INVALID,
    ),
    MISSING_SEGMENT: GuideCode(
        "Required segment missing",
        "The guide requires the segment in every such loop.",
        "add the segment",
        _MISSING,
    ),
    MISSING_LOOP: GuideCode(
        "Required loop missing",
        "The guide requires the loop: for a claim at least one service line, for a provider or subscriber its name.",
        "add the loop",
        _MISSING,
    ),
    LOOP_REPEATS: GuideCode(
        "Loop repeats too often",
        "The loop stands more often than the guide allows. A claim, for instance, may have 50 lines (837I: 999).",
        "remove the extra loops, or split the claim",
        _INVALID,
    ),
    SEGMENT_REPEATS: GuideCode(
        "Segment repeats too often",
        "The segment with this qualifier stands more often than the guide allows.",
        "remove the extra segments",
        _INVALID,
    ),
    TOO_MANY_ELEMENTS: GuideCode(
        "Too many elements",
        "The segment has more elements, or a composite more components, than the guide gives it. A line may have at "
        "most four diagnosis pointers.",
        "remove the extra elements; look for a separator within a value",
        _INVALID,
    ),
    MALFORMED_SEGMENT: GuideCode(
        "Malformed segment",
        "The segment begins with white space, is a tag alone, or ends in element separators with nothing after them. "
        "Or a blank line stands before it in a file in which line breaks end segments: that is an empty segment.",
        "write the segment without them",
        _INVALID,
    ),
    MISSING_ELEMENT: GuideCode(
        "Required element missing",
        "The guide requires the element in every such segment or composite.",
        "fill in the element",
        _MISSING,
    ),
    DEPENDENT_ELEMENTS: GuideCode(
        "Elements that depend on each other",
        "Elements of the segment must stand together, need each other, or exclude each other.",
        "fill in the missing element, or empty the one that must not be there",
        _INVALID,
    ),
    UNUSED_ELEMENT: GuideCode(
        "Element not used",
        "The standard has the element, but the guide does not use it here.",
        "leave it empty",
        _INVALID,
    ),
    TOO_SHORT: GuideCode(
        "Value too short", "The value has fewer characters than the guide asks for.", "correct it", _INVALID
    ),
    TOO_LONG: GuideCode(
        "Value too long", "The value has more characters than the guide allows.", "shorten it", _INVALID
    ),
    WRONG_CHARACTERS: GuideCode(
        "Characters not allowed",
        "The data type does not allow a character of the value: a letter in a number, a control character, a letter "
        "outside of the extended character set of X12, a space at the end, or a component separator in a simple "
        "element.",
        "correct the value",
        _INVALID,
    ),
    WRONG_CODE: GuideCode(
        "Code not in the guide",
        "The value is neither in the guide's code list for the element nor in its code source.",
        "use a code of the guide",
        _INVALID,
    ),
    WRONG_DATE: GuideCode(
        "Not a date",
        "The value is not a date in the required format: CCYYMMDD, or CCYYMMDD-CCYYMMDD for a range.",
        "correct the date",
        _INVALID,
    ),
    WRONG_TIME: GuideCode(
        "Not a time", "The value is not a time in the format HHMM or HHMMSS.", "correct the time", _INVALID
    ),
    WRONG_FORM: GuideCode(
        "Value in the wrong format",
        "The guide requires a format, for instance nine digits in the ZIP code of a billing provider.",
        "write the full value in that format",
        _INVALID,
    ),
    LINE_NUMBERS: GuideCode(
        "Service lines not numbered in order",
        "LX01 counts the service lines of a claim: 1, 2, 3 and so on.",
        "number the lines in order",
        _INVALID,
    ),
    LEVEL_NUMBERS: GuideCode(
        "Levels not numbered in order",
        "HL01 counts the levels of a transaction: 1, 2, 3 and so on.",
        "number the HL segments in order",
        _INVALID,
    ),
    SIBLING_ORDER: GuideCode(
        "Loops in another order than the guide's",
        "Loops that stand side by side, such as the providers 2310A to 2310F, are not in the order of the guide. "
        "The standard allows any order, but some receivers do not.",
        "if the receiver refuses the file, write the loops in the order of their letters",
        _INVALID,
        "warn",
    ),
    UNLISTED_CODE: GuideCode(
        "Code not in our list",
        "The value looks like a code, but our copy of the list does not have it: a state or province, a country, or a "
        "place of service. Lists change, and the code may be newer than the copy.",
        "check the code against the list in force",
        _INVALID,
        "warn",
    ),
    SHIFTED: GuideCode(
        "Separator missing or too many",
        "One separator is missing or too many, so the values after it are shifted by one element. Without that fault "
        "the segment would be right, or lack only one value.",
        "write each value into its element, with one separator for each empty element",
        _INVALID,
    ),
    FAULTY_HEADER: GuideCode(
        "Fault in a header above the claim",
        "The ISA, GS, ST or another segment before the first level does not follow the guide. The errors of the file "
        "name the segment. A receiver would accept none of the claims beneath it.",
        "correct the header; see the errors of the file",
        "A3:21",
    ),
    UNPROVEN: GuideCode(
        "Not shown to follow the guide",
        "The checks could neither prove the segment right nor name its fault. It does not follow the guide.",
        "write the segment as the guide requires",
        _INVALID,
    ),
}
