"""One small 837P, written out, and what tests of the wire do with it."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

from hypothesis import strategies as st

from scrubber.x12.buffer import BLOCK
from scrubber.x12.envelope import Envelope
from scrubber.x12.errors import LocatedError
from scrubber.x12.pieces import Piece, cut

ISA = "ISA*00*          *00*          *ZZ*SAMPLESENDER   *ZZ*SAMPLERECEIVER *261015*0830*^*00501*000000001*0*T*:~"
BODY = (
    "GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*1*X*005010X222A1~"
    "ST*837*0001*005010X222A1~"
    "BHT*0019*00*BATCH0001*20261015*0830*CH~"
    "HL*1**20*1~"
    "NM1*85*2*QUIET MEADOW LUPUS CENTER*****XX*2000000010~"
    "HL*2*1*22*1~"
    "SBR*P********CI~"
    "NM1*IL*1*LARKSPUR*IDA****MI*SYN0001~"
    "HL*3*2*23*0~"
    "NM1*QC*1*LARKSPUR*OTTO~"
    "DMG*D8*20140203*F~"
    "CLM*A-1*4800***11:B:1*Y*A*Y*Y~"
    "HI*ABK:M3219~"
    "LX*1~"
    "SV1*HC:J0490:JZ*4800*UN*80***1~"
    "DTP*472*D8*20261005~"
    "LIN**N4*49401010201~"
    "CTP****2*UN~"
    "CLM*A-2*180***11:B:1*Y*A*Y*Y~"
    "LX*1~"
    "SV1*HC:96365*180*UN*1***1~"
    "SE*21*0001~"
    "GE*1*1~"
)
IEA = "IEA*1*000000001~"
SMALL = ISA + BODY + IEA

TAGS = ["ISA", "GS", "ST", "HL", "HL", "HL", "CLM", "CLM", "SE", "GE", "IEA"]
"""Tags of the pieces of `SMALL`."""


def walk(data: str | bytes) -> tuple[list[Piece], list[LocatedError]]:
    """The pieces of a file and the errors of its envelope."""
    stream = io.BytesIO(data if isinstance(data, bytes) else data.encode("latin-1"))
    envelope = Envelope()
    pieces = []
    for piece in cut(stream):
        envelope.feed(piece)
        pieces.append(piece)
    envelope.finish()
    return pieces, envelope.errors.counted()


def codes(data: str | bytes) -> list[str]:
    """The codes of the errors of a file."""
    return [error.code for error in walk(data)[1]]


def redelimited(
    text: str, element: str = "*", component: str = ":", repetition: str = "^", terminator: str = "~"
) -> str:
    """`text` with other delimiters."""
    return text.translate(str.maketrans("*:^~", element + component + repetition + terminator))


def any_file() -> st.SearchStrategy[bytes]:
    """Arbitrary bytes, and the small file cut short, or with bytes of it replaced, taken out or put in."""
    edits = st.lists(
        st.tuples(
            st.integers(0, len(SMALL)),
            st.integers(0, 9),
            st.one_of(st.binary(max_size=6), st.sampled_from([b"~", b"~~", b"ISA*", b"~CLM*", b"~\r\n", b"SE*", b"*"])),
        ),
        max_size=5,
    )
    return st.one_of(
        st.binary(max_size=300),
        edits.map(mutated),
        st.tuples(edits.map(mutated), st.integers(0, len(SMALL))).map(lambda cut: cut[0][: cut[1]]),
        st.tuples(edits.map(mutated), edits.map(mutated)).map(b"\n".join),
    )


def mutated(edits: list[tuple[int, int, bytes]]) -> bytes:
    """`SMALL` with bytes replaced: where, how many, by what."""
    data = SMALL.encode()
    for at, width, new in edits:
        data = data[:at] + new + data[at + width :]
    return data


class Endless:
    """A stream of about `size` bytes that is never in memory as a whole: `head`, then `filling` again and again."""

    def __init__(self, head: bytes, filling: bytes, size: int) -> None:
        self._left = size
        self._blocks: Iterator[bytes] = itertools.chain([head], itertools.repeat(filling * BLOCK))

    def read(self, size: int = -1, /) -> bytes:
        block = next(self._blocks) if self._left > 0 else b""
        self._left -= len(block)
        return block
