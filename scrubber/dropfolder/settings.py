"""Settings of a watcher. Each is an option of `scrubber watch`, and a key of `[watch]` in the profile file.

[watch]
settle = 10                     # a setting: the name of its option, with _ for -
leave = ["*.csv"]
[watch.folders]                 # another name below DIR (outputs: below --out), or a path
clean = "outgoing"
[notify]                        # a table of its own: a command that is run after each drop
command = ["/usr/local/bin/tell-billing"]
timeout = 30                    # seconds after which it is killed
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

from scrubber.dropfolder.drop import INPUT_SIDE, OUTPUT_SIDE, OWN, Folder
from scrubber.dropfolder.errors import WatchError

T = TypeVar("T")

SHARED_FOLDERS = tuple(folder for folder in INPUT_SIDE + OUTPUT_SIDE if folder not in OWN)
"""The folders that others than the watcher may read."""
TABLE = "watch"
_NOTIFY = "notify"
FOLDERS = "folders"


def _setting(
    default: T, meaning: str, unit: str | None = None, least: float | None = None, most: float | None = None
) -> T:
    """A setting with its meaning and unit for `--help`, and its least and greatest value."""
    bounds = {"least": least, "most": most}
    field: T = attrs.field(default=default, metadata={"meaning": meaning, "unit": unit, **bounds})
    return field


@attrs.frozen
class Notify:
    """The command that is run after each drop, with its arguments, and the most seconds that it may take."""

    command: tuple[str, ...] = ()
    timeout: float = 30.0


@attrs.frozen
class Settings:
    """The settings of a watcher. All times are in seconds."""

    settle: float = _setting(5.0, "Take a file when its size and time have not changed for this long.", "SECONDS", 0)
    close_limit: float = _setting(900.0, "Quarantine a file without IEA this long after its last change.", "SECONDS", 0)
    leave: tuple[str, ...] = _setting(
        (), "Ignore files with such names, besides *.tmp, *.part and dot files; may be repeated.", "GLOB"
    )
    done_marker: str = _setting("", "Take a file NAME only when there is also a file NAME.SUFFIX.", ".SUFFIX")
    scan_every: float = _setting(5.0, "Scan the folder at least this often.", "SECONDS", 0.05)
    events: bool = _setting(True, "Scan at once when the file system reports a change.")
    remember: bool = _setting(True, "Remember released claims in a history, and reject claims that come again.")
    workers: int = _setting(1, "Scrub up to N files at the same time, each in its own process.", "N", 1)
    jobs: int = _setting(
        0, "Scrub a file of 5,000 claims or more with N processes; 0: one for each core, at most 8.", "N", 0
    )
    in_flight_mb: int = _setting(
        4096, "Scrub at most this much at the same time. A larger file is scrubbed alone.", "MB", 1
    )
    huge_mb: int = _setting(32, "Keep one worker free of files that are this large or larger.", "MB", 0)
    tries: int = _setting(3, "Quarantine a file after N failed tries.", "N", 1)
    back_off: float = _setting(2.0, "Pause before the second try; each later pause is twice as long.", "SECONDS", 0)
    lease: float = _setting(
        30.0, "Take over the files of a watcher that has had no heartbeat for this long.", "SECONDS", 0.2
    )
    stuck_after: float = _setting(
        600.0, "Kill a worker that makes no progress for this long. The try has failed.", "SECONDS", 0.1
    )
    longest_per_mb: float = _setting(
        300.0, "Kill a worker that takes longer than this for each MB of its file. The try has failed.", "SECONDS", 0.1
    )
    grace: float = _setting(
        20.0, "After SIGTERM, wait at most this long for files that are being scrubbed.", "SECONDS", 0
    )
    retain_days: float = _setting(0.0, "Delete archived originals after this long; 0 keeps them.", "DAYS", 0)
    metrics_port: int = _setting(0, "Serve Prometheus metrics on this port; 0 serves none.", "PORT", 0, 65535)
    metrics_address: str = _setting("127.0.0.1", "Serve metrics on this address.", "ADDRESS")
    folders: Mapping[Folder, str] = attrs.field(factory=dict)
    notify: Notify = Notify()

    @property
    def in_flight(self) -> int:
        """Most bytes in work at the same time."""
        return self.in_flight_mb * 1_000_000

    def longest(self, size: int) -> float:
        """The most seconds that a worker may take for a file of `size` bytes, even if it makes progress."""
        return self.stuck_after + self.longest_per_mb * size / 1_000_000

    @property
    def huge(self) -> int:
        """Size in bytes from which a file is huge."""
        return self.huge_mb * 1_000_000

    @property
    def heartbeat_every(self) -> float:
        """Seconds between heartbeats. Three may be missed before the lease is over."""
        return self.lease / 4

    def record(self) -> dict[str, Any]:
        """The settings as JSON values, without the folders."""
        options = {field.name: getattr(self, field.name) for field in OPTIONS}
        return {**options, _NOTIFY: attrs.asdict(self.notify)}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Settings:
        """The settings in a `record` of this version or another one."""
        known = {field.name: _value(field, record[field.name]) for field in OPTIONS if field.name in record}
        return cls(**known, notify=_notify(record))


OPTIONS: tuple[attrs.Attribute[Any], ...] = tuple(
    field for field in attrs.fields(Settings) if "meaning" in field.metadata
)
"""The settings that are also options."""


def load(profile: str | None, options: Mapping[str, Any]) -> Settings:
    """The settings of a profile file; options override them. Raises `WatchError` for a wrong value."""
    from scrubber.engine import toml_file  # imported late: it loads more than the options need

    path = Path(profile) if profile and Path(profile).is_file() else None
    try:
        whole = toml_file.read(path)[0] if path else {}
        table = _table(whole)
        chosen = {field.name: _value(field, table[field.name]) for field in OPTIONS if field.name in table}
        notify = _notify(whole)
        if _NOTIFY in whole and not notify.command:
            raise toml_file.TomlError(f"command in [{_NOTIFY}] must name a program")
        return Settings(folders=_folders(table), notify=notify, **_sensible({**chosen, **options}))
    except OSError as error:
        raise WatchError(f"{path}: {error.strerror}") from error
    except toml_file.TomlError as error:
        raise WatchError(f"{path}: {error}" if path else str(error)) from error


def _table(whole: Mapping[str, Any]) -> dict[str, Any]:
    from scrubber.engine import toml_file

    table: object = whole.get(TABLE, {})
    if not isinstance(table, dict):
        raise toml_file.TomlError(f"{TABLE} must be a table")
    toml_file.must_be_known(table, [field.name for field in OPTIONS] + [FOLDERS], f"key in [{TABLE}]")
    return table


def _notify(whole: Mapping[str, Any]) -> Notify:
    """The table `notify` of a profile or of a record."""
    from scrubber.engine import toml_file

    table: object = whole.get(_NOTIFY, {})
    if not isinstance(table, dict):
        raise toml_file.TomlError(f"{_NOTIFY} must be a table")
    toml_file.must_be_known(table, ("command", "timeout"), f"key in [{_NOTIFY}]")
    command, timeout = table.get("command", ()), table.get("timeout", Notify().timeout)
    if not isinstance(command, list | tuple) or not all(isinstance(part, str) and part for part in command):
        raise toml_file.TomlError(f'command in [{_NOTIFY}] must be a list of strings, such as ["/usr/local/bin/tell"]')
    if type(timeout) not in (int, float) or not timeout > 0:
        raise toml_file.TomlError(f"timeout in [{_NOTIFY}] must be a number of seconds above 0")
    return Notify(tuple(command), float(timeout))


def _value(field: attrs.Attribute[Any], value: object) -> Any:
    """The value of a key, if its type is that of the setting. A whole number is a number too."""
    from scrubber.engine.toml_file import TomlError

    kind = type(field.default)
    if kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TomlError(f"{field.name} in [{TABLE}] must be {_KINDS[kind]}")
    return value


_KINDS = {float: "a number", int: "a whole number", bool: "true or false", str: "a string", tuple: "a list of strings"}


def _sensible(chosen: dict[str, Any]) -> dict[str, Any]:
    from scrubber.engine.toml_file import TomlError

    for field in OPTIONS:
        least, value = field.metadata["least"], chosen.get(field.name, field.default)
        if least is not None and not value >= least:
            raise TomlError(f"{field.name} must be at least {least}")
        most = field.metadata["most"]
        if most is not None and not value <= most:
            raise TomlError(f"{field.name} must be at most {most}")
    return chosen


def _folders(table: Mapping[str, Any]) -> dict[Folder, str]:
    from scrubber.engine import toml_file

    named = table.get(FOLDERS, {})
    if not isinstance(named, dict) or not all(isinstance(name, str) and name for name in named.values()):
        raise toml_file.TomlError(f"{FOLDERS} in [{TABLE}] must be a table of names")
    folders = INPUT_SIDE + OUTPUT_SIDE
    toml_file.must_be_known(named, folders, f"folder in [{TABLE}.{FOLDERS}]")
    return {folder: named[folder] for folder in folders if folder in named}
