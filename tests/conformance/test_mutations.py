"""Mutants have the faults that their descriptions name."""

from __future__ import annotations

import pytest

from tests.conformance.generated import enveloped, transaction
from tests.conformance.mutations import ABOUT_COUNTS, MUTATIONS, mutant, recount
from tests.conformance.oracle import accepts
from tests.lanes import some


@pytest.mark.parametrize("kind", some(MUTATIONS))
def test_every_mutation_changes_the_file(kind: str) -> None:
    seeds = range(list(MUTATIONS).index(kind), 6 * len(MUTATIONS), len(MUTATIONS))
    mutants = [mutant("837P", seed) for seed in seeds]
    assert {found.kind for found in mutants} == {kind}
    assert len({found.data for found in mutants}) == len(mutants)
    assert [mutant("837P", seed) for seed in seeds] == mutants


def test_most_mutants_are_rejected_and_many_are_not() -> None:
    """Both matter: what is rejected must be found, what is accepted must not be complained of."""
    verdicts = [accepts(mutant("837I", seed).data) for seed in range(100)]
    assert 10 < sum(verdicts) < 50


def test_the_count_is_set_right_after_a_change() -> None:
    segments = enveloped([transaction("837P", 1)])
    del segments[5]
    recount(segments)
    assert segments[-3].elements[0] == str(len(segments) - 4)
    assert "dropped" not in ABOUT_COUNTS
