"""Patterns of levels and claims without misplaced segments. They are ten times as fast as `content`.

`content` looks at each segment, and the tests compare the patterns with it. If a pattern matches, `content` finds no
misfit. If it does not match, `content` decides: other payers in an unusual order, for instance, are right, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from scrubber.x12.content import BEGINS_LOOP, CLAIM, CLAIM_ONCE, LINE, LINE_ONCE, PRINCIPAL
from scrubber.x12.delimiters import Delimiters
from scrubber.x12.guides import ClaimType

_SERVICE: dict[ClaimType, str] = {"837P": "SV1", "837I": "SV2"}
_REFERENCES = ("REF*F8", "REF*D9", "REF*EA", PRINCIPAL)
IN_CLAIM: dict[ClaimType, Sequence[str]] = {
    "837P": ("DTP*431", "DTP*435", "DTP*096", *_REFERENCES),
    "837I": ("DTP*096", "DTP*434", "DTP*435", "CL1", *_REFERENCES),
}
"""`CLAIM_ONCE` in the order of each guide, without what only the other has. `content` looks at all other claims."""
IN_LINE = ("DTP*472", "REF*6R")
"""The same of `LINE_ONCE`."""
_OTHER_PAYERS_PROVIDERS = ("DN", "P3", "82", "77", "DQ", "71", "72", "ZZ")


@lru_cache(maxsize=256)
def sound_claim(claim_type: ClaimType, delimiters: Delimiters) -> re.Pattern[str]:
    """Matches a whole claim, without the scrubber's notes, that holds only its own segments."""
    shape = _Shape(delimiters)
    service = _SERVICE[claim_type]
    begins_again = f"LX{shape.e}0*1[{shape.e}{shape.t}]"
    of_line, loop = LINE[claim_type] - {"LX", service}, LINE[claim_type] & BEGINS_LOOP
    other_payer = (
        shape.segment("SBR")
        + shape.any(("CAS", "AMT", "OI", "MIA", "MOA"))
        + shape.segment("NM1", "IL")
        + shape.any(("N3", "N4", "REF"))
        + shape.segment("NM1", "PR")
        + shape.any(("N3", "N4", "DTP", "REF"))
        + shape.any(("REF", *(f"NM1*{entity}" for entity in _OTHER_PAYERS_PROVIDERS)))
        + f"(?:{shape.segment('NM1', '85')}{shape.any(('REF',))})?+"
    )
    line = (
        shape.segment("LX", "[0-9]+")
        + shape.segment(service)
        + shape.any(of_line - loop, IN_LINE, LINE_ONCE)
        + f"(?:{shape.one(loop)}{shape.any(of_line)})?+"
    )
    own = shape.segment("CLM") + shape.any(CLAIM, IN_CLAIM[claim_type], CLAIM_ONCE)
    return re.compile(f"{own}(?:{other_payer})*+(?={begins_again})(?:{line}(?!{begins_again}))++", re.ASCII)


@lru_cache(maxsize=256)
def sound_level(delimiters: Delimiters) -> re.Pattern[str]:
    """Matches a whole level of the hierarchy that names its provider, subscriber or patient, and no other person.

    Groups 1 and 2 are HL01 and HL02. The number of the last group that matched is 2 plus the depth of the level, or 6
    for a subscriber who has dependents (HL04 is 1) and is not the patient (SBR02 is empty).
    """
    shape = _Shape(delimiters)
    address = shape.any(("N3", "N4", "REF", "PER"))
    provider = (
        shape.maybe("PRV") + shape.maybe("CUR") + shape.named("85") + address
        + shape.maybe("NM1", "87") + address + shape.maybe("NM1", "PE") + address
    )  # fmt: skip
    subscriber = (
        shape.segment("SBR") + shape.maybe("PAT") + shape.named("IL") + address
        + shape.maybe("DMG") + address + shape.maybe("NM1", "PR") + address
    )  # fmt: skip
    patient = shape.maybe("PAT") + shape.named("QC") + address + shape.maybe("DMG") + address
    end = f"(?=[{shape.e}{shape.t}])"
    of_dependents = f"{shape.e}1{end}{shape.rest}SBR{shape.e}[^{shape.e}{shape.t}]*+(?:{shape.e}{end}|{shape.t})"
    levels = "|".join(
        f"{code}(){end}{shape.rest}{content}"
        for code, content in (
            ("20", provider),
            (f"22(?!{of_dependents})", subscriber),
            ("23", patient),
            ("22", subscriber),
        )
    )
    return re.compile(f"HL{shape.e}([0-9]{{1,10}}){shape.e}([0-9]*+){shape.e}(?:{levels})", re.ASCII)


class _Shape:
    """Writes patterns for segments: a tag, its elements, the terminator and line breaks. They never backtrack."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.e, self.t = re.escape(delimiters.element), re.escape(delimiters.terminator)
        self.rest = f"[^{self.t}]*+{self.t}[\\r\\n]*+"

    def segment(self, tag: str, first: str = "") -> str:
        """One segment. `first` is a pattern for its first element."""
        return f"{tag}{self.e}{first}(?=[{self.e}{self.t}]){self.rest}" if first else f"{tag}{self.e}{self.rest}"

    def maybe(self, tag: str, first: str = "") -> str:
        """One segment or none."""
        return f"(?:{self.segment(tag, first)})?+"

    def named(self, entity: str) -> str:
        """An NM1 segment with a name (NM103)."""
        element = f"[^{self.e}{self.t}]*+{self.e}"
        return f"NM1{self.e}{entity}{self.e}{element}[^{self.e}{self.t}]{self.rest}"

    def one(self, keys: Iterable[str]) -> str:
        """One segment with one of these keys, as `content` writes them."""
        found = [key.partition("*") for key in sorted(keys)]
        names = "|".join(entity for _, _, entity in found if entity)
        tags = [tag for tag, _, entity in found if not entity] + [f"NM1{self.e}(?:{names})"] * bool(names)
        return f"(?:{'|'.join(tags)}){self.e}{self.rest}"

    def any(self, keys: Iterable[str], in_order: Sequence[str] = (), once: Iterable[str] = ()) -> str:
        """Any number of segments with these keys. Those of `once` stand at most once, and in an order."""
        none = f"(?!{self._one_of(once)})" if once else ""
        others = f"(?:{none}{self.one(keys)})*+"
        return others + "".join(f"(?:{self._key(key)}{self.rest}{others})?+" for key in in_order)

    def _one_of(self, once: Iterable[str]) -> str:
        """The beginning of a segment with one of the keys of `CLAIM_ONCE` or `LINE_ONCE`, each tag written once."""
        values: dict[str, list[str]] = {}
        for key in sorted(once):
            tag, _, value = key.partition("*")
            values.setdefault(tag, []).append(value)
        return "|".join(self._key(f"{tag}*{'|'.join(found)}") for tag, found in values.items())

    def _key(self, key: str) -> str:
        """The beginning of a segment with such a key, or with one of several values, as in `REF*D9|EA`."""
        if key == PRINCIPAL:
            return f"HI{self.e}A?BK(?![A-Za-z0-9])"
        tag, _, value = key.partition("*")
        return f"{tag}{self.e}(?:{value})(?=[{self.e}{self.t}])" if value else f"{tag}{self.e}"
