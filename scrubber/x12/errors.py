"""The errors of a file, as data.

Reading does not stop at the first fault. Each fault becomes a `LocatedError`, and reading goes on if that is safe.
`X12Error` is raised only if the stream cannot be read any further.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs


@attrs.frozen
class LocatedError:
    """One fault of the file itself, and where it is.

    `segment` is the ordinal within the transaction set (ST is 1), `None` outside of one. `offset` counts bytes from the
    start of the file, and `file_line` is the line of the file, `None` where it has no line ends or they have not been
    counted. The message never quotes claim data. `segment_id`, `loop` and `element` name the segment and the element at
    fault, such as BHT06, where they are known; a 999 needs them. `more` counts the errors that were found after the
    last one that is kept.
    """

    code: str
    message: str
    segment: int | None
    offset: int
    segment_id: str = attrs.field(default="", eq=False, repr=False)
    loop: str = attrs.field(default="", eq=False, repr=False)
    element: str = attrs.field(default="", eq=False, repr=False)
    file_line: int | None = attrs.field(default=None, eq=False, repr=False)
    more: int = attrs.field(default=0, eq=False, repr=False)

    @property
    def breaks_envelope(self) -> bool:
        """Whether the file as a whole counts as unreadable (exit status 2)."""
        return self.code not in _ENVELOPE_HOLDS

    @property
    def severity(self) -> Literal["reject", "warn", "info"]:
        """Its severity. An element of a trailer that is against the guide warns: outputs have their own trailers."""
        if self.code not in FILE_ERRORS and self.element[:-2] in _TRAILERS:
            return "warn"
        return _LIGHTER.get(self.code, "reject")

    def __str__(self) -> str:
        return f"{self.code} {self.message} ({self.where})"

    @property
    def where(self) -> str:
        """Where it is, for people: `segment 4 from ST, line 7 of the file, byte 310`."""
        segment = "" if self.segment is None else f"segment {self.segment} from ST, "
        line = "" if self.file_line is None else f"line {self.file_line} of the file, "
        return f"{segment}{line}byte {self.offset}"


MOST_LISTED = 500
"""How many errors of a file are listed."""


def counted(count: int, noun: str) -> str:
    """`1 claim`, `2 claims`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(found: Sequence[LocatedError]) -> tuple[LocatedError, ...]:
    """The first errors of a file, and the first of each code. The last one has the number of the others."""
    if len(found) <= MOST_LISTED:
        return tuple(found)
    first = {error.code: number for number, error in reversed([*enumerate(found)])}
    kept = [found[number] for number in sorted({*range(MOST_LISTED), *first.values()})]
    left_out = len(found) - len(kept) + found[-1].more
    more = f"{kept[-1].message} ({left_out} more errors are not listed)"
    return (*kept[:-1], attrs.evolve(kept[-1], message=more))


class X12Error(Exception):
    """The stream cannot be read any further. `offset` is the byte at which reading failed.

    The message names no file and quotes nothing of it.
    """

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
NOT_READ_TO_THE_END = "READ43"
TOO_MUCH = "READ44"
RUN_TOGETHER = "READ45"

_TRAILERS = frozenset({"SE", "GE", "IEA"})
_ENVELOPE_HOLDS = frozenset({UNSUPPORTED, BROKEN_HIERARCHY, STRAY_CLAIM, MISPLACED, UNNAMED, NO_CLAIM, PADDING})
"""Errors that do not break the envelope: the rest of the file can be read and sent."""
OF_HIERARCHY = frozenset({BROKEN_HIERARCHY, STRAY_CLAIM, MISPLACED, UNNAMED})
"""Errors that leave the patient or subscriber of the following claims in doubt."""
OF_SEGMENTS = OF_HIERARCHY | {RUN_TOGETHER}
"""Errors that stand at a segment, and may put the claims there in doubt and not their whole transaction."""
_LIGHTER: dict[str, Literal["warn", "info"]] = {UNSUPPORTED: "warn", NO_CLAIM: "warn", PADDING: "info"}

