"""The builder's files are valid by pyx12 and have the described values."""

import io
from datetime import date
from decimal import Decimal

import attrs
import pytest

from scrubber.claims.model import Claim
from scrubber.claims.reader import read_claims
from scrubber.testing import (
    AUTOINJECTOR,
    BENLYSTA_120,
    OTHER_RENDERING_NPI,
    ClaimSpec,
    ClaimType,
    DelimiterSpec,
    GroupSpec,
    InterchangeSpec,
    LineSpec,
    TransactionSpec,
    adding,
    anifrolumab_claim,
    build,
    drug_line,
    infusion_claim,
    npi,
    numbered,
    visit_claim,
    waste_claim,
    with_all_lines,
    with_line,
    without_line,
    write,
)
from tests.conformance.oracle import faults

TYPES: tuple[ClaimType, ...] = ("837P", "837I")
each_type = pytest.mark.parametrize("claim_type", TYPES)


def read(text: str) -> list[Claim]:
    claims = read_claims(io.BytesIO(text.encode("ascii")))
    found = list(claims)
    assert claims.errors == []
    return found


def read_one(claim: ClaimSpec) -> Claim:
    return read(build([claim]))[0]


def varied(claim_type: ClaimType) -> list[ClaimSpec]:
    """A claim for each thing that a description can say."""
    base = infusion_claim(claim_type)
    child = attrs.evolve(base, dependent=True, birth_date=date(2014, 2, 3), filing="CI")
    return [
        base,
        waste_claim(claim_type),
        anifrolumab_claim(claim_type, filing="16"),
        visit_claim(claim_type, filing="BL", payer_name="ANOTHER PAYER", payer_id="AP1"),
        child,
        attrs.evolve(child, subscriber_birth_date=date(1980, 1, 1), weight=88, relationship="G8"),
        attrs.evolve(base, weight=Decimal("176.4"), note="A NOTE", clearinghouse_id="CH1", member_id="ABC1"),
        attrs.evolve(base, frequency="7", payer_claim_control_number="ICN1", prior_authorization=None),
        attrs.evolve(base, diagnoses=("M3214", *(f"Z798{n}" for n in (1, 2, 3, 4, 5, 90, 91, 99)))),
        attrs.evolve(base, extra=("REF*EA*REC1",), loops=("NM1*DN*1*REFERRER*RITA****XX*" + npi("200000009"),)),
        with_line(base, 1, dates=(date(2026, 10, 5), date(2026, 10, 6)), description="BELIMUMAB 120 MG"),
        with_line(base, 1, modifiers=("JZ", "TB", "KX", "XE"), rendering_npi=OTHER_RENDERING_NPI),
        numbered(with_line(base, 2, pointers=(1, 2))),
        attrs.evolve(base, facility_code="13" if claim_type == "837I" else "49"),
    ]


@each_type
def test_pyx12_accepts_each_kind_of_claim(claim_type: ClaimType) -> None:
    assert faults(build(varied(claim_type))) == []


@each_type
def test_pyx12_sees_what_is_wrong(claim_type: ClaimType) -> None:
    claim = attrs.evolve(infusion_claim(claim_type), facility_code="")
    assert faults(build([claim]))


@pytest.mark.parametrize(
    ("delimiters", "eol"),
    [
        (None, ""),
        (None, "\r\n"),
        (DelimiterSpec("|", ">", "!", "\n"), ""),
        (DelimiterSpec("=", "<", "+", "'"), ""),
    ],
)
def test_any_delimiters_and_line_ends(delimiters: DelimiterSpec | None, eol: str) -> None:
    text = build(varied("837P"), delimiters=delimiters, eol=eol)
    assert faults(text) == []
    assert [claim.total_charge for claim in read(text)] == [claim.total_charge for claim in read(build(varied("837P")))]


