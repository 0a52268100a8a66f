"""The charts of the page: findings by edit, payer and billing provider, the worst first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from scrubber.outputs.breakdown import Breakdown, Breakdowns, Share
from scrubber.outputs.page_claims import Meanings, payer_label
from scrubber.outputs.page_values import grouped, money, percent, quoted, shown
from scrubber.x12.errors import counted

AT_ONCE = 10
"""Rows of a chart or table that are shown at first. The others open on demand."""

_HEADS = {"edit": "Edit", "payer": "Payer", "provider": "Billing provider"}
_NONE = {"payer": "no payer id", "provider": "no NPI"}

_Row = tuple[str | None, Share]
"""A row of a chart: the code, payer id or NPI, and its counts. `None` stands for all others."""


@attrs.frozen
class _Drawing:
    """How all charts are drawn: with one scale, on which the longest bar stands for `full` findings."""

    full: int
    meanings: Meanings
    payers: Mapping[str, str]
    priced: bool
    providers: int


def charts(breakdowns: Breakdowns, meanings: Meanings, payers: Mapping[str, str], *, priced: bool) -> str:
    """All charts. `payers` are names by id. `priced` adds a column of what Medicare allows."""
    by_name = (("edit", breakdowns.edit), ("payer", breakdowns.payer), ("provider", breakdowns.provider))
    rows = {by: _rows(by, breakdown) for by, breakdown in by_name}
    full = max((_findings(share) for some in rows.values() if len(some) > 1 for _, share in some), default=0)
    noted = sum(bool(share.noted) for _, share in rows["provider"])
    drawing = _Drawing(full, meanings, payers, priced, noted)
    kind = "chart priced" if priced else "chart"
    drawn = "".join(f'<div class="{kind} {by}">{_chart(by, rows[by], drawing)}</div>' for by, _ in by_name)
    legend = "".join(
        f'<span class="{severity}">{name}</span>'
        for severity, name in (("reject", "Reject"), ("warn", "Warning"), ("info", "Info"))
    )
    longest = f"All bars have one scale: the longest is {counted(full, 'finding')}."
    scale = f'<span class="scale">{longest}</span>' if full else ""
    return (
        '<section id="charts" class="charts" aria-labelledby="charts-title">'
        '<h2 id="charts-title">Where the findings are</h2>'
        f'<p class="legend" aria-hidden="true">{legend}{scale}</p>{drawn}</section>'
    )


def _findings(share: Share) -> int:
    return share.reject + share.warn + share.info


def _rows(by: str, breakdown: Breakdown) -> Sequence[_Row]:
    """The rows of a chart, the worst first, the sum of all others last."""
    worst, others = breakdown.worst()
    # an edit that found nothing is not in a chart, also if it could not decide
    rows: list[_Row] = [(key, share) for key, share in worst if by != "edit" or share.claims]
    return [*rows, (None, others)] if others else rows


def segments_of_bar(counts: tuple[int, int, int], full: int, third: str = "info") -> str:
    """Three parts of a bar, side by side."""
    drawn, begin = "", 0
    for kind, count in zip(("reject", "warn", third), counts, strict=True):
        x = f"{percent(begin, full, 2)}" if begin or kind != "reject" else "0%"
        drawn += f'<rect class="{kind}" x="{x}" width="{percent(count, full, 2)}" height="100%"></rect>'
        begin += count
    return drawn


def _chart(by: str, rows: Sequence[_Row], drawing: _Drawing) -> str:
    if len(rows) <= AT_ONCE + 1:
        return _table(by, rows, drawing)
    first = _table(by, rows[:AT_ONCE], drawing)
    rest = _table(by, rows[AT_ONCE:], drawing, continued=", continued")
    return f'{first}<details class="more"><summary>{len(rows) - AT_ONCE} more</summary>{rest}</details>'


def _table(by: str, rows: Sequence[_Row], drawing: _Drawing, *, continued: str = "") -> str:
    to_fix = "" if by == "edit" else " to fix"
    allowed = '<th scope="col" class="number">Allowed</th>' if drawing.priced else ""
    body = "".join(_row(by, key, share, drawing) for key, share in rows)
    return (
        f"<table><caption>Findings by {by}{continued}</caption><thead><tr>"
        f'<th scope="col">{_HEADS[by]}</th><th scope="col" class="bar">Findings</th>'
        f'<th scope="col" class="number">Claims{to_fix}</th><th scope="col" class="number">At stake</th>{allowed}'
        f"</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(by: str, key: str | None, share: Share, drawing: _Drawing) -> str:
    record, full = share.record(), drawing.full
    counts = share.reject, share.warn, share.info
    label = "{} reject, {} warning, {} info, together".format(*counts)
    bar = segments_of_bar(counts, full) if key is not None and sum(counts) <= full else ""
    claims = grouped(share.claims)
    if by != "edit":
        claims = f'{grouped(share.rejected + share.flagged)}<span class="of"> of {claims}</span>'
    allowed = f'<td class="number">{money(record["allowed_at_stake"])}</td>' if drawing.priced else ""
    return (
        f'<tr><th scope="row">{_named(by, key, share, drawing)}</th><td class="bar"><div>'
        f'<svg role="img" width="100%" height="12" aria-label="{label}">{bar}</svg>'
        f'<span>{grouped(sum(counts))}</span></div></td><td class="number">{claims}</td>'
        f'<td class="number">{money(record["charge_at_stake"])}</td>{allowed}</tr>'
    )


def _named(by: str, key: str | None, share: Share, drawing: _Drawing) -> str:
    """An edit with its title, or a payer or provider; linked to its claims if any of them needs work."""
    if key is None:
        return "All others"
    if by == "edit":
        link = f'<a href="#worklist" data-filter="code" data-value="{quoted(key)}">{shown(key)}</a>'
        return f'{link} <span class="title">{shown(drawing.meanings(key).title)}</span>'
    name = drawing.payers.get(key, "") if by == "payer" else ""
    shown_name = payer_label(name or None, key or None) or _NONE[by]
    if share.noted and (by == "payer" or drawing.providers > 1):
        shown_name = f'<a href="#worklist" data-filter="{by}" data-value="={quoted(key)}">{shown_name}</a>'
    return f'<span class="id">{shown_name}</span>'
