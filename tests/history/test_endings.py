"""A void or a replacement ends an earlier claim only if it goes out itself, in one process or divided."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.claims.earlier import Earlier
from scrubber.claims.model import Claim
from scrubber.edit import Check, Results, file_edit, finding
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Hold, Profile
from scrubber.engine.ranges import ranges
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import RangeScrubbing, Scrubbing, goes_out
from scrubber.engine.suppressions import Suppression, SuppressionFile
from scrubber.reference import Facts
from scrubber.testing import ClaimSpec, build, infusion_claim
from scrubber.x12.events import Event, Events
from scrubber.x12.prescan import prescan
from tests.history.releasing import history, release
from tests.scrubbing import each, installed

SELECTED = ("DUP03", "FREQ01", "OWN01")


def claim(number: int = 1, **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_id=f"C{number}", member_id=f"9XX9XX9XX{number:02}", **{"filing": "CI", **changes})


SENT: dict[str, ClaimSpec] = {
    "C": claim(),
    "D": claim(prior_authorization="PA1"),
    "R": claim(frequency="7", payer_claim_control_number="N1"),
    "r": claim(frequency="7"),
    "V": claim(frequency="8", payer_claim_control_number="N1"),
    "v": claim(frequency="8"),
    "g": claim(frequency="8", payer_claim_control_number="N1", prior_authorization="GUIDE"),
    "f": claim(frequency="8", payer_claim_control_number="N1", prior_authorization="FILEEDIT"),
    "w": claim(frequency="8", payer_claim_control_number="N1", prior_authorization="WARNED"),
    "X": claim(2),
}
"""A claim and a corrected one (D); a replacement and a void, sound (R, V) and without the payer's number (r, v).

Other voids have a fault against the guide (g), are rejected by a file edit (f), or have a warning (w). X is of another
patient.
"""


@file_edit("OWN01", "A file edit", severity="reject", concerns=None, on_voids=True, source="a test")
def _own(earlier: Earlier) -> Check:
    """What it checks: nothing real.

    Why it is denied: never.

    How to fix: there is nothing to fix.
    """

    def check(claim: Claim, facts: Facts) -> Results:
        known = claim.text("prior_authorization")
        if known == "FILEEDIT":
            yield finding(claim.at("claim_id"), "rejected", "none")
        if known == "WARNED":
            yield finding(claim.at("claim_id"), "warned", "none", severity="warn")

    return check


CASES = [
    ("C", "VC", "VC"),
    ("C", "vC", ""),
    ("C", "vVC", "VC"),
    ("C", "VvC", "VC"),
    ("C", "CVC", "VC"),
    ("C", "vXC", "X"),
    ("C", "RC", "R"),
    ("C R", "RC", ""),
    ("C R", "vC", ""),
    ("C R", "vR", ""),
    ("C R", "VC", "VC"),
    ("C", "vCD", "D"),
    ("C", "rC", ""),
    ("C", "rD", "D"),
    ("C", "gC", ""),
    ("C", "fC", ""),
    ("C", "wC", "wC"),
    ("", "vC", "C"),
]
"""What was released file by file, a later file, and which of its claims are released."""


def text_of(file: str) -> bytes:
    return build(SENT[one] for one in file).replace("REF*G1*GUIDE", "REF*ZZ*GUIDE").encode("latin-1")


def engine_of(path: Path, profile: Profile) -> Engine:
    edits = {code: installed()[code] for code in SELECTED[:2]} | {"OWN01": _own}
    graded = attrs.evolve(profile, severity={"DUP03": "reject"})
    return Engine(Catalogue(edits), graded, history=history(path))


def going(items: Iterator[Event | ScrubbedClaim], names: Iterator[str]) -> str:
    claims = (item for item in items if isinstance(item, ScrubbedClaim))
    return "".join(next(names) if one.goes_to == "clean" else next(names) and "" for one in claims)


def goes(path: Path, file: str, profile: Profile) -> tuple[str, str]:
    """What of a file goes out, scrubbed at once and claim by claim."""
    data, engine = text_of(file), engine_of(path, profile)
    scan = prescan(io.BytesIO(data))
    at_once = going(iter(Scrubbing(io.BytesIO(data), engine, scan, conformance=True)), iter(file))
    out = partial(goes_out, engine=engine, conformance=True)
    names, divided = iter(file), ""
    for given in ranges(Events(io.BytesIO(data), scan), engine.for_file(scan.sha256), scan.claims, out, 1):
        divided += going(iter(RangeScrubbing(given, engine, conformance=True)), names)
    return at_once, divided


@pytest.mark.parametrize(("released", "file", "out"), CASES)
def test_what_does_not_go_out_ends_nothing(tmp_path: Path, released: str, file: str, out: str) -> None:
    store = history(tmp_path / "h")
    for sent in released.split():
        release(store, *(SENT[one] for one in sent), claim(9))
    assert goes(tmp_path / "h", file, Profile()) == (out, out)


@each("hold, out", {"flagged claims go": (None, "wC"), "flagged claims are held": ("warn", "")})
def test_a_void_that_is_held_ends_nothing(tmp_path: Path, hold: Hold | None, out: str) -> None:
    release(history(tmp_path / "h"), claim())
    assert goes(tmp_path / "h", "wC", Profile(hold=hold)) == (out, out)


@each("code, out", {"its fault": ("FREQ01", "vC"), "another finding": ("OWN01", "")})
def test_a_void_whose_fault_is_accepted_goes_out(tmp_path: Path, code: str, out: str) -> None:
    release(history(tmp_path / "h"), claim())
    accepted = Suppression("s.toml", 1, code, "agreed", "ann", date(2030, 1, 1), claim="C1")
    profile = Profile().suppressing(SuppressionFile("s.toml", "0" * 64, (accepted,)))
    assert goes(tmp_path / "h", "vC", profile) == (out, out)
