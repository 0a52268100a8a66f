"""Where each field of a claim stands in the 837P and the 837I (guides 005010X222 and 005010X223)."""

from __future__ import annotations

from scrubber.claims.location import Field
from scrubber.x12.guides import ClaimType

CLAIM: dict[str, Field] = {
    "claim_id": Field("2300", "CLM", 1),
    "total_charge": Field("2300", "CLM", 2),
    "facility_code": Field("2300", "CLM", 5, 1),
    "facility_qualifier": Field("2300", "CLM", 5, 2),
    "frequency": Field("2300", "CLM", 5, 3),
    "statement_format": Field("2300", "DTP*434", 2),
    "statement_dates": Field("2300", "DTP*434", 3),
    "clearinghouse_id": Field("2300", "REF*D9", 2),
    "payer_claim_control_number": Field("2300", "REF*F8", 2),
    "prior_authorization": Field("2300", "REF*G1", 2),
    "referral": Field("2300", "REF*9F", 2),
    "principal_diagnosis": Field("2300", "HI", 1, 2),
    "claim_note": Field("2300", "NTE*ADD", 2),
    "discharge_hour_format": Field("2300", "DTP*096", 2),
    "discharge_hour": Field("2300", "DTP*096", 3),
    "admission_format": Field("2300", "DTP*435", 2),
    "admission": Field("2300", "DTP*435", 3),
    "patient_status": Field("2300", "CL1", 3),
}
"""Fields of loop 2300, the same in both guides."""

BILLING: dict[str, Field] = {
    "npi": Field("2010AA", "NM1*85", 9),
    "taxonomy": Field("2000A", "PRV*BI", 3),
    "postal_code": Field("2010AA", "N4", 3),
    "country": Field("2010AA", "N4", 4),
}

SUBSCRIBER: dict[str, Field] = {
    "filing_indicator": Field("2000B", "SBR", 9),
    "payer_sequence": Field("2000B", "SBR", 1),
    "insurance_type": Field("2000B", "SBR", 5),
    "relationship": Field("2000B", "SBR", 2),
    "weight": Field("2000B", "PAT", 8),
    "weight_unit": Field("2000B", "PAT", 7),
    "member_id": Field("2010BA", "NM1*IL", 9),
    "birth_date": Field("2010BA", "DMG", 2),
    "sex": Field("2010BA", "DMG", 3),
    "payer_id": Field("2010BB", "NM1*PR", 9),
    "payer_name": Field("2010BB", "NM1*PR", 3),
}

PATIENT: dict[str, Field] = {
    "last_name": Field("2010CA", "NM1*QC", 3),
    "first_name": Field("2010CA", "NM1*QC", 4),
    "weight": Field("2000C", "PAT", 8),
    "weight_unit": Field("2000C", "PAT", 7),
    "birth_date": Field("2010CA", "DMG", 2),
    "sex": Field("2010CA", "DMG", 3),
}
"""The patient's own loop, there only when the patient is a dependent."""

LEVELS: dict[int, dict[str, Field]] = {0: {}, 1: BILLING, 2: SUBSCRIBER, 3: PATIENT}
"""The fields of each depth of the hierarchy; a level of unknown depth has none."""

_LINE: dict[str, Field] = {
    "number": Field("2400", "LX", 1),
    "service_date_format": Field("2400", "DTP*472", 2),
    "service_date": Field("2400", "DTP*472", 3),
    "line_control_number": Field("2400", "REF*6R", 2),
    "ndc_qualifier": Field("2410", "LIN", 2),
    "ndc": Field("2410", "LIN", 3),
    "ndc_quantity": Field("2410", "CTP", 4),
    "ndc_unit": Field("2410", "CTP", 5, 1),
}

LINE: dict[ClaimType, dict[str, Field]] = {
    "837P": _LINE
    | {
        "procedure_qualifier": Field("2400", "SV1", 1, 1),
        "procedure": Field("2400", "SV1", 1, 2),
        "modifiers": Field("2400", "SV1", 1, 3),
        "description": Field("2400", "SV1", 1, 7),
        "charge": Field("2400", "SV1", 2),
        "unit_basis": Field("2400", "SV1", 3),
        "units": Field("2400", "SV1", 4),
        "place_of_service": Field("2400", "SV1", 5),
        "diagnosis_pointers": Field("2400", "SV1", 7, 1),
        "prior_authorization": Field("2400", "REF*G1", 2),
    },
    "837I": _LINE
    | {
        "revenue_code": Field("2400", "SV2", 1),
        "procedure_qualifier": Field("2400", "SV2", 2, 1),
        "procedure": Field("2400", "SV2", 2, 2),
        "modifiers": Field("2400", "SV2", 2, 3),
        "description": Field("2400", "SV2", 2, 7),
        "charge": Field("2400", "SV2", 3),
        "unit_basis": Field("2400", "SV2", 4),
        "units": Field("2400", "SV2", 5),
    },
}
"""Fields of loops 2400 and 2410. A field that a guide does not have is absent on every line of that type."""

ABSENT = Field("2400", "", 0)
"""A field that the claim's guide does not have."""

SERVICE: dict[ClaimType, Field] = {"837P": Field("2400", "SV1", 1), "837I": Field("2400", "SV2", 2)}
"""The composite that describes the service of a line."""

DIAGNOSIS_QUALIFIERS = frozenset(
    {"ABK", "ABF", "ABJ", "APR", "ABN", "BK", "BF", "BJ", "PR", "BN"},
)
"""HI qualifiers of diagnoses: principal, other, admitting, reason for visit, external cause; ICD-10 and ICD-9."""

LEVEL_NAMES: dict[str, str] = {
    "85": "2010AA",
    "87": "2010AB",
    "PE": "2010AC",
    "IL": "2010BA",
    "PR": "2010BB",
    "QC": "2010CA",
}
"""The name loops of the levels above a claim by entity code (NM101)."""

LISTED_QUALIFIERS = frozenset({"ABK", "ABF", "BK", "BF"})
"""HI qualifiers of the diagnoses that pointers count: principal and other."""

CLAIM_PROVIDERS: dict[ClaimType, dict[str, str]] = {
    "837P": {
        "DN": "2310A",
        "P3": "2310A",
        "82": "2310B",
        "77": "2310C",
        "DQ": "2310D",
        "PW": "2310E",
        "45": "2310F",
    },
    "837I": {"71": "2310A", "72": "2310B", "ZZ": "2310C", "82": "2310D", "77": "2310E", "DN": "2310F"},
}
"""Loops of the claim's providers by entity code (NM101)."""

LINE_PROVIDERS: dict[ClaimType, dict[str, str]] = {
    "837P": {
        "82": "2420A",
        "QB": "2420B",
        "77": "2420C",
        "DQ": "2420D",
        "DK": "2420E",
        "DN": "2420F",
        "P3": "2420F",
        "PW": "2420G",
        "45": "2420H",
    },
    "837I": {"72": "2420A", "ZZ": "2420B", "82": "2420C", "DN": "2420D"},
}
"""Loops of a line's providers by entity code."""
