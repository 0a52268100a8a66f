"""The XML report as a tree, for its tests. Each tree is validated against the schema."""

from __future__ import annotations

import io
from datetime import date
from importlib import resources

import attrs
from lxml import etree

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.suppressions import Suppression, SuppressionFile
from scrubber.outputs.xml_report import XmlReport
from scrubber.running.inputs import Input
from scrubber.testing import LineSpec, build, drug_line, infusion_claim
from tests.outputs.reporting import InMemory, fill
from tests.scrubbing import FIXTURES, engine, installed

SCHEMA = etree.XMLSchema(etree.fromstring((resources.files("scrubber.outputs") / "report.xsd").read_bytes()))

DAY = Input(str(FIXTURES / "clinic-day.837"))
BROKEN = InMemory("broken.837", build([infusion_claim()]).replace("GE*1*", "GE*7*"))


def xml(with_engine: Engine, *sources: Input) -> bytes:
    out = io.BytesIO()
    fill(XmlReport(out, with_engine), sources, with_engine)
    return out.getvalue()


def report(with_engine: Engine, *sources: Input) -> etree._Element:
    """The report as a tree that keeps to the schema."""
    root = etree.fromstring(xml(with_engine, *sources))
    SCHEMA.assertValid(root)
    return root


def of_text(text: str, with_engine: Engine | None = None) -> etree._Element:
    return report(with_engine or engine(), InMemory("claims.837", text))


def with_suppressions() -> tuple[Engine, InMemory]:
    """A claim with JWJZ01 suppressed, ADM01 in shadow, DX01 as ever, and two suppressions that do nothing."""
    claim = infusion_claim("837P", "FAULTY", lines=(drug_line(modifiers=()), LineSpec("96413")), diagnoses=("M320",))
    entry = Suppression("known.toml", 1, "JWJZ01", "a waste log", "A. Biller", date(2099, 12, 31), claim="FAULTY")
    others = [attrs.evolve(entry, number=2, claim="NOT HERE"), attrs.evolve(entry, number=3, expires=date(2001, 1, 1))]
    profile = Profile(severity={"ADM01": "shadow"}).suppressing(
        SuppressionFile("known.toml", "0" * 64, (entry, *others))
    )
    return Engine(installed(), profile), InMemory("claims.837", build([claim]))


def found(element: etree._Element, name: str) -> etree._Element:
    (child,) = element.iterfind(name)
    return child


def number(text: str | None) -> int | None:
    return None if text is None else int(text)
