"""ONNX files made by tests: right shapes, few weights, and a result that can be computed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

OPSET = 17
RED = (1.0, -0.5, -0.5)  # how red a pixel is


def red_matte(path: Path, side: int = 1024, weights: Sequence[float] = RED, count: int = 3) -> Path:
    """Finds what is red: one convolution of a pixel. `count`: channels of its input."""
    kernel = np.array(weights, np.float32).reshape(1, count, 1, 1)
    node = helper.make_node("Conv", ["in", "kernel"], ["out"])
    return _saved(path, [node], {"kernel": kernel}, [1, count, side, side], [1, 1, side, side])


def enlarger(path: Path, scale: int, fixed: tuple[int, int] | None = None, *, reach: int = 4, half: bool = False,
             shuffle: int = 1, seed: int = 0) -> Path:  # fmt: skip
    """Enlarges by convolutions that see `reach` pixels around, with noise of their own, as Real-ESRGAN is built: the
    channels of the last become the pixels of a square. `shuffle`: it sees squares of so many pixels as one, as ×2
    models do; `half`: it computes in 16 bits.
    """
    rng, width, kind = np.random.default_rng(seed), 6, np.float16 if half else np.float32
    nodes, weights, at, channels = [], {}, "in", 3 * shuffle**2
    if shuffle > 1:
        nodes.append(helper.make_node("SpaceToDepth", ["in"], ["squares"], blocksize=shuffle))
        at = "squares"
    for number in range(reach):
        last = number == reach - 1
        out = 3 * (scale * shuffle) ** 2 if last else width
        weights[f"k{number}"] = rng.normal(0, np.sqrt(2 / (9 * channels)), (out, channels, 3, 3)).astype(kind)
        nodes.append(helper.make_node("Conv", [at, f"k{number}"], [f"c{number}"], pads=[1, 1, 1, 1]))
        at, channels = f"c{number}", out
        if not last:
            nodes.append(helper.make_node("LeakyRelu", [at], [f"r{number}"], alpha=0.2))
            at = f"r{number}"
    nodes.append(helper.make_node("DepthToSpace", [at], ["deep"], blocksize=scale * shuffle))
    weights["half"] = np.array(0.5, kind)
    nodes.append(helper.make_node("Add", ["deep", "half"], ["out"]))
    height, breadth = fixed or ("height", "width")
    large = [1, 3, *(side * scale for side in fixed)] if fixed else [1, 3, "tall", "wide"]
    return _saved(path, nodes, weights, [1, 3, height, breadth], large, half)


def nearest(path: Path, scale: int) -> Path:
    """Makes every pixel a square of pixels."""
    nodes = [helper.make_node("Resize", ["in", "", "scales"], ["out"], mode="nearest",
                              coordinate_transformation_mode="asymmetric", nearest_mode="floor")]  # fmt: skip
    scales = {"scales": np.array([1, 1, scale, scale], np.float32)}
    return _saved(path, nodes, scales, [1, 3, "height", "width"], [1, 3, "tall", "wide"])


def _saved(
    path: Path,
    nodes: Sequence[Any],
    weights: dict[str, Any],
    given: Sequence[Any],
    made: Sequence[Any],
    half: bool = False,
) -> Path:
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "made", [helper.make_tensor_value_info("in", kind, given)],
        [helper.make_tensor_value_info("out", kind, made)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(model, path)
    return path
