"""The composites of HI segments."""

from scrubber.claims.hi_segments import hi_composites
from scrubber.x12.errors import MISPLACED
from tests.claims.hierarchy import faulty

CLAIM = "CLM*A*100***11:B:1*Y*A*Y*Y~HI*ABK:M3219*ABF:N179~REF*G1*X~HI*BE:A8:::70~LX*1~SV1*HC:J0490*1*UN*1***1~HI*BG:D9~"


def test_each_composite_comes_with_its_segment_and_number() -> None:
    claim = faulty(MISPLACED, CLAIM)
    above = [(1, 1, "ABK:M3219"), (1, 2, "ABF:N179"), (3, 1, "BE:A8:::70")]
    assert list(hi_composites(claim)) == [*above, (6, 1, "BG:D9")]
    assert list(hi_composites(claim, claim.lines[0].start)) == above
    assert list(hi_composites(claim, 1)) == []
