"""How findings spread: each claim counted where it belongs, the worst first, memory bounded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs import breakdown
from scrubber.outputs.breakdown import Breakdown, Breakdowns, Share
from scrubber.testing import drug_line, infusion_claim, visit_claim, waste_claim, with_line
from tests.scrubbing import FIXTURES, engine, scrub_one, scrub_text

CLAIMS, _ = scrub_text((FIXTURES / "clinic-day.837").read_text("latin-1"), engine())


def counted(*claims: ScrubbedClaim) -> Breakdowns:
    breakdowns = Breakdowns()
    for scrubbed in claims:
        breakdowns.count(scrubbed)
    return breakdowns


def faulty(charge: str = "100", **changes: str) -> ScrubbedClaim:
    """A claim with one reject and one warning."""
    claim = infusion_claim("837P", total_charge=charge, lines=(drug_line(modifiers=()),), **changes)
    return scrub_one(claim, "JWJZ01", "ADM02")


def test_a_claim_counts_for_its_payer_its_provider_and_each_edit() -> None:
    breakdowns = counted(faulty(payer_id="P1"), scrub_one(visit_claim(payer_id="P2")))
    (edits, _), (payers, _), (providers, _) = (
        breakdowns.edit.worst(),
        breakdowns.payer.worst(),
        breakdowns.provider.worst(),
    )
    stake = Decimal(100)
    assert dict(edits) == {
        "JWJZ01": Share(claims=1, rejected=1, noted=1, reject=1, charge_at_stake=stake),
        "ADM02": Share(claims=1, rejected=1, noted=1, warn=1, charge_at_stake=stake),
    }
    assert dict(payers) == {
        "P1": Share(claims=1, rejected=1, noted=1, reject=1, warn=1, charge_at_stake=stake),
        "P2": Share(claims=1),
    }
    assert [share for _, share in providers] == [
        Share(claims=2, rejected=1, noted=1, reject=1, warn=1, charge_at_stake=stake)
    ]


def test_an_edit_that_could_not_decide_has_found_nothing() -> None:
    undecided = scrub_one(with_line(waste_claim(), 2, units="three"), "JWJZ05")
    assert [item.code for item in undecided.not_checked] == ["JWJZ05"]
    breakdowns = counted(undecided)
    assert breakdowns.edit.worst() == ([("JWJZ05", Share(noted=1, undecided=1))], None)
    assert breakdowns.payer.worst()[0][0][1] == Share(claims=1, noted=1, undecided=1)


def test_a_charge_that_is_no_number_is_worth_nothing() -> None:
    breakdowns = counted(faulty("MANY"), faulty("7"))
    assert breakdowns.edit.share("JWJZ01").charge_at_stake == 7


def test_sums_over_payers_and_over_providers_are_those_of_all_claims() -> None:
    breakdowns, every = counted(*CLAIMS), Share()
    for scrubbed in CLAIMS:
        every.count(scrubbed)
    for one in (breakdowns.payer, breakdowns.provider):
        total = Share()
        for _, share in one.worst()[0]:
            total.add(share)
        assert total == every
    assert every.reject + every.warn + every.info == sum(len(scrubbed.findings) for scrubbed in CLAIMS)


def test_the_worst_stand_first() -> None:
    shares = [share for _, share in counted(*CLAIMS).edit.worst()[0]]
    ranked = [(share.reject, share.warn, share.info) for share in shares]
    assert ranked == sorted(ranked, reverse=True)
    assert len(set(ranked)) > 3


def test_of_equals_the_lesser_key_stands_first() -> None:
    breakdown = Breakdown()
    for key in ("B", "", "A"):
        breakdown.share(key).claims = 1
    assert [key for key, _ in breakdown.worst()[0]] == ["", "A", "B"]


@pytest.mark.parametrize(("most_keys", "most_rows"), [(5, 10), (10, 5), (5, 5)])
def test_of_very_many_keys_most_are_summed_up(monkeypatch: pytest.MonkeyPatch, most_keys: int, most_rows: int) -> None:
    monkeypatch.setattr(breakdown, "MOST_ROWS", most_rows)
    counts = Breakdown(most_keys)
    for number in range(8):
        counts.share(f"K{number}").claims += 1 + number
    worst, others = counts.worst()
    assert len(worst) == 5
    assert others is not None
    assert sum(share.claims for _, share in worst) + others.claims == sum(range(1, 9))


def test_there_are_no_others_where_all_are_named() -> None:
    assert counted(*CLAIMS).payer.worst()[1] is None
    assert Breakdown().worst() == ([], None)
