"""The facts that edits ask for, each valid on a date of service."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import attrs

from scrubber.claims import values
from scrubber.reference import billing
from scrubber.reference.billing import DatedCode, NumberShape, Period, Shape, Spacing, UnclassifiedCode
from scrubber.reference.external import ExternalTable
from scrubber.reference.tables import digest_input, table

_DAYS = 4096
"""How many answers that depend on a day are remembered."""

_Key = TypeVar("_Key")
_Row = TypeVar("_Row")


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], _Key]) -> Mapping[_Key, Sequence[_Row]]:
    groups: dict[_Key, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _in_force(since: date, until: date | None, on: date) -> bool:
    return since <= on and (until is None or on <= until)


@attrs.frozen
class Drug:
    """An infused drug's HCPCS code. `unit` is what one billing unit holds; valid from `since` to `until`."""

    hcpcs: str
    substance: str
    brand: str
    unit: str
    single_dose: bool
    since: date
    source: str
    confidence: float
    until: date | None = None


@attrs.frozen
class Product:
    """A drug product by the first nine digits of its NDC.

    `hcpcs` is the code it is billed with, `None` where there is none; `units` and `ml` are billing units and
    withdrawable millilitres of one package; `packages` the last two digits that are listed; `kind` says whether it is
    a biologic, which decides its unclassified code.
    """

    ndc9: str
    substance: str
    label: str
    route: str
    form: str
    packages: tuple[str, ...] = attrs.field(converter=tuple)
    since: date
    source: str
    confidence: float
    hcpcs: str | None = None
    units: int | None = None
    ml: float | None = None
    counted_in: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    also_counted_in: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    kind: str | None = None
    syringe_packages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    autoinjector_packages: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    until: date | None = None


@attrs.frozen
class Label:
    """Labelled use of a substance by age in completed years, in force from `since`."""

    substance: str
    route: str
    device: str
    indication: str
    age_min: int
    since: date
    source: str
    confidence: float
    age_max: int | None = None
    until: date | None = None

    def covers(self, age: int, on: date) -> bool:
        """Whether a patient of that age was within the label on that day."""
        of_age = self.age_min <= age and (self.age_max is None or age <= self.age_max)
        return of_age and _in_force(self.since, self.until, on)


@attrs.frozen
class Incomplete:
    """A diagnosis code that needs a further character from `since` on."""

    code: str
    since: date
    source: str
    confidence: float


@attrs.frozen
class Excludes:
    """Two diagnoses, or beginnings of diagnosis codes, that exclude each other."""

    first: str
    second: str
    source: str
    confidence: float


