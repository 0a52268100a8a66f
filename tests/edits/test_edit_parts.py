"""Edits with a part look at nothing else of a claim, and at each item of the part by itself."""

from __future__ import annotations

from typing import get_args

import pytest

from scrubber.claims.model import Claim, Day
from scrubber.claims.parts import NOT_COMPARED, SEEN, Part
from scrubber.claims.signs import signs
from scrubber.edit import Edit
from scrubber.engine.part_memory import PartMemory
from scrubber.reference import shipped
from scrubber.reference.eras import era_of
from tests.claims.drug_mutants import drug_mutants
from tests.claims.mutants import mutants
from tests.edits.test_edit_signs import answers
from tests.scrubbing import installed

DAYS: tuple[Day, ...] = get_args(Day)
OF_DRUGS: tuple[Part, ...] = ("indications", "drugs", "visits")
WITH_PART = [edit for edit in installed().edits.values() if edit.part]


def compared(edit: Edit) -> list[Claim]:
    assert edit.part
    claims = mutants() + (drug_mutants() if edit.part in OF_DRUGS else ())
    found: list[Claim] = []
    for claim in claims:
        shown = signs(claim)
        if claim.type in edit.types and NOT_COMPARED[edit.part].isdisjoint(shown):
            found += map(claim.on_day, DAYS) if "several days" in shown else [claim]
    return found


@pytest.mark.parametrize("edit", WITH_PART, ids=lambda edit: edit.code)
def test_an_edit_is_silent_on_items_on_which_it_was_silent(edit: Edit) -> None:
    assert edit.part
    memory = PartMemory(edit.part, (edit,))
    answering = []
    for claim in compared(edit):
        seen = SEEN[edit.part](claim, era_of(shipped()))
        if answers(edit, claim):
            answering.append((claim, seen))
        else:
            memory.learn(seen, ())
    assert answering, "no claim makes the edit answer"
    assert [claim for claim, seen in answering if not memory.may_answer(seen)] == []
