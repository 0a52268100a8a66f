"""What is found on a claim, and what becomes of the claim."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal, TypeAlias

import attrs

from scrubber.claims.model import Claim
from scrubber.edit import Finding
from scrubber.engine.naming import OPEN, Naming
from scrubber.engine.suppressions import Suppressed
from scrubber.reference.pricing import ClaimPrice

Disposition: TypeAlias = Literal["rejected", "flagged", "clean"]
Destination: TypeAlias = Literal["rejected", "held", "clean"]
"""The file that a claim goes to."""


@attrs.frozen
class Unchecked:
    """An edit that could not decide on a claim, and why."""

    code: str
    reason: str


@attrs.define(eq=False)
class Judged:
    """The fields of a `ScrubbedClaim`, and what follows from its findings. Its record and its excerpts need no more."""

    claim: Claim
    findings: tuple[Finding, ...]
    not_checked: tuple[Unchecked, ...]
    suppressed: tuple[Suppressed, ...] = ()
    shadow: tuple[Finding, ...] = ()
    naming: Naming = OPEN
    price: ClaimPrice | None = None
    holding: bool = False
    answers: dict[Hashable, Any] = attrs.field(factory=dict, init=False, repr=False)
    _disposition: Disposition | None = attrs.field(default=None, init=False, repr=False)

    @property
    def disposition(self) -> Disposition:
        """`rejected` with a reject among the findings, else `flagged` with a warn, else `clean`."""
        if not self.findings:
            return "clean"
        found = self._disposition
        if found is None:
            found = self._gravest()
            object.__setattr__(self, "_disposition", found)
        return found

    @property
    def goes_to(self) -> Destination:
        """The file that takes the claim: a flagged one goes to the clean file, unless flagged claims are held."""
        disposition = self.disposition
        if disposition == "flagged":
            return "held" if self.holding else "clean"
        return disposition

    def _gravest(self) -> Disposition:
        severities = {finding.severity for finding in self.findings}
        if "reject" in severities:
            return "rejected"
        return "flagged" if "warn" in severities else "clean"
