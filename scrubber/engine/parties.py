"""The payer and the billing provider of a claim, as reports may show them.

A payer is an organisation and an NPI is public, so reports show them with `--no-phi` too. A separator that is missing
or too many, or a wrong qualifier, may put a person there. So a payer is shown only where its NM1 segment is that of an
organisation: NM102 is 2, nothing stands in NM104 to NM107, and NM108 says what kind of number NM109 is.
"""

from __future__ import annotations

import re

from scrubber.claims.model import Claim
from scrubber.claims.once import once_per_claim
from scrubber.engine.naming import cut, placeholder
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import element

_ORGANISATION = "2"
_QUALIFIERS = frozenset({"PI", "XV"})
"""NM108 of a payer: its own id, or a national plan id."""
_FIRST_NAMES = slice(4, 8)
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9._/-]*", re.ASCII | re.IGNORECASE)
_NPI = re.compile(r"\d{10}", re.ASCII)


def payer_id(claim: Claim) -> str:
    """NM109 of the claim's own payer, empty where it is absent; as many `#` where it may be of a person."""
    return payer(claim)[0]


def payer_name(claim: Claim) -> str | None:
    """NM103 of the claim's own payer, `None` where it is absent or may be a person's."""
    return payer(claim)[1]


def billing_npi(claim: Claim) -> str:
    """NM109 of the billing provider, empty where it is absent; as many `#` where it is not the ten digits of an NPI."""
    return npi_shown(claim.billing_npi)


@remembered(1_024)
def npi_shown(npi: str) -> str:
    """The same of an NPI as the claim has it."""
    return npi if not npi or _NPI.fullmatch(npi) else placeholder(npi)


@once_per_claim
def payer(claim: Claim) -> tuple[str, str | None]:
    """The id and the name of the payer: `payer_id` and `payer_name`."""
    subscriber = claim.context.subscriber
    if not subscriber:
        return "", None
    return payer_shown(claim.payer_id, subscriber.named_text("PR"), subscriber.event.delimiters.element)


@remembered(4_096)  # the patients of a file have few payers
def payer_shown(number: str, written: str, separator: str) -> tuple[str, str | None]:
    """The id and the name of the payer with this NM1 segment. The number comes as the claim has it."""
    segment = written.split(separator)
    if element(segment, 2) != _ORGANISATION or any(segment[_FIRST_NAMES]):
        return placeholder(number) if number else "", None
    sound = not number or (element(segment, 8) in _QUALIFIERS and _NUMBER.fullmatch(number))
    return cut(number) if sound else placeholder(number), cut(element(segment, 3)) or None
