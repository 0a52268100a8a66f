"""Stays and corrections on institutional claims."""

from datetime import date
from typing import Any

import attrs

from scrubber.testing import ClaimSpec, LineSpec, build, visit_claim
from tests.edits.judging import answers, scoped, severities
from tests.scrubbing import each, engine, found, scrub_text

STAY = (date(2026, 10, 1), date(2026, 10, 4))
ROOM = LineSpec("", revenue_code="0120", units=3, unit_basis="DA", charge=4500, dates=None)


def stay(**changes: Any) -> ClaimSpec:
    described = {"lines": (ROOM,), "facility_code": "11", "statement_dates": STAY} | changes
    return visit_claim("837I", **described)


def judged(claim: ClaimSpec, code: str, *replaced: tuple[str, str]) -> list[tuple[str | None, str]]:
    """What one edit finds, severity and element, with some of the claim's text replaced."""
    text = build([claim])
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    (scrubbed,), _ = scrub_text(text, engine(code))
    return [(severity, element) for _, severity, _, element in found(scrubbed)]


@each(
    ("written", "finding"),
    {
        "date and hour": ("DTP*435*DT*202610010815", None),
        "midnight": ("DTP*435*DT*202610010000", None),
        "date without the hour": ("DTP*435*D8*20261001", ("info", "DTP03")),
        "hour 24": ("DTP*435*DT*202610012400", ("reject", "DTP03")),
        "minute 60": ("DTP*435*DT*202610010860", ("reject", "DTP03")),
        "no hour under DT": ("DTP*435*DT*20261001", ("reject", "DTP03")),
        "hour under D8": ("DTP*435*D8*202610010815", ("reject", "DTP03")),
        "hour without minutes": ("DTP*435*DT*2026100108", ("reject", "DTP03")),
        "no such day": ("DTP*435*DT*202610320815", ("reject", "DTP03")),
        "in the middle of the stay": ("DTP*435*DT*202610040815", None),
        "before the statement dates": ("DTP*435*DT*202609280815", None),
        "behind the statement dates": ("DTP*435*DT*202610050815", ("warn", "DTP03")),
        "none": ("REF*D9*X", ("warn", "DTP03")),
    },
)
def test_a_stay_has_the_date_and_hour_of_admission(written: str, finding: tuple[str, str] | None) -> None:
    found_here = judged(stay(), "INST02", ("DTP*435*DT*202610010815", written))
    assert found_here == ([finding] if finding else [])


@each(
    ("facility", "finding"),
    {
        "hospital inpatient": ("11", True),
        "swing bed": ("18", True),
        "nursing facility": ("21", True),
        "hospital outpatient": ("13", False),
        "critical access outpatient": ("85", False),
        "clinic": ("71", False),
    },
)
def test_bill_types_that_need_an_admission(facility: str, finding: bool) -> None:
    claim = stay(facility_code=facility)
    if facility == "11":
        assert judged(claim, "INST02", ("DTP*435*DT*202610010815", "REF*D9*X")) == [("warn", "DTP03")]
    else:
        assert judged(claim, "INST02") == ([("warn", "DTP03")] if finding else [])


@each(
    ("frequency", "written", "finding"),
    {
        "whole stay": ("1", "DTP*096*TM*1030", None),
        "last interim claim": ("4", "DTP*096*TM*2359", None),
        "whole stay without": ("1", None, "warn"),
        "last interim claim without": ("4", None, "warn"),
        "first interim claim without": ("2", None, None),
        "first interim claim": ("2", "DTP*096*TM*1030", "warn"),
        "continuing interim claim": ("3", "DTP*096*TM*1030", "warn"),
        "replacement without": ("7", None, None),
        "hour 24": ("1", "DTP*096*TM*2400", "reject"),
        "hour alone": ("1", "DTP*096*TM*10", "reject"),
        "a date": ("1", "DTP*096*D8*20261004", "reject"),
    },
)
def test_discharge_hour(frequency: str, written: str | None, finding: str | None) -> None:
    claim = stay(frequency=frequency, payer_claim_control_number="ICN1" if frequency == "7" else None)
    found_here = judged(claim, "INST03", ("DTP*096*TM*1030", written or "REF*D9*X"))
    assert found_here == ([(finding, "DTP03")] if finding else [])


def test_a_patient_who_is_still_there_has_no_discharge_hour() -> None:
    without = ("DTP*096*TM*1030", "REF*D9*X")
    assert judged(stay(), "INST03", without, ("CL1*3*1*01", "CL1*3*1*30")) == []


def test_outpatients_have_no_discharge_hour() -> None:
    assert answers(visit_claim("837I"), "INST03") == answers(visit_claim("837I"), "INST02") == []


@each(
    ("codes", "places"),
    {
        "different ones": (("HI*BG:41*BG:A6",), []),
        "condition twice": (("HI*BG:41*BG:41",), ["HI02-2"]),
        "condition twice in two segments": (("HI*BG:41", "HI*BG:41"), ["HI01-2"]),
        "occurrence twice": (("HI*BH:11:D8:20261001*BH:11:D8:20261001",), ["HI02-2"]),
        "occurrence on two days": (("HI*BH:11:D8:20261001*BH:11:D8:20261002",), []),
        "span twice": (("HI*BI:70:RD8:20261001-20261002*BI:70:RD8:20261001-20261002",), ["HI02-2"]),
        "two spans": (("HI*BI:70:RD8:20261001-20261002*BI:70:RD8:20261003-20261004",), []),
        "value twice": (("HI*BE:A8:::70*BE:A8:::71",), ["HI02-2"]),
        "the same number as condition and value": (("HI*BG:41", "HI*BE:41:::1"), []),
        "in small letters": (("HI*BG:a6*BG:A6",), ["HI02-2"]),
    },
)
def test_a_condition_or_occurrence_code_that_stands_twice(codes: tuple[str, ...], places: list[str]) -> None:
    claim = visit_claim("837I", extra=codes)
    assert answers(claim, "INST01") == [("warn", None, place) for place in places]