@attrs.frozen(slots=False)
class Facts:
    """All tables in force for a run.

    `tables` are public files that do not come with the scrubber, by name; `as_of` stands for today, else each file's
    own date does. `filing_limit` is how long after the service the claim's payer takes it, as far as a profile says so.
    """

    drugs: tuple[Drug, ...]
    products: Mapping[str, Product]
    labels: tuple[Label, ...]
    diagnoses: Mapping[str, frozenset[str]]
    families: Mapping[str, frozenset[str]]
    incomplete: Mapping[str, Incomplete]
    excludes: tuple[Excludes, ...]
    spacings: Mapping[str, Spacing]
    periods: Mapping[str, Period]
    turning_points: Mapping[str, DatedCode]
    discount_modifiers: Mapping[str, DatedCode]
    unclassified_codes: Mapping[str, UnclassifiedCode]
    medicare_number: NumberShape
    shapes: Mapping[str, Shape]
    release: str
    tables: Mapping[str, ExternalTable] = attrs.field(factory=dict)
    as_of: date | None = None
    filing_limit: Period | None = None

    @cached_property
    def drug_codes(self) -> frozenset[str]:
        """The HCPCS codes of all infused drugs in the table, whatever the date."""
        return frozenset(drug.hcpcs for drug in self.drugs)

    @cached_property
    def drug_or_unclassified_codes(self) -> frozenset[str]:
        """The HCPCS codes of all infused drugs, and those of drugs that have none."""
        return self.drug_codes | self.family("unclassified")

    def drug(self, hcpcs: str, on: date) -> Drug | None:
        """The infused drug that a code stands for on a day."""
        for drug in self._drugs_by_code.get(hcpcs, ()):
            if _in_force(drug.since, drug.until, on):
                return drug
        return None

    @cached_property
    def _drugs_by_code(self) -> Mapping[str, Sequence[Drug]]:
        return _grouped(self.drugs, lambda drug: drug.hcpcs)

    def product(self, ndc: str) -> Product | None:
        """The product of an 11-digit NDC, written plain or 5-4-2 with hyphens, whatever its package."""
        digits = ndc.replace("-", "") if "-" in ndc and ndc[5:6] == ndc[10:11] == "-" else ndc
        return self.products.get(digits[:9]) if len(digits) == 11 else None

    def vials(self, hcpcs: str, on: date) -> frozenset[int]:
        """Billing units in each size of vial that a code is supplied in on a day."""
        return self._vials(hcpcs, on)

    @cached_property
    def _vials(self) -> Callable[[str, date], frozenset[int]]:
        return lru_cache(_DAYS)(self._vials_in_force)

    def _vials_in_force(self, hcpcs: str, on: date) -> frozenset[int]:
        products = self._products_by_code.get(hcpcs, ())
        return frozenset(item.units for item in products if item.units and _in_force(item.since, item.until, on))

    @cached_property
    def _products_by_code(self) -> Mapping[str | None, Sequence[Product]]:
        return _grouped(self.products.values(), lambda product: product.hcpcs)

    def codes_of(self, substance: str) -> frozenset[str]:
        """The HCPCS codes of a substance, whatever the date."""
        return self._codes_by_substance.get(substance, frozenset())

    @cached_property
    def _codes_by_substance(self) -> Mapping[str, frozenset[str]]:
        drugs = _grouped(self.drugs, lambda drug: drug.substance)
        return {substance: frozenset(drug.hcpcs for drug in group) for substance, group in drugs.items()}

    def vial_ndcs(self, hcpcs: str) -> str:
        """The NDCs that a code is billed with, hyphenated 5-4-2, for a message."""
        found = [
            f"{product.ndc9[:5]}-{product.ndc9[5:]}-{package}"
            for product in self._products_by_code.get(hcpcs, ())
            for package in product.packages
        ]
        return " or ".join(found)

    @cached_property
    def excluding(self) -> tuple[str, ...]:
        """What the codes begin with that exclude another one."""
        return tuple({side for pair in self.excludes for side in (pair.first, pair.second)})

    def labels_of(self, substance: str, route: str) -> Sequence[Label]:
        """The labelled uses of a substance by one route, whatever the date."""
        return self._labels.get((substance, route), ())

    @cached_property
    def _labels(self) -> Mapping[tuple[str, str], Sequence[Label]]:
        return _grouped(self.labels, lambda label: (label.substance, label.route))

    def approved(self, hcpcs: str) -> date | None:
        """The day from which the first product of a code was on the market."""
        return self._approved.get(hcpcs)

    @cached_property
    def _approved(self) -> Mapping[str, date]:
        newest_first = sorted(self.products.values(), key=lambda product: product.since, reverse=True)
        return {product.hcpcs: product.since for product in newest_first if product.hcpcs}

    def today(self, file_date: str) -> date | None:
        """The day a run counts as today: `as_of`, else the file's own date as CCYYMMDD, `None` if it is none."""
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

    def diagnosis_set(self, name: str) -> frozenset[str]:
        """A set of diagnosis codes. Raises `KeyError` for an unknown name."""
        return self.diagnoses[name]


def _code_sets(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(row["codes"]) for name, row in rows.items()}


@lru_cache(maxsize=1)
def shipped() -> Facts:
    """The tables that come with the scrubber."""
    products = [Product(**row) for row in table("products")["product"]]
    return Facts(
        drugs=tuple(Drug(**row) for row in table("drugs")["drug"]),
        products={product.ndc9: product for product in products},
        labels=tuple(Label(**row) for row in table("labels")["label"]),
        diagnoses=_code_sets(table("diagnoses")),
        families=_code_sets(table("families")) | _code_sets(table("billing_codes")),
        incomplete={row["code"]: Incomplete(**row) for row in table("incomplete_diagnoses")["incomplete"]},
        excludes=tuple(Excludes(**row) for row in table("excludes")["excludes"]),
        spacings=billing.spacings(),
        periods=billing.periods(),
        turning_points=billing.turning_points(),
        discount_modifiers=billing.discount_modifiers(),
        unclassified_codes=billing.unclassified_codes(),
        medicare_number=billing.medicare_number(),
        shapes=billing.shapes(),
        release=hashlib.sha256(digest_input()).hexdigest()[:12],
    )
