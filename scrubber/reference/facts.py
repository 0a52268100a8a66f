"""The facts that edits use, each valid on a date of service."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, wraps
from typing import Any, TypeVar

import attrs

from scrubber.claims import values
from scrubber.claims.model import Claim
from scrubber.reference.administration import Administrations
from scrubber.reference.billing import (
    BillType,
    Contradiction,
    DatedCode,
    EndedCode,
    NumberShape,
    Period,
    Shape,
    Spacing,
    UnclassifiedCode,
)
from scrubber.reference.diagnoses import CodeSetChange, DiagnosisSet, Excludes, Incomplete
from scrubber.reference.drugs import Drug, Label, Product, in_force
from scrubber.reference.editions import NotLoaded, Table
from scrubber.reference.products import Products
from scrubber.reference.therapy import Combination, Confusion, DailyMost, LabelledDose, ProductDose, Therapy, Unlabelled
from scrubber.x12.remembering import remembered

_MOST_NDCS = 6
"""How many NDCs a message names."""
_DAYS = 4096
"""How many answers that depend on a day are remembered."""

_Key = TypeVar("_Key")
_Row = TypeVar("_Row")


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], _Key]) -> Mapping[_Key, Sequence[_Row]]:
    groups: dict[_Key, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


@attrs.frozen(slots=False)
class Facts:
    """All tables in force for a run.

    `tables` are the public tables, by name (`scrubber.reference.external`); `loaded` is the record of those editions
    among them that are from a store. `as_of` is the day that counts as today; without it, that is each file's own date.
    `filing_limit` is the time after the service within which the payer takes a claim, if a profile sets it.
    """

    drugs: tuple[Drug, ...]
    products: Products
    labels: tuple[Label, ...]
    diagnoses: Mapping[str, DiagnosisSet]
    families: Mapping[str, frozenset[str]]
    administrations: Administrations
    bill_types: tuple[BillType, ...]
    therapies: tuple[Therapy, ...]
    labelled_doses: tuple[LabelledDose, ...]
    daily_most: Mapping[str, DailyMost]
    product_doses: Mapping[str, ProductDose]
    unlabelled: tuple[Unlabelled, ...]
    combinations: tuple[Combination, ...]
    contradictions: tuple[Contradiction, ...]
    confusions: tuple[Confusion, ...]
    incomplete: Mapping[str, Incomplete]
    code_set_changes: tuple[CodeSetChange, ...]
    ended_codes: Mapping[str, EndedCode]
    excludes: tuple[Excludes, ...]
    spacings: tuple[Spacing, ...]
    periods: Mapping[str, Period]
    turning_points: Mapping[str, DatedCode]
    discount_modifiers: Mapping[str, DatedCode]
    unclassified_codes: Mapping[str, UnclassifiedCode]
    medicare_number: NumberShape
    shapes: Mapping[str, Shape]
    release: str
    tables: Mapping[str, Table] = attrs.field(factory=dict)
    loaded: Mapping[str, Any] = attrs.field(factory=dict)
    as_of: date | None = None
    filing_limit: Period | None = None

    def table(self, name: str) -> Table:
        """A public table that is loaded. Raises `NotLoaded`, which makes an edit *not checked*."""
        try:
            return self.tables[name]
        except KeyError:
            raise NotLoaded(name) from None

    @cached_property
    def drug_codes(self) -> frozenset[str]:
        """The HCPCS codes of all infused drugs in the table, on any date."""
        return frozenset(drug.hcpcs for drug in self.drugs)

    @cached_property
    def drug_or_unclassified_codes(self) -> frozenset[str]:
        """The HCPCS codes of all infused drugs, and the unclassified codes for drugs without their own code."""
        return self.drug_codes | self.family("unclassified")

    def is_of_group(self, procedure: str) -> bool:
        """Whether a second service of a code is a duplicate for all providers of a group: drugs and giving them."""
        return procedure in self.drug_or_unclassified_codes or procedure in self.administrations

    def drug(self, hcpcs: str, on: date) -> Drug | None:
        """The infused drug that a code stands for on a day."""
        for drug in self._drugs_by_code.get(hcpcs, ()):
            if in_force(drug.since, drug.until, on):
                return drug
        return None

    @cached_property
    def _drugs_by_code(self) -> Mapping[str, Sequence[Drug]]:
        return _grouped(self.drugs, lambda drug: drug.hcpcs)

    def any_drug(self, hcpcs: str) -> Drug | None:
        """The infused drug that a code stands for, on any date."""
        return next(iter(self._drugs_by_code.get(hcpcs, ())), None)

    def product(self, ndc: str, hcpcs: str = "") -> Product | None:
        """The product of an 11-digit NDC, written plain or 5-4-2 with hyphens, of any package.

        One product may be billed with several codes. Then it is the row of the code `hcpcs`, if there is one.
        """
        digits = ndc.replace("-", "") if "-" in ndc and ndc[5:6] == ndc[10:11] == "-" else ndc
        return self._products_at(digits, hcpcs) if len(digits) == 11 else None

    @cached_property
    def _products_at(self) -> Callable[[str, str], Product | None]:
        return remembered(_DAYS)(self.products.at)

    def single_dose(self, hcpcs: str, ndc: str = "") -> bool | None:
        """Whether a drug came in single-dose containers, `None` if unknown.

        The product of the NDC decides. Without a known product the products of the code decide, if they agree.
        """
        product = self.product(ndc, hcpcs)
        if product and product.hcpcs == hcpcs:
            return product.single_dose
        kinds = {item.single_dose for item in self.products.of_code(hcpcs)}
        return kinds.pop() if len(kinds) == 1 else None

    def substance(self, hcpcs: str, on: date | None) -> str | None:
        """The substance of a drug code on a day, or on any day if none is given."""
        drug = self.drug(hcpcs, on) if on else next(iter(self._drugs_by_code.get(hcpcs, ())), None)
        return drug.substance if drug else None

    def therapy(self, substance: str | None) -> Therapy | None:
        """How a substance is given."""
        return self._therapies.get(substance or "")

    @cached_property
    def _therapies(self) -> Mapping[str, Therapy]:
        return {substance: row for row in self.therapies for substance in row.substances}

    def labelled_dose(self, substance: str | None) -> LabelledDose | None:
        """The labelled dose of a substance on one day."""
        return self._doses.get(substance or "")

    @cached_property
    def _doses(self) -> Mapping[str, LabelledDose]:
        return {substance: row for row in self.labelled_doses for substance in row.substances}

    def unlabelled_for(self, substance: str | None, kind: str) -> Sequence[Unlabelled]:
        """The diagnoses of a kind that a substance is mistakenly billed for."""
        return self._unlabelled.get((substance, kind), ())

    @cached_property
    def unlabelled_diagnoses(self) -> Mapping[str, Sequence[DiagnosisSet]]:
        """By kind, all diagnoses that some substance is mistakenly billed for."""
        rows = _grouped(self.unlabelled, lambda row: row.kind)
        return {
            kind: [self.diagnosis_set(name) for name in dict.fromkeys(row.diagnoses for row in group)]
            for kind, group in rows.items()
        }

    @cached_property
    def _unlabelled(self) -> Mapping[tuple[str | None, str], Sequence[Unlabelled]]:
        rows = [((substance, row.kind), row) for row in self.unlabelled for substance in dict.fromkeys(row.substances)]
        return {key: [row for _, row in group] for key, group in _grouped(rows, lambda pair: pair[0]).items()}

    def codes_of_all(self, substances: Iterable[str]) -> frozenset[str]:
        """The HCPCS codes of some substances, on any date."""
        key, known = tuple(substances), self._codes_of_all
        if key not in known:
            known[key] = frozenset().union(*(self.codes_of(substance) for substance in key))
        return known[key]

    @cached_property
    def _codes_of_all(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    @cached_property
    def answers(self) -> dict[Hashable, Any]:
        """Results worked out from the tables (see `once_per_facts`)."""
        return {}

    def codes_labelled_for(self, indication: str) -> frozenset[str]:
        """The HCPCS codes of the substances that have a label for an indication, on any date."""
        return self._codes_labelled_for.get(indication, frozenset())

    @cached_property
    def _codes_labelled_for(self) -> Mapping[str, frozenset[str]]:
        labels = _grouped(self.labels, lambda label: label.indication)
        return {
            indication: self.codes_of_all(substance for label in rows for substance in label.substances)
            for indication, rows in labels.items()
        }

    def confused_with(self, hcpcs: str) -> Sequence[str]:
        """The codes that a code is mistaken for."""
        return self._confused_with.get(hcpcs, ())

    @cached_property
    def _confused_with(self) -> Mapping[str, Sequence[str]]:
        pairs = [(code, other) for row in self.confusions for code in row.codes for other in row.codes if other != code]
        return {code: [other for _, other in group] for code, group in _grouped(pairs, lambda pair: pair[0]).items()}

    def labelled_diagnoses(self, hcpcs: str, on: date | None) -> Sequence[DiagnosisSet]:
        """The labelled diagnoses of a drug code on a day, or on any day if none is given."""
        return self._labelled_diagnoses(hcpcs, on)

    @cached_property
    def _labelled_diagnoses(self) -> Callable[[str, date | None], Sequence[DiagnosisSet]]:
        return remembered(_DAYS)(self._diagnoses_by_labels)

    def _diagnoses_by_labels(self, hcpcs: str, on: date | None) -> Sequence[DiagnosisSet]:
        labels = [
            label for label in self.labels_of_code(hcpcs, on) if on is None or in_force(label.since, label.until, on)
        ]
        return [self.diagnosis_set(name) for name in dict.fromkeys(label.indication for label in labels)]

    def pays_drugs_by_line(self, claim: Claim) -> bool:
        """Whether a claim's drugs are paid line by line. By its bill type they may be paid with a stay or visit."""
        return claim.type == "837P" or claim.facility_code not in self._paid_together

    @cached_property
    def _paid_together(self) -> frozenset[str]:
        return frozenset(digits for row in self.bill_types for digits in row.digits)

    def is_packaged(self, claim: Claim, hcpcs: str) -> bool:
        """Whether Medicare packages an unclassified drug on a hospital's outpatient claim. Such a line has no price."""
        medicare = claim.type == "837I" and claim.filing_indicator in self.family("medicare")
        return medicare and hcpcs in self.family("packaged_unclassified")

    def vials(self, hcpcs: str, on: date) -> frozenset[Decimal]:
        """Billing units in each size of vial that a code is supplied in on a day."""
        return self._vials(hcpcs, on)

    @cached_property
    def _vials(self) -> Callable[[str, date], frozenset[Decimal]]:
        return remembered(_DAYS)(self._vials_in_force)

    def _vials_in_force(self, hcpcs: str, on: date) -> frozenset[Decimal]:
        return frozenset(item.units for item in self.products.of_code(hcpcs) if item.units and item.is_sold_on(on))

    def codes_of(self, substance: str) -> frozenset[str]:
        """The HCPCS codes of a substance, on any date."""
        return self._codes_by_substance.get(substance, frozenset())

    @cached_property
    def _codes_by_substance(self) -> Mapping[str, frozenset[str]]:
        drugs = _grouped(self.drugs, lambda drug: drug.substance)
        return {substance: frozenset(drug.hcpcs for drug in group) for substance, group in drugs.items()}

    def vial_ndcs(self, hcpcs: str) -> str:
        """The NDCs that a code is billed with, hyphenated 5-4-2, for a message."""
        found = [
            f"{product.ndc9[:5]}-{product.ndc9[5:]}-{package}"
            for product in self.products.of_code(hcpcs)
            for package in product.packages
        ]
        return " or ".join(found if len(found) <= _MOST_NDCS else [*found[:_MOST_NDCS], "another of its products"])

    def labels_of(self, substance: str, route: str) -> Sequence[Label]:
        """The labelled uses of a substance by one route, on any date."""
        return self._labels.get((substance, route), ())

    @cached_property
    def _labels(self) -> Mapping[tuple[str, str], Sequence[Label]]:
        pairs = [((substance, label.route), label) for label in self.labels for substance in label.substances]
        return {key: [label for _, label in group] for key, group in _grouped(pairs, lambda pair: pair[0]).items()}

    def labels_of_code(self, hcpcs: str, on: date | None) -> Sequence[Label]:
        """The labelled uses of a code's substance by the routes of its products, on any date."""
        return self._labels_of_code(hcpcs, on)

    @cached_property
    def _labels_of_code(self) -> Callable[[str, date | None], Sequence[Label]]:
        return remembered(_DAYS)(self._labels_by_routes)

    def _labels_by_routes(self, hcpcs: str, on: date | None) -> Sequence[Label]:
        routes = dict.fromkeys(product.route for product in self.products.of_code(hcpcs))
        substance = self.substance(hcpcs, on)
        return [label for route in routes if route and substance for label in self.labels_of(substance, route)]

    def approved(self, hcpcs: str) -> date | None:
        """The day from which the first product of a code was on the market, `None` if a product's day is not known."""
        return self._approved(hcpcs)

    @cached_property
    def _approved(self) -> Callable[[str], date | None]:
        return remembered(_DAYS)(self._first_day_sold)

    def _first_day_sold(self, hcpcs: str) -> date | None:
        days = [product.since for product in self.products.of_code(hcpcs)]
        return None if None in days else min((day for day in days if day), default=None)

    def today(self, file_date: str) -> date | None:
        """The day that counts as today: `as_of`, else the file's own date (CCYYMMDD), `None` if that is no date."""
        if self.as_of:
            return self.as_of
        try:
            return values.day(file_date)
        except ValueError:
            return None

    def family(self, name: str) -> frozenset[str]:
        """A family of procedure codes or modifiers. Raises `KeyError` for an unknown name."""
        return self.families[name]

    def families_together(self, *names: str) -> frozenset[str]:
        """The codes of several families. Raises `KeyError` for an unknown name."""
        known = self._families_together
        if names not in known:
            known[names] = frozenset().union(*(self.families[name] for name in names))
        return known[names]

    @cached_property
    def _families_together(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    def diagnosis_set(self, name: str) -> DiagnosisSet:
        """A set of diagnosis codes. Raises `KeyError` for an unknown name."""
        return self.diagnoses[name]


_Answer = TypeVar("_Answer")


def once_per_facts(function: Callable[[Facts], _Answer]) -> Callable[[Facts], _Answer]:
    """Stores the result of a pure function of the tables with the tables. Nobody may change a result."""

    @wraps(function)
    def kept(facts: Facts) -> _Answer:
        try:
            answer: _Answer = facts.answers[function]
        except KeyError:
            answer = facts.answers[function] = function(facts)
        return answer

    return kept
