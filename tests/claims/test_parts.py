"""Parts of claims: equal where what edits look at is equal, and different where it is not."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.claims.parts import PARTS, SEEN, Part, Seen
from scrubber.claims.reader import read_claims
from scrubber.reference import shipped
from scrubber.reference.eras import era_of
from scrubber.testing import ClaimSpec, adding, build, visit_claim, with_all_lines
from tests.claims.mutants import mutants
from tests.scrubbing import each

Change = Callable[[ClaimSpec], ClaimSpec]


def seen(part: Part, spec: ClaimSpec) -> Seen:
    (claim,) = read_claims(io.BytesIO(build([spec]).encode()))
    return SEEN[part](claim, era_of(shipped()))


def evolved(**changes: object) -> Change:
    return lambda spec: attrs.evolve(spec, **changes)  # type: ignore[arg-type]


def on_lines(**changes: object) -> Change:
    return lambda spec: with_all_lines(spec, **changes)


MATTERS: dict[str, tuple[Part, Change]] = {
    "another rendering provider of a line": ("parties", on_lines(rendering_npi="1999999984")),
    "no member id": ("parties", evolved(member_id="")),
    "another filing indicator": ("parties", evolved(filing="BL")),
    "another place": ("services", evolved(facility_code="22")),
    "another place of a line": ("services", on_lines(place_of_service="12")),
    "another procedure": ("services", on_lines(procedure="99214")),
    "another day": ("services", on_lines(dates=date(2026, 9, 3))),
    "another frequency": ("services", evolved(frequency="7")),
    "another diagnosis": ("diagnoses", evolved(diagnoses=("E119",))),
    "another day of the diagnoses": ("diagnoses", on_lines(dates=date(2026, 9, 3))),
    "another listed diagnosis": ("indications", evolved(diagnoses=("E119",))),
    "the diagnoses in another order": ("indications", evolved(diagnoses=("Z79899", "M3219"))),
    "another pointer to a diagnosis": ("indications", on_lines(pointers=(2,))),
    "another bill type": ("drugs", evolved(facility_code="22")),
    "other units": ("drugs", on_lines(units=7)),
    "another NDC": ("drugs", on_lines(ndc="49401010101", ndc_quantity=1, ndc_unit="UN")),
    "an NDC behind the loops of the line": ("drugs", on_lines(loops=("LIN**N4*49401010101",))),
    "an NDC without its qualifier": ("drugs", on_lines(extra=("LIN**EN*49401010101",))),
    "a modifier": ("drugs", on_lines(modifiers=("25",))),
    "other units of one of the lines": ("visits", on_lines(units=7)),
    "another line": ("visits", lambda spec: adding(spec, *spec.lines)),
    "another pointer of a line": ("visits", on_lines(pointers=(2,))),
    "a weight": ("visits", evolved(weight=176)),
}


@each("part, change", MATTERS)
def test_parts_differ_if_what_edits_look_at_differs(part: Part, change: Change) -> None:
    spec = visit_claim("837P")
    assert seen(part, change(spec)) != seen(part, spec)


@pytest.mark.parametrize("part", PARTS)
def test_what_they_do_not_look_at_does_not(part: Part) -> None:
    spec = visit_claim("837P")
    other = attrs.evolve(with_all_lines(spec, charge=77), claim_id="ANOTHER-1", birth_date=date(1961, 2, 3))
    assert seen(part, other) == seen(part, spec)


def has(claim: Claim, name: str) -> bool:
    """Whether an NM1 segment is in one of the items of the parties."""
    return any(name in texts for texts in SEEN["parties"](claim, era_of(shipped())).items if isinstance(texts, tuple))


def test_the_parties_have_each_provider() -> None:
    claims = [claim for claim in mutants() if claim.all_providers]
    assert claims
    for claim in claims:
        separator = claim.span.delimiters.element
        missing = [one for one in claim.all_providers if not has(claim, separator.join(one.name))]
        assert missing == [], claim


def test_a_provider_is_the_same_with_another_one_on_the_claim() -> None:
    spec = visit_claim("837P")
    both = with_all_lines(spec, rendering_npi="1999999984")
    assert set(seen("parties", spec).items) < set(seen("parties", both).items)


def test_each_line_counts_by_itself_for_drugs_and_all_together_for_visits() -> None:
    spec = visit_claim("837P")
    more = adding(spec, *with_all_lines(spec, procedure="99214").lines)
    assert set(seen("drugs", spec).items) < set(seen("drugs", more).items)
    assert set(seen("visits", spec).items).isdisjoint(seen("visits", more).items)


def test_the_weight_of_a_hospital_patient_matters() -> None:
    spec = visit_claim("837I")
    assert seen("visits", attrs.evolve(spec, weight=80)) != seen("visits", spec)
    assert seen("visits", attrs.evolve(spec, weight=80)) != seen("visits", attrs.evolve(spec, weight=81))
