"""Dialysis, late charges, home infusion by the day, new diagnosis codes, and days between doses by disease."""

from __future__ import annotations

from datetime import timedelta

import attrs

from scrubber.testing import SERVICE_DATE, ClaimSpec, LineSpec
from tests.situations.claims import BENLYSTA_120_MG, BENLYSTA_400_MG, ENTYVIO, PROLIA, REMICADE, infused
from tests.situations.situation import Situation

CLEAN = "*:warn+"
FOR_LUNG_CANCER, FOR_CROHN = ("C3411",), ("K5090",)
TREATMENT = LineSpec("90999", charge=300, revenue_code="0821")
IRON = LineSpec("J1756", ("JZ",), 100, 90)
ACID = LineSpec("J3489", ("JZ",), 4, 120)
INFUSION, COMPLEX, INJECTION = LineSpec("96365"), LineSpec("96413"), LineSpec("96372")
TWO_WEEKS = SERVICE_DATE - timedelta(days=13), SERVICE_DATE
LATE = "Medicare Claims Processing Manual, chapter 1, section 130.1.3"
DIALYSIS = "CMS fact sheet on the ESRD PPS final rule of 2024 (CMS-1782-F)"
PER_DIEM = "NHIA on per diem codes"
NEW_CODES = "ICD-10-CM 2027, order addenda"


def dialysis(*lines: LineSpec) -> ClaimSpec:
    """A treatment of a dialysis facility, with its drugs."""
    return infused("837I", "DIALYSIS", TREATMENT, *lines, diagnoses=("N186", "D631"), facility_code="72", filing="MA")


def late(bill_type: str, filing: str, *lines: LineSpec) -> ClaimSpec:
    """Charges that the claim before left out."""
    return infused("837I", "LATE", *lines, diagnoses=FOR_CROHN, facility_code=bill_type, filing=filing, frequency="5")


def at_home(*lines: LineSpec) -> ClaimSpec:
    """Home infusion for a commercial payer."""
    return infused("837P", "HOME", *lines, diagnoses=("M8618",), facility_code="12", filing="CI")


def office(*lines: LineSpec, diagnoses: tuple[str, ...], filing: str = "MB") -> ClaimSpec:
    """A visit to an office for an infusion or injection."""
    return infused("837P", "OFFICE", *lines, diagnoses=diagnoses, filing=filing)


def twice(days: int, drug: LineSpec, given_by: LineSpec, *diagnoses: str) -> ClaimSpec:
    """Two doses of a drug, so many days apart, on one claim."""
    before = SERVICE_DATE - timedelta(days=days)
    lines = [attrs.evolve(line, dates=day) for day in (before, SERVICE_DATE) for line in (drug, given_by)]
    return office(*lines, diagnoses=diagnoses)


def two_vials(*units: int) -> ClaimSpec:
    """Given units of a small and a large vial, then the discarded units of each."""
    vials = BENLYSTA_120_MG, BENLYSTA_400_MG
    lines = [vial.line(some) for vial, some in zip(vials, units[:2], strict=True)]
    lines += [vial.line(some, "JW") for vial, some in zip(vials, units[2:], strict=True)]
    return office(*lines, INFUSION, diagnoses=("M3214",), filing="CI")


CORRECT = (
    Situation("dialysis-iron-with-jz", dialysis(IRON), DIALYSIS, forbid="*:warn+ JWJZ11"),
    Situation(
        "dialysis-antibiotic-for-another-disease",
        dialysis(LineSpec("J0878", ("AY", "JZ"), 500)),
        DIALYSIS,
        forbid=CLEAN,
    ),
    Situation("late-drug-of-a-critical-access-hospital", late("85", "MA", REMICADE.line(40, "JZ")), LATE, forbid=CLEAN),
    Situation("late-hours-for-a-commercial-payer", late("13", "CI", LineSpec("96415", units=2)), LATE, forbid=CLEAN),
    Situation(
        "antibiotic-at-home-for-two-weeks",
        at_home(LineSpec("S9500", units=14, dates=TWO_WEEKS)),
        PER_DIEM,
        forbid=CLEAN,
    ),
    Situation(
        "cardiomyopathy-by-its-code-of-2027",
        office(ENTYVIO.line(300, "JZ"), COMPLEX, diagnoses=("K5190", "I4201")),
        NEW_CODES,
        forbid=CLEAN,
    ),
    Situation(
        "zoledronic-acid-monthly-with-cancer", twice(28, ACID, INFUSION, "C7951", "C50911"), "Label", forbid=CLEAN
    ),
    Situation("denosumab-each-half-year", twice(182, PROLIA.line(60, "JZ"), INJECTION, "M810"), "Label", forbid=CLEAN),
    Situation("waste-of-two-vials", two_vials(8, 34, 4, 6), "CMS on JW", forbid=CLEAN),
    Situation(
        "leuprolide-into-a-muscle",
        attrs.evolve(office(LineSpec("J9217", ("JZ",), 3, 700), LineSpec("96402"), diagnoses=("C61",)), sex="M"),
        "Lupron Depot label",
        forbid=CLEAN,
    ),
    Situation(
        "methylprednisolone-before-an-infusion",
        office(REMICADE.line(40, "JZ"), COMPLEX, LineSpec("J2919", units=25), LineSpec("96375"), diagnoses=FOR_CROHN),
        "CMS ASP NDC-HCPCS crosswalk, October 2025",
        forbid=CLEAN,
    ),
)

FAULTY = (
    Situation("dialysis-iron-without-jz", dialysis(attrs.evolve(IRON, modifiers=())), DIALYSIS, expect="JWJZ15:warn"),
    Situation(
        "dialysis-iron-with-ay", dialysis(attrs.evolve(IRON, modifiers=("AY", "JZ"))), DIALYSIS, expect="MOD09:warn"
    ),
    Situation("late-drug-of-an-outpatient", late("13", "MA", REMICADE.line(40, "JZ")), LATE, expect="FREQ01:warn"),
    Situation("antibiotic-at-home-on-one-date", at_home(LineSpec("S9500", units=14)), PER_DIEM, expect="UNIT04:warn"),
    Situation(
        "low-weight-by-its-code-of-2026",
        office(ENTYVIO.line(300, "JZ"), COMPLEX, diagnoses=("K5190", "Z681")),
        NEW_CODES,
        expect="DX02:reject",
    ),
    Situation(
        "zoledronic-acid-monthly-for-osteoporosis", twice(28, ACID, INFUSION, "M810"), "Label", expect="INT02:warn"
    ),
    Situation("waste-of-two-vials-exchanged", two_vials(8, 34, 6, 4), "CMS on JW", expect="JWJZ07:warn"),
    Situation(
        "leuprolide-infused",
        office(LineSpec("J9217", ("JZ",), 3, 700), COMPLEX, diagnoses=("C61",)),
        "Lupron Depot label",
        expect="ADM07:warn",
    ),
    Situation(
        "diphenhydramine-in-milligrams",
        office(REMICADE.line(40, "JZ"), COMPLEX, LineSpec("J1200", units=50), LineSpec("96375"), diagnoses=FOR_CROHN),
        "CMS ASP NDC-HCPCS crosswalk, October 2025",
        expect="DOSE02:warn",
    ),
    Situation(
        "enzyme-for-another-disease",
        office(LineSpec("J0180", ("JZ",), 70, 9000), INFUSION, diagnoses=("E7522",)),
        "Fabrazyme label",
        expect="DX03:warn",
    ),
)
