"""The table `defaults` of a profile: what options of the command line are where a call does not give them.

    [defaults]
    fail_on = "warn"                # --fail-on
    conformance = false             # --no-conformance
    jobs = 4                        # --jobs

Commands that judge files once take them, such as `check` and `scrub`. `watch`, `serve` and Python do not.
"""

from __future__ import annotations

from typing import Any

from scrubber.edit import SEVERITIES
from scrubber.engine import toml_file
from scrubber.engine.toml_file import TomlError

TABLE = "defaults"
FAIL_ON = (*SEVERITIES, "never")
"""The values of `--fail-on`."""

_KEYS = ("conformance", "fail_on", "jobs")


def defaults(profile: dict[str, Any]) -> dict[str, Any]:
    """The defaults of a profile, by the names of the commands' parameters. Raises `TomlError`."""
    table = profile.get(TABLE, {})
    if not isinstance(table, dict):
        raise TomlError(f"{TABLE} must be a table")
    toml_file.must_be_known(table, _KEYS, f"key in [{TABLE}]")
    if not isinstance(table.get("conformance", True), bool):
        raise TomlError("conformance must be true or false")
    if "fail_on" in table:
        toml_file.must_be_known([table["fail_on"]], FAIL_ON, "fail_on")
    jobs = table.get("jobs", 1)
    if not isinstance(jobs, int) or isinstance(jobs, bool) or jobs < 1:
        raise TomlError("jobs must be a number from 1")
    return table
