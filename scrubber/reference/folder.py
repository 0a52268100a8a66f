"""Tables of facts in a folder of the user, checked row by row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scrubber.reference.facts import Facts
from scrubber.reference.forms import FORMS, Form
from scrubber.reference.tables import READERS, FactRow, Tables
from scrubber.side_files.plain_text import FaultsError, content_of


class FactsError(FaultsError):
    """Tables that cannot be used. The message has a line for each fault, with the file, the row and the reason."""


_RENAMED = {"milligrams": "unit", "most_milligrams": "most"}
"""Columns of earlier versions, with the columns that replace them."""


def read(folder: Path) -> Tables:
    """The tables in a folder. Raises `FactsError`, and `OSError` if the folder cannot be read.

    Each file has the name of a shipped table. Files whose names do not end with `.toml` or `.csv` are passed over.
    """
    paths = [path for path in sorted(folder.iterdir()) if path.suffix[1:].lower() in READERS and path.name[0] != "."]
    if not paths:
        raise FactsError(f"{folder}: there is no table in this folder, such as drugs.toml or products.csv")
    digest = hashlib.sha256()
    rows: dict[str, list[FactRow]] = {}
    faults: list[str] = []
    for path in paths:
        content = content_of(path)
        digest.update(f"{path.name} {len(content)} ".encode() + content)
        try:
            found = list(READERS[path.suffix[1:].lower()](content.decode("utf-8-sig"), _form_of(path.stem)))
        except ValueError as error:  # of TOML, of UTF-8, or of ours
            faults.append(f"{path}: {error}")
            continue
        faults += [f"{path}, {row.position}: {fault}" for row in found for fault in row_faults(row)]
        rows.setdefault(path.stem, []).extend(found)
    if faults:
        raise FactsError(*faults)
    return Tables(rows, digest.hexdigest())


def _form_of(name: str) -> Form:
    """The form of a table. Raises `ValueError` for an unknown name."""
    if name in FORMS:
        return FORMS[name]
    if name in _FIXED:
        raise ValueError("this table cannot be changed: it holds rules of Medicare that edits are built on")
    near = get_close_matches(name, FORMS, 1)
    hint = f"; did you mean {near[0]}?" if near else f"; the tables are {', '.join(FORMS)}"
    raise ValueError(f"there is no table of this name{hint}")


def _instead(name: str, names: Sequence[str]) -> str:
    """The column that is meant: the new name of an old one, the nearest name, or all there are."""
    renamed = _RENAMED.get(name)
    if renamed in names:
        return f"it is now {renamed}, an amount with its measure such as '300 mg'"
    near = get_close_matches(name, names, 1)
    return f"did you mean {near[0]}?" if near else f"the columns are {', '.join(names)}"


def row_faults(row: FactRow) -> Iterator[str]:
    """What is wrong with a row by itself."""
    columns = row.form.columns
    unknown = [name for name in row.values if name not in columns.names]
    for name in unknown:
        yield f"unknown column {name!r}; {_instead(name, columns.names)}"
    if unknown:
        return
    try:
        values = row.typed()
        missing = [name for name in columns.needed if name not in values]
        wrong = [fault for name, value in values.items() if (fault := columns.fault(name, value))]
        yield from (f"{name} is missing" for name in missing)
        yield from wrong
        if not (missing or wrong):
            row.record()
            yield from _nonsense(values)
    except (TypeError, ValueError, ArithmeticError) as error:
        yield str(error)


def _nonsense(values: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the values of a row, whatever its table."""
    if not 0 < values.get("confidence", 1) <= 1:
        yield "confidence must be above 0 and at most 1"
    if not values.get("source", "?").strip():
        yield "source is empty"
    since, until = values.get("since"), values.get("until")
    if since and until and until < since:
        yield "until is before since"
    ndc9 = values.get("ndc9")
    if ndc9 is not None and not (len(ndc9) == _PRODUCT_LENGTH and ndc9.isascii() and ndc9.isdigit()):
        yield "ndc9 must be the first nine digits of the eleven-digit NDC, without hyphens"
    if ndc9 is not None and not all(
        len(item) == _PACKAGE_LENGTH and item.isdigit() for item in values.get("packages", ())
    ):
        yield "packages must be the last two digits of each NDC"
    held = values.get("containers", ())
    if held and not (len(held) == len(values["packages"]) and all(map(_WHOLE.fullmatch, held))):
        yield "containers must be a whole number in quotes for each of the packages"


_FIXED = ("medicare_numbers", "modifiers")
"""Shipped tables that a folder of a user cannot replace."""
_PRODUCT_LENGTH, _PACKAGE_LENGTH = 9, 2
_WHOLE = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_NDC_UNITS = frozenset(("F2", "GR", "ME", "ML", "UN"))


def must_be_known(own: Tables, facts: Facts) -> None:
    """Raises `FactsError` if rows of a folder name something that no table in force has."""
    known = _known(facts)
    faults = [
        f"{name}, {row.position}: {column} has {item!r}, which is {what}"
        for name, rows in own.rows.items()
        for row in rows
        for column, value in row.typed().items()
        if (name, column) in known
        for items, what in (known[name, column],)
        for item in ([value] if isinstance(value, str) else value)
        if item not in items
    ]
    faults += list(_other_measures(own, facts))
    if faults:
        raise FactsError(*faults)


def _known(facts: Facts) -> dict[tuple[str, str], tuple[Any, str]]:
    """The values that columns may have, by table and column, and the message about others."""
    substances = {drug.substance for drug in facts.drugs}, "the substance of no code in drugs"
    sets = facts.diagnoses, "no set in diagnoses"
    codes = facts.administrations.codes | facts.family("other_ways_to_give")
    given = codes, "no code in administrations"
    ways = {way for row in facts.administrations.rows for way in row.ways}, "no method or access in administrations"
    units = _NDC_UNITS, f"none of {', '.join(sorted(_NDC_UNITS))}"
    return {
        ("products", "hcpcs"): (facts.drug_codes, "no code in drugs"),
        ("products", "kind"): (facts.unclassified_codes, "no kind in unclassified"),
        ("products", "counted_in"): units,
        ("products", "also_counted_in"): units,
        ("labels", "substances"): substances,
        ("labels", "indication"): sets,
        ("doses", "substances"): substances,
        ("spacing", "substances"): substances,
        ("spacing", "diagnoses"): sets,
        ("therapies", "substances"): substances,
        ("therapies", "standard"): given,
        ("therapies", "questioned"): given,
        ("therapies", "not_by"): ways,
        ("therapies", "recognised"): sets,
        ("unlabelled", "substances"): substances,
        ("unlabelled", "diagnoses"): sets,
        ("unlabelled", "unless"): sets,
        ("combinations", "first"): substances,
        ("combinations", "second"): substances,
        ("confusions", "codes"): (facts.drug_codes, "no code in drugs"),
    }


def _other_measures(own: Tables, facts: Facts) -> Iterator[str]:
    for row in own.rows.get("doses", ()):
        dose = row.record()
        for drug in facts.drugs:
            if drug.substance in dose.substances and drug.unit.measure != dose.most.measure:
                yield f"doses, {row.position}: most is in {dose.most.measure}, but {drug.hcpcs} in {drug.unit.measure}"
