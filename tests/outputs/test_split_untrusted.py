"""Clean and rejected files of damaged 837 files: what cannot be trusted is rejected, and nothing is lost."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.testing import (
    ClaimSpec,
    GroupSpec,
    InterchangeSpec,
    TransactionSpec,
    build,
    infusion_claim,
    visit_claim,
    waste_claim,
    write,
)
from scrubber.x12 import buffer, errors, pieces
from scrubber.x12.prescan import prescan
from tests.claims.hierarchy import ADULT, CHILD, CLAIM, LINE, PROVIDER, enveloped
from tests.fuzz.trial import failure
from tests.lanes import examples
from tests.outputs.annotating import annotate, strip
from tests.outputs.halves import (
    Halves,
    above,
    assert_right,
    assert_split,
    codes,
    ids,
    mended,
    read,
    split,
    tagged,
    texts,
)
from tests.scrubbing import each, everywhere
from tests.test_samples import ROWS, content
from tests.x12.small837 import BODY, IEA, ISA, SMALL, any_file, redelimited
from tests.x12.test_hierarchy import BLOCKS, FAMILIES, REACH, WHOLE_LEVELS, changed

FAMILY_FILE = enveloped(FAMILIES)

# What cannot be trusted


def several() -> str:
    """Two interchanges of two groups of two transactions of two claims; claim B212 is in interchange B, group 2."""
    return write(
        InterchangeSpec(
            tuple(
                GroupSpec(
                    tuple(
                        TransactionSpec(tuple(claim(f"{name}{group}{place}{n}") for n in "12"), f"000{place}")
                        for place in "12"
                    ),
                    group,
                )
                for group in "12"
            ),
            f"00000000{ordinal}",
        )
        for ordinal, name in enumerate("AB", 1)
    )


def claim(claim_id: str) -> ClaimSpec:
    return infusion_claim("837P", claim_id)


WHOLE = several()
ALL = set(ids(WHOLE))


def near(claim_id: str, pattern: str, replacement: str) -> str:
    """The file with the first match of a pattern after the claim's beginning replaced."""
    at = WHOLE.index(f"CLM*{claim_id}*")
    changed = re.sub(pattern, replacement, WHOLE[at:], count=1, flags=re.DOTALL)
    assert changed != WHOLE[at:]
    return WHOLE[:at] + changed


def before(claim_id: str, pattern: str, replacement: str) -> str:
    """The file with the last match of a pattern before the claim replaced."""
    at = WHOLE.index(f"CLM*{claim_id}*")
    found = [*re.finditer(pattern, WHOLE[:at])][-1]
    return WHOLE[: found.start()] + found.expand(replacement) + WHOLE[found.end() :]


