"""Where each field of a claim stands in the 837P and the 837I (guides 005010X222 and 005010X223)."""

from __future__ import annotations

from scrubber.claims.location import Place
from scrubber.x12.guides import ClaimType

CLAIM: dict[str, Place] = {
    "claim_id": Place("2300", "CLM", 1),
    "total_charge": Place("2300", "CLM", 2),
    "facility_code": Place("2300", "CLM", 5, 1),
    "facility_qualifier": Place("2300", "CLM", 5, 2),
    "frequency": Place("2300", "CLM", 5, 3),
    "statement_format": Place("2300", "DTP*434", 2),
    "statement_dates": Place("2300", "DTP*434", 3),
    "clearinghouse_id": Place("2300", "REF*D9", 2),
    "payer_claim_control_number": Place("2300", "REF*F8", 2),
    "prior_authorization": Place("2300", "REF*G1", 2),
    "referral": Place("2300", "REF*9F", 2),
    "principal_diagnosis": Place("2300", "HI", 1, 2),
    "claim_note": Place("2300", "NTE*ADD", 2),
    "discharge_hour_format": Place("2300", "DTP*096", 2),
    "discharge_hour": Place("2300", "DTP*096", 3),
    "admission_format": Place("2300", "DTP*435", 2),
    "admission": Place("2300", "DTP*435", 3),
    "patient_status": Place("2300", "CL1", 3),
}
"""Fields of loop 2300, the same in both guides."""

BILLING: dict[str, Place] = {
    "npi": Place("2010AA", "NM1*85", 9),
    "taxonomy": Place("2000A", "PRV*BI", 3),
    "postal_code": Place("2010AA", "N4", 3),
    "country": Place("2010AA", "N4", 4),
}

SUBSCRIBER: dict[str, Place] = {
    "filing_indicator": Place("2000B", "SBR", 9),
    "payer_sequence": Place("2000B", "SBR", 1),
    "relationship": Place("2000B", "SBR", 2),
    "weight": Place("2000B", "PAT", 8),
    "weight_unit": Place("2000B", "PAT", 7),
    "member_id": Place("2010BA", "NM1*IL", 9),
    "birth_date": Place("2010BA", "DMG", 2),
    "sex": Place("2010BA", "DMG", 3),
    "payer_id": Place("2010BB", "NM1*PR", 9),
    "payer_name": Place("2010BB", "NM1*PR", 3),
}

PATIENT: dict[str, Place] = {
    "last_name": Place("2010CA", "NM1*QC", 3),
    "first_name": Place("2010CA", "NM1*QC", 4),
    "weight": Place("2000C", "PAT", 8),
    "weight_unit": Place("2000C", "PAT", 7),
    "birth_date": Place("2010CA", "DMG", 2),
    "sex": Place("2010CA", "DMG", 3),
}
"""The patient's own loop, there only when the patient is a dependent."""

LEVELS: dict[int, dict[str, Place]] = {0: {}, 1: BILLING, 2: SUBSCRIBER, 3: PATIENT}
"""The fields of each depth of the hierarchy; a level of unknown depth has none."""

_LINE: dict[str, Place] = {
    "number": Place("2400", "LX", 1),
    "service_date_format": Place("2400", "DTP*472", 2),
    "service_date": Place("2400", "DTP*472", 3),
    "line_control_number": Place("2400", "REF*6R", 2),
    "ndc_qualifier": Place("2410", "LIN", 2),
    "ndc": Place("2410", "LIN", 3),
    "ndc_quantity": Place("2410", "CTP", 4),
    "ndc_unit": Place("2410", "CTP", 5, 1),
}

LINE: dict[ClaimType, dict[str, Place]] = {
    "837P": _LINE
    | {
        "procedure_qualifier": Place("2400", "SV1", 1, 1),
        "procedure": Place("2400", "SV1", 1, 2),
        "modifiers": Place("2400", "SV1", 1, 3),
        "description": Place("2400", "SV1", 1, 7),
        "charge": Place("2400", "SV1", 2),
        "unit_basis": Place("2400", "SV1", 3),
        "units": Place("2400", "SV1", 4),
        "place_of_service": Place("2400", "SV1", 5),
        "diagnosis_pointers": Place("2400", "SV1", 7, 1),
        "prior_authorization": Place("2400", "REF*G1", 2),
    },
    "837I": _LINE
    | {
        "revenue_code": Place("2400", "SV2", 1),
        "procedure_qualifier": Place("2400", "SV2", 2, 1),
        "procedure": Place("2400", "SV2", 2, 2),
        "modifiers": Place("2400", "SV2", 2, 3),
        "description": Place("2400", "SV2", 2, 7),
        "charge": Place("2400", "SV2", 3),
        "unit_basis": Place("2400", "SV2", 4),
        "units": Place("2400", "SV2", 5),
    },
}
"""Fields of loops 2400 and 2410. A field that a guide does not have is absent on every line of that type."""

ABSENT = Place("2400", "", 0)
"""The place of a field that the claim's guide does not have."""

SERVICE: dict[ClaimType, Place] = {"837P": Place("2400", "SV1", 1), "837I": Place("2400", "SV2", 2)}
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
