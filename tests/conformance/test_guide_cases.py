"""Correct files that pyx12 refuses, and incorrect ones: by file, and by one change to it."""

from __future__ import annotations

import re

import pytest

from scrubber.conformance import codes
from scrubber.x12 import errors
from tests.conformance.judged import judged
from tests.conformance.oracle import accepts, accepts_corrected
from tests.conformance.test_conformance_cases import recounted
from tests.scrubbing import ROOT, each

FILES = ROOT / "fixtures" / "x12"

CORRECT = (
    "bht06_31_subrogation",
    "component_1f",
    "i_subscriber_then_dependent",
    "lx_leading_zero",
    "remark_code_n782",
    "state_qc",
    "workers_comp_employer_no_id",
)
WARNED = {"i2310_referring_first": codes.SIBLING_ORDER}


def provider(qualifier: str) -> str:
    return f"NM1*{qualifier}*1*NAMED*ROB****XX*2000000101~"


ADDRESS = "N3*1 PIER~N4*TESTVILLE*OH*43215~"
ATTENDING = "NM1*71*1*ATTENDWELL*CARL****XX*2000000051~"
OTHER_PAYER = "NM1*PR*2*MEDI PART B*****PI*MB001~"
OTHER_SUBSCRIBER = "NM1*IL*1*TESTERLY*ADA****MI*1EG4TE5MK73~N3*12 PEBBLE ROAD~N4*TESTVILLE*OH*43215~"
HOME = "N4*MONTVILLE*QC*H2X1Y4*CA~"

WARN = (codes.SIBLING_ORDER,)

CHANGED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "any remark code": ("remark_code_n782", "MOA***N782", "MOA***MA130*N1999*M16", ()),
    "no remark code": ("remark_code_n782", "MOA***N782", "MOA***X782", (codes.WRONG_FORM,)),
    "Nunavut": ("state_qc", HOME, "N4*NORTHVILLE*NU*X0A0H0*CA~", ()),
    "a state that our list lacks": ("state_qc", HOME, "N4*TOWN*XX*12345~", (codes.UNLISTED_CODE,)),
    "a state with a digit": ("state_qc", HOME, "N4*TOWN*X1*12345~", (codes.WRONG_CODE,)),
    "a country with a subdivision": ("state_qc", HOME, "N4*LEON**44100*MX***JAL~", ()),
    "a country since 2006": ("state_qc", HOME, "N4*NOVI SAD**11000*RS~", ()),
    "a country that our list lacks": ("state_qc", HOME, "N4*TOWN**11000*XQ~", (codes.UNLISTED_CODE,)),
    "a country of three letters": ("state_qc", HOME, "N4*TOWN**11000*USA~", (codes.WRONG_CODE,)),
    "a currency": ("state_qc", "HL*1**20*1~", "HL*1**20*1~CUR*85*MXN~", ()),
    "a currency in lower case": ("state_qc", "HL*1**20*1~", "HL*1**20*1~CUR*85*usd~", (codes.WRONG_FORM,)),
    "an accident in Quebec": ("state_qc", "*Y*A*Y*Y~", "*Y*A*Y*Y**AA:::QC:CA~DTP*439*D8*20260220~", ()),
    "a place of service to come": ("state_qc", "11:B:1", "68:B:1", (codes.UNLISTED_CODE,)),
    "a place of service on a line to come": ("state_qc", "UN*1***1", "UN*1*68**1", (codes.UNLISTED_CODE,)),
    "a place of service of letters": ("state_qc", "11:B:1", "AB:B:1", (codes.WRONG_CODE,)),
    "a fixed list stays": ("state_qc", "11:B:1", "11:A:1", (codes.WRONG_CODE,)),
    "a filing indicator that is none": ("state_qc", "*******CI~", "*******XX~", (codes.WRONG_CODE,)),
    "subrogation on an 837I": ("i2310_referring_first", "*CH~", "*31~", (codes.SIBLING_ORDER,)),
    "a purpose that is none": ("bht06_31_subrogation", "*31~", "*30~", (codes.WRONG_CODE, codes.FAULTY_HEADER)),
    "an employer with an id": (
        "workers_comp_employer_no_id",
        "NM1*IL*2*BRIGHT MILLS INC~",
        "NM1*IL*2*BRIGHT MILLS INC*****II*12~",
        (),
    ),
    "an employer with half an id": (
        "workers_comp_employer_no_id",
        "NM1*IL*2*BRIGHT MILLS INC~",
        "NM1*IL*2*BRIGHT MILLS INC*****II~",
        (codes.DEPENDENT_ELEMENTS,),
    ),
    "a person without an id": (
        "workers_comp_employer_no_id",
        "NM1*IL*2*BRIGHT MILLS INC~",
        "NM1*IL*1*MILLS~",
        (codes.MISSING_ELEMENT, codes.MISSING_ELEMENT),
    ),
    "lines with zeros": (
        "lx_leading_zero",
        "SE*",
        "LX*0002~SV1*HC:99213*0*UN*01***01:1~DTP*472*D8*20260225~SE*",
        (),
    ),
    "levels with zeros": ("lx_leading_zero", "HL*2*1*", "HL*02*1*", ()),
    "a line number with a letter": ("lx_leading_zero", "LX*01", "LX*O1", (codes.WRONG_CHARACTERS,)),
    "a billing provider abroad": ("i_subscriber_then_dependent", "TESTVILLE*OH*432159998", "TOWN*ON*M5V1A1*CA", ()),
    "a billing provider's short ZIP": (
        "i_subscriber_then_dependent",
        "TESTVILLE*OH*432159998",
        "TOWN*OH*43215",
        (),
    ),
    "rendering behind referring": ("i2310_referring_first", ATTENDING, provider("82") + ATTENDING, WARN),
    "siblings of a line, 837I": ("i_subscriber_then_dependent", "SE*", provider("DN") + provider("72") + "SE*", WARN),
    "siblings of a line": (
        "state_qc",
        "SE*",
        f"NM1*45*2~{ADDRESS}NM1*PW*2~{ADDRESS}{provider('82')}PRV*PE*PXC*207RR0500X~SE*",
        WARN,
    ),
    "siblings of a line that the map lets come in any order": (
        "state_qc",
        "SE*",
        provider("DK") + provider("82") + "SE*",
        (),
    ),
    "another payer before its subscriber": (
        "remark_code_n782",
        OTHER_SUBSCRIBER + OTHER_PAYER,
        OTHER_PAYER + OTHER_SUBSCRIBER,
        WARN,
    ),
    "another payer behind its providers": (
        "remark_code_n782",
        OTHER_PAYER,
        f"NM1*85*2~REF*G2*12~NM1*82*1~REF*G2*34~{OTHER_PAYER}",
        WARN,
    ),
    "the payer before the subscriber": (
        "lx_leading_zero",
        "NM1*IL*1*TESTERLY",
        "NM1*PR*2*PAYER ONE*****PI*P0001~NM1*IL*1*TESTERLY",
        (errors.MISPLACED,),
    ),
    "a sibling too often": (
        "i2310_referring_first",
        ATTENDING,
        ATTENDING + ATTENDING,
        (codes.LOOP_REPEATS, codes.SIBLING_ORDER),
    ),
}


