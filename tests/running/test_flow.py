"""Events go to all writers in the order of the file, some at a time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.summary import Summary
from scrubber.running import flow as flowing
from scrubber.running.flow import flow
from scrubber.testing import anifrolumab_claim, build, infusion_claim, visit_claim
from scrubber.x12.events import Event
from tests.scrubbing import each, engine

FILE = build([infusion_claim(), anifrolumab_claim(), visit_claim()] * 4, per_transaction=3).encode()


class Taken:
    """A writer, or a report, that keeps what it takes."""

    def __init__(self) -> None:
        self.items: list[tuple[str, int]] = []

    def event(self, event: Event) -> None:
        self.items.append((event.kind, event.piece.offset))

    def claim(self, scrubbed: ScrubbedClaim) -> None:
        self.items.append(("claim", scrubbed.claim.piece.offset))

    def begin_file(self, *_: Any) -> None: ...

    def end_file(self, *_: Any) -> None: ...

    def close(self) -> None: ...


def scrubbing() -> Scrubbing:
    return Scrubbing(io.BytesIO(FILE), engine())


@each(
    ("items", "characters"),
    {"one at a time": (1, 1 << 16), "three": (3, 1 << 16), "few characters": (256, 900), "all": (256, 1 << 16)},
)
def test_each_writer_takes_all_events_in_order(items: int, characters: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowing, "_ITEMS", items)
    monkeypatch.setattr(flowing, "_CHARACTERS", characters)
    sinks, reports, summary, done = [Taken(), Taken()], [Taken(), Taken()], Summary(), list[int]()
    flow(scrubbing(), sinks, reports, summary, done.append)
    in_order = Taken()
    for item in scrubbing():
        in_order.claim(item) if isinstance(item, ScrubbedClaim) else in_order.event(item)
    assert [sink.items for sink in sinks] == [in_order.items] * 2
    assert [report.items for report in reports] == [[item for item in in_order.items if item[0] == "claim"]] * 2
    assert (summary.claims, sum(done)) == (12, len(FILE))


def test_what_was_read_before_a_failure_is_written() -> None:
    def failing(read: Iterable[Event | ScrubbedClaim]) -> Iterator[Event | ScrubbedClaim]:
        for number, item in enumerate(read):
            if number == 7:
                raise OSError("the disk is gone")
            yield item

    sink, summary = Taken(), Summary()
    with pytest.raises(OSError, match="the disk is gone"):
        flow(failing(scrubbing()), [sink], [], summary, lambda _: None)
    assert len(sink.items) == 7
    assert summary.claims == sum(kind == "claim" for kind, _ in sink.items) > 0