def test_several_interchanges_groups_and_transactions() -> None:
    groups = [
        GroupSpec(
            tuple(TransactionSpec((infusion_claim(kind), visit_claim(kind)), f"{place:04}") for place in (1, 2)),
            str(number),
            date(2026, 1, number),
        )
        for number, kind in enumerate(TYPES, 1)
    ]
    text = write(
        InterchangeSpec(tuple(groups), f"{number:09}", delimiters)
        for number, delimiters in enumerate((DelimiterSpec(), DelimiterSpec("|", ">", "!", "\r")), 1)
    )
    claims = read(text)
    assert [(claim.type, claim.context.file_date, claim.context.transaction_control) for claim in claims[:8:2]] == [
        ("837P", "20260101", "0001"),
        ("837P", "20260101", "0002"),
        ("837I", "20260102", "0001"),
        ("837I", "20260102", "0002"),
    ]
    assert len(claims) == 16


def test_both_types_in_one_file() -> None:
    text = build([infusion_claim("837P"), infusion_claim("837I")], per_transaction=1)
    assert faults(text) == []
    assert [claim.type for claim in read(text)] == ["837P", "837I"]


@each_type
def test_a_built_claim_has_the_described_values(claim_type: ClaimType) -> None:
    claim = read_one(numbered(waste_claim(claim_type, "C-9", filing="MC", birth_date=date(1990, 5, 6))))
    given, discarded, infusion = claim.lines
    assert (claim.claim_id, claim.filing_indicator, claim.patient_birth_date) == ("C-9", "MC", date(1990, 5, 6))
    assert claim.total_charge == Decimal(72 * 60 + 180)
    assert [diagnosis.code for diagnosis in claim.diagnoses] == ["M3219", "Z79899"]
    assert (given.procedure, given.modifiers, given.units) == ("J0490", [], Decimal(69))
    assert (discarded.procedure, discarded.modifiers, discarded.units) == ("J0490", ["JW"], Decimal(3))
    assert (given.ndc, given.ndc_quantity, given.ndc_unit) == (BENLYSTA_120, Decimal("5.75"), "UN")
    assert discarded.ndc_quantity == Decimal("0.25")
    assert (infusion.procedure, infusion.control_number, infusion.service_date) == ("96365", "C-9L3", date(2026, 10, 5))
    assert [line.revenue_code for line in claim.lines] == (
        ["0636", "0636", "0260"] if claim_type == "837I" else ["", "", ""]
    )
    assert claim.text("prior_authorization")


@each_type
def test_a_dependent_is_the_patient(claim_type: ClaimType) -> None:
    claim = read_one(
        infusion_claim(
            claim_type, dependent=True, birth_date=date(2015, 1, 2), subscriber_birth_date=date(1985, 3, 4), filing="CI"
        )
    )
    assert claim.context.patient is not None
    assert claim.context.subscriber is not None
    assert claim.patient_birth_date == date(2015, 1, 2)
    assert claim.context.subscriber.birth_date == date(1985, 3, 4)


def test_an_837i_line_without_a_date_takes_the_statement_dates() -> None:
    period = (date(2026, 10, 1), date(2026, 10, 3))
    claim = read_one(with_all_lines(infusion_claim("837I", statement_dates=period), dates=None))
    assert claim.lines[0].own_dates is None
    assert claim.service_dates == [period[0]]


def test_one_thing_of_a_claim_can_be_changed() -> None:
    base = infusion_claim()
    assert with_line(base, 1, modifiers=("JW",)).lines[0].modifiers == ("JW",)
    assert without_line(base, 1).lines == base.lines[1:]
    assert adding(base, LineSpec("96366")).lines[2].procedure == "96366"
    line = drug_line(ndc=AUTOINJECTOR, ndc_quantity="x")
    assert (line.ndc, line.ndc_quantity, line.ndc_unit) == (AUTOINJECTOR, "x", "UN")


def test_malformed_values_are_written_as_they_stand() -> None:
    claim = attrs.evolve(with_line(infusion_claim(), 1, units="8O", charge="free"), birth_date="unknown")
    text = build([claim])
    assert "SV1*HC:J0490:JZ*free*UN*8O***1~" in text
    assert "DMG*D8*unknown*F~" in text


def test_patients_differ() -> None:
    claims = read(build([infusion_claim(claim_id=f"C{n}") for n in range(300)]))
    patients = {claim.patient.text("member_id") for claim in claims if claim.patient}
    assert len(patients) == 300


def test_npi_has_its_check_digit() -> None:
    assert npi("123456789") == "1234567893"
