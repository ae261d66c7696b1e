"""Job files as people really write them, each with how it must be read or what its author must be told.

`corpus/expected.yaml` says for each file its orders (`line subject ×count key=value …`), what is told, its faults
(`line code`), and the orders of the mended copy that lies beside the refusal.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.app.catalogue import Catalogue
from stockgen.config import Config
from stockgen.domain.errors import JobFileError
from stockgen.domain.times import iso
from stockgen.domain.words import Control, JobRequest, Order, Remark
from stockgen.jobfile import Known, accepted, fixed, read, refused
from stockgen.messages import Messages
from stockgen.modes.wording import has_hangul

FOLDER = Path(__file__).parent / "corpus"
EXPECTED: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 26, 5, 30, tzinfo=UTC).timestamp()  # a Thursday, 14:30 in Seoul
SHOWN = ("model", "kind", "size", "seed", "style", "markets", "title", "tags", "category", "language",
         "negative_prompt", "steps", "guidance", "theme", "season", "avoid", "transparent", "best_of",
         "control")  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """What an installation in Seoul with three providers knows."""
    config = Config.model_validate({
        "timezone": "Asia/Seoul", "providers": {"procedural": {}, "sdxl": {"model": "sdxl-base"}, "flux": {}},
        "presets": {"sticker": {"size": "square", "style": "watercolor"}},
    })  # fmt: skip
    root = tmp_path_factory.mktemp("corpus")
    return replace(Catalogue(config.placed(root), root / "my").known, now=NOW)


def order_line(order: Order, usual: Order) -> str:
    words = [str(order.line or 0), order.subject or order.prompt or "–", f"×{order.count}"]
    words += [order.mode] if order.mode in ("exact", "dynamic") else []
    for key in SHOWN:
        value = getattr(order, key)
        if value != getattr(usual, key):
            words.append(f"{key}={_plain(value)}")
    return " ".join(words)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return "+".join(value)
    if isinstance(value, Control):
        return f"{value.image}:{value.type}:{value.strength}"
    if hasattr(value, "ratio"):
        return f"{value.width}x{value.height}" if value.width else f"{value.ratio:.3f}"
    return str(value)


def told_line(remark: Remark) -> str:
    return f"{remark.line or 0} {remark.code.removeprefix('job_file.').removeprefix('told.')}"


def reading(request: JobRequest, known: Known) -> dict[str, Any]:
    usual = Order(mode="keyword", count=0, model=known.defaults.model, markets=known.defaults.markets)
    found: dict[str, Any] = {"orders": [order_line(order, usual) for order in request.orders]}
    if request.remarks:
        found["told"] = [told_line(remark) for remark in request.remarks]
    if request.priority:
        found["priority"] = request.priority
    if request.not_before is not None:
        found["not_before"] = iso(request.not_before)
    return found


def answer(name: str, data: bytes, known: Known) -> dict[str, Any]:
    """What the author is told, in the words of the table."""
    try:
        return reading(read(data, name, known), known)
    except JobFileError as error:
        found: dict[str, Any] = {"faults": [told_line(remark) for remark in error.remarks]}
        mended = fixed(data, name, error, partial(read, known=known))
        if mended:
            found["fixed"] = {"name": mended[0], **reading(read(mended[1], mended[0], known), known)}
        return found


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_file_is_read_as_its_author_meant_or_its_author_learns_why(name: str, world: Known) -> None:
    assert answer(name, (FOLDER / name).read_bytes(), world) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.parametrize("language", ["ko", "en"])
def test_its_note_can_be_said_in_both_languages(name: str, language: Any, world: Known) -> None:
    data, say = (FOLDER / name).read_bytes(), Messages(language)
    try:
        note = accepted(read(data, name, world), "k7m2q", name, (), say)
    except JobFileError as error:
        note = refused(error, name, say, "x.fixed.txt")
    assert "job_file." not in note.decode("utf-8-sig")


def test_the_corpus_is_large_and_half_of_it_korean() -> None:
    files = {path.name for path in FOLDER.iterdir()} - {"expected.yaml"}
    assert files == EXPECTED.keys()
    assert len(files) >= 80
    korean = [name for name in files if has_hangul(name) or has_hangul((FOLDER / name).read_text("utf-8", "ignore"))]
    assert 2 * len(korean) >= len(files)
    assert {Path(name).suffix for name in files} >= {".txt", ".yaml", ".yml", ".csv", ".tsv", ".json"}
