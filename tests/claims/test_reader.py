"""Events and claims: lossless, in file order, each claim with what stands above it and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, Level
from scrubber.claims.reader import Item, batches, items, read_claims
from scrubber.testing import build, infusion_claim, visit_claim
from scrubber.x12 import buffer, errors, pieces
from scrubber.x12.events import Event, Events
from tests.claims.broken import broken_built_file
from tests.claims.hierarchy import ADULT, CHILD, CLAIM, LINE, PARENT, PROVIDER, enveloped, good, joined, read
from tests.lanes import examples
from tests.x12.small837 import SMALL, any_file


def read_items(data: str | bytes) -> list[Item]:
    """All that is read of a file."""
    return list(items(Events(io.BytesIO(data if isinstance(data, bytes) else data.encode("latin-1")))))


def everything(claim: Claim) -> list[object]:
    """Every field of a claim; a value that cannot be read as the element that is at fault."""

    def value(thing: object, name: str) -> object:
        try:
            return getattr(thing, name)
        except MalformedValue as malformed:
            return malformed.location.element, malformed.location.segment

    claim_fields = (
        "claim_id type total_charge_text total_charge facility_code frequency filing_indicator payer_id billing_npi "
        "patient_birth_date statement_dates diagnoses procedures service_dates ordinal raw"
    )
    line_fields = (
        "number_text number procedure modifiers revenue_code charge_text charge unit_basis units_text units own_dates "
        "service_date diagnosis_pointers ndc ndc_quantity_text ndc_quantity ndc_unit control_number description"
    )
    found = [value(claim, name) for name in claim_fields.split()]
    found += [value(line, name) for line in claim.lines for name in line_fields.split()]
    found += [(provider.entity, provider.npi, provider.location.offset) for provider in claim.providers]
    return found + [claim.provider_of(line) for line in claim.lines]


@given(st.one_of(any_file(), broken_built_file()))
@settings(max_examples=examples(300))
def test_events_join_to_the_file_and_no_field_fails(data: bytes) -> None:
    found = read_items(data)
    assert b"".join(item.piece.raw for item in found) == data
    for item in found:
        if isinstance(item, Claim):
            everything(item)


@given(st.one_of(any_file(), broken_built_file()), st.sampled_from([1, 3, 17, 200]))
@settings(max_examples=examples(150))
def test_the_block_size_changes_neither_claims_nor_errors(data: bytes, block: int) -> None:
    def seen() -> tuple[list[list[object]], list[errors.LocatedError]]:
        claims = read_claims(io.BytesIO(data))
        return [everything(claim) for claim in claims], claims.errors

    at_once = seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buffer, "BLOCK", block)
        assert seen() == at_once


@pytest.mark.parametrize("text", [SMALL, SMALL.replace("~", "~\n")])
def test_every_prefix_joins_and_has_a_located_error(text: str) -> None:
    for length in range(len(text.rstrip())):
        data = text[:length].encode()
        events = Events(io.BytesIO(data))
        assert b"".join(event.raw for event in events) == data
        assert events.errors


def test_events_come_in_file_order() -> None:
    found = read_items(SMALL)
    kinds = [item.claim_id if isinstance(item, Claim) else item.piece.tag for item in found]
    assert kinds == ["ISA", "GS", "ST", "HL", "HL", "HL", "A-1", "A-2", "SE", "GE", "IEA"]
    assert [item.depth for item in found if isinstance(item, Level)] == [1, 2, 3]
    assert [item.number for item in found if isinstance(item, Claim)] == [1, 2]


def test_claims_know_their_place_in_the_envelope() -> None:
    (claim,) = good(PROVIDER + ADULT + CLAIM.format("A") + LINE)
    context = claim.context
    assert (context.group_control, context.transaction_control, context.file_date) == ("77", "0001", "20261015")
    assert claim.ordinal == 9
    assert (claim.billing_npi, claim.payer_id, claim.filing_indicator) == ("2000000010", "PA1", "MB")


def people(claim: Claim) -> tuple[str, int | None, int | None]:
    """Whose claim it is: payer, the subscriber's year of birth and the patient's own, if a dependent."""
    subscriber, patient = claim.context.subscriber, claim.context.patient
    born = subscriber.birth_date if subscriber else None
    own = patient.birth_date if patient else None
    return claim.payer_id, born.year if born else None, own.year if own else None


def test_claims_of_subscribers_and_dependents_are_kept_apart() -> None:
    body = (
        PROVIDER
        + PARENT.replace("HL*3", "HL*2").replace("SBR*S*", "SBR*S*18")
        + CLAIM.format("OWN")
        + LINE
        + CHILD.replace("HL*4*3", "HL*3*2")
        + (CLAIM.format("CHILD-1") + LINE)
        + (CLAIM.format("CHILD-2") + LINE)
        + CHILD.replace("HL*4*3", "HL*4*2").replace("20140203", "20160101")
        + (CLAIM.format("SIBLING") + LINE)
        + ADULT.replace("HL*2", "HL*5")
        + (CLAIM.format("NEXT") + LINE)
    )
    assert {claim.claim_id: people(claim) for claim in good(body)} == {
        "OWN": ("PB1", 1980, None),
        "CHILD-1": ("PB1", 1980, 2014),
        "CHILD-2": ("PB1", 1980, 2014),
        "SIBLING": ("PB1", 1980, 2016),
        "NEXT": ("PA1", 1950, None),
    }


def test_the_patient_is_the_dependent_where_there_is_one() -> None:
    adult, child = good(PROVIDER + ADULT + CLAIM.format("A") + LINE + PARENT + CHILD + CLAIM.format("B") + LINE)
    assert (adult.patient, child.patient) == (adult.context.subscriber, child.context.patient)
    assert str(child.patient_birth_date) == "2014-02-03"
    assert child.patient is not None
    assert (child.patient.weight, child.patient.text("weight_unit")) == (Decimal(44), "01")
    assert child.patient.at("birth_date").loop == "2010CA"


def test_a_new_provider_takes_no_one_along() -> None:
    second = PROVIDER.replace("HL*1", "HL*3").replace("2000000010", "2000000028")
    first = PROVIDER + ADULT + CLAIM.format("A") + LINE
    orphan, _ = second + CLAIM.format("B") + LINE, None
    claims, found = read(enveloped(first + orphan))
    assert [error.code for error in found] == [errors.STRAY_CLAIM]
    assert people(claims[1]) == ("", None, None)
    assert (claims[1].billing_npi, claims[1].filing_indicator, claims[1].patient) == ("2000000028", "", None)


def test_under_a_broken_parent_a_claim_has_the_level_it_stands_under() -> None:
    claims, found = read(enveloped(PROVIDER + PARENT + CHILD.replace("HL*4*3", "HL*4*9") + CLAIM.format("A") + LINE))
    assert [error.code for error in found] == [errors.BROKEN_HIERARCHY]
    assert people(claims[0]) == ("PB1", 1980, 2014)


def test_under_an_unknown_level_a_claim_has_no_one_elses_fields() -> None:
    odd = "HL*4*3*99*0~SBR*P********ZZ~DMG*D8*20010101*F~"
    claims, found = read(enveloped(PROVIDER + PARENT + odd + CLAIM.format("A") + LINE))
    assert [error.code for error in found] == [errors.BROKEN_HIERARCHY]
    assert people(claims[0]) == ("", None, None)
    assert claims[0].filing_indicator == ""


def test_a_dependent_without_subscriber() -> None:
    claims, found = read(enveloped(PROVIDER + CHILD.replace("HL*4*3", "HL*2*1") + CLAIM.format("A") + LINE))
    assert [error.code for error in found] == [errors.BROKEN_HIERARCHY]
    assert people(claims[0]) == ("", None, 2014)


@pytest.mark.parametrize("version", ["004010X098A1", "005010X224A2", "005010X221A1", "006020X323", ""])
def test_what_is_not_supported_comes_as_events(version: str) -> None:
    text = SMALL.replace("005010X222A1", version)
    events = Events(io.BytesIO(text.encode()))
    found = list(items(events))
    assert all(isinstance(item, Event) for item in found)
    assert joined(text.encode()) == text.encode()
    assert [error.code for error in events.errors] == [errors.UNSUPPORTED]


@pytest.mark.parametrize(
    ("version", "claim_type"),
    [(f"005010X222{a}", "837P") for a in ("", "A1", "A2")]
    + [(f"005010X223{a}", "837I") for a in ("", "A1", "A2", "A3")],
)
def test_versions_that_are_read(version: str, claim_type: str) -> None:
    text = SMALL if claim_type == "837P" else SMALL.replace("SV1*HC", "SV2*0636*HC")
    claims, found = read(text.replace("005010X222A1", version))
    assert not found
    assert {claim.type for claim in claims} == {claim_type}


def test_unsupported_and_supported_transactions_in_one_file() -> None:
    other = SMALL.replace("000000001", "000000002").replace("005010X222A1", "005010X224A2").replace("A-", "D-")
    third = SMALL.replace("000000001", "000000003").replace("A-", "C-")
    claims, found = read(SMALL + other + third)
    assert [claim.claim_id for claim in claims] == ["A-1", "A-2", "C-1", "C-2"]
    assert [error.code for error in found] == [errors.UNSUPPORTED]


def test_bytes_above_127_and_other_delimiters_reach_the_fields() -> None:
    text = SMALL.replace("A-1", "\xc4-1").translate(str.maketrans("*:~", "\xa6\x1f\x1c"))
    claims, found = read(text)
    assert not found
    assert [claim.claim_id for claim in claims] == ["\xc4-1", "A-2"]
    assert claims[0].lines[0].procedure == "J0490"
    assert joined(text.encode("latin-1")) == text.encode("latin-1")


def test_claims_after_a_level_that_was_passed_over_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would be given the patient before it."""
    monkeypatch.setattr(pieces, "MAX_SEGMENT", 110)
    text = SMALL.replace("DMG*D8*20140203*F", "DMG*D8*20140203*F*" + "X" * 200)
    assert len(text) > len(SMALL)
    claims, found = read(text)
    assert not claims
    assert [error.code for error in found] == [errors.SEGMENT_SIZE]
    assert joined(text.encode()) == text.encode()


