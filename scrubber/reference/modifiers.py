"""When the waste modifiers came into force."""

from __future__ import annotations

from datetime import date

import attrs

from scrubber.reference.tables import table


@attrs.frozen
class Modifier:
    """A modifier's dates.

    It could be used from `defined` on, and had to be used from `required` on. Claims without it were returned from
    `enforced` on. Payers other than Medicare commonly require it since `elsewhere`.
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
