"""How findings spread: each claim counted where it belongs, the worst first, memory bounded."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from decimal import Decimal
from math import inf

import attrs
import pytest

from scrubber.engine.parties import billing_npi, payer_id
from scrubber.engine.record import charge_of
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs import breakdown
from scrubber.outputs.breakdown import Breakdown, Breakdowns, Share
from scrubber.outputs.record import Shared
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
    breakdowns = counted(*CLAIMS)
    every = breakdowns.total()
    assert every.claims == len(CLAIMS)
    assert breakdowns.total() == Share(), "what was asked for begins anew"
    for one in (breakdowns.payer, breakdowns.provider):
        total = Share()
        for _, share in one.worst()[0]:
            total.add(share)
        assert total == every
    assert every.reject + every.warn + every.info == sum(len(scrubbed.findings) for scrubbed in CLAIMS)


def one_by_one(claims: Iterable[ScrubbedClaim]) -> dict[str, dict[str, Share]]:
    """The shares by edit, payer and provider, and that of all claims, counted claim by claim."""
    shares: dict[str, dict[str, Share]] = {"edit": {}, "payer": {}, "provider": {}, "all": {}}
    for scrubbed in claims:
        claim, rejected, flagged = scrubbed.claim, scrubbed.disposition == "rejected", scrubbed.disposition == "flagged"
        undecided = {item.code for item in scrubbed.not_checked}
        found = {finding.code for finding in scrubbed.findings}
        stake = charge_of(claim) or Decimal(0) if rejected or flagged else Decimal(0)
        for by, keys in (
            ("edit", found | undecided),
            ("payer", {payer_id(claim)}),
            ("provider", {billing_npi(claim)}),
            ("all", {""}),
        ):
            for key in keys:
                share = shares[by].setdefault(key, Share())
                of_key = [one for one in scrubbed.findings if by != "edit" or one.code == key]
                if of_key or by != "edit":
                    share.claims += 1
                    share.rejected += rejected
                    share.flagged += flagged
                    share.charge_at_stake += stake
                for finding in of_key:
                    setattr(share, str(finding.severity), getattr(share, str(finding.severity)) + 1)
                share.noted += bool(found or undecided)
                share.undecided += bool(undecided if by != "edit" else key in undecided)
    return shares


@pytest.mark.parametrize("most_kinds", [1, 2, 7, 512])
def test_claims_that_are_alike_are_counted_as_if_one_by_one(monkeypatch: pytest.MonkeyPatch, most_kinds: int) -> None:
    monkeypatch.setattr(breakdown, "MOST_KINDS", most_kinds)
    undecided = scrub_one(with_line(waste_claim(), 2, units="three"), "JWJZ05")
    claims = [*CLAIMS, undecided, faulty(), *CLAIMS, faulty("7"), faulty("MANY"), undecided]
    breakdowns, slowly = counted(*claims), one_by_one(claims)
    assert breakdowns.total() == slowly["all"][""]
    for by in ("edit", "payer", "provider"):
        assert dict(getattr(breakdowns, by).worst()[0]) == slowly[by]


@pytest.mark.parametrize("most_kinds", [1, 7, 512])
@pytest.mark.parametrize("claims_of_a_part", [1, 3, 50])
def test_parts_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch, most_kinds: int, claims_of_a_part: int) -> None:
    """Also where more keys are there than are counted one by one: those of the first claims are."""
    monkeypatch.setattr(breakdown, "MOST_KINDS", most_kinds)
    claims = [*(faulty(payer_id=f"P{number}") for number in range(8)), *CLAIMS, faulty("MANY")]
    whole, joined = Breakdowns(4), Breakdowns(4)
    for scrubbed in claims:
        whole.count(scrubbed)
    for first in range(0, len(claims), claims_of_a_part):
        part = Breakdowns(inf)
        for scrubbed in claims[first : first + claims_of_a_part]:
            part.count(scrubbed)
        joined.add(pickle.loads(pickle.dumps(part)))
    assert joined.record() == whole.record()
    assert joined.total() == whole.total()


def test_a_part_that_is_sent_keeps_claims_whose_kind_was_forgotten_meanwhile() -> None:
    quiet = Shared("837P", "0001", "1", "PAYER", "1234567893", "A PAYER")
    part = Breakdowns(inf)
    part.count_quiet(quiet)
    breakdown._kind.cache_clear()
    part.count_quiet(attrs.evolve(quiet))
    assert pickle.loads(pickle.dumps(part)).total().claims == 2


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
