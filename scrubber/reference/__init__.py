"""Dated facts about drugs, codes and labels, each with its source. Facts are data (`data/*.toml`), not code."""

from scrubber.reference.billing import Period, Shape
from scrubber.reference.drugs import Drug, Label, Product
from scrubber.reference.facts import Facts, once_per_facts
from scrubber.reference.loading import shipped
from scrubber.reference.modifiers import JW, JZ

__all__ = ["JW", "JZ", "Drug", "Facts", "Label", "Period", "Product", "Shape", "once_per_facts", "shipped"]
