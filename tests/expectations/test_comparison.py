"""What is missing and what is unexpected, claim by claim, and what a sidecar would have to say."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.claims.model import Claim
from scrubber.edit import NotChecked, Results, finding
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.expectations.comparison import ITSELF, Judge, SidecarComparison, compared
from scrubber.expectations.sidecar import ExpectationError, sidecar_of, written
from scrubber.reference import Facts
from scrubber.running.inputs import Input
from scrubber.testing import build, drug_line, infusion_claim
from tests.lanes import examples
from tests.scrubbing import each, engine, made, of_edits

BARE = (drug_line(modifiers=()), drug_line(modifiers=()))
CLEAN, TWO = infusion_claim(claim_id="CLEAN"), infusion_claim(claim_id="TWO", lines=BARE)
JWJZ01 = "line {}: reject JWJZ01 at SV101-3"
FIRST, SECOND = JWJZ01.format(1), JWJZ01.format(2)

Differences = list[tuple[str, str | None, list[str], list[str]]]


def held(
    folder: Path, text: str, sidecar: str | None, judge: Judge | None = None, *, updating: bool = False
) -> SidecarComparison:
    path = folder / "claims.837"
    path.write_bytes(text.encode("latin-1"))
    if sidecar is not None:
        sidecar_of(path).write_text(sidecar)
    return compared(Input(str(path)), judge or Judge(engine("JWJZ01")), updating=updating)


def differences(comparison: SidecarComparison) -> Differences:
    return [
        (
            verdict.name,
            verdict.claim_id,
            [statement.text for statement in verdict.missing],
            [statement.text for statement in verdict.unexpected],
        )
        for verdict in comparison.differing
    ]


AS_IT_IS = f"claim CLEAN\nclaim TWO\n{FIRST}\n{SECOND}\n"


@each(
    ("sidecar", "expected"),
    {
        "as it is": (AS_IT_IS, []),
        "in another order": (f"claim TWO\n{SECOND}\n{FIRST}\nclaim CLEAN\n", []),
        "a finding that is not there": (
            AS_IT_IS.replace("claim TWO", f"{FIRST}\nclaim TWO"),
            [("claim 1", "CLEAN", [FIRST], [])],
        ),
        "a finding not stated": (f"claim CLEAN\nclaim TWO\n{FIRST}\n", [("claim 2", "TWO", [], [SECOND])]),
        "a finding stated twice": (f"{AS_IT_IS}{SECOND}\n", [("claim 2", "TWO", [SECOND], [])]),
        "another severity": (
            AS_IT_IS.replace("line 2: reject", "line 2: warn"),
            [("claim 2", "TWO", ["line 2: warn JWJZ01 at SV101-3"], [SECOND])],
        ),
        "another element": (
            AS_IT_IS.replace("line 2: reject JWJZ01 at SV101-3", "line 2: reject JWJZ01 at SV104"),
            [("claim 2", "TWO", ["line 2: reject JWJZ01 at SV104"], [SECOND])],
        ),
        "a claim that is not there": (
            f"claim GONE\n{FIRST}\n{AS_IT_IS}",
            [("claim of line 1", "GONE", [ITSELF, FIRST], [])],
        ),
        "a claim not stated": (f"claim TWO\n{FIRST}\n{SECOND}\n", [("claim 1", "CLEAN", [], [ITSELF])]),
        "nothing stated": (
            "",
            [("claim 1", "CLEAN", [], [ITSELF]), ("claim 2", "TWO", [], [ITSELF, FIRST, SECOND])],
        ),
        "an error of the file": (f"error READ29\n{AS_IT_IS}", [("file", None, ["error READ29"], [])]),
    },
)
def test_differences_between_a_file_and_its_sidecar(tmp_path: Path, sidecar: str, expected: Differences) -> None:
    comparison = held(tmp_path, build([CLEAN, TWO]), sidecar)
    assert differences(comparison) == expected
    assert written(comparison.actual) == f"claim CLEAN\nclaim TWO\n  {FIRST}\n  {SECOND}\n"
    assert not comparison.unread


def test_a_file_without_sidecar_differs_in_that(tmp_path: Path) -> None:
    comparison = held(tmp_path, build([CLEAN, TWO]), None)
    (file,) = comparison.differing
    assert file.missing[0].text.startswith("claims.837.expected: ")
    assert written(comparison.actual) == f"claim CLEAN\nclaim TWO\n  {FIRST}\n  {SECOND}\n"


def test_claims_of_one_id_are_kept_apart_by_their_order(tmp_path: Path) -> None:
    bare = infusion_claim(claim_id="SAME", lines=BARE[:1])
    same = infusion_claim(claim_id="SAME")
    text = build([bare, CLEAN, same])
    assert differences(held(tmp_path, text, f"claim SAME\n{FIRST}\nclaim SAME\nclaim CLEAN\n")) == []
    assert differences(held(tmp_path, text, f"claim SAME\nclaim SAME\n{FIRST}\nclaim CLEAN\n")) == [
        ("claim 1", "SAME", [], [FIRST]),
        ("claim 3", "SAME", [FIRST], []),
    ]
    assert differences(held(tmp_path, text, f"claim SAME\n{FIRST}\nclaim CLEAN\n")) == [
        ("claim 3", "SAME", [], [ITSELF])
    ]


@each("claim_id", {"empty": "", "with a space": "A 1", "like a finding": "1: x", "not ASCII": "Zürich", "a quote": '"'})
def test_a_sidecar_that_was_written_can_be_read_whatever_the_claim_ids(tmp_path: Path, claim_id: str) -> None:
    text = build([infusion_claim(claim_id="ID")]).replace("CLM*ID*", f"CLM*{claim_id}*")
    actual = written(held(tmp_path, text, None).actual)
    assert actual.isascii()
    assert differences(held(tmp_path, text, actual)) == []


BROKEN = build([CLEAN, TWO]).replace("SE*", "SE*9")
BROKEN_AS_IT_IS = (
    "error READ29\nclaim CLEAN\n  claim: reject READ03 at CLM01\n"
    f"claim TWO\n  claim: reject READ03 at CLM01\n  {FIRST}\n  {SECOND}\n"
)


def test_a_file_may_be_broken_on_purpose(tmp_path: Path) -> None:
    comparison = held(tmp_path, BROKEN, BROKEN_AS_IT_IS)
    assert (differences(comparison), comparison.unread) == ([], False)


@each(
    ("sidecar", "unread"),
    {
        "not stated": (BROKEN_AS_IT_IS.replace("error READ29\n", ""), True),
        "another error": (BROKEN_AS_IT_IS.replace("error READ29\n", "error READ30\n"), True),
        "one more": (f"error READ30\n{BROKEN_AS_IT_IS}", False),
        "another claim": (f"{BROKEN_AS_IT_IS}claim GONE\n", False),
        "no sidecar": (None, True),
    },
)
def test_an_error_that_was_not_expected_leaves_the_file_unread(
    tmp_path: Path, sidecar: str | None, unread: bool
) -> None:
    comparison = held(tmp_path, BROKEN, sidecar)
    assert comparison.differing
    assert comparison.unread == unread


def test_what_is_no_x12_at_all(tmp_path: Path) -> None:
    assert differences(held(tmp_path, "Dear Sir or Madam\n", "error READ21\n")) == []
    assert differences(held(tmp_path, "", "error READ20\n")) == []


def test_an_edit_that_cannot_decide(tmp_path: Path) -> None:
    def check(_: Claim, __: Facts) -> Results:
        yield NotChecked("for one reason")
        yield NotChecked("for another")

    judge = Judge(Engine(of_edits(made(check)), Profile()))
    assert differences(held(tmp_path, build([CLEAN]), "claim CLEAN\n  not checked TEST01\n", judge)) == []
    assert differences(held(tmp_path, build([CLEAN]), "claim CLEAN\n", judge)) == [
        ("claim 1", "CLEAN", [], ["not checked TEST01"])
    ]


def test_faults_against_the_guide(tmp_path: Path) -> None:
    text = build([CLEAN]).replace("NM1*85*2*", "NM1*85*9*").replace("GS*HC*", "GS*XX*")
    sidecar = written(held(tmp_path, text, None, Judge(engine("JWJZ01", "IG16", "IG90"), conformance=True)).actual)
    assert sidecar == ("error IG16\nclaim CLEAN\n  claim: reject IG16 at NM102\n  claim: reject IG90 at CLM01\n")
    assert differences(held(tmp_path, text, sidecar, Judge(engine(), conformance=True))) == []
    assert [name for name, *_ in differences(held(tmp_path, text, sidecar))] == ["file", "claim 1"]


def test_codes_that_are_not_looked_at_are_left_alone(tmp_path: Path) -> None:
    judge = Judge(engine("DX12"), chosen=lambda code: code != "JWJZ01")
    assert differences(held(tmp_path, build([CLEAN, TWO]), AS_IT_IS, judge)) == []
    other = "claim CLEAN\n  claim: warn DX12 at HI02-2\nclaim TWO\n  not checked DX12\n  # why\n" + f"  {FIRST}\n"
    comparison = held(tmp_path, build([CLEAN, TWO]), other, judge)
    assert [name for name, *_ in differences(comparison)] == ["claim 1", "claim 2"]
    assert written(comparison.actual) == f"claim CLEAN\nclaim TWO\n  # why\n  {FIRST}\n"


def test_comments_stay_with_what_they_are_about(tmp_path: Path) -> None:
    sidecar = (
        f"# The file.\n\n# Gone.\nclaim GONE\n\n# Two lines.\nclaim TWO\n  # Stays.\n  {SECOND}\n"
        "  # Goes.\n  line 3: reject JWJZ01 at SV101-3\n# The end.\n"
    )
    comparison = held(tmp_path, build([CLEAN, TWO]), sidecar)
    assert written(comparison.actual) == (
        f"# The file.\n\nclaim CLEAN\n\n# Two lines.\nclaim TWO\n  {FIRST}\n  # Stays.\n  {SECOND}\n# The end.\n"
    )


def test_a_code_of_old_is_no_hindrance_to_an_update(tmp_path: Path) -> None:
    old = "claim CLEAN\n  claim: warn OLD01 at CLM01\n"
    with pytest.raises(ExpectationError, match=r"claims\.837\.expected:2: unknown code OLD01"):
        held(tmp_path, build([CLEAN]), old)
    assert written(held(tmp_path, build([CLEAN]), old, updating=True).actual) == "claim CLEAN\n"


def test_a_message_does_not_say_who_the_patient_is(tmp_path: Path) -> None:
    def check(claim: Claim, _: Facts) -> Results:
        yield finding(claim.at("claim_id"), f"the claim {claim.claim_id} is bad", "none")

    claim = infusion_claim(claim_id="PRIVATE-1")
    comparison = held(tmp_path, build([claim]), "claim PRIVATE-1\n", Judge(Engine(of_edits(made(check)), Profile())))
    assert comparison.differing[0].unexpected[0].message == "the claim (hidden) is bad"


SOUND = build([CLEAN, TWO]).encode()


@settings(max_examples=examples(60))
@given(
    st.lists(st.tuples(st.integers(0, len(SOUND)), st.integers(0, 3), st.binary(max_size=4)), max_size=6),
    st.booleans(),
)
def test_findings_are_as_expected_for_any_file(changes: list[tuple[int, int, bytes]], conformance: bool) -> None:
    data = SOUND
    for at, gone, new in changes:
        data = data[:at] + new + data[at + gone :]
    with TemporaryDirectory() as folder:
        text, judge = data.decode("latin-1"), Judge(engine(), conformance)
        sidecar = written(held(Path(folder), text, None, judge).actual)
        assert differences(held(Path(folder), text, sidecar, judge)) == []
