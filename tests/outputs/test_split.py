"""Clean and rejected files: each claim is in one of them, to the byte, under a right envelope and hierarchy."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TypeAlias

import attrs
import pytest
import pyx12.x12file
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.claims.model import Claim
from scrubber.claims.reader import items
from scrubber.edit import Results, finding
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.split import Splitter
from scrubber.reference import Facts
from scrubber.x12 import errors, pieces
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Events
from scrubber.x12.notes import without_notes
from scrubber.x12.prescan import prescan
from tests.builder import (
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    GroupSpec,
    InterchangeSpec,
    TransactionSpec,
    build,
    infusion_claim,
    visit_claim,
    waste_claim,
    write,
)
from tests.claims.hierarchy import ADULT, CHILD, CLAIM, LINE, PARENT, PROVIDER, VERSIONS, enveloped
from tests.outputs.test_annotated import annotate, strip
from tests.scrubbing import FIXTURES, TYPES, each, each_type, everywhere, hand_on, made, of_edits
from tests.test_builder import pyx12_faults
from tests.test_samples import ROWS, content
from tests.x12.small837 import any_file
from tests.x12.test_hierarchy import FAMILIES, REACH, changed


@attrs.frozen
class Halves:
    """The two files, and what was to go into each: the bytes of its claims."""

    clean: str
    rejected: str
    clean_claims: list[str]
    rejected_claims: list[str]


def split(text: str, reject: Collection[str] | Callable[[Claim], bool] = (), **limits: int) -> Halves:
    """Split a file; `reject` names the claims that an edit is to reject."""

    def chosen(claim: Claim, _: Facts) -> Results:
        if reject(claim) if callable(reject) else claim.claim_id in reject:
            yield finding(claim.at("claim_id"), "chosen", "none")

    engine = Engine(of_edits(made(chosen, severity="reject", on_voids=True)), Profile())
    stream, clean, rejected = io.BytesIO(text.encode("latin-1")), io.BytesIO(), io.BytesIO()
    scan = prescan(stream)
    stream.seek(0)
    splitter = Splitter(clean, rejected)
    claims: dict[bool, list[str]] = {False: [], True: []}
    for scrubbed in hand_on(Scrubbing(stream, engine, scan), splitter):
        piece = scrubbed.claim.piece
        assert piece.delimiters
        claims[scrubbed.disposition == "rejected"].append(without_notes(piece.text, piece.delimiters))
    splitter.close()
    return Halves(
        clean.getvalue().decode("latin-1"), rejected.getvalue().decode("latin-1"), claims[False], claims[True]
    )


def read(text: str) -> tuple[list[Claim], list[LocatedError]]:
    events = Events(io.BytesIO(text.encode("latin-1")))
    claims = [item for item in items(events) if isinstance(item, Claim)]
    return claims, events.errors


def ids(text: str) -> list[str]:
    return [claim.claim_id for claim in read(text)[0]] if text else []


def codes(text: str) -> list[str]:
    return [error.code for error in read(text)[1]] if text else []


def texts(text: str) -> list[str]:
    return [claim.piece.text for claim in read(text)[0]] if text else []


def segments(text: str) -> list[list[str]]:
    return [segment.split("*") for segment in text.replace("\n", "").split("~") if segment]


def tagged(text: str, *tags: str) -> list[str]:
    return ["*".join(segment) for segment in segments(text) if segment[0] in tags]


# What is written


def test_claims_and_what_stands_above_them() -> None:
    body = PROVIDER + ADULT + CLAIM.format("A") + LINE + PARENT + CHILD + CLAIM.format("B") + LINE
    halves = split(enveloped(body), {"B"})
    assert halves.clean == enveloped(PROVIDER + ADULT + CLAIM.format("A") + LINE)
    renumbered = PARENT.replace("HL*3*1", "HL*2*1") + CHILD.replace("HL*4*3", "HL*3*2")
    assert halves.rejected == enveloped(PROVIDER + renumbered + CLAIM.format("B") + LINE)


def test_a_parent_with_claims_of_its_own_has_a_child_or_none() -> None:
    own = CLAIM.format("OWN") + LINE
    child = CHILD + CLAIM.format("CHILD") + LINE
    patient_too = PARENT.replace("SBR*S**", "SBR*S*18*")
    assert patient_too != PARENT
    body = PROVIDER + ADULT + CLAIM.format("A") + LINE + patient_too + own + child
    assert tagged(split(enveloped(body)).clean, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0"]
    halves = split(enveloped(body), {"CHILD"})
    assert tagged(halves.clean, "HL") == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*0"]
    assert tagged(halves.rejected, "HL") == ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0"]
    halves = split(enveloped(body), {"OWN"})
    assert tagged(halves.rejected, "HL") == ["HL*1**20*1", "HL*2*1*22*0"]


@each_type
def test_a_file_without_rejects_is_clean_as_it_stands_and_leaves_nothing_to_reject(claim_type: ClaimType) -> None:
    claims = [infusion_claim(claim_type, f"C{n}", dependent=n % 3 == 0) for n in range(7)]
    for eol in ("", "\n", "\r\n"):
        text = build(claims, eol=eol, per_transaction=3)
        assert split(text) == Halves(text, "", split(text).clean_claims, [])
        assert split(text, lambda _: True).rejected == text
        assert split(text, lambda _: True).clean == ""


def test_padded_counts_keep_their_width() -> None:
    text = build([infusion_claim(claim_id="A"), infusion_claim(claim_id="B")], per_transaction=1)
    text = re.sub(r"SE\*(\d+)", r"SE*00\1", text).replace("GE*2", "GE*000002").replace("IEA*1", "IEA*00001")
    assert split(text).clean == text
    assert "GE*000001*" in split(text, {"A"}).clean


def test_what_holds_no_claim_is_left_out() -> None:
    empty = TransactionSpec((), "0002", "837P")
    one = TransactionSpec((infusion_claim(claim_id="A"),), "0003")
    text = write(
        [
            InterchangeSpec((GroupSpec((empty,)),), "000000001"),
            InterchangeSpec((GroupSpec((empty,)), GroupSpec((empty, one), "2")), "000000002"),
        ]
    )
    halves = split(text)
    assert halves.rejected == ""
    assert tagged(halves.clean, "ST", "SE", "GE", "IEA") == [
        *("ST*837*0003*005010X222A1", "SE*32*0003", "GE*1*2", "IEA*1*000000002"),
    ]
    assert split(write([InterchangeSpec((GroupSpec((empty,)),))])) == Halves("", "", [], [])


def test_the_scrubbers_own_notes_are_in_neither_file() -> None:
    text = build([waste_claim("837P", "A"), infusion_claim("837P", "B", note="THEIRS"), visit_claim("837P", "C")])
    noted = annotate(text).text
    assert noted.count("SCRUB") > 3
    assert split(noted, {"B"}) == split(text, {"B"})
    assert "THEIRS" in split(noted, {"B"}).rejected


def test_acknowledgements_behind_isa_are_kept_and_junk_around_interchanges_is_not() -> None:
    text = build([infusion_claim(claim_id="A")])
    isa, rest = text[:107], text[107:]
    acknowledged = f"{isa}TA1*000000001*261015*0830*A*000~\n{rest}"
    assert split(acknowledged).clean == acknowledged
    assert split("\xef\xbb\xbf" + text).clean == text
    assert split(f"Dear payer\n{text}\n  \nregards\n").clean == f"{text}\n  \n"


def test_a_line_break_behind_the_last_segment_is_as_in_the_file() -> None:
    text = build([infusion_claim(claim_id="A")])
    assert split(text.rstrip()).clean == text.rstrip()
    assert split(text + "\r\n\r\n").clean == text + "\r\n\r\n"


# On files of every make

WORDS = ("SYN", "L\xc4RK", "X")
delimiter_sets = st.sampled_from(
    [
        DelimiterSpec(),
        DelimiterSpec("|", ">", "!", "\n"),
        DelimiterSpec("=", "<", "U", "'"),
        DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c"),
        DelimiterSpec("*", ":", "^", "\r"),
    ]
)

Segments: TypeAlias = Iterator[str]


@attrs.frozen
class Level:
    """A level of a described hierarchy: how many claims stand directly under it, and the levels beneath."""

    claims: int
    beneath: tuple[Level, ...] = ()


patients = st.builds(Level, st.integers(0, 2))
subscribers = st.builds(Level, st.integers(0, 2), st.lists(patients, max_size=3).map(tuple))
providers = st.builds(Level, st.just(0), st.lists(subscribers, max_size=4).map(tuple))
transactions = st.tuples(st.sampled_from(TYPES), st.lists(providers, max_size=3))
groups = st.lists(transactions, max_size=3)
interchanges = st.tuples(st.lists(groups, max_size=2), delimiter_sets, st.sampled_from(["", "\n", "\r\n", "\n\n"]))

NAMES = {
    "20": "NM1*85*2*{word} CENTER {number}*****XX*2000000010",
    "22": "SBR*P*18*******CI~NM1*IL*1*{word}*IDA {number}****MI*M{number}",
    "23": "PAT*19~NM1*QC*1*{word}*PIA {number}",
}
SERVICES = {"837P": "SV1*HC:96365*180*UN*1***1", "837I": "SV2*0260*HC:96365*180*UN*1"}


class Writer:
    """Writes described interchanges; claims are numbered through the file, levels within a transaction."""

    def __init__(self) -> None:
        self._claims = 0
        self._levels = 0

    def interchange(self, described: list[list[tuple[ClaimType, list[Level]]]], control: str) -> Segments:
        yield build([])[:105].replace("000000001", control)
        for number, group in enumerate(described, 1):
            version = VERSIONS[group[0][0]] if group else VERSIONS["837P"]
            yield f"GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*{number}*X*{version}"
            for place, (_, hierarchy) in enumerate(group, 1):
                claim_type = group[0][0]
                body = [*self._transaction(hierarchy, claim_type, f"{place:04}")]
                yield from body
                yield f"SE*{len(body) + 1}*{place:04}"
            yield f"GE*{len(group)}*{number}"
        yield f"IEA*{len(described)}*{control}"

    def _transaction(self, hierarchy: Iterable[Level], claim_type: ClaimType, control: str) -> Segments:
        yield f"ST*837*{control}*{VERSIONS[claim_type]}"
        yield "BHT*0019*00*BATCH*20261015*0830*CH"
        self._levels = 0
        for level in hierarchy:
            yield from self._level(level, "", 20, claim_type)

    def _level(self, level: Level, above: str, code: int, claim_type: ClaimType) -> Segments:
        self._levels += 1
        number = str(self._levels)
        yield f"HL*{number}*{above}*{code}*{int(bool(level.beneath))}"
        yield from NAMES[str(code)].format(number=number, word=WORDS[self._levels % 3]).split("~")
        for _ in range(level.claims):
            self._claims += 1
            yield f"CLM*C{self._claims}*180***11:B:1*Y*A*Y*Y"
            yield "LX*1"
            yield SERVICES[claim_type]
        for inner in level.beneath:
            yield from self._level(inner, number, code + 2 if code == 20 else code + 1, claim_type)


@st.composite
def files(draw: st.DrawFn) -> str:
    writer = Writer()
    text = ""
    for number, (described, delimiters, eol) in enumerate(draw(st.lists(interchanges, max_size=3)), 1):
        wanted = delimiters.element + delimiters.component + delimiters.repetition
        translation = str.maketrans("*:^", wanted)
        end = delimiters.terminator + ("" if delimiters.terminator in eol else eol)  # pyx12 stops at blank lines
        text += "".join(
            segment.translate(translation) + end for segment in writer.interchange(described, f"{number:09}")
        )
    return text


def assert_right(text: str) -> None:
    """Envelope and hierarchy are right, by us and by pyx12's reader; nothing is without a claim."""
    if not text:
        return
    assert codes(text) == []
    for one in re.split(r"(?=ISA[^\w\s])", text, flags=re.ASCII)[1:]:  # pyx12 takes the delimiters of the first for all
        reader = pyx12.x12file.X12Reader(io.StringIO(one))
        assert all(reader.pop_errors() == [] for _ in reader)
        reader.cleanup()
        assert reader.pop_errors() == []
    for transaction in transactions_of(text):
        levels = [segment for segment in transaction if segment[0] == "HL"]
        outline = [segment for segment in transaction if segment[0] in ("HL", "CLM", "SE")]
        parents = {segment[2] for segment in levels}
        for segment in levels:
            assert segment[4] == str(int(segment[1] in parents))
        for segment, after in pairwise(outline):
            assert segment[0] != "HL" or after[0] != "SE"
            if segment[0] == "HL" and after[0] == "HL":
                assert after[2] == segment[1], "a level without claims"


