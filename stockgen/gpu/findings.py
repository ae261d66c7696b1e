"""What a repository, a folder or a single file turns out to be: read from names, indices and headers alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from stockgen.domain.errors import NotPulled
from stockgen.gpu.headers import KLEIN as KLEIN_WIDTH
from stockgen.gpu.headers import WHOLE, Header, architecture, header_of
from stockgen.gpu.hub import Hub
from stockgen.gpu.lora_findings import LoraFinding, lora
from stockgen.gpu.pulling import INDEX, WEIGHTS, parts, pipeline_files, wanted
from stockgen.gpu.repository import Repository

XL = "StableDiffusionXLPipeline"
FLUX = "FluxPipeline"
KLEIN = "Flux2KleinPipeline"
Z_IMAGE = "ZImagePipeline"
# Providers that know a pipeline; any other is drawn by `diffusers`.
OWN = {XL: "sdxl", FLUX: "flux", KLEIN: "flux2_klein", Z_IMAGE: "z_image"}
# Whose parts a lone denoiser is completed with.
BASES = {"sdxl": "sdxl-base", "flux": "flux-schnell", "flux2_klein": "flux2-klein-4b", "z_image": "z-image-turbo"}
OF_FLUX2 = ("Flux2Pipeline", "Flux2KleinKVPipeline")  # of [dev] and [klein] 9B, which may not be used commercially
ENCODERS = ("text_encoder", "image_encoder")
DECODERS = ("vae", "vqvae", "vqgan", "movq")
LICENCE = "modelspec.license"

Role = Literal["encoders", "denoiser", "decoder"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the parts once they are loaded in 16 bits; 0 = not among the files."""

    encoders: int = 0
    denoiser: int = 0
    decoder: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """A model that was found. `provider` draws it; `base` completes it, "" = it is whole; `bytes` of its files.
    `undistilled`: it says that it needs many steps and guidance, unlike others of its pipeline.
    """

    source: str
    pipeline: str
    sizes: Sizes
    bytes: int
    base: str = ""
    files: tuple[str, ...] = ()
    licence: str = ""
    licence_url: str = ""
    revision: str = ""
    gated: bool = False
    undistilled: bool = False

    @property
    def provider(self) -> str:
        """The plugin that draws it."""
        return OWN.get(self.pipeline, "diffusers")


class Place(Protocol):
    """Somewhere with the files of a model. `files`: path → bytes."""

    source: str
    files: Mapping[str, int]

    def read(self, path: str) -> bytes:
        """A small file."""
        ...

    def header(self, path: str) -> Header:
        """What a `.safetensors` says of itself."""
        ...


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.source = str(path)
        self._path = path
        found = (file for file in sorted(path.rglob("*")) if file.is_file())
        self.files: Mapping[str, int] = {file.relative_to(path).as_posix(): file.stat().st_size for file in found}

    def read(self, path: str) -> bytes:
        """A small file."""
        return (self._path / path).read_bytes()

    def header(self, path: str) -> Header:
        """What a `.safetensors` says of itself."""
        return header_of(self._path / path)


class OnHub:
    """A repository of the hub, at one commit; nothing large is fetched."""

    def __init__(self, hub: Hub, at: Repository) -> None:
        self.source = at.source
        self.files: Mapping[str, int] = {path: file.bytes for path, file in at.files.items()}
        self._hub, self._at = hub, at

    def read(self, path: str) -> bytes:
        """A small file."""
        return self._hub.read(self._at, path)

    def header(self, path: str) -> Header:
        """What a `.safetensors` says of itself."""
        return self._hub.header(self._at, path)


def on_hub(hub: Hub, source: str) -> Finding | LoraFinding:
    """What a repository holds. Raises NotPulled."""
    at = hub.look(source, "main")
    place = OnHub(hub, at)
    wanted(at, (), hub)  # refuses pickles and repositories without weights
    found = pipeline(place) if INDEX in at.files else _lone(place)
    licence = at.licence or found.licence
    return replace(found, licence=licence, licence_url=at.licence_url, revision=at.commit, gated=at.gated)


