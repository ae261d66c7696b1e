"""Adding one's own model that cuts out or enlarges: what it is, is found in the file; nothing is sold unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from stockgen.domain.errors import NotPulled
from stockgen.inference.reading import in_onnx
from tests.inference.models import enlarger, red_matte
from tests.models_cmd.conftest import Desk


def added(desk: Desk, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((desk.my / "catalog" / "added.yaml").read_text("utf-8"))[name]
    return found


def test_one_that_enlarges_is_found_with_its_scale_and_may_be_named(desk: Desk, tmp_path: Path) -> None:
    file = enlarger(tmp_path / "Mine_x3.onnx", 3)
    said = desk("add", str(file), "--may-sell", "--licence", "BSD-3-Clause")
    assert said.code == 0, said.err
    assert "upscale: mine-x3" in said.out
    entry = added(desk, "mine-x3")
    assert (entry["role"], entry["upscaling"], entry["licence"]) == (
        "upscaler",
        {"scale": 3, "multiple": 1},
        "BSD-3-Clause",
    )
    config = yaml.safe_load((desk.root / "config.yaml").read_text()) | {"finish": {"upscale": "mine-x3"}}
    (desk.root / "config.yaml").write_text(yaml.safe_dump(config))
    assert desk("list").code == 0


def test_one_that_cuts_out_is_asked_as_it_was_trained(desk: Desk, tmp_path: Path) -> None:
    for side, session in ((1024, "dis_custom"), (320, "u2net_custom")):
        file = red_matte(tmp_path / f"cut{side}.onnx", side)
        said = desk("add", str(file), typed="MIT\ny\n")
        assert said.code == 0, said.err
        entry = added(desk, f"cut{side}")
        assert (entry["matting"], entry["licence"], entry["sellable"]) == ({"session": session}, "MIT", True)


def test_nothing_is_added_where_nobody_says_that_its_pictures_may_be_sold(desk: Desk, tmp_path: Path) -> None:
    said = desk("add", str(enlarger(tmp_path / "mine.onnx", 2)), typed="\nn\n")
    assert said.code == 1
    assert not (desk.my / "catalog" / "added.yaml").exists()


def test_a_model_whose_licence_forbids_selling_is_known_by_its_name(desk: Desk, tmp_path: Path) -> None:
    said = desk("add", str(enlarger(tmp_path / "4x_UltraSharp.onnx", 4)), "--may-sell", "--licence", "")
    assert (said.code, "UltraSharp" in said.err) == (1, True)


@pytest.mark.parametrize("side", [64, 512])
def test_what_does_neither_is_refused(tmp_path: Path, side: int) -> None:
    with pytest.raises(NotPulled, match="add_onnx"):
        in_onnx(red_matte(tmp_path / "odd.onnx", side))
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    with pytest.raises(NotPulled, match="add_onnx"):
        in_onnx(tmp_path / "no.onnx")


def test_one_that_needs_round_sides_is_known_as_such(tmp_path: Path) -> None:
    found = in_onnx(enlarger(tmp_path / "two.onnx", 2, shuffle=4))
    assert (found.scale, found.multiple) == (2, 4)
    assert in_onnx(enlarger(tmp_path / "fixed.onnx", 2, (64, 64))).multiple == 1
