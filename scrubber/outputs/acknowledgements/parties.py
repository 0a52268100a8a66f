"""The parties that answers name: receiver and submitter of the file, provider, patient and payer of a claim."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from scrubber.claims.levels import Level
from scrubber.claims.model import Claim
from scrubber.outputs.acknowledgements.received import ReceivedTransaction
from scrubber.outputs.acknowledgements.writing import LONGEST
from scrubber.x12.errors import OF_SEGMENTS
from scrubber.x12.segments import ABSENT, Segment, element

UNKNOWN = "UNKNOWN"
"""What an answer writes where the guide asks for a name or number that the file lacks, or that is in doubt."""

_PERSON, _ORGANIZATION = "1", "2"
_MEMBER_NUMBERS = frozenset({"II", "MI"})
_SHORTEST_NUMBER = 2


def receiver(received: ReceivedTransaction) -> tuple[str, str]:
    """Name and number (NM103, NM109) of the receiver of an 837, loop 1000B; else those of the envelope."""
    isa = received.group.interchange.isa
    return _organization(received.first("NM1", "40"), element(isa, 8))


def submitter(received: ReceivedTransaction) -> tuple[str, str]:
    """Name and number of the submitter of an 837, loop 1000A; else those of the envelope."""
    isa = received.group.interchange.isa
    return _organization(received.first("NM1", "41"), element(isa, 6))


def _organization(name: Segment, otherwise: str) -> tuple[str, str]:
    otherwise = otherwise.strip() or UNKNOWN
    number = element(name, 9)
    return element(name, 3) or otherwise, number if _is_number(number) else otherwise.ljust(2, "0")


def provider(level: Level | None) -> tuple[str, ...]:
    """NM102 to NM109 of a billing provider: with its NPI, else its tax number."""
    name = loop_of(level, "85")
    if not name:
        return (_ORGANIZATION, UNKNOWN, "", "", "", "", "SV", UNKNOWN)
    head = name[0]
    qualifier, number = element(head, 8), element(head, 9)
    if qualifier not in ("XX", "FI") or not _is_number(number):
        qualifier, number = "FI", tax_number(level)
    if not _is_number(number):
        qualifier, number = "SV", UNKNOWN
    kind = _PERSON if element(head, 2) == _PERSON else _ORGANIZATION
    names = [element(head, at) for at in (4, 5, 6, 7)] if kind == _PERSON else [""] * 4
    return (kind, element(head, 3) or UNKNOWN, *names, qualifier, number)


def tax_number(level: Level | None) -> str:
    """The tax number of a billing provider (REF*EI, else REF*SY), empty if there is none."""
    for qualifier in ("EI", "SY"):
        for segment in loop_of(level, "85"):
            if segment[0] == "REF" and element(segment, 1) == qualifier:
                return element(segment, 2)
    return ""


def patient(claim: Claim) -> tuple[str, ...]:
    """NM102 to NM109 of the patient of a claim, with the member number of the subscriber.

    Where damage leaves in doubt whose the claim is, nobody is named.
    """
    doubt = claim.event.doubt
    if doubt and doubt.code in OF_SEGMENTS:
        return (_PERSON, UNKNOWN, "", "", "", "", "MI", UNKNOWN)
    own = _name_segment(claim.context.subscriber, "IL")
    return _name_elements(_name_segment(claim.context.patient, "QC") if claim.context.patient else own, own)


def plain_patient(claim: Claim, separator: str) -> str:
    """NM103 to NM109 of the patient as one text, if an answer repeats them as the file has them; else empty.

    That is so for most patients who are the subscriber themselves: letters and digits, no longer than an answer may
    have them, between the same separators. One match is quicker than to look at each element.
    """
    subscriber, dependent = claim.context.subscriber, claim.context.patient
    if subscriber is None or dependent or claim.event.doubt or subscriber.event.delimiters.element != separator:
        return ""
    found = _plain_subscriber(separator)(subscriber.named_text("IL"))
    return found[1] if found else ""


@lru_cache(maxsize=64)
def _plain_subscriber(separator: str) -> Callable[[str], re.Match[str] | None]:
    """Matches the NM1 of a subscriber that an answer repeats. Group 1 is NM103 to NM109."""
    between = re.escape(separator)
    last, *names = (f"[A-Za-z0-9]{{{0 if number > 3 else 1},{LONGEST['NM1'][number]}}}+" for number in range(3, 8))
    number = f"[A-Za-z0-9]{{{_SHORTEST_NUMBER},{LONGEST['NM1'][9]}}}+"
    elements = between.join((last, *names, f"(?:{'|'.join(sorted(_MEMBER_NUMBERS))})", number))
    return re.compile(rf"NM1{between}IL{between}[^{between}]*+{between}({elements})(?:{between}|\Z)").match


def insured(claim: Claim) -> tuple[str, ...]:
    """NM102 to NM109 of the subscriber of a claim."""
    own = _name_segment(claim.context.subscriber, "IL")
    return _name_elements(own, own)


def _name_segment(level: Level | None, entity: str) -> Segment:
    """The first NM1 of a level with this entity code, empty if it is missing."""
    return level.named(entity) if level else ()


def _name_elements(name: Segment, subscriber: Segment) -> tuple[str, ...]:
    """NM102 to NM109: the name of one person, the member number of the subscriber."""
    qualifier, number = element(subscriber, 8), element(subscriber, 9)
    last, *names = name[3:8] if len(name) >= 8 else (*name, *ABSENT)[3:8]
    return (
        _PERSON,
        last or UNKNOWN,
        *names,
        qualifier if qualifier in _MEMBER_NUMBERS else "MI",
        number if _is_number(number) else UNKNOWN,
    )


def payer(claim: Claim) -> tuple[str, str]:
    """Name and number of the payer of a claim, loop 2010BB."""
    return claim.payer_name or UNKNOWN, claim.payer_id or UNKNOWN


def loop_of(level: Level | None, entity: str) -> Sequence[Segment]:
    """The segments of the name loop of a level that begins with NM1 and this entity code; none if it is missing."""
    if level is None:
        return ()
    segments = level.span.segments
    begin = next((at for at, found in enumerate(segments) if _is_name_of(found, entity)), None)
    if begin is None:
        return ()
    end = next((at for at in range(begin + 1, len(segments)) if segments[at][0] == "NM1"), len(segments))
    return segments[begin:end]


def _is_name_of(segment: Segment, entity: str) -> bool:
    return segment[0] == "NM1" and element(segment, 1) == entity


def _is_number(text: str) -> bool:
    return len(text.strip()) >= _SHORTEST_NUMBER
