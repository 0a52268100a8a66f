"""The XML report: what it adds to the JSON report, and how it is written."""

from __future__ import annotations

import errno
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scrubber.claims.model import Claim
from scrubber.edit import CANNOT_KNOW, HEADINGS, Results, finding
from scrubber.engine.engine import Engine
from scrubber.engine.listing import MOST_FINDINGS
from scrubber.engine.naming import OPEN, Naming
from scrubber.engine.profile import Profile
from scrubber.engine.record import MOST_LINES
from scrubber.outputs import batch
from scrubber.outputs.markup import xml_text
from scrubber.outputs.xml_report import XmlReport
from scrubber.reference import Facts
from scrubber.running.inputs import Input
from scrubber.testing import (
    ClaimType,
    DelimiterSpec,
    LineSpec,
    build,
    drug_line,
    infusion_claim,
    visit_claim,
    with_line,
)
from tests.outputs.reporting import InMemory, always_finding, fill
from tests.outputs.xml_reports import BROKEN, DAY, SCHEMA, found, number, of_text, report, xml
from tests.scrubbing import FIXTURES, each, each_type, engine, every_claim, everywhere, installed, made, of_edits

# What it says beyond


def test_findings_stand_in_their_lines_and_others_on_the_claim() -> None:
    claim = infusion_claim(lines=(drug_line(modifiers=()), drug_line(), LineSpec("96365")))
    (element,) = of_text(build([claim]), Engine(everywhere(), Profile())).iter("claim")
    assert element.get("ordinal") == "1"
    assert element.get("lines") == "3"
    assert [finding.get("code") for finding in element.iterfind("finding")] == ["CLAIM01"]
    lines = [
        (line.get("service_line"), line.get("procedure"), line.get("modifiers"), line.get("units"), line.get("ndc"))
        for line in element.iterfind("line")
    ]
    assert lines == [
        ("1", "J0490", None, "80", "49401010201"),
        ("2", "J0490", "JZ", "80", "49401010201"),
        ("3", "96365", None, "1", None),
    ]
    assert [len(line.findall("finding")) for line in element.iterfind("line")] == [1, 1, 1]


def test_a_report_with_hidden_names_fits_the_schema() -> None:
    hidden = Engine(installed(), Profile(), naming=Naming(bytes(32)))
    (claim,) = of_text(build([with_line(infusion_claim(), 1, modifiers=())]), hidden).iter("claim")
    assert [day.text for day in claim.iter("service_date")] == ["2026"]
    assert claim.findall("line/finding")


def test_lines_of_one_number_keep_their_findings_apart() -> None:
    text = build([infusion_claim(lines=(drug_line(), drug_line(modifiers=())))]).replace("LX*1", "LX*2")
    (element,) = of_text(text, engine("JWJZ01")).iter("claim")
    assert [(line.get("service_line"), len(line)) for line in element.iterfind("line")] == [("2", 0), ("2", 1)]


def test_of_a_claim_with_very_many_lines_only_those_with_findings_are_shown() -> None:
    most = MOST_LINES
    for count, expected in ((most, most), (most + 1, 1)):
        lines = (*(LineSpec("99213") for _ in range(count - 1)), drug_line(modifiers=()))
        (claim,) = of_text(build([infusion_claim(lines=lines)]), engine("JWJZ01")).iter("claim")
        assert (claim.get("lines"), len(claim.findall("line"))) == (str(count), expected)


def test_clean_claims_stand_without_their_lines() -> None:
    (claim,) = of_text(build([infusion_claim()]), engine("JWJZ01")).iter("claim")
    assert claim.get("disposition") == "clean"
    assert [child.tag for child in claim] == ["service_date"]


def test_findings_of_a_claim_are_counted_most_severe_first() -> None:
    edits = of_edits(
        made(every_claim, "AAA01", severity="info"), made(every_claim, "BBB01"), *everywhere().edits.values()
    )
    (claim,) = of_text(build([infusion_claim(lines=(drug_line(), drug_line()))]), Engine(edits, Profile())).iter(
        "claim"
    )
    counts = [(item.get("severity"), item.get("code"), item.get("count")) for item in claim.iterfind("findings")]
    assert counts == [
        ("reject", "LINE01", "2"),
        ("warn", "BBB01", "1"),
        ("info", "AAA01", "1"),
        ("info", "CLAIM01", "1"),
    ]


def marked(text: str, *codes: str) -> list[tuple[str, str | None, str | None]]:
    """What `excerpts` gives of a file scrubbed by some edits."""
    return excerpts(of_text(text, engine(*codes)))


def excerpts(root: etree._Element) -> list[tuple[str, str | None, str | None]]:
    """For each finding the excerpt before the mark, the mark and the text after it."""
    parts = []
    for excerpt in root.iter("excerpt"):
        mark = excerpt.find("mark")
        parts.append((excerpt.text or "", None, None) if mark is None else (excerpt.text or "", mark.text, mark.tail))
    return parts


