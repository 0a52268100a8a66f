"""The 999 (005010X231A1): whether the groups and transactions of a file follow their implementation guide.

It reports the guide checks and the errors of the file, never a finding of an edit. A transaction is rejected (R) if its
envelope is broken, if it cannot be trusted, if it is of another kind or version, or if a header above all of its claims
is at fault. It is accepted with errors (E) if the faults stay within claims, which are then rejected one by one. A TA1
for the interchange stands before the groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from scrubber.outputs.acknowledgements import ta1
from scrubber.outputs.acknowledgements.codes import tables
from scrubber.outputs.acknowledgements.files import AnswerFile, AnswerKind
from scrubber.outputs.acknowledgements.following import GroupVerdict, InterchangeVerdict, TransactionVerdict
from scrubber.outputs.acknowledgements.received import ReceivedGroup, ReceivedInterchange, ReceivedTransaction
from scrubber.outputs.acknowledgements.syntax import ElementFault, SyntaxFault
from scrubber.outputs.acknowledgements.writing import Element, Spool, is_code
from scrubber.x12.control import is_control_number
from scrubber.x12.segments import element

KIND = AnswerKind("FA", "999", "005010X231A1", 0)

_TRIGGER = "SITUATIONAL TRIGGER"
_LOOP_WIDTH = 4
_CONTEXT_WIDTH = 35
_NO_TAG = "ZZZ"
"""In place of a tag that no segment can have."""
_NO_CONTROL = "0"
_VERSION = "005010"
"""AK103 of a group without GS08, as the guide requires it: version and release of all interchanges that are answered.

Element 480 has a version of three digits, a release of three digits, and a guide, which may be left out.
"""


class ImplementationAcknowledgement:
    """Writes the 999 of a file, with a TA1 where an interchange is at fault or asks for it."""

    def __init__(self, out: BinaryIO, *, test: bool = False) -> None:
        self._file = AnswerFile(out, KIND, test=test)
        self._body: Spool | None = None
        self._received: ReceivedTransaction | None = None
        self._accepted = 0
        self._errors = False

    def begin_interchange(self, received: ReceivedInterchange, verdict: InterchangeVerdict) -> None:
        """Write the TA1."""
        self._file.begin_interchange(received)
        elements = ta1.elements(received, verdict)
        if elements:
            self._file.interchange_segment("TA1", *elements)

    def begin_group(self, group: ReceivedGroup) -> None:
        """Begin the answer to a group. Groups that no 999 may answer, such as those of another 999, have none."""
        self._accepted, self._errors = 0, False
        kind = element(group.gs, 1)
        if kind in tables()["answered"]["groups"]:
            self._file.begin_group(group)
            self._body = self._file.spool()
            self._body.write("AK1", kind, _group_control(group.control), group.version.strip() or _VERSION)

    def begin_transaction(self, received: ReceivedTransaction) -> None:
        """A transaction begins."""
        self._received = received

    def end_transaction(self, verdict: TransactionVerdict) -> None:
        """Write the answer to a transaction."""
        body, received = self._body, self._received
        assert received is not None
        self._accepted += not verdict.rejected
        self._errors |= bool(verdict.faults)
        if body is None or received.identifier not in tables()["answered"]["transactions"]:
            return
        control = received.transaction.control.strip()
        body.write("AK2", received.identifier, control.rjust(4, "0"), received.version)
        for fault in verdict.faults:
            for tag, elements in _segments(fault):
                body.write(tag, *elements)
        status = "R" if verdict.rejected else "E" if verdict.faults else "A"
        body.write("IK5", status, *verdict.codes)

    def end_group(self, verdict: GroupVerdict) -> None:
        """Write the answer to the group."""
        body, self._body = self._body, None
        if body is None:
            return
        if self._accepted == 0 and (verdict.received or verdict.codes):
            status = "R"
        elif self._accepted < verdict.received:
            status = "P"
        else:
            status = "E" if self._errors or verdict.codes else "A"
        counts = (str(verdict.included), str(verdict.received), str(self._accepted))
        body.write("AK9", status, *counts, *verdict.codes)
        self._file.transaction(body)
        self._file.end_group()
        body.close()

    def end_interchange(self) -> None:
        """The interchange ends."""
        self._file.end_interchange()


def _group_control(text: str) -> str:
    """GS06 as AK102 may hold it."""
    return text if is_control_number(text) else _NO_CONTROL


def _segments(fault: SyntaxFault) -> Iterator[tuple[str, tuple[Element, ...]]]:
    """IK3 of a fault, with its contexts (CTX) and elements (IK4)."""
    tag = fault.segment_id if is_code(fault.segment_id, 2, 3) else _NO_TAG
    position, loop = str(fault.position), fault.loop[:_LOOP_WIDTH]
    yield "IK3", (tag, position, loop, fault.code)
    if fault.claim_id:
        yield "CTX", (("CLM01", fault.claim_id[:_CONTEXT_WIDTH]),)
    for found in fault.elements:
        yield "IK4", (_numbers(found), found.reference, found.code, found.value)
        if found.trigger:
            yield "CTX", (_TRIGGER, tag, position, loop, str(found.trigger))


def _numbers(found: ElementFault) -> Element:
    return (str(found.element), str(found.component)) if found.component else (str(found.element),)
