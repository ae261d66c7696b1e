"""Keys that name a picture: `like`, one of ours; `control`, one that lies beside the job file."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from stockgen.domain.names import numbered_in, stem_in
from stockgen.domain.words import Control, Like
from stockgen.jobfile.choices import one_of
from stockgen.jobfile.field import Field, allowed, as_text, text_of, wrong
from stockgen.jobfile.findings import fault, shown
from stockgen.jobfile.inside import parts
from stockgen.jobfile.known import Known
from stockgen.jobfile.names import names
from stockgen.jobfile.nodes import Fields, Node, Text
from stockgen.jobfile.numbers import share

PICTURES = (".png", ".jpg", ".jpeg", ".webp")
MOST_STRENGTH = 1
MOST_BYTES = 200  # of a name: what is put before it in accepted/ must fit into the 255 of a file system
_FOLDERS = re.compile(r"[/\\]")


def like(field: Field, _known: Known) -> Like:
    """The stem of a picture of ours, written as a name or a path, with its ending or without; or its job and number.
    Raises JobFileError.
    """
    text = text_of(field)
    written = text.value.strip().strip("\"'")
    name = stem_in(written) or (written if numbered_in(written) else "")
    if not name:
        raise wrong(field, text, allowed("ours"))
    return Like(name)


def control(field: Field, _known: Known) -> Control:
    """The name of a picture, or a mapping of `image`, `type` and `strength`. Raises JobFileError."""
    if not isinstance(field.node, Fields):
        return Control(_picture(field, field.node))
    given = parts(field, field.node, _part, needs=("image",))
    return Control(given["image"], **{name: given[name] for name in ("type", "strength") if name in given})


def _part(field: Field, text: Text) -> Any:
    if field.key == "type":
        return one_of(field, text, names().values["control"])
    return share(field, text, MOST_STRENGTH) if field.key == "strength" else _picture(field, text)


def _picture(field: Field, node: Node) -> str:
    """The bare name of a file that lies beside the job file."""
    text = as_text(field, node)
    name = text.value.strip()
    if _FOLDERS.search(name):
        raise fault("picture_folder", text.line, key=field.name, found=shown(name))
    if PurePath(name).suffix.lower() not in PICTURES or name.startswith(".") or len(name.encode()) > MOST_BYTES:
        raise wrong(field, Text(name, text.line), allowed("picture", most=MOST_BYTES))
    return name
