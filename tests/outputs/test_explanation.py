"""Every code explained in one form, also codes of plug-ins."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import CANNOT_KNOW, HEADINGS, by_payer, dated, edit, procedures
from scrubber.engine.catalogue import CatalogueError
from scrubber.engine.codes import TOOL_CODES
from scrubber.outputs.explanation import authority, denial, explained, explanation
from scrubber.outputs.layout import Layout
from scrubber.x12.errors import FILE_ERRORS
from tests.scrubbing import each, every_claim, installed, made, of_edits

CODES = sorted([*installed().codes, *FILE_ERRORS, *TOOL_CODES])


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_on_a_page_of_any_width(code: str) -> None:
    for width in (60, 120):
        rows = explanation(code, installed(), Layout(width)).splitlines()
        assert rows[0].startswith(f"{code}  ")
        assert "How to fix:" in rows
        assert any(row.startswith("Severity:  ") for row in rows)
        assert max(map(len, rows)) <= width
        assert not [row for row in rows if row != row.rstrip()]


@pytest.mark.parametrize("code", sorted(installed().edits))
def test_each_edit_documents_why_how_and_its_source(code: str) -> None:
    known = explained(code, installed())
    headings = [heading for heading, _ in known.sections]
    assert headings in ([*HEADINGS], [*HEADINGS, CANNOT_KNOW])
    assert all(text[0] == text[0].upper() and text[-1] in ".!?" for _, text in known.sections)
    labels = [label for label, _ in known.particulars]
    assert labels[0] == "Severity"
    assert labels[-3:] == ["Likely denial", "Source", "Confidence"]
    assert authority(code, installed()).startswith(installed()[code].source)


@pytest.mark.parametrize("code", sorted(GUIDE_CODES))
def test_each_guide_code_documents_its_meaning_and_source(code: str) -> None:
    known = explained(code, installed())
    assert [heading for heading, _ in known.sections] == ["What it means", "How to fix"]
    particulars = dict(known.particulars)
    assert particulars["Likely denial"][0].startswith(f"CARC 16, 277CA {GUIDE_CODES[code].claim_status} (")
    assert "005010X222A1" in particulars["Source"][0]
    assert authority(code, installed()) == particulars["Source"][0]


def test_the_page_of_an_edit() -> None:
    by_date = dated((date(2023, 1, 1), "info"), (date(2023, 7, 1), "reject"))

    @edit(
        "TEST01",
        "A test",
        severity=by_payer(ffs=by_date, madv="warn", mcd="warn", other=None),
        institutional=by_payer(ffs="info", madv="info", mcd="info", other="info"),
        concerns=procedures("J0491", "J0490"),
        source="a test",
        confidence=0.7,
        claim_status="A7:453",
        carc="16",
        rarc="N822",
        table="mue",
        types=("837P",),
    )
    def check(claim, facts):  # type: ignore[no-untyped-def]
        """What it checks: a thing, in words that are many enough for two rows of a narrow page.

        In a second paragraph.

        Why it is denied: for a reason.

        How to fix: somehow
        """

    assert explanation("TEST01", of_edits(check), Layout(70)) == (
        "TEST01  A test\n"
        "\n"
        "What it checks:\n"
        "  A thing, in words that are many enough for two rows of a narrow\n"
        "  page.\n"
        "  In a second paragraph.\n"
        "\n"
        "Why it is denied:\n"
        "  For a reason.\n"
        "\n"
        "How to fix:\n"
        "  Somehow.\n"
        "\n"
        "Severity:       Medicare fee-for-service: info from 2023-01-01, reject\n"
        "                from 2023-07-01\n"
        "                Medicare Advantage, Medicaid: warn\n"
        "                other payers: off\n"
        "On an 837I:     info for every payer\n"
        "Runs on:        837P claims with J0490, J0491; not on voids (frequency\n"
        "                8)\n"
        "Table:          mue; not checked where it is not loaded\n"
        "Likely denial:  CARC 16, RARC N822, 277CA A7:453 (something is not\n"
        "                valid)\n"
        "Source:         a test\n"
        "Confidence:     0.7, likely; payers differ"
    )


@each(
    "options, row",
    {
        "on every claim": ({}, "Runs on:        every 837P and 837I claim; not on voids (frequency 8)"),
        "on voids": ({"on_voids": True}, "Runs on:        every 837P and 837I claim"),
        "in part": (
            {"table": "pos", "partly": True},
            "Table:          pos; checked in part where it is not loaded",
        ),
        "of several tables": (
            {"table": ("pos", "mue", "ndc")},
            "Table:          pos, mue and ndc; not checked where none of them is loaded",
        ),
        "widened": ({"widened_by": ("pos", "ndc")}, "Table:          pos and ndc; checks more where they are loaded"),
        "without a denial": ({}, "Likely denial:  none"),
        "sure": ({"confidence": 0.95}, "Confidence:     0.95, a published rule or standard"),
        "fairly sure": ({"confidence": 0.9}, "Confidence:     0.9, well supported"),
        "a hint": ({"confidence": 0.5}, "Confidence:     0.5, a hint, to be checked with the payer"),
    },
)
def test_what_an_edit_declares_is_a_row_of_its_page(options: dict[str, Any], row: str) -> None:
    assert row in explanation("TEST01", of_edits(made(every_claim, **options))).splitlines()


def test_a_file_edit_is_documented_as_comparing_claims() -> None:
    assert ", compared across a file" in explanation("DUP02", installed(), Layout(200))


def test_codes_that_begin_alike_are_shortened() -> None:
    assert "G0090, G0498, S93.., S94.., S95..; not on voids" in explanation("DRUG01", installed(), Layout(500))


def test_headings_and_labels_are_dressed() -> None:
    page = explanation("IG03", installed(), Layout(80, lambda text, kind: f"<{kind}>{text}</{kind}>"))
    for part in (
        "<strong>IG03  </strong><strong>Required segment missing</strong>",
        "<strong>How to fix:</strong>",
        "<strong>Severity:       </strong>reject",
    ):
        assert part in page


@each(
    "wrong, near",
    {"of an edit": ("JWJX01", "JWJZ01"), "of the guide": ("IG99", "IG9"), "of a file": ("REED29", "READ29")},
)
def test_an_unknown_code_names_the_nearest(wrong: str, near: str) -> None:
    with pytest.raises(CatalogueError, match=f"^unknown code {wrong}; did you mean {near}"):
        explained(wrong, installed())


def test_a_denial_in_codes() -> None:
    assert denial("16", "N822", "A6:453") == "CARC 16, RARC N822, 277CA A6:453"
    assert denial(None, None, "A3:21") == "277CA A3:21"
    assert denial(None, None, None) == ""
