"""What we read is what pyx12 reads: claims, lines and where they stand."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest
import pyx12.error_handler
import pyx12.map_if
import pyx12.x12context
import pyx12.x12file

from scrubber.claims.model import Claim
from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    LineSpec,
    anifrolumab_claim,
    build,
    infusion_claim,
    numbered,
    visit_claim,
    waste_claim,
)
from scrubber.x12.delimiters import Delimiters
from tests.claims.hierarchy import read
from tests.conformance.oracle import PARAMETERS, load_map

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
SERVICE: dict[ClaimType, tuple[str, str]] = {"837P": ("SV101", "SV102"), "837I": ("SV202", "SV203")}


def accepted_samples() -> list[Path]:
    """Samples of 5010 that pyx12 finds nothing wrong with."""
    if not SAMPLES.exists():
        return []
    with (SAMPLES / "MANIFEST.tsv").open(newline="") as listed:
        rows = [row for row in csv.DictReader(listed, delimiter="\t") if row["pyx12"] == "OK"]
    names = {row["file"] for row in rows if row["version"].startswith("005010X22")}
    return sorted(path for path in SAMPLES.rglob("*") if path.name in names)


def generated(claim_type: ClaimType, seed: int, delimiters: DelimiterSpec | None = None) -> str:
    """A file of many kinds of claims, the same for the same seed."""
    chance = random.Random(seed)
    kinds = (infusion_claim, waste_claim, anifrolumab_claim, visit_claim)
    claims: list[ClaimSpec] = []
    for number in range(25):
        claim = chance.choice(kinds)(claim_type, f"C-{number}", dependent=chance.random() < 0.3)
        for _ in range(chance.randrange(3)):
            claim = attrs.evolve(claim, lines=(*claim.lines, LineSpec("96367", charge=chance.randrange(1, 500))))
        if chance.random() < 0.5:
            claim = attrs.evolve(numbered(claim), clearinghouse_id=f"CH{number}", note="A NOTE")
        claims.append(claim)
    return build(claims, delimiters=delimiters, eol=chance.choice(["", "\n"]), per_transaction=chance.randrange(4, 30))


GENERATED = {f"{claim_type}-{seed}": generated(claim_type, seed) for claim_type in SERVICE for seed in (1, 2)} | {
    "837P-pipes": generated("837P", 3, DelimiterSpec("|", ">", "!", "\n"))
}
FILES = GENERATED | {path.name[:60]: path.read_text("ascii") for path in accepted_samples()}
each_file = pytest.mark.parametrize("name", FILES)


def our_claim(claim: Claim) -> dict[str, Any]:
    return {
        "transaction": claim.context.transaction_control,
        "ordinal": claim.ordinal,
        "claim_id": claim.claim_id,
        "charge": claim.total_charge_text,
        "lines": [
            {
                "ordinal": line.at("number").segment,
                "procedure": line.procedure,
                "charge": line.charge_text,
                "ndc": line.ndc,
                "date": line.service_date_text,
            }
            for line in claim.lines
        ],
    }


def their_claims(text: str) -> list[dict[str, Any]]:
    """The claims of pyx12's context reader."""
    with mock.patch.object(pyx12.map_if, "load_map_file", load_map):
        return list(_their_claims(text))


def _their_claims(text: str) -> Iterator[dict[str, Any]]:
    reader = pyx12.x12context.X12ContextReader(PARAMETERS, pyx12.error_handler.errh_null(), io.StringIO(text))
    claim_type: ClaimType = "837P"
    transaction = ""
    for node in reader.iter_segments("2300"):
        if node.id == "GS":
            claim_type = "837P" if "X222" in node.get_value("GS08") else "837I"
        if node.id == "ST":
            transaction = node.get_value("ST02")
        if node.id != "2300":
            continue
        composite, charge = SERVICE[claim_type]
        yield {
            "transaction": transaction,
            "ordinal": node.seg_count,
            "claim_id": node.get_value("CLM01"),
            "charge": node.get_value("CLM02"),
            "lines": [
                {
                    "ordinal": line.seg_count,
                    "procedure": line.get_value(f"{composite}-2") or "",
                    "charge": line.get_value(charge),
                    "ndc": line.get_value("2410/LIN03") or "",
                    "date": line.get_value("DTP[472]03") or "",
                }
                for line in node.select("2400")
            ],
        }


@each_file
def test_claims_are_those_of_the_context_reader(name: str) -> None:
    claims, errors = read(FILES[name])
    assert not errors
    assert claims
    assert [our_claim(claim) for claim in claims] == their_claims(FILES[name])


@each_file
def test_every_segment_of_every_claim_has_the_ordinal_of_the_segment_reader(name: str) -> None:
    theirs = their_segments(FILES[name])
    for claim in read(FILES[name])[0]:
        for part in (claim, *(level for level in claim.context[:3] if level)):
            for ordinal, ours in enumerate(part.span.segments, part.span.ordinal):
                assert (
                    without_empty_ends(ours, part.span.delimiters) == theirs[claim.context.transaction_control, ordinal]
                )


def their_segments(text: str) -> dict[tuple[str, int], list[str]]:
    """The segments of pyx12's reader by transaction and ordinal.

    At SE and after it the count does not change, so SE counts as outside of the transaction.
    """
    reader = pyx12.x12file.X12Reader(io.StringIO(text))
    transaction = ""
    found = {}
    for segment in reader:
        tag = segment.get_seg_id()
        if tag in ("ST", "SE"):
            transaction = segment.get_value("ST02") if tag == "ST" else ""
        values = [segment.get_value(f"{place:02}") or "" for place in range(1, len(segment) + 1)]
        found[transaction, reader.get_seg_count()] = [tag, *values]
    return found


def without_empty_ends(segment: Sequence[str], delimiters: Delimiters) -> list[str]:
    """The segment as pyx12 gives it: without empty components at the end of a composite."""
    return [element.rstrip(delimiters.component) for element in segment]
