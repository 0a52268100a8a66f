"""The 999: A where nothing is wrong, E where faults stay within claims, R where a transaction is rejected whole."""

from __future__ import annotations

import re

import pytest

from scrubber.conformance.codes import FAULTY_HEADER, GUIDE_CODES
from scrubber.outputs.acknowledgements import codes, syntax
from scrubber.testing import (
    ClaimSpec,
    GroupSpec,
    InterchangeSpec,
    TransactionSpec,
    build,
    infusion_claim,
    waste_claim,
    with_line,
    write,
)
from scrubber.x12.errors import OF_SEGMENTS
from tests.outputs.acknowledgements.answers import answers_to, assert_valid, envelopes, read_277ca, read_999
from tests.scrubbing import each

CLAIMS = [infusion_claim("837P", "A"), waste_claim("837P", "B")]
TEXT = build(CLAIMS, eol="")


def without(text: str, begin: str) -> str:
    """The file without the first segment that begins so; SE01 counts the others."""
    start = text.index(f"~{begin}")
    text = text[:start] + text[text.index("~", start + 1) :]
    return re.sub(r"~SE\*(\d+)", lambda found: f"~SE*{int(found[1]) - 1}", text)


def replied(text: str) -> tuple[list[list[str]], list[tuple[list[str], list[list[str]], list[str]]], list[str]]:
    """The TA1s, the transactions and the AK9 of a file with one group."""
    data = answers_to(text.encode("latin-1")).ack_999
    assert_valid(data)
    ta1s, groups = read_999(data)
    return ta1s, groups[0].transactions if groups else [], groups[0].ak9 if groups else []


