"""How fast claims are read, beside bare splitting and pyx12, and how much memory it takes.

    python bench/reading.py

All contenders read the same generated file from disk: 10,000 invented claims of 28 segments, one subscriber each.
Their runs alternate, and the median of each counts. pyx12's context reader gets fewer of the same claims.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

CLAIMS = 10_000
CONTEXT_CLAIMS = 500
RUNS = 7
SLOW_RUNS = 3
MEMORY_CLAIMS = (1_000, 100_000)

HEADER = (
    "ISA*00*          *00*          *ZZ*SAMPLESENDER   *ZZ*SAMPLERECEIVER *261015*0830*^*00501*000000001*0*T*:~"
    "GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*1*X*005010X222A1~"
)
OPENING = (
    "ST*837*{control}*005010X222A1~BHT*0019*00*BATCH{control}*20261015*0830*CH~"
    "NM1*41*2*SAMPLE BILLING SERVICE*****46*SUBMIT01~PER*IC*CLAIMS DESK*TE*5555550100~"
    "NM1*40*2*SAMPLE CLEARINGHOUSE*****46*RECEIVE01~HL*1**20*1~PRV*BI*PXC*261QI0500X~"
    "NM1*85*2*QUIET MEADOW LUPUS CENTER*****XX*2000000010~N3*1 SAMPLE PARKWAY~N4*SAMPLETOWN*OH*432999998~"
    "REF*EI*990000001~"
)
CLAIM = (
    "HL*{level}*1*22*0~SBR*P*18*GRP{number:06}******MB~NM1*IL*1*LARKSPUR*IDA*R***MI*SYN{number:08}~"
    "N3*{number} SAMPLE STREET~N4*SAMPLETOWN*OH*43299~DMG*D8*19{year}0501*F~"
    "NM1*PR*2*SAMPLE MEDICARE PART B*****PI*00001~N3*PO BOX {number}~N4*SAMPLETOWN*OH*43299~"
    "REF*2U*P{number}~REF*FY*C{number}~REF*NF*N{number}~"
    "CLM*A{number:08}*4980***11:B:1*Y*A*Y*Y~REF*G1*PA{number}~REF*D9*CH{number:010}~HI*ABK:M3219*ABF:Z79899~"
    "NM1*82*1*THISTLEDON*MIRA****XX*2000000028~PRV*PE*PXC*207RR0500X~"
    "LX*1~SV1*HC:J0490:JZ*4800*UN*80*11**1~DTP*472*D8*202610{day:02}~REF*6R*{number}L1~LIN**N4*49401010201~CTP****2*UN~"
    "LX*2~SV1*HC:96365*180*UN*1*11**1:2~DTP*472*D8*202610{day:02}~REF*6R*{number}L2~"
)


def write(path: Path, claims: int, per_transaction: int) -> None:
    """A file of `claims` claims, with so many in each transaction."""
    with path.open("w", newline="") as out:
        out.write(HEADER)
        for transaction, first in enumerate(range(0, claims, per_transaction), 1):
            control = f"{transaction:09}"
            out.write(OPENING.format(control=control))
            many = min(per_transaction, claims - first)
            for place in range(many):
                number = first + place + 1
                out.write(CLAIM.format(level=place + 2, number=number, year=30 + number % 60, day=1 + number % 14))
            out.write(f"SE*{OPENING.count('~') + many * CLAIM.count('~') + 1}*{control}~")
        out.write(f"GE*{transaction}*1~IEA*1*000000001~")


def segments(path: Path) -> Iterator[list[str]]:
    """Bare splitting: the file's segments as lists of elements, handed over one by one, and nothing else."""
    rest = ""
    with path.open("rb") as stream:
        while block := stream.read(1 << 16):
            *complete, rest = (rest + block.decode("latin-1")).split("~")
            for segment in complete:
                yield segment.split("*")


def split(path: Path) -> None:
    """Bare splitting as a reader that hands over what it reads, as all others here do."""
    for _ in segments(path):
        pass


def discard(path: Path) -> None:
    """The same without handing anything over: split and thrown away in one loop."""
    rest = ""
    with path.open("rb") as stream:
        while block := stream.read(1 << 16):
            *complete, rest = (rest + block.decode("latin-1")).split("~")
            for segment in complete:
                segment.split("*")


