"""Modifiers of visits on the day of an infusion, of 340B drugs, of routes; modifiers twice or unknown."""

from datetime import date
from typing import Any

import attrs
import pytest

from scrubber.reference import Facts
from scrubber.reference.external import MODIFIERS, ROUTE_MODIFIERS
from scrubber.testing import (
    OTHER_RENDERING_NPI,
    ClaimSpec,
    ClaimType,
    LineSpec,
    drug_line,
    infusion_claim,
    visit_claim,
    with_line,
)
from tests.edits.judging import answers, everywhere, judge, loaded, reasons, row, scoped, severities
from tests.scrubbing import each, each_type

NEXT_DAY = date(2026, 10, 6)
DRUG, INFUSION = drug_line(), LineSpec("96365")
J3490 = LineSpec("J3490", description="INVENTAMAB 500 MG")


def of(claim_type: ClaimType, *lines: LineSpec, **changes: Any) -> ClaimSpec:
    return infusion_claim(claim_type, lines=lines, **changes)


def modifier(claim_type: ClaimType, number: int) -> str:
    return f"{'SV101' if claim_type == '837P' else 'SV202'}-{number + 2}"


VISITS = {
    "office visit": ("99213", True),
    "new patient": ("99204", True),
    "hospital visit": ("99232", True),
    "first of the codes": ("99202", True),
    "last of the codes": ("99215", True),
    "by staff (MOD02)": ("99211", False),
    "no visit": ("71046", False),
}


@each_type
@each(("procedure", "fires"), VISITS)
def test_visit_without_25(claim_type: ClaimType, procedure: str, fires: bool) -> None:
    claim = of(claim_type, DRUG, INFUSION, LineSpec(procedure, revenue_code="0510"))
    assert answers(claim, "MOD01") == ([("reject", 3, modifier(claim_type, 1))] if fires else [])


@each_type
@each(
    ("lines", "fires"),
    {
        "with 25": ((DRUG, INFUSION, LineSpec("99213", ("25",))), False),
        "with 25 in the second place": ((DRUG, INFUSION, LineSpec("99213", ("GC", "25"))), False),
        "with 27, which does not say separate": ((DRUG, INFUSION, LineSpec("99213", ("27",))), True),
        "with another modifier": ((DRUG, INFUSION, LineSpec("99213", ("GC",))), True),
        "on another day": ((DRUG, INFUSION, LineSpec("99213", dates=NEXT_DAY)), False),
        "without an infusion": ((DRUG, LineSpec("99213")), False),
        "without a drug": ((INFUSION, LineSpec("99213")), True),
        "an injection without a drug of the tables": ((LineSpec("96372"), LineSpec("99213")), True),
        "no administration at all": ((LineSpec("J3420"), LineSpec("99213")), False),
        "unclassified drug": ((J3490, LineSpec("96372"), LineSpec("99213")), True),
        "complex infusion": ((DRUG, LineSpec("96413"), LineSpec("99213")), True),
    },
)
def test_visit_with_an_infusion(claim_type: ClaimType, lines: tuple[LineSpec, ...], fires: bool) -> None:
    claim = of(claim_type, *lines)
    assert bool(answers(claim, "MOD01")) is fires
    staff = attrs.evolve(lines[-1], procedure="99211")
    expected = fires or "25" in staff.modifiers
    assert bool(answers(of(claim_type, *lines[:-1], staff), "MOD02")) is expected
    assert answers(of(claim_type, *lines[:-1], staff), "MOD01") == []


@each_type
@pytest.mark.parametrize("code", ["MOD01", "MOD02"])
def test_with_an_injection_of_another_drug_it_is_a_warning(claim_type: ClaimType, code: str) -> None:
    visit = LineSpec({"MOD01": "99213", "MOD02": "99211"}[code])
    claim = of(claim_type, LineSpec("J3420"), LineSpec("96372"), visit)
    assert severities(claim, code) == everywhere("warn")
    assert severities(of(claim_type, DRUG, LineSpec("96372"), visit), code) == scoped("reject", "warn", "warn", "warn")
    later = attrs.evolve(visit, dates=NEXT_DAY)
    assert answers(of(claim_type, LineSpec("J3420"), LineSpec("96372"), later), code) == []


@each(
    ("taxonomy", "severity"),
    {
        "another specialty": ("207Q00000X", "info"),
        "the same specialty": ("207RR0500X", "warn"),
        "a nurse practitioner": ("363LF0000X", "warn"),
        "not given": ("", "warn"),
    },
)
def test_a_partner_of_another_specialty_is_another_physician(taxonomy: str, severity: str) -> None:
    name = f"NM1*82*1*OAKENSHIRE*PAUL****XX*{OTHER_RENDERING_NPI}"
    partner = (name, f"PRV*PE*PXC*{taxonomy}") if taxonomy else (name,)
    claim = of("837P", DRUG, INFUSION, LineSpec("99213", loops=partner))
    assert [found[0] for found in answers(claim, "MOD01")] == [severity]


