"""Chemotherapy of many makers, dialysis, home infusion, hospitals, and what clinics mistype."""

from __future__ import annotations

from datetime import date, timedelta

import attrs

from scrubber.testing import SERVICE_DATE, ClaimSpec, LineSpec
from tests.situations.claims import (
    COLITIS,
    CROHNS_DISEASE,
    ENTYVIO,
    INFLECTRA,
    PROLIA,
    REMICADE,
    RHEUMATOID_ARTHRITIS,
    SIMPONI_ARIA,
    Package,
    infused,
    on_days,
    other_payer,
)
from tests.situations.situation import Situation
from tests.situations.specialties import BOTOX_200, HIZENTRA_10_G, HYTRULO, KRYSTEXXA, PRIVIGEN_20_G, TYSABRI, VELCADE

CLEAN = "*:warn+"
LUNG, COLON, BREAST, MYELOMA = ("C3411",), ("C187",), ("C50911",), ("C9000",)
BONES, IMMUNE_DEFICIENCY, IRON_LOSS = ("M810",), ("D839",), ("N184", "D631")
ADD_ON_EDITS = "CMS add-on code edits, type 1"
WASTE = "CMS discarded drugs page and JW/JZ FAQ"
DIALYSIS = "CMS fact sheet on the ESRD PPS final rule of 2024 (CMS-1782-F)"
CROSSWALK = "CMS ASP NDC-HCPCS crosswalk, October 2025"
LABEL = "Label"
NHIA = "NHIA on home infusion: a code for each day, and nursing visits by the hour"

YERVOY_200 = Package("J9228", "00003232822", 200, "40", "ML", 160)
YERVOY_50 = Package("J9228", "00003232711", 50, "10", "ML", 160)
MONOFERRIC = Package("J1437", "73594931001", 100, "10", "ML", 24)
HERCEPTIN = Package("J9355", "50242013201", 15, "1", "UN", 90)


def line(code: str, *modifiers: str, units: int | str = 1, charge: int = 300, revenue_code: str = "") -> LineSpec:
    """A line of any code, with a hospital's revenue code where it is given."""
    return LineSpec(code, modifiers, units, charge, revenue_code=revenue_code or None)


def office(*lines: LineSpec, dx: tuple[str, ...], filing: str = "MB", place: str | None = None) -> ClaimSpec:
    """A professional claim."""
    return infused("837P", "CLINIC", *lines, diagnoses=dx, filing=filing, facility_code=place)


def hospital(*lines: LineSpec, dx: tuple[str, ...], filing: str = "MA", bill_type: str | None = None) -> ClaimSpec:
    """An institutional claim, of outpatients where no bill type is given."""
    return infused("837I", "CLINIC", *lines, diagnoses=dx, filing=filing, facility_code=bill_type)


def dialysis(*lines: LineSpec) -> ClaimSpec:
    """A treatment of a dialysis facility with its drugs."""
    return hospital(line("90999", revenue_code="0821"), *lines, dx=("N186", "D631", "BE:48:::10.2"), bill_type="72")


def iron(units: int | str, *modifiers: str) -> LineSpec:
    """Iron sucrose of a dialysis facility."""
    return line("J1756", *modifiers, units=units, revenue_code="0636")


INFUSION, COMPLEX, MORE_HOURS = line("96365"), line("96413"), line("96415")
INJECTION, COMPLEX_INJECTION, PUSH = line("96372"), line("96401"), line("96409")
CHEMOTHERAPY = line("96413", revenue_code="0335")
OXALIPLATIN, PUMP = line("J9263", "JZ", units=300), line("96416")