def transactions_of(text: str) -> list[list[list[str]]]:
    """The segments from each ST to its SE."""
    found: list[list[list[str]]] = []
    for piece in pieces.cut(io.BytesIO(text.encode("latin-1"))):
        if piece.tag == "ST":
            found.append([])
        if piece.delimiters and piece.tag in ("ST", "HL", "CLM", "SE"):
            parts = piece.text.split(piece.delimiters.terminator)
            found[-1] += [part.strip().split(piece.delimiters.element) for part in parts if part.strip()]
    return found


def assert_split(text: str, halves: Halves) -> None:
    """Every claim is in one file and no other, in order and to the byte, under the same people as before."""
    before, _ = read(text)
    assert sorted(halves.clean_claims + halves.rejected_claims) == sorted(claim.piece.text for claim in before)
    people = {claim.piece.text: above(claim) for claim in before}
    for half, expected in ((halves.clean, halves.clean_claims), (halves.rejected, halves.rejected_claims)):
        assert texts(half) == expected
        for claim in read(half)[0] if half else []:
            assert above(claim) == people[claim.piece.text]


def above(claim: Claim) -> list[object]:
    """What a claim hangs on, but for the numbers of its levels."""
    levels = (claim.context.billing, claim.context.subscriber, claim.context.patient)
    return [claim.type, *(level.span.segments[1:] if level else None for level in levels)]


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(files(), st.randoms(use_true_random=False))
def test_every_claim_is_in_exactly_one_file_under_a_right_envelope(text: str, chance: Random) -> None:
    rejects = {f"C{number}" for number in range(200) if chance.random() < 0.5}
    halves = split(text, rejects)
    assert_split(text, halves)
    assert {*ids(halves.rejected)} <= rejects
    assert rejects.isdisjoint(ids(halves.clean))
    assert_right(halves.clean)
    assert_right(halves.rejected)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(files())
