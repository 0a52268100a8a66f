"""Parts of a claim that some edits look at, as keys that can be compared.

An edit may name one part. It then looks at nothing else of a claim, and at each item of the part by itself. Most claims
repeat providers, services and diagnoses of others. So the engine need not run such an edit on items where it found
nothing before. Tests hold each edit to its part.

The keys are the same for all dates that cannot be read. Most keys are also the same for dates of several days that
begin on one day. Claims with such dates are not compared: the engine runs all edits on them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Literal, NamedTuple, TypeAlias, get_args

from scrubber.claims import weight
from scrubber.claims.model import Claim
from scrubber.claims.once import once_per_claim
from scrubber.claims.signs import Sign
from scrubber.x12.pieces import new_tuple

Part: TypeAlias = Literal["parties", "services", "diagnoses", "indications", "drugs", "visits"]
"""Parts by name:

- `parties`: the billing provider, the filing indicator (SBR09), whether the subscriber has a member id, and each
  provider of the claim and its lines
- `services`: the file's date, frequency, and statement dates of an 837I; procedure, place of service and date of each
  line; the claim's place of service on the first day of service
- `diagnoses`: the first day of service, and each diagnosis with its qualifier
- `indications`: bill type, listed diagnoses; procedure, era and diagnosis pointers of each line
- `drugs`: bill type or place of service; procedure, modifiers, units, NDC with its quantity and unit, revenue code,
  place of service and era of each line
- `visits`: all that `drugs` has, of all lines together, with their pointers and the days between them; the patient's
  weight, the taxonomy code of the billing provider, and whether the claim has late charges only (frequency 5)

An era is a span of days on which all facts are the same. Edits of these parts may compare a day with the dates of facts
and with other days of the claim, and with nothing else.
"""

PARTS: tuple[Part, ...] = get_args(Part)

_OF_SEVERAL_DAYS: tuple[Part, ...] = ("parties", "diagnoses")
"""Parts that have no days of lines, apart from the first day of service. Claims with lines of several days are compared
by these."""

NOT_COMPARED: Mapping[Part, frozenset[Sign]] = {
    part: frozenset(("unreadable",) if part in _OF_SEVERAL_DAYS else ("unreadable", "several days")) for part in PARTS
}
"""By the part: claims with one of these signs are not compared."""

EraOf: TypeAlias = Callable[[date | None], Hashable]
"""A function for the era of a day, or of no day."""


class Seen(NamedTuple):
    """A part of a claim: what all its items have in common, and the items. Their order does not matter.

    `size` is how many values make up the items, as a measure of the memory that they take.
    """

    common: Hashable
    items: Sequence[Hashable]
    size: int


def parties(claim: Claim, _: EraOf) -> Seen:
    """The parties to a claim; each provider is the text of its segments."""
    billing, subscriber = claim.context.billing, claim.context.subscriber
    payer = (subscriber.text("filing_indicator"), not subscriber.text("member_id")) if subscriber else None
    providers = _providers(claim)
    return new_tuple(Seen, ((claim.type, billing.event.text if billing else None, payer), providers, len(providers)))


def _providers(claim: Claim) -> list[tuple[str, ...]]:
    """The segments of each provider before the first other payer (SBR), and of the loops below the lines."""
    span, lines = claim.span, claim.lines
    texts, segments = span.parts, span.segments
    if len(texts) != len(segments):  # the claim has empty segments
        texts = [span.delimiters.element.join(segment) for segment in segments]
    found = [tuple(texts[start:stop]) for start, stop in claim.layout.providers]
    for line in lines:
        if line.loops != line.stop and segments[line.loops][0] != "SVD":
            found.append(("LX", *texts[line.loops : line.stop]))
    return found


def services(claim: Claim, _: EraOf) -> Seen:
    """The services of a claim. The last item has the claim's own place of service and its first date."""
    lines = claim.lines
    statement = (claim.statement_dates_text, claim.statement_format) if claim.type == "837I" else None
    items: list[Hashable] = [(line.procedure, line.place_of_service, line.service_dates.key) for line in lines]
    first = None
    for line in lines:
        if line.service_dates.day:
            first = line.service_dates.key
            break
    items.append((None, claim.facility_code, first))
    return new_tuple(Seen, ((claim.type, claim.context.file_date, claim.frequency, statement), items, len(items)))


def diagnoses(claim: Claim, _: EraOf) -> Seen:
    """The diagnoses of a claim."""
    days = claim.service_dates
    items = [(item.qualifier, item.code) for item in claim.diagnoses]
    return new_tuple(Seen, (days[0] if days else None, items, len(items)))


def indications(claim: Claim, era_of: EraOf) -> Seen:
    """The listed diagnoses of a claim, and its lines as far as they point to them."""
    listed = tuple([item.code for item in claim.listed_diagnoses])
    items = [(line.procedure, era_of(line.service_dates.day), *line.diagnosis_pointers) for line in claim.lines]
    return new_tuple(Seen, ((claim.type, claim.facility_code, listed), items, len(items)))


def drugs(claim: Claim, era_of: EraOf) -> Seen:
    """The lines of a claim as edits of drugs see them, each by itself."""
    lines = _drug_lines(claim, era_of)
    return new_tuple(Seen, ((claim.type, claim.facility_code), lines, len(lines)))


def visits(claim: Claim, era_of: EraOf) -> Seen:
    """All lines of a claim as edits of drugs see them, as one item."""
    billing, lines, days = claim.context.billing, claim.lines, claim.service_dates
    pointers = [tuple(line.diagnosis_pointers) for line in lines]
    apart = [(line.service_dates.day or days[0]) - days[0] for line in lines] if len(days) > 1 else ()
    taxonomy = billing.text("taxonomy") if billing else ""
    common = claim.type, claim.facility_code, claim.adds_late_charges, taxonomy, weight.written(claim)
    return new_tuple(Seen, (common, [(*_drug_lines(claim, era_of), *pointers, *apart)], len(lines)))


@once_per_claim
def _drug_lines(claim: Claim, era_of: EraOf) -> Sequence[Hashable]:
    """What edits of drugs see of each line. LIN segments other than those of the NDCs of lines count, too."""
    lines = claim.lines
    items: list[Hashable] = [(era_of(line.service_dates.day), *_OF_DRUG(line), *line.modifiers) for line in lines]
    segments = claim.span.segments
    if [segment[0] for segment in segments].count("LIN") != len([line for line in lines if line.ndc]):
        products = [[tuple(segment) for segment in line.segments if segment[0] == "LIN"] for line in lines]
        items = [(item, *found) for item, found in zip(items, products, strict=True)]
    return items


_OF_DRUG = attrgetter(
    "procedure",
    "units_text",
    "ndc",
    "ndc_quantity_text",
    "ndc_unit",
    "revenue_code",
    "place_of_service",
)

SEEN: Mapping[Part, Callable[[Claim, EraOf], Seen]] = {
    "parties": parties,
    "services": services,
    "diagnoses": diagnoses,
    "indications": indications,
    "drugs": drugs,
    "visits": visits,
}
"""The function that reads a part of a claim, by the name of the part."""
