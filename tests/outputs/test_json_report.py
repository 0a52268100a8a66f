"""The JSON report: the contract's keys in the contract's order, one valid document, written as a stream."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from scrubber.engine.catalogue import Catalogue
from scrubber.engine.engine import Engine
from scrubber.engine.naming import Naming
from scrubber.engine.profile import Profile
from scrubber.outputs.json_report import JsonReport
from scrubber.running import run
from scrubber.running.inputs import Input
from scrubber.running.options import RunOptions
from scrubber.testing import build, drug_line, infusion_claim, numbered, with_line
from tests.scrubbing import FIXTURES, engine, every_claim, installed, made, of_edits

CLAIM_KEYS = [
    *("claim_id", "type", "transaction", "group", "disposition", "goes_to", "charge", "service_dates"),
    *("payer_id", "billing_npi", "clearinghouse_id", "ordinal", "payer_name", "lines", "findings", "not_checked"),
]
FINDING_KEYS = [
    *("code", "severity", "service_line", "line_control_number", "loop", "segment", "file_line", "offset"),
    *("segment_id", "element", "message", "fix", "carc", "rarc", "claim_status", "excerpt"),
]
SUMMARY_KEYS = ["claims", "clean", "flagged", "rejected", "charge", "charge_rejected", "charge_at_stake", "findings"]


def report(*paths: Path, with_engine: Engine | None = None) -> dict[str, Any]:
    """The report on these files, by all installed edits unless others are given."""
    out = io.StringIO()
    used = with_engine or engine()
    writer = JsonReport(out, used)
    for path in paths:
        run.check(Input(str(path)), used, [writer])
    writer.close()
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def written(folder: Path, text: str, name: str = "claims.837") -> Path:
    path = folder / name
    path.write_text(text, "latin-1")
    return path


def faulty(folder: Path) -> Path:
    claim = infusion_claim("837P", "FAULTY", clearinghouse_id="D9", lines=(drug_line(modifiers=()), drug_line()))
    undecided = with_line(infusion_claim("837I", "UNDECIDED", clearinghouse_id=None, payer_id=""), 1, units="8O")
    return written(folder, build([numbered(claim), undecided]))


def test_the_keys_of_the_contract_in_their_order(tmp_path: Path) -> None:
    document = report(faulty(tmp_path))
    assert list(document) == [
        *("schema_version", "tool", "catalogue", "profile", "reference", "files", "summary", "breakdowns"),
    ]
    assert document["schema_version"] == "1"
    assert list(document["tool"]) == ["name", "version"]
    assert list(document["catalogue"]) == ["sha256"]
    assert list(document["profile"]) == ["name", "sha256"]
    assert list(document["reference"]) == ["release"]
    (file,) = document["files"]
    assert list(file) == [
        *("path", "interchange_control_number", "file_date", "judged_as_of", "claims", "errors", "not_checked"),
        *("status", "sha256", "summary"),
    ]
    assert all(list(claim) == CLAIM_KEYS for claim in file["claims"])
    findings = [finding for claim in file["claims"] for finding in claim["findings"]]
    assert findings
    assert all(list(finding) == FINDING_KEYS for finding in findings)
    assert next(list(item) for item in file["claims"][1]["not_checked"]) == ["code", "reason"]
    assert list(file["summary"]) == list(document["summary"]) == SUMMARY_KEYS


def test_fields_of_a_claim_and_a_finding(tmp_path: Path) -> None:
    path = faulty(tmp_path)
    (file,) = report(path, with_engine=engine("JWJZ01"))["files"]
    first, second = file["claims"]
    (finding,) = first.pop("findings")
    assert first == {
        "claim_id": "FAULTY",
        "type": "837P",
        "transaction": "0001",
        "group": "1",
        "disposition": "rejected",
        "goes_to": "rejected",
        "charge": "9600.00",
        "service_dates": ["2026-10-05"],
        "payer_id": "00002",
        "billing_npi": second["billing_npi"] and first["billing_npi"],
        "clearinghouse_id": "D9",
        "ordinal": 1,
        "payer_name": "SAMPLE MEDICARE PART B",
        "lines": [
            {
                "service_line": number,
                "procedure": "J0490",
                "modifiers": modifiers,
                "revenue_code": None,
                "charge": "4800",
                "units": "80",
                "unit_basis": "UN",
                "ndc": "49401010201",
            }
            for number, modifiers in ((1, []), (2, ["JZ"]))
        ],
        "not_checked": [],
    }
    raw = path.read_bytes()
    transaction = raw[raw.index(b"ST*") :].split(b"~\n")
    assert raw[finding["offset"] :].startswith(b"SV1*HC:J0490*")
    assert transaction[finding["segment"] - 1].startswith(b"SV1*HC:J0490*")
    assert raw.splitlines()[finding["file_line"] - 1].startswith(b"SV1*HC:J0490*")
    assert {
        key: finding[key] for key in FINDING_KEYS if key not in ("segment", "file_line", "offset", "message", "fix")
    } == {
        "code": "JWJZ01",
        "severity": "reject",
        "service_line": 1,
        "line_control_number": "FAULTYL1",
        "loop": "2400",
        "segment_id": "SV1",
        "element": "SV101-3",
        "carc": "16",
        "rarc": "N822",
        "claim_status": "A6:453",
        "excerpt": {"text": "SV1*HC:J0490*4800*UN*80***1", "start": 12, "stop": 12},
    }
    assert (second["clearinghouse_id"], second["payer_id"], second["disposition"]) == (None, None, "clean")


def test_a_finding_on_the_claim_has_no_line(tmp_path: Path) -> None:
    path = written(tmp_path, build([infusion_claim()]))
    edits = Engine(of_edits(made(every_claim)), Profile())
    (finding,) = report(path, with_engine=edits)["files"][0]["claims"][0]["findings"]
    assert (finding["service_line"], finding["line_control_number"], finding["element"]) == (None, None, "CLM01")
    assert (finding["carc"], finding["rarc"], finding["claim_status"]) == (None, None, None)


def test_sums_over_one_file_and_over_all() -> None:
    paths = [FIXTURES / "clinic-day.837", FIXTURES / "jwjz-837i.837"]
    document = report(*paths)
    assert [file["path"] for file in document["files"]] == [str(path) for path in paths]
    for file in document["files"]:
        claims, summary = file["claims"], file["summary"]
        for disposition in ("clean", "flagged", "rejected"):
            assert summary[disposition] == sum(claim["disposition"] == disposition for claim in claims)
        assert summary["claims"] == len(claims)
        assert Decimal(summary["charge"]) == sum(Decimal(claim["charge"]) for claim in claims)
        rejected = [Decimal(claim["charge"]) for claim in claims if claim["disposition"] == "rejected"]
        assert Decimal(summary["charge_rejected"]) == sum(rejected)
        codes = [finding["code"] for claim in claims for finding in claim["findings"]]
        assert summary["findings"] == {code: codes.count(code) for code in sorted(set(codes))}
    first, second = (file["summary"] for file in document["files"])
    total = document["summary"]
    assert all(total[key] == first[key] + second[key] for key in ("claims", "clean", "flagged", "rejected"))
    assert Decimal(total["charge"]) == Decimal(first["charge"]) + Decimal(second["charge"])
    assert total["findings"] == {
        code: first["findings"].get(code, 0) + second["findings"].get(code, 0)
        for code in sorted(first["findings"] | second["findings"])
    }


def test_a_charge_that_is_no_number_is_null_and_counts_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, build([infusion_claim(total_charge="1,000"), infusion_claim(total_charge="")]))
    (file,) = report(path)["files"]
    assert [claim["charge"] for claim in file["claims"]] == [None, None]
    assert file["summary"]["charge"] == "0.00"


def test_errors_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, build([infusion_claim()]).replace("GE*1*", "GE*7*"))
    (file,) = report(path)["files"]
    (error,) = file["errors"]
    assert list(error) == ["code", "message", "segment", "file_line", "offset"]
    assert (error["code"], file["status"]) == ("READ29", "error")
    assert path.read_bytes()[error["offset"] :].startswith(b"GE*7")
    assert path.read_bytes().splitlines()[error["file_line"] - 1].startswith(b"GE*7")


def test_a_file_without_claims_and_no_files_at_all(tmp_path: Path) -> None:
    document = report(written(tmp_path, "no claims in here"))
    (file,) = document["files"]
    assert (file["claims"], file["status"], file["interchange_control_number"]) == ([], "error", "")
    assert report()["files"] == []
    assert report()["summary"]["claims"] == 0


def test_a_table_that_is_not_loaded_is_named_once_for_the_file(tmp_path: Path) -> None:
    edits = of_edits(made(every_claim, table="hcpcs"))
    path = written(tmp_path, build([infusion_claim(claim_id=name) for name in ("A", "B")]))
    (file,) = report(path, with_engine=Engine(edits, Profile()))["files"]
    assert file["not_checked"] == [{"code": "TEST01", "reason": "table hcpcs is not loaded"}]
    assert [claim["not_checked"] for claim in file["claims"]] == [[], []]


def test_values_that_json_must_escape(tmp_path: Path) -> None:
    claim_id = 'Q"\\\x07\u00e9'
    path = written(tmp_path, build([infusion_claim(claim_id=claim_id)]), 'a"\u00e9\n.837')
    (file,) = report(path)["files"]
    assert file["claims"][0]["claim_id"] == claim_id
    assert file["path"] == str(path)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    path = faulty(tmp_path)
    assert report(path) == report(path, with_engine=Engine(Catalogue(installed().edits), attrs.evolve(Profile())))


def test_the_date_of_the_file_and_the_day_it_was_judged_as_of(tmp_path: Path) -> None:
    path = written(tmp_path, build([infusion_claim()], file_date=date(2026, 10, 9)))
    given = RunOptions(as_of=date(2026, 11, 1)).engine()
    hidden = Engine(installed(), Profile(), naming=Naming(b"k" * 32))
    for used, days in (
        (engine(), ("2026-10-09", "2026-10-09")),
        (given, ("2026-10-09", "2026-11-01")),
        (hidden, ("2026", "2026")),
    ):
        (file,) = report(path, with_engine=used)["files"]
        assert (file["file_date"], file["judged_as_of"]) == days
    (file,) = report(written(tmp_path, "no claims", "none.837"))["files"]
    assert (file["file_date"], file["judged_as_of"]) == (None, None)
