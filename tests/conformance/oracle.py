"""pyx12's verdict on a file: what the fast path is measured against.

The verdict is that of `x12n_document`, without its faults that are no verdict: a text stream of latin-1 in place of a
path, no configuration file of the user, exceptions count as rejection, and so does a file that was not read to its
end. Versions without a map of their own take the nearest there is.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias
from unittest import mock

import pyx12.map_if
from pyx12.params import ParamsBase
from pyx12.x12n_document import x12n_document

NEAREST = {
    b"005010X222": b"005010X222A1",
    b"005010X222A2": b"005010X222A1",
    b"005010X223": b"005010X223A2",
    b"005010X223A1": b"005010X223A2",
    b"005010X223A3": b"005010X223A2",
}
"""Versions that pyx12 has no map of, and the one that is used for them."""

_ISA_LENGTH = 106
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

load_map = lru_cache(maxsize=None)(pyx12.map_if.load_map_file)
"""A map, loaded once. It is not changed by use."""

PARAMETERS = ParamsBase()
"""The default parameters; one object, so that `load_map` remembers."""


def claim_map(claim_type: str) -> Any:
    """The map of a claim type."""
    name = "837.5010.X222.A1.xml" if claim_type == "837P" else "837Q3.I.5010.X223.A1.xml"
    return load_map(name, PARAMETERS, None)


Visit: TypeAlias = Callable[[Any, Any], None]
"""Is told each segment that pyx12 reads, and the node of the map that it takes the segment for."""


def accepts(data: bytes, visit: Visit | None = None) -> bool:
    """Whether pyx12 finds nothing wrong with a file, and read all of it."""
    with mock.patch.object(pyx12.map_if, "load_map_file", load_map):
        return verdict(data, visit)


def verdict(data: bytes, visit: Visit | None = None) -> bool:
    """The same in many times the time: it loads the maps again and again."""
    text = with_nearest_versions(data.removeprefix(_BYTE_ORDER_MARK)).decode("latin-1")
    read = 0

    def count(segment: Any, _: object, node: Any, __: object) -> None:
        nonlocal read
        read += 1
        if visit:
            visit(segment, node)

    with _quietly():
        try:
            accepted = x12n_document(PARAMETERS, io.StringIO(text, newline=""), None, None, callback=count)
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
