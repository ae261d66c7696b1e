"""What can be drawn without a model, and in which colours: `vocabulary/families.yaml` and `palettes.yaml`."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from stockgen.data import Shelf
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Remark

HexColour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Words = tuple[str, ...]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Palette(_Data):
    """Colours that go together: the background first, then from soft to strong, the accent last.

    `en`, `ko`: how a title says it. `words` find it in free text, lower case.
    """

    en: str
    ko: str
    words: Words = ()
    tags_en: Words = ()
    tags_ko: Words = ()
    colours: tuple[HexColour, ...] = Field(min_length=3, max_length=12)


class Variant(_Data):
    """An adjective that changes the drawing. `seamless`: it can be laid beside itself, and is sold as that."""

    en: str
    ko: str
    seamless: bool = False


class Family(_Data):
    """A way to draw. `noun_en`, `noun_ko` end a title; `variants` by the name that the code knows."""

    en: str
    ko: str
    noun_en: str
    noun_ko: str
    words: Words = ()
    tags_en: Words = ()
    tags_ko: Words = ()
    variants: dict[str, Variant] = Field(min_length=1)


def palettes(shelf: Shelf) -> dict[str, Palette]:
    """All palettes by name, in the file's order. Raises ConfigError where the user's own file has a fault."""
    return _read(shelf, "palettes", Palette)


def families(shelf: Shelf) -> dict[str, Family]:
    """All families by name, in the file's order. Raises ConfigError where the user's own file has a fault."""
    return _read(shelf, "families", Family)


_Model = TypeVar("_Model", Palette, Family)


def _read(shelf: Shelf, name: str, model: type[_Model]) -> dict[str, _Model]:
    try:
        return TypeAdapter(dict[str, model]).validate_python(shelf.load("vocabulary", name))  # type: ignore[valid-type]
    except ValidationError as error:
        path = f"vocabulary/{name}.yaml"
        raise ConfigError("config_faults", [_fault(path, each) for each in error.errors()], path=path) from error


def _fault(path: str, error: object) -> Remark:
    assert isinstance(error, dict)
    detail = f"{'.'.join(map(str, error['loc']))}: {error['msg']}"
    return Remark("error.my_file", facts={"path": path, "detail": detail})
