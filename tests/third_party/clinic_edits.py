"""Edits of an infusion clinic."""

from scrubber.claims.model import Claim
from scrubber.edit import Results, edit, finding, procedures
from scrubber.reference import Facts

INFUSIONS = ("96365", "96413")


@edit(
    "CLINIC01",
    "Infusion at a weekend",
    severity="warn",
    concerns=procedures(*INFUSIONS),
    source="Our opening hours",
)
def weekend(claim: Claim, facts: Facts) -> Results:
    """What it checks: infusions are dated Monday to Friday.

    Why it is denied: our records of that day hold no visit.

    How to fix: correct the date of service.
    """
    for line in claim.lines:
        day = line.service_date
        if line.procedure in INFUSIONS and day and day.weekday() >= 5:
            yield finding(line.at("service_date"), "the clinic is closed at weekends", "correct the date of service")
