"""Built files with segments taken out, doubled or spoilt."""

from __future__ import annotations

from hypothesis import strategies as st

from scrubber.testing import build, infusion_claim, numbered, visit_claim, waste_claim

BUILT = build(
    [
        infusion_claim("837P", "P-1"),
        numbered(waste_claim("837P", "P-2", dependent=True)),
        infusion_claim("837I", "I-1", weight=80),
        visit_claim("837I", "I-2"),
    ]
).encode()


def broken_built_file() -> st.SearchStrategy[bytes]:
    """A built file cut short and with some of its segments taken out, doubled or spoilt."""
    count = BUILT.count(b"~")

    def broken(choices: tuple[int, list[int], list[int], bytes]) -> bytes:
        length, dropped, doubled, junk = choices
        segments = [part + b"~" for part in BUILT.split(b"~")[:length]]
        kept = [
            segment.replace(b"*", junk) if at in doubled and junk else segment * (1 + (at in doubled))
            for at, segment in enumerate(segments)
            if at not in dropped
        ]
        return b"".join(kept)

    places = st.lists(st.integers(0, count), max_size=6)
    return st.tuples(st.integers(0, count), places, places, st.binary(max_size=2)).map(broken)
