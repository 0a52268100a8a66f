"""The faults of a file outside of its claims: of the hierarchy, and against the guide."""

from __future__ import annotations

from scrubber.conformance.codes import GUIDE_CODES
from scrubber.engine.profile import Profile
from scrubber.x12.bounded import Errors
from scrubber.x12.errors import LocatedError


class WithFaults:
    """The events of a file with its faults outside of claims, as far as the file has been read."""

    _faults: Faults

    @property
    def notices(self) -> list[LocatedError]:
        """The faults of its hierarchy, and those against the guide outside of claims."""
        return self._faults.notices

    def new_notices(self) -> list[LocatedError]:
        """The notices since the last call."""
        return self._faults.new_notices()

    @property
    def shadow(self) -> list[str]:
        """The codes of faults outside of claims from guide checks in shadow."""
        return self._faults.shadow


class Faults:
    """What two growing lists hold so far: the faults of the hierarchy (`misplaced`), and those against the guide.

    Guide checks that the profile switches off, or runs in shadow, do not count.
    """

    def __init__(self, misplaced: Errors, guide: Errors, profile: Profile) -> None:
        self.misplaced = misplaced
        self.guide = guide
        self._profile = profile
        self._handed_out = [0, 0]

    @property
    def of_guide(self) -> list[LocatedError]:
        """The faults of headers, levels and trailers against the guide that count."""
        return self.guide.counted(self._profile.counts)

    @property
    def notices(self) -> list[LocatedError]:
        """All that count."""
        return [*self.misplaced.counted(), *self.of_guide]

    def new_notices(self) -> list[LocatedError]:
        """Those that count, since the last call."""
        found: list[LocatedError] = []
        for number, errors in enumerate((self.misplaced, self.guide)):
            found += errors[self._handed_out[number] :]
            self._handed_out[number] = len(errors)
        return [error for error in found if error.code not in GUIDE_CODES or self._profile.counts(error.code)]

    @property
    def shadow(self) -> list[str]:
        """The codes of faults from guide checks in shadow."""
        profile = self._profile
        codes = [error.code for error in self.guide]
        return [code for code in codes if profile.runs(code) and profile.severity.get(code) == "shadow"]
