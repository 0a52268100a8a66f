"""Faults against the guides, each made by hand: the code, the place and the claim it is reported on."""

from __future__ import annotations

import re
from typing import TypeAlias

import pytest

from scrubber.conformance import codes
from scrubber.testing import ClaimType, LineSpec, build, infusion_claim, visit_claim
from scrubber.x12 import errors
from tests.conformance.judged import Judged, judged
from tests.conformance.oracle import accepts, accepts_corrected
from tests.scrubbing import each, each_type

Reported: TypeAlias = tuple[str, str, str, int | None]
"""A finding: code, loop, element (or the tag of a segment), number of the service line."""

SECOND = 1


def three_claims(claim_type: ClaimType) -> str:
    """A valid file of three claims, one subscriber each."""
    return build([infusion_claim(claim_type, f"CASE-{number}") for number in (1, 2, 3)], eol="")


def changed(text: str, before: str, after: str, behind: str = "HL*3*") -> bytes:
    """The file with the first `before` after some text replaced, and SE01 corrected."""
    at = text.index(before, text.index(behind))
    return recounted(text[:at] + after + text[at + len(before) :])


def recounted(text: str) -> bytes:
    """The file of one transaction with SE01 set right."""
    body = text[text.index("~ST*") + 1 : text.index("~SE*") + 1]
    return re.sub(r"~SE\*\d+\*", f"~SE*{body.count('~') + 1}*", text).encode("latin-1")


def findings(ours: Judged, claim: int) -> list[Reported]:
    """The findings of a claim."""
    return [
        (found.code, found.location.loop, found.location.element, found.location.service_line)
        for found in ours.claims[claim][1]
    ]