def test_visit_of_another_provider() -> None:
    """One of the group counts as the same physician unless the specialties differ, which the claim does not say."""
    visit = LineSpec("99213", rendering_npi=OTHER_RENDERING_NPI)
    assert answers(of("837P", DRUG, INFUSION, visit), "MOD01") == [("warn", 3, "SV101-3")]
    staff = attrs.evolve(visit, procedure="99211")
    assert answers(of("837P", DRUG, INFUSION, staff), "MOD02") == [("warn", 3, "SV101-2")]


@pytest.mark.parametrize("procedure", ["G0463", "99281", "99285", "G0380"])
def test_clinic_and_emergency_visits_of_a_hospital(procedure: str) -> None:
    visit = LineSpec(procedure, revenue_code="0510")
    assert answers(of("837I", DRUG, INFUSION, visit), "MOD01") == [("reject", 3, "SV202-3")]
    assert answers(of("837I", DRUG, INFUSION, attrs.evolve(visit, modifiers=("25",))), "MOD01") == []
    assert answers(of("837I", DRUG, INFUSION, visit, facility_code="11"), "MOD01") == []
    assert answers(of("837P", DRUG, INFUSION, visit), "MOD01") == []


@each(
    ("claim_type", "procedure"),
    {
        "critical care in a hospital": ("837I", "99291"),
        "preventive visit of a new patient": ("837P", "99385"),
        "preventive visit": ("837P", "99396"),
    },
)
def test_other_visits_without_25_are_a_warning(claim_type: ClaimType, procedure: str) -> None:
    visit = LineSpec(procedure, revenue_code="0510")
    assert severities(of(claim_type, DRUG, INFUSION, visit), "MOD01") == everywhere("warn")
    assert answers(of(claim_type, DRUG, INFUSION, attrs.evolve(visit, modifiers=("25",))), "MOD01") == []


def test_critical_care_by_a_physician_needs_no_25() -> None:
    assert answers(of("837P", DRUG, INFUSION, LineSpec("99291")), "MOD01") == []


@each_type
def test_visits_by_scope(claim_type: ClaimType) -> None:
    scopes = scoped("reject", "warn", "warn", "warn")
    assert severities(of(claim_type, DRUG, INFUSION, LineSpec("99213")), "MOD01") == scopes
    staff = of(claim_type, DRUG, INFUSION, LineSpec("99211", revenue_code="0510"))
    assert severities(staff, "MOD02") == scopes
    assert answers(staff, "MOD02") == [("reject", 3, modifier(claim_type, 0))]


@pytest.mark.parametrize(("code", "procedure"), [("MOD01", "99213"), ("MOD02", "99211")])
def test_visit_on_an_unknown_day(code: str, procedure: str) -> None:
    undated = [attrs.evolve(line, dates=None) for line in (DRUG, INFUSION, LineSpec(procedure))]
    claim = of("837I", *undated, statement_dates=(date(2026, 10, 5), NEXT_DAY))
    assert answers(claim, code) == []
    assert "the day of the visit is not known" in reasons(claim, code)[0]
    one_day = attrs.evolve(claim, statement_dates=(NEXT_DAY, NEXT_DAY))
    assert len(answers(one_day, code)) == 1


@each_type
@each(
    ("modifiers", "day", "place"),
    {
        "JG on its last day": (("JG", "JZ"), date(2024, 12, 31), None),
        "JG on the day after": (("JG", "JZ"), date(2025, 1, 1), 1),
        "JG in the second place": (("JZ", "JG"), date(2025, 1, 1), 2),
        "JG and TB before": (("TB", "JG"), date(2024, 12, 31), 2),
        "JG and TB after": (("TB", "JG"), date(2025, 1, 1), 2),
        "TB": (("TB", "JZ"), date(2025, 1, 1), None),
        "neither": (("JZ",), date(2025, 1, 1), None),
    },
)
def test_a_modifier_for_drugs_at_the_340b_price(
    claim_type: ClaimType, modifiers: tuple[str, ...], day: date, place: int | None
) -> None:
    claim = of(claim_type, attrs.evolve(DRUG, modifiers=modifiers, dates=day))
    assert answers(claim, "MOD03") == ([("warn", 1, modifier(claim_type, place))] if place else [])


