"""What edits were silent on: it is remembered, forgotten in time, and leaves no finding out."""

from __future__ import annotations

import io
import random
from datetime import date

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.claims.parts import Seen
from scrubber.claims.reader import read_claims
from scrubber.edit import Results
from scrubber.engine import part_memory
from scrubber.engine.engine import Engine
from scrubber.engine.part_memory import PartMemories
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.reference import Facts, shipped
from scrubber.testing import build, infusion_claim, visit_claim
from tests.claims.drug_mutants import drug_mutants
from tests.claims.mutants import mutants
from tests.scrubbing import installed, made, of_edits


def silent_on(claim: Claim, _: Facts) -> Results:
    return ()


EDIT, OTHER, THIRD = (attrs.evolve(made(silent_on, part="parties"), code=code) for code in ("ONE01", "TWO02", "THR03"))


def test_items_are_remembered_with_what_they_have_in_common() -> None:
    memories = PartMemories()
    one = memories.of("parties", (EDIT,), None)
    memories.remember(one, Seen("here", ["a", "b"], 2), [])
    assert not one.may_answer(Seen("here", ["b"], 1))
    assert one.may_answer(Seen("here", ["b", "c"], 2))
    assert one.may_answer(Seen("there", ["b"], 1))
    assert one.may_answer(Seen("here", [], 0)), "a claim without lines, for instance"
    assert memories.of("parties", (EDIT,), None) is one
    assert memories.of("services", (EDIT,), None) is not one


def test_only_edits_that_may_find_something_are_asked_again() -> None:
    memories = PartMemories()
    one = memories.of("parties", (EDIT, OTHER, THIRD), None)

    def codes(*items: str) -> list[str]:
        return [edit.code for edit in one.may_answer(Seen("here", items, len(items)))]

    memories.remember(one, Seen("here", ["a", "b"], 2), [OTHER, EDIT])
    assert codes("a") == codes("b") == codes("b", "a") == ["ONE01", "TWO02"], "in the order of the edits"
    assert codes("a", "new") == ["ONE01", "TWO02", "THR03"]
    memories.remember(one, Seen("here", ["a"], 1), [EDIT])
    assert (codes("a"), codes("b")) == (["ONE01"], ["ONE01", "TWO02"])
    memories.remember(one, Seen("here", ["b", "c"], 2), [OTHER])
    assert (codes("b"), codes("c"), codes("a", "c")) == (["TWO02"], ["TWO02"], ["ONE01", "TWO02"])
    memories.remember(one, Seen("here", ["c"], 1), [])
    assert (codes("c"), codes("b", "c")) == ([], ["TWO02"])
    memories.remember(one, Seen("here", ["b", "c"], 2), [OTHER])
    assert codes("c") == [], "what was silent once stays so"


def test_all_is_forgotten_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_memory, "MOST_REMEMBERED", 10)
    memories = PartMemories()
    one, other = memories.of("parties", (EDIT,), None), memories.of("services", (EDIT,), None)
    memories.remember(one, Seen(0, ["a"], 1), [])
    for number in range(100):
        memories.remember(other, Seen(number, [number], 1), [EDIT] * (number % 2))
        assert len(other.silent) + len(other.answered) <= 10
    assert not one.may_answer(Seen(0, ["a"], 1)), "another part has its own memory"
    memories.cache_clear()
    assert one.may_answer(Seen(0, ["a"], 1))


def test_nothing_is_remembered_of_a_claim_with_too_many_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_memory, "MOST_REMEMBERED", 10)
    memories = PartMemories()
    one = memories.of("parties", (EDIT,), None)
    memories.remember(one, Seen(0, ["a"], 1), [])
    memories.remember(one, Seen(1, range(11), 11), [])
    assert list(one.silent) == [0]
    assert not one.may_answer(Seen(0, ["a"], 1))


def test_an_item_counts_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_memory, "MOST_REMEMBERED", 10)
    memories = PartMemories()
    visits = memories.of("visits", (EDIT,), None)
    memories.remember(visits, Seen(0, ["a"], 6), [])
    memories.remember(visits, Seen(0, ["b"], 6), [])
    assert visits.may_answer(Seen(0, ["a"], 6))
    assert not visits.may_answer(Seen(0, ["b"], 6))


AGES = ((5, 17), (50, None))


def test_an_age_from_which_a_drug_is_labelled_is_not_taken_for_another() -> None:
    """A user's tables may have labels of any age: what is remembered of one patient does not hold for another age."""
    labels = [attrs.evolve(label, age_min=least, age_max=most) for label in shipped().labels for least, most in AGES]
    with_labels = Engine(installed(), Profile(), attrs.evolve(shipped(), labels=tuple(labels))).for_file()
    claims = [infusion_claim(birth_date=date(year, 1, 1)) for year in (1950, 1990)]
    judged = [with_labels.scrub(claim) for claim in read_claims(io.BytesIO(build(claims).encode()))]
    assert ["AGE01" in {one.code for one in scrubbed.findings} for scrubbed in judged] == [False, True]


def verdict(scrubbed: ScrubbedClaim) -> object:
    return scrubbed.findings, scrubbed.not_checked, scrubbed.shadow


def test_signs_and_parts_leave_no_finding_out() -> None:
    everywhere = {code: attrs.evolve(edit, sign=None, part=None) for code, edit in installed().edits.items()}
    oracle = Engine(attrs.evolve(installed(), edits=everywhere), Profile()).for_file()
    quick = Engine(installed(), Profile())
    claims = [*random.Random(1).sample(mutants(), len(mutants()) // 3), *drug_mutants()[::2]]
    random.Random(2).shuffle(claims)
    by_all = oracle.scrub_all(claims)
    for time in ("first", "second"):
        by_signs = quick.for_file().scrub_all(claims)
        differing = [one.claim for one, other in zip(by_signs, by_all, strict=True) if verdict(one) != verdict(other)]
        assert differing == [], f"the {time} time"


def test_an_edit_of_a_part_runs_on_new_items_only() -> None:
    asked: list[str] = []

    def note(claim: Claim, _: Facts) -> Results:
        asked.append(claim.claim_id)
        return ()

    engine = Engine(of_edits(made(note, part="parties")), Profile())
    first, second = visit_claim("837P", "FIRST-1"), visit_claim("837P", "SECOND-2")
    text = build([first, second, attrs.evolve(second, claim_id="THIRD-3", member_id="")])
    for claim in read_claims(io.BytesIO(text.encode())):
        engine.scrub(claim)
    assert asked == ["FIRST-1", "THIRD-3"]
