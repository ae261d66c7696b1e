"""Keys whose value is one name out of several: mode, kind, language, category, style, season, preset."""

from __future__ import annotations

from collections.abc import Mapping

from stockgen.domain.words import Remark
from stockgen.jobfile.field import Field, allowed, text_of, wrong
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import fold, lookup, names
from stockgen.jobfile.nearest import nearest
from stockgen.jobfile.nodes import Text
from stockgen.jobfile.words import words


def mode(field: Field, _known: Known) -> str:
    """`exact`, `keyword`, `dynamic` or `random`. Raises JobFileError."""
    return _listed(field)


def kind(field: Field, _known: Known) -> str:
    """`background`, `illustration`, `photo` or `element`. Raises JobFileError."""
    return _listed(field)


def language(field: Field, _known: Known) -> str:
    """`en` or `ko`. Raises JobFileError."""
    return _listed(field)


def category(field: Field, known: Known) -> str:
    """A name of the master list. Raises JobFileError."""
    return one_of(field, text_of(field), known.categories)


def preset(field: Field, known: Known) -> str:
    """A preset of the config. Raises JobFileError."""
    return one_of(field, text_of(field), {fold(name): name for name in known.presets})


def tier(field: Field, _known: Known) -> str:
    """`Premium` or `Standard`. Raises JobFileError."""
    return one_of(field, text_of(field), names().values["tier"])


def style(field: Field, known: Known) -> str:
    """A named style, or free words for one. Raises JobFileError."""
    given = words(field, known)
    return lookup({fold(name): name for name in known.styles}, given) or given


def season(field: Field, known: Known) -> str:
    """A key of `vocabulary/seasons.yaml`, or `auto`: the one that is wanted next. Raises JobFileError."""
    text, table = text_of(field), {**names().values["season"], **known.seasons}
    found = lookup(table, text.value)
    if not found:
        raise wrong(field, text, allowed("season"), nearest(text.value.strip(), table))
    return found


def one_of(field: Field, text: Text, table: Mapping[str, str]) -> str:
    """The canonical name for `text` in a table of aliases. Raises JobFileError with the nearest alias."""
    found = lookup(table, text.value)
    if not found:
        raise wrong(field, text, _listing(table), nearest(text.value.strip(), table))
    return found


def _listed(field: Field) -> str:
    """A name of the contract's own list."""
    return one_of(field, text_of(field), names().values[field.key])


def _listing(table: Mapping[str, str]) -> Remark:
    return allowed("names", names=", ".join(dict.fromkeys(table.values())) or "–")
