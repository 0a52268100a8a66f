"""Files in record batches in, their claims in record batches out: the shape of Spark's `mapInArrow`.

`docs/scaling.md` has recipes for Spark, DuckDB, Polars and pandas. Only this module needs pyarrow: `pip install
"claim-scrubber[arrow]"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

import attrs
import pyarrow as pa

from scrubber.engine.engine import Engine
from scrubber.engine.naming import control_number
from scrubber.engine.record import record
from scrubber.engine.scrubbed import ScrubbedClaim
from scrubber.engine.scrubbing import Scrubbing
from scrubber.outputs.record import error_record, unchecked_record
from scrubber.outputs.summary import Summary
from scrubber.running.options import RunOptions
from scrubber.running.processes import engine_in_worker, expected_of
from scrubber.x12.errors import listed
from scrubber.x12.prescan import prescan

__all__ = ["INPUT", "SCHEMA", "BatchScrubber", "spark_schema"]

_MOST_ENTRIES = 5_000
"""A batch of results ends when its rows and the findings in them are more than this."""

INPUT = pa.schema([("name", pa.string()), ("content", pa.binary())])
"""The columns of the input, a row for each file: its name, and its bytes. Further columns are ignored."""

_AMOUNT = pa.decimal128(38, 2)
_FINDING = [
    ("code", pa.string()),
    ("severity", pa.string()),
    ("service_line", pa.int64()),
    ("line_control_number", pa.string()),
    ("loop", pa.string()),
    ("segment", pa.int64()),
    ("file_line", pa.int64()),
    ("offset", pa.int64()),
    ("segment_id", pa.string()),
    ("element", pa.string()),
    ("message", pa.string()),
    ("fix", pa.string()),
    ("carc", pa.string()),
    ("rarc", pa.string()),
    ("claim_status", pa.string()),
    ("excerpt", pa.struct([("text", pa.string()), ("start", pa.int64()), ("stop", pa.int64())])),
]
_SUPPRESSED = [*_FINDING, *((name, pa.string()) for name in ("by", "reason", "author", "expires"))]
_LINE = [
    ("service_line", pa.int64()),
    ("procedure", pa.string()),
    ("modifiers", pa.list_(pa.string())),
    *((name, pa.string()) for name in ("revenue_code", "charge", "units", "unit_basis", "ndc")),
]
"""Charge and units of a line are text as in the file: they may be malformed."""
_PRICE = [("allowed", _AMOUNT), ("coinsurance", _AMOUNT), ("payment", _AMOUNT)]
_CLAIM = [
    ("ordinal", pa.int64()),
    *((name, pa.string()) for name in ("claim_id", "type", "transaction", "group", "disposition", "goes_to")),
    ("charge", _AMOUNT),
    ("service_dates", pa.list_(pa.string())),
    *((name, pa.string()) for name in ("payer_id", "payer_name", "billing_npi", "clearinghouse_id")),
    *_PRICE,
    ("waste", _AMOUNT),
    ("avoidable_waste", _AMOUNT),
    ("unpriced_lines", pa.int64()),
    ("priced_lines", pa.list_(pa.struct([("service_line", pa.int64()), *_PRICE]))),
    ("lines", pa.list_(pa.struct(_LINE))),
    ("findings", pa.list_(pa.struct(_FINDING))),
    ("not_checked", pa.list_(pa.struct([("code", pa.string()), ("reason", pa.string())]))),
    ("suppressed", pa.list_(pa.struct(_SUPPRESSED))),
]
_ERROR = pa.struct(
    [
        *((name, pa.string()) for name in ("code", "message")),
        *((name, pa.int64()) for name in ("segment", "file_line", "offset")),
    ]
)
_FILE = pa.struct(
    [
        *((name, pa.string()) for name in ("interchange_control_number", "status", "sha256")),
        *((name, pa.int64()) for name in ("claims", "clean", "flagged", "rejected")),
        *((name, pa.string()) for name in ("version", "catalogue", "profile", "reference")),
    ]
)
SCHEMA = pa.schema([("record", pa.string()), ("name", pa.string()), *_CLAIM, ("error", _ERROR), ("file", _FILE)])
"""The columns of the result. `record` says what a row is:

    claim   a claim with its findings; the columns have the names and values of the JSON report, amounts are decimals
    error   an error of the file, in the column `error`
    file    the end of a file, in the column `file`: its hash, its status, how many claims it has, and the versions and
            hashes of what judged it; `not_checked` holds the edits that lack a table. Each row of the input gives one
