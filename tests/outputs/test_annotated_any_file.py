"""The annotated copy of generated 837 files: stripping gives back the input."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.testing import (
    DelimiterSpec,
    build,
    drug_line,
    infusion_claim,
)
from tests.lanes import examples
from tests.outputs.annotating import annotate, strip, summary_of
from tests.scrubbing import (
    TYPES,
    everywhere,
    installed,
    of_edits,
    scrub_text,
)

# The invariant, on files of every make

delimiter_sets = st.sampled_from(
    [
        DelimiterSpec(),
        DelimiterSpec("|", ">", "!", "\n"),
        DelimiterSpec("=", "<", "U", "'"),
        DelimiterSpec("+", "&", "%", "?"),
    ]
)
line_extras = st.lists(
    st.sampled_from(
        ["REF*6R*L1", "NTE*ADD*THEIRS", "NTE*TPO*THEIRS", "NTE*TPO*SCRUB R NDC05", "HCP*00*1", "AMT*T*1", "K3*X"]
    ),
    max_size=3,
).map(tuple)
lines = st.builds(
    drug_line,
    st.sampled_from(["J0490", "J0491"]),
    st.sampled_from([80, 300, 69, "x", ""]),
    st.sampled_from([(), ("JZ",), ("JW",), ("JW", "JZ")]),
    extra=line_extras,
    description=st.sampled_from(["", "SCRUB R NDC05"]),
)
claims = st.builds(
    infusion_claim,
    st.sampled_from(TYPES),
    st.sampled_from(["A", "SCRUB R DX01", "C-3"]),
    lines=st.lists(lines, max_size=3).map(tuple),
    note=st.sampled_from([None, "THEIRS", "SCRUB R DX01"]),
    extra=st.sampled_from([(), ("K3*X",), ("NTE*MED*THEIRS",), ("NTE*TPO*SCRUB W ADM01 AND 3 MORE",)]),
    diagnoses=st.sampled_from([("M3219",), ("M320",), ("M320", "M3219"), ()]),
    frequency=st.sampled_from(["1", "8"]),
)
counts = st.sampled_from([None, "{n:06}", "MANY", "", "3", "0{n}"])


@st.composite
def files(draw: st.DrawFn) -> str:
    delimiters = draw(delimiter_sets)
    eol = "" if delimiters.terminator == "\n" else draw(st.sampled_from(["", "\n", "\r\n  "]))
    per_transaction = draw(st.sampled_from([None, 1]))
    text = build(draw(st.lists(claims, max_size=4)), delimiters=delimiters, eol=eol, per_transaction=per_transaction)
    count = draw(counts)
    if count is not None:
        e = re.escape(delimiters.element)
        text = re.sub(
            rf"SE{e}(\d+){e}", lambda m: f"SE{delimiters.element}{count.format(n=int(m[1]))}{delimiters.element}", text
        )
    return text


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from([everywhere(), everywhere(12), of_edits(*installed().edits.values())]))
def test_annotating_and_stripping_lose_nothing(text: str, edits: Catalogue) -> None:
    bare = strip(text)
    copy = annotate(text, edits)
    assert strip(bare) == bare
    assert strip(copy.text) == bare
    assert annotate(bare, edits).text == copy.text
    assert annotate(copy.text, edits).text == copy.text
    engine = Engine(installed(), Profile())
    assert summary_of(scrub_text(text, engine)[0]) == summary_of(scrub_text(copy.text, engine)[0])
    assert summary_of(scrub_text(bare, engine)[0]) == summary_of(scrub_text(copy.text, engine)[0])


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_a_file_without_notes_comes_back_to_the_byte(text: str) -> None:
    bare = strip(text)
    if bare == text:
        assert strip(annotate(text).text) == text


@settings(max_examples=examples(100))
@given(files(), st.integers(0, 10_000), st.binary(max_size=8))
def test_a_damaged_file_is_copied_all_the_same(text: str, at: int, junk: bytes) -> None:
    """Cut short, or with bytes put in: whatever can be annotated is, and strips back to the byte."""
    at = min(at, len(text))
    for damaged in (text[:at], text[:at] + junk.decode("latin-1") + text[at:]):
        bare = strip(damaged)
        assert strip(annotate(bare, everywhere()).text) == bare
