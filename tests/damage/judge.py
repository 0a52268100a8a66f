"""What must hold of the outputs of a damaged file, judged without the scrubber's own reader.

The file is split at its delimiters, white space before a segment taken off, and levels are followed by HL03 alone.

- No claim of the clean file stands under people that it did not stand under in the undamaged file, or under none, in
  levels of the right kind; nor has it another's line. Neither the claim nor the levels above it hold a segment that no
  guide has there.
- Every CLM, SV1 and SV2 of the damaged file is in the outputs as often as in the file, and so is every other segment
  of a claim: what stands in a claim of the undamaged file, and what the damage has made of it.
- Claims that the damage cannot reach are clean: those of other transactions, and where only elements or a tag are
  damaged, or SE01 counts what is there, those under other levels.
- Both outputs have sound envelopes and levels. But a level of the rejected file may have 0 in HL02: its claims are in
  doubt. No claim of the rejected file is clean if that is scrubbed again.
- Reports, those of `check` too, let the claims of the clean file pass and no others; what is rejected has a finding or
  an error of the file.

What the damage leaves undecidable is exempt, and nothing else:

1. *The damaged segment in its own place.* Where an element of NM1*IL is emptied, or another NM1*IL stands in its place,
   nothing in the file says what was there: the claims under that very level may show the new text, in that place only.
   So may the claim with a damaged SV1 or SV2 show the new one, and a claim whose CLM01 is damaged or another's be
   known by that.
2. *A CLM that was moved, or that stands in another segment's place.* What follows it is its own then, and it stands
   under the people at that place: the file is that of another claim. The claim with this CLM01 may stand under these
   people, with the lines there, and no others.
3. *SBR and NM1*PR that are missing* or no longer such: without guide checks a claim may be clean without them, as
   nobody else's stands in their place. With guide checks it may not.
4. *Lines that are missing* from a clean claim count where all edits and guide checks run: without them, a line that is
   gone (its CLM02 apart) leaves a sound claim after.
5. *An ISA that cannot be read.* Where no interchange of the file can be read there are no outputs, and an error says
   so. What stands before the first ISA or GS of the file has no delimiters, so it is no segment.
6. *After ST, before the first level,* a segment of no kind, or one that names no person and no payer, puts nobody in
   another's place: where BHT may be missing without guide checks, so may it be damaged.
7. *The rejected file* has what faults its claims and levels have: segments within claims, levels that are unknown or
   skip one. Of those only the numbers are held to account.
8. *The last level of a transaction* that is lost as a whole, with SE01 made to fit, leaves no trace.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import attrs

from scrubber.engine import catalogue
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.split import Splitter
from scrubber.x12.guides import IN_DOUBT
from scrubber.x12.prescan import prescan
from tests.damage.files import LEVELS, NOTE, File, Row, role
from tests.damage.kinds import Damage, Damaged, applied

_SERVICES = ("SV1", "SV2", "CLM")
_SEGMENTS = {
    "": "BHT N3 N4 NM1*40 NM1*41 NM1*87 PER PRV REF",
    "20": "CUR N3 N4 NM1*85 NM1*87 NM1*PE PER PRV REF",
    "22": "DMG N3 N4 NM1*IL NM1*PR PAT PER REF SBR",
    "23": "DMG N3 N4 NM1*QC PAT PER REF",
    "claim": "AMT CAS CL1 CLM CN1 CR1 CR2 CRC DTP HCP HI K3 MIA MOA N3 N4 NM1*45 NM1*71 NM1*72 NM1*77 NM1*82 NM1*85 "
    "NM1*DN NM1*DQ NM1*IL NM1*P3 NM1*PR NM1*PW NM1*ZZ NTE OI PER PRV PWK REF SBR",
    "line": "AMT CAS CN1 CR1 CR3 CRC CTP DTP FRM HCP K3 LIN LQ LX MEA N3 N4 NM1*45 NM1*72 NM1*77 NM1*82 NM1*DK NM1*DN "
    "NM1*DQ NM1*P3 NM1*PW NM1*QB NM1*ZZ NTE PER PRV PS1 PWK QTY REF SV1 SV2 SV5 SVD",
}
"""What is allowed after ST, and by the maps of both guides what may stand in each level, and in a claim before and
after its first LX."""
_ALLOWED = {place: frozenset(names.split()) for place, names in _SEGMENTS.items()}
_ENVELOPE = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
_MADE_ANEW = {"HL", *_ENVELOPE, *_ENVELOPE.values()}
_FAR_REACHING = ("moved", "replaced", "swapped", "terminator twice", "none")
"""Kinds of damage to two places, or that leave open what SE01 counts: an empty segment may be one or none."""


@attrs.frozen
class Outputs:
    """What the scrubber makes of a file: both halves, and the CLM01 of the claims that are not rejected in reports."""

    clean: str
    rejected: str
    passed: list[str]
    says: bool


def scrub(text: str, *, strict: bool) -> Outputs:
    """Scrub a file with all edits and guide checks (`strict`), or with none of them."""
    stream, clean, rejected = io.BytesIO(text.encode("latin-1")), io.BytesIO(), io.BytesIO()
    scan = prescan(stream)
    stream.seek(0)
    splitter = Splitter(clean, rejected)
    scrubbing = Scrubbing(stream, engine(strict=strict), scan, conformance=strict)
    passed, says = [], False
    for event in scrubbing:
        if not isinstance(event, ScrubbedClaim):
            splitter.event(event)
            continue
        splitter.claim(event)
        if event.disposition == "rejected":
            says = True
        else:
            passed.append(event.claim.claim_id)
    splitter.close()
    says = says or bool(scrubbing.errors) or bool(scan.errors)
    return Outputs(clean.getvalue().decode("latin-1"), rejected.getvalue().decode("latin-1"), passed, says)


@lru_cache(maxsize=2)
def engine(*, strict: bool) -> Engine:
    """An engine with all edits, or with none."""
    return Engine(catalogue.load() if strict else Catalogue({}), Profile())


@attrs.frozen
class _Owned:
    """A claim as it may stand in the clean file: the people above it, by role, and its lines.

    `instead` are segments that the damage has put in place of one of these.
    """

    people: frozenset[tuple[str, str]]
    lines: frozenset[str]
    instead: frozenset[str] = frozenset()
    moved: bool = False


@attrs.define
class _Found:
    """A claim of the clean file: who stands above it (level, role, text), its lines, and what is out of place."""

    claim_id: str
    people: list[tuple[str, str, str]]
    strays: list[str]
    lines: list[str] = attrs.field(factory=list)


def faults(damaged: Damaged, *, strict: bool) -> list[str]:
    """The broken rules, each in one line that begins with its kind; empty if none is broken."""
    try:
        outputs = scrub(damaged.text, strict=strict)
        again = scrub(outputs.rejected, strict=False)
    except Exception as error:
        return [f"crash: {type(error).__name__}: {error}"]
    found = [*_Judge(damaged, strict=strict).faults(outputs)]
    if again.clean and not strict:  # all claims of the rejected file were in doubt
        found.append("again: a claim in doubt is clean once the rejected file is scrubbed")
    return found


def faults_of_undamaged(file: File, *, strict: bool) -> list[str]:
    """The broken rules of an undamaged file: all of it must be clean and unchanged, except the scrubber's notes."""
    whole = Damaged(file, Damage("none", -1), "", [], Row(-1, "", ""))
    done = applied(file, Damage("doubled", file.interchanges[0].head[0].key))
    assert done
    whole = attrs.evolve(whole, rows=done.rows)
    text = "".join(row.text + file.delimiters.terminator + file.eol for row in done.rows)
    outputs = scrub(text, strict=strict)
    found = [*_Judge(attrs.evolve(whole, text=text), strict=strict).faults(outputs)]
    if outputs.rejected:
        found.append("undamaged: something is rejected")
    if NOTE not in text and outputs.clean != text:
        found.append("undamaged: the clean file is not the file")
    return found


