"""A day of a practice, for `bench/soak.py --day`: batches that are corrected, repeated, renamed and mixed, then voids.

In any order of work, and after any kill of a watcher, each claim is released once: the hashes of claims in the clean
files are counted. A claim that was voided goes out once more when it is billed again. At the end the history has
exactly the claims that were released.
"""

from __future__ import annotations

import hashlib
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

HEADER = (
    "ISA*00*          *00*          *ZZ*SAMPLESENDER   *ZZ*SAMPLERECEIVER *261015*0830*^*00501*{control:09}*0*T*:~"
    "GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*1*X*005010X222A1~"
    "ST*837*0001*005010X222A1~BHT*0019*00*BATCH{control}*20261015*0830*CH~"
    "NM1*41*2*SAMPLE BILLING SERVICE*****46*SUBMIT01~PER*IC*CLAIMS DESK*TE*5555550100~"
    "NM1*40*2*SAMPLE CLEARINGHOUSE*****46*RECEIVE01~HL*1**20*1~PRV*BI*PXC*261QI0500X~"
    "NM1*85*2*QUIET MEADOW LUPUS CENTER*****XX*2000000010~N3*1 SAMPLE PARKWAY~N4*SAMPLETOWN*OH*432999998~"
    "REF*EI*990000001~"
)
LEVEL = (
    "HL*{level}*1*22*0~SBR*P*18*******CI~NM1*IL*1*LARKSPUR*IDA****MI*9XX{patient:06}~"
    "N3*1 SAMPLE STREET~N4*SAMPLETOWN*OH*43299~DMG*D8*19840501*F~NM1*PR*2*BLUE HERON PLAN*****PI*BH200~"
)
CLAIM = (
    "CLM*D{patient}*4980***11:B:{frequency}*Y*A*Y*Y~{reference}REF*G1*PA{patient}{mark}~HI*ABK:M3219*ABF:Z79899~"
    "NM1*82*1*THISTLEDON*MIRA****XX*2000000028~PRV*PE*PXC*207RR0500X~"
    "LX*1~SV1*HC:J0490{modifier}*4800*UN*80***1~DTP*472*D8*20261005~REF*6R*{patient}L1~LIN**N4*49401010201~CTP****2*UN~"
    "LX*2~SV1*HC:96365*180*UN*1***1~DTP*472*D8*20261005~REF*6R*{patient}L2~"
)
KINDS = {"new": 38, "corrected": 19, "repeated": 12, "renamed": 13, "mixed": 13, "doubled": 5}
"""How many of a hundred files are of each kind. When they are done, voids and replacements follow, then the voided
claims are billed again."""

_CLAIM = re.compile(rb"CLM\*.*?(?=HL\*|SE\*)", re.DOTALL)


@attrs.frozen
class Billed:
    """A claim: of a patient of its own, original (1), replacement (7) or void (8), with a fault or without.

    One that is `mended` differs from the claim that was voided.
    """

    patient: int
    frequency: str = "1"
    faulty: bool = False
    mended: bool = False

    def text(self) -> str:
        reference = "" if self.frequency == "1" else f"REF*F8*PCCN{self.patient}~"
        modifier = ":JW:JZ" if self.faulty else ":JZ"
        mark = "R" if self.frequency == "7" else "M" * self.mended
        return CLAIM.format(
            patient=self.patient, frequency=self.frequency, reference=reference, mark=mark, modifier=modifier
        )

    @property
    def sha256(self) -> str:
        return claim_hash(self.text().encode())


@attrs.frozen
class Sent:
    """A file of claims."""

    kind: str
    name: str
    control: int
    claims: tuple[Billed, ...]
    line_breaks: bool = False

    def content(self) -> bytes:
        body = "".join(
            LEVEL.format(level=number + 2, patient=claim.patient) + claim.text()
            for number, claim in enumerate(self.claims)
        )
        head = HEADER.format(control=self.control)
        segments = (head + body).count("~") - 2 + 1
        text = f"{head}{body}SE*{segments}*0001~GE*1*1~IEA*1*{self.control:09}~"
        return (text.replace("~", "~\r\n") if self.line_breaks else text).encode()


def claim_hash(text: bytes) -> str:
    return hashlib.sha256(text.replace(b"\r", b"").replace(b"\n", b"")).hexdigest()


def claims_in(content: bytes) -> Iterator[str]:
    """The hashes of the claims of an 837, line breaks left out."""
    return (claim_hash(found) for found in _CLAIM.findall(content))


