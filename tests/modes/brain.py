"""What a text model of the tests thinks of: whole ideas in both languages, some of them again, some answers useless."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from random import Random
from typing import Any

from stockgen.domain.protocols import Brief
from tests.ollama import Asked

THINGS = {
    "steaming teapot": "김 오르는 찻주전자",
    "stacked books": "쌓인 책",
    "woollen blanket": "털 담요",
    "brass bell": "놋쇠 종",
    "paper lantern": "종이 등",
    "walnut tray": "호두나무 쟁반",
    "glass jar": "유리병",
    "linen curtain": "리넨 커튼",
    "clay vase": "토분",
    "dried oranges": "말린 귤",
    "pine branch": "솔가지",
    "ginger cookies": "생강 과자",
}
PLACES = {
    "on a window sill": "창턱 위의",
    "under an old oak": "참나무 아래",
    "beside a fireplace": "벽난로 곁",
    "in fresh snow": "눈밭 속",
    "on a market stall": "시장 좌판의",
    "in a quiet attic": "조용한 다락방",
    "on a wooden pier": "나무 선착장의",
    "by a garden gate": "정원 문가의",
}
TAGS = ("cozy", "season", "copy space", "card", "still life", "warm", "calm", "winter", "home", "quiet", "wood")
TAGS_KO = (
    "아늑한",
    "겨울",
    "여백",
    "카드",
    "정물",
    "따뜻한",
    "차분한",
    "집",
    "조용한",
    "나무",
    "질감",
    "아침",
    "햇살",
    "계절",
)
BAD = "I'm sorry, I can't help with that."


class Brain:
    """Answers requests for ideas and for translations. `near`, `bad`: how many ideas of a hundred come again, and how
    many answers say nothing. `words`: Korean → English. `change`: what is different about every idea.
    """

    def __init__(
        self,
        near: int = 0,
        bad: int = 0,
        words: Mapping[str, str] | None = None,
        change: Mapping[str, Any] | None = None,
    ) -> None:
        self._rng = Random(7)
        self._near, self._bad, self._words, self._change = near, bad, words or {}, change or {}
        self._left = self._rng.sample(list(product(THINGS.items(), PLACES.items())), len(THINGS) * len(PLACES))
        self._said: list[dict[str, Any]] = []
        self.asked: list[str] = []

    def __call__(self, asked: Asked) -> str:
        return self.say(asked.text, asked.body["format"])

    def say(self, text: str, schema: Mapping[str, Any]) -> str:
        """The answer to one brief."""
        self.asked.append(text)
        if "words" in schema["properties"]:
            known = [{"korean": word, "english": english} for word, english in self._words.items() if word in text]
            return json.dumps({"words": known}, ensure_ascii=False) if known else BAD
        if self._rng.randrange(100) < self._bad:
            return BAD
        count = schema["properties"]["ideas"]["maxItems"]
        return json.dumps({"ideas": [self._idea() for _ in range(count)]}, ensure_ascii=False)

    def _idea(self) -> dict[str, Any]:
        if self._said and (self._rng.randrange(100) < self._near or not self._left):
            return self._rng.choice(self._said)
        (thing, thing_ko), (place, place_ko) = self._left.pop()
        idea = {
            "use": "a card for regular guests",
            "prompt": f"a single {thing} {place}, seen from the side with free space on the left, soft morning light",
            "title_en": f"{thing} {place} in morning light",
            "title_ko": f"{place_ko} {thing_ko}과 아침 햇살",
            "description_en": f"A {thing} {place}. Free space for words on the left.",
            "description_ko": f"{place_ko} {thing_ko}입니다. 왼쪽에 글자를 얹기 좋습니다.",
            "tags_en": [*thing.split(), *place.split()[1:], *TAGS, "texture", "morning"],
            "tags_ko": [*thing_ko.split(), *place_ko.split(), *TAGS_KO],
            "category": "Lifestyle",
        } | self._change
        self._said.append(idea)
        return idea


class Thinker:
    """A writer with a brain, without a server between them."""

    name = "thinker/1"
    sees = embeds = False

    def __init__(self, brain: Brain) -> None:
        self.brain = brain

    def missing(self) -> None:
        """Nothing."""

    def write(self, brief: Brief) -> str:
        """What the brain says."""
        return self.brain.say(brief.text, brief.schema)

    def embed(self, texts: Any) -> Any:
        """None."""
        raise NotImplementedError(texts)

    def on_card(self) -> int:
        """Nothing."""
        return 0

    def needs(self) -> int:
        """Nothing."""
        return 0

    def release(self) -> None:
        """Nothing."""
