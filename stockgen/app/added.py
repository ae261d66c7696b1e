"""`my/catalog/added.yaml`: the models that a person added. What stands there, comments too, is kept as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from stockgen.data import Shelf
from stockgen.files import make_folders, write_durably

FILE = "added"


def path_of(my: Path) -> Path:
    """Where it is."""
    return my / "catalog" / f"{FILE}.yaml"


def names(my: Path) -> list[str]:
    """The models in it. Raises ConfigError where it can't be read."""
    return list(Shelf(my).load("catalog", FILE))


def add(my: Path, name: str, entry: Mapping[str, Any]) -> Path:
    """Write an entry behind the others. Raises ConfigError, StorageFull, StorageLost."""
    file, there = path_of(my), Shelf(my).load("catalog", FILE)
    block = yaml.safe_dump({name: dict(entry)}, allow_unicode=True, sort_keys=False, width=100)
    text = _text(file)
    _write(file, f"{text.rstrip()}\n\n{block}" if text.strip() else block, there | {name: dict(entry)})
    return file


def remove(my: Path, name: str) -> bool:
    """Take an entry out; False = it is not there. Raises as `add`."""
    file, there = path_of(my), Shelf(my).load("catalog", FILE)
    if name not in there:
        return False
    text = _text(file)
    root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    spans = {key.value: (key.start_mark.index, value.end_mark.index) for key, value in root.value}
    begin, end = spans[name]
    left = {key: one for key, one in there.items() if key != name}
    _write(file, text[:begin] + _after(text[begin:end]) + text[end:], left)
    return True


def _after(block: str) -> str:
    """The comments between an entry and the next: to YAML they are the end of the first, to people not."""
    lines = block.splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#"))
    return "".join(lines[last:])


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _write(file: Path, text: str, meant: Mapping[str, Any]) -> None:
    """Write `text` if it says what is meant, else what is meant alone: a file in an unusual form loses its comments."""
    make_folders(file.parent)
    try:
        fine = (yaml.safe_load(text) or {}) == meant
    except yaml.YAMLError:
        fine = False
    plain = text if fine else yaml.safe_dump(dict(meant), allow_unicode=True, sort_keys=False)
    write_durably(file, (plain if meant else "{}\n").encode())
