"""The page of the shipped drugs, `docs/drugs.md`: `python -m scrubber.outputs.drug_reference > docs/drugs.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from scrubber.reference import Drug, Facts, shipped

_HEAD = """# The drugs of the tables

Written by `python -m scrubber.outputs.drug_reference`; do not edit by hand.

{codes} HCPCS codes of {substances} drugs, with {products} products. Each row of the tables has its source and
confidence; [adding-a-drug.md](adding-a-drug.md) says how to add to them, or to replace rows. What the tables lack is
not judged.

- **unit**: what one billing unit holds
- **vials**: billing units in a container, for the arithmetic of JW and JZ
- **single dose**: whether Medicare asks for JW or JZ: yes, no, by product (only the NDC decides), or not known
- **known**: label (diagnoses and ages), dose (the most of a day), spacing (days between doses), giving (usual code and
  methods)

| code | drug | brand | unit | from | vials | single dose | known |
|---|---|---|---|---|---|---|---|
"""

_MOST_SIZES = 6
_SINGLE: Mapping[bool | None, str] = {True: "yes", False: "no", None: "not known"}


def page(facts: Facts) -> str:
    """The page in Markdown."""
    head = _HEAD.format(
        codes=len(facts.drug_codes),
        substances=len({drug.substance for drug in facts.drugs}),
        products=len(facts.products),
    )
    return head + "".join(f"{_row(drug, facts)}\n" for drug in sorted(facts.drugs, key=lambda drug: drug.hcpcs))


def _row(drug: Drug, facts: Facts) -> str:
    days = f"{drug.since} to {drug.until}" if drug.until else f"{drug.since}"
    products = facts.products.of_code(drug.hcpcs)
    sizes = [f"{size.normalize():f}" for size in sorted({product.units for product in products if product.units})]
    shown = ", ".join(sizes if len(sizes) <= _MOST_SIZES else [*sizes[:_MOST_SIZES], "..."])
    kinds = {_SINGLE[product.single_dose] for product in products}
    single = kinds.pop() if len(kinds) == 1 else "by product"
    cells = (
        drug.hcpcs,
        drug.substance,
        drug.brand,
        str(drug.unit),
        days,
        shown,
        single,
        ", ".join(_known(drug, facts)),
    )
    return f"| {' | '.join(cells)} |"


def _known(drug: Drug, facts: Facts) -> Iterator[str]:
    """What the tables know of a drug beside its products."""
    if facts.labels_of_code(drug.hcpcs, None):
        yield "label"
    if facts.labelled_dose(drug.substance):
        yield "dose"
    if any(drug.substance in row.substances for row in facts.spacings):
        yield "spacing"
    if facts.therapy(drug.substance):
        yield "giving"


if __name__ == "__main__":
    sys.stdout.write(page(shipped()))