def test_340b_by_scope_and_drug() -> None:
    assert severities(with_line(infusion_claim(), 1, modifiers=("JG",)), "MOD03") == everywhere("warn")
    assert answers(of("837P", attrs.evolve(J3490, modifiers=("JG",)), INFUSION), "MOD03") != []
    assert answers(visit_claim(lines=(LineSpec("J1885", ("JG",)),)), "MOD03") == []
    assert reasons(of("837P", attrs.evolve(DRUG, modifiers=("JG",), dates=None)), "MOD03") != []


ROUTES = loaded(ROUTE_MODIFIERS, row("J0490", date(2026, 1, 1)))


@each_type
@each(
    ("modifiers", "day", "fires"),
    {
        "no route": (("JZ",), date(2026, 1, 1), True),
        "before the list": (("JZ",), date(2025, 12, 31), False),
        "JA": (("JZ", "JA"), date(2026, 1, 1), False),
        "JB": (("JB",), date(2026, 1, 1), False),
    },
)
def test_a_drug_with_several_routes_needs_a_modifier_for_its_route(
    claim_type: ClaimType, modifiers: tuple[str, ...], day: date, fires: bool
) -> None:
    claim = of(claim_type, attrs.evolve(DRUG, modifiers=modifiers, dates=day))
    assert answers(claim, "MOD04", facts=ROUTES) == ([("info", 1, modifier(claim_type, 1))] if fires else [])


def test_route_by_scope_drug_and_table() -> None:
    assert severities(infusion_claim(), "MOD04", facts=ROUTES) == scoped("info", None, None, None)
    assert answers(of("837P", drug_line("J0491", 300)), "MOD04", facts=ROUTES) == []
    assert judge([infusion_claim()], "MOD04")[0].findings == ()
    assert reasons(of("837P", attrs.evolve(DRUG, dates=None)), "MOD04", facts=ROUTES) == [
        "the date of service is missing"
    ]


@each_type
@each(
    ("modifiers", "places"),
    {
        "none": ((), []),
        "different": (("25", "GC"), []),
        "twice": (("25", "25"), [2]),
        "twice with another between": (("25", "GC", "25"), [3]),
        "thrice": (("25", "25", "25"), [2, 3]),
        "with an empty place": (("25", "", "25"), [3]),
        "two of them": (("25", "GC", "25", "GC"), [3, 4]),
    },
)
def test_a_modifier_that_stands_twice_on_a_line(
    claim_type: ClaimType, modifiers: tuple[str, ...], places: list[int]
) -> None:
    claim = visit_claim(claim_type, lines=(LineSpec("99213", modifiers, revenue_code="0510"),))
    assert answers(claim, "MOD05") == [("reject", 1, modifier(claim_type, place)) for place in places]
    if places:
        assert severities(claim, "MOD05") == scoped("reject", "warn", "warn", "warn")


KNOWN = loaded(MODIFIERS, row("25"), row("JG", date(2018, 1, 1), date(2024, 12, 31)))


@each_type
@each(
    ("modifiers", "day", "places"),
    {
        "known": (("25",), date(2026, 10, 5), []),
        "unknown": (("25", "QX"), date(2026, 10, 5), [2]),
        "its last day": (("JG",), date(2024, 12, 31), []),
        "the day after": (("JG",), date(2025, 1, 1), [1]),
        "before its first day": (("JG",), date(2017, 12, 31), [1]),
    },
)
def test_a_modifier_that_is_not_in_force(
    claim_type: ClaimType, modifiers: tuple[str, ...], day: date, places: list[int]
) -> None:
    claim = visit_claim(claim_type, lines=(LineSpec("99213", modifiers, dates=day, revenue_code="0510"),))
    expected = [("reject", 1, modifier(claim_type, place)) for place in places]
    assert answers(claim, "MOD05", facts=KNOWN) == expected
    assert answers(claim, "MOD05", facts=attrs.evolve(KNOWN, tables={})) == []


@each_type
@each(
    ("modifiers", "day", "severities_"),
    {
        "known": (("25", "JZ"), date(2026, 10, 5), []),
        "not among the shipped ones": (("QI",), date(2026, 10, 5), ["warn"]),
        "its last day": (("JG",), date(2024, 12, 31), []),
        "the day after, which is not sure": (("JG",), date(2025, 1, 1), ["warn"]),
        "before its first day": (("JZ",), date(2022, 12, 31), ["reject"]),
        "a first day that is not sure": (("95",), date(2016, 12, 31), ["warn"]),
    },
)
def test_the_shipped_list(claim_type: ClaimType, modifiers: tuple[str, ...], day: date, severities_: list[str]) -> None:
    claim = visit_claim(claim_type, lines=(LineSpec("99213", modifiers, dates=day, revenue_code="0510"),))
    assert [severity for severity, _, _ in answers(claim, "MOD05")] == severities_


