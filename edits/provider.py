"""Providers and the patient's member id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from scrubber.claims.location import Location
from scrubber.claims.model import Claim
from scrubber.edit import NO_DATE, Finding, Results, Severity, edit, finding, remembered
from scrubber.reference import Facts, once_per_facts
from scrubber.reference.external import DEACTIVATED_NPIS

Segment: TypeAlias = Sequence[str]

_PREFIX = "80840"
_NAMES = {
    "85": "billing",
    "82": "rendering",
    "77": "service facility",
    "DN": "referring",
    "P3": "primary care",
    "DQ": "supervising",
    "DK": "ordering",
    "71": "attending",
    "72": "operating",
    "QB": "purchased service",
    "ZZ": "other operating",
}
_RENDERING = "82"


@remembered(4096)
def _is_npi(number: str) -> bool:
    """Whether a number has ten digits and a right check digit (Luhn, with the prefix of health identifiers)."""
    if len(number) != 10 or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(_PREFIX + number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_bad_npi(name: Segment) -> bool:
    """Whether an NM1 has an NPI (NM108 is XX) that cannot be an NPI."""
    return len(name) > 8 and name[8] == "XX" and not _is_npi(name[9] if len(name) > 9 else "")


@edit(
    "NPI01",
    "Invalid NPI",
    severity="reject",
    concerns=None,
    part="parties",
    on_voids=True,
    claim_status="A7:562",
    carc="207",
    source="NPI check digit: Luhn over the number with the prefix 80840 (45 CFR 162.406)",
    confidence=0.99,
)
def impossible_npi(claim: Claim, _: Facts) -> Results:
    """What it checks: each NPI (qualifier XX) of the billing provider, the claim and the lines has ten digits, and
    its check digit is right.

    Why it is denied: no provider has that number.

    How to fix: copy the NPI from the NPPES registry. Most often two digits are swapped, or one is missing.

    What it cannot know: whether a number with a right check digit belongs to the provider.
    """
    billing = claim.context.billing
    if billing and not _is_npi(billing.text("npi")) and any(map(_is_bad_npi, billing.names)):
        location = billing.at("npi")
        if location.segment_id == "NM1" and _is_bad_npi(location.elements):
            yield _bad_npi("85", location)
    for provider in claim.all_providers:
        if _is_bad_npi(provider.name):
            yield _bad_npi(provider.entity, provider.location)


def _bad_npi(entity: str, location: Location) -> Finding:
    return finding(
        location,
        f"the {_provider(entity)}'s NPI is not ten digits with a right check digit",
        "copy the NPI from the NPPES registry; digits may be swapped or missing",
    )


@edit(
    "ENT01",
    "Member id or rendering provider's taxonomy missing",
    severity="info",
    concerns=None,
    part="parties",
    claim_status="A6:21",
    source="Guides 005010X222 and 005010X223; own knowledge of payers' requirements",
    confidence=0.7,
)
def missing_entity(claim: Claim, _: Facts) -> Results:
    """What it checks: the subscriber has a member id. On an 837P the claim's rendering provider has a taxonomy code
    (PRV). An 837I has no segment for it.

    Why it is denied: the payer cannot find the patient without a member id. Some payers choose the contract by the
    taxonomy code.

    How to fix: add the member id from the card. Add PRV*PE with the taxonomy code that the provider is enrolled under.

    What it cannot know: whether the payer asks for the taxonomy code.
    """
    subscriber = claim.context.subscriber
    if subscriber and not subscriber.text("member_id"):
        yield finding(
            subscriber.at("member_id"),
            "the member id is missing",
            "add the member id from the patient's insurance card",
        )
    for provider in claim.providers if claim.type == "837P" else ():
        if provider.specialty is None and provider.entity == _RENDERING:
            yield finding(
                attrs.evolve(provider.location, element="PRV03"),
                "the rendering provider has no taxonomy code",
                "if the payer asks for the taxonomy code, add it with PRV*PE",
            )


@edit(
    "NPI02",
    "NPI that was never issued",
    severity="reject",
    concerns=None,
    part="parties",
    on_voids=True,
    claim_status="A7:562",
    carc="208",
    source="69 FR 3434 (23 January 2004): NPIs begin with 1 or 2; NPPES",
    confidence=0.95,
)
def unissued_npi(claim: Claim, facts: Facts) -> Results:
    """What it checks: an NPI with a right check digit begins with 1 or 2. An NPI that repeats a digit nine times is a
    warning, because billers enter such a number if they do not have the NPI. NPI03 checks whether an NPI was
    deactivated.

    Why it is denied: no provider has that number.

    How to fix: copy the NPI from the NPPES registry.

    What it cannot know: whether an NPI that begins with 1 or 2 was ever issued.
    """
    fault_of, billing = _faults_of_npis(facts), claim.context.billing
    if billing and (fault := fault_of(billing.text("npi"))):
        yield _unissued("85", billing.at("npi"), fault)
    for provider in claim.all_providers:
        fault = fault_of(provider.npi)
        if fault:
            yield _unissued(provider.entity, provider.location, fault)


def _unissued(entity: str, location: Location, fault: str) -> Finding:
    return finding(
        location,
        f"the {_provider(entity)}'s NPI {fault}",
        "copy the NPI from the NPPES registry",
        "warn" if fault == _PLACEHOLDER else None,
    )


def _provider(entity: str) -> str:
    """The provider's role, for a message."""
    name = _NAMES.get(entity, "")
    return f"{name} provider" if name else "provider"


_PLACEHOLDER = "repeats the same digit nine times"


