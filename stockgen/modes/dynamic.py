"""Ideas of a theme or a season without a text model: what the vocabulary knows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, repeat
from random import Random

from stockgen.data.seasons import Season
from stockgen.domain.words import Idea, Look, Order
from stockgen.modes.avoiding import Avoiding, without
from stockgen.modes.drawn import drawn_ideas
from stockgen.modes.material import Material, shuffled
from stockgen.modes.reading import Reading
from stockgen.modes.scenes import scene_ideas
from stockgen.modes.siblings import siblings
from stockgen.modes.wording import has_hangul


def dynamic(
    material: Material, seasons: Mapping[str, Season], order: Order, look: Look, count: int, rng: Random
) -> Iterator[Idea]:
    """Ideas of the theme, in its season if it has one; of the season's subjects, the most wanted first; where the order
    names neither, of the sort of the picture that it is like, else of everything. None where no word of the theme can
    be put into English and there is no season.
    """
    avoiding = Avoiding(order, material)
    found = _allowed(_readings(material, seasons, order, rng), avoiding)
    if not found:
        return iter(())
    if look == "drawn":
        reading = _together(found) if order.theme or order.season else Reading()
        return without(avoiding, drawn_ideas(material, order, reading, rng), count)
    turns = repeat(found[0]) if len(found) == 1 else cycle(found)
    return without(avoiding, scene_ideas(material, order, turns, rng), count)


def _readings(material: Material, seasons: Mapping[str, Season], order: Order, rng: Random) -> list[Reading]:
    season = seasons.get(order.season)
    reading = material.reader.read(order.theme)
    if reading.en:
        said = season.said("ko" if has_hangul(order.theme) else "en") if season else ""
        return [material.reader.read(f"{said} {order.theme}") if said else reading]
    subjects = material.vocabulary.subjects
    if order.akin and order.like:
        return siblings(order.like, material, rng)
    if season:
        known = [Reading.of(subjects[key]) for key in season.subjects if key in subjects]
        themes = [material.reader.read(theme) for theme in (season.en, *season.themes_en)]
        return known or [one for one in themes if one.en]
    return [] if order.theme else [Reading.of(one) for one in shuffled(list(subjects.values()), rng)]


def _allowed(readings: Sequence[Reading], avoiding: Avoiding) -> list[Reading]:
    """Those that have nothing to do with what is to be avoided; where there are none, those that don't name it."""
    named = [one for one in readings if not avoiding.named_in(one.en, one.ko, one.prompt)]
    tags = ((one, (tag for each in one.subjects for tag in (*each.tags_en, *each.tags_ko))) for one in named)
    return [one for one, each in tags if not avoiding.named_in(*each)] or named


def _together(readings: list[Reading]) -> Reading:
    """One that is of all of them: what is drawn has the colours of each."""
    subjects = tuple(dict.fromkeys(subject for one in readings for subject in one.subjects))
    return readings[0] if len(readings) == 1 else replace(readings[0], subjects=subjects)
