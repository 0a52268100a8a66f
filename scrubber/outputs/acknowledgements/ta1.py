"""The TA1: whether an interchange as a whole was accepted. It stands between ISA and GS."""

from __future__ import annotations

from scrubber.outputs.acknowledgements.following import InterchangeVerdict
from scrubber.outputs.acknowledgements.received import ReceivedInterchange
from scrubber.x12.control import is_count, latest_day
from scrubber.x12.segments import element

_ACCEPTED, _REJECTED = "A", "R"
_NO_ERROR = "000"
_CONTROL_WIDTH = 9


def elements(received: ReceivedInterchange, verdict: InterchangeVerdict) -> tuple[str, ...] | None:
    """The elements of the TA1 of an interchange, `None` if nothing is wrong with it and its sender asks for none."""
    if not (verdict.rejected or received.wants_answer):
        return None
    control = received.control if is_count(received.control) else ""
    written = element(received.isa, 9)
    day = written if latest_day([f"20{written}"]) else received.day[2:]
    return (
        control.zfill(_CONTROL_WIDTH),
        day,
        received.time,
        _REJECTED if verdict.rejected else _ACCEPTED,
        verdict.code or _NO_ERROR,
    )