def test_what_is_split_once_stays_as_it_is(text: str) -> None:
    clean = split(text).clean
    assert split(clean).clean == clean
    assert split(clean).rejected == ""


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(files(), st.sampled_from([1, 7, 100]))
def test_the_block_size_changes_nothing(text: str, block: int) -> None:
    def even(claim: Claim) -> bool:
        return claim.claim_id[-1] in "02468"

    at_once = split(text, even)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "BLOCK", block)
        assert split(text, even) == at_once


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.837")), ids=lambda path: path.stem)
def test_fixtures_are_split_and_pyx12_accepts_both_files(path: Path) -> None:
    text = path.read_text("ascii")
    halves = split(text, lambda claim: claim.ordinal % 3 == 0)
    assert_split(text, halves)
    for half in filter(None, (halves.clean, halves.rejected)):
        assert_right(half)
        if path.stem.startswith("clinic-day"):  # pyx12 takes its time
            assert pyx12_faults(half) == []


@each_type
def test_pyx12_accepts_both_files_with_dependents(claim_type: ClaimType) -> None:
    claims = [infusion_claim(claim_type, f"C{n}", dependent=n % 2 == 0, filing="CI") for n in range(9)]
    text = build(claims, per_transaction=4)
    halves = split(text, {"C0", "C3", "C4", "C8"})
    assert_split(text, halves)
    for half in (halves.clean, halves.rejected):
        assert pyx12_faults(half) == []


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
    """The file with the first match of a pattern behind the claim's beginning replaced."""
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
}
"""Faults that cannot be mended, or are a claim's own."""
BESIDE = {"segments between transactions", "segments behind ISA"}
"""What stands beside all transactions is rejected in one of its own, which holds no claim."""


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
    assert codes(halves.rejected) == UNMENDED.get(name, [])
    if name not in UNMENDED:
        assert_right(halves.rejected)


