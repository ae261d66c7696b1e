"""Data files as frozen, closed models: declared once, and every fault names file and key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Language, Remark


class Closed(BaseModel):
    """A piece of data that can't be changed and that refuses keys which it doesn't know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Closed):
    """The same words in English and Korean."""

    en: str
    ko: str

    def said(self, language: Language) -> str:
        """The words in `language`."""
        return self.ko if language == "ko" else self.en


Model = TypeVar("Model", bound=BaseModel)


def parsed(model: type[Model], file: str, data: Mapping[str, Any], key: str = "") -> Model:
    """Given the content of `file` (or what stands in it under `key`), return it as a `model`.

    Raises ConfigError with one remark `error.my_file` (`path`, `detail`) for each fault.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        told = [
            data_fault(file, ".".join(str(step) for step in (key, *fault["loc"]) if step != ""), fault["msg"])
            for fault in error.errors()
        ]
        raise ConfigError("config_faults", told, path=file) from error


def data_fault(file: str, key: str, detail: str) -> Remark:
    """One fault of a data file: `key` is the dotted way to the value that can't be used."""
    return Remark("error.my_file", facts={"path": file, "detail": f"{key}: {detail}"})
