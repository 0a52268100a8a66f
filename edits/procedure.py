"""Procedure codes on their date of service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_DATE, Finding, NotChecked, Results, by_payer, edit, family, finding, no_edition
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
    source="CMS HCPCS file: dates of codes; for drugs also the dates of their codes in the shipped tables",
    confidence=0.9,
    table=HCPCS,
    partly=True,
)
def code_not_in_force(claim: Claim, facts: Facts) -> Results:
    """What it checks: a HCPCS level II code is in force on the date of service, by the loaded HCPCS file. A code that
    is not in the file at all is a warning, because the file may be older than the code. Without the file, the edit
    checks infused drugs by the dates in the shipped tables, and by the shipped list of drug codes that ended, such as
    J9310 and J2930. If these dates are not sure, the finding is a warning. The edit skips CPT and dental codes.

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
            if table or code in facts.drug_codes or code in facts.ended_codes:
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
    """Finds a drug's code that is not in force on a day, by the shipped rows: a warning if its days are not sure."""
    ended = facts.ended_codes.get(line.procedure)
    if ended and day > ended.until:
        yield finding(
            line.at("procedure"),
            f"{line.procedure} is billed for {day}, and the code ended on {ended.until}",
            f"check the date of service; if it is right, bill {' or '.join(ended.instead)}, in its units",
            None if ended.confidence >= _SURE else "warn",
        )
    if line.procedure not in facts.drug_codes or facts.drug(line.procedure, day):
        return
    rows = [drug for drug in facts.drugs if drug.hcpcs == line.procedure]
    first, last = min(drug.since for drug in rows), max(drug.until or date.max for drug in rows)
    found = _not_in_force(line, day, first, last)
    sure = all(drug.confidence >= _SURE for drug in rows)
    yield finding(found.location, found.message, found.fix, None if sure else "warn")


def _not_in_force(line: ServiceLine, day: date, first: date, last: date) -> Finding:
    dates = f"is in force from {first}" if day < first else f"ended on {last}" if last < day else "was not in force"
    return finding(
        line.at("procedure"),
        f"{line.procedure} is billed for {day}, and the code {dates}",
        "check the date of service; if it is right, bill the code that was in force on that day",
    )


_HOSPITAL_DRUG = re.compile(r"C\d{4}", re.ASCII)
"""Codes that hospitals and surgical centers bill to Medicare."""


@edit(
    "CODE03",
    "Hospital code on a professional claim",
    severity=by_payer(ffs="warn", madv="info", mcd="info", other="info"),
    concerns=None,
    part="services",
    types=("837P",),
    claim_status="A7:454",
    carc="16",
    rarc="M51",
    source="Medicare Claims Processing Manual, chapters 4 and 14; CPT on 96376 (own knowledge)",
    confidence=0.75,
)
def hospital_code(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim has no code that only hospitals bill: clinic visits and observation (G0463,
    G0378, G0379), repeated pushes of one drug (96376), and temporary codes (C0000 to C9999). A surgical center (place
    of service 24) may bill temporary codes.

    Why it is denied: Medicare does not pay these codes to physicians.

    How to fix: bill the physician's code: an office visit, or the drug's J or Q code.

    What it cannot know: whether another payer takes the code.
    """
    codes, surgical = facts.family("hospital_only"), facts.family("surgical_center")
    for line in claim.lines:
        temporary = _HOSPITAL_DRUG.fullmatch(line.procedure) and claim.place_of(line) not in surgical
        if temporary or line.procedure in codes:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is a code that only hospitals bill",
                "bill the physician's code for the service or the drug",
            )


@edit(
    "CODE04",
    "Office visit code on a hospital clinic's claim",
    severity=by_payer(ffs="warn", madv=None, mcd=None, other=None),
    concerns=family("clinic_visit_elsewhere"),
    types=("837I",),
    claim_status="A7:454",
    carc="16",
    rarc="M51",
    source="OPPS final rule of 2014; OCE edit 62: the code is not paid under OPPS, another one may be",
    confidence=0.85,
)
def office_visit_of_a_hospital(claim: Claim, facts: Facts) -> Results:
    """What it checks: an outpatient hospital claim (bill type 13x) to Medicare has no office visit code (99202 to
    99215).

    Why it is denied: since 2014 OPPS pays any clinic visit under G0463. It no longer pays these codes.

    How to fix: bill G0463.

    What it cannot know: whether the hospital is paid outside of OPPS, as in Maryland.
    """
    if claim.facility_code not in facts.family("opps_bill_types"):
        return
    codes = facts.family("clinic_visit_elsewhere")
    for line in claim.lines:
        if line.procedure in codes:
            yield finding(
                line.at("procedure"),
                f"{line.procedure} is not paid to hospitals for a clinic visit",
                "bill G0463 for the clinic visit",
            )
