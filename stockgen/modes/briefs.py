"""What a text model is asked for ideas: the form of its answer, and the template with its places filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from stockgen.data.prompts import Prompts
from stockgen.data.seasons import Season
from stockgen.domain.protocols import Brief
from stockgen.domain.words import Order
from stockgen.modes.material import Material

PER_CALL = 8  # ideas of one call; with more, small models repeat themselves and 8192 tokens don't suffice
SPARE = 2  # more than are missing, because some will be too near
TOKENS = 620  # of one idea: its sixty tags take half; where it is too few, only the last idea of an answer is lost
RECENT, REFUSED, NEAR = 24, 12, 10  # titles that are named; more would leave no room for the answer
ANGLES = 3  # of each sort


@dataclass(slots=True)
class Told:
    """What the model is told of what there is already; English titles."""

    recent: Sequence[str] = ()
    refused: Sequence[str] = ()
    near: list[str] = field(default_factory=list)


def schema(count: int, categories: Sequence[str]) -> dict[str, Any]:
    """The form of an answer with `count` ideas at most. One level deep: small models get lost in more."""
    text, tags = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    parts: dict[str, Any] = {
        "use": text, "prompt": text, "title_en": text, "title_ko": text, "description_en": text, "description_ko": text,
        "tags_en": tags, "tags_ko": tags, "category": {"type": "string", "enum": list(categories)},
    }  # fmt: skip
    idea = {"type": "object", "properties": parts, "required": list(parts)}
    listed = {"type": "array", "items": idea, "maxItems": count}
    return {"type": "object", "properties": {"ideas": listed}, "required": ["ideas"]}


@dataclass(frozen=True, slots=True)
class Asking:
    """Makes briefs for one order."""

    material: Material
    prompts: Prompts
    seasons: Mapping[str, Season]
    order: Order

    def brief(self, count: int, told: Told, rng: Random) -> Brief:
        """One that asks for `count` ideas."""
        text = self.prompts.templates["ideas"].filled(self._places(count, told, rng))
        form = schema(count, list(self.material.vocabulary.categories))
        return Brief(text=text, schema=form, tokens=TOKENS * count, seed=rng.randrange(1 << 31))

    def _places(self, count: int, told: Told, rng: Random) -> dict[str, str]:
        order = self.order
        places = {
            "count": str(count),
            "theme": order.theme,
            "subject": order.subject,
            "season": self._season(),
            "kind": self.prompts.kind(order.sold_as),
            "style": self.material.style(order).prompt or order.style,
            "like": order.like.about if order.akin and order.like else "",
            "palette": "" if "#" in order.palette else order.palette,
            "air": order.like.air if order.like else "",
            "angles": self._angles(rng),
            "avoid": ", ".join(order.avoid),
            "recent": _lines(told.recent, RECENT),
            "refused": _lines(told.refused, REFUSED),
            "near": _lines(told.near, NEAR),
            "categories": ", ".join(self.material.vocabulary.categories),
        }
        return {key: value.replace("\n", " ") if key not in ("recent", "refused", "near") else value
                for key, value in places.items()}  # fmt: skip

    def _season(self) -> str:
        season, language = self.seasons.get(self.order.season), self.prompts.language
        if season is None:
            return ""
        themes = season.themes_ko if language == "ko" else season.themes_en
        return season.said(language) + (f" ({', '.join(themes)})" if themes else "")

    def _angles(self, rng: Random) -> str:
        """Other ones each time, so that the second call thinks of other things than the first."""
        phrases = self.material.vocabulary.phrases
        aired = self.order.like is not None and self.order.like.air
        groups = (phrases.compositions,) if aired else (phrases.compositions, phrases.lights, phrases.moods)
        drawn = [each.said(self.prompts.language) for one in groups for each in rng.sample(list(one.values()), ANGLES)]
        return ", ".join(drawn)


def _lines(titles: Sequence[str], most: int) -> str:
    return "\n".join(f"- {title}" for title in list(dict.fromkeys(titles))[:most])
