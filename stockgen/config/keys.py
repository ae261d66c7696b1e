"""Keys of services that somebody wrote into `config.yaml`, where they must not stand: it is copied and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stockgen.domain.hiding import looks_like_a_key
from stockgen.domain.words import Remark

# Names under which people write one, in small letters without `-` and `_`.
_NAMES = frozenset({
    "apikey", "xapikey", "xgoogapikey", "authorization", "accesstoken", "authtoken", "token", "hftoken", "password",
    "secret", "secretkey", "openaiapikey", "openaikey", "googleapikey", "googlekey", "geminiapikey", "geminikey",
})  # fmt: skip
_CALLED = (("openai", "openai"), ("google", "gemini"), ("gemini", "gemini"), ("hf", "hf"), ("hugging", "hf"))


def keys_in(tree: Any, where: str = "") -> Iterator[Remark]:
    """What to do instead, for each key in a config's data; the key itself is not told. Also where one is the name."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            if looks_like_a_key(str(name)):
                yield _told(where or "config.yaml", where)
                continue
            here = f"{where}.{name}" if where else str(name)
            if _is_name(str(name)) and isinstance(value, str | int) and str(value):
                yield _told(here, here)
            else:
                yield from keys_in(value, here)
    elif isinstance(tree, list | tuple):
        for number, one in enumerate(tree):
            yield from keys_in(one, f"{where}.{number}")
    elif isinstance(tree, str) and looks_like_a_key(tree):
        yield _told(where, where)


def _is_name(name: str) -> bool:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "") in _NAMES


def _told(where: str, path: str) -> Remark:
    """With the command that keeps it where it belongs; a text model says itself what its key is called."""
    words = path.casefold()
    called = "" if words.startswith("writers") else next((name for word, name in _CALLED if word in words), "")
    if not called:
        return Remark("error.config_key", facts={"where": where})
    return Remark("error.config_key_of", facts={"where": where, "name": called})
