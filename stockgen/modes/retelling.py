"""What a text model wrote of an idea → an idea as all modes make it: short titles, enough tags, a known category."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from stockgen.answers.ideas import WrittenIdea
from stockgen.data.vocabulary import DEFAULT_CATEGORY, plain
from stockgen.domain.protocols import Writer
from stockgen.domain.words import Idea, Language, Order
from stockgen.modes.likeness import likeness
from stockgen.modes.material import LANGUAGES, Material, given_title, own_tags
from stockgen.modes.reading import Reading
from stockgen.modes.wording import Cleaner, Titles, has_hangul, is_latin, joined, merged

FEW_TAGS = 15  # fewer are completed: markets rank by them (docs/markets.md)
ENOUGH_TAGS = 25
TAG_WORDS = 4  # a longer one is a sentence
DESCRIPTION_CHARS = 300
_SENTENCES = 2
_END = re.compile(r"(?<=[.!?。])\s+")


class Retelling:
    """Makes ideas of one order; no title of it comes twice. `taken`: English titles that there are already."""

    def __init__(self, material: Material, order: Order, writer: Writer, taken: Iterable[str]) -> None:
        self._material = material
        self._order = order
        self._writer = writer
        clean = Cleaner(material.vocabulary.phrases.unsaid)
        self._clean = clean
        self._titles = {language: Titles(clean) for language in LANGUAGES}
        self._given = {language: clean(given_title(order, language)) for language in LANGUAGES}
        self._plain = {title.casefold() for title in taken}
        self._told: set[str] = set()
        self._look = material.look(order)

    def same(self, written: WrittenIdea) -> bool:
        """Whether this order has an idea of that title or prompt already."""
        return bool(self._marks(written) & self._told)

    def idea(self, written: WrittenIdea) -> Idea:
        """The idea, for this order."""
        self._told |= self._marks(written)
        reading = self._material.reader.read(written.title["en"])
        return Idea(
            prompt=self._prompt(written),
            title={language: self._title(written, language) for language in LANGUAGES},
            description={language: self._description(written, language) for language in LANGUAGES},
            tags={language: self._tags(written, reading, language) for language in LANGUAGES},
            category=self._category(written, reading),
            writer=self._writer.name,
        )

    def _marks(self, written: WrittenIdea) -> set[str]:
        texts = (written.prompt, *written.title.values())
        return {likeness(" ".join(re.findall(r"\w+", text.casefold()))) for text in texts}

    def _prompt(self, written: WrittenIdea) -> str:
        kind = self._material.vocabulary.phrases.kinds[self._order.kind].prompt
        said = " ".join(written.prompt.split()).rstrip(" .,")
        more = [part for part in (*self._look, kind) if part and part.casefold() not in said.casefold()]
        return ", ".join((said, *more))

    def _title(self, written: WrittenIdea, language: Language) -> str:
        """The order's own title first, alone where no picture has it yet."""
        given, said = self._given[language], self._clean(written.title[language])
        if not given:
            return self._titles[language].give([said])
        alone = given.casefold() not in self._plain
        self._plain.add(given.casefold())
        return self._titles[language].give([given, joined(given, said)] if alone else [joined(given, said)])

    def _description(self, written: WrittenIdea, language: Language) -> str:
        said = written.description.get(language, "") or f"{self._clean(written.title[language])}."
        sentences = _END.split(" ".join(said.split()))[:_SENTENCES]
        while len(sentences) > 1 and len(" ".join(sentences)) > DESCRIPTION_CHARS:
            sentences.pop()
        return " ".join(sentences)[:DESCRIPTION_CHARS]

    def _tags(self, written: WrittenIdea, reading: Reading, language: Language) -> tuple[str, ...]:
        """Its own first; completed from what the vocabulary knows of its subject and kind where they are too few."""
        own = [tag for tag in written.tags.get(language, ()) if len(tag.split()) <= TAG_WORDS and _fits(tag, language)]
        tags = merged(own_tags(self._order, language), own)
        if len(tags) >= FEW_TAGS:
            return tags
        phrases = self._material.phrases(self._order)
        subjects = (tag for subject in reading.subjects for tag in subject.tags(language))
        told = self._material.reader.telling(written.title["en"]) if language == "en" else ()
        more = merged(
            tags, subjects, told, phrases.kinds[self._order.sold_as].tags(language), phrases.scene.tags(language)
        )
        return more[: max(len(tags), ENOUGH_TAGS)]

    def _category(self, written: WrittenIdea, reading: Reading) -> str:
        """The order's; else what the model named, in whatever words; else that of what the title names."""
        if self._order.category:
            return self._material.category(self._order)
        words = self._material.vocabulary.category_words()
        said = plain(written.category)
        named = words.get(said) or _within(said, words)
        return named or (reading.subjects[0].category if reading.subjects else DEFAULT_CATEGORY)


def _fits(tag: str, language: Language) -> bool:
    return is_latin(tag) and len(tag) > 1 if language == "en" else has_hangul(tag) or tag.isupper()


def _within(said: str, words: Mapping[str, str]) -> str:
    """The longest known name within "Food & Drink / cuisine"; "" for none."""
    found = [word for word in words if re.search(rf"(?<!\w){re.escape(word)}", said)]
    return words[max(found, key=len)] if found else ""
