"""The engine: which edits run on which claim, in what order findings come, and that no edit can spoil a run."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import attrs
import pytest

import scrubber
from scrubber.claims.model import Claim
from scrubber.edit import (
    Edit,
    Finding,
    NotChecked,
    Results,
    Severities,
    by_payer,
    dated,
    family,
    file_edit,
    finding,
    procedures,
)
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.engine import CLAIMS_OF_A_STEP, Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.reference import Facts, shipped
from scrubber.reference.editions import external_table
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    LineSpec,
    build,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_all_lines,
)
from scrubber.x12.errors import FIXES, WRONG_COUNT
from scrubber.x12.prescan import prescan
from tests.scrubbing import (
    DOCUMENTED,
    each,
    each_type,
    engine,
    every_claim,
    every_line,
    found,
    made,
    not_checked,
    of_edits,
    scrub_one,
    scrub_text,
)

Check = Callable[[Claim, Facts], Iterable[Any]]

FIRST, LAST = date(2026, 10, 5), date(2026, 10, 7)


def scrubbed_by(claim: ClaimSpec, *edits: Edit, **options: Any) -> ScrubbedClaim:
    (scrubbed,), errors = scrub_text(build([claim]), Engine(of_edits(*edits), Profile(), **options))
    assert errors == []
    return scrubbed


def codes(scrubbed: ScrubbedClaim) -> list[str]:
    return [finding.code for finding in scrubbed.findings]


@each(
    ("options", "runs"),
    {
        "every claim": ({}, (True, True)),
        "a procedure that is there": ({"concerns": procedures("J0490")}, (True, False)),
        "one of several": ({"concerns": procedures("G9999", "99213", "G0463")}, (False, True)),
        "a family": ({"concerns": family("prior_authorization")}, (True, False)),
        "a procedure that is nowhere": ({"concerns": procedures("X")}, (False, False)),
    },
)
@each_type
def test_an_edit_runs_on_the_claims_that_concern_it(
    options: dict[str, Any], runs: tuple[bool, bool], claim_type: ClaimType
) -> None:
    calls: list[str] = []

    def counted(claim: Claim, _: Facts) -> Results:
        calls.append(claim.claim_id)
        return ()

    counting = made(counted, **options)
    for claim, expected in zip((infusion_claim(claim_type), visit_claim(claim_type)), runs, strict=True):
        calls.clear()
        scrubbed_by(claim, counting)
        assert len(calls) == expected


@each_type
def test_claim_type_and_void(claim_type: ClaimType) -> None:
    edits = [
        made(every_claim, "PROF01", types=("837P",)),
        made(every_claim, "INST01", types=("837I",)),
        made(every_claim, "VOID01", on_voids=True),
    ]
    own = "PROF01" if claim_type == "837P" else "INST01"
    assert codes(scrubbed_by(infusion_claim(claim_type), *edits)) == sorted([own, "VOID01"])
    assert codes(scrubbed_by(infusion_claim(claim_type, frequency="8"), *edits)) == ["VOID01"]


@each(
    ("severities", "disposition"),
    {
        "none": ([], "clean"),
        "info": (["info"], "clean"),
        "warn": (["info", "warn"], "flagged"),
        "reject": (["info", "reject", "warn"], "rejected"),
    },
)
def test_the_gravest_finding_decides_on_a_claim(severities: list[str], disposition: str) -> None:
    edits = [made(every_claim, f"TEST0{n}", severity=severity) for n, severity in enumerate(severities)]
    assert scrubbed_by(infusion_claim(), *edits).disposition == disposition


@each("edits", {"with findings": [made(every_claim)], "without": []})
def test_a_scrubbed_claim_is_frozen(edits: list[Edit]) -> None:
    scrubbed = scrubbed_by(infusion_claim(), *edits)
    for record in (scrubbed, attrs.evolve(scrubbed), scrubbed.claim, attrs.evolve(scrubbed.claim)):
        for field in attrs.fields(type(record)):
            with pytest.raises(attrs.exceptions.FrozenError):
                setattr(record, field.name, None)
    assert type(scrubbed) is ScrubbedClaim
    assert (type(scrubbed.claim), scrubbed.claim) == (Claim, attrs.evolve(scrubbed.claim))


def test_findings_come_claim_first_then_line_by_line_the_gravest_first() -> None:
    edits = [
        made(every_line, "BBB01", severity="info"),
        made(every_line, "AAA01", severity="warn"),
        made(every_line, "CCC01", severity="reject"),
        made(every_claim, "ZZZ01", severity="info"),
    ]
    scrubbed = scrubbed_by(infusion_claim(), *edits)
    assert [(finding.location.service_line, finding.code) for finding in scrubbed.findings] == [
        (None, "ZZZ01"),
        *[(line, code) for line in (1, 2) for code in ("CCC01", "AAA01", "BBB01")],
    ]


def test_a_finding_carries_what_its_edit_declares() -> None:
    check = made(every_claim, severity="reject", carc="16", rarc="N822", claim_status="A6:453")
    (one,) = scrubbed_by(infusion_claim(), check).findings
    assert (one.code, one.severity, one.carc, one.rarc, one.claim_status) == (
        "TEST01",
        "reject",
        "16",
        "N822",
        "A6:453",
    )


def test_an_edit_may_judge_one_case_milder_or_graver() -> None:
    def milder(claim: Claim, _: Facts) -> Results:
        yield finding(claim.at("claim_id"), "grave", "none")
        yield finding(claim.at("claim_id"), "mild", "none", severity="info")

    scrubbed = scrubbed_by(infusion_claim(), made(milder, severity="reject"))
    assert [(finding.message, finding.severity) for finding in scrubbed.findings] == [
        ("grave", "reject"),
        ("mild", "info"),
    ]


def test_a_dated_severity_takes_the_date_of_its_own_line() -> None:
    since = dated((LAST, "reject"))
    check = made(every_line, severity=by_payer(ffs=since, madv=None, mcd=None, other=None))
    claim = infusion_claim(lines=(LineSpec("96365", dates=FIRST), LineSpec("96365", dates=LAST)))
    assert found(scrubbed_by(claim, check)) == [("TEST01", "reject", 2, "SV101-2")]
    assert codes(scrubbed_by(attrs.evolve(claim, filing="16"), check)) == []
    undated = with_all_lines(claim, dates=None)
    assert not_checked(scrubbed_by(undated, check)) == {"TEST01": "the date of service is missing"}


def test_what_an_edit_cannot_decide_is_reported_once() -> None:
    def undecided(claim: Claim, _: Facts) -> Results:
        for _line in claim.lines:
            yield NotChecked("no idea")

    scrubbed = scrubbed_by(infusion_claim(), made(undecided))
    assert [(item.code, item.reason) for item in scrubbed.not_checked] == [("TEST01", "no idea")]
    assert scrubbed.disposition == "clean"


def test_a_malformed_value_that_an_edit_asks_for_makes_it_not_checked() -> None:
    def charged(claim: Claim, _: Facts) -> Results:
        if claim.total_charge:
            yield finding(claim.at("total_charge"), "a charge", "none")

    check = made(charged)
    assert codes(scrubbed_by(infusion_claim(), check)) == ["TEST01"]
    assert not_checked(scrubbed_by(infusion_claim(total_charge="1,000"), check)) == {"TEST01": "CLM02 is not a number"}


def _raise(error: BaseException) -> Check:
    def check(claim: Claim, _: Facts) -> Iterator[Any]:
        yield finding(claim.at("claim_id"), "before", "none")
        raise error

    return check


def _returns(result: Any) -> Check:
    return lambda claim, facts: result


def _yields(make: Callable[[Claim], Any]) -> Check:
    def check(claim: Claim, _: Facts) -> Iterator[Any]:
        yield make(claim)

    return check


@each(
    "check",
    {
        "an error": _raise(ValueError("SECRET")),
        "out of recursion": _raise(RecursionError()),
        "out of memory": _raise(MemoryError()),
        "an exit": _raise(SystemExit(0)),
        "nothing at all": _returns(None),
        "a number": _returns(7),
        "a text among the results": _yields(lambda claim: "wrong"),
        "a finding without a place": _yields(lambda claim: Finding(None, "m", "f")),  # type: ignore[arg-type]
        "a finding without a message": _yields(lambda claim: finding(claim.at("claim_id"), None, "f")),  # type: ignore[arg-type]
        "a severity that is none": _yields(lambda claim: finding(claim.at("claim_id"), "m", "f", "fatal")),  # type: ignore[arg-type]
    },
)
@each_type
def test_an_edit_that_goes_wrong_becomes_a_finding_and_loses_nothing(check: Check, claim_type: ClaimType) -> None:
    scrubbed = scrubbed_by(infusion_claim(claim_type), made(check, "TEST01"), made(every_line, "TEST02"))
    crash = next(finding for finding in scrubbed.findings if finding.code == "SCRUB01")
    assert (crash.severity, crash.location.element) == ("warn", "CLM01")
    assert "edit TEST01 failed" in crash.message
    assert "SECRET" not in crash.message
    assert codes(scrubbed).count("TEST02") == 2


JANUARY = date(2026, 1, 1)
LATER = dated((JANUARY, "warn"), (LAST, "reject"))


@each(
    ("severity", "changes", "grade"),
    {
        "one that rejects": ("reject", {}, "reject"),
        "one that warns": ("warn", {}, "warn"),
        "one for information": ("info", {}, "warn"),
        "one that rejects others' claims": (by_payer(ffs="warn", madv="warn", mcd="reject", other="warn"), {}, "warn"),
        "one that rejects this payer's": (by_payer(ffs="reject", madv="warn", mcd="warn", other="warn"), {}, "reject"),
        "one that rejects by now": (dated((JANUARY, "warn"), (FIRST, "reject")), {}, "reject"),
        "one that rejects later": (LATER, {}, "warn"),
        "one that rejects by the last day": (LATER, {"dates": (FIRST, LAST)}, "reject"),
        "one that may, on a day that is not known": (dated((JANUARY, "reject")), {"dates": "2026"}, "reject"),
    },
)
@each_type
def test_a_failed_edit_is_as_grave_as_it_could_have_been(
    severity: Any, changes: dict[str, Any], grade: str, claim_type: ClaimType
) -> None:
    claim = with_all_lines(infusion_claim(claim_type), **changes)
    scrubbed = scrubbed_by(claim, made(_raise(ValueError("SECRET")), severity=severity))
    assert [finding.severity for finding in scrubbed.findings if finding.code == "SCRUB01"] == [grade]


def test_an_edit_that_fails_on_the_last_day_alone_has_failed() -> None:
    def failing(claim: Claim, _: Facts) -> Results:
        if claim.day == "last":
            raise ValueError
        return ()

    claim = with_all_lines(infusion_claim(), dates=(FIRST, LAST))
    scrubbed = scrubbed_by(claim, made(failing, severity="reject"))
    assert [(finding.code, finding.severity) for finding in scrubbed.findings] == [("SCRUB01", "reject")]


def test_the_author_of_an_edit_may_see_why_it_failed() -> None:
    seen: list[tuple[str, str]] = []
    scrubbed_by(
        infusion_claim(),
        made(_raise(ValueError("SECRET"))),
        crashed=lambda code, error: seen.append((code, str(error))),
    )
    assert seen == [("TEST01", "SECRET")]


def test_progress_is_reported_after_a_few_claims() -> None:
    """Claims are judged together: an edit that is slow on each of them must not look as if it hung."""
    seen: list[str] = []

    def check(claim: Claim, _: Facts) -> Results:
        seen.append("claim")
        yield from ()

    engine = Engine(of_edits(made(check)), Profile()).reporting(lambda: seen.append("progress"))
    scrub_text(build([infusion_claim()] * (2 * CLAIMS_OF_A_STEP + 1)), engine)
    step = ["claim"] * CLAIMS_OF_A_STEP
    assert seen == [*step, "progress", *step, "progress", "claim", "progress"]


def test_an_interrupt_is_no_finding() -> None:
    with pytest.raises(KeyboardInterrupt):
        scrubbed_by(infusion_claim(), made(_raise(KeyboardInterrupt())))


def test_an_edit_that_cannot_say_what_it_concerns_is_refused() -> None:
    for concerns in (family("no_such_family"), lambda facts: 7):
        catalogue = Catalogue({"TEST01": made(every_claim, concerns=concerns)})
        with pytest.raises(CatalogueError, match="edit TEST01: the codes it concerns cannot be found"):
            Engine(catalogue, Profile())


def test_an_edit_whose_table_is_not_loaded_is_named_once_for_the_file() -> None:
    edits = {
        "TEST01": made(every_claim, "TEST01", table="hcpcs"),
        "TEST02": made(every_claim, "TEST02", table="hcpcs", partly=True),
    }
    without = Engine(Catalogue(edits), Profile())
    assert {item.code: item.reason for item in without.unavailable} == {
        "TEST01": "table hcpcs is not loaded",
        "TEST02": "in part: table hcpcs is not loaded",
    }
    assert codes(scrub_text(build([infusion_claim()]), without)[0][0]) == ["TEST02"]
    loaded = attrs.evolve(shipped(), tables={"hcpcs": external_table("hcpcs", "test", [])})
    with_it = Engine(Catalogue(edits), Profile(), loaded)
    assert with_it.unavailable == []
    assert codes(scrub_text(build([infusion_claim()]), with_it)[0][0]) == ["TEST01", "TEST02"]


def test_an_edit_says_all_that_it_lacks() -> None:
    remembering = attrs.evolve(made(every_claim, "TEST01", table=("mue", "ncci", "hcpcs")), needs_history=True)
    tables = made(every_claim, "TEST02", table=("mue", "ncci"))
    partly = attrs.evolve(made(every_claim, "TEST03", table="mue", partly=True), needs_history=True)
    engine = Engine(of_edits(remembering, tables, partly), Profile())
    assert {item.code: item.reason for item in engine.unavailable} == {
        "TEST01": "no history of released claims is given; tables mue, ncci and hcpcs are not loaded",
        "TEST02": "tables mue and ncci are not loaded",
        "TEST03": "no history of released claims is given; table mue is not loaded",
    }
    assert codes(scrub_text(build([infusion_claim()]), engine)[0][0]) == []


def test_an_edit_that_asks_a_table_without_an_edition_of_the_day_is_not_checked() -> None:
    def asks(claim: Claim, facts: Facts) -> Results:
        yield finding(claim.at("claim_id"), "found before", "none")
        facts.table(name).row("11", claim.service_dates[0])
        yield finding(claim.at("claim_id"), "never found", "none")

    edit_ = made(asks, "TEST01", table=("pos", "mue"))
    old = external_table("pos", "old list", [], date(2020, 1, 1), date(2020, 12, 31))
    engine = Engine(Catalogue({"TEST01": edit_}), Profile(), attrs.evolve(shipped(), tables={"pos": old}))
    assert [item.reason for item in engine.unavailable] == ["in part: table mue is not loaded"]
    reasons = {
        "pos": "table pos has no edition for the date of service; the nearest is old list (2020-01-01 to 2020-12-31)",
        "mue": "table mue is not loaded",
    }
    for name, reason in reasons.items():  # noqa: B007 - the edit reads it
        (scrubbed, *_), _ = scrub_text(build([infusion_claim()]), engine)
        assert [found.message for found in scrubbed.findings] == ["found before"]
        assert [item.reason for item in scrubbed.not_checked] == [reason]


def test_a_file_edit_sees_the_claims_of_one_file_in_order() -> None:
    def begin() -> Check:
        seen: list[str] = []

        def check(claim: Claim, _: Facts) -> Results:
            seen.append(claim.claim_id)
            yield finding(claim.at("claim_id"), " ".join(seen), "none")

        return check

    begin.__doc__ = DOCUMENTED
    counting = file_edit("TEST01", "Counts", severity="info", concerns=None, source="a test")(begin)
    with_it = Engine(Catalogue({"TEST01": counting}), Profile())
    text = build([infusion_claim(claim_id=name) for name in ("A", "B", "C")])
    for _ in range(2):  # nothing is remembered from the file before
        scrubbed, _errors = scrub_text(text, with_it)
        assert [claim.findings[0].message for claim in scrubbed] == ["A", "A B", "A B C"]


def on_a_day(day: date) -> Check:
    def check(claim: Claim, _: Facts) -> Results:
        for line in claim.lines:
            if line.service_date == day:
                yield finding(line.at("service_date"), "that day", "none")

    return check


def undated(first: date, last: date) -> ClaimSpec:
    return attrs.evolve(with_all_lines(infusion_claim("837I"), dates=None), statement_dates=(first, last))


def with_a_day(claim: Claim, _: Facts) -> Results:
    for line in claim.lines:
        if line.service_date:
            yield finding(line.at("procedure"), "a line", "none")


def test_service_dates_of_several_days_are_judged_at_both_ends() -> None:
    always = scrubbed_by(undated(FIRST, LAST), made(with_a_day))
    assert codes(always) == ["TEST01", "TEST01"]
    assert all("judged on the first and on the last" in finding.message for finding in always.findings)
    for day in (FIRST, LAST):
        at_one_end = scrubbed_by(undated(FIRST, LAST), made(on_a_day(day)))
        assert codes(at_one_end) == []
        assert "the answer depends on which of them counts" in not_checked(at_one_end)["TEST01"]
    one_day = scrubbed_by(undated(FIRST, FIRST), made(on_a_day(FIRST)))
    assert [finding.message for finding in one_day.findings] == ["that day", "that day"]


def test_a_finding_says_that_dates_cover_several_days_only_where_the_day_mattered() -> None:
    def messages(check: Check, **options: Any) -> list[str]:
        return [finding.message for finding in scrubbed_by(undated(FIRST, LAST), made(check, **options)).findings]

    assert messages(every_line) == ["a line", "a line"]
    by_date = Severities(*(dated((date(2020, 1, 1), "warn")),) * 4)
    assert all("several days" in message for message in messages(every_line, severity=by_date))


def test_a_finding_on_the_claim_says_nothing_of_days() -> None:
    (one,) = scrubbed_by(undated(FIRST, LAST), made(every_claim)).findings
    assert one.message == "a claim"


def test_a_line_with_a_date_of_its_own_covers_one_day() -> None:
    claim = undated(FIRST, LAST)
    claim = attrs.evolve(claim, lines=(attrs.evolve(claim.lines[0], dates=FIRST), claim.lines[1]))
    messages = [finding.message for finding in scrubbed_by(claim, made(with_a_day)).findings]
    assert [("several days" in message) for message in messages] == [False, True]


def test_a_finding_may_carry_a_denial_of_its_own() -> None:
    def check(claim: Claim, _: Facts) -> Results:
        yield finding(claim.at("claim_id"), "one", "none", carc="29")
        yield finding(claim.at("claim_id"), "two", "none", claim_status="A6:21")

    found = scrubbed_by(infusion_claim(), made(check, carc="16", rarc="M53", claim_status="A7:187")).findings
    assert [(one.carc, one.rarc, one.claim_status) for one in found] == [
        ("29", None, "A7:187"),
        ("16", "M53", "A6:21"),
    ]


def test_the_python_contract() -> None:
    text = build([infusion_claim(claim_id="A"), waste_claim(claim_id="B")]).encode()
    claims = scrubber.scrub(io.BytesIO(text))
    assert [(scrubbed.claim.claim_id, scrubbed.disposition) for scrubbed in claims] == [("A", "clean"), ("B", "clean")]
    assert claims.errors == []
    assert [claim.claim_id for claim in scrubber.read_claims(io.BytesIO(text))] == ["A", "B"]


def test_errors_of_the_file_are_in_the_iterator_once_it_is_exhausted() -> None:
    text = build([infusion_claim()]).replace("SE*", "SE*9").encode()
    claims = scrubber.scrub(io.BytesIO(text), Profile(), conformance=False)
    assert len(list(claims)) == 1
    assert [error.code for error in claims.errors] == ["READ29"]


UNTRUSTED = re.sub(
    r"SE\*\d+\*0002",
    "SE*9*0002",
    build([infusion_claim(claim_id=name) for name in "ABC"], per_transaction=1),
)
"""The second of three transactions is broken."""


def test_claims_in_a_transaction_that_cannot_be_trusted_are_rejected_whatever_the_profile_says() -> None:
    ignoring = Profile(select=frozenset(), ignore=frozenset({"READ03"}))
    for profile in (None, ignoring):
        scrubbed = list(scrubber.scrub(io.BytesIO(UNTRUSTED.encode()), profile))
        assert [claim.disposition for claim in scrubbed] == ["clean", "rejected", "clean"]
        (finding,) = scrubbed[1].findings
        assert (finding.code, finding.severity, finding.location.element) == ("READ03", "reject", "CLM01")
        assert (finding.claim_status, finding.fix) == ("A3:21", FIXES[WRONG_COUNT])


def test_other_findings_stay_behind_it() -> None:
    text = build([infusion_claim()]).replace("SE*", "SE*9")
    stream = io.BytesIO(text.encode())
    scan = prescan(stream)
    stream.seek(0)
    events = list(Scrubbing(stream, Engine(of_edits(made(every_line, severity="reject")), Profile()), scan))
    (scrubbed,) = (event for event in events if isinstance(event, ScrubbedClaim))
    assert codes(scrubbed) == ["READ03", "TEST01", "TEST01"]


def test_a_seekable_stream_is_read_from_its_start_and_any_other_once() -> None:
    text = UNTRUSTED.encode()
    sought = io.BytesIO(text)
    sought.read(30)
    assert [claim.disposition for claim in scrubber.scrub(sought)] == ["clean", "rejected", "clean"]

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError("not seekable")

    class Bare:
        def __init__(self) -> None:
            self._stream = io.BytesIO(text)

        def read(self, size: int = -1, /) -> bytes:
            return self._stream.read(size)

    for stream in (Pipe(text), Bare()):
        claims = scrubber.scrub(stream)
        assert [claim.disposition for claim in claims] == ["clean", "clean", "clean"]
        assert [error.code for error in claims.errors] == ["READ29"]


def test_a_sound_claim_is_clean_under_all_installed_edits() -> None:
    for claim_type in ("837P", "837I"):
        for claim in (infusion_claim(claim_type), waste_claim(claim_type), visit_claim(claim_type)):
            scrubbed = scrub_one(claim)
            assert (found(scrubbed), not_checked(scrubbed)) == ([], {})


def test_claims_are_judged_together_as_they_are_one_by_one() -> None:
    """Whatever they are of, and file edits see them in the order of the file."""
    again = infusion_claim(claim_id="AGAIN", member_id="SAME", filing="CI")
    claims = [
        attrs.evolve(again, claim_id="FIRST"),
        visit_claim(claim_id="VISIT", diagnoses=("M32",)),
        attrs.evolve(again, filing="MC", frequency="8"),
        attrs.evolve(with_all_lines(infusion_claim(), modifiers=()), filing="16"),
        with_all_lines(again, dates=date(2026, 10, 8)),
        with_all_lines(infusion_claim(), units="X", dates="20261399"),
        with_all_lines(infusion_claim("837P"), dates=(FIRST, LAST)),
        again,
        with_all_lines(again, dates=date(2026, 10, 12)),
    ]
    read = list(scrubber.read_claims(io.BytesIO(build(claims).encode())))
    together, one_by_one = engine().for_file(), engine().for_file()
    scrubbed = together.scrub_all(read)
    alone = [one_by_one.scrub(claim) for claim in read]
    assert [(one.claim, one.findings, one.not_checked) for one in scrubbed] == [
        (one.claim, one.findings, one.not_checked) for one in alone
    ]
    of_patient = [set(codes(claim)) for claim in scrubbed if claim.claim.claim_id in ("FIRST", "AGAIN")]
    assert [found & {"DUP02", "INT01"} for found in of_patient] == [set(), set(), {"INT01"}, {"DUP02"}, {"INT01"}]
