"""Dated facts about drugs, codes and labels, each with its source. Facts are data (`data/*.toml`), not code."""

from scrubber.reference.billing import Period, Shape
from scrubber.reference.facts import Drug, Facts, Label, Product, once_per_facts, shipped
from scrubber.reference.modifiers import JW, JZ

__all__ = ["JW", "JZ", "Drug", "Facts", "Label", "Period", "Product", "Shape", "once_per_facts", "shipped"]
