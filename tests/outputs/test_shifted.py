"""A separator that is missing or too many shifts values, and no report shows a person for it.

Names, ids, addresses, dates, notes and a description are marked. Each separator from the subscriber on is dropped,
doubled or changed, also into a segment terminator, each segment joined with the next, and a mark put into each element.
Reports with hidden names, and those for build systems, show no mark.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import attrs
import pytest

import scrubber
from scrubber import RunOptions
from scrubber.outputs.formats import FORMATS
from scrubber.testing import ClaimType, build, drug_line, infusion_claim
from tests import lanes
from tests.scrubbing import ROOT, TYPES, each

FOR_BUILD_SYSTEMS = ("sarif", "junit", "github")
MARKS = re.compile(r"ZQ[A-Z]|(?i:19411231|1941-12-31|12/31/1941)|20261013|2026-10-13")
SHIFTED = sorted((ROOT / "fixtures" / "hostile").glob("phi_shift*.837"))
OF_SHIFTED = re.compile(r"COPPERWICK|CLARA|MEM0000002|19620206|1962-02-06|20261014|2026-10-14|SAMPLE LANE")


def marked(claim_type: ClaimType) -> str:
    """A file in which all that is of a person has a mark."""
    line = attrs.evolve(drug_line(description="ZQDESCRIPTION"), control_number="ZQLINE")
    text = build([infusion_claim(claim_type, "ZQCLAIM", lines=(line,), clearinghouse_id="ZQHOUSE")])
    for pattern, instead in (
        (r"(NM1\*IL\*1)[^~]*", r"\1*ZQSURNAME*ZQFIRST*ZQMIDDLE***MI*ZQMEMBER"),
        (r"N3\*[^~]*", "N3*12 ZQSTREET"),
        (r"DMG\*D8\*\d*", "DMG*D8*19411231"),
        (r"DTP\*472\*D8\*\d*", "DTP*472*D8*20261013"),
        (r"(\nREF\*D9)", r"\nK3*ZQNOTE~\1"),
    ):
        text, count = re.subn(pattern, instead, text)
        assert count
    return re.sub(r"SE\*(\d+)", lambda count: f"SE*{int(count[1]) + 1}", text)  # for the K3


def shifts(text: str) -> Iterator[str]:
    """The file with one separator changed, or one mark more."""
    segments = text.split("~")
    begin = next(at for at, segment in enumerate(segments) if segment.strip().startswith("HL*2"))
    for at in range(begin, len(segments) - 4):
        segment = segments[at]
        changed = []
        for found in re.finditer(r"[*:]", segment):
            before, after = segment[: found.start()], segment[found.end() :]
            other = ":" if found[0] == "*" else "*"
            changed += [before + after, before + found[0] * 2 + after, before + other + after, before + "~" + after]
        elements = segment.split("*")
        own = (3, 9) if segment.strip().startswith("NM1*PR") else ()  # reports show the name and the id of a payer
        planted = (number for number in range(1, len(elements)) if number not in own)
        changed += ["*".join([*elements[:i], "ZQPLANTED", *elements[i + 1 :]]) for i in planted]
        changed += _of_a_person(segment) if own else ()
        for instead in changed:
            yield "~".join([*segments[:at], instead, *segments[at + 1 :]])
        yield "~".join([*segments[:at], segment + segments[at + 1].strip(), *segments[at + 2 :]])


def _of_a_person(payer: str) -> Iterator[str]:
    """The NM1 segment of a payer that shows in some way that a person stands there."""
    tag, code, _, _, _, _, _, _, qualifier, _ = payer.split("*")
    for rest in (
        ["1", "ZQSURNAME", "", "", "", "", qualifier, "ZQMEMBER"],
        ["", "ZQSURNAME", "", "", "", "", qualifier, "ZQMEMBER"],
        ["2", "ZQSURNAME", "ZQFIRST", "", "", "", qualifier, "ZQMEMBER"],
        ["2", "ZQSURNAME", "", "ZQMIDDLE", "", "", qualifier, "ZQMEMBER"],
        ["2", "ZQSURNAME", "", "", "", "JR", qualifier, "ZQMEMBER"],
        ["2", "A PAYER", "", "", "", "", "MI", "ZQMEMBER"],
        ["2", "A PAYER", "", "", "", "", qualifier, "ZQSURNAME ZQFIRST"],
    ):
        yield "*".join([tag, code, *rest])


def reports(text: str, options: RunOptions, forms: tuple[str, ...]) -> dict[str, str]:
    written = {form: io.BytesIO() for form in forms}
    scrubber.scrub_to(io.BytesIO(text.encode()), options=options, reports=written)
    return {form: out.getvalue().decode() for form, out in written.items()}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(bytes(range(32)))
    return path


@pytest.mark.parametrize("claim_type", TYPES)
def test_no_shifted_value_of_a_person_is_shown(
    claim_type: ClaimType, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden, in_the_open = RunOptions(key=key), RunOptions()
    every = 4 * lanes.share() ** 2  # the two types of claims try different ones
    for text in islice(shifts(marked(claim_type)), TYPES.index(claim_type), None, every):
        shown = reports(text, hidden, tuple(FORMATS)) | {
            f"{form} for builds": report for form, report in reports(text, in_the_open, FOR_BUILD_SYSTEMS).items()
        }
        for form, report in shown.items():
            assert not MARKS.search(report), (form, text)
    assert capsys.readouterr() == ("", "")


def numbered(claim_type: ClaimType) -> str:
    """A file in which all ids of a person are nine digits, which look like an amount."""
    line = attrs.evolve(drug_line(), control_number="998877665")
    text = build([infusion_claim(claim_type, "998877665", lines=(line,), clearinghouse_id="998877665")])
    return re.sub(r"(NM1\*IL\*1\*[^~]*\*MI)\*[^~]*", r"\1*998877665", text)


@pytest.mark.parametrize("claim_type", TYPES)
def test_no_shifted_id_is_shown_as_an_amount(claim_type: ClaimType, key: Path) -> None:
    """A claim id in CLM02 was the charge of the claim in every report."""
    text = numbered(claim_type)
    doubled = text.replace("CLM*", "CLM**", 1)
    every = 4 * lanes.share() ** 2
    for shifted in (doubled, *islice(shifts(text), TYPES.index(claim_type) + 1, None, every)):
        shown = reports(shifted, RunOptions(key=key), tuple(FORMATS)) | reports(
            shifted, RunOptions(), FOR_BUILD_SYSTEMS
        )
        for form, report in shown.items():
            assert not re.search("998,?877,?665", report), (form, shifted)


@pytest.mark.parametrize("claim_type", TYPES)
def test_no_mark_in_any_element_is_shown(claim_type: ClaimType, key: Path) -> None:
    """In headers and trailers, too. A control number may be the day of a file, so no day is planted there."""
    segments = build([infusion_claim(claim_type, "A", lines=(drug_line(),))]).split("~")
    places = [(at, number) for at, segment in enumerate(segments) for number in range(1, segment.count("*") + 1)]
    places = [place for place in places if not (segments[place[0]].strip().startswith("NM1*PR") and place[1] in (3, 9))]
    for at, number in islice(places, TYPES.index(claim_type), None, 2 * lanes.share()):
        header = segments[at].strip().startswith(("ISA*", "GS*", "ST*"))
        for mark in ("ZQPLANTED",) if header else ("ZQPLANTED", "19411231"):
            elements = segments[at].split("*")
            elements[number] = mark
            text = "~".join([*segments[:at], "*".join(elements), *segments[at + 1 :]])
            for form, report in reports(text, RunOptions(key=key), tuple(FORMATS)).items():
                assert not re.search(r"ZQPLANTED|19,?411,?231|1941-12-31", report), (form, text)


@each("path", {path.stem: path for path in SHIFTED})
def test_known_shifted_files(path: Path, key: Path) -> None:
    for form, report in reports(path.read_text(), RunOptions(key=key), tuple(FORMATS)).items():
        assert not OF_SHIFTED.search(report), form
    assert SHIFTED
