"""Fields of claims and lines: the claim's own, never those of loops within it or beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.claims import fields
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, Level, ServiceLine
from scrubber.x12.errors import MISPLACED
from tests.claims.hierarchy import (
    ADULT,
    CHILD,
    CLAIM,
    CLAIM_837I,
    FAMILY,
    LINE,
    LINE_837I,
    PARENT,
    PROVIDER,
    enveloped,
    faulty,
    good,
    one,
    read,
)
from tests.lanes import examples

OTHER_SUBSCRIBER = (
    "SBR*S*18*******CI~AMT*D*50~OI***Y***Y~NM1*IL*1*OTHER*OLGA****MI*X9~REF*SY*999~"
    "NM1*PR*2*OTHER PAYER*****PI*OP1~DTP*573*D8*20260101~DTP*434*RD8*19990101-19990102~REF*F8*OTHERICN~REF*D9*OTHERCH~"
    "REF*G1*OTHERPA~NM1*82*1~REF*G2*1~"
)
STRAY = "DMG*D8*19010101*M~HI*ABK:Z999~"
"""What cannot stand among the loops of other payers."""
LINE_LOOPS = (
    "NM1*82*1*OTHER*RON****XX*2000000036~REF*6R*LEAK~REF*G1*LEAK~DTP*472*D8*19990101~"
    "SVD*OP1*1*HC:LEAK**1~CAS*CO*45*1~DTP*573*D8*19990102~LIN**N4*99999999999~CTP****9*ML~"
)
SECOND_SERVICE = {"837P": "SV1*HC:LEAK*9*UN*9~LQ*UT*1~FRM*1*Y~", "837I": "SV2*0636*HC:LEAK*9*UN*9~"}
"""What cannot stand among the loops of a line that has a service."""
DRUG = (
    "LX*2~SV1*HC:J0490:JZ::::BELIMUMAB*4800*UN*80*11**1:2~DTP*472*RD8*20261004-20261005~REF*6R*L2~"
    "LIN**N4*49401010201~CTP****2*UN~REF*XZ*RX1~"
)


def test_claim_and_lines_of_an_837p() -> None:
    claim = one(CLAIM.format("A-1") + "REF*D9*CH1~REF*F8*ICN1~REF*G1*PA1~" + LINE + DRUG)
    assert (claim.type, claim.claim_id, claim.total_charge) == ("837P", "A-1", Decimal(180))
    assert (claim.facility_code, claim.frequency) == ("11", "1")
    assert (claim.text("clearinghouse_id"), claim.text("payer_claim_control_number")) == ("CH1", "ICN1")
    assert [(found.qualifier, found.code) for found in claim.diagnoses] == [("ABK", "M3219")]
    assert claim.procedures == {"96365", "J0490"}
    assert claim.service_dates == [date(2026, 10, 4), date(2026, 10, 5)]
    line = claim.lines[1]
    assert (line.number, line.procedure, line.modifiers, line.description) == (2, "J0490", ["JZ"], "BELIMUMAB")
    assert (line.charge, line.unit_basis, line.units, line.place_of_service) == (Decimal(4800), "UN", Decimal(80), "11")
    assert (line.diagnosis_pointers, line.control_number, line.revenue_code) == (["1", "2"], "L2", "")
    assert (line.ndc, line.ndc_quantity, line.ndc_unit) == ("49401010201", Decimal(2), "UN")
    assert (line.service_date_format, line.service_date_text) == ("RD8", "20261004-20261005")
    assert [segment[0] for segment in line.segments] == ["LX", "SV1", "DTP", "REF", "LIN", "CTP", "REF"]


def test_texts_of_levels_are_those_of_their_segments() -> None:
    """They are kept once they have been looked for."""
    claims = good(PROVIDER + ADULT + CLAIM.format("A") + LINE + PARENT + CHILD + CLAIM.format("B") + LINE)
    contexts = [claim.context for claim in claims]
    levels = [level for context in contexts for level in context[:3] if level]
    assert [level.depth for level in levels] == [1, 2, 1, 2, 3]
    for level in (*levels, *levels):
        texts = {name: level.text(name) for name in (*fields.LEVELS[level.depth], "claim_id")}
        assert texts == {name: super(Level, level).text(name) for name in texts}
        assert any(texts.values())


def test_claim_and_lines_of_an_837i() -> None:
    undated = LINE_837I.replace("DTP*472*D8*20261005~", "").replace("LX*1", "LX*2")
    claim = one(CLAIM_837I.format("I-1") + LINE_837I + undated, "837I")
    assert (claim.type, claim.facility_code, claim.frequency) == ("837I", "13", "1")
    dated, undated_line = claim.lines
    assert (dated.revenue_code, dated.procedure) == ("0260", "96365")
    assert (dated.charge, dated.units) == (Decimal(180), Decimal(1))
    assert (dated.place_of_service, dated.diagnosis_pointers) == ("", [])
    assert (dated.service_date, undated_line.own_dates) == (date(2026, 10, 5), None)
    assert undated_line.service_date == date(2026, 10, 1)
    late = attrs.evolve(claim, day="last")
    assert [line.service_date for line in late.lines] == [date(2026, 10, 5), date(2026, 10, 31)]
    assert [line.dates for line in late.lines] == [line.dates for line in claim.lines]
    assert undated_line.dates == claim.statement_dates


@pytest.mark.parametrize("stray", ["", STRAY], ids=["correct", "with what cannot stand there"])
@pytest.mark.parametrize(("claim_type", "claim", "line"), [("837P", CLAIM, LINE), ("837I", CLAIM_837I, LINE_837I)])
def test_other_subscribers_do_not_leak_into_the_claim(claim_type: str, claim: str, line: str, stray: str) -> None:
    provider = "NM1*82*1*MINE*MIA****XX*2000000044~PRV*PE*PXC*207RR0500X~"
    plain = one(claim.format("A") + provider + line, claim_type)
    text = claim.format("A") + provider + OTHER_SUBSCRIBER + stray + line
    other = faulty(MISPLACED, text, claim_type) if stray else one(text, claim_type)
    names = "payer_claim_control_number clearinghouse_id prior_authorization statement_dates claim_note"
    for name in names.split():
        assert other.text(name) == plain.text(name)
        assert other.at(name).segment == plain.at(name).segment
    assert other.diagnoses == plain.diagnoses
    assert other.statement_dates == plain.statement_dates
    assert (other.filing_indicator, other.payer_id) == ("MB", "PA1")
    assert other.patient_birth_date == date(1950, 1, 1)
    assert [provider.npi for provider in other.providers] == ["2000000044"]
    assert [line.own_dates for line in other.lines] == [line.own_dates for line in plain.lines]


@pytest.mark.parametrize("correct", [True, False], ids=["correct", "with a second service"])
@pytest.mark.parametrize("claim_type", ["837P", "837I"])
def test_loops_2420_to_2440_do_not_leak_into_the_line(claim_type: str, correct: bool) -> None:
    claim, line = (CLAIM, LINE) if claim_type == "837P" else (CLAIM_837I, LINE_837I)
    next_line = line.replace("LX*1", "LX*2")
    plain = one(claim.format("A") + line + next_line, claim_type).lines
    text = claim.format("A") + line + LINE_LOOPS + ("" if correct else SECOND_SERVICE[claim_type]) + next_line
    loops = (one(text, claim_type) if correct else faulty(MISPLACED, text, claim_type)).lines
    assert len(loops) == 2
    own = [field.name for field in attrs.fields(ServiceLine) if field.name not in ("span", "start", "stop", "loops")]
    for bare, full in zip(plain, loops, strict=True):
        assert [getattr(full, name) for name in own] == [getattr(bare, name) for name in own]
        assert full.control_number == ""
        assert (full.ndc, full.ndc_quantity_text) == ("", "")
        assert (full.text("ndc"), full.text("prior_authorization")) == ("", "")
    assert [provider.npi for provider in loops[0].providers] == ["2000000036"]
    assert not list(loops[1].providers)


def test_a_line_that_has_only_loops_of_its_own_takes_nothing_from_them() -> None:
    (line,) = one(CLAIM.format("A") + "LX*1~" + LINE_LOOPS + SECOND_SERVICE["837P"]).lines
    assert (line.procedure, line.charge, line.own_dates, line.ndc) == ("", None, None, "")


def test_who_renders_a_line() -> None:
    claim = one(
        CLAIM.format("A")
        + "NM1*82*1*CLAIMS*****XX*2000000044~"
        + OTHER_SUBSCRIBER
        + LINE
        + "NM1*82*1*LINES*****XX*2000000036~"
        + LINE.replace("LX*1", "LX*2")
        + "NM1*82*1*WITHOUT NPI~NM1*77*2*SITE*****XX*2000000051~"
    )
    assert [claim.provider_of(line) for line in claim.lines] == ["2000000036", "2000000044"]
    (alone,) = one(CLAIM.format("A") + LINE).lines
    assert one(CLAIM.format("A") + LINE).provider_of(alone) == "2000000010"
    assert [found.location.loop for found in claim.lines[1].providers] == ["2420A", "2420C"]


def test_of_segments_that_stand_twice_the_first_counts() -> None:
    twice = DRUG + "SV1*HC:TWICE*1*UN*1~DTP*472*D8*20200101~LIN**N4*1~CTP****1*ML~"
    (line,) = faulty(MISPLACED, CLAIM.format("A") + twice.replace("LX*2", "LX*1")).lines
    assert (line.procedure, line.ndc, line.ndc_unit) == ("J0490", "49401010201", "UN")
    assert line.service_date == date(2026, 10, 4)


_OF_A_LINE = (
    "SV1*HC:J0490:JZ*4800*UN*80*11**1:2",
    "SV1*HC:J0491*9",
    "DTP*472*D8*20261004",
    "DTP*607*D8*20200102",
    "LIN**N4*49401010201",
    "CTP****2*ml",
    "CTP",
    "REF*6R*L1",
    "NM1*82*1*DOE",
    "SVD*OP1*1*HC:LEAK**1",
)


@given(st.lists(st.sampled_from(_OF_A_LINE), max_size=6))
@settings(max_examples=examples(150))
def test_fields_of_a_line_are_those_of_its_first_segments_in_any_order(segments: list[str]) -> None:
    body = CLAIM.format("A") + "".join(f"{segment}~" for segment in ("LX*1", *segments))
    (claim,), _ = read(enveloped(PROVIDER + ADULT + body))
    (line,) = claim.lines
    names = ("procedure", "charge", "units", "place_of_service", "ndc", "ndc_quantity", "service_date")
    texts = line.charge_text, line.units_text, line.place_of_service, line.ndc, line.ndc_quantity_text
    assert (line.procedure, *texts, line.service_date_text) == tuple(map(line.text, names))
    assert (line.unit_basis, line.ndc_unit) == (line.text("unit_basis"), line.text("ndc_unit").upper())
    assert (line.diagnosis_pointers or [""])[0] == line.text("diagnosis_pointers")
    assert (line.modifiers or [""])[0] == line.text("modifiers")


def test_dates_that_are_not_the_day_of_service_are_passed_by() -> None:
    body = "LX*1~SV1*HC:J0490*1*UN*1~DTP*471*D8*20200101~DTP*607*D8*20200102~DTP*472*D8*20261005~"
    (line,) = one(CLAIM.format("A") + body).lines
    assert line.service_date == date(2026, 10, 5)
    assert line.at("service_date").segment == 15


def test_an_ndc_is_only_one_under_its_qualifier() -> None:
    (line,) = one(CLAIM.format("A") + DRUG.replace("LX*2", "LX*1").replace("**N4*", "**UP*")).lines
    assert line.ndc == ""
    assert line.text("ndc_qualifier") == "UP"


def test_diagnoses_in_file_order_and_nothing_but_diagnoses() -> None:
    hi = (
        "HI*ABK:M3219:::::::Y*APR:R509~HI*BE:A8:::80~HI*BH:11:D8:20260101~"
        "HI*ABF:Z7899*ABF:*ABF*ABN:W19XXXA~HI*BR:0W9:D8:20260101~"
    )
    claim = one(CLAIM_837I.format("A").replace("HI*ABK:M3219~", hi) + LINE_837I, "837I")
    found = [(diagnosis.qualifier, diagnosis.code) for diagnosis in claim.diagnoses]
    assert found == [("ABK", "M3219"), ("APR", "R509"), ("ABF", "Z7899"), ("ABN", "W19XXXA")]
    location = claim.at_diagnosis(claim.diagnoses[3])
    assert (location.element, location.elements[4], location.loop) == ("HI04-2", "ABN:W19XXXA", "2300")


MALFORMED = [
    ("total_charge", CLAIM.replace("*180*", "*free*"), LINE, "CLM02"),
    ("charge", CLAIM, LINE.replace("*180*", "*1,80*"), "SV102"),
    ("units", CLAIM, LINE.replace("UN*1*", "UN*8O*"), "SV104"),
    ("own_dates", CLAIM, LINE.replace("20261005", "20261305"), "DTP03"),
    ("own_dates", CLAIM, LINE.replace("D8*20261005", "RD8*20261005-20261001"), "DTP03"),
    ("service_date", CLAIM, LINE.replace("D8*20261005", "RD8*20261005"), "DTP03"),
    ("ndc_quantity", CLAIM, LINE + "LIN**N4*1~CTP****two*UN~", "CTP04"),
]


@pytest.mark.parametrize(("name", "claim", "line", "element"), MALFORMED)
def test_malformed_values_are_raised_with_their_place_and_never_quoted(
    name: str, claim: str, line: str, element: str
) -> None:
    found = one(claim.format("A") + line)
    holder = found if name == "total_charge" else found.lines[0]
    with pytest.raises(MalformedValue) as caught:
        getattr(holder, name)
    assert caught.value.location.element == element
    assert caught.value.location.segment_id == element[:-2]
    assert str(caught.value) in (f"{element} is not a number", f"{element} is not a date")


def test_malformed_values_of_levels() -> None:
    claim = one(CLAIM.format("A") + LINE, above=FAMILY.replace("20140203", "2014").replace("*44", "*x"))
    with pytest.raises(MalformedValue, match=r"^DMG02 is not a date$"):
        _ = claim.patient_birth_date
    assert claim.patient is not None
    with pytest.raises(MalformedValue, match=r"^PAT08 is not a number$"):
        _ = claim.patient.weight
    assert claim.context.subscriber is not None
    assert claim.context.subscriber.birth_date == date(1980, 1, 1)


def test_an_837i_with_statement_dates_that_cannot_be_read() -> None:
    text = CLAIM_837I.format("A").replace("20261001-20261031", "20261031-20261001")
    claim = one(text + LINE_837I.replace("DTP*472*D8*20261005~", ""), "837I")
    with pytest.raises(MalformedValue, match=r"^DTP03 is not a date$"):
        _ = claim.statement_dates
    assert claim.lines[0].service_date is None
    assert claim.service_dates == []


@pytest.mark.parametrize("segment", ["LX", "LX*", "LX*A", "LX*\xb2", "LX*20261005", "LX*12345678901"])
def test_a_line_number_that_is_none(segment: str) -> None:
    (line,) = one(CLAIM.format("A") + LINE.replace("LX*1", segment)).lines
    assert (line.number, line.shown_number) == (None, "?")


SHORT = ["CLM~", "CLM*A~", "CLM*A*1***~", "CLM*A*1***11~", "CLM*A*1***:~"]


@pytest.mark.parametrize("text", SHORT)
def test_short_segments_read_as_absent(text: str) -> None:
    """NM1 without a code could be anybody's."""
    claim = faulty(MISPLACED, text + "HI~LX~SV1~DTP~DTP*472~LIN~CTP~REF~LX*2~SV1*~DTP*472*D8~LIN*~CTP****~NM1~")
    assert claim.frequency == ""
    assert claim.diagnoses == []
    for line in claim.lines:
        assert (line.procedure, line.modifiers, line.charge, line.units, line.own_dates) == ("", [], None, None, None)
        assert (line.ndc, line.ndc_quantity, line.ndc_unit, line.diagnosis_pointers) == ("", None, "", [])
        assert list(line.providers) == []


