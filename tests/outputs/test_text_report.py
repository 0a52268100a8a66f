"""The text report: each finding in full, nothing of a person shown, totals that add up, harmless in a terminal."""

from __future__ import annotations

import io
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.edit import NotChecked
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import Suppression
from scrubber.outputs.layout import Style, plain
from scrubber.outputs.summary import Summary
from scrubber.outputs.text_report import TextReport
from scrubber.reference import Facts
from scrubber.running.inputs import Input
from scrubber.testing import (
    ClaimType,
    DelimiterSpec,
    LineSpec,
    build,
    drug_line,
    infusion_claim,
    waste_claim,
    with_line,
)
from scrubber.x12.bounded import Offsets
from scrubber.x12.errors import LocatedError
from scrubber.x12.prescan import Prescan
from tests.outputs.reporting import InMemory, always_finding, fill
from tests.scrubbing import FIXTURES, each, each_type, engine, every_claim, made, of_edits, scrub_text

SCAN = Prescan("", 0, "", 1, 0, (), Offsets(), Offsets(), ())
"""The first pass over a file in which nothing is wrong."""


def report(text: str | Input, with_engine: Engine | None = None, **options: Any) -> str:
    out = io.StringIO()
    used = with_engine or engine()
    fill(TextReport(out, used, **options), [InMemory("claims.837", text) if isinstance(text, str) else text], used)
    return out.getvalue()


def undecided(reason: str = "no reason", code: str = "TEST01") -> Engine:
    """An engine that decides on no claim."""

    def check(_: Claim, __: Facts) -> Iterator[NotChecked]:
        yield NotChecked(reason)

    return Engine(of_edits(made(check, code)), Profile())


WITHOUT_JZ = infusion_claim("837P", "CLAIM-1", lines=(drug_line(modifiers=()), LineSpec("96365")))


def test_a_claim_with_findings() -> None:
    text = report(build([infusion_claim(), WITHOUT_JZ]), engine("JWJZ01"))
    assert text == (
        "claims.837  interchange 000000001\n"
        "\n"
        "REJECTED  claim 2  CLAIM-1  837P  $4,980.00  payer 00002  on 2026-10-05\n"
        "  line 1  reject JWJZ01  J0490 comes in single-dose vials and has neither JW nor JZ\n"
        "      at  SV101-3, loop 2400 (service line), segment 45 from ST, line 47 of the file\n"
        "          SV1*HC:J0490*4800*UN*80***1\n"
        "                      ^\n"
        "     fix  add JZ if nothing was discarded, else add a line with JW for the discarded units\n"
        "  denial  CARC 16, RARC N822, 277CA A6:453\n"
        "\n"
        "2 claims  $9,960.00  1 clean  0 flagged  1 rejected ($4,980.00)\n"
        "1 finding  1 reject\n"
        "\n"
        "What a code means, and what to do: scrubber explain JWJZ01\n"
    )


def test_the_source_is_shown_where_asked_for() -> None:
    text = build([WITHOUT_JZ])
    assert "  source  " not in report(text, engine("JWJZ01"))
    shown = report(text, engine("JWJZ01"), show_source=True)
    assert "\n  source  CMS discarded drugs page and JW/JZ FAQ; Medicare Claims Processing Manual" in shown
    assert "(confidence 0.95)\n" in shown


def test_a_claim_level_finding_and_one_on_a_missing_segment() -> None:
    lines = (LineSpec("J0490"), LineSpec("96365"))
    claim = infusion_claim("837P", diagnoses=("M3219", "M320"), lines=lines, filing="CI")
    text = report(build([claim]), engine("DX12", "NDC01"))
    assert "   claim  warn DX12  the claim has M32.0 (drug-induced lupus) and another lupus code\n" in text
    assert "      at  HI02-2, loop 2300 (claim), segment 21 from ST, line 23 of the file\n" in text
    assert (
        "      at  LIN03, loop 2410 (drug of the line), missing after segment 25 from ST, line 27 of the file\n" in text
    )


def test_a_finding_above_the_claim_names_its_level() -> None:
    claim = attrs.evolve(infusion_claim(), member_id="")
    text = report(build([claim]), engine("ENT01"))
    assert "      at  NM109, loop 2010BA (subscriber), segment " in text


def test_findings_stand_apart_and_claims_without_any_are_not_listed() -> None:
    rows = report(build([infusion_claim(), infusion_claim()]), always_finding("a fault", severity="info")).splitlines()
    assert [row.split("  ")[:2] for row in rows if row.startswith("CLEAN")] == [
        ["CLEAN", "claim 1"],
        ["CLEAN", "claim 2"],
    ]
    assert "CLEAN" not in report(build([infusion_claim()]), engine("JWJZ01"))


