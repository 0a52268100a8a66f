"""The implementation guides as pyx12 4.0 holds them, one for each type of claim.

pyx12 has 005010X222A1 of the 837P and 005010X223A2 of the 837I. Earlier and later addenda are checked with these maps.
`corrections.toml` corrects the maps if they differ from the guides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import lru_cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

from pyx12 import codes, dataele
from pyx12.map_if import _root, map_if
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
    """A map as pyx12's `load_map_file` loads it, in less than half of the time: see `_lists`."""
    with files("pyx12").joinpath("map", file).open("rb") as xml, _with_known_lists():
        return map_if(ElementTree.parse(xml).getroot(), ParamsBase(), None)  # noqa: S314 - see `_lists`


@lru_cache(maxsize=1)
def _lists() -> tuple[codes.ExternalCodes, dataele.DataElements]:
    """pyx12's lists of codes and of data elements, read by Python's parser in C.

    pyx12 reads them with each map, by defusedxml, in Python. These files come with pyx12's package, so they are safe to
    parse.
    """
    for module in (codes, dataele):
        vars(module)["et"] = ElementTree
    return codes.ExternalCodes(), dataele.DataElements()


@contextmanager
def _with_known_lists() -> Iterator[None]:
    """Give a map the lists that were already read. Its codes are a copy, as our corrections add to them."""
    external, elements = _lists()

    def own_codes(*_: object) -> codes.ExternalCodes:
        own = copy(external)
        own.codes = {name: {**listed} for name, listed in external.codes.items()}
        return own

    usual = {name: vars(_root)[name] for name in ("codes", "dataele")}
    vars(_root).update(
        codes=SimpleNamespace(ExternalCodes=own_codes),
        dataele=SimpleNamespace(DataElements=lambda *_: elements),
    )
    try:
        yield
    finally:
        vars(_root).update(usual)
