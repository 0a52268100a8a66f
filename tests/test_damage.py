"""One damaged segment, and every claim is still under its own patient or rejected; none is lost."""

from __future__ import annotations

import json
import random
import re
from functools import lru_cache
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.outputs import formats, split
from scrubber.running.inputs import Input
from scrubber.running.run import check, scrub
from scrubber.testing import ClaimType, DelimiterSpec
from tests.conformance import generated
from tests.damage import judge
from tests.damage.files import File, Node, file_of, rows
from tests.damage.kinds import KINDS, Damage, Damaged, applied, drawn
from tests.lanes import examples
from tests.scrubbing import each_type
from tests.x12.small837 import ISA, SMALL

FILES = 30
each_kind = pytest.mark.parametrize("kind", KINDS)
either_way = pytest.mark.parametrize("strict", [False, True], ids=["nothing checked", "all checked"])


@lru_cache(maxsize=FILES)
def made(seed: int) -> File:
    return file_of(seed)


def faults(damaged: Damaged) -> dict[str, list[str]]:
    """What does not hold, with nothing checked and with all edits and guide checks."""
    found = {name: judge.faults(damaged, strict=strict) for name, strict in (("bare", False), ("strict", True))}
    return {name: some for name, some in found.items() if some}


@either_way
@pytest.mark.parametrize("seed", range(FILES))
def test_all_of_an_undamaged_file_is_clean(seed: int, strict: bool) -> None:
    assert judge.faults_of_undamaged(made(seed), strict=strict) == []


@each_type
def test_all_that_the_guides_allow_is_clean(claim_type: ClaimType) -> None:
    for seed in range(40):
        text = generated.file_of(generated.transaction(claim_type, seed)).decode("latin-1")
        outputs = judge.scrub(text, strict=False)
        assert (outputs.clean, outputs.rejected, outputs.says) == (text, "", False)


def test_the_files_are_of_every_make() -> None:
    """Dependents beside claims of the subscriber's own, other payers, several of everything, notes."""
    tags = [row.text.replace(file.delimiters.element, "*") for file in map(made, range(FILES)) for row in rows(file)]
    for begin in ("NM1*QC", "SVD", "OI", "NM1*DK", "NM1*87", "NTE*TPO*SCRUB", "SV1", "SV2", "IEA*1*000000002", "GE*2"):
        assert any(text.startswith(begin) for text in tags), begin
    assert any(len(file.interchanges[0].children) > 1 for file in map(made, range(FILES)))
    kinds = {tuple(child.tag for child in node.children) for file in map(made, range(FILES)) for node in levels(file)}
    assert {("CLM",), ("CLM", "CLM"), ("23",), ("CLM", "23")} <= kinds


def levels(file: File) -> list[Node]:
    """Its subscribers."""
    parts: tuple[Node, ...] = file.interchanges
    for _ in range(4):
        parts = tuple(child for part in parts for child in part.children)
    return [*parts]


@each_kind
def test_no_claim_is_under_another_person_or_lost_with_any_one_segment_damaged(kind: str) -> None:
    chance = random.Random(f"tests {kind}")
    tried = 0
    while tried < examples(16):
        file = made(chance.randrange(FILES))
        damage = drawn(file, chance, kind)
        damaged = applied(file, damage)
        if damaged:
            tried += 1
            assert faults(damaged) == {}, (file.name, damage, damaged.target.text, damaged.changed)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.integers(0, FILES - 1), st.integers(0, 2**32))
def test_no_claim_is_under_another_or_lost(seed: int, chosen: int) -> None:
    damaged = applied(made(seed), drawn(made(seed), random.Random(chosen)))
    if damaged:
        assert faults(damaged) == {}, (made(seed).name, damaged.damage, damaged.target.text, damaged.changed)


BEHIND = {
    "ST and a note": "ST*837*0009*005010X222A1~NTE*TPO*SCRUB W JWJZ08~",
    "ST and the last segment of a line": "ST*837*0009*005010X222A1~REF*6R*L1~",
    "HL and the last segments of a line": "HL*4*2*23*0~N4*ORDERTOWN*OH*432999998~PER*IC*X~",
    "ISA and a note": f"{ISA}NTE*TPO*SCRUB W JWJZ08~",
}


@either_way
@pytest.mark.parametrize("name", BEHIND)
def test_a_header_or_level_put_before_the_last_segments_of_a_claim_loses_none(name: str, strict: bool) -> None:
    outputs = judge.scrub(SMALL.replace("~SE*", f"~{BEHIND[name]}SE*"), strict=strict)
    assert outputs.says
    for segment in BEHIND[name].split("~")[1:-1]:
        note = segment.startswith("NTE")
        assert f"{segment}~" in outputs.rejected or (note and segment not in outputs.clean)