def test_a_claim_too_long_is_passed_over_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_PIECE", 180)
    long = SMALL.replace("HI*ABK:M3219~", "HI*ABK:M3219~K3*" + "X" * 100 + "~").replace("SE*21", "SE*22")
    claims, found = read(long)
    assert [claim.claim_id for claim in claims] == ["A-2"]
    assert [error.code for error in found] == [errors.PIECE_SIZE]
    assert claims[0].ordinal == 19


def test_the_errors_are_there_once_the_claims_are_read() -> None:
    claims = read_claims(io.BytesIO(SMALL.replace("SE*21", "SE*20").encode()))
    assert not claims.errors
    assert next(claims).claim_id == "A-1"
    assert [claim.claim_id for claim in claims] == ["A-2"]
    assert [error.code for error in claims.errors] == [errors.WRONG_COUNT]
    with pytest.raises(StopIteration):
        next(claims)


@pytest.mark.parametrize("left_out", ["inside its last segment", "before a whole line", "nothing but the trailers"])
def test_a_claim_that_the_end_of_the_file_cuts_off_is_passed_over(left_out: str) -> None:
    """Half a claim would get findings for what was lost with the other half."""
    whole = build([infusion_claim("837P", "WHOLE"), infusion_claim("837P", "CUT")], eol="").encode()
    end = {
        "inside its last segment": whole.rindex(b"DTP*472") + 5,
        "before a whole line": whole.rindex(b"LX*2"),
        "nothing but the trailers": whole.rindex(b"SE*"),
    }[left_out]
    events = Events(io.BytesIO(whole[:end]))
    found = list(items(events))
    assert [item.claim_id for item in found if isinstance(item, Claim)] == ["WHOLE"]
    assert b"".join(item.piece.raw for item in found) == whole[:end]
    (error,) = events.errors
    assert (error.code, error.offset) == (errors.TRUNCATED, end)
    assert "its last claim was passed over" in error.message


