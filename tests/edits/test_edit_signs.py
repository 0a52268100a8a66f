"""Edits with a sign, or with codes that they need, find nothing on claims without these."""

from __future__ import annotations

import pytest

from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim
from scrubber.claims.signs import signs
from scrubber.edit import Edit
from scrubber.reference import shipped
from tests.claims.mutants import mutants
from tests.scrubbing import installed

WITH_SIGN = [edit for edit in installed().edits.values() if edit.sign]


def answers(edit: Edit, claim: Claim) -> bool:
    """Whether the edit finds something on a claim, or cannot decide."""
    try:
        return bool(edit(claim))
    except MalformedValue:
        return True


@pytest.mark.parametrize("edit", WITH_SIGN, ids=lambda edit: edit.code)
def test_an_edit_is_silent_where_its_sign_is_not_shown(edit: Edit) -> None:
    found = [claim for claim in mutants() if claim.type in edit.types and answers(edit, claim)]
    assert found, "no claim makes the edit answer"
    assert [claim.number for claim in found if edit.sign not in signs(claim)] == []


WITH_NEEDS = [edit for edit in installed().edits.values() if edit.needs]


@pytest.mark.parametrize("edit", WITH_NEEDS, ids=lambda edit: edit.code)
def test_an_edit_is_silent_without_the_codes_it_needs(edit: Edit) -> None:
    assert edit.needs
    codes = edit.needs(shipped())
    readable = [claim for claim in mutants() if claim.type in edit.types and "unreadable" not in signs(claim)]
    found = [claim for claim in readable if answers(edit, claim)]
    assert found, "no claim makes the edit answer"
    assert [claim.number for claim in found if codes.isdisjoint(claim.procedures)] == []
