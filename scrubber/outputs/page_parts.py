"""The parts of the page around the list of claims: they are made from sums when all claims have been taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import attrs

from scrubber.outputs.authorities import linked
from scrubber.outputs.breakdown import Breakdowns, Share
from scrubber.outputs.details import Record
from scrubber.outputs.explanation import Explanation
from scrubber.outputs.page_charts import segments_of_bar
from scrubber.outputs.page_claims import Meanings, unpriced
from scrubber.outputs.page_values import code_link, date, grouped, money, percent, quoted, shown
from scrubber.outputs.remarks import editions, history_used
from scrubber.outputs.summary import Summary
from scrubber.outputs.wording import suppressions
from scrubber.x12.errors import counted


@attrs.frozen
class FileSums:
    """A file of the page, with the sums over its claims. `dates` has its date and the day it was judged as of."""

    ordinal: int
    path: str
    readable: bool
    sha256: str
    dates: Record
    summary: Summary
    share: Share


@attrs.frozen
class Sums:
    """What the page says about all its files together.

    `payers` has the names of payers by their ids. `as_of_given` says whether the day that claims are judged as of was
    asked for; else it is the date of each file.
    """

    files: Sequence[FileSums]
    summary: Summary
    share: Share
    breakdowns: Breakdowns
    errors: int
    unavailable: Sequence[Record]
    suppressions: Sequence[Record]
    fingerprint: Record
    meanings: Meanings
    payers: Mapping[str, str]
    as_of_given: bool

    @property
    def several(self) -> bool:
        """Whether the page has several files, so that its parts name theirs."""
        return len(self.files) > 1

    @property
    def priced(self) -> bool:
        """Whether any line has a price, so that tables have a column for it."""
        return self.summary.allowed is not None and not self.summary.allowed.no_price

    @property
    def what_was_read(self) -> str:
        """The path of the only file, or how many there are."""
        return shown(self.files[0].path) if len(self.files) == 1 else counted(len(self.files), "file")


def head(sums: Sums, *, codes: bool) -> str:
    """The head of the page, with links to its parts. `codes` says whether the page explains any."""
    explained = '<a href="#rules">What the codes mean</a>' if codes else ""
    errors = '<a href="#errors">File problems</a>' if sums.errors else ""
    findings = '<a href="#charts">Where the findings are</a>' if sums.summary.findings else ""
    dated = f'<p class="dated">{_dated(sums.files[0].dates, sums)}</p>' if len(sums.files) == 1 else ""
    return (
        '<a class="skip" href="#worklist">Skip to the claims to look at</a><header class="top"><div>'
        f'<h1>Claim report</h1><p class="read"><bdi>{sums.what_was_read}</bdi></p>{dated}</div>'
        f'<nav aria-label="Parts of this report"><a href="#worklist">Claims to look at</a>{errors}'
        f"{findings}{explained}</nav></header>"
    )


def _dated(dates: Record, sums: Sums) -> str:
    """The date of a file, and the day that its claims were judged as of."""
    of_file, as_of = dates["file_date"], dates["judged_as_of"]
    written = f"Dated {date(of_file)}" if of_file else "No date can be read in the file"
    if sums.as_of_given:
        return f"{written}. Judged as of {date(as_of)}, the day that was asked for."
    hidden = of_file is not None and len(of_file) == len("2026")
    return f"{written}." if hidden or not as_of else f"{written}, and judged as of that day."


def glance(sums: Sums) -> str:
    """The first screen: how many claims need work, and what is at stake."""
    summary = sums.summary
    charge, stake = f"{summary.charge:.2f}", money(f"{sums.share.charge_at_stake:.2f}")
    tiles = [
        _tile(sums, "Claims in", "all", summary.claims, f"{money(charge)} billed"),
        _tile(sums, "Clean", "clean", summary.dispositions["clean"], "no reject and no warning"),
        _tile(sums, "Flagged", "flagged", summary.dispositions["flagged"], _where(summary)),
        _tile(sums, "Rejected", "rejected", summary.dispositions["rejected"], "fix before sending"),
        _stake("Charge at stake", stake, f"{money(f'{summary.charge_rejected:.2f}')} of it on rejected claims"),
    ]
    if summary.allowed:
        tiles.append(_allowed(sums))
    return (
        '<section id="glance" aria-label="At a glance">'
        f'<p class="verdict">{_verdict(summary, stake, money(charge))}</p>{_damage(sums)}'
        f'<ul class="tiles">{"".join(tiles)}</ul>{_parts(summary)}</section>'
    )


def _damage(sums: Sums) -> str:
    """A warning where a file is damaged."""
    broken = sum(not file.readable for file in sums.files)
    if not broken:
        return ""
    are = "is" if broken == 1 else "are"
    what = f"{broken} of {len(sums.files)} files {are} damaged" if sums.several else "The file is damaged"
    return (
        f'<p class="alert"><strong>{what}.</strong> Claims may be missing or incomplete. Create a damaged file again '
        'in the system that it came from. <a href="#errors">What is wrong</a></p>'
    )


def _verdict(summary: Summary, stake: str, charge: str) -> str:
    work = summary.dispositions["rejected"] + summary.dispositions["flagged"]
    if not summary.claims:
        return "No claims could be read."
    if not work:
        return "No claim needs work before it is sent: there are no rejects and no warnings."
    needs = "needs work before it is sent" if work == 1 else "need work before they are sent"
    return (
        f"<strong>{grouped(work)} of {counted(summary.claims, 'claim')}</strong> {needs}. "
        f"<strong>{stake}</strong> of {charge} billed is at stake.{_whereabouts(summary)}"
    )


def _whereabouts(summary: Summary) -> str:
    """Says where the flagged claims are. The person who sends the clean file must know it."""
    flagged = summary.dispositions["flagged"]
    if not flagged:
        return ""
    count, verb = counted(flagged, "flagged claim"), "is" if flagged == 1 else "are"
    file = "the held file, and will not be sent" if summary.held else "the clean file, and will be sent with it"
    return f" {count} {verb} in {file}."


def _where(summary: Summary) -> str:
    """Where the flagged claims are, and what to do about it."""
    if not summary.dispositions["flagged"]:
        return "warnings and no reject"
    return "in the held file, not in the clean one" if summary.held else "in the clean file: look before sending"


def _tile(sums: Sums, name: str, kind: str, number: int, says: str) -> str:
    claims = sums.summary.claims
    small = f" <small>{percent(number, claims, 1)}</small>" if kind != "all" and claims else ""
    return (
        f'<li class="{kind}"><span class="name">{name}</span> <span class="number">{grouped(number)}{small}</span> '
        f'<span class="says">{says}</span></li>'
    )


def _stake(name: str, number: str, says: str) -> str:
    return (
        f'<li class="stake"><span class="name">{name}</span> <span class="number">{number}</span> '
        f'<span class="says">{says}</span></li>'
    )


def _allowed(sums: Sums) -> str:
    assert sums.summary.allowed
    if sums.summary.allowed.no_price:
        lines = counted(sums.summary.allowed.unpriced_lines, "line")
        return _stake("Medicare allows, at stake", "not known", f"none of {lines} has a price in the loaded tables")
    record = sums.summary.allowed.record()
    says = (
        f"of {money(record['allowed'])}{unpriced(record['unpriced_lines'])}; waste {money(record['waste'])}, "
        f"avoidable {money(record['avoidable_waste'])}"
    )
    return _stake("Medicare allows, at stake", money(record["allowed_at_stake"]), says)


def _parts(summary: Summary) -> str:
    """The bar of all claims."""
    if not summary.claims:
        return ""
    rejected, flagged, clean = (summary.dispositions[name] for name in ("rejected", "flagged", "clean"))
    label = f"Of {counted(summary.claims, 'claim')} {rejected} rejected, {flagged} flagged, {clean} clean"
    bar = segments_of_bar((rejected, flagged, clean), summary.claims, third="clean")
    return f'<svg class="parts" role="img" width="100%" height="14" aria-label="{label}">{bar}</svg>'


def files(sums: Sums) -> str:
    """A table of the files, where there are several."""
    if not sums.several:
        return ""
    priced = sums.priced
    heads = "".join(
        f'<th scope="col" class="number">{name}</th>'
        for name in ("Claims", "Clean", "Flagged", "Rejected", "Billed", "At stake")
    )
    heads += '<th scope="col" class="number">Allowed at stake</th>' if priced else ""
    rows = "".join(_file_row(file, priced=priced) for file in sums.files)
    return (
        '<section aria-labelledby="files-title"><h2 id="files-title">Files</h2>'
        '<div class="wide" role="region" tabindex="0" aria-label="Table of files"><table>'
        '<caption class="spoken">Claims and charges by file</caption>'
        f'<thead><tr><th scope="col">File</th><th scope="col">Dated</th>{heads}<th scope="col">File sound</th></tr>'
        "</thead>"
        f"<tbody>{rows}</tbody></table></div>{_judged(sums)}</section>"
    )


def _judged(sums: Sums) -> str:
    """The day that counted as today, for several files."""
    if not sums.as_of_given:
        return '<p class="hint">Each file was judged as of its own date.</p>'
    return f'<p class="hint">All files were judged as of {date(sums.files[0].dates["judged_as_of"])}, as asked for.</p>'


def _file_row(file: FileSums, *, priced: bool) -> str:
    summary = file.summary
    path = f"<bdi>{shown(file.path)}</bdi>"
    if file.share.noted:
        path = f'<a href="#worklist" data-filter="file" data-value="{file.ordinal}">{path}</a>'
    counts = (summary.claims, *(summary.dispositions[name] for name in ("clean", "flagged", "rejected")))
    cells = [*map(grouped, counts), money(f"{summary.charge:.2f}"), money(f"{file.share.charge_at_stake:.2f}")]
    if priced:
        cells.append(money(summary.allowed.record()["allowed_at_stake"]) if summary.allowed else "")
    sound = "yes" if file.readable else '<strong class="reject">no</strong>'
    numbers = "".join(f'<td class="number">{cell}</td>' for cell in cells)
    dated = date(file.dates["file_date"]) if file.dates["file_date"] else "no date"
    return f'<tr><th scope="row" class="path">{path}</th><td class="date">{dated}</td>{numbers}<td>{sound}</td></tr>'


def not_checked(sums: Sums) -> str:
    """The edits that did not run, and how many claims an edit could not decide on."""
    lacking = sums.unavailable if sums.files else ()
    undecided = sums.share.undecided
    if not lacking and not undecided:
        return ""
    return (
        '<section aria-labelledby="not-checked-title" class="not-checked">'
        '<h2 id="not-checked-title">What was not checked</h2>'
        f"{_lacking(sums, lacking) if lacking else ''}{_undecided(undecided) if undecided else ''}</section>"
    )


def _lacking(sums: Sums, lacking: Sequence[Record]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{shown(item["code"])}</th><td>{shown(sums.meanings(item["code"]).title)}</td>'
        f"<td>{shown(item['reason'])}</td></tr>"
        for item in lacking
    )
    edits = counted(len({item["code"] for item in lacking}), "edit")
    return (
        f"<p>{edits} did not run, or only in part, because a table or a history is missing. The payer may deny claims "
        "for what they look for. <code>scrubber reference import</code> loads tables.</p>"
        '<details class="more"><summary>Which, and why</summary><div class="wide"><table>'
        '<caption class="spoken">Edits that did not run, or only in part</caption><thead><tr><th scope="col">Edit</th>'
        '<th scope="col">What it looks for</th><th scope="col">Why it did not run</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def _undecided(claims: int) -> str:
    return (
        '<p>On <a href="#worklist" data-filter="severity" data-value="unchecked">'
        f"{counted(claims, 'claim')}</a> an edit could not decide, for example because a date is missing. "
        "The list shows which edit.</p>"
    )


def not_counted(sums: Sums) -> str:
    """Suppressed findings, those of edits on trial, and the files of suppressions."""
    summary = sums.summary
    parts = []
    if summary.suppressed:
        rows = "".join(f"<li>{shown(sentence)}</li>" for _, sentence in suppressions(summary))
        parts.append(
            f"<p>{counted(summary.suppressed, 'finding')} suppressed: accepted in a suppressions file until a date, or "
            f"known from the baseline. The claims in the list show theirs.</p><ul>{rows}</ul>"
        )
    if summary.shadow:
        codes = ", ".join(f"{code_link(code)} {count}" for code, count in sorted(summary.shadow.items()))
        parts.append(f"<p>Edits on trial (shadow) would have found: {codes}.</p>")
    parts += [_standing(record) for record in sums.suppressions]
    if not parts:
        return ""
    title = '<h2 id="not-counted-title">Findings that do not count</h2>'
    return f'<section aria-labelledby="not-counted-title">{title}{"".join(parts)}</section>'


_STANDINGS = {
    "expired": "past their last day",
    "undated": "not to be judged, as the file has no date",
    "unused": "whose claim has no such finding",
    "no_claim": "whose claim is not here",
}


def _standing(record: Record) -> str:
    entries = "".join(
        f"; {why}: no. {' '.join(map(str, record[name]))}" for name, why in _STANDINGS.items() if record.get(name)
    )
    return f"<p><bdi>{shown(record['path'])}</bdi>: {counted(record['entries'], 'suppression')}{entries}.</p>"


_MEANINGS = 1024
"""How many meanings are remembered as they were written: many small files have the same codes."""


def meanings(known: Iterable[Explanation]) -> str:
    """What the codes mean that were found, each closed."""
    articles = "".join(map(_meaning, known))
    if not articles:
        return ""
    return (
        '<section id="rules" aria-labelledby="rules-title"><h2 id="rules-title">What the codes mean</h2>'
        '<p class="hint">The codes of this report. In a likely denial, CARC and RARC are the reason code and the '
        "remark code of a payer's remittance (835), and 277CA is the status of the claim in an acknowledgement that "
        "rejects it.</p>"
        f"{articles}</section>"
    )


@lru_cache(maxsize=_MEANINGS)
def _meaning(known: Explanation) -> str:
    """A code. Browsers open what is closed when a link leads to something in it."""
    particulars = dict(known.particulars)
    source, confidence = ("; ".join(particulars.get(name, ())) for name in ("Source", "Confidence"))
    rating = f" (confidence {shown(confidence)})" if confidence else ""
    return (
        f'<details class="rule"><summary><span class="code">{shown(known.code)}</span> {shown(known.title)}</summary>'
        f'<div id="rule-{quoted(known.code)}" class="meaning" tabindex="-1">{"".join(_paragraphs(known))}'
        + (f'<p class="source"><b>Source: </b>{_linked(source)}{rating}</p>' if source else "")
        + "</div></details>"
    )


def _linked(source: str) -> str:
    """The words of a source, with links to what can be read in public."""
    return "".join(
        f'<a href="{quoted(part.address)}" rel="noreferrer noopener" target="_blank">{shown(part.text)}</a>'
        if part.address
        else shown(part.text)
        for part in linked(source)
    )


def _paragraphs(known: Explanation) -> Iterator[str]:
    for heading, text in known.sections:
        for number, paragraph in enumerate(text.split("\n\n")):
            begin = "" if number else f"<b>{shown(heading)}: </b>"
            yield f"<p>{begin}{shown(' '.join(paragraph.split()))}</p>"


def foot(sums: Sums) -> str:
    """What made the page."""
    made = sums.fingerprint
    loaded = editions(made)
    public = f", public tables: {shown(loaded)}" if loaded else ""
    history = history_used(made)
    compared = f"History of released claims: {history}." if history else "No history of released claims was used."
    return (
        f"<footer><p>Made by {shown(made['tool']['name'])} {shown(made['tool']['version'])}, profile "
        f"{shown(made['profile']['name'])}, reference tables {shown(made['reference']['release'])}{public}. "
        f"{compared} Charges are as billed, in US dollars. This page holds claim ids and dates of service: treat it as "
        "patient data.</p>"
        f'<p class="print">Edits {shown(made["catalogue"]["sha256"])}</p></footer>'
    )