MESSAGES = {
    NO_INTERCHANGE: "no ISA segment; delimiters were inferred",
    ISA_LENGTH: "ISA has the wrong length",
    DELIMITER_CLASH: "the delimiters of ISA clash",
    SEGMENT_SIZE: "a segment is longer than 1 MB",
    PIECE_SIZE: "a claim is longer than 16 MB or 100,000 segments",
    EMPTY_SEGMENT: "a segment terminator follows another one",
}
"""The messages of faults that a piece shows by itself, unless it gives a reason."""

FILE_ERRORS: dict[str, tuple[str, str]] = {
    EMPTY: ("Empty file", "The file holds no bytes, or white space only."),
    NO_INTERCHANGE: (
        "No ISA segment",
        "The file has no interchange header. A file that begins with GS or ST is still read, with delimiters "
        "inferred from it. Any other file is not an X12 file.",
    ),
    ISA_LENGTH: (
        "ISA of the wrong length",
        "An ISA segment has fixed widths and 106 characters with its terminator. If its sixteen elements can "
        "still be found, the delimiters are read from them and reading goes on.",
    ),
    DELIMITER_CLASH: (
        "Delimiters clash",
        "Element separator, component separator, repetition separator and segment terminator must be four "
        "different characters. None may be a letter, a digit or a blank, and the element separator must not be a line "
        "break. The interchange cannot be read.",
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
        "The file ends before its envelope is closed, or inside a segment; or another interchange begins inside a "
        "segment, as where two files were joined. The last claim before it may be incomplete and is passed "
        "over.",
    ),
    MISSING_TRAILER: ("Missing trailer", "SE, GE or IEA is missing before the next header."),
    WRONG_COUNT: ("Wrong count", "SE01, GE01 or IEA01 is not the number of segments, transactions or groups."),
    CONTROL_MISMATCH: ("Control numbers differ", "SE02, GE02 or IEA02 does not repeat the header's control number."),
    DUPLICATE_CONTROL: (
        "Control number used twice",
        "ST02 is repeated in a group, GS06 in an interchange, or ISA13 in a file.",
    ),
    STRAY_SEGMENT: (
        "Envelope segment out of place",
        "For instance an SE without ST, a GS without ISA, or an ISA inside a transaction that goes on after it.",
    ),
    UNSUPPORTED: (
        "Unsupported transaction",
        "The transaction is not an 837P or 837I of version 5010, for instance 4010 or dental. It was left unchanged.",
    ),
    BROKEN_HIERARCHY: (
        "Broken hierarchy",
        "An HL segment has the wrong number (HL01), names the wrong parent (HL02) or has an unknown level code (HL03). "
        "The claims beneath it are rejected, up to the next correct HL segment of the same or a higher level. If HL01 "
        "is not the next number, a level may be lost, moved or doubled. Then the claims before it are rejected, too, "
        "back to the HL segment before it: they may be of another level. A rejected file has 0 in HL02 above claims in "
        "doubt, so they are rejected again.",
    ),
    EMPTY_SEGMENT: ("Empty segment", "Two segment terminators stand side by side."),
    VERSIONS_DIFFER: (
        "Versions differ",
        "ST03 and GS08 name different versions of the implementation guide. The claims are read by ST03 and rejected.",
    ),
    STRAY_CLAIM: (
        "Claim without its patient",
        "A CLM segment stands under no subscriber or patient. Or it stands under a subscriber who has dependents "
        "(HL04 is 1) and is not the patient (SBR02 is empty): the level of a dependent is missing. The claim is read "
        "and rejected.",
    ),
    MISPLACED: (
        "Segment of another person",
        "A segment stands in a claim, level or header where the guide does not allow it, or twice where it may stand "
        "once. An HL or CLM segment before it is missing or damaged, so it may belong to another patient or claim. "
        "This claim and the claims after it are rejected, up to the next correct HL segment of the same or a higher "
        "level. Or a CLM with other delimiters stands inside a segment: the claims from there to the end of the "
        "transaction are rejected.",
    ),
    UNNAMED: (
        "Level without its name",
        "A level names no billing provider (NM1*85), subscriber (SBR, NM1*IL) or patient (NM1*QC), or names two. The "
        "claims beneath it are rejected.",
    ),
    NO_CLAIM: (
        "Level without a claim",
        "A billing provider, subscriber or patient has no claim and no level beneath it. The clean file omits it.",
    ),
    PADDING: (
        "Padding after the last IEA",
        "Blanks, NUL or end-of-file marks (1A) stand after the last IEA. They do no harm and are left out.",
    ),
    WRONG_SEPARATOR: (
        "Wrong component separator",
        "ISA16 is not the character that separates the components of the claims. The claims are read with the "
        "character in use, and rejected because a receiver would use ISA16.",
    ),
    NOT_READ_TO_THE_END: (
        "File not read to its end",
        "The file changed while it was read, or its disk failed. It is read twice, and both times must give the same "
        "bytes. The findings up to that point may be those of another file. No claim is written.",
    ),
    TOO_MUCH: (
        "Too many faults to follow",
        "The envelope has more than 20,000 faults, more than 100,000 control numbers that do not follow each other, or "
        "interchanges of more than 10,000 senders. The claims from there on are rejected, and those of the interchange "
        "in which it happens. Or the file has more than 40 sets of delimiters: an interchange with others is not read. "
        "Or it has more than 1,000 claims of less than 80 bytes, shorter than any correct claim: further ones are not "
        "read.",
    ),
    RUN_TOGETHER: (
        "Segments run together",
        "A CLM segment, or one of the envelope, stands inside the segment before it: the terminator between them is "
        "missing. Both are read, and the rejected file has the terminator. The end of the segment before may be lost, "
        "too. Where SE01 counts both segments and the inner one is a CLM, nothing else is lost: the claim or level "
        "before it is rejected, and the claims up to the next correct HL segment of the same or a higher level. In all "
        "other cases the claims of the transaction are rejected. Other receivers reject the whole transaction: they "
        "count one segment less than SE01 says.",
    ),
}
"""Codes of file errors, each with title and meaning. A code is never reused or renumbered."""

