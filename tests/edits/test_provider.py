"""NPIs, member ids and taxonomies."""

from datetime import date

import attrs
import pytest

from scrubber.reference.external import DEACTIVATED_NPIS
from scrubber.testing import (
    ATTENDING_NPI,
    BILLING,
    RENDERING_NPI,
    BillingProvider,
    ClaimSpec,
    ClaimType,
    GroupSpec,
    InterchangeSpec,
    LineSpec,
    TransactionSpec,
    infusion_claim,
    visit_claim,
    with_line,
    write,
)
from tests.edits.judging import answers, everywhere, judge, loaded, row, severities
from tests.scrubbing import each, each_type, engine, found, installed, scrub_text

GOOD = "1234567893"
BAD = {
    "check digit": "1234567890",
    "two digits swapped": "1234567839",
    "nine digits": "123456789",
    "eleven digits": "12345678930",
    "letters": "12345678AB",
    "superscript digit": "123456789\xb3",
    "spaces": "1234567893 ",
    "hyphen": "123456-7893",
}


@pytest.mark.parametrize("number", BAD.values(), ids=list(BAD))
def test_rendering_of_the_claim(number: str) -> None:
    assert answers(visit_claim(rendering_npi=number), "NPI01") == [("reject", None, "NM109")]


@each_type
def test_silent_on_npis_with_their_check_digit(claim_type: ClaimType) -> None:
    assert answers(infusion_claim(claim_type), "NPI01") == []
    assert answers(visit_claim(rendering_npi=GOOD), "NPI01") == []


PROFESSIONAL = {
    "referring": "NM1*DN*1*A*B****XX*",
    "primary care": "NM1*P3*1*A*B****XX*",
    "rendering": "NM1*82*1*A*B****XX*",
    "location": "NM1*77*2*A*****XX*",
    "supervising": "NM1*DQ*1*A*B****XX*",
}
INSTITUTIONAL = {
    "attending": "NM1*71*1*A*B****XX*",
    "operating": "NM1*72*1*A*B****XX*",
    "other operating": "NM1*ZZ*1*A*B****XX*",
    "rendering": "NM1*82*1*A*B****XX*",
    "location": "NM1*77*2*A*****XX*",
    "referring": "NM1*DN*1*A*B****XX*",
}
ON_LINE = {
    "837P": ("82", "QB", "77", "DQ", "DK", "DN", "P3"),
    "837I": ("72", "ZZ", "82", "DN"),
}


@pytest.mark.parametrize(
    ("claim_type", "name"),
    [("837P", name) for name in PROFESSIONAL.values()] + [("837I", name) for name in INSTITUTIONAL.values()],
)
def test_providers_of_the_claim(claim_type: ClaimType, name: str) -> None:
    claim = visit_claim(claim_type, loops=(f"{name}{BAD['check digit']}",))
    assert answers(claim, "NPI01") == [("reject", None, "NM109")]
    assert answers(attrs.evolve(claim, loops=(f"{name}{GOOD}",)), "NPI01") == []


@pytest.mark.parametrize(
    ("claim_type", "entity"), [(kind, entity) for kind, all_ in ON_LINE.items() for entity in all_]
)
def test_providers_of_a_line(claim_type: ClaimType, entity: str) -> None:
    claim = with_line(visit_claim(claim_type), 1, loops=(f"NM1*{entity}*1*A*B****XX*{BAD['check digit']}",))
    assert answers(claim, "NPI01") == [("reject", 1, "NM109")]


@each(
    ("name", "fires"),
    {
        "another qualifier": ("NM1*DN*1*A*B****MI*12", False),
        "no number": ("NM1*DN*1*A*B", False),
        "qualifier alone": ("NM1*DN*1*A*B****XX", True),
    },
)
def test_only_where_an_npi_is_given(name: str, fires: bool) -> None:
    assert bool(answers(visit_claim(loops=(name,)), "NPI01")) is fires


def test_providers_of_another_payer_are_not_ours() -> None:
    other_payer = ("SBR*S*18*******CI", "OI***Y***Y", f"NM1*82*1******XX*{BAD['check digit']}")
    assert answers(visit_claim(loops=other_payer), "NPI01") == []


