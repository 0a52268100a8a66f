"""Numbers, money, dates and codes as the page shows them."""

from __future__ import annotations

from functools import lru_cache
from math import floor

from scrubber.outputs.markup import attribute, escaped, harmless, on_a_line

_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MOST_DIGITS = 30
_MINUS = "\N{MINUS SIGN}"


def shown(text: str | None) -> str:
    """A value as text of the page; nothing for `None`."""
    if text and (text.isalnum() or harmless(text)):  # most values are codes, numbers and plain words
        return text
    return escaped(on_a_line(text)) if text else ""


def quoted(text: str | None) -> str:
    """A value as an attribute of the page, between double quotes; empty for `None`."""
    return attribute(on_a_line(text)) if text else ""


@lru_cache(maxsize=1_024)
def repeated(text: str) -> str:
    """As `shown`, for words of edits. They occur on many claims, so their texts are kept."""
    return shown(text)


def grouped(digits: object) -> str:
    """Digits with a comma after each thousand. It works on text, so that no digit is lost."""
    text = str(digits)
    if not 3 < len(text) < _MOST_DIGITS:
        return text
    head = len(text) % 3 or 3
    return ",".join([text[:head], *(text[at : at + 3] for at in range(head, len(text), 3))])


@lru_cache(maxsize=1_024)
def money(amount: str | None) -> str:
    """An amount in US dollars with its cents, nothing for `None`. Text that is not a number stays as it is."""
    if amount is None:
        return ""
    unsigned = amount.replace("-", "")
    whole, _, cents = unsigned.partition(".")
    if not whole or not unsigned.replace(".", "").isdecimal() or not unsigned.isascii():
        return shown(amount)
    return f"{_MINUS if amount.startswith('-') else ''}${grouped(whole)}.{cents.ljust(2, '0')}"


@lru_cache(maxsize=1_024)
def date(day: str) -> str:
    """A date in ISO format written out: `Oct 5, 2026`. A hidden date has only its year."""
    year, *rest = day.split("-")
    if len(rest) != 2:
        return shown(day)
    month = _MONTHS[3 * int(rest[0]) - 3 : 3 * int(rest[0])]
    return f"{month} {int(rest[1])}, {year}"


def percent(part: float, whole: float, decimals: int) -> str:
    """The part as percent of the whole, such as `12.5%`, without zeros at the end."""
    scale: int = 10**decimals
    value = floor(100 * part / whole * scale + 0.5) / scale
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".") + "%"


@lru_cache(maxsize=1_024)
def code_link(code: str) -> str:
    """A code, linked to its meaning."""
    return f'<a class="code" href="#rule-{quoted(code)}">{shown(code)}</a>'
