"""The one claim that a user asks for: by its id, or by its number in the file."""

from __future__ import annotations

from scrubber.claims.model import Claim
from scrubber.engine.naming import OPEN, Naming

_NUMBER = "#"


class Wanted:
    """Which claims are wanted, and whether one was met.

    `given` is a claim id (CLM01), also one as a report with hidden ids shows it, or `#` and the number of a claim in
    its file, from 1. Raises `ValueError` for other text after `#`.
    """

    def __init__(self, given: str) -> None:
        self._id = given
        self._number: int | None = None
        self.met = False
        if given.startswith(_NUMBER):
            digits = given.removeprefix(_NUMBER)
            if not (digits.isascii() and digits.isdigit() and int(digits)):
                raise ValueError("give the number of a claim in its file after #, from 1")
            self._number = int(digits)

    def includes(self, claim: Claim, naming: Naming = OPEN) -> bool:
        """Whether a claim is wanted."""
        if self._number is not None:
            found = claim.number == self._number
        else:
            found = self._id in (claim.claim_id, naming.identifier(claim.claim_id))
        self.met = self.met or found
        return found
