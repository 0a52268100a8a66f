"""The implementation guides as pyx12 4.0 holds them, one for each type of claim.

pyx12 has 005010X222A1 of the 837P and 005010X223A2 of the 837I. Earlier and later addenda are checked with these maps.
`corrections.toml` corrects the maps if they differ from the guides.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

from pyx12 import codes, dataele
from pyx12.map_if import map_if
from pyx12.params import ParamsBase  # not `params`, which reads a file in the user's home folder

from scrubber.conformance.corrections import correct
from scrubber.x12.guides import ClaimType

_FILES: dict[ClaimType, str] = {"837P": "837.5010.X222.A1.xml", "837I": "837Q3.I.5010.X223.A1.xml"}
_CONTROL = "x12.control.00501.xml"

VERSIONS: dict[ClaimType, str] = {"837P": "005010X222A1", "837I": "005010X223A2"}
"""The version of each map, as in GS08 and ST03."""

INTERCHANGE = "/ISA_LOOP"
GROUP = f"{INTERCHANGE}/GS_LOOP"
TRANSACTION = f"{GROUP}/ST_LOOP"

Node = Any
"""A node of pyx12's maps, which are not typed."""


@lru_cache(maxsize=2)
def guide(claim_type: ClaimType) -> Node:
    """The map of a claim type, with our corrections."""
    root = _loaded(_FILES[claim_type])
    correct(root, claim_type)
    return root


@lru_cache(maxsize=1)
def control() -> Node:
    """The map of interchange and group headers and trailers."""
    return _loaded(_CONTROL)


def _loaded(file: str) -> Node:
    """A map as pyx12's `load_map_file` loads it, in half of the time: see `_parsed_in_c`."""
    _parsed_in_c()
    with files("pyx12").joinpath("map", file).open("rb") as xml:
        return map_if(ElementTree.parse(xml).getroot(), ParamsBase(), None)  # noqa: S314 - see `_parsed_in_c`


def _parsed_in_c() -> None:
    """Let Python's parser in C read pyx12's lists of codes and of data elements, which it reads with each map.

    pyx12 has XML parsed by defusedxml, in Python. Its own files come with its package and hold no traps.
    """
    for module in (codes, dataele):
        vars(module)["et"] = ElementTree
