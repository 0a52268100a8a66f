"""Counts by code and by payer for the text report: findings, claims, and the charges at stake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scrubber.engine.catalogue import Catalogue
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.outputs.breakdown import MOST_KEYS, Breakdowns, Share
from scrubber.outputs.explanation import explained
from scrubber.outputs.layout import Layout, Styled, dollars
from scrubber.outputs.wording import visible

_HEAD = ("reject", "warn", "info", "claims", "at stake")
_ALLOWED = "allowed"
"""Heads the amounts that Medicare allows, a column before the title. It is left out without payment limits."""


class Statistics:
    """The counts of all files, in bounded memory."""

    def __init__(self, most: float = MOST_KEYS) -> None:
        self._breakdowns = Breakdowns(most)

    def count(self, scrubbed: ScrubbedClaim) -> None:
        """Count one claim."""
        self._breakdowns.count(scrubbed)

    def add(self, part: Statistics) -> None:
        """Add the counts of the next claims, made with `most` infinite."""
        self._breakdowns.add(part._breakdowns)

    def rows(self, catalogue: Catalogue, layout: Layout) -> Iterator[str]:
        """The table by code, then that by payer, worst first. They are empty if nothing was found."""
        ranked, others = self._breakdowns.edit.worst()
        found = [(code, share, explained(code, catalogue).title) for code, share in ranked if share.claims]
        if not found:
            return
        yield from _table("code", [*found, *_others(others)], layout)
        about = "A claim counts once for each of its codes. At stake: the charges of rejected and flagged claims."
        yield from ("", *layout.paragraph(about, "dim"), "")
        ranked, others = self._breakdowns.payer.worst()
        payers = [(visible(payer) or "(none)", share, "") for payer, share in ranked if share.noted]
        yield from (*_table("payer", [*payers, *_others(others)], layout), "")


def _others(share: Share | None) -> list[tuple[str, Share, str]]:
    return [("others", share, "")] if share else []


def _table(by: str, shares: Sequence[tuple[str, Share, str]], layout: Layout) -> Iterator[str]:
    """A table of shares with their keys and titles."""
    priced = any(share.allowed_at_stake is not None for _, share, _ in shares)
    title = "title" if any(title for _, _, title in shares) else ""
    head = [(name, "strong") for name in (by, *_HEAD, *([_ALLOWED] if priced else []), title)]
    rows = [_cells(*share, priced=priced) for share in shares]
    return layout.table([head, *rows], right=range(1, len(head) - 1))


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
