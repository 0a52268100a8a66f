"""Large inputs of other kinds than claims, and other work than scrubbing: each grows with a size in bytes."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import scrubber
from scrubber.comparison import reading
from scrubber.expectations import sidecar
from scrubber.outputs.annotated import strip
from scrubber.outputs.claim_lines import record
from scrubber.reference.importers.dating import Given
from scrubber.reference.importers.documents import FileRefused
from scrubber.reference.importers.kinds import Reading
from scrubber.running import baseline, manifest
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.running.simulation import simulate
from tests.hostile.shapes import SHAPES

Work: TypeAlias = Callable[[], object]
Large: TypeAlias = Callable[[Path, int], Work]
"""Prepares something of about so many bytes in a folder, and returns the work on it."""


def _written(path: Path, row: str, size: int, head: str = "") -> Path:
    """A file of rows; `{n}` and `{code}` in a row count."""
    rows = (row.replace("{n}", str(n)).replace("{code}", _code(n)) for n in range(max(1, size // len(row))))
    path.write_text(head + "".join(rows))
    return path


def _code(number: int) -> str:
    """A code of one's own."""
    letters, two = divmod(number, 100)
    return f"OWN{chr(65 + letters // 26 % 26)}{chr(65 + letters % 26)}{two:02}"


def _scrubbed_with(options: RunOptions, shape: str, size: int) -> Work:
    data = SHAPES[shape](size).encode()
    engine_options = options
    return lambda: list(scrubber.scrub(io.BytesIO(data), options=engine_options))


def _suppressions(folder: Path, size: int) -> Work:
    row = '[[suppress]]\nclaim = "ID{n}"\ncode = "ADM02"\nreason = "r"\nauthor = "a"\nexpires = 2030-01-01\n\n'
    return _scrubbed_with(RunOptions(suppressions=_written(folder / "s.toml", row, size)), "claim ids", size)


def _rules(folder: Path, size: int) -> Work:
    row = '[[rule]]\ncode = "{code}"\ntitle = "t"\npayer_id = "HL{n}"\nprocedure = ["J*", "Q*"]\n'
    row += 'look_at = "modifiers_same_day"\nmust_be_one_of = ["JW", "XX"]\nfix = "f"\nsource = "s"\n\n'
    return _profiled(_written(folder / "p.toml", row, size))


def _rules_of_lines(folder: Path, size: int) -> Work:
    """Few rules, as a profile may have, on a claim of many lines with many diagnoses."""
    fields = {"modifiers_same_day": "XX", "diagnoses": "M32.19", "ndc": "49401-0101-09", "procedures_same_day": "96365"}
    row = '[[rule]]\ncode = "OWN{{n}}"\ntitle = "t"\nlook_at = "{field}"\nmust_be_one_of = ["{value}"]\nfix = "f"\n'
    row += 'source = "s"\n\n'
    rows = [row.format(field=field, value=value) for field, value in fields.items()]
    text = "".join(one.replace("{n}", f"{n:02}") for n, one in enumerate(rows))
    path = folder / "p.toml"
    path.write_text(text)
    return _scrubbed_with(RunOptions(profile=path), "lines by diagnoses", size)


def _payers(folder: Path, size: int) -> Work:
    return _profiled(
        _written(folder / "p.toml", '[[payer]]\nname = "P{n}"\npayer_id = ["P{n}"]\nscope = "madv"\n\n', size)
    )


def _profiled(profile: Path) -> Work:
    """Load a profile, and scrub a file with it."""
    data = SHAPES["claims"](5_000).encode()
    return lambda: list(scrubber.scrub(io.BytesIO(data), options=RunOptions(profile=profile)))


def _baseline(folder: Path, size: int) -> Work:
    row = '{"file": "a{n}.837", "claim_sha256": "{n}", "code": "JWJZ01", "service_line": 1, "element": "SV101"}\n'
    path = _written(folder / "b.jsonl", row, size)
    return lambda: baseline.load(path, lambda _: True, update=False)


def _sidecar(folder: Path, size: int) -> Work:
    path = _written(folder / "a.837.expected", "claim ID{n}\n  line 1: reject JWJZ01 at SV101-3\n", size)
    return lambda: sidecar.read(path)


def _manifest(folder: Path, size: int) -> Work:
    entry = {"path": "a", "sha256": "0", "size": 1, "status": "ok", "summary": {}, "outputs": []}
    count = size // len(json.dumps(entry))
    path = folder / "manifest.json"
    path.write_text(json.dumps({"manifest_version": "1", "rules": {}, "options": {}, "files": [entry] * count}))
    return lambda: manifest.read(path)


def _report(folder: Path, size: int) -> Work:
    out = io.BytesIO()
    scrubber.scrub_to(io.BytesIO(SHAPES["claim ids"](size // 6).encode()), reports={"json": out})
    path = folder / "report.json"
    path.write_bytes(out.getvalue())
    return lambda: sum(1 for _ in reading.parts(path))


def _crosswalk(folder: Path, size: int) -> Work:
    head = (
        "October 2026 ASP NDC - HCPCS Crosswalk for Medicare Part B Drugs,,,,,,,,,\r\n"
        '"     Effective October 1, 2026 through December 31, 2026",,,,,,,,,\r\n,,,,,,,,,\r\n'
        "_2026_CODE,Short Description,LABELER NAME,NDC,Drug Name,HCPCS dosage,PKG SIZE,PKG QTY,BILLUNITS,"
        "BILLUNITSPKG,,\r\n"
    )
    path = _written(folder / "asp.csv", "J9035,Words,Somebody,50242-0060-01,Drug{n},10 MG,4,1,10,10,,\r\n", size, head)

    def read() -> None:
        for contents in Reading([path], Given(excerpt=True)).contents():
            for _ in contents.rows:
                pass

    return read


def _columns(folder: Path, size: int) -> Work:
    """A public file of one row of very many columns, which is refused."""
    path = _written(folder / "columns.csv", "a{n},", size)

    def read() -> None:
        with contextlib.suppress(FileRefused):
            list(Reading([path], Given()).contents())

    return read


def _claims(_: Path, size: int) -> Work:
    data = SHAPES["lines"](size).encode()
    return lambda: [record(claim) for claim in scrubber.read_claims(io.BytesIO(data))]


def _stripped(_: Path, size: int) -> Work:
    data = SHAPES["notes of the scrubber"](size).encode()
    return lambda: strip(io.BytesIO(data), io.BytesIO())


def _simulated(folder: Path, size: int) -> Work:
    path = folder / "a.837"
    path.write_text(SHAPES["adjudicated lines"](size))
    engine = RunOptions().engine()
    return lambda: simulate(Input(str(path)), engine, folder)


OTHERS: Mapping[str, Large] = {
    "suppressions": _suppressions,
    "rules of payers": _rules,
    "rules of lines by diagnoses": _rules_of_lines,
    "payers of a profile": _payers,
    "a baseline": _baseline,
    "a sidecar": _sidecar,
    "a manifest": _manifest,
    "a report to compare": _report,
    "an ASP crosswalk": _crosswalk,
    "columns of a public file": _columns,
    "claims as JSON": _claims,
    "notes to strip": _stripped,
    "lines to adjudicate": _simulated,
}
"""Each by its name."""
