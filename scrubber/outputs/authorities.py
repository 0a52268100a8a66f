"""What reports say beside a code: what a likely denial means in our own words, and where a source can be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

_SHIPPED = resources.files("scrubber.outputs")


class SourcePart(NamedTuple):
    """A part of the words of a source, and the address at which it can be read; empty where none is known."""

    text: str
    address: str = ""


def denial_in_words(carc: str | None, rarc: str | None, claim_status: str | None) -> str:
    """The likely denial: `a modifier is missing (CARC 16, RARC N822; 277CA A6:453)`. Empty if there is none.

    The remark code says more than the reason code beside it, so its words stand where both have some.
    """
    words = _denials()
    meaning = words["rarc"].get(rarc or "") or words["carc"].get(carc or "") or ""
    codes = ", ".join(f"{name} {code}" for name, code in (("CARC", carc), ("RARC", rarc)) if code)
    all_codes = "; ".join(filter(None, (codes, claim_status and f"277CA {claim_status}")))
    return f"{meaning} ({all_codes})" if meaning else all_codes


def linked(source: str) -> Iterator[SourcePart]:
    """The words of a source in parts, those with an address and those between them."""
    done = 0
    while True:
        found = [(match, address) for words, address in _authorities() if (match := words.search(source, done))]
        if not found:
            break
        match, address = min(found, key=lambda item: item[0].start())
        yield SourcePart(source[done : match.start()])
        yield SourcePart(match[0], address.format(*match.groups()))
        done = match.end()
    yield SourcePart(source[done:])


@cache
def _denials() -> Mapping[str, Mapping[str, str]]:
    return _table("denials.toml")


@cache
def _authorities() -> Sequence[tuple[re.Pattern[str], str]]:
    return [(re.compile(row["words"]), row["address"]) for row in _table("authorities.toml")["authority"]]


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(_SHIPPED.joinpath(name).read_text("utf-8"))
