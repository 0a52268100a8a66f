"""The diagnoses that a drug is billed for: lupus of each kind, and the labels of the drugs."""

from typing import Any

import attrs
import pytest

from scrubber.testing import (
    ClaimSpec,
    ClaimType,
    LineSpec,
    anifrolumab_claim,
    drug_line,
    infusion_claim,
    visit_claim,
    with_line,
)
from tests.edits.infusions import INFUSION, belimumab
from tests.scrubbing import SCOPES, assert_finds, each, each_type

INDUCED = "M320"
SLE = ("M3210", "M3211", "M3212", "M3213", "M3214", "M3215", "M3219", "M328", "M329")


def pointing(*pointers: int | str, diagnoses: tuple[str, ...], **changes: Any) -> ClaimSpec:
    lines = (drug_line(pointers=pointers), INFUSION)
    return infusion_claim("837P", lines=lines, diagnoses=diagnoses, **changes)


@each(
    ("claim", "place"),
    {
        "no M32.0": (pointing(1, diagnoses=("M3219",)), None),
        "only M32.0": (pointing(1, diagnoses=(INDUCED,)), "pointer 1"),
        "M32.0 with its drug": (pointing(1, 2, diagnoses=(INDUCED, "T465X5A")), "pointer 1"),
        "M32.0 second": (pointing(1, 2, diagnoses=("Z79899", INDUCED)), "pointer 2"),
        "M32.0 is not pointed to": (pointing(1, diagnoses=("M3219", INDUCED)), None),
        "lupus is there but not pointed to": (pointing(2, diagnoses=("M3219", INDUCED)), "pointer 1"),
        "both pointed to is DX12": (pointing(1, 2, diagnoses=("M3219", INDUCED)), None),
        "a pointer to nothing": (pointing(9, diagnoses=(INDUCED,)), None),
        "a pointer that is no number": (pointing("A", diagnoses=(INDUCED,)), None),
    },
)
def test_on_an_837p_the_diagnoses_pointed_to_count(claim: ClaimSpec, place: str | None) -> None:
    assert_finds(claim, "DX01", *([("reject", 1, place)] if place else []))


@each(
    ("diagnoses", "place"),
    {
        "no M32.0": (("M3219",), None),
        "principal": ((INDUCED, "Z79899"), "diagnosis 1"),
        "other": (("Z79899", INDUCED), "diagnosis 2"),
        "third": (("Z79899", "R809", INDUCED), "diagnosis 3"),
        "beside lupus is DX12": ((INDUCED, "M3214"), None),
        "admitting only": (("Z79899", f"ABJ:{INDUCED}"), None),
    },
)
def test_on_an_837i_all_diagnoses_count(diagnoses: tuple[str, ...], place: str | None) -> None:
    claim = infusion_claim("837I", diagnoses=diagnoses)
    assert_finds(claim, "DX01", *([("reject", None, place)] if place else []))


def test_an_837i_with_two_drug_lines_reports_its_diagnosis_once() -> None:
    claim = infusion_claim("837I", lines=(drug_line(units=40), drug_line(units=12)), diagnoses=(INDUCED,))
    assert_finds(claim, "DX01", ("reject", None, "diagnosis 1"))


def test_an_837p_reports_it_on_each_line() -> None:
    claim = infusion_claim("837P", lines=(drug_line(units=40), drug_line(units=12)), diagnoses=(INDUCED,))
    assert_finds(claim, "DX01", ("reject", 1, "pointer 1"), ("reject", 2, "pointer 1"))


@each_type
@pytest.mark.parametrize("lupus", SLE)
def test_every_code_of_systemic_lupus_silences_dx01(claim_type: ClaimType, lupus: str) -> None:
    claim = infusion_claim(claim_type, lines=(drug_line(pointers=(1, 2)), INFUSION), diagnoses=(INDUCED, lupus))
    assert_finds(claim, "DX01")


