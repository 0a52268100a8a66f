"""Keyed hashes of a history."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from scrubber.history.key import Key


@given(st.binary(min_size=32, max_size=32), st.integers(0, (1 << 64) - 1))
def test_a_keyed_hash_is_the_beginning_of_hmac_sha256(secret: bytes, number: int) -> None:
    expected = hmac.digest(secret, number.to_bytes(8, "big"), "sha256")[:8]
    assert Key(secret).of(number).to_bytes(8, "big", signed=True) == expected
