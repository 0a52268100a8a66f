"""Regular expressions that prove a segment right: pyx12 finds no fault in a segment that they match.

They are made from pyx12's maps. Some are stricter than pyx12 because that is simpler, for instance at 29 February of a
year divisible by 100. If a pattern does not match, pyx12 decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, groupby

import attrs

from scrubber.conformance.maps import Node
from scrubber.x12.delimiters import Delimiters

_VISIBLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + r"""!"&'()*+,-./:;?=%~@[]_{}\|<>^`#$"""
"""The extended character set of X12 5010, without the space."""

_DAY = (
    r"(?:(?:1[89]|[2-9]\d)\d\d(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)"
    r"|02(?:0[1-9]|1\d|2[0-8]))|(?:1[89]|[2-9]\d)(?:0[48]|[2468][048]|[13579][26])0229|20000229)"
)
_SHORT_DAY = (
    r"\d\d(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)|02(?:0[1-9]|1\d|2[0-8]))"
)
_SHORT_TIME = r"(?:[01]\d|2[0-3])[0-5]\d"
_TIME = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d\d)?)?"

_TYPED = {"D8": _DAY, "RD8": f"{_DAY}-{_DAY}", "DT": rf"{_DAY}(?:[01]\d|2[0-3])[0-5]\d", "TM": _TIME}
"""Values by date format qualifier (element 1250)."""

_SHORT = {("DT", 6, 6): _SHORT_DAY, ("TM", 4, 4): _SHORT_TIME}
"""Dates and times of an ISA, by data type, least and greatest length."""

_NOTHING = "(?!)"
"""Matches nothing, so pyx12 decides."""

_FORMAT, _PERIOD = "1250", "1251"


def pattern(node: Node, delimiters: Delimiters) -> re.Pattern[str]:
    """Matches whole segments of a pyx12 node, without their terminator, in which every element is right.

    It matches nothing if a delimiter is a character of numbers or date ranges.
    """
    if any(character in "-." for character in delimiters.characters):
        return re.compile(_NOTHING)
    return re.compile(_Writer(delimiters).segment(node), re.ASCII | re.DOTALL)