CORRECT = (
    Situation(
        "ipilimumab-of-two-vials-with-waste",
        office(YERVOY_200.line(200), YERVOY_50.line(10), YERVOY_50.line(40, "JW"), COMPLEX, dx=("C439",)),
        WASTE,
        forbid=CLEAN,
    ),
    Situation(
        "paclitaxel-and-carboplatin-of-vials-for-many-doses",
        office(
            line("J9267", units=300),
            line("J9045", units=12),
            COMPLEX,
            line("96415", units=2),
            line("96417"),
            dx=("Z5111", "C561"),
        ),
        WASTE,
        forbid=CLEAN,
    ),
    Situation(
        "oxaliplatin-leucovorin-and-fluorouracil-with-a-pump",
        office(
            OXALIPLATIN,
            line("J0640", "JZ", units=14),
            line("J9190", units=10),
            COMPLEX,
            MORE_HOURS,
            line("96368"),
            line("96411"),
            PUMP,
            dx=("Z5111", *COLON),
        ),
        "CPT: a push beside an infusion, and a pump that the office starts",
        forbid=CLEAN,
    ),
    Situation(
        "pump-of-the-office-by-its-medicare-code",
        office(OXALIPLATIN, line("J9190", units=10), COMPLEX, MORE_HOURS, line("G0498"), dx=("Z5111", *COLON)),
        "AHA Coding Clinic for HCPCS 2017 on G0498",
        forbid=CLEAN,
    ),
    Situation(
        "irinotecan-packaged-in-hospital",
        hospital(
            line("J9206", units=15, revenue_code="0636"),
            line("J0640", units=14, revenue_code="0636"),
            CHEMOTHERAPY,
            line("96368", revenue_code="0335"),
            dx=("Z5111", *COLON),
        ),
        "OPPS packages drugs below its threshold for a day",
        forbid=CLEAN,
    ),
    Situation(
        "immune-globulin-at-home-with-a-nurse",
        office(
            PRIVIGEN_20_G.line(80, "JZ"),
            line("S9338"),
            line("99601"),
            line("99602", units=2),
            dx=IMMUNE_DEFICIENCY,
            filing="CI",
            place="12",
        ),
        NHIA,
        forbid=CLEAN,
    ),
    Situation(
        "immune-globulin-at-home-under-medicare",
        office(PRIVIGEN_20_G.line(80, "JZ"), line("Q2052"), dx=IMMUNE_DEFICIENCY, place="12"),
        "CMS on immune globulin at home since 2024: Q2052",
        forbid=CLEAN,
    ),
    Situation(
        "immune-globulin-for-the-skin-by-a-pump-at-home",
        office(
            HIZENTRA_10_G.line(100, "JB", "JZ"),
            line("E0779", "RR"),
            line("K0552"),
            dx=IMMUNE_DEFICIENCY,
            place="12",
        ),
        "DME contractors on external infusion pumps: JB for the skin",
        forbid=CLEAN,
    ),
    Situation(
        "anemia-drug-of-dialysis-with-its-count",
        dialysis(line("Q4081", "JA", units=30, revenue_code="0634")),
        DIALYSIS,
        forbid=CLEAN,
    ),
    Situation("dialysis-iron-with-its-waste", dialysis(iron(75), iron(25, "JW")), DIALYSIS, forbid=CLEAN),
    Situation(
        "denosumab-of-a-home-health-agency",
        hospital(PROLIA.line(60, "JZ"), dx=("M810", "S32010A"), bill_type="34"),
        "Medicare Claims Processing Manual, chapter 10: osteoporosis drugs at home",
        forbid=CLEAN,
    ),
    Situation(
        "denosumab-of-a-health-center",
        hospital(line("J0897", units=60), line("96372", revenue_code="0521"), dx=BONES, bill_type="77"),
        "Federally qualified health centers are paid by the visit",
        forbid=CLEAN,
    ),
    Situation(
        "physician-of-a-critical-access-hospital",
        hospital(
            REMICADE.line(40, "JZ"),
            CHEMOTHERAPY,
            line("99213", "25", revenue_code="0981"),
            dx=RHEUMATOID_ARTHRITIS,
            bill_type="85",
        ),
        "Medicare Claims Processing Manual, chapter 4, section 250: method II",
        forbid=CLEAN,
    ),
    Situation(
        "pill-of-an-outpatient",
        hospital(ENTYVIO.line(300, "JZ"), CHEMOTHERAPY, line("A9270", "GY", revenue_code="0637"), dx=COLITIS),
        "Medicare Benefit Policy Manual, chapter 15, section 50.2",
        forbid=CLEAN,
    ),
    Situation(
        "advantage-plan-before-medicaid",
        infused(
            "837P",
            "CLINIC",
            ENTYVIO.line(300, "JZ"),
            COMPLEX,
            diagnoses=COLITIS,
            filing="16",
            loops=other_payer("S", "MC"),
        ),
        "Two payers of one patient",
        forbid=CLEAN,
    ),
    Situation(
        "drug-of-340b-under-medicaid",
        office(ENTYVIO.line(300, "UD", "JZ"), COMPLEX, dx=CROHNS_DISEASE, filing="MC"),
        "Medicaid plans on UD",
        forbid=CLEAN,
    ),
    Situation(
        "bortezomib-under-the-skin-with-waste",
        office(VELCADE.line(25), VELCADE.line(10, "JW"), COMPLEX_INJECTION, dx=MYELOMA),
        "Velcade label",
        forbid=CLEAN,
    ),
    Situation(
        "botulinum-toxin-against-migraine-with-waste",
        office(BOTOX_200.line(155), BOTOX_200.line(45, "JW"), line("64615"), dx=("G43709",)),
        WASTE,
        forbid=CLEAN,
    ),
    Situation("flush-of-a-port-alone", office(line("96523"), dx=("Z452",)), "CPT: billed alone", forbid=CLEAN),
    Situation(
        "golimumab-for-a-child",
        infused(
            "837P",
            "CLINIC",
            SIMPONI_ARIA.line(100, "JZ"),
            COMPLEX,
            diagnoses=("M0800",),
            filing="CI",
            birth_date=date(2015, 2, 1),
        ),
        "Simponi Aria label: from two years on",
        forbid=CLEAN,
    ),
)

