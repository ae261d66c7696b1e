"""A provider that is not built yet: what a lane is given, because an object could not cross to a child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from stockgen.domain.protocols import Provider
from stockgen.domain.words import Place
from stockgen.gpu.settings import GpuSettings

if TYPE_CHECKING:
    from stockgen.data import Shelf
    from stockgen.gpu.host import ModelHost
    from stockgen.gpu.weights import WeightsIndex


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """How to build one provider.

    `name` is what `Fit.provider` says; `module` a dotted path of a plugin with `Options` and `build(options, tools)`;
    `options` plain, picklable data for `Options`.
    """

    name: str
    module: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setup:
    """What all providers of one process share, as plain data.

    `my`: the folder of the user's own data, None = only what is shipped. `models`: the folder of the index of weights.
    `device`: `cuda:0`, `mps`, `cpu`, as the process itself counts; "" = none. `secrets`: the folder of keys.
    `references`: the folder of pictures that jobs were given beside their words.
    """

    my: Path | None = None
    models: Path | None = None
    device: str = ""
    gpu: GpuSettings = field(default_factory=GpuSettings)
    secrets: Path | None = None
    references: Path | None = None


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """A lane that is not started yet.

    `patience`: seconds without a heartbeat or an outcome after which a working lane counts as stuck. `environment`:
    variables that its child process gets beside our own.
    """

    name: str
    place: Place
    providers: tuple[ProviderSpec, ...]
    patience: float
    setup: Setup = Setup()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a plugin builds its provider with. `shelf`: shipped data with the user's over it; `weights`: which models
    are here; `host`: keeps models warm, shared by all providers of the process. `secrets`: the folder of keys, None =
    only the environment has some. `monotonic`: the clock for time-outs. `references`: the folder of pictures that jobs
    were given, None = there are none.
    """

    shelf: Shelf
    weights: WeightsIndex
    host: ModelHost
    secrets: Path | None
    monotonic: Callable[[], float]
    references: Path | None = None


def furnished(setup: Setup, monotonic: Callable[[], float]) -> Tools:
    """The tools of one process; cheap, nothing is loaded."""
    from stockgen.data import Shelf
    from stockgen.gpu.host import ModelHost
    from stockgen.gpu.weights import WeightsIndex

    weights = WeightsIndex(setup.models, setup.my)
    host = ModelHost(setup.device, setup.gpu, monotonic)
    return Tools(Shelf(setup.my), weights, host, setup.secrets, monotonic, setup.references)


def build(spec: ProviderSpec, tools: Tools) -> Provider:
    """Import the plugin and build its provider; cheap, since providers import heavy libraries only to render.

    Raises ImportError where the module is missing, and whatever `Options` raises for options that it refuses.
    """
    plugin = import_module(spec.module)
    return cast(Provider, plugin.build(plugin.Options(**spec.options), tools))
