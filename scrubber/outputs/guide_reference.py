"""The page of the guide checks, `docs/guide-checks.md`: how they work, and where they differ from pyx12's maps.

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

Unless `--no-conformance` is given, each header, level and claim is checked against its implementation guide:
005010X222A1 for the 837P, 005010X223A2 for the 837I. Earlier and later addenda are checked against the nearer of the
two. The rules come from the maps of pyx12 4.0.0. A fast path accepts most segments; pyx12 checks the rest. Findings
have the codes `IG01` to `IG91` (see [the edit reference](edits.md)).

- An error in a claim is found on that claim alone. An error in a level above is found on each claim beneath it: in full
  on the first, in short on the others. An error in a header is an error of the file, and each claim refers to it
  (`IG90`).
- An error in an element of SE, GE or IEA is a warning of the file: the clean file has trailers of its own.
- One cause gives one finding. If a separator is missing or there is one too many, the finding is `IG24`, and not one
  finding for each value that follows. The message counts what follows from the finding.
- Findings of these codes are warnings: {warnings}. All others reject.

## Differences from pyx12's maps

The corrections are in `scrubber/conformance/corrections.toml`. They change pyx12's own nodes, so the fast path and
pyx12 apply the same rules. A test compares the two on mutated files.
"""

_TITLES = {
    "codes": "Codes that the map lacks",
    "lists": "Code lists that change over time",
    "optional": "Elements that are situational",
    "required": "Elements that are required",
    "forms": "Formats that are required less often",
    "places": "Loops in another position",
    "siblings": "Loops in any order",
    "beside": "Rules that are not in the maps",
    "kept": "Reviewed and left as in pyx12",
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
