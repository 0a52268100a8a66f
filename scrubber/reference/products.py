"""All drug products, by NDC and by code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import attrs

from scrubber.reference.drugs import Product
from scrubber.reference.tables import FactRow


class Products:
    """All drug products. A product is made from its row at its first use, as there are many."""

    def __init__(self, rows: Iterable[FactRow]) -> None:
        self._rows: dict[str, list[FactRow]] = {}
        self._by_code: dict[str, list[str]] = {}
        self._made: dict[str, Sequence[Product]] = {}
        self._made_of_code: dict[str, Sequence[Product]] = {}
        for row in rows:
            ndc9, hcpcs = row.values["ndc9"], row.values.get("hcpcs")
            self._rows.setdefault(ndc9, []).append(row)
            if hcpcs:
                self._by_code.setdefault(hcpcs, []).append(ndc9)

    def __iter__(self) -> Iterator[Product]:
        return (product for ndc9 in self._rows for product in self._of(ndc9))

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def dates(self) -> set[date]:
        """The dates on which products came and went. Few rows have any."""
        rows = [
            row for rows in self._rows.values() for row in rows if row.values.get("since") or row.values.get("until")
        ]
        cells = [row.typed().get(column) for row in rows for column in ("since", "until")]
        return {cell for cell in cells if cell}

    def _of(self, ndc9: str) -> Sequence[Product]:
        found = self._made.get(ndc9)
        if found is None:
            found = self._made[ndc9] = [row.record() for row in self._rows.get(ndc9, ())]
        return found

    def of_code(self, hcpcs: str) -> Sequence[Product]:
        """The products that a code is billed with."""
        found = self._made_of_code.get(hcpcs)
        if found is None and hcpcs in self._by_code:
            numbers = dict.fromkeys(self._by_code[hcpcs])
            products = (product for ndc9 in numbers for product in self._of(ndc9))
            found = self._made_of_code[hcpcs] = [product for product in products if product.hcpcs == hcpcs]
        return found or ()

    def at(self, ndc: str, hcpcs: str) -> Product | None:
        """The product of an NDC of eleven digits, `None` if it is not known.

        If a product has several codes, this is the row of `hcpcs`, if there is one. If it has several sizes, this is
        the row of the package; the size of a package that is not listed is not known.
        """
        if ndc[:9] not in self._rows:
            return None
        rows = self._of(ndc[:9])
        rows = [row for row in rows if row.hcpcs == hcpcs] or rows
        if len(rows) == 1:
            return rows[0]
        listed = [row for row in rows if ndc[9:] in row.packages]
        if listed:
            return listed[0]
        packages = tuple(package for row in rows for package in row.packages)
        return attrs.evolve(rows[0], units=None, ml=None, packages=packages)