def file(name: str) -> str:
    return re.sub(r"\n", "", (FILES / f"{name}.837").read_text("latin-1"))


@pytest.mark.parametrize("name", CORRECT)
def test_correct_files_have_no_finding(name: str) -> None:
    data = file(name).encode("latin-1")
    assert judged(data).codes == ()
    if name != "component_1f":  # pyx12 refuses the ISA alone, which is no matter of its maps
        assert not accepts(data)
        assert accepts_corrected(data)


@each("case", WARNED)
def test_some_have_a_warning(case: str) -> None:
    (name,) = (name for name, code in WARNED.items() if code == case)
    data = file(name).encode("latin-1")
    assert judged(data).codes == (case,)
    assert codes.GUIDE_CODES[case].severity == "warn"
    assert [finding.severity for _, findings in judged(data).claims for finding in findings] == ["warn"]


@each("case", CHANGED)
def test_one_change_to_a_valid_file_has_its_fault(case: tuple[str, str, str, tuple[str, ...]]) -> None:
    name, before, after, expected = case
    text = file(name)
    assert before in text
    data = recounted(text.replace(before, after, 1))
    assert sorted(judged(data).codes) == sorted(expected)


@pytest.mark.parametrize("one", ["*:", "~\x1c", "*\x1d", "^\x1e", ":\x1f", ":\x01", "~\x15", ":\t"])
def test_control_characters_are_delimiters(one: str) -> None:
    text = file("lx_leading_zero")
    swapped = text.translate(str.maketrans(one[0] + one[1], one[1] + one[0]))
    assert judged(swapped.encode("latin-1")).codes == ()


def test_four_control_characters_are_delimiters() -> None:
    text = file("lx_leading_zero").translate(str.maketrans("*:~^", "\x1d\x1f\x1c\x1e"))
    assert judged(text.encode("latin-1")).codes == ()


def test_an_interchange_may_acknowledge_others() -> None:
    text = file("lx_leading_zero").replace("GS*", "TA1*000000009*260301*0900*A*000~" * 2 + "GS*", 1)
    assert judged(text.encode("latin-1")).codes == ()


def test_submitter_and_receiver_in_another_order() -> None:
    text = re.sub(r"(NM1\*41.*?~PER.*?~)(NM1\*40.*?~)", r"\2\1", file("lx_leading_zero"))
    assert judged(text.encode("latin-1")).codes == ()
