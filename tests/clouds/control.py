"""The control plane, `/_control/…`: what the handle says to the server. Orders by POST, facts by GET; all JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.clouds.books import Books
from tests.clouds.faults import BOTH
from tests.clouds.settings import Storm
from tests.clouds.wish import Answer, as_json

PATH = "/_control/"


def get(books: Books, path: str) -> Answer:
    """`facts`, or `wait?seconds=…&arrivals=…&images=…&quiet=1`."""
    parts = urlsplit(path)
    told = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.path == PATH + "facts":
        return as_json(200, books.facts())
    if parts.path == PATH + "wait":
        seconds, arrivals = float(told["seconds"]), int(told.get("arrivals", 0))
        came = books.wait(seconds, arrivals, int(told.get("images", 0)), quiet="quiet" in told)
        return as_json(200, {"came": came})
    return as_json(404, {"error": path})


def post(books: Books, path: str, body: Mapping[str, Any]) -> Answer:
    """`configure`: settings · `script`: service, faults · `storm`: a Storm, or {} for calm."""
    try:
        if path == PATH + "configure":
            books.configure(**body)
        elif path == PATH + "script":
            books.script(body["service"], body["faults"])
        elif path == PATH + "storm":
            books.storm(Storm(**{"services": BOTH, **body}) if body else None)
        else:
            return as_json(404, {"error": path})
    except (ValueError, TypeError, KeyError) as error:
        return as_json(400, {"error": str(error)})
    return as_json(200, {})
