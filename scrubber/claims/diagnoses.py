"""The diagnoses of a claim, from its HI segments."""

from __future__ import annotations

from typing import NamedTuple

from scrubber.claims import fields, values
from scrubber.x12.pieces import new_tuple
from scrubber.x12.remembering import remembered
from scrubber.x12.segments import Segment


class Diagnosis(NamedTuple):
    """A diagnosis of an HI segment: qualifier (ABK, ABF, ABJ, APR, ABN; BK, BF … for ICD-9) and code.

    Both are in capitals, and the code has no point. `Claim.written` has them as in the file. `segment` is the index of
    the HI segment in the claim, `element` the number of the composite in it.
    """

    qualifier: str
    code: str
    segment: int
    element: int

    def __repr__(self) -> str:
        """Without its code, in whose place anything may stand."""
        return f"Diagnosis(qualifier={self.qualifier!r}, segment={self.segment}, element={self.element})"


def parse_diagnoses(segment: Segment, index: int, component: str, found: list[Diagnosis]) -> bool:
    """Adds the diagnoses of an HI segment to `found`. True if any of its codes is misspelled."""
    misspelled = False
    for number in range(1, len(segment)):
        qualifier, code, unusual = _diagnosis(segment[number], component)
        misspelled |= unusual
        if code and qualifier in fields.DIAGNOSIS_QUALIFIERS:
            found.append(new_tuple(Diagnosis, (qualifier, code, index, number)))
    return misspelled


@remembered(4096)
def _diagnosis(composite: str, component: str) -> tuple[str, str, bool]:
    """Qualifier and code of an HI composite as code lists spell them, and whether the file misspells them."""
    written, _, rest = composite.partition(component)
    text = rest.partition(component)[0]
    qualifier = written if written in fields.DIAGNOSIS_QUALIFIERS else values.code(written)
    code = values.code(text)
    return qualifier, code, code != text or qualifier != written
