"""What the author of pictures without a background is told before one is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockgen.domain.words import Order, Remark

if TYPE_CHECKING:
    from stockgen.data.vocabulary import Subject
    from stockgen.modes.material import Material


def cut_away(order: Order, material: Material) -> list[Remark]:
    """That a prompt of the author's own is told word for word, whatever background it names; as what the pictures are
    sold; and of what nothing can be cut out.
    """
    if not order.cut:
        return []
    told = []
    if order.kind != "element":
        kind = Remark(f"job_file.kind.{order.kind}")
        told.append(Remark("plan.sold_as_element", order.line, {"kind": kind}))
    if order.mode == "exact":
        told.append(Remark("plan.cut_exact", order.line))
    subjects = material.reader.read(order.subject or order.theme).subjects
    if subjects and all(_is_scene(one, material.vocabulary.phrases.cut_out.scenes) for one in subjects):
        told.append(Remark("plan.no_thing", order.line, {"subject": order.subject or order.theme}))
    return told


def _is_scene(subject: Subject, scenes: tuple[str, ...]) -> bool:
    return subject.category in scenes or subject.group in scenes