TRANSACTION, GROUP, INTERCHANGE = "A12", "A1", "A"
GS06_TWICE = before("B211", r"(GS\*.*)\*2\*X", r"\1*1*X").replace(
    "GE*2*2~\nIEA*2*000000002", "GE*2*1~\nIEA*2*000000002"
)
MISTRUST = {
    "SE missing": (near("A122", r"SE\*\d+\*0002~\n", ""), TRANSACTION),
    "SE01 wrong": (near("A122", r"SE\*\d+", "SE*3"), TRANSACTION),
    "SE01 no number": (near("A122", r"SE\*\d+", "SE*MANY"), TRANSACTION),
    "SE02 wrong": (near("A122", r"(SE\*\d+)\*0002", r"\1*0003"), TRANSACTION),
    "SE too short": (near("A122", r"SE\*\d+\*0002", "SE"), TRANSACTION),
    "a parent that is not there": (before("A121", r"HL\*2\*1", "HL*2*7"), "A121"),
    "an empty segment in a claim": (near("A121", r"LX\*1~", "LX*1~~"), TRANSACTION),
    "an empty segment in the hierarchy": (before("A121", r"N3\*", "~N3*"), TRANSACTION),
    "an empty segment behind ST": (before("A121", r"BHT\*", "~BHT*"), TRANSACTION),
    "ST02 used before": (before("A121", r"ST\*837\*0002", "ST*837*0001"), TRANSACTION),
    "versions that differ": (before("A121", r"0002\*005010X222A1", "0002*005010X222"), TRANSACTION),
    "GE missing": (near("A122", r"GE\*2\*1~\n", ""), GROUP),
    "GE01 wrong": (near("A122", r"GE\*2", "GE*3"), GROUP),
    "GE02 wrong": (near("A122", r"GE\*2\*1", "GE*2*9"), GROUP),
    "an SE too many": (near("A122", r"GE\*2", "SE*1*0001~GE*2"), GROUP),
    "ST lost": (before("A121", r"ST\*837\*0002[^~]*~\n", ""), GROUP),
    "segments between transactions": (before("A121", r"ST\*", "REF*XX*1~ST*"), GROUP),
    "IEA missing": (near("A222", r"IEA\*2\*\d+~\n", ""), INTERCHANGE),
    "IEA01 wrong": (near("A222", r"IEA\*2", "IEA*1"), INTERCHANGE),
    "IEA02 wrong": (near("A222", r"IEA\*2\*0", "IEA*2*1"), INTERCHANGE),
    "GS lost": (before("A111", r"GS\*[^~]*~\n", ""), INTERCHANGE),
    "ISA of the wrong length": (before("A111", r"SAMPLERECEIVER ", "SAMPLERECEIVER"), INTERCHANGE),
    "segments behind ISA": (before("A111", r"GS\*", "REF*XX*1~GS*"), INTERCHANGE),
    "GS06 used before": (GS06_TWICE, "B2"),
    "ISA13 used before": (WHOLE.replace("000000002", "000000001"), "B"),
    "the end lost": (WHOLE[: WHOLE.rindex("SE*")], "B"),
    "cut off in a claim": (WHOLE[: WHOLE.rindex("LX*2") + 4], "B"),
    "cut off in IEA": (WHOLE.rstrip()[:-1], "B"),
}  # fmt: skip
PASSED_OVER = {"the end lost": {"B222"}, "cut off in a claim": {"B222"}, "ST lost": {"A121", "A122"}}
"""Claims that are not read as such."""
UNMENDED = {
    "versions that differ": [errors.VERSIONS_DIFFER],
    "an empty segment in a claim": [errors.EMPTY_SEGMENT],
    "cut off in a claim": [errors.MISPLACED],
    "segments between transactions": [errors.MISPLACED],
    "segments behind ISA": [errors.MISPLACED],
}
"""Faults that cannot be mended, or are a claim's own."""


@each("name, text, untrusted", {name: (name, *case) for name, case in MISTRUST.items()})
def test_claims_that_cannot_be_trusted_are_rejected_and_no_others(name: str, text: str, untrusted: str) -> None:
    halves = split(text)
    assert {claim_id for claim_id in ALL if not claim_id.startswith(untrusted)} == set(ids(halves.clean))
    assert_right(halves.clean)
    rejected = [piece.text for piece in pieces.cut(io.BytesIO(halves.rejected.encode())) if piece.tag == "CLM"]
    assert [text.split("*")[1] for text in rejected] == sorted(ALL - set(ids(halves.clean)))
    assert set(ids(halves.rejected)) == ALL - set(ids(halves.clean))
    assert halves.rejected_claims == [
        text for text in rejected if text.split("*")[1] not in PASSED_OVER.get(name, set())
    ]
    assert codes(mended(halves.rejected)) == UNMENDED.get(name, [])
    if name not in UNMENDED:
        assert_right(mended(halves.rejected))


@pytest.mark.parametrize("name", MISTRUST)
def test_claims_in_doubt_are_in_doubt_again_until_a_person_has_looked_at_them(name: str) -> None:
    """Their envelope is put right. So it does not show the fault again, but HL02 says that there was one."""
    rejected = split(MISTRUST[name][0]).rejected
    assert split(rejected).clean == ""
    assert ids(split(rejected).rejected) == ids(rejected)
    if name not in UNMENDED:
        confirmed = split(mended(rejected))
        assert (confirmed.clean, confirmed.rejected) == (mended(rejected), "")