def billed_by(claim: ClaimSpec, number: str) -> str:
    billing = BillingProvider("SAMPLE CENTER", number, "261QI0500X", "990000001")
    return write([InterchangeSpec((GroupSpec((TransactionSpec((claim, claim), billing=billing),)),))])


@each_type
def test_billing_provider(claim_type: ClaimType) -> None:
    claims, errors = scrub_text(billed_by(visit_claim(claim_type), BAD["check digit"]), engine("NPI01"))
    assert errors == []
    assert [found(scrubbed) for scrubbed in claims] == [[("NPI01", "reject", None, "NM109")]] * 2
    assert claims[0].findings[0].location.loop == "2010AA"
    assert "billing" in claims[0].findings[0].message
    claims, _ = scrub_text(billed_by(visit_claim(claim_type), GOOD), engine("NPI01"))
    assert [found(scrubbed) for scrubbed in claims] == [[], []]


def test_every_payer_and_voids() -> None:
    claim = visit_claim(rendering_npi=BAD["check digit"])
    assert severities(claim, "NPI01") == everywhere("reject")
    void = attrs.evolve(claim, frequency="8", payer_claim_control_number="ICN1")
    assert answers(void, "NPI01") != []


def test_the_number_is_not_shown() -> None:
    (scrubbed,) = judge([visit_claim(rendering_npi="1234567890")], "NPI01")
    assert "1234567890" not in scrubbed.findings[0].message + scrubbed.findings[0].fix


TYPED = ("NM1*82*1*A*B****XX*" + RENDERING_NPI, "PRV*PE*PXC*207RR0500X")


@each(
    ("loops", "fires"),
    {
        "with taxonomy": (TYPED, False),
        "without": (TYPED[:1], True),
        "of another provider": ((TYPED[0], "NM1*77*2*A*****XX*" + GOOD, "PRV*PE*PXC*207RR0500X"), True),
        "behind a reference": ((TYPED[0], "REF*G2*1", TYPED[1]), False),
        "no rendering provider": ((), False),
    },
)
def test_a_rendering_provider_without_a_taxonomy_code(loops: tuple[str, ...], fires: bool) -> None:
    claim = visit_claim(rendering_npi=None, loops=loops)
    assert answers(claim, "ENT01") == ([("info", None, "PRV03")] if fires else [])
    assert answers(visit_claim("837I", loops=loops), "ENT01") == []
    if fires:
        assert severities(claim, "ENT01") == everywhere("info")


@each_type
def test_a_missing_member_id_on_a_claim_with_an_infused_drug(claim_type: ClaimType) -> None:
    assert answers(visit_claim(claim_type, member_id=""), "ENT01") == [("info", None, "NM109")]
    assert answers(visit_claim(claim_type, lines=(LineSpec("99213"),)), "ENT01") == []


def with_billing(claim_type: ClaimType, **changes: str) -> str:
    """A file of one claim, with the billing provider's NPI, taxonomy or postal code changed."""
    text = write([InterchangeSpec((GroupSpec((TransactionSpec((visit_claim(claim_type),)),)),))])
    written = {
        "npi": {"837P": "XX*2000000010~", "837I": "XX*2000000051~"}[claim_type],
        "taxonomy": {"837P": "PXC*261QI0500X~", "837I": "PXC*282N00000X~"}[claim_type],
        "postal_code": "*432999998~",
    }
    for field, value in changes.items():
        old = written[field]
        assert text.count(old) == 1
        text = text.replace(old, f"{old[: old.index('*') + 1]}{value}~")
    return text


def found_in(text: str, code: str) -> list[tuple[str | None, str]]:
    (scrubbed,), _ = scrub_text(text, engine(code))
    return [(severity, element) for _, severity, _, element in found(scrubbed)]


NPIS = {
    "begins with 1": ("1234567893", None),
    "begins with 2": ("2000000010", None),
    "begins with 3": ("3333333334", "reject"),
    "begins with 9": ("9999999995", "reject"),
    "begins with 0": ("0000000006", "reject"),
    "one digit over and over": ("1111111112", "warn"),
    "check digit, which is for NPI01": ("9999999999", None),
}


