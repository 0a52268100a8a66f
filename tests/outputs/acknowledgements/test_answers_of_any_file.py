"""Answers to files of every make: valid by pyx12's maps, the same bytes twice, and true to the report."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.lanes import some
from tests.outputs.acknowledgements.answers import (
    BILLING_FIXTURES,
    FIXTURES,
    Answered,
    Answers,
    ClaimStatus,
    answers_to,
    assert_valid,
    envelopes,
    read_277ca,
    read_999,
)
from tests.outputs.acknowledgements.generating import generated
from tests.test_samples import SAMPLES

QUICK, ALL = 25, 500

SAMPLE_FILES = sorted(path for path in (SAMPLES / "837").glob("*") if path.is_file())

MOST_EXACT = 10**14
"""The sum of larger charges may lack its cents: an amount has at most 18 digits."""

FALL_BACK = {"772": "255", "777": "21", "779": "259", "788": "218", "796": "454"}
TEXT = re.compile(r"(REJECT|WARN|INFO) ([A-Z]+\d\d)(?: line (\d+))?(?: ([A-Z][A-Z0-9]{1,2}(?:\d\d(?:-\d+)?)?))? - .+")


@pytest.mark.parametrize("path", some(FIXTURES), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_answers_to_each_fixture_are_right(path: Path) -> None:
    assert_right(path.read_bytes())


@pytest.mark.slow
def test_billing_fixtures() -> None:
    for path in BILLING_FIXTURES:
        assert_right(path.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("path", SAMPLE_FILES, ids=lambda path: path.name)
def test_the_answers_to_each_real_file_are_right(path: Path) -> None:
    assert_right(path.read_bytes())


@pytest.mark.parametrize("seed", some(range(QUICK)))
def test_a_generated_file(seed: int) -> None:
    assert_right(generated(seed))


@pytest.mark.slow
def test_many_generated_files() -> None:
    for seed in range(QUICK, ALL):
        assert_right(generated(seed))


@pytest.mark.slow
def test_the_generated_files_are_of_every_kind() -> None:
    """Accepted, rejected and flagged claims, and rejected transactions and interchanges."""
    seen: Counter[str] = Counter()
    for seed in range(60):
        answers = answers_to(generated(seed))
        ta1s, groups = read_999(answers.ack_999)
        seen.update(f"IK5 {ik5[0]}" for group in groups for _, _, ik5 in group.transactions)
        seen.update(f"AK9 {group.ak9[0]}" for group in groups)
        seen.update(f"TA1 {ta1[3]}" for ta1 in ta1s)
        for claim in acknowledged(answers):
            seen.update({"U" if claim.rejected else "WQ", f"{len(claim.lines)} lines"})
            seen.update(status[0] for status, _ in claim.statuses)
    wanted = {"IK5 A", "IK5 E", "IK5 R", "AK9 A", "AK9 E", "AK9 R", "AK9 P", "TA1 R", "U", "WQ", "0 lines", "1 lines"}
    assert {*wanted, "A1", "A3", "A6", "A7", "A8"} <= {*seen}, seen


def assert_right(data: bytes) -> None:
    answers = answers_to(data)
    assert_valid(answers.ack_999)
    assert_valid(answers.ack_277ca)
    again = answers_to(data)
    assert (again.ack_999, again.ack_277ca) == (answers.ack_999, answers.ack_277ca)
    answered = read_277ca(answers.ack_277ca)
    for transaction in answered:
        assert_totals(transaction)
    assert_every_claim_is_answered(answers, answered)
    assert_rejected_transactions_are_left_out(answers)
    if len(list(envelopes(answers.ack_999))) == 1:
        assert_verdicts(answers)


def assert_verdicts(answers: Answers) -> None:
    """R: all claims are rejected. E: a claim, or the file, is at fault. A: no claim breaks the guide."""
    _, groups = read_999(answers.ack_999)
    verdicts = {(group.ak1[1], ak2[1]): ik5[0] for group in groups for ak2, _, ik5 in group.transactions}
    if len(verdicts) < sum(len(group.transactions) for group in groups):
        return  # control numbers are used twice
    for (group_control, control), verdict in verdicts.items():
        claims = [
            claim
            for claim in answers.report["claims"]
            if (claim["group"], claim["transaction"].rjust(4, "0")) == (group_control, control)
        ]
        broken = [finding["code"] for claim in claims for finding in claim["findings"] if breaks_the_guide(finding)]
        if verdict == "R":
            assert all(claim["disposition"] == "rejected" for claim in claims)
        elif verdict == "E":
            assert broken or answers.report["errors"]
        else:
            assert broken == []


def breaks_the_guide(finding: dict[str, Any]) -> bool:
    return bool(finding["severity"] == "reject" and finding["code"].startswith("IG"))


def assert_totals(transaction: Answered) -> None:
    """The totals of submitter and providers are those of the claims beneath."""
    (_, whole), *providers = transaction.totals
    assert [level for level, _ in transaction.totals] == ["21", *["19"] * len(providers)]
    claims = transaction.claims
    if max(abs(claim.charge) for claim in claims) > MOST_EXACT:
        return
    accepted, rejected = ([claim for claim in claims if claim.rejected is side] for side in (False, True))
    assert whole.get("90", 0) == len(accepted)
    assert whole.get("AA", 0) == len(rejected)
    assert whole.get("YU", 0) == sum(claim.charge for claim in accepted)
    assert whole.get("YY", 0) == sum(claim.charge for claim in rejected)
    assert whole["all"] == sum(claim.charge for claim in claims)
    for name, above in (("QA", "90"), ("QC", "AA"), ("YU", "YU"), ("YY", "YY"), ("all", "all")):
        assert sum(found.get(name, Decimal(0)) for _, found in providers) == whole.get(above, 0)


def assert_every_claim_is_answered(answers: Answers, answered: list[Answered]) -> None:
    """The claims of the 277CA are those of the report, in order; only claims of rejected transactions are missing."""
    reported = answers.report["claims"]
    rejected = sum(group_is_rejected(claim) for claim in reported)
    waiting = iter(reported)
    claims = [(found.controls, claim) for found in answered for claim in found.claims]
    for controls, claim in claims:
        record = next(record for record in waiting if same_claim(record, controls, claim))
        assert claim.rejected is (record["disposition"] == "rejected")
        assert claim.charge == Decimal(record["charge"] or 0)
        assert_findings(record, claim)
    assert len(reported) - len(claims) <= rejected


def group_is_rejected(record: dict[str, Any]) -> bool:
    """Whether a claim may stand in a transaction that is rejected as a whole."""
    return any(finding["code"] in ("READ03", "IG90") for finding in record["findings"])


def same_claim(record: dict[str, Any], controls: str, claim: ClaimStatus) -> bool:
    if not controls.endswith(f"-{record['group']}-{record['transaction']}"):
        return False
    written = record["claim_id"].strip()[:50].strip()
    return written == claim.claim_id or not re.fullmatch(r"[\w .-]+", written, re.ASCII)


def assert_findings(record: dict[str, Any], claim: ClaimStatus) -> None:
    """Every finding of the report is in the 277CA, and nothing else."""
    findings = record["findings"]
    texts = [(status, text) for status, text in claim.statuses if text]
    assert len(texts) == len(findings)
    if not findings:
        assert [status[0] for status, _ in claim.statuses] == ["A1"]
    assert Counter(map(read_back, texts)) == Counter(expected(finding) for finding in findings)
    rejects = [finding for finding in findings if finding["severity"] == "reject"]
    of_lines = Counter(status_of(finding) for finding in rejects if finding["service_line"] is not None)
    again = Counter((status[0], status[1]) for line in claim.lines for status in line.statuses)
    assert again - Counter(map(status_of, rejects)) == Counter()
    if all(finding["loop"][:2] in ("23", "24") for finding in rejects):
        assert of_lines - again == Counter()


def status_of(finding: dict[str, Any]) -> tuple[str, str]:
    category, number = (finding["claim_status"] or "A3:21").split(":")[:2]
    return category, FALL_BACK.get(number, number)


def expected(finding: dict[str, Any]) -> tuple[Any, ...]:
    status = status_of(finding) if finding["severity"] == "reject" else ("A1", "19")
    line = None if finding["service_line"] is None else str(finding["service_line"])
    return (finding["severity"].upper(), finding["code"], line, finding["element"] or None, *status)


def read_back(found: tuple[list[str], str]) -> tuple[Any, ...]:
    (category, number, *_), text = found
    parts = TEXT.fullmatch(text)
    assert parts, text
    return (*parts.groups(), category, number)


def acknowledged(answers: Answers) -> list[ClaimStatus]:
    return [claim for found in read_277ca(answers.ack_277ca) for claim in found.claims]


def assert_rejected_transactions_are_left_out(answers: Answers) -> None:
    """A transaction is in the 277CA exactly if the 999 accepts it and it has claims."""
    _, groups = read_999(answers.ack_999)
    accepted = 0
    for group in groups:
        statuses = [ik5[0] for _, _, ik5 in group.transactions]
        taken = len(statuses) - statuses.count("R")
        assert int(group.ak9[3]) == taken <= int(group.ak9[2])
        if taken == 0 and statuses:
            assert group.ak9[0] == "R"
        else:
            assert group.ak9[0] in ("P",) if "R" in statuses else group.ak9[0] in ("A", "E")
            assert ("E" in statuses) <= (group.ak9[0] in ("E", "P"))
        accepted += taken
    assert len(read_277ca(answers.ack_277ca)) <= accepted