@each("damage", {name: (old, new) for name, (old, new, _) in {**REACH, **WHOLE_LEVELS, **BLOCKS}.items()})
def test_a_rejected_file_with_a_damaged_hierarchy_is_rejected_again(damage: tuple[str, str]) -> None:
    old, new = damage
    rejected = split(changed(old, new, FAMILY_FILE)).rejected
    again = split(rejected)
    assert again.clean == ""
    assert ids(again.rejected) == ids(rejected)


def test_a_rejected_claim_that_is_not_in_doubt_is_judged_anew() -> None:
    text = build([claim("A"), claim("B"), claim("C")])
    rejected = split(text, {"A", "C"}).rejected
    assert (split(rejected).clean, split(rejected).rejected) == (rejected, "")


def test_what_a_lost_level_leaves_in_doubt_says_so() -> None:
    """The daughter's level is lost as a whole, so her claim may be one of the claims of the son before her."""
    old, new, _ = WHOLE_LEVELS["a patient's level"]
    halves = split(changed(old, new, FAMILY_FILE))
    assert tagged(halves.rejected, "HL") == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*0*23*0", "HL*4*0*22*0"]
    error = read(halves.rejected)[1][0]
    assert error.code == errors.BROKEN_HIERARCHY
    assert error.message.startswith("HL02 is 0 and names no level; a rejected file has this")
    assert ids(split(mended(halves.rejected)).clean) == ["SON", "SON-2", "DAUGHTER", "OWN-2"]


def test_control_numbers_are_kept_and_only_one_used_twice_is_replaced() -> None:
    rejected = split(MISTRUST["ST02 used before"][0], lambda claim: claim.claim_id == "A111").rejected
    assert [segment[:14] for segment in tagged(rejected, "ST")] == ["ST*837*0001*00", "ST*837*9000000"]
    assert [segment.split("*")[2] for segment in tagged(rejected, "SE")] == ["0001", "900000000"]
    everything = split(MISTRUST["ISA13 used before"][0], lambda _: True).rejected
    assert [segment.split("*")[2] for segment in tagged(everything, "IEA")] == ["000000001", "900000000"]
    assert codes(mended(everything)) == []


def test_a_cut_off_segment_is_ended_where_it_was_cut() -> None:
    text, _ = MISTRUST["cut off in a claim"]
    assert text.endswith("LX*2")
    end = split(text).rejected[-60:]
    assert "\nLX*2~\nSE*" in end
    assert end.endswith("~\nGE*2*2~\nIEA*2*000000002~\n")


@pytest.mark.parametrize("tag", ["SE", "GE", "IEA", "ST", "HL", "CLM", "ISA"])
def test_a_tag_that_the_file_ends_in_makes_no_segment(tag: str) -> None:
    halves = split(WHOLE[: WHOLE.rindex("SE*")] + tag)
    assert set(ids(halves.rejected)) == {claim_id for claim_id in ALL if claim_id.startswith("B")}
    assert_right(mended(halves.rejected))


@pytest.mark.parametrize("tag", ["SE", "GE", "IEA", "ST", "GS", "HL", "CLM", "ISA"])
@each("end", {"header": "HL*", "level": "SBR*", "level with its name": "CLM*"})
def test_nor_after_a_header_or_a_level_without_a_claim(end: str, tag: str) -> None:
    halves = split(WHOLE[: WHOLE.rindex(end)] + tag)
    assert set(codes(mended(halves.rejected))) <= {errors.MISPLACED, errors.UNNAMED, errors.NO_CLAIM}
    assert set(ids(halves.rejected)) == {claim_id for claim_id in ALL if claim_id.startswith("B")} - {"B222"}


def test_a_file_without_isa_gets_one() -> None:
    text = build([claim("A"), claim("B")])
    bare = text[text.index("GS*") : text.index("IEA*")]
    halves = split(bare)
    assert halves.clean == ""
    assert ids(halves.rejected) == ["A", "B"]
    assert mended(halves.rejected) == text.replace("*000000001*0*T", "*900000000*0*T").replace(
        "IEA*1*000000001", "IEA*1*900000000"
    )
    assert_right(mended(halves.rejected))
    alone = split(bare[bare.index("ST*") : bare.index("GE*")]).rejected
    assert ids(alone) == ["A", "B"]
    assert_right(mended(alone))
    assert tagged(alone, "GS") == ["GS*HC*UNKNOWN*UNKNOWN*20000101*0000*900000000*X*005010X222A1"]


