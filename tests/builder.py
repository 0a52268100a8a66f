"""The public kit, under the name that tests had for it."""

from scrubber.testing import *  # noqa: F403