@each(
    "dates, shown",
    {"one": (["20261005"] * 2, "on 2026-10-05\n"), "two": (["20261005", "20261007"], "on 2026-10-05 to 2026-10-07\n")},
)
def test_the_days_of_service_are_reported(dates: list[str], shown: str) -> None:
    claim = infusion_claim()
    for number, day in enumerate(dates, 1):
        claim = with_line(claim, number, dates=day)
    assert shown in report(build([claim]), always_finding("a fault"))


def test_the_transaction_is_reported_where_there_are_several() -> None:
    claims = [infusion_claim(), infusion_claim()]
    assert "transaction" not in report(build(claims), always_finding("a fault"))
    assert "  transaction 0002\n" in report(build(claims, per_transaction=1), always_finding("a fault"))


# Not checked


def test_what_was_not_checked_is_reported_with_a_claim_and_for_the_file() -> None:
    text = report(build([with_line(waste_claim(), 2, units="three")]), engine("JWJZ05", "READ02"))
    assert "\n\n  Not checked: JWJZ05: SV104 is not a number\n\n" in text
    assert "\nNot checked: JWJZ05 on claim 1: SV104 is not a number\n" in text


def test_a_claim_without_findings_is_not_listed_for_unchecked_edits() -> None:
    text = report(build([infusion_claim()] * 7), undecided())
    assert "claim 1" not in text
    assert "\nNot checked: TEST01 on 7 claims (1, 2, 3, 4, 5 ...): no reason\n" in text


def test_reasons_are_gathered() -> None:
    edits = of_edits(*(undecided(code=code).catalogue.edits[code] for code in ("ONE01", "TWO01")))
    text = report(build([infusion_claim()] * 2), Engine(edits, Profile()))
    assert "\nNot checked: ONE01, TWO01 on 2 claims (1, 2): no reason\n" in text


def test_too_many_reasons_are_counted() -> None:
    def check(claim: Claim, _: Facts) -> Iterator[NotChecked]:
        yield NotChecked(f"reason {claim.claim_id}")

    text = report(
        build([infusion_claim(claim_id=f"C{number}") for number in range(205)]),
        Engine(of_edits(made(check)), Profile()),
    )
    assert text.count("Not checked: TEST01 on claim ") == 200
    assert "\nNot checked, for other reasons: 5 times\n" in text


def test_edits_without_their_table_are_reported_once_at_the_end() -> None:
    edits = of_edits(
        *(made(every_claim, code, table="hcpcs") for code in ("ONE01", "TWO01")),
        made(every_claim, "PART01", table="mue", partly=True, severity="info"),
    )
    out = io.StringIO()
    used = Engine(edits, Profile())
    fill(TextReport(out, used), [InMemory(name, build([infusion_claim()])) for name in "ab"], used)
    assert out.getvalue().endswith(
        "\n"
        "Not checked because a table is not loaded: ONE01 (hcpcs), TWO01 (hcpcs)\n"
        "Checked in part because a table is not loaded: PART01 (mue)\n"
        "How to load tables: scrubber reference import --help\n"
        "What a code means, and what to do: scrubber explain PART01\n"
    )


def test_an_edit_that_lacks_tables_and_the_history_is_named_with_both() -> None:
    edits = of_edits(
        attrs.evolve(made(every_claim, "ONE01"), needs_history=True),
        attrs.evolve(made(every_claim, "TWO01", table="mue"), needs_history=True),
        attrs.evolve(made(every_claim, "FILE01"), needs_history=True, in_file=True),
        attrs.evolve(made(every_claim, "FILE02", table="mue"), needs_history=True, in_file=True),
    )
    text = report(build([infusion_claim()]), Engine(edits, Profile()))
    assert "\nNot checked because a table is not loaded: TWO01 (mue), FILE02 (mue)\n" in text
    assert "\nNot checked because no history of released claims is given: ONE01, TWO01\n" in text
    assert "\nChecked within the file only because no history of released claims is given: FILE01\n" in text


def test_a_shipped_table_that_ends_is_reported_with_its_last_day() -> None:
    text = " ".join(report(build([infusion_claim()]), engine("DX05", "DX11")).split())
    assert "Checked in part: DX05, DX11: the shipped table icd10cm-tabular ends on " in text
    assert "()" not in text


# Findings that do not count