@once_per_facts
def _faults_of_npis(facts: Facts) -> Callable[[str], str]:
    """Gives the fault of an NPI with a right check digit: empty if it has none, or if NPI01 reports it."""
    issued, placeholder = facts.shapes["npi"], facts.shapes["placeholder_npi"]

    @remembered(4096)
    def fault(npi: str) -> str:
        if not _is_npi(npi):
            return ""
        if not issued.fits(npi):
            return "does not begin with 1 or 2"
        return _PLACEHOLDER if placeholder.fits(npi) else ""

    return fault


@edit(
    "NPI03",
    "Deactivated NPI",
    severity="warn",
    concerns=None,
    claim_status="A7:562",
    carc="208",
    source="NPPES deactivated NPI report of CMS, monthly",
    confidence=0.85,
    table=DEACTIVATED_NPIS,
)
def deactivated_npi(claim: Claim, facts: Facts) -> Results:
    """What it checks: no NPI of the billing provider, the claim and the lines was deactivated on the first day of
    service. Needs the list of deactivated NPIs.

    Why it is denied: the payer does not pay a provider without an active NPI. It is a warning because an NPI may have
    been reactivated since the list was made.

    How to fix: look up the provider in the NPPES registry. Bill with the NPI that was active.

    What it cannot know: whether the NPI was reactivated after the list was made.
    """
    days = claim.service_dates
    if not days:
        yield NO_DATE
        return
    table = facts.table(DEACTIVATED_NPIS)
    billing = claim.context.billing
    if billing and table.row(claim.billing_npi, days[0]):
        yield _deactivated("85", billing.at("npi"))
    for provider in claim.all_providers:
        if table.row(provider.npi, days[0]):
            yield _deactivated(provider.entity, provider.location)


def _deactivated(entity: str, location: Location) -> Finding:
    return finding(
        location,
        f"the {_provider(entity)}'s NPI was deactivated on the date of service",
        "look up the provider in the NPPES registry, and bill with the NPI that was active",
    )


_TAXONOMY_LENGTH = 10


@edit(
    "TAX01",
    "Malformed taxonomy code",
    severity="reject",
    concerns=None,
    part="parties",
    on_voids=True,
    claim_status="A7:145",
    carc="16",
    rarc="N255",
    source="NUCC health care provider taxonomy; CMS 837P companion guide: a taxonomy code must be valid if it is sent",
    confidence=0.9,
)
def wrong_taxonomy(claim: Claim, facts: Facts) -> Results:
    """What it checks: each taxonomy code (PRV03 under PXC) has ten letters and digits. All real codes begin with
    three digits and end with X. A ten-character code of another form is a warning. The edit does not look up whether
    the code is active.

    Why it is denied: the payer reads the provider's specialty from the code, and returns an invalid code.

    How to fix: copy the code from the provider's entry in the NPPES registry.

    What it cannot know: whether a code of the right form exists and belongs to the provider.
    """
    grade_of, billing = _grades_of_taxonomies(facts), claim.context.billing
    severity = grade_of(billing.text("taxonomy")) if billing else None
    if billing and severity:
        yield _misshaped("85", billing.at("taxonomy"), severity)
    segments = claim.span.segments
    for provider in claim.all_providers:
        index = provider.specialty
        if index is None or len(segments[index]) < 4 or segments[index][2] != "PXC":
            continue
        severity = grade_of(segments[index][3])
        if severity:
            yield _misshaped(provider.entity, attrs.evolve(provider.location, index=index, element="PRV03"), severity)


def _misshaped(entity: str, location: Location, severity: Severity) -> Finding:
    return finding(
        location,
        f"the {_provider(entity)}'s taxonomy code is not three digits, six letters or digits, and X",
        "copy the code from the provider's entry in the NPPES registry",
        "warn" if severity == "warn" else None,
    )


@once_per_facts
def _grades_of_taxonomies(facts: Facts) -> Callable[[str], Severity | None]:
    """A function that gives the severity of the fault of a taxonomy code."""
    shape = facts.shapes["taxonomy"]

    @remembered(1024)
    def grade(code: str) -> Severity | None:
        if not code or shape.fits(code):
            return None
        plain = code.isascii() and code.isalnum() and code == code.upper()
        return "warn" if plain and len(code) == _TAXONOMY_LENGTH else "reject"

    return grade


_US = ("", "US", "USA")


@edit(
    "ZIP01",
    "Billing provider without a nine-digit postal code",
    severity="warn",
    concerns=None,
    part="parties",
    on_voids=True,
    claim_status="A7:500:85",
    carc="16",
    rarc="N258",
    source="Guides 005010X222 and 005010X223: ZIP+4 of the billing provider in the United States; FCSO, code 31999",
    confidence=0.85,
)
def short_postal_code(claim: Claim, facts: Facts) -> Results:
    """What it checks: the billing provider's postal code (N403) has nine digits, and the last four are not all
    zero. Addresses outside the United States are left out.

    Why it is denied: payers use it to set the payment for the area, and most clearinghouses return the claim. It is a
    warning because some of them add the four digits.

    How to fix: look up the four digits at the postal service. Write all nine digits without a hyphen.

    What it cannot know: whether the clearinghouse adds the four digits.
    """
    billing = claim.context.billing
    if billing is None or billing.text("country") not in _US or not billing.text("npi"):
        return
    code = billing.text("postal_code")
    if code and not facts.shapes["zip_plus_four"].fits(code):
        yield finding(
            billing.at("postal_code"),
            "the billing provider's postal code is not nine digits, or ends in four zeros",
            "write the ZIP code with the four extra digits, without a hyphen",
        )
