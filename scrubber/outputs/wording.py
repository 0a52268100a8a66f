"""Words that reports share: text made harmless, where a finding is, and messages without patient data.

Reports for build systems (CI) name a claim by its ordinal in the file. They quote messages of edits. An edit of a
plug-in may have put patient data into a message, so it is removed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import attrs

from scrubber.claims.location import Location
from scrubber.claims.model import Claim, Level
from scrubber.conformance.codes import GUIDE_CODES
from scrubber.edit import SEVERITIES, Finding, Severity
from scrubber.engine.judged import Unchecked
from scrubber.engine.naming import inert as inert
from scrubber.engine.naming import shown_path as shown_path
from scrubber.engine.naming import visible as visible  # formats of your own import it from here
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.suppressions import Suppression
from scrubber.outputs.summary import Summary
from scrubber.x12.errors import FILE_ERRORS, LocatedError, counted
from scrubber.x12.segments import element

HIDDEN = "(hidden)"
"""Replaces a name, id or date of a person in a message."""

_SHORTEST = 4  # a shorter text identifies nobody, and occurs in many messages
_IDS = ("claim_id", "clearinghouse_id", "payer_claim_control_number", "prior_authorization")
_PERSONS = frozenset({"IL", "QC"})
_MOST_PHRASES = 20  # of a level: a name and an address have six
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_WORD = re.compile(r"[^\s(),;:'\"]+?(?=\.?(?:[\s(),;:'\"]|$))")


def escaped(text: str) -> str:
    """The text on one line, with unprintable characters as escape sequences: for names of files."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def named_payer(name: str | None, payer_id: str | None) -> str:
    """A payer for people: `SAMPLE MEDICARE PART B (00002)`, or what is known of it."""
    return f"{name} ({payer_id})" if name and payer_id else name or payer_id or ""


def accepted(by: Suppression | None) -> str:
    """Why a finding is suppressed, and by whom; `None` stands for the baseline."""
    return f"{by.reason} ({by.author}, until {by.expires})" if by else "known from the baseline"


def suppressions(summary: Summary) -> Iterator[tuple[str, str]]:
    """For each suppression that took effect its code, and a sentence: how many findings, and why.

    The baseline comes last, and has no code.
    """
    for by in sorted((by for by in summary.accepted if by), key=lambda by: (by.file, by.number)):
        yield by.code, f"{by.code}: {counted(summary.accepted[by], 'finding')} suppressed: {accepted(by)}"
    if known := summary.accepted[None]:
        yield "", f"{counted(known, 'finding')} {accepted(None)}"


def error_severity(error: LocatedError) -> Severity:
    """The severity of an error of the file. A note that could not be written is information."""
    if error.code in GUIDE_CODES:
        return max(GUIDE_CODES[error.code].severity, error.severity, key=SEVERITIES.index)
    return error.severity if error.code in FILE_ERRORS else "info"


def where(ordinal: int, location: Location) -> str:
    """Where a finding is, for CI: `claim 2, line 1, loop 2400, SV101-3`."""
    line = location.service_line
    return ", ".join(
        [
            f"claim {ordinal}",
            *([f"line {line}"] if line is not None else []),
            *([f"loop {visible(location.loop)}"] if location.loop else []),
            *([visible(location.element)] if location.element else []),
        ]
    )


def described(ordinal: int, finding: Finding, hiding: Private) -> str:
    """A finding for CI in two lines: where it is and the message, then the fix."""
    message = hiding.hidden(finding.message)
    return f"{where(ordinal, finding.location)}: {message}\nfix: {hiding.hidden(finding.fix)}"


def undecided(item: Unchecked, claim: str, hiding: Private) -> str:
    """An edit that could not decide on a claim, in one line for CI."""
    return f"not checked {item.code} on {claim}: {hiding.hidden(item.reason)}"


class Undecided:
    """Counts for each edit the claims on which it could not decide, and keeps the reason for the first of them."""

    def __init__(self) -> None:
        self._claims: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def count(self, scrubbed: ScrubbedClaim, name: str) -> None:
        """Count one claim. `name` is how CI reports name it."""
        codes = {item.code for item in scrubbed.not_checked}
        self._claims.update(codes)
        if not codes <= self._first.keys():
            hiding = private_of(scrubbed)
            for item in scrubbed.not_checked:
                self._first.setdefault(item.code, undecided(item, name, hiding))

    def add(self, part: Undecided) -> None:
        """Add the counts of the next claims."""
        self._claims.update(part._claims)
        self._first = {**part._first, **self._first}

    def described(self) -> Iterator[tuple[str, str]]:
        """Each code with a line for CI, in order of codes."""
        for code, claims in sorted(self._claims.items()):
            more = f" (and {claims - 1} more claims)" if claims > 1 else ""
            yield code, self._first[code] + more


@attrs.frozen
class Private:
    """What CI must not show of a claim.

    `phrases` are names, addresses and ids: few, so each is searched for. `words` are dates and line control numbers: as
    many as lines, so each word of a text is looked up in them.
    """

    phrases: tuple[str, ...]
    words: frozenset[str]

    def hidden(self, text: str) -> str:
        """The text without them, made visible."""
        for phrase in self.phrases:
            if phrase in text:
                begin, end = (r"\b" if edge.isalnum() else "" for edge in (phrase[0], phrase[-1]))
                text = re.sub(f"{begin}{re.escape(phrase)}{end}", HIDDEN, text)
        return visible(_WORD.sub(lambda word: HIDDEN if word[0] in self.words else word[0], text))


@lru_cache(maxsize=1)  # a report and its counts take a claim one after the other
def private_of(scrubbed: ScrubbedClaim) -> Private:
    """The private data of a scrubbed claim."""
    return private(scrubbed.claim)


def private(claim: Claim) -> Private:
    """The private data of a claim, its subscriber and its patient."""
    phrases = {claim.text(name) for name in _IDS}
    words = {line.control_number for line in claim.lines}
    dates = {claim.text("statement_dates"), *(line.service_date_text for line in claim.lines)}
    for level in (claim.context.subscriber, claim.context.patient):
        if level:
            phrases.update(islice(_of_persons(level), _MOST_PHRASES))
            dates.add(level.text("birth_date"))
    for year, month, day in _DATE.findall(" ".join(dates)):
        words |= {f"{year}{month}{day}", f"{year}-{month}-{day}", f"{month}/{day}/{year}"}
    longest_first = sorted(
        (phrase for phrase in phrases if len(phrase) >= _SHORTEST), key=lambda phrase: (-len(phrase), phrase)
    )
    return Private(tuple(longest_first), frozenset(word for word in words if len(word) >= _SHORTEST))


def _of_persons(level: Level) -> Iterator[str]:
    for segment in level.span.segments:
        if segment[0] == "NM1" and element(segment, 1) in _PERSONS:
            yield from (*segment[3:6], element(segment, 9))
        elif segment[0] == "N3":
            yield from segment[1:3]
