"""The settings of a service."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from scrubber.engine import profile as profiles
from scrubber.running.options import RunOptions
from scrubber.service.errors import ServiceError

PORT = 8837
MOST_MB = 64
MOST_WAITING = 64

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _cores() -> int:
    return os.cpu_count() or 1


@attrs.frozen
class Settings:
    """The settings. `host` is an address to listen at, `workers` the number of scrubbing processes.

    `queue` requests may wait for a worker. A body has at most `max_mb` megabytes (of 1,000,000 bytes). `state` is a
    private folder for uploads in work and kept answers. `tokens` is a file of bearer tokens, `profiles` a folder of
    profiles that requests may name, `drop` the drop folder whose drops the pages show.
    """

    options: RunOptions = attrs.Factory(RunOptions)
    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = attrs.Factory(_cores)
    queue: int = MOST_WAITING
    max_mb: int = MOST_MB
    state: Path | None = None
    tokens: Path | None = None
    profiles: Path | None = None
    drop: Path | None = None

    @property
    def max_bytes(self) -> int:
        """The largest body."""
        return self.max_mb * 1_000_000

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def folder(self) -> Path:
        """The state folder, or the one in the user's own data."""
        if self.state:
            return self.state
        from platformdirs import user_state_path

        return user_state_path("scrubber", appauthor=False) / "serve"

    def named_profiles(self) -> Mapping[str, str]:
        """The profiles that a request may name: those of the folder, then the shipped ones. Raises `ServiceError`."""
        named = {name: name for name in profiles.shipped_names()}
        if self.profiles:
            if not self.profiles.is_dir():
                raise ServiceError(f"{self.profiles} is not a folder of profiles")
            for path in sorted(self.profiles.glob("*.toml")):
                if not _NAME.fullmatch(path.stem):
                    raise ServiceError(f"{path}: the name of a profile has letters, digits, points, dashes")
                named[path.stem] = str(path)
        return named