CLAIM_CASES: dict[str, tuple[ClaimType, str, str, Reported]] = {
    "a segment of no guide": ("837P", "REF*G1*", "ZZZ*G1*", (codes.MISPLACED_SEGMENT, "2300", "", None)),
    "a qualifier of no guide": ("837P", "REF*G1*", "REF*G0*", (codes.MISPLACED_SEGMENT, "2300", "REF", None)),
    "a segment behind its place": (
        "837P",
        "REF*G1*PA700100~HI*ABK:M3219*ABF:Z79899~",
        "HI*ABK:M3219*ABF:Z79899~REF*G1*PA700100~",
        (codes.MISPLACED_SEGMENT, "2300", "REF", None),
    ),
    "a segment of the other guide": (
        "837P",
        "REF*G1*",
        "CL1*1*1*01~REF*G1*",
        (codes.MISPLACED_SEGMENT, "2300", "", None),
    ),
    "no diagnosis": ("837P", "HI*ABK:M3219*ABF:Z79899~", "", (codes.MISSING_SEGMENT, "2300", "HI", None)),
    "no statement dates": ("837I", "DTP*434*RD8*20261005-20261005~", "", (codes.MISSING_SEGMENT, "2300", "DTP", None)),
    "no service on a line": ("837P", "SV1*HC:96365*180*UN*1***1~", "", (codes.MISSING_SEGMENT, "2400", "SV1", 2)),
    "no quantity of a drug": ("837I", "CTP****2*UN~", "", (codes.MISSING_SEGMENT, "2410", "CTP", 1)),
    "a segment too often": (
        "837P",
        "REF*G1*PA700100~",
        "REF*G1*PA700100~REF*G1*PA700101~",
        (codes.SEGMENT_REPEATS, "2300", "REF", None),
    ),
    "a loop too often": (
        "837P",
        "PRV*PE*PXC*207RR0500X~",
        "PRV*PE*PXC*207RR0500X~NM1*82*1*OAKENSHIRE*PAUL****XX*2000000036~",
        (codes.LOOP_REPEATS, "2310B", "NM1", None),
    ),
    "a segment with an element too many": (
        "837P",
        "REF*G1*PA700100~",
        "REF*G1*PA700100***X~",
        (codes.TOO_MANY_ELEMENTS, "2300", "REF05", None),
    ),
    "five pointers": ("837P", "UN*80***1~", "UN*80***1:1:1:1:1~", (codes.TOO_MANY_ELEMENTS, "2400", "SV107", 1)),
    "a place of four parts": ("837P", "*11:B:1*", "*11:B:1:1*", (codes.TOO_MANY_ELEMENTS, "2300", "CLM05", None)),
    "empty ends": ("837P", "REF*G1*PA700100~", "REF*G1*PA700100**~", (codes.MALFORMED_SEGMENT, "2300", "REF", None)),
    "white space before a segment": ("837I", "REF*G1*", "\tREF*G1*", (codes.MALFORMED_SEGMENT, "2300", "", None)),
    "no charge": ("837P", "*4980***11", "****11", (codes.MISSING_ELEMENT, "2300", "CLM02", None)),
    "no procedure": ("837I", "*HC:96365*", "*HC*", (codes.MISSING_ELEMENT, "2400", "SV202-2", 2)),
    "one element of a pair": (
        "837P",
        "****XX*2000000028~",
        "****XX~",
        (codes.DEPENDENT_ELEMENTS, "2310B", "NM108", None),
    ),
    "an element that is not used": ("837P", "*4980***11", "*4980*X**11", (codes.UNUSED_ELEMENT, "2300", "CLM03", None)),
    "a modifier too short": ("837P", "J0490:JZ*", "J0490:J*", (codes.TOO_SHORT, "2400", "SV101-3", 1)),
    "a claim id too long": ("837P", "CLM*CASE-2*", f"CLM*{'9' * 39}*", (codes.TOO_LONG, "2300", "CLM01", None)),
    "letters in a charge": ("837P", "*4800*", "*48OO*", (codes.WRONG_CHARACTERS, "2400", "SV102", 1)),
    "a control character": ("837I", "PA700100~", "PA70\x07100~", (codes.WRONG_CHARACTERS, "2300", "REF02", None)),
    "a letter with an accent": (
        "837I",
        "*FENWARREN*",
        "*FENWARR\xc9N*",
        (codes.WRONG_CHARACTERS, "2310A", "NM103", None),
    ),
    "a space at the end": ("837I", "PA700100~", "PA700100 ~", (codes.WRONG_CHARACTERS, "2300", "REF02", None)),
    "components in a simple element": (
        "837I",
        "PA700100~",
        "PA700:100~",
        (codes.WRONG_CHARACTERS, "2300", "REF02", None),
    ),
    "a code that is none": ("837P", "*Y*A*Y*Y~", "*Y*X*Y*Y~", (codes.WRONG_CODE, "2300", "CLM07", None)),
    "a place of service that is none": ("837P", "*11:B:1*", "*AA:B:1*", (codes.WRONG_CODE, "2300", "CLM05-1", None)),
    "a day that is none": ("837P", "D8*20261005~", "D8*20261032~", (codes.WRONG_DATE, "2400", "DTP03", 1)),
    "a range that is none": ("837I", "*20261005-20261005~", "*20261005~", (codes.WRONG_DATE, "2300", "DTP03", None)),
    "a range of three": (
        "837I",
        "*20261005-20261005~",
        "*20261005-20261005-20261005~",
        (codes.UNPROVEN, "2300", "DTP", None),
    ),
    "lines not in order": ("837P", "LX*2~", "LX*3~", (codes.LINE_NUMBERS, "2400", "LX01", 3)),
    "lines not in order, 837I": ("837I", "LX*2~", "LX*1~", (codes.LINE_NUMBERS, "2400", "LX01", 1)),
}


IN_DOUBT = {
    "a segment of no guide": errors.MISPLACED,
    "no service on a line": errors.MISPLACED,
    "lines not in order, 837I": errors.MISPLACED,
    "no subscriber": errors.UNNAMED,
}
"""Faults that also leave the patient of the claim in doubt, with the code of the doubt."""


@pytest.mark.parametrize("name", CLAIM_CASES)
def test_a_fault_of_a_claim_is_reported_on_it_alone(name: str) -> None:
    claim_type, before, after, expected = CLAIM_CASES[name]
    ours = judged(changed(three_claims(claim_type), before, after, behind="CLM*CASE-2"))
    assert findings(ours, SECOND) == [expected]
    assert ours.at_fault == {SECOND}
    assert ours.file_codes == ((IN_DOUBT[name],) if name in IN_DOUBT else ())


