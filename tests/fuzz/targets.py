"""The targets of a fuzzer: each reads bytes as one kind of input. An exception of a target is a fault of ours.

`tests/fuzz/test_targets.py` tries some bytes of each, `bench/fuzz_long.py` millions of them, guided by coverage.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import attrs

import scrubber
from scrubber.comparison import reading
from scrubber.dropfolder import generation, ledger_marker
from scrubber.dropfolder.errors import WatchError
from scrubber.dropfolder.layout import Layout
from scrubber.engine import profile, suppressions
from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.expectations import sidecar
from scrubber.outputs.annotated import strip
from scrubber.outputs.claim_lines import record
from scrubber.reference import folder as facts_folder
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.documents import FileRefused
from scrubber.reference.importers.kinds import Reading
from scrubber.running import baseline, manifest
from scrubber.running.calls import kept_engine
from scrubber.running.inputs import Input
from scrubber.running.options import OptionsError, RunOptions
from scrubber.running.simulation import simulate
from scrubber.service import tokens
from scrubber.service.errors import ServiceError
from scrubber.x12.events import Events
from scrubber.x12.prescan import prescan
from tests.fuzz.asking import ask
from tests.fuzz.cases import bases
from tests.fuzz.trial import KEPT, failure
from tests.reference.importers.small_files import SMALL
from tests.scrubbing import ROOT

Try: TypeAlias = Callable[[bytes], object]


@attrs.frozen
class Target:
    """What is done with some bytes, and bytes to begin with."""

    run: Try
    seeds: Callable[[], Sequence[bytes]]


@lru_cache
def _folder() -> Path:
    """A folder for files that targets read by name."""
    return Path(tempfile.mkdtemp(prefix="scrubber-fuzz-"))


def _written(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


@lru_cache
def _catalogue() -> Catalogue:
    return RunOptions().catalogue()


@lru_cache
def _engine() -> Engine:
    return kept_engine(KEPT)


def _claims() -> Sequence[bytes]:
    return [data for data, _ in bases()]


def _read(data: bytes) -> None:
    scan = prescan(io.BytesIO(data))
    events = Events(io.BytesIO(data), scan)
    assert b"".join(event.raw for event in events) == data, "the events are not the input"
    for claim in scrubber.read_claims(io.BytesIO(data)):
        record(claim)
        repr(claim)


def _guide(data: bytes) -> None:
    for scrubbed in scrubber.scrub(io.BytesIO(data), options=KEPT):
        scrubbed.to_dict()


def _edits(data: bytes) -> None:
    for scrubbed in scrubber.scrub(io.BytesIO(data), options=KEPT, conformance=False):
        assert "SCRUB01" not in {finding.code for finding in scrubbed.findings}, "an edit has failed"


def _outputs(data: bytes) -> None:
    found = failure(data)
    assert found is None, found


def _annotated(data: bytes) -> None:
    copy, again, plain, twice = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    scrubber.scrub_to(io.BytesIO(data), options=KEPT, annotated=copy)
    strip(io.BytesIO(data), plain)
    if copy.getvalue():
        strip(copy, again)
        assert again.getvalue() == plain.getvalue(), "stripping does not give back the input"
        scrubber.scrub_to(copy, options=KEPT, annotated=twice)
        assert twice.getvalue() == copy.getvalue(), "annotating twice is not annotating once"


def _simulated(data: bytes) -> None:
    simulate(Input(str(_written("claims.837", data))), _engine(), _folder())
    for suffix in (".999", ".277ca", ".835"):
        answer = _folder() / f"claims{suffix}"
        if answer.exists():
            codes = {error.code for error in prescan(io.BytesIO(answer.read_bytes())).errors}
            assert codes <= {"READ33"}, f"the {suffix} has {', '.join(sorted(codes))}"


def _profile(data: bytes) -> None:
    _refused((profile.ProfileError, OptionsError), lambda: RunOptions(profile=_written("own.toml", data)).engine())


def _facts(data: bytes) -> None:
    own = _folder() / "facts"
    own.mkdir(exist_ok=True)
    name, _, text = data.partition(b"\n")
    shipped = _fact_files()
    path = own / shipped[len(name) % len(shipped)].name
    path.write_bytes(text)
    _refused(facts_folder.FactsError, lambda: facts_folder.read(own))
    path.unlink()


@lru_cache
def _fact_files() -> Sequence[Path]:
    return sorted((ROOT / "scrubber" / "reference" / "data").glob("*.toml"))


def _suppressions(data: bytes) -> None:
    path = _written("suppressions.toml", data)
    _refused(suppressions.SuppressionError, lambda: suppressions.load(path, _catalogue()))


def _baseline(data: bytes) -> None:
    path = _written("baseline.jsonl", data)
    _refused(baseline.BaselineError, lambda: baseline.load(path, lambda _: True, update=False))


def _manifest(data: bytes) -> None:
    _refused(manifest.ManifestError, lambda: manifest.read(_written("manifest.json", data)))


def _sidecar(data: bytes) -> None:
    def read() -> None:
        sidecar.refuse_unknown_codes(sidecar.read(_written("a.837.expected", data)), _catalogue(), "a")

    _refused(sidecar.ExpectationError, read)


def _report(data: bytes) -> None:
    _refused(reading.ReportError, lambda: list(reading.parts(_written("report.json", data))))


def _tokens(data: bytes) -> None:
    path = _written("tokens", data)
    path.chmod(0o600)
    _refused(ServiceError, lambda: tokens.read(path).client(data.decode("latin-1")))


def _markers(data: bytes) -> None:
    layout = Layout.of(_folder())
    layout["staging"].mkdir(exist_ok=True, parents=True)
    _written(ledger_marker.FILE_NAME, data)
    (layout["staging"].parent / generation.FILE_NAME).write_bytes(data)
    _refused(WatchError, lambda: ledger_marker.read(layout.root))
    _refused(WatchError, lambda: generation.read(layout))


def _imported(data: bytes) -> None:
    name, _, content = data.partition(b"\n")
    suffix = (".csv", ".txt", ".zip", ".xlsx", ".xml")[len(name) % 5]
    path = _written(f"import-2026-10-01{suffix}", content)

    def read() -> None:
        for contents in Reading([path], Given()).contents():
            for _ in contents.rows:
                pass

    _refused(FileRefused, read)


def _refused(kinds: type[Exception] | tuple[type[Exception], ...], run: Callable[[], object]) -> None:
    """Do something that may be refused, in text that has no control characters but line breaks."""
    try:
        run()
    except kinds as error:
        assert str(error), "a refusal without a reason"


def _of_files(pattern: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [path.read_bytes() for path in sorted(ROOT.glob(pattern))]


def _small_tables() -> Sequence[bytes]:
    made = Path(tempfile.mkdtemp(prefix="scrubber-fuzz-"))
    suffixes = [".csv", ".txt", ".zip", ".xlsx", ".xml"]
    found = []
    for small in SMALL.values():
        path = small.at(made)
        if path.is_file():
            place = suffixes.index(path.suffix.lower()) if path.suffix.lower() in suffixes else 0
            found.append(b"x" * place + b"\n" + path.read_bytes())
    return found


def _fact_texts() -> Sequence[bytes]:
    return [b"x" * number + b"\n" + path.read_bytes()[:3_000] for number, path in enumerate(_fact_files())]


def _reports() -> Sequence[bytes]:
    data = _claims()[0]
    outs = {form: io.BytesIO() for form in ("json", "jsonl")}
    scrubber.scrub_to(io.BytesIO(data), reports=outs)
    return [out.getvalue() for out in outs.values()]


_MANIFEST = (
    b'{"manifest_version": "1", "rules": {"profile": {"name": "default"}}, "options": {"profile": null}, "files": ['
    b'{"path": "a.837", "sha256": "00", "size": 1, "status": "ok", "summary": {}, '
    b'"outputs": [{"name": "a", "sha256": "00", "size": 1}]}]}'
)
_SUPPRESSION = b"""[[suppress]]
claim = "A"
code = "JWJZ01"
line = 1
reason = "agreed"
author = "ann"
expires = 2026-12-31
"""
_BASELINE = b'{"file": "a.837", "claim_sha256": "00", "code": "JWJZ01", "service_line": 1, "element": "SV101"}\n'
_MARKER = b'{"id": "00", "ledger": ".ledger/x", "releases": 3, "last": "00"}'
_REQUESTS = (
    b"GET /edits/JWJZ01?q=1\nhost: 127.0.0.1\naccept: text/html\n\n",
    b"POST /v1/scrub?output=json&conformance=false\nhost: localhost\naccept: */*;q=0.5, text/*\n"
    b"content-type: application/edi-x12\nidempotency-key: abc\n\nISA*00*",
    b"POST /report\nhost: [::1]\ncontent-type: multipart/form-data; boundary=x\n\n"
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.837"\r\n\r\nISA*\r\n--x--\r\n',
    b"GET /v1/edits/IG01\nhost: 127.0.0.1\n\n",
    b"GET /metrics\nhost: evil.example\n\n",
    b"HEAD /openapi.json\nhost: 127.0.0.1\nsec-fetch-site: cross-site\n\n",
)

TARGETS: dict[str, Target] = {
    "read": Target(_read, _claims),
    "guide": Target(_guide, _claims),
    "edits": Target(_edits, _claims),
    "annotate": Target(_annotated, _claims),
    "outputs": Target(_outputs, _claims),
    "simulate": Target(_simulated, _claims),
    "import": Target(_imported, _small_tables),
    "profile": Target(_profile, _of_files("scrubber/engine/profiles/*.toml")),
    "facts": Target(_facts, _fact_texts),
    "suppressions": Target(_suppressions, lambda: [_SUPPRESSION]),
    "baseline": Target(_baseline, lambda: [_BASELINE]),
    "manifest": Target(_manifest, lambda: [_MANIFEST]),
    "sidecar": Target(_sidecar, _of_files("fixtures/837/**/*.expected")),
    "report": Target(_report, _reports),
    "tokens": Target(_tokens, lambda: [b"# own\nabcdefghijklmnopqrstuvwxyz\nsha256:" + b"0" * 64]),
    "markers": Target(_markers, lambda: [_MARKER]),
    "service": Target(ask, lambda: _REQUESTS),
}
"""Each target by its name."""
