"""The test payer: what it refuses, denies and pays, and that every amount balances."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.outputs.acknowledgements import remittance835
from scrubber.reference import shipped
from scrubber.reference.editions import Row, external_table
from scrubber.reference.external import PAYMENT_LIMITS
from scrubber.running.options import RunOptions
from scrubber.testing import ClaimSpec, LineSpec, build, drug_line, infusion_claim, with_line
from tests.edits.judging import LONG_AGO
from tests.lanes import some
from tests.outputs.acknowledgements.answers import BILLING_FIXTURES, FIXTURES, read_277ca, read_999
from tests.outputs.acknowledgements.generating import generated
from tests.outputs.acknowledgements.remittances import PaidClaim, Simulation, simulation_of
from tests.scrubbing import each, installed

QUICK, ALL = 15, 500
GOOD = infusion_claim("837P", "GOOD", filing="MB")
NO_MODIFIER = with_line(infusion_claim("837P", "NO-JZ", filing="MB"), 1, modifiers=(), control_number="ITEM-1")
WRONG_GUIDE = with_line(infusion_claim("837P", "GUIDE"), 1, modifiers=("XXX",))
VOID = infusion_claim("837P", "VOID", frequency="8", payer_claim_control_number="P1", filing="CI")


@lru_cache(maxsize=1)
def usual() -> Engine:
    return RunOptions().engine()


def limited(limit: str, **profile: bool) -> Engine:
    """All edits, with a payment limit for a unit of J0490."""
    row = Row("J0490", LONG_AGO, None, {"limit": limit, "coinsurance": "20.000"})
    facts = attrs.evolve(shipped(), tables={PAYMENT_LIMITS: external_table(PAYMENT_LIMITS, "test", [row])})
    return Engine(installed(), Profile(**profile), facts)  # type: ignore[arg-type]


def answered(*claims: ClaimSpec, engine: Engine | None = None) -> Simulation:
    return simulation_of(build(claims).encode("latin-1"), engine or usual())


def of_one(claim: ClaimSpec, engine: Engine | None = None) -> PaidClaim:
    return answered(claim, engine=engine).claims[claim.claim_id]


def test_a_good_claim_is_paid_at_its_charge() -> None:
    claim = of_one(GOOD)
    assert (claim.status, claim.charge, claim.paid, claim.owed) == ("1", Decimal(4980), Decimal(4980), Decimal(0))
    assert [(line.service, line.paid, line.adjustments) for line in claim.lines] == [
        (["HC", "J0490", "JZ"], Decimal(4800), {}),
        (["HC", "96365"], Decimal(180), {}),
    ]
    assert claim.patient[2:4] == ["BIRCHMERE", "BRUNO"]


def test_a_line_is_denied_with_the_codes_of_its_finding() -> None:
    claim = of_one(NO_MODIFIER)
    assert (claim.status, claim.paid) == ("1", Decimal(180))
    drug = claim.lines[0]
    assert (drug.paid, drug.adjustments, drug.remarks) == (Decimal(0), {("CO", "16"): Decimal(4800)}, ["N822"])
    assert drug.item == "ITEM-1"


def test_a_claim_with_all_lines_denied_is_denied() -> None:
    drug_alone = attrs.evolve(NO_MODIFIER, lines=NO_MODIFIER.lines[:1])
    claim = of_one(drug_alone, engine=Engine(installed(), Profile(select=frozenset({"JWJZ01"}))))
    assert (claim.status, claim.paid) == ("4", Decimal(0))


def test_what_denies_is_accepted_before_and_what_breaks_the_guide_is_refused() -> None:
    answers = answered(GOOD, NO_MODIFIER, WRONG_GUIDE)
    (transaction,) = read_277ca(answers.ack_277ca)
    assert transaction.source[0] == "PR"
    assert {claim.claim_id: claim.rejected for claim in transaction.claims} == {
        "GOOD": False,
        "NO-JZ": False,
        "GUIDE": True,
    }
    assert {status[0] for status, _ in transaction.claims[0].statuses} == {"A2"}
    assert {*answers.claims} == {"GOOD", "NO-JZ"}
    counts = answers.simulated.counts
    assert (counts.paid, counts.partly, counts.denied, counts.amount) == (1, 1, 0, Decimal(5160))


def test_a_void_is_accepted_and_not_paid() -> None:
    answers = answered(VOID, GOOD)
    (transaction,) = read_277ca(answers.ack_277ca)
    assert [claim.rejected for claim in transaction.claims] == [False, False]
    assert {*answers.claims} == {"GOOD"}


def test_a_rejected_transaction_is_answered_by_the_999_alone() -> None:
    text = build([GOOD]).replace("SE*", "SE*9")
    answers = simulation_of(text.encode(), usual())
    assert read_999(answers.ack_999)[1][0].ak9[0] == "R"
    assert (answers.ack_277ca, answers.remittance) == (b"", b"")


@each(
    ("limit", "sequestered", "adjustments", "paid"),
    {
        "below the charge": ("50.000", False, {("CO", "45"): Decimal(800), ("PR", "2"): Decimal(800)}, Decimal(3200)),
        "sequestered": (
            "50.000",
            True,
            {("CO", "45"): Decimal(800), ("PR", "2"): Decimal(800), ("CO", "253"): Decimal(64)},
            Decimal(3136),
        ),
        "above the charge": ("70.000", False, {("PR", "2"): Decimal(960)}, Decimal(3840)),
    },
)
def test_a_payment_limit(
    limit: str, sequestered: bool, adjustments: dict[tuple[str, str], Decimal], paid: Decimal
) -> None:
    claim = of_one(GOOD, engine=limited(limit, sequestered=sequestered))
    drug, infusion = claim.lines
    assert (drug.adjustments, drug.paid) == (adjustments, paid)
    assert infusion.paid == 180
    assert claim.owed == adjustments["PR", "2"]


def test_a_claim_whose_lines_do_not_add_up_is_decided_as_a_whole() -> None:
    claim = of_one(attrs.evolve(GOOD, total_charge=9999))
    assert claim.lines == []
    assert (claim.status, claim.paid) == ("4", Decimal(0))
    assert sum(claim.adjustments.values()) == 9999


def test_a_finding_on_the_claim_denies_all_its_lines() -> None:
    claim = of_one(infusion_claim("837P", "OLD-ID", rendering_npi="1234567890"))
    assert (claim.status, claim.paid) == ("4", Decimal(0))
    assert len({*(tuple(line.adjustments) for line in claim.lines)}) == 1


def test_the_insured_is_named_with_a_dependent() -> None:
    claim = of_one(infusion_claim("837P", "CHILD", dependent=True, filing="CI", member_id="MEMBER77"))
    assert claim.insured[8] == "MEMBER77"
    assert claim.patient[2:4] != claim.insured[2:4]
    assert of_one(GOOD).insured == []


def test_each_payer_pays_each_provider_by_a_payment_of_its_own() -> None:
    claims = [infusion_claim("837P", f"C{number}", filing=("MB", "CI")[number % 2]) for number in range(4)]
    payments = answered(*claims).payments
    assert [[claim.claim_id for claim in paid.claims] for paid in payments] == [["C0", "C2"], ["C1", "C3"]]
    assert len({paid.payer for paid in payments}) == 2
    assert all(paid.payee[2] == "XX" for paid in payments)


def test_payments_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remittance835, "_MOST_WAITING", 1)
    claims = [infusion_claim("837P", f"C{number}", filing=("MB", "CI")[number % 2]) for number in range(3)]
    payments = answered(*claims).payments
    assert [[claim.claim_id for claim in paid.claims] for paid in payments] == [["C0"], ["C1"], ["C2"]]


def test_hostile_amounts_balance() -> None:
    lines = (drug_line(units=0, charge=0), LineSpec("96365", charge=-5), LineSpec("96366", charge="0.005"))
    for seed in range(3):
        answered(infusion_claim("837P", "ODD", lines=lines[seed:]))


@pytest.mark.parametrize("path", some(FIXTURES), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_835_of_each_fixture_is_right(path: Path) -> None:
    assert_right(path.read_bytes())


@pytest.mark.parametrize("seed", some(range(QUICK)))
def test_a_generated_file(seed: int) -> None:
    assert_right(generated(seed))


@pytest.mark.slow
def test_billing_fixtures() -> None:
    for path in BILLING_FIXTURES:
        assert_right(path.read_bytes())


@pytest.mark.slow
def test_many_generated_files() -> None:
    for seed in range(QUICK, ALL):
        assert_right(generated(seed))


def assert_right(data: bytes) -> None:
    """All answers are valid and balance; the 835 has what the 277CA accepts, but for voids; two runs are the same."""
    answers = simulation_of(data, usual())
    again = simulation_of(data, usual())
    assert (again.ack_999, again.ack_277ca, again.remittance) == (
        answers.ack_999,
        answers.ack_277ca,
        answers.remittance,
    )
    accepted = sum(not claim.rejected for found in read_277ca(answers.ack_277ca) for claim in found.claims)
    decided = sum(len(paid.claims) for paid in answers.payments)
    counts = answers.simulated.counts
    assert decided == counts.paid + counts.partly + counts.denied == accepted - counts.voids
    assert counts.amount == sum(paid.total for paid in answers.payments)
