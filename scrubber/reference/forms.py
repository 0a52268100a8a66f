"""The tables of facts: what a row of each becomes, and by which key a user's row replaces shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import attrs

from scrubber.reference.administration import Administration
from scrubber.reference.billing import (
    BillType,
    CodeFamily,
    Contradiction,
    DatedCode,
    EndedCode,
    Period,
    Shape,
    Spacing,
    UnclassifiedCode,
)
from scrubber.reference.columns import Columns
from scrubber.reference.diagnoses import CodeSetChange, Diagnoses, Excludes, Incomplete
from scrubber.reference.drugs import Drug, Label, Product
from scrubber.reference.therapy import Combination, Confusion, DailyMost, LabelledDose, ProductDose, Therapy, Unlabelled


@attrs.frozen(eq=False, slots=False)
class Form:
    """The form of a table.

    A row becomes a `record`. In TOML the rows are tables of an `array`; if it is empty, each is a table with a name,
    which is its key. Else the columns `key` together are its key. A row for several substances has a key for each.
    """

    record: type
    array: str = ""
    key: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> Columns:
        """The columns of a row."""
        return Columns(self.record)


FORMS: Mapping[str, Form] = {
    "administrations": Form(Administration, "administration", ("code", "begins")),
    "bill_types": Form(BillType, "bill_type", ("digits",)),
    "billing_codes": Form(CodeFamily),
    "code_set_changes": Form(CodeSetChange, "change", ("since",)),
    "combinations": Form(Combination, "combination", ("first", "second")),
    "confusions": Form(Confusion, "confusion", ("codes",)),
    "contradictions": Form(Contradiction, "contradiction", ("modifiers",)),
    "daily_most": Form(DailyMost, "daily_most", ("code",)),
    "diagnoses": Form(Diagnoses),
    "discount_modifiers": Form(DatedCode),
    "doses": Form(LabelledDose, "dose", ("substances",)),
    "drugs": Form(Drug, "drug", ("hcpcs",)),
    "ended_codes": Form(EndedCode, "ended_code", ("code",)),
    "excludes": Form(Excludes, "excludes", ("first", "second")),
    "families": Form(CodeFamily),
    "incomplete_diagnoses": Form(Incomplete, "incomplete", ("code",)),
    "labels": Form(Label, "label", ("substances", "route", "indication")),
    "periods": Form(Period),
    "product_doses": Form(ProductDose, "product_dose", ("ndc9",)),
    "products": Form(Product, "product", ("ndc9",)),
    "shapes": Form(Shape),
    "spacing": Form(Spacing, "spacing", ("substances",)),
    "therapies": Form(Therapy, "therapy", ("substances",)),
    "turning_points": Form(DatedCode),
    "unclassified": Form(UnclassifiedCode),
    "unlabelled": Form(Unlabelled, "unlabelled", ("substances", "kind", "diagnoses")),
}
"""The tables by name."""
