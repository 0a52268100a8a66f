"""The page of the guide checks, `docs/guide-checks.md`: how they work, and where they depart from pyx12's maps.

python -m scrubber.outputs.guide_reference > docs/guide-checks.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.conformance.corrections import Correction, corrections

_HEAD = """\
# Guide checks

Written by `python -m scrubber.outputs.guide_reference`; do not edit by hand.

Each header, level and claim is held against its implementation guide, unless `--no-conformance` is given: 005010X222A1
for the 837P, 005010X223A2 for the 837I, and the nearest of the two for earlier and later addenda. The rules come from
the maps of pyx12 4.0.0. A fast path proves most pieces right; what it cannot prove, pyx12 looks at. Findings have the
codes `IG01` to `IG91` (see [the edit reference](edits.md)).

- A fault of a claim is found on that claim alone. A fault of a level above is found on each claim beneath it: in full
  on the first, in short on the others. A fault of a header is an error of the file, and each claim says so (`IG90`).
- One cause gives one finding. Where one separator is missing or too many, that is the finding (`IG24`), not each value
  that stands one place off. What follows from a finding is counted in its message.
- Findings of these codes are warnings: {warnings}. All others reject.

## Where they depart from pyx12's maps

The corrections stand in `scrubber/conformance/corrections.toml`. They are made on pyx12's own nodes, so the fast path
and pyx12 hold the same. A test runs pyx12 with them beside the fast path on mutated files.
"""

_TITLES = {
    "codes": "Codes that the map lacks",
    "lists": "Lists that age",
    "optional": "Elements that are situational",
    "forms": "Forms that are asked for less often",
    "places": "Loops in another place",
    "siblings": "Loops in any order",
    "beside": "Settled beside the maps",
    "kept": "Looked at, and left as pyx12 has it",
}


def markdown() -> str:
    """The whole page."""
    warnings = ", ".join(f"`{code}`" for code, known in GUIDE_CODES.items() if known.severity == "warn")
    return "\n".join([_HEAD.format(warnings=warnings), *_tables()])


def _tables() -> Iterator[str]:
    for kind, title in _TITLES.items():
        yield from (f"### {title}", "", "| guide | what holds | why | source |", "|---|---|---|---|")
        for row in corrections()[kind]:
            yield _row(row)
        yield ""


def _row(row: Correction) -> str:
    cells = (", ".join(row["guides"]), row["what"], row["why"], row["source"])
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(markdown())
