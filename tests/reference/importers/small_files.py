"""Small public files in their real shape, with invented rows, one for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import attrs
from openpyxl import Workbook

from scrubber.reference import external
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.kinds import Reading
from scrubber.reference.store import Store
from scrubber.reference.storing import Imported, store
from tests import public_files
from tests.public_files import CRLF, written


def csv_text(*rows: str) -> str:
    return CRLF.join(rows) + CRLF


ASP = csv_text(
    "October 2026 ASP NDC - HCPCS Crosswalk for Medicare Part B Drugs,,,,,,,,,",
    '"     Effective October 1, 2026 through December 31, 2026",,,,,,,,,',
    ",,,,,,,,,",
    "The crosswalks are maintained to support payments only,,,,,,,,,",
    "_2026_CODE,Short Description,LABELER NAME,NDC,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG,,",
    'J7331,"A device, inj., 1 mg","Somebody, Inc.",888867413689,Device,1 MG,2,3,20,60,,',
    "J9035,Words of somebody,Somebody,50242-0060-01,Avastin\xae,10 MG,4,1,10,10,,",
    "Q5105,Words,Somebody,00069-1305-10,Retacrit,100 UNITS,1,10,20,200,,",
    "Q5106,Words,Somebody,00069-1305-10,Retacrit,1000 UNITS,1,10,2,20,,",
    "J0129,Words,Somebody,00003-2188-11,Orencia,10 MG,1,4,12.5,50,,",
    "J0490,Words,Somebody,49401-0101-01,Benlysta,10 MG,,1,,12,,",
)
LIMITS = csv_text(
    "Payment Allowance Limits for Medicare Part B Drugs,,,,,,,,,,,,",
    '"Effective October 1, 2026 through December 31, 2026",,,,,,,,,,,,',
    "HCPCS Code,Short Description,HCPCS Code Dosage,Payment Limit,Co-insurance Percentage,Vaccine AWP%,Vaccine Limit,"
    "Blood AWP%,Blood limit,Clotting Factor,Notes,,",
    "J9035,Words,10 MG,73.201,20.000,,,,,,,,",
    "J0897,Words,1 MG,29.856,17.885,,,,,,Inflation-adjusted coinsurance,,",
    'A9606,Words,1 microCurie,N/A,20.000,,,,,,"microCurie 100% AWP = $212.84\nmicroCurie 100% WAC = $177.37",,',
)
NOC = csv_text(
    "October 2026 ASP NOC NDC - HCPCS Crosswalk for Medicare Part B Drugs,,,,,,,,",
    '"October 1, 2026 through December 31, 2026",,,,,,,,',
    "Drug Generic Name,LABELER NAME,NDC or ALTERNATE ID,Drug Name,Dosage,PKG SIZE,PKG QTY,BILLUNITS,BILLUNITSPKG",
    'Vasopressin (Long Grove),"Long Grove, LLC",81298-8552-03,Vasopressin,1 UNIT,100,10,20,200',
)
NOC_PRICES = csv_text(
    ",,,",
    "Payment Allowance Limits for Medicare Part B Not Otherwise Classified (NOC) Drugs,,,",
    '"Effective October 1, 2026 through December 31, 2026",,,',
    "Drug Generic Name (Trade Name),Dosage,Payment Limit,Notes",
    'Vasopressin (Long Grove),1 UNIT,"$1,002.462",',
)
ADDENDUM_B = csv_text(
    '"Addendum B.-Final OPPS Payment by HCPCS Code for CY 2026",,,,,,,',
    *(["CPT codes are copyright of somebody,,,,,,,"] * 4),
    "HCPCS Code,Short Descriptor,SI,APC,Relative Weight,Payment Rate,Minimum Unadjusted Copayment,* Indicates a Change",
    'G0463,Words,J2,5012,1.4879,"$3,307.24",.,',
    "96365\xff,Words,S,5693,2.1,$210.123 ,.,",
    "J0490 ,Words,K,1353,,,,",
)
HCPCS_HEAD = (
    "HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,PRICE1,PRICE2,PRICE3,PRICE4,MULT_PI,CIM1,CIM2,CIM3,MCM1,MCM2,"
    "MCM3,STATUTE,LABCERT1,LABCERT2,LABCERT3,LABCERT4,LABCERT5,LABCERT6,LABCERT7,LABCERT8,XREF1,XREF2,XREF3,XREF4,XREF5,"
    "COV,ASC_GRP,ASC_DT,OPPS,OPPS_PI,OPPS_DT,PROCNOTE,BETOS,TOS1,TOS2,TOS3,TOS4,TOS5,ANEST_BU,"
    "ADD DT,ACT EFF DT,TERM DT,ACTION CD"
)


def hcpcs_row(code: str, record: str, added: str, ended: str = "") -> str:
    values = f"{',' * 26}C{',' * 7}P0,1{',' * 6}{added},20260101,{ended},N"
    return f'"{code}",0010,{record},"Words, many",Words{values}'


HCPCS = csv_text(
    HCPCS_HEAD,
    hcpcs_row("   JG", "7", "20180101", "20241231"),
    hcpcs_row("   JW", "7", "20030101"),
    hcpcs_row("J9035", "3", "20050101"),
    hcpcs_row("J9035", "4", "20050101"),
    hcpcs_row("C9399", "3", "20040101", "20251231"),
)


def fixed(code: str, record: str, added: str, ended: str = "") -> str:
    """A record of 320 bytes, trimmed."""
    values = {0: code, 5: "00100", 10: record, 11: "Words of somebody", 229: "C", 256: "P0", 260: "1"}
    values |= {268: added, 276: "20260101", 284: ended, 292: "N"}
    text = [" "] * 320
    for start, value in values.items():
        text[start : start + len(value)] = value
    return "".join(text).rstrip()


HCPCS_FIXED = csv_text(
    fixed("   JG", "7", "20180101", "20241231"),
    fixed("   JG", "8", "20180101", "20241231"),
    fixed("J9035", "3", "20050101"),
    fixed("C9399", "3", "20040101", "20251231"),
)
ADD_ON = (
    ("CPT codes are copyright of somebody",),
    (
        *("AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT"),
        *("AOC_Edit_DelDT", "Special_Instruction_Notes"),
    ),
    ("1", "96366", "", "96365", "", "2013091", "", ""),
    ("1", "96415", "2024366", "96413", "", "2013091", "", ""),
    ("2", "96368", "", "CCCCC", "", "2013091", "", "by contractor"),
)
PLACES = """<html><body><table><tr><td>menu</td></tr></table><table>
<tr><th>Place of Service Code(s)</th><th>Place of Service Name</th><th>Place of Service Description</th></tr>
<tr><th scope="row">11</th><td>Words</td><td>Words</td></tr>
<tr><th scope="row">19</th><td>Words<br>of<br>many (Effective January 1, 2016)</td><td>Words</td></tr>
<tr><th scope="row">22</th><td>Words (Description revised, effective January 1, 2016)</td><td>Words</td></tr>
<tr><th scope="row">28-30</th><td>Unassigned</td><td>N/A</td></tr>
<tr><th scope="row">27</th><td>Unassigned</td><td>N/A</td></tr>
</table></body></html>"""
TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2027</version><title>Words</title><chapter><name>4</name><section id="E08-E13">
<diag><name>E08</name><desc>Words</desc>
<codeFirst><note>code first the underlying condition, such as: words (Q87.1-) words (C00-C96)</note></codeFirst>
<excludes1><note>words (E09.-)</note><note>words (P70.2)</note></excludes1>
<diag><name>E08.0</name><desc>Words</desc></diag></diag>
<diag><name>D63.0</name><desc>Anemia in diseases classified elsewhere</desc>
<excludes1><note>words</note></excludes1></diag>
</section></chapter></ICD10CM.tabular>"""
NPIS = (
    ("NPPES Deactivated Records as of Oct 12 2026",),
    ("NPI", "NPPES Deactivation Date"),
    ("1003000100", "10/05/2026"),
    ("1003000118", "03/17/2020"),
)


