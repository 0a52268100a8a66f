"""Patient data is in no log, metric, message, exception or `repr`, and in no answer to another client.

Each element of each segment of a file has a mark in turn, and separators are shifted, as in
`tests/outputs/test_shifted.py`, which holds the reports to the same.
"""

from __future__ import annotations

import gc
import io
import re
import socket
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import attrs
import pytest

import scrubber
from scrubber.claims.reader import items
from scrubber.outputs.annotated import strip
from scrubber.x12.events import Events
from scrubber.x12.prescan import prescan
from tests.dropfolder.box import QUICK, Box, wait_until
from tests.lanes import share
from tests.outputs.test_shifted import MARKS, marked, shifts
from tests.scrubbing import TYPES, run
from tests.service.conftest import X12, served

PERSON = re.compile(r"ZQ[A-Z]|(?i:19411231|1941-12-31|12/31/1941)")
"""Messages may name days of service. Logs and metrics may not."""


def planted(every: int) -> Iterator[str]:
    """Files with marks, sound and shifted, of both types."""
    for claim_type in TYPES:
        text = marked(claim_type)
        yield text
        yield from islice(shifts(text), TYPES.index(claim_type), None, every * share())


def texts(data: bytes) -> Iterator[str]:
    """What Python shows of a file: the texts of its errors, findings and gaps, and each `repr`."""
    scan = prescan(io.BytesIO(data))
    yield repr(scan)
    yield from (f"{error} {error!r}" for error in scan.errors)
    for item in items(Events(io.BytesIO(data), scan)):
        yield repr(item)
    scrubbed = scrubber.scrub(io.BytesIO(data))
    for claim in scrubbed:
        yield repr(claim)
        yield from (f"{line!r}" for line in claim.claim.lines)
        yield from (f"{found.message} {found.fix} {found!r}" for found in claim.findings)
        yield from (f"{gap.reason} {gap!r}" for gap in claim.not_checked)
    yield from (f"{error} {error!r}" for error in scrubbed.errors)


def test_no_message_and_no_repr_shows_a_person() -> None:
    for text in planted(every=6):
        for shown in texts(text.encode()):
            assert not PERSON.search(shown), (shown, text)


def test_no_repr_of_an_object_in_memory_shows_a_person() -> None:
    """Such as the diagnoses of a claim, or the transaction that it stands in."""
    before = {id(each) for each in gc.get_objects()}  # of other tests
    for text in planted(every=60):
        for claim in scrubber.scrub(io.BytesIO(text.encode())):
            dates = [line.service_dates for line in claim.claim.lines]
            of_claim = [claim.claim.diagnoses, claim.claim.event.transaction, dates]
            new = (each for each in gc.get_objects() if id(each) not in before)
            ours = (each for each in new if str(type(each).__module__).startswith("scrubber."))
            shown = {type(each).__name__ for each in (of_claim, *ours) if PERSON.search(repr(each))}
            assert not shown, text
            break


def test_no_exception_shows_a_person() -> None:
    text = marked("837P")
    second = text.replace("ZQSURNAME", "ZQOTHER")

    class Changing(io.BytesIO):
        """Other bytes the second time."""

        def seek(self, offset: int, whence: int = 0, /) -> int:
            if self.tell():
                self.getbuffer()[:] = second.encode().ljust(len(text))[: len(text)]
            return super().seek(offset, whence)

    for work in (lambda file: list(scrubber.scrub(file)), lambda file: strip(file, io.BytesIO())):
        with pytest.raises(scrubber.X12Error) as caught:
            work(Changing(text.encode()))
        chain: BaseException | None = caught.value
        while chain:
            assert not PERSON.search(f"{chain} {chain!r}")
            chain = chain.__cause__ or chain.__context__


def test_standard_error_of_the_commands_shows_no_person(tmp_path: Path) -> None:
    path, out = tmp_path / "claims.837", tmp_path / "out"
    for text in planted(every=150):
        path.write_text(text)
        for command in (("check",), ("scrub", "--out", out), ("strip",), ("claims",), ("simulate", "--out", out)):
            done = run(*command, path)
            assert not PERSON.search(done.err), (command, text)
            if command[0] in ("scrub", "simulate"):
                assert not PERSON.search(done.out), (command, text)


def _ended(box: Box) -> int:
    """How many files are done."""
    return sum(len(box.names(folder)) for folder in ("archive", "quarantine") if (box / folder).is_dir())


@pytest.mark.slow
def test_log_status_health_and_metrics_of_a_watcher_show_no_person(tmp_path: Path) -> None:
    box = Box(tmp_path / "drop")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    box.settings = attrs.evolve(QUICK, metrics_port=port, close_limit=60)
    for number, text in enumerate(planted(every=40)):
        box.drop(f"{number}.837", text.encode())
    watcher = box.process()
    try:
        wait_until(lambda: _ended(box) > number)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            metrics = answer.read().decode()
        status = run("watch", "status", box.root)
    finally:
        watcher.kill()
        watcher.wait()
    health = "".join(path.read_text("utf-8", "replace") for path in box.root.glob("**/*health*") if path.is_file())
    for shown in (watcher.log_text(), metrics, status.out, status.err, health):
        assert not MARKS.search(shown)


def test_log_metrics_and_pages_of_the_service_show_no_person(tmp_path: Path) -> None:
    with served(tmp_path, max_mb=1) as service:
        for text in planted(every=60):
            for output in ("json", "999"):
                headers = {"Content-Type": X12, "X-Mark": "ZQHEADER"}
                answer = service.client.post(f"/v1/scrub?output={output}&ZQPARAM=", content=text, headers=headers)
                assert answer.status_code == 400
                answer = service.client.post(f"/v1/scrub?output={output}", content=text, headers=headers)
                assert answer.status_code in (200, 422)
                if answer.status_code == 422:
                    assert not MARKS.search(answer.text)
        others = [
            service.client.get(path).text for path in ("/metrics", "/health", "/", "/edits", "/v1/edits", "/ZQPATH")
        ]
        for shown in (service.log.getvalue(), *others):
            assert shown
            assert not MARKS.search(shown)
