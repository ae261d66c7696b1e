"""Which models there are, what they need and give, under which licence, and whether their pictures may be sold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, model_validator

from stockgen.data import Shelf
from stockgen.data.closed import Bilingual, Closed, data_fault, parsed
from stockgen.data.cloud import Cloud
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Look, Remark

FILES = (".safetensors", ".onnx")  # endings of weights in a single file
OF_ROLES: Mapping[str, str] = {"lora": "lora", "matting": "matting", "upscaler": "upscaling"}  # role → its own key
CLIP = 77  # tokens that its encoders read in one piece
REFUSED = "refused"  # the file in `catalog/` that lists models which are not to be used


class Weights(Closed):
    """Where a model's files come from.

    `source`: a hub id `owner/name`, an `https://` address of one file, or the path of a folder or of a single
    `.safetensors` or `.onnx` (relative to `my/`). `revision`: a commit of the hub; a branch is resolved when it is
    pulled and kept from then on. `files`: patterns of what is fetched, empty = the whole pipeline. `bytes`: of the
    download. `gated`: the hub asks for a name first. `sum`: what a file of an address must have: `md5:…` or `sha256:…`.
    """

    source: str
    revision: str = "main"
    files: tuple[str, ...] = ()
    bytes: NonNegativeInt = 0
    gated: bool = False
    sum: str = Field(default="", pattern=r"^((md5:[0-9a-f]{32})|(sha256:[0-9a-f]{64}))?$")

    @property
    def on_hub(self) -> bool:
        """Whether `source` is a hub id, not an address or a path of this machine."""
        path_like = self.source.startswith(("/", ".", "~")) or self.source.endswith(FILES)
        return not path_like and not self.address and self.source.count("/") == 1

    @property
    def address(self) -> bool:
        """Whether `source` is the address of one file."""
        return self.source.startswith("https://")

    @property
    def fetched(self) -> bool:
        """Whether it has to be fetched before it is here."""
        return self.on_hub or self.address


class Memory(Closed):
    """Bytes on the device, in the precision in which the parts are loaded.

    `working`: activations of one picture of the native size at their peak, which is decoding, with the VAE in the
    precision of the rest; `each`: what every further picture of a batch adds while it is denoised.
    """

    encoders: NonNegativeInt
    denoiser: NonNegativeInt
    decoder: NonNegativeInt
    working: PositiveInt
    each: PositiveInt


class Drawing(Closed):
    """How a model draws. `pipeline`: the class in diffusers.

    `pixels`: width × height that it was trained for; sides are multiples of `multiple` between `least` and `most`
    pixels. `steps`, `guidance`: where a job says nothing; `most_steps`: a distilled model gets worse beyond. `guided`:
    guidance and negative words mean something to it. `tokens`: of a prompt that its encoder reads in one piece.
    `scheduler`: values over those in the model's own folder. `quantize`: made small while it is loaded. `batch`:
    pictures at a time at most. `prompts`: what it was trained on, lists of words or whole sentences; `quality`: words
    of praise that stood there, so that it draws better with them; `foreign`: its encoder reads Korean and Chinese.
    """

    pipeline: str
    pixels: PositiveInt = 1024 * 1024
    multiple: PositiveInt = 32
    least: PositiveInt = 512
    most: PositiveInt = 2048
    steps: PositiveInt
    most_steps: PositiveInt = 150
    guidance: NonNegativeFloat
    guided: bool
    tokens: PositiveInt
    dtype: Literal["float16", "bfloat16"]
    scheduler: Mapping[str, Any] = {}
    quantize: Literal["", "nf4"] = ""
    batch: PositiveInt = 8
    prompts: Literal["", "tags", "sentences"] = ""
    quality: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def lists(self) -> bool:
        """Whether it is told a list of words; where its entry doesn't say, as those with a CLIP encoder alone are."""
        return self.prompts == "tags" or (not self.prompts and self.tokens <= CLIP)


class Laid(Closed):
    """A LoRA. `trigger`: words that a prompt must have for it, "" = none; `weight`: where a job says nothing."""

    trigger: str = ""
    weight: float = Field(default=1.0, ge=0, le=2)


