"""The names of patients in answers."""

from __future__ import annotations

import io

from scrubber import read_claims
from scrubber.outputs.acknowledgements import parties
from scrubber.outputs.acknowledgements.writing import USUAL, Segments
from scrubber.testing import build, infusion_claim
from tests.scrubbing import each


@each(
    ("name", "is_plain"),
    {
        "as most are": ("1*BIRCHMERE*BRUNO****MI*MEM00000001", True),
        "all elements": ("1*Birchmere*BRUNO*B*DR*JR*II*7X", True),
        "more elements than the guide has": ("2*BIRCHMERE*****MI*MEM1*Q*Q", True),
        "the longest elements": (f"1*{'A' * 60}*{'B' * 35}****MI*{'9' * 80}", True),
        "a last name that is too long": (f"1*{'A' * 61}*BRUNO****MI*MEM1", False),
        "a number that is too long": (f"1*BIRCHMERE*****MI*{'9' * 81}", False),
        "a number that is too short": ("1*BIRCHMERE*****MI*9", False),
        "no number": ("1*BIRCHMERE*BRUNO", False),
        "another number": ("1*BIRCHMERE*BRUNO****SY*123456789", False),
        "no last name": ("1**BRUNO****MI*MEM1", False),
        "a blank": ("1*BIRCH MERE*BRUNO ****MI*MEM1", False),
        "a delimiter": ("1*BIRCH:MERE*BRUNO****MI*MEM1", False),
        "a byte above 127": ("1*BIRCHM\xc8RE*BRUNO****MI*MEM1", False),
    },
)
def test_a_plain_name_is_repeated_as_element_by_element(name: str, is_plain: bool) -> None:
    whole = build([infusion_claim()], eol="")
    old = whole[whole.index("NM1*IL*") :].partition("~")[0]
    (claim,) = read_claims(io.BytesIO(whole.replace(old, f"NM1*IL*{name}").encode("latin-1")))
    plain = parties.plain_patient(claim, "*")
    assert bool(plain) == is_plain
    if plain:
        assert f"NM1*QC*1*{plain}" == Segments(io.BytesIO(), USUAL).text("NM1", "QC", *parties.patient(claim))
    assert parties.plain_patient(claim, "|") == ""


def test_a_dependent_is_not_plain() -> None:
    (claim,) = read_claims(io.BytesIO(build([infusion_claim(dependent=True, filing="CI")]).encode()))
    assert parties.plain_patient(claim, "*") == ""