@each_type
@pytest.mark.parametrize("header", ["M32", "M321", "N059", "L930"])
def test_what_is_no_code_of_systemic_lupus_does_not_silence_it(claim_type: ClaimType, header: str) -> None:
    place = (1, "pointer 1") if claim_type == "837P" else (None, "diagnosis 1")
    claim = infusion_claim(claim_type, lines=(drug_line(pointers=(1, 2)), INFUSION), diagnoses=(INDUCED, header))
    assert_finds(claim, "DX01", ("reject", *place))


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_drug_induced_lupus_is_rejected_for_every_payer(claim_type: ClaimType, scope: str) -> None:
    place = (1, "pointer 1") if claim_type == "837P" else (None, "diagnosis 1")
    claim = infusion_claim(claim_type, diagnoses=(INDUCED,), filing=SCOPES[scope])
    assert_finds(claim, "DX01", ("reject", *place))


@each_type
def test_it_is_about_lupus_drugs(claim_type: ClaimType) -> None:
    place = (1, "pointer 1") if claim_type == "837P" else (None, "diagnosis 1")
    anifrolumab = anifrolumab_claim(claim_type, diagnoses=(INDUCED,))
    assert_finds(anifrolumab, "DX01", ("reject", *place))
    assert_finds(attrs.evolve(anifrolumab, filing="MC"), "DX01", ("warn", *place))
    infliximab = infusion_claim(claim_type, diagnoses=(INDUCED,), lines=(LineSpec("J1745", ("JZ",), 40),))
    assert_finds(infliximab, "DX01")
    assert_finds(visit_claim(claim_type, diagnoses=(INDUCED,)), "DX01")


@each_type
@each(
    ("diagnoses", "place"),
    {
        "lupus alone": (("M3219", "Z79899"), None),
        "drug-induced alone": ((INDUCED, "Z79899"), None),
        "both": (("M3219", INDUCED), "diagnosis 2"),
        "both, drug-induced first": ((INDUCED, "M329"), "diagnosis 1"),
        "beside a header of M32": ((INDUCED, "M321"), "diagnosis 1"),
        "with others between": (("M3214", "R809", "N189", INDUCED), "diagnosis 4"),
    },
)
def test_drug_induced_with_systemic_lupus(claim_type: ClaimType, diagnoses: tuple[str, ...], place: str | None) -> None:
    for build_claim in (infusion_claim, anifrolumab_claim):
        claim = build_claim(claim_type, diagnoses=diagnoses)
        assert_finds(claim, "DX12", *([("warn", None, place)] if place else []))


@each_type
@pytest.mark.parametrize("scope", SCOPES)
def test_it_is_a_warning_for_every_payer(claim_type: ClaimType, scope: str) -> None:
    claim = infusion_claim(claim_type, diagnoses=("M3219", INDUCED), filing=SCOPES[scope])
    assert_finds(claim, "DX12", ("warn", None, "diagnosis 2"))


@each_type
@pytest.mark.parametrize("code", ["DX01", "DX12"])
def test_voids_and_claims_without_lupus_drugs_are_left_alone(claim_type: ClaimType, code: str) -> None:
    for diagnoses in ((INDUCED,), ("M3219", INDUCED)):
        assert_finds(visit_claim(claim_type, diagnoses=diagnoses), code)
        assert_finds(infusion_claim(claim_type, diagnoses=diagnoses, frequency="8"), code)


