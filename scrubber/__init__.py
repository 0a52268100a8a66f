"""A scrubber for X12 837P and 837I claims: finds what gets a claim denied before the payer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrubber.claims.reader import read_claims
from scrubber.x12.errors import LocatedError, X12Error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrubber.engine import ScrubbedClaim
    from scrubber.profile import Profile
    from scrubber.x12.pieces import Readable

__all__ = ["LocatedError", "X12Error", "read_claims", "scrub", "version"]


def version() -> str:
    """The version of the installed scrubber."""
    from importlib.metadata import version as installed  # costs time that only reports should pay

    return installed("claim-scrubber")


def scrub(stream: Readable, profile: Profile | None = None) -> ScrubbedClaims:
    """Read the claims of an 837 and run the installed edits on each, under a profile or the default one.

    `stream` is a binary file. The result is an iterator of scrubbed claims (claim, findings, disposition,
    not_checked); its `errors` holds the located errors of the file once it is exhausted.
    """
    return ScrubbedClaims(stream, profile)


class ScrubbedClaims:
    """The scrubbed claims of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable, profile: Profile | None = None) -> None:
        from scrubber import catalogue, engine  # edits are loaded only when they are run
        from scrubber import profile as profiles

        self._scrubbing = engine.Scrubbing(stream, engine.Engine(catalogue.load(), profile or profiles.Profile()))
        self._claims = (event for event in self._scrubbing if isinstance(event, engine.ScrubbedClaim))

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._scrubbing.errors

    def __iter__(self) -> Iterator[ScrubbedClaim]:
        return self

    def __next__(self) -> ScrubbedClaim:
        return next(self._claims)
