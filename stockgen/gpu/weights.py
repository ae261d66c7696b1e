"""Which models' files are here: one small JSON file for each model that was pulled or added."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stockgen.data.catalog import Model
from stockgen.domain.errors import NotConfigured
from stockgen.files import make_folders, write_softly


@dataclass(frozen=True, slots=True)
class Pulled:
    """Files that are complete. `path`: the snapshot's folder, or the one file of an address; `revision`: the commit, or
    the file's sum; `bytes` on disk.
    """

    path: str
    revision: str
    bytes: int


class WeightsIndex:
    """Answers without importing anything heavy and without the network; a pull is written down once it is complete.

    `folder` None: nothing was ever pulled. `my`: what a relative `source` is relative to.
    """

    def __init__(self, folder: Path | None, my: Path | None) -> None:
        self._folder = folder
        self._my = my

    @property
    def folder(self) -> Path:
        """Where it is written down. Raises NotConfigured where nothing can be."""
        if self._folder is None:
            raise NotConfigured("no_models_folder")
        return self._folder

    @property
    def my(self) -> Path | None:
        """The folder of the user's own data."""
        return self._my

    def local(self, model: Model) -> Path | None:
        """Where a model's files lie that are neither of the hub nor of an address, there or not."""
        if model.weights is None or model.weights.fetched:
            return None
        return (self._my or Path()) / Path(model.weights.source).expanduser()

    def find(self, model: Model) -> Path:
        """The folder or file with a model's weights.

        Raises NotConfigured `weights_missing` (with the command that pulls them) or `weights_gone` (a local path that
        does not exist).
        """
        if model.weights is None:
            raise NotConfigured("weights_missing", model=model.name, command=f"stockgen models pull {model.name}")
        path = self.local(model)
        if path is not None:
            if not path.exists():
                raise NotConfigured("weights_gone", model=model.name, path=str(path))
            return path
        pulled = self.pulled(model.name)
        if pulled is None or not Path(pulled.path).exists():
            raise NotConfigured("weights_missing", model=model.name, command=f"stockgen models pull {model.name}")
        return Path(pulled.path)

    def pulled(self, name: str) -> Pulled | None:
        """What was written down about a model of the hub; None = nothing, or nothing that can be read."""
        if self._folder is None:
            return None
        try:
            return Pulled(**json.loads((self._folder / f"{name}.json").read_bytes()))
        except (OSError, ValueError, TypeError):  # never pulled, or half a file of a foreign hand: pull again
            return None

    def names(self) -> list[str]:
        """The models of the hub that were written down, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.json")) if self._folder else []

    def here(self, model: Model) -> int | None:
        """Bytes on the disk of a model's files; None = it has none here."""
        try:
            path = self.find(model)
        except NotConfigured:
            return None
        pulled = self.pulled(model.name) if model.weights and model.weights.fetched else None
        return pulled.bytes if pulled else size_of(path)

    def record(self, name: str, pulled: Pulled) -> None:
        """A pull is complete. Raises StorageFull, StorageLost."""
        make_folders(self.folder)
        write_softly(self.folder / f"{name}.json", json.dumps(asdict(pulled)).encode())

    def forget(self, name: str) -> None:
        """Its files are no longer to be used."""
        if self._folder is not None:
            (self._folder / f"{name}.json").unlink(missing_ok=True)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links that lead nowhere count nothing."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