def test_a_claim_without_lines() -> None:
    claim = faulty(MISPLACED, CLAIM.format("A"))
    assert (list(claim.lines), claim.procedures, claim.service_dates) == ([], frozenset(), [])


def test_records_are_frozen_and_slotted() -> None:
    claim = one(CLAIM.format("A") + LINE)
    level = claim.context.subscriber
    assert level is not None
    for record, name in ((claim, "ordinal"), (claim.lines[0], "procedure"), (level, "ordinal")):
        assert not hasattr(record, "__dict__")
        with pytest.raises(AttributeError):
            setattr(record, name, "changed")
    for record, name in ((claim, "day"), (level, "depth"), (claim.lines[0], "procedure")):
        with pytest.raises(attrs.exceptions.FrozenError):
            setattr(record, name, "last")


def test_equal_claims_are_equal_whether_they_were_looked_at_or_not() -> None:
    body = PROVIDER + ADULT + CLAIM.format("A") + LINE
    looked_at, fresh = good(body)[0], good(body)[0]
    assert looked_at.lines
    assert looked_at.filing_indicator
    assert looked_at == fresh
    assert "_parsed" not in repr(looked_at)


def test_claims_and_levels_may_be_kept_in_sets() -> None:
    body = PROVIDER + ADULT + CLAIM.format("A") + LINE + CLAIM.format("B") + LINE
    first, again = good(body), good(body)
    assert len({*first, *again}) == 2
    assert len({first[0], attrs.evolve(first[0], day="last")}) == 2
    assert {claim.context for claim in first} == {claim.context for claim in again}


