"""The first pass."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given, settings

from scrubber.x12 import errors
from scrubber.x12.prescan import prescan
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
@settings(max_examples=200, deadline=None)
def test_it_sees_what_the_second_pass_will_see(data: bytes) -> None:
    found = prescan(io.BytesIO(data))
    assert list(found.errors) == walk(data)[1]
    assert found.size == len(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()


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
        (ISA + IEA.replace("*1*", "*0*"), False),
    ],
)
def test_readable(text: str, readable: bool) -> None:
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
    assert found.locked == (frozenset({at}) if locked else frozenset())
    assert found.full == (frozenset({at}) if full else frozenset())


def test_a_transaction_without_se_is_locked() -> None:
    found = prescan(io.BytesIO(SMALL.replace("SE*21*0001~", "").encode()))
    assert found.locked == {SMALL.index("ST*837")}


def test_notes_that_se_counts_leave_the_file_as_good_as_it_was() -> None:
    noted = SMALL.replace("LIN**N4", NOTE + "LIN**N4").replace("SE*21", "SE*22")
    assert not prescan(io.BytesIO(noted.encode())).errors
    uncounted = prescan(io.BytesIO(noted.replace("SE*22", "SE*21").encode()))
    assert [error.code for error in uncounted.errors] == [errors.WRONG_COUNT]
