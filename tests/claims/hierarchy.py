"""An 837 from its body alone: tests of claims write out the segments that matter and get the envelope around them."""

from __future__ import annotations

import io

from scrubber.claims.model import Claim
from scrubber.claims.reader import items, read_claims
from scrubber.x12.errors import LocatedError
from scrubber.x12.events import Events

VERSIONS = {"837P": "005010X222A1", "837I": "005010X223A2"}

PROVIDER = "HL*1**20*1~NM1*85*2*QUIET MEADOW*****XX*2000000010~"
ADULT = "HL*2*1*22*0~SBR*P*18*******MB~NM1*IL*1*LARKSPUR*IDA****MI*SYN1~DMG*D8*19500101*F~NM1*PR*2*PLAN A*****PI*PA1~"
PARENT = "HL*3*1*22*1~SBR*S********CI~NM1*IL*1*ROWAN*MAX****MI*SYN2~DMG*D8*19800101*M~NM1*PR*2*PLAN B*****PI*PB1~"
CHILD = "HL*4*3*23*0~PAT*19******01*44~NM1*QC*1*ROWAN*PIA~DMG*D8*20140203*F~"
FAMILY = PROVIDER + PARENT.replace("HL*3", "HL*2") + CHILD.replace("HL*4*3", "HL*3*2")

CLAIM = "CLM*{0}*180***11:B:1*Y*A*Y*Y~HI*ABK:M3219~"
LINE = "LX*1~SV1*HC:96365*180*UN*1***1~DTP*472*D8*20261005~"
CLAIM_837I = "CLM*{0}*180***13:A:1**A*Y*Y~DTP*434*RD8*20261001-20261031~HI*ABK:M3219~"
LINE_837I = "LX*1~SV2*0260*HC:96365*180*UN*1~DTP*472*D8*20261005~"


def enveloped(body: str, claim_type: str = "837P", control: str = "0001") -> str:
    """A file of one transaction with `body` in it."""
    version = VERSIONS[claim_type]
    return (
        "ISA*00*          *00*          *ZZ*SAMPLESENDER   *ZZ*SAMPLERECEIVER *261015*0830*^*00501*000000001*0*T*:~"
        f"GS*HC*SAMPLESENDER*SAMPLERECEIVER*20261015*0830*77*X*{version}~ST*837*{control}*{version}~"
        f"{body}SE*{body.count('~') + 2}*{control}~GE*1*77~IEA*1*000000001~"
    )


def read(text: str) -> tuple[list[Claim], list[LocatedError]]:
    """The claims of a file, and its errors."""
    claims = read_claims(io.BytesIO(text.encode("latin-1")))
    return list(claims), claims.errors


def good(body: str, claim_type: str = "837P") -> list[Claim]:
    """The claims of a body with nothing wrong in its envelope."""
    claims, errors = read(enveloped(body, claim_type))
    assert not errors
    return claims


def one(claim: str, claim_type: str = "837P", above: str = PROVIDER + ADULT) -> Claim:
    """The only claim of a body."""
    (found,) = good(above + claim, claim_type)
    return found


def faulty(code: str, claim: str, claim_type: str = "837P") -> Claim:
    """The only claim of a body, which is in doubt for a fault of its own."""
    (found,), errors = read(enveloped(PROVIDER + ADULT + claim, claim_type))
    assert [error.code for error in errors] == [code]
    assert found.event.doubt
    return found


def joined(data: bytes) -> bytes:
    """The raw bytes of all that is read."""
    return b"".join(item.piece.raw for item in items(Events(io.BytesIO(data))))