@pytest.mark.parametrize("name", MISTRUST)
def test_an_envelope_put_right_is_right_for_good(name: str) -> None:
    rejected = split(MISTRUST[name][0]).rejected
    if name in UNMENDED:
        return
    again = split(rejected)
    assert again.rejected == ""
    assert texts(again.clean) == texts(rejected)
    assert (again.clean == rejected) is (name not in BESIDE)


def test_control_numbers_are_kept_and_only_one_used_twice_is_replaced() -> None:
    rejected = split(MISTRUST["ST02 used before"][0], lambda claim: claim.claim_id == "A111").rejected
    assert [segment[:14] for segment in tagged(rejected, "ST")] == ["ST*837*0001*00", "ST*837*9000000"]
    assert [segment.split("*")[2] for segment in tagged(rejected, "SE")] == ["0001", "900000000"]
    everything = split(MISTRUST["ISA13 used before"][0], lambda _: True).rejected
    assert [segment.split("*")[2] for segment in tagged(everything, "IEA")] == ["000000001", "900000000"]
    assert codes(everything) == []


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
    assert_right(halves.rejected)


def test_a_file_without_isa_gets_one() -> None:
    text = build([claim("A"), claim("B")])
    bare = text[text.index("GS*") : text.index("IEA*")]
    halves = split(bare)
    assert halves.clean == ""
    assert ids(halves.rejected) == ["A", "B"]
    assert halves.rejected == text.replace("*000000001*0*T", "*900000000*0*T").replace(
        "IEA*1*000000001", "IEA*1*900000000"
    )
    assert_right(halves.rejected)
    alone = split(bare[bare.index("ST*") : bare.index("GE*")]).rejected
    assert ids(alone) == ["A", "B"]
    assert_right(alone)
    assert tagged(alone, "GS") == ["GS*HC*UNKNOWN*UNKNOWN*20000101*0000*900000000*X*005010X222A1"]


