"""What must hold of any file: nothing crashes, the outputs can be read, stripping gives back the input.

It is also judged twice, and what was remembered the first time may change nothing.
"""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

import scrubber
from scrubber.outputs.annotated import strip
from scrubber.outputs.formats import FORMATS
from scrubber.running.options import RunOptions
from scrubber.x12.errors import EMPTY_SEGMENT, RUN_TOGETHER, VERSIONS_DIFFER, WRONG_SEPARATOR
from scrubber.x12.prescan import prescan

KEPT = RunOptions()
"""The options of all trials: one engine, so that a trial takes the time of its file."""
_STAYING = frozenset({EMPTY_SEGMENT, VERSIONS_DIFFER})
"""Faults within a transaction that its claims bring into the rejected file, as their bytes stay as they are.

A claim can also bring a component separator that its ISA does not have, if those before it have that of the ISA, or
if its terminator was missing: its separator is looked for after one.
"""
_ISA = 106


def failure(data: bytes) -> str | None:
    """Why a file fails, in one line that quotes nothing of it; `None` if all holds."""
    try:
        return _broken(data)
    except Exception as error:  # whatever it is, it is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


def _broken(data: bytes) -> str | None:
    outs = {name: io.BytesIO() for name in ("clean", "rejected", "annotated", "ack_999", "ack_277ca")}
    reports = {form: io.BytesIO() for form in FORMATS}
    outcome = scrubber.scrub_to(io.BytesIO(data), options=KEPT, reports=reports, **outs)  # type: ignore[arg-type]
    if _otherwise_again(data, outs, reports["json"]):
        return "the file is judged otherwise the second time"
    json.loads(reports["json"].getvalue())
    ElementTree.fromstring(reports["xml"].getvalue())
    ElementTree.fromstring(reports["junit"].getvalue())
    again, plain = io.BytesIO(), io.BytesIO()
    if outs["annotated"].getvalue():
        strip(outs["annotated"], again)
        strip(io.BytesIO(data), plain)
        if again.getvalue() != plain.getvalue():
            return "stripping the annotated copy does not give back the input"
    clean = prescan(outs["clean"])
    if outs["clean"].getvalue() and not clean.readable:
        return "the clean file cannot be read"
    counted = outcome.summary.dispositions
    if clean.claims != counted["clean"] + counted["flagged"]:
        return "the clean file has not the claims that are clean or flagged"
    unsound = sorted(set(_unsound(outs["rejected"].getvalue(), data)))
    return f"the rejected file has an unsound envelope: {', '.join(unsound)}" if unsound else None


def _otherwise_again(data: bytes, outs: Mapping[str, io.BytesIO], report: io.BytesIO) -> bool:
    """Whether the same process gives other bytes for the same file, after what it has remembered of it."""
    again = {name: io.BytesIO() for name in outs}
    findings = io.BytesIO()
    scrubber.scrub_to(io.BytesIO(data), options=KEPT, reports={"json": findings}, **again)  # type: ignore[arg-type]
    same = all(again[name].getvalue() == out.getvalue() for name, out in outs.items())
    return not same or findings.getvalue() != report.getvalue()


def _unsound(rejected: bytes, data: bytes) -> Iterator[str]:
    """The faults of the envelope of a rejected file that no claim has brought into it."""
    together = RUN_TOGETHER in {error.code for error in prescan(io.BytesIO(data)).errors}
    for error in prescan(io.BytesIO(rejected)).errors if rejected else ():
        isa = _bare(rejected[error.offset : error.offset + _ISA])
        of_claims = error.code in _STAYING or (error.code == WRONG_SEPARATOR and (together or isa in _bare(data)))
        if error.breaks_envelope and not of_claims:
            yield error.code


def _bare(data: bytes) -> bytes:
    """Bytes without blanks: the elements of an ISA are padded anew."""
    return data.replace(b" ", b"")
