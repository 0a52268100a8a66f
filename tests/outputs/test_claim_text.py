"""A claim as JSON text: it is its record, whether its parts were remembered or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.naming import Naming
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.claim_text import claim_text
from scrubber.outputs.record import claim_record, json_text, quiet_claim
from scrubber.testing import build, visit_claim
from tests.scrubbing import FIXTURES, engine, installed, scrub_text


def claims(path: Path, with_engine: Engine) -> Iterator[ScrubbedClaim]:
    with path.open("rb") as stream:
        for item in Scrubbing(stream, with_engine, conformance=True):
            if isinstance(item, ScrubbedClaim):
                yield item


@pytest.mark.parametrize("naming", [Naming(), Naming(b"key of sixteen bytes")], ids=["open", "hidden"])
def test_the_text_of_a_claim_is_its_record_as_json(naming: Naming) -> None:
    found = [0, 0]
    for path in sorted(FIXTURES.rglob("*.837"))[::5]:
        for scrubbed in claims(path, Engine(installed(), Profile(), naming=naming)):
            assert claim_text(scrubbed, quiet_claim(scrubbed)) == json_text(claim_record(scrubbed))
            found[bool(scrubbed.findings)] += 1
    assert min(found) > 20


@pytest.mark.parametrize("claim_id", ['Q"\\\x07', "\u00e9\u00ff", "</script>", "A" * 200])
def test_the_text_of_values_that_json_must_escape_is_their_record_as_json(claim_id: str) -> None:
    text = build([visit_claim(claim_id=claim_id, total_charge="x")]).replace("20261005", "2026100")
    (scrubbed,), _ = scrub_text(text, engine("NDC05"))
    assert not scrubbed.findings
    assert claim_text(scrubbed, quiet_claim(scrubbed)) == json_text(claim_record(scrubbed))
