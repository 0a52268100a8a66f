"""Suppressions: what they keep from counting, until when, what they never hide, and what reports show of them."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrubber.claims.reader import read_claims
from scrubber.engine import suppressions
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.engine.suppressions import Suppression, SuppressionError, SuppressionFile, claim_sha256
from scrubber.outputs import formats
from scrubber.reference import shipped
from scrubber.running import run as runs
from scrubber.running.inputs import Input
from scrubber.testing import FILE_DATE, LineSpec, build, drug_line, infusion_claim, visit_claim
from scrubber.x12.prescan import prescan
from tests.edits.judging import without_a_date
from tests.lanes import some
from tests.scrubbing import FIXTURES, ROOT, each, installed, run

CODES = frozenset({"ADM01", "DX01", "JWJZ01"})
FAULTY = infusion_claim("837P", "FAULTY", lines=(drug_line(modifiers=()), LineSpec("96413")), diagnoses=("M320",))
"""JWJZ01 and DX01 on line 1, both rejected, and ADM01, an info, on line 2."""
TEXT = build([FAULTY, visit_claim("837P", "CLEAN")])
ALL = {"ADM01", "DX01", "JWJZ01"}

LAST_DAY = FILE_DATE.isoformat()
DAY_BEFORE = date.fromordinal(FILE_DATE.toordinal() - 1).isoformat()


def sha256_of(text: str, number: int = 0) -> str:
    return claim_sha256([*read_claims(io.BytesIO(text.encode("latin-1")))][number])


def entry(**changes: Any) -> str:
    """An entry of a suppression file: JWJZ01 on the faulty claim, for ever, with some keys changed or left out."""
    keys = {
        "claim": "FAULTY",
        "code": "JWJZ01",
        "reason": "a waste log",
        "author": "A. Biller",
        "expires": "2099-12-31",
    }
    changed = {key: value for key, value in {**keys, **changes}.items() if value is not None}
    plain = ("expires", "line")
    return "[[suppress]]\n" + "".join(f"{k} = {v if k in plain else json.dumps(v)}\n" for k, v in changed.items())


def loaded(folder: Path, text: str) -> SuppressionFile:
    path = folder / "known.toml"
    path.write_text(text, "utf-8")
    return suppressions.load(path, installed())


def under(*entries: Suppression, select: frozenset[str] | None = CODES, as_of: date | None = None) -> Engine:
    """An engine with suppressions."""
    profile = Profile(select=select).suppressing(SuppressionFile("known.toml", "0" * 64, entries))
    return Engine(installed(), profile, attrs.evolve(shipped(), as_of=as_of))


def scrubbed(text: str, engine: Engine, **options: Any) -> tuple[list[ScrubbedClaim], Scrubbing]:
    stream = io.BytesIO(text.encode("latin-1"))
    scan = prescan(stream)
    stream.seek(0)
    scrubbing = Scrubbing(stream, engine, scan, **options)
    return [event for event in scrubbing if isinstance(event, ScrubbedClaim)], scrubbing


def codes(claim: ScrubbedClaim) -> set[str]:
    return {finding.code for finding in claim.findings}


# What is suppressed


@each(
    ("keys", "counting", "standing"),
    {
        "by claim id": ({}, ALL - {"JWJZ01"}, "used"),
        "of another claim": ({"claim": "OTHER"}, ALL, "no_claim"),
        "of a claim without the finding": ({"claim": "CLEAN"}, ALL, "unused"),
        "by hash": ({"claim": None, "claim_sha256": sha256_of(TEXT)}, ALL - {"JWJZ01"}, "used"),
        "by another hash": ({"claim": None, "claim_sha256": "0" * 64}, ALL, "no_claim"),
        "on its line": ({"line": 1}, ALL - {"JWJZ01"}, "used"),
        "on another line": ({"line": 2}, ALL, "unused"),
        "another code": ({"code": "NDC05"}, ALL, "no_claim"),
        "wherever on the claim": ({"code": "DX01"}, ALL - {"DX01"}, "used"),
        "for information": ({"code": "ADM01"}, ALL - {"ADM01"}, "used"),
        "on its last day": ({"expires": LAST_DAY}, ALL - {"JWJZ01"}, "used"),
        "the day after": ({"expires": DAY_BEFORE}, ALL, "expired"),
        "the day after, of no use": ({"expires": DAY_BEFORE, "claim": "CLEAN"}, ALL, "unused"),
    },
)
def test_what_is_suppressed(tmp_path: Path, keys: dict[str, Any], counting: set[str], standing: str) -> None:
    (known,) = loaded(tmp_path, entry(**keys)).entries
    (faulty, clean), scrubbing = scrubbed(TEXT, under(known))
    assert codes(faulty) == counting
    assert [(item.finding.code, item.by) for item in faulty.suppressed] == [(c, known) for c in ALL - counting]
    assert (clean.findings, clean.suppressed) == ((), ())
    assert scrubbing.standings.get(known, "no_claim") == standing


def test_codes_that_do_not_run_are_not_called_unused(tmp_path: Path) -> None:
    file = loaded(tmp_path, entry() + entry(code="DX01") + entry(code="IG16"))
    engine = under(*file.entries, select=frozenset({"DX01", "IG16"}))
    assert [item.code for item in scrubbed(TEXT, engine)[1].standings] == ["DX01"]
    assert [item.code for item in scrubbed(TEXT, engine, conformance=True)[1].standings] == ["DX01", "IG16"]


def test_one_whose_edit_is_in_shadow_is_not_called_unused(tmp_path: Path) -> None:
    file = loaded(tmp_path, entry())
    profile = Profile(select=CODES, severity={"JWJZ01": "shadow"}).suppressing(file)
    (faulty, _), scrubbing = scrubbed(TEXT, Engine(installed(), profile))
    assert (codes(faulty), faulty.suppressed) == (ALL - {"JWJZ01"}, ())
    assert [*scrubbing.standings.values()] == ["used"]


def test_the_disposition_follows(tmp_path: Path) -> None:
    entries = loaded(tmp_path, entry() + entry(code="DX01") + entry(code="ADM01")).entries
    dispositions = [scrubbed(TEXT, under(*entries[:count]))[0][0].disposition for count in range(4)]
    assert dispositions == ["rejected", "rejected", "clean", "clean"]


@each(
    ("as_of", "counting", "standing"),
    {
        "the last day": (date(2099, 12, 31), ALL - {"JWJZ01"}, "used"),
        "the day after": (date(2100, 1, 1), ALL, "expired"),
    },
)
def test_a_day_given_wins_over_that_of_the_file(tmp_path: Path, as_of: date, counting: set[str], standing: str) -> None:
    (known,) = loaded(tmp_path, entry()).entries
    claims, scrubbing = scrubbed(TEXT, under(known, as_of=as_of))
    assert codes(claims[0]) == counting
    assert scrubbing.standings[known] == standing


def test_where_the_file_has_no_date_nothing_is_suppressed(tmp_path: Path) -> None:
    (known,) = loaded(tmp_path, entry()).entries
    without = without_a_date(TEXT)
    claims, scrubbing = scrubbed(without, under(known))
    assert codes(claims[0]) == ALL
    assert scrubbing.standings[known] == "undated"
    assert codes(scrubbed(without, under(known, as_of=FILE_DATE))[0][0]) == ALL - {"JWJZ01"}


def test_one_that_has_expired_leaves_the_finding_to_one_that_has_not(tmp_path: Path) -> None:
    entries = loaded(tmp_path, entry(expires=DAY_BEFORE) + entry()).entries
    claims, scrubbing = scrubbed(TEXT, under(*entries))
    assert [item.by and item.by.number for item in claims[0].suppressed] == [2]
    assert [*scrubbing.standings.values()] == ["expired", "used"]


def test_a_hash_suppresses_only_the_same_claim_and_an_id_every_claim_with_it(tmp_path: Path) -> None:
    corrected = attrs.evolve(FAULTY, diagnoses=("M3210", "M320"))
    other = build([visit_claim(), FAULTY], eol="\r\n", control=77)
    by_id, by_sha256 = loaded(tmp_path, entry() + entry(claim=None, claim_sha256=sha256_of(TEXT))).entries
    assert "JWJZ01" not in codes(scrubbed(build([FAULTY], control=77), under(by_sha256))[0][0])
    assert "JWJZ01" in codes(scrubbed(build([corrected]), under(by_sha256))[0][0])
    assert "JWJZ01" in codes(scrubbed(other, under(by_sha256))[0][1])  # other line breaks are other bytes
    assert "JWJZ01" not in codes(scrubbed(build([corrected]), under(by_id))[0][0])


def test_nothing_suppresses_that_a_claim_may_not_be_whole(tmp_path: Path) -> None:
    file = loaded(tmp_path, "".join(entry(code=code) for code in sorted(ALL)))
    (faulty, _), scrubbing = scrubbed(TEXT.replace("SE*", "SE*9"), under(*file.entries))
    assert (codes(faulty), faulty.disposition) == ({"READ03"}, "rejected")
    assert scrubbing.errors


def test_a_fault_against_the_guide_can_be_suppressed(tmp_path: Path) -> None:
    text = build([attrs.evolve(FAULTY, extra=("K3*X*X*X*X",))])
    (known,) = loaded(tmp_path, entry(code="IG07")).entries
    without, _ = scrubbed(text, under(select=frozenset({"IG07"})), conformance=True)
    claims, _ = scrubbed(text, under(known, select=frozenset({"IG07"})), conformance=True)
    assert (codes(without[0]), without[0].disposition) == ({"IG07"}, "rejected")
    assert (claims[0].findings, claims[0].disposition) == ((), "clean")


# Of a whole file


FILES = sorted(FIXTURES.glob("*.837"))


def everything(path: Path, engine: Engine) -> tuple[SuppressionFile, int]:
    """Suppressions of all findings on a file, in turns by id and by hash, and how many findings that are."""
    claims, _ = scrubbed(path.read_text("latin-1"), engine)
    found = dict.fromkeys((claim.claim, item.code) for claim in claims for item in claim.findings)
    entries = []
    for number, (claim, code) in enumerate(found, 1):
        known = Suppression("known.toml", number, code, "r", "a", date(2099, 1, 1), claim=claim.claim_id)
        by_hash = attrs.evolve(known, claim=None, claim_sha256=claim_sha256(claim))
        entries.append(known if number % 2 else by_hash)
    return SuppressionFile("known.toml", "", tuple(entries)), sum(len(claim.findings) for claim in claims)


@pytest.mark.parametrize("path", some(FILES), ids=lambda path: path.stem)
def test_suppressing_everything_makes_a_file_clean(path: Path) -> None:
    file, findings = everything(path, under(select=None))
    engine = under(*file.entries, select=None)
    source = Input(str(path))
    outcome = runs.check(source, engine, [])
    assert outcome.summary.dispositions == Counter({"clean": outcome.summary.claims})
    assert outcome.summary.suppressed == findings
    assert set(outcome.summary.standings.values()) <= {"used"}
    assert not outcome.reaches("info")


@given(chosen=st.sets(st.sampled_from(sorted(ALL))))
def test_what_is_not_suppressed_stays_as_it_is(chosen: set[str]) -> None:
    entries = [
        Suppression("known.toml", number, code, "r", "a", date(2099, 1, 1), claim="FAULTY")
        for number, code in enumerate(sorted(chosen), 1)
    ]
    (before, _), _ = scrubbed(TEXT, under())
    (after, _), _ = scrubbed(TEXT, under(*entries))
    assert [parts(item) for item in after.findings] == [parts(i) for i in before.findings if i.code not in chosen]
    assert [parts(item.finding) for item in after.suppressed] == [parts(i) for i in before.findings if i.code in chosen]
    assert after.not_checked == before.not_checked


def parts(finding: Any) -> tuple[Any, ...]:
    return finding.code, finding.severity, finding.location.index, finding.location.element, finding.message


def written(folder: Path, engine: Engine) -> Mapping[str, bytes]:
    """All that is written of a file: by `scrub`, and by `check` in every format."""
    folder.mkdir()
    source = Input(str(FIXTURES / "clinic-day.837"))
    runs.scrub(source, engine, folder)
    for form in formats.FORMATS:
        with formats.opened(form, folder / f"check.{form}", engine, formats.Options()) as report:
            runs.check(source, engine, [report])
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_without_suppressions_changes_no_byte_of_any_output(tmp_path: Path) -> None:
    plain = under(select=None)
    empty = loaded(tmp_path, "# none so far\n")
    with_empty = Engine(installed(), plain.profile.suppressing(empty), plain.facts)
    assert written(tmp_path / "with", with_empty) == written(tmp_path / "without", plain)


def test_one_that_meets_nothing_changes_no_claim(tmp_path: Path) -> None:
    engine = under(*loaded(tmp_path, entry(claim="NOBODY")).entries, select=None)
    with_it, without = written(tmp_path / "with", engine), written(tmp_path / "without", under(select=None))
    for name in ("clinic-day.annotated.837", "clinic-day.clean.837", "clinic-day.rejected.837"):
        assert with_it[name] == without[name]


# The command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "claims.837").write_text(TEXT, "latin-1")
    return tmp_path


ONLY = ("--select", ",".join(sorted(CODES)))


def put(folder: Path, *entries: str, name: str = "known.toml") -> None:
    (folder / name).write_text("\n".join(entries), "utf-8")


def test_the_command_counts_and_reports_what_is_suppressed(folder: Path) -> None:
    put(folder, entry(line=1), entry(code="DX01"))
    assert run("check", *ONLY, "claims.837", cwd=folder).status == 1
    report = run("check", *ONLY, "--suppressions", "known.toml", "--format", "json", "claims.837", cwd=folder)
    assert (report.status, report.err) == (0, "")
    document = json.loads(report.out)
    claim, clean = document["files"][0]["claims"]
    assert claim["disposition"] == "clean"
    assert [item["code"] for item in claim["findings"]] == ["ADM01"]
    assert "suppressed" not in clean
    by_code = {item["code"]: item for item in claim["suppressed"]}
    assert {key: by_code["JWJZ01"][key] for key in ("severity", "service_line", "element", "by", "reason")} == {
        "severity": "reject",
        "service_line": 1,
        "element": "SV101-3",
        "by": "suppression",
        "reason": "a waste log",
    }
    assert (by_code["DX01"]["author"], by_code["DX01"]["expires"]) == ("A. Biller", "2099-12-31")
    assert document["summary"] == document["files"][0]["summary"]
    assert (document["summary"]["findings"], document["summary"]["suppressed"]) == ({"ADM01": 1}, 2)
    (file,) = document["suppressions"]
    assert file.pop("sha256") == hashlib.sha256((folder / "known.toml").read_bytes()).hexdigest()
    assert file == {"path": "known.toml", "entries": 2, "no_claim": [], "unused": [], "undated": [], "expired": []}


def test_the_profile_s_fingerprint_covers_its_suppressions(folder: Path) -> None:
    def fingerprint(*options: str) -> str:
        report = run("check", *ONLY, *options, "--format", "json", "claims.837", cwd=folder)
        return str(json.loads(report.out)["profile"]["sha256"])

    put(folder, entry())
    put(folder, entry(reason="another"), name="other.toml")
    found = [fingerprint(), fingerprint("--suppressions", "known.toml"), fingerprint("--suppressions", "other.toml")]
    assert len(set(found)) == 3


def test_the_unused_and_the_expired_are_reported_without_a_word_of_the_claim(folder: Path) -> None:
    put(
        folder,
        entry(),
        entry(code="DX01", expires=DAY_BEFORE),
        entry(claim="CLEAN"),
        entry(claim="ELSEWHERE"),
    )
    call = ("check", *ONLY, "--suppressions", "known.toml")
    report = run(*call, "--format", "json", "claims.837", cwd=folder)
    assert report.status == 1  # because the finding of the expired one counts, not because of the unused
    assert report.err.splitlines() == [
        "scrubber: known.toml: entry 2 has expired: its finding counts",
        "scrubber: known.toml: entry 3 is unused: its claim has no such finding",
        "scrubber: known.toml: entry 4 is unused: no claim matches it",
    ]
    (file,) = json.loads(report.out)["suppressions"]
    assert (file["expired"], file["unused"], file["no_claim"]) == ([2], [3], [4])
    assert run(*call, "--fail-on", "never", "claims.837", cwd=folder).status == 0


def test_over_several_files_one_that_is_used_in_any_is_not_unused(folder: Path) -> None:
    (folder / "other.837").write_text(build([visit_claim("837P", "FAULTY")]), "latin-1")
    put(folder, entry())
    report = run("check", *ONLY, "--suppressions", "known.toml", "other.837", "claims.837", cwd=folder)
    assert report.err == ""
    report = run("scrub", *ONLY, "--suppressions", "known.toml", "--out", "out", "other.837", "claims.837", cwd=folder)
    assert report.err == ""
    per_file = json.loads((folder / "out" / "other.report.json").read_text())["suppressions"][0]
    assert per_file["unused"] == [1]  # this report is about that file alone


def test_what_is_written_of_a_file_follows(folder: Path) -> None:
    put(folder, entry(), entry(code="DX01"))
    options = ("scrub", *ONLY, "--no-conformance", "--suppressions", "known.toml", "--out")
    assert run(*options, "out", "claims.837", cwd=folder).status == 0
    assert not (folder / "out" / "claims.rejected.837").exists()
    assert (folder / "out" / "claims.clean.837").read_text() == TEXT
    annotated = (folder / "out" / "claims.annotated.837").read_text()
    assert "SCRUB I ADM01" in annotated
    assert "JWJZ01" not in annotated
    assert "DX01" not in annotated


def test_an_annotated_copy_is_suppressed_as_its_original_is(folder: Path) -> None:
    put(folder, entry(claim=None, claim_sha256=sha256_of(TEXT)), entry(code="DX01"))
    call = ("scrub", *ONLY, "--suppressions", "known.toml", "--out")
    run(*call, "once", "claims.837", cwd=folder)
    annotated = (folder / "once" / "claims.annotated.837").read_bytes()
    assert annotated != TEXT.encode()
    (folder / "claims.837").write_bytes(annotated)
    run(*call, "twice", "claims.837", cwd=folder)
    assert (folder / "twice" / "claims.annotated.837").read_bytes() == annotated


def test_a_profile_names_its_suppressions_relative_to_itself(folder: Path) -> None:
    (folder / "rules").mkdir()
    (folder / "rules" / "scrubber.toml").write_text('suppressions = "known.toml"')
    put(folder / "rules", entry())
    put(folder, entry(code="DX01"))
    call = ("check", *ONLY, "--profile", "rules/scrubber.toml", "--format", "json", "claims.837")
    summary = json.loads(run(*call, cwd=folder).out)["summary"]
    assert summary["findings"] == {"ADM01": 1, "DX01": 1}
    document = json.loads(run(*call, "--suppressions", "known.toml", cwd=folder).out)
    assert document["summary"]["findings"] == {"ADM01": 1}
    assert [file["path"] for file in document["suppressions"]] == ["rules/known.toml", "known.toml"]


# What the documents say


DOCUMENTS = {"README": ROOT / "README.md", "docs": ROOT / "docs" / "suppressions.md"}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@each("document", DOCUMENTS)
def test_what_is_shown_can_be_used(tmp_path: Path, document: Path) -> None:
    (shown,) = [text for text in blocks(document.read_text("utf-8"), "toml") if text.startswith("[[suppress]]")]
    (known,) = loaded(tmp_path, shown).entries
    outcome = runs.check(Input(str(FIXTURES / "clinic-day.837")), under(known, select=None), [])
    assert outcome.summary.standings == {known: "used"}
    assert outcome.summary.suppressed == 1


def test_the_hash_of_a_claim_is_shown_as_it_is_made(tmp_path: Path) -> None:
    (shown,) = blocks(DOCUMENTS["docs"].read_text("utf-8"), "python")
    done = subprocess.run(
        [sys.executable, "-c", shown], cwd=ROOT, capture_output=True, check=True, timeout=60, text=True
    )
    claim_id, sha256 = done.stdout.split()[:2]
    text = (FIXTURES / "clinic-day.837").read_text("latin-1")
    bare = text[text.index("CLM*") : text.index("HL*", text.index("CLM*"))]
    assert bare.startswith(f"CLM*{claim_id}*")
    assert sha256 == hashlib.sha256(bare.encode("latin-1")).hexdigest()


# Mistakes


@each(
    ("text", "says"),
    {
        "no TOML": ("[[suppress]]\nclaim = ", "Invalid value (at"),
        "an unknown key": ("[[supress]]", "unknown key 'supress'; did you mean suppress?"),
        "one table": ("[suppress]", "suppress must be a list of tables, [[suppress]]"),
        "an unknown key of an entry": (
            entry() + entry(resaon="x"),
            "entry 2: unknown key 'resaon'; did you mean reason?",
        ),
        "an unknown code": (entry(code="DX00"), "entry 1: unknown code 'DX00'; did you mean DX"),
        "letters alone": (entry(code="JWJZ"), "entry 1: unknown code 'JWJZ'; did you mean JWJZ"),
        "a code of an untrusted claim": (entry(code="READ03"), "entry 1: READ03 cannot be suppressed"),
        "an error of the file": (entry(code="READ29"), "entry 1: READ29 cannot be suppressed"),
        "an edit that failed": (entry(code="SCRUB01"), "entry 1: SCRUB01 cannot be suppressed"),
        "no claim": (entry(claim=None), "entry 1: it needs either claim or claim_sha256"),
        "a claim twice": (entry(claim_sha256="0" * 64), "entry 1: it needs either claim or claim_sha256"),
        "a number for a claim": ("[[suppress]]\nclaim = 17", "entry 1: claim must be a string that is not empty"),
        "a hash that is none": (entry(claim=None, claim_sha256="ABC"), "must be 64 hexadecimal digits"),
        "no code": (entry(code=None), "entry 1: it needs code"),
        "no reason": (entry(reason=None), "entry 1: it needs reason"),
        "an empty reason": (entry(reason=" "), "entry 1: reason must be a string that is not empty"),
        "no author": (entry(author=None), "entry 1: it needs author"),
        "no end": (entry(expires=None), "entry 1: it needs expires, a date without quotes such as 2027-01-31"),
        "an end in quotes": (entry(expires='"2027-01-31"'), "entry 1: it needs expires, a date without quotes"),
        "an end with a time": (entry(expires="2027-01-31T12:00:00"), "entry 1: it needs expires, a date without"),
        "a line of none": (entry(line=0), "entry 1: line must be a whole number from 1 on"),
        "a line in words": (entry(line='"one"'), "entry 1: line must be a whole number from 1 on"),
    },
)
def test_a_mistake_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SuppressionError) as refused:
        loaded(tmp_path, text)
    message = str(refused.value)
    assert message.startswith(f"{tmp_path / 'known.toml'}: ")
    assert says in message
    assert "\n" not in message
    assert "FAULTY" not in message


@each(
    "options",
    {
        "an option": ("--suppressions", "missing.toml"),
        "a profile": ("--profile", "house.toml"),
    },
)
def test_a_file_that_is_not_there_is_a_wrong_call(folder: Path, options: tuple[str, str]) -> None:
    (folder / "house.toml").write_text('suppressions = "missing.toml"')
    report = run("check", *options, "claims.837", cwd=folder)
    assert (report.status, report.out) == (2, "")
    assert "missing.toml: No such file or directory" in report.err
    assert len(report.err.splitlines()) == 1


def test_very_many_suppressions_of_very_many_findings_take_no_time() -> None:
    (claim, _), _ = scrubbed(TEXT, under())
    (faulty,) = (one for one in claim.findings if one.code == "JWJZ01")
    at, many = faulty.location, range(1, 20_001)
    findings = [attrs.evolve(faulty, location=attrs.evolve(at, service_line=line)) for line in many]
    entries = [
        Suppression("x.toml", line, "JWJZ01", "why", "who", date(2099, 1, 1), claim="FAULTY", line=line)
        for line in (*reversed(many), 20_001)
    ]
    suppressing = suppressions.Suppressing(entries, shipped())
    count, suppressed = suppressing.parted(claim.claim, findings)
    assert count == ()
    assert [one.by and one.by.line for one in suppressed] == [*many]
    assert Counter(suppressing.standings.values()) == {"used": 20_000, "unused": 1}
