"""Follows the envelope of a file for all its answers: what was received, what is wrong, what is rejected as a whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from heapq import heappop, heappush
from typing import Any, Protocol, TypeAlias, runtime_checkable

import attrs

from scrubber.conformance.codes import FAULTY_HEADER, GUIDE_CODES
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.acknowledgements.codes import tables
from scrubber.outputs.acknowledgements.received import (
    ReceivedGroup,
    ReceivedInterchange,
    ReceivedTransaction,
    group_of,
    interchange_of,
    transaction_of,
)
from scrubber.outputs.acknowledgements.syntax import Syntax, SyntaxFault, of_doubt, of_error, of_finding
from scrubber.outputs.batch import Batch
from scrubber.x12.control import is_count
from scrubber.x12.errors import MISSING_TRAILER, OF_SEGMENTS, TRUNCATED, LocatedError
from scrubber.x12.events import Event
from scrubber.x12.prescan import Prescan
from scrubber.x12.segments import element, first_segment

_BELONG_BEFORE = frozenset({MISSING_TRAILER, TRUNCATED})
"""Errors that stand where a loop ends without its trailer, and belong to that loop."""


@attrs.frozen
class InterchangeVerdict:
    """Whether an interchange is rejected as a whole, and the code of TA1 for its fault, empty if there is none."""

    rejected: bool
    code: str


@attrs.frozen
class TransactionVerdict:
    """What a 999 says about a transaction: rejected as a whole or not, its codes (IK502 …), and its faults in order."""

    rejected: bool
    codes: tuple[str, ...]
    faults: Sequence[SyntaxFault]


@attrs.frozen
class GroupVerdict:
    """What a 999 says about a group: transactions that its GE counts, transactions that were received, its codes."""

    included: int
    received: int
    codes: tuple[str, ...]


class Answer(Protocol):
    """An answer to a file. Its methods are called in the order of the file."""

    def begin_interchange(self, received: ReceivedInterchange, verdict: InterchangeVerdict, /) -> None:
        """An interchange begins."""

    def begin_group(self, group: ReceivedGroup, /) -> None:
        """A group begins."""

    def begin_transaction(self, received: ReceivedTransaction, /) -> None:
        """A transaction begins."""

    def end_transaction(self, verdict: TransactionVerdict, /) -> None:
        """The transaction ends."""

    def end_group(self, verdict: GroupVerdict, /) -> None:
        """The group ends."""

    def end_interchange(self) -> None:
        """The interchange ends."""


@runtime_checkable
class ClaimAnswer(Protocol):
    """An answer that takes claims, too: each in two steps, as the first of them may run in another process."""

    def digest(self, scrubbed: ScrubbedClaim, /) -> Any:
        """What the answer says about a claim. It must not depend on other claims, with one exception.

        If the claim before is of the same patient, texts that `put` will not need may be left out.
        """

    def put(self, digest: Any, /) -> None:
        """The next claim of the transaction, given its digest."""

    def accept(self, scrubbed: ScrubbedClaim, /) -> None:
        """The next claim of the transaction, which has no findings. The same as `put` with its digest."""


class WithNotices(Protocol):
    """The events of a file, which also have its faults outside of claims: of the hierarchy, and against the guide."""

    def new_notices(self) -> list[LocatedError]:
        """Those since the last call."""


Digest: TypeAlias = tuple[Sequence[SyntaxFault], int, Sequence[Any]]
"""What answers need of a claim: its faults, whether it is below a faulty header, what each answer writes about it."""


class AnswerSink:
    """The sink that gives a file to its answers, all events and claims in file order. Call `close` after the last one.

    An interchange without a readable ISA has no sender, so it has no answer. In an interchange that is rejected as a
    whole, groups are not answered.
    """

    def __init__(
        self, answers: Sequence[Answer], scrubbing: WithNotices, scan: Prescan, as_of: date | None = None
    ) -> None:
        self._answers = answers
        self._of_claims = [answer for answer in answers if isinstance(answer, ClaimAnswer)]
        self._scrubbing = scrubbing
        self._scan = scan
        self._as_of = as_of
        self._errors = sorted(scan.errors, key=lambda error: error.offset)
        self._offsets = [error.offset for error in self._errors]
        self._waiting: list[tuple[int, int, LocatedError]] = []  # a heap by offset, then as they came
        self._taken = 0
        self._interchange: ReceivedInterchange | None = None
        self._group: ReceivedGroup | None = None
        self._received: ReceivedTransaction | None = None
        self._syntax = Syntax()
        self._transactions = 0
        self._claims = 0
        self._below_faulty_header = 0

    def event(self, event: Event) -> None:
        """Take the next event that is not a claim."""
        if event.kind == "header":
            self._begin(event)
        elif event.kind == "trailer":
            self._end(event)

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim."""
        self.put(scrubbed.claim.event, self.digest(scrubbed))

    def take_batch(self, batch: Batch) -> None:
        """Take the next events and claims. Those without findings have no faults either: one in doubt has a finding."""
        for item in batch.items:
            if not isinstance(item, ScrubbedClaim):
                if item.kind != "level":
                    self.event(item)
            elif item.findings:
                self.claim(item)
            elif self._received:
                self._claims += 1
                for answer in self._of_claims:
                    answer.accept(item)

    def digest(self, scrubbed: ScrubbedClaim) -> Digest | None:
        """What the answers need of a claim, `None` if it stands in nothing that is answered."""
        if self._received is None:
            return None
        by_answer = tuple([answer.digest(scrubbed) for answer in self._of_claims])
        if not scrubbed.findings:  # a claim in doubt has one
            return (), 0, by_answer
        faults: list[SyntaxFault] = []
        below_faulty_header = 0
        if doubt := of_doubt(scrubbed.claim):
            faults.append(doubt)
        for finding in scrubbed.findings:
            if finding.severity == "reject" and finding.code in GUIDE_CODES:
                if finding.code == FAULTY_HEADER:
                    below_faulty_header += 1
                else:
                    faults.append(of_finding(scrubbed.claim, finding))
        return tuple(faults), below_faulty_header, by_answer

    def put(self, _: Event, digest: Digest | None) -> None:
        """Take the next claim, given its digest."""
        if self._received is None:
            return
        assert digest is not None
        faults, below_faulty_header, by_answer = digest
        self._claims += 1
        self._below_faulty_header += below_faulty_header
        for fault in faults:
            self._syntax.add(fault)
        for answer, own in zip(self._of_claims, by_answer, strict=True):
            answer.put(own)

    def close(self) -> None:
        """The file ends."""
        self._leave("ISA", self._scan.size)

    def _begin(self, event: Event) -> None:
        piece = event.piece
        self._leave(piece.tag, piece.offset)
        if piece.tag == "ISA":
            if piece.passed_over:
                return
            self._interchange = interchange_of(piece, self._as_of)
            verdict = self._interchange_verdict(event)
            for answer in self._answers:
                answer.begin_interchange(self._interchange, verdict)
            if verdict.rejected:
                for answer in self._answers:
                    answer.end_interchange()
                self._interchange = None
        elif piece.tag == "GS" and self._interchange:
            self._transactions = 0
            self._group = group_of(piece, self._interchange, self._as_of)
            for answer in self._answers:
                answer.begin_group(self._group)
        elif piece.tag == "ST" and self._group and event.transaction:
            self._transactions += 1
            self._claims = self._below_faulty_header = 0
            self._syntax = Syntax()
            self._received = transaction_of(piece, event.transaction, self._group, self._as_of)
            for answer in self._answers:
                answer.begin_transaction(self._received)

    def _end(self, event: Event) -> None:
        """A trailer. It ends the loops within its own, too."""
        piece, end = event.piece, event.piece.offset + len(event.piece.text)
        if piece.tag == "SE":
            self._end_transaction(end, closed=True)
        elif piece.tag == "GE":
            self._end_transaction(piece.offset)
            trailer = () if piece.passed_over or not piece.delimiters else first_segment(piece.text, piece.delimiters)
            self._end_group(end, element(trailer, 1), piece.offset)
        else:
            self._leave("ISA", piece.offset)

    def _leave(self, tag: str, offset: int) -> None:
        """End the loops that end where a header with this tag begins."""
        self._end_transaction(offset)
        if tag in ("GS", "ISA"):
            self._end_group(offset, "")
        if tag == "ISA" and self._interchange:
            self._interchange = None
            for answer in self._answers:
                answer.end_interchange()

    def _interchange_verdict(self, event: Event) -> InterchangeVerdict:
        piece, codes = event.piece, tables()
        guide = [error for error in self._notices(piece.offset + len(piece.text)) if error.offset >= piece.offset]
        fault = self._scan.interchange_fault(piece.offset)
        if fault:
            return InterchangeVerdict(True, codes["interchange"].get(fault.code, "022"))
        if guide:
            return InterchangeVerdict(True, codes["isa"].get(guide[0].element, "022"))
        return InterchangeVerdict(False, "")

    def _end_transaction(self, end: int, *, closed: bool = False) -> None:
        received, self._received = self._received, None
        if received is None:
            return
        for error in self._notices(end):
            if error.segment is not None and (error.code in OF_SEGMENTS or error.code in GUIDE_CODES):
                self._syntax.add(of_error(error, received.transaction.type))
        verdict = self._transaction_verdict(received, end, closed=closed)
        for answer in self._answers:
            answer.end_transaction(verdict)

    def _transaction_verdict(self, received: ReceivedTransaction, end: int, *, closed: bool) -> TransactionVerdict:
        transaction, faults = received.transaction, self._syntax.faults
        known = tables()["transaction"]
        codes = [] if closed else ["2"]
        if transaction.type is None:
            codes.append("I6" if received.identifier == "837" else "1")
        codes += (known[error.code] for error in self._envelope_errors(received.offset, end) if error.code in known)
        untrusted = self._scan.doubt(transaction.offset) or transaction.fault
        below_faulty_header = self._claims > 0 and self._below_faulty_header == self._claims
        rejected = bool(codes or untrusted or below_faulty_header)
        if faults or (rejected and not codes):
            codes.append("I5" if faults else "5")
        return TransactionVerdict(rejected, tuple(dict.fromkeys(codes))[:5], faults)

    def _end_group(self, end: int, included: str, trailer: int | None = None) -> None:
        """The group ends. `included` is GE01, `trailer` the offset of GE, `None` if it is missing."""
        group, self._group = self._group, None
        if group is None:
            return
        known = tables()["group"]
        own = [error for error in self._envelope_errors(group.offset, end) if error.offset in (group.offset, trailer)]
        codes = ["3"] if trailer is None else []
        codes += (known[error.code] for error in own if error.code in known)
        number = int(included) if is_count(included) and len(included) <= 6 else self._transactions
        verdict = GroupVerdict(number, self._transactions, tuple(dict.fromkeys(codes))[:5])
        for answer in self._answers:
            answer.end_group(verdict)

    def _envelope_errors(self, start: int, end: int) -> list[LocatedError]:
        """The errors of the envelope from byte `start` to `end`, a missing trailer at the end among them."""
        found = []
        for error in self._errors[bisect_left(self._offsets, start) : bisect_right(self._offsets, end)]:
            if error.offset == end:
                belongs = error.code in _BELONG_BEFORE
            else:
                belongs = error.offset != start or error.code not in _BELONG_BEFORE
            if belongs:
                found.append(error)
        return found

    def _notices(self, end: int) -> list[LocatedError]:
        """The faults against the guide and of the hierarchy up to byte `end` that were not taken before."""
        for error in self._scrubbing.new_notices():
            self._taken += 1
            heappush(self._waiting, (error.offset, self._taken, error))
        found = []
        while self._waiting and self._waiting[0][0] < end:
            found.append(heappop(self._waiting)[-1])
        return found
