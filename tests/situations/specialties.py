"""Drugs as other specialties bill them every day: correct claims, and the same claims with a usual mistake.

The NDCs and the units of a container are those of the CMS ASP NDC-HCPCS crosswalk of October 2025.
"""

from __future__ import annotations

from typing import Any

import attrs

from scrubber.testing import ClaimSpec, ClaimType, LineSpec
from tests.situations.claims import Package, infused
from tests.situations.situation import Situation

CLEAN = "*:warn+"
CROSSWALK = "CMS ASP NDC-HCPCS crosswalk, October 2025"

KEYTRUDA = Package("J9271", "00006302602", 100, "4", "ML", 58)
OPDIVO_240 = Package("J9299", "00003373413", 240, "24", "ML", 32)
OPDIVO_40 = Package("J9299", "00003377211", 40, "4", "ML", 32)
TECENTRIQ = Package("J9022", "50242091701", 120, "20", "ML", 88)
IMFINZI = Package("J9173", "00310461150", 50, "10", "ML", 82)
AVASTIN = Package("J9035", "50242006001", 10, "4", "ML", 70)
MVASI_400 = Package("Q5107", "55513020701", 40, "16", "ML", 30)
MVASI_100 = Package("Q5107", "55513020601", 10, "4", "ML", 30)
KANJINTI_150 = Package("Q5117", "55513014101", 15, "1", "UN", 45)
KANJINTI_420 = Package("Q5117", "55513013201", 42, "1", "UN", 45)
PHESGO = Package("J9316", "50242026001", 120, "10", "ML", 60)
ENHERTU = Package("J9358", "65597040601", 100, "1", "UN", 29)
DARZALEX_FASPRO = Package("J9144", "57894050301", 180, "15", "ML", 52)
KYPROLIS_60 = Package("J9047", "76075010101", 60, "1", "UN", 50)
VELCADE = Package("J9041", "63020004901", 35, "1", "UN", 8)
ABRAXANE = Package("J9264", "68817013450", 100, "1", "UN", 10)
ALIMTA_500 = Package("J9305", "00002762301", 50, "1", "UN", 40)
PADCEV_30 = Package("J9177", "51144003001", 120, "1", "UN", 34)
FASLODEX = Package("J9395", "00310072010", 10, "5", "ML", 20)
ELIGARD_45 = Package("J9217", "62935045345", 6, "1", "UN", 250)
FIRMAGON_80 = Package("J9155", "55566830301", 80, "1", "UN", 5)
XGEVA = Package("J0897", "55513073001", 120, "1.7", "ML", 24)
NEULASTA = Package("J2506", "55513019001", 12, "0.6", "ML", 300)
CINVANTI = Package("J0185", "47426020101", 130, "18", "ML", 2)
RETACRIT_40 = Package("Q5106", "00069130904", 40, "1", "ML", 8)
ARANESP_100 = Package("J0881", "55513002504", 100, "0.5", "ML", 3)
INJECTAFER_750 = Package("J1439", "00517065001", 750, "15", "ML", 1)
VENOFER_200 = Package("J1756", "00517231005", 200, "10", "ML", 1)
INFED = Package("J1750", "52584008601", 2, "2", "ML", 18)
NPLATE_250 = Package("J2802", "55513022101", 250, "1", "UN", 9)
HEMLIBRA_60 = Package("J7170", "50242092101", 120, "0.4", "ML", 50)
REBLOZYL_75 = Package("J0896", "59572077501", 300, "1", "UN", 40)
TYSABRI = Package("J2323", "64406000801", 300, "15", "ML", 22)
BRIUMVI = Package("J2329", "73150015006", 150, "6", "ML", 62)
SOLIRIS = Package("J1299", "25682000101", 150, "30", "ML", 42)
ULTOMIRIS_1100 = Package("J1303", "25682002801", 110, "11", "ML", 210)
VYVGART = Package("J9332", "73475304105", 200, "20", "ML", 30)
HYTRULO = Package("J9334", "73475310203", 504, "1", "UN", 30)
VYEPTI = Package("J3032", "67386013051", 100, "1", "ML", 18)
LEQEMBI_500 = Package("J0174", "62856021501", 500, "5", "ML", 1)
LEQEMBI_200 = Package("J0174", "62856021201", 200, "2", "ML", 1)
RADICAVA = Package("J1301", "70510217102", 30, "100", "ML", 20)
BOTOX_200 = Package("J0585", "00023392102", 200, "1", "UN", 6)
DYSPORT_500 = Package("J0586", "15054050001", 100, "1", "UN", 8)
PRIVIGEN_20_G = Package("J1459", "44206043820", 40, "200", "ML", 48)
GAMUNEX_40_G = Package("J1561", "13533080040", 80, "400", "ML", 46)
HIZENTRA_10_G = Package("J1559", "44206045510", 100, "50", "ML", 14)
XOLAIR_150 = Package("J2357", "50242021501", 30, "1", "ML", 42)
NUCALA = Package("J2182", "00173088101", 100, "1", "UN", 30)
FASENRA = Package("J0517", "00310173030", 30, "1", "ML", 160)
TEZSPIRE = Package("J2356", "55513011201", 210, "1.91", "ML", 17)
EYLEA = Package("J0178", "61755000501", 2, "1", "UN", 900)
EYLEA_HD = Package("J0177", "61755005001", 8, "1", "UN", 300)
VABYSMO = Package("J2777", "50242009601", 60, "1", "UN", 33)
CIMERLI = Package("Q5128", "61314062594", 5, "1", "UN", 160)
SYFOVRE = Package("J2781", "73606002001", 15, "1", "UN", 138)
OZURDEX = Package("J7312", "00023334807", 7, "1", "UN", 190)
TEPEZZA = Package("J3241", "75987013015", 50, "1", "UN", 330)
ENTYVIO = Package("J3380", "64764030020", 300, "1", "UN", 20)
SKYRIZI_IV = Package("J2327", "00074501501", 600, "10", "ML", 14)
STELARA_IV = Package("J3358", "57894005427", 130, "26", "ML", 12)
ORENCIA_250 = Package("J0129", "00003218713", 25, "1", "UN", 42)
ORENCIA_125 = Package("J0129", "00003218811", 13, "1", "ML", 42)
SIMPONI_ARIA = Package("J1602", "57894035001", 50, "4", "ML", 11)
KRYSTEXXA = Package("J2507", "75987008010", 8, "1", "ML", 3400)
CIMZIA = Package("J0717", "50474070062", 200, "1", "UN", 4)
EVENITY = Package("J3111", "55513088002", 105, "1.17", "ML", 11)
TYENNE_400 = Package("Q5135", "65219059420", 400, "20", "ML", 4)
ILARIS = Package("J0638", "00078073461", 150, "1", "ML", 130)
PROLIA = Package("J0897", "55513071001", 60, "1", "ML", 26)
CIMZIA_KIT = Package("J0717", "50474070062", 400, "1", "UN", 4)
LIBTAYO = Package("J9119", "61755000801", 350, "7", "ML", 30)
EPOGEN_20 = Package("J0885", "55513028310", 20, "2", "ML", 9)
ACTEMRA_400 = Package("J3262", "50242013701", 400, "20", "ML", 6)
CINRYZE = Package("J0598", "42227008301", 50, "1", "UN", 64)