FAULTY = (
    Situation("dialysis-jw-with-jz", dialysis(iron(100, "JW", "JZ")), DIALYSIS, expect="JWJZ02:reject"),
    Situation("dialysis-jz-beside-jw", dialysis(iron(75, "JZ"), iron(25, "JW")), DIALYSIS, expect="JWJZ03:reject"),
    Situation("dialysis-jw-of-half-a-unit", dialysis(iron(75), iron("0.5", "JW")), DIALYSIS, expect="JWJZ05:reject"),
    Situation(
        "oxaliplatin-without-jz",
        office(line("J9263", units=300), COMPLEX, MORE_HOURS, dx=COLON),
        WASTE,
        expect="JWJZ01:reject",
    ),
    Situation(
        "paclitaxel-with-jz",
        office(line("J9267", "JZ", units=300), COMPLEX, line("96415", units=2), dx=LUNG),
        "Paclitaxel label: vials for many doses",
        expect="JWJZ09:warn",
    ),
    Situation(
        "irinotecan-in-milligrams",
        office(line("J9206", "JZ", units=320), COMPLEX, dx=COLON),
        CROSSWALK,
        expect="DOSE01:warn",
    ),
    Situation(
        "two-starts-of-a-pump",
        office(line("J9190", units=10), line("96416", units=2), dx=COLON),
        "MUE: one initial unit",
        expect="ADM06:warn",
    ),
    Situation(
        "complex-hours-after-a-push",
        office(VELCADE.line(35, "JZ"), PUSH, MORE_HOURS, dx=MYELOMA),
        ADD_ON_EDITS,
        expect="ADM04:reject",
    ),
    Situation(
        "hydration-beside-an-injection",
        office(PROLIA.line(60, "JZ"), INJECTION, line("96361"), line("J7030"), dx=("M810", "E860")),
        ADD_ON_EDITS,
        expect="ADM04:reject",
    ),
    Situation(
        "nurse-at-home-for-further-hours-alone",
        office(
            PRIVIGEN_20_G.line(80, "JZ"),
            line("S9338"),
            line("99602", units=2),
            dx=IMMUNE_DEFICIENCY,
            filing="CI",
            place="12",
        ),
        NHIA,
        expect="ADM04:warn",
    ),
    Situation(
        "hydration-and-chemotherapy-both-initial",
        hospital(HERCEPTIN.line(45, "JZ"), CHEMOTHERAPY, line("96360", revenue_code="0335"), dx=BREAST),
        "CPT: one initial code for an encounter",
        expect="ADM05:reject",
    ),
    Situation(
        "two-vials-of-pegloticase",
        office(KRYSTEXXA.line(16, "JZ"), COMPLEX, dx=("M1A00X0",)),
        "Krystexxa label: 8 mg is the only dose",
        expect="DOSE01:warn",
    ),
    Situation(
        "golimumab-for-lupus",
        office(SIMPONI_ARIA.line(150, "JZ"), COMPLEX, dx=("M3219",)),
        "Simponi Aria label",
        expect="DX03:warn",
    ),
    Situation(
        "denosumab-for-lupus",
        office(PROLIA.line(60, "JZ"), INJECTION, dx=("M3219",)),
        "Prolia label: loss of bone",
        expect="DX03:info",
    ),
    Situation(
        "product-for-the-skin-on-the-infused-code",
        office(
            attrs.evolve(HYTRULO.line(504, "JZ"), procedure="J9332"),
            INJECTION,
            dx=("G7000",),
            filing="CI",
        ),
        CROSSWALK,
        expect="NDC06:reject",
    ),
    Situation(
        "waste-of-a-biosimilar-on-the-next-day",
        hospital(
            INFLECTRA.line(45),
            INFLECTRA.line(5, "JW", dates=SERVICE_DATE + timedelta(days=1)),
            CHEMOTHERAPY,
            dx=COLITIS,
        ),
        WASTE,
        expect="JWJZ04:reject",
    ),
    Situation(
        "vials-of-pembrolizumab-as-units",
        office(line("J9271", "JZ", units=2, charge=9000), COMPLEX, dx=LUNG),
        CROSSWALK,
        expect="JWJZ06:warn",
    ),
    Situation(
        "trastuzumab-in-milligrams",
        office(line("J9355", "JZ", units=450, charge=9000), COMPLEX, dx=BREAST),
        CROSSWALK,
        expect="DOSE01:warn",
    ),
    Situation(
        "natalizumab-after-two-weeks",
        on_days(office(TYSABRI.line(300, "JZ"), COMPLEX, dx=("G35A",)), date(2026, 9, 14), date(2026, 9, 28)),
        "Tysabri label: every four weeks",
        expect="INT02:warn",
    ),
    Situation(
        "iron-as-a-complex-drug",
        office(MONOFERRIC.line(100, "JZ"), COMPLEX, dx=IRON_LOSS, filing="BL"),
        "CPT: complex administration is for other drugs",
        expect="ADM01:warn",
    ),
)
