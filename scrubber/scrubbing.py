"""A file's events with its claims scrubbed: edits, guide checks, suppressions and trust come together here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from scrubber.claims.model import Claim
from scrubber.claims.reader import Events, batches
from scrubber.codes import UNTRUSTED, UNTRUSTED_STATUS
from scrubber.conformance.checks import Conformance
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import Finding
from scrubber.engine import Engine, Event, ScrubbedClaim
from scrubber.naming import OPEN, Naming
from scrubber.suppressions import Covers, Standing, Suppressing, Suppression
from scrubber.x12.errors import LocatedError
from scrubber.x12.pieces import Readable
from scrubber.x12.prescan import Prescan


class Scrubbing:
    """The events of a file with its claims scrubbed, an iterator; `errors` holds the located errors so far.

    With what its first pass has found, every claim whose transaction cannot be trusted is rejected, whatever the
    profile says; a stream that cannot be read twice goes without. With `conformance` the file is checked against its
    implementation guide as well; `guide_errors` are the faults found outside of claims. Findings that the profile
    suppresses, or a `baseline` covers, are set apart; nothing suppresses what the envelope says of a claim.
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
        self._events = Events(stream)
        self._engine = engine.for_file()
        self._scan = scan
        self._guide = Conformance(engine.profile.counts) if conformance else None
        self._suppressing = _suppressing(engine, baseline, conformance=conformance)

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return [*self._events.errors, *self.guide_errors]

    @property
    def guide_errors(self) -> list[LocatedError]:
        """What in its headers, levels and trailers is not as the guide asks for, as far as it has been read."""
        if self._guide is None:
            return []
        return [error for error in self._guide.errors if self._engine.profile.counts(error.code)]

    @property
    def shadow(self) -> list[str]:
        """The codes of faults found outside of claims by guide checks in shadow, as far as it has been read."""
        profile = self._engine.profile
        errors = self._guide.errors if self._guide else ()
        codes = [error.code for error in errors]
        return [code for code in codes if profile.runs(code) and profile.severity.get(code) == "shadow"]

    @property
    def standings(self) -> Mapping[Suppression, Standing]:
        """What has become of each suppression whose code is run, as far as the file has been read."""
        return self._suppressing.standings if self._suppressing else {}

    def __iter__(self) -> Iterator[Event]:
        trusted = True
        for batch in batches(self._events):
            faulty = [self._guide.event(event) if self._guide else () for event in batch]
            all_scrubbed = iter(self._engine.scrub_all(event for event in batch if isinstance(event, Claim)))
            for event, faults in zip(batch, faulty, strict=True):
                if not isinstance(event, Claim):
                    if event.tag == "ST" and self._scan:
                        trusted = self._scan.trusts(event.offset)
                    yield event
                    continue
                scrubbed = next(all_scrubbed)
                if faults:
                    scrubbed = self._engine.with_faults(scrubbed, faults)
                if self._suppressing:
                    findings, suppressed = self._suppressing.parted(event, scrubbed.findings, scrubbed.shadow)
                    if suppressed:
                        scrubbed = attrs.evolve(scrubbed, findings=findings, suppressed=suppressed)
                if self._engine.naming != OPEN:
                    scrubbed = _named(scrubbed, self._engine.naming)
                yield scrubbed if trusted else _rejected(scrubbed)
        if self._guide:
            self._guide.finish()


def _named(scrubbed: ScrubbedClaim, naming: Naming) -> ScrubbedClaim:
    """The claim as reports are to name it and its days, in messages too."""
    findings, shadow = (
        tuple(attrs.evolve(finding, message=naming.message(finding.message)) for finding in some)
        for some in (scrubbed.findings, scrubbed.shadow)
    )
    return attrs.evolve(scrubbed, naming=naming, findings=findings, shadow=shadow)


def runs(engine: Engine, code: str, *, conformance: bool) -> bool:
    """Whether there may be findings of a code, of an edit or a guide check."""
    return engine.profile.runs(code) and (conformance or code not in GUIDE_CODES)


def _suppressing(engine: Engine, baseline: Covers | None, *, conformance: bool) -> Suppressing | None:
    """What suppresses findings, if anything does; of the profile's suppressions those whose code is run."""
    entries = [entry for file in engine.profile.suppressions for entry in file.entries]
    entries = [entry for entry in entries if runs(engine, entry.code, conformance=conformance)]
    return Suppressing(entries, engine.facts, baseline) if entries or baseline else None


def _rejected(scrubbed: ScrubbedClaim) -> ScrubbedClaim:
    """The claim with the finding that its transaction cannot be trusted."""
    untrusted = Finding(
        scrubbed.claim.at("claim_id"),
        "the envelope around the claim is broken, so the claim may not be whole; see the errors of the file",
        "send the file again, whole",
        "reject",
        UNTRUSTED,
        claim_status=UNTRUSTED_STATUS,
    )
    return attrs.evolve(scrubbed, findings=(untrusted, *scrubbed.findings))
