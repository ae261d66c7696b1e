"""Which LoRAs there are: those of the catalogue, and every file in `my/loras` that no entry names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from stockgen.data.catalog import Laid, Model, Weights
from stockgen.data.closed import Bilingual
from stockgen.domain.errors import NotConfigured, NotPulled
from stockgen.gpu.headers import header_of
from stockgen.gpu.loras import recognised, said
from stockgen.gpu.pulling import WEIGHTS
from stockgen.gpu.weights import WeightsIndex

FOLDER = "loras"  # in my/
UNKNOWN = "unknown"  # a licence that nobody has told


@dataclass(frozen=True, slots=True)
class Found:
    """One LoRA that can be laid over models of `model.provider`'s architecture. `path`: its file, or its folder."""

    model: Model
    path: Path

    @property
    def file(self) -> Path:
        """Its file. Raises NotConfigured `lora_unusable` where there is none, or more than one."""
        return _single(self.path, self.model)

    @property
    def stamp(self) -> tuple[int, int]:
        """Changes with the file. Raises NotConfigured `lora_unusable`."""
        return _stamp(self.file, self.model.name)


class LoraFiles:
    """Looks when it is asked, and reads a header only of what is asked for by name: neither a start nor a status waits
    for a folder of a thousand files.
    """

    def __init__(self, models: Mapping[str, Model], weights: WeightsIndex) -> None:
        self._entries = {name: one for name, one in models.items() if one.role == "lora"}
        self._weights = weights
        self._read: dict[tuple[Path, tuple[int, int]], Model] = {}

    def names(self) -> list[str]:
        """Every name that an order may give, sorted; one look into a folder."""
        return sorted({*self._entries, *self.loose()})

    def loose(self) -> dict[str, Path]:
        """The files in `my/loras` that no entry of the catalogue names, by their names without ending."""
        folder = self._weights.my / FOLDER if self._weights.my else None
        if folder is None or not folder.is_dir():
            return {}
        entered = {self._weights.local(one) for one in self._entries.values()}
        found = {normalize("NFC", path.stem): path for path in sorted(folder.iterdir()) if path.suffix == WEIGHTS}
        return {name: path for name, path in found.items() if name not in self._entries and path not in entered}

    def find(self, name: str) -> Found:
        """A LoRA and where it lies. Raises NotConfigured where there is none of that name, its files are not here, or
        it is no LoRA.
        """
        entry = self._entries.get(name)
        if entry is not None:
            return Found(entry, self._weights.find(entry))
        path = self.loose().get(name)
        if path is None:
            raise NotConfigured("no_lora", lora=name)
        stamp = _stamp(path, name)
        if (path, stamp) not in self._read:
            self._read[path, stamp] = entry_of(name, path)
        return Found(self._read[path, stamp], path)


def entry_of(name: str, path: Path) -> Model:
    """What a file would be in the catalogue: its licence is what it says, and until somebody has answered for it, its
    pictures are not for sale. Raises NotConfigured `lora_unusable`.
    """
    try:
        header = header_of(path)
    except (NotPulled, OSError) as error:
        raise NotConfigured("lora_unusable", lora=name, detail=path.name) from error
    told, known = said(header), recognised(header)
    own = nameless(name, path)
    return own.model_copy(update={
        "provider": known.made_for, "licence": told.licence or UNKNOWN, "lora": Laid(trigger=told.trigger),
    })  # fmt: skip


def nameless(name: str, path: Path) -> Model:
    """A file of which nothing is known but where it lies."""
    return Model(
        name=name, title=Bilingual(en=name, ko=name), provider=UNKNOWN, licence=UNKNOWN, sellable=False,
        look="diffusion", source=f"my/{FOLDER}/{path.name}", role="lora",
        weights=Weights(source=f"{FOLDER}/{path.name}", bytes=path.stat().st_size), lora=Laid(),
    )  # fmt: skip


def _single(path: Path, model: Model) -> Path:
    """The one `.safetensors` among what was fetched."""
    if path.is_file():
        return path
    named = model.weights.files if model.weights else ()
    found = sorted({file for pattern in (*named, f"*{WEIGHTS}") for file in path.glob(pattern) if file.is_file()})
    found = [file for file in found if file.suffix == WEIGHTS]
    if len(found) != 1:
        raise NotConfigured("lora_unusable", lora=model.name, detail=f"{len(found)} {WEIGHTS}")
    return found[0]


def _stamp(file: Path, name: str) -> tuple[int, int]:
    try:
        told = file.stat()
    except OSError as error:
        raise NotConfigured("lora_unusable", lora=name, detail=error.strerror or file.name) from error
    return told.st_mtime_ns, told.st_size
