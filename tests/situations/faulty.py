"""Claims that a payer denies or sends back, one fault each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import attrs

from scrubber.testing import (
    AUTOINJECTOR,
    SERVICE_DATE,
    LineSpec,
    drug_line,
    infusion_claim,
    with_line,
)
from tests.situations.claims import (
    AVSOLA,
    COMPLEX,
    CROHNS_DISEASE,
    INFLECTRA,
    NEW_BIOLOGIC,
    OCREVUS,
    REMICADE,
    RHEUMATOID_ARTHRITIS,
    RITUXAN_500_MG,
    SAPHNELO_300_MG,
    SIMPLE,
    TRUXIMA_500_MG,
    hospital_stay,
    infused,
    no_code,
    on_days,
)
from tests.situations.situation import Situation

BELIMUMAB = infusion_claim("837P", "BELIMUMAB")
ANIFROLUMAB = infused("837P", "ANIFROLUMAB", SAPHNELO_300_MG.line(300, "JZ"), SIMPLE)
INFLIXIMAB = infused("837P", "INFLIXIMAB", REMICADE.line(40, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE)
RITUXIMAB = infused("837P", "RITUXIMAB", RITUXAN_500_MG.line(100, "JZ"), COMPLEX, diagnoses=RHEUMATOID_ARTHRITIS)
OCRELIZUMAB = infused("837P", "OCRELIZUMAB", OCREVUS.line(600, "JZ"), COMPLEX, diagnoses=("G35A",))
NEW = infused("837P", "NEW", NEW_BIOLOGIC, COMPLEX, diagnoses=RHEUMATOID_ARTHRITIS)
HOSPITAL_INFLIXIMAB = infused(
    "837I",
    "HOSPITAL",
    REMICADE.line(40, "JZ"),
    attrs.evolve(COMPLEX, revenue_code="0335"),
    diagnoses=CROHNS_DISEASE,
)
STAY = hospital_stay("STAY", no_code("0300", 210), diagnosis="M3214")
REPLACEMENT = infusion_claim(
    "837I",
    "ADJUST",
    frequency="7",
    payer_claim_control_number="22627800000107",
    diagnoses=("M3219", "Z79899", "BG:D1"),
)


WASTE = (
    Situation(
        "biosimilar-without-jz-or-jw",
        infused("837P", "NOJZ", INFLECTRA.line(40), COMPLEX, diagnoses=CROHNS_DISEASE),
        "CMS: JW or JZ on each single-dose drug since 2023-10-01, else unprocessable",
        expect="JWJZ01:reject",
    ),
    Situation(
        "advantage-plan-without-jz",
        infused("837P", "MADVJZ", REMICADE.line(40), COMPLEX, diagnoses=CROHNS_DISEASE, filing="16"),
        "Medicare Advantage: at most a warning",
        expect="JWJZ01:warn",
        forbid="JWJZ01:reject",
    ),
    Situation(
        "medicaid-without-jz",
        infusion_claim("837P", "MCDJZ", lines=(drug_line(modifiers=()), SIMPLE), filing="MC"),
        "Medicaid plans ask for JW or JZ by now, so warn",
        expect="JWJZ01:warn",
        forbid="JWJZ01:reject",
    ),
    Situation(
        "jz-before-there-was-one",
        infused(
            "837P",
            "JZ2022",
            REMICADE.line(40, "JZ", dates=date(2022, 11, 7)),
            attrs.evolve(COMPLEX, dates=date(2022, 11, 7)),
            diagnoses=CROHNS_DISEASE,
        ),
        "JZ is a modifier from 2023-01-01",
        expect="JWJZ10:reject",
        file_date=date(2022, 11, 14),
    ),
    Situation(
        "jw-on-the-given-units",
        with_line(attrs.evolve(RITUXIMAB, claim_id="JWGIVEN"), 1, modifiers=("JW",)),
        "JW stands on the waste, not on two whole vials that were given",
        expect="JWJZ14:reject",
    ),
    Situation(
        "jw-under-another-date-than-the-jz-line",
        infused(
            "837P",
            "JWNEXTDAY",
            AVSOLA.line(38, "JZ"),
            AVSOLA.line(2, "JW", dates=SERVICE_DATE + timedelta(days=1)),
            COMPLEX,
            diagnoses=CROHNS_DISEASE,
        ),
        "CMS: the JW line has the date of the given units",
        expect="JWJZ04:reject",
    ),
    Situation(
        "jz-beside-a-jw-line",
        infused("837P", "JZANDJW", AVSOLA.line(41, "JZ"), AVSOLA.line(9, "JW"), COMPLEX, diagnoses=CROHNS_DISEASE),
        "JZ says that nothing was wasted, JW that something was",
        expect="JWJZ03:reject",
    ),
    Situation(
        "jw-of-half-a-unit",
        infused(
            "837P",
            "HALFJW",
            AVSOLA.line(40),
            attrs.evolve(AVSOLA.line(1, "JW"), units="0.5", charge=45, ndc_quantity="0.05"),
            COMPLEX,
            diagnoses=CROHNS_DISEASE,
        ),
        "JW: one whole billing unit or none",
        expect="JWJZ05:reject",
    ),
    Situation(
        "jz-on-a-part-of-a-vial",
        infused("837P", "PARTVIAL", REMICADE.line(41, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE),
        "41 units are no whole vials of 10; a shared vial may explain it, so warn",
        expect="JWJZ06:warn",
        forbid="JWJZ06:reject",
    ),
    Situation(
        "two-vials-too-many-opened",
        infused(
            "837I",
            "TWOVIALS",
            REMICADE.line(30),
            REMICADE.line(20, "JW"),
            attrs.evolve(COMPLEX, revenue_code="0335"),
            diagnoses=CROHNS_DISEASE,
        ),
        "300 mg are three vials; waste is the rest of the vials needed",
        expect="JWJZ08:warn",
    ),
    Situation(
        "jz-on-the-administration",
        with_line(attrs.evolve(BELIMUMAB, claim_id="JZADMIN"), 2, modifiers=("JZ",)),
        "JZ is a modifier of drugs",
        expect="JWJZ09:warn",
    ),
)

ADMINISTRATION = (
    Situation(
        "emergency-visit-with-a-push",
        infused(
            "837I",
            "ERPUSH",
            LineSpec("J1885", units=2, charge=20),
            LineSpec("96374"),
            LineSpec("99284", revenue_code="0450", charge=900),
            diagnoses=("R1031",),
        ),
        "OCE edit 21: a visit beside a push of any drug needs 25",
        expect="MOD01:reject",
    ),
    Situation(
        "hours-on-the-initial-code",
        with_line(attrs.evolve(RITUXIMAB, claim_id="HOURS"), 2, units=4),
        "An initial code is one unit; further hours are 96415",
        expect="ADM06:warn",
    ),
    Situation(
        "complex-hours-on-a-simple-infusion",
        infused("837P", "MIXED", REMICADE.line(40, "JZ"), SIMPLE, LineSpec("96415"), diagnoses=CROHNS_DISEASE),
        "CMS add-on edits, type 1: 96415 goes with 96413",
        expect="ADM04:warn+",
    ),
    Situation(
        "further-hours-alone",
        with_line(attrs.evolve(INFLIXIMAB, claim_id="ADDALONE"), 2, procedure="96415", units=2),
        "An add-on without any initial code is not paid",
        expect="ADM04:reject",
    ),
    Situation(
        "two-initial-codes",
        infused("837P", "TWOINIT", REMICADE.line(40, "JZ"), COMPLEX, SIMPLE, diagnoses=CROHNS_DISEASE),
        "One initial code for a visit and access",
        expect="ADM05:reject",
    ),
    Situation(
        "injection-code-for-infliximab",
        with_line(attrs.evolve(INFLIXIMAB, claim_id="INJECTED"), 2, procedure="96372", charge=30),
        "Remicade is infused, 96372 is an injection under the skin or into muscle",
        expect="ADM07:warn",
    ),
    Situation(
        "rituximab-without-administration",
        attrs.evolve(RITUXIMAB, claim_id="NOADMIN", lines=RITUXIMAB.lines[:1], filing="CI"),
        "N349: drug and administration are reported together",
        expect="ADM02:warn",
    ),
    Situation(
        "office-code-at-home",
        infusion_claim("837P", "ATHOME", filing="CI", facility_code="12"),
        "Plans pay home infusion by per diem codes, not by 96365",
        expect="ADM10:warn",
    ),
)

DRUG_CODES = (
    Situation(
        "medicaid-without-ndc",
        with_line(
            attrs.evolve(INFLIXIMAB, claim_id="NONDC", filing="MC"), 1, ndc=None, ndc_quantity=None, ndc_unit=None
        ),
        "Drug rebate rules: Medicaid pays no infused drug without its NDC",
        expect="NDC01:reject",
    ),
    Situation(
        "ndc-of-ten-digits",
        with_line(attrs.evolve(BELIMUMAB, claim_id="TENDIGITS"), 1, ndc="4940110201"),
        "The NDC of a claim has eleven digits",
        expect="NDC02:reject",
    ),
    Situation(
        "autoinjector-on-the-infusion-code",
        with_line(attrs.evolve(BELIMUMAB, claim_id="PEN"), 1, ndc=AUTOINJECTOR),
        "No subcutaneous belimumab has a code of its own; J0490 is the vial",
        expect="NDC05:reject",
    ),
    Situation(
        "biosimilar-package-on-the-brand-code",
        with_line(attrs.evolve(INFLIXIMAB, claim_id="WRONGNDC"), 1, ndc=INFLECTRA.ndc),
        "CMS crosswalk October 2025: 00069-0809-01 is Q5103",
        expect="NDC06:reject",
    ),
    Situation(
        "injected-product-on-the-infused-code",
        with_line(attrs.evolve(OCRELIZUMAB, claim_id="ZUNOVO"), 1, ndc="50242055401", ndc_quantity=23),
        "CMS crosswalk October 2025: 50242-0554-01 (Ocrevus Zunovo) is J2351",
        expect="*:warn+",
        right=OCRELIZUMAB,
    ),
    Situation(
        "unlisted-package-of-a-known-drug",
        with_line(attrs.evolve(INFLIXIMAB, claim_id="UNLISTED"), 1, ndc="57894099901"),
        "No such package of J1745 is listed (CMS crosswalk October 2025)",
        expect="NDC08:warn",
    ),
    Situation(
        "one-vial-for-the-units-of-two",
        infused(
            "837P",
            "ONEVIAL",
            TRUXIMA_500_MG.line(100, "JZ", ndc_quantity=50),
            COMPLEX,
            diagnoses=RHEUMATOID_ARTHRITIS,
            filing="MC",
        ),
        "50 mL are 50 units of 10 mg, and 100 are billed; Medicaid holds both against each other",
        expect="NDC07:reject",
    ),
    Situation(
        "unclassified-code-for-belimumab",
        with_line(
            attrs.evolve(BELIMUMAB, claim_id="UNCLASSIFIED"),
            1,
            procedure="J3590",
            units=1,
            charge=4800,
            description="BELIMUMAB 800 MG",
        ),
        "Belimumab has J0490 since 2012",
        expect="NOC05:reject",
    ),
    Situation(
        "unclassified-biologic-without-description",
        with_line(attrs.evolve(NEW, claim_id="NODESC"), 1, description=""),
        "Palmetto and CGS: name and dose stand in SV101-7",
        expect="NOC01:reject",
    ),
    Situation(
        "unclassified-biologic-by-the-milligram",
        with_line(attrs.evolve(NEW, claim_id="MANYUNITS"), 1, units=250),
        "An unclassified drug is one unit for Medicare",
        expect="NOC04:warn",
    ),
    Situation(
        "new-hospital-drug-without-ndc",
        infused(
            "837I",
            "C9NONDC",
            attrs.evolve(
                NEW_BIOLOGIC, procedure="C9399", revenue_code="0636", ndc=None, ndc_quantity=None, ndc_unit=None
            ),
            attrs.evolve(COMPLEX, revenue_code="0335"),
            diagnoses=RHEUMATOID_ARTHRITIS,
        ),
        "C9399 is priced by its NDC",
        expect="NOC03:reject",
    ),
)

DIAGNOSIS_AND_PATIENT = (
    Situation(
        "drug-induced-lupus-with-anifrolumab",
        attrs.evolve(ANIFROLUMAB, claim_id="INDUCED", diagnoses=("M320", "T465X5A")),
        "Saphnelo label: systemic lupus; M32.0 is another disease",
        expect="DX01:warn+",
    ),
    Situation(
        "proteinuria-heading-of-2024",
        attrs.evolve(BELIMUMAB, claim_id="N062", diagnoses=("M3219", "N062")),
        "ICD-10-CM FY2024: N06.2 became N06.20 to N06.29",
        expect="DX02:reject",
    ),
    Situation(
        "multiple-sclerosis-by-its-old-code",
        attrs.evolve(OCRELIZUMAB, claim_id="OLDG35", diagnoses=("G35",)),
        "ICD-10-CM FY2026: G35 is a heading from 2025-10-01 (G35.A to G35.D)",
        expect="DX02:reject",
    ),
    Situation(
        "infliximab-for-lupus",
        attrs.evolve(INFLIXIMAB, claim_id="OFFLABEL", diagnoses=("M3219", "Z79899")),
        "Remicade label: bowel, joints, spine and skin, no lupus",
        expect="DX03:warn",
    ),
    Situation(
        "nephritis-in-diseases-elsewhere-beside-lupus-nephritis",
        attrs.evolve(BELIMUMAB, claim_id="EXCLUDES1", diagnoses=("M3214", "N08")),
        "ICD-10-CM Excludes1: N08 with M32.14",
        expect="DX05:warn",
    ),
    Situation(
        "the-same-diagnosis-twice",
        attrs.evolve(BELIMUMAB, claim_id="DXTWICE", diagnoses=("M3219", "Z79899", "M3219")),
        "A diagnosis stands once on a claim (issue 12, part 7; ICD-10-CM guidelines I.B.12)",
        expect="*:warn+",
        right=BELIMUMAB,
    ),
    Situation(
        "anifrolumab-at-fifteen",
        attrs.evolve(ANIFROLUMAB, claim_id="AGE15", birth_date=date(2011, 6, 1)),
        "Saphnelo label: adults",
        expect="AGE02:warn",
    ),
    Situation(
        "infliximab-at-four",
        infused(
            "837P", "AGE4", REMICADE.line(10, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE, birth_date=date(2022, 6, 1)
        ),
        "Remicade label: Crohn's disease from 6 years",
        expect="*:warn+",
        right=infused(
            "837P", "AGE8", REMICADE.line(10, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE, birth_date=date(2018, 6, 1)
        ),
    ),
    Situation(
        "born-in-1900",
        attrs.evolve(BELIMUMAB, claim_id="BORN1900", birth_date=date(1900, 1, 1)),
        "Above 120 years: most likely a placeholder, so warn",
        expect="*:warn+",
        forbid="*:reject",
        right=BELIMUMAB,
    ),
    Situation(
        "twice-the-dose-of-the-weight",
        infusion_claim("837P", "DOUBLE", lines=(drug_line(units=120), SIMPLE), weight=132),
        "60 kg and 1,200 mg are 20 mg/kg; the label says 10",
        expect="MIX03:warn",
    ),
    Situation(
        "milligrams-of-infliximab-as-units",
        infused("837P", "MGUNITS", REMICADE.line(400, "JZ"), COMPLEX, diagnoses=CROHNS_DISEASE),
        "400 units are 4,000 mg; 10 mg/kg would need 400 kg",
        expect="*:warn+",
        right=INFLIXIMAB,
    ),
    Situation(
        "units-with-a-fraction",
        infused(
            "837P",
            "FRACTION",
            attrs.evolve(REMICADE.line(40, "JZ"), units="39.5", charge=3555),
            COMPLEX,
            diagnoses=CROHNS_DISEASE,
        ),
        "First Coast and Noridian: given units are whole, rounded up",
        expect="*:warn+",
        right=INFLIXIMAB,
    ),
    Situation(
        "both-lupus-biologics-on-one-day",
        infused("837P", "BOTH", drug_line(), SAPHNELO_300_MG.line(300, "JZ"), SIMPLE, LineSpec("96367")),
        "Both labels: not with other biologics",
        expect="MIX01:warn",
    ),
    Situation(
        "anifrolumab-after-a-week",
        on_days(attrs.evolve(ANIFROLUMAB, claim_id="AFTER7"), date(2026, 10, 1), date(2026, 10, 8)),
        "Saphnelo label: at least 14 days between doses",
        expect="INT02:warn",
    ),
)

CLAIM_LEVEL = (
    Situation(
        "new-biologic-at-pos-22",
        attrs.evolve(NEW, claim_id="NEWPOS22", facility_code="22"),
        "42 CFR 410.26: no drug incident to a physician's service in a hospital, with a code of its own or without",
        expect="*:warn+",
        right=NEW,
    ),
    Situation(
        "visit-without-25",
        attrs.evolve(INFLIXIMAB, claim_id="NO25", lines=(*INFLIXIMAB.lines, LineSpec("99214"))),
        "NCCI: a visit on the day of an infusion needs 25",
        expect="MOD01:reject",
    ),
    Situation(
        "emergency-visit-with-27",
        attrs.evolve(
            HOSPITAL_INFLIXIMAB,
            claim_id="ED27",
            diagnoses=("K5090", "APR:K921"),
            lines=(*HOSPITAL_INFLIXIMAB.lines, LineSpec("99284", ("27",), revenue_code="0450", charge=900)),
        ),
        "OCE edit 21: 25 separates the visit from the infusion; 27 only counts several visits",
        expect="MOD01:warn+",
    ),
    Situation(
        "nurse-visit-beside-an-infusion",
        attrs.evolve(BELIMUMAB, claim_id="NURSE", lines=(*BELIMUMAB.lines, LineSpec("99211", ("25",), charge=30))),
        "Claims manual ch. 12 s. 30.6.7: 99211 is never paid with an infusion, with 25 or without",
        expect="MOD02:reject",
    ),
    Situation(
        "old-340b-modifier",
        with_line(attrs.evolve(HOSPITAL_INFLIXIMAB, claim_id="JG2026"), 1, modifiers=("JZ", "JG")),
        "OPPS: TB alone since 2025",
        expect="MOD03:warn",
    ),
    Situation(
        "drug-of-a-physician-in-a-nursing-facility",
        infusion_claim("837P", "POS31", facility_code="31"),
        "A Part A stay pays its drugs; the physician bills none",
        expect="POS04:warn",
    ),
    Situation(
        "coded-drug-on-the-general-pharmacy-line",
        with_line(attrs.evolve(HOSPITAL_INFLIXIMAB, claim_id="REV0250"), 1, revenue_code="0250"),
        "A separately payable drug stands on 0636",
        expect="REV01:warn",
    ),
    Situation(
        "commercial-without-authorization",
        infusion_claim("837P", "NOAUTH", filing="CI", prior_authorization=None),
        "Commercial plans authorize belimumab beforehand",
        expect="PA01:warn",
    ),
    Situation(
        "medicare-with-another-plans-number",
        attrs.evolve(BELIMUMAB, claim_id="NOTMBI", member_id="XYZ123456789"),
        "A Medicare number has eleven places and its own shape",
        expect="PAY01:warn",
    ),
    Situation(
        "part-b-line-above-the-limit",
        infusion_claim("837P", "BIGLINE", lines=(drug_line(charge=Decimal("104800.50")), SIMPLE)),
        "First Coast: a Part B line holds at most $99,999.99 and is split above",
        expect="*:warn+",
        right=BELIMUMAB,
    ),
    Situation(
        "the-same-drug-line-twice",
        attrs.evolve(INFLIXIMAB, claim_id="TWICE", filing="CI", lines=(INFLIXIMAB.lines[0], *INFLIXIMAB.lines)),
        "Two lines alike in all things",
        expect="DUP01:warn",
    ),
    Situation(
        "modifier-twice-for-a-commercial-payer",
        with_line(attrs.evolve(BELIMUMAB, claim_id="JZTWICE", filing="CI"), 1, modifiers=("JZ", "JZ")),
        "A modifier twice warns outside Medicare",
        expect="MOD05:warn",
        forbid="MOD05:reject",
    ),
    Situation(
        "part-b-replacement",
        attrs.evolve(BELIMUMAB, claim_id="PARTB7", frequency="7", payer_claim_control_number="1126278000010"),
        "CMS 837P companion guide: Part B takes frequency 1 alone",
        expect="*:warn+",
        right=BELIMUMAB,
    ),
    Situation(
        "hospital-replacement-without-change-reason",
        attrs.evolve(REPLACEMENT, claim_id="NOREASON", diagnoses=("M3219", "Z79899")),
        "Claims manual ch. 1 s. 130.1.2.2: xx7 without D0 to D4, D7 to D9 or E0 goes back to the provider",
        expect="*:warn+",
        right=REPLACEMENT,
    ),
    Situation(
        "discharge-without-its-hour",
        attrs.evolve(STAY, claim_id="NOHOUR", stay=STAY.stay[:1]),
        "837I guide: a final inpatient claim has its discharge hour, DTP*096 (issue 12, part 7)",
        expect="*:warn+",
        right=STAY,
    ),
)

FAULTY = (*WASTE, *ADMINISTRATION, *DRUG_CODES, *DIAGNOSIS_AND_PATIENT, *CLAIM_LEVEL)