def workbook(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    """An XLSX file of some rows."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def sheet(*rows: Sequence[object]) -> Callable[[Path], Path]:
    return lambda path: workbook(path, rows)


def text(*pieces: str | Iterable[str]) -> Callable[[Path], Path]:
    parts = [piece if isinstance(piece, str) else "".join(piece) for piece in pieces]
    return lambda path: written(path, parts)


def directory(path: Path) -> Path:
    """The NDC directory as a zip."""
    members = {"product.txt": public_files.products(6), "package.txt": public_files.packages(12)}
    return public_files.zipped(path, members)


@attrs.frozen
class Small:
    """A small file: its name, what makes it at a path, and how many rows each table gets from it.

    `moves` is a text of it that a moved column would change, and what is there then.
    """

    name: str
    make: Callable[[Path], Path]
    rows: Mapping[str, int]

    def at(self, folder: Path) -> Path:
        """The file in a folder."""
        return self.make(folder / self.name)


PTP_ROWS = 40
PTP_KEPT = sum("\tMisuse" in line and "\t20170101\t20170101\t" not in line for line in public_files.ptp(PTP_ROWS))
"""Without the pairs that were deleted on their first day."""
SMALL = {
    "ASP crosswalk": Small(
        "section 508 version of October 2026 ASP NDC-HCPCS Crosswalk 091126.csv",
        text(ASP),
        {external.ASP_CROSSWALK: 5, external.ASP_CODES: 5},
    ),
    "payment limits": Small("limits.csv", text(LIMITS), {external.PAYMENT_LIMITS: 3}),
    "NOC crosswalk": Small("noc.csv", text(NOC), {external.NOC_CROSSWALK: 1}),
    "NOC prices": Small("prices.csv", text(NOC_PRICES), {external.NOC_PRICING: 1}),
    "MUE practitioner": Small(
        "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
        text(public_files.mue("Practitioner Services", 12)),
        {external.MUE_PRACTITIONER: 12},
    ),
    "MUE hospital": Small(
        "MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv",
        text(public_files.mue("Outpatient Hospital Services", 12)),
        {external.MUE_HOSPITAL: 12},
    ),
    "MUE DME": Small(
        "MCR_MUE_DMESupplierServices_Eff_10-01-2026.csv",
        text(public_files.mue("DME Supplier Services", 12)),
        {external.MUE_DME: 12},
    ),
    "MUE Medicaid": Small(
        "medicaid-ncci-q4-2026-mue-edits-practitioner-services.csv",
        text(public_files.mue("Practitioner Services", 12, medicaid=True)),
        {external.MEDICAID_MUE_PRACTITIONER: 12},
    ),
    "PTP practitioner": Small(
        "ccipra-v323r0.TXT", text(public_files.ptp(PTP_ROWS)), {external.NCCI_PRACTITIONER: PTP_KEPT}
    ),
    "PTP hospital": Small("ccioph-v323r0.txt", text(public_files.ptp(PTP_ROWS)), {external.NCCI_HOSPITAL: PTP_KEPT}),
    "PTP Medicaid": Small(
        "medicaid-ncci-q4-2026-ptp-edits-practitioner-services.txt",
        text(public_files.ptp(PTP_ROWS, medicaid=True)),
        {external.MEDICAID_NCCI_PRACTITIONER: PTP_KEPT},
    ),
    "add-on codes": Small("AOC_V2026Q4-MCR.xlsx", sheet(*ADD_ON), {external.ADD_ON: 3}),
    "NDC directory": Small("ndctext-20261015.zip", directory, {external.NDC_DIRECTORY: 12}),
    "HCPCS": Small("HCPC2026_OCT_ANWEB.csv", text(HCPCS), {external.HCPCS: 2, external.MODIFIERS: 2}),
    "HCPCS records": Small("HCPC2026_OCT_ANWEB.txt", text(HCPCS_FIXED), {external.HCPCS: 2, external.MODIFIERS: 1}),
    "ICD-10-CM": Small("icd10cm_order_2027.txt", text(public_files.order(50)), {external.ICD10CM: 50}),
    "tabular list": Small("icd10cm-tabular_-2027.xml", text(TABULAR), {external.ICD10CM_TABULAR: 4}),
    "Addendum B": Small("october-2026-opps-addendum-b.csv", text(ADDENDUM_B), {external.ADDENDUM_B: 3}),
    "places": Small("places-2026-10-01.html", text(PLACES), {external.PLACES_OF_SERVICE: 3}),
    "deactivated NPIs": Small(
        "NPPES Deactivated NPI Report 20261012.xlsx", sheet(*NPIS), {external.DEACTIVATED_NPIS: 2}
    ),
    "own NPIs": Small(
        "npis-2026-10-01.csv",
        text(csv_text("deactivated npi,since,until", "1003000100,2026-10-05,", "1003000118,2020-03-17,2021-01-01")),
        {external.DEACTIVATED_NPIS: 2},
    ),
    "single-dose": Small(
        "single-2026-10-01.csv",
        text(csv_text("single-dose code,since,until", "J0490,,", "J9035,2024-01-01,2026-11-30")),
        {external.SINGLE_DOSE: 2},
    ),
    "routes": Small(
        "routes-2026-10-01.csv", text(csv_text("Route-modifier code,since", "J0129,")), {external.ROUTE_MODIFIERS: 1}
    ),
}
"""A small file of each kind, by what it is."""


EXCERPT = Given(excerpt=True)
"""A file with fewer rows than the published one."""


def load(path: Path, *files: Path, given: Given | None = None) -> Sequence[Imported]:
    """Import files into the store at a path; excerpts by default."""
    return store(path, Reading(files, given or EXCERPT).contents())


def loaded(folder: Path, name: str) -> Store:
    """A store with a small file."""
    path = folder / "store.sqlite"
    load(path, SMALL[name].at(folder))
    return Store(path)
