"""Who may read what a run writes: the table `outputs` of a profile, and the options `--mode` and `--group`.

[outputs]
mode = "0640"               # of files; a folder also gets x for each r
group = "billing"
[outputs.folders.clean]     # another for a folder of `watch`
mode = "0660"
group = "clearinghouse"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from scrubber.engine import toml_file
from scrubber.engine.toml_file import TomlError
from scrubber.outputs.access import PRIVATE, Access, AccessError

TABLE = "outputs"
_KEYS = ("mode", "group")
_FOLDERS = "folders"


class SharingError(Exception):
    """A mode or group that cannot be used. The message names where it was given."""


@attrs.frozen
class Sharing:
    """The access of outputs, and another one for some folders of `watch`."""

    usual: Access = PRIVATE
    folders: Mapping[str, Access] = attrs.field(factory=dict)

    def of(self, folder: str) -> Access:
        """The access of a folder and the files in it."""
        return self.folders.get(folder, self.usual)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {"usual": attrs.asdict(self.usual), "folders": {k: attrs.asdict(v) for k, v in self.folders.items()}}

    @classmethod
    def of_record(cls, record: Mapping[str, Any] | None) -> Sharing:
        """The sharing in a `record`; `None` is private."""
        if record is None:
            return cls()
        return cls(Access(**record["usual"]), {name: Access(**given) for name, given in record["folders"].items()})


NOT_SHARED = Sharing()
"""Only the owner reads what is written."""


def sharing(profile: object, mode: str | None, group: str | None, folders: tuple[str, ...] = ()) -> Sharing:
    """The sharing of a profile file; options win over what it says for all folders. Raises `SharingError`.

    `folders` are those that the profile may name.
    """
    path = Path(str(profile)) if profile is not None and Path(str(profile)).is_file() else None
    try:
        table = _table(path) if path else {}
        toml_file.must_be_known(table, (*_KEYS, _FOLDERS), f"key in [{TABLE}]")
        named = table.get(_FOLDERS, {})
        if folders:
            toml_file.must_be_known(named, folders, f"folder in [{TABLE}.{_FOLDERS}]")
        usual = _access(
            {**table, **{key: given for key, given in (("mode", mode), ("group", group)) if given is not None}}
        )
        return Sharing(usual, {name: _access(given) for name, given in named.items()})
    except OSError as error:
        raise SharingError(f"{path}: {error.strerror}") from error
    except (TomlError, AccessError) as error:
        raise SharingError(f"{path}: {error}" if path else str(error)) from error


def _table(path: Path) -> dict[str, Any]:
    table: object = toml_file.read(path)[0].get(TABLE, {})
    if not isinstance(table, dict) or not isinstance(table.get(_FOLDERS, {}), dict):
        raise TomlError(f"{TABLE} must be a table")
    return table


def _access(table: object) -> Access:
    if not isinstance(table, dict):
        raise TomlError(f"a folder in [{TABLE}.{_FOLDERS}] must be a table with mode and group")
    toml_file.must_be_known(table, (*_KEYS, _FOLDERS), f"key in [{TABLE}]")
    if not all(isinstance(table.get(key, ""), str) for key in _KEYS):
        raise TomlError(f'mode and group in [{TABLE}] must be strings, such as mode = "0640"')
    return Access.of(table.get("mode"), table.get("group"))
