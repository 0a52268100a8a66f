"""The claims of a file whose envelope cannot be trusted, and streams of each kind."""

from __future__ import annotations

import io
import re

import scrubber
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.testing import build, infusion_claim
from scrubber.x12.errors import FIXES, WRONG_COUNT
from scrubber.x12.prescan import prescan
from tests.engine.checks import codes
from tests.scrubbing import every_line, made, of_edits

UNTRUSTED = re.sub(
    r"SE\*\d+\*0002",
    "SE*9*0002",
    build([infusion_claim(claim_id=name) for name in "ABC"], per_transaction=1),
)
"""The second of three transactions is broken."""


def test_claims_in_a_transaction_that_cannot_be_trusted_are_rejected_under_every_profile() -> None:
    ignoring = Profile(select=frozenset(), ignore=frozenset({"READ03"}))
    for profile in (None, ignoring):
        scrubbed = list(scrubber.scrub(io.BytesIO(UNTRUSTED.encode()), profile))
        assert [claim.disposition for claim in scrubbed] == ["clean", "rejected", "clean"]
        (finding,) = scrubbed[1].findings
        assert (finding.code, finding.severity, finding.location.element) == ("READ03", "reject", "CLM01")
        assert (finding.claim_status, finding.fix) == ("A3:21", FIXES[WRONG_COUNT])


def test_other_findings_stay_after_it() -> None:
    text = build([infusion_claim()]).replace("SE*", "SE*9")
    stream = io.BytesIO(text.encode())
    scan = prescan(stream)
    stream.seek(0)
    events = list(Scrubbing(stream, Engine(of_edits(made(every_line, severity="reject")), Profile()), scan))
    (scrubbed,) = (event for event in events if isinstance(event, ScrubbedClaim))
    assert codes(scrubbed) == ["READ03", "TEST01", "TEST01"]


def test_a_seekable_stream_is_read_from_its_start_and_any_other_once() -> None:
    text = UNTRUSTED.encode()
    sought = io.BytesIO(text)
    sought.read(30)
    assert [claim.disposition for claim in scrubber.scrub(sought)] == ["clean", "rejected", "clean"]

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError("not seekable")

    class Bare:
        def __init__(self) -> None:
            self._stream = io.BytesIO(text)

        def read(self, size: int = -1, /) -> bytes:
            return self._stream.read(size)

    for stream in (Pipe(text), Bare()):
        claims = scrubber.scrub(stream)
        assert [claim.disposition for claim in claims] == ["clean", "clean", "clean"]
        assert [error.code for error in claims.errors] == ["READ29"]