BROKEN = {"too few elements": ("ISA|00|", "ISA|"), "no repetition separator": ("|!|", "||")}


@each("damage", BROKEN)
def test_claims_of_other_delimiters_within_an_interchange_get_one_of_their_own(damage: tuple[str, str]) -> None:
    """The first file is cut off, and the ISA of the second one cannot be read: its groups stood in the first one's."""
    second = redelimited(SMALL, "|", ">", "!", "\n").replace("000000001", "000000002").replace(*damage, 1)
    ends = [found.end() for found in re.finditer("~", SMALL)]
    failed = {end: found for end in ends if (found := failure((SMALL[:end] + second).encode("latin-1")))}
    assert failed == {}


@each("end", {"only": "222A1~\r", "with the other segments": "222A1~\n"})
def test_a_group_that_ends_like_another_terminator_can_be_read_again(end: str) -> None:
    """The first group is lost, so the version of the second one stands after ISA and shows where segments end."""
    text = redelimited(SMALL, terminator="\r")
    text = text.replace("GS*", "GS*\rGS*", 1).replace("222A1\r", end, 2).replace("GE*1*1\r", "GE*1*1~\r")
    assert failure(text.encode("latin-1")) is None
    assert tagged(split(text).rejected.replace("\r", "~"), "GS")[0].endswith("*X*005010X222A1")


def test_a_group_with_an_empty_element_at_its_end_can_be_read_again() -> None:
    """Without its ST the group gets a made-up one of the same version."""
    text = redelimited(SMALL, terminator="\n").replace("222A1\nST*837*0001*005010X222A1\n", "222A1*\n73*0001*X\n", 1)
    assert failure(text.encode("latin-1")) is None


@each("control", {"at its end": "00000001\r", "within": "0000000\r\n01"})
def test_a_line_break_within_the_control_number_is_left_out(control: str) -> None:
    text = (ISA + "S~").replace("000000001", control)
    assert failure(text.encode("latin-1")) is None
    assert tagged(split(text).rejected, "IEA") == ["IEA*1*000000001"]


def test_a_group_that_runs_into_its_transaction_can_be_read_again() -> None:
    text = redelimited(ISA + BODY + IEA, terminator="\r").replace("222A1\rST", "222A1*ST", 1)
    assert failure(text.encode("latin-1")) is None


@each(
    "behind",
    {
        "a claim with another component separator": "CLM*A-1*4800***11>B>1",
        "a claim with one behind another IEA": "N9*~IEA*~CLM*A-1*4800***11>B>1",
        "a version that ends like another terminator": "ST*837*0001*A1!~",
    },
)
def test_what_stands_after_an_interchange_can_be_read_again(behind: str) -> None:
    text = redelimited(ISA + IEA + behind, terminator="\r")
    assert failure(text.encode("latin-1")) is None


STRAY = {
    "whole": ISA,
    "a short element": ISA.replace("*00501*", "*501*"),
    "a date of seven digits": ISA.replace("*261015*", "*2261015*"),
    "letters between its elements": ISA.replace("*", "X"),
    "a letter at its end": ISA[:-1] + "T",
    "its first half": ISA[:50],
}
SPOTS = {
    "amid a claim": "~\nHI*",
    "amid a segment of a claim": "*Y*A*Y*Y",
    "amid a level": "~\nNM1*IL",
    "amid a name": "LARKSPUR",
    "amid a header": "~\nNM1*40",
    "behind a group": "~\nST*",
    "before a trailer": "~\nSE*",
    "amid a trailer": "*0001~\nGE",
}


