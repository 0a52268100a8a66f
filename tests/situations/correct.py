"""Correct claims.

Most must draw no warning. The last ones may draw one, because the file does not show what makes them right; they must
not be rejected.
"""

from __future__ import annotations

from datetime import date

import attrs

from scrubber.testing import (
    BENLYSTA_120,
    OTHER_RENDERING_NPI,
    SYRINGE,
    LineSpec,
    drug_line,
    infusion_claim,
    waste_lines,
)
from tests.situations.claims import (
    ACTEMRA_80_MG,
    ACTEMRA_400_MG,
    AVSOLA,
    BENLYSTA_120_MG,
    BENLYSTA_400_MG,
    COLITIS,
    COMPLEX,
    CROHNS_DISEASE,
    ENTYVIO,
    INFLECTRA,
    NEW_BIOLOGIC,
    OCREVUS,
    ORENCIA_250_MG,
    PROLIA,
    REMICADE,
    RENFLEXIS,
    RHEUMATOID_ARTHRITIS,
    RIABNI_500_MG,
    RUXIENCE_500_MG,
    SAPHNELO_300_MG,
    SIMPLE,
    SIMPONI_ARIA,
    TRUXIMA_500_MG,
    UNBRANDED_INFLIXIMAB,
    hospital_stay,
    infused,
    no_code,
    on_days,
    other_payer,
    paid_by,
)
from tests.situations.situation import Situation

CLEAN = "*:warn+"
NOT_REJECTED = "*:reject"

BELIMUMAB = infusion_claim("837P", "BELIMUMAB")

DAY_ONE = date(2026, 10, 5)
DAY_TWO = date(2026, 10, 6)