def batches(files: int, chance: random.Random) -> Iterator[Sent]:
    """The files of a day, in this order."""
    made: list[Sent] = []
    patients = 0
    for number, kind in enumerate(chance.choices(list(KINDS), list(KINDS.values()), k=files), 1):
        earlier = chance.choice(made) if made else None
        name = f"{kind} {number}.837"
        if earlier is None or kind == "new":
            size = chance.randint(3, 12)
            claims = tuple(Billed(patients + at, "1", chance.random() < 0.25) for at in range(size))
            batch = Sent(kind, name, number, claims)
            patients += size
            made.append(batch)
            yield batch
        elif kind == "corrected":  # under its old name, with its old control number: the faults are mended
            claims = tuple(attrs.evolve(claim, faulty=False) for claim in earlier.claims)
            yield attrs.evolve(earlier, kind=kind, claims=claims)
        elif kind == "repeated":
            yield attrs.evolve(earlier, kind=kind, name=name)
        elif kind == "renamed":
            yield renamed(earlier, number, line_breaks=chance.random() < 0.5)
        elif kind == "doubled":  # a claim is in the file twice
            yield Sent(kind, name, number, (*earlier.claims, earlier.claims[0]))
        else:
            yield Sent(kind, name, number, tuple(dict.fromkeys((*earlier.claims, *chance.choice(made).claims))))


def renamed(batch: Sent, number: int, *, line_breaks: bool = False) -> Sent:
    """The same claims in a file with another name and another envelope."""
    return attrs.evolve(batch, kind="renamed", name=f"renamed {number}.837", control=number, line_breaks=line_breaks)


def changes(sent: Sequence[Sent], files: int, chance: random.Random) -> Iterator[Sent]:
    """Voids and replacements of claims that went out; each file comes twice, the second time renamed.

    Some files void claims and bill them again, the same or mended, after the void or before it.
    """
    released = {claim for batch in sent for claim in batch.claims if not claim.faulty}
    out = sorted(released, key=lambda claim: claim.patient)
    chance.shuffle(out)
    for number in range(files):
        kind = ("replaced", "voided", "rebilled")[number % 3]
        some, out = out[:3], out[3:]
        control = 10_000 + 2 * number
        changed = [attrs.evolve(one, frequency="7" if kind == "replaced" else "8") for one in some]
        if kind == "rebilled":
            bills = [attrs.evolve(one, mended=chance.random() < 0.5) for one in some]
            pairs = zip(changed, bills, strict=True)
            changed = [one for void, bill in pairs for one in _in_some_order(void, bill, chance)]
        batch = Sent(kind, f"{kind} {number}.837", control, tuple(changed))
        yield from (batch, renamed(batch, control + 1))


def _in_some_order(void: Billed, bill: Billed, chance: random.Random) -> tuple[Billed, Billed]:
    """A mended claim may come before the void. The same claim may not, because it would be a repeat there."""
    return (bill, void) if bill.mended and chance.random() < 0.5 else (void, bill)


def billed_again(changed: Sequence[Sent]) -> Iterator[Sent]:
    """The voided claims once more; each file comes twice, the second time renamed."""
    for number, batch in enumerate(batch for batch in changed if batch.kind == "voided"):
        control = 20_000 + 2 * number
        claims = tuple(attrs.evolve(claim, frequency="1") for claim in batch.claims)
        again = Sent("billed again", f"billed again {number}.837", control, claims)
        yield from (again, renamed(again, control + 1))


def expected(sent: Sequence[Sent]) -> Counter[str]:
    """How often each claim is to go out, by its hash: once, but again if it was billed again with or after a void."""
    once = {claim.sha256 for batch in sent for claim in batch.claims if not claim.faulty}
    counted = Counter(dict.fromkeys(once, 1))
    again = {
        claim.sha256
        for batch in sent
        if batch.kind in ("billed again", "rebilled")
        for claim in batch.claims
        if claim.frequency == "1" and not claim.mended
    }
    counted.update(dict.fromkeys(again, 1))
    return counted


def account(history: Path, sent: Sequence[Sent], taken: Counter[str]) -> None:
    """Check that each claim was released as often as it should be, and that the history has the same."""
    wanted = expected(sent)
    twice, lost = taken - wanted, wanted - taken
    assert not twice, f"{twice.total()} claims were released too often"
    assert not lost, f"{lost.total()} claims were lost"
    with sqlite3.connect(f"file:{history}?mode=ro", uri=True) as connection:
        query = "SELECT total(claims), total(NOT confirmed) FROM files WHERE entered IS NOT NULL AND withdrawn IS NULL"
        known, unconfirmed = connection.execute(query).fetchone()
    assert (known, unconfirmed) == (taken.total(), 0), f"the history knows {known} claims, {unconfirmed} unconfirmed"
    kinds = ", ".join(f"{number} {kind}" for kind, number in Counter(batch.kind for batch in sent).most_common())
    repeated = sum(len(batch.claims) for batch in sent) - taken.total()
    print(f"files: {kinds}")
    print(f"claims: {taken.total()} went out, each as often as it should; {repeated} more in the files did not")
