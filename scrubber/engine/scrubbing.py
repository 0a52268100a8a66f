"""Scrubs the claims of a file: combines edits, guide checks, suppressions and doubts about the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

import attrs

from scrubber.claims.model import Claim, Level
from scrubber.claims.reader import Item, batches, items
from scrubber.conformance.checks import Conformance
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import Finding
from scrubber.engine.codes import UNTRUSTED, UNTRUSTED_STATUS
from scrubber.engine.engine import Engine
from scrubber.engine.faults import Faults, WithFaults
from scrubber.engine.listing import bounded, is_terse
from scrubber.engine.naming import OPEN, Naming
from scrubber.engine.ranges import Range
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import Covers, Standing, Suppressing, Suppression
from scrubber.x12.bounded import Errors
from scrubber.x12.errors import FIXES, OF_HIERARCHY, LocatedError
from scrubber.x12.events import Event, Events
from scrubber.x12.prescan import Prescan
from scrubber.x12.streams import Readable


class Scrubbing(WithFaults):
    """The events of a file with its claims scrubbed, an iterator; `errors` holds the located errors so far.

    A claim in doubt is rejected under every profile. A claim is in doubt if it may be under the wrong patient.
    With the result of a first pass (`scan`), claims of a transaction that cannot be trusted are in doubt, too. A stream
    that cannot be read twice has no scan. With `conformance` the file is also checked against its implementation guide;
    `guide_errors` are the faults outside of claims. Findings that the profile suppresses or that a `baseline` covers
    are set apart. Nothing suppresses a doubt.
    """

    def __init__(
        self,
        stream: Readable,
        engine: Engine,
        scan: Prescan | None = None,
        *,
        conformance: bool = False,
        baseline: Covers | None = None,
    ) -> None:
        self._events = events = Events(stream, scan)
        fresh = engine.for_file(scan.sha256 if scan else None)
        self._begin(items(events), events.misplaced, fresh, baseline, conformance=conformance)

    def _begin(
        self, read: Iterator[Item], misplaced: Errors, engine: Engine, baseline: Covers | None, *, conformance: bool
    ) -> None:
        self._items = read
        self._engine = engine
        self._guide = Conformance(engine.profile.counts) if conformance else None
        self._suppressing = _suppressing(engine, baseline, conformance=conformance)
        self._faults = Faults(misplaced, self._guide.errors if self._guide else Errors(), engine.profile)

    @property
    def errors(self) -> list[LocatedError]:
        """The errors of the file, as far as it has been read."""
        return [*self._events.errors, *self.guide_errors]

    @property
    def guide_errors(self) -> list[LocatedError]:
        """The faults of headers, levels and trailers against the guide, as far as the file has been read."""
        return self._faults.of_guide

    @property
    def standings(self) -> Mapping[Suppression, Standing]:
        """The state of each suppression whose code is run, as far as the file has been read."""
        return self._suppressing.standings if self._suppressing else {}

    def __iter__(self) -> Iterator[Event | ScrubbedClaim]:
        for batch in batches(self._items):
            finish = partial(self._finished, self._faulty(batch))
            all_scrubbed = iter(self._engine.scrub_all((item for item in batch if isinstance(item, Claim)), finish))
            for item in batch:
                if isinstance(item, Claim):
                    yield next(all_scrubbed)
                else:
                    yield item.event if isinstance(item, Level) else item
        self._finish()

    def _faulty(self, batch: Sequence[Item]) -> Mapping[int, Sequence[Finding]]:
        """The claims of a batch that have faults against the guide, by their numbers."""
        guide = self._guide
        faulty: dict[int, Sequence[Finding]] = {}
        if guide:
            for item in batch:
                faults = guide.item(item)
                if faults and isinstance(item, Claim):
                    faulty[item.number] = faults
        return faulty

    def _finish(self) -> None:
        if self._guide:
            self._guide.finish()

    def _finished(self, faulty: Mapping[int, Sequence[Finding]], scrubbed: ScrubbedClaim) -> ScrubbedClaim:
        """The claim with its guide faults, suppressed findings set apart. A claim in doubt is rejected."""
        claim = scrubbed.claim
        faults = faulty.get(claim.number)
        if faults:
            scrubbed = self._engine.with_faults(scrubbed, faults)
        if self._suppressing:
            findings, suppressed = self._suppressing.parted(claim, scrubbed.findings, scrubbed.shadow)
            if suppressed:
                scrubbed = attrs.evolve(scrubbed, findings=findings, suppressed=suppressed)
        if self._engine.naming is not OPEN:
            scrubbed = _named(scrubbed, self._engine.naming)
        doubt = claim.event.doubt
        return bounded(_rejected(scrubbed, doubt) if doubt else scrubbed)


class RangeScrubbing(Scrubbing):
    """The events of a range of a file with its claims scrubbed. It knows only the errors against the guide."""

    def __init__(
        self, given: Range, engine: Engine, *, conformance: bool = False, baseline: Covers | None = None
    ) -> None:
        headers = [*given.headers, *(level.event for level in given.levels)]
        if given.items:
            above, read = items(headers), _taken(given.items)
        else:
            read = items([*headers, *given.events])
            above = islice(read, len(headers))
        self._begin(read, Errors(), engine.for_range(given.compared), baseline, conformance=conformance)
        self._last = given.last
        for item in above:
            if self._guide:
                self._guide.item(item)
        if self._guide:
            self._guide.resume([(level.claims, level.all_claims) for level in given.known_levels], given.envelopes)

    @property
    def errors(self) -> list[LocatedError]:
        """The faults against the guide outside of claims, as far as the range has been read."""
        return self.guide_errors

    @property
    def faults(self) -> Faults:
        """The same, with those that do not count."""
        return self._faults

    def _finish(self) -> None:
        if self._last:
            super()._finish()


def _taken(read: deque[Item]) -> Iterator[Item]:
    """The items, each taken away."""
    while read:
        yield read.popleft()


def goes_out(alone: Range, engine: Engine, *, conformance: bool, baseline: Covers | None = None) -> bool:
    """Whether the claim of a range that has no other goes to the clean file."""
    scrubbing = RangeScrubbing(alone, engine, conformance=conformance, baseline=baseline)
    return any(isinstance(item, ScrubbedClaim) and item.goes_to == "clean" for item in scrubbing)


def _named(scrubbed: ScrubbedClaim, naming: Naming) -> ScrubbedClaim:
    """The claim with the names and days that reports may show, also in messages."""
    findings, shadow = (
        tuple(attrs.evolve(finding, message=naming.message(finding.message)) for finding in some)
        for some in (scrubbed.findings, scrubbed.shadow)
    )
    return attrs.evolve(scrubbed, naming=naming, findings=findings, shadow=shadow)


def runs(engine: Engine, code: str, *, conformance: bool) -> bool:
    """Whether a code of an edit or guide check can have findings."""
    return engine.profile.runs(code) and (conformance or code not in GUIDE_CODES)


def _suppressing(engine: Engine, baseline: Covers | None, *, conformance: bool) -> Suppressing | None:
    """The baseline and those suppressions of the profile whose codes are run, `None` if there are none."""
    entries = [entry for file in engine.profile.suppressions for entry in file.entries]
    entries = [entry for entry in entries if runs(engine, entry.code, conformance=conformance)]
    return Suppressing(entries, engine.facts, baseline) if entries or baseline else None


def _rejected(scrubbed: ScrubbedClaim, doubt: LocatedError) -> ScrubbedClaim:
    """The claim with a finding that rejects it and gives the reason of the doubt.

    If the fault is in this claim, all its other findings may follow from the fault. They are counted, not listed.
    """
    claim = scrubbed.claim
    piece = claim.piece
    where = f"byte {doubt.offset}" if doubt.segment is None else f"segment {doubt.segment} from ST"
    reason = "it may be another patient's" if doubt.code in OF_HIERARCHY else "the envelope around it is broken"
    why = "" if is_terse(claim) else f": {doubt.message}"
    message = f"the claim must not be sent, as {reason}{why} ({doubt.code}, {where})"
    others = scrubbed.findings
    if doubt.code in OF_HIERARCHY and piece.offset <= doubt.offset < piece.offset + len(piece.text):
        if others:
            message += f"; {len(others)} more findings on this claim may follow from it and are left out"
        scrubbed = attrs.evolve(scrubbed, not_checked=(), suppressed=(), shadow=())
        others = ()
    in_doubt = Finding(
        claim.at("claim_id"), message, FIXES[doubt.code], "reject", UNTRUSTED, claim_status=UNTRUSTED_STATUS
    )
    return attrs.evolve(scrubbed, findings=(in_doubt, *others))