COMPLEX, SIMPLE, INJECTION, PUSH = "96413", "96365", "96372", "96409"
HORMONE, CHEMO_INJECTION, EYE, NERVES = "96402", "96401", "67028", "64615"
BREAST, LUNG, COLON, PROSTATE = ("C50911",), ("C3411",), ("C187",), ("C61",)
MYELOMA, MELANOMA, BLADDER = ("C9000",), ("C439",), ("C679",)
RETINA, ASTHMA, IRON, KIDNEY = ("H353211",), ("J4550",), ("D509",), ("N184", "D631")
CROHN, COLITIS, ARTHRITIS, GOUT = ("K5090",), ("K5190",), ("M0579",), ("M1A00X0",)

MEDICARE, COMMERCIAL, ADVANTAGE = {"filing": "MB"}, {"filing": "CI"}, {"filing": "16"}
OFFICE: ClaimType = "837P"
HOSPITAL: ClaimType = "837I"


def administered(code: str) -> LineSpec:
    """The line of an administration; a procedure on an eye names it."""
    return LineSpec(code, ("RT",) if code == EYE else (), charge=300)


def claim(
    claim_type: ClaimType,
    payer: dict[str, str],
    drugs: tuple[tuple[Package, int, str], ...],
    given_by: tuple[str, ...],
    diagnoses: tuple[str, ...],
) -> ClaimSpec:
    """A claim of drugs (package, units, modifiers) and their administrations.

    An ESA has its last hemoglobin, and lecanemab the registry that Medicare asks for.
    """
    lines = [package.line(units, *modifiers.split()) for package, units, modifiers in drugs]
    if any("EC" in line.modifiers for line in lines):
        if claim_type == OFFICE:
            lines = [attrs.evolve(line, extra=("MEA*TR*R1*9.8",)) for line in lines]
        else:
            diagnoses = (*diagnoses, "BE:48:::9.8")
    extra: tuple[str, ...] = ()
    if lines[0].procedure == LEQEMBI_500.procedure and payer == MEDICARE:
        lines = [attrs.evolve(line, modifiers=("Q0", *line.modifiers)) for line in lines]
        number = ("BG:30", "BE:D4:::99999999") if claim_type == HOSPITAL else ()
        extra = () if claim_type == HOSPITAL else ("REF*P4*99999999",)
        diagnoses = (*diagnoses, "Z006", *number)
    if claim_type == HOSPITAL and payer["filing"] == "MB":
        payer = {"filing": "MA"}
    given = map(administered, given_by)
    whole = infused(claim_type, "SPECIALTY", *lines, *given, diagnoses=diagnoses, extra=extra, **payer)
    return attrs.evolve(whole, sex="M") if "C61" in diagnoses else whole