_AGAIN = "Create the whole file again and send it."
_COUNTS = "Let the system that writes the file count and number its envelope. Do not correct the file by hand."
FIXES: dict[str, str] = {
    EMPTY: "Check where the file comes from. It was written or copied without its content.",
    NO_INTERCHANGE: "Use an X12 file. Unpack an archive and decrypt an encrypted file first.",
    ISA_LENGTH: "Pad the ISA elements to their fixed widths with blanks or zeros.",
    DELIMITER_CLASH: "Write the file with four different delimiters, such as * : ^ and ~.",
    OUTSIDE: "Remove the text before ISA or after IEA.",
    SEGMENT_SIZE: "Look for a missing segment terminator near the position in the error.",
    PIECE_SIZE: "Look for a missing CLM, or split the claim.",
    TRUNCATED: _AGAIN,
    MISSING_TRAILER: _AGAIN,
    WRONG_COUNT: _COUNTS,
    CONTROL_MISMATCH: _COUNTS,
    DUPLICATE_CONTROL: "Check that nothing is sent twice. Give each ST, GS and ISA its own control number.",
    STRAY_SEGMENT: _COUNTS,
    UNSUPPORTED: "If the transaction belongs there, send it another way. Else write the claims as 5010.",
    BROKEN_HIERARCHY: (
        "Number HL01 without gaps. Write the HL01 of the level above into HL02, and 20, 22 or 23 into HL03. "
        "If HL02 is 0, compare the claims with their patients first."
    ),
    EMPTY_SEGMENT: "Remove the second segment terminator.",
    STRAY_CLAIM: "Put the claim under the HL segment of its patient. If that is the subscriber, write 18 into SBR02.",
    VERSIONS_DIFFER: "Write the same version into GS08 and ST03.",
    MISPLACED: "Look for a missing or damaged HL or CLM segment before the segment in the error.",
    UNNAMED: "Give the level exactly one name segment.",
    NO_CLAIM: "If a claim is missing, add it. Else nothing needs to be done.",
    PADDING: "Nothing needs to be done, or write the file without the padding.",
    WRONG_SEPARATOR: "Write the separator that the file uses into ISA16.",
    NOT_READ_TO_THE_END: "Wait until the file is complete, then scrub it again.",
    TOO_MUCH: "Correct the faults listed before it, or split the file.",
    RUN_TOGETHER: "Put the segment terminator before the segment in the error.",
}
"""How to fix each error of a file."""
