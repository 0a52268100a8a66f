"""Public files of any size in their real shape, with invented rows: for tests and for `bench/reference.py`.

Each function gives the text of a file piece by piece. Codes are real in form only; no description is real.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path

CRLF = "\r\n"
_NOTICE = (
    '"Current Procedural Terminology (CPT) codes and descriptions are copyright, ® of somebody. \n\n'
    'Applicable Restrictions Apply to Government Use. \n\nFee schedules, units and factors are not assigned herein."'
)


def procedures(number: int) -> list[str]:
    """Some procedure codes in order: digits first, then letters. Those that real files always have are among them."""
    kept = ["96365", "96366", "99213", "J0490", "J9035", "R0075"]
    numeric = (f"{value:05}" for value in count(10004, 7))
    letters = (f"{letter}{value:04}" for value in count(100, 3) for letter in "ACEGJQV")
    each = max((number - len(kept)) // 2, 0)
    return sorted({*kept, *islice(numeric, each), *islice(letters, number - len(kept) - each)})


def ptp(rows: int, *, medicaid: bool = False, first: str = "", last: str = "~") -> Iterator[str]:
    """Pairs of codes (NCCI PTP) whose first code lies between two, with tabs; some pairs have several windows."""
    blank = "\t" * 6
    yield f"CPT only copyright of somebody.  All rights reserved.{blank}{CRLF}Column1/Column2 Edits{blank}{CRLF}"
    if medicaid:
        yield f"Column 1\tColumn 2\tEffective Date\tDeletion Date\tModifier\tPTP Edit Rationale{CRLF}"
    else:
        yield f"Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale{CRLF}"
        yield f"\t\tprior to 1996\tDate\tDate\t0=not allowed\t{CRLF}\t\t\t\t*=no data\t1=allowed\t{CRLF}"
        yield f"\t\t\t\t\t9=not applicable\t{CRLF}"
    before = "" if medicaid else "\t"
    yield from (
        f"{one}\t{two}\t{before}{since}\t{until}\t{modifier}\tMisuse of Column Two code{CRLF}"
        for one, two, since, until, modifier in islice(_pairs(rows, first, last), rows)
    )


def _pairs(rows: int, first: str, last: str) -> Iterator[tuple[str, str, str, str, str]]:
    codes = procedures(15_000)
    chosen = [code for code in codes if first <= code <= last]
    each = rows // len(chosen) + 1
    for place, one in enumerate(chosen):
        for two in codes[place % 5_000 : place % 5_000 + each]:
            yield one, two, "20220101", "*", str(len(two) % 2)
            if int(two[-1:], 36) % 9 == 0:  # a pair of an earlier time, and one that was never in use
                yield one, two, "20180101", "20191231", "0"
                yield one, two, "20170101", "20170101", "9"


def mue(setting: str, rows: int, *, medicaid: bool = False) -> Iterator[str]:
    """Unit limits (MUE) of a setting (`Practitioner Services` …), as CSV with line breaks in quoted cells."""
    yield f"{_NOTICE},,,{CRLF}"
    indicator = "" if medicaid else "MUE Adjudication Indicator,"
    yield f'"HCPCS/\nCPT Code",{setting} MUE Values,{indicator}MUE Rationale{CRLF}'
    words = ("1 Line Edit", "2 Date of Service Edit: Policy", "3 Date of Service Edit: Clinical")
    for place, code in enumerate(procedures(rows)):
        value = "" if medicaid else f"{words[place % 3]},"
        yield f"{code},{place % 50},{value}Nature of Service{CRLF}"


PRODUCT = (
    *("PRODUCTID", "PRODUCTNDC", "PRODUCTTYPENAME", "PROPRIETARYNAME", "PROPRIETARYNAMESUFFIX", "NONPROPRIETARYNAME"),
    *("DOSAGEFORMNAME", "ROUTENAME", "STARTMARKETINGDATE", "ENDMARKETINGDATE", "MARKETINGCATEGORYNAME"),
    *("APPLICATIONNUMBER", "LABELERNAME", "SUBSTANCENAME", "ACTIVE_NUMERATOR_STRENGTH", "ACTIVE_INGRED_UNIT"),
    *("PHARM_CLASSES", "DEASCHEDULE", "NDC_EXCLUDE_FLAG", "LISTING_RECORD_CERTIFIED_THROUGH"),
)
PACKAGE = (
    *("PRODUCTID", "PRODUCTNDC", "NDCPACKAGECODE", "PACKAGEDESCRIPTION", "STARTMARKETINGDATE", "ENDMARKETINGDATE"),
    *("NDC_EXCLUDE_FLAG", "SAMPLE_PACKAGE"),
)
_ROUTES = ("INTRAVENOUS", "SUBCUTANEOUS", "ORAL", "INTRAMUSCULAR; INTRAVENOUS")
_FORMS = ("INJECTION, SOLUTION", "INJECTION, POWDER, LYOPHILIZED, FOR SOLUTION", "TABLET", "SOLUTION")


def _product_ndc(place: int) -> str:
    """A product's NDC in one of the three forms."""
    labeler, product = divmod(place // 3, 900)
    forms = (
        f"{labeler + 1:04}-{product + 1:04}",
        f"{labeler + 10001}-{product + 1:03}",
        f"{labeler + 50001}-{product + 1:04}",
    )
    return forms[place % 3]


def products(rows: int) -> Iterator[str]:
    """The products of the NDC directory, with tabs and without quotation."""
    yield "\t".join(PRODUCT) + CRLF
    for place in range(rows):
        ndc = _product_ndc(place)
        cells = (
            *(
                f"{ndc}_86a64015-7f78-4281-8b7f-{place:012x}",
                ndc,
                "HUMAN PRESCRIPTION DRUG",
                f'Brand" {place}\u2019s',
                "",
            ),
            *("inventamab", _FORMS[place % 4], _ROUTES[place % 4], "20200101", "", "BLA", f"BLA{place:06}", "Somebody"),
            *("INVENTAMAB", "120", "mg/1.5mL", "Antibody [EPC], Blocker [MoA]", "", "N", "20271231"),
        )
        yield "\t".join(cells) + CRLF


def packages(rows: int) -> Iterator[str]:
    """The packages of the NDC directory, about two of each product; some are listed twice, one without its product."""
    yield "\t".join(PACKAGE) + CRLF
    for number in range(rows):
        place, which = divmod(number, 2)
        ndc = _product_ndc(place)
        package = f"{ndc}-{which + 1}" if place % 3 == 2 else f"{ndc}-{which + 1:02}"
        kind = ("SINGLE-DOSE", "MULTI-DOSE", "GLASS")[number % 3]
        cells = (
            *(f"{ndc}_86a64015-7f78-4281-8b7f-{place:012x}", ndc, package, f"1 VIAL, {kind} in 1 CARTON ({package})"),
            *("20200101", "20261031" if number % 7 == 0 else "", "N", "N"),
        )
        yield "\t".join(cells) + CRLF


def order(rows: int) -> Iterator[str]:
    """The order file of ICD-10-CM, fixed width: a heading, then the codes below it."""
    codes = ["M32", "M329"]
    codes += [
        f"{letter}{value:02}{end}" for letter in "ABCDEFGHJKLNPRSTVWXYZ" for value in range(100) for end in _ends(rows)
    ]
    for number, code in enumerate(sorted(codes)[:rows], 1):
        yield f"{number:05} {code:<7} {int(len(code) > 3)} {'Invented words':<60} Invented in full{CRLF}"


def _ends(rows: int) -> Sequence[str]:
    return ("", *(f"{value:02}" for value in range(min(rows // 2_000, 99))))


def written(path: Path, text: Iterable[str], encoding: str = "cp1252") -> Path:
    """A file of some text."""
    with path.open("w", encoding=encoding, newline="") as file:
        file.writelines(text)
    return path


def zipped(path: Path, members: Mapping[str, Iterable[str]]) -> Path:
    """A zip of some texts by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            with (
                archive.open(name, "w", force_zip64=True) as member,
                io.TextIOWrapper(member, "cp1252", newline="") as file,
            ):
                file.writelines(text)
    return path
