"""Answers to the sender of an 837: TA1 and 999, 277CA, and the 835 of a test payer.

`following` reads the envelope of the input once for all answers. Each answer has a module. `writing` is the only module
that makes X12 text: no value can break a segment.
"""

from __future__ import annotations

from typing import BinaryIO

from scrubber.engine.engine import Engine
from scrubber.outputs.acknowledgements.ack277ca import ClaimAcknowledgement
from scrubber.outputs.acknowledgements.ack999 import ImplementationAcknowledgement
from scrubber.outputs.acknowledgements.following import Answer, AnswerSink, WithNotices
from scrubber.x12.prescan import Prescan


def answer_sink(
    engine: Engine, scrubbing: WithNotices, scan: Prescan, out_999: BinaryIO | None, out_277ca: BinaryIO | None
) -> AnswerSink:
    """The sink that writes the 999 with its TA1, and the 277CA, of a file. Call its `close` after the last event."""
    answers: list[Answer] = []
    if out_999:
        answers.append(ImplementationAcknowledgement(out_999))
    if out_277ca:
        answers.append(ClaimAcknowledgement(out_277ca, engine.profile.acknowledgement))
    return AnswerSink(answers, scrubbing, scan, engine.facts.as_of)