class _Judge:
    def __init__(self, damaged: Damaged, *, strict: bool) -> None:
        self._damaged = damaged
        self._strict = strict
        self._separator = damaged.file.delimiters.element
        self._end = damaged.file.delimiters.terminator

    def faults(self, outputs: Outputs) -> Iterator[str]:
        clean, rejected = self._segments(outputs.clean), self._segments(outputs.rejected)
        if not clean and not rejected and self._damaged.target.text[:3] == "ISA":
            if not outputs.says:
                yield "silent: nothing is written and no error says so"
            return
        yield from self._wrong_people(clean)
        yield from self._kept(clean, rejected)
        yield from (f"clean: {fault}" for fault in self._unsound(clean, strict=True))
        yield from (f"rejected: {fault}" for fault in self._unsound(rejected, strict=False))
        ids = [self._element(segment, 1) for segment in clean if self._element(segment, 0) == "CLM"]
        lost = self._unreached() - set(ids)
        if lost:
            yield "spilled: a claim out of reach of the damage is not clean"
        if Counter(ids) != Counter(outputs.passed):
            yield "reports: other claims pass than are in the clean file"
        if rejected and not outputs.says:
            yield "silent: something is rejected and nothing says so"

    def _segments(self, text: str) -> list[str]:
        return [part for part in (_bare(part) for part in text.split(self._end)) if part]

    def _element(self, segment: str, place: int) -> str:
        elements = segment.split(self._separator)
        return elements[place] if place < len(elements) else ""

    # Whose claims

    def _claims(self) -> dict[str, list[_Owned]]:
        """How each claim may stand in the clean file, by CLM01."""
        damaged = self._damaged
        target, changed = damaged.target, tuple(map(_bare, damaged.changed))
        found: dict[str, list[_Owned]] = {}
        for row in damaged.rows:
            if self._element(row.text, 0) != "CLM":
                continue
            hit = any(gone.text in row.lines or (role_of(gone, self), gone.text) in row.people for gone in damaged.gone)
            owned = _Owned(frozenset(row.people), row.lines, frozenset(changed if hit else ()))
            found.setdefault(row.claim, []).append(owned)
        moved = (target.text,) if damaged.damage.kind == "moved" else changed
        place = damaged.place or target
        for text in moved:
            if self._element(text, 0) == "CLM":
                owned = _Owned(frozenset(place.people), place.lines, moved=True)
                found.setdefault(self._element(text, 1), []).append(owned)
        return found

    def _wrong_people(self, clean: list[str]) -> Iterator[str]:
        claims = self._claims()
        there = Counter(self._segments(self._damaged.text))
        for one in self._found(clean):
            complaints = [[*self._complaints(one, owned, there)] for owned in claims.get(one.claim_id, [])]
            if not complaints:
                yield "stranger: a claim is clean that is in no file"
            elif all(complaints):
                yield from complaints[0]

    def _complaints(self, found: _Found, owned: _Owned, there: Counter[str]) -> Iterator[str]:
        for level, who, text in found.people:
            right = (who, text) in owned.people or text in owned.instead
            if not right:
                yield f"people: a clean claim stands under another {who}"
            elif LEVELS.get(level) != who and who in LEVELS.values():
                yield f"people: a clean claim has its {who} in a level of another kind"
        seen = {who for _, who, _ in found.people}
        for who in {who for who, _ in owned.people} - seen:
            if who in LEVELS.values() or self._strict:
                yield f"people: a clean claim stands under no {who}"
        for text in found.lines:
            if text not in owned.lines and text not in owned.instead:
                yield "line: a clean claim has another's line"
        yield from (f"stray: {stray}" for stray in dict.fromkeys(found.strays))
        if self._strict and not owned.moved:
            missing = [text for text in owned.lines if there[text] and text not in found.lines]
            if missing:
                yield "line: a clean claim lacks a line that is in the file"

    def _found(self, clean: list[str]) -> Iterator[_Found]:
        """The claims of the clean file, by position."""
        levels: dict[str, _Found] = {}
        level, claim, services = "", None, 0
        order = ["", *LEVELS]
        for segment in clean:
            elements = segment.split(self._separator)
            tag = elements[0]
            if tag in ("ST", "HL", "CLM", "SE") and claim:
                yield claim
                claim = None
            if tag == "ST":
                levels, level = {"": _Found("", [], [])}, ""
            elif tag == "HL":
                level = self._element(segment, 3)
                at = order.index(level) if level in order else len(order)
                levels = {one: found for one, found in levels.items() if one in order[:at]} | {
                    level: _Found("", [], [])
                }
            elif tag == "CLM":
                people = [one for found in levels.values() for one in found.people]
                claim = _Found(self._element(segment, 1), people, [one for f in levels.values() for one in f.strays])
                services = -1
            elif claim:
                if tag == "LX":
                    services = 0
                if tag in ("SV1", "SV2", "SV5"):
                    claim.lines.append(segment)
                    services += 1
                    if services > 1:
                        claim.strays.append(f"a line holds a second {tag}")
                self._allow(elements, "claim" if services < 0 else "line", claim)
            elif level in levels:
                if who := role(elements):
                    levels[level].people.append((level, who, segment))
                self._allow(elements, level, levels[level])

    def _allow(self, elements: list[str], place: str, found: _Found) -> None:
        name = "*".join(elements[:2]) if elements[0] == "NM1" else elements[0]
        if name not in _ALLOWED.get(place, ()):
            known = any(name in names for names in _ALLOWED.values())
            if not known and not place:
                return
            where = {"claim": "a claim before its first line", "line": "a line"}.get(place, f"level {place or 'ST'}")
            found.strays.append(f"{where} holds {name if known else 'a segment of no kind'}")

    # Whom it does not concern

    def _unreached(self) -> set[str]:
        """The claims that the damage cannot reach."""
        damaged = self._damaged
        touched = [damaged.target, *damaged.gone, *([damaged.place] if damaged.place else [])]
        tags = {self._element(text, 0) for text in (*damaged.changed, *(row.text for row in touched))}
        if tags & (_MADE_ANEW - {"HL"}):
            return set()
        transactions = {row.transaction for row in touched}
        free = {row.claim for row in damaged.rows if row.claim and row.transaction not in transactions}
        if "HL" not in tags and damaged.target.people and self._counts_right():
            free |= {row.claim for row in damaged.rows if row.claim and not self._beneath(row, damaged.target)}
        return free

    def _counts_right(self) -> bool:
        """Whether one place alone is damaged, and SE01 is right.

        It counts both segments where one runs into a CLM.
        """
        damage = self._damaged.damage
        gone = self._damaged.gone
        run_into = damage.kind == "joined to the next" and self._element(gone[-1].text, 0) == "CLM"
        if damage.kind in _FAR_REACHING:
            return False
        if run_into:
            return not damage.recounted
        return damage.recounted or self._damaged.text.count(self._end) == len(self._damaged.rows)

    def _beneath(self, row: Row, other: Row) -> bool:
        return row.transaction == other.transaction and row.people[: len(other.people)] == other.people

    # Nothing lost

    def _kept(self, clean: list[str], rejected: list[str]) -> Iterator[str]:
        """Segments of claims are in one output, as often as in the file."""
        damaged = self._damaged
        segments = self._segments(damaged.text)
        first = next((place for place, one in enumerate(segments) if self._element(one, 0) in ("ISA", "GS")), 0)
        before = Counter(segments[first:])
        after = Counter(clean) + Counter(rejected)
        of_claims = {row.text for row in damaged.rows if row.part == "claim" and not self._is_note(row.text)}
        if any(row.part == "claim" and not self._is_note(row.text) for row in damaged.gone):
            of_claims |= {_bare(text) for text in damaged.changed if not self._is_note(text)}
        elsewhere = {row.text for row in damaged.rows if row.part != "claim"}
        for text, times in before.items():
            tag = self._element(text, 0)
            if (text not in of_claims - elsewhere and tag not in _SERVICES) or tag in _MADE_ANEW:
                continue
            if after[text] < times and not self._parted_again(text, after):
                yield f"lost: {tag if tag in _SERVICES else 'a segment of a claim'} is in no output"
            elif after[text] > times:
                yield f"twice: {tag if tag in _SERVICES else 'a segment of a claim'} is in the outputs more than once"

    def _parted_again(self, text: str, after: Counter[str]) -> bool:
        """Whether segments that were run together stand in the outputs as they were."""
        damaged = self._damaged
        return text in map(_bare, damaged.changed) and all(after[_bare(row.text)] for row in damaged.gone)

    def _is_note(self, text: str) -> bool:
        return text.startswith("NTE") and NOTE in text

    # Sound envelopes and levels

    def _unsound(self, segments: list[str], *, strict: bool) -> Iterator[str]:
        opened: list[list[str]] = []
        inside: list[int] = []
        used: list[set[str]] = [set()]
        levels: list[list[str]] = []
        for segment in segments:
            elements = segment.split(self._separator)
            tag = elements[0]
            if opened and opened[-1][0] == "ST":
                inside[-1] += 1
            if tag in _ENVELOPE:
                if len(opened) != [*_ENVELOPE].index(tag):
                    yield f"{tag} out of place"
                    return
                control = self._control(elements)
                if control in used[-1]:
                    yield f"control number of {tag} used twice"
                used[-1].add(control)
                if inside:
                    inside[-1] += 1
                opened.append(elements)
                inside.append(int(tag == "ST"))
                used.append(set())
                levels = []
            elif tag in _ENVELOPE.values():
                if not opened or _ENVELOPE[opened[-1][0]] != tag:
                    yield f"{tag} out of place"
                    return
                if elements[1:3] != [self._counted(elements, inside[-1]), self._control(opened[-1])]:
                    yield f"count or control number of {tag} is wrong"
                if tag == "SE":
                    yield from self._unsound_levels(levels, strict=strict)
                opened.pop()
                inside.pop()
                used.pop()
            elif tag == "HL":
                levels.append(elements)
            elif len(opened) < len(_ENVELOPE) and tag != "TA1":
                yield "a segment outside of a transaction"
        if opened:
            yield "a trailer is missing"

    def _counted(self, elements: list[str], count: int) -> str:
        """The count as it is to be written: as wide as it stands, where that is padded with zeros."""
        return (
            str(count).rjust(len(elements[1]), "0") if len(elements) > 1 and elements[1].startswith("0") else str(count)
        )

    def _control(self, elements: list[str]) -> str:
        place = {"ISA": 13, "GS": 6, "ST": 2}[elements[0]]
        return elements[place] if place < len(elements) else ""

    def _unsound_levels(self, levels: list[list[str]], *, strict: bool) -> Iterator[str]:
        rows = [(*elements, "", "", "", "")[1:5] for elements in levels]
        for number, (own, *_) in enumerate(rows, 1):
            if own != str(number):
                yield "HL01 is not the level's number"
        known = self._known(rows)
        if strict and not known:
            yield "a level is unknown or skips one"
        if not known:
            return
        last: dict[str, str] = {}
        above: list[str] = []
        for own, parent, code, _ in rows:
            above.append({"20": "", "22": last.get("20", ""), "23": last.get("22", "")}[code])
            last[code] = own
            if parent != above[-1] and (strict or parent != IN_DOUBT):
                yield "HL02 is not the level above"
        for own, _, _, children in rows:
            if children != str(int(own in above)):
                yield "HL04 is wrong"

    def _known(self, rows: list[tuple[str, ...]]) -> bool:
        """Whether each level is of a known kind and none is skipped."""
        order = ["", *LEVELS]
        depth = 0
        for _, _, code, _ in rows:
            if code not in LEVELS or order.index(code) > depth + 1:
                return False
            depth = order.index(code)
        return True


def _bare(segment: str) -> str:
    """A segment without the white space before it and without the line break after it."""
    return segment.lstrip(" \t\r\n").rstrip("\r\n")


def role_of(row: Row, judge: _Judge) -> str:
    """The role of a row."""
    return role(row.text.split(judge._separator))
