"""The hierarchy: whose claims are in doubt, from which segment on and how far, and one error for each cause."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scrubber.x12 import errors
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Events
from scrubber.x12.prescan import prescan
from tests.claims.hierarchy import CLAIM, LINE, enveloped
from tests.scrubbing import each
from tests.x12.small837 import SMALL


def read(text: str, *, twice: bool = False) -> tuple[dict[str, str], list[LocatedError]]:
    """For each claim of a file the code of what leaves it in doubt, empty where nothing does, and the errors.

    `twice` is with a first pass over the file.
    """
    events = in_two_passes(text) if twice else Events(io.BytesIO(text.encode("latin-1")))
    claims = {event.segments[0][1]: event.doubt.code if event.doubt else "" for event in events if event.number}
    assert [*events.misplaced] == events.errors  # none of these files has a fault of its envelope
    return claims, events.errors


def in_two_passes(text: str) -> Events:
    """The events of a file, with what a first pass over it found."""
    stream = io.BytesIO(text.encode("latin-1"))
    scan = prescan(stream)
    stream.seek(0)
    return Events(stream, scan)


def changed(old: str, new: str, text: str = SMALL) -> str:
    """The file with one place changed and SE01 made right."""
    assert text.count(old) == 1
    return recounted(text.replace(old, new))


def recounted(text: str) -> str:
    """The file with SE01 made right."""
    count = text[text.index("ST*") : text.index("SE*")].count("~") + 1
    return re.sub(r"SE\*\d+", f"SE*{count}", text)


SUBSCRIBER = "HL*2*1*22*1~SBR*P********CI~NM1*IL*1*LARKSPUR*IDA****MI*SYN0001~"

OF_LEVELS = {
    "a parent that is not above": (changed("HL*3*2*23", "HL*3*9*23"), errors.BROKEN_HIERARCHY, "HL*3"),
    "no parent": (changed("HL*2*1*22", "HL*2**22"), errors.BROKEN_HIERARCHY, "HL*2"),
    "a parent of the top level": (changed("HL*1**20", "HL*1*7*20"), errors.BROKEN_HIERARCHY, "HL*1"),
    "an unknown level": (changed("HL*3*2*23", "HL*3*2*99"), errors.BROKEN_HIERARCHY, "HL*3"),
    "no level code": (changed("HL*3*2*23*0", "HL*3"), errors.BROKEN_HIERARCHY, "HL*3"),
    "a level left out": (changed(SUBSCRIBER, ""), errors.BROKEN_HIERARCHY, "HL*3"),
    "a claim under no subscriber": (
        recounted(re.sub(r"HL\*2.*?(?=CLM\*A-1)", "", SMALL)),
        errors.STRAY_CLAIM,
        "CLM*A-1",
    ),
    "a number left out": (changed("HL*3*2*23", "HL*4*2*23"), errors.BROKEN_HIERARCHY, "HL*4"),
    "a number used twice": (changed("HL*3*2*23", "HL*2*2*23"), errors.BROKEN_HIERARCHY, "HL*2*2"),
    "a number that is none": (changed("HL*3*2*23", "HL*X*2*23"), errors.BROKEN_HIERARCHY, "HL*X"),
    "no number": (changed("HL*3*2*23", "HL**2*23"), errors.BROKEN_HIERARCHY, "HL**2"),
    "no billing provider": (recounted(re.sub(r"NM1\*85.*?~", "", SMALL)), errors.UNNAMED, "HL*1"),
    "a billing provider without a name": (re.sub(r"NM1\*85.*?~", "NM1*85*2~", SMALL), errors.UNNAMED, "NM1*85"),
    "no SBR": (changed("SBR*P********CI~", ""), errors.UNNAMED, "HL*2"),
    "no subscriber": (recounted(re.sub(r"NM1\*IL.*?~", "", SMALL)), errors.UNNAMED, "HL*2"),
    "no patient": (recounted(re.sub(r"NM1\*QC.*?~", "", SMALL)), errors.UNNAMED, "HL*3"),
    "two subscribers": (changed("HL*3*2", "NM1*IL*1*ROWAN~HL*3*2"), errors.MISPLACED, "NM1*IL*1*ROWAN"),
    "two patients": (changed("DMG*", "NM1*QC*1*ROWAN~DMG*"), errors.MISPLACED, "NM1*QC*1*ROWAN"),
    "a line in a level": (changed("CLM*A-1*4800***11:B:1*Y*A*Y*Y~", ""), errors.MISPLACED, "HI*"),
    "an unknown segment in a level": (changed("HL*3*2*23*0~", "HX*3*2*23*0~"), errors.MISPLACED, "HX*"),
    "a level in the header": (changed("HL*1**20*1~", ""), errors.MISPLACED, "NM1*85"),
}


@pytest.mark.parametrize("name", OF_LEVELS)
def test_a_fault_of_a_level_is_one_error_and_leaves_its_claims_in_doubt(name: str) -> None:
    text, code, begins = OF_LEVELS[name]
    claims, found = read(text)
    assert [error.code for error in found] == [code]
    assert set(claims.values()) == {code}
    count = "1 claim is" if len(claims) == 1 else f"{len(claims)} claims are"
    assert found[0].message.endswith(f"; {count} rejected for it")
    assert text[found[0].offset :].startswith(begins)
    assert found[0].segment == text[text.index("ST*") : found[0].offset].count("~") + 1


def test_errors_say_where_and_why() -> None:
    text = changed("HL*3*2*23", "HL*3*9*23")
    at = SMALL.index("HL*3")
    assert str(read(text)[1][0]) == (
        f"READ34 HL02 does not name the level above; 2 claims are rejected for it (segment 8 from ST, byte {at})"
    )


def provider(number: int) -> str:
    return f"HL*{number}**20*1~NM1*85*2*QUIET MEADOW*****XX*2000000010~"


def subscriber(number: int, parent: int, claim: str = "") -> str:
    """A subscriber who is the patient of a claim, or one who has dependents only."""
    children, relationship = ("0", "18") if claim else ("1", "")
    return f"HL*{number}*{parent}*22*{children}~SBR*P*{relationship}*******MB~NM1*IL*1*LARKSPUR~{claim}"


def patient(number: int, parent: int, claim: str) -> str:
    return f"HL*{number}*{parent}*23*0~PAT*19~NM1*QC*1*LARKSPUR*OTTO~{claim}"


def claim(name: str) -> str:
    return CLAIM.format(name) + LINE


FAMILIES = (
    provider(1)
    + subscriber(2, 1, claim("OWN-1"))
    + subscriber(3, 1)
    + patient(4, 3, claim("SON") + claim("SON-2"))
    + patient(5, 3, claim("DAUGHTER"))
    + subscriber(6, 1, claim("OWN-2"))
    + provider(7)
    + subscriber(8, 7, claim("OTHER"))
)
ORDER = ["OWN-1", "SON", "SON-2", "DAUGHTER", "OWN-2", "OTHER"]
CLM = "CLM*{0}*180***11:B:1*Y*A*Y*Y~"

REACH = {
    "a patient's HL, behind the subscriber": ("HL*4*3*23*0~", "", ".xxx.."),  # the subscriber's level is spoilt by it
    "a patient's HL, behind a claim": ("HL*5*3*23*0~", "", "..xx.."),
    "a subscriber's HL": ("HL*6*1*22*0~", "", "...xx."),
    "a provider's HL": ("HL*7**20*1~", "", "....xx"),
    "the HL of a subscriber with dependents": ("HL*3*1*22*1~", "", "xxxx.."),
    "the tag of a patient's HL": ("HL*5*3*23*0~", "HI*5*3*23*0~", "..xx.."),
    "the separator of a patient's HL": ("HL*5*3*23*0~", "HL5*3*23*0~", "..xx.."),
    "the terminator before a patient's HL": ("~HL*5*3*23*0~", "HL*5*3*23*0~", "..xx.."),
    "a patient's level and CLM": (f"HL*5*3*23*0~PAT*19~NM1*QC*1*LARKSPUR*OTTO~{CLM.format('DAUGHTER')}", "", "..x?.."),
    "a patient's level": ("HL*4*3*23*0~PAT*19~NM1*QC*1*LARKSPUR*OTTO~", "", ".xx..."),
    "a CLM": (CLM.format("DAUGHTER"), "", "...?.."),
    "a second CLM": (CLM.format("SON-2"), "", ".x?..."),
    "a patient's name": ("HL*5*3*23*0~PAT*19~NM1*QC*1*LARKSPUR*OTTO~", "HL*5*3*23*0~PAT*19~", "...x.."),
    "a patient's parent": ("HL*4*3*23*0~", "HL*4*2*23*0~", ".xx..."),
    "a subscriber's parent": ("HL*3*1*22*1~", "HL*3*2*22*1~", ".xxx.."),
    "a patient's number": ("HL*4*3*23*0~", "HL*5*3*23*0~", ".xxx.."),
    "a patient's level code": ("HL*5*3*23*0~", "HL*5*3*22*0~", "...x.."),
    "a subscriber's level code": ("HL*3*1*22*1~", "HL*3*1*23*1~", ".xxx.."),
    "a provider's level code": ("HL*7**20*1~", "HL*7**22*1~", ".....x"),
    "a level that no 837 has": ("HL*6*1*22*0~", "HL*6*1*99*0~", "....x."),
}
"""What is damaged, and for each claim of `FAMILIES` whether it is in doubt (`x`); `?` where it is no claim any more."""


def reach(text: str) -> str:
    found = read(text)[0]
    return "".join({None: "?", "": "."}.get(found.get(name), "x") for name in ORDER)


SEPARATE = {
    "level code 20 of a patient": ("HL*5*3*23*0~", "HL*5*3*20*0~"),
    "level code 20 of a subscriber with dependents": ("HL*3*1*22*1~", "HL*3*1*20*1~"),
    "level code 22 of an only patient": ("HL*4*3*23*0~", "HL*4*3*22*0~"),
}


@pytest.mark.parametrize("name", SEPARATE)
def test_a_wrong_level_code_leaves_no_level_without_a_claim(name: str) -> None:
    (error,) = read(changed(*SEPARATE[name], enveloped(FAMILIES)))[1]
    assert error.code == errors.BROKEN_HIERARCHY


def test_families_are_sound() -> None:
    assert read(enveloped(FAMILIES)) == (dict.fromkeys(ORDER, ""), [])


@pytest.mark.parametrize("name", REACH)
def test_a_doubt_reaches_to_the_next_sound_level_of_the_same_or_a_higher_depth(name: str) -> None:
    old, new, expected = REACH[name]
    text = changed(old, new, enveloped(FAMILIES))
    assert reach(text) == expected
    (error,) = read(text)[1]
    assert error.code in errors.OF_HIERARCHY


SUBSCRIBER_6 = "HL*6*1*22*0~SBR*P*18*******MB~NM1*IL*1*LARKSPUR~"
PATIENT = "HL*{}*3*23*0~PAT*19~NM1*QC*1*LARKSPUR*OTTO~"
WHOLE_LEVELS = {
    "a patient's level": (PATIENT.format(5), "", ".xxxx."),
    "a subscriber's level": (SUBSCRIBER_6, "", "...xxx"),
    "a provider's level": (provider(7), "", "....xx"),
    "a level and its claim": (PATIENT.format(5) + claim("DAUGHTER"), "", ".xx?x."),
    "two levels": (PATIENT.format(5) + claim("DAUGHTER") + SUBSCRIBER_6, "", ".xx?xx"),
    "only a number, with a digit too many": ("HL*5*3*23", "HL*55*3*23", ".xxxx."),
    "only the number of the next level": ("HL*4*3*23", "HL*5*3*23", ".xxx.."),
    "only a number, by a letter": ("HL*5*3*23", "HL*S*3*23", "...x.."),
    "only the last number": ("HL*8*7*22", "HL*9*7*22", ".....x"),
}
"""As `REACH`, with a first pass over the file. SE01 counts what is left."""


@pytest.mark.parametrize("name", WHOLE_LEVELS)
def test_a_jump_in_the_numbers_leaves_the_claims_before_it_in_doubt_too(name: str) -> None:
    old, new, expected = WHOLE_LEVELS[name]
    claims, found = read(changed(old, new, enveloped(FAMILIES)), twice=True)
    assert "".join({None: "?", "": "."}.get(claims.get(name), "x") for name in ORDER) == expected
    assert found[0].code == errors.BROKEN_HIERARCHY
    count = re.search(r"; (\d+) claims? (?:is|are) rejected for it", found[0].message)
    assert count and int(count[1]) == expected.count("x")


SONS = PATIENT.format(4) + claim("SON") + claim("SON-2")
DAUGHTERS = PATIENT.format(5) + claim("DAUGHTER")
BLOCKS = {
    "two levels exchanged": (SONS + DAUGHTERS, DAUGHTERS + SONS, "OWN-1 OWN-2 OTHER"),
    "a claim and the level after it moved on": (
        claim("SON-2") + DAUGHTERS + SUBSCRIBER_6 + claim("OWN-2"),
        SUBSCRIBER_6 + claim("OWN-2") + claim("SON-2") + DAUGHTERS,
        "OWN-1 OTHER",
    ),
    "a claim and the level after it doubled": (
        claim("SON-2") + DAUGHTERS,
        (claim("SON-2") + DAUGHTERS) * 2,
        "OWN-1 SON SON-2 OWN-2 OTHER",
    ),
    "two levels doubled": (SONS + DAUGHTERS, (SONS + DAUGHTERS) * 2, "OWN-1 SON SON-2 OWN-2 OTHER"),
}
"""What stands in the place of what, and the claims that are not in doubt. SE01 counts all."""


@pytest.mark.parametrize("name", BLOCKS)
def test_claims_of_levels_that_are_moved_or_doubled_are_in_doubt(name: str) -> None:
    old, new, expected = BLOCKS[name]
    claims = [event for event in in_two_passes(changed(old, new, enveloped(FAMILIES))) if event.number]
    assert [event.segments[0][1] for event in claims if not event.doubt] == expected.split()


def test_without_a_first_pass_claims_before_a_jump_are_not_in_doubt() -> None:
    text = changed(PATIENT.format(5), "", enveloped(FAMILIES))
    assert {name for name, doubt in read(text)[0].items() if doubt} == {"OWN-2"}


def test_a_jump_ends_with_its_transaction() -> None:
    second = SMALL[SMALL.index("ST*") : SMALL.index("GE*")].replace("*0001", "*0002").replace("A-", "B-")
    second = second.replace("HL*1**", "HL*3**").replace("HL*2*1*", "HL*4*3*").replace("HL*3*2*", "HL*5*4*")
    claims, _ = read(SMALL.replace("GE*1*1~", second + "GE*2*1~"), twice=True)
    assert claims == {"A-1": "", "A-2": "", "B-1": errors.BROKEN_HIERARCHY, "B-2": errors.BROKEN_HIERARCHY}


def test_two_faults_apart_from_each_other_are_two_errors() -> None:
    text = changed("HL*4*3*23*0~", "HL*4*2*23*0~", changed("HL*7**20*1~", "HL*7*1*20*1~", enveloped(FAMILIES)))
    assert reach(text) == ".xx..x"
    assert [error.code for error in read(text)[1]] == [errors.BROKEN_HIERARCHY] * 2


def test_after_a_doubt_another_one_is_no_error_of_its_own_but_widens_it() -> None:
    text = changed("HL*4*3*23*0~", "HL*4*2*23*0~", changed("HL*6*1*22*0~", "", enveloped(FAMILIES)))
    assert reach(text) == ".xxxx."
    assert [error.code for error in read(text)[1]] == [errors.BROKEN_HIERARCHY, errors.MISPLACED]


def test_a_doubt_ends_with_its_transaction() -> None:
    first = changed("HL*1**20*1~", "HL*2**20*1~")
    second = SMALL[SMALL.index("ST*") : SMALL.index("GE*")].replace("*0001", "*0002").replace("A-", "B-")
    text = first.replace("GE*1*1~", second + "GE*2*1~")
    claims, found = read(text)
    assert claims == {"A-1": errors.BROKEN_HIERARCHY, "A-2": errors.BROKEN_HIERARCHY, "B-1": "", "B-2": ""}
    assert len(found) == 1


def test_numbers_of_levels_are_numbers_whatever_their_zeros() -> None:
    text = SMALL.replace("HL*1**", "HL*01**").replace("HL*2*1*", "HL*02*01*").replace("HL*3*2*", "HL*03*02*")
    assert read(text) == ({"A-1": "", "A-2": ""}, [])


def test_levels_without_a_claim_are_reported_and_leave_no_claim_in_doubt() -> None:
    body = provider(1) + subscriber(2, 1) + subscriber(3, 1, claim("A")) + provider(4) + provider(5) + subscriber(6, 5)
    claims, found = read(enveloped(body))
    assert claims == {"A": ""}
    assert [(error.code, error.severity, error.segment, error.message) for error in found] == [
        (errors.NO_CLAIM, "warn", 4, "a subscriber has no claim"),
        (errors.NO_CLAIM, "warn", 15, "a billing provider has no claim"),
        (errors.NO_CLAIM, "warn", 19, "a subscriber has no claim"),
    ]
    assert not any(error.breaks_envelope for error in found)


def test_claims_of_a_subscriber_and_his_dependents_may_follow_each_other() -> None:
    """The guides allow a patient who is the subscriber and dependents under one subscriber."""
    body = provider(1) + subscriber(2, 1, claim("OWN")).replace("*22*0", "*22*1") + patient(3, 2, claim("SON"))
    assert read(enveloped(body)) == ({"OWN": "", "SON": ""}, [])


@pytest.mark.parametrize(
    ("children", "relationship", "doubt"),
    [("1", "", errors.STRAY_CLAIM), ("0", "", ""), ("1", "18", ""), ("0", "18", "")],
)
def test_a_claim_under_a_subscriber_of_dependents_lacks_its_patient(
    children: str, relationship: str, doubt: str
) -> None:
    """HL04 is 1 and SBR02 is empty: the subscriber has dependents and is not the patient."""
    head = f"HL*2*1*22*{children}~SBR*P*{relationship}*******CI~NM1*IL*1*LARKSPUR~"
    text = provider(1) + head + claim("A") + claim("B") + subscriber(3, 1, claim("C"))
    claims, found = read(enveloped(text))
    assert claims == {"A": doubt, "B": doubt, "C": ""}
    assert [error.code for error in found] == ([doubt] if doubt else [])
    unusual = text.replace("NM1*IL", "REF*SY*1~NM1*IL", 1)  # the pattern of levels does not match
    assert read(enveloped(unusual))[0] == claims


OTHER_PAYER = "SBR*S*18*******CI~OI***Y***Y~NM1*IL*1*ROWAN~N3*1 LANE~NM1*PR*2*PLAN B*****PI*PB1~NM1*85*2~REF*G2*1~"


def test_other_payers_of_a_claim_leave_no_claim_in_doubt() -> None:
    for count in (1, 2, 10):
        body = provider(1) + subscriber(2, 1, CLAIM.format("A") + OTHER_PAYER * count + LINE + claim("B"))
        assert read(enveloped(body)) == ({"A": "", "B": ""}, [])


def test_messages_quote_nothing() -> None:
    for text, _, _ in OF_LEVELS.values():
        for error in read(text)[1]:
            assert not re.search(r"LARKSPUR|ROWAN|IDA|SYN0001|20140203|A-1|MEADOW", error.message)


FOREIGN = "CLM|B-1|100|||11>B>1|Y|A|Y|Y!HI|ABK>M3219!SV1|HC>J0490|100|UN|1!"


@each(
    ("at", "doubtful"),
    {
        "in a claim": ("HI*ABK:M32", {"A-1", "A-2"}),
        "in a later claim": ("LX*1~SV1*HC:963", {"A-2"}),
        "in CLM01": ("CLM*A-1", {FOREIGN, "A-2"}),
        "in a level": ("NM1*QC*1*LARK", {"A-1", "A-2"}),
        "in the header": ("BHT*0019*00*BAT", {"A-1", "A-2"}),
    },
)
@each(
    "foreign",
    {
        "by its amount": FOREIGN,
        "by its facility": FOREIGN.replace("|100|", "||", 1),
        "alone": FOREIGN[: FOREIGN.index("HI")],
        "with tabs": FOREIGN.replace("|", "\t"),
    },
)
def test_a_claim_of_other_delimiters_inside_of_a_value_leaves_the_rest_in_doubt(
    at: str, doubtful: set[str], foreign: str
) -> None:
    text = SMALL.replace("CLM*A-1", f"CLM*{foreign}") if at == "CLM*A-1" else SMALL.replace(at, at + foreign)
    assert text != SMALL
    claims, found = read(text)
    assert {claim for claim, code in claims.items() if code} == {foreign if one == FOREIGN else one for one in doubtful}
    (fault,) = found
    assert fault.code == errors.MISPLACED
    assert "a CLM with other delimiters stands inside a segment" in fault.message
    assert fault.offset <= text.index(foreign) < text.index("~", fault.offset)


@pytest.mark.parametrize("value", ["A|B^C", "CLM|A|100", "ACLM/1/2", "CLM-1-100", "CLM A 100   ", "CLM:A:B"])
def test_other_separators_in_a_value_are_a_part_of_it(value: str) -> None:
    claims, found = read(SMALL.replace("A-1", value))
    assert not found
    assert claims == {value: "", "A-2": ""}


def some_levels() -> list[str]:
    """Levels and claims of two providers, one text each. The id of a claim begins with its patient's first name."""
    texts, number = [], 0
    for _ in range(2):
        provider_number = number = number + 1
        texts.append(provider(number))
        for own in (2, 0, 1):
            subscriber_number = number = number + 1
            texts.append(
                subscriber(number, provider_number, "" if own == 0 else " ")
                .strip()
                .replace("LARKSPUR", f"P{number}*P{number}")
            )
            texts += [claim(f"P{number}-{which}") for which in range(own)]
            for which in range(2 if own == 0 else 0):
                number += 1
                texts.append(patient(number, subscriber_number, "").replace("*OTTO", f"*P{number}"))
                texts += [claim(f"P{number}-{which}") for which in range(which + 1)]
    return texts


@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 30), st.booleans())
def test_no_claim_of_a_block_that_is_moved_or_doubled_goes_out_under_another_patient(
    start: int, length: int, to: int, doubled: bool
) -> None:
    """The numbers of levels show it. If these stay in order, only claims were moved, and nothing shows that."""
    texts = some_levels()
    block = texts[start : start + length]
    left = texts if doubled else texts[:start] + texts[start + length :]
    damaged = [*left[:to], *block, *left[to:]]
    numbers = [int(text.split("*")[1]) for text in damaged if text.startswith("HL*")]
    assume(numbers != sorted({*numbers}))
    owner = ""
    for event in in_two_passes(recounted(enveloped("".join(damaged)))):
        if event.kind == "level":
            owner = next((part.split("*")[4] for part in event.parts if part[:6] in ("NM1*IL", "NM1*QC")), "")
        elif event.number and not event.doubt:
            assert event.segments[0][1].startswith(f"{owner}-")
