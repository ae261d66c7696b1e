"""The nouns that cross floors: what is ordered, what is thought of, what is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One subject (or one exact prompt) with its count and options; a job holds one or more.

    `line` is where it stands in the job file. `seed` None = drawn from the job's own randomness. `markets` names,
    `chain` provider names in the order in which they are tried (resolved from `model`). `tier` "" = the market's own.
    `theme` in free words, `season` a key of `vocabulary/seasons.yaml` and `avoid` are for `dynamic`; "" = any.
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
    line: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for the ledger; `from_json` is its inverse."""
        plain = {key: getattr(self, key) for key in self.__slots__}
        return plain | {"size": {key: getattr(self.size, key) for key in Size.__slots__}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """Given what `to_json` made, return the same order."""
        plain = dict(data)
        size = Size(**plain.pop("size", {}))
        for key in ("model", "markets", "tags", "avoid"):
            plain[key] = tuple(plain.get(key, ()))
        return cls(size=size, **plain)


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
