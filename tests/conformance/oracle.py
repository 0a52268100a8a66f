"""pyx12's verdict on a file: what the fast path is measured against.

The verdict is that of `x12n_document`, without its faults that are no verdict: a text stream of latin-1 in place of a
path, no configuration file of the user, exceptions count as rejection, and so does a file that was not read to its
end. Versions without a map of their own take the nearest there is.

A second verdict is that of pyx12 with our documented corrections: what we let pass must pass there.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import count
from typing import Any, TypeAlias
from unittest import mock

import pyx12.map_if
from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

from scrubber.conformance.corrections import correct, corrections
from scrubber.testing import ClaimType

NEAREST = {
    b"005010X222": b"005010X222A1",
    b"005010X222A2": b"005010X222A1",
    b"005010X223": b"005010X223A2",
    b"005010X223A1": b"005010X223A2",
    b"005010X223A3": b"005010X223A2",
}
"""Versions that pyx12 has no map of, and the one that is used for them."""

FILES: dict[ClaimType, str] = {"837P": "837.5010.X222.A1.xml", "837I": "837Q3.I.5010.X223.A1.xml"}
"""pyx12's map of each claim type."""

_ISA_LENGTH = 106
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_load_anew = pyx12.map_if.load_map_file

load_map = lru_cache(maxsize=None)(_load_anew)
"""A map, loaded once. It is not changed by use."""

PARAMETERS = ParamsBase()
"""The default parameters; one object, so that `load_map` remembers."""


def claim_map(claim_type: ClaimType) -> Any:
    """The map of a claim type."""
    return load_map(FILES[claim_type], PARAMETERS, None)


Visit: TypeAlias = Callable[[Any, Any], None]
"""It is called with each segment that pyx12 reads, and with the node of the map that it takes the segment for."""


def accepts(data: bytes, visit: Visit | None = None) -> bool:
    """Whether pyx12 finds nothing wrong with a file, and read all of it."""
    with mock.patch.object(pyx12.map_if, "load_map_file", load_map):
        return verdict(data, visit)


def faults(text: str) -> list[str]:
    """The faults in pyx12's acknowledgement of a file (IK3, IK4, IK5, AK9). pyx12 must have read all segments."""
    acknowledgement = io.StringIO()
    read = count(1)
    with mock.patch.object(pyx12.map_if, "load_map_file", load_map):
        valid = x12n_document(PARAMETERS, io.StringIO(text), acknowledgement, None, callback=lambda *_: next(read))
    segments = [segment.strip() for segment in acknowledgement.getvalue().split("~")]
    verdicts = [segment for segment in segments if segment.startswith(("IK5", "AK9"))]
    found = [segment for segment in segments if segment.startswith(("IK3", "IK4"))]
    found += [verdict for verdict in verdicts if verdict.split("*")[1] != "A"]
    assert verdicts
    assert next(read) - 1 == text.count(text[_ISA_LENGTH - 1])
    return found if valid or found else ["invalid"]


def accepts_corrected(data: bytes) -> bool:
    """The same by the maps with our corrections, those of them that no map holds made in the data beforehand."""
    with mock.patch.object(pyx12.map_if, "load_map_file", corrected_map):
        return verdict(in_map_order(data))


@cache
def corrected_map(name: str, parameters: ParamsBase, path: str | None = None) -> Any:
    """A map with our corrections in it; a code that is a mere warning counts as right."""
    root = _load_anew(name, parameters, path)
    claim_type = next((found for found, file in FILES.items() if file == name), None)
    if claim_type:
        correct(root, claim_type)
        for row in corrections()["lists"]:
            root.ext_codes.codes[row["name"]]["codes"] = _Shaped(row["shape"])
    return root


class _Shaped:
    """A list of codes that has all of a shape."""

    def __init__(self, shape: str) -> None:
        self.shape = re.compile(shape, re.ASCII)

    def __contains__(self, code: str) -> bool:
        return bool(self.shape.fullmatch(code))