def test_levels_say_the_same_whether_they_are_split_or_not() -> None:
    for eol in ("~", "~\n", "~\r\n  "):
        text = enveloped(FAMILY + CLAIM.format("A") + LINE).replace("~", eol)
        (claim,) = read(text)[0]
        for level in (claim.context.subscriber, claim.context.patient):
            assert isinstance(level, Level)
            assert level.filing_indicator == level.text("filing_indicator")
            assert level.text("birth_date") == f"{level.birth_date:%Y%m%d}"


def test_notes_of_the_scrubber_are_left_out_of_claims_and_ordinals() -> None:
    plain = enveloped(PROVIDER + ADULT + CLAIM.format("A") + "REF*D9*X~" + LINE + DRUG)
    noted = (
        plain.replace("REF*D9*X~", "REF*D9*X~NTE*ADD*SCRUB W DX01~")
        .replace("LIN**N4", "NTE*TPO*SCRUB R NDC05 W JWJZ08 AND 3 MORE~LIN**N4")
        .replace("SE*22", "SE*24")
    )
    assert noted.count("~") == plain.count("~") + 2
    (before,), no_errors = read(plain)
    (after,), still_none = read(noted)
    assert not no_errors
    assert not still_none
    assert after.span.segments == before.span.segments
    for name in ("procedure", "service_date", "ndc", "ndc_quantity", "line_control_number"):
        ours, theirs = before.lines[1].at(name), after.lines[1].at(name)
        assert (ours.segment, ours.element) == (theirs.segment, theirs.element)
        assert noted[theirs.offset :].startswith(ours.segment_id)


def test_someone_elses_note_stays() -> None:
    claim = one(CLAIM.format("A") + "NTE*ADD*SCRUB THE FLOOR~" + LINE)
    assert claim.text("claim_note") == "SCRUB THE FLOOR"
    assert isinstance(claim, Claim)


def test_other_payers_of_a_claim_are_those_of_its_loops_2320() -> None:
    third = OTHER_SUBSCRIBER.replace("SBR*S", "SBR*T").replace("****CI", "****MB")
    claim = one(CLAIM.format("A") + OTHER_SUBSCRIBER + third + LINE)
    assert [(payer.sequence, payer.filing_indicator) for payer in claim.other_payers] == [("S", "CI"), ("T", "MB")]
    assert one(CLAIM.format("A") + LINE).other_payers == ()