def in_folder(path: Path) -> Finding:
    """What a folder holds. Raises NotPulled."""
    place = Folder(path)
    if INDEX not in place.files:
        raise NotPulled("no_pipeline", source=str(path))
    return pipeline(place)


def in_file(path: Path) -> Finding | LoraFinding:
    """What a single `.safetensors` holds. Raises NotPulled."""
    return single(str(path), header_of(path), path.stat().st_size)


def pipeline(place: Place) -> Finding:
    """A whole pipeline by its `model_index.json`. Raises NotPulled."""
    index = place.read(INDEX)
    folders = parts(index)
    name = json.loads(index).get("_class_name")
    if not isinstance(name, str):
        raise NotPulled("bad_index")
    if name == FLUX and _is_dev(place):
        raise NotPulled("add_flux_dev", source=place.source)
    if name in OF_FLUX2 or (name == KLEIN and not _is_klein_4b(place)):
        raise NotPulled("add_flux2", source=place.source)
    paths = pipeline_files(place.files, folders)
    weights = [path for path in paths if path.endswith(WEIGHTS)]
    if not weights:
        raise NotPulled("hub_nothing", source=place.source)
    sums: dict[Role, int] = {"encoders": 0, "denoiser": 0, "decoder": 0}
    for path in weights:
        sums[_role(path.partition("/")[0])] += place.header(path).loaded()
    undistilled = name == KLEIN and not json.loads(index).get("is_distilled")
    size = sum(place.files[path] for path in paths)
    return Finding(place.source, name, Sizes(**sums), size, undistilled=undistilled)


def single(source: str, header: Header, size: int) -> Finding | LoraFinding:
    """A lone file by the names of its tensors. Raises NotPulled where it is none that can be completed."""
    licence = header.about.get(LICENCE, "")
    match architecture(header):
        case "sdxl":
            sizes = Sizes(header.loaded(WHOLE[2]), header.loaded(WHOLE[0]), header.loaded(WHOLE[1]))
            return Finding(source, XL, sizes, size, BASES["sdxl"], licence=licence)
        case "sdxl-unet":
            return Finding(source, XL, Sizes(denoiser=header.loaded()), size, BASES["sdxl"], licence=licence)
        case "flux":
            return Finding(source, FLUX, Sizes(denoiser=_denoiser(header)), size, BASES["flux"], licence=licence)
        case "klein":
            base = BASES["flux2_klein"]
            return Finding(source, KLEIN, Sizes(denoiser=_denoiser(header)), size, base, licence=licence)
        case "z-image":
            base = BASES["z_image"]
            return Finding(source, Z_IMAGE, Sizes(denoiser=_denoiser(header)), size, base, licence=licence)
        case "flux2":
            raise NotPulled("add_flux2", source=source)
        case "scaled":
            raise NotPulled("add_scaled", source=source)
        case "flux-dev":
            raise NotPulled("add_flux_dev", source=source)
        case "lora":
            return lora(source, header, size)
    raise NotPulled("add_unknown", source=source)


def _lone(place: Place) -> Finding | LoraFinding:
    top = [path for path in place.files if path.endswith(WEIGHTS) and "/" not in path]
    if len(top) != 1:
        raise NotPulled("add_which", source=place.source, files=top)
    return replace(single(place.source, place.header(top[0]), place.files[top[0]]), files=(top[0],))


def _denoiser(header: Header) -> int:
    return header.loaded(WHOLE[0]) or header.loaded()


def _is_klein_4b(place: Place) -> bool:
    """By the width of its transformer; a folder that does not tell is taken at its word."""
    config = "transformer/config.json"
    plain = json.loads(place.read(config)) if config in place.files else {}
    width = int(plain.get("num_attention_heads", 0)) * int(plain.get("attention_head_dim", 128))
    return width in (0, KLEIN_WIDTH)


def _is_dev(place: Place) -> bool:
    config = "transformer/config.json"
    return config in place.files and bool(json.loads(place.read(config)).get("guidance_embeds"))


def _role(part: str) -> Role:
    """What a pipeline's part does; what nobody knows is counted to the denoiser, beside which it may lie."""
    if part.startswith(ENCODERS):
        return "encoders"
    return "decoder" if part.startswith(DECODERS) else "denoiser"
