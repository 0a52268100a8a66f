"""A scrubber for X12 837P and 837I claims: finds what gets a claim denied before the payer does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrubber.claims.reader import read_claims
    from scrubber.engine.engine import ScrubbedClaim
    from scrubber.engine.profile import Profile
    from scrubber.x12.errors import LocatedError, X12Error
    from scrubber.x12.pieces import Readable
    from scrubber.x12.prescan import Prescan

__all__ = ["LocatedError", "X12Error", "read_claims", "scrub", "version"]

_ELSEWHERE = {
    "LocatedError": "scrubber.x12.errors",
    "X12Error": "scrubber.x12.errors",
    "read_claims": "scrubber.claims.reader",
}


def __getattr__(name: str) -> Any:
    """What stands elsewhere is loaded once it is asked for: every run of pytest imports this package."""
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_ELSEWHERE[name]), name)


def version() -> str:
    """The version of the installed scrubber."""
    from importlib.metadata import version as installed  # costs time that only reports should pay

    return installed("claim-scrubber")


def scrub(stream: Readable, profile: Profile | None = None, *, conformance: bool = False) -> ScrubbedClaims:
    """Read the claims of an 837 and run the installed edits on each, under a profile or the default one.

    With `conformance` the file is checked against its implementation guide as well.

    `stream` is a binary file. One that is seekable is read twice, from its start: the first time for what is wrong
    with its envelope, so that claims in a transaction that cannot be trusted are rejected (`READ03`); of any other
    the caller has to look at the errors. The result is an iterator of scrubbed claims (claim, findings, disposition,
    not_checked); its `errors` holds the located errors of the file once it is exhausted.
    """
    return ScrubbedClaims(stream, profile, conformance=conformance)


class ScrubbedClaims:
    """The scrubbed claims of a file, an iterator; `errors` holds the located errors found so far."""

    def __init__(self, stream: Readable, profile: Profile | None = None, *, conformance: bool = False) -> None:
        from scrubber.engine import catalogue, engine, scrubbing  # edits are loaded only when they are run
        from scrubber.engine import profile as profiles

        chosen = engine.Engine(catalogue.load(), profile or profiles.Profile())
        self._scrubbing = scrubbing.Scrubbing(stream, chosen, _scanned(stream), conformance=conformance)
        self._claims = (event for event in self._scrubbing if isinstance(event, engine.ScrubbedClaim))

    @property
    def errors(self) -> list[LocatedError]:
        """What is wrong with the file, as far as it has been read."""
        return self._scrubbing.errors

    def __iter__(self) -> Iterator[ScrubbedClaim]:
        return self

    def __next__(self) -> ScrubbedClaim:
        return next(self._claims)


def _scanned(stream: Readable) -> Prescan | None:
    """What a first pass over a stream finds; that is then back at its start. `None` where it cannot be read twice."""
    from scrubber.x12.prescan import prescan

    seekable = getattr(stream, "seekable", None)
    if seekable is None or not seekable():
        return None
    file = cast("BinaryIO", stream)
    scan = prescan(file)
    file.seek(0)
    return scan