def test_suppressed_and_shadowed_findings_are_counted_apart() -> None:
    out = io.StringIO()
    writer = TextReport(out, engine())
    writer.begin_file("claims.837", SCAN)
    entry = Suppression("known.toml", 1, "JWJZ01", "a waste log", "A. Biller", date(2099, 12, 31))
    summary = Summary(accepted=Counter({entry: 1200, None: 1}))
    summary.shadow.update({"ADM01": 3, "ADM02": 1})
    writer.end_file(SCAN, summary)
    assert (
        "\n1,201 findings suppressed, not counted\n"
        "  JWJZ01: 1,200 findings suppressed: a waste log (A. Biller, until 2099-12-31)\n"
        "  1 finding known from the baseline\n"
        "In shadow, not counted: ADM01 3, ADM02 1\n"
    ) in out.getvalue()


# The file itself


def test_errors_of_the_file_come_first() -> None:
    text = report(build([infusion_claim()]).replace("IEA*1", "IEA*2"), engine("JWJZ01"))
    _, headline, where, *_ = text.splitlines()
    assert headline == "    file  reject READ29  IEA01 is not 1, the number counted"
    assert where.startswith("      at  line 36 of the file, byte ")


def test_notices_come_at_the_end() -> None:
    out = io.StringIO()
    writer = TextReport(out, engine("JWJZ01"))
    writer.begin_file("claims.837", SCAN)
    writer.end_file(SCAN, Summary(), [LocatedError("SCRUB03", "a note is there", 12, 400)])
    assert (
        "\n\n    file  info SCRUB03  a note is there\n      at  segment 12 from ST, byte 400\n\n0 claims"
        in out.getvalue()
    )


def test_very_many_errors_are_not_listed_one_by_one() -> None:
    out = io.StringIO()
    errors = tuple(LocatedError("READ35", "an empty segment", None, number) for number in range(1_000))
    TextReport(out, engine()).begin_file("claims.837", attrs.evolve(SCAN, errors=errors))
    assert out.getvalue().count("READ35") == 50
    assert out.getvalue().endswith("          and 950 errors more\n")


def test_files_are_summed_up() -> None:
    out = io.StringIO()
    used = engine("JWJZ01")
    sources = [InMemory("a.837", build([WITHOUT_JZ])), InMemory("b.837", build([infusion_claim()] * 2))]
    fill(TextReport(out, used), sources, used)
    assert "\n2 files, 3 claims  $14,940.00  2 clean  0 flagged  1 rejected ($4,980.00)\n1 finding  1 reject\n" in (
        out.getvalue()
    )


def test_no_files_no_words() -> None:
    out = io.StringIO()
    TextReport(out, engine()).close()
    assert out.getvalue() == ""


# Statistics


def test_statistics_stand_instead_of_the_claims() -> None:
    claims = [WITHOUT_JZ, attrs.evolve(WITHOUT_JZ, filing="CI"), infusion_claim(diagnoses=("M3219", "M320"))]
    text = report(build(claims), engine("JWJZ01", "DX12"), statistics=True)
    assert text == (
        "claims.837  interchange 000000001\n"
        "\n"
        "3 claims  $14,940.00  0 clean  2 flagged (in the clean file)  1 rejected ($4,980.00)\n"
        "3 findings  1 reject  2 warn\n"
        "\n"
        "code    reject  warn  info  claims   at stake  title\n"
        "JWJZ01       1     1     -       2  $9,960.00  Neither JW nor JZ on a single-dose drug\n"
        "DX12         -     1     -       1  $4,980.00  Drug-induced and systemic lupus together\n"
        "\n"
        "A claim counts once for each of its codes. At stake: the charges of rejected and flagged claims.\n"
        "\n"
        "payer  reject  warn  info  claims   at stake\n"
        "00002       1     1     -       2  $9,960.00\n"
        "HL100       -     1     -       1  $4,980.00\n"
        "\n"
        "What a code means, and what to do: scrubber explain JWJZ01\n"
    )


def test_statistics_of_nothing_are_no_table() -> None:
    text = report(build([infusion_claim()]), engine("JWJZ01"), statistics=True)
    assert text.endswith("\n1 claim  $4,980.00  1 clean  0 flagged  0 rejected\n0 findings\n\n")
    assert "at stake" not in report(build([infusion_claim()]), undecided(), statistics=True)


# Nothing of a person


PERSONAL = {
    "birth_date": date(1984, 3, 9),
    "member_id": "MEMBERSECRET",
    "note": "NOTESECRET",
    "prior_authorization": "AUTHSECRET",
}


@each_type
def test_the_report_holds_the_claim_id_and_nothing_else_of_a_person(claim_type: ClaimType) -> None:
    line = drug_line(modifiers=("JZ", "TB"), description="GIVEN TO ANNA")
    claim = infusion_claim(claim_type, "CLAIM-1", lines=(line, drug_line(modifiers=(), units="8O")), **PERSONAL)
    claim = attrs.evolve(claim, diagnoses=("M320", "M3219"))
    text = report(build([with_line(claim, 2, dates="19840399")]))
    assert "CLAIM-1" in text
    for secret in ("19840309", "1984-03-09", "SECRET", "ANNA", "19840399", "SAMPLE LANE", "BIRCHMERE", "BRUNO"):
        assert secret not in text