@attrs.frozen
class _Writer:
    """Writes patterns for the delimiters of an interchange."""

    delimiters: Delimiters

    @property
    def _element(self) -> str:
        return re.escape(self.delimiters.element)

    @property
    def _splitting(self) -> tuple[str, str, str]:
        return self.delimiters.element, self.delimiters.component, self.delimiters.terminator

    @property
    def _component(self) -> str:
        return re.escape(self.delimiters.component)

    def segment(self, node: Node) -> str:
        """A segment with its tag. It must not end in an element separator."""
        situational = self._segment(node, frozenset())
        for number, values, required in getattr(node, "required_where", ()):
            other = self._other_than(number, values)
            situational = f"{self._segment(node, frozenset(required))}|{other}{situational}"
        return f"(?:{situational})"

    def _segment(self, node: Node, required: frozenset[int]) -> str:
        """A segment. `required` are elements that are required although the node has them as situational."""
        parts = [self._typed_value(node, number) for number in range(len(node.children))]
        needed = [child.usage == "R" or number in required for number, child in enumerate(node.children, 1)]
        body = _listed(parts, needed, self._element)
        rules = "".join(self._syntax(rule, node.children, required) for rule in node.syntax)
        return f"{re.escape(node.id)}{rules}(?:{self._element}{body})(?<!{self._element})"

    def _other_than(self, number: int, values: Sequence[str]) -> str:
        """A look ahead, from before the tag: the element holds none of the values."""
        one_of = "|".join(map(re.escape, values))
        return f"(?!(?:[^{self._element}]*{self._element}){{{number}}}(?:{one_of})(?:{self._element}|\\Z))"

    def _typed_value(self, node: Node, number: int) -> str:
        """An element. In DTP03 and the like it depends on the format qualifier before it."""
        child = node.children[number]
        if child.is_composite():
            return self._composite(child)
        before = node.children[number - 1] if number else None
        if child.data_ele == _PERIOD and before is not None and before.is_element() and before.data_ele == _FORMAT:
            return self._period(child, before)
        return self._value(child)

    def _period(self, node: Node, format_node: Node) -> str:
        """A date, time or range in the format that the element before it names."""
        if node.usage == "N":
            return ""
        known = [code for code in format_node.valid_codes if code in _TYPED]
        choices = [f"(?<={self._element}{code}{self._element}){_TYPED[code]}" for code in known]
        return f"(?:{'|'.join(choices)})" if choices else _NOTHING

    def _composite(self, node: Node) -> str:
        if node.usage == "N":
            return ""
        parts = [self._value(child) for child in node.children]
        required = [child.usage == "R" for child in node.children]
        something = "" if any(required) else f"(?={self._component}*[^{self._component}{self._element}])"
        return something + _listed(parts, required, self._component)

    def _value(self, node: Node) -> str:
        """A value that is not empty, of an element or component."""
        if node.usage == "N":
            return ""
        if node.valid_codes or node.external_codes:
            return self._code(node)
        if node.res:
            return f"(?={node.res}(?:[{self._element}{self._component}]|\\Z))" + self._text(node.min_len, node.max_len)
        kind = node.data_type
        if kind == "R":
            most = node.max_len
            room = rf"(?!-?\d{{{most + 1}}})(?!-?[\d.]{{{most + 2}}})(?=-?[\d.]{{{node.min_len}}})"
            return rf"{room}-?(?:\d+(?:\.\d+)?|\.\d+)"
        if kind.startswith("N"):
            return rf"-?\d{{{node.min_len},{node.max_len}}}"
        if (kind, node.min_len, node.max_len) in _SHORT:
            return _SHORT[kind, node.min_len, node.max_len]
        if kind in ("DT", "TM"):
            wide_enough = node.min_len <= (8 if kind == "DT" else 4) and node.max_len >= 8
            return {"DT": _DAY, "TM": _TIME}[kind] if wide_enough else _NOTHING
        return self._text(node.min_len, node.max_len) if kind in ("AN", "ID") else _NOTHING

    def _text(self, least: int, most: int) -> str:
        """Text that does not end in a space unless its width is fixed."""
        visible = character_class(frozenset(_VISIBLE).difference(self._splitting))
        inner = visible if " " in self._splitting else visible + " "
        if least == most:
            return f"[{inner}]{{{least}}}"
        return f"[{inner}]{{{max(least - 1, 0)},{most - 1}}}[{visible}]"

    def _code(self, node: Node) -> str:
        """A code of the guide's list or of a code source that also has the length and type of the element."""
        codes = set(node.valid_codes)
        if node.external_codes:
            codes |= node.root.ext_codes.codes[node.external_codes]["codes"]
        characters = set(_VISIBLE).difference(self._splitting)
        fitting = [code for code in codes if node.min_len <= len(code) <= node.max_len and characters.issuperset(code)]
        if node.data_type not in ("AN", "ID"):
            fitting = [code for code in fitting if code.isdigit() and node.data_type[0] in "NR"]
        return f"(?:{_branches(sorted(fitting))})" if fitting and not node.res else _NOTHING

    def _syntax(self, rule: Sequence[object], children: Sequence[Node], required: frozenset[int]) -> str:
        """A look ahead, from after the tag, at a syntax note such as `P0304`; empty if usage settles it."""
        kind, *numbers = rule
        parts = [_Part(int(str(number)), children, self._element, required) for number in numbers]
        return _note(str(kind), parts)


@attrs.frozen
class _Part:
    """An element of a syntax note."""

    number: int
    children: Sequence[Node]
    separator: str
    required: frozenset[int]

    @property
    def usage(self) -> str:
        """R required, N not used, S situational."""
        if self.number in self.required:
            return "R"
        known: str = self.children[self.number - 1].usage if self.number <= len(self.children) else "N"
        return known

    @property
    def present(self) -> str:
        """A look ahead: the element is filled in."""
        return f"(?=(?:{self.separator}[^{self.separator}]*){{{self.number - 1}}}{self.separator}[^{self.separator}])"

    @property
    def absent(self) -> str:
        """A look ahead: the element is empty."""
        return self.present.replace("(?=", "(?!", 1)


def _note(kind: str, parts: Sequence[_Part]) -> str:
    """A look ahead at a syntax note of X12: P paired, R required, E exclusive, C conditional, L list conditional."""
    return _NOTES[kind](parts)


def _required(parts: Sequence[_Part]) -> str:
    """R: at least one is there."""
    return "" if _have(parts, "R") else _any_of(_open(parts))