@each_type
@each(
    ("diagnoses", "fires"),
    {
        "systemic lupus": (("M3219",), False),
        "lupus nephritis": (("M3214", "N184"), False),
        "another form": (("M328",), False),
        "rheumatoid arthritis": (("M0579",), True),
        "drug-induced is for DX01": (("M320",), False),
        "cutaneous is for DX08": (("L930",), False),
        "nephritis that is no lupus code": (("N059",), True),
    },
)
def test_belimumab_is_billed_for_lupus(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    place = ("warn", 1, "pointer 1") if claim_type == "837P" else ("warn", None, "diagnosis 1")
    assert_finds(belimumab(claim_type, *diagnoses), "DX03", *([place] if fires else []))


def test_on_an_837p_the_diagnoses_that_are_pointed_to_count() -> None:
    claim = with_line(belimumab("837P", "M0579", "M3219"), 1, pointers=(1,))
    assert_finds(claim, "DX03", ("warn", 1, "pointer 1"))
    assert_finds(with_line(claim, 1, pointers=(1, 2)), "DX03")


@each_type
@pytest.mark.parametrize("drug", [infusion_claim, anifrolumab_claim])
@pytest.mark.parametrize(
    ("diagnoses", "fires"),
    [(("M3210",), True), (("M329",), True), (("M3210", "M329"), True), (("M3210", "M3219"), False)],
)
def test_lupus_codes_without_an_organ_are_reported(
    claim_type: ClaimType, drug: object, diagnoses: tuple[str, ...], fires: bool
) -> None:
    claim = attrs.evolve(drug(claim_type), diagnoses=diagnoses)  # type: ignore[operator]
    assert_finds(claim, "DX04", *([("info", None, "diagnosis 1")] if fires else []))


@each_type
@each(
    ("diagnoses", "severity"),
    {
        "nephritis with its stage": (("M3214", "N1832"), None),
        "nephritis with proteinuria": (("M3215", "R809"), None),
        "nephritis alone": (("M3214",), "info"),
        "a kidney code beside lupus of other organs": (("N049", "M3213"), "info"),
        "the unspecified kidney code alone": (("N059",), "warn"),
        "the unspecified kidney code beside lupus": (("N059", "M3219"), "info"),
        "no kidney at all": (("M3219",), None),
    },
)
def test_lupus_nephritis_and_kidney_codes(
    claim_type: ClaimType, diagnoses: tuple[str, ...], severity: str | None
) -> None:
    assert_finds(belimumab(claim_type, *diagnoses), "DX06", *([(severity, None, "diagnosis 1")] if severity else []))


@each_type
@pytest.mark.parametrize(("code", "fires"), [("M3214", True), ("M3215", True), ("M3219", False)])
def test_anifrolumab_for_nephritis(claim_type: ClaimType, code: str, fires: bool) -> None:
    place = ("warn", 1, "pointer 1") if claim_type == "837P" else ("warn", None, "diagnosis 1")
    assert_finds(anifrolumab_claim(claim_type, diagnoses=(code,)), "DX07", *([place] if fires else []))
    assert_finds(belimumab(claim_type, code), "DX07")


@each_type
@pytest.mark.parametrize(("diagnoses", "fires"), [(("L931",), True), (("L931", "M3219"), False), (("M3219",), False)])
def test_cutaneous_lupus_alone(claim_type: ClaimType, diagnoses: tuple[str, ...], fires: bool) -> None:
    assert_finds(belimumab(claim_type, *diagnoses), "DX08", *([("warn", None, "diagnosis 1")] if fires else []))
    assert_finds(visit_claim(claim_type, diagnoses=diagnoses), "DX08")


@each_type
@each(
    ("diagnosis", "severity"),
    {
        "label": ("M0579", None),
        "recognised beyond the label": ("D693", "info"),
        "multiple sclerosis": ("G35A", "info"),
        "neither": ("I10", "warn"),
        "cutaneous lupus": ("L930", "warn"),
    },
)
def test_rituximab_beyond_its_label(claim_type: ClaimType, diagnosis: str, severity: str | None) -> None:
    claim = infusion_claim(claim_type, lines=(LineSpec("J9312", ("JZ",), 100), INFUSION), diagnoses=(diagnosis,))
    place = {"837P": "pointer 1", "837I": "diagnosis 1"}[claim_type]
    assert_finds(claim, "DX03", *([(severity, 1 if claim_type == "837P" else None, place)] if severity else []))
