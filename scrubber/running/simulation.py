"""A test payer, offline: it answers a test file with a 999, a 277CA and an 835, all marked as tests."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs

from scrubber.engine.engine import Engine
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.acknowledgements.ack277ca import ClaimAcknowledgement
from scrubber.outputs.acknowledgements.ack999 import ImplementationAcknowledgement
from scrubber.outputs.acknowledgements.adjudication import at_front_end
from scrubber.outputs.acknowledgements.following import Answer, AnswerSink
from scrubber.outputs.acknowledgements.remittance835 import PaymentCounts, Remittance
from scrubber.outputs.files import new_file, together
from scrubber.outputs.summary import Summary
from scrubber.running.inputs import Input
from scrubber.running.run import ACK_277CA, ACK_999, Outcome, Progress, feed, no_progress
from scrubber.x12.prescan import prescan

REMITTANCE = ".835"
ANSWERS = (ACK_999, ACK_277CA, REMITTANCE)
"""The endings of the files that `simulate` writes for an input, after its name."""


@attrs.frozen
class Simulated:
    """The answers to one file: what was read, and what the test payer decided."""

    outcome: Outcome
    counts: PaymentCounts


def simulate(given: Input, engine: Engine, folder: Path, progress: Progress = no_progress) -> Simulated:
    """Answer one input into `folder` as a payer would.

    An answer that says nothing is not written, and an older one is removed. Raises `OSError`, and `X12Error` where the
    file changes meanwhile.
    """
    named = [folder / f"{given.name}{suffix}" for suffix in ANSWERS]
    for path in named:
        path.unlink(missing_ok=True)
    with given.open() as stream, ExitStack() as stack:
        scan = prescan(stream)
        stream.seek(0)
        scrubbing = Scrubbing(stream, engine, scan, conformance=True)
        stack.enter_context(together())
        out_999, out_277ca, out_835 = (stack.enter_context(new_file(path, even_empty=False)) for path in named)
        settings = attrs.evolve(engine.profile.acknowledgement, accepted="A2:20")
        remittance = Remittance(out_835)
        answers: list[Answer] = [
            ImplementationAcknowledgement(out_999, test=True),
            ClaimAcknowledgement(out_277ca, settings, judge=at_front_end, test=True),
            remittance,
        ]
        answer_sink = AnswerSink(answers, scrubbing, scan, engine.facts.as_of)
        summary = Summary()
        feed(given.path, scrubbing, scan, (), [answer_sink], summary, progress)
        answer_sink.close()
    return Simulated(Outcome(given.path, scan, summary, tuple(scrubbing.notices), _written(named)), remittance.counts)


def _written(named: Sequence[Path]) -> tuple[str, ...]:
    return tuple(path.name for path in named if path.exists())
