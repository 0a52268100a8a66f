"""What is kept of a file for each error and transaction has a bound; beyond it the rest of the file is rejected."""

from __future__ import annotations

import io
import json

import pytest

import scrubber
from scrubber.testing import build, infusion_claim
from scrubber.x12 import bounded, control, envelope
from scrubber.x12.bounded import Errors, Offsets, UntrustedBytes, add_range, fault_at
from scrubber.x12.control import ControlNumbers
from scrubber.x12.errors import EMPTY_SEGMENT, TOO_MUCH, UNSUPPORTED, LocatedError, listed
from scrubber.x12.events import Events
from scrubber.x12.prescan import Prescan, prescan
from tests.fuzz.cases import case
from tests.fuzz.trial import failure
from tests.hostile.shapes import SHAPES
from tests.lanes import examples
from tests.scrubbing import each

FILE = build([infusion_claim()])
FEW = 3


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of three."""
    monkeypatch.setattr(envelope, "MOST_KEPT", FEW)
    monkeypatch.setattr(bounded, "MOST_KEPT", FEW)
    monkeypatch.setattr(envelope, "_MOST_PARTIES", FEW)
    monkeypatch.setattr(control, "MOST_RANGES", FEW)


def error(code: str, offset: int = 0) -> LocatedError:
    return LocatedError(code, "words", None, offset)


def scanned(text: str) -> Prescan:
    return prescan(io.BytesIO(text.encode()))


def interchanges(*changes: tuple[str, str]) -> str:
    """A file of sound interchanges, each with a control number of its own and a change."""
    found = []
    for number, (old, new) in enumerate(changes, start=1):
        text = FILE.replace("000000001", f"{number:09}")
        assert old in text
        found.append(text.replace(old, new, 1))
    return "".join(found)


SOUND, BAD = ("ISA", "ISA"), ("\nSE*", "\nSE*9")


def test_the_last_error_with_one_of_some_codes() -> None:
    errors, wanted = Errors(), ("A", "B")
    found = []
    for number, code in enumerate("CABCCD"):
        errors.add(error(code, number))
        found.append(errors.last(wanted))
    assert found == [None, error("A", 1), *[error("B", 2)] * 4]
    errors.pop()
    errors.add(error("A", 9))
    assert errors.last(wanted) == error("A", 9)
    errors.pop()
    errors.replace(2, error("C", 2))
    assert errors.last(wanted) == error("A", 1)


def test_no_error_is_looked_at_for_each_transaction() -> None:
    """So a file of transactions without ISA takes linear time."""
    looked = 0

    class Code(str):
        def __eq__(self, other: object) -> bool:
            nonlocal looked
            looked += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    errors = Errors()
    for offset in range(1_000):
        errors.add(error(Code("C"), offset))
        assert errors.last(("A",)) is None
    assert looked < 10_000


def test_errors_beyond_the_bound_are_counted(few: None) -> None:
    errors = Errors()
    assert [errors.add(error("A", offset)) for offset in range(5)] == [0, 1, 2, None, None]
    assert errors.add(error("B", 9)) == 3  # the first of its code
    assert errors.add(error("B", 10)) is None
    assert [(found.code, found.offset, found.more) for found in errors.counted()] == [
        ("A", 0, 0),
        ("A", 1, 0),
        ("A", 2, 0),
        ("B", 9, 3),
    ]
    assert [found.more for found in errors.counted(lambda code: code == "B")] == [1]
    errors.replace(0, error("C"))
    assert errors[0].code == "C"


def test_what_is_only_counted_is_in_the_number_of_those_that_are_not_listed(few: None) -> None:
    errors = Errors()
    for offset in range(1_000):
        errors.add(error("A", offset))
    many = [error("A", offset) for offset in range(600)]
    assert "(100 more errors are not listed)" in listed(many)[-1].message
    many[-1] = errors.counted()[-1]
    assert "(1097 more errors are not listed)" in listed(many)[-1].message


def test_offsets_beyond_the_bound_are_all_in(few: None) -> None:
    offsets = Offsets()
    assert not offsets
    for offset in (10, 20, 30):
        offsets.add(offset)
    assert [offset for offset in range(50) if offset in offsets] == [10, 20, 30]
    offsets.add(40)
    offsets.add(50)
    assert offsets.since == 40
    assert 45 in offsets
    assert 35 not in offsets


def test_ranges_that_touch_become_one() -> None:
    ranges: list[UntrustedBytes] = []
    first, second = error("A"), error("B")
    add_range(ranges, 0, 5, first)
    add_range(ranges, 7, 9, second)
    add_range(ranges, 4, 12, second)
    assert ranges == [(0, 12, first)]


def test_faults_up_to_the_bound_leave_the_rest_of_the_file_alone(few: None) -> None:
    scan = scanned(interchanges(BAD, SOUND, BAD, SOUND, BAD, SOUND))
    assert scan.too_much is None
    assert len(scan.untrusted) == FEW


@each(
    ("bad", "why"),
    {
        "faults": (BAD, "more than 3 faults"),
        "senders": (("SAMPLESENDER   ", "SAMPLESENDER{n}  "), "more than 3 senders"),
    },
)
def test_beyond_the_bound_the_rest_of_the_file_is_rejected(few: None, bad: tuple[str, str], why: str) -> None:
    changes = [(bad[0], bad[1].format(n=number)) for number in range(5)]
    text = interchanges(SOUND, *changes, SOUND)
    scan = scanned(text)
    assert scan.too_much is not None
    assert why in scan.too_much.message
    assert scan.errors[-1].code == TOO_MUCH
    rejected, clean = io.BytesIO(), io.BytesIO()
    outcome = scrubber.scrub_to(io.BytesIO(text.encode()), clean=clean, rejected=rejected)
    assert not outcome.readable
    assert outcome.summary.claims == 7
    assert text.encode().endswith(rejected.getvalue()[-300:])  # the last claim, sound by itself, is among them
    first, last = (text.index("ISA"), text.rindex("ISA"))
    assert scan.doubt(text.index("ST*", first)) is None
    assert scan.doubt(text.index("ST*", last)) is not None
    assert scan.interchange_fault(last) is scan.too_much


def test_control_numbers_that_do_not_follow_each_other(few: None) -> None:
    one = FILE[FILE.index("ST*837") : FILE.index("GE*1")]
    many = "".join(one.replace("0001", f"{number:04}") for number in (1, 3, 5, 7, 9))
    text = FILE.replace(one, many).replace("GE*1*", "GE*5*")
    scan = scanned(text)
    assert [found.code for found in scan.errors] == [TOO_MUCH]
    assert scan.doubt(text.index("ST*837*0001")) is not None  # of the same interchange


def test_numbers_that_join_ranges_make_room(few: None) -> None:
    numbers = ControlNumbers()
    assert [numbers.add(str(number)) for number in (5, 3, 1)] == [True] * 3
    assert numbers.full
    assert not numbers.add("9")
    assert numbers.add("2")
    assert numbers.add("4")
    assert not numbers.full
    assert [numbers.add(str(number)) for number in (1, 2, 3, 4, 5, 9)] == [False] * 5 + [True]


def test_spare_numbers_do_not_end(few: None) -> None:
    numbers = ControlNumbers()
    for number in (1, 3, 5, 7):
        numbers.add(str(number))
    assert len({numbers.spare() for _ in range(5)}) == 5


def test_harmless_errors_reject_nothing(few: None) -> None:
    text = SHAPES["ST of other kinds"](2_000)
    scan = scanned(text + FILE.replace("000000001", "000000002"))
    assert scan.too_much is None
    assert [found.code for found in scan.errors] == [UNSUPPORTED] * FEW
    assert scan.errors[-1].more > 20
    assert scan.doubt(len(text) + FILE.index("ST*")) is None


def test_a_stream_that_is_read_once_is_rejected_from_there_on(few: None) -> None:
    text = interchanges(BAD, BAD, BAD, BAD, SOUND)
    found = {event.transaction.offset: event.doubt for event in Events(io.BytesIO(text.encode())) if event.transaction}
    last = text.rindex("ST*837")
    assert [event.doubt for event in Events(io.BytesIO(text.encode())) if event.number][-1].code == TOO_MUCH  # type: ignore[union-attr]
    assert last in found


@pytest.mark.parametrize("part", range(4))
def test_files_with_random_faults_within_narrow_bounds(few: None, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MOST_RANGES", 4 * FEW)  # new control numbers do not follow others
    numbers = range(part * 1_000, part * 1_000 + examples(100))
    found = {}
    for number in numbers:
        text = case(44, number) + case(44, number + 500)
        reason = failure(text)
        if reason and not only_empty_segments(text):
            found[number] = reason
    assert found == {}


def only_empty_segments(text: bytes) -> bool:
    """Whether all faults of the rejected file are empty segments of claims, which keep their bytes."""
    rejected = io.BytesIO()
    scrubber.scrub_to(io.BytesIO(text), rejected=rejected)
    rejected.seek(0)
    faults = {error.code for error in prescan(rejected).errors if error.breaks_envelope}
    return faults == {EMPTY_SEGMENT, TOO_MUCH}


def test_a_report_of_a_file_of_faults_has_a_bound() -> None:
    text = SHAPES["one control number"](1_400_000)
    out = io.BytesIO()
    outcome = scrubber.scrub_to(io.BytesIO(text.encode()), reports={"json": out})
    assert len(outcome.scan.errors) == bounded.MOST_KEPT + 1
    assert len(outcome.notices) == bounded.MOST_KEPT
    assert outcome.notices[-1].more > 5_000
    (file,) = json.loads(out.getvalue())["files"]
    assert TOO_MUCH in {found["code"] for found in file["errors"]}
    assert len(file["errors"]) < 1_020


def test_a_byte_is_in_the_range_that_reaches_over_it() -> None:
    first, second = error("A"), error("B")
    ranges = [(5, 10, first), (10, 12, second)]
    assert [fault_at(ranges, offset) for offset in (4, 5, 9, 10, 12)] == [None, first, first, second, None]
    assert fault_at([], 0) is None
