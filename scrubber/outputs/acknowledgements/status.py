"""What a 277CA says about a finding: category, status and entity."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from scrubber.claims import fields
from scrubber.claims.location import Location
from scrubber.edit import Finding
from scrubber.engine.acknowledgement import Acknowledgement
from scrubber.outputs.acknowledgements.codes import tables
from scrubber.x12.guides import ClaimType
from scrubber.x12.segments import element

_STATUS = re.compile(r"(A[0-9]):(\d{1,3})(?::([A-Z0-9]{2,3}))?", re.ASCII)
_REJECTED = frozenset({"A3", "A6", "A7", "A8"})
_UNPROCESSABLE, _INVALID = "A3", "21"

PAYER, CLEARINGHOUSE, RECEIVER = "PR", "AY", "40"


class Status(NamedTuple):
    """Category, status and entity, as STC01, STC10 and STC11 hold them; the entity may be empty."""

    category: str
    number: str
    entity: str = ""


def rejection(finding: Finding, settings: Acknowledgement) -> Status:
    """The status of a finding that rejects a claim.

    A finding without a status, or with one that no 277CA may hold, says that the claim cannot be processed and that
    its information is invalid.
    """
    status, wants_entity = _rejection(finding.claim_status or "", settings)
    if not wants_entity:
        return status
    entity = _entity_at(finding.location)
    return status._replace(entity=entity) if entity in tables()["entities"]["claim"] else status


@lru_cache(maxsize=1024)
def _rejection(claim_status: str, settings: Acknowledgement) -> tuple[Status, bool]:
    """The status of a reject, and whether its number needs an entity that it lacks."""
    found = _STATUS.fullmatch(claim_status)
    category, number, entity = found.groups("") if found else (_UNPROCESSABLE, _INVALID, "")
    category = settings.rejected or (category if category in _REJECTED else _UNPROCESSABLE)
    number = str(int(number))
    wants_entity = not entity and number in tables()["status"]["with_entity"]
    if settings.status_codes == "older":
        number = _older(number)
    known = entity in tables()["entities"]["claim"]
    return Status(category, number, entity if known else ""), wants_entity


def further(status: Status) -> Status:
    """The status as STC10 and STC11 may hold it: pyx12 has another list of entities there."""
    return status if status.entity in _listed("entity_id") else status._replace(entity="")


def source_entity(settings: Acknowledgement) -> str:
    """Who answers (NM101 of loop 2100A): a payer if it accepts claims for payment, else a clearinghouse."""
    return PAYER if settings.accepted.startswith("A2") else CLEARINGHOUSE


def acceptance(settings: Acknowledgement, entity: str) -> Status:
    """The status of what was received and is not rejected. A1:19 names who received it."""
    category, _, number = settings.accepted.partition(":")
    return Status(category, number, entity if number in tables()["status"]["with_entity"] else "")


def received_only(entity: str) -> Status:
    """The status of a held claim, and of a warning on a rejected one: received, but not accepted."""
    return Status("A1", "19", entity)


@lru_cache(maxsize=1024)
def _older(number: str) -> str:
    """The status number, or an older one if the list of pyx12 ends before it."""
    known = _listed("claim_status")
    older = number if number in known else tables()["status"]["older"].get(number, _INVALID)
    return str(older)


def is_remark(code: str) -> bool:
    """Whether pyx12's list of remark codes (RARC) has a code."""
    return code in _listed("remark_code")


@lru_cache(maxsize=4)
def _listed(name: str) -> frozenset[str]:
    """A list of codes as pyx12 has it."""
    from pyx12.codes import ExternalCodes  # takes 25 ms

    return frozenset(filter(None, ExternalCodes().codes[name]["codes"]))


def _entity_at(location: Location) -> str:
    """The entity of the loop in which a finding stands: NM101 of its name segment, empty if it names nobody."""
    if location.segment_id == "NM1":
        return element(location.elements, 1)
    return _loops(location.span.type).get(location.loop, "")


@lru_cache(maxsize=2)
def _loops(claim_type: ClaimType) -> dict[str, str]:
    """The entity codes by name loop. Loop 2000A is the billing provider's, too."""
    named = {**fields.LEVEL_NAMES, **fields.CLAIM_PROVIDERS[claim_type], **fields.LINE_PROVIDERS[claim_type]}
    return {loop: entity for entity, loop in reversed(named.items())} | {"2000A": "85"}
