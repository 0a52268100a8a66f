"""Sorts the claims of a held file: which may go, which stay held, which are rejected now.

A claim may go when it has no finding that counts any more: a person has accepted its findings, or the profile has
changed. Edits that compare claims need all claims of a file, and the held file has only the flagged ones. So the
original is scrubbed again, too, and the findings of these edits there count.

A held claim must be one of the original, with its bytes and under the same people. Else somebody has changed the file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from copy import copy
from pathlib import Path
from typing import Any

import attrs

from scrubber.claims.model import Claim
from scrubber.claims.reader import items
from scrubber.dropfolder.closing import PlainFile
from scrubber.dropfolder.errors import WatchError
from scrubber.edit import Finding
from scrubber.engine.engine import Engine
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.engine.suppressions import claim_sha256
from scrubber.outputs import formats
from scrubber.outputs.acknowledgements import answer_sink
from scrubber.outputs.files import new_file
from scrubber.outputs.split import Splitter
from scrubber.outputs.summary import Summary
from scrubber.running import run
from scrubber.running.entering import HistorySink
from scrubber.x12.events import Event, Events
from scrubber.x12.prescan import prescan


@attrs.frozen
class Sorter:
    """Sorts held files with an engine that holds flagged claims. It calls `on_progress` at every read."""

    engine: Engine
    conformance: bool
    on_progress: Callable[[], None]

    def sort(
        self, held: Path, name: str, original: Path, sha256: str, folder: Path, stem: str, history: HistorySink
    ) -> Summary:
        """Write the outputs into a folder, named by `stem`: clean, held and rejected claims, reports, 277CA.

        `name` is that of the held file in reports. `sha256` is that of its original. `history` takes what may go.
        Raises `OSError`, and `WatchError` where a file is not what it was.
        """
        waiting = self._found_by_comparing(original, sha256, self._claims_of(held))
        with PlainFile(held, self.on_progress) as file, ExitStack() as stack:
            scan = prescan(file)
            if not scan.readable:
                raise WatchError(f"the held file cannot be read: {scan.errors[0]}")
            file.seek(0)
            clean, rejected, kept, answer = (
                stack.enter_context(new_file(folder / f"{stem}{suffix}", even_empty=False))
                for suffix in (run.CLEAN, run.REJECTED, run.HELD, run.ACK_277CA)
            )
            reports = [
                stack.enter_context(formats.opened(form, folder / f"{stem}{suffix}", self.engine))
                for form, suffix in run.REPORTS.items()
            ]
            scrubbing = _Sorting(file, self.engine, scan, conformance=self.conformance, waiting=waiting)
            splitter, summary = Splitter(clean, rejected, kept), Summary()
            answers = answer_sink(self.engine, scrubbing, scan, None, answer)
            run.feed(name, scrubbing, scan, reports, (splitter, answers, *history.sinks), summary)
            splitter.close()
            answers.close()
            for report in reports:
                report.end_file(scan, summary, tuple(scrubbing.notices))
            history.close(scan)
        return summary

    def _claims_of(self, path: Path) -> Counter[str]:
        """The hashes of the claims of a file, and how many claims have each."""
        with PlainFile(path, self.on_progress) as file:
            return Counter(_sha256(item) for item in items(Events(file)) if isinstance(item, Claim))

    def _found_by_comparing(
        self, original: Path, sha256: str, wanted: Counter[str]
    ) -> Mapping[str, tuple[Finding, ...]]:
        """What edits that compare claims find on some claims of the original, by the hash of the claim.

        The history is left out, as it has claims of the original by now. The held file is compared with the history
        instead. Raises `WatchError` where the original lacks one of the claims, or has it less often: somebody has
        edited the file in held/. A claim would be lost, go out twice, or under another patient.
        """
        found: dict[str, tuple[Finding, ...]] = {}
        missing = wanted.copy()
        edits, engine = self.engine.catalogue.edits, copy(self.engine)
        engine.history = None
        with PlainFile(original, self.on_progress) as file:
            scan = prescan(file)
            if scan.sha256 != sha256:
                raise WatchError("the original of this held file is not the one that the ledger knows")
            file.seek(0)
            for item in Scrubbing(file, engine, scan, conformance=self.conformance):
                if not isinstance(item, ScrubbedClaim):
                    continue
                digest = _sha256(item.claim)
                if digest in wanted:
                    missing[digest] -= 1
                compared = tuple(one for one in item.findings if one.code in edits and edits[one.code].begin)
                if digest in wanted and compared and item.disposition != "clean":
                    found[digest] = (*found.get(digest, ()), *compared)
        if any(more > 0 for more in missing.values()):
            reason = "the held file was changed: it has claims that its original does not have, or has for others"
            raise WatchError(f"{reason}; drop corrected claims as a file of their own, in in/")
        return found


class _Sorting(Scrubbing):
    """The claims of a held file, with what was found on them among the other claims of their original."""

    def __init__(self, *arguments: Any, waiting: Mapping[str, tuple[Finding, ...]], **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._waiting = waiting

    def __iter__(self) -> Iterator[Event | ScrubbedClaim]:
        for item in super().__iter__():
            yield self._among_others(item) if self._waiting and isinstance(item, ScrubbedClaim) else item

    def _among_others(self, scrubbed: ScrubbedClaim) -> ScrubbedClaim:
        known = {(one.code, one.location.service_line) for one in scrubbed.findings}
        others = self._waiting.get(_sha256(scrubbed.claim), ())
        new = {(one.code, one.location.service_line): one for one in others}
        more = tuple(one for key, one in new.items() if key not in known)
        return attrs.evolve(scrubbed, findings=(*scrubbed.findings, *more)) if more else scrubbed


def _sha256(claim: Claim) -> str:
    """SHA-256 of a claim and of the levels above it, without their HL segments: the split numbers these again."""
    levels = (claim.context.billing, claim.context.subscriber, claim.context.patient)
    above = (level.span.parts[1:] if level else [] for level in levels)
    return hashlib.sha256(repr((claim_sha256(claim), *above)).encode()).hexdigest()
