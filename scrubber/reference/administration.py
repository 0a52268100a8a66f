"""Codes for giving a drug, and the role of each in a visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

_CODE_LENGTH = 5


@attrs.frozen
class Administration:
    """How a code gives a drug.

    `role` is initial, sequential, concurrent, additional_hour, additional_push or other; `method` infusion, push,
    injection or visit; `work` hydration, therapeutic or complex. One initial code is paid for each `access`. An add-on
    needs one of its `primaries` on the claim. More than `most_units` on a line are doubtful; on an 837I more than
    `most_units_in_hospital`, if the row has it. A row is for one code, or for all codes that begin with `begins`.
    """

    role: str
    method: str
    work: str
    access: str
    source: str
    code: str = ""
    begins: str = ""
    primaries: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    most_units: int | None = None
    most_units_in_hospital: int | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The codes that the row stands for: a HCPCS code has five characters."""
        missing = _CODE_LENGTH - len(self.begins)
        return frozenset([self.code] if self.code else (f"{self.begins}{n:0{missing}}" for n in range(10**missing)))

    @property
    def is_initial_infusion(self) -> bool:
        """Whether it is the first hour of a drug into a vein."""
        return self.role == "initial" and self.method == "infusion" and self.access == "vein" and self.gives_drug

    @property
    def is_further_hour(self) -> bool:
        """Whether it is another hour of a drug into a vein."""
        return self.role == "additional_hour" and self.access == "vein" and self.gives_drug

    @property
    def takes_place_of_infusion(self) -> bool:
        """Whether it gives a drug by itself, so that it can be billed instead of an infusion."""
        return self.role in ("initial", "other") and self.gives_drug

    @property
    def ways(self) -> frozenset[str]:
        """How it gives a drug: its method and its access."""
        return frozenset((self.method, self.access))

    @property
    def gives_drug(self) -> bool:
        """Whether it gives a drug, not fluid alone."""
        return self.work != "hydration"


@attrs.frozen(eq=False)
class Administrations:
    """All codes for giving a drug."""

    by_code: Mapping[str, Administration]
    by_beginning: tuple[Administration, ...]

    def get(self, procedure: str) -> Administration | None:
        """How a procedure code gives a drug, `None` if it gives none."""
        found = self.by_code.get(procedure)
        if found is None and procedure[:1] == "S":
            return next((row for row in self.by_beginning if procedure.startswith(row.begins)), None)
        return found

    def __contains__(self, procedure: object) -> bool:
        if procedure in self.by_code:
            return True
        return isinstance(procedure, str) and procedure[:1] == "S" and self.get(procedure) is not None

    @property
    def codes(self) -> frozenset[str]:
        """The codes that have a row of their own."""
        return frozenset(self.by_code)

    @property
    def rows(self) -> Sequence[Administration]:
        """All rows of the table."""
        return (*self.by_code.values(), *self.by_beginning)


def administrations_of(rows: Sequence[Administration]) -> Administrations:
    """A table of these rows."""
    by_code = {row.code: row for row in rows if row.code}
    return Administrations(by_code, tuple(row for row in rows if row.begins))
