"""The charts of the page: findings by edit, payer and billing provider, the worst first."""

from __future__ import annotations

from collections.abc import Sequence

from scrubber.outputs.breakdown import Breakdown, Breakdowns, Share
from scrubber.outputs.page_claims import Rules
from scrubber.outputs.page_values import grouped, money, percent, quoted, shown

AT_ONCE = 10
"""Rows of a chart or table that are shown at first. The others open on demand."""

_HEADS = {"edit": "Edit", "payer": "Payer", "provider": "Billing provider"}
_NONE = {"payer": "no payer id", "provider": "no NPI"}

_Row = tuple[str | None, Share]
"""A row of a chart: the code, payer id or NPI, and its counts. `None` stands for all others."""


def charts(breakdowns: Breakdowns, rules: Rules, *, priced: bool) -> str:
    """All charts. `priced` adds a column of what Medicare allows."""
    drawn = "".join(
        f'<div class="chart {by}{" priced" if priced else ""}">{_chart(by, breakdown, rules, priced=priced)}</div>'
        for by, breakdown in (
            ("edit", breakdowns.edit),
            ("payer", breakdowns.payer),
            ("provider", breakdowns.provider),
        )
    )
    legend = "".join(
        f'<span class="{kind}">{name}</span>'
        for kind, name in (("reject", "Reject"), ("warn", "Warning"), ("info", "Info"))
    )
    return (
        '<section class="charts" aria-label="Where the findings are">'
        f'<p class="legend" aria-hidden="true">{legend}</p>{drawn}</section>'
    )


def segments_of_bar(counts: tuple[int, int, int], full: int, third: str = "info") -> str:
    """Three parts of a bar, side by side."""
    drawn, begin = "", 0
    for kind, count in zip(("reject", "warn", third), counts, strict=True):
        x = f"{percent(begin, full, 2)}" if begin or kind != "reject" else "0%"
        drawn += f'<rect class="{kind}" x="{x}" width="{percent(count, full, 2)}" height="100%"></rect>'
        begin += count
    return drawn


def _chart(by: str, breakdown: Breakdown, rules: Rules, *, priced: bool) -> str:
    worst, others = breakdown.worst()
    full = max((share.reject + share.warn + share.info for _, share in worst), default=0)
    # an edit that found nothing is not in a chart, also if it could not decide
    rows: list[_Row] = [(key, share) for key, share in worst if by != "edit" or share.claims]
    last: list[_Row] = [(None, others)] if others else []
    if len(rows) <= AT_ONCE:
        return _table(by, [*rows, *last], full, rules, priced=priced)
    first = _table(by, rows[:AT_ONCE], full, rules, priced=priced)
    rest = _table(by, [*rows[AT_ONCE:], *last], full, rules, priced=priced, continued=", continued")
    return f'{first}<details class="more"><summary>{len(rows) - AT_ONCE} more</summary>{rest}</details>'


def _table(by: str, rows: Sequence[_Row], full: int, rules: Rules, *, priced: bool, continued: str = "") -> str:
    to_fix = "" if by == "edit" else " to fix"
    allowed = '<th scope="col" class="number">Allowed</th>' if priced else ""
    body = "".join(_row(by, key, share, full, rules, priced=priced) for key, share in rows)
    return (
        f"<table><caption>Findings by {by}{continued}</caption><thead><tr>"
        f'<th scope="col">{_HEADS[by]}</th><th scope="col" class="bar">Findings</th>'
        f'<th scope="col" class="number">Claims{to_fix}</th><th scope="col" class="number">At stake</th>{allowed}'
        f"</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(by: str, key: str | None, share: Share, full: int, rules: Rules, *, priced: bool) -> str:
    record = share.record()
    counts = share.reject, share.warn, share.info
    label = "{} reject, {} warning, {} info, together".format(*counts)
    bar = segments_of_bar(counts, full) if key is not None and full else ""
    claims = grouped(share.claims)
    if by != "edit":
        claims = f'{grouped(share.rejected + share.flagged)}<span class="of"> of {claims}</span>'
    allowed = f'<td class="number">{money(record["allowed_at_stake"])}</td>' if priced else ""
    return (
        f'<tr><th scope="row">{_named(by, key, share, rules)}</th><td class="bar"><div>'
        f'<svg role="img" width="100%" height="12" aria-label="{label}">{bar}</svg>'
        f'<span>{grouped(sum(counts))}</span></div></td><td class="number">{claims}</td>'
        f'<td class="number">{money(record["charge_at_stake"])}</td>{allowed}</tr>'
    )


def _named(by: str, key: str | None, share: Share, rules: Rules) -> str:
    """An edit with its title, or a payer or provider; linked to its claims if any of them needs work."""
    if key is None:
        return "All others"
    if by == "edit":
        link = f'<a href="#worklist" data-filter="code" data-value="{quoted(key)}">{shown(key)}</a>'
        return f'{link} <span class="title">{shown(rules(key).title)}</span>'
    name = shown(key) or _NONE[by]
    if share.noted:
        name = f'<a href="#worklist" data-filter="{by}" data-value="={quoted(key)}">{name}</a>'
    return f'<span class="id">{name}</span>'
