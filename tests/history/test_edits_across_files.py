"""What edits find across files: doubles, days between doses, units of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from scrubber.history.store import HistoryStore
from scrubber.reference.external import MUE
from scrubber.testing import ClaimSpec, ClaimType, anifrolumab_claim, drug_line, infusion_claim, visit_claim
from scrubber.testing.specs import SERVICE_DATE
from tests.edits.judging import row, together
from tests.history.releasing import content_of, engine_with, findings, history, release
from tests.scrubbing import each_type

ALL = ("DUP02", "DUP03", "DUP04")
MEMBER = "9XX9XX9XX01"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    opened = history(tmp_path / "history")
    yield opened
    opened.close()


def claim(claim_type: ClaimType = "837P", claim_id: str = "C1", **changes: Any) -> ClaimSpec:
    return attrs.evolve(infusion_claim(claim_type, claim_id), **{"member_id": MEMBER, **changes})


def on(day: date, spec: ClaimSpec) -> ClaimSpec:
    """A claim with all lines on another day."""
    return attrs.evolve(spec, lines=tuple(attrs.evolve(line, dates=day) for line in spec.lines))


def codes(store: HistoryStore | None, spec: ClaimSpec, *chosen: str) -> list[str]:
    """The codes of what edits find on a claim in another file."""
    (_, found) = findings(store, visit_claim(claim_id="OTHER"), spec, codes=chosen or ALL)
    return [code for code, *_ in found]


@each_type
def test_the_same_claim_is_found_in_any_surroundings(store: HistoryStore, claim_type: ClaimType) -> None:
    release(store, claim(claim_type))
    assert codes(store, claim(claim_type)) == ["DUP03"]
    assert codes(store, claim(claim_type, payer_name="ANOTHER NAME OF THE PAYER")) == ["DUP03"]


def test_other_delimiters_and_line_breaks_do_not_matter(store: HistoryStore) -> None:
    release(store, claim())
    content = content_of([visit_claim(), claim()])
    for changed in (content.replace(b"~", b"~\r\n"), content.replace(b"*", b"|"), content.replace(b"~\n", b"\n")):
        assert [[code for code, *_ in of] for of in findings(store, codes=["DUP03"], content=changed)] == [
            [],
            ["DUP03"],
        ]


@each_type
def test_a_changed_claim_is_another_claim(store: HistoryStore, claim_type: ClaimType) -> None:
    release(store, claim(claim_type))
    changed = claim(claim_type, prior_authorization="PA2")
    assert codes(store, changed, "DUP03") == []
    assert codes(store, claim(claim_type, member_id="9XX9XX9XX02")) == []
    assert codes(store, claim(claim_type, payer_id="00099")) == []


@each_type
def test_the_same_lines_under_another_number(store: HistoryStore, claim_type: ClaimType) -> None:
    release(store, claim(claim_type))
    assert codes(store, claim(claim_type, "C2")) == ["DUP02"]
    assert codes(store, claim(claim_type, "C2", frequency="7")) == []
    assert codes(store, claim(claim_type, frequency="8")) == []


@each_type
def test_a_line_of_another_claim(store: HistoryStore, claim_type: ClaimType) -> None:
    release(store, claim(claim_type))
    more = claim(claim_type, "C2", lines=(drug_line(), drug_line(units=40, modifiers=("JZ",))))
    assert codes(store, more) == ["DUP04"]
    assert codes(store, attrs.evolve(more, lines=(drug_line(modifiers=("76", "JZ")),))) == []
    assert codes(store, attrs.evolve(more, lines=(drug_line(units=40),))) == []
    assert codes(store, attrs.evolve(more, frequency="7")) == []
    undated = attrs.evolve(more, lines=(attrs.evolve(drug_line(), dates=(SERVICE_DATE, SERVICE_DATE + timedelta(1))),))
    assert codes(store, undated) == []


def codes_in_file(store: HistoryStore | None, *claims: ClaimSpec, chosen: Sequence[str] = ALL) -> list[list[str]]:
    """The codes of what edits find on each claim of a file."""
    return [[code for code, *_ in of] for of in findings(store, *claims, codes=chosen)]


@each_type
@pytest.mark.parametrize("remembering", [True, False])
def test_a_line_of_another_claim_of_the_file(store: HistoryStore, claim_type: ClaimType, *, remembering: bool) -> None:
    known, one = store if remembering else None, claim(claim_type)
    more = claim(claim_type, "C2", lines=(drug_line(), drug_line(units=40, modifiers=("JZ",))))
    assert codes_in_file(known, one, more) == [[], ["DUP04"]]
    assert codes_in_file(known, one, attrs.evolve(more, member_id="9XX9XX9XX02")) == [[], []]
    assert codes_in_file(known, one, attrs.evolve(more, lines=(drug_line(modifiers=("76", "JZ")),))) == [[], []]
    assert codes_in_file(known, one, attrs.evolve(more, frequency="7")) == [[], []]
    assert codes_in_file(known, attrs.evolve(one, frequency="7"), more) == [[], []]
    assert codes_in_file(known, one, claim(claim_type, "C2")) == [[], ["DUP02"]], "the whole claim is found once"
    assert codes_in_file(known, one, one) == [[], ["DUP03" if remembering else "DUP02"]]
    twice = claim(claim_type, "C2", lines=(drug_line(units=40), drug_line(units=40)))
    assert codes_in_file(known, twice) == [[]], "lines of one claim are left to DUP01"


def test_a_line_is_found_in_the_file_and_in_earlier_ones(store: HistoryStore) -> None:
    release(store, claim())
    more = [claim(claim_id=f"C{number}", lines=(drug_line(), drug_line(units=number))) for number in (2, 3)]
    assert codes_in_file(store, visit_claim(), *more) == [[], ["DUP04"], ["DUP04"]]


def test_without_a_history_they_are_not_checked_or_in_part() -> None:
    engine = engine_with(None, *ALL, "MUE02")
    reasons = {item.code: item.reason for item in engine.unavailable}
    assert set(reasons) == {"DUP03", "DUP04", "MUE02"}
    assert reasons["DUP03"] == "no history of released claims is given"
    assert reasons["DUP04"] == "in part: no history of released claims is given"
    assert reasons["MUE02"].startswith("no history of released claims is given; tables mue-")


@pytest.mark.parametrize("days", [7, 13])
def test_doses_of_earlier_files_are_too_close(store: HistoryStore, days: int) -> None:
    first = attrs.evolve(anifrolumab_claim(claim_id="C1"), member_id=MEMBER)
    release(store, first)
    later = on(SERVICE_DATE + timedelta(days), attrs.evolve(first, claim_id="C2"))
    (_, found) = findings(store, visit_claim(), later, codes=["INT02"])
    assert found == [("INT02", "warn", 1, "DTP03")]
    assert codes(store, on(SERVICE_DATE, attrs.evolve(first, claim_id="C2")), "INT02") == []
    assert codes(store, on(SERVICE_DATE + timedelta(28), attrs.evolve(first, claim_id="C2")), "INT02") == []
    assert codes(store, attrs.evolve(later, member_id="9XX9XX9XX02"), "INT02") == []
    assert codes(None, later, "INT02") == []


def test_doses_of_the_file_and_of_earlier_files_count_together(store: HistoryStore) -> None:
    """Belimumab may have two short gaps in a row; the third is one too many."""
    doses = [on(SERVICE_DATE + timedelta(14 * number), claim(claim_id=f"C{number}")) for number in range(4)]
    release(store, doses[0], doses[1])
    found = findings(store, doses[2], doses[3], codes=["INT01"])
    assert [bool(of) for of in found] == [False, True]
    assert [bool(of) for of in findings(None, doses[2], doses[3], codes=["INT01"])] == [False, False]


def test_a_voided_dose_does_not_count(store: HistoryStore) -> None:
    first = attrs.evolve(anifrolumab_claim(claim_id="C1"), member_id=MEMBER)
    later = on(SERVICE_DATE + timedelta(7), attrs.evolve(first, claim_id="C2"))
    release(store, first)
    void = attrs.evolve(first, frequency="8")
    in_file = [[code for code, *_ in of] for of in findings(store, later, void, later, codes=["INT02"])]
    assert in_file[0] == ["INT02"]
    release(store, void)
    assert codes(store, later, "INT02") == []


def test_a_void_in_the_file_counts_for_the_claims_after_it(store: HistoryStore) -> None:
    release(store, claim())
    void = claim(frequency="8")
    found = findings(store, claim(), void, claim(), codes=["DUP03"])
    assert [bool(of) for of in found] == [True, False, False]


def test_a_replacement_counts_instead_of_what_it_replaces(store: HistoryStore) -> None:
    first = attrs.evolve(anifrolumab_claim(claim_id="C1"), member_id=MEMBER)
    release(store, first)
    release(store, attrs.evolve(on(SERVICE_DATE + timedelta(40), first), frequency="7"))
    assert codes(store, on(SERVICE_DATE + timedelta(7), attrs.evolve(first, claim_id="C2")), "INT02") == []
    assert codes(store, on(SERVICE_DATE + timedelta(47), attrs.evolve(first, claim_id="C2")), "INT02") == ["INT02"]


def test_two_biologics_in_two_files(store: HistoryStore) -> None:
    rituximab = attrs.evolve(claim(), lines=(drug_line("J9312", 100, ndc=None, ndc_quantity=None, ndc_unit=None),))
    release(store, rituximab)
    assert codes(store, on(SERVICE_DATE + timedelta(28), claim(claim_id="C2")), "MIX04") == ["MIX04"]
    assert codes(store, on(SERVICE_DATE + timedelta(29), claim(claim_id="C2")), "MIX04") == []
    assert codes(None, on(SERVICE_DATE + timedelta(28), claim(claim_id="C2")), "MIX04") == []


@each_type
def test_units_of_a_day_over_two_claims(store: HistoryStore, claim_type: ClaimType) -> None:
    def judged(units: int, indicator: str = "2", **changes: Any) -> list[str]:
        limit = together({name: [row("J0490", units="160", adjudication=indicator)] for name in MUE.values()})
        spec = claim(claim_type, "C2", **{"lines": (drug_line(units=units),), **changes})
        (_, found) = findings(store, visit_claim(), spec, codes=["MUE02"], facts=limit)
        return [code for code, *_ in found]

    release(store, claim(claim_type))
    release(store, claim(claim_type))  # the same file again
    release(store, claim(claim_type), visit_claim(claim_type, "C3"))  # and the same claim in another file
    assert judged(81) == ["MUE02"]
    assert judged(81, "3") == ["MUE02"]
    assert judged(80) == []
    assert judged(81, "1") == []
    assert judged(161) == []
    assert judged(81, frequency="7") == []
    assert judged(81, lines=(drug_line(units=81, dates=SERVICE_DATE + timedelta(1)),)) == []


@each_type
@pytest.mark.parametrize("remembering", [True, False])
def test_units_of_a_day_within_a_file(store: HistoryStore, claim_type: ClaimType, *, remembering: bool) -> None:
    limit = together({name: [row("J0490", units="160", adjudication="2")] for name in MUE.values()})

    def judged(*units: int, **changes: Any) -> list[bool]:
        claims = [claim(claim_type, f"C{at}", lines=(drug_line(units=count),)) for at, count in enumerate(units)]
        claims[-1] = attrs.evolve(claims[-1], **changes)
        known = store if remembering else None
        return [bool(found) for found in findings(known, *claims, codes=["MUE02"], facts=limit)]

    assert judged(80, 80) == [False, False]
    assert judged(80, 80, 1) == [False, False, True]
    assert judged(80, 81) == [False, True]
    assert judged(80, 161) == [False, False], "MUE01 finds it"
    assert judged(80, 81, member_id="9XX9XX9XX02") == [False, False]
    assert judged(80, 81, frequency="7") == [False, False]
    assert judged(80, 81, frequency="8") == [False, False]
    assert judged(80, 81, lines=(drug_line(units=81, dates=SERVICE_DATE + timedelta(1)),)) == [False, False]


def test_units_of_the_file_and_of_earlier_files_are_added_up(store: HistoryStore) -> None:
    limit = together({name: [row("J0490", units="160", adjudication="2")] for name in MUE.values()})
    release(store, claim())
    claims = [claim(claim_id=f"N{number}", lines=(drug_line(units=40 + number),)) for number in range(3)]
    found = findings(store, visit_claim(), *claims, claim(), codes=["MUE02"], facts=limit)
    assert [bool(of) for of in found] == [False, False, True, True, False]


def test_a_patient_with_very_many_claims_is_still_compared(
    store: HistoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrubber.history.snapshot.MOST_CLAIMS", 3)
    many = [on(SERVICE_DATE + timedelta(60 * number), claim(claim_id=f"C{number}")) for number in range(5)]
    release(store, *many)
    assert [codes(store, spec, "DUP03") for spec in many] == [["DUP03"]] * 5