PLANTED = {
    "another subscriber": (r"(NM1\*IL\*1\*SUBSCRIBER)AA", r"\1ZZ", "people: a clean claim stands under another IL"),
    "no provider": (r"NM1\*85[^~]*~", "", "people: a clean claim stands under no 85"),
    "no patient": (r"NM1\*QC[^~]*~", "", "people: a clean claim stands under no QC"),
    "a dependent without a level": (
        r"HL\*\d\*\d\*23\*0~",
        "",
        "people: a clean claim has its QC in a level of another kind",
    ),
    "another's line": (r"(SV1\*[^~]*)", r"\1*9", "line: a clean claim has another's line"),
    "a line lost": (r"SV1\*[^~]*~", "", "lost: SV1 is in no output"),
    "a claim twice": (r"(CLM\*[^~]*~)", r"\1\1", "twice: CLM is in the outputs more than once"),
    "a diagnosis lost": (r"HI\*[^~]*~", "", "lost: a segment of a claim is in no output"),
    "a stranger's claim": (r"CLM\*C", "CLM*D", "stranger: a claim is clean that is in no file"),
    "levels that are not counted": (r"HL\*2\*", "HL*7*", "clean: HL01 is not the level's number"),
    "a level under another": (r"(HL\*\d)\*1\*22", r"\1*2*22", "clean: HL02 is not the level above"),
    "a child that HL04 does not announce": (r"(HL\*\d\*1\*22)\*1", r"\1*0", "clean: HL04 is wrong"),
    "a count": (r"SE\*\d", "SE*9", "clean: count or control number of SE is wrong"),
    "a trailer lost": (r"IEA\*[^~]*~", "", "clean: a trailer is missing"),
    "a diagnosis behind a line": (r"(LX\*1~)", r"\1HI*ABK:I10~", "stray: a line holds HI"),
    "a patient in a claim": (r"(LX\*1~)", r"PAT*19~\1", "stray: a claim before its first line holds PAT"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_judge_sees_what_it_is_to_see(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pattern, replacement, fault = PLANTED[name]
    file = attrs.evolve(made(0), delimiters=DelimiterSpec(), eol="")
    right = judge.scrub
    assert judge.faults_of_undamaged(file, strict=False) == []

    def wrong(text: str, *, strict: bool) -> judge.Outputs:
        outputs = right(text, strict=strict)
        clean, changes = re.subn(pattern, replacement, outputs.clean, count=1)
        assert changes
        return attrs.evolve(outputs, clean=clean)

    monkeypatch.setattr(judge, "scrub", wrong)
    assert fault in judge.faults_of_undamaged(file, strict=False)


def test_the_judge_sees_a_doubt_that_does_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = applied(made(0), Damage("dropped", next(row.key for row in rows(made(0)) if row.text[:2] == "SE")))
    assert damaged
    assert judge.faults(damaged, strict=False) == []
    begin = split._Part.begin
    monkeypatch.setattr(split._Part, "begin", lambda part, *, in_doubt: begin(part, in_doubt=False))
    assert "again: a claim in doubt is clean once the rejected file is scrubbed" in judge.faults(damaged, strict=False)


def test_the_judge_sees_a_claim_rejected_that_no_damage_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(row.text + "~" for row in rows(attrs.evolve(made(0), delimiters=DelimiterSpec())))
    monkeypatch.setattr(judge, "scrub", lambda *_, **__: judge.Outputs("", text, [], says=True))
    assert "spilled: a claim out of reach of the damage is not clean" in judge.faults_of_undamaged(
        made(0), strict=False
    )


@either_way
@pytest.mark.parametrize("kind", ["dropped", "tag in lower case"])
@pytest.mark.parametrize("tag", ["HL", "CLM", "NM1"])
def test_the_files_and_reports_of_a_run_are_those_that_are_judged(
    tag: str, kind: str, strict: bool, tmp_path: Path
) -> None:
    file = made(1)
    row = [row for row in rows(file) if row.text.startswith(tag) and row.part != "header"][1]
    damaged = applied(file, Damage(kind, row.key))
    assert damaged
    judged = judge.scrub(damaged.text, strict=strict)
    path = tmp_path / "day.837"
    path.write_bytes(damaged.text.encode("latin-1"))
    engine = judge.engine(strict=strict)
    scrub(Input(str(path)), engine, tmp_path, conformance=strict)
    for suffix, expected in ((".clean.837", judged.clean), (".rejected.837", judged.rejected)):
        written = tmp_path / f"day{suffix}"
        assert (written.read_bytes().decode("latin-1") if written.exists() else "") == expected
    with formats.opened("json", tmp_path / "report.json", engine) as report:
        check(Input(str(path)), engine, [report], conformance=strict)
    claims = json.loads((tmp_path / "report.json").read_text())["files"][0]["claims"]
    assert [claim["claim_id"] for claim in claims if claim["disposition"] != "rejected"] == judged.passed
