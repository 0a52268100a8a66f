"""When the waste modifiers came into force."""

from __future__ import annotations

from datetime import date

import attrs

from scrubber.reference.tables import table


@attrs.frozen
class Modifier:
    """A modifier's dates: when it could first be used, had to be used, and claims without it were returned.

    `elsewhere` is when payers other than Medicare commonly came to ask for it.
    """

    code: str
    defined: date
    required: date
    enforced: date
    elsewhere: date
    source: str
    confidence: float


_TABLE = table("modifiers")

JW = Modifier("JW", **_TABLE["JW"])
JZ = Modifier("JZ", **_TABLE["JZ"])
