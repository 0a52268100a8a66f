"""The lines of unclassified drugs on a claim, their descriptions and their products."""

from __future__ import annotations

from collections.abc import Iterator

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, ServiceLine
from scrubber.reference import Facts, Product

ARTICLES = "Palmetto and CGS articles on unclassified drugs"
UNCLASSIFIED = "unclassified"
"""The family of codes that stand for any drug without a code of its own."""
OF_ONE_KIND = "unclassified_of_one_kind"
"""The family of codes that stand for drugs of one kind without a code of their own, such as immune globulins."""
ALL_UNCLASSIFIED = (UNCLASSIFIED, OF_ONE_KIND)


def unclassified(claim: Claim, facts: Facts, *families: str) -> Iterator[ServiceLine]:
    """The lines of unclassified drugs, by default with the codes for any drug."""
    codes = facts.families_together(*(families or (UNCLASSIFIED,)))
    return (line for line in claim.lines if line.procedure in codes)


def paid_by_line(claim: Claim, facts: Facts, *families: str) -> Iterator[ServiceLine]:
    """The lines of unclassified drugs. None if the bill type pays drugs as part of the stay or the visit."""
    return unclassified(claim, facts, *families) if facts.pays_drugs_by_line(claim) else iter(())


def priced(claim: Claim, facts: Facts, *families: str) -> Iterator[ServiceLine]:
    """The lines of unclassified drugs that are paid separately. Drugs that Medicare packages are left out."""
    return (line for line in paid_by_line(claim, facts, *families) if not facts.is_packaged(claim, line.procedure))


def described(claim: Claim, line: ServiceLine) -> tuple[str, Location]:
    """The text that describes a drug, and its location: the line's, else the billing note of an 837I."""
    note = claim.text("claim_note") if claim.type == "837I" else ""
    use_note = note and not line.description
    return (note, claim.at("claim_note")) if use_note else (line.description, line.at("description"))


def product_with_code(line: ServiceLine, facts: Facts) -> Product | None:
    """The product of a line's NDC, if the product had its own code on the date of service."""
    product, day = facts.product(line.ndc), line.service_date
    return product if product and product.hcpcs and day and facts.drug(product.hcpcs, day) else None


def is_self_injected(line: ServiceLine, facts: Facts) -> bool:
    """Whether the NDC of a line is a product for injection under the skin that has no code."""
    product = facts.product(line.ndc)
    return product is not None and product.route == "subcutaneous" and product.hcpcs is None
