"""Reads an 835 back, by a parser of its own, and checks that it balances."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from scrubber.engine.engine import Engine
from scrubber.running.simulation import Simulated, simulate
from tests.outputs.acknowledgements.answers import assert_valid, envelopes
from tests.outputs.reporting import InMemory


@attrs.define
class PaidLine:
    """Loop 2110: the service, its charge and payment, adjustments by group and reason, remarks, item number."""

    service: list[str]
    charge: Decimal
    paid: Decimal
    adjustments: dict[tuple[str, str], Decimal] = attrs.field(factory=dict)
    remarks: list[str] = attrs.field(factory=list)
    item: str = ""
    allowed: Decimal | None = None


@attrs.define
class PaidClaim:
    """Loop 2100."""

    claim_id: str
    status: str
    charge: Decimal
    paid: Decimal
    owed: Decimal
    adjustments: dict[tuple[str, str], Decimal] = attrs.field(factory=dict)
    lines: list[PaidLine] = attrs.field(factory=list)
    patient: list[str] = attrs.field(factory=list)
    insured: list[str] = attrs.field(factory=list)
    remarks: list[str] = attrs.field(factory=list)


@attrs.define
class Paid:
    """A transaction: a payment of one payer to one provider."""

    total: Decimal
    how: str
    payer: str = ""
    payee: list[str] = attrs.field(factory=list)
    claims: list[PaidClaim] = attrs.field(factory=list)


@attrs.frozen
class Simulation:
    """The answers of the test payer to a file."""

    ack_999: bytes
    ack_277ca: bytes
    remittance: bytes
    simulated: Simulated

    @property
    def payments(self) -> list[Paid]:
        return read_835(self.remittance)

    @property
    def claims(self) -> dict[str, PaidClaim]:
        return {claim.claim_id: claim for paid in self.payments for claim in paid.claims}


def simulation_of(data: bytes, engine: Engine) -> Simulation:
    """Answer a file."""
    with TemporaryDirectory() as folder:
        done = simulate(InMemory("f.837", data.decode("latin-1")), engine, Path(folder))
        answers = [Path(folder) / f"f{suffix}" for suffix in (".999", ".277ca", ".835")]
        ack_999, ack_277ca, remittance = (path.read_bytes() if path.exists() else b"" for path in answers)
    for text in (ack_999, ack_277ca, remittance):
        assert_valid(text)
        assert all(envelope.segments[0][15] == "T" for envelope in envelopes(text))
    assert_balanced(read_835(remittance))
    return Simulation(ack_999, ack_277ca, remittance, done)


def read_835(data: bytes) -> list[Paid]:
    """The payments of an 835."""
    found: list[Paid] = []
    for envelope in envelopes(data):
        for tag, *elements in envelope.segments:
            if tag == "BPR":
                found.append(Paid(Decimal(elements[1]), elements[3]))
            elif tag == "N1":
                if elements[0] == "PR":
                    found[-1].payer = elements[1]
                else:
                    found[-1].payee = elements
            elif tag == "CLP":
                charge, amount, owed = (Decimal(text or 0) for text in elements[2:5])
                found[-1].claims.append(PaidClaim(elements[0], elements[1], charge, amount, owed))
            elif tag == "SVC":
                line = PaidLine(envelope.parts(elements[0]), Decimal(elements[1]), Decimal(elements[2]))
                found[-1].claims[-1].lines.append(line)
            elif found and found[-1].claims:
                _of_claim(found[-1].claims[-1], tag, elements)
    return found


def _of_claim(claim: PaidClaim, tag: str, elements: list[str]) -> None:
    line = claim.lines[-1] if claim.lines else None
    if tag == "CAS":
        into = line.adjustments if line else claim.adjustments
        for at in range(1, len(elements), 3):
            into[elements[0], elements[at]] = Decimal(elements[at + 1])
    elif tag == "NM1":
        if elements[0] == "QC":
            claim.patient = elements
        else:
            claim.insured = elements
    elif tag == "MOA":
        claim.remarks = elements[2:]
    elif line and tag == "LQ":
        line.remarks.append(elements[1])
    elif line and tag == "REF":
        line.item = elements[1]
    elif line and tag == "AMT":
        line.allowed = Decimal(elements[1])


def assert_balanced(payments: list[Paid]) -> None:
    """Charges less adjustments are payments: of each line, of each claim, and of each transaction."""
    for paid in payments:
        assert paid.total == sum(claim.paid for claim in paid.claims) >= 0
        assert paid.how == ("CHK" if paid.total else "NON")
        for claim in paid.claims:
            of_lines = [line.adjustments for line in claim.lines]
            adjusted = sum(amount for found in (claim.adjustments, *of_lines) for amount in found.values())
            assert claim.charge - adjusted == claim.paid
            owed = [amount for found in of_lines for (group, _), amount in found.items() if group == "PR"]
            assert claim.owed == sum(owed)
            if claim.lines:
                assert sum(line.charge for line in claim.lines) == claim.charge
                assert sum(line.paid for line in claim.lines) == claim.paid
            for line in claim.lines:
                assert line.charge - sum(line.adjustments.values()) == line.paid
