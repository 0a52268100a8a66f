"""Places of service of infused drugs."""

from datetime import date

import attrs
import pytest

from scrubber.reference.external import PLACES_OF_SERVICE
from scrubber.testing import (
    ClaimSpec,
    LineSpec,
    anifrolumab_claim,
    drug_line,
    infusion_claim,
    visit_claim,
    waste_claim,
    with_line,
)
from tests.edits.judging import answers, everywhere, loaded, reasons, row, scoped, severities
from tests.scrubbing import each

BY_PLACE = {
    "POS01": {"12": "warn"},
    "POS02": {"19": "warn", "22": "warn", "23": "warn"},
    "POS04": {"21": "warn", "31": "warn", "51": "warn", "61": "warn"},
    "POS07": {"02": "warn", "10": "warn"},
    "POS06": {"19": "info", "22": "info", "23": "info"},
}
"""Severity under Medicare fee-for-service by code and place."""

PLACES = ("02", "10", "11", "12", "19", "20", "21", "22", "23", "31", "32", "49", "51", "61")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("code", BY_PLACE)
@pytest.mark.parametrize("claim", [infusion_claim(), anifrolumab_claim()], ids=["J0490", "J0491"])
def test_severities_by_place_of_service(claim: ClaimSpec, code: str, place: str) -> None:
    severity = BY_PLACE[code].get(place)
    assert answers(attrs.evolve(claim, facility_code=place), code) == (
        [(severity, None, "CLM05-1")] if severity else []
    )


@pytest.mark.parametrize("code", BY_PLACE)
def test_the_lines_own_place_counts_before_the_claims(code: str) -> None:
    place, severity = next(iter(BY_PLACE[code].items()))
    elsewhere = with_line(infusion_claim(facility_code=place), 1, place_of_service="11")
    assert answers(elsewhere, code) == []
    here = with_line(infusion_claim(), 1, place_of_service=place)
    assert answers(here, code) == [(severity, 1, "SV105")]


@pytest.mark.parametrize("code", BY_PLACE)
def test_silent_without_the_drug_and_on_other_claims(code: str) -> None:
    place = next(iter(BY_PLACE[code]))
    assert answers(visit_claim(facility_code=place), code) == []
    assert answers(with_line(infusion_claim(), 2, place_of_service=place), code) == []
    assert answers(infusion_claim("837I", facility_code=place), code) == []


@pytest.mark.parametrize("code", BY_PLACE)
def test_one_finding_for_each_drug(code: str) -> None:
    place = next(iter(BY_PLACE[code]))
    assert len(answers(waste_claim(facility_code=place), code)) == 1
    both = infusion_claim(facility_code=place, lines=(drug_line(), drug_line("J0491", 300), LineSpec("96365")))
    assert len(answers(both, code)) == 2


def test_severity_by_scope() -> None:
    assert severities(infusion_claim(facility_code="12"), "POS01") == everywhere("warn")
    assert severities(infusion_claim(facility_code="22"), "POS02") == everywhere("warn")
    assert severities(infusion_claim(facility_code="21"), "POS04") == everywhere("warn")
    assert severities(infusion_claim(facility_code="22"), "POS06") == everywhere("info")


def test_home_infusion_that_is_coded_as_such_is_no_matter() -> None:
    lines = (drug_line(), LineSpec("S9359"))
    assert answers(infusion_claim(facility_code="12", filing="BL", lines=lines), "POS01") == []


LIST = loaded(PLACES_OF_SERVICE, row("11"), row("10", date(2022, 1, 1)), row("35", until=date(2020, 12, 31)))


@each(
    ("place", "day", "fires"),
    {
        "in the list": ("11", date(2026, 10, 5), False),
        "not in the list": ("00", date(2026, 10, 5), True),
        "the day it began": ("10", date(2022, 1, 1), False),
        "the day before": ("10", date(2021, 12, 31), True),
        "its last day": ("35", date(2020, 12, 31), False),
        "the day after": ("35", date(2021, 1, 1), True),
    },
)
def test_a_place_in_the_list(place: str, day: date, fires: bool) -> None:
    on_claim = visit_claim(facility_code=place, lines=(LineSpec("99213", dates=day),))
    assert answers(on_claim, "POS05", facts=LIST) == ([("reject", None, "CLM05-1")] if fires else [])
    on_line = visit_claim(lines=(LineSpec("99213", dates=day, place_of_service=place),))
    assert answers(on_line, "POS05", facts=LIST) == ([("reject", 1, "SV105")] if fires else [])


def test_the_list_is_for_every_payer_and_for_professional_claims() -> None:
    assert severities(visit_claim(facility_code="00"), "POS05", facts=LIST) == everywhere("reject")
    assert answers(visit_claim("837I", facility_code="13"), "POS05", facts=LIST) == []


def test_without_the_list_or_a_date() -> None:
    assert answers(visit_claim(facility_code="00"), "POS05") == [("warn", None, "CLM05-1")]
    undated = visit_claim(lines=(LineSpec("99213", dates=None),))
    assert reasons(undated, "POS05", facts=LIST) == ["the date of service is missing"]


@each(
    ("code", "place", "fires"),
    {
        "an infusion in an outpatient department": ("96413", "22", True),
        "off campus": ("96365", "19", True),
        "a push in an emergency room": ("96374", "23", True),
        "an injection of an inpatient": ("96372", "21", True),
        "in an office": ("96413", "11", False),
        "in a nursing facility": ("96372", "31", False),
        "a further hour by itself": ("96415", "22", False),
        "a visit of home infusion": ("99601", "22", False),
        "a visit": ("99214", "22", False),
    },
)
def test_the_hospital_bills_the_infusion(code: str, place: str, fires: bool) -> None:
    claim = infusion_claim(lines=(LineSpec(code),), facility_code=place)
    assert answers(claim, "POS08") == ([("warn", None, "CLM05-1")] if fires else [])
    if fires:
        assert severities(claim, "POS08") == scoped("warn", "info", None, None)
    elsewhere = infusion_claim(lines=(LineSpec(code, place_of_service=place),))
    assert answers(elsewhere, "POS08") == ([("warn", 1, "SV105")] if fires else [])
