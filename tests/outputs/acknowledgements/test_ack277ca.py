"""The 277CA: levels, totals, statuses of claims and lines, and what it repeats of a claim."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from scrubber import RunOptions
from scrubber.edit import finding
from scrubber.engine import profile as profiles
from scrubber.engine.acknowledgement import Acknowledgement
from scrubber.engine.profile import ProfileError
from scrubber.outputs.acknowledgements.codes import tables
from scrubber.outputs.acknowledgements.status import rejection
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    build,
    claim_of,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from tests.outputs.acknowledgements.answers import Answered, ClaimStatus, answers_to, assert_valid, read_277ca
from tests.scrubbing import each, each_type, installed

NO_MODIFIER = with_line(infusion_claim("837P", "NO-JZ"), 1, modifiers=(), control_number="ITEM-7")


def answered(*claims: ClaimSpec, options: RunOptions | None = None, text: str = "") -> Answered:
    data = answers_to((text or build(claims)).encode("latin-1"), options).ack_277ca
    assert_valid(data)
    (found,) = read_277ca(data)
    return found


def status_of(claim: ClaimSpec, options: RunOptions | None = None) -> ClaimStatus:
    (found,) = answered(claim, options=options).claims
    return found


def profile(folder: Path, text: str) -> RunOptions:
    path = folder / "profile.toml"
    path.write_text(text)
    return RunOptions(profile=path)


def test_source_submitter_and_totals() -> None:
    found = answered(infusion_claim("837P", "A"), NO_MODIFIER, visit_claim("837P", "C"))
    assert found.source == ["AY", "2", "SAMPLE CLEARINGHOUSE", "", "", "", "", "46", "RECEIVE01"]
    assert found.submitter == ["41", "2", "SAMPLE BILLING SERVICE", "", "", "", "", "46", "SUBMIT01"]
    assert (found.trace, found.day) == ("BATCH0001", "20261015")
    totals = {"90": 2, "AA": 1, "YU": Decimal(5100), "YY": Decimal(4980), "all": Decimal(10080)}
    provider = {"QA": 2, "QC": 1, "YU": Decimal(5100), "YY": Decimal(4980), "all": Decimal(10080)}
    assert found.totals == [("21", totals), ("19", provider)]


def test_what_is_zero_is_left_out_of_the_totals() -> None:
    assert {*answered(infusion_claim()).totals[0][1]} == {"90", "YU", "all"}
    assert {*answered(NO_MODIFIER).totals[0][1]} == {"AA", "YY", "all"}


def test_a_reject_on_a_line() -> None:
    found = status_of(NO_MODIFIER)
    assert found.rejected
    ((status, text),) = found.statuses
    assert status == ["A6", "453"]
    assert text.startswith("REJECT JWJZ01 line 1 SV101-3 - J0490 comes in single-dose vials")
    (line,) = found.lines
    assert (line.service, line.charge, line.item) == (["HC", "J0490"], Decimal(4800), "ITEM-7")
    assert (line.statuses, line.dates) == ([["A6", "453"]], "20261005")


def test_more_than_three_rejects_of_a_line_take_a_second_loop() -> None:
    claim = with_line(infusion_claim(), 1, modifiers=("JW", "JZ", "XXX"), ndc="1234", units=-1, pointers=(9,))
    lines = status_of(claim).lines
    assert len(lines) == 2
    assert len(lines[0].statuses) == 3
    assert {line.item for line in lines} == {"1"}


def test_a_warning_stands_on_an_accepted_claim_and_on_no_line() -> None:
    found = status_of(_warned())
    assert not found.rejected
    assert found.lines == []
    assert [status for status, _ in found.statuses] == [["A1", "19", "40"]]
    assert found.statuses[0][1].startswith("WARN ADM01 line 2 SV101-2 - ")


def _warned() -> ClaimSpec:
    return attrs.evolve(with_line(infusion_claim(), 2, procedure="96413"), filing="CI")


def test_a_warning_beside_a_reject_is_not_an_acceptance(tmp_path: Path) -> None:
    options = profile(tmp_path, '[acknowledgement]\naccepted = "A2:20"\n')
    found = status_of(with_line(_warned(), 1, modifiers=("JW", "JZ")), options)
    assert found.rejected
    categories = [status[0] for status, _ in found.statuses]
    assert categories[0] in ("A6", "A7", "A8")
    assert {*categories} - {"A3", "A6", "A7", "A8"} == {"A1"}


@each_type
def test_what_is_repeated_of_a_claim(claim_type: ClaimType) -> None:
    claim = infusion_claim(claim_type, "ID-1", clearinghouse_id="CH77", payer_claim_control_number="PAYER1")
    found = status_of(claim)
    assert found.references == {"D9": "CH77"} | ({"BLT": "131"} if claim_type == "837I" else {})
    assert found.dates == "20261005"
    assert found.patient[:4] == ["QC", "1", "BIRCHMERE", "BRUNO"]
    assert found.patient[7:] == ["MI", "9XX0XX0XX01"]
    name = {"837P": "QUIET MEADOW LUPUS CENTER", "837I": "STONE BRIDGE HOSPITAL"}[claim_type]
    assert found.provider[:3] == ["85", "2", name]
    assert found.provider[7] == "XX"


def test_several_days_are_a_range() -> None:
    claim = with_line(infusion_claim(), 1, dates=date(2026, 10, 1))
    assert status_of(claim).dates == "20261001-20261005"


def test_a_date_that_cannot_be_read_is_no_date() -> None:
    claim = infusion_claim()
    found = status_of(with_line(with_line(claim, 1, dates=None), 2, dates=None))
    assert found.rejected
    assert found.dates == "19000101"


def test_a_dependent_is_named_with_the_number_of_the_subscriber() -> None:
    found = status_of(infusion_claim(dependent=True, member_id="MEMBER77", filing="CI"))
    assert found.patient[2:4] != ["", ""]
    assert found.patient[8] == "MEMBER77"


def test_claims_of_one_patient_stand_under_one_level() -> None:
    text = build([infusion_claim("837P", "A")], eol="")
    claim = text[text.index("CLM*A") : text.index("~SE*") + 1]
    counted = int(text[text.index("~SE*") :].split("*")[1])
    again = f"{claim.replace('CLM*A', 'CLM*B')}SE*{counted + claim.count('~')}*"
    twice = text.replace(f"~SE*{counted}*", f"~{again}")
    found = answered(text=twice)
    assert [claim.claim_id for claim in found.claims] == ["A", "B"]
    assert answers_to(twice.encode()).ack_277ca.count(b"NM1*QC") == 1


def test_no_person_is_named_in_doubt() -> None:
    text = build([infusion_claim("837P", "A"), infusion_claim("837P", "B")], eol="").replace("HL*3*1*22", "HL*9*1*22")
    _, second = answered(text=text).claims
    assert second.patient == ["QC", "1", "UNKNOWN", "", "", "", "", "MI", "UNKNOWN"]
    assert second.statuses[0][0] == ["A3", "21"]


def test_a_claim_status_names_the_role_of_the_party() -> None:
    statuses = {
        loop: status_of(claim).statuses[0][0]
        for loop, claim in {
            "82": infusion_claim(rendering_npi="1234567890"),
            "IL": infusion_claim(birth_date="20300101"),
        }.items()
    }
    assert statuses == {"82": ["A7", "562", "82"], "IL": ["A7", "158", "IL"]}


def test_suppressed_findings_do_not_reject(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(
        '[[suppress]]\nclaim = "NO-JZ"\ncode = "JWJZ01"\nreason = "r"\nauthor = "a"\nexpires = 2027-01-31\n'
    )
    found = status_of(NO_MODIFIER, RunOptions(suppressions=known))
    assert not found.rejected
    assert found.statuses == [(["A1", "19", "40"], "")]


def test_with_hidden_names_the_answer_still_names_the_claim(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    assert status_of(NO_MODIFIER, RunOptions(key=key)).claim_id == "NO-JZ"


def test_the_day_of_the_run(tmp_path: Path) -> None:
    found = answered(infusion_claim(), options=RunOptions(as_of=date(2026, 12, 24)))
    assert found.day == "20261224"


def test_a_profile_chooses_acceptance_and_category(tmp_path: Path) -> None:
    options = profile(tmp_path, '[acknowledgement]\naccepted = "A2:20"\nrejected = "A3"\n')
    found = answered(infusion_claim("837P", "A"), NO_MODIFIER, options=options)
    assert found.source[0] == "PR"
    good, bad = found.claims
    assert good.statuses == [(["A2", "20"], "")]
    assert bad.statuses[0][0] == ["A3", "453"]
    assert bad.lines[0].statuses == [["A3", "453"]]


@each(
    ("text", "complaint"),
    {
        "not a table": ("acknowledgement = 1", "acknowledgement must be a table"),
        "an unknown key": ("[acknowledgement]\naccept = 1", "unknown key of acknowledgement 'accept'"),
        "an unknown value": ('[acknowledgement]\nrejected = "A9"', "unknown acknowledgement rejected 'A9'"),
    },
)
def test_a_profile_with_a_mistake_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(text)
    with pytest.raises(ProfileError, match=complaint):
        profiles.load(str(path), installed())


@each(
    ("status", "older", "current"),
    {
        "a number that every list has": ("A6:453", "453", "453"),
        "a newer one": ("A7:772", "255", "772"),
        "another newer one": ("A8:788", "218", "788"),
        "one that no list has": ("A7:999", "21", "999"),
        "no status": (None, "21", "21"),
        "not a status": ("453", "21", "21"),
        "leading zeros": ("A7:021", "21", "21"),
    },
)
def test_newer_status_numbers_fall_back(status: str | None, older: str, current: str) -> None:
    where = claim_of(infusion_claim()).at("claim_id")
    found = finding(where, "m", "f", "reject", claim_status=status)
    assert rejection(found, Acknowledgement()).number == older
    assert rejection(found, Acknowledgement(status_codes="current")).number == current


def test_every_status_of_an_edit_is_known_or_falls_back() -> None:
    from pyx12.codes import ExternalCodes

    known = ExternalCodes().codes["claim_status"]["codes"]
    fall_backs = tables()["status"]["older"]
    used = {edit.claim_status.split(":")[1] for edit in installed().edits.values() if edit.claim_status}
    assert {number for number in used if number not in known} <= {*fall_backs}
    assert {*fall_backs.values()} <= known
    assert not {*fall_backs} & known


def test_other_delimiters_and_values_that_hold_those_of_others() -> None:
    claim = infusion_claim("837P", "HOSTILE", clearinghouse_id="NUMBER")
    text = build([claim], delimiters=DelimiterSpec("|", ">", "!", "\n"), eol="")
    text = text.replace("HOSTILE", "A*B:C~D").replace("NUMBER", "CH*1")
    (found,) = answered(text=text).claims
    assert found.claim_id == "A*B:C~D"
    assert found.references["D9"] == "CH*1"


def test_unprintable_delimiters_are_replaced() -> None:
    text = build([infusion_claim("837P", "A")], delimiters=DelimiterSpec("\x1d", ":", "^", "\x1c"), eol="")
    data = answers_to(text.encode("latin-1")).ack_277ca
    assert data.startswith(b"ISA*00*")


def test_messages_are_cut_to_what_the_guide_allows() -> None:
    for seed in (drug_line(modifiers=()), drug_line(units=800)):
        for _, text in status_of(infusion_claim(lines=(seed,))).statuses:
            assert len(text) <= 264


def test_each_billing_provider_has_its_level() -> None:
    text = build([infusion_claim("837P", "A"), waste_claim("837P", "B")], per_transaction=1)
    first, second = read_277ca(answers_to(text.encode()).ack_277ca)
    assert [claim.claim_id for found in (first, second) for claim in found.claims] == ["A", "B"]