def read(path: Path) -> None:
    """`read_claims`, no field looked at."""
    from scrubber import read_claims

    with path.open("rb") as stream:
        claims = read_claims(stream)
        for _ in claims:
            pass
        assert not claims.errors


def read_fields(path: Path) -> None:
    """`read_claims`, every field of `scrubber claims` looked at, here and not in functions that cost time too."""
    from scrubber import read_claims

    with path.open("rb") as stream:
        for claim in read_claims(stream):
            context = claim.context
            assert context.subscriber
            _ = claim.claim_id, claim.type, context.transaction_control, claim.total_charge_text
            _ = claim.facility_code, claim.frequency, claim.filing_indicator
            _ = context.subscriber.birth_date, claim.patient_birth_date, context.patient is not None
            for diagnosis in claim.diagnoses:
                _ = diagnosis.qualifier, diagnosis.code
            for line in claim.lines:
                _ = line.number_text, line.procedure, line.modifiers, line.revenue_code, line.charge_text
                _ = line.unit_basis, line.units_text, line.own_dates, line.diagnosis_pointers
                _ = line.ndc, line.ndc_quantity_text, line.ndc_unit


def pyx12_segments(path: Path) -> None:
    """pyx12's X12Reader: segments, with its envelope checks."""
    from pyx12.x12file import X12Reader

    with path.open(encoding="ascii") as stream:
        for _ in X12Reader(stream):
            pass


def pyx12_claims(path: Path) -> None:
    """pyx12's X12ContextReader: a tree for each claim."""
    from pyx12.error_handler import errh_null
    from pyx12.params import ParamsBase
    from pyx12.x12context import X12ContextReader

    with path.open(encoding="ascii") as stream:
        for _ in X12ContextReader(ParamsBase(), errh_null(), stream).iter_segments("2300"):
            pass


def seconds(contender: Callable[[Path], None], path: Path) -> float:
    begun = time.perf_counter()
    contender(path)
    return time.perf_counter() - begun


def peak_of_child(path: Path) -> float:
    """Peak memory in MB of a process that reads `path` and does nothing else."""
    command = [sys.executable, __file__, "--peak", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak() -> float:
    """Peak memory of this process in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts the parent's memory into a child's ru_maxrss
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert found
        return int(found[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


def compare_speed(folder: Path) -> None:
    many, few = folder / "many.837", folder / "few.837"
    write(many, CLAIMS, CLAIMS)
    write(few, CONTEXT_CLAIMS, CONTEXT_CLAIMS)
    contenders: list[tuple[str, Callable[[Path], None], Path, int, int]] = [
        ("bare splitting", split, many, CLAIMS, RUNS),
        ("the same, thrown away", discard, many, CLAIMS, RUNS),
        ("read_claims", read, many, CLAIMS, RUNS),
        ("read_claims, every field", read_fields, many, CLAIMS, RUNS),
        ("pyx12 X12Reader", pyx12_segments, many, CLAIMS, SLOW_RUNS),
        ("pyx12 X12ContextReader", pyx12_claims, few, CONTEXT_CLAIMS, SLOW_RUNS),
    ]
    taken: dict[str, list[float]] = {name: [] for name, *_ in contenders}
    for run in range(RUNS):
        for name, contender, path, claims, runs in contenders:
            if run < runs:
                taken[name].append(seconds(contender, path) / claims)
    floor = statistics.median(taken["bare splitting"])
    print(f"{'':26}{'claims/s':>10}{'us a claim':>12}{'of splitting':>14}")
    for name, times in taken.items():
        each = statistics.median(times)
        print(f"{name:26}{1 / each:10,.0f}{each * 1e6:12.1f}{floor / each:14.3f}")


def compare_memory(folder: Path) -> None:
    path = folder / "memory.837"
    print(f"\n{'peak memory of read_claims':42}{'MB':>6}")
    for claims in MEMORY_CLAIMS:
        for shape, per_transaction in (("one transaction", claims), ("a transaction each", 1)):
            write(path, claims, per_transaction)
            print(f"{f'{claims:,} claims, {shape}':42}{peak_of_child(path):6.1f}")


def main() -> None:
    assert CLAIM.count("~") == 28
    if sys.argv[1:2] == ["--peak"]:
        read_fields(Path(sys.argv[2]))
        print(peak())
        return
    with tempfile.TemporaryDirectory() as folder:
        compare_speed(Path(folder))
        compare_memory(Path(folder))


if __name__ == "__main__":
    main()
