"""Seeded faults in valid files: each mutation makes one change that may, or may not, be a fault.

A mutation takes the segments of a file, ISA to IEA, changes the list, and says what it did; `None` where there is
nothing that it could change. SE01 is set right afterwards, so that it is not just the count that is wrong, except
where the mutation is about counts.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import attrs

from scrubber.testing import ClaimType, DelimiterSpec
from tests.conformance.generated import PLAIN, Segment, Transaction, enveloped, transaction, written

Mutation: TypeAlias = Callable[[list[Segment], random.Random], str | None]

ENVELOPE = ("ISA", "GS", "ST", "SE", "GE", "IEA")
DELIMITERS = (
    *(DelimiterSpec(),) * 12,
    *(DelimiterSpec("|", ">", "^", "\n"),) * 3,
    DelimiterSpec("^", "|", "*", "!"),
    DelimiterSpec("\\", "^", "|", "`"),
    DelimiterSpec("\x1d", ":", "^", "\x1c"),
)
"""The usual ones, and some that mean something in a regular expression or are no printable characters."""
BASES = 800
"""How many transactions of each type there are to mutate."""
LONGEST_BASE = 100
"""Segments of a transaction that is mutated, at most: the longer, the slower the verdicts."""


@attrs.frozen
class Mutant:
    """A file with one change in it, and what was changed; `base` is the file before."""

    type: ClaimType
    seed: int
    kind: str
    detail: str
    data: bytes
    base: bytes

    def __str__(self) -> str:
        return f"mutant({self.type!r}, {self.seed}) {self.kind}: {self.detail}"


def mutant(claim_type: ClaimType, seed: int) -> Mutant:
    """The mutant of a seed; every mutation has its turn."""
    chance = random.Random(f"mutant {claim_type} {seed}")
    kind = list(MUTATIONS)[seed % len(MUTATIONS)]
    while True:
        members = [_small(claim_type, chance)]
        if chance.random() < 0.1:
            members.append(_small(chance.choice(("837P", "837I")), chance, "0002"))
        base = enveloped(members)
        segments = list(base)
        detail = MUTATIONS[kind](segments, chance)
        if detail is not None:
            break
    if MUTATIONS[kind] in _STRUCTURAL and chance.random() < 0.7:
        renumber(segments)
    if kind not in ABOUT_COUNTS:
        recount(segments)
    delimiters = chance.choice(DELIMITERS)
    eol = chance.choice(("", "", "\n", "\r\n") if delimiters.terminator != "\n" else ("",))
    return Mutant(claim_type, seed, kind, detail, written(segments, delimiters, eol), written(base, delimiters, eol))


_drawn = lru_cache(maxsize=None)(transaction)


def _small(claim_type: ClaimType, chance: random.Random, control: str = "0001") -> Transaction:
    while True:
        found = _drawn(claim_type, chance.randrange(BASES), control)
        if len(found.segments) <= LONGEST_BASE and found.claims <= 3:
            return found


def recount(segments: list[Segment]) -> None:
    """Set each SE01 to the number of segments from ST on; an SE without ST is left alone."""
    count: int | None = None
    for place, segment in enumerate(segments):
        if segment.tag == "ST":
            count = 0
        if count is not None:
            count += sum(bool(part.strip()) for part in segment.text.split("~"))
        if segment.tag == "SE" and count is not None:
            segments[place] = attrs.evolve(segment, elements=(str(count), *segment.elements[1:]))
            count = None


def renumber(segments: list[Segment]) -> None:
    """Number levels and lines anew, so that it is not just the numbers that are wrong after a change."""
    levels = lines = 0
    above = {"": "", "20": "", "22": "", "23": ""}
    outer = {"22": "20", "23": "22"}
    for place, segment in enumerate(segments):
        tag, elements = segment.tag, segment.elements
        if tag == "ST":
            levels = 0
        elif tag == "CLM":
            lines = 0
        elif tag == "LX":
            lines += 1
            segments[place] = attrs.evolve(segment, elements=(str(lines), *elements[1:]))
        elif tag == "HL" and len(elements) > 2:
            levels += 1
            above[elements[2]] = str(levels)
            parent = above[outer.get(elements[2], "")]
            segments[place] = attrs.evolve(segment, elements=(str(levels), parent, *elements[2:]))


def _somewhere(segments: list[Segment], chance: random.Random, envelope: float = 0.05) -> int:
    """The place of a segment, seldom one of the envelope."""
    of_envelope = chance.random() < envelope
    return chance.choice([at for at, segment in enumerate(segments) if (segment.tag in ENVELOPE) == of_envelope])


# Segments


def dropped(segments: list[Segment], chance: random.Random) -> str:
    """One segment missing."""
    return f"without {segments.pop(_somewhere(segments, chance)).text}"


def doubled(segments: list[Segment], chance: random.Random) -> str:
    """One segment twice in a row."""
    at = _somewhere(segments, chance)
    segments.insert(at, segments[at])
    return f"{segments[at].text} at {at}"


def doubled_often(segments: list[Segment], chance: random.Random) -> str:
    """One segment many times in a row: more than any that is limited may occur."""
    at = _somewhere(segments, chance)
    times = chance.choice((2, 5, 10, 20, 50, 100))
    segments[at:at] = [segments[at]] * times
    return f"{segments[at].text} {times} times more at {at}"


def copied(segments: list[Segment], chance: random.Random) -> str:
    """One segment a second time, somewhere else."""
    at, to = _somewhere(segments, chance), chance.randrange(1, len(segments))
    segments.insert(to, segments[at])
    return f"{segments[to].text} again at {to}"


def moved(segments: list[Segment], chance: random.Random) -> str:
    """One segment somewhere else."""
    segment = segments.pop(_somewhere(segments, chance))
    to = chance.randrange(1, len(segments))
    segments.insert(to, segment)
    return f"{segment.text} to {to}"


def moved_near(segments: list[Segment], chance: random.Random) -> str:
    """One segment a few positions before or after its own."""
    at = _somewhere(segments, chance)
    to = min(max(1, at + chance.choice((-4, -3, -2, 2, 3, 4))), len(segments) - 1)
    segments.insert(to, segments.pop(at))
    return f"from {at} to {to}: {segments[to].text}"


def swapped(segments: list[Segment], chance: random.Random) -> str:
    """One segment and its neighbour in the other order."""
    at = min(_somewhere(segments, chance), len(segments) - 2)
    segments[at], segments[at + 1] = segments[at + 1], segments[at]
    return f"{segments[at].text} before {segments[at + 1].text}"


def foreign(segments: list[Segment], chance: random.Random) -> str:
    """One segment of another transaction, or of no guide at all."""
    other = _small(chance.choice(("837P", "837I")), chance).segments
    unknown = Segment(None, chance.choice(("ZZZ", "K9", "TOO", "UR", "LE", "TA1", "HI", "FA1")), ("HC", "1"))
    segment = chance.choice((*other, unknown, unknown))
    to = chance.randrange(1, len(segments))
    segments.insert(to, segment)
    return f"{segment.text} at {to}"


def misspelt(segments: list[Segment], chance: random.Random) -> str:
    """A tag that is not quite right."""
    at = _somewhere(segments, chance)
    tag = segments[at].tag
    spot = chance.randrange(len(tag))
    other = chance.choice(
        (
            tag.lower(),
            tag[:spot] + chance.choice(PLAIN) + tag[spot + 1 :],
            tag[:spot] + tag[spot + 1 :],
            tag + chance.choice(PLAIN),
            f" {tag}",
            f"{tag} ",
            f"\t{tag}",
            tag[::-1],
            "",
        )
    )
    segments[at] = attrs.evolve(segments[at], tag=other)
    return f"{tag} as {other!r} at {at}"


def bare(segments: list[Segment], chance: random.Random) -> str:
    """A segment without elements, or cut off after one."""
    at = _somewhere(segments, chance)
    kept = chance.randrange(len(segments[at].elements))
    segments[at] = attrs.evolve(segments[at], elements=segments[at].elements[:kept])
    return f"{segments[at].text} at {at}"


def qualifier_of_neighbour(segments: list[Segment], chance: random.Random) -> str | None:
    """A segment with the first element of another one of its tag: it is taken for something else."""
    alike = [
        (one, other)
        for one, segment in enumerate(segments)
        for other, second in enumerate(segments)
        if one != other and segment.tag == second.tag and segment.elements[0] != second.elements[0]
    ]
    if not alike:
        return None
    one, other = chance.choice(alike)
    changed = (segments[other].elements[0], *segments[one].elements[1:])
    segments[one] = attrs.evolve(segments[one], elements=changed)
    return f"{segments[one].text} at {one}"


# Loops


def _loop(segments: list[Segment], at: int) -> int:
    """The end of the loop that begins at a position: after all its segments."""
    loop = segments[at].node.parent
    end = at + 1
    while end < len(segments) and segments[end].node is not segments[at].node and _is_within(segments[end], loop):
        end += 1
    return end


def _is_within(segment: Segment, loop: object) -> bool:
    node = segment.node
    while node is not None and not node.is_map_root():
        if node is loop:
            return True
        node = node.parent
    return False


def _some_loop(segments: list[Segment], chance: random.Random) -> slice:
    begins = [at for at, segment in enumerate(segments) if segment.node.is_first_seg_in_loop() and at]
    at = chance.choice(begins)
    return slice(at, _loop(segments, at))


def loop_dropped(segments: list[Segment], chance: random.Random) -> str:
    """A loop missing with all that is in it."""
    loop = _some_loop(segments, chance)
    gone = segments[loop]
    del segments[loop]
    return f"without {gone[0].text} and {len(gone) - 1} more at {loop.start}"


def loop_doubled(segments: list[Segment], chance: random.Random) -> str:
    """A loop twice, with all that is in it."""
    loop = _some_loop(segments, chance)
    times = chance.choice((1, 1, 1, 2, 3, 10, 20))
    segments[loop.stop : loop.stop] = segments[loop] * times
    return f"{segments[loop.start].text} and what is in it, {times} times more at {loop.stop}"


def loop_moved(segments: list[Segment], chance: random.Random) -> str:
    """A loop somewhere else, with all that is in it."""
    loop = _some_loop(segments, chance)
    taken = segments[loop]
    del segments[loop]
    to = chance.randrange(1, len(segments))
    segments[to:to] = taken
    return f"{taken[0].text} and {len(taken) - 1} more to {to}"


def loop_hollow(segments: list[Segment], chance: random.Random) -> str | None:
    """Only the first segments of a loop, and perhaps the whole loop again after them."""
    loop = _some_loop(segments, chance)
    if loop.stop - loop.start < 2:
        return None
    kept = segments[loop.start : chance.randrange(loop.start + 1, loop.stop)]
    again = segments[loop] if chance.random() < 0.5 else []
    segments[loop] = [*kept, *again]
    return f"{kept[0].text}: {len(kept)} segments of it, at {loop.start}{', then whole' if again else ''}"


def loops_swapped(segments: list[Segment], chance: random.Random) -> str | None:
    """A loop after the one that follows it."""
    first = _some_loop(segments, chance)
    if first.stop >= len(segments) or not segments[first.stop].node.is_first_seg_in_loop():
        return None
    second = slice(first.stop, _loop(segments, first.stop))
    text = f"{segments[second.start].text} before {segments[first.start].text}"
    segments[first.start : second.stop] = segments[second] + segments[first]
    return text


# Elements


def _with(segments: list[Segment], at: int, place: int, value: str) -> str:
    """Sets an element, from 0; says so."""
    elements = list(segments[at].elements)
    before, elements[place] = elements[place], value
    segments[at] = attrs.evolve(segments[at], elements=tuple(elements))
    return f"{segments[at].tag}{place + 1:02} at {at}: {before!r} to {value!r} in {segments[at].text}"


def _some_element(segments: list[Segment], chance: random.Random) -> tuple[int, int]:
    """A segment and one of its elements that are not empty."""
    while True:
        at = _somewhere(segments, chance, 0.08)
        places = [place for place, value in enumerate(segments[at].elements) if value]
        if places:
            return at, chance.choice(places)


def _changed(change: Callable[[str, random.Random], str]) -> Mutation:
    """A mutation of one value: a simple element, or a component."""

    def mutate(segments: list[Segment], chance: random.Random) -> str:
        at, place = _some_element(segments, chance)
        parts = segments[at].elements[place].split(":")
        if segments[at].tag == "ISA":
            return _with(segments, at, place, change(segments[at].elements[place], chance))
        spot = chance.choice([spot for spot, part in enumerate(parts) if part])
        parts[spot] = change(parts[spot], chance)
        return _with(segments, at, place, ":".join(parts))

    mutate.__doc__ = change.__doc__
    return mutate


def emptied(segments: list[Segment], chance: random.Random) -> str:
    """An element or component empty."""
    at, place = _some_element(segments, chance)
    if ":" in segments[at].elements[place] and chance.random() < 0.7:
        parts = segments[at].elements[place].split(":")
        parts[chance.randrange(len(parts))] = ""
        return _with(segments, at, place, ":".join(parts))
    return _with(segments, at, place, "")


def emptied_at_end(segments: list[Segment], chance: random.Random) -> str:
    """The last element gone, and the separators before it, so that the segment ends cleanly."""
    at, _ = _some_element(segments, chance)
    elements = list(segments[at].elements)
    elements.pop()
    while elements and not elements[-1]:
        elements.pop()
    segments[at] = attrs.evolve(segments[at], elements=tuple(elements))
    return f"{segments[at].text} at {at}"


def filled(segments: list[Segment], chance: random.Random) -> str | None:
    """An empty element with a value in it."""
    at = _somewhere(segments, chance)
    places = [place for place, value in enumerate(segments[at].elements) if not value]
    if not places:
        return None
    return _with(segments, at, chance.choice(places), chance.choice(("A", "1", "18", "Y", "20260101", "XX", "0")))


def _lengths(segments: list[Segment], chance: random.Random, longer: bool) -> str | None:
    at, place = _some_element(segments, chance)
    node = segments[at].node
    children = [child for child in node.children if child.seq == place + 1]
    parts = segments[at].elements[place].split(":")
    if segments[at].tag == "ISA" or not children:
        return None
    spot = chance.choice([spot for spot, part in enumerate(parts) if part])
    child = children[0] if children[0].is_element() else children[0].children[spot]
    if longer:
        fill = parts[spot][-1]
        length = child.max_len + chance.choice((0, 1, 1, 1, 2, 40))
    else:
        fill = "0"
        length = max(1, child.min_len - chance.choice((0, 1, 1, 1, 2)))
    parts[spot] = parts[spot][:length].ljust(length, fill)
    return _with(segments, at, place, ":".join(parts))


def lengthened(segments: list[Segment], chance: random.Random) -> str | None:
    """An element as long as it may be, or longer."""
    return _lengths(segments, chance, longer=True)


def shortened(segments: list[Segment], chance: random.Random) -> str | None:
    """An element as short as it may be, or shorter."""
    return _lengths(segments, chance, longer=False)


def other_code(segments: list[Segment], chance: random.Random) -> str:
    """A code of some other element in place of one."""
    at, place = _some_element(segments, chance)
    other, elsewhere = _some_element(segments, chance)
    value = segments[other].elements[elsewhere]
    return _with(segments, at, place, value if chance.random() < 0.5 else value.split(":")[0])


def code_of_set(segments: list[Segment], chance: random.Random) -> str | None:
    """Another code that the map allows there, which may turn the segment into another one."""
    coded = [
        (at, child)
        for at, segment in enumerate(segments)
        for child in (segment.node.children if segment.tag != "ISA" else ())
        if child.is_element() and len(child.valid_codes) > 1 and child.seq <= len(segment.elements)
    ]
    if not coded:
        return None
    at, child = chance.choice(coded)
    return _with(segments, at, child.seq - 1, chance.choice(child.valid_codes))


def _wrong_code(_: str, chance: random.Random) -> str:
    """A code of no set."""
    return "".join(chance.choices(PLAIN, k=chance.randint(1, 3)))


WRONG_NUMBERS = (
    *("A", "1A", "A1", "1.2.3", "--1", "1-", "-", ".", "5.", ".5", "-.5", "+1", "1e5", "1,5", "0x1", "007", "-0", "0"),
    *(" 5", "5 ", "1_000", "1 2", "\xb2", "1\xa0", "1/2", "00.10", "-1.5", "12345678901234567890", "O", "0.000", "1\n"),
)
WRONG_DATES = (
    *("20261332", "2026130", "20230229", "20240229", "19000229", "20000229", "00000101", "17991231", "18000101"),
    *("20260431", "20260400", "20260001", "260101", "202601011", "2026-1-1", "20260101 ", " 20260101", "2026010A"),
    *("20260101-20260102", "20260101-", "-20260101", "20260102-20260101", "20260101-20260102-20260103", "-", "--"),
    *("20260101-20261301", "20260101:20260102", "20260101-2026010", "202601011200", "202601012400", "20260101-260102"),
    *("202601011260", "2026010112", "20260101120000", "99991231", "10000101", "20260101--20260102", "0", ""),
    *("1200", "2400", "2359", "1260", "12", "120", "12000", "120060", "120059", "1200599", "12005999", "2360", "24"),
    *("1:0", "\xb2" * 8),
)


def wrong_number(_: str, chance: random.Random) -> str:
    """A number that is none, or one written in an odd way."""
    return chance.choice(WRONG_NUMBERS)


def wrong_date(segments: list[Segment], chance: random.Random) -> str | None:
    """A date, time or period that is none, or one that is written in an odd way."""
    dated = [
        (at, place)
        for at, segment in enumerate(segments)
        for place, value in enumerate(segment.elements)
        if segment.tag in ("DTP", "DMG", "PAT", "BHT", "GS") and value[:4].isdigit() and len(value) >= 4
    ]
    if not dated:
        return None
    at, place = chance.choice(dated)
    return _with(segments, at, place, chance.choice(WRONG_DATES))


def wrong_number_in_number(segments: list[Segment], chance: random.Random) -> str:
    """The same where a number is asked for."""
    numbers = [
        (at, child.seq - 1)
        for at, segment in enumerate(segments)
        for child in segment.node.children
        if child.is_element()
        and (child.data_type == "R" or child.data_type.startswith("N"))
        and child.seq <= len(segment.elements)
    ]
    at, place = chance.choice(numbers)
    return _with(segments, at, place, chance.choice(WRONG_NUMBERS))


def date_format(segments: list[Segment], chance: random.Random) -> str | None:
    """Another date format qualifier, known or not, before the same date."""
    places = [at for at, segment in enumerate(segments) if segment.tag == "DTP"]
    if not places:
        return None
    return _with(segments, chance.choice(places), 1, chance.choice(("D8", "RD8", "DT", "TM", "D6", "CC", "", "d8")))


def _spliced(value: str, addition: str, chance: random.Random) -> str:
    at = chance.choice((0, len(value), chance.randint(0, len(value))))
    return value[:at] + addition + value[at:]


def lower_case(value: str, _: random.Random) -> str:
    """A value in lower case."""
    return value.lower()


def control_character(value: str, chance: random.Random) -> str:
    """A control character in a value."""
    return _spliced(value, chr(chance.choice([*range(32), 127])), chance)


def high_byte(value: str, chance: random.Random) -> str:
    """A byte above 127 in a value, or in place of all of it."""
    odd = chr(chance.choice((0x85, 0xA0, 0xAA, 0xB2, 0xB3, 0xB9, 0xBC, 0xE9, 0xFF, chance.randrange(128, 256))))
    return odd * len(value) if chance.random() < 0.2 else _spliced(value, odd, chance)


def odd_character(value: str, chance: random.Random) -> str:
    """A printable character that may not be allowed."""
    return _spliced(value, chance.choice("`!|>^@#$%&\"'(){}[]<=?/\\_;,.-+ "), chance)


def trailing_space(value: str, chance: random.Random) -> str:
    """Spaces after a value."""
    return value + " " * chance.choice((1, 1, 2, 10))


def leading_space(value: str, chance: random.Random) -> str:
    """Spaces before a value."""
    return " " * chance.choice((1, 1, 2)) + value


def spaces_only(value: str, chance: random.Random) -> str:
    """Nothing but spaces."""
    return " " * chance.choice((1, 2, len(value)))


def padded(value: str, chance: random.Random) -> str:
    """Zeros before a value."""
    return "0" * chance.choice((1, 2)) + value


def repeated(value: str, _: random.Random) -> str:
    """A repetition separator in a value."""
    return f"{value}^{value}"


def with_component(value: str, chance: random.Random) -> str:
    """One component more, filled or not, before or after."""
    return chance.choice((f"{value}:A", f"{value}:", f":{value}", f"{value}::::A", f"{value}::::::::::::"))


def with_terminator(value: str, chance: random.Random) -> str:
    """A segment terminator inside of a value, or after it."""
    return _spliced(value, chance.choice(("~", "~~", "~\n~", "~ ~")), chance)


def with_line_break(segments: list[Segment], chance: random.Random) -> str:
    """White space before a segment."""
    at = _somewhere(segments, chance)
    space = chance.choice(("\n", "\r\n", "\n\n", "\r", " ", "\t", "\n ", " \n", "\x0b", "\x0c", "\x1c", "\xa0", "\x85"))
    segments[at] = attrs.evolve(segments[at], tag=space + segments[at].tag)
    return f"{space!r} before {segments[at].text} at {at}"


def empty_segment(segments: list[Segment], chance: random.Random) -> str:
    """A segment of nothing."""
    at = chance.randrange(1, len(segments))
    segments.insert(at, Segment(None, chance.choice(("", "", "\n", " ")), ()))
    segments[at] = attrs.evolve(segments[at], elements=())
    return f"an empty one at {at}"


def extra_element(segments: list[Segment], chance: random.Random) -> str:
    """One element more at the end, or empty ones up to the last place and beyond."""
    at = _somewhere(segments, chance)
    segment = segments[at]
    room = max(0, (len(segment.node.children) if segment.node else 0) - len(segment.elements))
    added = chance.choice((("A",), ("",), ("", ""), (*[""] * room, "A"), (*[""] * room, ""), ("",) * max(1, room)))
    segments[at] = attrs.evolve(segment, elements=(*segment.elements, *added))
    return f"{segments[at].text} at {at}"


def shifted(segments: list[Segment], chance: random.Random) -> str:
    """The elements from one on a place further, or one place back."""
    at, place = _some_element(segments, chance)
    elements = list(segments[at].elements)
    if chance.random() < 0.5:
        elements.insert(place, "")
    else:
        del elements[place]
    segments[at] = attrs.evolve(segments[at], elements=tuple(elements))
    return f"{segments[at].text} at {at}"


def changed_byte(segments: list[Segment], chance: random.Random) -> str:
    """One byte of a segment another one, one more or one less."""
    at = chance.randrange(len(segments)) if chance.random() < 0.1 else _somewhere(segments, chance)
    text = segments[at].text
    spot = chance.randrange(len(text))
    byte = chance.choice((chr(chance.randrange(256)), chance.choice("*:~^ \n0A9a-.")))
    changed = text[:spot] + chance.choice((byte, byte, "", byte + text[spot])) + text[spot + 1 :]
    tag, *elements = changed.split("*")
    segments[at] = attrs.evolve(segments[at], tag=tag, elements=tuple(elements))
    return f"{text!r} to {changed!r} at {at}"


# Levels, lines, counts


ODD_NUMBERS = ("", "0", "1", "2", "3", "4", "9", "01", "02", " 1", "1 ", "+1", "1_0", "-1", "1.0", "A", "\xb2", "1:2")


def level(segments: list[Segment], chance: random.Random) -> str:
    """HL: its number, its parent, its level or whether it has children."""
    at = chance.choice([at for at, segment in enumerate(segments) if segment.tag == "HL"])
    place = chance.choice((0, 1, 1, 1, 2, 3))
    choices = {0: ODD_NUMBERS, 1: ODD_NUMBERS, 2: ("20", "22", "23", "21", "", "PT"), 3: ("0", "1", "", "2", "A")}
    value = chance.choice(choices[place])
    if place < 2 and chance.random() < 0.4:
        value = str(int(segments[at].elements[place] or 1) + chance.choice((-1, 1, 2)))
    elif place < 2 and chance.random() < 0.2:
        value = chance.choice(("0", " ", "+")) + segments[at].elements[place]
    return _with(segments, at, place, value)


def line_number(segments: list[Segment], chance: random.Random) -> str:
    """LX01 another number, or the same written in another way."""
    at = chance.choice([at for at, segment in enumerate(segments) if segment.tag == "LX"])
    number = int(segments[at].elements[0])
    value = chance.choice((str(number + 1), str(number - 1), f"0{number}", f"{number}0", chance.choice(ODD_NUMBERS)))
    return _with(segments, at, 0, value)


def count(segments: list[Segment], chance: random.Random) -> str:
    """SE01, GE01 or IEA01."""
    at = chance.choice([at for at, segment in enumerate(segments) if segment.tag in ("SE", "GE", "IEA")])
    number = int(segments[at].elements[0])
    odd = (f"0{number}", f"+{number}", f" {number}", f"{number} ", f"{number}.0", f"-{number}", "", "A")
    return _with(segments, at, 0, chance.choice((str(number + 1), str(number - 1), *odd)))


def control_number(segments: list[Segment], chance: random.Random) -> str:
    """The control number of a header or trailer."""
    places = {"SE": 1, "GE": 1, "IEA": 1, "ST": 1, "GS": 5, "ISA": 12}
    at = chance.choice([at for at, segment in enumerate(segments) if segment.tag in places])
    value = segments[at].elements[places[segments[at].tag]]
    other = chance.choice((f"{value[:-1]}7", f"0{value}", value.lstrip("0"), f"{value} ", "", "000000002", "0002"))
    return _with(segments, at, places[segments[at].tag], other)


def version(segments: list[Segment], chance: random.Random) -> str:
    """GS08 or ST03: another version."""
    places = {"ST": 2, "GS": 7}
    at = chance.choice([at for at, s in enumerate(segments) if s.tag in places and len(s.elements) > places[s.tag]])
    known = ("005010X222", "005010X222A1", "005010X222A2", "005010X223", "005010X223A1", "005010X223A2", "005010X223A3")
    value = chance.choice((*known, "005010X224A2", "004010X098A1", "005010", "005010x222A1", "005010X222A1 ", ""))
    return _with(segments, at, places[segments[at].tag], value)


def two_changes(segments: list[Segment], chance: random.Random) -> str | None:
    """Two changes at once."""
    names = [name for name in MUTATIONS if name not in ("two_changes", *ABOUT_COUNTS)]
    first = MUTATIONS[chance.choice(names)](segments, chance)
    if first is None:
        return None
    try:
        second = MUTATIONS[chance.choice(names)](segments, chance)
    except (IndexError, ValueError, AttributeError):  # the first change left nothing that the second could take
        second = None
    return f"{first}; {second}"


_STRUCTURAL: tuple[Mutation, ...] = (
    *(dropped, doubled, doubled_often, copied, moved, moved_near, swapped, foreign, misspelt, bare),
    *(qualifier_of_neighbour, loop_dropped, loop_doubled, loop_moved, loop_hollow, loops_swapped),
)
_OF_ELEMENTS: tuple[Mutation, ...] = (
    *(emptied, emptied_at_end, filled, lengthened, shortened, other_code, code_of_set, wrong_date),
    *(wrong_number_in_number, date_format, with_line_break, empty_segment, extra_element, shifted, changed_byte),
)
_OF_VALUES = (
    *(_wrong_code, wrong_number, lower_case, control_character, high_byte, odd_character, trailing_space),
    *(leading_space, spaces_only, padded, repeated, with_component, with_terminator),
)
_OF_NUMBERS: tuple[Mutation, ...] = (level, line_number, count, control_number, version, two_changes)

MUTATIONS: dict[str, Mutation] = {
    **{mutation.__name__: mutation for mutation in (*_STRUCTURAL, *_OF_ELEMENTS, *_OF_NUMBERS)},
    **{change.__name__.lstrip("_"): _changed(change) for change in _OF_VALUES},
}
"""All mutations by name."""

ABOUT_COUNTS = frozenset({"count", "control_number"})
"""After these no count is set right."""
