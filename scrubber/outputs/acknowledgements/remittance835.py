"""The 835 (005010X221A1) of a test payer: what it pays and denies. It is always marked as a test.

There is a transaction for each payment: one payer, one billing provider, of the claims of one 837 transaction. Claims
wait in temporary files, as BPR has their total. A claim that the 277CA rejects is not in the 835.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import BinaryIO, TypeAlias

import attrs

from scrubber.claims.model import Claim, ServiceLine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.acknowledgements import billed, parties
from scrubber.outputs.acknowledgements.adjudication import Decision, Payment, at_front_end, decided
from scrubber.outputs.acknowledgements.files import AnswerFile, AnswerKind
from scrubber.outputs.acknowledgements.following import GroupVerdict, InterchangeVerdict, TransactionVerdict
from scrubber.outputs.acknowledgements.received import ReceivedGroup, ReceivedInterchange, ReceivedTransaction
from scrubber.outputs.acknowledgements.status import is_remark
from scrubber.outputs.acknowledgements.writing import Spool, amount, day, is_code

KIND = AnswerKind("HP", "835", "005010X221A1", 2, in_header=False)

_FILING_INDICATORS = frozenset(
    ("12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ")
)
"""CLP06 by the guide; it has not all codes of SBR09."""
_OTHER_INDICATOR = "ZZ"
_PROCESSED, _DENIED = "1", "4"
_PAYER_TAX_NUMBER = "1999999999"
_PAYER_STREET, _PAYER_CITY = ("1 TEST STREET",), ("TESTVILLE", "NY", "10001")
_PAYER_CONTACT = ("BL", "TEST PAYER", "TE", "8005550100")
_MOST_REMARKS_OF_CLAIM = 5
_MOST_WAITING = 32
"""Payments that wait for more claims at one time."""

Parties: TypeAlias = tuple[tuple[str, ...], str, tuple[str, str]]
"""Who is paid (NM102 to NM109, tax number) and who pays (name, number)."""


@attrs.define
class PaymentCounts:
    """Claims of a file by what the test payer does with them, and the sum it pays.

    `partly` counts those with a denied line and a paid one. Voids are accepted, and nothing is paid.
    """

    paid: int = 0
    partly: int = 0
    denied: int = 0
    voids: int = 0
    amount: Decimal = Decimal(0)


@attrs.define
class _Waiting:
    """A payment that waits for more claims: their segments, and the sum so far."""

    claims: Spool
    paid: Decimal = Decimal(0)


class Remittance:
    """Writes the 835 of a file. `counts` says what was decided so far."""

    def __init__(self, out: BinaryIO) -> None:
        self.counts = PaymentCounts()
        self._file = AnswerFile(out, KIND, test=True)
        self._received: ReceivedTransaction | None = None
        self._waiting: dict[Parties, _Waiting] = {}
        self._payments = 0

    def begin_interchange(self, received: ReceivedInterchange, _: InterchangeVerdict, /) -> None:
        """An interchange begins."""
        self._file.begin_interchange(received)
        self._payments = 0

    def begin_group(self, group: ReceivedGroup) -> None:
        """A group begins."""
        self._file.begin_group(group)

    def begin_transaction(self, received: ReceivedTransaction) -> None:
        """A transaction begins."""
        self._received = received

    def digest(self, scrubbed: ScrubbedClaim) -> ScrubbedClaim:
        """The claim itself: an 835 is made in one process."""
        return scrubbed

    def accept(self, scrubbed: ScrubbedClaim) -> None:
        """Take the next claim, which has no findings."""
        self.put(self.digest(scrubbed))

    def put(self, scrubbed: ScrubbedClaim) -> None:
        """Decide on the next claim, and write it where it is decided on."""
        payment = decided(scrubbed)
        if payment is None:
            self.counts.voids += scrubbed.claim.is_void and at_front_end(scrubbed).disposition != "rejected"
            return
        claim = scrubbed.claim
        level = claim.context.billing
        concerned = parties.provider(level), parties.tax_number(level), parties.payer(claim)
        if concerned not in self._waiting:
            if len(self._waiting) == _MOST_WAITING:
                self._pay(next(iter(self._waiting)))
            self._waiting[concerned] = _Waiting(self._file.spool())
        waiting = self._waiting[concerned]
        waiting.paid += payment.whole.paid
        self._count(payment)
        self._write_claim(waiting.claims, claim, payment)

    def end_transaction(self, _: TransactionVerdict, /) -> None:
        """The transaction ends. A rejected one has no claim that was decided on."""
        for concerned in list(self._waiting):
            self._pay(concerned)

    def end_group(self, _: GroupVerdict, /) -> None:
        """The group ends."""
        self._file.end_group()

    def end_interchange(self) -> None:
        """The interchange ends."""
        self._file.end_interchange()

    def _count(self, payment: Payment) -> None:
        counts = self.counts
        counts.amount += payment.whole.paid
        if payment.whole.denied:
            counts.denied += 1
        elif any(decision.denied for _, decision in payment.lines):
            counts.partly += 1
        else:
            counts.paid += 1

    def _pay(self, concerned: Parties) -> None:
        """Write the transaction of a payment."""
        assert self._received is not None
        waiting = self._waiting.pop(concerned)
        self._payments += 1
        body = self._file.spool()
        self._write_head(body, self._received, concerned, waiting.paid)
        body.append(waiting.claims)
        self._file.transaction(body)
        waiting.claims.close()
        body.close()

    def _write_head(self, segments: Spool, received: ReceivedTransaction, concerned: Parties, paid: Decimal) -> None:
        """The payment, payer and payee."""
        payee, tax_number, (payer, number) = concerned
        how = ("I", amount(paid), "C", "CHK") if paid > 0 else ("H", "0", "C", "NON")
        segments.write("BPR", *how, *[""] * 11, received.day)
        trace = f"TEST-{received.group.interchange.control}-{self._payments}"
        segments.write("TRN", "1", trace, _PAYER_TAX_NUMBER)
        segments.write("DTM", "405", received.day)
        segments.write("N1", "PR", payer)
        segments.write("N3", *_PAYER_STREET)
        segments.write("N4", *_PAYER_CITY)
        segments.write("REF", "2U", number)
        segments.write("PER", *_PAYER_CONTACT)
        qualifier, code = payee[-2:]
        name = " ".join(filter(None, (payee[2], payee[1])))
        segments.write("N1", "PE", name, qualifier if qualifier in ("FI", "XX") else "FI", code)
        if qualifier == "XX" and tax_number.strip():
            segments.write("REF", "TJ", tax_number)
        segments.write("LX", "1")

    def _write_claim(self, segments: Spool, claim: Claim, payment: Payment) -> None:
        """Loop 2100 of a claim and loops 2110 of its lines."""
        assert self._received is not None
        whole = payment.whole
        indicator = claim.filing_indicator
        segments.write(
            "CLP",
            claim.claim_id.strip() or "0",
            _DENIED if whole.denied else _PROCESSED,
            amount(whole.charge),
            amount(whole.paid),
            amount(whole.owed) if whole.owed else "",
            indicator if indicator in _FILING_INDICATORS else _OTHER_INDICATOR,
            f"TEST-{self._received.group.interchange.control}-{claim.number}",
            claim.facility_code,
            claim.frequency if is_code(claim.frequency, 1, 1) else "",
        )
        if not payment.lines:
            _write_adjustments(segments, whole)
        segments.write("NM1", "QC", *_without_prefix(parties.patient(claim)))
        if claim.context.patient:
            segments.write("NM1", "IL", *_without_prefix(parties.insured(claim)))
        remarks = [remark for remark in whole.remarks if is_remark(remark)][:_MOST_REMARKS_OF_CLAIM]
        if remarks and not payment.lines:
            segments.write("MOA", "", "", *remarks)
        dates = billed.claim_dates(claim)
        if dates and not payment.lines:
            segments.write("DTM", "232", day(dates.first))
            segments.write("DTM", "233", day(dates.last))
        segments.write("DTM", "050", self._received.day)
        for line, decision in payment.lines:
            _write_line(segments, line, decision)


def _write_line(segments: Spool, line: ServiceLine, decision: Decision) -> None:
    procedure, revenue = billed.service(line)
    counted = billed.units(line)
    paid_units, own_units = ("0", counted) if decision.denied and counted else (counted, "")
    amounts = amount(decision.charge), amount(decision.paid)
    segments.write("SVC", procedure, *amounts, revenue, paid_units, "", own_units)
    dates = billed.line_dates(line)
    if dates and dates.first == dates.last:
        segments.write("DTM", "472", day(dates.first))
    elif dates:
        segments.write("DTM", "150", day(dates.first))
        segments.write("DTM", "151", day(dates.last))
    _write_adjustments(segments, decision)
    if line.control_number.strip():
        segments.write("REF", "6R", line.control_number)
    if decision.paid > 0:
        segments.write("AMT", "B6", amount(decision.paid + decision.owed))
    for remark in decision.remarks:
        segments.write("LQ", "HE", remark)


def _write_adjustments(segments: Spool, decision: Decision) -> None:
    """CAS: one for each group, with reason, amount and no quantity."""
    for group, found in groupby(decision.adjustments, attrgetter("group")):
        elements: list[str] = []
        for adjustment in found:
            elements += (adjustment.reason, amount(adjustment.amount), "")
        segments.write("CAS", group, *elements)


def _without_prefix(name: Sequence[str]) -> Sequence[str]:
    """NM102 to NM109 without NM106, which an 835 does not use."""
    return (*name[:4], "", *name[5:])
