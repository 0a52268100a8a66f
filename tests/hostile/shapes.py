"""Files that are made to take time, memory or disk: each shape repeats one thing until a size in bytes is reached."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import TypeAlias

from scrubber.testing import ClaimType, DelimiterSpec, build, drug_line, infusion_claim

Shape: TypeAlias = Callable[[int], str]
"""A file of about so many bytes."""


def _plain(claim_type: ClaimType = "837P", terminator: str = "~", eol: str = "\n") -> str:
    delimiters = DelimiterSpec("*", ":", "^", terminator)
    return build([infusion_claim(claim_type, lines=(drug_line(),))], delimiters=delimiters, eol=eol)


def _counted(text: str) -> str:
    """The file with the right SE01 in a file of one transaction."""
    segments = [segment.strip() for segment in text.split("~")]
    begin, end = (next(n for n, segment in enumerate(segments) if segment.startswith(tag)) for tag in ("ST*", "SE*"))
    return re.sub(r"\nSE\*\d+", f"\nSE*{end - begin + 1}", text)


def _behind(tag: str, part: str, size: int, claim_type: ClaimType = "837P") -> str:
    """A claim with `part` repeated after its first segment of a tag; `{n}` in it counts."""
    text = _plain(claim_type)
    at = text.index("~", text.index(f"\n{tag}*")) + 1
    return _counted(text[:at] + _repeated(part, size) + text[at:])


def _repeated(part: str, size: int) -> str:
    count = max(1, size // len(part))
    return "".join(part.replace("{n}", str(n)) for n in range(count)) if "{n}" in part else part * count


def _instead(pattern: str, before: str, part: str, size: int, claim_type: ClaimType = "837P") -> str:
    """A claim in which the first match of a pattern is replaced by `before` and `part`, repeated."""
    return _counted(re.sub(pattern, lambda _: before + _repeated(part, size), _plain(claim_type), count=1))


_SV1 = "SV1*HC:J0490*1*UN*1***1~"
_BARE = "CLM*{n}*0***1:B:1*Y*A*Y*Y~HI*ABK:M~LX*1~" + _SV1


def _claims(
    size: int, claim_type: ClaimType = "837P", change: Callable[[str, int], str] = lambda claim, _: claim
) -> str:
    """Many claims of one subscriber, each changed."""
    text = _plain(claim_type)
    begin, end = text.index("\nCLM*") + 1, text.index("\nSE*") + 1
    claim = text[begin:end]
    many, length = [change(claim, 0)], 0
    while (length := length + len(many[-1])) < size:
        many.append(change(claim, len(many)))
    return _counted(text[:begin] + "".join(many) + text[end:])


def _levels(size: int, level: str) -> str:
    """Each claim under a level of its own; `{n}` is its number, `{claim}` the claim."""
    text = _plain()
    hl, begin, end = text.index("\nHL*2*") + 1, text.index("\nCLM*") + 1, text.index("\nSE*") + 1
    subscriber, claim = text[text.index("~", hl) + 1 : begin], text[begin:end]
    one = level.replace("{claim}", claim).replace("{subscriber}", subscriber)
    many = "".join(one.replace("{n}", str(n + 2)) for n in range(max(1, size // len(one))))
    return _counted(text[:hl] + many + text[end:])


def _blank_lines(size: int, terminator: str, blank: str) -> str:
    text = _plain(terminator=terminator, eol="")
    at = text.index(f"{terminator}CLM*") + 1
    return text[:at] + blank * (size // len(blank)) + text[at:]


def _transactions(size: int, control: Callable[[int], int], part: str = "ST*837*{n}*005010X222A1~SE*2*{n}~") -> str:
    text = _plain()
    begin, end = text.index("\nST*") + 1, text.index("\nGE*") + 1
    count = max(1, size // len(part))
    many = "".join(part.replace("{n}", f"{control(n):06}") for n in range(count))
    return text[:begin] + many + re.sub(r"GE\*\d+", f"GE*{count}", text[end:])


def _another_day(claim: str, number: int) -> str:
    """Each claim a week later than the one before, so that none repeats another."""
    return re.sub(r"D8\*\d{8}", f"D8*{2000 + number // 336 % 26}{number // 28 % 12 + 1:02}{number % 28 + 1:02}", claim)


def _diagnosed_lines(size: int, line: str, claim_type: ClaimType) -> str:
    """As many bytes of lines as of diagnoses. All lines have all diagnoses; on an 837P they point to chemotherapy."""
    text = _behind("CTP", line, size // 2, claim_type)
    codes = "".join("HI" + f"*ABF:Z{1000 + n % 9000}" * 12 + "~" for n in range(max(1, size // 2 // 147)))
    at = text.index("~", text.index("\nHI*")) + 1
    return _counted(re.sub(r"HI\*ABK:\w+", "HI*ABK:Z5111", text[:at]) + codes + text[at:])


def _renamed(claim: str, number: int, pattern: str, to: str) -> str:
    return re.sub(pattern, to.replace("{n}", str(number)), claim, count=1)


def _below_a_long(size: int, tag: str, part: str) -> str:
    """Half of the file is segments of one level or header, the other half claims beneath it."""
    text = _claims(size // 2)
    at = text.index("~", text.index(f"\n{tag}*")) + 1
    return _counted(text[:at] + _repeated(part, size // 2) + text[at:])


def _of_lines(size: int, lines: int, line: str, claim_type: ClaimType = "837P") -> str:
    """Claims of so many lines each."""
    text = _plain(claim_type)
    begin, end = text.index("\nLX*") + 1, text.index("\nSE*") + 1
    head = text[text.index("\nCLM*") + 1 : begin]
    claim = head + "".join(line.replace("{n}", str(number)) for number in range(1, lines + 1))
    return _counted(text[: text.index("\nCLM*") + 1] + claim * max(1, size // len(claim)) + text[end:])


def _interchanges(size: int, change: Callable[[str, int], str]) -> str:
    text = _plain()
    return "".join(change(text.replace("000000001", f"{n:09}"), n) for n in range(max(1, size // len(text))))


def _other_delimiters(text: str, number: int) -> str:
    """Each interchange with delimiters that no other one has."""
    marks = "!#$%&;<=>?@[]_`{|}"
    element, component = marks[number % 18], marks[(number // 18 + number + 1) % 18]
    repetition = marks[(number // 324 + number + 2) % 18]
    if len({element, component, repetition}) < 3:
        return text
    return text.translate(str.maketrans("*:^", element + component + repetition))


def _providers(size: int) -> str:
    """Each claim under a billing provider of its own."""
    text = _plain()
    begin, end = text.index("\nHL*1*") + 1, text.index("\nSE*") + 1
    one = text[begin:end]
    many = "".join(
        one.replace("HL*1**", f"HL*{2 * n + 1}**")
        .replace("HL*2*1*", f"HL*{2 * n + 2}*{2 * n + 1}*")
        .replace("2000000010", f"{2_000_000_000 + n}")
        for n in range(max(1, size // len(one)))
    )
    return _counted(text[:begin] + many + text[end:])


def _replacing(claim: str, number: int) -> str:
    """Originals, replacements and voids of each other."""
    claim = claim.replace(":B:1*", f":B:{(1, 7, 8)[number % 3]}*").replace("CLM*BASE", f"CLM*ID{number}")
    return claim.replace("\nHI*", f"\nREF*F8*ID{number - 1}~\nHI*", 1)


OF_A_PATIENT = 100
"""The claims of each patient among the smallest claims."""


def _smallest(size: int, procedure: str) -> str:
    """Sound claims as short as they can be, `OF_A_PATIENT` of each patient, each on another day."""
    text = _plain(eol="")
    subscriber, claims, end = text.index("HL*2*"), text.index("CLM*"), text.index("SE*", text.index("CTP*"))
    parts: list[str] = []
    level, length = text[subscriber:claims], 0
    while length < size:
        number = len(parts)
        person = level.replace("HL*2*", f"HL*{number // OF_A_PATIENT + 2}*").replace(
            "9XX0XX0XX01", f"9XX0XX{number:05}"
        )
        day = date(2026, 10, 14) - timedelta(days=number % OF_A_PATIENT)
        parts.append(
            f"{'' if number % OF_A_PATIENT else person}CLM*{number}*1***11:B:1*Y*A*Y*Y~HI*ABK:Z23~"
            f"LX*1~SV1*HC:{procedure}*1*UN*1***1~DTP*472*D8*{day:%Y%m%d}~"
        )
        length += len(parts[-1])
    return _counted(text[:subscriber] + "".join(parts) + "\n" + text[end:]).replace("\n", "")


def _faulty_first(size: int) -> str:
    """The first claims of a file may list more findings than others: 250 faulty claims, and then the smallest ones."""
    text = _smallest(size * 4 // 5, "J0490")
    lines = "".join(FAULTY.replace("{n}", str(number)) for number in range(1, 5))
    claim = f"CLM*FIRST{{n}}*1***11:B:1*Y*A*Y*Y~HI*ABK:Z23~{lines}"
    first = text.index("CLM*")
    return _counted(text[:first] + _repeated(claim, min(size // 5, 250 * len(claim))) + text[first:])


FAULTY = "LX*{n}~SV1*HC:J0490:XX:YY*-1*ZZ*-1***9~DTP*472*D8*20361399~LIN**N4*1~CTP****x*QQ~"
LINE = "LX*{n}~SV1*HC:J0490:JZ*4800*UN*80***1~DTP*472*D8*20261013~LIN**N4*49401010201~CTP****2*UN~"
HOSPITAL_LINE = "LX*{n}~SV2*0636*HC:J0490:JZ*4800*UN*80~DTP*472*D8*20261013~LIN**N4*49401010201~CTP****2*UN~"
TA1 = "TA1*000000001*261015*0830*A*000~"
SUBSCRIBER = "HL*{n}*1*22*0~{subscriber}{claim}"

SHAPES: Mapping[str, Shape] = {
    "blank lines, LF": lambda size: _blank_lines(size, "\n", "\n"),
    "blank lines, CR": lambda size: _blank_lines(size, "\r", "\r"),
    "blank lines, CR LF": lambda size: _blank_lines(size, "\n", "\r\n"),
    "blank lines with spaces": lambda size: _blank_lines(size, "\n", " \n"),
    "white space behind a terminator": lambda size: _blank_lines(size, "~", "\n"),
    "empty segments": lambda size: _blank_lines(size, "~", "~\n"),
    "line breaks before ISA": lambda size: "\n" * size + _plain(),
    "bytes before ISA": lambda size: "ISA" * (size // 3) + _plain(),
    "broken ISA": lambda size: "ISA*" * (size // 4) + _plain(),
    "bytes behind IEA": lambda size: _plain() + "ISA*00" * (size // 6),
    "padding behind IEA": lambda size: _plain() + "\x1a\x00 " * (size // 3),
    "GS without ISA": lambda size: "GS*HC*" + "\n" * size + _plain(),
    "interchanges": lambda size: _plain() * (size // len(_plain())),
    "one claim": lambda size: _plain() if size < 0 else _claims(size),
    "composites of HI": partial(_instead, r"HI\*[^~]*", "HI*ABK:M3219", "*ABF:Z79899"),
    "other composites of HI": lambda size: _instead(r"HI\*[^~]*", "HI*ABK:M3219", "*BF:{n}X", size * 3 // 4),
    "components of HI": partial(_instead, r"HI\*[^~]*", "HI*ABK:M3219", ":Z79899"),
    "repetitions of HI": partial(_instead, r"HI\*[^~]*", "HI*ABK:M3219", "^ABF:Z79899"),
    "HI segments": partial(_behind, "HI", "HI*ABF:Z79899*ABF:Z79899~"),
    "components of SV1": partial(_instead, r"SV1\*HC:J0490", "SV1*HC:J0490", ":JZ"),
    "elements of SV1": partial(_instead, r"SV1\*[^~]*", "SV1*HC:J0490:JZ*4800*UN*80***1", "*9"),
    "empty elements of CLM": partial(_instead, r"CLM\*[^~]*", "CLM*A*1***11:B:1", "*"),
    "pointers": partial(_instead, r"SV1\*[^~]*", "SV1*HC:J0490:JZ*4800*UN*80***1", ":9"),
    "other HI segments": partial(_behind, "HI", f"HI{''.join(f'*ABF:m{{n}}.{at:X}' for at in range(12))}~"),
    "SV1 segments": partial(_behind, "SV1", "SV1*HC:J0490:JZ*4800*UN*80***1~"),
    "REF segments": partial(_behind, "CLM", "REF*G1*PA{n}~"),
    "REF segments of a line": partial(_behind, "SV1", "REF*6R*{n}~"),
    "DTP segments": partial(_behind, "SV1", "DTP*472*D8*20261013~"),
    "LIN segments": partial(_behind, "LIN", "LIN**N4*49401010201~CTP****2*UN~"),
    "NM1 segments": partial(_behind, "HI", "NM1*82*1*DOE*ANN****XX*2000000028~"),
    "other payers": partial(_behind, "HI", "SBR*S*18*******CI~AMT*D*1~OI***Y***Y~NM1*IL*1*DOE*ANN****MI*M{n}~"),
    "adjudicated lines": partial(_behind, "CTP", "SVD*P{n}*1*HC:J0490**80~CAS*PR*1*1~DTP*573*D8*20261013~"),
    "lines": partial(_behind, "CTP", LINE),
    "hospital lines": partial(_behind, "CTP", HOSPITAL_LINE, claim_type="837I"),
    "lines by diagnoses": partial(_diagnosed_lines, line=LINE, claim_type="837P"),
    "hospital lines by diagnoses": partial(_diagnosed_lines, line=HOSPITAL_LINE, claim_type="837I"),
    "lines of one number": partial(_behind, "CTP", LINE.replace("{n}", "7")),
    "lines with faults": partial(_behind, "CTP", LINE.replace(":JZ", "").replace("UN*80", "XX*-1")),
    "LX alone": partial(_behind, "CTP", "LX*{n}~"),
    "notes": partial(_behind, "CLM", "NTE*ADD*GIVEN~"),
    "notes of the scrubber": partial(_behind, "CLM", "NTE*TPO*SCRUB R NDC05 W JWJZ08~"),
    "almost notes of the scrubber": partial(_behind, "CLM", "NTE*TPO*SCRUB R NDC05 R ~"),
    "a long note of the scrubber": partial(_instead, r"REF\*G1[^~]*~", "NTE*TPO*SCRUB", " R NDC05"),
    "unknown segments": partial(_behind, "CLM", "ZZZ*1~"),
    "tags": partial(_behind, "CLM", "REF~"),
    "claims": _claims,
    "hospital claims": partial(_claims, claim_type="837I"),
    "days of one patient": partial(_claims, change=_another_day),
    "claim ids": partial(_claims, change=partial(_renamed, pattern=r"CLM\*[^*]*", to="CLM*ID{n}")),
    "claims with faults": partial(_claims, change=partial(_renamed, pattern=r":JZ", to="")),
    "claims without a number": partial(_claims, change=partial(_renamed, pattern=r"4800", to="x{n}")),
    "subscribers": partial(_levels, level=SUBSCRIBER),
    "levels of unknown kind": partial(_levels, level="HL*{n}*1*99*0~{subscriber}{claim}"),
    "levels of wrong parents": partial(_levels, level="HL*{n}*{n}*22*0~{subscriber}{claim}"),
    "levels without claims": partial(_levels, level="HL*{n}*1*22*0~{subscriber}"),
    "bare levels": partial(_levels, level="HL*{n}*1*22*0~"),
    "nested levels": partial(_levels, level="HL*{n}*1*22*1~HL*{n}*2*23*0~PAT*19~{claim}"),
    "transactions": partial(_transactions, control=lambda n: n),
    "falling control numbers": partial(_transactions, control=lambda n: 900_000 - n),
    "scattered control numbers": partial(_transactions, control=lambda n: n * 7919 % 999_983),
    "one control number": partial(_transactions, control=lambda _: 1),
    "ST alone": partial(_transactions, control=lambda n: n, part="ST*837*{n}~"),
    "ST of other kinds": partial(_transactions, control=lambda n: n, part="ST*835*{n}~SE*2*{n}~"),
    "SE alone": partial(_transactions, control=lambda n: n, part="SE*2*{n}~"),
    "groups": partial(_transactions, control=lambda n: n, part="GE*1*1~GS*HC*A*B*20261015*0830*{n}*X*005010X222A1~"),
    "TA1 segments": lambda size: _plain().replace(
        "\nGS*", "\n" + "TA1*000000001*261015*0830*A*000~" * (size // 34) + "GS*"
    ),
    "a huge LX01": lambda size: _huge(size, "LX*1", "LX*"),
    "a huge procedure": lambda size: _huge(size, "HC:J0490", "HC:"),
    "a huge charge": lambda size: _huge(size, "CLM*", "CLM*1*"),
    "a huge claim id": lambda size: _huge(size, "CLM*", "CLM*"),
    "a huge payer id": lambda size: _huge(size, "*PI*", "*PI*"),
    "a huge ST02": lambda size: _huge(size, "ST*837*", "ST*837*"),
    "a huge ISA": lambda size: _huge(size, "ISA*00*", "ISA*00*"),
    "a huge tag": lambda size: _huge(size, "REF*G1", ""),
    "claims of faulty lines": partial(_of_lines, lines=20, line=FAULTY),
    "bare faulty lines": partial(_of_lines, lines=9, line="LX*1~SV1*HC:J0490:1*-1*Z*-1~"),
    "lines of other people's notes": partial(_of_lines, lines=40, line=FAULTY + "NTE*TPO*BY HAND~"),
    "lines of other codes": partial(_behind, "CTP", LINE.replace("J0490:JZ", "J{n}:JZ")),
    "lines of long spans": partial(_behind, "CTP", LINE.replace("D8*20261013", "RD8*00010101-99991231")),
    "lines of long numbers": partial(_behind, "CTP", LINE.replace("UN*80", f"UN*{'9' * 200}.{'9' * 200}")),
    "lines of huge exponents": partial(_behind, "CTP", LINE.replace("4800", "1E99999")),
    "lines of line notes": partial(_behind, "CTP", LINE.replace("DTP", "NTE*ADD*GIVEN~DTP")),
    "billing providers": _providers,
    "payers": partial(
        _levels, level="HL*{n}*1*22*0~SBR*P*18*G******CI~NM1*IL*1*DOE*ANN****MI*M{n}~NM1*PR*2*P{n}*****PI*{n}~{claim}"
    ),
    "replacements": partial(_claims, change=_replacing),
    "claims of odd characters": partial(
        _claims, change=partial(_renamed, pattern=r"CLM\*[^*]*", to="CLM*" + '\x01<&"' * 60 + "{n}")
    ),
    "claims of many diagnoses": partial(
        _claims, change=lambda claim, n: re.sub(r"HI\*[^~]*", "HI" + f"*ABF:M{n % 9999:04}" * 60, claim, count=1)
    ),
    "claims below a long subscriber": partial(_below_a_long, tag="HL*2", part="REF*SY*123456789~"),
    "claims below a long provider": partial(_below_a_long, tag="HL*1", part="PER*IC*ANN*TE*5555550100~"),
    "claims below a long header": partial(_below_a_long, tag="BHT", part="PER*IC*ANN*TE*5555550100~"),
    "claims below a broken subscriber": partial(_below_a_long, tag="HL*2", part="NM1*IL*1*DOE*ANN****MI*M1~"),
    "interchanges of other delimiters": partial(_interchanges, change=_other_delimiters),
    "interchanges of other senders": partial(
        _interchanges, change=lambda text, n: text.replace("SAMPLESENDER   ", f"SENDER{n:09}")
    ),
    "interchanges without IEA": partial(_interchanges, change=lambda text, _: text[: text.index("IEA*")]),
    "interchanges without ISA": partial(_interchanges, change=lambda text, n: text[106:] if n % 2 else text),
    "interchanges of other versions": partial(_interchanges, change=lambda text, _: text.replace("X222A1", "X228A1")),
    "ISA alone": lambda size: _plain()[:106] * (size // 106),
    "ST without ISA": lambda size: "~ST*837*0001*005010X222A1~" * (size // 26),
    "ST and IEA alone": lambda size: _plain() + "ST*837*1~IEA*1*1~" * (size // 17),
    "whole ISA within a claim": lambda size: _plain().replace("LX*1~", "LX*1~" + _plain()[:106] * (size // 106)),
    "ISA within a segment": partial(_behind, "CLM", "NTE*ADD*ISA*00*ISA*00~"),
    "groups within claims": partial(_behind, "CLM", "CLM*A*1GS|HC|SE|RE|20261015|1200|1|X|005010X222A1~"),
    "interchanges within claims": lambda size: _behind("CLM", "NTE*ADD*ISA*00*GS*HC*ST*837~", size),
    "claims of a tag": partial(_claims, change=lambda claim, n: "CLM~"),
    "claims without lines": partial(_claims, change=lambda claim, n: f"CLM*{n}*1***11:B:1*Y*A*Y*Y~"),
    "smallest claims": partial(_smallest, procedure="99213"),
    "smallest claims of a drug": partial(_smallest, procedure="J0490"),
    "faulty claims, then the smallest": _faulty_first,
    "smallest claims of an add-on": partial(_smallest, procedure="96367"),
    "smallest claims of wrong codes": lambda size: re.sub(
        r"CLM\*(\d+)(.*?)~", r"CLM*\1\2*\1XXXXXXXXXXXXXXXXXXXX~", _smallest(size * 4 // 5, procedure="99213")
    ),
    "claims of CLM alone": partial(_claims, change=lambda claim, n: f"CLM*{n}*1***11:B:1*Y*A*Y*Y*{n}{'X' * 60}~"),
    "claims of wrong elements": partial(
        _claims, change=partial(_renamed, pattern=r"Y\*A\*Y\*Y", to="Y*A*Y*Y{n}**AA:BB{n}*{n}********Q{n}")
    ),
    "claims of two bare lines": partial(_claims, change=lambda claim, n: f"{_BARE.format(n=n)}LX*2~{_SV1}"),
    "claims of a line of two SV1": partial(_claims, change=lambda claim, n: f"{_BARE.format(n=n)}{_SV1}"),
    "claims of bare lines": partial(_claims, change=lambda claim, n: f"CLM*{n}~LX*1~SV1*HC:J0490*1*UN*1~"),
    "half claims": partial(_claims, change=lambda claim, n: claim[: 30 + n % 60] + "~\n"),
    "huge elements on lines": lambda size: _huge(size // 2, "LX*1", "LX*").replace(
        "\nSE*", "\n" + _repeated("LX*2~SV1*HC:J0490*1*UN*1***1~", size // 2) + "SE*", 1
    ),
}
"""Each shape by its name."""


def _huge(size: int, at: str, before: str) -> str:
    """An element of at most 1 MB."""
    return _plain().replace(at, before + "9" * min(size, 1_000_000), 1)