def test_the_part_at_fault_is_marked() -> None:
    text = build([infusion_claim("837P", diagnoses=("M320", "M3219"), lines=(drug_line(modifiers=("JW", "JZ")),))])
    assert ("SV1*HC:J0490:JW:", "JZ", "*4800*UN*80***1") in marked(text, "JWJZ02")
    assert marked(text, "DX12") == [("HI*ABK:", "M320", "*ABF:M3219")]


@each_type
def test_the_mark_is_empty_where_something_is_missing(claim_type: ClaimType) -> None:
    text = build([infusion_claim(claim_type, lines=(drug_line(modifiers=()),))])
    ((before, mark, behind),) = marked(text, "JWJZ01")
    assert (before.endswith("HC:J0490"), mark, (behind or "")[:6]) == (True, None, "*4800*")


def test_the_mark_is_empty_between_separators_that_cannot_be_printed() -> None:
    claim = infusion_claim(lines=(drug_line(modifiers=()),))
    file = InMemory("claims.837", build([claim], delimiters=DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c"), eol=""))
    out = io.BytesIO()
    used = engine("JWJZ01")
    fill(XmlReport(out, used), [file], used)
    assert excerpts(etree.fromstring(out.getvalue())) == [("SV1*HC:J0490", None, "*4800*UN*80***1")]


@each(
    "field, expected",
    {
        "within": ("place_of_service", ("SV1*HC:J0490:JZ*4800*UN*80*", None, "**1")),
        "of one character": ("diagnosis_pointers", ("SV1*HC:J0490:JZ*4800*UN*80***", "1", None)),
        "of a segment that is not there": ("line_control_number", ("SV1*HC:J0490:JZ*4800*UN*80***1", None, None)),
    },
)
def test_an_element_is_marked(field: str, expected: tuple[str, str | None, str | None]) -> None:
    def check(claim: Claim, _: Facts) -> Results:
        yield finding(claim.lines[0].at(field), "a fault", "a fix")

    root = of_text(build([infusion_claim(lines=(drug_line(),))]), Engine(of_edits(made(check)), Profile()))
    assert excerpts(root) == [expected]


def test_a_missing_last_value_is_marked_at_the_end_of_the_segment() -> None:
    def check(claim: Claim, _: Facts) -> Results:
        yield finding(claim.lines[0].at("diagnosis_pointers"), "a fault", "a fix")

    root = of_text(build([infusion_claim(lines=(drug_line(pointers=()),))]), Engine(of_edits(made(check)), Profile()))
    mark = next(root.iter("mark"))
    assert (mark.text, mark.tail) == (None, None)


def test_segments_of_a_person_are_not_shown() -> None:
    secrets = {
        "member_id": "MEMBERSECRET",
        "note": "NOTESECRET",
        "prior_authorization": "AUTHSECRET",
        "birth_date": date(1984, 3, 9),
    }
    line = drug_line(modifiers=(), units="8O", description="GIVEN TO ANNA", dates="19840399")
    text = xml(
        engine(), InMemory("c.837", build([infusion_claim("837P", "CLAIM-1", lines=(line,), **secrets)]))
    ).decode()
    assert "CLAIM-1" in text
    for secret in ("SECRET", "ANNA", "19840309", "1984-03-09", "19840399", "SAMPLE LANE", "BIRCHMERE", "BRUNO"):
        assert secret not in text


def test_breakdowns_name_each_edit_payer_and_provider() -> None:
    root = report(engine(), DAY)
    by = {str(item.get("by")): item for item in root.iterfind("breakdown")}
    assert list(by) == ["edit", "payer", "provider"]
    counts = {str(item.get("code")): number(item.get("count")) for item in found(root, "summary").iterfind("findings")}
    shares = {str(share.get("code")): share for share in by["edit"].iterfind("share")}
    assert {
        code: sum(int(share.get(name, 0)) for name in ("reject", "warn", "info")) for code, share in shares.items()
    } == (counts)
    payers = {share.get("payer_id") for share in by["payer"].iterfind("share")}
    assert payers == {claim.get("payer_id") for claim in root.iter("claim")}
    assert sum(int(share.get("claims", 0)) for share in by["provider"].iterfind("share")) == 60


def test_the_charge_at_stake_is_that_of_rejected_and_flagged_claims() -> None:
    root = report(engine(), DAY)
    charges = [str(claim.get("charge")) for claim in root.iter("claim") if claim.get("disposition") != "clean"]
    for summary in root.iter("summary"):
        assert summary.get("charge_at_stake") == f"{sum(map(float, charges)):.2f}"
        assert summary.get("noted") == str(sum(bool(len(claim.findall("findings"))) for claim in root.iter("claim")))


def test_every_code_is_explained_once() -> None:
    undecided = InMemory("undecided.837", build([with_line(infusion_claim(), 1, units="8O")]))
    root = report(engine(), DAY, BROKEN, undecided)
    rules = [str(rule.get("code")) for rule in root.iterfind("rule")]
    codes = {str(item.get("code")) for name in ("finding", "error", "not_checked") for item in root.iter(name)}
    assert rules == sorted(codes)
    rule = next(rule for rule in root.iterfind("rule") if rule.get("code") == "JWJZ01")
    assert rule.get("title") == "Neither JW nor JZ on a single-dose drug"
    assert "JW/JZ FAQ" in str(rule.get("source"))
    assert [section.get("heading") for section in rule] == [*HEADINGS, CANNOT_KNOW]
    assert all(paragraph.text for paragraph in rule.iter("paragraph"))


# Nothing breaks out of it

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "CDATA": "]]><!--<![CDATA[",
    "entities": "&lt;&#0;&x; \"'<",
    "terminal": "\x1b[31m\x9b1m\x07",
    "line ends": "a\r\nb\nc\x85d",
    "command": "::error::stop\n::add-mask::1",
    "not in XML": "\x00\x0b\ufffe\uffff\ud800",
    "unseen": "\u202e\ufeff\u200b\xa0",
    "long": "X" * 10_000,
}


@each("text", HOSTILE)
def test_no_message_reason_or_path_does_harm(text: str) -> None:
    root = report(always_finding(text, text), InMemory(text, build([infusion_claim()])))
    (fault,) = root.iter("finding")
    (file,) = root.iter("file")
    assert fault.get("message") == fault.get("fix") == file.get("path") == xml_text(text)


@each("text", {name: text for name, text in HOSTILE.items() if name != "not in XML"})
def test_no_claim_id_does_harm(text: str) -> None:
    text = text.encode("latin-1", "replace").decode("latin-1")
    delimiters = DelimiterSpec("\x1d", ":", "\x1e", "\x1c")
    (claim,) = of_text(build([infusion_claim("837P", text)], delimiters=delimiters, eol="")).iter("claim")
    assert claim.get("claim_id") == xml_text(OPEN.identifier(text))


@given(st.text())
def test_any_text_can_be_written_and_read(text: str) -> None:
    element = etree.Element("any", text=xml_text(text))
    document = etree.tostring(element, encoding="utf-8")
    assert document.decode().isprintable()
    assert etree.fromstring(document).get("text") == xml_text(text)
    if all(character.isprintable() or character in "\t\r\n" for character in text):
        assert xml_text(text) == text


def test_no_line_begins_with_text_of_the_input() -> None:
    text = "\n::error::x\n"
    written = xml(always_finding(text, text), InMemory(text, build([infusion_claim("837P", text)])))
    assert not [line for line in written.splitlines() if not line.startswith((b"<", b"<?xml"))]


# How it is written


class Counting(io.BytesIO):
    """Keeps nothing of what is written but its size, and the length of the longest part."""

    longest = 0
    size = 0

    def write(self, data: Any, /) -> int:
        self.longest = max(self.longest, len(data))
        self.size += len(data)
        return len(data)


def test_it_is_written_as_a_stream() -> None:
    used = Engine(everywhere(), Profile())
    out = Counting()
    fill(XmlReport(out, used), [InMemory("c.837", build(infusion_claim(claim_id=f"C{n}") for n in range(900)))], used)
    assert out.size > 900_000
    assert out.longest < 200_000


def test_the_same_input_gives_the_same_bytes() -> None:
    assert xml(engine(), DAY, BROKEN) == xml(engine(), DAY, BROKEN)


def test_a_full_disk_is_reported() -> None:
    class Full(io.BytesIO):
        def write(self, data: Any, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fill(XmlReport(Full(), engine()), [DAY], engine())


def test_the_schema_refuses_what_it_does_not_know() -> None:
    root = report(engine(), DAY)
    next(root.iter("finding")).set("severity", "grave")
    assert not SCHEMA.validate(root)


def test_of_a_claim_with_thousands_of_findings_each_is_written_once() -> None:
    lines: Sequence[LineSpec] = [drug_line(modifiers=())] * 3000
    root = of_text(build([attrs.evolve(infusion_claim(), lines=tuple(lines))]), Engine(everywhere(), Profile()))
    assert len(list(root.iter("finding"))) == MOST_FINDINGS + 1  # the last says how many more there are


def test_a_claim_without_findings_is_written_as_any_other_is(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ('Q"A', "<&>", "JOS\u00c9", "\x07", "-", " A ")
    text = build([visit_claim(claim_id=claim_id) for claim_id in ids]).replace("CLM*-*", "CLM**")
    inputs = [*(Input(str(path)) for path in sorted(FIXTURES.rglob("*.837"))[::6]), InMemory("ids.837", text)]
    for naming in (OPEN, Naming(b"key of sixteen bytes")):
        judge = Engine(installed(), Profile(), naming=naming)
        quick = xml(judge, *inputs)
        with monkeypatch.context() as patched:
            patched.setattr(batch, "quiet_claim", lambda _: None)
            assert xml(judge, *inputs) == quick
