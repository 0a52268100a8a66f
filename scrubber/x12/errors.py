"""What can be wrong with a file: located errors, as data.

Reading never stops at the first fault. Each fault becomes a `LocatedError`, and reading goes on
where that is safe. `X12Error` is raised only where the stream cannot go on at all.
"""

from __future__ import annotations

from typing import Literal

import attrs


@attrs.frozen
class LocatedError:
    """One fault of the file itself, with its place.

    `segment` is the ordinal within the transaction set (ST is 1), `None` outside of one;
    `offset` counts bytes from the start of the file. The message never quotes claim data.
    """

    code: str
    message: str
    segment: int | None
    offset: int

    @property
    def breaks_envelope(self) -> bool:
        """Whether the file as a whole counts as unreadable (exit status 2)."""
        return self.code not in _ENVELOPE_HOLDS

    @property
    def severity(self) -> Literal["reject", "warn", "info"]:
        """How grave it is."""
        return _LIGHTER.get(self.code, "reject")

    def __str__(self) -> str:
        where = f"byte {self.offset}" if self.segment is None else f"byte {self.offset}, segment {self.segment}"
        return f"{self.code} {self.message} ({where})"


class X12Error(Exception):
    """The stream cannot be read at all; `offset` is the byte at which it failed."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


EMPTY = "READ20"
NO_INTERCHANGE = "READ21"
ISA_LENGTH = "READ22"
DELIMITER_CLASH = "READ23"
OUTSIDE = "READ24"
SEGMENT_SIZE = "READ25"
PIECE_SIZE = "READ26"
TRUNCATED = "READ27"
MISSING_TRAILER = "READ28"
WRONG_COUNT = "READ29"
CONTROL_MISMATCH = "READ30"
DUPLICATE_CONTROL = "READ31"
STRAY_SEGMENT = "READ32"
UNSUPPORTED = "READ33"
BROKEN_HIERARCHY = "READ34"
EMPTY_SEGMENT = "READ35"
STRAY_CLAIM = "READ36"
VERSIONS_DIFFER = "READ37"
MISPLACED = "READ38"
UNNAMED = "READ39"
NO_CLAIM = "READ40"
PADDING = "READ41"
WRONG_SEPARATOR = "READ42"

_ENVELOPE_HOLDS = frozenset({UNSUPPORTED, BROKEN_HIERARCHY, STRAY_CLAIM, MISPLACED, UNNAMED, NO_CLAIM, PADDING})
"""Errors beside which the rest of the file can be read and sent."""
OF_HIERARCHY = frozenset({BROKEN_HIERARCHY, STRAY_CLAIM, MISPLACED, UNNAMED})
"""Errors that leave it in doubt whose the claims behind them are."""
_LIGHTER: dict[str, Literal["warn", "info"]] = {UNSUPPORTED: "warn", NO_CLAIM: "warn", PADDING: "info"}

FILE_ERRORS: dict[str, tuple[str, str]] = {
    EMPTY: ("Empty file", "The file holds no bytes, or white space only."),
    NO_INTERCHANGE: (
        "No ISA segment",
        "No interchange header was found. A file that begins with GS or ST is read all the same, with "
        "delimiters inferred from it; anything else is not an X12 file.",
    ),
    ISA_LENGTH: (
        "ISA of the wrong length",
        "An ISA segment has fixed widths and 106 characters with its terminator. Where its sixteen elements "
        "can still be told apart the delimiters are taken from them and reading goes on.",
    ),
    DELIMITER_CLASH: (
        "Delimiters clash",
        "Element separator, component separator, repetition separator and segment terminator must be four "
        "different characters, none of them a letter or a digit. The interchange cannot be read.",
    ),
    OUTSIDE: ("Bytes outside an interchange", "Text before ISA, between interchanges or after IEA."),
    SEGMENT_SIZE: (
        "Segment too long",
        "A segment may have at most 1,048,576 bytes. A missing or wrong segment terminator is the usual cause.",
    ),
    PIECE_SIZE: (
        "Claim too long",
        "A claim may have at most 16,777,216 bytes and 100,000 segments. It was passed over.",
    ),
    TRUNCATED: (
        "Truncated file",
        "The file ends before its envelope is closed, or inside a segment. A claim that nothing follows may "
        "not be whole, and is passed over.",
    ),
    MISSING_TRAILER: ("Missing trailer", "SE, GE or IEA is missing before the next header."),
    WRONG_COUNT: ("Wrong count", "SE01, GE01 or IEA01 is not the number of segments, transactions or groups."),
    CONTROL_MISMATCH: ("Control numbers differ", "SE02, GE02 or IEA02 does not repeat the header's control number."),
    DUPLICATE_CONTROL: ("Control number used twice", "ST02 in a group, GS06 in an interchange, ISA13 in a file."),
    STRAY_SEGMENT: ("Envelope segment out of place", "For instance an SE without ST, or a GS without ISA."),
    UNSUPPORTED: (
        "Unsupported transaction",
        "Not an 837P or 837I of version 5010 (4010, dental and other transactions). It was left untouched.",
    ),
    BROKEN_HIERARCHY: (
        "Broken hierarchy",
        "An HL segment does not count on from the one before, names a parent other than the level that it stands "
        "under, or has an unknown level code. The claims beneath it are rejected, up to the next sound HL segment of "
        "the same or a higher level.",
    ),
    EMPTY_SEGMENT: ("Empty segment", "Two segment terminators follow each other with nothing between them."),
    VERSIONS_DIFFER: (
        "Versions differ",
        "ST03 names another version of the implementation guide than GS08. The claims are read by ST03 and rejected.",
    ),
    STRAY_CLAIM: (
        "Claim outside of a subscriber",
        "A CLM segment stands under no subscriber or patient, or under a subscriber who is not the patient (SBR02 is "
        "not 18) while HL04 says that a patient's level follows. The claim is read and rejected.",
    ),
    MISPLACED: (
        "Segment of somebody else",
        "A segment stands in a claim, a level or a header where it cannot stand: an HL or CLM segment before it is "
        "missing or damaged, so that it may belong to another patient or claim. The claim, and all behind it up to "
        "the next sound HL segment of the same or a higher level, are rejected.",
    ),
    UNNAMED: (
        "Level without its name",
        "A level names no billing provider (NM1*85), subscriber (SBR, NM1*IL) or patient (NM1*QC), or names two. The "
        "claims beneath it are rejected.",
    ),
    NO_CLAIM: (
        "Level without a claim",
        "A billing provider, subscriber or patient has no claim and no level beneath it. The clean file leaves it out.",
    ),
    PADDING: (
        "Padding behind the last IEA",
        "Blanks, NUL or end-of-file marks (1A) stand behind the last interchange. They are harmless and left out.",
    ),
    WRONG_SEPARATOR: (
        "Wrong component separator",
        "ISA16 is not the character that separates the components of the claims. They are read by the one in use and "
        "rejected, since a receiver would read them by ISA16.",
    ),
}
"""Codes of file errors: title, and what it means. A code is never reused or renumbered."""

_AGAIN = "Have the file written and sent again, whole."
_COUNTS = "Have the system that writes the file count and number its envelope; do not mend it by hand."
FIXES: dict[str, str] = {
    EMPTY: "Look where the file comes from; it was written or copied without its content.",
    NO_INTERCHANGE: "Give an X12 file; an archive or an encrypted file has to be turned into one first.",
    ISA_LENGTH: "Pad the elements of ISA with blanks, or zeros, to their fixed widths.",
    DELIMITER_CLASH: "Have the file written with four different delimiters, such as * : ^ and ~.",
    OUTSIDE: "Take out what stands before ISA or behind IEA.",
    SEGMENT_SIZE: "Look for a missing segment terminator at the place that the error names.",
    PIECE_SIZE: "Look for a missing CLM, or split the claim.",
    TRUNCATED: _AGAIN,
    MISSING_TRAILER: _AGAIN,
    WRONG_COUNT: _COUNTS,
    CONTROL_MISMATCH: _COUNTS,
    DUPLICATE_CONTROL: "Make sure that nothing is sent twice, and number what is not.",
    STRAY_SEGMENT: _COUNTS,
    UNSUPPORTED: "Nothing, if it is meant to be there: send it by another way. Else write the claims as 5010.",
    BROKEN_HIERARCHY: (
        "Number HL01 without gaps, have HL02 name the HL01 of the level above, and HL03 be 20, 22 or 23."
    ),
    EMPTY_SEGMENT: "Take out the second segment terminator.",
    STRAY_CLAIM: "Put the claim under the HL of its subscriber, or of its patient.",
    VERSIONS_DIFFER: "Write the same version into GS08 and ST03.",
    MISPLACED: "Look for an HL or CLM segment that is missing or damaged before the segment that is named.",
    UNNAMED: "Give the level its name segment, and only one.",
    NO_CLAIM: "Nothing, if it is meant to be there; else look for the claim that is missing.",
    PADDING: "Nothing; or have the file written without it.",
    WRONG_SEPARATOR: "Write into ISA16 the separator that the file uses.",
}
"""What to do about an error of the file."""