def test_claims_outside_of_every_transaction_get_one() -> None:
    text = build([claim("A")])
    stray = text.replace("GE*1*1", f"{PROVIDER}{ADULT}{CLAIM.format('B')}{LINE}GE*1*1")
    halves = split(stray)
    assert halves.clean == ""
    assert ids(halves.rejected) == ["A", "B"]
    assert tagged(halves.rejected, "ST") == ["ST*837*0001*005010X222A1", "ST*837*900000000*005010X222A1"]
    assert_right(halves.rejected)


FAMILY_FILE = enveloped(FAMILIES)


@pytest.mark.parametrize("name", REACH)
def test_a_damaged_hierarchy_gives_nobody_the_claim_of_another(name: str) -> None:
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
            f"{PROVIDER}{ADULT.replace('22*0', '22*1')}HL*3*2*99*0~{ALONE}",
            errors.BROKEN_HIERARCHY,
        ),
        "a level left out": (
            f"{PROVIDER}{CHILD}{ALONE}",
            f"{PROVIDER}{CHILD.replace('HL*4*3', 'HL*2*1')}{ALONE}",
            errors.BROKEN_HIERARCHY,
        ),
        "no subscriber": (f"{PROVIDER}{ALONE}", f"{PROVIDER.replace('20*1', '20*0')}{ALONE}", errors.STRAY_CLAIM),
        "no level at all": (ALONE, ALONE, errors.STRAY_CLAIM),
    },
)
def test_of_a_hierarchy_that_cannot_be_mended_only_the_numbers_are(body: str, written: str, fault: str) -> None:
    halves = split(enveloped(body))
    assert (halves.clean, halves.rejected) == ("", enveloped(written))
    assert codes(halves.rejected) == [fault]


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
    assert codes(halves.rejected) == [errors.PIECE_SIZE]


def test_a_segment_too_long_is_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_SEGMENT", 200)
    monkeypatch.setattr(pieces, "BLOCK", 64)
    for where in (r"HI\*", r"SBR\*"):  # in a claim, and in the level of the next one
        text = near("A111", where, "K3*" + "X" * 900 + f"~{where[:-2]}*")
        text = near("A111", where, "K3*" + "X" * 900 + f"~{where[:-2]}*")
        halves = split(text)
        assert set(ids(halves.clean)) == {claim_id for claim_id in ALL if not claim_id.startswith("A11")}
        assert_right(halves.clean)
        assert "K3*" + "X" * 900 + "~" in halves.rejected
        assert "CLM*A112" in halves.rejected
        assert codes(halves.rejected) == [errors.SEGMENT_SIZE]


# Whatever comes

MENDED_NEVER = {
    *(errors.UNSUPPORTED, errors.VERSIONS_DIFFER, *errors.OF_HIERARCHY),
    *(errors.EMPTY_SEGMENT, errors.SEGMENT_SIZE, errors.PIECE_SIZE),
}


def assert_nothing_lost(text: str, halves: Halves) -> None:
    assert texts(halves.clean) == halves.clean_claims
    assert codes(halves.clean) == []
    assert set(codes(halves.rejected)) <= MENDED_NEVER
    every = [piece.text for piece in pieces.cut(io.BytesIO(text.encode("latin-1"))) if piece.tag == "CLM"]
    for one in every:
        bare = one[:-4]  # a tag that the file ends in may be left out
        assert bare in halves.clean or bare in halves.rejected


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(any_file())
def test_no_bytes_make_it_fail_or_lose_a_claim(data: bytes) -> None:
    text = data.decode("latin-1")
    assert_nothing_lost(text, split(text, {"A-2"}))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
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