@each_type
@each(
    ("modifier_", "day", "code"),
    {"JG after its end": ("JG", date(2025, 1, 1), "MOD03"), "JZ before its time": ("JZ", date(2022, 12, 31), "JWJZ10")},
)
def test_the_dates_of_modifiers_of_drugs_have_edits_of_their_own(
    claim_type: ClaimType, modifier_: str, day: date, code: str
) -> None:
    claim = of(claim_type, attrs.evolve(DRUG, modifiers=(modifier_,), dates=day), INFUSION)
    assert answers(claim, "MOD05") == []
    assert len(answers(claim, code)) == 1


def test_the_places_of_an_ambulance_ride_are_no_modifiers() -> None:
    for procedure, found in {"A0427": [], "99213": ["warn"]}.items():
        claim = visit_claim(lines=(LineSpec(procedure, ("RH",)),))
        assert [severity for severity, _, _ in answers(claim, "MOD05")] == found


LEVEL_2 = loaded(MODIFIERS, row("JG", date(2018, 1, 1), date(2024, 12, 31)), row("JZ"))


@each(
    ("facts", "modifier_", "severity"),
    {
        "a list without CPT modifiers": (LEVEL_2, "59", None),
        "measures, in such a list": (LEVEL_2, "8P", None),
        "an unknown letter, in such a list": (LEVEL_2, "QX", "reject"),
        "a list with CPT modifiers": (KNOWN, "59", "warn"),
    },
)
def test_cpt_modifiers_are_in_no_public_file(facts: Facts, modifier_: str, severity: str | None) -> None:
    claim = visit_claim(lines=(LineSpec("99213", (modifier_,)),))
    assert [found for found, _, _ in answers(claim, "MOD05", facts=facts)] == ([severity] if severity else [])


def test_an_ended_modifier_is_reported_with_its_last_day() -> None:
    claim = visit_claim(lines=(LineSpec("99213", ("JG",), dates=date(2026, 10, 5)),))
    (scrubbed,) = judge([claim], "MOD05", facts=LEVEL_2)
    assert [item.message for item in scrubbed.findings] == ["JG ended on 2024-12-31"]


def test_the_list_of_routes_holds_for_every_drug_in_it() -> None:
    facts = loaded(ROUTE_MODIFIERS, row("J9998"))
    assert len(answers(of("837P", LineSpec("J9998", ("JZ",))), "MOD04", facts=facts)) == 1
    assert answers(of("837P", LineSpec("J9998", ("JZ", "JB"))), "MOD04", facts=facts) == []


def test_unknown_needs_a_date() -> None:
    claim = visit_claim(lines=(LineSpec("99213", ("25",), dates=None),))
    assert reasons(claim, "MOD05", facts=KNOWN) == ["the date of service is missing"]
    assert reasons(claim, "MOD05") == []


EYE_INJECTION = LineSpec("67028", modifiers=("RT",))
EYE_DRUG = LineSpec("J0178", ("RT", "JZ"), 2)


@each(
    ("visit", "severity"),
    {
        "eye examination": (LineSpec("92014"), "warn"),
        "with 25": (LineSpec("92014", modifiers=("25",)), None),
        "office visit": (LineSpec("99213"), "warn"),
        "another day": (LineSpec("92014", dates=NEXT_DAY), None),
    },
)
def test_a_visit_with_an_injection_into_the_eye(visit: LineSpec, severity: str | None) -> None:
    claim = of("837P", EYE_DRUG, EYE_INJECTION, visit)
    assert [grade for grade, _, _ in answers(claim, "MOD01")] == ([severity] if severity else [])


def test_an_eye_examination_without_an_injection_into_the_eye() -> None:
    assert answers(of("837P", DRUG, INFUSION, LineSpec("92014")), "MOD01") == []


@each_type
@each(
    ("line", "fires"),
    {
        "infused drug": (drug_line(modifiers=("JB", "JZ")), True),
        "given into a vein": (drug_line(modifiers=("JA", "JZ")), False),
        "drug with both routes": (LineSpec("J0129", ("JB",), 25), False),
        "drug that is injected": (LineSpec("J0897", ("JB",), 60), False),
        "drug that is only injected, as if into a vein": (LineSpec("J2357", ("JA",), 60), True),
        "drug for the eye": (LineSpec("J0178", ("JA",), 2), False),
        "unknown drug": (LineSpec("J0221", ("JB",), 60), False),
    },
)
def test_the_route_of_the_modifier_is_one_of_the_drug(claim_type: ClaimType, line: LineSpec, fires: bool) -> None:
    claim = of(claim_type, line, INFUSION)
    assert answers(claim, "MOD06") == ([("warn", 1, modifier(claim_type, 1))] if fires else [])
    if fires:
        assert severities(claim, "MOD06") == everywhere("warn")
