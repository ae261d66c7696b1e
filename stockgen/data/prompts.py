"""What text models are told: texts with places in `prompts/`, one for each language, with the user's in their stead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from stockgen.data import Shelf, decoded
from stockgen.data.closed import Bilingual, Closed, parsed
from stockgen.domain.errors import ConfigError
from stockgen.domain.words import Kind, Language, Remark

KIND = "prompts"
LONGEST = 20_000  # characters; a local model's window has room for no more
_PLACE = re.compile(r"\{([^\W\d][\w.-]*)\}")  # anything else in braces is text: the JSON of an example
# Places by template: those that it may have, and whether it can't do without.
PLACES: Mapping[str, Mapping[str, bool]] = MappingProxyType({
    "ideas": {
        "count": True, "theme": True, "subject": True, "season": False, "kind": False, "style": False, "like": False,
        "palette": False, "air": False, "angles": False, "avoid": False, "recent": False, "refused": False,
        "near": False, "categories": False,
    },
    "translate": {"words": True, "text": False},
    "rephrase": {"prompt": True, "why": False, "longest": False},
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{places}`."""

    text: str

    def filled(self, places: Mapping[str, str]) -> str:
        """The text with its places filled. A line whose places are all empty is left out; a place that has a line of
        its own takes the paragraph with it that leads to it ("These were made already:").
        """
        kept = [filled for part in re.split(r"\n\s*\n", self.text) if (filled := _filled(part, places))]
        return "\n\n".join(kept)


@dataclass(frozen=True, slots=True)
class Prompts:
    """The templates of one language, by name. `kinds`: how each kind of picture is explained."""

    language: Language
    templates: Mapping[str, Template]
    kinds: Mapping[Kind, Bilingual]

    def kind(self, kind: Kind) -> str:
        """How it is explained."""
        return self.kinds[kind].said(self.language)


class _Kinds(Closed):
    kinds: Mapping[Kind, Bilingual]


def load_prompts(shelf: Shelf, language: Language) -> Prompts:
    """The templates for `language`, each from `my/prompts/<name>.<language>.txt` where that is there.

    Raises ConfigError with every unknown place, every one that is missing, and every empty or endless text.
    """
    texts = shelf.texts(KIND)
    templates: dict[str, Template] = {}
    wrong: list[Remark] = []
    for name, places in PLACES.items():
        file = f"{name}.{language}.txt"
        try:
            text = _sent(decoded(texts[file], f"my/{KIND}/{file}"))
        except ConfigError as error:
            wrong += error.remarks
            continue
        wrong += _faults(f"my/{KIND}/{file}", text, places)
        templates[name] = Template(text)
    if wrong:
        raise ConfigError("config_faults", wrong, path=f"my/{KIND}")
    return Prompts(
        language, templates, parsed(_Kinds, f"{KIND}/kinds.yaml", {"kinds": shelf.load(KIND, "kinds")}).kinds
    )


def _sent(text: str) -> str:
    """Without the lines that are for whoever edits it."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(line.rstrip() for line in lines if not line.startswith("#")).strip()


def _faults(path: str, text: str, places: Mapping[str, bool]) -> list[Remark]:
    if not text or len(text) > LONGEST:
        return [Remark("error.prompt_length", facts={"path": path, "limit": LONGEST})]
    found = dict.fromkeys(_PLACE.findall(text))
    known = ", ".join(f"{{{place}}}" for place in places)
    wrong = []
    for place in found:
        near = get_close_matches(place, places, n=1)
        if place not in places and near:
            facts = {"path": path, "found": place, "nearest": near[0], "known": known}
            wrong.append(Remark("error.prompt_place_near", facts=facts))
        elif place not in places:
            wrong.append(Remark("error.prompt_place", facts={"path": path, "found": place, "known": known}))
    missing = [place for place, needed in places.items() if needed and place not in found]
    return wrong + [Remark("error.prompt_lacks", facts={"path": path, "place": place}) for place in missing]


def _filled(paragraph: str, places: Mapping[str, str]) -> str:
    """One paragraph; "" where it only leads to a list that is empty."""
    lines: list[str] = []
    for line in paragraph.splitlines():
        asked = _PLACE.findall(line)
        if not asked or any(places.get(place) for place in asked):
            lines.append(_PLACE.sub(lambda found: places.get(found[1], ""), line))
        elif line.strip() == f"{{{asked[0]}}}":
            return ""
    return "\n".join(lines)
