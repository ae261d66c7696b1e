"""The nouns that cross floors: what is ordered, what is thought of, what is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Language = Literal["en", "ko"]
Kind = Literal["background", "illustration", "photo", "element"]
Look = Literal["diffusion", "drawn"]
Tier = Literal["Premium", "Standard"]
Place = Literal["gpu", "net", "cpu"]
ShotState = Literal["planned", "rendering", "rendered", "publishing", "done", "review", "failed", "cancelled"]

SHOT_ENDED: frozenset[str] = frozenset({"done", "review", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence for people that is not yet in a language.

    `code` is the key in `messages/{en,ko}.yaml`; `facts` fill its `{places}`; `line` is the 1-based line of the
    file that it speaks of, where there is one.
    """

    code: str
    line: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data; a remark may stand inside another's facts."""
        facts = {key: value.to_json() if isinstance(value, Remark) else value for key, value in self.facts.items()}
        return {"code": self.code, "line": self.line, "facts": facts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Remark:
        """Given what `to_json` made, return the same remark."""
        inside = {key: value for key, value in data["facts"].items() if isinstance(value, dict) and "code" in value}
        facts = dict(data["facts"]) | {key: cls.from_json(value) for key, value in inside.items()}
        return cls(data["code"], data["line"], facts)

    def __str__(self) -> str:
        where = f"{self.line}: " if self.line else ""
        return where + self.code + "".join(f" {key}={_brief(value)}" for key, value in self.facts.items())


def _brief(value: Any) -> str:
    return f"({value})" if isinstance(value, Remark) else repr(value)


@dataclass(frozen=True, slots=True)
class Size:
    """A wish for a size. Exactly one of the two is given: pixels (`width`, `height`) or a `ratio` width / height."""

    width: int = 0
    height: int = 0
    ratio: float = 0.0


ControlType = Literal["canny", "depth", "pose"]


@dataclass(frozen=True, slots=True)
class Lora:
    """A small set of weights laid over a model, by its name in the catalogue or in `my/loras`; `weight` 0 to 2, None =
    its own.
    """

    name: str
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A picture that says where things are. `image`: the name of the file as it was written and, once it was taken, as
    it lies in the state's `references/`. `type`: what it shows; edges (`canny`) are found in any picture, maps of depth
    and of poses must be ready. `strength` 0 to 1.
    """

    image: str
    type: ControlType = "canny"
    strength: float = 0.8


@dataclass(frozen=True, slots=True)
class Like:
    """A picture of ours whose look others get. `name`: its stem; `image`: a copy of it in the state's `references/`,
    "" = it is gone, and only its words and colours are left. `shot`: its shot, 0 = not looked up yet.

    `about`: what it shows, in English: the others show something else of its `sort`, a group or category of the
    vocabulary's subjects or a family of drawings, "" = any. `air`: light and mood, in the vocabulary's words.
    `said`: keys of the order that its author wrote, until it is looked up: those are not taken from the picture.
    """

    name: str
    image: str = ""
    shot: int = 0
    about: str = ""
    sort: str = ""
    air: str = ""
    said: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One subject (or one exact prompt) with its count and options; a job holds one or more.

    `line` is where it stands in the job file. `seed` None = drawn from the job's own randomness. `markets` names,
    `chain` provider names in the order in which they are tried (resolved from `model`). `tier` "" = the market's own.
    `theme` in free words, `season` a key of `vocabulary/seasons.yaml` and `avoid` are for `dynamic`; "" = any.
    `transparent`: without a background, as an element always is. `best_of`: tries of each picture, of which the best is
    kept. `palette`: colours in English words, or `#rrggbb` of which drawings are made: those of the picture that it is
    `like`; "" = any.
    """

    mode: Literal["exact", "keyword", "dynamic", "random"]
    count: int
    subject: str = ""
    prompt: str = ""
    model: tuple[str, ...] = ("auto",)
    kind: Kind = "background"
    size: Size = Size()
    seed: int | None = None
    style: str = ""
    markets: tuple[str, ...] = ()
    title: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    language: Language = "en"
    tier: Tier | Literal[""] = ""
    negative_prompt: str = ""
    steps: int | None = None
    guidance: float | None = None
    theme: str = ""
    season: str = ""
    avoid: tuple[str, ...] = ()
    transparent: bool = False
    best_of: int = 1
    lora: tuple[Lora, ...] = ()
    control: Control | None = None
    like: Like | None = None
    palette: str = ""
    line: int | None = None

    @property
    def cut(self) -> bool:
        """Whether its pictures have no background."""
        return self.transparent or self.kind == "element"

    @property
    def sold_as(self) -> Kind:
        """What its pictures are for a market: whatever has no background is an element there."""
        return "element" if self.cut else self.kind

    @property
    def akin(self) -> bool:
        """Whether it names nothing itself that its pictures are of: only a picture that they are like."""
        return self.like is not None and self.mode == "dynamic" and not (self.theme or self.season)

    def to_json(self) -> dict[str, Any]:
        """Plain data for the ledger; `from_json` is its inverse."""
        plain = {key: getattr(self, key) for key in self.__slots__}
        plain |= {key: _plain(value) for key, value in plain.items() if key in _PARTS and value is not None}
        return plain | {"lora": [_plain(one) for one in self.lora]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """Given what `to_json` made, now or in an earlier version, return the same order."""
        plain = dict(data)
        for key in ("model", "markets", "tags", "avoid"):
            plain[key] = tuple(plain.get(key, ()))
        plain |= {key: kind(**_tuples(plain[key])) for key, kind in _PARTS.items() if plain.get(key) is not None}
        return cls(**plain | {"lora": tuple(Lora(**one) for one in plain.get("lora", ()))})


_PARTS: Mapping[str, type[Size | Control | Like]] = MappingProxyType({"size": Size, "control": Control, "like": Like})


def _plain(part: Size | Control | Like | Lora) -> dict[str, Any]:
    return {key: getattr(part, key) for key in part.__slots__}


def _tuples(part: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in part.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """A whole job file as it was understood: its orders, the keys of the job itself, and what its author is told.

    `not_before`: wall seconds before which none of its pictures is begun, None = at once. `budget`: micro-USD that it
    may cost at most, None = what the config allows.
    """

    orders: tuple[Order, ...]
    priority: int = 0
    preset: str = ""
    not_before: float | None = None
    budget: int | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def pictures(self) -> int:
        """How many pictures the file asks for."""
        return sum(order.count for order in self.orders)

    @property
    def tries(self) -> int:
        """How many must be made for that: of each picture as many as the best is to be chosen from."""
        return sum(order.count * order.best_of for order in self.orders)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A subject worth a picture: an English prompt, and title, description, tags in English and Korean.

    `category` is a name of the master list (`vocabulary/categories.yaml`). Tags are ordered, most telling first.
    `root`: what it is a variant of, as its mode says it; ideas of equal root are one motif. "" = of nothing else.
    `writer`: the text model that thought of it, "" = none.
    """

    prompt: str
    title: Mapping[Language, str]
    description: Mapping[Language, str]
    tags: Mapping[Language, tuple[str, ...]]
    category: str
    root: str = ""
    writer: str = ""