class Matting(Closed):
    """A model that finds what a picture is of. `session`: the name by which rembg knows how it is asked."""

    session: Literal[
        "birefnet-general", "birefnet-general-lite", "isnet-general-use", "u2net", "dis_custom", "u2net_custom",
    ]  # fmt: skip


class Upscaling(Closed):
    """A model that enlarges: RGB from 0 to 1 in, 1 × 3 × height × width, and `scale` times as large out. `multiple`: of
    which the sides that it is given must be.
    """

    scale: PositiveInt
    multiple: PositiveInt = 1


Role = Literal["model", "refiner", "vae", "lora", "control", "likeness", "matting", "upscaler"]


class Model(Closed):
    """One model. `provider` is the plugin that runs it, `onnx` for what no plugin does; `source` says in words where it
    comes from.

    `provider_aliases`: words that mean its provider, with whichever model the config gives it. `role`: what jobs can
    name as their model is a `model`; refiners and VAEs are parts of others, `control` and `likeness` read pictures for
    them. `base`: the model whose pipeline it is a new denoiser for; `vae`: the entry whose VAE it uses. `cloud`: it is
    not run here but bought. `lora`, `matting`, `upscaling`: what is special to these roles. `sources`: for `licence`,
    `drawing`, `memory`, where the facts were read.
    """

    name: str
    title: Bilingual
    provider: str
    licence: str
    licence_url: str = ""
    sellable: bool
    look: Look
    source: str
    aliases: tuple[str, ...] = ()
    provider_aliases: tuple[str, ...] = ()
    role: Role = "model"
    base: str = ""
    vae: str = ""
    weights: Weights | None = None
    drawing: Drawing | None = None
    memory: Memory | None = None
    cloud: Cloud | None = None
    lora: Laid | None = None
    matting: Matting | None = None
    upscaling: Upscaling | None = None
    sources: Mapping[str, str] = {}
    verified_at: date | None = None

    @model_validator(mode="after")
    def _drawable(self) -> Self:
        if self.weights is not None and self.role == "model" and self.drawing is None:
            raise ValueError("a model with weights needs `drawing`")
        for role, key in OF_ROLES.items():
            if (self.role == role) != (getattr(self, key) is not None):
                raise ValueError(f"`{key}` and `role: {role}` belong together")
        return self


class Refusal(Closed):
    """A model that is not to be used, and why. `hub`: its ids there; `instead`: the name of one that may be."""

    name: str
    title: Bilingual
    licence: str
    reason: Bilingual
    source: str
    hub: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    instead: str = ""
    verified_at: date | None = Field(default=None)


def load_catalog(shelf: Shelf) -> dict[str, Model]:
    """All models of all files in `catalog/` by name. Names and aliases are one namespace.

    Raises ConfigError naming file and key, also where a name or alias stands for two models.
    """
    models: dict[str, Model] = {}
    owners: dict[str, str] = {}
    faults: list[Remark] = []
    for name in shelf.names("catalog"):
        if name == REFUSED:
            continue
        file = f"catalog/{name}.yaml"
        for key, entry in shelf.load("catalog", name).items():
            model = parsed(Model, file, {**entry, "name": key} if isinstance(entry, dict) else entry, key)
            for word in (key, *model.aliases, *model.provider_aliases):
                if owners.setdefault(word.casefold(), key) != key or (word == key and key in models):
                    faults.append(data_fault(file, key, f"{word}: {owners[word.casefold()]}"))
            models[key] = model
    if faults:
        raise ConfigError("config_faults", faults, path="catalog")
    return models


def load_refused(shelf: Shelf) -> dict[str, Refusal]:
    """Models that are refused, by name. Raises ConfigError naming file and key."""
    file = f"catalog/{REFUSED}.yaml"
    entries = shelf.load("catalog", REFUSED).items()
    named = {key: {**entry, "name": key} if isinstance(entry, dict) else entry for key, entry in entries}
    return {key: parsed(Refusal, file, entry, key) for key, entry in named.items()}