@each(
    ("text", "faults", "ik5", "ak9"),
    {
        "nothing is wrong": (TEXT, [], ["A"], "A*1*1*1"),
        "an edit rejects a claim": (TEXT.replace("J0490:JZ", "J0490"), [], ["A"], "A*1*1*1"),
        "an element that is too long": (
            TEXT.replace("J0490:JZ", "J0490:JZZ"),
            ["IK3*SV1*25*2400*8", "CTX*CLM01:A", "IK4*1:3*1339*5"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "a missing segment": (
            without(TEXT, "HI*"),
            ["IK3*HI*20*2300*3", "CTX*CLM01:A"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "an unknown segment": (
            TEXT.replace("~HI*", "~ZZZ*1~HI*", 1).replace("~SE*57", "~SE*58"),
            ["IK3*ZZZ*21**1", "CTX*CLM01:A"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "too many components": (
            TEXT.replace("***1~", "***1:2:1:2:1~", 1),
            ["IK3*SV1*25*2400*8", "CTX*CLM01:A", "IK4*7**12"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "a separator too many": (
            TEXT.replace("SV1*HC", "SV1**HC", 1),
            ["IK3*SV1*25*2400*8", "CTX*CLM01:A", "IK4*1**1"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "elements that depend on each other": (
            TEXT.replace("NM1*82*1*THISTLEDON*MIRA****XX*2000000028", "NM1*82*1*THISTLEDON*MIRA****XX", 1),
            [
                "IK3*NM1*22*2310*8",
                "CTX*CLM01:A",
                "IK4*9*67*2",
                "CTX*SITUATIONAL TRIGGER*NM1*22*2310*8",
            ],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "the member id, which is not repeated": (
            TEXT.replace("9XX0XX0XX01", "Q" * 81, 1),
            ["IK3*NM1*14*2010*8", "IK4*9*67*5"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "a level in doubt": (
            TEXT.replace("HL*3*1*22*0", "HL*4*1*22*0"),
            ["IK3*HL*32**8", "IK4*1*628*7"],
            ["E", "I5"],
            "E*1*1*1",
        ),
        "a header above all claims": (
            TEXT.replace("*CH~", "~"),
            ["IK3*BHT*2**8", "IK4*6*640*1"],
            ["R", "I5"],
            "R*1*1*0",
        ),
        "no BHT": (
            re.sub(r"SE\*\d+", f"SE*{TEXT[TEXT.index('~ST*') :].count('~') - 4}", re.sub(r"BHT\*[^~]*~", "", TEXT)),
            ["IK3*NM1*2**2", "IK3*BHT*4**3", "IK3*NM1*4**2"],
            ["R", "I5"],
            "R*1*1*0",
        ),
        "a wrong count": (TEXT.replace("~SE*", "~SE*9"), [], ["R", "4"], "R*1*1*0"),
        "another control number": (TEXT.replace("*0001~GE", "*0002~GE"), [], ["R", "3"], "R*1*1*0"),
        "a wrong count of transactions": (TEXT.replace("GE*1", "GE*2"), [], ["R", "5"], "R*2*1*0*5"),
        "another control number of the group": (TEXT.replace("GE*1*1", "GE*1*2"), [], ["R", "5"], "R*1*1*0*4"),
        "no GE": (TEXT.replace("~GE*1*1", ""), [], ["R", "5"], "R*1*1*0*3"),
        "no SE": (re.sub(r"~SE\*\d+\*0001", "", TEXT), [], ["R", "2"], "R*1*1*0"),
        "another version": (TEXT.replace("005010X222A1", "004010X098A1"), [], ["R", "I6"], "R*1*1*0"),
        "another transaction": (TEXT.replace("ST*837", "ST*835"), [], ["R", "1"], "R*1*1*0"),
        "versions that differ": (TEXT.replace("*0001*005010X222A1", "*0001*005010X223A2"), None, None, "R*1*1*0"),
    },
)
def test_the_answer_to_a_transaction(text: str, faults: list[str] | None, ik5: list[str] | None, ak9: str) -> None:
    _, transactions, found = replied(text)
    assert "*".join(found) == ak9
    ((_, segments, status),) = transactions
    if faults is not None:
        assert ["*".join(segment) for segment in segments] == faults
        assert status == ik5
    else:
        assert status[0] == "R"
        assert "I6" in status


def test_every_claim_of_a_rejected_transaction_is_left_to_the_999() -> None:
    answers = answers_to(TEXT.replace("~SE*", "~SE*9").encode())
    assert answers.ack_277ca == b""
    assert answers.report["summary"]["rejected"] == 2


def of_groups(*groups: GroupSpec) -> str:
    return write([InterchangeSpec(groups)], eol="")


def a_claim(name: str) -> ClaimSpec:
    return infusion_claim("837P", name)


def test_groups_and_transactions_each_have_an_answer() -> None:
    first = TransactionSpec((a_claim("A"),), control="0001")
    second = TransactionSpec((with_line(a_claim("B"), 1, modifiers=("JZZ",)),), control="0002")
    third = TransactionSpec((a_claim("C"),), control="0001")
    text = of_groups(GroupSpec((first, second), "11"), GroupSpec((third,), "12"))
    wrong = text.replace("~SE*32*0001~GE*1*12", "~SE*9*0001~GE*1*12")
    assert wrong != text
    data = answers_to(wrong.encode()).ack_999
    assert_valid(data)
    _, groups = read_999(data)
    assert [group.ak1 for group in groups] == [["HC", "11", "005010X222A1"], ["HC", "12", "005010X222A1"]]
    assert [group.ak9 for group in groups] == [["E", "2", "2", "2"], ["R", "1", "1", "0"]]
    assert [[ak2[1] for ak2, _, _ in group.transactions] for group in groups] == [["0001", "0002"], ["0001"]]


def test_a_group_with_accepted_and_rejected_transactions_is_accepted_in_part() -> None:
    good, bad = (TransactionSpec((a_claim(name),), control=control) for name, control in (("A", "0001"), ("B", "0002")))
    text = re.sub(r"~SE\*(\d+)\*0002", r"~SE*9\1*0002", of_groups(GroupSpec((good, bad))))
    answers = answers_to(text.encode())
    _, (group,) = read_999(answers.ack_999)
    assert group.ak9 == ["P", "2", "2", "1"]
    assert [claim.claim_id for found in read_277ca(answers.ack_277ca) for claim in found.claims] == ["A"]


@each(
    ("text", "ta1"),
    {
        "nothing is wrong": (TEXT, None),
        "the sender asks": (TEXT.replace("*0*T*:", "*1*T*:"), ["000000001", "261015", "0830", "A", "000"]),
        "no IEA": (TEXT[: TEXT.index("IEA")], ["000000001", "261015", "0830", "R", "023"]),
        "a wrong count of groups": (TEXT.replace("IEA*1", "IEA*2"), ["000000001", "261015", "0830", "R", "021"]),
        "another control number": (
            TEXT.replace("IEA*1*000000001", "IEA*1*000000002"),
            ["000000001", "261015", "0830", "R", "001"],
        ),
        "an unknown qualifier": (
            TEXT.replace("*ZZ*SAMPLES", "*XX*SAMPLES"),
            ["000000001", "261015", "0830", "R", "005"],
        ),
        "no date": (TEXT.replace("*261015*0830*^", "*2610XX*0830*^"), ["000000001", "000101", "0830", "R", "014"]),
    },
)
def test_a_ta1_stands_where_an_interchange_is_at_fault_or_its_sender_wants_one(
    text: str, ta1: list[str] | None
) -> None:
    ta1s, transactions, _ = replied(text)
    assert ta1s == ([] if ta1 is None else [ta1])
    assert bool(transactions) is (ta1 is None or ta1[3] == "A")


def test_an_interchange_that_was_received_before_is_refused() -> None:
    answers = answers_to((TEXT + TEXT).encode())
    ta1s, groups = read_999(answers.ack_999)
    assert [ta1[3:] for ta1 in ta1s] == [["R", "025"]]
    assert len(groups) == 1
    controls = [envelope.segments[0][13] for envelope in envelopes(answers.ack_999)]
    assert len({*controls}) == 2


def test_who_is_answered_when() -> None:
    data = answers_to(TEXT.replace("*T*:", "*P*:").encode())
    for answer, kind, control in ((data.ack_999, "FA", "000000004"), (data.ack_277ca, "HN", "000000005")):
        (envelope,) = envelopes(answer)
        isa, gs = envelope.segments[:2]
        assert [isa[number].strip() for number in (5, 6, 7, 8)] == ["ZZ", "SAMPLERECEIVER", "ZZ", "SAMPLESENDER"]
        assert (isa[9], isa[10], isa[13], isa[15]) == ("261015", "0830", control, "P")
        assert gs[1:7] == [kind, "SAMPLERECEIVER", "SAMPLESENDER", "20261015", "0830", "1"]


def test_the_faults_of_a_transaction_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MOST_FAULTS", 3)
    claims = [with_line(infusion_claim("837P", f"C{number}"), 1, modifiers=("JZZ",)) for number in range(9)]
    _, ((_, segments, ik5),), _ = replied(build(claims))
    assert sum(segment[0] == "IK3" for segment in segments) == 3
    assert ik5 == ["E", "I5"]


def test_a_group_without_transactions_is_accepted() -> None:
    text = re.sub(r"~ST\*.*~SE\*\d+\*0001", "", TEXT).replace("GE*1*1", "GE*0*1")
    _, (group,) = read_999(answers_to(text.encode()).ack_999)
    assert (group.ak9, group.transactions) == (["A", "0", "0", "0"], [])


def test_another_999_and_groups_that_no_999_answers_have_no_answer() -> None:
    for kind in ("FA", "PO"):
        assert answers_to(TEXT.replace("GS*HC", f"GS*{kind}").encode()).ack_999 == b""


def test_every_code_has_its_code_in_a_999() -> None:
    tables = codes.tables()
    assert {*tables["segment"]} == {*GUIDE_CODES, *OF_SEGMENTS} - {FAULTY_HEADER}
    with_elements = {code for code, syntax_code in tables["segment"].items() if syntax_code == "8"}
    assert with_elements - {*tables["element"]} == {"IG08"}
    assert {*tables["element"]} <= with_elements


def test_a_group_that_lacks_elements_has_a_valid_999() -> None:
    answers = answers_to(TEXT.replace("*X*005010X222A1~", "*X~", 1).encode())
    assert_valid(answers.ack_999)
    assert b"AK1*HC*1*005010~" in answers.ack_999