def _exclusive(parts: Sequence[_Part]) -> str:
    """E: at most one is there."""
    return _at_most_one(_open(parts), already=sum(part.usage == "R" for part in parts))


def _paired(parts: Sequence[_Part]) -> str:
    """P: all are there, or none."""
    always, never = _have(parts, "R"), _have(parts, "N")
    if always and never:
        return _NOTHING
    if always:
        return _all_of(_open(parts))
    if never:
        return "".join(part.absent for part in _open(parts))
    return _all_or_none(_open(parts))


def _conditional(parts: Sequence[_Part]) -> str:
    """C: if the first is there, all others are."""
    first, *others = parts
    needed = [part for part in others if part.usage != "R"]
    return _if_present(first, _NOTHING if _have(needed, "N") else _all_of(needed))


def _list_conditional(parts: Sequence[_Part]) -> str:
    """L: if the first is there, at least one other is."""
    first, *others = parts
    possible = [part for part in others if part.usage != "N"]
    return _if_present(first, "" if _have(possible, "R") or not others else _any_of(possible))


_NOTES = {"R": _required, "E": _exclusive, "P": _paired, "C": _conditional, "L": _list_conditional}


def _if_present(first: _Part, follow: str) -> str:
    """A look ahead that requires `follow` if an element is there; an empty `follow` requires nothing."""
    if first.usage == "N" or not follow:
        return ""
    return follow if first.usage == "R" else f"(?:{first.absent}|{follow})"


def _have(parts: Sequence[_Part], usage: str) -> bool:
    return any(part.usage == usage for part in parts)


def _open(parts: Sequence[_Part]) -> list[_Part]:
    """The elements that may be there or not."""
    return [part for part in parts if part.usage == "S"]


def _all_of(parts: Sequence[_Part]) -> str:
    return "".join(part.present for part in parts)


def _any_of(parts: Sequence[_Part]) -> str:
    return f"(?:{'|'.join(part.present for part in parts)})" if parts else _NOTHING


def _all_or_none(parts: Sequence[_Part]) -> str:
    if len(parts) < 2:
        return ""
    return f"(?:{''.join(part.absent for part in parts)}|{_all_of(parts)})"


def _at_most_one(parts: Sequence[_Part], already: int) -> str:
    if already > 1:
        return _NOTHING
    if already:
        return "".join(part.absent for part in parts)
    pairs = combinations(parts, 2)
    return "".join(f"(?:{a.absent}|{b.absent})" for a, b in pairs)


def _listed(parts: Sequence[str], required: Sequence[bool], separator: str) -> str:
    """Parts in a row with separators between them. Parts after the last required one may be left out."""
    last = max((number for number, needed in enumerate(required) if needed), default=-1)
    written = ""
    for number in range(len(parts) - 1, -1, -1):
        part = parts[number] if required[number] or not parts[number] else f"(?:{parts[number]})?"
        lead = separator if number else ""
        written = f"{lead}{part}{written}" if number <= last or not number else f"(?:{lead}{part}{written})?"
    return written


@lru_cache(maxsize=8)
def character_class(characters: frozenset[str]) -> str:
    """The inside of a character class. With ranges such as `A-Z` it is compiled several times faster."""
    in_order = sorted(characters)
    written = []
    for _, same in groupby(enumerate(in_order), key=lambda item: ord(item[1]) - item[0]):
        run = [character for _, character in same]
        first, last = re.escape(run[0]), re.escape(run[-1])
        written.append(f"{first}-{last}" if len(run) > 2 else "".join(map(re.escape, run)))
    return "".join(written)


def _branches(codes: Sequence[str]) -> str:
    """Alternatives for sorted codes, grouped by their first characters, which matches much faster."""
    branches = []
    for first, group in groupby(codes, key=lambda code: code[:1]):
        rests = [code[1:] for code in group]
        if not first:
            branches.append("")
        elif len(rests) == 1:
            branches.append(re.escape(first + rests[0]))
        elif all(len(rest) == 1 for rest in rests):
            branches.append(f"{re.escape(first)}[{''.join(map(re.escape, rests))}]")
        else:
            branches.append(f"{re.escape(first)}(?:{_branches(sorted(rests, reverse=True))})")
    return "|".join(branches)
