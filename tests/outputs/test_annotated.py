"""The annotated copy: where notes stand, what they hold, and that nothing else changes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import scrubber
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs import annotated
from scrubber.outputs.annotated import Annotator
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    LineSpec,
    adding,
    build,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from scrubber.x12.prescan import prescan
from tests.conformance.oracle import faults
from tests.lanes import some
from tests.outputs.annotating import ALL_OVER, NOTE, Copy, annotate, notes, of_line, segments, strip, summary_of
from tests.scrubbing import (
    FIXTURES,
    each,
    each_type,
    every_line,
    everywhere,
    hand_on,
    installed,
    made,
    of_edits,
    scrub_text,
)
from tests.test_samples import ROWS, content
from tests.x12.small837 import SMALL

# Where notes stand


@each_type
def test_a_note_in_each_line_and_one_in_the_claim(claim_type: ClaimType) -> None:
    copy = annotate(build([waste_claim(claim_type)]))
    claim_qualifier = "TPO" if claim_type == "837P" else "ADD"
    assert notes(copy.text) == [f"NTE*{claim_qualifier}*SCRUB I CLAIM01", *["NTE*TPO*SCRUB R LINE01"] * 3]
    assert copy.notices == []


@each_type
def test_a_clean_claim_gets_none(claim_type: ClaimType) -> None:
    text = build([infusion_claim(claim_type), visit_claim(claim_type)])
    assert annotate(text, installed()).text == text


@each_type
@each(
    ("extra", "before"),
    {
        "NDC": ((), "LIN"),
        "a line note of theirs": (("NTE*ADD*THEIRS",), "LIN"),
        "control number and amount": (("REF*6R*L1", "AMT*T*5"), "LIN"),
        "repricing": (("HCP*00*0",), "HCP"),
    },
)
def test_a_line_s_note_stands_after_its_notes_and_before_what_follows(
    claim_type: ClaimType, extra: tuple[str, ...], before: str
) -> None:
    line = segments(annotate(build([with_line(infusion_claim(claim_type), 1, extra=extra)])).text)
    own = [segment.split("*")[0] for segment in of_line(line, 1)]
    at = of_line(line, 1).index("NTE*TPO*SCRUB R LINE01")
    assert own[at + 1] == before


def test_a_line_s_note_stands_before_a_purchased_service() -> None:
    """An 837I has none."""
    line = with_line(infusion_claim("837P"), 1, extra=("PS1*PURCHASED*10", "HCP*00*0"))
    own = of_line(segments(annotate(build([line])).text), 1)
    assert own[own.index("NTE*TPO*SCRUB R LINE01") + 1].startswith("PS1*")


def test_a_line_s_note_stands_before_its_providers() -> None:
    line = LineSpec("96365", rendering_npi="1234567893")
    own = of_line(segments(annotate(build([infusion_claim(lines=(line,))])).text), 1)
    assert [segment.split("*")[0] for segment in own] == ["LX", "SV1", "DTP", "NTE", "NM1"]


@each_type
def test_a_claim_s_note_stands_before_its_diagnoses(claim_type: ClaimType) -> None:
    claim = infusion_claim(claim_type, clearinghouse_id="CH1", extra=("K3*TEXT",))
    tags = [segment.split("*")[0] for segment in segments(annotate(build([claim])).text)]
    at = tags.index("NTE")
    assert (tags[at - 1], tags[at + 1]) == ("K3", "HI")


def test_findings_above_the_claim_are_reported_in_the_claim() -> None:
    claim = infusion_claim(birth_date="1984")
    copy = annotate(build([claim]), of_edits(installed()["READ01"]))
    assert notes(copy.text) == ["NTE*TPO*SCRUB R READ01"]


def several_of_each(claim_type: ClaimType) -> list[ClaimSpec]:
    """Claims with all that may stand where notes go."""
    base = infusion_claim(claim_type)
    dependent = attrs.evolve(base, dependent=True, filing="CI")
    return [
        base,
        waste_claim(claim_type),
        dependent,
        attrs.evolve(base, extra=("K3*TEXT",), clearinghouse_id="CH1"),
        with_line(
            base, 1, extra=("REF*6R*L1", "NTE*ADD*THEIRS") if claim_type == "837P" else ("REF*6R*L1", "AMT*GT*1")
        ),
        with_line(base, 1, extra=("HCP*00*100",)),
        base,
    ]


@each_type
@pytest.mark.parametrize("eol", ["", "\n", "\r\n"], ids=["no line ends", "LF", "CRLF"])
def test_pyx12_accepts_the_copy(claim_type: ClaimType, eol: str) -> None:
    text = build(several_of_each(claim_type), eol=eol)
    assert faults(text) == []
    copy = annotate(text)
    assert len(NOTE.findall(copy.text.replace("\r", ""))) >= 18
    assert faults(copy.text) == []


@pytest.mark.parametrize("path", some(sorted(FIXTURES.glob("*.837"))), ids=lambda path: path.stem)
def test_pyx12_accepts_annotated_fixtures(path: Any) -> None:
    text = path.read_text("ascii")
    for edits in (ALL_OVER, installed()):
        copy = annotate(text, edits)
        assert copy.notices == []
        assert copy.text != text or path.stem.startswith("ordinary")
        assert faults(copy.text) == []
        assert strip(copy.text) == text


VALID_SAMPLES = [row for row in ROWS if row["pyx12"] == "OK"]


@pytest.mark.parametrize("row", some(VALID_SAMPLES), ids=[row["file"][:60] for row in VALID_SAMPLES])
def test_pyx12_accepts_annotated_samples(row: dict[str, str]) -> None:
    text = content(row).decode("latin-1")
    if pyx12_verdict(text):
        pytest.skip("pyx12 does not accept it as it is")
    copy = annotate(text)
    assert pyx12_verdict(copy.text) == []
    assert strip(copy.text) == text


def pyx12_verdict(text: str) -> list[str]:
    try:
        return faults(text)
    except AssertionError:
        return ["pyx12 did not look at all of it"]


@pytest.mark.parametrize("row", some(ROWS), ids=[row["file"][:60] for row in ROWS])
def test_samples_of_every_kind_strip_back_to_the_byte(row: dict[str, str]) -> None:
    text = content(row).decode("latin-1")
    copy = annotate(text, everywhere(2))
    assert strip(copy.text) == text
    assert annotate(copy.text, everywhere(2)) == copy
    before, errors_before = scrub_text(text, Engine(installed(), Profile()))
    after, errors_after = scrub_text(copy.text, Engine(installed(), Profile()))
    assert summary_of(before) == summary_of(after)
    assert [error.code for error in errors_before] == [error.code for error in errors_after]


# What a note says


def test_severities_from_the_most_severe_each_code_once() -> None:
    edits = of_edits(
        made(every_line, "AAA01", severity="info"),
        made(every_line, "BBB01", severity="reject"),
        made(every_line, "CCC01", severity="warn"),
        made(every_line, "DDD01", severity="reject"),
    )
    assert notes(annotate(build([visit_claim()]), edits).text) == ["NTE*TPO*SCRUB R BBB01 DDD01 W CCC01 I AAA01"]


def test_a_long_note_is_cut_at_a_whole_code() -> None:
    copy = annotate(build([visit_claim()]), everywhere(20))
    texts = [note.split("*")[2] for note in notes(copy.text)]
    assert all(len(text) <= 80 for text in texts)
    for text in texts:
        kept, left_out = re.subn(r" AND (\d+) MORE$", "", text)[0], int(text.split()[-2])
        assert len(kept.split()) - 2 + left_out == 20
    assert strip(copy.text) == build([visit_claim()])


# SE01


@each(
    ("written", "expected"),
    {
        "plain": ("{n}", "{m}"),
        "padded": ("{n:04}", "{m:04}"),
        "padded wide": ("{n:010}", "{m:010}"),
        "padded, no room": ("0{n}", None),
        "no number": ("MANY", None),
        "negative": ("-{n}", None),
        "missing": ("", None),
        "wrong, but a number": ("7", "{seven}"),
    },
)
def test_se01_rises_by_the_notes_and_keeps_its_width(written: str, expected: str | None) -> None:
    text = build([waste_claim()])
    plain = int(re.findall(r"SE\*(\d+)\*", text)[0])
    assert 30 < plain < 60
    text = re.sub(r"SE\*\d+\*", f"SE*{written.format(n=plain)}*", text)
    copy = annotate(text)
    counted = re.findall(r"\nSE\*([^*]*)\*", copy.text)[0]
    if expected is None:
        if written.startswith("0"):
            return  # two digits after one zero have room up to 99: see the next test
        assert copy == Copy(text, ["SCRUB02"])
    else:
        assert counted == expected.format(m=plain + 4, seven=7 + 4)
        assert strip(copy.text) == text


def test_se01_grows_by_a_digit_where_it_is_plain_and_never_where_it_is_padded() -> None:
    text = build([adding(visit_claim(), *[LineSpec("99213")] * 22)])
    plain = int(re.findall(r"SE\*(\d+)\*", text)[0])
    assert plain < 100
    copy = annotate(text)
    assert re.findall(r"SE\*(\d+)\*", copy.text) == [str(plain + 24)]
    assert plain + 24 > 100
    assert strip(copy.text) == text
    padded = text.replace(f"SE*{plain}*", f"SE*0{plain}*")
    assert annotate(padded) == Copy(padded, ["SCRUB02"])


@pytest.mark.parametrize("trailer", ["SE*{n}~", "SE~", "SE*~", "SE*{n}*0001*MORE~"])
def test_an_se_with_elements_missing_or_too_many(trailer: str) -> None:
    text = build([waste_claim()])
    plain = re.findall(r"SE\*(\d+)\*", text)[0]
    text = re.sub(r"SE\*[^~]*~", trailer.format(n=plain), text)
    copy = annotate(text)
    assert strip(copy.text) == text
    if plain in trailer.format(n=plain):
        assert f"SE*{int(plain) + 4}" in copy.text
    else:
        assert copy.notices == ["SCRUB02"]


def test_only_the_transaction_that_cannot_be_annotated_is_left() -> None:
    text = build([infusion_claim(claim_id=f"C{n}") for n in range(3)], per_transaction=1)
    broken = re.sub(r"SE\*\d+\*0002", "SE*MANY*0002", text)
    copy = annotate(broken)
    assert len(notes(copy.text)) == 6
    assert copy.notices == ["SCRUB02"]
    assert strip(copy.text) == broken


def test_a_transaction_without_se_is_left() -> None:
    text = re.sub(r"SE\*[^~]*~\n", "", build([infusion_claim()]))
    assert annotate(text) == Copy(text, ["SCRUB02"])


# Slots that are taken


@each_type
@each(
    ("change", "missing"),
    {
        "the line's": (lambda claim: with_line(claim, 1, extra=("NTE*TPO*THEIRS",)), "LINE01"),
        "the claim's": (lambda claim: attrs.evolve(claim, note="THEIRS"), "CLAIM01"),
    },
)
def test_a_note_of_the_provider_is_left_alone(
    claim_type: ClaimType, change: Callable[[ClaimSpec], ClaimSpec], missing: str
) -> None:
    text = build([change(visit_claim(claim_type))])
    copy = annotate(text)
    assert copy.notices == ["SCRUB03"]
    assert "THEIRS" in copy.text
    assert missing not in copy.text
    assert len(notes(copy.text)) == 1
    assert strip(copy.text) == text
    assert annotate(copy.text) == copy


def test_an_837i_claim_has_room_beside_its_other_notes() -> None:
    text = build([visit_claim("837I", extra=("NTE*MED*THEIRS", "NTE*DGN*THEIRS"))])
    assert notes(annotate(text).text)[0] == "NTE*ADD*SCRUB I CLAIM01"
    text = build([visit_claim("837P", extra=("NTE*CER*THEIRS",))])
    assert annotate(text).notices == ["SCRUB03"]


def test_of_very_many_notices_the_last_counts_those_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotated, "MOST_NOTICES", 3)
    text = build([infusion_claim(claim_id=f"C{n}", note="THEIRS") for n in range(5)])
    stream, out = io.BytesIO(text.encode()), io.BytesIO()
    annotator = Annotator(out, prescan(stream))
    stream.seek(0)
    hand_on(Scrubbing(stream, Engine(ALL_OVER, Profile())), annotator)
    assert [notice.code for notice in annotator.notices] == ["SCRUB03"] * 3
    assert annotator.notices[-1].message.endswith(" (2 more notices are not listed)")


# Delimiters and line ends


@each_type
@pytest.mark.parametrize(
    ("delimiters", "eol"),
    [
        (DelimiterSpec("|", ">", "!", "\n"), ""),
        (DelimiterSpec("|", ">", "!", "\r"), "\n"),
        (DelimiterSpec("=", "<", "+", "'"), "\r\n"),
        (DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c"), ""),
        (DelimiterSpec("^", ".", "]", "$"), "\n\n"),
    ],
    ids=["line feeds", "carriage returns", "others", "control characters", "blank lines"],
)
def test_any_delimiters(claim_type: ClaimType, delimiters: DelimiterSpec, eol: str) -> None:
    text = build([waste_claim(claim_type), visit_claim(claim_type)], delimiters=delimiters, eol=eol)
    copy = annotate(text)
    assert copy.notices == []
    assert copy.text.count(f"NTE{delimiters.element}") == 6
    assert strip(copy.text) == text
    assert annotate(copy.text) == copy


def test_a_delimiter_that_occurs_in_a_note_leaves_the_transaction_alone() -> None:
    """ISA11 is still the `U` of version 4010 in many 5010 files."""
    text = build([visit_claim()], delimiters=DelimiterSpec(repetition="U"))
    assert annotate(text) == Copy(text, ["SCRUB02"])


@pytest.mark.parametrize("eol", ["\r\n", "\n    ", "\n\n", " ", "\r\n\t"], ids=repr)
def test_a_note_stands_on_a_line_of_its_own_where_segments_do(eol: str) -> None:
    text = build([waste_claim()], eol=eol)
    copy = annotate(text)
    assert all(f"~{eol}{note}~{eol}" in copy.text for note in ("NTE*TPO*SCRUB I CLAIM01", "NTE*TPO*SCRUB R LINE01"))
    assert strip(copy.text) == text


@pytest.mark.parametrize("between", ["~~", "~ ", "~\n\t"])
def test_white_space_after_notes_is_found_where_it_stands(between: str) -> None:
    """The notes before it were counted, so the finding moved to a later line, and the copy got other notes."""
    line = drug_line(modifiers=())
    text = build([infusion_claim(lines=(line,) * 6)]).replace("~\n", "~")
    before = text.index("~CTP*", text.index("~LX*5"))
    text = text[:before] + between + text[before + 1 :]
    copy, twice = io.BytesIO(), io.BytesIO()
    scrubber.scrub_to(io.BytesIO(text.encode()), annotated=copy)
    scrubber.scrub_to(copy, annotated=twice)
    assert copy.getvalue().count(b"SCRUB") >= 3
    assert twice.getvalue() == copy.getvalue()


def test_an_indented_file() -> None:
    lines = build([waste_claim()]).splitlines()
    text = "\n".join(
        "  " * (not line.startswith("ISA")) + " " * line.startswith(("SV1", "DTP")) + line for line in lines
    )
    copy = annotate(text)
    assert len(notes(copy.text.replace(" ", "").replace("SCRUB", "SCRUB "))) == 4
    assert strip(copy.text) == text


def test_a_note_after_st_is_stripped_and_no_longer_counted() -> None:
    noted = SMALL.replace("BHT*", "NTE*TPO*SCRUB R NDC05~BHT*").replace("SE*21*", "SE*22*")
    assert strip(noted) == SMALL
    assert annotate(noted).text == annotate(SMALL).text


@each(
    "damage",
    {
        "without its level": (r"\nHL\*4\*[^~]*~", ""),
        "without its claim": (r"\nCLM\*CD261014-003\*[^~]*~", ""),
        "a second person": (r"(?=\nLX\*1~)", "\nDMG*D8*19550101*F~"),
        "a line in the header": (r"(?=\nHL\*1\*)", "\nSV1*HC:J0490*1*UN*1***1~"),
        "other delimiters": (r"(?=\nLX\*1~)", "\nK3*CLM|A|100|||11:B:1|Y~"),
    },
)
def test_a_file_with_a_segment_of_another_person_has_a_copy_that_strips_back(damage: tuple[str, str]) -> None:
    text = re.sub(*damage, (FIXTURES / "clinic-day.837").read_text(), count=1)
    segments_in_it = text[text.index("ST*837*") : text.index("~\nGE*")].count("~") + 1
    text = re.sub(r"SE\*\d+\*", f"SE*{segments_in_it}*", text)
    copy = annotate(text)
    assert [error.code for error in prescan(io.BytesIO(text.encode())).errors] == []
    assert "SCRUB R" in copy.text
    assert strip(copy.text) == text
