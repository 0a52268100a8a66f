"""What Medicare allows for a claim's drugs, by its payment limits. All amounts are in US dollars.

For a line with a payment limit on its date of service:

- allowed = units x limit, rounded to the cent, half a cent up. The limit itself has three decimals and is not rounded.
  Discarded units (JW) are paid like given units. JZ changes nothing.
- coinsurance = allowed x the percentage of the limit's row (20 if the row has none), rounded in the same way.
- payment = allowed - coinsurance. With sequestration, Medicare lowers this part by the percentage of the day, rounded
  in the same way. The patient's deductible is not known, and not taken off.

A line of an unclassified code has a price if its NDC is in Medicare's crosswalk of such drugs and the drug in its table
of prices. The containers (NDC unit UN) then give the units, because the code itself is billed as one unit.

A line without a limit has no price: its code is not in the table, the table has no edition for its day, its units or
date are missing or not readable, or its bill type pays drugs as part of the stay or the visit. On an 837I a drug that
the loaded Addendum B packages has none either. Nothing is guessed for a line without a price; it is counted. The
amounts of a claim are the sums over its lines with a price.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

import attrs

from scrubber.claims.doses import DISCARDED, doses
from scrubber.claims.location import MalformedValue
from scrubber.claims.model import Claim, ServiceLine
from scrubber.reference.drugs import in_force
from scrubber.reference.editions import Row, Table
from scrubber.reference.external import NOC_CROSSWALK, NOC_PRICING, PAYMENT_LIMITS
from scrubber.reference.facts import Facts
from scrubber.reference.listings import is_packaged, plain
from scrubber.reference.tables import table
from scrubber.reference.waste import avoidable_waste
from scrubber.x12.remembering import remembered

_CENT = Decimal("0.01")
_USUAL_COINSURANCE = Decimal(20)
_BILLING_UNITS = "UN"
_KEPT = 4096


@attrs.frozen
class Sequestration:
    """The percentage by which Medicare lowers its part of a payment, in force from `since` to `until`."""

    percent: int
    since: date
    source: str
    confidence: float
    until: date | None = None


@lru_cache(maxsize=1)
def sequestrations() -> tuple[Sequestration, ...]:
    """The percentages by date of service."""
    return tuple(Sequestration(**row) for row in table("sequestration")["sequestration"])


class Limit(NamedTuple):
    """A payment limit for one billing unit, and the percentage of it that the patient pays."""

    amount: Decimal
    coinsurance: Decimal


@attrs.frozen
class PricedLine:
    """A line with a price. `start` is the line's first segment in its claim."""

    start: int
    service_line: int | None
    allowed: Decimal
    coinsurance: Decimal
    payment: Decimal
    discarded: bool


@attrs.frozen
class ClaimPrice:
    """What Medicare allows for a claim. `unpriced` counts its lines without a price.

    `allowed`, `coinsurance` and `payment` are `None` if no line has a price. `waste` is the allowed amount of the
    discarded units. `avoidable_waste` is the part of it above the least possible waste, as far as it is known.
    """

    lines: tuple[PricedLine, ...]
    unpriced: int
    avoidable_waste: Decimal = Decimal(0)

    @property
    def allowed(self) -> Decimal | None:
        """The allowed amount of all lines."""
        return _sum(line.allowed for line in self.lines)

    @property
    def coinsurance(self) -> Decimal | None:
        """The patient's part."""
        return _sum(line.coinsurance for line in self.lines)

    @property
    def payment(self) -> Decimal | None:
        """Medicare's part."""
        return _sum(line.payment for line in self.lines)

    @property
    def waste(self) -> Decimal:
        """The allowed amount of discarded units."""
        return _sum(line.allowed for line in self.lines if line.discarded) or Decimal(0)


