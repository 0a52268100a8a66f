"""How many findings of a claim are listed, so that what is written stays a small multiple of what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Finding
from scrubber.engine.codes import LEFT_OUT
from scrubber.engine.judged import Unchecked
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.severities import gravity
from scrubber.x12.errors import counted

MOST_FINDINGS = 200
"""How many findings of a claim are listed, and how many edits that could not decide, if the claim is long enough."""
BYTES_FOR_ONE = 110
"""The bytes for which a claim may list one finding: its own bytes, and those of the levels that begin with it."""
FREELY = 10
"""The first claims of a file, which list all findings up to `MOST_FINDINGS`, however short they are."""
FIRST, SOME = 250, 8
"""The first claims of a file, and the findings that each of them may list at least."""
FEW = 1
"""The findings that any claim may list at least."""
SHORT = 200
"""A claim with fewer bytes, its levels included, is short. If it lists one finding, that finding counts the others."""
TERSE = 130
"""A short claim with fewer bytes names no codes of other findings. It has no fix and no reason of more than `_LONG`
characters, and does not repeat why it is in doubt: outputs have each text up to five times."""
_LONG = 40
_MOST_CODES, _CODES_OF_SHORT = 10, 2
"""How many codes are named of findings that are not listed, and how many on a short claim."""


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
    alone = most == FEW and size < SHORT
    return _cut(scrubbed, most, alone=alone, terse=is_terse(scrubbed.claim)) if longest > most else scrubbed


def is_terse(claim: Claim) -> bool:
    """Whether the texts about a claim are as short as can be, see `TERSE`."""
    return claim.number > FIRST and _size(claim) < TERSE


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


def _cut(scrubbed: ScrubbedClaim, most: int, *, alone: bool, terse: bool) -> ScrubbedClaim:
    not_checked = scrubbed.not_checked
    if alone and len(not_checked) > most:
        first, more = not_checked[0], counted(len(not_checked) - most, "more reason")
        reason = f"see `scrubber explain {first.code}`" if terse and len(first.reason) > _LONG else first.reason
        not_checked = (attrs.evolve(first, reason=f"{reason}; {more} not listed"),)
    elif len(not_checked) > most + 1:
        not_checked = (
            *not_checked[:most],
            Unchecked(LEFT_OUT, f"{len(not_checked) - most} more reasons are not listed"),
        )
    return attrs.evolve(
        scrubbed,
        findings=_alone(scrubbed.findings, terse) if alone else _gravest(scrubbed, scrubbed.findings, most),
        not_checked=not_checked,
        suppressed=scrubbed.suppressed[:most],
        shadow=scrubbed.shadow[:most],
    )


def _gravest(scrubbed: ScrubbedClaim, findings: Sequence[Finding], most: int) -> tuple[Finding, ...]:
    if len(findings) <= most + 1:  # one more takes as much room as what counts it
        return tuple(findings)
    by_gravity = _by_gravity(findings)
    message = _not_listed([findings[at].code for at in by_gravity[most:]], _MOST_CODES)
    at = scrubbed.claim.at("claim_id")
    note = Finding(at, message, "correct those that are listed, then scrub again", "info", LEFT_OUT)
    return (*(findings[at] for at in sorted(by_gravity[:most])), note)


def _alone(findings: Sequence[Finding], terse: bool) -> tuple[Finding, ...]:
    """The gravest finding, which counts the others."""
    if len(findings) < 2:
        return tuple(findings)
    first, *others = [findings[at] for at in _by_gravity(findings)]
    message = _not_listed([found.code for found in others], 0 if terse else _CODES_OF_SHORT)
    long = terse and len(first.fix) > _LONG
    fix = f"see what `scrubber explain {first.code}` says" if long else first.fix
    return (attrs.evolve(first, message=f"{first.message}; {message}", fix=fix),)


def _by_gravity(findings: Sequence[Finding]) -> list[int]:
    """The indices of findings, the most severe ones first."""
    return sorted(range(len(findings)), key=lambda at: gravity(findings[at].severity))


def _not_listed(codes: Sequence[str], most: int) -> str:
    """How many findings are not listed, by code for the `most` frequent codes."""
    message = f"{counted(len(codes), 'more finding')} not listed"
    if not most:
        return message
    counts = Counter(codes).most_common()
    named = ", ".join(f"{code} ({count})" for code, count in counts[:most])
    more = f" and {counted(len(counts) - most, 'more code')}" if len(counts) > most else ""
    return f"{message}: {named}{more}"
