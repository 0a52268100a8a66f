"""A set of numbers of claims in a file, small enough to be kept for each file that was released."""

from __future__ import annotations

import zlib
from collections.abc import Iterable


class ClaimNumbers:
    """Numbers of claims in a file, a bit for each up to the greatest."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._bits = bytearray()
        for number in numbers:
            self.add(number)

    @classmethod
    def of(cls, packed: bytes) -> ClaimNumbers:
        """The numbers that `packed` gave. Raises `ValueError` where it is something else."""
        found = cls()
        try:
            found._bits = bytearray(zlib.decompress(packed))
        except zlib.error as error:
            raise ValueError("no numbers of claims") from error
        return found

    def add(self, number: int) -> None:
        """Add a number."""
        byte, bit = divmod(number, 8)
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits)))
        self._bits[byte] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        byte, bit = divmod(number, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)

    def packed(self) -> bytes:
        """The numbers as bytes: a few where most claims went out, at most an eighth of a byte for each claim."""
        return zlib.compress(bytes(self._bits))