def claims_in(batch: list[Item]) -> int:
    return sum(isinstance(item, Claim) for item in batch)


def batched(text: str) -> list[list[Item]]:
    return list(batches(items(Events(io.BytesIO(text.encode())))))


@given(any_file())
def test_batches_are_the_items_in_order(data: bytes) -> None:
    found = [item.piece for batch in batches(items(Events(io.BytesIO(data)))) for item in batch]
    assert found == [item.piece for item in read_items(data)]


def test_a_batch_is_some_claims_and_fewer_where_they_are_long() -> None:
    visits = [visit_claim(claim_id=str(number)) for number in range(140)]
    assert [claims_in(batch) for batch in batched(build(visits))] == [128, 12]
    long = [visit_claim(claim_id=str(number), extra=("K3*" + "X" * 40_000,)) for number in range(5)]
    assert [claims_in(batch) for batch in batched(build(long))] == [2, 2, 1]


def test_levels_without_claims_do_not_pile_up() -> None:
    body = "HL*1**20*1~" + "".join(f"HL*{number}*1*22*0~" for number in range(2, 20_000))
    assert max(sum(len(item.piece.raw) for item in batch) for batch in batched(enveloped(body))) < 70_000


def test_what_was_read_before_a_stream_fails_comes_first() -> None:
    def failing() -> Iterator[Item]:
        yield from read_items(SMALL)
        raise OSError("gone")

    found: list[Item] = []
    with pytest.raises(OSError, match="gone"):
        for batch in batches(failing()):
            found += batch
    assert b"".join(item.piece.raw for item in found) == SMALL.encode()
