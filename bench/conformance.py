"""A full scrub with guide checks beside pyx12's `x12n_document`, in time and memory.

    python bench/conformance.py

Two generated files of 10,000 invented claims of 28 segments that nothing is wrong with: office visits, and visits with
an infused drug. `scrubber.running.run.scrub` writes all its outputs, with guide checks and without; pyx12 gets fewer of
the same claims, and what a call costs whatever the number of claims (it loads its maps each time) is taken off. Runs
alternate, and the median of each counts. Memory is the peak of a process of its own that scrubs one transaction set.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from reading import HEADER, OPENING, peak, seconds

if TYPE_CHECKING:
    from scrubber.engine.engine import Engine

CLAIMS = 10_000
PYX12_CLAIMS = 1_000
RUNS = 5
PYX12_RUNS = 3
MEMORY_CLAIMS = (1_000, 100_000)
TARGET = 20
"""How many times as fast as pyx12 a scrub with guide checks is to be."""
MEMORY_TARGET = 96
"""MB."""

_ABOVE = (
    "HL*{level}*1*22*0~SBR*P*18*GRP{number:06}******{filing}~NM1*IL*1*LARKSPUR*IDA*R***MI*{member}~"
    "N3*{number} SAMPLE STREET~N4*SAMPLETOWN*OH*43299~DMG*D8*19{year}0501*F~"
    "NM1*PR*2*{payer}*****PI*{payer_id}~N3*PO BOX {number}~N4*SAMPLETOWN*OH*43299~"
    "REF*2U*P{number}~REF*FY*C{number}~REF*NF*N{number}~"
)
VISIT = (
    _ABOVE + "CLM*A{number:08}*240***11:B:1*Y*A*Y*Y~REF*D9*CH{number:010}~HI*ABK:I10*ABF:E119~"
    "NM1*82*1*THISTLEDON*MIRA****XX*2000000028~PRV*PE*PXC*207RR0500X~"
    "LX*1~SV1*HC:99214:25*170*UN*1*11**1:2~DTP*472*D8*202610{day:02}~REF*6R*{number}L1~"
    "LX*2~SV1*HC:93000*60*UN*1***1~DTP*472*D8*202610{day:02}~REF*6R*{number}L2~"
    "LX*3~SV1*HC:36415*10*UN*1***2~DTP*472*D8*202610{day:02}~"
)
INFUSION = (
    _ABOVE + "CLM*A{number:08}*4980***11:B:1*Y*A*Y*Y~REF*G1*PA{number}~REF*D9*CH{number:010}~HI*ABK:M3219*ABF:Z79899~"
    "NM1*82*1*THISTLEDON*MIRA****XX*2000000028~PRV*PE*PXC*207RR0500X~"
    "LX*1~SV1*HC:J0490:JZ*4800*UN*80*11**1~DTP*472*D8*202610{day:02}~REF*6R*{number}L1~LIN**N4*49401010201~CTP****2*UN~"
    "LX*2~SV1*HC:96365*180*UN*1*11**1~DTP*472*D8*202610{day:02}~REF*6R*{number}L2~"
)
PAYERS = {VISIT: ("CI", "HARBOR LIGHT INSURANCE", "HL100"), INFUSION: ("MB", "SAMPLE MEDICARE PART B", "00002")}


def write(path: Path, template: str, claims: int) -> None:
    """A file of `claims` claims in one transaction."""
    filing, payer, payer_id = PAYERS[template]
    with path.open("w", newline="") as out:
        out.write(HEADER)
        out.write(OPENING.format(control="000000001"))
        for number in range(1, claims + 1):
            digits = f"{number % 10_000:04}"
            out.write(
                template.format(
                    level=number + 1,
                    number=number,
                    year=30 + number % 60,
                    day=1 + number % 14,
                    filing=filing,
                    payer=payer,
                    payer_id=payer_id,
                    member=f"9XX{digits[0]}XX{digits[1]}XX{digits[2:]}" if filing == "MB" else f"SYN{number:08}",
                )
            )
        out.write(f"SE*{OPENING.count('~') + claims * template.count('~') + 1}*000000001~GE*1*1~IEA*1*000000001~")


def checked(path: Path) -> None:
    """A scrub into all its outputs, guide checks among them."""
    _scrub(path, conformance=True)


def unchecked(path: Path) -> None:
    """The same without guide checks."""
    _scrub(path, conformance=False)


def _scrub(path: Path, *, conformance: bool) -> None:
    from scrubber.running.inputs import Input
    from scrubber.running.run import scrub

    with tempfile.TemporaryDirectory() as folder:
        outcome = scrub(Input(str(path)), _engine(), Path(folder), conformance=conformance)
    assert outcome.scan.readable
    assert outcome.summary.dispositions["clean"] == outcome.summary.claims
    assert not outcome.summary.findings, outcome.summary.findings


@lru_cache(maxsize=1)
def _engine() -> Engine:
    from scrubber.engine import catalogue
    from scrubber.engine.engine import Engine
    from scrubber.engine.profile import Profile

    return Engine(catalogue.load(), Profile())


def by_pyx12(path: Path) -> None:
    """pyx12's verdict; it writes nothing."""
    from pyx12.params import ParamsBase
    from pyx12.x12n_document import x12n_document

    with path.open(encoding="ascii") as stream:
        assert x12n_document(ParamsBase(), stream, None, None)


def compare_speed(folder: Path, name: str, template: str) -> None:
    many, few, one = folder / "many.837", folder / "few.837", folder / "one.837"
    for path, claims in ((many, CLAIMS), (few, PYX12_CLAIMS), (one, 1)):
        write(path, template, claims)
    contenders = [
        ("pyx12 x12n_document", by_pyx12, few, PYX12_CLAIMS, PYX12_RUNS),
        ("scrub, with guide checks", checked, many, CLAIMS, RUNS),
        ("scrub, without", unchecked, many, CLAIMS, RUNS),
    ]
    taken: dict[str, list[float]] = {title: [] for title, *_ in contenders}
    for run in range(RUNS):
        for title, contender, path, claims, runs in contenders:
            if run < runs:
                begun = seconds(contender, one) if contender is by_pyx12 else 0
                taken[title].append((seconds(contender, path) - begun) / claims)
    theirs = statistics.median(taken["pyx12 x12n_document"])
    print(f"\n{name:26}{'claims/s':>10}{'us a claim':>12}{'times pyx12':>13}   target {TARGET}, with guide checks")
    for title, times in taken.items():
        each = statistics.median(times)
        print(f"{title:26}{1 / each:10,.0f}{each * 1e6:12.1f}{theirs / each:13.1f}")


def compare_memory(folder: Path) -> None:
    path = folder / "memory.837"
    print(f"\n{'peak memory of a scrub with guide checks':42}{'MB':>6}   target {MEMORY_TARGET}")
    for claims in MEMORY_CLAIMS:
        write(path, VISIT, claims)
        command = [sys.executable, __file__, "--peak", str(path)]
        used = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"{f'{claims:,} claims, one transaction':42}{used:6.1f}")


def main() -> None:
    assert VISIT.count("~") == INFUSION.count("~") == 28
    if sys.argv[1:2] == ["--peak"]:
        checked(Path(sys.argv[2]))
        print(peak())
        return
    with tempfile.TemporaryDirectory() as folder:
        compare_speed(Path(folder), "office visits", VISIT)
        compare_speed(Path(folder), "with an infused drug", INFUSION)
        compare_memory(Path(folder))


if __name__ == "__main__":
    main()