LEVEL_CASES: dict[str, tuple[str, str, Reported]] = {
    "no payer": ("NM1*PR*2*SAMPLE MEDICARE PART B*****PI*00002~", "", (codes.MISSING_LOOP, "2010BB", "NM1", None)),
    "a birth date that is none": (
        "DMG*D8*19840309*F~",
        "DMG*D8*19841309*F~",
        (codes.WRONG_DATE, "2010BA", "DMG02", None),
    ),
    "a state that is none": ("*SAMPLETOWN*OH*", "*SAMPLETOWN*O1*", (codes.WRONG_CODE, "2010BA", "N402", None)),
    "a state that our list does not have": (
        "*SAMPLETOWN*OH*",
        "*SAMPLETOWN*OO*",
        (codes.UNLISTED_CODE, "2010BA", "N402", None),
    ),
    "a social security number of eight digits": (
        "DMG*D8*19840309*F~",
        "DMG*D8*19840309*F~REF*SY*12345678~",
        (codes.WRONG_FORM, "2010BA", "REF02", None),
    ),
}


@pytest.mark.parametrize("name", LEVEL_CASES)
def test_a_fault_of_a_level_is_reported_on_the_claims_beneath_it(name: str) -> None:
    before, after, expected = LEVEL_CASES[name]
    ours = judged(changed(three_claims("837P"), before, after))
    assert findings(ours, SECOND) == [expected]
    assert ours.at_fault == {SECOND}
    assert ours.file_codes == ((IN_DOUBT[name],) if name in IN_DOUBT else ())


@each_type
def test_a_fault_of_the_provider_is_reported_on_all_its_claims(claim_type: ClaimType) -> None:
    ours = judged(changed(three_claims(claim_type), "REF*EI*99000000", "REF*XX*99000000", behind="HL*1*"))
    assert {found[0] for number in range(3) for found in findings(ours, number)} <= {
        codes.MISPLACED_SEGMENT,
        codes.MISSING_SEGMENT,
    }
    assert ours.at_fault == {0, 1, 2}
    assert ours.file_codes == ()


HEADER_CASES = {
    "a time that is none": ("*0830*CH~", "*0861*CH~", codes.WRONG_TIME),
    "no receiver": ("NM1*40*2*SAMPLE CLEARINGHOUSE*****46*RECEIVE01~", "", codes.MISSING_LOOP),
    "a purpose that is none": ("BHT*0019*00*", "BHT*0019*99*", codes.WRONG_CODE),
    "no contact": ("PER*IC*CLAIMS DESK*TE*5555550100~", "", codes.MISSING_SEGMENT),
    "a group of something else": ("GS*HC*", "GS*HP*", codes.WRONG_CODE),
    "a sender of spaces": ("*ZZ*SAMPLESENDER   *", f"*ZZ*{' ' * 15}*", codes.MISSING_ELEMENT),
    "a receiver of spaces": ("*ZZ*SAMPLERECEIVER *", f"*ZZ*{' ' * 15}*", codes.MISSING_ELEMENT),
}


@each_type
@each("case", HEADER_CASES)
def test_a_fault_of_a_header_is_reported_for_the_file(claim_type: ClaimType, case: tuple[str, str, str]) -> None:
    before, after, code = case
    ours = judged(changed(three_claims(claim_type), before, after, behind="ISA*"))
    assert ours.file_codes == (code,)
    assert [findings(ours, number) for number in range(3)] == [[(codes.FAULTY_HEADER, "2300", "CLM01", None)]] * 3


@each_type
@each(
    ("after", "found"),
    {"left out": ("", (codes.MISSING_ELEMENT,)), "empty": ("*", (codes.MALFORMED_SEGMENT, codes.MISSING_ELEMENT))},
)
def test_a_transaction_names_its_guide(claim_type: ClaimType, after: str, found: tuple[str, ...]) -> None:
    text = three_claims(claim_type)
    version = re.search(r"~ST\*837\*\d+(\*\w+)~", text)
    assert version
    ours = judged(changed(text, f"{version[1]}~BHT", f"{after}~BHT", behind="ISA*"))
    assert ours.file_codes == found
    assert [findings(ours, number) for number in range(3)] == [[(codes.FAULTY_HEADER, "2300", "CLM01", None)]] * 3


