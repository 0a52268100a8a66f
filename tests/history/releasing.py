"""What tests of a history share: files that are released into it, and what edits find in later files."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from scrubber.edit import Edit
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.history.database import Database
from scrubber.history.store import HistoryStore, Proposal
from scrubber.reference import Facts
from scrubber.testing import FILE_DATE, ClaimSpec, build
from scrubber.x12.prescan import prescan
from tests.scrubbing import found, installed


def history(path: Path, origin: str = "") -> HistoryStore:
    """A history in a file, made if it is not there."""
    return HistoryStore(Database(path, create=True), origin)


def content_of(claims: Sequence[ClaimSpec], file_date: date = FILE_DATE) -> bytes:
    return build(claims, file_date=file_date).encode("latin-1")


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def engine_with(store: HistoryStore | None, *codes: str, facts: Facts | None = None) -> Engine:
    """An engine with some edits and a history."""
    edits: dict[str, Edit] = {code: installed()[code] for code in codes}
    return Engine(Catalogue(edits), Profile(), facts, history=store)


def propose(store: HistoryStore, content: bytes, engine: Engine | None = None) -> Proposal:
    """Scrub a file without edits, and propose what would be released of it."""
    engine = engine or engine_with(store)
    pinned = store.pinned()
    stream = io.BytesIO(content)
    scan = prescan(stream)
    stream.seek(0)
    collector = store.collector(engine.facts)
    for item in Scrubbing(stream, engine, scan):
        if isinstance(item, ScrubbedClaim):
            collector.claim(item)
        else:
            collector.event(item)
    proposal = pinned.propose(scan.sha256, collector)
    collector.close()
    return proposal


def release(
    store: HistoryStore,
    *claims: ClaimSpec,
    file_date: date = FILE_DATE,
    content: bytes | None = None,
) -> str:
    """Release a file into a history; returns its SHA-256."""
    content = content or content_of(claims, file_date)
    proposal = propose(store, content)
    assert store.enter(proposal)
    store.confirm(sha256_of(content))
    return sha256_of(content)


def findings(
    store: HistoryStore | None,
    *claims: ClaimSpec,
    codes: Sequence[str],
    facts: Facts | None = None,
    file_date: date = FILE_DATE,
    content: bytes | None = None,
) -> list[list[tuple[str, str | None, int | None, str]]]:
    """What edits find on each claim of a file after those of a history."""
    stream = io.BytesIO(content or content_of(claims, file_date))
    scan = prescan(stream)
    stream.seek(0)
    scrubbing = Scrubbing(stream, engine_with(store, *codes, facts=facts), scan)
    return [found(item) for item in scrubbing if isinstance(item, ScrubbedClaim)]
