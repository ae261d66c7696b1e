"""Keys whose value is a list, or text with commas: model, markets, tags, avoid."""

from __future__ import annotations

from stockgen.domain.times import local
from stockgen.jobfile.choices import one_of
from stockgen.jobfile.field import Field, as_text, each
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import fold, lookup, names
from stockgen.jobfile.nodes import Items, Text
from stockgen.jobfile.words import one_line


def models(field: Field, known: Known) -> tuple[str, ...]:
    """Canonical names, in the order in which they are tried. Raises JobFileError, also for a model that is refused."""
    found = each(_texts(field), lambda text: _model(field, text, known))
    if not found:
        raise fault("no_value", field.line, key=field.name)
    return tuple(dict.fromkeys(found))


def markets(field: Field, known: Known) -> tuple[str, ...]:
    """Canonical names; `[]` and `none` are no market. Raises JobFileError, also for a closed market."""
    texts = _texts(field)
    if len(texts) == 1 and lookup(names().values["markets"], texts[0].value):
        return ()
    return tuple(dict.fromkeys(each(texts, lambda text: _market(field, text, known))))


def tags(field: Field, _known: Known) -> tuple[str, ...]:
    """Tags in their order, each once. Raises JobFileError."""
    found = each(_texts(field), lambda text: one_line(field, text).lstrip("#").strip())
    return tuple(dict.fromkeys(filter(None, found)))


def avoided(field: Field, _known: Known) -> tuple[str, ...]:
    """What no idea should be about, each once. Raises JobFileError."""
    return tuple(dict.fromkeys(filter(None, each(_texts(field), lambda text: one_line(field, text)))))


def _model(field: Field, text: Text, known: Known) -> str:
    if not lookup(known.models, text.value):
        _not_here(field, text, known)
    return one_of(field, text, known.models)


def _not_here(field: Field, text: Text, known: Known) -> None:
    """Raises JobFileError for a name that means something, but nothing that can be used here."""
    lower, folded = text.value.strip().lower(), fold(text.value)
    refused = known.refused.get(lower) or known.refused.get(folded)
    if refused:
        code = "model_refused_instead" if refused.instead else "model_refused"
        raise fault(code, text.line, found=shown(text.value), model=refused.name, reason=refused.reason,
                    instead=refused.instead)  # fmt: skip
    unready = known.unready.get(lower) or known.unready.get(folded)
    if unready and unready.off and unready.after and local(known.now, known.timezone).date() >= unready.off:
        raise fault("model_gone_not_set_up", text.line, model=unready.name, date=f"{unready.off:%Y-%m-%d}",
                    successor=unready.after.name, add=unready.after.add)  # fmt: skip
    if unready:
        raise fault("model_not_set_up", text.line, model=unready.name, add=unready.add)


def _market(field: Field, text: Text, known: Known) -> str:
    name = lookup({name: name for name in known.closed} | dict(known.markets), text.value)
    if name in known.closed:
        raise fault("market_closed", text.line, found=shown(text.value), market=name, reason=known.closed[name])
    return one_of(field, text, {alias: name for alias, name in known.markets.items() if name not in known.closed})


def _texts(field: Field) -> tuple[Text, ...]:
    if isinstance(field.node, Items):
        return each(field.node.items, lambda node: as_text(field, node))
    text = as_text(field, field.node)
    parts = (part.strip() for part in text.value.split(","))
    return tuple(Text(part, text.line) for part in parts if part)
