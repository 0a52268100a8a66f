"""A claim with its findings, as `scrub` gives it."""

from __future__ import annotations

from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Finding
from scrubber.engine.judged import Judged, Unchecked
from scrubber.engine.naming import OPEN, Naming
from scrubber.engine.record import record
from scrubber.engine.suppressions import Suppressed
from scrubber.reference.pricing import ClaimPrice


@attrs.define(on_setattr=attrs.setters.frozen, eq=False)
class ScrubbedClaim(Judged):
    """A claim with its findings, in file order with those on the claim first, and the edits that could not decide.

    Two kinds of findings do not count: those in `suppressed`, and those of edits in `shadow`. `naming` gives the names
    of the claim in reports. `price` is what Medicare allows for the claim, `None` if its payment limits are not loaded.
    With `holding` a flagged claim is held, and does not go to the clean file. `answers` are kept with it (see
    `once_per_claim`). It is frozen; `scrubbed_claim` makes it.
    """

    def with_findings(self, findings: tuple[Finding, ...], shadow: tuple[Finding, ...]) -> ScrubbedClaim:
        """The claim with other findings. `attrs.evolve` takes four times as long."""
        others = self.suppressed, shadow, self.naming, self.price, self.holding
        return scrubbed_claim(self.claim, findings, self.not_checked, *others)

    def __repr__(self) -> str:
        """By its number in the file, without patient data."""
        return f"ScrubbedClaim(ordinal={self.ordinal}, disposition={self.disposition!r}, findings={self.findings!r})"

    @property
    def ordinal(self) -> int:
        """The number of the claim in its file, from 1."""
        return self.claim.number

    def to_dict(self) -> dict[str, Any]:
        """The claim as the JSON report writes it: it holds the claim id, unless the options hide it."""
        return record(self)


def scrubbed_claim(
    claim: Claim,
    findings: tuple[Finding, ...] = (),
    not_checked: tuple[Unchecked, ...] = (),
    suppressed: tuple[Suppressed, ...] = (),
    shadow: tuple[Finding, ...] = (),
    naming: Naming = OPEN,
    price: ClaimPrice | None = None,
    holding: bool = False,
) -> ScrubbedClaim:
    """A scrubbed claim. It is made open and then frozen, as frozen classes of attrs take long to make."""
    scrubbed: Any = Judged(claim, findings, not_checked, suppressed, shadow, naming, price, holding)
    scrubbed.__class__ = ScrubbedClaim
    frozen: ScrubbedClaim = scrubbed
    return frozen
