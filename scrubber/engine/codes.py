"""Codes of what the scrubber reports about its own work. A code is never reused or renumbered."""

from __future__ import annotations

CRASHED = "SCRUB01"
UNANNOTATED = "SCRUB02"
SLOT_TAKEN = "SCRUB03"
LEFT_OUT = "SCRUB05"
UNTRUSTED = "READ03"

UNTRUSTED_STATUS = "A3:21"
"""The status of an untrusted claim in a 277CA: cannot be processed, its information is incomplete."""

TOOL_CODES: dict[str, tuple[str, str]] = {
    CRASHED: (
        "An edit failed",
        "An edit raised an error on a claim. It has not decided on that claim; all other findings stand. The claim is "
        "rejected where the edit could have rejected it, else flagged, unless a profile grades or ignores this code.",
    ),
    UNANNOTATED: (
        "Transaction left without notes",
        "The annotated copy holds this transaction as it was: its SE01 is missing, is no number or has no room, or a "
        "delimiter of the file occurs in the text of a note. The findings are in the report.",
    ),
    SLOT_TAKEN: (
        "No room for a note",
        "The claim or line already holds a note in the only place where the guide allows one, and it was left "
        "alone. The findings are in the report.",
    ),
    LEFT_OUT: (
        "Findings left out",
        "The claim has more findings than are listed. The most severe are listed, in the order of the file; the "
        "message counts the others by code. They count for the disposition of the claim as if they were listed.",
    ),
    UNTRUSTED: (
        "Transaction that cannot be trusted",
        "Something is wrong with the envelope around the claim: a header, a trailer or a level is missing, counts or "
        "control numbers differ, a control number was used before, or the file is cut off. The claim may be part of "
        "one, or sent twice, so it is rejected under every profile. The errors of the file show what is wrong and "
        "where.",
    ),
}
"""Codes: title, and what it means."""