HOSPITAL = (
    Situation(
        "hospital-outpatient-with-packaged-drugs",
        infused(
            "837I",
            "PACKAGED",
            drug_line(),
            LineSpec("J1200", revenue_code="0636"),
            SIMPLE,
            LineSpec("96375", revenue_code="0260"),
            no_code("0258", 60, 2),
        ),
        "OPPS: J1200 and fluids are packaged, so they ask for no JZ and no NDC",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-infusion-over-midnight",
        infused(
            "837I",
            "MIDNIGHT",
            LineSpec("99284", ("25",), revenue_code="0450", charge=900, dates=DAY_ONE),
            LineSpec("G0378", units=22, revenue_code="0762", dates=DAY_ONE),
            REMICADE.line(50, "JZ", dates=DAY_ONE),
            attrs.evolve(COMPLEX, revenue_code="0335", dates=DAY_ONE),
            LineSpec("96415", units=2, revenue_code="0335", dates=DAY_TWO),
            diagnoses=("K51911", "APR:K921", "Z79899"),
        ),
        "Claims manual ch. 4 s. 230.2: one initial code for the encounter, also over midnight; lines keep their days",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-clinic-visit-with-25",
        infused(
            "837I", "VISIT25", SAPHNELO_300_MG.line(300, "JZ"), SIMPLE, LineSpec("G0463", ("25",), revenue_code="0510")
        ),
        "OCE edit 21: 25 separates the clinic visit from the infusion",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-340b-in-an-off-campus-department",
        infused("837I", "OFFCAMPUS", drug_line(modifiers=("JZ", "TB", "PN")), LineSpec("96365", ("PN",))),
        "OPPS: TB for 340B drugs since 2025, PN for a department that is not excepted; JZ stands beside them",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-two-doses-on-one-monthly-claim",
        on_days(
            infused(
                "837I",
                "MONTHLY",
                RIABNI_500_MG.line(100, "JZ"),
                attrs.evolve(COMPLEX, revenue_code="0335"),
                LineSpec("96415", units=3, revenue_code="0335"),
                diagnoses=RHEUMATOID_ARTHRITIS,
            ),
            date(2026, 10, 1),
            date(2026, 10, 15),
        ),
        "Rituximab label: two doses two weeks apart. Claims manual ch. 4 s. 230.2: each encounter has its own initial"
        " code",
        forbid=CLEAN,
        file_date=date(2026, 11, 3),
    ),
    Situation(
        "hospital-outpatient-medicaid-with-ndc",
        infused(
            "837I",
            "MCDHOSP",
            REMICADE.line(40, "JZ"),
            attrs.evolve(COMPLEX, revenue_code="0335"),
            diagnoses=CROHNS_DISEASE,
            filing="MC",
        ),
        "Drug rebate rules: Medicaid asks for the NDC, its quantity and its unit on outpatient drugs",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-infusion-stopped-within-15-minutes",
        infused(
            "837I",
            "STOPPUSH",
            AVSOLA.line(8),
            AVSOLA.line(42, "JW"),
            LineSpec("96409", revenue_code="0335"),
            diagnoses=CROHNS_DISEASE,
        ),
        "CPT: 15 minutes or less is a push. What was drawn up is waste",
        forbid=CLEAN,
    ),
    Situation(
        "inpatient-by-revenue-codes",
        hospital_stay("INPREV", no_code("0636", 3100, 1), diagnosis="M3214"),
        "IPPS: no drug is paid by line, and 0636 needs no code on 11x",
        forbid=CLEAN,
    ),
    Situation(
        "inpatient-with-drug-code",
        hospital_stay("INPCODE", LineSpec("J0490", units=80), diagnosis="M3214"),
        "IPPS: no JW or JZ, no NDC and no infusion code on 11x",
        forbid=CLEAN,
    ),
    Situation(
        "inpatient-for-medicaid-without-ndc",
        attrs.evolve(hospital_stay("INPMCD", LineSpec("J1745", units=40, charge=3600), diagnosis="K5090"), filing="MC"),
        "Medicaid asks for the NDC on outpatient and professional claims alone",
        forbid=CLEAN,
    ),
    Situation(
        "swing-bed-with-drug-code",
        hospital_stay("SWINGBED", LineSpec("Q5103", units=40, charge=3600), diagnosis="K5090", bill_type="18", days=6),
        "A swing bed stay pays no drug by line",
        forbid=CLEAN,
    ),
    Situation(
        "critical-access-with-professional-fee",
        infused(
            "837I",
            "CAHII",
            INFLECTRA.line(40, "JZ"),
            attrs.evolve(COMPLEX, revenue_code="0335"),
            LineSpec("99214", ("25",), charge=170, revenue_code="0510"),
            LineSpec("99214", ("25",), charge=140, revenue_code="0983"),
            diagnoses=CROHNS_DISEASE,
            facility_code="85",
        ),
        "Claims manual ch. 4 s. 250.2: method II bills the facility's and the physician's part of one visit (098x) on"
        " one claim; JZ applies",
        forbid=CLEAN,
    ),
)

STAYS = (
    Situation(
        "stay-with-two-courses-on-one-line",
        hospital_stay("COURSES", LineSpec("J9312", units=200, charge=18000), diagnosis="M0579", days=9),
        "IPPS: a line of a stay counts the doses of many days, so its units are no dose",
        forbid=CLEAN,
    ),
    Situation(
        "stay-for-drug-induced-lupus",
        hospital_stay("INDUCED", LineSpec("J0490", units=40), diagnosis="M320"),
        "IPPS: the stay is paid by its own diagnosis, whatever was given",
        forbid=CLEAN,
    ),
    Situation(
        "stay-with-both-lupus-drugs",
        hospital_stay("SWITCHED", LineSpec("J0490", units=80), LineSpec("J0491", units=300), diagnosis="M3219", days=9),
        "IPPS: lines without days of their own do not say that both drugs were given on one",
        forbid=CLEAN,
    ),
    Situation(
        "swing-bed-stay-of-a-minor-with-nephritis",
        attrs.evolve(
            hospital_stay("SWINGMINOR", LineSpec("J0491", units=600), diagnosis="M3214", bill_type="18", days=9),
            filing="MC",
            birth_date=date(2010, 3, 9),
        ),
        "A swing bed stay pays no drug by line, so no label is held against it",
        forbid=CLEAN,
    ),
    Situation(
        "stay-with-ndcs-as-the-pharmacy-counts-them",
        hospital_stay(
            "PHARMACY",
            BENLYSTA_120_MG.line(52, ndc_quantity=520, ndc_unit="ME"),
            drug_line(units=20, modifiers=(), ndc=SYRINGE, ndc_quantity=1, ndc_unit="ML"),
            diagnosis="M3214",
        ),
        "IPPS: no NDC is asked for, and none is matched with the units of a stay",
        forbid=CLEAN,
    ),
    Situation(
        "stay-with-the-patients-weight",
        attrs.evolve(hospital_stay("WEIGHED", LineSpec("J0490", units=120), diagnosis="M3214", days=9), weight=60),
        "IPPS: two doses of 60 units on one line of a stay",
        forbid=CLEAN,
    ),
)