"""

_Row: TypeAlias = dict[str, Any]


@attrs.frozen
class BatchScrubber:
    """A function from record batches to record batches, by some options: give it to Spark's `mapInArrow`.

    It takes an iterator of batches with the columns of `INPUT` and gives an iterator of batches with those of `SCHEMA`.
    It can be sent to other processes. Each of them makes the engine once, from the files that the options name, and
    refuses with `OptionsError` where these say something else than in the process that has made the object. Beside the
    input at most one batch of results is in memory. Raises `OptionsError`, when it is made, for options that cannot be
    used, and `ValueError` for an input without the two columns.
    """

    options: RunOptions = attrs.field(factory=RunOptions)
    _expected: str = attrs.field(init=False, repr=False)

    @_expected.default
    def _fingerprint_of_engine(self) -> str:
        return expected_of(self.options)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Scrub the files of the batches one by one."""
        engine = engine_in_worker(self.options, self._expected)
        rows: list[_Row] = []
        entries = 0
        for batch in batches:
            for row in self._scrubbed(batch, engine):
                rows.append(row)
                entries += 1 + len(row.get("findings", ())) + len(row.get("not_checked", ()))
                if entries > _MOST_ENTRIES:
                    yield _batch(rows)
                    rows, entries = [], 0
        if rows:
            yield _batch(rows)

    def _scrubbed(self, batch: pa.RecordBatch, engine: Engine) -> Iterator[_Row]:
        """The rows for the files of a batch."""
        missing = set(INPUT.names) - set(batch.schema.names)
        if missing:
            raise ValueError(f"the input has no column {' and no column '.join(sorted(missing))}")
        kind = batch.schema.field("content").type
        if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
            raise ValueError(f"the column content must hold bytes (binary), not {kind}")
        for name, content in zip(batch.column("name"), batch.column("content"), strict=True):
            data = content.as_buffer() if content.is_valid else pa.py_buffer(b"")
            for row in _rows(data, engine, conformance=self.options.conformance):
                yield {"name": name.as_py(), **row}


def _rows(data: pa.Buffer, engine: Engine, *, conformance: bool) -> Iterator[_Row]:
    """The rows for a file: its claims, its errors, its end."""
    stream = pa.BufferReader(data)  # the bytes are not copied
    scan = prescan(stream)
    stream.seek(0)
    scrubbing = Scrubbing(stream, engine, scan, conformance=conformance)
    summary = Summary()
    for item in scrubbing:
        if isinstance(item, ScrubbedClaim):
            summary.count(item)
            yield {"record": "claim", **record(item)}
    for error in (*listed(scan.errors), *listed(scrubbing.notices)):
        yield {"record": "error", "error": error_record(error)}
    made = engine.fingerprint
    yield {
        "record": "file",
        "not_checked": [unchecked_record(item) for item in engine.unavailable],
        "file": {
            "interchange_control_number": control_number(scan.control),
            "status": "ok" if scan.readable else "error",
            "sha256": scan.sha256,
            "claims": summary.claims,
            **{name: summary.dispositions[name] for name in ("clean", "flagged", "rejected")},
            "version": made["tool"]["version"],
            "catalogue": made["catalogue"]["sha256"],
            "profile": made["profile"]["sha256"],
            "reference": made["reference"]["release"],
        },
    }


def _batch(rows: list[_Row]) -> pa.RecordBatch:
    """The rows as a batch; what they do not have is null."""
    return pa.RecordBatch.from_pylist([_with_amounts(row) for row in rows], schema=SCHEMA)


_AMOUNTS = tuple(field.name for field in SCHEMA if field.type == _AMOUNT)


def _with_amounts(row: _Row) -> _Row:
    """The row with its amounts as numbers: records have them as text."""
    amounts: _Row = {name: _amount(row[name]) for name in _AMOUNTS if name in row}
    if "priced_lines" in row:
        amounts["priced_lines"] = [
            {name: _amount(value) if name != "service_line" else value for name, value in line.items()}
            for line in row["priced_lines"]
        ]
    return {**row, **amounts}


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def spark_schema() -> str:
    """`SCHEMA` as Spark writes it (DDL), for the second argument of `mapInArrow`."""
    return ", ".join(f"`{field.name}` {_in_spark(field.type)}" for field in SCHEMA)


_SPARK_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "STRING",
    pa.int64(): "BIGINT",
    _AMOUNT: f"DECIMAL({_AMOUNT.precision}, {_AMOUNT.scale})",
}


def _in_spark(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"ARRAY<{_in_spark(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"STRUCT<{', '.join(f'`{field.name}`: {_in_spark(field.type)}' for field in kind)}>"
    return _SPARK_TYPES[kind]
