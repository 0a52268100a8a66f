"""The first pass."""

from __future__ import annotations

import hashlib
import io
import re

import pytest
from hypothesis import given, settings

from scrubber.x12 import errors
from scrubber.x12.buffer import BLOCK
from scrubber.x12.prescan import prescan
from tests.lanes import examples
from tests.x12.small837 import BODY, IEA, ISA, SMALL, any_file, walk

NOTE = "NTE*TPO*SCRUB R NDC05~"


def test_what_a_good_file_holds() -> None:
    stream = io.BytesIO(SMALL.encode())
    stream.read(50)
    found = prescan(stream)
    assert found.sha256 == hashlib.sha256(SMALL.encode()).hexdigest()
    assert (found.size, found.control, found.supported, found.claims) == (len(SMALL), "000000001", 1, 2)
    assert not found.errors
    assert not found.locked
    assert not found.full
    assert found.readable


@given(any_file())
@settings(max_examples=examples(200))
def test_it_sees_what_the_second_pass_will_see(data: bytes) -> None:
    found = prescan(io.BytesIO(data))
    assert list(found.errors) == walk(data)[1]
    assert found.size == len(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()


@given(any_file())
@settings(max_examples=examples(200))
def test_an_error_has_its_line_if_the_file_has_lines(data: bytes) -> None:
    for error in prescan(io.BytesIO(data)).errors:
        line = data[: error.offset].count(b"\n") + 1
        assert error.file_line == (line if data.count(b"\n") > 1 else None)


def test_lines_far_into_a_file_are_counted_from_its_beginning() -> None:
    text = SMALL.replace("~", "~\n").replace("IEA*1*", "IEA*9*")
    data = (text * 300).encode()
    found = [error for error in prescan(io.BytesIO(data)).errors if error.offset > 3 * BLOCK]
    assert found
    assert [error.file_line for error in found] == [data[: error.offset].count(b"\n") + 1 for error in found]


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        (SMALL, True),
        (SMALL.replace("005010X222A1", "004010X098A1"), False),
        (
            SMALL + SMALL.replace("005010X222A1", "005010X224A2").replace("000000001", "000000002"),
            True,  # what is not supported does not spoil what is
        ),
        (SMALL.replace("SE*21", "SE*9"), False),
        (ISA + BODY, False),
        ("", False),
        (ISA + IEA.replace("*1*", "*0*"), True),  # nothing is inside, and it says so
    ],
)
def test_a_file_is_readable_if_its_envelope_holds(text: str, readable: bool) -> None:
    assert prescan(io.BytesIO(text.encode())).readable is readable


@pytest.mark.parametrize(
    ("count", "locked", "full"),
    [
        ("21", False, False),
        ("0021", False, False),
        ("021", False, False),
        ("9999999999", False, True),
        ("x", True, False),
    ],
)
def test_transactions_whose_count_has_no_room_for_notes(count: str, locked: bool, full: bool) -> None:
    text = SMALL.replace("SE*21", f"SE*{count}")
    found = prescan(io.BytesIO(text.encode()))
    at = text.index("ST*837")
    assert (at in found.locked, at in found.full) == (locked, full)


def test_a_transaction_without_se_is_locked() -> None:
    found = prescan(io.BytesIO(SMALL.replace("SE*21*0001~", "").encode()))
    assert SMALL.index("ST*837") in found.locked


def test_notes_that_se_counts_leave_the_file_as_good_as_it_was() -> None:
    noted = SMALL.replace("LIN**N4", NOTE + "LIN**N4").replace("SE*21", "SE*22")
    assert not prescan(io.BytesIO(noted.encode())).errors
    uncounted = prescan(io.BytesIO(noted.replace("SE*22", "SE*21").encode()))
    assert [error.code for error in uncounted.errors] == [errors.WRONG_COUNT]


def two_of_each() -> str:
    """Two interchanges of two groups of two transactions."""
    transaction = BODY[BODY.index("ST*") : BODY.index("GE*")]
    second = transaction.replace("*0001", "*0002")
    group = BODY[: BODY.index("ST*")] + transaction + second + "GE*2*1~"
    groups = group + group.replace("0830*1*X", "0830*2*X").replace("GE*2*1~", "GE*2*2~")
    one = ISA + groups + IEA.replace("*1*", "*2*")
    return one + one.replace("000000001", "000000002")


MANY = two_of_each()


def changed(old: str, new: str, which: int) -> str:
    """`MANY` with one of the places where `old` stands changed."""
    parts = MANY.split(old)
    return old.join(parts[: which + 1]) + new + old.join(parts[which + 1 :])


def trusted(text: str) -> str:
    """For each transaction in file order whether it is trusted."""
    found = prescan(io.BytesIO(text.encode()))
    assert list(found.untrusted) == sorted(found.untrusted)
    offsets = [match.start() for match in re.finditer(r"ST\*837", text)]
    return "".join("+" if found.doubt(offset) is None else "-" for offset in offsets)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MANY, "++++++++"),
        (changed("SE*21", "SE*20", 2), "++-+++++"),
        (changed("SE*21*0001", "SE*21*0009", 0), "-+++++++"),
        (changed("SE*21*0001~", "", 3), "++++++-+"),
        (changed("HL*3*2*23", "HL*3*9*23", 5), "++++++++"),  # its claims are in doubt, not the transaction
        (changed("LX*1~", "LX*1~~", 7), "+++-++++"),
        (changed("ST*837*0002", "ST*837*0001", 1), "+++-++++"),
        (changed("0001*005010X222A1", "0001*005010X222", 1), "++-+++++"),
        (changed("GE*2*1~", "GE*1*1~", 1), "++++--++"),
        (changed("GE*2*2~", "GE*2*3~", 0), "++--++++"),
        (changed("GE*2*1~", "", 0), "--++++++"),
        (changed("GE*2*1~", "SE*1*1~GE*2*1~", 0), "--++++++"),
        (changed("GE*2*1~", "REF*X~GE*2*1~", 0), "--++++++"),
        (changed("0830*2*X", "0830*1*X", 0), "++--++++"),
        (changed("IEA*2*", "IEA*1*", 0), "----++++"),
        (changed("IEA*2*000000001~", "", 0), "----++++"),
        (changed("~GS", "~REF*X~GS", 2), "++++----"),
        (MANY.replace("000000002", "000000001"), "++++----"),
        (MANY[:-1], "++++----"),
        (MANY[: MANY.rindex("SE*")], "++++----"),
        (MANY.replace("SAMPLESENDER  ", "SAMPLESENDER", 1), "----++++"),
        ("junk" + MANY + "junk", "++++++++"),
        (MANY[len(ISA) :], "----++++"),
    ],
)
def test_which_transactions_can_be_trusted(text: str, expected: str) -> None:
    assert trusted(text) == expected


def test_ranges_that_touch_are_one() -> None:
    transaction = BODY[BODY.index("ST*") : BODY.index("GE*")].replace("SE*21", "SE*9")
    many = "".join(transaction.replace("*0001", f"*{number:04}") for number in range(1, 301))
    text = ISA + BODY[: BODY.index("ST*")] + many + "GE*300*1~" + IEA
    assert len(prescan(io.BytesIO(text.encode())).untrusted) == 1


@given(any_file())
@settings(max_examples=examples(200))
def test_ranges_lie_in_the_file_apart_from_each_other(data: bytes) -> None:
    edges = [edge for span in prescan(io.BytesIO(data)).untrusted for edge in span[:2]]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= len(data) for edge in edges)