def test_levels_not_numbered_in_order() -> None:
    """The hierarchy reports it once, and the guide checks do not repeat it."""
    ours = judged(changed(three_claims("837P"), "HL*3*1*22", "HL*5*1*22"))
    assert ours.file_codes == (errors.BROKEN_HIERARCHY,)
    assert SECOND in ours.doubtful
    assert findings(ours, SECOND) == []


@each_type
def test_an_empty_transaction(claim_type: ClaimType) -> None:
    text = three_claims(claim_type)
    empty = text[: text.index("HL*1*")] + text[text.index("~SE*") + 1 :]
    assert judged(recounted(empty)).file_codes == (codes.MISSING_LOOP,)


@each_type
def test_a_subscriber_without_claims_is_a_warning(claim_type: ClaimType) -> None:
    text = three_claims(claim_type)
    without = recounted(text[: text.index("CLM*CASE-3")] + text[text.index("~SE*") + 1 :])
    assert accepts(without)
    ours = judged(without)
    assert ours.codes == (errors.NO_CLAIM,)
    assert not ours.at_fault


@each_type
def test_a_subscriber_has_claims_and_dependents(claim_type: ClaimType) -> None:
    """pyx12's 837I map would have the dependents first."""
    own, of_dependent = (
        build([infusion_claim(claim_type, f"CASE-{number}", dependent=bool(number))], eol="") for number in (0, 1)
    )
    subscriber = own[own.index("HL*2*") : own.index("~SE*") + 1].replace("HL*2*1*22*0", "HL*2*1*22*1")
    before, dependent = of_dependent[: of_dependent.index("HL*2*")], of_dependent[of_dependent.index("HL*3*") :]
    both = recounted(before + subscriber + dependent)
    assert accepts(both) == (claim_type == "837P")
    assert accepts_corrected(both)
    assert judged(both).codes == ()


@pytest.mark.parametrize(("claim_type", "most"), [("837P", 50), ("837I", 999)])
def test_as_many_lines_as_the_guide_allows(claim_type: ClaimType, most: int) -> None:
    line = LineSpec("99213" if claim_type == "837P" else "G0463")
    for lines, expected in ((most, []), (most + 1, [(codes.LOOP_REPEATS, "2400", "LX", most + 1)])):
        ours = judged(build([visit_claim(claim_type, lines=(line,) * lines)]).encode())
        assert findings(ours, 0) == expected


@each_type
def test_a_hundred_claims_for_a_subscriber(claim_type: ClaimType) -> None:
    text = build([visit_claim(claim_type)], eol="")
    claim = text[text.index("CLM*") : text.index("~SE*") + 1]
    for claims, at_fault in ((100, set()), (101, {100})):
        ours = judged(recounted(text.replace(claim, claim * claims)))
        assert ours.at_fault == at_fault
    assert findings(ours, 100) == [(codes.LOOP_REPEATS, "2300", "CLM", None)]


@each_type
def test_one_bad_claim_of_five_thousand(claim_type: ClaimType) -> None:
    judged(build([visit_claim(claim_type)] * 3).encode())  # so that all patterns are made
    text = build([visit_claim(claim_type, f"CASE-{number}") for number in range(5_000)], eol="")
    ours = judged(changed(text, "*Y*Y~", "*Y*?~", behind="CLM*CASE-1234*"))
    assert ours.at_fault == {1_234}
    assert ours.file_codes == ()
    assert ours.handed_on == 1


def test_two_bad_claims() -> None:
    text = build([visit_claim("837P", f"CASE-{number}") for number in range(50)], eol="")
    once = changed(text, "HI*ABK:", "HI*XXX:", behind="CLM*CASE-7*").decode()
    ours = judged(changed(once, "*UN*1*", "*XX*1*", behind="CLM*CASE-31*"))
    assert ours.at_fault == {7, 31}
    assert findings(ours, 31) == [(codes.WRONG_CODE, "2400", "SV103", 1)]


def test_transactions_are_apart() -> None:
    text = build([visit_claim("837P", f"CASE-{number}") for number in range(6)], per_transaction=2, eol="")
    broken = text.replace("BHT*0019*00*BATCH0002", "BHT*0019*99*BATCH0002").encode()
    ours = judged(broken)
    assert ours.file_codes == (codes.WRONG_CODE,)
    assert ours.at_fault == {2, 3}
