"""Codes of what an implementation guide asks for and a file lacks. A code is never reused or renumbered."""

from __future__ import annotations

from typing import NamedTuple

from scrubber.edit import Severity


class GuideCode(NamedTuple):
    """What a code stands for: title, meaning, what to do, what a 277CA would say (category and status), severity."""

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
        "The guide has no such segment here: it is unknown in this loop, has a qualifier that the guide does not list, "
        "or stands before or behind its place.",
        "move, correct or leave out the segment",
        _INVALID,
    ),
    UNUSED_PART: GuideCode(
        "Segment or loop not used",
        "The standard has it, but the guide does not use it.",
        "leave it out",
        _INVALID,
    ),
    MISSING_SEGMENT: GuideCode(
        "Required segment missing",
        "The guide requires the segment whenever its loop is there.",
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
        "The loop is there more often than the guide allows, for instance a claim with more than 50 (837I: 999) lines.",
        "leave out what is one too many, or split the claim",
        _INVALID,
    ),
    SEGMENT_REPEATS: GuideCode(
        "Segment repeats too often",
        "The segment, with this qualifier, is there more often than the guide allows.",
        "leave out what is one too many",
        _INVALID,
    ),
    TOO_MANY_ELEMENTS: GuideCode(
        "Too many elements",
        "The segment has more elements, or a composite more components, than the guide gives it. A line may have at "
        "most four diagnosis pointers.",
        "leave out what is one too many; look for a separator within a value",
        _INVALID,
    ),
    MALFORMED_SEGMENT: GuideCode(
        "Malformed segment",
        "The segment begins with white space, is a tag alone, or ends in element separators with nothing behind them.",
        "write the segment without them",
        _INVALID,
    ),
    MISSING_ELEMENT: GuideCode(
        "Required element missing",
        "The guide requires the element whenever its segment, or the composite it is in, is there.",
        "fill in the element",
        _MISSING,
    ),
    DEPENDENT_ELEMENTS: GuideCode(
        "Elements that depend on each other",
        "Elements of the segment that may only stand together, need each other, or exclude each other.",
        "fill in the one that is missing, or leave out the one that must not be there",
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
        "The value holds characters that its data type does not allow: letters in a number, control characters, "
        "letters beyond the extended character set of X12, spaces at the end, or a component separator in a simple "
        "element.",
        "correct the value",
        _INVALID,
    ),
    WRONG_CODE: GuideCode(
        "Code not in the guide",
        "The value is not one of the codes that the guide lists for the element, or that its code source has.",
        "use a code of the guide",
        _INVALID,
    ),
    WRONG_DATE: GuideCode(
        "Not a date",
        "The value is no date of the form that the guide asks for: CCYYMMDD, or CCYYMMDD-CCYYMMDD for a range.",
        "correct the date",
        _INVALID,
    ),
    WRONG_TIME: GuideCode(
        "Not a time", "The value is no time of the form HHMM or HHMMSS.", "correct the time", _INVALID
    ),
    WRONG_FORM: GuideCode(
        "Value not of the form asked for",
        "The guide asks for a certain form, for instance nine digits in the ZIP code of a billing provider.",
        "write the value in full, in that form",
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
        "Loops that stand side by side, such as the providers 2310A to 2310F, come in another order than the guide "
        "prints them. The standard does not order them, but some receivers' validators do.",
        "where the receiver refuses it, write the loops in the order of their letters",
        _INVALID,
        "warn",
    ),
    UNLISTED_CODE: GuideCode(
        "Code not in our list",
        "The value has the form of such a code, but our copy of the list does not have it: a state or province, a "
        "country, or a place of service. Such lists change; the code may be newer than the copy.",
        "check the code against the list in force",
        _INVALID,
        "warn",
    ),
    SHIFTED: GuideCode(
        "Separator missing or too many",
        "One element is missing with its separator, or one separator is too many, so the values behind it stand one "
        "place off. The segment would be right, or all but for the missing value, without that.",
        "write each value in its place, with one separator for each element that is left out",
        _INVALID,
    ),
    FAULTY_HEADER: GuideCode(
        "Header above the claim at fault",
        "The ISA, GS, ST or another segment before the first level is not as the guide asks for. The errors of the "
        "file say where. None of the claims beneath it would be accepted.",
        "correct the header; see the errors of the file",
        "A3:21",
    ),
    UNPROVEN: GuideCode(
        "Not shown to follow the guide",
        "The segment could be neither proven right nor explained: it is written in a way no guide allows.",
        "write the segment as the guide asks for",
        _INVALID,
    ),
}