SIBLINGS = {
    "837P": {
        "BHT": ["41 40"],
        "HL": ["85 87 PE", "IL PR"],
        "CLM": ["DN,P3 82 77 DQ PW 45"],
        "SBR": ["IL PR DN,P3 82 77 DQ 85"],
        "LX": ["82 QB 77 DQ DK DN,P3 PW 45"],
    },
    "837I": {
        "BHT": ["41 40"],
        "HL": ["85 87 PE", "IL PR"],
        "CLM": ["71 72 ZZ 82 77 DN"],
        "SBR": ["IL PR 71 72 ZZ 77 82 DN 85"],
        "LX": ["72 ZZ 82 DN"],
    },
}
"""NM101 of loops that stand side by side, in the order of their letters, by the segment that begins the loop around."""
_OF_SIBLINGS = ("N2", "N3", "N4", "REF", "PER", "PRV", "DMG", "DTP")


def in_map_order(data: bytes) -> bytes:
    """The file with sibling loops in the order of their letters, and with numbers of lines without leading zeros."""
    text = data.decode("latin-1")
    if len(text) < _ISA_LENGTH:
        return data
    separator, end = text[3], text[_ISA_LENGTH - 1]
    kept: list[str] = []
    run: list[tuple[int, list[str]]] = []
    around, claim_type, in_claim = "", "837P", False

    def close() -> None:
        kept.extend(part for _, block in sorted(run, key=lambda block: block[0]) for part in block)
        run.clear()

    for part in text.split(end):
        tag, *elements = part.strip("\r\n").split(separator)
        if tag == "ST":
            around, claim_type = "", "837I" if "X223" in part else "837P"
        if tag in ("BHT", "HL", "CLM", "LX") or (tag == "SBR" and in_claim):
            around, in_claim = tag, tag in ("CLM", "SBR", "LX")
        if tag == "LX" and len(elements) == 1 and re.fullmatch(r"0+[1-9]\d*", elements[0], re.ASCII):
            part = part.replace(elements[0], elements[0].lstrip("0"))
        ranks = {
            code: rank
            for group in SIBLINGS[claim_type].get(around, ())
            for rank, codes in enumerate(group.split())
            for code in codes.split(",")
        }
        rank = ranks.get(elements[0]) if tag == "NM1" and elements else None
        if rank is not None:
            run.append((rank, [part]))
        elif run and tag in _OF_SIBLINGS:
            run[-1][1].append(part)
        else:
            close()
            kept.append(part)
    close()
    return end.join(kept).encode("latin-1")


def verdict(data: bytes, visit: Visit | None = None) -> bool:
    """The same in many times the time: it loads the maps again and again."""
    text = with_nearest_versions(data.removeprefix(_BYTE_ORDER_MARK)).decode("latin-1")
    read = 0

    def counted(segment: Any, _: object, node: Any, __: object) -> None:
        nonlocal read
        read += 1
        if visit:
            visit(segment, node)

    with _quietly():
        try:
            accepted = x12n_document(PARAMETERS, io.StringIO(text, newline=""), None, None, callback=counted)
        except Exception:  # it has no way to say that it cannot go on
            return False
    return accepted and read == _segments(text)


def with_nearest_versions(data: bytes) -> bytes:
    """The file with GS08 and ST03 replaced where pyx12 has no map of that version."""
    if len(data) < _ISA_LENGTH or not data.startswith(b"ISA"):
        return data
    element, end = re.escape(data[3:4]), re.escape(data[_ISA_LENGTH - 1 : _ISA_LENGTH])
    gs = rb"GS(?:%b[^%b%b]*){7}%b" % (element, element, end, element)
    st = rb"ST(?:%b[^%b%b]*){2}%b" % (element, element, end, element)
    versions = b"|".join(sorted(NEAREST, reverse=True))
    header = re.compile(rb"((?:^|%b)[\r\n]*(?:%b|%b))(%b)(?=%b|%b)" % (end, gs, st, versions, element, end))
    return header.sub(lambda found: found[1] + NEAREST[found[2]], data)


def _segments(text: str) -> int:
    """How many segments there are to read: also empty ones, which pyx12 never reads, and a last one not terminated."""
    end = text[_ISA_LENGTH - 1]
    *complete, rest = text.split(end)
    blank_lines = sum(not part.strip("\r\n") for part in complete) if end in "\r\n" else 0
    return len(complete) - blank_lines + bool(rest.strip())


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """What pyx12 prints and logs goes nowhere: there may be claim data in it."""
    loggers = [logging.getLogger("pyx12"), logging.getLogger("pyx12.error_handler")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
