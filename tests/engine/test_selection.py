"""Which edits of a catalogue run, and the notes on those that do not."""

from __future__ import annotations

import attrs
import pytest

from scrubber.edit import family
from scrubber.engine.catalogue import Catalogue, CatalogueError
from scrubber.engine.engine import Engine
from scrubber.engine.profile import Profile
from scrubber.reference import shipped
from scrubber.reference.editions import external_table
from scrubber.testing import build, infusion_claim
from tests.engine.checks import codes
from tests.scrubbing import every_claim, made, of_edits, scrub_text


def test_an_edit_that_cannot_say_what_it_concerns_is_refused() -> None:
    for concerns in (family("no_such_family"), lambda facts: 7):
        catalogue = Catalogue({"TEST01": made(every_claim, concerns=concerns)})
        with pytest.raises(CatalogueError, match="edit TEST01: the codes it concerns cannot be found"):
            Engine(catalogue, Profile())


def test_an_edit_whose_table_is_not_loaded_is_named_once_for_the_file() -> None:
    edits = {
        "TEST01": made(every_claim, "TEST01", table="hcpcs"),
        "TEST02": made(every_claim, "TEST02", table="hcpcs", partly=True),
    }
    without = Engine(Catalogue(edits), Profile())
    assert {item.code: item.reason for item in without.unavailable} == {
        "TEST01": "table hcpcs is not loaded",
        "TEST02": "in part: table hcpcs is not loaded",
    }
    assert codes(scrub_text(build([infusion_claim()]), without)[0][0]) == ["TEST02"]
    loaded = attrs.evolve(shipped(), tables={"hcpcs": external_table("hcpcs", "test", [])})
    with_it = Engine(Catalogue(edits), Profile(), loaded)
    assert with_it.unavailable == []
    assert codes(scrub_text(build([infusion_claim()]), with_it)[0][0]) == ["TEST01", "TEST02"]


def test_an_edit_names_all_tables_that_it_lacks() -> None:
    remembering = attrs.evolve(made(every_claim, "TEST01", table=("mue", "ncci", "hcpcs")), needs_history=True)
    tables = made(every_claim, "TEST02", table=("mue", "ncci"))
    partly = attrs.evolve(made(every_claim, "TEST03", table="mue", partly=True), needs_history=True)
    engine = Engine(of_edits(remembering, tables, partly), Profile())
    assert {item.code: item.reason for item in engine.unavailable} == {
        "TEST01": "no history of released claims is given; tables mue, ncci and hcpcs are not loaded",
        "TEST02": "tables mue and ncci are not loaded",
        "TEST03": "no history of released claims is given; table mue is not loaded",
    }
    assert codes(scrub_text(build([infusion_claim()]), engine)[0][0]) == []
