"""What `stockgen models add` says and asks of a model that cuts out or enlarges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stockgen.cli.desk import Session
from stockgen.cli.models import size
from stockgen.cli.new_loras import Asked
from stockgen.domain.words import Remark
from stockgen.lock import holder

if TYPE_CHECKING:
    from stockgen.inference.reading import OnnxFinding


def add_onnx(session: Session, source: str, found: OnnxFinding, asked: Asked) -> int:
    """Ask what is not known, and write its entry; the exit code."""
    from stockgen.app import added
    from stockgen.app.adding import UNKNOWN, free_name, is_noncommercial, onnx_entry

    catalogue = session.catalogue
    name = free_name(asked.name, found.source, catalogue.models)
    facts = {"source": found.source, "size": size(found.bytes), "name": name}
    if found.role == "matting":
        session.tell(Remark("models.found_matting", facts=facts | {"session": found.session}))
    else:
        session.tell(Remark("models.found_upscaler", facts=facts | {"scale": found.scale}))
    licence = asked.licence if asked.licence is not None else session.typed(Remark("models.ask_licence"))
    session.tell(Remark("models.licence", facts={"licence": licence or UNKNOWN}))
    if is_noncommercial(licence):
        session.tell(Remark("models.noncommercial"))
    sellable = asked.sellable if asked.sellable is not None else session.ask(Remark("models.ask_sell")) or None
    if sellable is None:
        session.tell(Remark("models.not_added", facts={"command": f"stockgen models add {source}"}))
        return 1
    file = added.add(catalogue.my, name, onnx_entry(name, found, licence or UNKNOWN, sellable))
    _tell_added(session, found, name, path=str(file), sellable=sellable)
    return 0


def _tell_added(session: Session, found: OnnxFinding, name: str, *, path: str, sellable: bool) -> None:
    session.tell(Remark("models.added", facts={"name": name, "path": path}))
    if not sellable:
        session.tell(Remark("models.trying_only", facts={"name": name}))
    key = "cutout" if found.role == "matting" else "upscale"
    facts: dict[str, Any] = {"line": f"{key}: {name}"}
    session.tell(Remark("models.onnx_next", facts=facts))
    if holder(session.state) is not None:
        session.tell(Remark("models.restart"))
