"""Record batches of files in, record batches of claims out."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import scrubber
from scrubber import OptionsError, RunOptions
from scrubber.engine.record import price_record
from scrubber.reference.pricing import ClaimPrice, PricedLine
from scrubber.testing import build, infusion_claim, with_line
from tests.scrubbing import FIXTURES, each

pa = pytest.importorskip("pyarrow")

from scrubber.running import arrow  # noqa: E402 - it needs pyarrow
from scrubber.running.arrow import INPUT, SCHEMA, BatchScrubber, spark_schema  # noqa: E402

DAY = (FIXTURES / "clinic-day.837").read_bytes()
SMALL = build([infusion_claim(claim_id="GOOD"), with_line(infusion_claim(claim_id="BAD"), 1, modifiers=())]).encode()
OWN = {"record", "name", "error", "file"}
"""The columns that a claim of the JSON report does not have."""

Rows = list[dict[str, Any]]


def batch(*files: tuple[str | None, bytes | None]) -> Any:
    return pa.RecordBatch.from_pylist([{"name": name, "content": content} for name, content in files], schema=INPUT)


def rows(options: RunOptions, *files: tuple[str | None, bytes | None]) -> Rows:
    results = BatchScrubber(options)(iter([batch(*files)]))
    return [row for result in results for row in result.to_pylist()]


def json_claims(data: bytes, options: RunOptions) -> Rows:
    out = io.StringIO()
    scrubber.scrub_to(io.BytesIO(data), options=options, reports={"json": out})
    claims: Rows = json.loads(out.getvalue())["files"][0]["claims"]
    return claims


def as_json(value: Any) -> Any:
    """A value of a row as the JSON report writes it; what is null in a row is not in the report."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return {name: as_json(item) for name, item in value.items()} if isinstance(value, dict) else value


def without_nulls(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}


@each("name", {path.stem: path.name for path in sorted(FIXTURES.glob("*.837"))[:12]})
def test_claims_are_those_of_the_json_report(name: str) -> None:
    data, options = (FIXTURES / name).read_bytes(), RunOptions()
    found = [row for row in rows(options, (name, data)) if row["record"] == "claim"]
    expected = json_claims(data, options)
    assert [row["ordinal"] for row in found] == list(range(1, len(expected) + 1))
    for row, claim in zip(found, expected, strict=True):
        assert without_nulls(as_json({name: row[name] for name in row if name not in OWN})) == without_nulls(claim)


def test_the_end_of_a_file() -> None:
    (end,) = [row for row in rows(RunOptions(), ("small.837", SMALL)) if row["record"] == "file"]
    file = end["file"]
    assert (file["status"], file["claims"], file["clean"], file["flagged"], file["rejected"]) == ("ok", 2, 1, 0, 1)
    assert end["name"] == "small.837"
    judged = RunOptions().record()
    assert [file["catalogue"], file["profile"]] == [judged[name]["sha256"] for name in ("catalogue", "profile")]
    assert {item["code"] for item in end["not_checked"]} >= {"MUE01"}


@each(
    ("content", "code"),
    {
        "nothing": (None, "READ20"),
        "no bytes": (b"", "READ20"),
        "no X12": (b"%PDF-1.7", "READ21"),
        "no end": (SMALL[: SMALL.index(b"SE*")], "READ27"),
    },
)
def test_a_file_that_cannot_be_read_costs_no_other_file(content: bytes | None, code: str) -> None:
    found = rows(RunOptions(), ("bad", content), ("good", SMALL))
    errors = [row for row in found if row["record"] == "error"]
    assert {row["name"] for row in errors} == {"bad"}
    assert code in {row["error"]["code"] for row in errors}
    assert [(row["name"], row["file"]["status"]) for row in found if row["record"] == "file"] == [
        ("bad", "error"),
        ("good", "ok"),
    ]
    assert len([row for row in found if row["name"] == "good"]) == 3