@each(
    ("frequency", "codes", "place"),
    {
        "original": ("1", (), None),
        "replacement with its reason": ("7", ("HI*BG:D1",), None),
        "replacement, patient status": ("7", ("HI*BG:E0",), None),
        "replacement beside other codes": ("7", ("HI*BG:41*BG:D9",), None),
        "replacement without": ("7", (), "CLM05-3"),
        "replacement with other codes": ("7", ("HI*BG:41",), "CLM05-3"),
        "replacement with a reason to void": ("7", ("HI*BG:D6",), "HI01-2"),
        "replacement with two reasons": ("7", ("HI*BG:D1*BG:D9",), "HI02-2"),
        "void with its reason": ("8", ("HI*BG:D5",), None),
        "void without": ("8", (), "CLM05-3"),
        "void with a reason to replace": ("8", ("HI*BG:D1",), "HI01-2"),
        "a value code of that name": ("7", ("HI*BE:D1:::1",), "CLM05-3"),
    },
)
def test_reason_to_change(frequency: str, codes: tuple[str, ...], place: str | None) -> None:
    claim = visit_claim("837I", frequency=frequency, payer_claim_control_number="ICN1", extra=codes)
    assert answers(claim, "INST04") == ([("warn", None, place)] if place else [])
    if place:
        assert severities(claim, "INST04") == scoped("warn", None, None, None)


def test_an_837p_has_none_of_them() -> None:
    claim = visit_claim("837P", frequency="7", payer_claim_control_number="ICN1")
    for code in ("INST01", "INST02", "INST03", "INST04"):
        assert answers(attrs.evolve(claim, facility_code="21"), code) == []


FIRST = ("SBR*P*18*******CI", "OI***Y***Y")


@each(
    ("born", "codes", "place"),
    {
        "working aged": (date(1950, 1, 1), ("HI*BE:12:::3000",), None),
        "working aged, of 65 on the day": (date(1961, 10, 5), ("HI*BE:12:::3000",), None),
        "working aged, 64 on the day": (date(1961, 10, 6), ("HI*BE:12:::3000",), "HI01-2"),
        "disabled": (date(1984, 1, 1), ("HI*BE:43:::3000",), None),
        "disabled, too old": (date(1950, 1, 1), ("HI*BE:A8:::70*BE:43:::3000",), "HI02-2"),
        "liability": (date(1950, 1, 1), ("HI*BH:01:D8:20260901", "HI*BE:47:::0"), None),
        "kidney failure": (date(1984, 1, 1), ("HI*BE:13:::3000*BE:44:::3200",), None),
        "no code": (date(1950, 1, 1), (), "SBR01"),
        "only what was to be accepted": (date(1950, 1, 1), ("HI*BE:44:::3200",), "SBR01"),
        "a condition code of that number": (date(1950, 1, 1), ("HI*BG:41",), "SBR01"),
    },
)
def test_why_another_payer_is_primary(born: date, codes: tuple[str, ...], place: str | None) -> None:
    claim = visit_claim(
        "837I", filing="MA", payer_sequence="S", loops=FIRST, extra=codes, birth_date=born, member_id="1EG4TE5MK73"
    )
    assert answers(claim, "PAY03") == ([("warn", None, place)] if place else [])
    if place:
        assert severities(claim, "PAY03") == scoped("warn", None, None, None)


@each(
    ("turn", "loops"),
    {
        "first": ("P", ()),
        "first before another": ("P", ("SBR*S*18*******CI", "OI***Y***Y")),
        "alone (PAY02)": ("S", ()),
    },
)
def test_medicare_as_the_first_payer_gives_no_reason(turn: str, loops: tuple[str, ...]) -> None:
    assert answers(visit_claim("837I", filing="MA", payer_sequence=turn, loops=loops), "PAY03") == []


@each(
    ("diagnoses", "facility", "fires"),
    {
        "none has it": ("HI*ABK:M3214~HI*ABF:N179", "11", True),
        "all have it": ("HI*ABK:M3214:::::::Y~HI*ABF:N179:::::::N", "11", False),
        "one has it": ("HI*ABK:M3214:::::::Y~HI*ABF:Z79899", "11", False),
        "only codes that need none": ("HI*ABK:Z5111~HI*ABF:Z79899", "11", False),
        "admitting diagnosis alone": ("HI*ABK:Z5111~HI*ABJ:M3214", "11", False),
        "no stay": ("HI*ABK:M3214", "13", False),
        "nursing facility": ("HI*ABK:M3214", "21", False),
    },
)
def test_present_on_admission(diagnoses: str, facility: str, fires: bool) -> None:
    claim = stay(facility_code=facility, diagnoses=("M3219",))
    found_here = judged(claim, "INST05", ("HI*ABK:M3219", diagnoses))
    assert found_here == ([("info", "HI01-9")] if fires else [])


def test_a_hospital_without_indicators_of_presence() -> None:
    rural = ("PRV*BI*PXC*282N00000X", "PRV*BI*PXC*282NC0060X")
    assert judged(stay(diagnoses=("M3214",)), "INST05", rural) == []
