"""The place of service of an infused drug and of its administration on professional claims."""

from __future__ import annotations

from collections.abc import Collection

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.edit import NO_DATE, Results, administrations, by_payer, drugs_or_unclassified, edit, family, finding
from scrubber.reference import Facts
from scrubber.reference.courses import is_of_pharmacy
from scrubber.reference.external import PLACES_OF_SERVICE
from scrubber.reference.shipped_tables import ShippedTable

_POS = "CMS place of service codes"


def _given_at(claim: Claim, drugs: Collection[str], places: Collection[str]) -> list[tuple[ServiceLine, Location]]:
    """The first line of each drug that was given at one of the places, and the location of its place of service."""
    first: dict[str, ServiceLine] = {}
    for line in claim.lines:
        if line.procedure in drugs and claim.place_of(line) in places:
            first.setdefault(line.procedure, line)
    return [
        (line, line.at("place_of_service") if line.place_of_service else claim.at("facility_code"))
        for line in first.values()
    ]


@edit(
    "POS01",
    "Lupus drug infused at home",
    severity="warn",
    concerns=family("prior_authorization"),
    part="visits",
    types=("837P",),
    claim_status="A7:249",
    carc="5",
    source=f"{_POS}; most payers cover home infusion under separate rules",
    confidence=0.7,
)
def given_at_home(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim has no lupus drug that was given at home (place of service 12), unless the
    claim also has codes of home infusion (S93.., S94.., S95.., 99601, G0068 …), or a pharmacy delivers it.

    Why it is denied: home infusion has its own codes, contracts and authorizations. Medicare Part B covers few drugs at
    home.

    How to fix: check the place of service. Bill home infusion by the payer's home infusion rules.

    What it cannot know: whether the provider has a contract for home infusion.
    """
    at_home = _given_at(claim, facts.family("prior_authorization"), facts.family("home"))
    if not at_home or is_of_pharmacy(claim, facts):
        return
    if any(row and row.method == "visit" for row in map(facts.administrations.get, claim.procedures)):
        return
    for line, location in at_home:
        yield finding(
            location,
            f"{line.procedure} was given at home (12), and home infusion has its own rules",
            "check the place of service and the payer's home infusion rules",
        )


@edit(
    "POS02",
    "Infused drug in a hospital's outpatient department",
    severity="warn",
    concerns=drugs_or_unclassified,
    part="drugs",
    types=("837P",),
    claim_status="A7:249",
    carc="58",
    source=f"{_POS}; 42 CFR 410.26 (no incident-to drugs in a hospital); site-of-care policies of commercial payers",
    confidence=0.85,
)
def given_in_hospital(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim has no infused or unclassified drug that was given in a hospital's
    outpatient department (place of service 19 or 22) or emergency room (23).

    Why it is denied: Medicare Part B does not pay a physician for drugs there, because the drug is not incident to the
    physician's service. The hospital bills the drug. Site-of-care policies of other payers ask for an office, an
    infusion suite or the home, unless the payer authorized the hospital.

    How to fix: check the place of service. If it is right under Medicare, leave the drug to the hospital's own claim.
    Under other payers, ask the payer to authorize the site.

    What it cannot know: who bought the drug, and what the payer authorized.
    """
    medicare = claim.filing_indicator in facts.family("medicare")
    for line, location in _given_at(claim, drugs_or_unclassified(facts), facts.family("hospital_outpatient")):
        why = "Part B does not pay a physician for drugs there" if medicare else "site-of-care policies may not pay it"
        yield finding(
            location,
            f"{line.procedure} was given in a hospital's outpatient department; {why}",
            "check the place of service; if it is right, leave the drug to the hospital's claim"
            if medicare
            else "check the place of service, and the payer's authorization of the site",
        )


@edit(
    "POS04",
    "Infused drug during a facility stay",
    severity="warn",
    concerns=drugs_or_unclassified,
    part="drugs",
    types=("837P",),
    claim_status="A7:249",
    carc="5",
    source=f"{_POS}; 42 CFR 410.26 (no incident-to drugs in a hospital); own knowledge of skilled nursing payment",
    confidence=0.6,
)
def given_during_stay(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim has no infused or unclassified drug that was given to an inpatient (place of
    service 21, 51, 61) or to a patient of a skilled nursing facility (31).

    Why it is denied: the payer pays the facility, not the professional, for the drugs of a stay.

    How to fix: check the place of service. If it is right, the facility bills the drug.

    What it cannot know: whether Medicare Part A pays for the patient's stay in the nursing facility.
    """
    for line, location in _given_at(claim, drugs_or_unclassified(facts), facts.family("facility_stay")):
        yield finding(
            location,
            f"{line.procedure} was given during a facility stay; the payer pays the facility for drugs of a stay",
            "check the place of service; if it is right, leave the drug to the facility's claim",
        )


@edit(
    "POS05",
    "Unknown place of service",
    severity="reject",
    concerns=None,
    part="services",
    types=("837P",),
    claim_status="A7:249",
    carc="16",
    rarc="M77",
    source=_POS,
    confidence=0.95,
    table=PLACES_OF_SERVICE,
)
def unknown_place(claim: Claim, facts: Facts) -> Results:
    """What it checks: the places of service of the claim and its lines are in the public list on the date of service.
    With the shipped list alone, the finding is a warning, because a code may be new.

    Why it is denied: payers reject a place of service that is not in the list, or no longer in it.

    How to fix: use the two-digit code of the place where the patient was seen.

    What it cannot know: where the patient was seen.
    """
    table = facts.table(PLACES_OF_SERVICE)
    doubtful = isinstance(table, ShippedTable)
    first_day = next((line.service_date for line in claim.lines if line.service_date), None)
    for line in (None, *claim.lines):
        place = line.place_of_service if line else claim.facility_code
        if not place:
            continue
        day = line.service_date if line else first_day
        if day is None:
            yield NO_DATE
        elif table.row(place, day) is None:
            yield finding(
                line.at("place_of_service") if line else claim.at("facility_code"),
                "the place of service is not in the list on the date of service",
                "use the two-digit code of the place where the patient was seen",
                "warn" if doubtful else None,
            )


@edit(
    "POS06",
    "Hospital's drug on a professional claim",
    severity="info",
    concerns=drugs_or_unclassified,
    part="drugs",
    types=("837P",),
    carc="109",
    source="Own knowledge: the hospital bills the drugs of its outpatients on an 837I",
    confidence=0.5,
)
def hospital_bills_too(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim has no infused or unclassified drug that was given in a hospital's
    outpatient department (place of service 19 or 22) or emergency room (23), because the hospital usually bills it.

    Why it is denied: the payer pays for the drug once, to the buyer.

    How to fix: make sure that the hospital does not bill the drug on its own claim.

    What it cannot know: who bought the drug.
    """
    for line, location in _given_at(claim, drugs_or_unclassified(facts), facts.family("hospital_outpatient")):
        yield finding(
            location,
            f"{line.procedure} was given in a hospital's outpatient department; the hospital may also bill it",
            "make sure that only the buyer of the drug bills it",
        )


@edit(
    "POS07",
    "Infused drug at a telehealth visit",
    severity="warn",
    concerns=drugs_or_unclassified,
    part="drugs",
    types=("837P",),
    claim_status="A7:249",
    carc="5",
    source=f"{_POS}; own knowledge: an infusion needs the patient in the room",
    confidence=0.8,
)
def given_at_a_distance(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim has no infused or unclassified drug with the place of service of a
    telehealth visit (02 or 10).

    Why it is denied: the place of service does not fit the service.

    How to fix: correct the place of service of the drug's line to the one where the drug was given. The line of the
    visit may keep 02 or 10.

    What it cannot know: where the drug was given.
    """
    for line, location in _given_at(claim, drugs_or_unclassified(facts), facts.family("telehealth")):
        yield finding(
            location,
            f"{line.procedure} is billed for a telehealth visit, but a drug cannot be given by telehealth",
            "correct the place of service to the one where the drug was given",
        )


@edit(
    "POS08",
    "Infusion by a physician in a hospital",
    severity=by_payer(ffs="warn", madv="info", mcd=None, other=None),
    concerns=administrations,
    part="drugs",
    types=("837P",),
    claim_status="A7:249",
    carc="5",
    source="Medicare physician fee schedule, PC/TC indicator 5 (incident-to codes); 42 CFR 410.26",
    confidence=0.85,
)
def infused_in_hospital(claim: Claim, facts: Facts) -> Results:
    """What it checks: a professional claim to Medicare has no infusion, push or injection with the place of service of
    a hospital: inpatient (21, 51, 61), outpatient department (19, 22) or emergency room (23). Add-on codes are not
    reported by themselves.

    Why it is denied: the work is done by the hospital's staff, so the hospital bills it. Medicare pays these codes to a
    physician only where the physician's own staff does the work.

    How to fix: check the place of service. If it is right, remove the line. The physician may bill a visit, if there
    was one.

    What it cannot know: whose staff gave the drug.
    """
    rows, places = facts.administrations, facts.family("hospital_places")
    found = {code: rows.get(code) for code in claim.procedures}
    given = [code for code, row in found.items() if row and row.takes_place_of_infusion and row.method != "visit"]
    for line, location in _given_at(claim, given, places):
        yield finding(
            location,
            f"{line.procedure} was done in a hospital, and Medicare does not pay it to a physician there",
            "check the place of service; if it is right, leave the infusion or injection to the hospital's claim",
        )
