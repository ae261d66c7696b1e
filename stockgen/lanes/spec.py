"""A provider that is not built yet: what a lane is given, because an object could not cross to a child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from stockgen.domain.protocols import Provider


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """How to build one provider.

    `name` is what `Fit.provider` says; `module` a dotted path of a plugin with `Options` and `build(options, shelf)`;
    `options` plain, picklable data for `Options`; `my` the folder of the user's own data, None = only what is shipped.
    """

    name: str
    module: str
    options: Mapping[str, Any]
    my: Path | None = None


def build(spec: ProviderSpec) -> Provider:
    """Import the plugin and build its provider; cheap, since providers import heavy libraries only to render.

    Raises ImportError where the module is missing, and whatever `Options` raises for options that it refuses.
    """
    from stockgen.data import Shelf

    plugin = import_module(spec.module)
    return cast(Provider, plugin.build(plugin.Options(**spec.options), Shelf(spec.my)))