# On a terminal


def dressed(text: str, kind: str) -> str:
    return f"<{kind}>{text}</{kind}>"


def test_dress_only_where_asked_for() -> None:
    text = build([WITHOUT_JZ])
    assert "\x1b" not in report(text)
    in_dress = report(text, engine("JWJZ01"), style=dressed)
    assert "<rejected>REJECTED</rejected>  <strong>claim 1</strong>" in in_dress
    assert "<reject>reject</reject> <strong>JWJZ01</strong>" in in_dress
    assert "<reject>            ^</reject>" in in_dress
    assert "<rejected>1 rejected ($4,980.00)</rejected>" in in_dress


@each("style", {"plain": plain, "dressed": dressed})
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_row_is_wider_than_the_terminal(style: Style, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES)  # a path is never cut or wrapped, so that it can be copied whole
    source = Input("clinic-day.837")
    text = report(source, style=style, width=width, show_source=True)
    for kind in ("strong", "dim", "reject", "warn", "info", "rejected", "flagged", "clean"):
        text = text.replace(f"<{kind}>", "").replace(f"</{kind}>", "")
    assert max(map(len, text.splitlines())) <= width
    words = " ".join(report(source, show_source=True).split()).replace("^", "")
    assert " ".join(text.split()).replace("^", "") == words or width == 40  # where excerpts are cut


def test_nothing_is_lost_in_a_narrow_terminal() -> None:
    text = report(build([WITHOUT_JZ]), engine("JWJZ01"), width=40)
    assert text.splitlines()[2:11] == [
        "REJECTED  claim 1  CLAIM-1  837P",
        "          $4,980.00  payer 00002",
        "          on 2026-10-05",
        "  line 1  reject JWJZ01  J0490 comes in",
        "          single-dose vials and has",
        "          neither JW nor JZ",
        "      at  SV101-3, loop 2400 (service",
        "          line), segment 25 from ST,",
        "          line 27 of the file",
    ]


@each(
    "claim_id",
    {
        "colours": "ID\x1b[31mRED",
        "title": "\x1b]0;title\x07",
        "eight bits": "ID\x9b1m\x85NEXT",
        "rows": "ID\r\nREJECTED  claim 9  FORGED",
        "long": "x" * 10_000,
    },
)
def test_no_claim_id_plays_with_the_terminal(claim_id: str) -> None:
    claim = infusion_claim("837P", claim_id, lines=(drug_line(modifiers=()),))
    text = report(build([claim], delimiters=DelimiterSpec("\x1d", "\x1f", "\x1e", "\x1c"), eol=""), width=100)
    assert text.replace("\n", "").isprintable()
    assert "claim 9" not in [row[10:17] for row in text.splitlines()]
    assert max(map(len, text.splitlines())) <= 100


@each("message", {"rows": "a\n  line 9  reject FAKE01", "colours": "a\x1b[31m", "long": "word " * 10_000})
def test_no_message_plays_with_the_terminal(message: str) -> None:
    text = report(build([infusion_claim()]), always_finding(message, message))
    assert text.replace("\n", "").isprintable()
    assert not [row for row in text.splitlines() if row.startswith("  line 9")]
    assert len(text) < 10_000


# As a stream


def peak(claims: int, **options: Any) -> int:
    """Memory that a report needs at most for so many claims with findings, some of them of many kinds."""
    (scrubbed,), _ = scrub_text(build([with_line(WITHOUT_JZ, 1, units="x")]), engine())
    assert scrubbed.findings
    assert scrubbed.not_checked
    writer = TextReport(Nowhere(), engine(), **options)
    writer.begin_file("claims.837", SCAN)
    summary = Summary()
    tracemalloc.start()
    try:
        for _ in range(claims):
            fresh = ScrubbedClaim(scrubbed.claim, scrubbed.findings, scrubbed.not_checked)
            summary.count(fresh)
            writer.claim(fresh)
        writer.end_file(SCAN, summary)
        writer.close()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Nowhere(io.StringIO):
    """Keeps nothing of what is written."""

    def write(self, text: str, /) -> int:
        return len(text)


@each("options", {"listed": {}, "statistics": {"statistics": True}})
def test_memory_is_flat(options: dict[str, Any]) -> None:
    peak(10, **options)
    assert peak(400, **options) < peak(20, **options) + 50_000
