"""Writers that take events and claims in batches write what they write if they take them one by one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.acknowledgements import answer_sink
from scrubber.outputs.annotated import Annotator
from scrubber.outputs.batch import Batch
from scrubber.outputs.formats import FORMATS, load
from scrubber.outputs.report import Options, Report
from scrubber.outputs.split import Splitter
from scrubber.outputs.summary import Summary
from scrubber.running.flow import Sink
from scrubber.running.options import RunOptions
from scrubber.testing import anifrolumab_claim, build, infusion_claim, visit_claim, waste_claim
from scrubber.x12.prescan import prescan
from tests.scrubbing import FIXTURES, each

CLAIMS = [infusion_claim(), waste_claim(dependent=True), anifrolumab_claim(), visit_claim(total_charge="1")] * 5
FILES = {
    "made": build(CLAIMS, per_transaction=7).encode(),
    **{path.stem: path.read_bytes() for path in sorted(FIXTURES.rglob("*.837"))[::7]},
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return RunOptions().engine()


def variants(data: bytes) -> Iterator[bytes]:
    """A file, without some of its segments, with notes, and cut off."""
    yield data
    segments = data.split(b"~")
    for step in (9, 40):
        yield b"~".join([segment for at, segment in enumerate(segments) if at < 3 or at % step])
    yield data.replace(b"~LX*", b"~NTE*ADD*SCRUB R NDC05~LX*")
    yield data[: len(data) * 2 // 3]


def written(data: bytes, engine: Engine, size: int) -> list[Any]:
    """What all writers and reports make of a file, in batches of a size; 0 stands for one event or claim at a time."""
    stream = io.BytesIO(data)
    scan = prescan(stream)
    stream.seek(0)
    scrubbing = Scrubbing(stream, engine, scan, conformance=True)
    files = [io.BytesIO() for _ in range(5)]
    annotator = Annotator(files[0], scan)
    splitter, answers = Splitter(*files[1:3]), answer_sink(engine, scrubbing, scan, *files[3:])
    sinks: list[Sink] = [annotator, splitter, answers]
    outs: list[Any] = [*files]
    reports: list[Report] = []
    for name in FORMATS:
        form = load(name)
        outs.append(io.BytesIO() if form.binary else io.StringIO())
        reports.append(form.start(outs[-1], engine, Options()))
        reports[-1].begin_file("file.837", scan)
    items, summary = list(scrubbing), Summary()
    for start in range(0, len(items), size or 1):
        batch = Batch(items[start : start + (size or 1)])
        for item in batch.items:
            if isinstance(item, ScrubbedClaim) and not size:
                summary.count(item)
            for sink in () if size else sinks:
                sink.claim(item) if isinstance(item, ScrubbedClaim) else sink.event(item)
        if size:
            summary.count_all(batch.claims)
            for sink in sinks:
                batch.give(sink)
        for report in reports:
            batch.give_claims(report)
    splitter.close()
    answers.close()
    for report in reports:
        report.end_file(scan, summary, scrubbing.notices)
        report.close()
    return [*(out.getvalue() for out in outs), annotator.notices]


@each("name", {name: name for name in FILES})
def test_batches_of_any_size_give_the_same_bytes(name: str, engine: Engine) -> None:
    for data in variants(FILES[name]):
        expected = written(data, engine, 0)
        assert any(expected)
        for size in (1, 3, 256):
            assert written(data, engine, size) == expected