@each("isa", STRAY)
@each("spot", SPOTS)
@each("behind", {"the file goes on": False, "another file": True})
def test_no_claim_is_lost_by_an_isa_where_none_belongs_and_none_is_sent_with_it(
    isa: str, spot: str, behind: bool
) -> None:
    own = build([claim("A"), claim("B")]).replace("BIRCHMERE", "LARKSPUR")
    at = own.index(spot) + (2 if spot.startswith("~") else 3)
    text = own[:at] + isa + (build([claim("C")], control=2)[106:] if behind else own[at:])
    halves = split(text)
    assert failure(text.encode("latin-1")) is None
    assert "A" not in ids(halves.clean)
    assert all(line.startswith("ISA") for line in halves.clean.split("\n") if "ISA" in line)
    begun = re.findall(r"CLM\*([ABC])\*", text)
    assert sorted(ids(halves.clean) + ids(halves.rejected)) == sorted(begun)
    read_as_claims = len(halves.clean_claims) + len(halves.rejected_claims)
    assert read_as_claims == len(begun) or any(
        "claim" in error.message and ("not read" in error.message or "passed over" in error.message)
        for error in prescan(io.BytesIO(text.encode("latin-1"))).errors
    )


TOGETHER = ("CLM*A111", "CLM*A112", "CLM*B222", "HL*1", "HL*3", "SBR*", "LX*1", "SV1*", "ST*837*0002", "SE*", "GE*")


@pytest.mark.parametrize("begin", TOGETHER)
def test_segments_that_run_together_lose_no_claim(begin: str) -> None:
    text = WHOLE.replace(f"~\n{begin}", begin, 1)
    assert text != WHOLE
    halves = split(text)
    assert failure(text.encode("latin-1")) is None
    assert sorted(ids(halves.clean) + ids(halves.rejected)) == sorted(ALL)
    assert len(halves.clean_claims) + len(halves.rejected_claims) == len(ALL)
    assert errors.RUN_TOGETHER not in codes(halves.rejected)
    if begin.startswith("CLM"):
        assert begin[4:] in ids(halves.rejected)
        assert errors.RUN_TOGETHER in codes(text)


@pytest.mark.parametrize("claim", ["A111", "A112", "B222"])
def test_where_a_claim_runs_into_its_level_and_se01_counts_both_the_other_claims_are_clean(claim: str) -> None:
    text = WHOLE.replace(f"~\nCLM*{claim}", f"CLM*{claim}", 1)
    halves = split(text)
    assert (sorted(ids(halves.clean)), ids(halves.rejected)) == (sorted(ALL - {claim}), [claim])
    assert ids(split(halves.rejected).clean) == [], "the doubt lasts"
    miscounted = split(re.sub(r"SE\*52\*", "SE*51*", text))
    assert ids(miscounted.clean) == [], "something else may be lost, or the sender wrote one segment"


def test_where_a_claim_runs_into_another_both_are_rejected_and_what_is_below_the_same_person() -> None:
    second = "CLM*{}*4980***11:B:1*Y*A*Y*Y~\nHI*ABK:M3219~\nLX*1~\nSV1*HC:J0490:JZ*4980*UN*40***1~\nDTP*472*D8*20261014"
    more = "".join(f"{second.format(name)}~\n" for name in ("A113", "A114"))
    text = re.sub(r"(?=SE\*52\*)", more, WHOLE, count=1).replace("SE*52*", "SE*62*", 1)
    assert {"A113", "A114"} <= {*ids(split(text).clean)}
    halves = split(text.replace("~\nCLM*A113", "CLM*A113", 1))
    assert sorted(ids(halves.rejected)) == ["A112", "A113", "A114"]
    assert "A111" in ids(halves.clean)


def test_a_claim_after_a_trailer_is_named_as_not_read() -> None:
    end = WHOLE.index("~\nGE*")
    text = WHOLE[:end] + "CLM*C*100***11:B:1*Y*A*Y*Y~" + WHOLE[end + 1 :]
    halves = split(text)
    assert "C" in ids(halves.rejected)
    assert next(error.message for error in read(text)[1]).endswith("before CLM; 1 claim is not read")


