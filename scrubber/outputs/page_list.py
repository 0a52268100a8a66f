"""What stands around the list of claims: its filters and the buttons that sort it; and the table of file errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scrubber.outputs.breakdown import Breakdown
from scrubber.outputs.page_charts import AT_ONCE
from scrubber.outputs.page_parts import Sums
from scrubber.outputs.page_values import quoted, shown
from scrubber.outputs.wording import named_payer
from scrubber.x12.errors import counted

_SEVERITIES = (("reject", "Reject"), ("warn", "Warning"), ("info", "Info"))

_SORTING = (
    ("", "rank", "descending", "Status"),
    ("", "order", "ascending", "No."),
    ("", "claim", "ascending", "Claim"),
    ("", "payer", "ascending", "Payer"),
    ("", "date", "ascending", "Service date"),
    (' class="number"', "charge", "descending", "Charge"),
    ("", "findings", "descending", "Findings"),
)

LIST_END = '</div><p id="nothing" class="nothing" hidden="hidden">No claim fits these filters.</p></section>'
"""What follows the last claim of the list."""
MOST_ROWS = 1_000
"""The most rows of the table for browsers without scripts."""


def section_begin(sums: Sums) -> str:
    """The heading, the filters, and the buttons for the claims that are shown."""
    return (
        f'{_title()}<p class="hint">Worst first. Open a claim to see what is wrong and how to fix it.</p>'
        f'{_filters(sums)}<div class="state"><p id="shown" class="shown" role="status" aria-live="polite">'
        f"{counted(sums.share.noted, 'claim')}</p>{_ACTIONS}</div>"
        '<p id="unkept" class="alert" role="alert" hidden="hidden">This browser does not keep ticks and notes for this '
        'page. Save them before you close it.</p><p id="loaded" class="hint" role="status" hidden="hidden"></p>'
    )


def list_begin(sums: Sums) -> str:
    """The buttons that sort the list, and its begin."""
    buttons = "".join(
        f'<button type="button"{kind} data-sort="{by}" data-first="{first}">{name}</button>'
        for kind, by, first, name in _SORTING
    )
    files = " ".join(file.sha256 for file in sums.files)
    # no ol: browsers number its items again when one is hidden or moved, which takes minutes for 10,000
    return (
        f'<div id="sorting" class="row heads" role="group" aria-label="Sort the claims" hidden="hidden">{buttons}</div>'
        f'<div id="claims" class="claims" role="list" data-files="{files}">'
    )


_ACTIONS = (
    '<div id="actions" class="actions" hidden="hidden"><button type="reset" form="filters">Clear filters</button>'
    '<button type="button" id="open-all">Open all shown</button>'
    '<button type="button" id="close-all">Close all</button>'
    '<button type="button" id="print">Print</button>'
    '<button type="button" id="save-csv" title="Ticks and notes, for a spreadsheet">Notes as CSV</button>'
    '<button type="button" id="save-json" title="Ticks and notes, to load again or for a program">Notes as JSON'
    '</button><button type="button" id="load" title="Ticks and notes that were saved as JSON">Load notes</button>'
    '<label hidden="hidden">Ticks and notes that were saved as JSON '
    '<input type="file" id="load-file" accept=".json,application/json"></label></div>'
)


def table_begin(sums: Sums) -> str:
    """The begin of the table for browsers without scripts, up to its first row.

    Its rows are in the order of the list, and each has a link to its claim there.
    """
    file = '<th scope="col">File</th>' if sums.several else ""
    return (
        '<noscript><div class="wide"><table id="plain"><caption class="spoken">Claims to look at</caption><thead><tr>'
        f'<th scope="col">Status</th><th scope="col">No.</th><th scope="col">Claim</th><th scope="col">Payer</th>'
        '<th scope="col">Service date</th><th scope="col" class="number">Charge</th><th scope="col">Findings</th>'
        f"{file}</tr></thead><tbody>"
    )


def table_end(sums: Sums) -> str:
    """What follows the last row of the table."""
    more = sums.share.noted > MOST_ROWS
    only = f"<p>The table has the first {MOST_ROWS:,} claims only.</p>" if more else ""
    return f'</tbody></table></div>{only}<h3 class="plain">Each claim in full</h3></noscript>'


def empty_list() -> str:
    """What stands in the place of the list if no claim needs work."""
    return f'{_title()}<p class="nothing">No claim needs work.</p></section>'


def _title() -> str:
    return (
        '<section id="worklist" aria-labelledby="worklist-title" tabindex="-1">'
        '<h2 id="worklist-title">Claims to look at</h2>'
    )


def _filters(sums: Sums) -> str:
    radios = '<label><input type="radio" name="severity" value="" checked="checked"><span>All</span></label>'
    for kind, name in _SEVERITIES:
        radios += (
            f'<label><input type="radio" name="severity" value="{kind}"><span class="{kind}">{name}</span></label>'
        )
    radios += '<label><input type="radio" name="severity" value="unchecked"><span>Not checked</span></label>'
    selects = list(_selects(sums))
    many = " many" if len(selects) > _ON_A_LINE else ""
    return (
        '<form id="filters" class="filters" hidden="hidden" role="search" aria-label="Filter the claims">'
        f"<fieldset><legend>Severity</legend>{radios}</fieldset>"
        '<label class="search"><span>Search</span><input type="search" name="text" '
        'placeholder="id, code, words" autocomplete="off" spellcheck="false"></label>'
        f'<div class="selects{many}">{"".join(selects)}</div></form>'
    )


def _selects(sums: Sums) -> Iterable[str]:
    """The choices among edits, payers and so on. Links of the page set all but the last."""
    yield _select("Edit", "code", "All edits", _edit_options(sums))
    yield _select("Payer", "payer", "All payers", _options(sums.breakdowns.payer, sums.payers, "no payer id", "id"))
    providers = list(_options(sums.breakdowns.provider, {}, "no NPI", "NPI"))
    if len(providers) > 1:
        yield _select("Billing provider", "provider", "All providers", providers)
    if sums.several:
        yield _select("File", "file", "All files", _file_options(sums))
    yield _select("Work", "work", "All claims", _WORK)


_ON_A_LINE = 3
"""How many choices fit beside the search."""
_WORK = (
    '<option value="todo">To do</option>',
    '<option value="done">Done</option>',
    '<option value="note">With a note</option>',
)


def _select(label: str, name: str, every: str, options: Iterable[str]) -> str:
    return (
        f'<label><span>{label}</span><select name="{name}"><option value="">{every}</option>'
        f"{''.join(options)}</select></label>"
    )


def _edit_options(sums: Sums) -> Iterable[str]:
    worst, _ = sums.breakdowns.edit.worst()
    for code in sorted(code for code, _ in worst):
        yield f'<option value="{quoted(code)}">{shown(code)} {shown(sums.meanings(code).title)}</option>'


def _options(breakdown: Breakdown, names: Mapping[str, str], none: str, what: str) -> Iterable[str]:
    worst, others = breakdown.worst()
    for key, share in sorted((key, share) for key, share in worst if share.noted):
        label = shown(named_payer(names.get(key), key)) or none
        yield f'<option value="={quoted(key)}">{label}: {counted(share.noted, "claim")}</option>'
    if others:
        yield f'<option disabled="disabled">others: search for the {what}</option>'


def _file_options(sums: Sums) -> Iterable[str]:
    for file in sums.files:
        if file.share.noted:
            yield f'<option value="{file.ordinal}">{shown(file.path)}</option>'


def errors(sums: Sums, first: str, others: str) -> str:
    """The errors of the files. `first` and `others` are the rows of the first ten and of the others."""
    if not sums.errors:
        return ""
    more = sums.errors - AT_ONCE
    opened = (
        f'<details class="more"><summary>{more} more</summary>{_error_table(sums, others)}</details>'
        if more > 0
        else ""
    )
    return (
        '<section id="errors" aria-labelledby="errors-title">'
        f'<h2 id="errors-title">Problems with the files themselves</h2>{_error_table(sums, first)}{opened}</section>'
    )


def _error_table(sums: Sums, rows: str) -> str:
    file = '<th scope="col">File</th>' if sums.several else ""
    return (
        '<div class="wide"><table><caption class="spoken">Problems with the files</caption><thead><tr>'
        f'{file}<th scope="col">Code</th><th scope="col">What is wrong</th><th scope="col">Where</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