def row(*drugs: tuple[Package, int, str], by: tuple[str, ...], dx: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """A row of the table below."""
    return {"drugs": drugs, "given_by": by, "diagnoses": dx, **changes}


ROWS: dict[str, dict[str, Any]] = {
    # oncology
    "pembrolizumab-every-three-weeks": row((KEYTRUDA, 200, "JZ"), by=(COMPLEX,), dx=LUNG),
    "nivolumab-flat-dose": row((OPDIVO_240, 240, "JZ"), by=(COMPLEX,), dx=MELANOMA),
    "nivolumab-480-from-two-vials": row((OPDIVO_240, 480, "JZ"), by=(COMPLEX,), dx=MELANOMA),
    "nivolumab-by-weight-with-waste": row((OPDIVO_40, 210, ""), (OPDIVO_40, 30, "JW"), by=(COMPLEX,), dx=MELANOMA),
    "atezolizumab-flat-dose": row((TECENTRIQ, 120, "JZ"), by=(COMPLEX,), dx=LUNG),
    "durvalumab-flat-dose": row((IMFINZI, 150, "JZ"), by=(COMPLEX,), dx=LUNG),
    "bevacizumab-two-sizes": row((MVASI_400, 40, "JZ"), (MVASI_100, 10, "JZ"), by=(COMPLEX,), dx=COLON),
    "trastuzumab-150-with-waste": row((KANJINTI_150, 40, ""), (KANJINTI_150, 5, "JW"), by=(COMPLEX,), dx=BREAST),
    "trastuzumab-420-multiple-dose": row((KANJINTI_420, 42, ""), by=(COMPLEX,), dx=BREAST),
    "pertuzumab-and-trastuzumab-injected": row((PHESGO, 120, "JZ"), by=(CHEMO_INJECTION,), dx=BREAST),
    "trastuzumab-deruxtecan-with-waste": row((ENHERTU, 370, ""), (ENHERTU, 30, "JW"), by=(COMPLEX,), dx=BREAST),
    "daratumumab-injected": row((DARZALEX_FASPRO, 180, "JZ"), by=(CHEMO_INJECTION,), dx=MYELOMA),
    "carfilzomib-whole-vial": row((KYPROLIS_60, 60, "JZ"), by=(COMPLEX,), dx=MYELOMA),
    "bortezomib-with-waste": row((VELCADE, 24, ""), (VELCADE, 11, "JW"), by=(CHEMO_INJECTION,), dx=MYELOMA),
    "paclitaxel-protein-bound": row((ABRAXANE, 180, ""), (ABRAXANE, 20, "JW"), by=(COMPLEX,), dx=BREAST),
    "pemetrexed-with-waste": row((ALIMTA_500, 92, ""), (ALIMTA_500, 8, "JW"), by=(PUSH,), dx=LUNG),
    "enfortumab-quarter-milligrams": row((PADCEV_30, 360, "JZ"), by=(COMPLEX,), dx=BLADDER),
    "fulvestrant-two-syringes": row((FASLODEX, 20, "JZ"), by=(HORMONE,), dx=BREAST),
    "leuprolide-six-months": row((ELIGARD_45, 6, "JZ"), by=(HORMONE,), dx=PROSTATE),
    "degarelix-maintenance": row((FIRMAGON_80, 80, "JZ"), by=(HORMONE,), dx=PROSTATE),
    "denosumab-for-bone-metastases": row((XGEVA, 120, "JZ"), by=(INJECTION,), dx=("C7951", "C50911")),
    "pegfilgrastim-day-two": row((NEULASTA, 12, "JZ"), by=(INJECTION,), dx=("D701", "C50911")),
    "aprepitant-before-chemotherapy": row((KEYTRUDA, 200, "JZ"), (CINVANTI, 130, "JZ"), by=(COMPLEX, "96375"), dx=LUNG),
    "cemiplimab-every-six-weeks": row((LIBTAYO, 700, "JZ"), by=(COMPLEX,), dx=("C4442",)),
    "abatacept-against-graft-versus-host-disease": row((ORENCIA_250, 100, "JZ"), by=(SIMPLE,), dx=("D89810", "C9201")),
    "tocilizumab-for-cytokine-release": row((ACTEMRA_400, 400, "JZ"), by=(SIMPLE,), dx=("D89832",)),
    "tocilizumab-for-covid-19": row((ACTEMRA_400, 400, "JZ"), by=(SIMPLE,), dx=("U071",)),
    # haematology and nephrology
    "epoetin-multiple-dose-vial": row((EPOGEN_20, 10, "EC"), by=(INJECTION,), dx=KIDNEY),
    "epoetin-for-kidney-disease": row((RETACRIT_40, 40, "EC JZ"), by=(INJECTION,), dx=KIDNEY),
    "darbepoetin-in-micrograms": row((ARANESP_100, 100, "EC JZ"), by=(INJECTION,), dx=KIDNEY),
    "ferric-carboxymaltose": row((INJECTAFER_750, 750, "JZ"), by=(SIMPLE,), dx=IRON),
    "iron-sucrose-without-modifier": row((VENOFER_200, 200, ""), by=(SIMPLE,), dx=IRON),
    "iron-sucrose-pushed": row((VENOFER_200, 200, "JZ"), by=("96374",), dx=IRON),
    "iron-dextran-many-vials": row((INFED, 20, "JZ"), by=(SIMPLE, "96366"), dx=IRON),
    "romiplostim-in-micrograms": row((NPLATE_250, 210, ""), (NPLATE_250, 40, "JW"), by=(INJECTION,), dx=("D693",)),
    "emicizumab-half-milligrams": row((HEMLIBRA_60, 240, "JZ"), by=(INJECTION,), dx=("D66",)),
    "luspatercept-quarter-milligrams": row((REBLOZYL_75, 300, "JZ"), by=(INJECTION,), dx=("D469",)),
    # neurology
    "natalizumab": row((TYSABRI, 300, "JZ"), by=(COMPLEX,), dx=("G35A",)),
    "ublituximab": row((BRIUMVI, 450, "JZ"), by=(COMPLEX, "96415"), dx=("G35A",)),
    "eculizumab-for-myasthenia": row((SOLIRIS, 600, "JZ"), by=(COMPLEX,), dx=("G7000",)),
    "ravulizumab": row((ULTOMIRIS_1100, 330, "JZ"), by=(COMPLEX,), dx=("G7000",)),
    "efgartigimod-two-milligrams": row((VYVGART, 350, ""), (VYVGART, 50, "JW"), by=(SIMPLE,), dx=("G7000",)),
    "efgartigimod-injected": row((HYTRULO, 504, "JZ"), by=(CHEMO_INJECTION,), dx=("G6181",)),
    "eptinezumab": row((VYEPTI, 300, "JZ"), by=(SIMPLE,), dx=("G43709",)),
    "lecanemab-two-sizes": row((LEQEMBI_500, 500, "JZ"), (LEQEMBI_200, 200, "JZ"), by=(COMPLEX,), dx=("G309",)),
    "edaravone": row((RADICAVA, 60, "JZ"), by=(SIMPLE,), dx=("G1221",)),
    "botulinum-for-migraine": row((BOTOX_200, 155, ""), (BOTOX_200, 45, "JW"), by=(NERVES,), dx=("G43709",)),
    "abobotulinum-five-units": row((DYSPORT_500, 200, "JZ"), by=("64616",), dx=("G243",)),
    "immune-globulin-for-neuropathy": row((PRIVIGEN_20_G, 120, "JZ"), by=(SIMPLE, "96366"), dx=("G6181",)),
    # allergy and immunology
    "immune-globulin-for-deficiency": row((GAMUNEX_40_G, 80, "JZ"), by=(SIMPLE, "96366"), dx=("D839",)),
    "immune-globulin-under-the-skin": row((HIZENTRA_10_G, 100, "JZ"), by=("96369", "96370"), dx=("D839",)),
    "omalizumab-five-milligrams": row((XOLAIR_150, 60, "JZ"), by=(INJECTION,), dx=("J4550",)),
    "mepolizumab": row((NUCALA, 100, "JZ"), by=(INJECTION,), dx=ASTHMA),
    "benralizumab": row((FASENRA, 30, "JZ"), by=(INJECTION,), dx=ASTHMA),
    "tezepelumab": row((TEZSPIRE, 210, "JZ"), by=(INJECTION,), dx=ASTHMA),
    "c1-inhibitor-ten-units": row((CINRYZE, 100, "JZ"), by=("96374",), dx=("D841",)),
    # ophthalmology
    "aflibercept-one-eye": row((EYLEA, 2, "JZ"), by=(EYE,), dx=RETINA),
    "aflibercept-8-mg": row((EYLEA_HD, 8, "JZ"), by=(EYE,), dx=RETINA),
    "faricimab-tenth-milligrams": row((VABYSMO, 60, "JZ"), by=(EYE,), dx=RETINA),
    "ranibizumab-biosimilar": row((CIMERLI, 5, "JZ"), by=(EYE,), dx=("E113311",)),
    "pegcetacoplan-for-geographic-atrophy": row((SYFOVRE, 15, "JZ"), by=(EYE,), dx=("H353114",)),
    "bevacizumab-repackaged-for-the-eye": row((AVASTIN, 1, ""), by=(EYE,), dx=RETINA),
    "bevacizumab-repackaged-with-jz": row((AVASTIN, 1, "JZ"), by=(EYE,), dx=RETINA),
    "dexamethasone-implant": row((OZURDEX, 7, "JZ"), by=(EYE,), dx=("H348110",)),
    "teprotumumab-with-waste": row((TEPEZZA, 140, ""), (TEPEZZA, 10, "JW"), by=(COMPLEX, "96415"), dx=("E0500",)),
    # gastroenterology and rheumatology
    "vedolizumab": row((ENTYVIO, 300, "JZ"), by=(COMPLEX,), dx=COLITIS),
    "risankizumab-induction": row((SKYRIZI_IV, 600, "JZ"), by=(COMPLEX,), dx=CROHN),
    "ustekinumab-induction": row((STELARA_IV, 390, "JZ"), by=(COMPLEX,), dx=CROHN),
    "abatacept-infused": row((ORENCIA_250, 75, "JZ"), by=(COMPLEX,), dx=ARTHRITIS),
    "abatacept-injected-12-and-a-half-units": row((ORENCIA_125, 13, "JZ"), by=(INJECTION,), dx=ARTHRITIS),
    "golimumab-infused": row((SIMPONI_ARIA, 160, ""), (SIMPONI_ARIA, 40, "JW"), by=(COMPLEX,), dx=ARTHRITIS),
    "pegloticase": row((KRYSTEXXA, 8, "JZ"), by=(COMPLEX, "96415"), dx=GOUT),
    "certolizumab": row((CIMZIA, 400, "JZ"), by=(INJECTION,), dx=ARTHRITIS),
    "certolizumab-kit-of-two-vials": row((CIMZIA_KIT, 400, "JZ"), by=(INJECTION,), dx=ARTHRITIS),
    "romosozumab-two-syringes": row((EVENITY, 210, "JZ"), by=(INJECTION,), dx=("M810",)),
    "tocilizumab-with-waste": row((TYENNE_400, 370, ""), (TYENNE_400, 30, "JW"), by=(COMPLEX,), dx=("M0579",)),
    "canakinumab": row((ILARIS, 150, "JZ"), by=(INJECTION,), dx=("M041",)),
    "denosumab-for-osteoporosis": row((PROLIA, 60, "JZ"), by=(INJECTION,), dx=("M810",)),
}
"""Drugs, administrations and diagnoses by name. Each is billed in the office and in the hospital, to several payers."""

NOT_FOR_MEDICARE = (ORENCIA_125,)
"""What most patients inject themselves, so that Part B does not pay it."""

_PLACES = ((OFFICE, MEDICARE), (HOSPITAL, MEDICARE), (OFFICE, COMMERCIAL), (HOSPITAL, COMMERCIAL), (OFFICE, ADVANTAGE))


def _placed() -> dict[str, ClaimSpec]:
    """Each row twice, at two places in turn, so that all places see a part of the drugs."""
    found = {}
    for number, (name, chosen) in enumerate(ROWS.items()):
        for claim_type, payer in (_PLACES[number % 5], _PLACES[(number + 2) % 5]):
            if payer == MEDICARE and chosen["drugs"][0][0] in NOT_FOR_MEDICARE:
                continue
            place = f"{'office' if claim_type == OFFICE else 'hospital'}-{payer['filing'].lower()}"
            found[f"{name}-{place}"] = claim(claim_type, payer, **chosen)
    return found


CORRECT = tuple(Situation(name, placed, CROSSWALK, forbid=CLEAN) for name, placed in _placed().items())


def _faulty(name: str, expect: str, payer: dict[str, str] = MEDICARE, **changes: Any) -> Situation:
    right = claim(OFFICE, payer, **ROWS[name])
    line = attrs.evolve(right.lines[0], **changes)
    wrong = attrs.evolve(right, lines=(line, *right.lines[1:]))
    return Situation(f"{name}-wrong-{expect.partition(':')[0].lower()}", wrong, CROSSWALK, expect=expect)


FAULTY = (
    _faulty("pembrolizumab-every-three-weeks", "JWJZ01:reject", modifiers=()),
    _faulty("aflibercept-one-eye", "JWJZ01:reject", modifiers=()),
    _faulty("immune-globulin-for-neuropathy", "NDC06:reject", ndc="00006302602"),
    _faulty("natalizumab", "NDC07:warn", ndc_quantity="30"),
    _faulty("darbepoetin-in-micrograms", "NDC06:reject", COMMERCIAL, ndc="00069130904"),
    _faulty("nivolumab-flat-dose", "JWJZ06:warn", units=230),
    _faulty("vedolizumab", "DOSE01:warn", units=600),
    _faulty("faricimab-tenth-milligrams", "DOSE01:warn", units=600),
    _faulty("trastuzumab-420-multiple-dose", "JWJZ09:warn", modifiers=("JZ",)),
    _faulty("eptinezumab", "NDC08:warn", ndc="67386099951"),
    _faulty("abatacept-injected-12-and-a-half-units", "SAD01:warn"),
)
