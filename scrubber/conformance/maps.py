"""The implementation guides as pyx12 4.0 holds them, one for each type of claim.

pyx12 has the 837P as of 005010X222A1 and the 837I as of 005010X223A2; earlier and later addenda are checked by the
nearest of the two.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase  # not `params`, which reads a file in the user's home folder

from scrubber.x12.guides import ClaimType

_FILES: dict[ClaimType, str] = {"837P": "837.5010.X222.A1.xml", "837I": "837Q3.I.5010.X223.A1.xml"}
_CONTROL = "x12.control.00501.xml"

VERSIONS: dict[ClaimType, str] = {"837P": "005010X222A1", "837I": "005010X223A2"}
"""The version that each map is of, as it stands in GS08 and ST03."""

INTERCHANGE = "/ISA_LOOP"
GROUP = f"{INTERCHANGE}/GS_LOOP"
TRANSACTION = f"{GROUP}/ST_LOOP"

Node = Any
"""A node of pyx12's maps, which are not typed."""

_NEWER_REMARK = ("N822", "N823")
"""Remark codes in force that pyx12's list is too old for (RULES.md, E3)."""


@lru_cache(maxsize=2)
def guide(claim_type: ClaimType) -> Node:
    """The map of a claim type, with pyx12's errors in it corrected."""
    root = load_map_file(_FILES[claim_type], ParamsBase())
    remarks = root.ext_codes.codes["remark_code"]
    remarks["codes"] = remarks["codes"].union(_NEWER_REMARK)
    for node in root.loop_segment_iterator():
        if node.is_segment() and node.id == "PWK":
            _admit_certificates(node)
    return root


@lru_cache(maxsize=1)
def control() -> Node:
    """The map of interchange and group headers and trailers."""
    return load_map_file(_CONTROL, ParamsBase())


def _admit_certificates(node: Node) -> None:
    """Lets a line's PWK*CT carry how a certificate of medical necessity is sent, such as AD.

    The 837P has two PWK segments in loop 2400 that both may begin with CT; pyx12 takes the first of them for it,
    and refuses the codes of the second.
    """
    siblings = [other for other in node.parent.pos_map[node.pos] if other.id == "PWK"]
    if node is siblings[0] and len(siblings) > 1:
        sent = node.children[1]
        sent.valid_codes = [*sent.valid_codes, *siblings[1].children[1].valid_codes]
        sent._valid_codes_set = frozenset(sent.valid_codes)
