"""The public tables that edits use: their names, keys and values.

A table comes with the scrubber or is loaded from a public file (`scrubber reference import`). `Facts.tables` has them
by name. All codes are in capitals, without points or spaces; an NDC has 11 digits. All values are text; `Row.text` and
`Row.number` read them. A value that the file does not give is missing or empty.

An edit names its tables in `table=…`, and gets one with `facts.table(NAME)`. If that table is not loaded, or has no
edition for the date of service, the edit is *not checked* on the claim.
"""

from __future__ import annotations

from collections.abc import Mapping

from scrubber.x12.guides import ClaimType

ICD10CM = "icd10cm"
"""Diagnosis codes. Value `billable`: 1 for a complete code, 0 for a heading."""

ICD10CM_TABULAR = "icd10cm-tabular"
"""Notes of the tabular list, by the code that they stand at; a note holds for all codes that begin with that code.

A code has a row for each kind of note. Value `note` is `excludes1`, `code_first` or `manifestation`. Value `codes` are
the codes that the note names, with blanks between them. Each stands for all codes that begin with it; `A00-A09` is a
range of categories. A manifestation names none.
"""

PLACES_OF_SERVICE = "pos"
"""Place of service codes, two digits."""

ADJUSTMENT_REASONS = "adjustment-reasons"
"""Claim adjustment reason codes (CARC). Numbers only."""

REMARKS = "remarks"
"""Remittance advice remark codes (RARC). Numbers only."""

MODIFIERS = "modifiers"
"""Modifiers, two characters. The HCPCS file gives level II; modifiers of two digits are CPT and in no public file."""

HCPCS = "hcpcs"
"""HCPCS level II codes, in force from the day they were added until the last valid day. CPT codes are not in it.

Values `coverage`, `betos`, `type_of_service` and `action` as the file has them.
"""

NDC_DIRECTORY = "ndc"
"""Packages by NDC, in force from the start to the end of marketing.

Values `route` and `form` in the FDA's words (several routes with `; ` between them), `type` (such as HUMAN PRESCRIPTION
DRUG), `substance`, `strength` and `strength_unit`, `package` (the package in the FDA's words) and `single_dose`: 1 if
the package text says single-dose or single-use, 0 if it says multi-dose, empty if it says neither.
"""

ASP_CROSSWALK = "asp-crosswalk"
"""Medicare's crosswalk of drugs by NDC. An NDC may have several rows, one for each HCPCS code.

Values `code` (HCPCS), `units` and `units_per_package` (billing units in a container and in the package), `quantity`
(containers in the package), `size` (of a container), `dosage` (of one billing unit, such as `10 MG`), `drug` (name).
"""

ASP_CODES = "asp-codes"
"""The rows of `ASP_CROSSWALK` by HCPCS code. Value `ndc` instead of `code`; the other values are the same."""

PAYMENT_LIMITS = "payment-limits"
"""Medicare's payment limits by HCPCS code.

Values `limit` (US dollars for a billing unit; missing where the file gives N/A), `coinsurance` (percent that the
patient pays; missing in old files), `dosage` (of one billing unit).
"""

NOC_CROSSWALK = "noc-crosswalk"
"""Medicare's crosswalk of drugs without a code of their own, by NDC.

Value `name` is the drug's name as `NOC_PRICING` has it, in capitals. The other values are those of `ASP_CROSSWALK`,
without `code`.
"""

NOC_PRICING = "noc-pricing"
"""Payment limits of drugs without a code of their own, by the drug's name in capitals. Values `limit`, `dosage`."""

SINGLE_DOSE = "single-dose"
"""HCPCS codes of drugs in single-dose containers, by the CMS list for JW and JZ."""

ROUTE_MODIFIERS = "route-modifiers"
"""Procedure codes of drugs with several routes. A contractor wants JA or JB on them."""

DEACTIVATED_NPIS = "deactivated-npis"
"""NPIs that NPPES lists as deactivated, in force from their deactivation until their reactivation."""

ADD_ON = "add-on"
"""Add-on codes, in force as the file says.

A code has a row for each primary. Value `type`: 1 for a closed list of primaries, 2 where the contractor chooses them,
3 for an open list. Value `primary` is a code, empty with type 2.
"""

ADDENDUM_B = "addendum-b"
"""Codes that hospitals bill as outpatient services. Values `status` (indicator SI), `apc`, `payment` (US dollars)."""

MUE_PRACTITIONER = "mue-practitioner"
MUE_HOSPITAL = "mue-hospital"
MUE_DME = "mue-dme"
MEDICAID_MUE_PRACTITIONER = "medicaid-mue-practitioner"
MEDICAID_MUE_HOSPITAL = "medicaid-mue-hospital"
MEDICAID_MUE_DME = "medicaid-mue-dme"

MUE: Mapping[ClaimType, str] = {"837P": MUE_PRACTITIONER, "837I": MUE_HOSPITAL}
"""The table of Medicare's unit limits for a claim type, by procedure code.

Values `units` and `adjudication`: 1 for each line, 2 and 3 for all lines of a day.
"""

MEDICAID_MUE: Mapping[ClaimType, str] = {"837P": MEDICAID_MUE_PRACTITIONER, "837I": MEDICAID_MUE_HOSPITAL}
"""The table of Medicaid's unit limits for a claim type. Value `units`, for each line."""

NCCI_PRACTITIONER = "ncci-practitioner"
NCCI_HOSPITAL = "ncci-hospital"
MEDICAID_NCCI_PRACTITIONER = "medicaid-ncci-practitioner"
MEDICAID_NCCI_HOSPITAL = "medicaid-ncci-hospital"
MEDICAID_NCCI_DME = "medicaid-ncci-dme"

NCCI: Mapping[ClaimType, str] = {"837P": NCCI_PRACTITIONER, "837I": NCCI_HOSPITAL}
"""The table of Medicare's procedure pairs for a claim type, by column one and two with a blank (`96413 96365`).

Value `modifier`: 0 if no modifier allows the pair, 1 if one does, 9 if the pair is not in use.
"""

MEDICAID_NCCI: Mapping[ClaimType, str] = {"837P": MEDICAID_NCCI_PRACTITIONER, "837I": MEDICAID_NCCI_HOSPITAL}
"""The table of Medicaid's procedure pairs for a claim type, as `NCCI`."""
