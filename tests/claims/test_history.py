"""The memory of file edits for the days of a patient."""

from scrubber.claims.history import REACH, Days
from scrubber.running.options import RunOptions

PATIENT, OTHER = 2**64 - 5, 7


def test_days_within_reach_are_found_whatever_lies_between() -> None:
    days = Days()
    for day in range(700_000, 720_000, 3):
        days.remember(PATIENT, day)
    for day in (700_000, 703_499, 710_211, 719_998):
        near = set(days.near(PATIENT, day))
        assert near >= {known for known in range(700_000, 720_000, 3) if abs(known - day) <= REACH}
        assert len(near) <= REACH
    assert days.near(OTHER, 710_000) == []


def test_no_edit_compares_days_that_are_farther_apart() -> None:
    facts = RunOptions().engine().facts
    for spacing in facts.spacings:
        loading = (spacing.loading_until or 0) * (spacing.loading_gaps + 2)
        assert max(spacing.too_close, spacing.usual_from, spacing.window_days or 0, loading) <= REACH
    assert all((row.days or 0) <= REACH for row in facts.combinations)