HEAVY = (
    Situation(
        "belimumab-for-a-patient-of-180-kilograms",
        infused(
            "837P",
            "HEAVY",
            BENLYSTA_400_MG.line(160, "JZ"),
            BENLYSTA_120_MG.line(24, "JZ"),
            SIMPLE,
            weight=404,
        ),
        "Benlysta label: 10 mg/kg, and the weight is on the claim",
        forbid=CLEAN,
    ),
)

HOME = (
    Situation(
        "home-infusion-per-diem",
        infused(
            "837P",
            "PERDIEM",
            REMICADE.line(40, "JZ"),
            LineSpec("S9359"),
            LineSpec("99601"),
            diagnoses=CROHNS_DISEASE,
            filing="BL",
            facility_code="12",
            rendering_npi=None,
        ),
        "Home infusion: drug by J-code, per diem by S-code, nurse by 99601, place 12",
        forbid=CLEAN,
    ),
    Situation(
        "home-infusion-suite",
        infused(
            "837P",
            "SUITE",
            drug_line(),
            LineSpec("S9338", ("SS",)),
            LineSpec("99601", ("SS",)),
            filing="CI",
            facility_code="49",
        ),
        "HCPCS SS: the suite of a home infusion provider; S93xx is the administration",
        forbid=CLEAN,
    ),
    Situation(
        "medicare-home-infusion-service-without-drug",
        infused(
            "837P",
            "HITONLY",
            LineSpec("G0069", units=8),
            diagnoses=("D839",),
            facility_code="12",
            rendering_npi=None,
            prior_authorization=None,
        ),
        "MLN MM11880: the service goes to Part B, the drug to the DME contractor on another claim",
        forbid=CLEAN,
    ),
)

PAYERS_IN_TURN = (
    Situation(
        "medicare-second-after-employer-plan",
        infused(
            "837P",
            "MSP",
            paid_by(drug_line(), "CI", 4800, 2400),
            paid_by(SIMPLE, "CI", 180, 90),
            payer_sequence="S",
            insurance_type="12",
            prior_authorization=None,
            loops=other_payer("P", "CI", 2490),
        ),
        "837P guide, coordination of benefits: Medicare second carries SBR05 and what the first payer paid",
        forbid=CLEAN,
    ),
    Situation(
        "medicare-first-plan-second",
        infused(
            "837P",
            "MEDIGAP",
            RENFLEXIS.line(40, "JZ"),
            COMPLEX,
            diagnoses=CROHNS_DISEASE,
            prior_authorization=None,
            loops=other_payer("S", "CI"),
        ),
        "An ordinary crossover claim: Medicare's rules are met, Medicare asks for no authorization",
        forbid=CLEAN,
    ),
    Situation(
        "medicaid-second-after-medicare",
        infused(
            "837P",
            "DUAL",
            paid_by(ENTYVIO.line(300, "JZ"), "MB", 9000, 6000),
            paid_by(SIMPLE, "MB", 180, 60),
            diagnoses=COLITIS,
            filing="MC",
            payer_sequence="S",
            loops=other_payer("P", "MB", 6060),
        ),
        "Medicaid second with NDC, as its rebate rules ask, and JZ, as Medicare asks",
        forbid=CLEAN,
    ),
    Situation(
        "medicaid-two-packages-kp-kq",
        infused(
            "837P",
            "KPKQ",
            ACTEMRA_400_MG.line(400, "JZ", "KP"),
            ACTEMRA_80_MG.line(160, "JZ", "KQ"),
            COMPLEX,
            diagnoses=RHEUMATOID_ARTHRITIS,
            filing="MC",
        ),
        "Medicaid: one NDC a line, KP on the first and KQ on the next",
        forbid=CLEAN,
    ),
)

