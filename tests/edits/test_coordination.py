"""The amounts of another payer add up to the charges."""

from __future__ import annotations

from scrubber.testing import ClaimSpec, ClaimType, LineSpec, visit_claim
from tests.edits.judging import answers, everywhere, reasons, severities
from tests.scrubbing import each, each_type


def payer(*amounts: str, name: str = "OP1") -> tuple[str, ...]:
    """Another payer, loop 2320, with its amounts and its name (2330B)."""
    return ("SBR*P*18*******CI", *amounts, "OI***Y***Y", f"NM1*PR*2*PLAN A*****PI*{name}")


def line(charge: str, *paid: str) -> LineSpec:
    return LineSpec("99213", charge=charge, revenue_code="0510", loops=paid)


def claim(claim_type: ClaimType, others: tuple[str, ...], *lines: LineSpec) -> ClaimSpec:
    return visit_claim(claim_type, lines=lines, loops=others)


def svd(paid: str, name: str = "OP1") -> str:
    return f"SVD*{name}*{paid}*HC:99213**1"


@each_type
@each(
    ("paid", "fires"),
    {
        "paid and adjusted": ((svd("60"), "CAS*CO*45*30*1*253*1.20", "CAS*PR*2*8.8"), False),
        "a cent less": ((svd("60"), "CAS*CO*45*30*1*253*1.19", "CAS*PR*2*8.8"), True),
        "no adjustment": ((svd("60"),), True),
        "all paid": ((svd("100"),), False),
        "paid more than the charge": ((svd("110"), "CAS*OA*94*-10"), False),
        "split into two": ((svd("60"), "CAS*CO*45*10", svd("20"), "CAS*CO*45*10"), False),
        "one of two payers": ((svd("60"), "CAS*PR*2*40", svd("30", "OP2")), True),
    },
)
def test_payment_and_adjustments_of_a_line_make_its_charge(
    claim_type: ClaimType, paid: tuple[str, ...], fires: bool
) -> None:
    spec = claim(claim_type, payer(), line("100", *paid))
    found = answers(spec, "AMT06")
    assert [(severity, number) for severity, number, _ in found] == ([("warn", 1)] if fires else [])


@each_type
@each(
    ("amounts", "fires"),
    {
        "of the claim": (("CAS*PR*1*50", "AMT*D*100"), False),
        "of the claim, a cent off": (("CAS*PR*1*50.01", "AMT*D*100"), True),
        "not paid yet": ((), False),
        "denied": (("CAS*CO*29*150", "AMT*D*0"), False),
    },
)
def test_payment_and_adjustments_of_a_claim_make_its_total(
    claim_type: ClaimType, amounts: tuple[str, ...], fires: bool
) -> None:
    spec = claim(claim_type, payer(*amounts), line("100"), line("50"))
    assert answers(spec, "AMT06") == ([("warn", None, "AMT02")] if fires else [])


@each_type
def test_the_adjustments_of_the_lines_count_for_the_claim(claim_type: ClaimType) -> None:
    lines = line("100", svd("60"), "CAS*CO*45*40"), line("50", svd("50"))
    assert answers(claim(claim_type, payer("AMT*D*110"), *lines), "AMT06") == []
    assert answers(claim(claim_type, payer("AMT*D*111"), *lines), "AMT06") == [("warn", None, "AMT02")]


def test_a_claim_is_not_reported_beside_its_line() -> None:
    spec = claim("837P", payer("AMT*D*60"), line("100", svd("60")))
    assert answers(spec, "AMT06") == [("warn", 1, "SVD02")]
    assert severities(spec, "AMT06") == everywhere("warn")


def test_amounts_that_cannot_be_read_are_not_checked() -> None:
    spec = claim("837P", payer("AMT*D*X"), line("100"))
    assert answers(spec, "AMT06") == []
    assert reasons(spec, "AMT06") == ["an amount of another payer cannot be read"]


def test_payers_of_the_same_number_are_not_compared() -> None:
    two = payer("AMT*D*1") + payer("AMT*D*2")
    assert answers(claim("837P", two, line("100")), "AMT06") == []
