"""The severities in force are those of the catalogue's table: by payer scope, R reject, W warn, I info, - not run."""

import pytest

from scrubber.edit import SCOPES, Dated
from tests.scrubbing import installed

BY_SCOPE = {
    "JWJZ01": "DDDD",
    "JWJZ02": "RRRR",
    "JWJZ03": "RWWW",
    "JWJZ04": "RRWW",
    "JWJZ05": "RRRR",
    "JWJZ06": "WWWW",
    "JWJZ07": "WWWW",
    "JWJZ08": "WWII",
    "JWJZ09": "WWWW",
    "JWJZ10": "RRWW",
    "JWJZ11": "II--",
    "JWJZ12": "WWWW",
    "JWJZ13": "WIII",
    "JWJZ14": "RWWW",
    "ADM01": "IWWW",
    "ADM02": "WWWW",
    "ADM03": "WWWW",
    "ADM04": "RWWW",
    "ADM05": "RWWW",
    "ADM06": "WWWW",
    "ADM07": "WWWW",
    "ADM08": "IIII",
    "ADM09": "IIII",
    "ADM10": "IWWW",
    "NDC01": "-WRW",
    "NDC02": "RRRR",
    "NDC03": "RRRR",
    "NDC04": "WWWW",
    "NDC05": "RRRR",
    "NDC06": "RRRR",
    "NDC07": "WWRW",
    "NDC08": "WWWW",
    "NDC09": "WWWW",
    "NDC10": "WWWW",
    "NDC11": "WWWW",
    "DX01": "RRRR",
    "DX02": "RRRR",
    "DX03": "WWWW",
    "DX04": "IIII",
    "DX05": "WWWW",
    "DX06": "IIII",
    "DX07": "WWWW",
    "DX08": "WWWW",
    "DX09": "RRRR",
    "DX10": "RRRR",
    "DX11": "WWWW",
    "DX12": "WWWW",
    "AGE01": "WWWW",
    "AGE02": "WWWW",
    "AGE03": "WWWW",
    "AGE04": "IIII",
    "AGE05": "RRRR",
    "DOSE01": "WWWW",
    "DRUG01": "IIII",
    "MIX01": "WWWW",
    "MIX02": "WWWW",
    "MIX03": "WWWW",
    "MIX04": "IIII",
    "NOC01": "RWRW",
    "NOC02": "WWWW",
    "NOC03": "RWRW",
    "NOC04": "WIII",
    "NOC05": "RRRR",
    "NOC06": "WWWW",
    "NOC08": "WWWW",
    "NOC09": "WWWW",
    "NOC10": "IIII",
    "POS01": "WWWW",
    "POS02": "WWWW",
    "POS04": "WWWW",
    "POS05": "RRRR",
    "POS06": "IIII",
    "REV01": "WWWW",
    "REV02": "IIII",
    "REV03": "RRRR",
    "PA01": "-WWW",
    "MOD01": "RWWW",
    "MOD02": "RWWW",
    "MOD03": "WWWW",
    "MOD04": "I---",
    "MOD05": "RWWW",
    "INT01": "WWWW",
    "INT02": "WWWW",
    "MUE01": "RWWW",
    "NCCI01": "RWWW",
    "DUP01": "WWWW",
    "DUP02": "WWWW",
    "NPI01": "RRRR",
    "DATE01": "RRRR",
    "AMT01": "RRRR",
    "AMT02": "WWWW",
    "FREQ01": "RRRR",
    "FIL01": "WWWW",
    "PAY01": "WWWW",
    "PAY02": "WWWW",
    "ENT01": "IIII",
    "AMT03": "RRRR",
    "AMT04": "WIII",
    "AMT05": "R---",
    "AMT06": "WWWW",
    "CODE03": "WIII",
    "CODE04": "W---",
    "MOD06": "WWWW",
    "MOD07": "WWWW",
    "MOD08": "RW--",
    "MOD09": "W---",
    "JWJZ15": "W---",
    "DOSE02": "WWWW",
    "UNIT04": "WWWW",
    "PAY03": "W---",
    "PAY04": "R---",
    "NDC12": "--W-",
    "POS07": "WWWW",
    "REV04": "W---",
    "LAB01": "W---",
    "CHAR01": "RRRR",
    "CODE01": "RRRR",
    "CODE02": "RRRR",
    "DUP03": "WWWW",
    "DUP04": "WWWW",
    "MUE02": "WWWW",
    "DX14": "IIII",
    "DX13": "WWWW",
    "INST01": "WWWW",
    "INST02": "WWWW",
    "INST03": "WWWW",
    "INST04": "W---",
    "INST05": "IIII",
    "NPI02": "RRRR",
    "NPI03": "WWWW",
    "TAX01": "RRRR",
    "UNIT01": "RRRR",
    "UNIT02": "WWWW",
    "UNIT03": "WWWW",
    "ZIP01": "WWWW",
}
"""Letters in the order of `SCOPES`, D for a severity by date. Milder cases of an edit have tests of their own."""


@pytest.mark.parametrize("code", BY_SCOPE)
def test_each_edit_has_the_severities_of_the_catalogue(code: str) -> None:
    severities = [installed()[code].severities.of(scope) for scope in SCOPES]
    letters = ["D" if isinstance(item, Dated) else item[0].upper() if item else "-" for item in severities]
    assert "".join(letters) == BY_SCOPE[code]


def test_no_edit_is_there_that_the_table_does_not_have() -> None:
    assert set(installed().edits) - set(BY_SCOPE) == {"READ01", "READ02"}


def test_on_an_837i_a_missing_ndc_is_for_information_but_rejected_under_medicaid() -> None:
    institutional = installed()["NDC01"].institutional
    assert institutional is not None
    assert [institutional.of(scope) for scope in SCOPES] == [None, "info", "reject", "info"]


@pytest.mark.parametrize(
    ("code", "beside"),
    [
        ("JWJZ01", "ffs"),
        ("JWJZ03", "ffs"),
        ("JWJZ04", "ffs"),
        ("JWJZ08", "ffs"),
        ("JWJZ10", "ffs"),
        ("JWJZ13", "ffs"),
        ("JWJZ14", "ffs"),
    ],
)
def test_medicare_as_secondary_payer_brings_its_severities_on_waste(code: str, beside: str) -> None:
    edit = installed()[code]
    assert edit.beside == {beside: edit.severities.of("ffs")}