OFFICE = (
    Situation(
        "two-vial-sizes-with-waste",
        infused(
            "837P",
            "SIZESJW",
            BENLYSTA_400_MG.line(40),
            BENLYSTA_120_MG.line(10),
            BENLYSTA_120_MG.line(2, "JW"),
            SIMPLE,
        ),
        "50 kg: 500 mg out of 400 and 120 mg; given lines bare, 2 units JW, each NDC on its own line",
        forbid=CLEAN,
    ),
    Situation(
        "two-vial-sizes-without-waste",
        infused("837P", "SIZESJZ", BENLYSTA_400_MG.line(40, "JZ"), BENLYSTA_120_MG.line(12, "JZ"), SIMPLE, filing="CI"),
        "52 kg: 520 mg out of 400 and 120 mg, JZ on both lines",
        forbid=CLEAN,
    ),
    Situation(
        "waste-below-one-unit",
        infused("837P", "BELOWONE", BENLYSTA_120_MG.line(36, "JZ"), SIMPLE, weight=78),
        "35.6 kg: 356 mg out of three vials are 36 units, rounded up; 4 mg are no unit, so JZ",
        forbid=CLEAN,
    ),
    Situation(
        "biosimilar-with-waste",
        infused("837P", "AVSOLAJW", AVSOLA.line(41), AVSOLA.line(9, "JW"), COMPLEX, diagnoses=CROHNS_DISEASE),
        "82 kg at 5 mg/kg: 410 mg out of five vials of 100 mg, 9 units JW",
        forbid=CLEAN,
    ),
    Situation(
        "waste-that-a-child-cannot-avoid",
        infused(
            "837P",
            "CHILDLN",
            *waste_lines(25, 11, BENLYSTA_120),
            SIMPLE,
            diagnoses=("M3214", "Z79899"),
            filing="CI",
            dependent=True,
            birth_date=date(2019, 4, 1),
            weight=55,
        ),
        "Benlysta label: lupus nephritis from 5 years; 25 kg needs three vials, 11 units are waste",
        forbid=CLEAN,
    ),
    Situation(
        "dose-of-a-heavy-patient",
        infused("837P", "KG160", drug_line(units=160), SIMPLE, weight=353),
        "160 kg at 10 mg/kg: 160 units are the most that a labelled dose comes to",
        forbid=CLEAN,
    ),
    Situation(
        "infusion-discontinued-with-53",
        infused(
            "837P",
            "STOP53",
            REMICADE.line(10),
            REMICADE.line(30, "JW"),
            LineSpec("96413", ("53",)),
            diagnoses=CROHNS_DISEASE,
        ),
        "CPT 53: stopped for the patient's safety; what was drawn up is waste",
        forbid=CLEAN,
    ),
    Situation(
        "two-accesses-on-one-day",
        infused(
            "837P",
            "ACCESS",
            drug_line(),
            SIMPLE,
            LineSpec("J1756", ("JZ",), 200, 400, pointers=(2,)),
            LineSpec("96365", ("59",), pointers=(2,)),
            diagnoses=("M3219", "D509"),
        ),
        "CPT: a second initial code needs a second access, and 59 marks it",
        forbid=CLEAN,
    ),
    Situation(
        "hydration-after-the-infusion",
        infused("837P", "HYDRATE", drug_line(), SIMPLE, LineSpec("96361", ("59",))),
        "CMS add-on edits: 96361 goes with 96360 or another initial code",
        forbid=CLEAN,
    ),
    Situation(
        "visit-with-25-by-a-partner",
        infused(
            "837P",
            "PARTNER25",
            drug_line(),
            SIMPLE,
            LineSpec("99214", ("25",), rendering_npi=OTHER_RENDERING_NPI),
        ),
        "NCCI: 25 separates the visit, also a partner's",
        forbid=CLEAN,
    ),
    Situation(
        "loading-doses-two-weeks-apart",
        on_days(BELIMUMAB, date(2026, 9, 21), date(2026, 10, 5)),
        "Benlysta label: weeks 0, 2 and 4, then every four weeks",
        forbid=CLEAN,
    ),
    Situation(
        "anifrolumab-four-weeks-apart",
        on_days(
            infused("837P", "FOURWEEKS", SAPHNELO_300_MG.line(300, "JZ"), SIMPLE), date(2026, 9, 7), date(2026, 10, 5)
        ),
        "Saphnelo label: 300 mg every four weeks",
        forbid=CLEAN,
    ),
    Situation(
        "medicare-claim-after-eleven-months",
        on_days(BELIMUMAB, date(2025, 11, 10)),
        "42 CFR 424.44: Medicare takes a claim for one year from the service",
        forbid=CLEAN,
    ),
    Situation(
        "rituximab-biosimilar-with-premedication",
        infused(
            "837P",
            "PREMED",
            RUXIENCE_500_MG.line(100, "JZ"),
            COMPLEX,
            LineSpec("96415", units=3),
            LineSpec("J1200", ("JZ",), 1, 5),
            LineSpec("96375"),
            diagnoses=RHEUMATOID_ARTHRITIS,
        ),
        "CMS add-on edits: 96415 with 96413, 96375 with any initial code; JZ on each single-dose drug",
        forbid=CLEAN,
    ),
    Situation(
        "rituximab-biosimilar-for-advantage-plan",
        infused(
            "837P",
            "TRUXIMA",
            TRUXIMA_500_MG.line(100, "JZ"),
            COMPLEX,
            LineSpec("96415", units=3),
            diagnoses=RHEUMATOID_ARTHRITIS,
            filing="16",
        ),
        "Two whole vials of 500 mg with JZ and an authorization",
        forbid=CLEAN,
    ),
    Situation(
        "abatacept-infusion",
        infused("837P", "ABATACEPT", ORENCIA_250_MG.line(75, "JZ"), SIMPLE, diagnoses=RHEUMATOID_ARTHRITIS),
        "Orencia label: 750 mg from 60 to 100 kg, three vials (CMS crosswalk October 2025)",
        forbid=CLEAN,
    ),
    Situation(
        "ocrelizumab-with-code-of-2026",
        infused(
            "837P",
            "OCREVUS",
            OCREVUS.line(600, "JZ"),
            COMPLEX,
            LineSpec("96415", units=2),
            diagnoses=("G35A",),
            filing="CI",
        ),
        "Ocrevus label: 600 mg every six months. ICD-10-CM FY2026: G35.A is relapsing-remitting multiple sclerosis",
        forbid=CLEAN,
    ),
    Situation(
        "golimumab-infusion",
        infused("837P", "ARIA", SIMPONI_ARIA.line(150, "JZ"), SIMPLE, diagnoses=RHEUMATOID_ARTHRITIS),
        "Simponi Aria label: 2 mg/kg; 75 kg is three vials (CMS crosswalk October 2025)",
        forbid=CLEAN,
    ),
    Situation(
        "denosumab-injection",
        infused(
            "837P",
            "PROLIA",
            PROLIA.line(60, "JZ"),
            LineSpec("96372"),
            diagnoses=("M810",),
            birth_date=date(1925, 2, 17),
        ),
        "Prolia label: 60 mg under the skin, so 96372 is its administration; 101 years is an age (I27)",
        forbid=CLEAN,
    ),
    Situation(
        "vedolizumab-infusion",
        infused("837P", "ENTYVIO", ENTYVIO.line(300, "JZ"), SIMPLE, diagnoses=COLITIS, filing="16"),
        "Entyvio label: 300 mg in 30 minutes, one vial (CMS crosswalk October 2025)",
        forbid=CLEAN,
    ),
    Situation(
        "unbranded-infliximab",
        infused(
            "837P", "UNBRANDED", UNBRANDED_INFLIXIMAB.line(40, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE, filing="BL"
        ),
        "CMS crosswalk October 2025: 57894-0160-01 is J1745",
        forbid=CLEAN,
    ),
    Situation(
        "commercial-line-above-the-limit-of-part-b",
        infused(
            "837P",
            "BIGCOMM",
            OCREVUS.line(600, "JZ", charge=123000),
            COMPLEX,
            diagnoses=("G35A",),
            filing="CI",
        ),
        "The limit of $99,999.99 is that of Part B",
        forbid=CLEAN,
    ),
    Situation(
        "physician-visit-in-a-hospital-department",
        infused("837P", "VISIT22", LineSpec("99214"), facility_code="22"),
        "42 CFR 410.26 bars incident-to drugs there, not the physician's own visit",
        forbid=CLEAN,
    ),
    Situation(
        "free-drug-at-a-cent",
        infusion_claim(
            "837P",
            "CENT",
            lines=(drug_line(charge="0.01"), SIMPLE),
            filing="CI",
            note="DRUG PROVIDED FREE OF CHARGE BY MANUFACTURER",
        ),
        "A cent is the token charge of a free item; the warning is for a charge of zero",
        forbid=CLEAN,
    ),
)

TRIALS = (
    Situation(
        "trial-in-the-hospital",
        infused(
            "837I",
            "TRIALHOSP",
            REMICADE.line(40, "JZ", "Q1"),
            LineSpec("96413", ("Q1",), revenue_code="0335"),
            diagnoses=("K5090", "Z006", "BG:30"),
            extra=("REF*P4*01234567",),
        ),
        "Claims manual ch. 32 s. 69.6: Q1, Z00.6 second, condition code 30 and the trial's number in REF*P4",
        forbid=CLEAN,
    ),
    Situation(
        "trial-in-the-office",
        infused(
            "837P",
            "TRIALOFF",
            drug_line(modifiers=("JZ", "Q1")),
            LineSpec("96365", ("Q1",)),
            diagnoses=("M3219", "Z006"),
            extra=("REF*P4*01234567",),
        ),
        "Claims manual ch. 32 s. 69.6: Q1 on routine costs, Z00.6 second, the trial's number in REF*P4",
        forbid=CLEAN,
    ),
)

CORRECTIONS = (
    Situation(
        "replacement-for-a-commercial-payer",
        infusion_claim("837P", "REPLACE", filing="CI", frequency="7", payer_claim_control_number="ICN2026100001"),
        "837P guide: 7 replaces the claim that REF*F8 names",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-replacement-with-change-reason",
        infusion_claim(
            "837I",
            "ADJUST",
            frequency="7",
            payer_claim_control_number="22627800000107",
            diagnoses=("M3219", "Z79899", "BG:D1"),
        ),
        "Claims manual ch. 1 s. 130.1.2: xx7 carries one change reason, D1 where charges change",
        forbid=CLEAN,
    ),
    Situation(
        "hospital-void-as-first-sent",
        infused(
            "837I",
            "CANCEL",
            LineSpec("J0490", units=80),
            diagnoses=("M3219", "BG:D6"),
            frequency="8",
            payer_claim_control_number="22627800000207",
        ),
        "Claims manual ch. 1 s. 130.1.2: xx8 carries D5 or D6; a void repeats the claim, faults included",
        forbid=CLEAN,
    ),
    Situation(
        "void-for-a-commercial-payer",
        infused(
            "837P",
            "VOID",
            drug_line(modifiers=(), ndc=None, ndc_quantity=None, ndc_unit=None),
            filing="CI",
            frequency="8",
            payer_claim_control_number="ICN2026100002",
            prior_authorization=None,
        ),
        "A void repeats the claim, faults included",
        forbid=CLEAN,
    ),
)

UNSEEN = (
    Situation(
        "rural-health-clinic-without-jz",
        infused(
            "837I",
            "RURAL",
            LineSpec("99214", ("CG",), revenue_code="0521"),
            LineSpec("J0490", units=80),
            facility_code="71",
        ),
        "A rural health clinic is paid by the visit: no JW or JZ",
        forbid="JWJZ01:warn+",
    ),
    Situation(
        "waste-line-under-another-physician-of-the-group",
        infused(
            "837P",
            "PARTNER",
            AVSOLA.line(41),
            AVSOLA.line(9, "JW", rendering_npi=OTHER_RENDERING_NPI),
            COMPLEX,
            diagnoses=CROHNS_DISEASE,
        ),
        "Claims manual ch. 12 s. 30.6.5: one group and specialty is one physician",
        forbid=f"{NOT_REJECTED} JWJZ01 JWJZ04",
    ),
    Situation(
        "white-bagging-administration-alone",
        infused(
            "837P",
            "WHITEBAG",
            COMPLEX,
            diagnoses=CROHNS_DISEASE,
            filing="MC",
            note="DRUG SUPPLIED AND BILLED BY SPECIALTY PHARMACY",
        ),
        "Texas Medicaid manual, vendor drug program B.1.2: the provider bills the administration and not the drug",
        forbid=NOT_REJECTED,
    ),
    Situation(
        "free-drug-at-no-charge",
        infused(
            "837P",
            "NOCHARGE",
            drug_line(charge=0),
            SIMPLE,
            filing="CI",
            note="DRUG REPLACED BY MANUFACTURER AT NO COST",
        ),
        "Correct for a free or replaced drug, so not more than a warning",
        forbid=NOT_REJECTED,
    ),
    Situation(
        "vial-shared-with-the-next-patient",
        infused("837P", "SHARED", REMICADE.line(35, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE),
        "Claims manual ch. 17 s. 40: the next patient had the rest of the vial, so JZ is right",
        forbid=NOT_REJECTED,
    ),
    Situation(
        "new-biologic-without-code-in-the-office",
        infused("837P", "NEWBIO", NEW_BIOLOGIC, COMPLEX, diagnoses=RHEUMATOID_ARTHRITIS, prior_authorization=None),
        "Palmetto and CGS: one unit, name and dose in SV101-7, and the NDC",
        forbid=f"{NOT_REJECTED} NOC01 NOC02 NOC03 NOC04 NOC05",
    ),
    Situation(
        "new-drug-of-a-hospital",
        infused(
            "837I",
            "NEWHOSP",
            attrs.evolve(NEW_BIOLOGIC, procedure="C9399", revenue_code="0636"),
            attrs.evolve(COMPLEX, revenue_code="0335"),
            diagnoses=RHEUMATOID_ARTHRITIS,
        ),
        "OPPS: C9399 is priced by its NDC and description, and both are there",
        forbid=f"{NOT_REJECTED} NOC01 NOC02 NOC03",
    ),
)

CORRECT = (*HOSPITAL, *STAYS, *HEAVY, *HOME, *PAYERS_IN_TURN, *OFFICE, *TRIALS, *CORRECTIONS, *UNSEEN)
