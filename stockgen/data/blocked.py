"""Names and phrases that no market sells: `blocked/*.yaml`, with the user's `my/blocked/`, `my/blocked.txt` over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field, field_validator

from stockgen.data import Shelf
from stockgen.data.closed import Closed, parsed
from stockgen.data.folding import fold

Listed = Literal["artists", "brands", "people", "characters", "places", "agencies", "text", "machine", "camera"]
Kind = Literal[Listed, "own"]
KIND = "blocked"  # of the shelf; the name of the user's own file too


class Ambiguous(Closed):
    """A name that is an ordinary word too: it counts only near one of `near` ("with" in the file), or not near one of
    `unless`.
    """

    forms: tuple[str, ...] = ()
    near: tuple[str, ...] = Field(default=(), alias="with")
    unless: tuple[str, ...] = ()


class Listing(Closed):
    """One file. `sources`: where the rule comes from, and where the names do. `loose`: Korean forms count wherever they
    stand in a word. `names`: each with its other forms.
    """

    sources: tuple[str, ...] = Field(min_length=1)
    loose: bool = False
    names: Mapping[str, tuple[str, ...]]
    ambiguous: Mapping[str, Ambiguous] = Field(default_factory=dict)

    @field_validator("names", mode="before")
    @classmethod
    def _forms(cls, names: Any) -> Any:
        """One form needs no brackets, none needs nothing."""
        if not isinstance(names, Mapping):
            return names
        return {name: [*_several(forms)] for name, forms in names.items()}


class Korean(Closed):
    """What may hang on a short name: `manners` and `things` in any number, then particles."""

    particles: tuple[str, ...]
    manners: tuple[str, ...]
    things: tuple[str, ...]


class English(Closed):
    """`endings` hang on a name; `after` and `before` are words that go with it where it is taken out of a text."""

    endings: tuple[str, ...]
    after: tuple[str, ...]
    before: tuple[str, ...]


class Endings(Closed):
    """`blocked/endings.yaml`. `before`: last syllables of a word that a short Korean name may be glued to."""

    korean: Korean
    before: tuple[str, ...]
    english: English


@dataclass(frozen=True, slots=True)
class Name:
    """A name with every form in which it is written; `near` and `unless` as in `Ambiguous`."""

    kind: Kind
    name: str
    forms: tuple[str, ...]
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    loose: bool = False


def load_endings(shelf: Shelf) -> Endings:
    """What may hang on a name. Raises ConfigError."""
    return parsed(Endings, "blocked/endings.yaml", shelf.load(KIND, "endings"))


def load_blocked(shelf: Shelf) -> list[Name]:
    """All names but those that a line `!name` of `my/blocked.txt` lets through. Raises ConfigError naming the file."""
    own = shelf.lines(KIND)
    free = {fold(line[1:].strip()).text for line in own if line.startswith("!")}
    names = [name for kind in get_args(Listed) for name in _names(shelf, kind)]
    names += [Name("own", line, (line,)) for line in own if not line.startswith("!")]
    return [name for name in names if not free & {fold(form).text for form in name.forms}] if free else names


def _names(shelf: Shelf, kind: Listed) -> Iterator[Name]:
    listing = parsed(Listing, f"blocked/{kind}.yaml", shelf.load(KIND, kind))
    for name, forms in listing.names.items():
        yield Name(kind, name, (name, *forms), loose=listing.loose)
    for name, one in listing.ambiguous.items():
        yield Name(kind, name, (name, *one.forms), one.near, one.unless, listing.loose)


def _several(forms: Any) -> Sequence[Any]:
    if forms is None:
        return ()
    return forms if isinstance(forms, list | tuple) else (forms,)
