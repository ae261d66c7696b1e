"""Shipped data (markets, catalogue, vocabulary, wildcards) with the user's `my/` laid over it."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Remark


class Shelf:
    """YAML files by kind (`markets`, `catalog`, `vocabulary`, `blocked`) and name; `vocabulary/subjects` is a folder
    in a folder.

    `my` is the folder beside `config.yaml` that survives upgrades: `my/<kind>/<name>.yaml` is merged over the shipped
    file of that name, mapping by mapping, or stands alone.
    """

    def __init__(self, my: Path | None = None) -> None:
        self._my = my

    def names(self, kind: str) -> list[str]:
        """Names of all files of a kind, shipped and the user's, sorted."""
        shipped = {Path(entry.name).stem for entry in (files("stockgen") / kind).iterdir() if _is_yaml(entry.name)}
        return sorted(shipped | {path.stem for path in self._own_files(kind)})

    def load(self, kind: str, name: str) -> dict[str, Any]:
        """The content of one file. Raises ConfigError where the user's own file is no YAML mapping."""
        data = dict(_shipped(kind, name))
        own = self._my / kind / f"{name}.yaml" if self._my else None
        if own is not None and own.is_file():
            return merged(data, _own(own))
        return data

    def lines(self, name: str) -> list[str]:
        """The lines of the user's `my/<name>.txt` but empty ones and comments (`#`); none where there is no file.

        UTF-8, UTF-16 with a mark, or CP949, as editors on Windows write. Raises ConfigError where it is none of them.
        """
        path = self._my / f"{name}.txt" if self._my else None
        if path is None or not path.is_file():
            return []
        text = decoded(path.read_bytes(), str(path))
        lines = (unicodedata.normalize("NFC", line).strip() for line in text.splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def has_own(self, kind: str) -> bool:
        """Whether the user has files of a kind, or `my/<kind>.txt`."""
        return bool(self._own_files(kind)) or bool(self._my and (self._my / f"{kind}.txt").is_file())

    def texts(self, kind: str) -> dict[str, bytes]:
        """All files of a kind in any folder of it, by their way: the shipped ones with the user's over them. Raises
        ConfigError where one can't be read.
        """
        found = {way: path.read_bytes() for way, path in _below(files("stockgen") / kind)}
        try:
            return found | {way: path.read_bytes() for way, path in _below(self._my / kind if self._my else None)}
        except OSError as error:
            told = Remark("error.my_file", facts={"path": str(error.filename), "detail": str(error.strerror)})
            raise ConfigError("config_faults", [told], path=str(error.filename)) from error

    def _own_files(self, kind: str) -> list[Path]:
        folder = self._my / kind if self._my else None
        return [path for path in folder.iterdir() if _is_yaml(path.name)] if folder and folder.is_dir() else []


@cache
def _shipped(kind: str, name: str) -> Mapping[str, Any]:
    """What is shipped never changes while a process runs, and a test or a reload reads it often."""
    path = files("stockgen") / kind / f"{name}.yaml"
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) if path.is_file() else {}


def _below(folder: Traversable | Path | None, way: str = "") -> Iterator[tuple[str, Traversable | Path]]:
    """Every visible file below a folder, with its way from there (`a/b.txt`)."""
    for entry in folder.iterdir() if folder is not None and folder.is_dir() else ():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _below(entry, f"{way}{entry.name}/")
        else:
            yield f"{way}{entry.name}", entry


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another: mappings are merged, everything else is replaced."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def _own(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError("config_faults", [_misread(path, error)], path=str(path)) from error
    if not isinstance(data, dict):
        raise ConfigError("config_faults", [Remark("error.my_file", facts={"path": str(path), "detail": "?"})])
    return data


def _misread(path: Path, error: Exception) -> Remark:
    """Where the file can't be read, in our words: PyYAML's are English and for programmers."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return Remark("error.my_yaml", mark.line + 1)
    deep = isinstance(error, RecursionError)  # brackets by the thousand
    return Remark("error.my_file", facts={"path": str(path), "detail": "[[[…" if deep else str(error).splitlines()[0]})


def decoded(data: bytes, path: str) -> str:
    """A text file of the user: UTF-8, UTF-16 with a mark, or CP949. Raises ConfigError where it is none of them."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp949"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    told = Remark("error.my_file", facts={"path": path, "detail": "UTF-8?"})
    raise ConfigError("config_faults", [told], path=path)


def _is_yaml(name: str) -> bool:
    return name.endswith(".yaml")