class Pricing:
    """Prices claims by the payment limits of the facts. Raises `NotLoaded` without that table.

    With `sequestered` the payment is lowered by sequestration.
    """

    def __init__(self, facts: Facts, *, sequestered: bool = False) -> None:
        self._facts = facts
        self._sequestered = sequestered
        self._table = facts.table(PAYMENT_LIMITS)
        self._has = remembered(_KEPT)(self._may_have)
        self._without = remembered(_KEPT)(_without_price)
        self.limit = remembered(_KEPT)(self._limit)

    def price(self, claim: Claim) -> ClaimPrice:
        """What Medicare allows for a claim."""
        count = len(claim.lines)
        listed = [line for line in claim.lines if self._has(line.procedure)]
        if not listed or not self._facts.pays_drugs_by_line(claim):
            return self._without(count)
        outpatient = claim.type == "837I"
        lines = tuple(priced for line in listed if (priced := self._priced(line, outpatient=outpatient)))
        discarded = any(line.discarded for line in lines)
        return ClaimPrice(lines, count - len(lines), self._avoidable(claim) if discarded else Decimal(0))

    def _may_have(self, procedure: str) -> bool:
        """Whether a code may have a price on any day."""
        return self._table.has(procedure) or procedure in self._facts.family("unclassified")

    def _priced(self, line: ServiceLine, *, outpatient: bool) -> PricedLine | None:
        try:
            day = line.service_date
            if day is None or (outpatient and is_packaged(line.procedure, day, self._facts)):
                return None
            counted = self._unclassified(line, day) or self._counted(line, day)
            if counted is None:
                return None
            units, limit = counted
            allowed = _cents(units * limit.amount)
        except (MalformedValue, InvalidOperation):  # units of twenty digits have no amount
            return None
        coinsurance = _cents(allowed * limit.coinsurance / 100)
        payment = allowed - coinsurance
        if self._sequestered:
            payment -= _cents(payment * _percent(day) / 100)
        discarded = DISCARDED in line.modifiers
        return PricedLine(line.start, line.number, allowed, coinsurance, payment, discarded)

    def _counted(self, line: ServiceLine, day: date) -> tuple[Decimal, Limit] | None:
        """The billed units of a line, and the limit of its code. Raises `MalformedValue`."""
        units, limit = line.units, self.limit(line.procedure, day)
        if limit is None or units is None or line.unit_basis != _BILLING_UNITS:
            return None
        return None if line.covers_days and limit != self._limit_of_all_days(line) else (units, limit)

    def _unclassified(self, line: ServiceLine, day: date) -> tuple[Decimal, Limit] | None:
        """The units in the containers of an unclassified drug, and the price of that drug. Raises `MalformedValue`."""
        ndc, quantity = plain(line.ndc), line.ndc_quantity
        if line.procedure not in self._facts.family("unclassified") or not ndc or line.ndc_unit != "UN":
            return None
        package = _row(self._facts.tables.get(NOC_CROSSWALK), ndc, day)
        price = _row(self._facts.tables.get(NOC_PRICING), package.text("name"), day) if package else None
        units, amount = package and package.number("units"), price and price.number("limit")
        if not units or not amount or quantity is None or line.covers_days:
            return None
        return quantity * units, Limit(amount, _USUAL_COINSURANCE)

    def _limit_of_all_days(self, line: ServiceLine) -> Limit | None:
        """The limit of a line that covers several days, if it is the same on the first and the last of them."""
        dates = line.dates
        limits = {self.limit(line.procedure, day) for day in (dates.first, dates.last)} if dates else set()
        return limits.pop() if len(limits) == 1 else None

    def _limit(self, procedure: str, on: date) -> Limit | None:
        """The payment limit of a code on a day, `None` if there is none."""
        row = self._table.row(procedure, on) if self._table.covers(on) else None
        amount = row.number("limit") if row else None
        if row is None or amount is None:
            return None
        coinsurance = row.number("coinsurance")
        return Limit(amount, _USUAL_COINSURANCE if coinsurance is None else coinsurance)

    def _avoidable(self, claim: Claim) -> Decimal:
        """The allowed amount of the waste that smaller vials would have saved."""
        saved = Decimal(0)
        try:
            for dose in doses(claim, self._facts.drug_codes):
                units = avoidable_waste(dose, self._facts) if dose.discarded else None
                limit = self.limit(dose.procedure, dose.day) if dose.day else None
                if units and units > 0 and limit:
                    saved += _cents(units * limit.amount)
        except (MalformedValue, InvalidOperation):
            return saved
        return saved


def _row(of_table: Table | None, key: str, on: date) -> Row | None:
    return of_table.row(key, on) if of_table and of_table.covers(on) else None


def _without_price(lines: int) -> ClaimPrice:
    return ClaimPrice((), lines)


def _percent(day: date) -> int:
    return next((row.percent for row in sequestrations() if in_force(row.since, row.until, day)), 0)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _sum(amounts: Iterable[Decimal]) -> Decimal | None:
    found = list(amounts)
    return sum(found, Decimal(0)) if found else None