def test_claims_outside_of_every_transaction_get_one() -> None:
    text = build([claim("A")])
    stray = text.replace("GE*1*1", f"{PROVIDER}{ADULT}{CLAIM.format('B')}{LINE}GE*1*1")
    halves = split(stray)
    assert halves.clean == ""
    assert ids(halves.rejected) == ["A", "B"]
    assert tagged(halves.rejected, "ST") == ["ST*837*0001*005010X222A1", "ST*837*900000000*005010X222A1"]
    assert_right(mended(halves.rejected))


@pytest.mark.parametrize("name", REACH)
def test_a_damaged_hierarchy_gives_no_patient_the_claim_of_another(name: str) -> None:
    old, new, _ = REACH[name]
    damaged = changed(old, new, FAMILY_FILE)
    halves = split(damaged)
    people = {claim.claim_id: above(claim) for claim in read(FAMILY_FILE)[0]}
    assert {claim.claim_id: above(claim) for claim in read(halves.clean)[0]}.items() <= people.items()
    assert_right(halves.clean)
    for tag in ("CLM", "SV1", "HI"):
        assert sorted(tagged(halves.clean, tag) + tagged(halves.rejected, tag)) == sorted(tagged(damaged, tag))


@each(
    "old, new",
    {
        "a CLM": (CLAIM.format("DAUGHTER").split("~")[0] + "~", ""),
        "the tag of a CLM": ("CLM*DAUGHTER", "CLX*DAUGHTER"),
        "a level and its claim's CLM": (REACH["a patient's level and CLM"][0], ""),
        "the tag of the first HL": ("HL*1**20", "HX*1**20"),
    },
)
def test_what_holds_segments_of_a_claim_is_in_the_rejected_file_and_in_no_other(old: str, new: str) -> None:
    text = changed(old, new, FAMILY_FILE)
    halves = split(text)
    for tag in ("CLM", "CLX", "SV1", "HI", "LX"):
        assert sorted(tagged(halves.clean, tag) + tagged(halves.rejected, tag)) == sorted(tagged(text, tag))
    assert_right(halves.clean)
    assert "DAUGHTER" not in halves.clean


ALONE = CLAIM.format("A") + LINE


@each(
    "body, written, fault",
    {
        "a level of an unknown kind": (
            f"{PROVIDER}{ADULT}HL*7*2*99*0~{ALONE}",
            f"{PROVIDER}{ADULT.replace('22*0', '22*1')}HL*3*0*99*0~{ALONE}",
            errors.BROKEN_HIERARCHY,
        ),
        "a level left out": (
            f"{PROVIDER}{CHILD}{ALONE}",
            f"{PROVIDER}{CHILD.replace('HL*4*3', 'HL*2*0')}{ALONE}",
            errors.BROKEN_HIERARCHY,
        ),
        "no subscriber": (f"{PROVIDER}{ALONE}", f"{PROVIDER.replace('*20*1', '0*20*0')}{ALONE}", errors.STRAY_CLAIM),
        "no level at all": (ALONE, ALONE, errors.STRAY_CLAIM),
    },
)
def test_of_a_hierarchy_that_cannot_be_mended_only_the_numbers_are(body: str, written: str, fault: str) -> None:
    halves = split(enveloped(body))
    assert (halves.clean, halves.rejected) == ("", enveloped(written))
    assert codes(mended(halves.rejected)) == [fault]


# What is not read


@pytest.mark.parametrize("version", ["004010X098A1", "005010X224A2"])
def test_an_unsupported_file_is_rejected_as_it_is(version: str) -> None:
    text = WHOLE.replace("005010X222A1", version)
    assert split(text) == Halves("", text, [], [])


def test_an_unsupported_transaction_is_rejected_as_it_is_and_the_others_are_split() -> None:
    text = before("A121", r"ST\*837\*0002", "ST*835*0002")
    halves = split(text, {"A112"})
    assert set(ids(halves.clean)) == ALL - {"A112", "A121", "A122"}
    assert_right(halves.clean)
    first, last = text.index("ST*835"), text.index("SE*", text.index("ST*835"))
    assert text[first : last + 10] in halves.rejected
    assert codes(halves.rejected) == [errors.UNSUPPORTED]
    assert tagged(halves.rejected, "GE", "IEA") == ["GE*2*1", "IEA*1*000000001"]


