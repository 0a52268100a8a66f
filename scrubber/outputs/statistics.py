"""Counts by code for the text report: findings, claims, and the charges at stake."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import ScrubbedClaim
from scrubber.outputs.breakdown import Breakdowns, Share
from scrubber.outputs.explanation import explained
from scrubber.outputs.layout import Layout, Styled, dollars

_HEAD = ("code", "reject", "warn", "info", "claims", "at stake", "title")
_ALLOWED = "allowed"
"""Heads the amounts that Medicare allows, a column before the title. It is left out without payment limits."""


class Statistics:
    """The counts of all files, in bounded memory."""

    def __init__(self) -> None:
        self._breakdowns = Breakdowns()

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        self._breakdowns.count(scrubbed)

    def rows(self, catalogue: Catalogue, layout: Layout) -> Iterator[str]:
        """The table, worst code first. It is empty if nothing was found."""
        ranked, others = self._breakdowns.edit.worst()
        shares = [(code, share, explained(code, catalogue).title) for code, share in ranked if share.claims]
        if others:
            shares.append(("others", others, ""))
        if shares:
            priced = any(share.allowed_at_stake is not None for _, share, _ in shares)
            names = (*_HEAD[:-1], *([_ALLOWED] if priced else []), _HEAD[-1])
            head = [(name, "strong") for name in names]
            rows = [_cells(*share, priced=priced) for share in shares]
            yield from layout.table([head, *rows], right=range(1, len(names) - 1))
            about = "A claim counts once for each of its codes. At stake: the charges of rejected and flagged claims."
            yield from ("", *layout.paragraph(about, "dim"))


def _cells(code: str, share: Share, title: str, *, priced: bool) -> list[Styled]:
    counts = [(share.reject, "reject"), (share.warn, "warn"), (share.info, "info")]
    return [
        (code, "strong"),
        *((f"{count:,}", kind) if count else ("-", "dim") for count, kind in counts),
        (f"{share.claims:,}", ""),
        (dollars(share.charge_at_stake) if share.charge_at_stake else "-", ""),
        *([(dollars(share.allowed_at_stake) if share.allowed_at_stake else "-", "")] if priced else []),
        (title, ""),
    ]