def test_with_a_key_no_claim_id_and_no_day_is_shown(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    hidden = json.dumps([as_json(row) for row in rows(RunOptions(key=key), ("day", DAY))])
    shown = rows(RunOptions(), ("day", DAY))
    ids = {row["claim_id"] for row in shown if row["claim_id"]}
    days = {day for row in shown for day in row["service_dates"] or ()}
    assert ids
    assert days
    assert not any(text in hidden for text in ids | days)


def test_results_come_in_batches_while_the_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "_MOST_ENTRIES", 10)
    read = []

    def files() -> Iterator[Any]:
        for number in range(50):
            read.append(number)
            yield batch((f"{number}", SMALL))

    results = BatchScrubber()(files())
    first = next(results)
    assert 0 < first.num_rows <= 11
    assert len(read) < 10
    rest = sum(result.num_rows for result in results)
    assert first.num_rows + rest == 50 * 3


def test_every_batch_has_the_schema() -> None:
    assert all(result.schema.equals(SCHEMA) for result in BatchScrubber()(iter([batch(("day", DAY))])))


def test_no_input_gives_no_batch() -> None:
    assert list(BatchScrubber()(iter([]))) == []


def test_it_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(BatchScrubber(RunOptions(select="JWJZ"))))
    assert [row for result in sent(iter([batch(("day", DAY))])) for row in result.to_pylist()] == rows(
        RunOptions(select="JWJZ"), ("day", DAY)
    )


def test_large_binaries_and_other_columns_are_taken() -> None:
    schema = pa.schema([("length", pa.int64()), ("content", pa.large_binary()), ("name", pa.large_string())])
    given = pa.RecordBatch.from_pylist([{"length": 5, "content": SMALL, "name": "small"}], schema=schema)
    (result,) = BatchScrubber()(iter([given]))
    assert result.to_pylist() == rows(RunOptions(), ("small", SMALL))


@each(
    ("schema", "message"),
    {
        "no column content": (pa.schema([("name", pa.string())]), "no column content"),
        "no column at all": (pa.schema([("path", pa.string())]), "no column content and no column name"),
        "text": (pa.schema([("name", pa.string()), ("content", pa.string())]), "must hold bytes .binary., not string"),
    },
)
def test_wrong_input_is_refused(schema: Any, message: str) -> None:
    given = pa.RecordBatch.from_pylist([dict.fromkeys(schema.names)], schema=schema)
    with pytest.raises(ValueError, match=message):
        list(BatchScrubber()(iter([given])))


def test_options_that_cannot_be_used_are_refused_at_once() -> None:
    with pytest.raises(OptionsError, match="nobody"):
        BatchScrubber(RunOptions(profile="nobody"))


def test_amounts_are_numbers() -> None:
    line = PricedLine(1, 1, Decimal("10.5"), Decimal("2.1"), Decimal("8.4"), discarded=False)
    ((row,),) = (arrow._batch([{"record": "claim", **price_record(ClaimPrice((line,), 2))}]).to_pylist(),)
    assert (row["allowed"], row["unpriced_lines"]) == (Decimal("10.50"), 2)
    assert row["priced_lines"] == [
        {"service_line": 1, "allowed": Decimal("10.50"), "coinsurance": Decimal("2.10"), "payment": Decimal("8.40")}
    ]


def test_spark_has_the_columns() -> None:
    columns = spark_schema()
    assert columns.startswith("`record` STRING, `name` STRING, `ordinal` BIGINT")
    assert "`findings` ARRAY<STRUCT<`code`: STRING" in columns
    assert "`charge` DECIMAL(38, 2)" in columns
    assert columns.count("`") == 2 * len([*names(SCHEMA)])


def names(fields: Any) -> Iterator[str]:
    """All names of a schema or of a struct, those within lists and structs too."""
    for field in fields:
        yield field.name
        kind = field.type.value_type if pa.types.is_list(field.type) else field.type
        if pa.types.is_struct(kind):
            yield from names(kind)