@each_type
@each(("number", "severity"), NPIS)
def test_npis_that_were_never_given_out(claim_type: ClaimType, number: str, severity: str | None) -> None:
    expected = [(severity, "NM109")] if severity else []
    assert found_in(with_billing(claim_type, npi=number), "NPI02") == expected
    claim = visit_claim(claim_type, loops=(f"NM1*DN*1*A*B****XX*{number}",))
    assert answers(claim, "NPI02") == ([(severity, None, "NM109")] if severity else [])
    entity = "82" if claim_type == "837P" else "72"
    on_line = with_line(visit_claim(claim_type), 1, loops=(f"NM1*{entity}*1*A*B****XX*{number}",))
    assert answers(on_line, "NPI02") == ([(severity, 1, "NM109")] if severity else [])


TAXONOMIES = {
    "as listed": ("207RR0500X", None),
    "digits and X": ("2080000001", "warn"),
    "of an older list": ("203BA0200N", "warn"),
    "nine places": ("207RR0500", "reject"),
    "eleven places": ("207RR0500XX", "reject"),
    "in small letters": ("207rr0500x", "reject"),
    "a name": ("RHEUMATOLOGY", "reject"),
}


@each_type
@each(("code", "severity"), TAXONOMIES)
def test_shape_of_taxonomies(claim_type: ClaimType, code: str, severity: str | None) -> None:
    expected = [(severity, "PRV03")] if severity else []
    assert found_in(with_billing(claim_type, taxonomy=code), "TAX01") == expected
    written = "PRV*PE*PXC*207RR0500X" if claim_type == "837P" else "PRV*AT*PXC*207RR0500X"
    text = write([InterchangeSpec((GroupSpec((TransactionSpec((visit_claim(claim_type),)),)),))])
    assert found_in(text.replace(written, f"{written[:11]}{code}"), "TAX01") == expected


def test_taxonomy_of_a_line_s_provider() -> None:
    loops = ("NM1*82*1*A*B****XX*1234567893", "PRV*PE*PXC*207")
    claim = with_line(visit_claim(), 1, loops=loops)
    assert answers(claim, "TAX01") == [("reject", 1, "PRV03")]
    assert severities(claim, "TAX01") == everywhere("reject")


@each_type
@each(
    ("code", "fires"),
    {
        "nine digits": ("432999998", False),
        "five digits": ("43299", True),
        "four zeros behind": ("432990000", True),
        "with a hyphen": ("43299-9998", True),
        "eight digits": ("43299999", True),
        "none, which is the guide's to say": ("", False),
        "abroad": ("M5V2T6*CA", False),
        "United States named": ("43299*US", True),
    },
)
def test_postal_code_of_the_billing_provider(claim_type: ClaimType, code: str, fires: bool) -> None:
    assert found_in(with_billing(claim_type, postal_code=code), "ZIP01") == ([("warn", "N403")] if fires else [])


@each_type
@each(
    ("since", "until", "fires"),
    {
        "before the service": (date(2026, 10, 5), None, True),
        "after the service": (date(2026, 10, 6), None, False),
        "taken up again before": (date(2020, 1, 1), date(2026, 10, 4), False),
    },
)
def test_deactivated_npis(claim_type: ClaimType, since: date, until: date | None, fires: bool) -> None:
    own = {"837P": RENDERING_NPI, "837I": ATTENDING_NPI}[claim_type]
    claim = visit_claim(claim_type)
    assert answers(claim, "NPI03", facts=loaded(DEACTIVATED_NPIS, row(own, since, until))) == (
        [("warn", None, "NM109")] if fires else []
    )
    billing = loaded(DEACTIVATED_NPIS, row(BILLING[claim_type].npi, since, until))
    assert answers(claim, "NPI03", facts=billing) == ([("warn", None, "NM109")] if fires else [])


def test_without_the_list_deactivated_npis_are_not_known() -> None:
    assert answers(visit_claim(), "NPI03") == []
    assert severities(visit_claim(), "NPI03", facts=loaded(DEACTIVATED_NPIS, row(RENDERING_NPI))) == everywhere("warn")


@each(("code", "carc"), {"by its form": ("NPI01", "207"), "never given": ("NPI02", "208"), "gone": ("NPI03", "208")})
def test_a_wrong_npi_is_not_denied_as_a_missing_one(code: str, carc: str) -> None:
    assert installed()[code].carc == carc
