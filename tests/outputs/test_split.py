"""Clean and rejected files: each claim is in one of them, byte for byte, under a valid envelope and hierarchy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scrubber.testing import (
    ClaimType,
    GroupSpec,
    InterchangeSpec,
    TransactionSpec,
    build,
    infusion_claim,
    visit_claim,
    waste_claim,
    write,
)
from tests.claims.hierarchy import ADULT, CHILD, CLAIM, LINE, PARENT, PROVIDER, enveloped
from tests.conformance.oracle import faults
from tests.outputs.annotating import annotate
from tests.outputs.halves import (
    Halves,
    assert_right,
    assert_split,
    split,
    tagged,
)
from tests.scrubbing import FIXTURES, each_type


def test_claims_and_what_stands_above_them() -> None:
    body = PROVIDER + ADULT + CLAIM.format("A") + LINE + PARENT + CHILD + CLAIM.format("B") + LINE
    halves = split(enveloped(body), {"B"})
    assert halves.clean == enveloped(PROVIDER + ADULT + CLAIM.format("A") + LINE)
    renumbered = PARENT.replace("HL*3*1", "HL*2*1") + CHILD.replace("HL*4*3", "HL*3*2")
    assert halves.rejected == enveloped(PROVIDER + renumbered + CLAIM.format("B") + LINE)


def test_a_parent_with_claims_of_its_own_has_a_child_or_none() -> None:
    own = CLAIM.format("OWN") + LINE
    child = CHILD + CLAIM.format("CHILD") + LINE
    patient_too = PARENT.replace("SBR*S**", "SBR*S*18*")
    assert patient_too != PARENT
    body = PROVIDER + ADULT + CLAIM.format("A") + LINE + patient_too + own + child
    assert tagged(split(enveloped(body)).clean, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0"]
    halves = split(enveloped(body), {"CHILD"})
    assert tagged(halves.clean, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*0"]
    assert tagged(halves.rejected, "HL") == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0"]
    halves = split(enveloped(body), {"OWN"})
    assert tagged(halves.rejected, "HL") == ["HL*1**20*1", "HL*2*1*22*0"]


@each_type
def test_a_file_without_rejects_is_clean_as_it_stands_and_leaves_nothing_to_reject(claim_type: ClaimType) -> None:
    claims = [infusion_claim(claim_type, f"C{n}", dependent=n % 3 == 0) for n in range(7)]
    for eol in ("", "\n", "\r\n"):
        text = build(claims, eol=eol, per_transaction=3)
        assert split(text) == Halves(text, "", split(text).clean_claims, [])
        assert split(text, lambda _: True).rejected == text
        assert split(text, lambda _: True).clean == ""


def test_padded_counts_keep_their_width() -> None:
    text = build([infusion_claim(claim_id="A"), infusion_claim(claim_id="B")], per_transaction=1)
    text = re.sub(r"SE\*(\d+)", r"SE*00\1", text).replace("GE*2", "GE*000002").replace("IEA*1", "IEA*00001")
    assert split(text).clean == text
    assert "GE*000001*" in split(text, {"A"}).clean


def test_what_holds_no_claim_is_left_out() -> None:
    empty = TransactionSpec((), "0002", "837P")
    one = TransactionSpec((infusion_claim(claim_id="A"),), "0003")
    text = write(
        [
            InterchangeSpec((GroupSpec((empty,)),), "000000001"),
            InterchangeSpec((GroupSpec((empty,)), GroupSpec((empty, one), "2")), "000000002"),
        ]
    )
    halves = split(text)
    assert halves.rejected == ""
    assert tagged(halves.clean, "ST", "SE", "GE", "IEA") == [
        *("ST*837*0003*005010X222A1", "SE*32*0003", "GE*1*2", "IEA*1*000000002"),
    ]
    assert split(write([InterchangeSpec((GroupSpec((empty,)),))])) == Halves("", "", [], [])


def test_the_scrubbers_own_notes_are_in_neither_file() -> None:
    text = build([waste_claim("837P", "A"), infusion_claim("837P", "B", note="THEIRS"), visit_claim("837P", "C")])
    noted = annotate(text).text
    assert noted.count("SCRUB") > 3
    assert split(noted, {"B"}) == split(text, {"B"})
    assert "THEIRS" in split(noted, {"B"}).rejected


def test_acknowledgements_after_isa_are_kept_and_junk_around_interchanges_is_not() -> None:
    text = build([infusion_claim(claim_id="A")])
    isa, rest = text[:107], text[107:]
    acknowledged = f"{isa}TA1*000000001*261015*0830*A*000~\n{rest}"
    assert split(acknowledged).clean == acknowledged
    assert split("\xef\xbb\xbf" + text).clean == text
    assert split(f"Dear payer\n{text}\n  \nregards\n").clean == f"{text}\n  \n"


def test_a_line_break_after_the_last_segment_is_as_in_the_file() -> None:
    text = build([infusion_claim(claim_id="A")])
    assert split(text.rstrip()).clean == text.rstrip()
    assert split(text + "\r\n\r\n").clean == text + "\r\n\r\n"


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.837")), ids=lambda path: path.stem)
def test_fixtures_are_split_and_pyx12_accepts_both_files(path: Path) -> None:
    text = path.read_text("ascii")
    halves = split(text, lambda claim: claim.ordinal % 3 == 0)
    assert_split(text, halves)
    for half in filter(None, (halves.clean, halves.rejected)):
        assert_right(half)
        if path.stem.startswith("clinic-day"):  # pyx12 takes its time
            assert faults(half) == []


@each_type
def test_pyx12_accepts_both_files_with_dependents(claim_type: ClaimType) -> None:
    claims = [infusion_claim(claim_type, f"C{n}", dependent=n % 2 == 0, filing="CI") for n in range(9)]
    text = build(claims, per_transaction=4)
    halves = split(text, {"C0", "C3", "C4", "C8"})
    assert_split(text, halves)
    for half in (halves.clean, halves.rejected):
        assert faults(half) == []