def test_an_unsupported_transaction_without_its_trailer_gets_one() -> None:
    text = build([claim("A")]).replace("005010X222A1", "004010X098A1")
    cut = text[: text.index("DTP*472") + 5]
    rejected = split(cut).rejected
    assert rejected.startswith(cut + "~\nSE*")
    assert codes(rejected) == [errors.UNSUPPORTED]


def test_a_claim_too_long_is_rejected_with_its_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_PIECE", 400)
    text = near("A121", r"HI\*", "K3*" + "X" * 150 + "~HI*").replace("SE*60*0002", "SE*61*0002", 1)
    halves = split(text)
    assert set(ids(halves.clean)) == {claim_id for claim_id in ALL if not claim_id.startswith("A12")}
    assert_right(halves.clean)
    assert "K3*" + "X" * 150 in halves.rejected
    assert ids(halves.rejected) == ["A122"]
    assert codes(mended(halves.rejected)) == [errors.PIECE_SIZE]


def test_a_segment_too_long_is_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_SEGMENT", 200)
    monkeypatch.setattr(buffer, "BLOCK", 64)
    for where in (r"HI\*", r"SBR\*"):  # in a claim, and in the level of the next one
        text = near("A111", where, "K3*" + "X" * 900 + f"~{where[:-2]}*")
        text = near("A111", where, "K3*" + "X" * 900 + f"~{where[:-2]}*")
        halves = split(text)
        assert set(ids(halves.clean)) == {claim_id for claim_id in ALL if not claim_id.startswith("A11")}
        assert_right(halves.clean)
        assert "K3*" + "X" * 900 + "~" in halves.rejected
        assert "CLM*A112" in halves.rejected
        assert codes(mended(halves.rejected)) == [errors.SEGMENT_SIZE]


# Whatever comes

MENDED_NEVER = {
    *(errors.UNSUPPORTED, errors.VERSIONS_DIFFER, *errors.OF_HIERARCHY),
    *(errors.EMPTY_SEGMENT, errors.SEGMENT_SIZE, errors.PIECE_SIZE),
    errors.NO_CLAIM,  # a file that is cut off within a level
}


def assert_nothing_lost(text: str, halves: Halves) -> None:
    assert texts(halves.clean) == halves.clean_claims
    assert codes(halves.clean) == []
    assert set(codes(halves.rejected)) <= MENDED_NEVER
    every = [piece.text for piece in pieces.cut(io.BytesIO(text.encode("latin-1"))) if piece.tag == "CLM"]
    for one in every:
        bare = one[:-4]  # a tag that the file ends in may be left out
        assert bare in halves.clean or bare in halves.rejected


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.too_slow])
@given(any_file())
def test_no_bytes_make_it_fail_or_lose_a_claim(data: bytes) -> None:
    text = data.decode("latin-1")
    assert_nothing_lost(text, split(text, {"A-2"}))


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(WHOLE)),
    st.sampled_from(["", "~~", "~", "*", "SE*1*1~", "~HL*3*1*22~", "~GE*1*1~", "~ST*837*9~"]),
)
def test_a_damaged_file_loses_no_claim(at: int, junk: str) -> None:
    for damaged in (WHOLE[:at], WHOLE[:at] + junk + WHOLE[at:]):
        assert_nothing_lost(damaged, split(damaged, {"A111", "B222"}))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"][:60] for row in ROWS])
def test_samples_of_every_kind(row: dict[str, str]) -> None:
    text = content(row).decode("latin-1")
    for odd in (0, 1):
        halves = split(text, lambda claim, odd=odd: claim.ordinal % 2 == odd)  # type: ignore[misc]
        assert_nothing_lost(text, halves)
        assert_split(text, halves)
    if row["pyx12"] == "OK" and row["version"].startswith("005010"):
        assert split(text).clean == text


def test_annotating_first_changes_nothing() -> None:
    text = build([waste_claim("837P", "A"), waste_claim("837I", "B"), visit_claim("837P", "C")])
    copy = annotate(text, everywhere())
    assert strip(copy.text) == text
    assert split(copy.text, {"B"}) == split(text, {"B"})
