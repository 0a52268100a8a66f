"""Numbers that are equal for claims and lines that are alike, to find what is billed twice.

They are 64-bit digests without a key: a history keeps only keyed hashes of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

from scrubber.claims.memory import digest, patient_key
from scrubber.claims.model import Claim, ServiceLine
from scrubber.claims.once import once_per_claim
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.remembering import remembered

_LINE_BREAKS = b"\r\n"
_CANONICAL = b"\x1d\x1e\x1f\x1c"
"""Stand for the delimiters of elements, repetitions, components and segments, whatever those of the file are."""

OfGroup: TypeAlias = Callable[[str], bool]
"""Whether a procedure code is a duplicate for all providers of a group (`Facts.is_of_group`)."""

_OF_A_PERSON = ("NM1", "N3", "N4", "DMG")


@once_per_claim
def content(claim: Claim) -> int:
    """The hash of the claim's own segments and the billing NPI.

    File, envelope, delimiters, line breaks and the scrubber's notes do not matter.
    """
    table, breaks = _translation(claim.event.delimiters)
    text = claim.event.text.encode("latin-1").translate(table, breaks)
    hashed = hashlib.blake2b(text, digest_size=8, key=claim.billing_npi.encode()[:64])
    return int.from_bytes(hashed.digest(), "big")


def provider(claim: Claim) -> int:
    """The hash of the billing NPI."""
    return _of_npi(claim.billing_npi)


_of_npi = remembered(1024)(digest)


@lru_cache(maxsize=64)
def _translation(delimiters: Delimiters) -> tuple[bytes, bytes]:
    """How delimiters are replaced, and the line breaks to leave out. A line break may be a delimiter, too."""
    written = (delimiters.element, delimiters.repetition, delimiters.component, delimiters.terminator)
    table = bytearray(range(256))
    for mark, canonical in zip(written, _CANONICAL, strict=True):
        if not mark.isalnum():  # senders of 5010 files still write the U of 4010 for the repetition
            table[ord(mark)] = canonical
    return bytes(table), bytes(mark for mark in _LINE_BREAKS if chr(mark) not in written)


def rendered_by(claim: Claim, line: ServiceLine, of_group: OfGroup) -> str:
    """The rendering provider, if it makes two services different; otherwise empty.

    Services whose code is `of_group` (drugs and their administration) are duplicates for all providers of the group.
    Visits to two doctors are not duplicates.
    """
    return "" if of_group(line.procedure) else claim.provider_of(line)


@once_per_claim
def line_likenesses(claim: Claim, procedures: frozenset[str], of_group: OfGroup) -> Sequence[tuple[ServiceLine, int]]:
    """The lines with these procedure codes, each with a number of what it bills.

    For lines of one patient: the numbers are equal for two lines that bill the same service.
    """
    if procedures.isdisjoint(claim.procedures):
        return ()
    own = claim.type, claim.billing_npi
    return [
        (line, digest(*own, billed))
        for line, billed in zip(claim.lines, _billed_by_lines(claim, of_group), strict=True)
        if line.procedure in procedures
    ]


@once_per_claim
def claim_likeness(claim: Claim, patient: int, of_group: OfGroup) -> int:
    """The hash of a patient's claim: equal for two claims that differ only in their claim numbers."""
    lines = sorted(_billed_by_lines(claim, of_group))
    sequence = claim.context.subscriber.text("payer_sequence") if claim.context.subscriber else ""
    own = (claim.type, claim.facility_code, claim.billing_npi, sequence, claim.statement_dates_text)
    return digest(str(patient), *own, *lines)


@once_per_claim
def _billed_by_lines(claim: Claim, of_group: OfGroup) -> Sequence[str]:
    return [_billed(claim, line, of_group) for line in claim.lines]


def _billed(claim: Claim, line: ServiceLine, of_group: OfGroup) -> str:
    modifiers = line.modifiers
    values = (
        line.procedure,
        *(sorted(modifiers) if len(modifiers) > 1 else modifiers),
        line.service_dates.text,
        line.units_text,
        line.charge_text,
        line.ndc,
        line.description,
        line.revenue_code,
        rendered_by(claim, line, of_group),
    )
    return "\x1e".join(values)


@once_per_claim
def person(claim: Claim) -> int:
    """A key for the patient of a payer, also for one without a member id. Names and birth date then stand for it."""
    known = patient_key(claim)
    if known is not None:
        return known
    levels = (level for level in (claim.context.subscriber, claim.context.patient) if level)
    segments = (segment for level in levels for segment in level.event.segments if segment[0] in _OF_A_PERSON)
    return digest("without member id", claim.payer_id, *("*".join(segment).upper() for segment in segments))
