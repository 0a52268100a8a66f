"""The engine: the claims of a file, judged together, file edits and progress included."""

from __future__ import annotations

import io
from datetime import date

import attrs

import scrubber
from scrubber.claims.model import Claim
from scrubber.edit import Results, file_edit, finding
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import CLAIMS_OF_A_STEP, Engine
from scrubber.engine.profile import Profile
from scrubber.reference import Facts
from scrubber.testing import build, infusion_claim, visit_claim, waste_claim, with_all_lines
from tests.engine.checks import FIRST, LAST, Check, codes
from tests.scrubbing import DOCUMENTED, engine, found, made, not_checked, of_edits, scrub_one, scrub_text


def test_progress_is_reported_after_a_few_claims() -> None:
    """Claims are judged together: an edit that is slow on each of them must not look as if it hung."""
    seen: list[str] = []

    def check(claim: Claim, _: Facts) -> Results:
        seen.append("claim")
        yield from ()

    engine = Engine(of_edits(made(check)), Profile()).reporting(lambda: seen.append("progress"))
    scrub_text(build([infusion_claim()] * (2 * CLAIMS_OF_A_STEP + 1)), engine)
    step = ["claim"] * CLAIMS_OF_A_STEP
    assert seen == [*step, "progress", *step, "progress", "claim", "progress"]


def test_a_file_edit_sees_the_claims_of_one_file_in_order() -> None:
    def begin() -> Check:
        seen: list[str] = []

        def check(claim: Claim, _: Facts) -> Results:
            seen.append(claim.claim_id)
            yield finding(claim.at("claim_id"), " ".join(seen), "none")

        return check

    begin.__doc__ = DOCUMENTED
    counting = file_edit("TEST01", "Counts", severity="info", concerns=None, source="a test")(begin)
    with_it = Engine(Catalogue({"TEST01": counting}), Profile())
    text = build([infusion_claim(claim_id=name) for name in ("A", "B", "C")])
    for _ in range(2):  # nothing is remembered from the file before
        scrubbed, _errors = scrub_text(text, with_it)
        assert [claim.findings[0].message for claim in scrubbed] == ["A", "A B", "A B C"]


def test_a_sound_claim_is_clean_under_all_installed_edits() -> None:
    for claim_type in ("837P", "837I"):
        for claim in (infusion_claim(claim_type), waste_claim(claim_type), visit_claim(claim_type)):
            scrubbed = scrub_one(claim)
            assert (found(scrubbed), not_checked(scrubbed)) == ([], {})


def test_claims_are_judged_together_as_they_are_one_by_one() -> None:
    """Claims of all kinds have the same answers. File edits see the claims in the order of the file."""
    again = infusion_claim(claim_id="AGAIN", member_id="SAME", filing="CI")
    claims = [
        attrs.evolve(again, claim_id="FIRST"),
        visit_claim(claim_id="VISIT", diagnoses=("M32",)),
        attrs.evolve(again, filing="MC", frequency="8"),
        attrs.evolve(with_all_lines(infusion_claim(), modifiers=()), filing="16"),
        with_all_lines(again, dates=date(2026, 10, 8)),
        with_all_lines(infusion_claim(), units="X", dates="20261399"),
        with_all_lines(infusion_claim("837P"), dates=(FIRST, LAST)),
        again,
        with_all_lines(again, dates=date(2026, 10, 12)),
    ]
    read = list(scrubber.read_claims(io.BytesIO(build(claims).encode())))
    together, one_by_one = engine().for_file(), engine().for_file()
    scrubbed = together.scrub_all(read)
    alone = [one_by_one.scrub(claim) for claim in read]
    assert [(one.claim, one.findings, one.not_checked) for one in scrubbed] == [
        (one.claim, one.findings, one.not_checked) for one in alone
    ]
    of_patient = [set(codes(claim)) for claim in scrubbed if claim.claim.claim_id in ("FIRST", "AGAIN")]
    assert [found & {"DUP02", "INT01"} for found in of_patient] == [set(), set(), {"INT01"}, {"DUP02"}, {"INT01"}]
