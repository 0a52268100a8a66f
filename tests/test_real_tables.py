"""Medicare's published files of October 2025, if they are there: every package can be billed without a finding."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.reference import Facts, shipped
from scrubber.reference.external import ASP_CODES
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.kinds import Reading
from scrubber.reference.location import with_store
from scrubber.reference.storing import store
from scrubber.testing import ClaimSpec, LineSpec, build, drug_line, infusion_claim
from tests.scrubbing import ROOT, installed

FILES = sorted((ROOT.parent / "shared" / "reference").glob("*.csv"))
DAY = date(2025, 11, 3)
CODES = ("NDC02", "NDC03", "NDC05", "NDC06", "NDC07", "NDC08", "NOC05", "CODE02", "JWJZ01", "JWJZ06")
_AT_ONCE = 500
_MOST_CONTAINERS = 40

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FILES, reason="the published files are not here")]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    path: Path = tmp_path_factory.mktemp("tables") / "store.sqlite"
    store(path, Reading(FILES, Given()).contents())
    return with_store(shipped(), path)


def scrubbed(facts: Facts, claims: list[ClaimSpec], *codes: str) -> Iterator[ScrubbedClaim]:
    used = Engine(installed(), Profile(select=frozenset(codes)), facts)
    for first in range(0, len(claims), _AT_ONCE):
        text = build(claims[first : first + _AT_ONCE])
        for item in Scrubbing(io.BytesIO(text.encode("latin-1")), used):
            if isinstance(item, ScrubbedClaim):
                yield item


def whole(units: Decimal) -> int:
    """How many containers hold a whole number of units."""
    return next((count for count in range(1, _MOST_CONTAINERS) if units * count == int(units * count)), 1)


def correct(facts: Facts) -> Iterator[ClaimSpec]:
    """A claim for each package of a drug: whole containers, their units, JZ."""
    table = facts.table(ASP_CODES)
    for code in sorted(table.keys()):
        for package in table.rows(code, DAY) if code[0] in "JQ" else ():
            units = package.number("units") or Decimal(0)
            count = whole(units)
            if units and units * count == int(units * count):
                line = LineSpec(code, ("JZ",), int(units * count), charge=1000, dates=DAY, ndc=package.text("ndc"))
                counted = attrs.evolve(line, ndc_quantity=count, ndc_unit="UN")
                yield infusion_claim(lines=(counted, LineSpec("96365", dates=DAY)), filing="CI")


def test_every_package_can_be_billed_with_its_code(facts: Facts) -> None:
    claims = list(correct(facts))
    assert len(claims) > 6_000
    found = [
        (finding.code, one.claim.lines[0].procedure, one.claim.lines[0].ndc, finding.message)
        for one in scrubbed(facts, claims, *CODES)
        for finding in one.findings
    ]
    assert found == []


def test_the_same_packages_under_an_unclassified_code_have_a_code_of_their_own(facts: Facts) -> None:
    claims = [
        infusion_claim(lines=(attrs.evolve(claim.lines[0], procedure="J3490", units=1, modifiers=()),), filing="CI")
        for claim in list(correct(facts))[::50]
    ]
    judged = list(scrubbed(facts, claims, "NOC05"))
    assert len(judged) > 100
    assert {finding.severity for one in judged for finding in one.findings} == {"reject"}
    assert all(one.findings for one in judged)


def test_what_medicare_allows_for_eighty_units_of_belimumab(facts: Facts) -> None:
    """Its limit of that quarter is 56.068 dollars for ten milligrams."""
    claim = infusion_claim(lines=(drug_line(units=80, dates=DAY), LineSpec("96365", dates=DAY)))
    (one,) = scrubbed(facts, [claim], "JWJZ01")
    assert one.price is not None
    assert (str(one.price.allowed), str(one.price.coinsurance), one.price.unpriced) == ("4485.44", "897.09", 1)
