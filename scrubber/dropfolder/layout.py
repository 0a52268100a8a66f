"""The folders of a drop folder: where the files of each state are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from scrubber.dropfolder import effects
from scrubber.dropfolder.drop import INPUT_SIDE, OUTPUT_SIDE, OWN, Drop, Folder
from scrubber.dropfolder.errors import WatchError
from scrubber.outputs.access import default_acl
from scrubber.running.sharing import NOT_SHARED, Sharing

_NAMES: Mapping[Folder, str] = {folder: folder for folder in INPUT_SIDE + OUTPUT_SIDE} | {"staging": ".staging"}


@attrs.frozen
class Layout:
    """The folders by purpose, and who may read what is in them; `root` is the drop folder itself."""

    root: Path
    folders: Mapping[Folder, Path]
    sharing: Sharing = NOT_SHARED

    @classmethod
    def of(
        cls,
        root: Path,
        out: Path | None = None,
        named: Mapping[Folder, str] | None = None,
        sharing: Sharing = NOT_SHARED,
    ) -> Layout:
        """The layout below `root`, with outputs below `out`; `named` gives other names or paths to some folders."""
        root = root.absolute()
        out = out.absolute() if out else root
        names = {**_NAMES, **(named or {})}
        return cls(
            root, {folder: (out if folder in OUTPUT_SIDE else root) / names[folder] for folder in names}, sharing
        )

    def record(self) -> dict[str, str]:
        """The folders as the ledger stores them: relative to `root`, or absolute."""
        return {
            folder: str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)
            for folder, path in self.folders.items()
        }

    @classmethod
    def recorded(cls, root: Path, record: Mapping[str, str] | None, sharing: Mapping[str, Any] | None = None) -> Layout:
        """The layout that a ledger stores. A new ledger stores none yet: then the folders have their usual names."""
        if record is None:
            return cls.of(root)
        root = root.absolute()
        beside = {"held": str(Path(record["staging"]).parent / "held"), **record}  # older ledgers have no held/
        return cls(
            root, {folder: root / beside[folder] for folder in INPUT_SIDE + OUTPUT_SIDE}, Sharing.of_record(sharing)
        )

    def __getitem__(self, folder: Folder) -> Path:
        return self.folders[folder]

    def original(self, drop: Drop) -> Path:
        """The path of a drop's original."""
        folder, name = drop.location
        return self[folder] / name

    def staged(self, drop: Drop) -> Path:
        """The folder for the outputs of this attempt. Each attempt has its own, so a late worker can do no harm."""
        return self["staging"] / f"{drop.token}-{drop.attempt}"

    def prepare(self) -> None:
        """Make the missing folders. Raises `WatchError` where files cannot be moved between them."""
        try:
            for folder, path in self.folders.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                effects.make_folder(path, inherits=folder not in OWN and default_acl(path.parent) is not None)
                if folder not in OWN and self.sharing.of(folder).asked:
                    effects.share_folder(path, self.sharing.of(folder))
        except OSError as error:
            raise WatchError(f"{error.filename}: {error.strerror}") from error
        if len(set(map(os.path.realpath, self.folders.values()))) < len(self.folders):
            raise WatchError("two of the folders are the same one")
        for path in self.folders.values():
            if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
                raise WatchError(f"{path}: no permission to read and write")
        for side in (INPUT_SIDE, OUTPUT_SIDE):
            self._on_one_file_system(side)

    def _on_one_file_system(self, side: Iterable[Folder]) -> None:
        devices = {folder: self[folder].stat().st_dev for folder in side}
        if len(set(devices.values())) > 1:
            names = ", ".join(str(self[folder]) for folder in devices)
            raise WatchError(f"{names} must be on one file system, since files are renamed between them")
