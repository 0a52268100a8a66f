"""Procedure codes on their date of service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_DATE, Finding, NotChecked, Results, edit, finding, no_edition
from scrubber.reference import Facts
from scrubber.reference.external import HCPCS

_LEVEL_II = re.compile(r"[A-CE-V]\d{4}", re.ASCII)
"""Codes of the public HCPCS file. CPT codes and dental codes (D) are not in it; W to Z are local codes."""
_SURE = 0.9
"""Confidence of a shipped drug's row from which on its days are sure enough to reject a claim."""


@edit(
    "CODE02",
    "Procedure code that is not in force on the date of service",
    severity="reject",
    concerns=None,
    part="services",
    claim_status="A7:796",
    carc="181",
    source="CMS HCPCS file: dates of codes; for infused drugs also the dates of their codes in the shipped tables",
    confidence=0.9,
    table=HCPCS,
    partly=True,
)
def code_not_in_force(claim: Claim, facts: Facts) -> Results:
    """What it checks: a HCPCS level II code is in force on the date of service, by the loaded HCPCS file. A code that
    is not in the file at all is a warning, because the file may be older than the code. For infused drugs of the
    shipped tables, without the file, the dates of their rows count; it is a warning if they are not sure. CPT and
    dental codes are left out.

    Why it is denied: a code can be billed only from its first day to its last day.

    How to fix: check the date of service. If it is right, bill the code that was in force on that day.

    What it cannot know: whether the date or the code is wrong, and codes that came out after the file.
    """
    table = facts.tables.get(HCPCS)
    for line in claim.lines:
        code = line.procedure
        if not _LEVEL_II.fullmatch(code):
            continue
        day = line.service_date
        if day is None:
            if table or code in facts.drug_codes:
                yield NO_DATE
            continue
        lacking = no_edition(table, day) if table else None
        if table is None or lacking:
            if lacking and (code not in facts.drug_codes or (table and table.has(code))):
                yield lacking
            yield from _by_shipped_rows(line, day, facts)
        elif table.row(code, day) is None:
            rows = table.all_rows(code, day)
            if rows:
                first, last = min(row.since for row in rows), max(row.until or date.max for row in rows)
                yield _not_in_force(line, day, first, last)
            else:
                yield finding(
                    line.at("procedure"),
                    f"{code} is not in the HCPCS file of the date of service",
                    "check the code; if it is right, load a newer HCPCS file",
                    "warn",
                )


def _by_shipped_rows(line: ServiceLine, day: date, facts: Facts) -> Iterator[Finding | NotChecked]:
    """That an infused drug's code is not in force on a day: a warning if its days are not sure."""
    if line.procedure not in facts.drug_codes or facts.drug(line.procedure, day):
        return
    rows = [drug for drug in facts.drugs if drug.hcpcs == line.procedure]
    first, last = min(drug.since for drug in rows), max(drug.until or date.max for drug in rows)
    found = _not_in_force(line, day, first, last)
    sure = all(drug.confidence >= _SURE for drug in rows)
    yield finding(found.location, found.message, found.fix, None if sure else "warn")


def _not_in_force(line: ServiceLine, day: date, first: date, last: date) -> Finding:
    dates = f"is in force from {first}" if day < first else f"ended on {last}" if last < day else "had no effect then"
    return finding(
        line.at("procedure"),
        f"{line.procedure} is billed for {day}, and the code {dates}",
        "check the date of service; if it is right, bill the code that was in force on that day",
    )
