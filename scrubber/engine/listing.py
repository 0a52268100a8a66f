"""How many findings of a claim are listed, so that what is written stays a small multiple of what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import SEVERITIES, Finding
from scrubber.engine.codes import LEFT_OUT
from scrubber.engine.judged import Unchecked
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.x12.errors import counted

MOST_FINDINGS = 200
"""How many findings of a claim are listed, and how many edits that could not decide, if the claim is long enough."""
BYTES_FOR_ONE = 110
"""The bytes for which a claim may list one finding: its own bytes, and those of the levels that begin with it."""
FREELY = 50
"""The first claims of a file, which list all findings up to `MOST_FINDINGS`, however short they are."""
FIRST, SOME = 500, 8
"""The first claims of a file, and the findings that each of them may list at least."""
FEW = 1
"""The findings that any claim may list at least."""
SHORT = 120
"""A claim with fewer bytes, its levels included, is short. If it lists one finding, that finding counts the others."""
_MOST_CODES = 10


def bounded(scrubbed: ScrubbedClaim) -> ScrubbedClaim:
    """The claim with its most severe findings, in their order, and a finding that counts the others, see `SHORT`.

    The number of listed findings depends only on the claim, its number and the levels that begin with it, so that parts
    of a file can be scrubbed separately.
    """
    lists = (scrubbed.findings, scrubbed.not_checked, scrubbed.suppressed, scrubbed.shadow)
    longest = max(map(len, lists))
    if longest <= FEW:
        return scrubbed
    size = _size(scrubbed.claim)
    most = most_of(scrubbed.claim.number, size)
    return _cut(scrubbed, most, alone=most == FEW and size < SHORT) if longest > most else scrubbed


def _size(claim: Claim) -> int:
    """The bytes of the claim and of the levels right before it.

    The first claim of a patient has the bytes of the patient's levels, so no byte of a file counts for two claims.
    """
    end = claim.event.piece.offset
    size = len(claim.event.text)
    for level in (claim.context.patient, claim.context.subscriber, claim.context.billing):
        if level is not None and level.piece.offset + len(level.piece.text) == end:
            end = level.piece.offset
            size += len(level.event.text)
    return size


def most_of(number: int, size: int) -> int:
    """How many findings the claim of a number and a size in bytes may list."""
    if number <= FREELY:
        return MOST_FINDINGS
    return min(MOST_FINDINGS, max(SOME if number <= FIRST else FEW, size // BYTES_FOR_ONE))


def _cut(scrubbed: ScrubbedClaim, most: int, alone: bool) -> ScrubbedClaim:
    not_checked = scrubbed.not_checked
    if len(not_checked) > most + 1:
        not_checked = (
            *not_checked[:most],
            Unchecked(LEFT_OUT, f"{len(not_checked) - most} more reasons are not listed"),
        )
    return attrs.evolve(
        scrubbed,
        findings=_gravest(scrubbed, scrubbed.findings, most, alone),
        not_checked=not_checked,
        suppressed=scrubbed.suppressed[:most],
        shadow=scrubbed.shadow[:most],
    )


def _gravest(scrubbed: ScrubbedClaim, findings: Sequence[Finding], most: int, alone: bool) -> tuple[Finding, ...]:
    if len(findings) <= most + (not alone):  # one more takes as much room as what counts it
        return tuple(findings)
    by_gravity = sorted(range(len(findings)), key=lambda at: SEVERITIES.index(findings[at].severity or "info"))
    counts = Counter(findings[at].code for at in by_gravity[most:]).most_common()
    codes = ", ".join(f"{code} ({count})" for code, count in counts[:_MOST_CODES])
    more = f" and {len(counts) - _MOST_CODES} more codes" if len(counts) > _MOST_CODES else ""
    message = f"{counted(len(findings) - most, 'more finding')} not listed: {codes}{more}"
    if alone:
        gravest = findings[by_gravity[0]]
        return (attrs.evolve(gravest, message=f"{gravest.message}; {message}"),)
    at = scrubbed.claim.at("claim_id")
    note = Finding(at, message, "correct those that are listed, then scrub again", "info", LEFT_OUT)
    return (*(findings[at] for at in sorted(by_gravity[:most])), note)
