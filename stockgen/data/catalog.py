"""Which models there are, under which licence, and whether their pictures may be sold."""

from __future__ import annotations

from stockgen.data import Shelf
from stockgen.data.closed import Bilingual, Closed, data_fault, parsed
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Look, Remark


class Model(Closed):
    """One model. `provider` is the plugin that runs it, `source` says where it comes from."""

    name: str
    title: Bilingual
    provider: str
    licence: str
    sellable: bool
    look: Look
    source: str
    aliases: tuple[str, ...] = ()


def load_catalog(shelf: Shelf) -> dict[str, Model]:
    """All models of all files in `catalog/` by name. Names and aliases are one namespace.

    Raises ConfigError naming file and key, also where a name or alias stands for two models.
    """
    models: dict[str, Model] = {}
    owners: dict[str, str] = {}
    faults: list[Remark] = []
    for name in shelf.names("catalog"):
        file = f"catalog/{name}.yaml"
        for key, entry in shelf.load("catalog", name).items():
            model = parsed(Model, file, {**entry, "name": key} if isinstance(entry, dict) else entry, key)
            for word in (key, *model.aliases):
                if owners.setdefault(word.casefold(), key) != key or (word == key and key in models):
                    faults.append(data_fault(file, key, f"{word}: {owners[word.casefold()]}"))
            models[key] = model
    if faults:
        raise ConfigError("config_faults", faults, path="catalog")
    return models
